"""Which stores have stopped selling, and which matter most: alarms and grades.

A store without a sale for two weeks is an alarm, unless nobody's sales arrived: a day on which
its whole source had no sale is a day without a feed and does not count. A slow store is silent
for two weeks now and then by chance, so every alarm carries that chance.
"""

from collections.abc import Mapping
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import Parameters
from algorithms.store_health_words import GRADES, MATHEMATICS, notes_on
from algorithms.suspected import SUSPECTED, ExcludeResellers
from graph.language import Text
from graph.spec import MONEY_SCALE

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNSTATED: Final = ""


class StoreHealthParameters(Parameters):
    """How long a silence is, and where grades are parted."""

    # two consecutive weeks is the figure of the decks
    zero_days: Annotated[int, Text("Days without a sale that alarm", "触发预警的零销售天数")] = (
        Field(14, ge=1, le=365)
    )
    period_days: Annotated[
        int, Text("Days of the period whose sales are graded", "评级所用销售期的天数")
    ] = Field(90, ge=1, le=730)
    sales_quantile: Annotated[
        float, Text("Share of stores below the cut of sales", "销售切分点的分位")
    ] = Field(0.5, ge=0, le=1)
    performance_quantile: Annotated[
        float, Text("Share of stores below the cut of performance", "绩效切分点的分位")
    ] = Field(0.5, ge=0, le=1)
    exclude_resellers: ExcludeResellers = False


class NoStoreSoldError(NothingToSayError):
    """No sale names a store."""

    text = Text(
        "store_health: no paid order names a store, so nothing can be said of stores.",
        "store_health：没有已付款订单注明门店，无法评估门店。",
    )


# sales of guests count: a till knows few of its customers
STORES: Final = """
WITH sums AS (
    SELECT order_id, SUM(amount) AS amount
    FROM order_lines
    GROUP BY order_id
), paid AS (
    SELECT
        o.store_id, o.source, o.ordered_day AS day, COALESCE(s.amount, o.amount, 0) AS amount,
        COALESCE(c.reseller_suspected, FALSE) AND q.exclude_resellers AS is_left_out
    FROM orders o
    CROSS JOIN parameters q
    LEFT JOIN sums s ON o.order_id = s.order_id
    LEFT JOIN customers c ON o.customer_id = c.customer_id
    WHERE COALESCE(o.status, 'paid') = 'paid'
), fed AS (
    SELECT DISTINCT source, day
    FROM paid
    WHERE amount > 0
), latest AS (
    SELECT MAX(day) AS day
    FROM fed
), sold AS (
    SELECT store_id, MIN(day) AS first_day, MAX(day) AS last_day, COUNT(*) AS n
    FROM paid
    WHERE amount > 0 AND store_id IS NOT NULL
    GROUP BY store_id
), feeds AS (
    SELECT DISTINCT store_id, source
    FROM paid
    WHERE amount > 0 AND store_id IS NOT NULL
), sources AS (
    SELECT source, COUNT(DISTINCT COALESCE(store_id, '')) AS sellers
    FROM paid
    WHERE amount > 0
    GROUP BY source
), watched AS (
    SELECT
        f.store_id, COUNT(DISTINCT d.day) AS open_days,
        COUNT(DISTINCT CASE WHEN d.day > s.last_day THEN d.day END) AS zero_days,
        MAX(c.sellers) AS sellers
    FROM feeds f
    JOIN sold s ON f.store_id = s.store_id
    JOIN fed d ON f.source = d.source AND d.day >= s.first_day
    JOIN sources c ON f.source = c.source
    GROUP BY f.store_id
), dated AS (
    SELECT
        p.store_id, p.is_left_out, q.period_days,
        CASE WHEN p.is_left_out THEN 0 ELSE p.amount END AS amount,
        DATE_DIFF('day', CAST(p.day AS DATE), CAST(l.day AS DATE)) AS age
    FROM paid p
    CROSS JOIN latest l
    CROSS JOIN parameters q
    WHERE p.store_id IS NOT NULL
), periods AS (
    SELECT
        store_id,
        CAST(SUM(CASE WHEN age < period_days THEN amount ELSE 0 END) AS BIGINT) AS sales,
        CAST(SUM(CASE WHEN age >= period_days AND age < 2 * period_days THEN amount
            ELSE 0 END) AS BIGINT) AS former_sales,
        CAST(SUM(CASE WHEN is_left_out AND age < 2 * period_days THEN 1 ELSE 0 END) AS BIGINT)
            AS left_out
    FROM dated
    GROUP BY store_id
)
SELECT
    s.store_id, s.n, w.open_days, w.zero_days, w.sellers, p.sales,
    p.left_out,
    CASE WHEN DATE_DIFF('day', CAST(s.first_day AS DATE), CAST(l.day AS DATE))
        >= 2 * q.period_days - 1 THEN p.former_sales END AS former_sales,
    CASE WHEN t.closed_on <= l.day THEN 1 ELSE 0 END AS closed,
    t.performance, COALESCE(t.region, '') AS region, COALESCE(t.sector, '') AS sector
FROM sold s
JOIN watched w ON s.store_id = w.store_id
JOIN periods p ON s.store_id = p.store_id
LEFT JOIN stores t ON s.store_id = t.store_id
CROSS JOIN latest l
CROSS JOIN parameters q
ORDER BY s.store_id
"""


