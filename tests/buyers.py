"""Customers drawn from the very models that are to be found again, and shops made of them.

Rates and chances to leave differ between customers, as they do in a shop and do not where
rows are drawn evenly. Times are whole days; purchases of one day are one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from algorithms.contract import Algorithm
from graph.columns import TIME
from tests.pure import tables_of

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truth = Mapping[str, float]

WEEK = 7
# day 365 is that up to which the made-up rows of the contract are counted
START = date(2025, 3, 1)

BG = {"r": 0.6, "alpha": 8.0, "a": 0.8, "b": 2.5}
PARETO = {"r": 0.8, "alpha": 8.0, "s": 0.7, "beta": 12.0}
GAMMA_GAMMA = {"p": 6.0, "q": 4.0, "v": 15.0}


@dataclass(frozen=True)
class Bought:
    """Purchase days, one element each: who, and on which day counted from the start."""

    customer: Integers
    day: Integers
    end: int

    def before(self, cut: int) -> "Bought":
        """Return what was bought on or before a day, which becomes the end."""
        known = self.day <= cut
        return Bought(self.customer[known], self.day[known], cut)

    def summary(self) -> pd.DataFrame:
        """Return ``x``, ``last`` and ``age`` in days by customer, by plain grouping."""
        days = pd.DataFrame({"customer": self.customer, "day": self.day}).drop_duplicates()
        of_customer = days.groupby("customer")["day"].agg(["min", "max", "size"])
        columns = {
            "x": of_customer["size"] - 1,
            "last": of_customer["max"] - of_customer["min"],
            "age": self.end - of_customer["min"],
        }
        return pd.DataFrame(columns)


def buying_and_leaving(
    truth: Truth, *, n: int, seed: int, at_first: bool = False, days: int = 728
) -> Bought:
    """Draw from BG/NBD, or MBG/NBD where one may leave at the first purchase."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], n) / WEEK
    leaves = rng.beta(truth["a"], truth["b"], n)
    first = rng.integers(0, days // 2, n)
    leaving = [rng.geometric(p) for p in np.maximum(leaves, 1e-9)]
    purchases = np.array(leaving) - (1 if at_first else 0)
    return _clocked(rng, rate=rate, first=first, most=purchases, stops=np.full(n, np.inf), end=days)


def buying_until_gone(truth: Truth, *, n: int, seed: int, days: int = 728) -> Bought:
    """Draw from Pareto/NBD."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(truth["r"], 1 / truth["alpha"], n) / WEEK
    lives = rng.exponential(1 / rng.gamma(truth["s"], 1 / truth["beta"], n)) * WEEK
    first = rng.integers(0, days // 2, n)
    most = np.full(n, 10**6)
    return _clocked(rng, rate=rate, first=first, most=most, stops=first + lives, end=days)


def _clocked(
    rng: np.random.Generator,
    *,
    rate: Floats,
    first: Integers,
    most: Integers,
    stops: Floats,
    end: int,
) -> Bought:
    """Let clocks run from the first purchase until a count, a stop or the end is reached."""
    at, buying = first.astype(np.float64), np.arange(len(first))
    customers, days, count = [buying], [first], 0
    while len(buying):
        count += 1
        at[buying] += rng.exponential(1 / np.maximum(rate[buying], 1e-12))
        buying = buying[(at[buying] <= np.minimum(stops, end)[buying]) & (count <= most[buying])]
        customers.append(buying)
        days.append(np.ceil(at[buying]).astype(np.int64))
    customer, day = np.concatenate(customers), np.concatenate(days)
    in_time = day <= end
    return Bought(customer[in_time], day[in_time], end)


def amounts_of(bought: Bought, truth: Truth, *, seed: int) -> Floats:
    """Draw what each purchase cost, from Gamma-Gamma, in whole cents."""
    rng = np.random.default_rng(seed)
    pace = rng.gamma(truth["q"], 1 / truth["v"], int(bought.customer.max()) + 1)
    drawn = rng.gamma(truth["p"], 1 / pace[bought.customer])
    return np.asarray(np.maximum(np.round(drawn, 2), 0.01))


def orders_of(bought: Bought, amounts: Floats) -> pa.Table:
    """Return the purchases as orders, one each, at noon of their days."""
    n = len(bought.day)
    days = [START + timedelta(days=int(day)) for day in bought.day]
    return pa.table(
        {
            "order_id": [f"o{i:06d}" for i in range(n)],
            "customer_id": [f"c{c:05d}" for c in bought.customer],
            "ordered_at": pa.array([_noon(day) for day in days], TIME),
            "ordered_day": pa.array(days, pa.date32()),
            "status": ["paid"] * n,
            "amount": np.rint(amounts * 10_000).astype(np.int64),
            "discount": pa.nulls(n, pa.int64()),
            "payment_type": pa.nulls(n, pa.string()),
        }
    )


def instant(day: int) -> datetime:
    """Return the noon of a day counted from the start."""
    return _noon(START + timedelta(days=day))


def shop_for(algorithm: Algorithm, *, n: int = 500, seed: int = 3) -> dict[str, pa.Table]:
    """Return the tables that ``algorithm`` reads, with orders of a year of such customers."""
    bought = buying_and_leaving(BG, n=n, seed=seed, at_first=True, days=365)
    orders = orders_of(bought, amounts_of(bought, GAMMA_GAMMA, seed=seed))
    tables = tables_of(algorithm, {})
    tables["orders"] = orders.select(list(algorithm.reads["orders"]))
    return tables


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
