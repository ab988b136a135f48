"""How far next year's purchases and spend may lie from what is expected.

The distribution is the predictive one: with the chance of having left there are none, else
as many as the model says, each worth what Gamma-Gamma says. That the parameters are
estimates is left out, as it is for a shop of some thousand customers far less than chance.

Purchases are exact. Spend is a ratio of gamma variables once the number of purchases is
known, and depends on the customer only by a factor; it is read off points that fill the
space evenly, the same for all, so there is no randomness and nothing to seed.
"""

from typing import Final, NamedTuple

import numpy as np

from algorithms.clv.cells import Cells, Floats, Integers
from algorithms.clv.model import Fitted

POINTS: Final = 200
TOGETHER: Final = 10_000
"""Histories worked on at once."""
# powers of the plastic number's inverse: the evenest sequence in two dimensions
EVEN: Final = (0.7548776662466927, 0.5698402909980532)


class Outlook(NamedTuple):
    """Both ends of the interval of each cell.

    ``orders`` are counts; ``spend`` is in units of what Gamma-Gamma pools for a customer
    (see `GammaGamma.pooled`), all zero where nothing is known of spend.
    """

    orders_lower: Integers
    orders_upper: Integers
    spend_lower: Floats
    spend_upper: Floats


class Shapes(NamedTuple):
    """Gamma-Gamma's two shapes: of one purchase, and of the spread between customers."""

    p: float
    q: float


def outlook(
    fitted: Fitted, cells: Cells, *, time: float, coverage: float, shapes: Shapes | None
) -> Outlook:
    """Return the central interval of each cell.

    Parameters
    ----------
    fitted
        The model of purchases.
    cells
        The histories.
    time
        The horizon, in units of the cells.
    coverage
        The share of futures inside, above 0 and below 1.
    shapes
        Of Gamma-Gamma; None where spend is not known.
    """
    ends = np.array([(1 - coverage) / 2, (1 + coverage) / 2])
    orders, spend = np.zeros((2, len(cells)), np.int64), np.zeros((2, len(cells)))
    # those who buy about as often are done after about as many steps
    ranked = np.argsort(fitted.expected(cells, time=time), kind="stable")
    for first in range(0, len(cells), TOGETHER):
        rows = ranked[first : first + TOGETHER]
        orders[:, rows], counts = _counted(fitted, cells.part(rows), time=time, ends=ends)
        if shapes:
            spend[:, rows] = _spent(counts, cells.x[rows], shapes=shapes, ends=ends)
    # points are coarser than counts, and who is not expected to buy is not expected to spend
    spend[orders == 0] = 0
    return Outlook(orders[0], orders[1], spend[0], spend[1])


def _counted(
    fitted: Fitted, cells: Cells, *, time: float, ends: Floats
) -> tuple[Integers, Integers]:
    """Return the ends for the number of purchases, and that number at evenly spaced chances."""
    theta = fitted.fit.theta
    lives = fitted.model.probability_alive(theta, cells)
    below, orders = 1 - lives, np.zeros((2, len(cells)), np.int64)
    steps = np.zeros((len(cells), POINTS + 1), np.int16)
    each = np.arange(len(cells))
    for chance in fitted.model.next_orders(theta, cells, time=time):
        below = below + lives * chance
        orders += below < ends[:, None]
        steps[each, np.minimum(np.floor(below * POINTS + 0.5), POINTS).astype(np.int64)] += 1
        if below.min() > max(1 - 0.4 / POINTS, ends[1]):
            break
    return orders, np.cumsum(steps[:, :POINTS], axis=1, dtype=np.int64)


def _spent(counts: Integers, x: Integers, *, shapes: Shapes, ends: Floats) -> Floats:
    """Return the ends for spend from the number of purchases at evenly spaced chances."""
    from scipy.special import gammaincinv

    i = np.arange(1, POINTS + 1)
    one, other = (((0.5 + i * step) % 1) for step in EVEN)
    of_counts = gammaincinv(shapes.p * np.arange(counts.max(initial=0) + 1)[1:, None], one)
    of_counts = np.vstack([np.zeros(POINTS), of_counts])
    distinct, code = np.unique(x, return_inverse=True)
    of_customers = gammaincinv(shapes.p * distinct[:, None] + shapes.q, other)
    ratio = of_counts[counts, i - 1] / of_customers[code]
    ranks = np.clip(np.round(ends * POINTS - 0.5), 0, POINTS - 1).astype(np.int64)
    return np.partition(ratio, ranks, axis=1)[:, ranks].T
