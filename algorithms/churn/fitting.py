"""Fits Cox models on whole days: guards first, then lifelines, then the tests of what it assumes.

Durations are whole days because lifelines handles rows that share a time together: a million
rows take seconds, on times that are all distinct minutes. Ties follow Efron.
"""

import warnings
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn import notes
from algorithms.churn.cox import Cox
from algorithms.churn.design import Design, designed, refuse_immortal
from algorithms.churn.factors import Flags, Floats, Inestimable, spread
from algorithms.churn.penalised import with_penalised
from algorithms.churn.survival import cumulative_hazard
from graph.language import Text

if TYPE_CHECKING:
    from lifelines import CoxPHFitter

PENALTY: Final = 0.01
# of one standard deviation of a column: an effect that multiplies a hazard by 20,000 is no
# finding, and an error of 2 is not met where there are five events on either side
RUNAWAY: Final = 10.0
RUNAWAY_ERROR: Final = 2.0
MOST_TESTED: Final = 10_000
TEST: Final = Text("The test of proportional hazards", "比例风险检验")
MOST_COMPARED: Final = 20_000
SUSPECT: Final = 0.05


def fit(
    frame: pd.DataFrame,
    *,
    references: Mapping[str, str] | None = None,
    fixed: Collection[str] = (),
    squares: Mapping[str, str] | None = None,
    tested: bool = True,
) -> Cox:
    """Fit a Cox model to a frame, leaving out by name what cannot be estimated.

    Parameters
    ----------
    frame
        One row a customer: ``duration`` (whole days, > 0), ``event`` (boolean), and covariates:
        numbers, or texts for factors. Missing numbers become the median, missing levels a
        level of their own.
    references
        The level of comparison by factor; the most frequent where none is named.
    fixed
        Covariates known at the origin, which may run with the duration.
    squares
        Columns that are squares of others, by name: ``{"age_squared": "age"}``.
    tested
        Whether to test proportional hazards, on at most 10,000 rows, and to say what a penalty
        makes of that which cannot be estimated.

    Raises
    ------
    ImmortalCovariateError
        If a covariate that is not known to be fixed accumulates over the lifetime.

    References
    ----------
    Cox, D. R. (1972). Regression models and life-tables.
    Efron, B. (1977). The efficiency of Cox's likelihood function for censored data.
    Grambsch, P. M. and Therneau, T. M. (1994). Proportional hazards tests.
    """
    if not frame["event"].any():
        return _without_covariates(frame, _nothing_known(frame))
    refuse_immortal(frame, fixed=fixed)
    design = designed(frame, references=references or {}, squares=squares or {})
    model = _fitted(frame, design)
    if tested and model.columns:
        model = with_penalised(frame, _checked(frame, model))
    # of a million customers its rows are a tenth of a gigabyte, and a model outlives its fit
    return replace(model, design=model.design.without_rows)


def concordance(duration: npt.ArrayLike, event: npt.ArrayLike, *, risk: npt.ArrayLike) -> float:
    """Return Harrell's C: how often the greater risk meets its event first.

    At most 20,000 rows, spread evenly over those given, are compared. NaN where no two rows
    can be compared.
    """
    from lifelines.utils import concordance_index

    duration, event, risk = np.asarray(duration), np.asarray(event), np.asarray(risk)
    rows = spread(len(duration), most=MOST_COMPARED)
    try:
        return float(concordance_index(duration[rows], -risk[rows], event[rows]))
    except ZeroDivisionError:
        return float("nan")


def _fitted(frame: pd.DataFrame, design: Design) -> Cox:
    """Fit; a coefficient that runs off is left out, and the rest fitted again."""
    rows = _rows(frame, design)
    if design.columns.empty:
        return _without_covariates(rows, design)
    fitter, penalty = _maximised(rows)
    runaway = None if penalty else _runaway(fitter, rows, design=design)
    if runaway is not None:
        return _fitted(frame, _without(design, runaway, rows=rows))
    said = (*design.notes, *([notes.penalised(penalty)] if penalty else []))
    ratio = float(fitter.log_likelihood_ratio_test().test_statistic)
    return Cox(
        design=design,
        coefficients=fitter.params_.to_numpy(np.float64),
        covariance=fitter.variance_matrix_.to_numpy(np.float64),
        means=rows[list(design.columns.columns)].mean().to_numpy(np.float64),
        baseline=_by_day(fitter.baseline_cumulative_hazard_),
        log_likelihood=float(fitter.log_likelihood_),
        log_likelihood_null=float(fitter.log_likelihood_ - ratio / 2),
        counts=_counts(design, rows),
        n=len(rows),
        events=int(rows["event"].sum()),
        notes=said,
    )


def _rows(
    frame: pd.DataFrame, design: Design, *, places: npt.NDArray[np.int64] | None = None
) -> pd.DataFrame:
    """Return what lifelines gets: the columns of the design with the outcome.

    Of the rows at ``places``; None: of all that are kept.
    """
    chosen = np.flatnonzero(design.is_kept) if places is None else places
    outcome = frame[["duration", "event"]].iloc[chosen].astype(np.int64)
    return pd.concat([design.columns.iloc[chosen], outcome], axis=1).reset_index(drop=True)


