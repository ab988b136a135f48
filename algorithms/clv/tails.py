"""What having left earlier speaks for: sums over every moment at which it may have happened.

Both Pareto/NBD and BG/BB say: the customer is alive, or left somewhere between the last
purchase and the end. Published formulas write the second part as a difference of two
hypergeometric functions or as a sum for each customer. Summed from the right, once for each
count of purchases, the part of any customer is the difference of two entries, and so are its
derivatives. What the later entry takes away is never more than what being alive gives, so
the difference loses no digits that count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from algorithms.clv.cells import Cells, Floats, Integers

ENTRIES = 500_000
"""Counts times moments that are worked on at once; about fifty megabytes."""


@dataclass(frozen=True)
class Tails:
    """Sums from each moment to the last, for each count; scaled by the first summand.

    Parameters
    ----------
    log_scale
        Logarithm of the scale by count and moment, falling from left to right.
    sums
        By quantity, count and moment. The first quantity is the chance itself.
    """

    log_scale: Floats
    sums: Floats

    def between(self, rows: Integers, *, since: Integers, until: Integers) -> "Between":
        """Return the sums from one moment up to another, for pairs of count and moments."""
        return Between(
            self.log_scale[rows, since],
            self.log_scale[rows, until],
            self.sums[:, rows, since],
            self.sums[:, rows, until],
        )


@dataclass(frozen=True)
class Between:
    """Differences of two entries; see `Tails`."""

    log_since: Floats
    log_until: Floats
    since: Floats
    until: Floats

    def beside(self, alive: Floats) -> tuple[Floats, Floats, Floats]:
        """Compare with the logarithm of what being alive speaks for.

        Returns
        -------
        The logarithm of both together; the share of being alive; and the sums of all
        quantities as shares of both.
        """
        scale = np.maximum(alive, self.log_since)
        gone = np.exp(self.log_since - scale) * self.since
        gone -= np.exp(self.log_until - scale) * self.until
        lives = np.exp(alive - scale)
        both = lives + np.maximum(gone[0], 0)
        return scale + np.log(both), lives / both, gone / both


def tails(log_scale: Floats, parts: Floats) -> Tails:
    """Sum from the right.

    Parameters
    ----------
    log_scale
        By count and moment, one moment more than ``parts`` has; must not rise.
    parts
        What each moment adds, over its scale: by quantity, count and moment.
    """
    ratio = np.ascontiguousarray(np.exp(np.diff(log_scale, axis=1)).T)
    # moments first, so that each step works on neighbours in memory
    sums = np.zeros((log_scale.shape[1], *parts.shape[:2]))
    sums[:-1] = np.moveaxis(parts, 2, 0)
    for moment in range(len(ratio) - 1, -1, -1):
        sums[moment] += sums[moment + 1] * ratio[moment]
    return Tails(log_scale, np.moveaxis(sums, 0, 2))


def by_count(cells: Cells, moments: int) -> Iterator[slice]:
    """Cut cells, which are ordered by count, so that few counts are worked on at once."""
    counts = np.unique(cells.x)
    step = max(1, ENTRIES // moments)
    edges = np.searchsorted(cells.x, [*counts[::step], counts[-1] + 1])
    for first, end in pairwise(edges):
        yield slice(int(first), int(end))
