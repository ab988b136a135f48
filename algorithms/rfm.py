"""How recently, how often and for how much each customer buys, and where that places them.

Scores count quantile edges strictly below a value, so equal values have equal scores: over
a third of a shop's customers have one order, and ranking them by row order would give the
same frequency two scores. Edges are compared as whole numbers (milliseconds, orders,
ten-thousandths): a rounded edge would move those who lie on it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.contract import Algorithm, Inputs, PropertyOptions, Result, owned
from algorithms.parameters import DatedParameters
from graph.errors import ComputeError
from graph.language import Text

Integers = npt.NDArray[np.int64]

FIFTHS = 5
DAY_MILLISECONDS = 86_400_000
MONEY_UNITS = 10_000


class RfmParameters(DatedParameters):
    """Nothing to set; recency counts from ``as_of``."""


class FutureOrderError(ComputeError):
    """An order lies after the instant from which recency is counted."""

    text = Text(
        "{customers} customers have orders after as_of ({as_of}). Pass only orders up to it.",
        "有 {customers} 个客户的订单晚于统计时点({as_of})。只应传入该时点之前的订单。",
    )


class Edges(NamedTuple):
    """Four quantile edges in fifths of a unit: whole numbers, therefore exact."""

    in_fifths: Integers

    def scores(self, values: Integers) -> Integers:
        """Return 1 to 5 for each value: one more than the number of edges below it."""
        return np.asarray(1 + np.searchsorted(self.in_fifths, values * FIFTHS, side="left"))

    def in_units(self, unit: int) -> list[float]:
        """Return the edges as people read them, ``unit`` values making one."""
        return [int(edge) / FIFTHS / unit for edge in self.in_fifths]


VISITS = """
WITH sums AS (
    SELECT order_id, SUM(amount) AS amount
    FROM order_lines
    GROUP BY order_id
), paid AS (
    SELECT o.customer_id, o.ordered_at, COALESCE(s.amount, o.amount, 0) AS amount
    FROM orders o
    LEFT JOIN sums s ON o.order_id = s.order_id
    WHERE COALESCE(o.status, 'paid') = 'paid' AND o.customer_id IS NOT NULL
)
SELECT
    customer_id,
    MAX(CASE WHEN amount >= 0 THEN ordered_at END) AS last_at,
    CAST(SUM(CASE WHEN amount >= 0 THEN 1 ELSE 0 END) AS BIGINT) AS n_orders,
    CAST(SUM(amount) AS BIGINT) AS spend
FROM paid
GROUP BY customer_id
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: RfmParameters) -> Result:
    """Measure and score every customer who has visited.

    Parameters
    ----------
    inputs
        ``visits``: one row a customer with a paid order, ordered by ``customer_id``:
        ``last_at`` (latest paid order that is no pure return), ``n_orders`` of them, and
        ``spend`` over all paid orders (ten-thousandths, below zero where returns outweigh).
    params
        ``as_of`` is the instant from which recency is counted.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``rfm_recency_days`` (days, with their
    fraction, >= 0), ``rfm_order_count`` (>= 1), ``rfm_spend`` (ten-thousandths), ``rfm_r``,
    ``rfm_f``, ``rfm_m`` (1 to 5; the latest buyers have R = 5). Customers without a paid
    order, or with nothing but returns, are absent, not zero. Metrics keep the edges.

    Raises
    ------
    FutureOrderError
        If an order was placed after ``as_of``.

    Notes
    -----
    Recency keeps its fraction: whole days would tie a morning buyer with an evening one.
    Quantiles are of type 7 (linear between order statistics).

    References
    ----------
    Hughes, A. M. (1994). Strategic Database Marketing. Probus.
    Hyndman, R. J. and Fan, Y. (1996). Sample quantiles in statistical packages.
    """
    visits = inputs["visits"]
    buyers = visits[visits["n_orders"] > 0].reset_index(drop=True)
    elapsed = _elapsed(buyers["last_at"], params=params)
    orders = buyers["n_orders"].to_numpy(np.int64)
    spend = buyers["spend"].to_numpy(np.int64)
    edges = {name: edges_of(v) for name, v in (("r", elapsed), ("f", orders), ("m", spend))}
    columns = {
        "customer_id": buyers["customer_id"],
        "rfm_recency_days": elapsed / DAY_MILLISECONDS,
        "rfm_order_count": orders,
        "rfm_spend": spend,
        "rfm_r": FIFTHS + 1 - edges["r"].scores(elapsed),
        "rfm_f": edges["f"].scores(orders),
        "rfm_m": edges["m"].scores(spend),
    }
    metrics = {**_metrics(edges), "returns_only": len(visits) - len(buyers)}
    return Result({"Customer": pd.DataFrame(columns)}, metrics)