def compute(inputs: Inputs, params: StoreHealthParameters) -> Result:
    """Judge every store that ever sold.

    Parameters
    ----------
    inputs
        ``stores``: one row a store with a sale, ordered by ``store_id``: ``n`` sales,
        ``open_days`` (days with a feed since the first sale), ``zero_days`` (those of them
        after the last sale), ``sellers`` (stores of its source, and one for sales
        without a store), ``sales`` and
        ``former_sales`` of two periods (ten-thousandths, net; the former null for a store
        younger than both), ``left_out`` orders that these two are without, ``closed`` (1: has
        closed), ``performance`` (0-100 or null), ``region`` and ``sector`` (empty: not stated).
    params
        Days of silence, days of a period, quantiles of the cuts.

    Returns
    -------
    ``Store``, ordered by ``store_id``: ``store_health_zero_days``, ``store_health_alarm``,
    ``store_health_chance`` (that a store of its pace is silent for so long by chance),
    ``store_health_sales_a_day``, ``store_health_sales`` of the period (ten-thousandths),
    ``store_health_performance`` and ``store_health_grade`` (null: closed, or nothing to
    compare). Metrics: cuts, what performance is, stores by grade, alarms by region and sector.

    Raises
    ------
    NoStoreSoldError
        If no sale names a store.
    """
    stores = inputs["stores"]
    if stores.empty:
        raise NoStoreSoldError
    is_closed = stores["closed"].to_numpy(np.int64) == 1
    is_alarm = (stores["zero_days"].to_numpy(np.int64) >= params.zero_days) & ~is_closed
    # all days since the first sale: the pace of a store to which nothing happened
    pace = (stores["n"] / stores["open_days"]).to_numpy(np.float64)
    basis, performance = _performance(stores, is_open=~is_closed)
    sales = stores["sales"].to_numpy(np.float64)
    grade, cuts = _grades(sales, performance, is_open=~is_closed, params=params)
    columns = {
        "store_id": stores["store_id"],
        "store_health_zero_days": stores["zero_days"],
        "store_health_alarm": is_alarm,
        "store_health_chance": np.exp(-pace * stores["zero_days"].to_numpy(np.float64)),
        "store_health_sales_a_day": pace,
        "store_health_sales": stores["sales"],
        "store_health_performance": performance,
        "store_health_grade": grade,
    }
    n_graded = int(pd.notna(grade).sum())
    metrics = {
        "stores": len(stores),
        "alarms": int(is_alarm.sum()),
        "closed": int(is_closed.sum()),
        "performance": basis,
        "cuts": cuts,
        "grades": {code: int((grade == code).sum()) for code in GRADES},
        "by_region": _counted(stores["region"], is_alarm),
        "by_sector": _counted(stores["sector"], is_alarm),
    }
    notes = notes_on(
        alone=int((stores["sellers"] == 1).sum()),
        ungraded=int((~is_closed).sum()) - n_graded,
        graded=n_graded,
        is_partly_stated=basis == "growth" and bool(stores["performance"].notna().any()),
        left_out=int(stores["left_out"].sum()) if params.exclude_resellers else None,
    )
    return Result({"Store": pd.DataFrame(columns)}, metrics, notes)


