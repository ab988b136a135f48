"""Probabilities of staying away, corrected on later customers and graded on later ones still.

A model that ranks well may still be off in level, because seasons move. So each step forward
corrects the one before: fitted on the customers of one landmark, its probabilities are
recalibrated on what those of the next did, and what is published was never fitted on the
period that corrected it. A run of the same three steps, one landmark earlier, is the grade.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from algorithms.churn.cohorts import AT_ORIGIN, SQUARES, Cohort
from algorithms.churn.cox import Cox
from algorithms.churn.fitting import MOST_COMPARED, concordance, fit
from algorithms.churn.settings import HORIZONS

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SURE: Final = 1e-6  # no probability is taken for nearer to 0 or 1
TENTHS: Final = 10
STEPS: Final = 50


@dataclass(frozen=True)
class Line:
    """A correction on the scale of log-odds: intercept and slope; (0, 1) changes nothing."""

    intercept: float = 0.0
    slope: float = 1.0

    def corrected(self, p: Floats) -> Floats:
        """Return the corrected probabilities."""
        return _odds_to_share(self.intercept + self.slope * _log_odds(p))


@dataclass(frozen=True)
class Silence:
    """A model of staying away, with its correction by horizon.

    ``step`` is the longest horizon that was observed; longer ones go on at its mean rate.
    """

    model: Cox
    lines: Mapping[int, Line]
    step: int

    def probabilities(self, cohort: Cohort) -> dict[int, Floats]:
        """Return P(no purchase within H days of the landmark) by horizon, falling in H."""
        found: dict[int, Floats] = {}
        before = np.ones(len(cohort.at))
        known = self.model.within(cohort.covariates)
        raw = self.model.survival_by(known, days=self.lines)
        for horizon in HORIZONS:
            seen = min(horizon, self.step)
            p = self.lines[seen].corrected(raw[seen]) ** (horizon / seen)
            before = np.minimum(before, p)
            found[horizon] = before
        return found


def learned(first: Cohort, second: Cohort, *, references: Mapping[str, str], step: int) -> Silence:
    """Fit on one cohort and correct on the next.

    Parameters
    ----------
    first, second
        Cohorts of two landmarks, the later second.
    references
        Levels of comparison by factor.
    step
        Days that both were observed for.
    """
    frame = first.frame
    model = fit(frame, references=references, fixed=AT_ORIGIN, squares=SQUARES, tested=False)
    horizons = sorted({min(horizon, step) for horizon in HORIZONS})
    raw = model.survival_by(model.within(second.covariates), days=horizons)
    lines = {
        horizon: line_through(raw[horizon], stayed_away(second, days=horizon))
        for horizon in horizons
    }
    return Silence(model, lines, step)


def stayed_away(cohort: Cohort, *, days: int) -> Flags:
    """Return who did not buy within so many days of the landmark."""
    return ~(cohort.event & (cohort.duration <= days))


def line_through(p: Floats, outcome: Flags) -> Line:
    """Fit the correction of log-odds that makes probabilities likeliest (Platt 1999).

    Nobody corrects nothing. The level alone is corrected where all had one outcome, which is
    taken for half a customer short of certain, and where the scores say nothing of the outcome
    or the reverse of it.
    """
    n, away = len(outcome), int(outcome.sum())
    if not n:
        return Line()
    x = _log_odds(p)
    if 0 < away < n and float(np.ptp(x)) >= SURE:
        line = _newton(x, outcome.astype(np.float64))
        if line.slope > 0:
            return line
    rate = away / n if 0 < away < n else (away + 0.5) / (n + 1)
    return Line(float(np.log(rate / (1 - rate)) - np.median(x)), 1.0)


def grade(silence: Silence, cohort: Cohort) -> dict[str, object]:
    """Grade probabilities by what a later cohort did.

    Returns
    -------
    ``n``, ``events`` (purchases), ``concordance`` (of ``concordance_n`` customers) beside that
    of recency and of frequency alone; by horizon the ``brier`` score, that of always saying the
    cohort's own base rate, ``skill`` (1 less their ratio), ``mean`` and ``rate``; and
    ``calibration`` of the longest horizon by decile: customers, mean probability, share that
    stayed away.
    """
    probabilities = silence.probabilities(cohort)
    away = {h: stayed_away(cohort, days=h) for h in HORIZONS if h <= silence.step}
    x, longest = cohort.covariates, max(away)
    risks = {
        "concordance": -probabilities[longest],
        "concordance_recency": -x["log_recency"].to_numpy(np.float64),
        "concordance_frequency": x["log_frequency"].to_numpy(np.float64),
    }
    return {
        "n": len(cohort.at),
        "events": int(cohort.event.sum()),
        "concordance_n": min(len(cohort.at), MOST_COMPARED),
        **{
            name: round(concordance(cohort.duration, cohort.event, risk=risk), 4)
            for name, risk in risks.items()
        },
        "brier": [_brier(probabilities[h], away[h], days=h) for h in away],
        "calibration": deciles(probabilities[longest], away[longest]),
    }


def deciles(p: Floats, outcome: Flags) -> list[dict[str, float]]:
    """Return mean probability and share of outcomes by tenth of the probabilities."""
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, TENTHS) if len(part)]
    return [
        {
            "n": len(part),
            "mean": round(float(p[part].mean()), 4),
            "rate": round(float(outcome[part].mean()), 4),
        }
        for part in parts
    ]


def _brier(p: Floats, outcome: Flags, *, days: int) -> dict[str, float | None]:
    rate = float(outcome.mean())
    score, base = float(((p - outcome) ** 2).mean()), rate * (1 - rate)
    return {
        "days": days,
        "brier": round(score, 4),
        "brier_base_rate": round(base, 4),
        "skill": round(1 - score / base, 4) if base else None,
        "mean": round(float(p.mean()), 4),
        "rate": round(rate, 4),
    }


def _newton(x: Floats, y: Floats) -> Line:
    """Maximise the likelihood of a logistic line."""
    beta = np.array([0.0, 1.0])
    columns = np.stack([np.ones(len(x)), x])
    for _ in range(STEPS):
        p = _odds_to_share(beta @ columns)
        weight = np.maximum(p * (1 - p), SURE)
        change = np.linalg.solve((columns * weight) @ columns.T, columns @ (y - p))
        beta = beta + np.clip(change, -2, 2)
        if np.abs(change).max() < SURE:
            break
    return Line(float(beta[0]), float(beta[1]))


def _log_odds(p: Floats) -> Floats:
    inside = np.clip(p, SURE, 1 - SURE)
    return np.log(inside / (1 - inside))


def _odds_to_share(log_odds: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(log_odds, -40, 40)))
