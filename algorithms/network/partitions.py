"""Divisions of people into groups: how good they are, how alike, and of whom they consist.

A division is an array of labels, one a person. Labels of a finished division count from 0, the
largest group first, so that equal divisions are equal arrays.
"""

import numpy as np

from algorithms.network.digraph import Digraph, Numbers

NOBODY = -1
"""The label of who is in no group."""


def modularity(network: Digraph, labels: Numbers, *, resolution: float = 1.0) -> float:
    """Return by how much more weight lies within groups than chance would put there.

    Parameters
    ----------
    network
        With an arc each way between any two, as `Digraph.undirected` returns it.
    labels
        Of each person, >= 0.
    resolution
        How much chance counts, > 0.

    Returns
    -------
    -0.5 to 1 at resolution 1; 0 for a network without arcs.

    References
    ----------
    Newman, M. E. J. and Girvan, M. (2004). Finding and evaluating community structure.
    """
    total = float(network.weight.sum())
    if not total:
        return 0.0
    within = labels[network.source] == labels[network.target]
    of_person = np.bincount(network.source, weights=network.weight, minlength=network.n)
    of_group = np.bincount(labels, weights=of_person) / total
    share = float(network.weight[within].sum()) / total
    return share - resolution * float((of_group**2).sum())


def adjusted_rand(first: Numbers, second: Numbers) -> float:
    """Return how alike two divisions of the same people are: 1 the same, 0 as by chance.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions.
    """
    both = _pairs(overlaps(first, second)[2])
    rows, columns = (_pairs(np.unique(one, return_counts=True)[1]) for one in (first, second))
    every = len(first) * (len(first) - 1) / 2
    chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def overlaps(first: Numbers, second: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return each pair of labels that meet in somebody, in order, and in how many people."""
    if not len(first):
        return first, second, np.empty(0, np.int64)
    # one number a pair: labels count groups, so that it stays far below 2**63
    low, width = (first.min(), second.min()), np.ptp(second) + 1
    pairs, n = np.unique((first - low[0]) * width + second - low[1], return_counts=True)
    one, other = np.divmod(pairs, width)
    return one + low[0], other + low[1], n


def connected(network: Digraph, labels: Numbers) -> Numbers:
    """Split groups whose members are not joined by arcs among themselves.

    Returns
    -------
    Labels of groups that are connected, counted from 0, the largest first; `NOBODY` stays.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    within = labels[network.source] == labels[network.target]
    ends = network.source[within], network.target[within]
    shape = (network.n, network.n)
    inner = csr_array((np.ones(len(ends[0]), np.int8), ends), shape=shape)
    _, parts = connected_components(inner, directed=False)
    return ranked(np.where(labels == NOBODY, NOBODY, parts.astype(np.int64)))


def ranked(labels: Numbers, *, least: int = 1) -> Numbers:
    """Give groups new numbers: the largest 0, among equals the one with the first person.

    Parameters
    ----------
    labels
        Of each person; `NOBODY` stays.
    least
        Groups of fewer become `NOBODY`.
    """
    names, first, place, size = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    counts = (names != NOBODY) & (size >= least)
    order = np.lexsort((first, -size, ~counts))
    number = np.empty(len(names), np.int64)
    number[order] = np.arange(len(names))
    number[~counts] = NOBODY
    return number[place]


def _pairs(counts: Numbers) -> float:
    """Return how many pairs there are within each count, in all."""
    counts = counts.astype(np.float64)
    return float((counts * (counts - 1) / 2).sum())
