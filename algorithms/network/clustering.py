"""Whether those whom a person talks with talk with each other: clustering and transitivity.

Each triangle is found once, from its corner of the smallest degree, so that an account with a
million replies costs no more than its arcs.

Latapy, M. (2008). Main-memory triangle computations for very large graphs. Theor. Comput. Sci. 407.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Digraph, Floats, Ints, Numbers


def clustering(digraph: Digraph) -> Floats:
    """Return which share of each person's pairs of neighbours are neighbours, 0 to 1.

    Arcs count whichever way they point; 0 for who has fewer than two neighbours.
    """
    ties = _unweighted(digraph.undirected())
    return _opposite(ties) / np.maximum(_pairs(ties), 1)


def transitivity(digraph: Digraph) -> float:
    """Return which share of the paths of two steps are closed to a triangle, 0 to 1.

    Arcs count whichever way they point; 0 where there is no path of two steps.
    """
    ties = _unweighted(digraph.undirected())
    return float(_opposite(ties).sum() / max(_pairs(ties).sum(), 1))


def closure(ties: Digraph) -> tuple[float, float]:
    """Return the mean of `clustering` over all people, and `transitivity`, in one pass.

    Parameters
    ----------
    ties
        With an arc each way between any two, as `Digraph.undirected` returns it.
    """
    opposite, pairs = _opposite(_unweighted(ties)), _pairs(ties)
    mean = float((opposite / np.maximum(pairs, 1)).sum()) / max(ties.n, 1)
    return mean, float(opposite.sum() / max(pairs.sum(), 1))


def directed_clustering(digraph: Digraph) -> Floats:
    """Return which share of the arcs that could be among each person's neighbours are there.

    Two neighbours, of whichever direction, could share two arcs; 0 for who has fewer than two.
    This is the local clustering coefficient of LDBC Graphalytics. Fagiolo's, which others call
    directed clustering, weighs triangles by their turns and differs.
    """
    ties = _unweighted(digraph).undirected()
    share: Floats = _opposite(ties) / (2 * np.maximum(_pairs(ties), 1))
    return share


def _unweighted(digraph: Digraph) -> Digraph:
    return replace(digraph, weight=np.ones(digraph.m))


def _pairs(ties: Digraph) -> Numbers:
    degree = ties.out_degree
    return degree * (degree - 1) // 2


def _opposite(ties: Digraph) -> Floats:
    """Add up, over each person's triangles, the weight of the side across from the person."""
    degree = ties.out_degree
    mine, others = degree[ties.source], degree[ties.target]
    upward = (mine < others) | ((mine == others) & (ties.source < ties.target))
    source, target, weight = ties.source[upward], ties.target[upward], ties.weight[upward]
    return _sides(Digraph(ties.n, source, target, weight).starts, target, weight=weight)


class _Upward(NamedTuple):
    """Arcs to neighbours of higher degree, who is tied to the corner, and what is found."""

    starts: Numbers
    targets: Ints
    weight: Floats
    tie: Floats
    total: Floats


@compiled
def _sides(starts: Numbers, targets: Ints, *, weight: Floats) -> Floats:
    n = len(starts) - 1
    upward = _Upward(starts, targets, weight, np.zeros(n), np.zeros(n))
    for corner in range(n):
        arcs = range(starts[corner], starts[corner + 1])
        for arc in arcs:
            upward.tie[targets[arc]] = weight[arc]
        for arc in arcs:
            upward.total[corner] += _closed(upward, arc)
        for arc in arcs:
            upward.tie[targets[arc]] = 0.0
    return upward.total


@compiled
def _closed(upward: _Upward, arc: int) -> float:
    """Close triangles over an arc from the corner; return the sides across from the corner."""
    starts, targets, weight, tie, total = upward
    middle, across = targets[arc], 0.0
    for far in range(starts[middle], starts[middle + 1]):
        last = targets[far]
        if tie[last] > 0:
            across += weight[far]
            total[middle] += tie[last]
            total[last] += weight[arc]
    return across
