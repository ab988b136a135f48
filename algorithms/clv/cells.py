"""Histories of purchases, counted: customers who look alike to a model are one cell.

A model of value sees three whole numbers of a customer: how many purchase days followed the
first, how many days after the first the last one fell, and for how many days the customer has
been known. A million customers share some hundred thousand such triples, and a few hundred
values of each number, so logarithms and gamma functions are taken once a value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Levels(NamedTuple):
    """The distinct values of a column, ascending, and which of them each row has."""

    values: Floats
    codes: Integers

    def of(self, function: Callable[[Floats], Floats]) -> Floats:
        """Return ``function`` of the column, computed once a distinct value."""
        return np.asarray(function(self.values))[self.codes]


@dataclass(frozen=True)
class Cells:
    """Distinct histories, ordered by their three numbers.

    Parameters
    ----------
    x
        Purchase days (or periods with a purchase) after the first, >= 0.
    last
        Days (periods) from the first to the last of them; 0 where ``x`` is 0.
    age
        Days (periods) from the first to the end of what is known, >= ``last``.
    weight
        How many customers have this history.
    unit
        How many days (periods) make one unit of a model's time.
    """

    x: Integers
    last: Integers
    age: Integers
    weight: Floats
    unit: float = 1.0

    def __len__(self) -> int:
        """Return the number of distinct histories."""
        return len(self.x)

    @property
    def n(self) -> float:
        """Return the number of customers."""
        return float(self.weight.sum())

    @cached_property
    def by_x(self) -> Levels:
        """Return the counts, distinct."""
        return _levels(self.x, 1.0)

    @cached_property
    def by_last(self) -> Levels:
        """Return the times of the last purchase in units, distinct."""
        return _levels(self.last, self.unit)

    @cached_property
    def by_age(self) -> Levels:
        """Return the ages in units, distinct."""
        return _levels(self.age, self.unit)

    def part(self, rows: slice | Integers) -> "Cells":
        """Return some of the histories."""
        return Cells(self.x[rows], self.last[rows], self.age[rows], self.weight[rows], self.unit)

    def mean(self, values: Floats | Integers) -> float:
        """Return the mean of a value over customers."""
        return float(values @ self.weight / self.n)

    def total(self, values: Floats) -> float:
        """Return the sum of a value over customers."""
        return float(values @ self.weight)


class Collapsed(NamedTuple):
    """The cells of some customers, and the cell of each customer."""

    cells: Cells
    code: Integers


def collapsed(x: Integers, last: Integers, *, age: Integers, unit: float = 1.0) -> Collapsed:
    """Count customers with equal histories once.

    Parameters
    ----------
    x, last, age
        As in `Cells`, one element a customer.
    unit
        As in `Cells`.
    """
    ages, lasts = int(age.max(initial=0)) + 1, int(last.max(initial=0)) + 1
    key = (x * lasts + last) * ages + age
    distinct, code, n = np.unique(key, return_inverse=True, return_counts=True)
    rest, its_age = np.divmod(distinct, ages)
    its_x, its_last = np.divmod(rest, lasts)
    cells = Cells(its_x, its_last, its_age, n.astype(np.float64), unit)
    return Collapsed(cells, code.astype(np.int64))


def _levels(values: Integers, unit: float) -> Levels:
    distinct, codes = np.unique(values, return_inverse=True)
    return Levels(distinct / unit, codes.astype(np.int64))
