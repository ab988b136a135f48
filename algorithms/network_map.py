"""The map of the network: who is drawn, where, how large, and who answers whom among them.

Positions are worked out here and not in a browser, so that everybody sees the same map and
finds last month's people where they were. They are properties of customers because a run gets
its own properties back: it begins where the last one ended. The lines between people lie in the
files of the run, for they are of its window and kind, as the links of the graph are not.

Drawn are the people of most attention, at most ``nodes``; how many there are beside is said.
"""

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.contract import (
    Algorithm,
    FiledTable,
    Inputs,
    Mathematics,
    NothingToSayError,
    Result,
    owned,
)
from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of
from algorithms.network.partitions import NOBODY
from algorithms.replies import READS, REPLIES, ReplyParameters
from algorithms.reply_arcs import People, people_of
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.network.stress import Drawing

OWNER: Final = "network"
DIGITS: Final = 6


class NetworkParameters(ReplyParameters):
    """Which replies are drawn, and between how many people."""

    nodes: Annotated[int, Text("Most people drawn", "最多绘制人数")] = Field(300, ge=1, le=1_000)


class NobodyDrawnError(NothingToSayError):
    """Nobody was answered."""

    text = Text(
        "network: nobody answered anybody in the window, so there is nothing to draw.",
        "network：窗口内没有人回复他人，无图可绘。",
    )


SEEN: Final = f"""
WITH {REPLIES}, talks AS (
    SELECT customer_id, target_id, COUNT(*) AS n, MAX(replied_at) AS last_at
    FROM replies
    WHERE excluded IS NULL
    GROUP BY customer_id, target_id
), sides AS (
    SELECT target_id AS customer_id, 1 AS replier FROM talks
    UNION ALL
    SELECT customer_id, 0 AS replier FROM talks
), everybody AS (
    SELECT customer_id, CAST(SUM(replier) AS BIGINT) AS repliers
    FROM sides
    GROUP BY customer_id
), sized AS (
    SELECT
        e.customer_id, c.circle_id, COALESCE(c.influence_score, e.repliers) AS size,
        ROW_NUMBER() OVER (
            ORDER BY COALESCE(c.influence_score, 0) DESC, e.repliers DESC, e.customer_id
        ) AS place
    FROM everybody e
    LEFT JOIN customers c ON e.customer_id = c.customer_id
), shown AS (
    SELECT s.customer_id, s.circle_id, s.size
    FROM sized s
    CROSS JOIN parameters q
    WHERE s.place <= q.nodes
)
"""
PEOPLE: Final = f"""
{SEEN}
SELECT s.customer_id, s.circle_id, CAST(s.size AS DOUBLE) AS size, r.network_x, r.network_y
FROM shown s
LEFT JOIN remembered r ON s.customer_id = r.customer_id
ORDER BY s.customer_id
"""
LINES: Final = f"""
{SEEN}
SELECT t.customer_id, t.target_id, t.n, t.last_at
FROM talks t
JOIN shown a ON t.customer_id = a.customer_id
JOIN shown b ON t.target_id = b.customer_id
ORDER BY t.customer_id, t.target_id
"""
WHOLE: Final = f"""
{SEEN}
SELECT (SELECT COUNT(*) FROM everybody) AS people, (SELECT COUNT(*) FROM talks) AS lines
FROM parameters
"""


def compute(inputs: Inputs, params: NetworkParameters) -> Result:
    """Draw the people of most attention.

    Parameters
    ----------
    inputs
        Ordered by their ids: ``people`` who are drawn (``customer_id``, ``circle_id``, ``size``
        and where they stood, if they did), ``lines`` between them (``customer_id`` who answers,
        ``target_id``, ``n``, ``last_at``); ``whole``: one row, how many ``people`` and ``lines``
        there are.
    params
        How many are drawn.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``network_x``, ``network_y`` (1 is a step between
    two of one circle), ``network_size``; ``network_lines`` in files. Metrics: ``shown`` and
    ``people``, ``lines_shown`` and ``lines``; ``steps`` and whether the drawing ``settled``.

    Raises
    ------
    NobodyDrawnError
        If nobody was answered.
    """
    shown, lines = inputs["people"], inputs["lines"]
    if shown.empty:
        raise NobodyDrawnError
    people = people_of(shown["customer_id"])
    network = _network(lines, people)
    drawing = _drawing(network, shown)
    at = np.round(drawing.at, DIGITS) + 0.0  # no minus before a zero
    frame = pd.DataFrame(
        {
            "customer_id": people.names,
            "network_x": at[:, 0],
            "network_y": at[:, 1],
            "network_size": shown["size"].to_numpy(np.float64),
        }
    )
    whole = inputs["whole"].iloc[0]
    metrics: dict[str, object] = {
        "shown": people.n,
        "people": int(whole["people"]),
        "lines_shown": len(lines),
        "lines": int(whole["lines"]),
        "steps": drawing.steps,
        "settled": drawing.settled,
    }
    ids = {c: lines[c].astype(str) for c in ("customer_id", "target_id")}
    filed = lines.assign(**ids).reset_index(drop=True)
    return Result({"Customer": frame, "network_lines": filed}, metrics, _notes(metrics))


def _network(lines: pd.DataFrame, people: People) -> Digraph:
    source, target = (people.numbers(lines[c]) for c in ("customer_id", "target_id"))
    weight = lines["n"].to_numpy(np.float64)
    return digraph_of(source, target, n=people.n, weight=weight).undirected()


