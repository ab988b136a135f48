"""A directed network as arrays: who answered whom, and how much.

Arcs are sorted and single, so that two networks are equal where their arrays are, and a row of
the compressed form is a slice. People are numbers from 0; what they are called stays outside.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Ints = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Digraph:
    """Arcs between ``n`` people, sorted by source and then target, none twice, no loops.

    Make one with `digraph_of`: nothing is checked here.

    Parameters
    ----------
    n
        People, also those without an arc.
    source, target
        Of each arc: who answers, and who is answered; 0 to n - 1.
    weight
        Of each arc, >= 0.
    """

    n: int
    source: Ints
    target: Ints
    weight: Floats

    @property
    def m(self) -> int:
        """Return the number of arcs."""
        return len(self.source)

    @property
    def out_degree(self) -> Numbers:
        """Return how many others each person answers."""
        return np.bincount(self.source, minlength=self.n).astype(np.int64)

    @property
    def in_degree(self) -> Numbers:
        """Return by how many others each person is answered."""
        return np.bincount(self.target, minlength=self.n).astype(np.int64)

    @cached_property
    def starts(self) -> Numbers:
        """Return where each person's arcs begin, and behind them where all end: n + 1."""
        return np.concatenate([[0], np.cumsum(self.out_degree)]).astype(np.int64)

    def outward(self) -> "csr_array":
        """Return the weights as a sparse matrix whose row is who answers."""
        from scipy.sparse import csr_array

        starts = self.starts.astype(np.int32)
        return csr_array((self.weight, self.target, starts), shape=(self.n, self.n))

    def inward(self) -> "csr_array":
        """Return the weights as a sparse matrix whose row is who is answered."""
        return self.outward().T.tocsr()

    def reversed(self) -> "Digraph":
        """Return the network with every arc turned round: along influence."""
        matrix = self.inward()
        source = np.repeat(np.arange(self.n, dtype=np.int32), np.diff(matrix.indptr))
        return Digraph(self.n, source, matrix.indices.astype(np.int32), matrix.data)

    def undirected(self) -> "Digraph":
        """Return an arc each way between any two who share one, with the weight of both."""
        back = self.reversed()
        key = np.concatenate([_keys(self), _keys(back)])
        # two sorted runs, which this kind merges
        order = np.argsort(key, kind="stable")
        weight = np.concatenate([self.weight, back.weight])[order]
        return _gathered(key[order], weight, n=self.n)

    def among(self, people: Flags) -> "Digraph":
        """Return the network of some people, numbered anew in the same order.

        Parameters
        ----------
        people
            Of each of the ``n``: whether to stay.
        """
        place = (np.cumsum(people) - 1).astype(np.int32)
        kept = people[self.source] & people[self.target]
        source, target = place[self.source[kept]], place[self.target[kept]]
        return Digraph(int(people.sum()), source, target, self.weight[kept])


def digraph_of(
    source: npt.ArrayLike, target: npt.ArrayLike, *, n: int, weight: npt.ArrayLike | None = None
) -> Digraph:
    """Gather arcs into a network; loops are dropped, repeated arcs become one.

    Parameters
    ----------
    source, target
        Of each arc, in any order: who answers, and who is answered; 0 to n - 1.
    n
        People; below 2**31, as are the arcs.
    weight
        Of each arc, >= 0 and finite; None: 1 each, so that a weight counts replies. Weights of
        repeated arcs are added from the smallest, so that their order does not matter.

    Raises
    ------
    ValueError
        If somebody is outside 0 to n - 1, or a weight is negative or not finite.
    """
    ends = np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64)
    weights = np.ones(len(ends[0])) if weight is None else np.asarray(weight, dtype=np.float64)
    _check(ends, weights, n=n)
    apart = ends[0] != ends[1]
    key, weights = _sorted(ends[0][apart] * n + ends[1][apart], weights[apart])
    return _gathered(key, weights, n=n)


def _sorted(key: Numbers, weights: Floats) -> tuple[Numbers, Floats]:
    """Sort by key and, where weights differ, by weight."""
    if (weights == 1).all():
        return np.sort(key), weights
    order = np.lexsort((weights, key))
    return key[order], weights[order]


def _keys(digraph: Digraph) -> Numbers:
    return digraph.source.astype(np.int64) * digraph.n + digraph.target


def _gathered(key: Numbers, weights: Floats, *, n: int) -> Digraph:
    """Make one arc of those with the same key; keys ascend."""
    first = np.flatnonzero(np.diff(key, prepend=-1))
    total = np.add.reduceat(weights, first) if len(first) else weights
    by, of = np.divmod(key[first], max(n, 1))
    return Digraph(n, by.astype(np.int32), of.astype(np.int32), total)


def _check(ends: tuple[Numbers, Numbers], weights: Floats, *, n: int) -> None:
    low = min(int(end.min(initial=0)) for end in ends)
    high = max(int(end.max(initial=-1)) for end in ends)
    if low < 0 or high >= n:
        problem = f"people are numbered 0 to {n - 1}, and an arc names {low if low < 0 else high}"
        raise ValueError(problem)
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        problem = "a weight is negative or not finite"
        raise ValueError(problem)
