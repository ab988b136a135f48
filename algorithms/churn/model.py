"""Who falls silent, for whom a model of it speaks, and what that costs: the whole computation.

Two models of one family. The table says what goes with falling silent for good (an event that
takes the length of the silence to complete). The probabilities ask what a campaign asks: will
this customer buy within 30, 60, 90 days; they are fitted on the time to the next purchase.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn.calibration import Silence, grade, learned
from algorithms.churn.cohorts import (
    AT_ORIGIN,
    SQUARES,
    Cohort,
    falling_silent,
    prepared,
    returning,
)
from algorithms.churn.cox import Cox
from algorithms.churn.fitting import fit
from algorithms.churn.report import (
    curves_of,
    described,
    doubts_of,
    event_of,
    factors_of,
    fitted,
    model_of,
)
from algorithms.churn.settings import (
    HORIZONS,
    NEEDED_DAYS,
    BoughtOnceError,
    ChurnParameters,
    LoneCustomerError,
    NobodyToLeaveError,
    OneDayError,
    ShortPastError,
)
from algorithms.churn.subgroups import at_risk
from algorithms.churn.trial import rehearsed
from algorithms.contract import Inputs, Result

Floats = npt.NDArray[np.float64]


def compute(inputs: Inputs, params: ChurnParameters) -> Result:
    """Give every customer who has bought a probability of staying away, and a reason.

    Parameters
    ----------
    inputs
        ``customers``: one row a customer with a visit, ordered by ``customer_id``, as
        `algorithms.churn.landmarks.CUSTOMERS` makes it; money in ten-thousandths.
    params
        ``as_of``, the silence, levels.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``churn_probability_30d``, ``_60d``, ``_90d`` (of
    no purchase within so many days after ``as_of``, falling in that order),
    ``churn_alert_level`` (1 to 4), ``churn_expected_loss`` (ten-thousandths, >= 0) and
    ``churn_main_reason`` (a covariate, null where none speaks for silence). Metrics hold the
    table, curves, groups at risk, tests and grades.

    Raises
    ------
    NobodyToLeaveError, LoneCustomerError, OneDayError, BoughtOnceError, ShortPastError
        If nothing can be said.

    References
    ----------
    Cox, D. R. (1972). Regression models and life-tables.
    van Houwelingen, H. C. (2007). Dynamic prediction by landmarking in event history analysis.
    """
    _refuse(inputs["customers"], params)
    customers = prepared(inputs["customers"])
    first = customers.iloc[0]
    step, span = int(first["step"]), int(first["span"])
    references = {"card": params.card_reference} if params.card_reference else {}
    metrics, cox = _tabled(customers, params, references=references)
    cohorts = {
        cut: returning(customers, params, cut=cut, step=step) for cut in ("one", "two", "three")
    }
    graded = _graded(cohorts, references=references, step=step, span=span)
    published = learned(cohorts["two"], cohorts["one"], references=references, step=step)
    metrics |= {"probability": fitted(published, step=step), "grade": graded}
    cohorts.clear()  # of a million customers each is a fifth of a gigabyte
    now = returning(customers, params, cut="now", step=step)
    frame = _scores(customers, now, published=published, params=params)
    return Result(
        {"Customer": frame}, metrics, (*cox.notes, *doubts_of(cox, first=first, graded=graded))
    )


def _tabled(
    customers: pd.DataFrame, params: ChurnParameters, *, references: Mapping[str, str]
) -> tuple[dict[str, object], Cox]:
    """Return the table and what else is of falling silent; its cohort is needed for no more."""
    table = falling_silent(customers, params)
    cox = fit(table.frame, references=references, fixed=AT_ORIGIN, squares=SQUARES)
    found = at_risk(
        factors_of(table),
        duration=table.duration,
        event=table.event,
        smallest=params.subgroup_size,
    )
    metrics = {
        **event_of(customers, table, params=params),
        **model_of(cox),
        "curves": curves_of(table),
        "subgroups": described(found),
    }
    return metrics, cox


def _refuse(customers: pd.DataFrame, params: ChurnParameters) -> None:
    """Raise what makes it impossible to say anything."""
    if customers.empty:
        raise NobodyToLeaveError(as_of=params.as_of.isoformat())
    if len(customers) == 1:
        raise LoneCustomerError
    span = int(customers["span"].iloc[0])
    if span == int(customers["recency_now"].min()):
        raise OneDayError
    if int(customers["days_now"].max()) == 1:
        raise BoughtOnceError(customers=f"{len(customers):,}")
    if span < NEEDED_DAYS:
        raise ShortPastError(days=span, needed=NEEDED_DAYS)


def _graded(
    cohorts: Mapping[str, Cohort], *, references: Mapping[str, str], step: int, span: int
) -> dict[str, object] | None:
    """Make the same model one step earlier and grade it on the last; None: too short a past."""
    silence = rehearsed(cohorts, references=references, step=step, span=span)
    return grade(silence, cohorts["one"]) if silence else None


def _scores(
    customers: pd.DataFrame, now: Cohort, *, published: Silence, params: ChurnParameters
) -> pd.DataFrame:
    """Return what is written of each customer."""
    probabilities = published.probabilities(now)
    gone = probabilities[90]
    loss = np.rint(gone * np.maximum(value_of(customers), 0)).astype(np.int64)
    return pd.DataFrame(
        {
            "customer_id": customers["customer_id"].reset_index(drop=True),
            **{f"churn_probability_{h}d": probabilities[h] for h in HORIZONS},
            "churn_alert_level": 1 + np.searchsorted(params.levels, gone, side="right"),
            "churn_expected_loss": loss,
            "churn_main_reason": _reasons(published.model, now),
        }
    )


def value_of(customers: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return what a year of each customer is worth: as foretold, else what the last one brought."""
    foretold = customers["clv_expected_spend_365d"].to_numpy(np.float64, na_value=np.nan)
    past = customers["spend_365d"].to_numpy(np.float64)
    return np.where(np.isnan(foretold), past, foretold)


def _reasons(model: Cox, now: Cohort) -> npt.NDArray[np.object_]:
    """Return the covariate that lowers the chance of a purchase most, against all others."""
    names = [name.partition("=")[0] for name in model.columns]
    whole = [SQUARES.get(name, name) for name in names]
    causes = sorted(set(whole))
    found = np.full(len(now.at), None, dtype=object)
    if not causes:
        return found
    parts = model.parts(model.within(now.covariates))
    parts -= parts.mean(axis=0)
    by_cause = np.stack([parts[:, _places(whole, cause)].sum(axis=1) for cause in causes])
    worst = by_cause.argmin(axis=0)
    speaks = by_cause[worst, np.arange(len(worst))] < 0
    found[speaks] = np.array(causes, dtype=object)[worst[speaks]]
    return found


def _places(names: Sequence[str], wanted: str) -> list[int]:
    return [i for i, name in enumerate(names) if name == wanted]
