"""The map of the network as it is served and filed: the same people, places and lines.

Places are properties of customers. Lines come from the files of the run that drew the map, for
they are of its window; who was merged away since has no node, and so no line.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

from algorithms.network_map import LINES_FILED, OWNER
from api.drawing.picture import Line, Node, Picture, marks_of
from api.scores import RUN, brief
from api.segments import NothingFoundError
from api.views import Ask, Row, View, maps, row_of
from graph.errors import ConfigurationError
from graph.language import Text
from graph.settings import Settings

CURRENT: Final = f"""
MATCH (r:AlgorithmRun {{is_current: true, algorithm: '{OWNER}'}}) WHERE r.kind = 'score'
RETURN {RUN} AS run, r.metrics AS metrics
"""
NODES: Final = """
MATCH (c:Customer) WHERE c.network_size >= 0
WITH c ORDER BY c.network_size DESC, c.customer_id LIMIT $n
RETURN collect({
  customer_id: c.customer_id, x: c.network_x, y: c.network_y, attention: c.network_size,
  circle_id: c.circle_id, role: c.circles_role,
  handle: head(COLLECT {
    MATCH (c)<-[:RESOLVED_TO]-(a:Account) WHERE a.handle IS NOT NULL AND a.handle <> ''
    RETURN a.handle ORDER BY a.account_id LIMIT 1
  })
}) AS items
"""
CIRCLES: Final = """
MATCH (g:Circle) WHERE g.circle_id IN $ids
RETURN collect(g{.circle_id, .label_en, .label_zh, .size}) AS items
"""
MOST: Final = 1_000


class ImageFormatError(ConfigurationError):
    """The file's ending names no format of a map."""

    text = Text(
        "{path}: the ending names no format of a map. Use one of: {known}.",
        "{path}：无法从扩展名判断网络图格式。可用：{known}。",
    )


def picture(ask: Ask, *, settings: Settings, n: int = MOST) -> tuple[Picture, View]:
    """Return the map, at most ``n`` people of most attention, and the run that drew it.

    Raises
    ------
    NothingFoundError
        If no map has been drawn.
    """
    rows = ask(CURRENT, {})
    if not rows:
        raise NothingFoundError(algorithm=OWNER, part="a map")
    run, metrics = brief(row_of(rows[0]["run"])), json.loads(str(rows[0]["metrics"] or "{}"))
    items = [row_of(item) for row in ask(NODES, {"n": n}) for item in maps(row["items"])]
    nodes = [_node(item) for item in items]
    circles = sorted({node.circle_id for node in nodes if node.circle_id})
    known = [row_of(item) for row in ask(CIRCLES, {"ids": circles}) for item in maps(row["items"])]
    labels = {str(c["circle_id"]): Text(str(c["label_en"]), str(c["label_zh"])) for c in known}
    # a circle that went since the map was drawn keeps its id for a name
    marks = marks_of((name, labels.get(name, Text(name, name))) for name in circles)
    lines = list(_lines(settings.home / "runs" / str(run["run_id"]), nodes))
    at = run["as_of"]
    drawn = Picture(
        nodes, lines, marks, int(metrics.get("people", 0)), at if isinstance(at, datetime) else None
    )
    return drawn, run


def view(drawn: Picture, run: View) -> View:
    """Return a map as the API answers it."""
    nodes = [
        {
            "customer_id": node.customer_id,
            "label": node.label,
            "x": node.x,
            "y": node.y,
            "size": node.attention,
            "radius": drawn.radius(node),
            "circle_id": node.circle_id,
            "circle": str(drawn.marks[node.circle_id].label),
            "colour": drawn.marks[node.circle_id].colour,
            "shape": drawn.marks[node.circle_id].shape,
            "role": node.role,
        }
        for node in drawn.nodes
    ]
    lines = [
        {"customer_id": e.source, "target_id": e.target, "n": e.n, "last_at": e.last_at}
        for e in drawn.lines
    ]
    counts = {"shown": len(nodes), "people": drawn.people, "caption": str(drawn.caption)}
    return {"run": run, **counts, "nodes": nodes, "lines": lines}


def write(drawn: Picture, to: Path) -> list[Path]:
    """Write a map to a file whose ending chooses the format; CSV is two files.

    Returns
    -------
    What was written: lines first, for a CSV people then stand beside in ``NAME.nodes.csv``.

    Raises
    ------
    ImageFormatError
        If the ending names no format.
    """
    from api.drawing.formats import gexf, graphml, lines_csv, nodes_csv
    from api.drawing.page import page

    makers = {".gexf": gexf, ".graphml": graphml, ".csv": lines_csv, ".html": page}
    make = makers.get(to.suffix.lower())
    if make is None:
        raise ImageFormatError(path=to, known=", ".join(makers))
    texts = {to: make(drawn)}
    if make is lines_csv:
        texts[to.with_suffix(".nodes.csv")] = nodes_csv(drawn)
    for path, text in texts.items():
        _whole(path, text)
    return list(texts)


def _whole(to: Path, text: str) -> None:
    """Write a file whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.part")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)


def _node(item: Row) -> Node:
    name = str(item["customer_id"])
    handle, circle, role = item["handle"], item["circle_id"], item["role"]
    x, y, size = (float(str(item[c] or 0)) for c in ("x", "y", "attention"))
    label = str(handle) if handle and str(handle).strip() else name
    return Node(
        name, label, x, y, size, str(circle) if circle else None, str(role) if role else None
    )


def _lines(folder: Path, nodes: Iterable[Node]) -> Iterable[Line]:
    """Return the lines that the run filed between people who are still there."""
    import pyarrow.parquet as pq

    file, known = folder / f"{LINES_FILED.name}.parquet", {node.customer_id for node in nodes}
    rows = pq.read_table(file).to_pylist() if file.exists() else []
    for row in rows:
        if row["customer_id"] in known and row["target_id"] in known:
            yield Line(row["customer_id"], row["target_id"], row["n"], row["last_at"])
