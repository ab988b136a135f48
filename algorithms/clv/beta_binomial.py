"""BG/BB: one chance to buy a period, and a chance to leave at the start of each.

For shops whose purchases come in periods: a week counts once however often somebody bought
in it. Without a clock between purchases regular buyers do not look as if they had left.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

import numpy as np

from algorithms.clv.beta_geometric import around_one
from algorithms.clv.cells import Cells, Floats, Integers
from algorithms.clv.tails import Tails, by_count, tails


class BgBb:
    """The model.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Shang, J. (2010). Customer-base analysis in a
    discrete-time noncontractual setting. Marketing Science 29.
    """

    name: ClassVar[str] = "bg_bb"
    names: ClassVar[tuple[str, ...]] = ("alpha", "beta", "gamma", "delta")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 1.0, 1.0, 1.0),
        (1.0, 1.0, 0.5, 3.0),
        (0.5, 3.0, 0.5, 10.0),
        (0.5, 10.0, 0.3, 10.0),
    )

    def scales(self, cells: Cells) -> Floats:
        """Return the units of the parameters: all are numbers."""
        return np.ones(len(self.names)) if len(cells) else np.zeros(0)

    def log_likelihood(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return each cell's log-likelihood for one customer, and its gradient.

        Parameters
        ----------
        theta
            ``alpha``, ``beta`` of buying, ``gamma``, ``delta`` of leaving.
        cells
            The histories, in whole periods.

        Returns
        -------
        Logarithms, and a row of derivatives for each parameter.
        """
        from scipy.special import betaln, digamma

        alpha, beta, gamma, delta = theta
        among, stayed, gone = self._split(theta, cells)
        chance, tries, misses, ends, holds = gone
        age, rest = cells.by_age.values, (cells.age - cells.x).astype(np.float64)

        def stays(levels: Floats) -> Floats:
            return stayed * levels[cells.by_age.codes]

        bought = cells.by_x.of(lambda x: digamma(alpha + x))
        tried = stays(digamma(alpha + beta + age)) + tries
        kept = stays(digamma(gamma + delta + age)) + ends
        both, leaves = digamma(alpha + beta), digamma(gamma + delta)
        gradient = np.array(
            [
                bought * (stayed + chance) - tried - digamma(alpha) + both,
                stayed * digamma(beta + rest) + misses - tried - digamma(beta) + both,
                stayed * digamma(gamma) + chance * digamma(gamma + 1) - kept,
                stays(digamma(delta + age)) + holds - kept,
            ]
        )
        gradient[2] += leaves - digamma(gamma)
        gradient[3] += leaves - digamma(delta)
        return among - betaln(alpha, beta) - betaln(gamma, delta), gradient

    def probability_alive(self, theta: Floats, cells: Cells) -> Floats:
        """Return each cell's probability of being there in the next period."""
        gamma, delta = theta[2:]
        going_on = (delta + cells.age) / (gamma + delta + cells.age)
        return np.asarray(self._alive_so_far(theta, cells) * going_on)

    def expected_orders(self, theta: Floats, cells: Cells, *, time: float) -> Floats:
        """Return each cell's expected periods with a purchase within ``time`` after the end.

        ``time`` need not be a whole number of periods: the formula is smooth in it.
        """
        from scipy.special import gammaln

        alpha, beta, gamma, delta = theta
        n = cells.age

        def lived(gamma: float) -> Floats:
            now = gammaln(1 + delta + n) - gammaln(gamma + delta + n)
            then = gammaln(1 + delta + n + time) - gammaln(gamma + delta + n + time)
            return np.asarray(-np.expm1(then - now) / (gamma - 1))

        each = (alpha + cells.x) / (alpha + beta + n)
        periods = (delta + n) * around_one(lived, float(gamma))
        return np.asarray(self._alive_so_far(theta, cells) * each * periods)

    def next_orders(self, theta: Floats, cells: Cells, *, time: float) -> Iterator[Floats]:
        """Yield the probabilities of 0, 1, 2, ... periods with a purchase, given being alive.

        The horizon is rounded to whole periods, at least one.
        """
        from scipy.special import betaln

        alpha, beta, gamma, delta = theta
        n = cells.age[:, None]
        lived = np.arange(1, max(1, round(time)) + 1)
        weight = betaln(gamma + 1, delta + n + lived)
        weight[:, -1:] = betaln(gamma, delta + n + lived[-1])
        weight = np.exp(weight - betaln(gamma, delta + n + 1))
        buys, misses = (alpha + cells.x)[:, None], beta + n - cells.x[:, None]
        log_chance = betaln(buys, misses + lived) - betaln(buys, misses)
        for y in range(1, 2**62):
            yield np.asarray((weight * np.exp(log_chance)).sum(axis=1))
            left = np.where(lived >= y, lived - y + 1, 0)
            step = (buys + y - 1) / y / np.maximum(misses + lived - y, 1e-300)
            with np.errstate(divide="ignore"):
                log_chance = log_chance + np.log(left * step)

    def _alive_so_far(self, theta: Floats, cells: Cells) -> Floats:
        return np.minimum(self._split(theta, cells)[1], 1.0)

    def _split(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats, Floats]:
        """Return what alive and gone speak for together, and their shares; see `Between`."""
        from scipy.special import betaln

        alpha, beta, gamma, delta = theta
        alive = betaln(alpha + cells.x, beta + cells.age - cells.x)
        alive += cells.by_age.of(lambda n: np.asarray(betaln(gamma, delta + n)))
        among, stayed = np.empty(len(cells)), np.empty(len(cells))
        gone = np.empty((5, len(cells)))
        periods = int(cells.age.max(initial=0)) + 1
        for rows in by_count(cells, periods):
            counts, code = np.unique(cells.x[rows], return_inverse=True)
            sums = _sums(theta, counts, periods=periods)
            between = sums.between(code, since=cells.last[rows], until=cells.age[rows])
            among[rows], stayed[rows], gone[:, rows] = between.beside(alive[rows])
        return among, stayed, gone


def _sums(theta: Floats, x: Integers, *, periods: int) -> Tails:
    """Sum the chance of leaving, and what its derivatives need, over the periods."""
    from scipy.special import betaln, digamma

    alpha, beta, gamma, delta = theta
    k = np.arange(periods)
    misses = np.maximum(k - x[:, None], 0)
    tries = np.maximum(k, x[:, None])
    scale = betaln(alpha + x[:, None], beta + misses) + betaln(gamma + 1, delta + tries)
    is_possible = k >= x[:, None]
    wanted = np.broadcast_arrays(
        1.0,
        digamma(alpha + beta + k),
        digamma(beta + misses),
        digamma(gamma + delta + 1 + k),
        digamma(delta + k),
    )
    return tails(scale, np.where(is_possible, wanted, 0.0)[:, :, :-1])


BG_BB: Final = BgBb()
