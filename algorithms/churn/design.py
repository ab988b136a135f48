"""From covariates as people name them to a matrix whose coefficients can be estimated.

A Cox fit on a level without events, on a constant or on two columns that say the same stops
in linear algebra or, worse, prints a hazard ratio of 0.069 with a standard error of 314. What
cannot be estimated is found here, before anything is fitted, and said by its name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from algorithms.churn import notes
from algorithms.churn.factors import (
    FEWEST_EVENTS,
    Factor,
    Flags,
    Floats,
    Inestimable,
    compared,
    factor_of,
    is_factor,
    spread,
)
from graph.errors import ComputeError
from graph.language import Text

IMMORTAL: Final = 0.8  # rank correlation with the duration from which a covariate is refused
COLLINEAR: Final = 0.95
HALF: Final = 0.5
MOST_RANKED: Final = 50_000
DETERMINED: Final = 1e-8  # share of its variance that a column must have of its own
OUTCOME: Final = ("duration", "event")


class ImmortalCovariateError(ComputeError):
    """A covariate grows with the survival time that it is to explain."""

    text = Text(
        "{covariate} rises and falls with the duration itself (rank correlation {correlation:.2f}):"
        " whatever accumulates over a lifetime seems to protect. Give its value at the origin and "
        "name it as fixed there, or leave it out.",
        "{covariate} 随生存时间本身变化（秩相关系数 {correlation:.2f}）：任何随生命周期累积的量都会"
        "显得有保护作用。请改用起点处的取值并声明其固定，或去掉该变量。",
    )


@dataclass(frozen=True)
class Design:
    """What can be fitted.

    Parameters
    ----------
    columns
        One float column a coefficient, ``factor=level`` for the levels of a factor.
    is_kept
        Which rows of the frame take part: not those of levels that cannot be estimated.
    references
        The level that each factor is compared with.
    fills, ranges
        What stands where a number is missing, and between what each was seen.
    inestimable, notes
        What was left out, in full and in words.
    pooled
        By factor, the levels that its ``other`` stands for.
    """

    columns: pd.DataFrame
    is_kept: Flags
    references: Mapping[str, str] = field(default_factory=dict)
    fills: Mapping[str, float] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    inestimable: tuple[Inestimable, ...] = ()
    notes: tuple[Text, ...] = ()
    pooled: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def without_rows(self) -> "Design":
        """Return the design for those who ask what was fitted and not whom."""
        return replace(self, columns=self.columns.head(0), is_kept=self.is_kept[:0])


def covariates_in(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that are no outcome."""
    return [str(name) for name in frame.columns if name not in OUTCOME]


def refuse_immortal(frame: pd.DataFrame, *, fixed: Collection[str]) -> None:
    """Refuse numbers that run with the duration, unless they are known to be fixed at the origin.

    Parameters
    ----------
    frame
        ``duration`` and covariates.
    fixed
        Names of covariates whose values were known at the origin.

    Raises
    ------
    ImmortalCovariateError
        If the rank correlation of one with the duration exceeds 0.8 either way.
    """
    # what is that strong shows in a sample, and ranking a million rows takes as long as the fit
    rows = frame.iloc[spread(len(frame), most=MOST_RANKED)]
    duration = rows["duration"].rank()
    for name in covariates_in(rows):
        if name in fixed or is_factor(rows[name]):
            continue
        correlation = float(duration.corr(rows[name].rank()))
        if abs(correlation) > IMMORTAL:
            raise ImmortalCovariateError(covariate=name, correlation=correlation)


def designed(
    frame: pd.DataFrame, *, references: Mapping[str, str], squares: Mapping[str, str]
) -> Design:
    """Turn covariates into columns, and leave out what cannot be estimated.

    Parameters
    ----------
    frame
        ``duration`` (whole days), ``event`` (boolean), and covariates: numbers, or texts for
        factors; missing values allowed.
    references
        The level of comparison of a factor; the most frequent where it names none, or one
        that does not occur.
    squares
        Columns that are squares of others, by name: they are collinear and meant to be.
    """
    said: list[Text] = []
    event = frame["event"].to_numpy(np.bool_)
    told = _told(frame, said)
    factors = _comparable(frame, told, said=said)
    columns = {name: _filled(frame[name]) for name in told if not is_factor(frame[name])}
    fills = {name: _middle(frame[name]) for name in columns}
    ranges = {name: (float(v.min()), float(v.max())) for name, v in columns.items()}
    chosen: dict[str, str] = {}
    for factor in factors:
        chosen[factor.name], told_of = compared(factor, wanted=references.get(factor.name))
        said += told_of
        columns |= dict(factor.columns(reference=chosen[factor.name]))
    is_kept = np.all([np.ones(len(frame), np.bool_), *(f.is_kept for f in factors)], axis=0)
    matrix = pd.DataFrame(columns, index=frame.index)
    lost = [level for factor in factors for level in factor.lost]
    split = _one_sided(matrix[is_kept], event=event[is_kept])
    matrix = matrix.drop(columns=[gone.covariate for gone in split])
    matrix = _independent(matrix, is_kept, squares=squares, said=said)
    lost += split
    said += [notes.inestimable(gone.covariate, n=gone.n, events=gone.events) for gone in lost]
    said += notes.few_events(int(event[is_kept].sum()), matrix.shape[1])
    pooled = {factor.name: factor.pool for factor in factors if factor.pool}
    return Design(matrix, is_kept, chosen, fills, ranges, tuple(lost), tuple(said), pooled)


