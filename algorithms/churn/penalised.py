"""What a penalty can say of levels that have no hazard ratio of their own.

Where nobody of a level leaves, the likelihood rises without end and a plain fit prints whatever
its last step reached. A penalty that takes enormous ratios for unlikely gives an end to it, and
an interval that shows how little is known. It stands beside the table, never in it.
"""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from math import log
from typing import Final

import numpy as np
import pandas as pd

from algorithms.churn.cox import NORMAL_95, Cox, Penalised
from algorithms.churn.factors import Floats, is_at, is_factor

UNLIKELY: Final = 50.0
"""Before the data speak, 95 % of ratios are taken to lie between one over this and this: wider
than any finding about customers, narrow enough to end what separation drives to infinity."""


def with_penalised(frame: pd.DataFrame, model: Cox) -> Cox:
    """Return a model with penalised ratios of what it left out as not estimable.

    Parameters
    ----------
    frame
        What the model was fitted to, as `algorithms.churn.fitting.fit` takes it.
    model
        Whose ``lost`` levels and columns are wanted; its own coefficients stay as they are.

    References
    ----------
    Greenland, S. and Mansournia, M. A. (2015). Penalization, bias reduction, and default priors
    in logistic and related categorical and survival regressions. Statistics in Medicine 34.
    """
    lost = {gone.covariate: _column(frame, gone.covariate) for gone in model.lost}
    if not lost:
        return model
    rows = pd.DataFrame({**model.design.columns, **lost})
    rows = rows.loc[:, np.ptp(rows.to_numpy(np.float64), axis=0) > 0]
    names = [name for name in lost if name in rows]
    return replace(model, penalised=tuple(_estimates(frame, rows, names=names)))


def _column(frame: pd.DataFrame, covariate: str) -> Floats:
    """Return the level or number as a column, over all rows of the frame."""
    if covariate in frame and not is_factor(frame[covariate]):
        values = frame[covariate].astype(np.float64)
        return np.asarray(values.fillna(values.median()), np.float64)
    factor, _, level = covariate.partition("=")
    return is_at(frame[factor], level).astype(np.float64)


def _estimates(frame: pd.DataFrame, rows: pd.DataFrame, *, names: list[str]) -> Iterator[Penalised]:
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    outcome = frame[["duration", "event"]].astype(np.int64)
    fitter = CoxPHFitter(penalizer=_penalties(rows, names=names))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it separates is why it is penalised
        try:
            fitter.fit(rows.join(outcome), "duration", "event")
        except ConvergenceError:
            return
    for name in names:
        coef, error = float(fitter.params_[name]), float(fitter.standard_errors_[name])
        ends = np.exp([coef, coef - NORMAL_95 * error, coef + NORMAL_95 * error])
        yield Penalised(name, *map(float, ends))


def _penalties(rows: pd.DataFrame, *, names: list[str]) -> Floats:
    """Return lifelines' weights of the squares: none but for ``names``.

    It scales columns to one standard deviation and multiplies by the number of rows. The ratio
    meant is that between the two values of a column, or of one deviation where it has more.
    """
    variance = (log(UNLIKELY) / NORMAL_95) ** 2
    is_two_valued = rows.nunique().to_numpy() == 2
    scale = np.where(is_two_valued, rows.std().to_numpy() / np.ptp(rows.to_numpy(), axis=0), 1.0)
    weights = 1 / (len(rows) * variance * scale**2)
    return np.where(rows.columns.isin(names), weights, 0.0)
