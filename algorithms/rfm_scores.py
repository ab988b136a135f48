"""Scores of 1 to 5 by quantile, by rank or by fixed edges; equal values have equal scores.

Over a third of a shop's customers have one order. Ranking them by row order would give the
same frequency two scores, so none of the three ways looks at anything but the value. Edges
are whole numbers: a rounded edge would move those who lie on it.
"""

from decimal import Decimal
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Scoring = Literal["quantile", "rank", "fixed"]

FIFTHS: Final = 5


class Edges(NamedTuple):
    """Four edges in fifths of a unit: whole numbers, therefore exact."""

    in_fifths: Integers

    def scores(self, values: Integers) -> Integers:
        """Return 1 to 5 for each value: one more than the number of edges below it."""
        fifths, scores = values * FIFTHS, np.ones(len(values), np.int64)
        for edge in self.in_fifths:
            scores += fifths > edge
        return scores

    def in_units(self, unit: int) -> list[float]:
        """Return the edges as people read them, ``unit`` values making one."""
        return [int(edge) / FIFTHS / unit for edge in self.in_fifths]


def edges_of(values: Integers) -> Edges:
    """Return the four quintile edges of ``values``; none where there are no values.

    Quantiles are of type 7: linear between order statistics.

    References
    ----------
    Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages.
    """
    if not len(values):
        return Edges(np.zeros(0, np.int64))
    ordered = np.sort(values)
    # the edge k/5 lies (n - 1) k / 5 steps from the smallest: whole steps, and fifths of one
    whole, fifths = np.divmod((len(values) - 1) * np.arange(1, FIFTHS), FIFTHS)
    step = ordered[np.minimum(whole + 1, len(values) - 1)] - ordered[whole]
    return Edges(FIFTHS * ordered[whole] + fifths * step)


def fixed_edges(text: str, *, unit: int) -> Edges:
    """Read four rising numbers that somebody set.

    Parameters
    ----------
    text
        The numbers, with commas between them.
    unit
        How many whole values make one of the numbers: milliseconds a day.

    Raises
    ------
    ValueError
        If there are not four numbers, or they do not rise.

    >>> fixed_edges("1, 2, 3.5, 10", unit=1).in_units(1)
    [1.0, 2.0, 3.5, 10.0]
    """
    try:
        numbers = [Decimal(part.strip()) for part in text.split(",")]
    except ArithmeticError:
        numbers = []
    is_four = len(numbers) == FIFTHS - 1 and all(n.is_finite() for n in numbers)
    if not is_four or any(low >= high for low, high in pairwise(numbers)):
        problem = f"four rising numbers are needed, not {text!r}"
        raise ValueError(problem)
    return Edges(np.array([round(n * unit * FIFTHS) for n in numbers], np.int64))


def rank_scores(values: Integers) -> Integers:
    """Return 1 to 5 by the fifth of all values in which the middle of its equals lies.

    Turning the order around turns the scores around, unless a middle lies on a border.

    >>> rank_scores(np.array([1, 1, 1, 7, 9])).tolist()
    [2, 2, 2, 4, 5]
    """
    _, place, equal = np.unique(values, return_inverse=True, return_counts=True)
    # twice the number below, and the equals once: twice the rank of the middle
    middle = 2 * (np.cumsum(equal) - equal) + equal
    return np.asarray(1 + FIFTHS * middle[place] // (2 * len(values)), np.int64)