def _comparable(frame: pd.DataFrame, told: list[str], *, said: list[Text]) -> list[Factor]:
    """Return the factors of which two levels at least have enough events."""
    event = frame["event"].to_numpy(np.bool_)
    names = [name for name in told if is_factor(frame[name])]
    factors = [factor_of(name, frame[name], event=event).pooled for name in names]
    said += [notes.pooled(f.name, f.pool) for f in factors if f.pool]
    said += [
        notes.incomparable(f.name, fewest=FEWEST_EVENTS) for f in factors if not f.is_comparable
    ]
    return [factor for factor in factors if factor.is_comparable]


def _told(frame: pd.DataFrame, said: list[Text]) -> list[str]:
    """Return the covariates that are known of half the rows at least, and not of one value."""
    kept = []
    for name in covariates_in(frame):
        missing = float(frame[name].isna().mean())
        if missing > HALF:
            said.append(notes.half_missing(name, share=missing))
        elif frame[name].nunique(dropna=not is_factor(frame[name])) < 2:
            said.append(notes.constant(name))
        else:
            kept.append(name)
    return kept


def _middle(column: "pd.Series[float]") -> float:
    return float(column.astype(np.float64).median())


def _filled(column: "pd.Series[float]") -> Floats:
    values = column.astype(np.float64)
    return np.asarray(values.fillna(_middle(column)), np.float64)


def _one_sided(columns: pd.DataFrame, *, event: Flags) -> list[Inestimable]:
    """Return columns of two values of which one has no events."""
    lost = []
    for name in columns:
        values = columns[name].to_numpy()
        low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
        is_high = values == high
        if low == high or not (is_high | (values == low)).all():
            continue
        for side in (is_high, ~is_high):
            if not event[side].any():
                lost.append(Inestimable(str(name), int(side.sum()), 0))
                break
    return lost


def _independent(
    columns: pd.DataFrame, is_kept: Flags, *, squares: Mapping[str, str], said: list[Text]
) -> pd.DataFrame:
    """Leave out columns without a variance of their own, the later of two that agree."""
    values = columns.to_numpy(np.float64)[is_kept]
    spread = values.std(axis=0) if len(values) else np.zeros(values.shape[1])
    varied = [i for i in range(values.shape[1]) if spread[i] > 0]
    said += [notes.constant(str(columns.columns[i])) for i in range(len(spread)) if not spread[i]]
    if not varied:
        return columns.iloc[:, []]
    together = np.atleast_2d(np.corrcoef(values[:, varied], rowvar=False))
    kept: list[int] = []
    names = [str(columns.columns[column]) for column in varied]
    for place, name in enumerate(names):
        near = names.index(squares[name]) if squares.get(name) in names else None
        twin = _twin(together, place, kept=kept, near=near)
        if twin is not None:
            said.append(notes.collinear(name, names[twin], r=float(together[place, twin])))
        elif _own_share(together, place, kept=kept) < DETERMINED:
            said.append(notes.determined(name))
        else:
            kept.append(place)
    return columns.iloc[:, [varied[place] for place in kept]]


def _twin(together: Floats, place: int, *, kept: list[int], near: int | None) -> int | None:
    """Return the kept column that says nearly the same as this one."""
    return next(
        (o for o in kept if o != near and abs(together[place, o]) > COLLINEAR),
        None,
    )


def _own_share(together: Floats, place: int, *, kept: list[int]) -> float:
    """Return the share of a column's variance that the kept ones do not explain."""
    if not kept:
        return 1.0
    others = together[np.ix_(kept, kept)]
    with_this = together[place, kept]
    return float(1 - with_this @ np.linalg.solve(others, with_this))