def _performance(stores: pd.DataFrame, *, is_open: Flags) -> tuple[str, Floats]:
    """Return what performance is, and each store's; not a number where it is not known.

    Scores of some stores and growths of others could not be compared with one cut.
    """
    stated = stores["performance"].to_numpy(np.float64)
    if is_open.any() and not np.isnan(stated[is_open]).any():
        return "attribute", stated
    former = stores["former_sales"].astype(np.float64).to_numpy()
    growth: Floats = stores["sales"].to_numpy(np.float64) / np.where(former > 0, former, np.nan) - 1
    return "growth", growth


def _grades(
    sales: Floats, performance: Floats, *, is_open: Flags, params: StoreHealthParameters
) -> tuple[npt.NDArray[np.object_], Mapping[str, float | None]]:
    """Return each store's grade, None where it has none, and both cuts."""
    grade = np.full(len(sales), None, dtype=object)
    is_graded = is_open & ~np.isnan(performance)
    if not is_graded.any():
        return grade, {"sales": None, "performance": None}
    cut_sales = float(np.quantile(sales[is_graded], params.sales_quantile))
    cut_performance = float(np.quantile(performance[is_graded], params.performance_quantile))
    # A: both high; B: sales alone; C: performance alone; D: neither
    place = 2 * (sales <= cut_sales) + (performance <= cut_performance)
    grade[is_graded] = np.array(list(GRADES), dtype=object)[place[is_graded]]
    return grade, {"sales": cut_sales / MONEY_SCALE, "performance": cut_performance}


def _counted(group: "pd.Series[str]", is_alarm: Flags) -> dict[str, dict[str, int]]:
    """Return stores and alarms by region or sector, in the order of names."""
    alarms = pd.Series(is_alarm).groupby(group.astype(object).to_numpy())
    return {
        str(name): {"stores": len(part), "alarms": int(part.sum())}
        for name, part in alarms
        if str(name) != UNSTATED
    }


ALGORITHM: Final = Algorithm(
    name="store_health",
    version="2",
    about=Text(
        "Alarms of stores that stopped selling, and grades stores by sales and performance.",
        "对停止销售的门店预警，并按销售与绩效为门店分级。",
    ),
    stage="activate",
    source="Definition: two weeks without a sale; a two-way split at quantiles. The chance is "
    "that of a Poisson process.",
    reads={
        "orders": (
            "order_id",
            "store_id",
            "source",
            "ordered_at",
            "ordered_day",
            "status",
            "amount",
            "customer_id",
        ),
        "order_lines": ("order_id", "amount"),
        "customers": ("customer_id", SUSPECTED),
        "stores": ("store_id", "closed_on", "performance", "region", "sector"),
    },
    parameters=StoreHealthParameters,
    compute=compute,
    reduce={"stores": STORES},
    properties={
        "Store": (
            owned(
                "store_health_zero_days",
                "integer",
                about=Text("Days since the last sale, feed or not left out", "连续零销售天数"),
                unit="days",
                minimum=0,
                owner="store_health",
            ),
            owned(
                "store_health_alarm",
                "boolean",
                about=Text("Whether it has been silent for too long", "是否零销售预警"),
                indexed=True,
                owner="store_health",
            ),
            owned(
                "store_health_chance",
                "number",
                about=Text("Chance of such a silence at its pace", "按其节奏偶然出现该静默的概率"),
                minimum=0,
                maximum=1,
                owner="store_health",
            ),
            owned(
                "store_health_sales_a_day",
                "number",
                about=Text("Sales a day since the first one", "首单以来的日均单数"),
                minimum=0,
                owner="store_health",
            ),
            owned(
                "store_health_sales",
                "money",
                about=Text("Net sales of the period", "本期净销售额"),
                unit="currency",
                owner="store_health",
            ),
            owned(
                "store_health_performance",
                "number",
                about=Text("Stated performance, or growth of sales", "绩效得分或销售增长率"),
                owner="store_health",
            ),
            owned(
                "store_health_grade",
                "code",
                about=Text("Grade by sales and performance", "销售与绩效等级"),
                codes=tuple(GRADES),
                indexed=True,
                owner="store_health",
            ),
        )
    },
    mathematics=MATHEMATICS,
)
