"""Bass's model of first purchases: its curve, and p, q and m from what was sold so far.

Of m who will ever buy, those who have not yet do so at the rate p + q F, where F is the share of
those who have: p of their own accord, q after others.

Bass, F. (1969). A new product growth model for consumer durables. Management Science 15.
Schmittlein, D. & Mahajan, V. (1982). Maximum likelihood estimation for an innovation diffusion
model of new product acceptance. Marketing Science 1.
Srinivasan, V. & Mason, C. (1986). Nonlinear least squares estimation of new product diffusion
models. Marketing Science 5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log, sqrt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

Z: Final = 1.959963984540054
# where a search begins: from launches that nobody imitates to those that all do
GRID_P: Final = np.geomspace(1e-5, 0.5, 40)
GRID_Q: Final = np.concatenate([[1e-6], np.geomspace(0.003, 3.0, 39)])
PRECISE: Final = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4_000}
# rates beyond which a curve is over within a period, or never begins
LOWEST: Final = log(1e-9)
HIGHEST: Final = log(20.0)


class Rates(NamedTuple):
    """Bass's p and q a period, both above 0."""

    p: float
    q: float


@dataclass(frozen=True)
class Fit:
    """A fitted curve.

    Parameters
    ----------
    p, q
        Rates a period, above 0.
    m
        Buyers in the end.
    p_ends, q_ends, m_ends
        Ends of 95 % intervals; infinite where the data do not bound them.
    deviance
        Of periods from the curve (likelihood), or the residual sum of squares.
    misfit
        Deviance over degrees of freedom: 1 where periods scatter as counts by chance; of least
        squares the residual variance.
    """

    p: float
    q: float
    m: float
    p_ends: tuple[float, float]
    q_ends: tuple[float, float]
    m_ends: tuple[float, float]
    deviance: float
    misfit: float

    @property
    def peak(self) -> float:
        """Return when most buy, in periods from the launch; 0: at once."""
        return peak_of(Rates(self.p, self.q))


def adopted(t: Floats, rates: Rates) -> Floats:
    """Return the share that has bought by ``t`` periods after the launch."""
    p, q = rates
    decay = np.exp(-(p + q) * t)
    shares: Floats = (1 - decay) / (1 + (q / p) * decay)
    return shares


def adopting(t: Floats, rates: Rates) -> Floats:
    """Return the share that buys a period at the instant ``t``."""
    p, q = rates
    decay = np.exp(-(p + q) * t)
    density: Floats = ((p + q) ** 2 / p) * decay / (1 + (q / p) * decay) ** 2
    return density


def peak_of(rates: Rates) -> float:
    """Return when most buy, in periods from the launch; 0: at once."""
    p, q = rates
    return log(q / p) / (p + q) if q > p else 0.0


def likeliest(first_purchases: Floats) -> Fit:
    """Fit the curve to whole periods by maximum likelihood.

    Parameters
    ----------
    first_purchases
        Buyers who bought for the first time in periods 1, 2, ... since the launch, >= 0, more
        than none; later buyers are not known yet.

    Returns
    -------
    The likeliest rates; ``m`` follows as buyers so far over the share that should have bought.

    Notes
    -----
    Given how many bought so far, each fell into a period with probability
    (F(t) - F(t-1)) / F(T): m is no part of that, and is found after p and q.
    """
    from scipy.optimize import minimize

    sold = np.asarray(first_purchases, dtype=np.float64)

    def loss(logs: Floats) -> float:
        return -_log_likelihood(sold, _rates(logs))

    found = minimize(loss, _start(sold), method="Nelder-Mead", options=PRECISE)
    rates = _rates(found.x)
    m = float(sold.sum()) / _share(len(sold), rates)
    deviance = _deviance(sold, m * _shares(len(sold), rates))
    # seasons and campaigns scatter more than chance does, and the intervals have to show it
    misfit = deviance / max(len(sold) - 3, 1)
    spread = max(misfit, 1.0) * _spread(loss, np.log(rates))
    by_share = _spread_of_m(np.log(rates), spread, periods=len(sold))
    return Fit(
        p=rates.p,
        q=rates.q,
        m=m,
        p_ends=_ends(rates.p, spread[0, 0]),
        q_ends=_ends(rates.q, spread[1, 1]),
        m_ends=_ends(m, by_share + max(misfit, 1.0) / float(sold.sum())),
        deviance=deviance,
        misfit=misfit,
    )


