"""What chance allows: how far a counted share may lie from a stated rate."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

Counts = Sequence[int] | npt.NDArray[np.integer]
Weights = Sequence[float] | npt.NDArray[np.floating] | npt.NDArray[np.integer]

# a fixed seed never fails by accident; five standard errors also survive a change of the seed
N_STANDARD_ERRORS = 5.0


def near(rate: float, *, n: int) -> object:
    """Return what a share of ``n`` independent draws may be where each is true at ``rate``."""
    return pytest.approx(rate, abs=N_STANDARD_ERRORS * math.sqrt(rate * (1 - rate) / n))


def misfit(counts: Counts, weights: Weights) -> float:
    """Return Pearson's chi-square of ``counts`` against ``weights``, over its degrees of freedom.

    About 1 where the counts were drawn by the weights; above 2 with dozens of cells they were
    not.
    """
    seen = np.asarray(counts, dtype=np.float64)
    share = np.asarray(weights, dtype=np.float64)
    expected = seen.sum() * share / share.sum()
    return float(((seen - expected) ** 2 / expected).sum() / (len(seen) - 1))


def concentration(values: Counts) -> float:
    """Return the Gini coefficient: 0 where all are equal, near 1 where one has everything."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    n = len(ordered)
    ranks = np.arange(1, n + 1)
    return float((2 * ranks - n - 1).dot(ordered) / (n * ordered.sum()))


def tail_index(values: Counts, *, top: int) -> float:
    """Return Hill's estimate of the exponent of a heavy tail from the ``top`` largest values.

    References
    ----------
    Hill (1975). A simple general approach to inference about the tail of a distribution.
    """
    largest = np.sort(np.asarray(values, dtype=np.float64))[::-1][: top + 1]
    return float(1.0 / np.log(largest[:top] / largest[top]).mean())