def _maximised(rows: pd.DataFrame) -> tuple["CoxPHFitter", float]:
    """Maximise the partial likelihood, with a small penalty where it does not converge."""
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they say we have checked, and say ourselves
        for penalty in (0.0, PENALTY):
            fitter = CoxPHFitter(penalizer=penalty)
            try:
                return fitter.fit(rows, "duration", "event"), penalty
            except ConvergenceError:
                continue
    raise ConvergenceError


def _runaway(fitter: "CoxPHFitter", rows: pd.DataFrame, *, design: Design) -> str | None:
    """Return the column whose coefficient is farthest off for its spread; None if none is."""
    names = [str(name) for name in design.columns.columns]
    spread_ = rows[names].std().to_numpy()
    reach = np.abs(fitter.params_.to_numpy()) * spread_
    errors = fitter.standard_errors_.to_numpy() * spread_
    far = np.maximum(reach / RUNAWAY, errors / RUNAWAY_ERROR)
    worst = int(np.argmax(far))
    return names[worst] if far[worst] > 1 else None


def _without(design: Design, column: str, *, rows: pd.DataFrame) -> Design:
    values = rows[column].to_numpy()
    is_high = values == values.max() if len(np.unique(values)) == 2 else np.ones(len(rows), bool)
    gone = Inestimable(column, int(is_high.sum()), int(rows.loc[is_high, "event"].sum()))
    return replace(
        design,
        columns=design.columns.drop(columns=column),
        inestimable=(*design.inestimable, gone),
        notes=(*design.notes, notes.diverged(column)),
    )


def _nothing_known(frame: pd.DataFrame) -> Design:
    """Return the design of a frame in which no event tells anybody apart."""
    none = pd.DataFrame(index=frame.index)
    return Design(none, np.ones(len(frame), np.bool_), notes=(notes.no_events(len(frame)),))


def _without_covariates(rows: pd.DataFrame, design: Design) -> Cox:
    """Return the model in which all customers are alike: the Nelson-Aalen hazard."""
    none = np.zeros(0)
    return Cox(
        design=design,
        coefficients=none,
        covariance=np.zeros((0, 0)),
        means=none,
        baseline=cumulative_hazard(rows["duration"], rows["event"].astype(bool)),
        log_likelihood=0.0,
        log_likelihood_null=0.0,
        counts={},
        n=len(rows),
        events=int(rows["event"].sum()),
        notes=design.notes,
    )


def _by_day(hazard: pd.DataFrame) -> Floats:
    """Return the cumulative hazard for every whole day from 0 to the last."""
    days = np.arange(int(hazard.index.max()) + 1)
    place = np.searchsorted(hazard.index.to_numpy(), days, side="right") - 1
    values = hazard.iloc[:, 0].to_numpy(np.float64)
    return np.where(place >= 0, values[np.maximum(place, 0)], 0.0)


def _counts(design: Design, rows: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return customers and events of each level; of a measured column, all."""
    event = rows["event"].to_numpy(np.bool_)
    counts = {}
    for name in map(str, design.columns):
        is_in = _members(name, rows, design=design)
        counts[name] = (int(is_in.sum()), int(event[is_in].sum()))
    return counts


def _members(name: str, rows: pd.DataFrame, *, design: Design) -> Flags:
    if name.partition("=")[0] in design.references:
        return rows[name].to_numpy() > 0
    return np.ones(len(rows), np.bool_)


def _checked(frame: pd.DataFrame, model: Cox) -> Cox:
    """Return the model with the tests of proportional hazards, by scaled residuals and rank."""
    from lifelines.statistics import proportional_hazard_test

    every = np.flatnonzero(model.design.is_kept)
    rows = _rows(frame, model.design, places=every[spread(len(every), most=MOST_TESTED)])
    # a rare level may have no member in a sample
    rows = rows.loc[:, np.ptp(rows.to_numpy(np.float64), axis=0) > 0]
    if "event" not in rows or "duration" not in rows:
        return model
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitter, _ = _maximised(rows)
        tests = proportional_hazard_test(fitter, rows, time_transform="rank")
    found = zip(tests.name, tests.test_statistic, tests.p_value, strict=True)
    ph = {str(name): (float(statistic), float(p)) for (name, statistic, p) in _plain(found)}
    said = [notes.not_proportional(name, p=p) for name, (_, p) in ph.items() if p < SUSPECT]
    said += notes.sampled(TEST, rows=len(rows), of=len(every))
    return replace(model, ph=ph, tested=len(rows), notes=(*model.notes, *said))


def _plain(found: "zip[tuple[object, float, float]]") -> list[tuple[str, float, float]]:
    """Return names as texts: lifelines gives each in a tuple of its own."""
    return [
        (str(name[0]) if isinstance(name, tuple | list) else str(name), statistic, p)
        for name, statistic, p in found
    ]
