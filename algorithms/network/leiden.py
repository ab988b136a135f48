"""Groups of people who answer one another more than chance would have it: Leiden.

graspologic-native gives the same groups for the same seed and the same arcs; arcs are sorted,
so the order in which replies came does not matter. It runs on the compressed rows; only where a
division is given to begin with it has to be told arcs one by one.

Traag, V. A., Waltman, L. and van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing
well-connected communities. Scientific Reports 9, 5233.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import numpy as np

from algorithms.network.digraph import Digraph, Numbers
from algorithms.network.partitions import modularity, ranked

K = TypeVar("K", int, str)

ROUNDS: Final = 2
"""Once more over the whole network from its own result: it finds what a first round left."""


def leiden(
    network: Digraph,
    *,
    seed: int = 0,
    resolution: float = 1.0,
    start: Numbers | None = None,
    rounds: int = ROUNDS,
) -> Numbers:
    """Divide people so that modularity is as high as one run can make it.

    Parameters
    ----------
    network
        With an arc each way between any two, as `Digraph.undirected` returns it.
    seed
        Of what is left to chance, >= 0; the same seed gives the same groups.
    resolution
        Above 1 more and smaller groups, below 1 fewer, > 0.
    start
        A division to begin with, of each person >= 0; None: everybody alone.
    rounds
        How often to go over the whole network, >= 1.

    Returns
    -------
    Labels from 0, the largest group first. Who has no arc is alone.
    """
    if network.m == 0:
        return np.arange(network.n, dtype=np.int64)
    if start is None:
        return ranked(_from_nothing(network, seed=seed, resolution=resolution, rounds=rounds))
    told = {"resolution": resolution, "iterations": rounds, "seed": seed}
    return ranked(_from_division(network, start, told=told))


def best_of(
    network: Digraph, *, runs: int, seed: int = 0, resolution: float = 1.0
) -> tuple[Numbers, float]:
    """Return the division of highest modularity of some runs, the first of equals, and it."""
    found = [leiden(network, seed=seed + k, resolution=resolution) for k in range(runs)]
    scores = [modularity(network, labels, resolution=resolution) for labels in found]
    best = int(np.argmax(scores))
    return found[best], scores[best]


def _from_nothing(network: Digraph, *, seed: int, resolution: float, rounds: int) -> Numbers:
    from graspologic_native import leiden_csr

    _, found = leiden_csr(
        network.starts,
        network.target,
        network.weight,
        network.n,
        resolution=resolution,
        iterations=rounds,
        seed=seed,
    )
    return _labels(found, range(network.n))


def _from_division(network: Digraph, start: Numbers, *, told: Mapping[str, float]) -> Numbers:
    import graspologic_native

    once = network.source < network.target
    ends = (network.source[once].tolist(), network.target[once].tolist())
    names = [str(person) for person in range(network.n)]
    arcs = [
        (names[a], names[b], weight)
        for a, b, weight in zip(*ends, network.weight[once].tolist(), strict=True)
    ]
    # it knows the people in arcs alone, and wants to be told of nobody else
    people = np.flatnonzero(network.out_degree)
    given = np.unique(start[people], return_inverse=True)[1]
    labels = dict(zip((names[p] for p in people.tolist()), given.tolist(), strict=True))
    _, found = graspologic_native.leiden(
        arcs,
        starting_communities=labels,
        **told,
    )
    alone = np.arange(network.n, dtype=np.int64) + len(people)
    alone[people] = _labels(found, [names[p] for p in people.tolist()])
    return alone


def _labels(found: Mapping[K, int], people: Sequence[K]) -> Numbers:
    return np.fromiter((found[p] for p in people), np.int64, count=len(people))
