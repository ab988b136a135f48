"""BG/NBD and MBG/NBD: purchases at a constant rate, and a chance to leave after each.

The two differ in one thing: whether a customer may also leave right after the first
purchase. BG/NBD says no, so who bought once is alive for certain; MBG/NBD says yes. In the
formulas this is one more chance, so one implementation serves both.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from algorithms.clv.cells import Cells, Floats

NEAR_ONE = 2e-3
"""Closer than this to a = 1, rounding eats more digits than interpolation loses."""


class Rates(NamedTuple):
    """Gamma and beta of customers who are alive: rate ~ (shape, pace), leaving ~ (a, stays)."""

    shape: Floats
    pace: Floats
    a: float
    stays: Floats


@dataclass(frozen=True)
class BetaGeometric:
    """One of the two models.

    Parameters
    ----------
    name
        ``bg_nbd`` or ``mbg_nbd``.
    at_first
        Chances to leave at the first purchase: 0 or 1.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). "Counting your customers" the easy
    way: an alternative to the Pareto/NBD model. Marketing Science 24.
    Batislam, E. P., Denizel, M. and Filiztekin, A. (2007). Empirical validation and comparison
    of models for customer base analysis. International Journal of Research in Marketing 24.
    """

    name: str
    at_first: int

    names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    starts: ClassVar[tuple[tuple[float, ...], ...]] = (
        (1.0, 1.0, 1.0, 1.0),
        (0.3, 0.1, 0.5, 3.0),
        (0.5, 0.3, 1.5, 9.0),
        (3.0, 1.0, 0.1, 1.0),
    )

    def scales(self, cells: Cells) -> Floats:
        """Return the units of the parameters: ``alpha`` is a time, the others are numbers."""
        return np.array([1.0, cells.mean(cells.age) / cells.unit, 1.0, 1.0])

    def log_likelihood(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return each cell's log-likelihood for one customer, and its gradient.

        Parameters
        ----------
        theta
            ``r``, ``alpha``, ``a``, ``b``.
        cells
            The histories.

        Returns
        -------
        Logarithms, and a row of derivatives for each parameter.
        """
        from scipy.special import betaln, digamma, gammaln

        r, alpha, a, b = theta
        n = cells.by_x.values + self.at_first
        x = cells.by_x.values

        def by_x(values: Floats) -> Floats:
            return np.asarray(values[cells.by_x.codes])

        alive, gone = self._terms(theta, cells)
        among = np.logaddexp(alive, gone)
        stayed, left = np.exp(alive - among), np.exp(gone - among)
        counted = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + n) - betaln(a, b)
        log_age = cells.by_age.of(lambda t: np.log(alpha + t))
        log_last = cells.by_last.of(lambda t: np.log(alpha + t))
        per_age = cells.by_age.of(lambda t: 1 / (alpha + t))
        per_last = cells.by_last.of(lambda t: 1 / (alpha + t))
        both = digamma(a + b) - digamma(a + b + n)
        chances = np.maximum(b + n - 1, np.finfo(float).tiny)
        gradient = np.array(
            [
                by_x(digamma(r + x) - digamma(r) + np.log(alpha))
                - stayed * log_age
                - left * log_last,
                r / alpha - (r + cells.x) * (stayed * per_age + left * per_last),
                by_x(both) + left / a,
                by_x(both + digamma(b + n) - digamma(b)) - left * by_x(1 / chances),
            ]
        )
        return by_x(counted) + among, gradient

    def probability_alive(self, theta: Floats, cells: Cells) -> Floats:
        """Return each cell's probability of not having left yet."""
        alive, gone = self._terms(theta, cells)
        return np.asarray(np.exp(alive - np.logaddexp(alive, gone)))

    def expected_orders(self, theta: Floats, cells: Cells, *, time: float) -> Floats:
        """Return each cell's expected purchase days within ``time`` after the end."""
        rates = self._rates(theta, cells)

        def at(a: float) -> Floats:
            return _expected_alive(rates._replace(a=a), time)

        expected = around_one(at, rates.a)
        # nobody is expected to buy more than somebody who never leaves, nor less than nothing
        most = rates.shape / rates.pace * time
        return self.probability_alive(theta, cells) * np.clip(expected, 0, most)

    def next_orders(self, theta: Floats, cells: Cells, *, time: float) -> Iterator[Floats]:
        """Yield the probabilities of 0, 1, 2, ... purchase days, given being alive."""
        rates = self._rates(theta, cells)
        log_odds = np.log(time) - np.log(rates.pace + time)
        log_chance = rates.shape * (np.log(rates.pace) - np.log(rates.pace + time))
        reached, stayed = np.ones(len(cells)), np.ones(len(cells))
        yield np.exp(log_chance)
        for y in range(1, 2**62):
            reached = np.maximum(reached - np.exp(log_chance), 0)
            log_chance = log_chance + np.log((rates.shape + y - 1) / y) + log_odds
            leaves = rates.a / (rates.a + rates.stays + y - 1)
            left, stayed = stayed * leaves, stayed * (1 - leaves)
            yield stayed * np.exp(log_chance) + left * reached

    def _terms(self, theta: Floats, cells: Cells) -> tuple[Floats, Floats]:
        """Return the logarithms of what being alive and having left speak for."""
        r, alpha, a, b = theta
        n = cells.by_x.values + self.at_first
        with np.errstate(divide="ignore"):
            # without a chance to leave the second term is nothing
            odds = np.where(n > 0, np.log(a) - np.log(np.maximum(b + n - 1, 0)), -np.inf)
        alive = -(r + cells.x) * cells.by_age.of(lambda t: np.log(alpha + t))
        gone = -(r + cells.x) * cells.by_last.of(lambda t: np.log(alpha + t))
        return alive, odds[cells.by_x.codes] + gone

    def _rates(self, theta: Floats, cells: Cells) -> Rates:
        r, alpha, a, b = theta
        pace = cells.by_age.of(lambda t: alpha + t)
        return Rates(r + cells.x, pace, float(a), b + cells.x + self.at_first)


def around_one(function: Callable[[float], Floats], at: float) -> Floats:
    """Return a function whose formula divides by ``at - 1``, also where that is nearly nothing.

    There it is smooth: its value is that of the cubic through four points around one, which
    is exact to about the fourth power of `NEAR_ONE`.
    """
    if abs(at - 1) >= NEAR_ONE:
        return function(at)
    steps = np.array([-2.0, -1.0, 1.0, 2.0])
    where = (at - 1) / NEAR_ONE
    share = [np.prod([(where - o) / (s - o) for o in steps if o != s]) for s in steps]
    parts = [w * function(1 + NEAR_ONE * s) for w, s in zip(share, steps, strict=True)]
    return np.asarray(sum(parts))


def _expected_alive(rates: Rates, t: float) -> Floats:
    """Return the expected purchases within ``t`` of customers who are alive.

    Pfaff's transformation of the published formula: its large power and its large 2F1, each
    of which overflows for heavy buyers, cancel.
    """
    from scipy.special import hyp2f1

    whole = rates.a + rates.stays - 1
    lasting = hyp2f1(rates.shape, rates.a - 1, whole, -t / rates.pace)
    return np.asarray(whole / (rates.a - 1) * (1 - lasting))


BG_NBD = BetaGeometric("bg_nbd", at_first=0)
MBG_NBD = BetaGeometric("mbg_nbd", at_first=1)
