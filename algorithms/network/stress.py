"""Where people stand in a drawing: so that distances on paper are those in the network.

Stress majorization moves everybody at once to where a quadratic bound of the stress is least, so
the stress never rises and there is no chance in it: the same network from the same beginning
gives the same drawing. Begun with the positions of a month ago it ends near them.

A drawing that is settled is left alone to the last digit. Otherwise each run would move
everybody a little further, though nothing has changed.

Gansner, E. R., Koren, Y. and North, S. (2004). Graph drawing by stress majorization.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from algorithms.network.digraph import Digraph, Floats, Numbers

# of the mean distance: nobody sees less
SETTLED: Final = 0.01
# a drawing is made better than it has to be to be left alone, so that rounding cannot wake it
MADE: Final = SETTLED / 2
MOST_STEPS: Final = 2_000
# people of two circles stand apart, those of one together: what the drawing is to show
ACROSS: Final = 3.0
# turn of a sunflower: nobody begins on a line with anybody
GOLDEN: Final = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True, eq=False)
class Drawing:
    """Positions ``at`` (n rows of x and y), how many steps they took, whether they settled."""

    at: Floats
    steps: int
    settled: bool


def distances(network: Digraph, labels: Numbers) -> Floats:
    """Return how far apart any two should stand: steps along arcs, longer between circles.

    Parameters
    ----------
    network
        With an arc each way between any two, as `Digraph.undirected` returns it.
    labels
        The circle of each person; below 0: in none, and apart from everybody.

    Returns
    -------
    ``n`` by ``n``, symmetric, 0 on the diagonal. Who cannot be reached stands one step
    between circles further than anybody who can.
    """
    from scipy.sparse.csgraph import dijkstra

    same = (labels[network.source] == labels[network.target]) & (labels[network.source] >= 0)
    links = network.outward()
    links.data = np.where(same, 1.0, ACROSS)
    apart: Floats = np.asarray(dijkstra(links, directed=False), np.float64)
    reached = np.isfinite(apart)
    furthest = float(apart[reached].max(initial=0.0))
    apart[~reached] = furthest + ACROSS
    return apart


def beginning(labels: Numbers) -> Floats:
    """Return positions to begin with: circles around circles, as seeds in a sunflower."""
    names, place = np.unique(labels, return_inverse=True)
    _, first = np.unique(place[np.argsort(place, kind="stable")], return_index=True)
    order = np.argsort(np.argsort(place, kind="stable"))
    within = order - first[place]
    reach = ACROSS * np.sqrt(len(labels))
    at: Floats = _sunflower(len(names))[place] * reach + _sunflower(len(labels))[within]
    at -= at.mean(axis=0)
    return at


def drawn(apart: Floats, start: Floats) -> Drawing:
    """Move people until their distances fit.

    Parameters
    ----------
    apart
        As `distances` returns them.
    start
        Where everybody begins, n by 2.

    Returns
    -------
    Turned and shifted so as to lie on ``start`` as well as it can; ``start`` itself, unchanged,
    where nobody has to move by more than `SETTLED` of the mean distance.
    """
    n = len(start)
    if n < 2:
        return Drawing(start, 0, settled=True)
    weight = np.divide(1.0, apart**2, out=np.zeros_like(apart), where=apart > 0)
    # of the bound of the stress; the ones fix the centre, which stress leaves open
    bound = np.diag(weight.sum(axis=1)) - weight + 1.0 / n
    inverse = np.linalg.inv(bound)
    scale = float(apart[np.triu_indices(n, 1)].mean())
    at, steps, moved = start, 0, np.inf
    while moved > MADE * scale and steps < MOST_STEPS:
        found = inverse @ _pull(at, apart, weight=weight) + at.mean(axis=0)
        moved = float(np.sqrt(((found - at) ** 2).sum(axis=1)).max())
        if steps == 0 and moved <= SETTLED * scale:
            return Drawing(start, 0, settled=True)
        at, steps = found, steps + 1
    return Drawing(_laid_on(at, start), steps, settled=moved <= MADE * scale)


def _pull(at: Floats, apart: Floats, *, weight: Floats) -> Floats:
    """Return the right side of the step: where everybody is drawn, times the weights."""
    gap = at[:, None, :] - at[None, :, :]
    length = np.sqrt((gap**2).sum(axis=2))
    ratio = np.divide(weight * apart, length, out=np.zeros_like(apart), where=length > 0)
    return np.asarray((np.diag(ratio.sum(axis=1)) - ratio) @ at, np.float64)


def _laid_on(at: Floats, start: Floats) -> Floats:
    """Turn and shift positions onto others, mirrored if need be; sizes stay."""
    centre, other = at.mean(axis=0), start.mean(axis=0)
    left, _, right = np.linalg.svd((at - centre).T @ (start - other))
    return np.asarray((at - centre) @ left @ right + other, np.float64)


def _sunflower(n: int) -> Floats:
    k = np.arange(n)
    radius = np.sqrt((k + 0.5) / max(n, 1))
    return np.column_stack([radius * np.cos(k * GOLDEN), radius * np.sin(k * GOLDEN)])
