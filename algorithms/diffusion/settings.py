"""What can be set about diffusion, and the two reductions over orders."""

from typing import Annotated, Final

from pydantic import Field

from algorithms.parameters import Parameters
from algorithms.purchases import PAID
from graph.language import Text


class DiffusionParameters(Parameters):
    """How long a period is, and on how little nothing is estimated."""

    period_days: Annotated[int, Text("Days of a period", "每个周期的天数")] = Field(7, ge=1, le=366)
    minimum_buyers: Annotated[
        int, Text("Fewest buyers for an estimate", "估计所需的最少购买人数")
    ] = Field(50, ge=5, le=1_000_000)
    # three numbers are estimated, and a curve has to bend to show where it ends
    minimum_periods: Annotated[
        int, Text("Fewest whole periods since the launch", "上市以来的最少完整周期数")
    ] = Field(8, ge=4, le=10_000)
    lead_days: Annotated[
        int,
        Text(
            "Days into the data before which a first sale does not date the launch",
            "数据起始后多少天内的首销不能视为上市",
        ),
    ] = Field(28, ge=0, le=3_650)


# the last day may not be over yet, so it belongs to no whole period
FIRSTS: Final = f"""
WITH {PAID}, span AS (
    SELECT MIN(ordered_day) AS first_day, MAX(ordered_day) AS last_day
    FROM paid
), firsts AS (
    SELECT p.customer_id, l.product_id, MIN(p.ordered_day) AS day
    FROM paid p
    JOIN order_lines l ON p.order_id = l.order_id
    WHERE COALESCE(l.quantity, 1) > 0
    GROUP BY p.customer_id, l.product_id
), sold AS (
    SELECT product_id, MIN(day) AS first_sale, COUNT(*) AS buyers
    FROM firsts
    GROUP BY product_id
), launched AS (
    SELECT
        s.product_id, s.buyers, n.last_day,
        CASE WHEN g.listed_day <= s.first_sale THEN g.listed_day ELSE s.first_sale END
            AS launch_day,
        CASE WHEN g.listed_day <= s.first_sale THEN g.listed_day >= n.first_day
            ELSE DATE_DIFF('day', CAST(n.first_day AS DATE), CAST(s.first_sale AS DATE))
                >= q.lead_days
        END AS is_launch
    FROM sold s
    CROSS JOIN span n
    CROSS JOIN parameters q
    LEFT JOIN products g ON s.product_id = g.product_id
)
"""
PRODUCTS: Final = f"""
{FIRSTS}
SELECT
    l.product_id, l.buyers, l.launch_day, l.is_launch,
    CAST(FLOOR(
        DATE_DIFF('day', CAST(l.launch_day AS DATE), CAST(l.last_day AS DATE))
        / NULLIF(q.period_days, 0)
    ) AS BIGINT) AS periods
FROM launched l
CROSS JOIN parameters q
ORDER BY l.product_id
"""
COUNTS: Final = f"""
{FIRSTS}, placed AS (
    SELECT
        f.product_id,
        CAST(FLOOR(
            DATE_DIFF('day', CAST(l.launch_day AS DATE), CAST(f.day AS DATE))
            / NULLIF(q.period_days, 0)
        ) AS BIGINT) AS period
    FROM firsts f
    JOIN launched l ON f.product_id = l.product_id
    CROSS JOIN parameters q
)
SELECT product_id, period, COUNT(*) AS n
FROM placed
GROUP BY product_id, period
ORDER BY product_id, period
"""
