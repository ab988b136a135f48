"""What is known of every customer at a cut, from purchases before it and from nothing else.

Training and scoring call the same function with another cut, so they cannot differ. Amounts
are shares of what the shop took a purchase day until then, so the currency does not matter.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

HORIZON_DAYS: Final = 30
WINDOWS_DAYS: Final = (30, 90, 180, 365)
YEAR: Final = 365
DIGITS: Final = 6
"""Kept of each feature: equal amounts stay equal in another currency unit, where the last bits
of a float differ and trees would see two values."""

NAMES: Final = (
    "recency",
    "tenure",
    "frequency",
    "is_one_time",
    "spend",
    "spend_a_day",
    "gap",
    "recency_over_gap",
    "irregularity",
    "orders_a_day",
    *(f"days_{window}d" for window in WINDOWS_DAYS),
    *(f"spend_{window}d" for window in WINDOWS_DAYS),
    "days_a_year_ago",
)


@dataclass(frozen=True)
class Purchases:
    """Days on which customers paid or got back money, ordered by customer and day.

    Parameters
    ----------
    customer
        Numbers from 0, in the order of their ids.
    day
        Days since 1970.
    orders
        Purchases of the day; 0 where there were only returns.
    amount
        Ten-thousandths, below zero where returns outweigh.
    """

    customer: Integers
    day: Integers
    orders: Integers
    amount: Integers

    def where(self, rows: Flags) -> "Purchases":
        """Return some of the rows."""
        return Purchases(self.customer[rows], self.day[rows], self.orders[rows], self.amount[rows])

    def visits(self) -> "Purchases":
        """Return the days with a purchase."""
        return self.where(self.orders > 0)

    def between(self, first: int, end: int) -> "Purchases":
        """Return the days from ``first`` on, before ``end``."""
        return self.where((first <= self.day) & (self.day < end))


@dataclass(frozen=True)
class Situation:
    """Customers at a cut.

    Parameters
    ----------
    cut
        The first day that is not known.
    customer
        The numbers of those who had bought before the cut, ascending.
    features
        A row a customer, a column for each of `NAMES`.
    recency
        Days from the last purchase to the cut, >= 1.
    """

    cut: int
    customer: Integers
    features: Floats
    recency: Integers


def situation(purchases: Purchases, cut: int) -> Situation:
    """Describe at ``cut`` everybody who had bought before it.

    Parameters
    ----------
    purchases
        All purchases; those from the cut on are not looked at.
    cut
        A day since 1970.
    """
    known = purchases.where(purchases.day < cut)
    visits = known.visits()
    customer, starts, n = np.unique(visits.customer, return_index=True, return_counts=True)
    known = known.where(np.isin(known.customer, customer))
    row = np.searchsorted(customer, known.customer)
    # of returns alone there is no scale, and whatever stands there is then zero
    scale = float(known.amount.sum()) / max(len(visits.day), 1)
    share = known.amount / (scale if scale > 0 else 10_000.0)
    first, last = visits.day[starts], visits.day[starts + n - 1]
    recency = cut - last
    gap, irregularity = _rhythm(visits, starts=starts, n=n)
    spend = np.bincount(row, share, minlength=len(customer))
    orders = np.bincount(row, known.orders, minlength=len(customer))
    columns = [
        np.log(recency),
        np.log(cut - first),
        np.log(n),
        n == 1,
        _signed_log(spend),
        _signed_log(spend / n),
        np.log1p(gap),
        np.where(n > 1, np.log(recency / np.maximum(gap, 1.0)), 0.0),
        irregularity,
        np.log(orders / n),
    ]
    for amounts in (known.orders > 0, share):
        columns += [
            _signed_log(_recent(row, amounts, ago=cut - known.day, days=window))
            for window in WINDOWS_DAYS
        ]
    ago = cut - known.day
    season = (known.orders > 0) & (ago > YEAR - HORIZON_DAYS) & (ago <= YEAR)
    columns.append(np.log1p(np.bincount(row, season, minlength=len(customer))))
    features = np.asarray(np.round(np.column_stack(columns), DIGITS), np.float64)
    return Situation(cut, customer, features, recency)


def outcomes(purchases: Purchases, at: Situation) -> Flags:
    """Tell of everybody in a situation whether they buy within the horizon from the cut on."""
    later = purchases.visits().between(at.cut, at.cut + HORIZON_DAYS)
    return np.asarray(np.isin(at.customer, later.customer))


def _rhythm(visits: Purchases, *, starts: Integers, n: Integers) -> tuple[Floats, Floats]:
    """Return the mean gap in days, and how uneven gaps are (their deviation over their mean).

    Both are 0 for who bought once; who bought twice has no unevenness.
    """
    gaps = np.diff(visits.day, prepend=visits.day[:1]).astype(np.float64)
    gaps[starts] = 0
    owner = np.repeat(np.arange(len(n)), n)
    several = np.maximum(n - 1, 1)
    mean = np.bincount(owner, gaps, minlength=len(n)) / several
    square = np.bincount(owner, gaps**2, minlength=len(n)) / several
    deviation = np.sqrt(np.maximum(square - mean**2, 0))
    return mean, deviation / np.maximum(mean, 1.0)


def _recent(row: Integers, amounts: npt.NDArray[np.generic], *, ago: Integers, days: int) -> Floats:
    """Add up by row what lies at most ``days`` back."""
    return np.asarray(np.bincount(row, np.where(ago <= days, amounts, 0)))


def _signed_log(values: npt.ArrayLike) -> Floats:
    """Return logarithms that keep the sign and pass through zero."""
    found = np.asarray(values, np.float64)
    return np.asarray(np.sign(found) * np.log1p(np.abs(found)))
