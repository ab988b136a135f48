"""Pareto/NBD: purchases at a constant rate until the customer leaves, unseen, at any moment.

The likelihood holds the chance of having left between the last purchase and the end. Its
published form subtracts two hypergeometric functions, which cancel where that time is short.
Here the chance is integrated day by day (Gauss and Legendre), with its derivatives, and the
first day in pieces that shrink towards the first purchase, where it may be steep.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np

from algorithms.clv.beta_geometric import around_one
from algorithms.clv.cells import Cells, Floats, Integers
from algorithms.clv.tails import Tails, by_count, tails

POINTS: Final = 6
"""Per day: exact to twelve digits at the rates that daily counts allow."""
LIFETIMES: Final = 16
"""Points at which the distribution of future lifetimes is cut."""
FIRST_DAY: Final = np.concatenate([[0.0], 2.0 ** np.arange(-14.0, 0.0)])


class ParetoNbd:
    """The model.

    References
    ----------
    Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987). Counting your customers: who
    are they and what will they do next? Management Science 33.
    """

    name: ClassVar[str] = "pareto_nbd"
    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 1.0, 1.0, 1.0),
        (0.5, 0.3, 0.3, 0.2),
        (1.5, 1.0, 0.5, 1.0),
        (3.0, 1.0, 0.3, 3.0),
    )

    def scales(self, cells: Cells) -> Floats:
        """Return the units of the parameters: ``alpha`` and ``beta`` are times."""
        age = cells.mean(cells.age) / cells.unit
        return np.array([1.0, age, 1.0, age])

    def log_likelihood(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return each cell's log-likelihood for one customer, and its gradient.

        Parameters
        ----------
        theta
            ``r``, ``alpha``, ``s``, ``beta``.
        cells
            The histories, in whole days.

        Returns
        -------
        Logarithms, and a row of derivatives for each parameter.
        """
        from scipy.special import digamma, gammaln

        r, alpha, s, beta = theta
        among, stayed, gone = self._split(theta, cells)
        chance, log_a, per_a, log_b, per_b = gone
        log_alpha, log_beta = np.log(alpha), np.log(beta)
        counted = cells.by_x.of(lambda x: gammaln(r + x) - gammaln(r))
        psi = cells.by_x.of(lambda x: digamma(r + x) - digamma(r))

        def stays(levels: Floats) -> Floats:
            return stayed * levels[cells.by_age.codes]

        age = cells.by_age.values
        gradient = np.array(
            [
                psi + log_alpha - stays(np.log(alpha + age)) - log_a,
                r / alpha - (r + cells.x) * (stays(1 / (alpha + age)) + per_a),
                log_beta - stays(np.log(beta + age)) + chance / s - log_b,
                s / beta - stays(s / (beta + age)) - (s + 1) * per_b,
            ]
        )
        return counted + r * log_alpha + s * log_beta + among, gradient

    def probability_alive(self, theta: Floats, cells: Cells) -> Floats:
        """Return each cell's probability of not having left yet."""
        return np.minimum(self._split(theta, cells)[1], 1.0)

    def expected_orders(self, theta: Floats, cells: Cells, *, time: float) -> Floats:
        """Return each cell's expected purchase days within ``time`` after the end."""
        r, alpha, s, beta = theta
        age = cells.age / cells.unit
        passed = np.log1p(time / (beta + age))

        def lived(s: float) -> Floats:
            return np.asarray(-np.expm1(-(s - 1) * passed) / (s - 1))

        rate = (r + cells.x) / (alpha + age)
        expected = rate * (beta + age) * around_one(lived, float(s))
        return np.asarray(self.probability_alive(theta, cells) * expected)

    def next_orders(self, theta: Floats, cells: Cells, *, time: float) -> Iterator[Floats]:
        """Yield the probabilities of 0, 1, 2, ... purchase days, given being alive."""
        from scipy.special import roots_legendre

        r, alpha, s, beta = theta
        pace = (alpha + cells.age / cells.unit)[:, None]
        patience = (beta + cells.age / cells.unit)[:, None]
        # lifetimes in steps of equal chance, and those who outlive the horizon
        lasts = (patience / (patience + time)) ** s
        points, weights = roots_legendre(LIFETIMES)
        chance = lasts + (1 - lasts) * (points + 1) / 2
        lived = np.hstack([patience * np.expm1(-np.log(chance) / s), np.full_like(lasts, time)])
        weight = np.hstack([(1 - lasts) * weights / 2, lasts])
        shape = (r + cells.x)[:, None]
        log_odds = np.log(lived) - np.log(pace + lived)
        log_chance = shape * (np.log(pace) - np.log(pace + lived))
        for y in range(1, 2**62):
            yield np.asarray((weight * np.exp(log_chance)).sum(axis=1))
            log_chance = log_chance + np.log((shape + y - 1) / y) + log_odds

    def _split(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
        """Return what alive and gone speak for together, and their shares; see `Between`."""
        r, alpha, s, beta = theta
        alive = -(r + cells.x) * cells.by_age.of(lambda t: np.log(alpha + t))
        alive -= cells.by_age.of(lambda t: s * np.log(beta + t))
        edges = _edges(int(cells.age.max(initial=0)))
        among, stayed = np.empty(len(cells)), np.empty(len(cells))
        gone = np.empty((5, len(cells)))
        for rows in by_count(cells, POINTS * len(edges)):
            counts, code = np.unique(cells.x[rows], return_inverse=True)
            sums = _integrals(theta, counts, edges=edges / cells.unit)
            ends = (_place(days[rows]) for days in (cells.last, cells.age))
            between = sums.between(code, since=next(ends), until=next(ends))
            among[rows], stayed[rows], gone[:, rows] = between.beside(alive[rows])
        return among, stayed, gone


def _edges(days: int) -> Floats:
    """Return the days 0 to ``days``, the first of them in pieces."""
    return np.concatenate([FIRST_DAY, np.arange(1.0, max(days, 1) + 1)])


def _place(days: Integers) -> Integers:
    """Return where whole days stand among the edges."""
    return np.where(days > 0, days + len(FIRST_DAY) - 1, 0)


def _integrals(theta: Floats, x: Integers, *, edges: Floats) -> Tails:
    """Integrate the chance of leaving, and what its derivatives need, between the edges."""
    from scipy.special import roots_legendre

    r, alpha, s, beta = theta
    points, weights = roots_legendre(POINTS)
    width = np.diff(edges)[:, None]
    at = edges[:-1, None] + width * (points + 1) / 2
    log_a, log_b = np.log(alpha + at), np.log(beta + at)
    shape = (r + x)[:, None]
    scale = -shape * np.log(alpha + edges) - (s + 1) * np.log(beta + edges)
    density = np.exp(-shape[:, :, None] * log_a - (s + 1) * log_b - scale[:, :-1, None])
    density *= s * width * weights / 2
    wanted = np.array([np.ones_like(at), log_a, 1 / (alpha + at), log_b, 1 / (beta + at)])
    return tails(scale, np.einsum("xmp,kmp->kxm", density, wanted))


PARETO_NBD: Final = ParetoNbd()
