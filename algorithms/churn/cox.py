"""A fitted Cox model: the table that a marketer reads, and what follows from it.

Intervals stand beside every ratio, levels that cannot be estimated stand in the table without
one, and a parabola has its turning point with an interval. Nothing here knows of orders:
`algorithms.churn.fitting` makes a model of any frame of durations, events and covariates.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from algorithms.churn.design import Design
from algorithms.churn.factors import UNKNOWN, Flags, Floats, Inestimable, is_at
from graph.language import Text

COLUMNS: Final = (
    "covariate", "coef", "exp_coef", "se", "z", "p", "lower", "upper", "n", "events",
)  # fmt: skip
NORMAL_95: Final = 1.959963984540054


@dataclass(frozen=True)
class TurningPoint:
    """Where a parabola turns, with its interval, and whether that is its lowest point."""

    covariate: str
    at: float
    lower: float
    upper: float
    is_minimum: bool


@dataclass(frozen=True)
class Penalised:
    """The hazard ratio of what is not estimable under a penalty, with its 95 % interval."""

    covariate: str
    ratio: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Cox:
    """A fitted model.

    Parameters
    ----------
    design
        What was fitted, and what could not be.
    coefficients, covariance
        By the design's columns; the covariance from the observed information.
    means
        Of the columns; the baseline is the hazard of a customer of these.
    baseline
        Cumulative hazard by whole day from 0 on.
    log_likelihood, log_likelihood_null
        Partial, with Efron's ties; of the model and without covariates.
    counts
        Customers and events by column: those of the level, or all.
    n, events
        Rows that were fitted.
    ph, tested
        Statistic and p of the test of proportional hazards by column, and on how many rows.
    penalised
        What a penalty says of that which cannot be estimated.
    notes
        What a reader has to know.
    """

    design: Design
    coefficients: Floats
    covariance: Floats
    means: Floats
    baseline: Floats
    log_likelihood: float
    log_likelihood_null: float
    counts: Mapping[str, tuple[int, int]]
    n: int
    events: int
    ph: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    tested: int = 0
    penalised: tuple[Penalised, ...] = ()
    notes: tuple[Text, ...] = ()

    @cached_property
    def columns(self) -> list[str]:
        """Return the names of the coefficients, in order."""
        return [str(name) for name in self.design.columns.columns]

    @cached_property
    def table(self) -> pd.DataFrame:
        """Return one row a coefficient, then one a level that cannot be estimated.

        ``covariate``, ``coef``, ``exp_coef`` (hazard ratio), ``se``, ``z``, ``p`` (two-sided),
        ``lower`` and ``upper`` (95 % interval of the ratio), ``n``, ``events``. Of what cannot be
        estimated all but the counts is NaN.
        """
        errors = np.sqrt(np.diag(self.covariance))
        known = [
            table_row(name, coef=coef, se=se, counts=self.counts[name])
            for name, coef, se in zip(self.columns, self.coefficients, errors, strict=True)
        ]
        lost = [{"covariate": i.covariate, "n": i.n, "events": i.events} for i in self.lost]
        return pd.DataFrame([*known, *lost], columns=list(COLUMNS))

    @property
    def rows(self) -> list[dict[str, object]]:
        """Return the table as rows, None where there is no number: JSON has no other word."""
        table = self.table.astype(object)
        plain = table.where(table.notna(), None).to_dict("records")
        return [{str(name): value for name, value in row.items()} for row in plain]

    @property
    def lost(self) -> tuple[Inestimable, ...]:
        """Return what cannot be estimated."""
        return self.design.inestimable

    @property
    def likelihood_ratio(self) -> float:
        """Return twice the gain in log-likelihood over no covariates."""
        return 2 * (self.log_likelihood - self.log_likelihood_null)

    def log_ratio(self, frame: pd.DataFrame) -> Floats:
        """Return the log hazard ratio of each row of ``frame`` to the average customer."""
        return np.asarray(self.parts(frame).sum(axis=1), np.float64)

    def parts(self, frame: pd.DataFrame) -> Floats:
        """Return what each column adds to the log hazard ratio: rows by columns.

        A level that was not fitted adds nothing: it counts as the average of its factor.
        """
        parts = np.zeros((len(frame), len(self.columns)))
        for i, name in enumerate(self.columns):
            parts[:, i] = self.coefficients[i] * (self._values(frame, name) - self.means[i])
        return parts

    def within(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return rows whose numbers go no further than the model has seen them go.

        In a young company all customers grow older than any that a model could learn from.
        """
        seen = {
            name: frame[name].clip(*ends)
            for name, ends in self.design.ranges.items()
            if name in self.columns
        }
        found = frame.copy(deep=False)
        for name, values in seen.items():
            found[name] = values
        return found

    def survival(self, frame: pd.DataFrame, *, days: int) -> Floats:
        """Return the probability that a row's event has not come after ``days`` whole days."""
        return self.survival_by(frame, days=(days,))[days]

    def survival_by(self, frame: pd.DataFrame, *, days: Iterable[int]) -> dict[int, Floats]:
        """Return the probabilities that a row's event has not come, by whole days."""
        ratio = np.exp(self.log_ratio(frame))
        last = len(self.baseline) - 1
        return {day: np.exp(-self.baseline[min(day, last)] * ratio) for day in days}

    def turning_point(self, covariate: str, *, square: str) -> TurningPoint | None:
        """Return where ``b1 x + b2 x^2`` turns, with its 95 % interval by the delta method.

        None where one of the two was not fitted.
        """
        if not {covariate, square} <= {*self.columns}:
            return None
        places = [self.columns.index(covariate), self.columns.index(square)]
        first, second = self.coefficients[places]
        at = -first / (2 * second)
        slope = np.array([-1 / (2 * second), first / (2 * second**2)])
        error = float(np.sqrt(slope @ self.covariance[np.ix_(places, places)] @ slope))
        ends = (float(at - NORMAL_95 * error), float(at + NORMAL_95 * error))
        return TurningPoint(covariate, float(at), *ends, is_minimum=bool(second > 0))

    def _values(self, frame: pd.DataFrame, column: str) -> Floats:
        """Return one column of the design for other rows."""
        if column in self.design.fills:
            values = frame[column].astype(np.float64).fillna(self.design.fills[column])
            return np.asarray(values, np.float64)
        factor, _, level = column.partition("=")
        mean = self.means[self.columns.index(column)]
        pool = self.design.pooled.get(factor, ())
        is_level = is_at(frame[factor], level, pool=pool)
        is_known = self._is_fitted(frame[factor], factor)
        return np.where(is_known, is_level.astype(np.float64), mean)

    def _is_fitted(self, column: "pd.Series[str]", factor: str) -> Flags:
        """Tell which rows have a level of a factor that took part in the fit."""
        own = [name.partition("=")[2] for name in self.columns if name.startswith(f"{factor}=")]
        levels = [self.design.references[factor], *own, *self.design.pooled.get(factor, ())]
        found = column.isin(levels).to_numpy(np.bool_)
        return found | column.isna().to_numpy(np.bool_) if UNKNOWN in levels else found


def table_row(
    covariate: str, *, coef: float, se: float, counts: tuple[int, int]
) -> dict[str, object]:
    """Return one row of the table from an estimate and its standard error.

    >>> row = table_row("sex=male", coef=0.078, se=0.045, counts=(100, 50))
    >>> round(row["exp_coef"], 3), round(row["z"], 2)
    (1.081, 1.73)
    """
    from scipy.special import ndtr

    z = coef / se
    ends = np.exp([coef - NORMAL_95 * se, coef + NORMAL_95 * se])
    numbers = map(float, (coef, np.exp(coef), se, z, 2 * ndtr(-abs(z)), *ends))
    return dict(zip(COLUMNS, (covariate, *numbers, *counts), strict=True))
