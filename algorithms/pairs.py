"""How many baskets hold each pair of items: exact, for every pair at once.

With baskets as rows and items as columns of a sparse matrix of ones, ``X'X`` counts every
pair that ever met. It is made a block of items at a time, because a hundred thousand items
may meet in more ways than memory holds: of each block only the pairs that are asked for
stay, and of the rest how often each distinct test occurs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from algorithms.fisher import adjusted, upper_tail

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Counted = tuple[Integers, Integers]
"""Distinct tests in rising order, and how often each occurs."""

# counts held at once in a block: 12 bytes each, and some of them again while sorting
BLOCK = 10_000_000


class Met(NamedTuple):
    """Pairs that met: two columns of the matrix, ``first < second``, and the baskets of both."""

    first: Integers
    second: Integers
    n: Integers

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Met":
        """Return the chosen ones."""
        return Met(*(column[chosen] for column in self))


@dataclass(frozen=True)
class Pairs:
    """Pairs of items that were asked for, with the evidence for each.

    ``p`` and ``q`` are the one-sided Fisher p-value and its correction for all ``tested``
    pairs, of which ``n_met`` met. ``sizes`` are the baskets of each item.
    """

    met: Met
    p: Floats
    q: Floats
    sizes: Integers
    n_baskets: int
    tested: int
    n_met: int


@dataclass(frozen=True)
class Packing:
    """Packs the two sizes and the count of a pair into one number: equal number, equal test."""

    codes: Integers
    sizes: Integers
    top: int

    @classmethod
    def of(cls, sizes: Integers) -> "Packing":
        """Return the packing for items of these sizes."""
        distinct, codes = np.unique(sizes, return_inverse=True)
        return cls(codes.astype(np.int64), distinct, int(sizes.max(initial=0)) + 1)

    def pack(self, met: Met) -> Integers:
        """Return one number a pair, the same for both orders of it."""
        a, b = self.codes[met.first], self.codes[met.second]
        wide = np.minimum(a, b) * len(self.sizes) + np.maximum(a, b)
        return np.asarray(wide * self.top + met.n)

    def unpack(self, packed: Integers) -> tuple[Integers, tuple[Integers, Integers]]:
        """Return the count and the two sizes of each number."""
        wide, n = np.divmod(packed, self.top)
        a, b = np.divmod(wide, len(self.sizes))
        return n, (self.sizes[a], self.sizes[b])


def count_pairs(
    contains: "csr_array", *, least: int, n_baskets: int, related: "csr_array | None" = None
) -> Pairs:
    """Count every pair of items and test each for chance.

    Parameters
    ----------
    contains
        Baskets by items, integer ones and nothing else.
    least
        Pairs in fewer baskets are tested but not returned.
    n_baskets
        All baskets, also those without any of the items.
    related
        Items by items: pairs that are left out of everything, in either order.

    Notes
    -----
    Every pair of items that were sold is a test. Those that never met have p = 1; they
    raise nobody's p but count among the tests, else a million pairs of rare items that met
    once would all look significant. The correction does not depend on ``least``.
    """
    by_item = contains.T.tocsr()
    sizes = np.diff(by_item.indptr).astype(np.int64)
    packing = Packing.of(sizes)
    kept: list[Met] = []
    tests: list[Counted] = []
    for block in _blocks(by_item, contains, related=related):
        tests = _compact([*tests, np.unique(packing.pack(block), return_counts=True)])
        kept.append(block.where(block.n >= least))
    packed, times = _merged(tests)
    met = _joined(kept)
    n, margins = packing.unpack(packed)
    tested = _number_of_tests(sizes, related)
    p = upper_tail(n, margins, total=n_baskets)
    q = adjusted(p, times=times, tests=tested)
    at = np.searchsorted(packed, packing.pack(met))
    return Pairs(met, p[at], q[at], sizes, n_baskets, tested, int(times.sum()))


def _blocks(
    by_item: "csr_array", contains: "csr_array", *, related: "csr_array | None"
) -> Iterator[Met]:
    """Yield the pairs that met, by their first item, a block of items at a time."""
    starts = _starts(by_item, contains)
    for start, end in pairwise([*starts, by_item.shape[0]]):
        counts = by_item[start:end] @ contains
        if related is not None:
            counts = counts - counts.multiply(related[start:end])
        pairs = counts.tocoo()
        first, second = pairs.row.astype(np.int64) + start, pairs.col.astype(np.int64)
        met = Met(first, second, pairs.data.astype(np.int64))
        yield met.where((second > first) & (met.n > 0))


def _starts(by_item: "csr_array", contains: "csr_array") -> Integers:
    """Return where each block begins, so that none holds much more than ``BLOCK`` counts.

    An item meets at most all items, and at most as many as its baskets hold together.
    """
    together = by_item @ np.diff(contains.indptr).astype(np.int64)
    most = np.minimum(together, by_item.shape[0])
    block = (np.cumsum(most) - most) // BLOCK
    return np.flatnonzero(np.diff(block, prepend=-1))


def _joined(blocks: list[Met]) -> Met:
    nothing = Met(*[np.zeros(0, np.int64)] * 3)
    return Met(*map(np.concatenate, zip(nothing, *blocks, strict=True)))


def _compact(parts: list[Counted]) -> list[Counted]:
    """Merge once the later parts outweigh the first: each test is merged a few times at most."""
    later = sum(len(packed) for packed, _ in parts[1:])
    return [_merged(parts)] if later > len(parts[0][0]) else parts


def _merged(parts: list[Counted]) -> Counted:
    """Add up the times of equal tests."""
    nothing = np.zeros(0, np.int64)
    packed = np.concatenate([nothing, *(part for part, _ in parts)])
    times = np.concatenate([nothing, *(part for _, part in parts)])
    distinct, at = np.unique(packed, return_inverse=True)
    # exact: counts of pairs stay far below 2 ** 53
    return distinct, np.bincount(at, weights=times, minlength=len(distinct)).astype(np.int64)


def _number_of_tests(sizes: Integers, related: "csr_array | None") -> int:
    sold = np.flatnonzero(sizes)
    pairs = len(sold) * (len(sold) - 1) // 2
    return pairs if related is None else pairs - int(related[sold][:, sold].nnz) // 2
