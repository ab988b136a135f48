"""Who may buy to sell on (a scalper, 黄牛): signs with their numbers, never a bare flag.

By recency, frequency and money a reseller looks like the best customer there is. What tells
them apart is how they buy: dozens of one article on a day, many transactions a day, a pace
that no household keeps. That many identities share a phone, a device or an address is told
as well, but alone it is no suspicion unless the company says so: families share, too.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import Parameters
from algorithms.purchases import JOINS, PAID, READS
from algorithms.reseller_words import MATHEMATICS, REASONS, explain, notes_on
from graph.language import Text

Flags = npt.NDArray[np.bool_]

# places in the order of texts, so that lists of reasons come out sorted
CODES: Final = tuple(sorted(REASONS))
MILLI: Final = 1_000
WEEK: Final = 7
TEXTS: Final = pd.ArrowDtype(pa.list_(pa.string()))


class ResellerParameters(Parameters):
    """From where on each sign speaks."""

    # a household takes one to four of an article; a dozen is a carton
    units_a_day: Annotated[float, Text("Units of one article on a day", "一天内同一商品的件数")] = (
        Field(12.0, ge=2, le=1_000_000)
    )
    orders_a_day: Annotated[int, Text("Orders on a day", "一天内的订单数")] = Field(
        6, ge=2, le=10_000
    )
    # once a day, every day, is a canteen or a trader
    orders_a_week: Annotated[
        float, Text("Orders a week, from the first to the last", "首末单之间的周均订单数")
    ] = Field(7.0, ge=1, le=10_000)
    cadence_orders: Annotated[
        int, Text("Fewest orders of which a pace is told", "计算节奏的最少订单数")
    ] = Field(10, ge=2, le=100_000)
    # a home has six persons at most, see household; more than fifty meet at a kiosk or a shop
    identities: Annotated[
        int, Text("Customers on one phone, device or address", "共用电话、设备或地址的客户数")
    ] = Field(8, ge=2, le=10_000)
    most_identities: Annotated[
        int, Text("Customers above which it is a public place's", "超过此数视为公共场所的客户数")
    ] = Field(50, ge=2, le=100_000)
    identities_suffice: Annotated[
        bool, Text("Whether shared identities alone are a suspicion", "仅共用标识是否足以怀疑")
    ] = False


class NoBuyersError(NothingToSayError):
    """There is no paid order of a known customer."""

    text = Text(
        "reseller: no customer has a paid order, so nobody can be suspected of reselling.",
        "reseller：没有客户有已付款订单，无从判断转售。",
    )


# quantities are summed as whole thousandths: the order of rows must not matter
BUYERS: Final = f"""
WITH {PAID}, daily AS (
    SELECT customer_id, ordered_day, COUNT(*) AS orders
    FROM paid
    WHERE amount >= 0
    GROUP BY customer_id, ordered_day
), pace AS (
    SELECT
        customer_id, CAST(SUM(orders) AS BIGINT) AS orders, COUNT(*) AS days,
        MAX(orders) AS orders_in_a_day,
        1 + DATE_DIFF('day', CAST(MIN(ordered_day) AS DATE), CAST(MAX(ordered_day) AS DATE))
            AS span_days
    FROM daily
    GROUP BY customer_id
), taken AS (
    SELECT
        p.customer_id, l.product_id, p.ordered_day,
        CAST(SUM(CAST(FLOOR(COALESCE(l.quantity, 1) * 1000 + 0.5) AS BIGINT)) AS BIGINT)
            AS milli_units
    FROM paid p
    JOIN order_lines l ON p.order_id = l.order_id
    WHERE COALESCE(l.quantity, 1) > 0
    GROUP BY p.customer_id, l.product_id, p.ordered_day
), bulk AS (
    SELECT
        customer_id, MAX(milli_units) AS milli_units,
        ARG_MAX(product_id, STRUCT_PACK(
            milli_units := milli_units, product_id := product_id, ordered_day := ordered_day
        )) AS product_id
    FROM taken
    GROUP BY customer_id
), held AS (
    SELECT DISTINCT identifier_key, COALESCE(epoch, 1) AS epoch, kind, customer_id
    FROM identifiers
    WHERE customer_id IS NOT NULL AND kind IN ('phone', 'device', 'address')
        AND (state IN ('linking', 'shared') OR kind = 'address' AND reason = 'kind')
), common AS (
    SELECT identifier_key, epoch, COUNT(*) AS sharers
    FROM held
    GROUP BY identifier_key, epoch
), sharing AS (
    SELECT
        h.customer_id, MAX(c.sharers) AS sharers,
        ARG_MAX(h.kind, STRUCT_PACK(sharers := c.sharers, kind := h.kind)) AS shared_kind
    FROM held h
    JOIN common c ON h.identifier_key = c.identifier_key AND h.epoch = c.epoch
    CROSS JOIN parameters q
    WHERE c.sharers <= q.most_identities
    GROUP BY h.customer_id
)
SELECT
    p.customer_id, p.orders, p.days, p.orders_in_a_day, p.span_days,
    COALESCE(b.milli_units, 0) AS milli_units, b.product_id,
    COALESCE(s.sharers, 0) AS sharers, s.shared_kind
