"""k-means on weighted points, how well its groups stand apart, and how firmly they stand.

Customers of one cell are one point that weighs as much as they do. Every figure is that of
the customers themselves: two of one cell lie at distance nought.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RESTARTS: Final = 10


@dataclass(frozen=True)
class Points:
    """Distinct cells with members.

    ``place`` maps a cell to its point, ``weight`` counts members, ``at`` holds coordinates:
    scores less their mean, by their standard deviation; a score that all share is nought.
    """

    place: Integers
    weight: Integers
    at: Floats

    @classmethod
    def of(cls, members: Integers, cells: Floats) -> "Points":
        """Make points of the cells that have members."""
        held = np.flatnonzero(members)
        place = np.full(len(members), -1, np.int64)
        place[held] = np.arange(len(held))
        weight, scores = members[held], cells[held]
        mean = weight @ scores / weight.sum()
        deviation = np.sqrt(weight @ (scores - mean) ** 2 / weight.sum())
        at = (scores - mean) / np.where(deviation > 0, deviation, 1)
        return cls(place, weight, at)


@dataclass(frozen=True)
class Fit:
    """The group of each point (from 0), the centres, and the sum of squares within groups."""

    label: Integers
    centres: Floats
    inertia: float


def fitted(
    points: Points, *, k: int, seed: int, weight: Integers | None = None, restarts: int = RESTARTS
) -> Fit:
    """Return the best of several fits of ``k`` groups.

    Parameters
    ----------
    points
        At least ``k`` of them.
    k, seed
        Groups, and what fixes the starts.
    weight
        Weights in place of the points' own, for resamples; nought leaves a point out.
    restarts
        How many starts are tried.
    """
    from sklearn.cluster import KMeans

    weight = points.weight if weight is None else weight
    held = weight > 0
    model = KMeans(
        n_clusters=min(k, int(held.sum())), n_init=restarts, random_state=seed, algorithm="lloyd"
    ).fit(points.at[held], sample_weight=weight[held])
    centres = np.asarray(model.cluster_centers_, np.float64)
    used, label = np.unique(_nearest(points.at, centres), return_inverse=True)
    return Fit(label.astype(np.int64), centres[used], float(model.inertia_))


def _nearest(at: Floats, centres: Floats) -> Integers:
    squares: Floats = ((at[:, None, :] - centres) ** 2).sum(axis=2)
    return np.asarray(np.round(squares, 12).argmin(axis=1), np.int64)


def best_k(points: Points, tried: Iterable[int], *, seed: int) -> tuple[int, dict[str, float]]:
    """Return the number of groups with the greatest silhouette, and all silhouettes by k.

    Of equal ones the fewest groups; one group where nothing can be tried.
    """
    found = {k: silhouette(points, fitted(points, k=k, seed=seed).label) for k in tried}
    best = max(found, key=lambda k: (round(found[k], 9), -k), default=1)
    return best, {str(k): value for k, value in found.items()}


def silhouette(points: Points, label: Integers) -> float:
    """Return the mean silhouette of all customers: 1 stands far apart, below 0 misplaced.

    Whoever is alone in their group counts as 0, and so does everybody in a single group.
    """
    if not label.max():
        return 0.0
    apart = np.sqrt(((points.at[:, None, :] - points.at) ** 2).sum(axis=2))
    member = np.eye(int(label.max()) + 1)[label]
    total, size = apart @ (member * points.weight[:, None]), points.weight @ member
    rows = np.arange(len(label))
    own = total[rows, label] / np.maximum(size[label] - 1, 1)
    others = total / size
    others[rows, label] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    each = np.where(
        (size[label] > 1) & (widest > 0), (nearest - own) / np.where(widest > 0, widest, 1), 0
    )
    return float(points.weight @ each / points.weight.sum())


def stability_of(points: Points, fit: Fit, *, n: int, seed: int) -> dict[str, float]:
    """Return mean and least agreement of the groups with those of resampled customers.

    Each resample draws as many customers as there are, with repetition, and groups them
    anew; all customers are then placed by its centres.
    """
    rng = np.random.default_rng([seed, len(points.weight)])
    share = points.weight / points.weight.sum()
    k = len(fit.centres)
    found = []
    for number in range(n):
        weight = rng.multinomial(int(points.weight.sum()), share)
        other = fitted(points, k=k, seed=seed + number + 1, weight=weight)
        found.append(rand_index(fit.label, other.label, weight=points.weight))
    return {"resamples": n, "mean": float(np.mean(found)), "least": float(min(found))}


def rand_index(first: Integers, second: Integers, *, weight: Integers) -> float:
    """Return the adjusted Rand index of two groupings of weighted points: 1 is the same."""
    table = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(table, (first, second), weight)
    both = _pairs(table)
    rows, columns, every = _pairs(table.sum(axis=1)), _pairs(table.sum(axis=0)), _pairs(table.sum())
    chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))


def _pairs(counts: Floats | float) -> float:
    """Return how many pairs there are within each count, in all."""
    counts = np.asarray(counts, np.float64)
    return float((counts * (counts - 1) / 2).sum())
