"""Who links people that would be far apart: betweenness, here read as *broker*.

A person's betweenness is the sum, over all ordered pairs of others, of the share of shortest
paths that lead through the person. Distance counts arcs, not weights. From each person a
breadth-first search counts shortest paths, and going back along it adds up what depends on whom.

Brandes, U. (2001). A faster algorithm for betweenness centrality. J. Math. Sociol. 25(2).
Brandes, U. & Pich, C. (2007). Centrality estimation in large networks. Int. J. Bifurcation 17(7).
"""

from concurrent.futures import ThreadPoolExecutor
from os import cpu_count
from typing import Final, NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Digraph, Floats, Ints, Numbers

AFFORDABLE: Final = 2_000_000_000
"""People times arcs up to which the exact answer takes less than about half a minute."""

# However many cores there are, sums are of the same parts in the same order: the same bits.
PARTS: Final = 8


def betweenness(digraph: Digraph, *, pivots: Ints | None = None) -> Floats:
    """Return the unnormalised directed betweenness of each person.

    Parameters
    ----------
    digraph
        Arcs; weights are of no consequence. Of an undirected network with an arc each way the
        answer is twice the usual one, for every pair counts in both orders.
    pivots
        Whom to search from, as `chosen_pivots` draws them: the answer is then an estimate
        without bias, what was found times the number of people with an arc over the number of
        pivots. None: from everybody, exactly.

    Returns
    -------
    ``n`` values, 0 to (n - 1) (n - 2) where they are exact.
    """
    sources = _with_arcs(digraph)
    if pivots is None:
        pivots = sources
    return dependencies(digraph, pivots) * (len(sources) / max(len(pivots), 1))


def dependencies(digraph: Digraph, pivots: Ints) -> Floats:
    """Add up the shares of shortest paths that begin at the pivots, unscaled."""
    starts = digraph.starts.astype(np.int32)

    def found(part: Ints) -> Floats:
        return _depend_on(starts, digraph.target, pivots=part)

    parts = np.array_split(pivots.astype(np.int32), min(PARTS, max(len(pivots), 1)))
    total = np.zeros(digraph.n)
    with ThreadPoolExecutor(cpu_count()) as threads:
        for part in threads.map(found, parts):
            total += part
    return total


def chosen_pivots(digraph: Digraph, k: int, *, seed: int) -> Ints:
    """Draw ``k`` people to search from, among those with an arc, each as likely; ascending.

    From all others nobody is reached, so that to draw them would be waste. Where there are
    fewer than ``k`` they are all taken, and the betweenness is exact.
    """
    sources = _with_arcs(digraph)
    if len(sources) <= k:
        return sources
    drawn = np.random.default_rng(seed).choice(sources, k, replace=False)
    return np.sort(drawn)


def is_affordable(digraph: Digraph) -> bool:
    """Tell whether the exact betweenness takes seconds, not minutes."""
    return digraph.n * digraph.m < AFFORDABLE


def _with_arcs(digraph: Digraph) -> Ints:
    return np.flatnonzero(digraph.out_degree).astype(np.int32)


class _Search(NamedTuple):
    """The arcs, and room for one search: as if nobody had been reached.

    Whoever is reached has a place, in the order of distance. Links lead from a place to those
    one step farther and lie in the order of places, so that the way back reads in one line what
    the way out had to gather. ``paths`` counts shortest paths on the way out; on the way back
    it becomes what each of them is worth to whom it comes from.
    """

    starts: Ints
    targets: Ints
    order: Ints
    place: Ints
    paths: Floats
    links: Ints
    begins: Numbers


@compiled
def _depend_on(starts: Ints, targets: Ints, *, pivots: Ints) -> Floats:
    n = len(starts) - 1
    order, place, total = np.empty(n, np.int32), np.full(n, -1, np.int32), np.zeros(n)
    links, begins = np.empty(len(targets), np.int32), np.empty(n + 1, np.int64)
    search = _Search(starts, targets, order, place, np.zeros(n), links, begins)
    for pivot in pivots:
        reached = _go_out(search, pivot)
        for there in range(reached - 1, 0, -1):
            total[order[there]] += _come_back(search, there)
        for person in order[:reached]:
            place[person] = -1
    return total


@compiled
def _go_out(search: _Search, pivot: int) -> int:
    """Find who is reached and by how many shortest paths; return how many are."""
    starts, targets, order, place, paths, links, begins = search
    order[0], place[pivot], paths[0] = pivot, 0, 1.0
    here, reached, farther, linked = 0, 1, 1, 0
    while here < reached:
        if here == farther:  # the next distance begins behind all who have been reached
            farther = reached
        person, begins[here] = order[here], linked
        for other in targets[starts[person] : starts[person + 1]]:
            if place[other] < 0:
                order[reached], place[other], paths[reached] = other, reached, 0.0
                reached += 1
            if place[other] >= farther:
                paths[place[other]] += paths[here]
                links[linked] = place[other]
                linked += 1
        here += 1
    begins[reached] = linked
    return reached


@compiled
def _come_back(search: _Search, here: int) -> float:
    """Return what depends on a place, once that is known of all that are farther."""
    _, _, _, _, paths, links, begins = search
    worth = 0.0
    for there in links[begins[here] : begins[here + 1]]:
        worth += paths[there]
    needed: float = paths[here] * worth
    paths[here] = 1.0 / paths[here] + worth
    return needed