def _drawing(network: Digraph, shown: pd.DataFrame) -> "Drawing":
    from algorithms.network.stress import beginning, distances, drawn

    labels = _labels(shown["circle_id"])
    stood = shown[["network_x", "network_y"]].to_numpy(np.float64)
    start = _start(network, stood, fallback=beginning(labels))
    return drawn(distances(network, labels), start)


def _labels(circle: "pd.Series[str]") -> Numbers:
    """Return circles as numbers in the order of their ids, `NOBODY` for who is in none."""
    named = circle.notna().to_numpy(bool)
    labels = np.full(len(circle), NOBODY, np.int64)
    names = circle[named].astype(str).to_numpy(object)
    labels[named] = np.unique(names.astype(str), return_inverse=True)[1]
    return labels


def _start(network: Digraph, stood: Floats, *, fallback: Floats) -> Floats:
    """Let everybody begin where they stood, newcomers amid those whom they know."""
    known = ~np.isnan(stood[:, 0])
    if not known.any():
        return fallback
    start = np.where(known[:, None], stood, stood[known].mean(axis=0) + fallback - fallback.mean())
    for person in np.flatnonzero(~known):
        friends = network.target[network.starts[person] : network.starts[person + 1]]
        friends = friends[known[friends]]
        if len(friends):
            # beside the middle, so that two newcomers with the same friends do not coincide
            start[person] = stood[friends].mean(axis=0) + fallback[person] / len(fallback)
    return np.asarray(start, np.float64)


def _notes(metrics: dict[str, object]) -> tuple[Text, ...]:
    shown, people = metrics["shown"], metrics["people"]
    notes = [
        Text(
            f"Showing {shown:,} of {people:,} people: those of most attention.",
            f"共 {people:,} 人，绘制关注度最高的 {shown:,} 人。",
        )
    ]
    if not metrics["settled"]:
        notes.append(
            Text(
                "The drawing had not settled when its steps were used up: the next run moves "
                "people further.",
                "绘图在步数用尽时尚未稳定，下次运行会继续移动。",
            )
        )
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Positions $x_i$ in the plane that make the stress "
        "$\\sum_{i<j} d_{ij}^{-2} \\left( \\lVert x_i - x_j \\rVert - d_{ij} \\right)^2$ small, "
        "where $d_{ij}$ is the length of the shortest path of replies, a step 1 long within a "
        "circle and 3 between circles.",
        "求平面位置 $x_i$，使应力 "
        "$\\sum_{i<j} d_{ij}^{-2} \\left( \\lVert x_i - x_j \\rVert - d_{ij} \\right)^2$ 尽量小，"
        "其中 $d_{ij}$ 为最短回复路径长度，圈内一步长 1，跨圈一步长 3。",
    ),
    assumptions=Text(
        "A reply either way is a tie. Who is not drawn does not pull on who is.",
        "任一方向的回复即为联系。未绘制者不影响已绘制者的位置。",
    ),
    estimator=Text(
        "Stress majorization, begun where people stood in the run before (newcomers amid those "
        "whom they know), else in a sunflower of circles. It stops when nobody moves by half a "
        "per cent of the mean distance. A drawing in which nobody would move by 1 % is kept as "
        "it is. The result is turned onto the former positions, never stretched.",
        "应力优化，从上期位置出发（新人置于其相识者之间），首次从按圈子排列的向日葵形出发；"
        "当无人移动超过平均距离的 0.5% 时停止。若无人需移动超过 1%，则保持原图。"
        "结果只旋转平移以贴合上期，不缩放。",
    ),
    unfit=Text(
        "For measuring: a plane cannot hold all distances of a network, so what looks near may "
        "be far. Read circles, roles and scores from their own figures.",
        "不可用于度量：平面无法容纳网络的全部距离，看似相近者可能很远。圈子、角色与得分请看各自的数值。",
    ),
)

LINES_FILED: Final = FiledTable(
    name="network_lines",
    about=Text("Replies between two people of the map", "图中两人之间的回复"),
    identity=("customer_id", "target_id"),
    columns=(
        owned("customer_id", "key", about=Text("Who answers", "回复者"), owner=OWNER),
        owned("target_id", "key", about=Text("Who is answered", "被回复者"), owner=OWNER),
        owned("n", "integer", about=Text("Replies", "回复数"), minimum=1, owner=OWNER),
        owned("last_at", "time", about=Text("Latest reply", "最近回复"), owner=OWNER),
    ),
)

ALGORITHM: Final = Algorithm(
    name=OWNER,
    version="1",
    about=Text(
        "Draws a map of the people of most attention, and keeps everybody in place from run to "
        "run.",
        "绘制关注度最高者的网络图，并使其位置跨期稳定。",
    ),
    stage="report",
    source="Gansner, E. R., Koren, Y. and North, S. (2004). Graph drawing by stress majorization.",
    reads={**READS, "customers": (*READS["customers"], "circle_id", "influence_score")},
    parameters=NetworkParameters,
    compute=compute,
    reduce={"people": PEOPLE, "lines": LINES, "whole": WHOLE},
    properties={
        "Customer": (
            owned("network_x", "number", about=Text("Place on the map, across", "图中横坐标")),
            owned("network_y", "number", about=Text("Place on the map, up", "图中纵坐标")),
            owned(
                "network_size",
                "number",
                about=Text("Attention, by which they are drawn", "绘制大小所依据的关注度"),
                minimum=0,
                indexed=True,
            ),
        )
    },
    files=(LINES_FILED,),
    mathematics=MATHEMATICS,
    remembers=("network_x", "network_y"),
)
