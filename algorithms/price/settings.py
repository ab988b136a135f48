"""What can be set about prices and discounts, and the two reductions over order lines."""

from typing import Annotated, Final

from pydantic import Field

from algorithms.parameters import Parameters
from algorithms.purchases import PAID
from algorithms.suspected import ExcludeResellers
from graph.language import Text

UNKNOWN: Final = ""
"""Stands for the category of what has none; no category has an empty key."""


class PriceParameters(Parameters):
    """When a share of discounts is remarkable, and on how little nothing is said."""

    # three is the figure of the decks
    sigmas: Annotated[
        float, Text("Standard deviations above the mean that flag", "超出均值几个标准差即标记")
    ] = Field(3.0, ge=0, le=10)
    # of a single order the share is often 0 or 1, whatever the customer is like
    minimum_orders: Annotated[
        int, Text("Fewest orders of a customer in a category", "客户在品类内的最少订单数")
    ] = Field(3, ge=1, le=1_000)
    prior_orders: Annotated[
        float, Text("Orders that the category's mean counts for", "品类均值相当于几笔订单")
    ] = Field(5.0, gt=0, le=1_000)
    z_threshold: Annotated[
        float, Text("Least z-score of a shrunken share that flags", "收缩占比的标记 z 值")
    ] = Field(3.0, ge=0, le=10)
    # of fewer than ten prices a tenth lies beyond the outermost one
    minimum_lines: Annotated[
        int, Text("Fewest order lines for a price interval", "给出价格区间的最少订单行数")
    ] = Field(10, ge=2, le=100_000)
    exclude_resellers: ExcludeResellers = False


# orders without lines are money spent on nobody knows what
BOUGHT: Final = f"""
WITH {PAID}, bought AS (
    SELECT
        p.customer_id, p.order_id, p.ordered_day, COALESCE(g.category_id, '') AS category_id,
        l.amount, l.list_amount, COALESCE(l.quantity, 1) AS quantity
    FROM paid p
    JOIN order_lines l ON p.order_id = l.order_id
    LEFT JOIN products g ON l.product_id = g.product_id
    UNION ALL
    SELECT p.customer_id, p.order_id, p.ordered_day, '', p.amount, NULL, 1
    FROM paid p
    LEFT JOIN sums s ON p.order_id = s.order_id
    WHERE s.order_id IS NULL
)
"""

# a line above its list price has no discount; returns and gifts without a list price have none
SHARES: Final = f"""
{BOUGHT}, by_order AS (
    SELECT
        customer_id, category_id, order_id, SUM(amount) AS amount,
        SUM(CASE WHEN quantity > 0 AND amount >= 0 AND list_amount > 0
            THEN list_amount END) AS listed,
        SUM(CASE WHEN quantity > 0 AND amount >= 0 AND list_amount > amount
            THEN list_amount - amount ELSE 0 END) AS discount
    FROM bought
    GROUP BY customer_id, category_id, order_id
)
SELECT
    o.customer_id, o.category_id, CAST(SUM(o.amount) AS BIGINT) AS spend,
    CAST(SUM(COALESCE(o.listed, 0)) AS BIGINT) AS listed,
    CAST(SUM(o.discount) AS BIGINT) AS discount,
    COUNT(o.listed) AS orders,
    MAX(CASE WHEN COALESCE(c.reseller_suspected, FALSE) AND q.exclude_resellers THEN 1 ELSE 0 END)
        = 1 AS is_left_out
FROM by_order o
CROSS JOIN parameters q
LEFT JOIN customers c ON o.customer_id = c.customer_id
GROUP BY o.customer_id, o.category_id
ORDER BY o.customer_id, o.category_id
"""

# the first four fifths of the lines, by whole days, foretell the rest
PRICES: Final = f"""
{BOUGHT}, prices AS (
    SELECT
        category_id, ordered_day,
        CAST(FLOOR(amount / NULLIF(quantity, 0) + 0.5) AS BIGINT) AS price
    FROM bought
    WHERE category_id <> '' AND quantity > 0 AND amount > 0
), days AS (
    SELECT ordered_day, COUNT(*) AS n
    FROM prices
    GROUP BY ordered_day
), placed AS (
    SELECT
        ordered_day,
        5 * SUM(n) OVER (ORDER BY ordered_day) <= 4 * SUM(n) OVER () AS is_early
    FROM days
), early AS (
    SELECT
        x.category_id, COUNT(*) AS n, QUANTILE_CONT(x.price, 0.1) AS low,
        QUANTILE_CONT(x.price, 0.9) AS high
    FROM prices x
    JOIN placed d ON x.ordered_day = d.ordered_day
    WHERE d.is_early
    GROUP BY x.category_id
), later AS (
    SELECT
        x.category_id, COUNT(*) AS n,
        SUM(CASE WHEN x.price >= e.low AND x.price <= e.high THEN 1 ELSE 0 END) AS covered
    FROM prices x
    JOIN placed d ON x.ordered_day = d.ordered_day
    JOIN early e ON x.category_id = e.category_id
    CROSS JOIN parameters q
    WHERE NOT d.is_early AND e.n >= q.minimum_lines
    GROUP BY x.category_id
), whole AS (
    SELECT
        category_id, COUNT(*) AS lines, QUANTILE_CONT(price, 0.1) AS p10,
        QUANTILE_CONT(price, 0.5) AS p50, QUANTILE_CONT(price, 0.9) AS p90
    FROM prices
    GROUP BY category_id
)
SELECT
    w.category_id, w.lines, w.p10, w.p50, w.p90,
    COALESCE(l.n, 0) AS later_lines, CAST(SUM(COALESCE(l.covered, 0)) AS BIGINT) AS covered
FROM whole w
LEFT JOIN later l ON w.category_id = l.category_id
GROUP BY w.category_id, w.lines, w.p10, w.p50, w.p90, l.n
ORDER BY w.category_id
"""
