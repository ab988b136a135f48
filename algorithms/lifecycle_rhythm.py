"""A customer's rhythm, and the stage of life that each purchase and each silence makes.

All of it is arithmetic on whole milliseconds: a stage begins with the first one that is
beyond its limit, so that any two instants agree on when it was.
"""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationInfo, field_validator

from algorithms.lifecycle_words import LABELS
from algorithms.parameters import DatedParameters
from graph.language import Text

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

DAY: Final = 86_400_000
STAGES: Final = tuple(LABELS)
PROSPECT, NEW, ACTIVE, COOLING, SLEEPING, LOST, RETURNED = range(len(STAGES))
UNKNOWN: Final = np.iinfo(np.int64).min  # pandas reads it as no time


class LifecycleParameters(DatedParameters):
    """How long a silence makes which stage, in gaps; what a gap is where few are known."""

    # if purchases came at random, a silence of 1.5, 3 and 6 mean gaps would befall an active
    # customer with chances of 22 %, 5 % and 0.2 %
    active: Annotated[
        float, Text("Gaps of silence until cooling", "活跃期上限（个人购买间隔倍数）")
    ] = Field(1.5, gt=0, le=20)
    cooling: Annotated[
        float, Text("Gaps of silence until sleeping", "降温期上限（个人购买间隔倍数）")
    ] = Field(3.0, gt=0, le=50, validate_default=True)
    sleeping: Annotated[
        float, Text("Gaps of silence until lost", "沉睡期上限（个人购买间隔倍数）")
    ] = Field(6.0, gt=0, le=100, validate_default=True)
    company_weight: Annotated[
        float, Text("Own gaps that the company's gap counts for", "公司间隔相当于几个个人间隔")
    ] = Field(2.0, ge=0.1, le=100)
    # shops live by the week: nobody is lost within six of them
    minimum_days: Annotated[float, Text("Shortest rhythm, in days", "最短购买节奏（天）")] = Field(
        7.0, gt=0, le=365
    )
    default_days: Annotated[
        float,
        Text("The company's gap in days where nobody came back", "无人复购时的公司间隔（天）"),
    ] = Field(90.0, gt=0, le=3650)
    flow_days: Annotated[
        int, Text("Days between the two dates of the flows", "流转对比的间隔天数")
    ] = Field(30, ge=1, le=3650)

    @field_validator("cooling", "sleeping")
    @classmethod
    def _rises(cls, limit: float, info: ValidationInfo) -> float:
        below = info.data.get("cooling" if info.field_name == "sleeping" else "active", limit)
        if limit < below:
            problem = f"{limit} lies below {below}"
            raise ValueError(problem)
        return limit


@dataclass(frozen=True)
class Visits:
    """Days on which somebody bought: customers one after the other, each in order of time.

    ``owner`` is the place of the customer, ``times`` the first purchase of the day (epoch
    milliseconds), ``number`` counts a customer's visits from 1, ``span`` is the time since
    their first, ``gap`` that since the one before (0 for the first).
    """

    owner: Integers
    times: Integers
    number: Integers
    span: Integers
    gap: Integers

    @classmethod
    def of(cls, owner: Integers, times: Integers) -> "Visits":
        """Count and measure visits that are in order."""
        is_first = np.diff(owner, prepend=-1) != 0
        first = np.maximum.accumulate(np.where(is_first, np.arange(len(owner)), 0))
        gap = np.where(is_first, 0, np.diff(times, prepend=0))
        return cls(owner, times, 1 + np.arange(len(owner)) - first, times - times[first], gap)

    @property
    def is_last(self) -> Flags:
        """Tell which visit is a customer's last."""
        return np.asarray(np.diff(self.owner, append=-1) != 0)


@dataclass(frozen=True)
class Lives:
    """Visits with what each of them makes of its customer.

    ``rhythm`` is the customer's gap as it is known after a visit (milliseconds), ``stage``
    the one that begins or goes on with it, ``since`` the visit's time at which it began.
    """

    visits: Visits
    rhythm: Floats
    stage: Integers
    since: Integers


def company_gap(visits: Visits, *, params: LifecycleParameters) -> tuple[float, int]:
    """Return the company's usual gap (milliseconds) and how many customers it rests on.

    It is the median of the mean gaps of those who came back: one voice a customer, or the
    few who buy every day would speak for all.
    """
    came_back = visits.is_last & (visits.number > 1)
    if not came_back.any():
        return params.default_days * DAY, 0
    means = visits.span[came_back] / (visits.number[came_back] - 1)
    return float(np.median(means)), int(came_back.sum())


def lives_of(visits: Visits, *, gap: float, params: LifecycleParameters) -> Lives:
    """Return what each visit makes of its customer, from the visits until then alone."""
    weight = params.company_weight
    shrunk = (weight * gap + visits.span) / (weight + visits.number - 1)
    rhythm = np.maximum(shrunk, params.minimum_days * DAY)
    # the rhythm as it was known before the visit; of a first visit nothing is asked
    known = np.concatenate([[0.0], rhythm[:-1]])[: len(rhythm)]
    is_first = visits.number == 1
    is_back = ~is_first & (visits.gap > params.cooling * known)
    stage = np.select([is_first, is_back], [NEW, RETURNED], ACTIVE)
    was_active = np.concatenate([[False], stage[:-1] == ACTIVE])[: len(stage)]
    goes_on = (stage == ACTIVE) & was_active & (visits.gap <= params.active * known)
    began = np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(stage))))
    return Lives(visits, rhythm, stage.astype(np.int64), visits.times[began])


def stages_at(
    lives: Lives, now: int, *, n: int, params: LifecycleParameters
) -> tuple[Integers, Integers, Floats]:
    """Return stage, its beginning and the rhythm of ``n`` customers at an instant.

    Parameters
    ----------
    lives
        All their visits; those after ``now`` (epoch milliseconds) do not count.
    now, n
        The instant, and how many customers there are.

    Returns
    -------
    Places in ``STAGES``; epoch milliseconds (``UNKNOWN`` for prospects); milliseconds (not a
    number for prospects).
    """
    last = _last_visits(lives.visits, now, n=n)
    bought = np.flatnonzero(last >= 0)
    at, rhythm = lives.visits.times[last[bought]], lives.rhythm[last[bought]]
    limits = np.array([params.active, params.cooling, params.sleeping])
    # a stage begins with the first millisecond that is beyond its limit
    begins = at[:, None] + np.floor(rhythm[:, None] * limits).astype(np.int64) + 1
    passed = (begins <= now).sum(axis=1)
    quiet = begins[np.arange(len(bought)), np.maximum(passed - 1, 0)]
    stage, since = np.full(n, PROSPECT, np.int64), np.full(n, UNKNOWN, np.int64)
    stage[bought] = np.where(passed > 0, ACTIVE + passed, lives.stage[last[bought]])
    since[bought] = np.where(passed > 0, quiet, lives.since[last[bought]])
    gaps = np.full(n, np.nan)
    gaps[bought] = rhythm
    return stage, since, gaps


def _last_visits(visits: Visits, now: int, *, n: int) -> Integers:
    """Return the place of each customer's last visit up to ``now``, -1 without one."""
    total = np.bincount(visits.owner, minlength=n)
    until = np.bincount(visits.owner[visits.times <= now], minlength=n)
    return np.where(until > 0, np.cumsum(total) - total + until - 1, -1).astype(np.int64)
