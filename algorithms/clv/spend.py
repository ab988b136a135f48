"""Gamma-Gamma: what a customer spends a purchase day, drawn towards what all spend.

The mean of a few purchases says little, so it is shrunk: the less, the more purchases it
rests on. The model holds only where those who come often spend no more and no less at a
time; the correlation of the two is returned so that everybody can see it.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from algorithms.clv.cells import Floats, Integers
from algorithms.clv.maximum import Fit, Problem, maximise

NAMES: Final = ("p", "q", "v")
STARTS: Final = ((2.0, 3.0, 1.0), (6.0, 4.0, 0.5), (1.0, 2.0, 2.0), (20.0, 3.0, 0.1))
SAMPLE: Final = 20_000


@dataclass(frozen=True)
class Spending:
    """Repeat purchases of customers, and what they are worth.

    Parameters
    ----------
    x
        Purchase days after the first.
    mean
        Currency units a purchase day after the first, net of returns; any value where ``x``
        is 0.
    """

    x: Integers
    mean: Floats

    def usable(self) -> "Spending":
        """Return the customers who came back and paid more than they got back."""
        return self.part((self.x > 0) & (self.mean > 0))

    def part(self, rows: "slice | npt.NDArray[np.bool_]") -> "Spending":
        """Return some of the customers."""
        return Spending(self.x[rows], self.mean[rows])

    def correlation(self) -> float:
        """Return the correlation of count and mean; 0 where one of the two is constant."""
        if len(self.x) < 2 or np.ptp(self.x) == 0 or np.ptp(self.mean) == 0:
            return 0.0
        return float(np.corrcoef(self.x, self.mean)[0, 1])


@dataclass(frozen=True)
class GammaGamma:
    """The fitted model.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005). RFM and CLV: using iso-value curves
    for customer base analysis. Journal of Marketing Research 42.
    """

    fit: Fit

    FEWEST: ClassVar[int] = 10

    @classmethod
    def of(cls, customers: Spending) -> "GammaGamma":
        """Fit the model to usable customers, ordered by their values; see `Spending.usable`."""
        order = np.lexsort((customers.mean, customers.x))
        sorted_ = Spending(customers.x[order], customers.mean[order])
        rough = sorted_.part(slice(None, None, -(-len(order) // SAMPLE)))
        scale = float(sorted_.mean.mean())
        problem = Problem(
            objective=lambda theta: log_likelihood(theta, sorted_),
            rough=lambda theta: log_likelihood(theta, rough),
            names=NAMES,
            scales=np.array([1.0, 1.0, scale]),
            starts=STARTS,
            size=float(len(order)),
        )
        return cls(maximise(problem))

    @property
    def is_sound(self) -> bool:
        """Tell whether there is a maximum inside, and a mean for those who came once."""
        return not self.fit.ran_off and float(self.fit.theta[1]) > 1

    def expected(self, customers: Spending) -> Floats:
        """Return the currency units that each customer is expected to spend a purchase day."""
        p, q, _ = self.fit.theta
        return np.asarray(p * self.pooled(customers) / (p * customers.x + q - 1))

    def pooled(self, customers: Spending) -> Floats:
        """Return what all and the customer together speak for: ``v + x m``, returns as nothing."""
        return np.asarray(self.fit.theta[2] + customers.x * np.maximum(customers.mean, 0))


def log_likelihood(theta: Floats, customers: Spending) -> tuple[float, Floats]:
    """Return the log-likelihood of usable customers and its gradient by ``p``, ``q``, ``v``."""
    from scipy.special import digamma, gammaln

    p, q, v = theta
    x, codes = np.unique(customers.x, return_inverse=True)
    n = np.bincount(codes).astype(np.float64)
    log_mean, log_sum = np.log(customers.mean), np.log(v + customers.x * customers.mean)
    by_count = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v) + p * x * np.log(x)
    value = n @ by_count + ((p * customers.x - 1) * log_mean).sum()
    value -= ((p * customers.x + q) * log_sum).sum()
    psi = digamma(p * x + q)
    gradient = np.array(
        [
            n @ (x * (psi - digamma(p * x) + np.log(x)))
            + (customers.x * (log_mean - log_sum)).sum(),
            n @ (psi - digamma(q) + np.log(v)) - log_sum.sum(),
            q / v * n.sum() - ((p * customers.x + q) / (v + customers.x * customers.mean)).sum(),
        ]
    )
    return float(value), gradient
