"""Which model of purchases is taken, and how well each foretells a later part of the history.

Every candidate is fitted to what was known at a cut and asked how likely it made what came
after: the chance of the whole history over that of its first part. That is the density of
the later purchases themselves, so models with different parameters compare. A model without
a maximum inside is no candidate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from algorithms.clv.cells import Cells, Collapsed, Floats, Integers
from algorithms.clv.history import ClvParameters, Histories
from algorithms.clv.model import MODELS, Fitted, fitted
from algorithms.contract import NothingToSayError
from graph.language import Text

Reason = Literal["parameter", "hold-out", "default"]

CANDIDATES: Final = ("mbg_nbd", "pareto_nbd", "bg_nbd")
"""In the order in which they are taken where the history is too short to tell: the first
holds no one-time buyer alive by construction and has the plainest likelihood."""
LASTING: Final = ("mbg_nbd", "pareto_nbd")
"""Those that may think of a one-time buyer as gone."""
SHORTEST_DAYS: Final = 28
FEWEST_KNOWN: Final = 50
FEWEST_LATER: Final = 20


class NoOptimumError(NothingToSayError):
    """The likelihood has no maximum inside, whatever model is asked."""

    text = Text(
        "clv: {model} has no best parameters on this history: {parameters} run off without end, "
        "so purchase and departure cannot be told apart. A longer history, or another model, may.",
        "clv：{model} 在这段历史上没有最优参数：{parameters} 趋于无穷，无法区分购买与流失。"
        "可等待更长的历史或改用其他模型。",
    )


@dataclass(frozen=True)
class Grade:
    """How well a model, or the naive rate, foretold the later part of a history."""

    log_likelihood: float | None
    predicted: float
    bias: float
    correlation: float | None
    mae: float


@dataclass(frozen=True)
class Holdout:
    """The later part of the history as all candidates saw it.

    Parameters
    ----------
    days, customers, actual
        Its length, who was known at the cut, and the purchase days that followed.
    grades
        By model; ``naive`` is the past rate carried on.
    ran_off
        Parameters that ran off, by model that has no maximum on the first part.
    """

    days: int
    customers: int
    actual: int
    grades: Mapping[str, Grade] = field(default_factory=dict)
    ran_off: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        """Tell whether it can say anything."""
        return (
            self.days >= SHORTEST_DAYS
            and self.customers >= FEWEST_KNOWN
            and self.actual >= FEWEST_LATER
        )

    def ranked(self) -> tuple[str, ...]:
        """Return the candidates, best first; those without a grade last."""
        graded = {name: self.grades[name].log_likelihood or 0.0 for name in self.grades}
        return tuple(sorted(CANDIDATES, key=lambda name: -graded.get(name, -np.inf)))


@dataclass(frozen=True)
class Choice:
    """The model taken, on which cells, and what speaks for it.

    ``alive`` gives the probability of being alive where ``fitted`` cannot; None where
    nothing does.
    """

    fitted: Fitted
    collapsed: Collapsed
    reason: Reason
    alive: Fitted | None
    holdout: Holdout | None
    ran_off: Mapping[str, tuple[str, ...]]


def chosen(histories: Histories, params: ClvParameters) -> Choice:
    """Fit the wanted model, or the best one.

    Raises
    ------
    NoOptimumError
        If the likelihood of the model, or of every candidate, has no maximum inside.
    """
    if params.model == "bg_bb":
        return _discrete(histories, params)
    whole = histories.daily(params.unit_days)
    holdout = held_out(histories, params)
    names, reason = _order(params, holdout)
    found, ran_off = _first_sound(names, whole.cells)
    alive: Fitted | None = found
    if found.model.name not in LASTING:
        wanted = [name for name in holdout.ranked() if name in LASTING and name not in ran_off]
        alive, more = _sound(tuple(wanted), whole.cells)
        ran_off |= more
    return Choice(found, whole, reason, alive, holdout, ran_off)


def _order(params: ClvParameters, holdout: Holdout) -> tuple[tuple[str, ...], Reason]:
    """Return the models to try, in order, and why in this."""
    if params.model != "auto":
        return (params.model,), "parameter"
    is_graded = bool({*holdout.grades} & {*CANDIDATES})
    return (holdout.ranked(), "hold-out") if is_graded else (CANDIDATES, "default")


def held_out(histories: Histories, params: ClvParameters) -> Holdout:
    """Grade the candidates on what came after the cut; without grades where that is too little."""
    unit, days = params.unit_days, histories.end_day - histories.cut_day
    is_known = histories.column("first_day") <= histories.cut_day
    known = Histories(histories.frame[is_known])
    later = known.column("n_days") - known.column("n_days_before")
    holdout = Holdout(days, len(known.frame), int(later.sum()))
    if not holdout.is_enough or known.column("n_days_before").max() == 1:
        return holdout
    before, after = histories.before(unit), known.daily(unit)
    names = CANDIDATES if params.model == "auto" else (params.model,)
    fits = {name: fitted(MODELS[name], before.cells) for name in names}
    time = days / unit
    age = np.maximum(before.cells.age / unit, 1 / unit)
    grades = {"naive": _grade(before.cells.x * time / age, before, later=later)}
    for name, fit in fits.items():
        if not fit.fit.ran_off:
            gained = fit.log_likelihood(after.cells) - fit.fit.log_likelihood
            expected = fit.expected(before.cells, time=time)
            grades[name] = _grade(expected, before, later=later, log_likelihood=gained)
    ran_off = {name: fit.fit.ran_off for name, fit in fits.items() if fit.fit.ran_off}
    return Holdout(days, len(later), int(later.sum()), grades, ran_off)


def _grade(
    of_cells: Floats,
    before: Collapsed,
    *,
    later: Integers,
    log_likelihood: float | None = None,
) -> Grade:
    expected, actual = of_cells[before.code], later.sum()
    varies = np.ptp(expected) > 0 and np.ptp(later) > 0
    return Grade(
        log_likelihood=log_likelihood,
        predicted=float(expected.sum()),
        bias=float(expected.sum() / actual - 1) if actual else 0.0,
        correlation=float(np.corrcoef(expected, later)[0, 1]) if varies else None,
        mae=float(np.abs(expected - later).mean()),
    )


def _first_sound(names: tuple[str, ...], cells: Cells) -> tuple[Fitted, dict[str, tuple[str, ...]]]:
    found, ran_off = _sound(names, cells)
    if found is None:
        parameters = "; ".join(f"{name}: {', '.join(off)}" for name, off in ran_off.items())
        raise NoOptimumError(model=", ".join(names), parameters=parameters)
    return found, ran_off


def _sound(
    names: tuple[str, ...], cells: Cells
) -> tuple[Fitted | None, dict[str, tuple[str, ...]]]:
    """Return the first model that has a maximum inside, and what ran off of those before it."""
    ran_off: dict[str, tuple[str, ...]] = {}
    for name in names:
        found = fitted(MODELS[name], cells)
        if not found.fit.ran_off:
            return found, ran_off
        ran_off[name] = found.fit.ran_off
    return None, ran_off


def _discrete(histories: Histories, params: ClvParameters) -> Choice:
    periods = histories.periodic(params.unit_days)
    if periods.cells.x.max() == 0:
        raise NoOptimumError(model="bg_bb", parameters="alpha, beta")
    found, ran_off = _first_sound(("bg_bb",), periods.cells)
    return Choice(found, periods, "parameter", found, None, ran_off)
