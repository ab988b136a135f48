"""Finds circles among the active, follows them from the last date, and says what they are."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from algorithms.circles import tables
from algorithms.circles.describing import WRITTEN, typical
from algorithms.circles.members import cohesion_of, density_of, roles_of, ties_of
from algorithms.circles.memory import memory_of
from algorithms.circles.settings import CirclesParameters
from algorithms.circles.tables import Found
from algorithms.circles.tracking import Event, Names, is_named, named
from algorithms.circles.wording import words_of
from algorithms.circles.words import Circle, notes_on
from algorithms.contract import Inputs, NothingToSayError, Result
from algorithms.network.digraph import Digraph, Numbers, digraph_of
from algorithms.network.partitions import NOBODY, adjusted_rand, modularity, ranked
from algorithms.reply_arcs import People, listed
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.network.consensus import Consensus, Former


class NobodyActiveError(NothingToSayError):
    """Nobody has enough replies."""

    text = Text(
        "circles: nobody has {least} replies with others who have as many, so there is no circle "
        "to find.",
        "circles：没有人与同样活跃的人往来达到 {least} 条回复，无法划分圈子。",
    )


class NoCircleError(NothingToSayError):
    """No group is large enough."""

    text = Text(
        "circles: {n} people talk with one another, but no group of them has {least} members.",
        "circles：{n} 人之间有往来，但没有达到 {least} 人的圈子。",
    )


def compute(inputs: Inputs, params: CirclesParameters) -> Result:
    """Divide the active into circles, and say who is in none.

    Parameters
    ----------
    inputs
        ``people``: the active, by ``number`` in the order of their ids. ``arcs``: one row a pair
        of them, ordered by both: ``source`` (who answers), ``target``, ``n`` replies. ``words``
        and ``goods``: topics of, and categories bought by, the active, each once
        (``customer_id``, ``word``). ``said``: their public texts (``customer_id``, ``text``), and
        ``handles``: their nicknames. ``known``: what was said before. ``seen``: one row,
        ``n_people`` with a reply at all.
    params
        ``as_of``, who is active, how circles are found.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: who is in a circle or was in one the time before;
    ``Circle``, ordered by ``circle_id``; ``MEMBER_OF``; ``circle_events``. Metrics: ``people``,
    ``active``, ``members``, ``circles``; ``modularity``, ``agreement`` of single runs (mean
    adjusted Rand index), ``continuity`` with the circles before (the same), ``runs``.

    Raises
    ------
    NobodyActiveError, NoCircleError
        If there is nobody to divide, or no group is large enough.
    """
    if inputs["arcs"].empty:
        raise NobodyActiveError(least=params.least_interactions)
    found, events, shared = _found(inputs, params)
    metrics = {"people": int(inputs["seen"]["n_people"].iloc[0]), **_metrics(found, shared)}
    circles = _circles(found, inputs, most=params.n_terms)
    frames = {
        "Customer": tables.customers(found),
        "Circle": tables.nodes(circles, events),
        "Customer-MEMBER_OF-Circle": tables.memberships(found),
        "circle_events": tables.happenings(events, found.memory),
    }
    return Result(frames, metrics, notes_on(metrics, params))


def _found(inputs: Inputs, params: CirclesParameters) -> tuple[Found, list[Event], "Consensus"]:
    from algorithms.network.consensus import firmness

    people, directed = _network(inputs["people"], inputs["arcs"])
    network, memory = directed.undirected(), memory_of(inputs["known"], params)
    former = memory.of(people.ids)
    shared = _shared(network, former, params=params)
    labels = ranked(shared.labels, least=params.least_size)
    if labels.max() == NOBODY:
        raise NoCircleError(n=people.n, least=params.least_size)
    gone = memory.without(people.ids)
    ids, events = named(
        np.concatenate([labels, np.full(len(gone), NOBODY)]),
        np.concatenate([former, gone]),
        as_of=params.as_of,
    )
    stability, strength = firmness(labels, shared.runs)
    ties = ties_of(network, labels)
    roles = roles_of(ties, labels, strength=strength)
    found = Found(people, directed, network, labels, ids, stability, strength, ties, roles, memory)
    return found, events, shared


def _network(active: pd.DataFrame, arcs: pd.DataFrame) -> tuple[People, Digraph]:
    """Return who of the active talks with another of them, and who answers whom."""
    number = active["number"].to_numpy()
    source, target = (np.searchsorted(number, arcs[c].to_numpy()) for c in ("source", "target"))
    every = digraph_of(source, target, n=len(number), weight=arcs["n"].to_numpy(np.float64))
    talks = (every.out_degree + every.in_degree) > 0
    return People(listed(active["customer_id"]).ids[talks]), every.among(talks)


def _shared(network: Digraph, former: Names, *, params: CirclesParameters) -> "Consensus":
    from algorithms.network.consensus import consensus

    return consensus(
        network,
        runs=params.runs,
        seed=params.seed,
        resolution=params.resolution,
        former=_former(former, cost=params.memory),
    )


def _former(former: Names, *, cost: float) -> "Former | None":
    from algorithms.network.consensus import Former

    return Former(_numbered(former), cost) if cost and is_named(former).any() else None


def _numbered(names: Names) -> Numbers:
    """Return names as numbers in their order; `NOBODY` where there is none."""
    known, labels = is_named(names), np.full(len(names), NOBODY, np.int64)
    labels[known] = np.unique(names[known].astype(str), return_inverse=True)[1]
    return labels


def _circles(found: Found, inputs: Inputs, *, most: int) -> list[Circle]:
    """Describe each circle, in the order of their ids."""
    topics, goods = (
        typical(inputs[name], people=found.people, labels=found.labels, most=most)
        for name in ("words", "goods")
    )
    words = _words(found, inputs, most=most)
    terms = [
        [*first, *(w for w in then if w not in first)]
        for first, then in zip(topics, words, strict=True)
    ]
    leaders, sizes = tables.leaders_of(found), found.sizes.tolist()
    density = density_of(found.directed, found.labels).tolist()
    cohesion = cohesion_of(found.ties, found.labels).tolist()
    return [
        Circle(
            circle_id=str(found.ids[k]),
            size=sizes[k],
            density=density[k],
            cohesion=cohesion[k],
            stability=float(found.stability[k]),
            terms=terms[k],
            categories=goods[k],
            leaders=leaders[k],
        )
        for k in np.argsort(found.ids.astype(str)).tolist()
    ]


def _words(found: Found, inputs: Inputs, *, most: int) -> list[list[str]]:
    """Return the words of public texts that set each circle apart."""
    return typical(
        words_of(inputs["said"], inputs["handles"]["handle"].tolist()),
        people=found.people,
        labels=found.labels,
        most=most,
        evidence=WRITTEN,
    )


def _metrics(found: Found, shared: "Consensus") -> dict[str, object]:
    alone = len(found.ids) + np.arange(found.people.n)
    former = _numbered(found.memory.of(found.people.ids))
    known = found.member & (former != NOBODY)
    return {
        "active": found.people.n,
        "members": int(found.member.sum()),
        "circles": len(found.ids),
        "modularity": modularity(found.network, np.where(found.member, found.labels, alone)),
        "runs": len(shared.runs),
        "agreement": shared.agreement,
        "memory": shared.memory,
        "continuity": adjusted_rand(former[known], found.labels[known]) if known.any() else None,
        "n_continued": int(known.sum()),
    }
