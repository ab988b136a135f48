"""How good forecasts were, given what happened: probabilities, and amounts.

Every figure comes with what it is compared with. Accuracy alone says nothing where one
answer is common: where 7 % buy, "nobody buys" is right in 93 %.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DECILES: Final = 10
TOP: Final = 0.1


@dataclass(frozen=True, slots=True)
class Bin:
    """One tenth of the customers, by their probability: how many, foretold, happened."""

    n: int
    mean: float
    rate: float


@dataclass(frozen=True, slots=True)
class ProbabilityGrade:
    """How good probabilities were.

    Parameters
    ----------
    n, n_events
        Customers, and to how many of them it happened.
    rate, mean
        Share of those, and mean probability.
    auc
        Chance that of a customer to whom it happened and one to whom not the first has the
        higher probability, ties counting half; None where all had the same outcome.
    recency_auc
        The same of the days since the last order alone.
    brier, base_brier, skill
        Mean squared error; that of giving everybody the rate; 1 - brier / base_brier.
    accuracy, always_no
        Share of right answers at one half, and of answering no to everybody.
    lift
        How many times as often it happened among the tenth with the highest probability.
    calibration
        By tenths, ascending by probability.
    calibration_error
        Mean distance between foretold and happened over the tenths, 0 to 1.
    """

    n: int
    n_events: int
    rate: float
    mean: float
    auc: float | None
    recency_auc: float | None
    brier: float
    base_brier: float
    skill: float | None
    accuracy: float
    always_no: float
    lift: float | None
    calibration: tuple[Bin, ...]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class AmountGrade:
    """How good amounts were.

    Parameters
    ----------
    n
        Customers.
    mean, actual
        Mean amount foretold, and that came.
    error, naive_error, mean_error
        Mean absolute error; of going on as before; of giving everybody the mean so far.
    correlation, naive_correlation
        Pearson's, with what came; None where either does not vary.
    """

    n: int
    mean: float
    actual: float
    error: float
    naive_error: float
    mean_error: float
    correlation: float | None
    naive_correlation: float | None


def grade_probabilities(
    probability: Floats, happened: Floats, *, recency: Floats
) -> ProbabilityGrade:
    """Hold probabilities against what happened.

    Parameters
    ----------
    probability, happened
        One value a customer: 0 to 1, and 0 or 1.
    recency
        Days since the last order, signed so that a higher value makes the outcome likelier.
    """
    n, n_events, rate = len(happened), int(happened.sum()), float(happened.mean())
    brier, base = float(np.mean((probability - happened) ** 2)), rate * (1 - rate)
    bins = calibration(probability, happened)
    order = np.argsort(-probability, kind="stable")[: max(1, round(n * TOP))]
    return ProbabilityGrade(
        n=n,
        n_events=n_events,
        rate=rate,
        mean=float(probability.mean()),
        auc=area(probability, happened),
        recency_auc=area(recency, happened),
        brier=brier,
        base_brier=base,
        skill=1 - brier / base if base else None,
        accuracy=float(np.mean((probability >= 0.5) == (happened > 0))),
        always_no=1 - rate,
        lift=float(happened[order].mean()) / rate if rate else None,
        calibration=bins,
        calibration_error=sum(b.n * abs(b.mean - b.rate) for b in bins) / n,
    )


def grade_amounts(amount: Floats, came: Floats, *, naive: Floats) -> AmountGrade:
    """Hold amounts against what came.

    Parameters
    ----------
    amount, came
        One value a customer.
    naive
        What it would be if each went on as before.
    """
    return AmountGrade(
        n=len(came),
        mean=float(amount.mean()),
        actual=float(came.mean()),
        error=float(np.abs(amount - came).mean()),
        naive_error=float(np.abs(naive - came).mean()),
        mean_error=float(np.abs(naive.mean() - came).mean()),
        correlation=_correlation(amount, came),
        naive_correlation=_correlation(naive, came),
    )


def area(score: Floats, happened: Floats) -> float | None:
    """Return the area under the ROC curve, ties counting half; None where one outcome lacks.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143.
    """
    n_events = int(happened.sum())
    n_others = len(happened) - n_events
    if not n_events or not n_others:
        return None
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[place]
    wins = float(ranks[happened > 0].sum()) - n_events * (n_events + 1) / 2
    return wins / (n_events * n_others)


def calibration(probability: Floats, happened: Floats) -> tuple[Bin, ...]:
    """Return tenths of the customers by probability; equal probabilities stay together."""
    edges = np.quantile(probability, np.arange(1, DECILES) / DECILES)
    tenth = np.searchsorted(np.unique(edges), probability, side="right")
    found = [tenth == number for number in np.unique(tenth)]
    return tuple(
        Bin(int(own.sum()), float(probability[own].mean()), float(happened[own].mean()))
        for own in found
    )


def stability_index(before: Floats, after: Floats) -> float:
    """Return the population stability index of two distributions over the same groups.

    Parameters
    ----------
    before, after
        How many members each group has, in the same order; a group without any counts as
        half a member.

    References
    ----------
    Siddiqi, N. (2006). Credit Risk Scorecards. Wiley. Below 0.1 little has changed, above
    0.25 much.
    """
    shares = [np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum() for counts in (before, after)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _correlation(one: Floats, other: Floats) -> float | None:
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(one, other)[0, 1])
