"""Covariates that have levels: which can be compared, with what, and which cannot.

A level in which nobody meets the event drives its coefficient to minus infinity. There the
likelihood has its maximum with the level's rows weighing nothing in any risk set, so leaving
those rows out gives every other coefficient the estimate it would have had. Levels that are
too small each are compared together, where together they have enough events.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn import notes
from graph.language import Text

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

UNKNOWN: Final = "unknown"
OTHER: Final = "other"
FEWEST_EVENTS: Final = 5  # of a level; even so the interval of its ratio spans a factor of six
# where ten events are expected, fewer than five come by chance once in thirty times: such a
# level is not small but unlike the others, and to pool it would hide that
SMALL: Final = 10


@dataclass(frozen=True)
class Inestimable:
    """A level or column that gets no hazard ratio, and on how many customers and events."""

    covariate: str
    n: int
    events: int


@dataclass(frozen=True)
class Factor:
    """A covariate with levels.

    Parameters
    ----------
    name
        Of the covariate.
    levels
        In the order of the alphabet; ``unknown`` is one where values are missing.
    codes
        The place of each row's level.
    counts, events
        Customers and events by level.
    pool
        The levels that ``other`` stands for, because each alone has too few events.
    """

    name: str
    levels: tuple[str, ...]
    codes: Integers
    counts: Integers
    events: Integers
    pool: tuple[str, ...] = ()

    @property
    def is_rich(self) -> Flags:
        """Tell of each level whether it has enough events."""
        return np.asarray(self.events >= FEWEST_EVENTS)

    @property
    def is_comparable(self) -> bool:
        """Tell whether two levels at least have enough events."""
        return int(self.is_rich.sum()) > 1

    @property
    def is_kept(self) -> Flags:
        """Tell of each row whether its level has enough events."""
        return np.asarray(self.is_rich[self.codes])

    @property
    def is_small(self) -> Flags:
        """Tell of each level whether it has too few events because it has few customers.

        What is unknown is not small: it is no kind of customer.
        """
        expected = self.counts * (self.events.sum() / max(int(self.counts.sum()), 1))
        is_known = np.array([level != UNKNOWN for level in self.levels], np.bool_)
        return np.asarray(~self.is_rich & (expected < SMALL) & is_known)

    @property
    def pooled(self) -> "Factor":
        """Return the factor with its small levels as ``other``, if that has enough events.

        A level that is called so takes them in, unless it is one that is unlike the others.
        """
        small, is_other = self.is_small, np.array([level == OTHER for level in self.levels], bool)
        joined = small | is_other
        is_unlike = (is_other & ~small & ~self.is_rich).any()
        few = not small.any() or joined.sum() < 2 or self.events[joined].sum() < FEWEST_EVENTS
        return self if few or is_unlike else self._joined(joined)

    def _joined(self, joined: Flags) -> "Factor":
        names = [OTHER if join else level for level, join in zip(self.levels, joined, strict=True)]
        levels = sorted(set(names))
        places = np.array([levels.index(name) for name in names], np.int64)
        counts = np.bincount(places, self.counts, minlength=len(levels)).astype(np.int64)
        events = np.bincount(places, self.events, minlength=len(levels)).astype(np.int64)
        pool = sorted({level for level, join in zip(self.levels, joined, strict=True) if join})
        without = tuple(level for level in pool if level != OTHER)
        return Factor(self.name, tuple(levels), places[self.codes], counts, events, without)

    @property
    def lost(self) -> list[Inestimable]:
        """Return the levels without enough events."""
        return [
            Inestimable(f"{self.name}={level}", int(self.counts[i]), int(self.events[i]))
            for i, level in enumerate(self.levels)
            if not self.is_rich[i]
        ]

    def reference(self, wanted: str | None) -> str:
        """Return the level of comparison: as wished, else the most frequent one that is known.

        A level without enough events is none, and ties go to the first in the alphabet.
        """
        rich = [i for i in range(len(self.levels)) if self.is_rich[i]]
        if wanted and wanted in {self.levels[i] for i in rich}:
            return wanted
        known = [i for i in rich if self.levels[i] != UNKNOWN] or rich
        return self.levels[min(known, key=lambda i: (-int(self.counts[i]), self.levels[i]))]

    def columns(self, *, reference: str) -> Iterator[tuple[str, Floats]]:
        """Return a column of ones and noughts for every other level that can be compared."""
        for i, level in enumerate(self.levels):
            if level != reference and self.is_rich[i]:
                yield f"{self.name}={level}", (self.codes == i).astype(np.float64)


def is_factor(column: "pd.Series[float]") -> bool:
    """Tell whether a column names levels rather than measures something."""
    return not pd.api.types.is_numeric_dtype(column)


def factor_of(name: str, column: "pd.Series[str]", *, event: Flags) -> Factor:
    """Count customers and events of each level of a column."""
    told = leveled(column).cat
    levels = [str(level) for level in told.categories]
    codes = told.codes.to_numpy().astype(np.int64)
    if (codes < 0).any():
        levels, codes = _with_unknown(levels, codes)
    counts = np.bincount(codes, minlength=len(levels))
    events = np.bincount(codes[event], minlength=len(levels))
    return Factor(name, tuple(levels), codes, counts, events)


def leveled(column: pd.Series) -> pd.Series:
    """Return a column of texts as numbers of its levels, in the order of the alphabet."""
    told = column.astype("category").cat.remove_unused_categories()
    levels = [str(level) for level in told.cat.categories]
    return told.cat.rename_categories(levels).cat.reorder_categories(sorted(levels))


def is_at(column: "pd.Series[str]", level: str, *, pool: Collection[str] = ()) -> Flags:
    """Tell which rows of a factor have a level; those without any have ``unknown``.

    ``other`` have those of the levels in ``pool`` too.
    """
    levels = {level, *pool} if level == OTHER else {level}
    found = column.isin(levels).to_numpy(np.bool_)
    return found | column.isna().to_numpy(np.bool_) if level == UNKNOWN else found


def spread(n: int, *, most: int) -> Integers:
    """Return at most ``most`` places among ``n``, evenly spread: a sample without dice."""
    return np.unique(np.linspace(0, max(n - 1, 0), min(n, most)).astype(np.int64))


def _with_unknown(levels: list[str], codes: Integers) -> tuple[list[str], Integers]:
    """Give the missing a level of their own, in its place in the alphabet."""
    named = sorted({*levels, UNKNOWN})
    places = np.array([named.index(level) for level in levels] + [named.index(UNKNOWN)])
    return named, places[codes]


def compared(factor: Factor, *, wanted: str | None) -> tuple[str, list[Text]]:
    """Return the level of comparison, and a note where it is not the one that was wished."""
    reference = factor.reference(wanted)
    if wanted and wanted != reference:
        return reference, [notes.other_reference(factor.name, wanted=wanted, used=reference)]
    return reference, []