def edges_of(values: Integers) -> Edges:
    """Return the four quintile edges of ``values``; none where there are no values."""
    if not len(values):
        return Edges(np.zeros(0, np.int64))
    ordered = np.sort(values)
    # the edge k/5 lies (n - 1) k / 5 steps from the smallest: whole steps, and fifths of one
    whole, fifths = np.divmod((len(values) - 1) * np.arange(1, FIFTHS), FIFTHS)
    step = ordered[np.minimum(whole + 1, len(values) - 1)] - ordered[whole]
    return Edges(FIFTHS * ordered[whole] + fifths * step)


def _elapsed(last_at: "pd.Series[pd.Timestamp]", *, params: RfmParameters) -> Integers:
    """Return the milliseconds from the latest order of each customer to ``as_of``."""
    latest = last_at.dt.as_unit("ms").astype("int64").to_numpy()
    now = pd.Timestamp(params.as_of).value // 1_000_000  # pandas counts nanoseconds here
    elapsed = np.asarray(now - latest, np.int64)
    future = int((elapsed < 0).sum())
    if future:
        raise FutureOrderError(customers=future, as_of=params.as_of.isoformat())
    return elapsed


def _metrics(edges: Mapping[str, Edges]) -> dict[str, object]:
    return {
        "edges_recency_days": edges["r"].in_units(DAY_MILLISECONDS),
        "edges_order_count": edges["f"].in_units(1),
        "edges_spend": edges["m"].in_units(MONEY_UNITS),
    }


SCORE: PropertyOptions = {"minimum": 1, "maximum": 5}

ALGORITHM = Algorithm(
    name="rfm",
    version="1",
    about=Text(
        "Scores how recently, how often and for how much each customer buys.",
        "按最近购买、购买频率和消费金额为每个客户评分。",
    ),
    stage="tag",
    source="Hughes, A. M. (1994). Strategic Database Marketing; type-7 quintiles, ties together.",
    reads={
        "orders": ("order_id", "customer_id", "ordered_at", "status", "amount"),
        "order_lines": ("order_id", "amount"),
    },
    parameters=RfmParameters,
    compute=compute,
    reduce={"visits": VISITS},
    properties={
        "Customer": (
            owned(
                "rfm_recency_days",
                "number",
                about=Text("Time since the latest paid order", "距最近一次付款订单的天数"),
                unit="days",
                minimum=0,
            ),
            owned("rfm_order_count", "integer", about=Text("Paid orders", "付款订单数"), minimum=1),
            owned(
                "rfm_spend",
                "money",
                about=Text("Paid over all orders, net of returns", "净消费总额"),
                unit="currency",
            ),
            owned(
                "rfm_r", "integer", about=Text("Recency score; 5 is latest", "最近度得分"), **SCORE
            ),
            owned("rfm_f", "integer", about=Text("Frequency score", "频率得分"), **SCORE),
            owned("rfm_m", "integer", about=Text("Monetary score", "金额得分"), **SCORE),
        )
    },
)
