"""How mean scores lie to those of all customers, as marks: R0, F+, M--.

A mark is read from the unrounded difference of means. Rounding first moves a group across a
threshold: an overall mean of 3.0025 printed as 3.00 turns a group at 4.00 from + into ++.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MEASURES: Final = ("R", "F", "M")
MARKS: Final = np.array(["--", "-", "0", "+", "++"])


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a difference begins to count, and where it counts twice; both from the source."""

    fine: float = 0.01
    coarse: float = 1.0


def marks_of(differences: Floats, thresholds: Thresholds) -> npt.NDArray[np.str_]:
    """Return ``0`` below the fine threshold, else the sign, twice from the coarse one on.

    Parameters
    ----------
    differences
        A group's mean less the overall mean, unrounded; any shape.
    thresholds
        Both are borders of what lies above them: a difference of exactly ``fine`` counts.
    """
    size = np.abs(differences)
    steps = (size >= thresholds.fine).astype(np.int64) + (size >= thresholds.coarse)
    return np.asarray(MARKS[2 + np.sign(differences).astype(np.int64) * steps])


def symbols_of(
    means: Sequence[Mapping[str, float]],
    overall: Mapping[str, float],
    *,
    thresholds: Thresholds | None = None,
) -> list[str]:
    """Return the symbol of each row of a table of mean scores: ``R++,F-,M0``.

    Parameters
    ----------
    means
        Rows with the mean scores ``R``, ``F`` and ``M`` (1 to 5) of a group.
    overall
        The same of all customers, unrounded.
    thresholds
        Those of the source if None is given.
    """
    shape = (len(means), len(MEASURES))
    table = np.array([[row[m] for m in MEASURES] for row in means], np.float64).reshape(shape)
    centre = np.array([overall[m] for m in MEASURES], np.float64)
    return joined(marks_of(table - centre, thresholds or Thresholds()))


def joined(marks: npt.NDArray[np.str_]) -> list[str]:
    """Return one text a row of three marks."""
    return [
        ",".join(f"{m}{mark}" for m, mark in zip(MEASURES, row, strict=True))
        for row in marks.tolist()
    ]
