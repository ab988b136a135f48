"""Who answered whom up to one instant, as arrays: how often, how long ago, first and last.

One arc a pair of people. Ages are days before the instant, so that nothing behind here knows
a calendar.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from algorithms.network.digraph import Digraph

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Arcs:
    """Replies of pairs of people, sorted by who answers and then by who is answered.

    Parameters
    ----------
    n
        People, also those without an arc; an arc names them by number, 0 to n - 1.
    source, target
        Of each arc: who answers, and who is answered; never the same.
    count
        Replies, >= 1.
    first, last
        Days since the first and the latest of them, first >= last >= 0.
    known
        Of each person: days since anything is known of them, >= 0.
    """

    n: int
    source: Numbers
    target: Numbers
    count: Numbers
    first: Floats
    last: Floats
    known: Floats

    @property
    def repliers(self) -> Numbers:
        """Return by how many different people each is answered."""
        return np.bincount(self.target, minlength=self.n).astype(np.int64)

    @property
    def replies(self) -> Numbers:
        """Return how many replies each received."""
        return self.sums(self.count.astype(np.float64)).astype(np.int64)

    @property
    def seen(self) -> Flags:
        """Tell who answers anybody or is answered."""
        return (self.repliers + np.bincount(self.source, minlength=self.n)) > 0

    def sums(self, values: Floats) -> Floats:
        """Return the sum of the values of the arcs that lead to each person."""
        found: Floats = np.bincount(self.target, values, self.n).astype(np.float64)
        return found

    def network(self) -> "Digraph":
        """Return the arcs as a network, each weighing its number of replies."""
        from algorithms.network.digraph import digraph_of

        weight = self.count.astype(np.float64)
        return digraph_of(self.source, self.target, n=self.n, weight=weight)


@dataclass(frozen=True, eq=False)
class Timeline:
    """All replies that count, in any order, with their times in days since some zero.

    Parameters
    ----------
    n
        People.
    source, target, at
        Of each reply: who, to whom, when.
    since
        Of each person: when anything was first known of them; infinite: nothing.
    """

    n: int
    source: Numbers
    target: Numbers
    at: Floats
    since: Floats

    def arcs(self, cut: float, *, days: float) -> Arcs:
        """Return the arcs of the ``days`` before ``cut``; nothing from the cut on is looked at."""
        inside = (self.at >= cut - days) & (self.at < cut)
        source, target, at = self.source[inside], self.target[inside], self.at[inside]
        key = source * self.n + target
        order = np.lexsort((at, key))
        key, at = key[order], at[order]
        starts = np.flatnonzero(np.diff(key, prepend=-1))
        ends = np.append(starts, len(key))[1:]
        by, of = np.divmod(key[starts], max(self.n, 1))
        first, last = cut - at[starts], cut - at[ends - 1]
        known = np.maximum(cut - self.since, 0.0)
        return Arcs(self.n, by, of, ends - starts, first, last, known)

    def drawn(self, cut: float, *, days: float) -> Floats:
        """Return how many different people answered each within ``days`` from ``cut`` on."""
        inside = (self.at >= cut) & (self.at < cut + days)
        pairs = np.unique(self.source[inside] * self.n + self.target[inside])
        return np.bincount(pairs % max(self.n, 1), minlength=self.n).astype(np.float64)
