"""Who answers whom, how often, in which layer, and who is left out of it and why.

The network of replies is what all methods of influence look at; this method shows it: the
figures of the whole, of those who write more than a few posts, and of each kind of reply and
topic apart. What a reply is, and which do not count, stands in ``algorithms.replies``.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.contract import (
    Algorithm,
    FiledTable,
    Inputs,
    NothingToSayError,
    Result,
    owned,
)
from algorithms.replies import (
    LEFT_OUT,
    PEOPLE,
    READS,
    TALKING,
    VERDICTS,
    ReplyParameters,
    prepared_for,
)
from algorithms.reply_arcs import Flags, Numbers, People, listed
from algorithms.reply_network_words import MATHEMATICS, explain, notes_on
from graph.language import Text
from graph.spec import PropertySpec

if TYPE_CHECKING:
    from algorithms.network.digraph import Digraph

OWNER: Final = "reply_network"
LAYERS: Final = ("kind", "topic")
LARGEST_LAYERS: Final = 20
"""How many kinds, and how many topics, are summed up each; a forum may have thousands."""


class NoPostsError(NothingToSayError):
    """Nobody wrote anything in the window."""

    text = Text(
        "reply_network: nobody wrote a post in the {days} days up to {as_of}, so there is no "
        "network.",
        "reply_network：截至 {as_of} 的 {days} 天内没有帖子，无法建立回复网络。",
    )


class ReplyNetworkParameters(ReplyParameters):
    """Which replies, and who belongs to the active core."""

    min_posts: Annotated[
        int, Text("The active core: who wrote more posts than this", "活跃核心：发帖数多于此值者")
    ] = Field(3, ge=0, le=1_000_000)


PAIRS: Final = """
SELECT
    source, target, COALESCE(kind, '') AS kind_key, COALESCE(topic, '') AS topic_key,
    COUNT(*) AS n, MIN(replied_at) AS first_at, MAX(replied_at) AS last_at
FROM arcs
GROUP BY source, target, COALESCE(kind, ''), COALESCE(topic, '')
ORDER BY source, target, kind_key, topic_key
"""
# a post that answers nothing belongs to its own topic, one that answers to its parent's
WRITTEN: Final = """
WITH written AS (
    SELECT p.customer_id, COUNT(*) AS n_posts
    FROM posts p
    LEFT JOIN posts a ON p.reply_to_post_id = a.post_id
    CROSS JOIN parameters q
    WHERE p.customer_id IS NOT NULL
        AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
        AND (q.topic = '' OR q.topic = COALESCE(p.topic, a.topic))
        AND (q.kind = '' OR q.kind = p.kind)
    GROUP BY p.customer_id
)
SELECT
    w.customer_id, w.n_posts,
    CASE
        WHEN s.official = 1 THEN 'official'
        WHEN s.gone = 1 THEN 'deleted'
        WHEN s.reseller = 1 THEN 'reseller'
    END AS reason
