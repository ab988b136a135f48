"""The chances that churn foretells against those of the classifiers, on one cut of both.

Whether a customer stays away and whether they buy is one question. Churn's model, made one
step earlier, speaks at a cut that the classifiers have spoken at too; the same customers, and
the same thirty days after it, judge all of them, and the better one is published.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn.trial import Trial
from algorithms.repurchase.features import Floats
from algorithms.repurchase.grading import Comparison, Grade, History, graded
from algorithms.repurchase.learning import Name
from graph.language import Text

Ids = npt.NDArray[np.object_]

CHURN: Final = "churn"
"""The contender that is one less churn's probability of staying away."""


@dataclass(frozen=True)
class Contest:
    """All contenders on one cut.

    Parameters
    ----------
    grades
        By name, the classifiers and `CHURN`.
    classifier
        The classifier that is best over all cuts: the one that `CHURN` has to beat.
    """

    grades: Mapping[str, Grade]
    classifier: Name

    @property
    def winner(self) -> str:
        """Return who has the lower Brier score; the classifier wins a tie."""
        own, other = (self.grades[name].brier for name in (self.classifier, CHURN))
        return CHURN if other < own else self.classifier

    @property
    def spoken(self) -> Grade:
        """Return the grade of the winner."""
        return self.grades[self.winner]


@dataclass(frozen=True)
class Silent:
    """Why churn took no part."""

    why: Text


NO_CHURN: Final = Silent(
    Text(
        "Churn said nothing of these customers: the classifier speaks alone.",
        "流失模型未对这些客户给出结果：仅由分类器给出概率。",
    )
)
NO_TRIAL: Final = Silent(
    Text(
        "The history is too short to try churn one step earlier: the classifier speaks alone.",
        "历史太短，无法让流失模型提前一步试算：仅由分类器给出概率。",
    )
)
NO_CUT: Final = Silent(
    Text(
        "Churn was tried at no cut of the classifiers: the classifier speaks alone.",
        "流失模型的试算时点不在分类器的切分点之中：仅由分类器给出概率。",
    )
)


def contested(
    history: History, comparison: Comparison, *, trial: Trial | None, ids: Ids, now: int
) -> Contest | Silent:
    """Grade churn's complement beside the classifiers, on the cut and the customers of both.

    Parameters
    ----------
    history, comparison
        The purchases, and how the classifiers did at all cuts.
    trial
        What churn would have said; None: nothing.
    ids
        Of the customers by their numbers.
    now
        The day after the last that is known.
    """
    if trial is None:
        return NO_TRIAL
    cut = now - trial.days_ago
    if cut not in comparison.cuts:
        return NO_CUT
    examples = history.examples(cut)
    place = pd.Index(trial.customer_id).get_indexer(pd.Index(ids[examples.at.customer]))
    both = place >= 0
    if not both.any():
        return NO_CUT
    judged = examples.where(both)
    grades = {
        str(name): graded(judged, comparison.told(name, cut)[both]) for name in comparison.grades
    }
    grades[CHURN] = graded(judged, 1 - trial.stays_away[place[both]])
    return Contest(grades, comparison.best)


def complements(leaving: pd.DataFrame, ids: Ids) -> Floats:
    """Return one less churn's probability of thirty days for each id; NaN where it said nothing.

    Parameters
    ----------
    leaving
        ``customer_id`` and ``churn_probability_30d``, one row a customer.
    ids
        Whose chances are asked for.
    """
    known = leaving.dropna(subset=["churn_probability_30d"])
    place = pd.Index(known["customer_id"].astype(object)).get_indexer(pd.Index(ids))
    found = np.full(len(ids), np.nan)
    stays = known["churn_probability_30d"].to_numpy(np.float64)
    found[place >= 0] = 1 - stays[place[place >= 0]]
    return found


def recorded(contest: Contest | Silent) -> dict[str, object] | None:
    """Return the contest as JSON: the winner, and each contender's grade; None: there was none."""
    if isinstance(contest, Silent):
        return None
    grades = {name: grade.row for name, grade in contest.grades.items()}
    return {"winner": contest.winner, "grades": grades}


def said_of(contest: Contest | Silent, *, unknown: int) -> list[Text]:
    """Say who speaks and why; ``unknown`` customers are those of whom churn said nothing."""
    if isinstance(contest, Silent):
        return [contest.why]
    own, other = (contest.grades[name] for name in (contest.classifier, CHURN))
    scores = f"{other.brier:.4f}", f"{own.brier:.4f}"
    if contest.winner != CHURN:
        return [
            Text(
                f"The classifier speaks: on {own.n:,} customers of one cut its Brier score was "
                f"{scores[1]}, that of one less churn's probability {scores[0]}.",
                f"由分类器给出概率：在同一切分点的 {own.n:,} 名客户上，其 Brier 分为 {scores[1]}，"
                f"1 减流失概率为 {scores[0]}。",
            )
        ]
    told = Text(
        f"Churn speaks: on {own.n:,} customers of one cut one less its probability had a Brier "
        f"score of {scores[0]}, the classifier of {scores[1]}.",
        f"由流失模型给出概率：在同一切分点的 {own.n:,} 名客户上，1 减流失概率的 Brier 分为 "
        f"{scores[0]}，分类器为 {scores[1]}。",
    )
    rest = Text(
        f"Of {unknown:,} customers churn said nothing: theirs are the classifier's.",
        f"流失模型未对 {unknown:,} 名客户给出结果：其概率来自分类器。",
    )
    return [told, rest] if unknown else [told]