def least_squares(sales: Floats) -> Fit:
    """Fit the curve's height at t = 1, 2, ... to sales by nonlinear least squares.

    Parameters
    ----------
    sales
        Of equal periods from the launch on, at least 4.

    Returns
    -------
    The estimates; ``deviance`` is the residual sum of squares.

    Notes
    -----
    The form of textbooks, for sales of which only totals are known; it takes the sales of a
    period for the rate at its end.
    """
    from scipy.optimize import curve_fit

    sold = np.asarray(sales, dtype=np.float64)
    t = np.arange(1, len(sold) + 1, dtype=np.float64)

    def height(at: Floats, m: float, *rates: float) -> Floats:
        return m * adopting(at, Rates(*rates))

    p, q = _rates(_start(sold))
    begin = (sold.sum() / _share(len(sold), Rates(p, q)), p, q)
    found, covariance = curve_fit(height, t, sold, p0=begin, maxfev=20_000)
    m, p, q = found.tolist()
    errors = np.sqrt(np.diag(covariance)).tolist()
    residual = float(((sold - height(t, m, p, q)) ** 2).sum())
    ends = [(x - Z * e, x + Z * e) for x, e in zip((m, p, q), errors, strict=True)]
    return Fit(
        p=p,
        q=q,
        m=m,
        m_ends=ends[0],
        p_ends=ends[1],
        q_ends=ends[2],
        deviance=residual,
        misfit=residual / (len(sold) - 3),
    )


def _rates(logs: Floats) -> Rates:
    """Return rates by their logarithms, within bounds."""
    return Rates(*np.exp(np.clip(logs, LOWEST, HIGHEST)).tolist())


def _share(periods: int, rates: Rates) -> float:
    """Return the share of the market that has bought after so many periods."""
    return float(adopted(np.array([float(periods)]), rates)[0])


def _shares(periods: int, rates: Rates) -> Floats:
    """Return the share of the market that buys in each period."""
    return np.diff(adopted(np.arange(periods + 1, dtype=np.float64), rates))


def _log_likelihood(sold: Floats, rates: Rates) -> float:
    shares = _shares(len(sold), rates)
    whole = shares.sum()
    if not (whole > 0 and np.isfinite(whole)):
        return -1e300
    return float(sold @ np.log(np.maximum(shares / whole, 1e-300)))


def _start(sold: Floats) -> Floats:
    """Return the likeliest pair of a grid, as logarithms."""
    p, q, t = GRID_P[:, None, None], GRID_Q[:, None], np.arange(len(sold) + 1.0)
    decay = np.exp(-(p + q) * t)
    shares = np.diff((1 - decay) / (1 + (q / p) * decay))
    chances = shares / shares.sum(axis=-1, keepdims=True)
    values = np.log(np.maximum(chances, 1e-300)) @ sold
    i, j = np.unravel_index(int(values.argmax()), values.shape)
    return np.log(np.array([GRID_P[i], GRID_Q[j]], np.float64))


def _spread(loss: Callable[[Floats], float], logs: Floats) -> Floats:
    """Return the covariance of log p and log q, from the curvature at the optimum."""
    step = 1e-4
    moves = np.eye(2) * step
    curved = np.empty((2, 2))
    for i in range(2):
        for j in range(2):
            plus = loss(logs + moves[i] + moves[j]) + loss(logs - moves[i] - moves[j])
            minus = loss(logs + moves[i] - moves[j]) + loss(logs - moves[i] + moves[j])
            curved[i, j] = (plus - minus) / (4 * step**2)
    if np.linalg.det(curved) <= 1e-12 or curved[0, 0] <= 0:
        return np.full((2, 2), inf)
    return np.asarray(np.linalg.inv(curved), np.float64)


def _spread_of_m(logs: Floats, spread: Floats, *, periods: int) -> float:
    """Return the variance of the logarithm of the share that should have bought so far."""
    if not np.isfinite(spread).all():
        return inf
    step = 1e-5
    slope = np.array(
        [
            log(_share(periods, _rates(logs + move)) / _share(periods, _rates(logs - move)))
            for move in np.eye(2) * step
        ]
    ) / (2 * step)
    return float(slope @ spread @ slope)


def _ends(value: float, variance: float) -> tuple[float, float]:
    """Return the ends of a 95 % interval of a positive number, even on its logarithm."""
    width = Z * sqrt(max(variance, 0.0))
    return (value * float(np.exp(-width)), value * float(np.exp(min(width, 700.0))))


def _deviance(sold: Floats, expected: Floats) -> float:
    """Return twice what the log-likelihood of Poisson counts lacks to a perfect fit."""
    ratio = np.where(sold > 0, sold / np.maximum(expected, 1e-300), 1.0)
    return float(2 * (sold * np.log(ratio) - (sold - expected)).sum())
