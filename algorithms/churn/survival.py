"""Survival curves by group on whole days: Kaplan-Meier with bands, and the log-rank test.

Everything is counted by day first, so a million customers cost one pass and the rest works on
as many rows as there are days.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NORMAL_95 = 1.959963984540054


class Counted(NamedTuple):
    """By whole day from 0 on: how many are at risk just before, and how many meet the event."""

    at_risk: Integers
    events: Integers


class LogRank(NamedTuple):
    """Whether groups differ: chi-squared, its degrees of freedom and p."""

    statistic: float
    degrees: int
    p: float


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one value a day from 0 on.

    Parameters
    ----------
    survival, lower, upper
        Share without the event by the end of each day, with a 95 % band (log-log of
        Greenwood's variance; as wide as can be where nobody is left).
    at_risk
        Customers under observation just before each day.
    n, events
        In all.
    """

    survival: Floats
    lower: Floats
    upper: Floats
    at_risk: Integers
    n: int
    events: int

    @property
    def median(self) -> int | None:
        """Return the first day by whose end half have met the event; None: not reached."""
        reached = np.flatnonzero(self.survival <= 0.5)
        return int(reached[0]) if len(reached) else None


def counted(
    duration: npt.ArrayLike, event: npt.ArrayLike, *, entry: npt.ArrayLike | None = None
) -> Counted:
    """Count customers at risk and events by day.

    Parameters
    ----------
    duration
        Whole days, >= 0, of the event or of the last observation.
    event
        Whether the event came.
    entry
        The day after which each is under observation, for those who began earlier than the
        data; None: from the beginning.
    """
    days = np.asarray(duration, np.int64)
    size = int(days.max(initial=0)) + 1
    leaving = np.bincount(days, minlength=size)
    events = np.bincount(days[np.asarray(event, np.bool_)], minlength=size)
    entering = np.zeros(size, np.int64)
    if entry is None:
        entering[0] = len(days)
    else:
        # who enters on a day is at risk from the next
        late = np.minimum(np.asarray(entry, np.int64) + 1, size)
        entering = np.bincount(np.where(np.asarray(entry) <= 0, 0, late), minlength=size + 1)[:size]
    at_risk = np.cumsum(entering) - (np.cumsum(leaving) - leaving)
    return Counted(at_risk.astype(np.int64), events.astype(np.int64))


def cumulative_hazard(duration: npt.ArrayLike, event: npt.ArrayLike) -> Floats:
    """Return the Nelson-Aalen hazard by whole day from 0 on."""
    at_risk, events = counted(duration, event)
    return np.cumsum(events / np.maximum(at_risk, 1))


def kaplan_meier(
    duration: npt.ArrayLike, event: npt.ArrayLike, *, entry: npt.ArrayLike | None = None
) -> Curve:
    """Estimate the share without the event by day; arguments as in `counted`.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time Data.
    """
    at_risk, events = counted(duration, event, entry=entry)
    left = at_risk - events
    kept = np.where(at_risk > 0, left / np.maximum(at_risk, 1), 1.0)
    survival = np.asarray(np.cumprod(kept), np.float64)
    step = np.where(left > 0, events / np.maximum(at_risk * left, 1), 0.0)
    variance = np.asarray(np.cumsum(step), np.float64)
    lower, upper = _band(survival, variance)
    n = len(np.asarray(duration))
    return Curve(survival, lower, upper, at_risk, n, int(events.sum()))


def log_rank(duration: npt.ArrayLike, event: npt.ArrayLike, *, group: npt.ArrayLike) -> LogRank:
    """Test whether groups have one survival curve, all days weighing alike.

    ``group`` are codes from 0 on. With fewer than two groups there is nothing to test: p is 1.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics.
    """
    from scipy.stats import chi2

    days, flags = np.asarray(duration, np.int64), np.asarray(event, np.bool_)
    codes = np.asarray(group, np.int64)
    at_risk, events = _by_group(days, flags, codes=codes)
    total, met = at_risk.sum(axis=0), events.sum(axis=0)
    has = met > 0
    at_risk, total, met = at_risk[:, has], total[has], met[has]
    share = at_risk / total
    difference = (events.sum(axis=1) - share @ met)[:-1]
    weight = met * np.where(total > 1, (total - met) / np.maximum(total - 1, 1), 0.0)
    covariance = np.diag(share @ weight) - (share * weight) @ share.T
    degrees = len(difference)
    if not degrees or not len(met):
        return LogRank(0.0, degrees, 1.0)
    statistic = float(difference @ np.linalg.pinv(covariance[:-1, :-1]) @ difference)
    return LogRank(statistic, degrees, float(chi2.sf(statistic, degrees)))


def _band(survival: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return the 95 % band on the scale of log(-log S), which stays between 0 and 1."""
    lower, upper = survival.copy(), survival.copy()
    inside = (survival > 0) & (survival < 1)
    log_s = np.log(survival[inside])
    width = NORMAL_95 * np.sqrt(variance[inside]) / np.abs(log_s)
    lower[inside] = np.exp(log_s * np.exp(width))
    upper[inside] = np.exp(log_s * np.exp(-width))
    return lower, upper


def _by_group(
    days: Integers, flags: npt.NDArray[np.bool_], *, codes: Integers
) -> tuple[Integers, Integers]:
    """Return at risk and events: groups by days."""
    size = int(days.max(initial=0)) + 1
    shape = (int(codes.max(initial=-1)) + 1, size)
    cells = codes * size + days
    leaving = np.bincount(cells, minlength=shape[0] * size).reshape(shape)
    events = np.bincount(cells[flags], minlength=shape[0] * size).reshape(shape)
    # who leaves on a day is at risk until that day
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    return at_risk.astype(np.int64), events.astype(np.int64)
