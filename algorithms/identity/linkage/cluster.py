"""Who is one person, given how probably each two are: communities, not chains.

Components join a crowd through one doubtful pair. Leiden's constant Potts objective keeps a
group together while its pairs, missing ones counted as nought, are on average likelier than
the resolution. Each component is settled by itself and from its own pairs alone, so that
other people's records never move a boundary.

References
----------
Traag, V. A., Van Dooren, P., Nesterov, Y. (2011). Narrow scope for resolution-limit-free
community detection. Physical Review E 84.
Traag, V. A., Waltman, L., van Eck, N. J. (2019). From Louvain to Leiden: guaranteeing
well-connected communities. Scientific Reports 9.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

STARTS: Final = 5  # Leiden starts from a random order; the best of several starts counts
EXACT: Final = 5  # of so many units all 52 partitions are looked at
CLOSE: Final = 1e-9  # a later start has to be better by more than rounding


@dataclass(frozen=True)
class _Edges:
    """Pairs in the order of left and right, with the component of each unit and pair."""

    left: Numbers
    right: Numbers
    probability: Floats
    component: Numbers
    size: Numbers

    @property
    def of(self) -> Numbers:
        """Return the component of each pair."""
        return self.component[self.left]


def communities(pairs: pa.Table, n: int, *, resolution: float) -> Numbers:
    """Return the community of each unit.

    Parameters
    ----------
    pairs
        What ``score`` returned: ``left``, ``right``, ``probability``, in any order.
    n
        How many units there are, 0 to n - 1.
    resolution
        A group holds together while its pairs are on average likelier than this, 0 to 1.

    Returns
    -------
    One label a unit, numbered in the order of each community's smallest unit.

    Notes
    -----
    The objective is the sum of probability less resolution over the pairs inside communities.
    Of up to five units every partition is looked at, and a component all of whose pairs are
    there and likelier than the resolution is best left whole; only the others are searched.
    """
    edges = _edges(pairs, n)
    label = np.arange(n)
    for size in range(2, EXACT + 1):
        members, found = _exactly(edges, size, resolution=resolution)
        label[members] = np.take_along_axis(members, found, axis=1)
    large = edges.size > EXACT
    whole = (large & _is_complete(edges, resolution=resolution))[edges.component]
    label[whole] = _smallest(edges.component)[edges.component[whole]]
    for units, inside in _open_components(edges, large & ~whole[_smallest(edges.component)]):
        ends = np.stack([edges.left[inside], edges.right[inside]], axis=1)
        parts = _searched(
            np.searchsorted(units, ends), edges.probability[inside], resolution=resolution
        )
        label[units] = units[_smallest(parts)[parts]]
    return np.unique(label, return_inverse=True)[1].astype(np.int64)


def too_large(labels: Numbers, *, most: int) -> Numbers:
    """Return the labels of the communities of more than ``most`` units, ascending."""
    return np.flatnonzero(np.bincount(labels) > most).astype(np.int64)


def _edges(pairs: pa.Table, n: int) -> _Edges:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    left, right = pairs["left"].to_numpy(), pairs["right"].to_numpy()
    order = np.lexsort((right, left))
    ties = coo_array((np.ones(len(left), dtype=np.bool_), (left, right)), shape=(n, n))
    component = connected_components(ties, directed=False)[1].astype(np.int64)
    probability = pairs["probability"].to_numpy()[order]
    return _Edges(left[order], right[order], probability, component, np.bincount(component))


def _smallest(label: Numbers) -> Numbers:
    """Return the smallest place of each label; labels are 0 to their number less one."""
    return np.unique(label, return_index=True)[1].astype(np.int64)


def _exactly(edges: _Edges, size: int, *, resolution: float) -> tuple[Numbers, Numbers]:
    """Settle all components of one size.

    Returns a row a component: its units ascending, and for each the place in the row of the
    smallest unit of its community.
    """
    units = np.flatnonzero((edges.size == size)[edges.component])
    members = units[np.argsort(edges.component[units], kind="stable")].reshape(-1, size)
    row = np.zeros(len(edges.size), dtype=np.int64)
    row[edges.component[members[:, 0]]] = np.arange(len(members))
    inside = np.flatnonzero((edges.size == size)[edges.of])
    own = members[row[edges.of[inside]]]
    ends = [(own < end[inside, None]).sum(axis=1) for end in (edges.left, edges.right)]
    gain = np.full((len(members), size, size), -resolution)
    gain[row[edges.of[inside]], ends[0], ends[1]] += edges.probability[inside]
    heads = _partitions(size)
    # summed pair by pair: the same numbers give the same sum, however many components there are
    worth = np.zeros((len(members), len(heads)))
    for one, other in zip(*np.triu_indices(size, 1), strict=True):
        worth += gain[:, one, other, None] * (heads[:, one] == heads[:, other])
    return members, heads[np.argmax(worth, axis=1)]


def _partitions(size: int) -> Numbers:
    """Return all partitions of a few things, by the first thing of each one's part."""
    found = [[0]]
    for at in range(1, size):
        # the next thing joins a part that there is, or begins its own
        found = [[*heads, head] for heads in found for head in [*sorted(set(heads)), at]]
    # of equally good ones the one with the most parts comes first
    found.sort(key=lambda heads: (-len(set(heads)), heads))
    return np.array(found, dtype=np.int64)


def _is_complete(edges: _Edges, *, resolution: float) -> Flags:
    """Tell which components hold all their pairs, each likelier than the resolution."""
    likely = np.bincount(edges.of, edges.probability > resolution, len(edges.size))
    return np.asarray(likely == edges.size * (edges.size - 1) / 2, dtype=np.bool_)


def _open_components(edges: _Edges, is_open: Flags) -> Iterator[tuple[Numbers, Numbers]]:
    """Give the members and the pairs of each open component."""
    units = np.flatnonzero(is_open[edges.component])
    inside = np.flatnonzero(is_open[edges.of])
    members = _parted(units, edges.component[units])
    return zip(members, _parted(inside, edges.of[inside]), strict=True)


def _parted(places: Numbers, label: Numbers) -> list[Numbers]:
    """Part places by their labels, in the order of labels, each part ascending."""
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order])) + 1
    return np.split(places[order], starts) if len(places) else []


def _searched(ends: Numbers, probability: Floats, *, resolution: float) -> Numbers:
    """Return the best partition found of one component, whose units count from nought."""
    import igraph

    network = igraph.Graph(n=int(ends.max()) + 1, edges=ends.tolist())
    weights = probability.tolist()
    best, most = np.arange(network.vcount()), 0.0
    for start in range(STARTS):
        igraph.set_random_number_generator(random.Random(start))  # noqa: S311 - no secret
        found = network.community_leiden(
            objective_function="CPM", weights=weights, resolution=resolution, n_iterations=-1
        )
        label = np.array(found.membership)
        inside = label[ends[:, 0]] == label[ends[:, 1]]
        worth = _worth(np.bincount(label), probability[inside], resolution=resolution)
        if worth > most + CLOSE:
            best, most = label, worth
    igraph.set_random_number_generator(random)
    return best


def _worth(size: Numbers, probability: Floats, *, resolution: float) -> float:
    """Return the objective, given the communities' sizes and the pairs inside them."""
    return float(probability.sum() - resolution * (size * (size - 1) / 2).sum())
