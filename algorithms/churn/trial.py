"""What churn would have said one step earlier: of its own grade, and for others to hold against.

The model is made as the published one is, a landmark earlier, so that what customers did
since then can judge it. Another method that foretells purchases may be judged by the very
same customers and days.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn.calibration import Silence, learned
from algorithms.churn.cohorts import Cohort, prepared, returning
from algorithms.churn.settings import SHORTEST_STEP
from algorithms.parameters import DatedParameters

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trial:
    """Who would have been told which chance of staying away.

    Parameters
    ----------
    days_ago
        How many days before ``as_of`` the last day lies that was known.
    customer_id
        Those who had bought until then, ascending.
    stays_away
        The chance of no purchase in the thirty days after it.
    """

    days_ago: int
    customer_id: npt.NDArray[np.object_]
    stays_away: Floats


def rehearsed(
    cohorts: Mapping[str, Cohort], *, references: Mapping[str, str], step: int, span: int
) -> Silence | None:
    """Make the model one step earlier than the published one; None: the past is too short.

    Parameters
    ----------
    cohorts
        ``two`` and ``three``: those of the landmarks two and three steps back.
    references
        Levels of comparison by factor.
    step, span
        Days between landmarks, and of the whole past.
    """
    if span <= 3 * step:
        return None
    return learned(cohorts["three"], cohorts["two"], references=references, step=step)


def tried(customers: pd.DataFrame, params: DatedParameters) -> Trial | None:
    """Return what the model made one step earlier said of the thirty days after its landmark.

    Parameters
    ----------
    customers
        One row each, as `algorithms.churn.landmarks.TRIAL` makes them.
    params
        ``as_of`` dates the landmarks.

    Returns
    -------
    None where the past is too short, or nobody had bought by the landmark.
    """
    if customers.empty:
        return None
    step, span = int(customers["step"].iloc[0]), int(customers["span"].iloc[0])
    people = prepared(customers)
    cohorts = {
        cut: returning(people, params, cut=cut, step=step) for cut in ("one", "two", "three")
    }
    # a level of comparison changes the table, and no probability
    silence = rehearsed(cohorts, references={}, step=step, span=span)
    if silence is None or not len(cohorts["one"].at):
        return None
    chances = silence.probabilities(cohorts["one"])[SHORTEST_STEP]
    ids = people["customer_id"].astype(object).to_numpy()
    return Trial(step, ids[cohorts["one"].at], chances)
