"""Which kinds of customers leave more than others: levels of up to three covariates together.

Every combination is a test, and thousands are tried, so the level of proof is corrected for
their number. A group that is no worse than a simpler one it lies in is not told apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn.survival import cumulative_hazard
from algorithms.fisher import adjusted

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Levels = tuple[tuple[str, str], ...]

DEPTH: Final = 3
MOST: Final = 10
PROVEN: Final = 0.05


@dataclass(frozen=True)
class Subgroup:
    """A kind of customer at risk.

    Parameters
    ----------
    levels
        What they have in common: covariate and level.
    n, events
        Customers, and those who fell silent.
    expected
        Events that customers observed as long would have on average.
    rate
        Share that fell silent while observed.
    ratio
        Their hazard over that of all others.
    p, q
        One-sided, that chance alone did it; corrected for the number of groups tried.
    """

    levels: Levels
    n: int
    events: int
    expected: float
    rate: float
    ratio: float
    p: float
    q: float


@dataclass(frozen=True)
class Found:
    """The groups at risk, the worst first, and how many were tried."""

    groups: tuple[Subgroup, ...]
    tried: int


def at_risk(
    factors: pd.DataFrame,
    *,
    duration: npt.ArrayLike,
    event: npt.ArrayLike,
    smallest: int,
) -> Found:
    """Find groups whose hazard is above that of the rest.

    Parameters
    ----------
    factors
        One row a customer, texts; null where a level is unknown, which makes no group.
    duration, event
        Whole days to the event or the last observation, and whether it came.
    smallest
        Fewest customers of a group.

    Returns
    -------
    At most ten groups with a corrected p of 0.05 or less, those of the greatest hazard ratio
    first. A group inside a simpler one has to be worse than it.

    Notes
    -----
    Events are compared with those expected from the hazard of all (one-sample log-rank), whose
    number is Poisson if the group is like the others; corrected after Benjamini and Hochberg.

    References
    ----------
    Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer Research, volume II.
    """
    days, met = np.asarray(duration, np.int64), np.asarray(event, np.bool_)
    expected = cumulative_hazard(days, met)[days] if len(days) else np.zeros(0)
    cells = list(_cells(factors, met=met, expected=expected, smallest=smallest))
    if not cells:
        return Found((), 0)
    groups = _tested(cells, total=(int(met.sum()), float(expected.sum())))
    proven = [g for g in groups if g.q <= PROVEN and g.ratio > 1]
    ranked = sorted(proven, key=lambda g: (-g.ratio, len(g.levels), g.levels))
    by_levels = {frozenset(g.levels): g for g in groups}
    kept = [g for g in ranked if not _is_explained(g, by_levels)]
    return Found(tuple(kept[:MOST]), len(cells))


Cell = tuple[Levels, int, int, float]


def _cells(
    factors: pd.DataFrame,
    *,
    met: npt.NDArray[np.bool_],
    expected: Floats,
    smallest: int,
) -> Iterator[Cell]:
    """Count customers, events and expected events of every combination that is large enough."""
    coded = {str(name): pd.factorize(factors[name], sort=True) for name in factors}
    names = [name for name in coded if len(coded[name][1]) > 1]
    for depth in range(1, DEPTH + 1):
        for chosen in combinations(names, depth):
            parts = [coded[name] for name in chosen]
            codes, is_known = _joined(parts)
            size = int(np.prod([len(levels) for _, levels in parts]))
            n = np.bincount(codes[is_known], minlength=size)
            events = np.bincount(codes[is_known & met], minlength=size)
            sums = np.bincount(codes[is_known], weights=expected[is_known], minlength=size)
            for cell in np.flatnonzero(n >= smallest):
                levels = tuple(zip(chosen, _levels_of(int(cell), parts), strict=True))
                yield levels, int(n[cell]), int(events[cell]), float(sums[cell])


def _joined(
    parts: Sequence[tuple[Integers, pd.Index]],
) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Return one number a combination of levels, and where all of them are known."""
    codes = np.zeros(len(parts[0][0]), np.int64)
    is_known = np.ones(len(codes), np.bool_)
    for part, levels in parts:
        codes = codes * len(levels) + part
        is_known &= part >= 0
    return codes, is_known


def _levels_of(cell: int, parts: Sequence[tuple[Integers, pd.Index]]) -> list[str]:
    found = []
    for _, levels in reversed(parts):
        cell, place = divmod(cell, len(levels))
        found.append(str(levels[place]))
    return found[::-1]


def _tested(cells: Sequence[Cell], *, total: tuple[int, float]) -> list[Subgroup]:
    from scipy.stats import poisson

    events = np.array([cell[2] for cell in cells])
    expected = np.array([cell[3] for cell in cells])
    p = np.asarray(poisson.sf(events - 1, expected), np.float64)
    rest = (total[0] - events) / np.maximum(total[1] - expected, 1e-9)
    ratio = events / np.maximum(expected, 1e-9) / np.maximum(rest, 1e-9)
    q = adjusted(p, times=np.ones(len(p), np.int64), tests=len(p))
    return [
        Subgroup(levels, n, met, due, met / n, float(ratio[i]), float(p[i]), float(q[i]))
        for i, (levels, n, met, due) in enumerate(cells)
    ]


def _is_explained(group: Subgroup, others: Mapping[frozenset[tuple[str, str]], Subgroup]) -> bool:
    """Tell whether a simpler group around this one is at least as bad."""
    parts = (
        frozenset(part)
        for depth in range(1, len(group.levels))
        for part in combinations(group.levels, depth)
    )
    return any(others[part].ratio >= group.ratio for part in parts if part in others)