FROM pace p
LEFT JOIN bulk b ON p.customer_id = b.customer_id
LEFT JOIN sharing s ON p.customer_id = s.customer_id
ORDER BY p.customer_id
"""


def compute(inputs: Inputs, params: ResellerParameters) -> Result:
    """Look for signs of reselling in every buyer.

    Parameters
    ----------
    inputs
        ``buyers``: one row a customer with a paid order that is no pure return, ordered by
        ``customer_id``: ``orders``, ``days`` with one, most ``orders_in_a_day``, ``span_days``
        from the first to the last (>= 1), most ``milli_units`` (thousandths) of one article on
        a day and that ``product_id``, most customers (``sharers``) on one identifier and its
        ``shared_kind``.
    params
        Thresholds, each reached by equality.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``reseller_suspected``; ``reseller_reasons``
    (sorted codes, null: none) and ``reseller_evidence`` (JSON, the numbers behind them).
    Metrics: customers by reason, suspects, their share of orders, and high quantiles of each
    sign, from which thresholds can be judged.

    Raises
    ------
    NoBuyersError
        If nobody has bought.
    """
    buyers = inputs["buyers"]
    if buyers.empty:
        raise NoBuyersError
    signs = _signs(buyers)
    told = {code: (signs[code] >= limit).to_numpy() for code, limit in _limits(params).items()}
    told["cadence"] &= (buyers["orders"] >= params.cadence_orders).to_numpy()
    suffices = [c for c in CODES if c != "identities" or params.identities_suffice]
    is_suspect = np.any([told[code] for code in suffices], axis=0)
    columns = {
        "customer_id": buyers["customer_id"],
        "reseller_suspected": is_suspect,
        **_reasons(buyers, signs, told=told),
    }
    n_suspects = int(is_suspect.sum())
    orders = buyers["orders"].to_numpy(np.int64)
    metrics = {
        "customers": len(buyers),
        "suspects": n_suspects,
        "share_of_orders": float(orders[is_suspect].sum() / orders.sum()),
        "reasons": {code: int(told[code].sum()) for code in CODES},
        "limits": _limits(params),
        "quantiles": {code: _quantiles(signs[code]) for code in CODES},
    }
    notes = notes_on(customers=len(buyers), suspects=n_suspects)
    return Result({"Customer": pd.DataFrame(columns)}, metrics, notes)


def _limits(params: ResellerParameters) -> dict[str, float]:
    return {
        "bulk": params.units_a_day,
        "cadence": params.orders_a_week,
        "identities": params.identities,
        "transactions": params.orders_a_day,
    }


def _signs(buyers: pd.DataFrame) -> pd.DataFrame:
    """Return the number behind each reason, a column a code."""
    # less than a week is taken as one: three orders on one day are no pace
    weeks = np.maximum(buyers["span_days"], WEEK) / WEEK
    return pd.DataFrame(
        {
            "bulk": buyers["milli_units"] / MILLI,
            "cadence": buyers["orders"] / weeks,
            "identities": buyers["sharers"],
            "transactions": buyers["orders_in_a_day"],
        }
    )


def _quantiles(sign: "pd.Series[float]") -> dict[str, float]:
    values = sign.to_numpy(np.float64)
    return {f"{q:g}": float(np.quantile(values, q)) for q in (0.5, 0.99, 0.999, 1.0)}


def _reasons(
    buyers: pd.DataFrame, signs: pd.DataFrame, *, told: Mapping[str, Flags]
) -> dict[str, pd.Series]:
    """Return reasons and evidence of those who have any, null for all others."""
    rows = np.flatnonzero(np.any([told[code] for code in CODES], axis=0))
    reasons: list[list[str] | None] = [None] * len(buyers)
    evidence: list[str | None] = [None] * len(buyers)
    for row in rows.tolist():
        codes = [code for code in CODES if told[code][row]]
        reasons[row] = codes
        facts = {code: _fact(code, buyers.iloc[row], sign=signs[code].iloc[row]) for code in codes}
        evidence[row] = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return {
        "reseller_reasons": pd.Series(reasons, dtype=TEXTS),
        "reseller_evidence": pd.Series(evidence, dtype=object),
    }


def _fact(code: str, buyer: "pd.Series[float]", *, sign: float) -> dict[str, object]:
    """Return the number behind one reason, and what it is of."""
    value = round(float(sign), 3)
    match code:
        case "bulk":
            return {"units": value, "product_id": str(buyer["product_id"])}
        case "cadence":
            weekly = {"orders": int(buyer["orders"]), "span_days": int(buyer["span_days"])}
            return {"orders_a_week": value, **weekly}
        case "identities":
            return {"customers": int(value), "kind": str(buyer["shared_kind"])}
    return {"orders": int(value)}


ALGORITHM: Final = Algorithm(
    name="reseller",
    version="1",
    about=Text(
        "Tells who may buy to sell on, with the numbers that say so.",
        "判断哪些客户疑似转售（黄牛），并给出依据数字。",
    ),
    stage="tag",
    source="Definition: signs of trade practice with a threshold each; thresholds are parameters.",
    reads={
        **READS,
        "order_lines": ("order_id", "product_id", "quantity", "amount"),
        "identifiers": ("customer_id", "identifier_key", "kind", "state", "reason", "epoch"),
    },
    parameters=ResellerParameters,
    compute=compute,
    reduce={"buyers": BUYERS},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "reseller_suspected",
                "boolean",
                about=Text("Whether a sign of reselling speaks", "是否疑似转售"),
                indexed=True,
            ),
            owned(
                "reseller_reasons",
                "texts",
                about=Text("Which signs speak", "触发的迹象"),
            ),
            owned(
                "reseller_evidence",
                "json",
                about=Text("The numbers behind them", "各迹象的依据数字"),
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
)