FROM written w
LEFT JOIN standing s ON w.customer_id = s.customer_id
"""
AUTHORS: Final = """
SELECT p.number, w.n_posts, w.reason
FROM written w
JOIN people p ON w.customer_id = p.customer_id
ORDER BY p.number
"""


def compute(inputs: Inputs, params: ReplyNetworkParameters) -> Result:
    """Gather the replies between people, and sum up the network that they make.

    Parameters
    ----------
    inputs
        ``people``: everybody, by ``number`` from 0 in the order of their ids; ``pairs``: one row
        a pair (``source``, ``target``), kind and topic, with ``n`` replies that count, the first
        and the last; ``left_out``: replies that do not, by reason; ``authors``: who wrote how
        many posts, and the ``reason`` for which nothing of theirs counts (null: it counts).
    params
        ``min_posts`` bounds the active core.

    Returns
    -------
    ``Customer``, ordered by id: posts, replies given and received, people who answered and
    were answered, whether in the active core, and why left out; whoever neither wrote nor was
    answered is absent. ``reply_pairs``: the pairs, by kind and topic. Metrics: the figures of
    the ``network``, of the ``core`` and of the largest ``layers``, and ``excluded`` by reason.

    Raises
    ------
    NoPostsError
        If nobody wrote anything in the window.
    """
    pairs, authors = inputs["pairs"], inputs["authors"]
    if authors.empty:
        raise NoPostsError(days=params.window_days, as_of=params.as_of.isoformat())
    people = listed(inputs["people"]["customer_id"])
    arcs = _Arcs.of(pairs, n=people.n)
    whole = arcs.network()
    frame = _frame(whole, authors, people=people, min_posts=params.min_posts)
    core = frame["reply_network_active"].to_numpy(bool)
    is_linked = (whole.in_degree + whole.out_degree) > 0
    left_out = inputs["left_out"]
    reasons = dict(zip(left_out["reason"], map(int, left_out["n"]), strict=True))
    metrics: dict[str, object] = {
        "network": _figures(whole.among(is_linked)),
        "core": {"min_posts": params.min_posts, **_figures(whole.among(core))},
        "layers": {layer: _layers(pairs[f"{layer}_key"], arcs) for layer in LAYERS},
        "excluded": reasons,
        "replies": int(pairs["n"].sum()),
    }
    notes = notes_on(n=int(is_linked.sum()), counted=int(pairs["n"].sum()), excluded=reasons)
    return Result({"Customer": frame, "reply_pairs": _filed(pairs, people)}, metrics, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Arcs:
    """The rows of ``pairs`` as numbers of ``n`` people, and how many replies each counts."""

    source: Numbers
    target: Numbers
    replies: Numbers
    n: int

    @classmethod
    def of(cls, pairs: pd.DataFrame, *, n: int) -> "_Arcs":
        """Take the columns of ``pairs``, once for all layers."""
        source, target, replies = (pairs[c].to_numpy(np.int64) for c in ("source", "target", "n"))
        return cls(source, target, replies, n)

    def network(self, rows: Flags | slice = slice(None)) -> "Digraph":
        """Return the arcs of some rows, the kinds and topics of a pair added up."""
        from algorithms.network.digraph import digraph_of

        weight = self.replies[rows].astype(np.float64)
        return digraph_of(self.source[rows], self.target[rows], n=self.n, weight=weight)


def _figures(digraph: "Digraph") -> dict[str, object]:
    from algorithms.network.summary import summary

    return {**asdict(summary(digraph)), "replies": int(digraph.weight.sum())}


def _layers(layer: "pd.Series[str]", arcs: _Arcs) -> dict[str, object]:
    """Return the figures of the largest layers by replies; ties go to the smaller name."""
    code, names = layer.cat.codes.to_numpy(), layer.cat.categories
    totals = np.bincount(code, arcs.replies, len(names)).astype(np.int64)
    order = sorted(range(len(names)), key=lambda place: (-int(totals[place]), str(names[place])))
    found: dict[str, object] = {}
    for place in order[:LARGEST_LAYERS]:
        network = arcs.network(code == place)
        is_linked = (network.in_degree + network.out_degree) > 0
        found[str(names[place])] = _figures(network.among(is_linked))
    return {"n": len(order), "largest": found}


def _frame(
    network: "Digraph", authors: pd.DataFrame, *, people: People, min_posts: int
) -> pd.DataFrame:
    """Return one row a person, ordered by id."""
    author = authors["number"].to_numpy(np.int64)
    n_posts = np.bincount(author, authors["n_posts"].to_numpy(np.int64), people.n)
    reason = np.full(people.n, None, dtype=object)
    reason[author] = authors["reason"].to_numpy(object)
    counts = {
        "posts": n_posts,
        "replies_given": np.bincount(network.source, network.weight, people.n),
        "replies_received": np.bincount(network.target, network.weight, people.n),
        "answered": network.out_degree,
        "repliers": network.in_degree,
    }
    columns = {f"reply_network_{name}": of.astype(np.int64) for name, of in counts.items()}
    is_active = (n_posts > min_posts) & pd.isna(reason)
    frame = pd.DataFrame({"customer_id": people.names, **columns})
    frame["reply_network_active"] = is_active
    frame["reply_network_excluded"] = pd.Series(reason, dtype=object)
    return frame


def _filed(pairs: pd.DataFrame, people: People) -> pd.DataFrame:
    """Return the pairs as they are filed, ordered by their ends and layers."""
    ends = {"customer_id": "source", "target_id": "target"}
    columns = {name: pd.Categorical.from_codes(pairs[c], people.ids) for name, c in ends.items()}
    layers = {layer: pairs[f"{layer}_key"] for layer in LAYERS}
    return pd.DataFrame({**columns, **layers, **pairs[["n", "first_at", "last_at"]]})


def _count(name: str, about: Text) -> PropertySpec:
    return owned(f"reply_network_{name}", "integer", about=about, minimum=0, owner=OWNER)


REPLY_PAIRS: Final = FiledTable(
    name="reply_pairs",
    about=Text("Replies from one person to another of one kind and topic", "按类型与话题的回复对"),
    identity=("customer_id", "target_id", "kind", "topic"),
    columns=(
        owned("customer_id", "key", about=Text("Who answers", "回复者"), owner=OWNER),
        owned("target_id", "key", about=Text("Who is answered", "被回复者"), owner=OWNER),
        owned(
            "kind", "text", about=Text("Form; empty: none stated", "类型；空为未注明"), owner=OWNER
        ),
        owned("topic", "text", about=Text("Topic; empty: none", "话题；空为无"), owner=OWNER),
        owned("n", "integer", about=Text("Replies", "回复数"), minimum=1, owner=OWNER),
        owned("first_at", "time", about=Text("First reply", "首次回复"), owner=OWNER),
        owned("last_at", "time", about=Text("Latest reply", "最近回复"), owner=OWNER),
    ),
)

ALGORITHM = Algorithm(
    name=OWNER,
    version="1",
    about=Text(
        "Shows who answers whom: the network of replies, its active core, its layers, and what "
        "is left out of it.",
        "展示谁回复谁：回复网络、活跃核心、各层及未计入的回复。",
    ),
    stage="model",
    source="Wasserman, S. and Faust, K. (1994). Social Network Analysis. Cambridge.",
    reads=READS,
    parameters=ReplyNetworkParameters,
    compute=compute,
    prepare={
        "standing": VERDICTS,
        "written": WRITTEN,
        **prepared_for(f"{TALKING} UNION SELECT customer_id FROM written"),
    },
    reduce={"people": PEOPLE, "pairs": PAIRS, "left_out": LEFT_OUT, "authors": AUTHORS},
    properties={
        "Customer": (
            _count("posts", Text("Posts in the window", "窗口内发帖数")),
            _count("replies_given", Text("Replies to others that count", "对他人的有效回复数")),
            _count("replies_received", Text("Replies from others that count", "收到的有效回复数")),
            _count("answered", Text("Different people answered", "回复过的人数")),
            _count("repliers", Text("Different people who answered", "回复此人的人数")),
            owned(
                "reply_network_active",
                "boolean",
                about=Text("In the active core by number of posts", "按发帖数属于活跃核心"),
                owner=OWNER,
            ),
            owned(
                "reply_network_excluded",
                "code",
                about=Text(
                    "Why nothing of theirs counts; none: it counts", "不计入的原因；空为计入"
                ),
                codes=("official", "deleted", "reseller"),
                owner=OWNER,
            ),
        )
    },
    files=(REPLY_PAIRS,),
    mathematics=MATHEMATICS,
    explain=explain,
)
