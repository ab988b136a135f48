"""How good the list of an earlier run was, now that it is known who was answered since."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from algorithms.contract import Inputs
from algorithms.influence.settings import InfluenceParameters
from algorithms.measures import Floats
from algorithms.rankings import ListGrade, grade_list
from algorithms.reply_arcs import Numbers, people_of


@dataclass(frozen=True, slots=True)
class LastList:
    """The grade of an earlier list, beside that of ranking by the number of repliers.

    ``days`` have passed since, at most as many as a list is graded for; ``n`` people were
    ranked or answered.
    """

    as_of: pd.Timestamp
    days: float
    n: int
    grade: ListGrade
    baseline: ListGrade

    def as_metrics(self) -> dict[str, object]:
        """Return the grade as the metrics of a run."""
        grades = {**asdict(self.grade)}
        naive = {f"in_degree_{name}": value for name, value in asdict(self.baseline).items()}
        said = {"as_of": self.as_of.isoformat(), "days": self.days, "n": self.n}
        return {**said, **grades, **naive}


def last_list(inputs: Inputs, params: InfluenceParameters) -> LastList | None:
    """Grade the list of the earlier run; None where there is none, or nobody was answered since.

    Whoever was answered since and stood on no list counts as missed.

    Parameters
    ----------
    inputs
        ``recalled``: the earlier list, and ``drawn``: how many people answered each since.
    params
        For how many days a list is graded.
    """
    recalled, drawn = inputs["recalled"], inputs["drawn"]
    if recalled.empty or drawn.empty:
        return None
    listed_at = recalled["influence_as_of"].max()
    everybody = people_of(recalled["customer_id"], drawn["target_id"])
    number = everybody.numbers(recalled["customer_id"])
    gain = np.zeros(everybody.n)
    gain[everybody.numbers(drawn["target_id"])] = drawn["n"].to_numpy(np.float64)
    scores = {c: _spread(recalled[c], number, n=everybody.n) for c in SCORES}
    days = (pd.Timestamp(params.as_of) - listed_at).total_seconds() / 86_400
    grades = [grade_list(score, gain) for score in scores.values()]
    return LastList(listed_at, min(days, params.grade_days), everybody.n, *grades)


SCORES = ("influence_score", "influence_repliers")


def _spread(values: "pd.Series[float]", number: Numbers, *, n: int) -> Floats:
    found = np.zeros(n)
    found[number] = values.to_numpy(np.float64)
    return found
