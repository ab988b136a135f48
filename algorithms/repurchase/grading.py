"""Cuts that roll through the history: how each contender would have done, beside no model.

At every cut a contender learns from earlier cuts whose thirty days were over by then, and is
judged by the thirty days that follow. Two judges stand beside it: "nobody buys", which is
right more often than most models where few buy, and recency alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from algorithms.repurchase.features import (
    HORIZON_DAYS,
    Flags,
    Floats,
    Integers,
    Purchases,
    Situation,
    outcomes,
    situation,
)
from algorithms.repurchase.learning import CONTENDERS, Name

LOOKS: Final = 12
"""Earlier cuts to learn from: a year of months."""
ROWS: Final = 200_000
"""More customers than this change no digit that is printed; of more, every k-th is taken."""
DECILES: Final = 10
FIRST_LOOK_DAYS: Final = 30
"""History before the first cut that is learnt from."""


@dataclass(frozen=True)
class Examples:
    """Customers at a cut, and who of them bought in the thirty days from it on."""

    at: Situation
    buys: Flags

    def thinned(self, rows: int) -> "Examples":
        """Return every k-th customer, so that at most ``rows`` are left."""
        return self.where(slice(None, None, -(-len(self.buys) // rows) or 1))

    def where(self, part: Flags | slice) -> "Examples":
        """Return some of the customers."""
        at = self.at
        thin = Situation(at.cut, at.customer[part], at.features[part], at.recency[part])
        return Examples(thin, self.buys[part])


@dataclass
class History:
    """All purchases, with the cuts that have been looked at."""

    purchases: Purchases
    seed: int
    _seen: dict[int, Examples] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose whom to learn from: whole histories of every k-th customer."""
        self.step = 1 + int(self.purchases.customer.max(initial=0)) // ROWS
        self._some = self.purchases.where(self.purchases.customer % self.step == 0)

    def examples(self, cut: int) -> Examples:
        """Return the customers at a cut whose thirty days are over."""
        if cut not in self._seen:
            at = situation(self._some, cut)
            self._seen[cut] = Examples(at, outcomes(self._some, at))
        return self._seen[cut]

    def earlier(self, cut: int) -> list[int]:
        """Return the cuts that can be learnt from at ``cut``, latest first."""
        first = int(self.purchases.visits().day.min()) + FIRST_LOOK_DAYS
        looks = (cut - HORIZON_DAYS * back for back in range(1, LOOKS + 1))
        return [look for look in looks if look >= first]

    def learnt(self, name: Name, *, cut: int) -> "Learnt":
        """Let a contender learn from everything that was over at ``cut``."""
        seen = [self.examples(look) for look in self.earlier(cut)]
        seen = [one.thinned(max(1, ROWS // len(seen))) for one in seen]
        features = np.concatenate([one.at.features for one in seen])
        buys = np.concatenate([one.buys for one in seen])
        return Learnt(self, name, features, buys)


@dataclass(frozen=True)
class Learnt:
    """What a contender learns from."""

    history: History
    name: Name
    features: Floats
    buys: Flags

    def chances(self, at: Situation) -> Floats:
        """Return the chance of each customer in a situation; the base rate where all agreed."""
        if self.buys.all() or not self.buys.any():
            return np.full(len(at.customer), float(self.buys.mean()))
        predict = CONTENDERS[self.name](self.features, self.buys, seed=self.history.seed)
        return predict(at.features)


@dataclass(frozen=True)
class Grade:
    """One contender at one cut, beside what needs no model.

    ``lift_10`` is the share of buyers among the tenth with the highest chances over that of
    all; ``brier_skill`` is one less the error over that of telling everybody the base rate
    of those very thirty days.
    """

    cut_day: int
    n: int
    base_rate: float
    mean_probability: float
    auc: float
    recency_auc: float
    brier: float
    brier_skill: float
    accuracy: float
    always_no_accuracy: float
    lift_10: float

    @property
    def row(self) -> dict[str, object]:
        """Return the grade as JSON, its cut as a date."""
        figures = asdict(self)
        at = pd.Timestamp(0, tz="UTC") + pd.Timedelta(days=int(figures.pop("cut_day")))
        return {"cut": at.date().isoformat(), **figures}


@dataclass(frozen=True)
class Comparison:
    """All contenders at all cuts."""

    grades: Mapping[Name, tuple[Grade, ...]]
    chances: Mapping[Name, Floats]
    buys: Flags

    @property
    def best(self) -> Name:
        """Return the contender of the least mean Brier score."""
        return min(self.grades, key=lambda name: self.mean(name, "brier"))

    @property
    def cuts(self) -> list[int]:
        """Return the days of the cuts, in the order in which they were graded."""
        return [grade.cut_day for grade in self.grades[self.best]]

    def told(self, name: Name, cut: int) -> Floats:
        """Return the chances that a contender told at one cut, in the order of its customers."""
        ends = np.cumsum([grade.n for grade in self.grades[name]])
        return np.split(self.chances[name], ends[:-1])[self.cuts.index(cut)]

    def mean(self, name: Name, measure: str) -> float:
        """Return the mean of a measure over the cuts."""
        return float(np.mean([getattr(grade, measure) for grade in self.grades[name]]))

    def deciles(self, name: Name) -> list[dict[str, float]]:
        """Return, from low chances to high, what was told and what came of it, all cuts pooled."""
        chances = self.chances[name]
        groups = np.array_split(np.argsort(chances, kind="stable"), DECILES)
        return [
            {
                "n": len(rows),
                "mean_probability": float(chances[rows].mean()),
                "rate": float(self.buys[rows].mean()),
            }
            for rows in groups
            if len(rows)
        ]


def compared(history: History, cuts: Sequence[int]) -> Comparison:
    """Grade every contender at every cut.

    Parameters
    ----------
    history
        The purchases.
    cuts
        Days whose following thirty days are known.
    """
    grades: dict[Name, tuple[Grade, ...]] = {}
    chances: dict[Name, Floats] = {}
    for name in CONTENDERS:
        told = [history.learnt(name, cut=cut).chances(history.examples(cut).at) for cut in cuts]
        pairs = zip(cuts, told, strict=True)
        grades[name] = tuple(graded(history.examples(cut), chance) for cut, chance in pairs)
        chances[name] = np.concatenate(told)
    return Comparison(grades, chances, np.concatenate([history.examples(c).buys for c in cuts]))


def graded(examples: Examples, chances: Floats) -> Grade:
    """Grade the chances that a contender told of customers whose thirty days are over."""
    buys = examples.buys
    base, n = float(buys.mean()), len(buys)
    brier = float(np.mean((chances - buys) ** 2))
    # ties at the edge go by the order of customers, which is no merit of a model
    top = np.argsort(-chances, kind="stable")[: max(1, n // 10)]
    return Grade(
        cut_day=examples.at.cut,
        n=n,
        base_rate=base,
        mean_probability=float(chances.mean()),
        auc=area(chances, buys),
        recency_auc=area(-examples.at.recency, buys),
        brier=brier,
        brier_skill=1 - brier / (base * (1 - base)) if 0 < base < 1 else 0.0,
        accuracy=float(np.mean((chances >= 0.5) == buys)),
        always_no_accuracy=1 - base,
        lift_10=float(buys[top].mean() / base) if base else 0.0,
    )


def area(scores: Floats | Integers, buys: Flags) -> float:
    """Return the chance that a buyer scores above a non-buyer, ties counting half (AUC)."""
    from scipy.stats import rankdata

    yes = int(buys.sum())
    no = len(buys) - yes
    if not yes or not no:
        return 0.5
    above = float(rankdata(scores)[buys].sum()) - yes * (yes + 1) / 2
    return above / (yes * no)
