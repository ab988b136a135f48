"""What a person is in their circle, and what a circle is as a whole.

Roles follow Guimerà and Amaral (2005): how much of somebody's exchange stays in the circle,
measured by their participation, and how much of it there is, measured against the others there.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from algorithms.network.digraph import Digraph, Floats, Numbers
from algorithms.network.partitions import NOBODY

Codes = npt.NDArray[np.object_]

ROLES: Final = ("core", "bridge", "edge")
# from here on a person's exchange is spread over circles: Guimerà and Amaral's connectors
SPREAD: Final = 0.62
# in fewer runs somebody is at the edge, however much they write
FIRM: Final = 0.6


class Ties(NamedTuple):
    """Of each person: replies exchanged in the circle and in all, and spread over circles."""

    within: Floats
    every: Floats
    participation: Floats


def ties_of(network: Digraph, labels: Numbers) -> Ties:
    """Measure where each person's exchange goes.

    Parameters
    ----------
    network
        With an arc each way between any two, as `Digraph.undirected` returns it.
    labels
        Of each person; with `NOBODY` everybody outside counts as a circle of their own.

    Returns
    -------
    ``participation`` is 1 minus the sum of squared shares by circle: 0 where all exchange is
    with one circle, near 1 where it is spread over many.
    """
    alone = int(labels.max(initial=NOBODY)) + 1 + np.arange(network.n)
    of_target = np.where(labels == NOBODY, alone, labels)[network.target]
    within = labels[network.source] == labels[network.target]
    within &= labels[network.source] != NOBODY
    total = np.bincount(network.source, weights=network.weight, minlength=network.n)
    inner = np.bincount(network.source[within], weights=network.weight[within], minlength=network.n)
    key = network.source.astype(np.int64) * (2 * network.n + 1) + of_target
    pairs, place = np.unique(key, return_inverse=True)
    share = np.bincount(place, weights=network.weight, minlength=len(pairs))
    squares = np.bincount(pairs // (2 * network.n + 1), weights=share**2, minlength=network.n)
    spread = 1 - squares / np.maximum(total, 1) ** 2
    return Ties(inner.astype(np.float64), total.astype(np.float64), spread)


def roles_of(ties: Ties, labels: Numbers, *, strength: Floats) -> Codes:
    """Return what each member is: ``core``, ``bridge`` or ``edge``; None for who is in no circle.

    Parameters
    ----------
    ties
        Where their exchange goes.
    labels
        Their circles.
    strength
        In which share of runs they belong to theirs, 0 to 1.
    """
    member = labels != NOBODY
    n_circles = int(labels.max(initial=NOBODY)) + 1
    total = np.bincount(labels[member], weights=ties.within[member], minlength=n_circles)
    mean = total / np.maximum(np.bincount(labels[member], minlength=n_circles), 1)
    much = ties.within >= np.append(mean, np.inf)[labels]
    role = np.where(much & (strength >= FIRM), "core", "edge").astype(object)
    role[ties.participation > SPREAD] = "bridge"
    role[~member] = None
    return role


def cohesion_of(ties: Ties, labels: Numbers) -> Floats:
    """Return of each circle the share of its members' exchange that stays in it, 0 to 1."""
    member = labels != NOBODY
    inner = np.bincount(labels[member], weights=ties.within[member]).astype(np.float64)
    every = np.bincount(labels[member], weights=ties.every[member]).astype(np.float64)
    share = np.zeros(len(inner))
    np.divide(inner, every, out=share, where=every > 0)
    return share


def density_of(directed: Digraph, labels: Numbers) -> Floats:
    """Return of each circle the share of ordered pairs with a reply, 0 to 1."""
    within = labels[directed.source] == labels[directed.target]
    within &= labels[directed.source] != NOBODY
    size = np.bincount(labels[labels != NOBODY])
    arcs = np.bincount(labels[directed.source[within]], minlength=len(size))
    share: Floats = arcs.astype(np.float64) / np.maximum(size * (size - 1), 1)
    return share


def inner_repliers(directed: Digraph, labels: Numbers) -> Numbers:
    """Return of each person by how many of their own circle they are answered."""
    within = labels[directed.source] == labels[directed.target]
    return np.bincount(directed.target[within], minlength=directed.n).astype(np.int64)
