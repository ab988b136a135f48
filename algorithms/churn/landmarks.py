"""What was known of each customer on certain days, and what came after: SQL, one row a customer.

A landmark is a day that all have reached: features count purchases up to it, survival counts
from it, so nothing that grows with the lifetime can slip in, and nobody's life before the data
began is taken for observed (left truncation). Days are counted backwards from ``as_of``: a
landmark is an age, and a purchase too.

Four landmarks a step apart serve the probabilities (fit, calibrate, grade, apply); one of its
own serves the table, twice the silence back, so that silence can be completed.
"""

from collections.abc import Mapping
from typing import Final

from algorithms.churn.settings import SILENCE
from algorithms.purchases import PAID

CUTS: Final = ("now", "one", "two", "three", "origin")
"""Landmarks: 0, 1, 2 and 3 steps before ``as_of``, and that of the table."""

READS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders": (
        "order_id",
        "customer_id",
        "ordered_at",
        "ordered_day",
        "status",
        "amount",
        "discount",
        "payment_type",
    ),
    "order_lines": ("order_id", "product_id", "amount", "list_amount"),
    "products": ("product_id", "category_id"),
    "customers": (
        "customer_id",
        "golden_gender",
        "golden_birth_year",
        "golden_card_tier",
        "golden_acquisition_channel",
        "clv_expected_spend_365d",
    ),
}

# an order's own discount, else what its lines cost less than their list prices
VISITS: Final = """
reductions AS (
    SELECT order_id, SUM(list_amount - amount) AS discount
    FROM order_lines
    WHERE list_amount > amount
    GROUP BY order_id
), newest AS (
    SELECT MAX(ordered_day) AS day, MAX(ordered_at) AS at
    FROM paid
), visits AS (
    SELECT
        p.customer_id, p.order_id, p.amount, o.payment_type,
        COALESCE(o.discount, r.discount, 0) AS discount,
        CAST(FLOOR(DATE_DIFF('day', CAST(p.ordered_day AS DATE), CAST(n.day AS DATE))
            + DATE_DIFF('day', CAST(n.at AS DATE), CAST(parameters.as_of AS DATE))) AS INTEGER)
            AS age
    FROM paid p
    JOIN orders o ON p.order_id = o.order_id
    LEFT JOIN reductions r ON p.order_id = r.order_id
    CROSS JOIN newest n
    CROSS JOIN parameters
    WHERE p.amount >= 0
), each_day AS (
    SELECT
        customer_id, age, MAX(order_id) AS order_id, CAST(SUM(amount) AS BIGINT) AS amount,
        COUNT(*) AS n, CAST(SUM(discount) AS BIGINT) AS discount,
        MAX(payment_type) AS payment_type
    FROM visits
    GROUP BY customer_id, age
), days AS (
    SELECT *, LEAD(age) OVER (PARTITION BY customer_id ORDER BY age DESC) AS next_age
    FROM each_day
)
"""

# what somebody bought first is fixed from the beginning, as the category of all purchases is not
CATEGORIES: Final = f"""
firsts AS (
    SELECT customer_id, ARG_MAX(order_id, STRUCT_PACK(age, order_id)) AS order_id
    FROM each_day
    GROUP BY customer_id
), kinds AS (
    SELECT
        f.customer_id, ARG_MAX(p.category_id, STRUCT_PACK(l.amount, p.category_id)) AS category_id
    FROM firsts f
    JOIN order_lines l ON f.order_id = l.order_id
    JOIN products p ON l.product_id = p.product_id
    WHERE p.category_id IS NOT NULL
    GROUP BY f.customer_id
), gaps AS (
    SELECT COALESCE(k.category_id, '') AS category_id, d.age - d.next_age AS gap, COUNT(*) AS n
    FROM days d
    LEFT JOIN kinds k ON d.customer_id = k.customer_id
    WHERE d.next_age IS NOT NULL
    GROUP BY COALESCE(k.category_id, ''), d.age - d.next_age
), pooled AS (
    SELECT category_id, gap, n FROM gaps WHERE category_id <> ''
    UNION ALL
    SELECT '' AS category_id, gap, SUM(n) AS n FROM gaps GROUP BY gap
), shares AS (
    SELECT
        category_id, gap, SUM(n) OVER (PARTITION BY category_id ORDER BY gap) AS below,
        SUM(n) OVER (PARTITION BY category_id) AS n
    FROM pooled
), quantiles AS (
    SELECT s.category_id, MIN(s.gap) AS gap
    FROM shares s CROSS JOIN parameters
    WHERE CAST(s.below AS DOUBLE) >= parameters.gap_quantile * CAST(s.n AS DOUBLE)
        AND (s.category_id = '' OR s.n >= parameters.category_gaps)
    GROUP BY s.category_id
), chosen AS (
    SELECT
        q.category_id,
        CASE
            WHEN parameters.silence_days > 0 THEN parameters.silence_days
            ELSE LEAST(GREATEST(q.gap, {SILENCE[0]}), {SILENCE[1]})
        END AS silence
    FROM quantiles q CROSS JOIN parameters
)
"""

SPAN: Final = """
span AS (
    SELECT
        MAX(age) AS days,
        CASE WHEN MAX(age) > 180 THEN 90 WHEN MAX(age) > 120 THEN 60 ELSE 30 END AS step
    FROM days
)
"""

STEPS: Final = f"""
{SPAN}, common AS (
    SELECT s.days AS span, s.step, c.silence
    FROM span s
    CROSS JOIN (SELECT MAX(silence) AS silence FROM chosen WHERE category_id = '') c
), told AS (
    SELECT
        d.*, k.category_id, c.span, c.step, 0 AS now, c.step AS one, 2 * c.step AS two,
        3 * c.step AS three, LEAST(2 * c.silence, c.span // 2) AS origin,
        c.silence AS common_silence, COALESCE(h.silence, c.silence) AS silence
    FROM days d
    CROSS JOIN common c
    LEFT JOIN kinds k ON d.customer_id = k.customer_id
    LEFT JOIN chosen h ON k.category_id = h.category_id
)
"""

# a customer has one row of an age, so the age alone chooses one; states of a million customers
# at five landmarks are what memory goes to, so days are narrow and keys short
AT_A_CUT: Final = """
    MIN(age) FILTER (WHERE age >= {cut}) - MAX({cut}) AS recency_{cut},
    CAST(SUM(n) FILTER (WHERE age >= {cut}) AS INTEGER) AS visits_{cut},
    COUNT(*) FILTER (WHERE age >= {cut}) AS days_{cut},
    CAST(SUM(amount) FILTER (WHERE age >= {cut}) AS BIGINT) AS spend_{cut},
    CAST(SUM(discount) FILTER (WHERE age >= {cut}) AS BIGINT) AS discount_{cut},
    ARG_MIN(payment_type, STRUCT_PACK(age)) FILTER (WHERE age >= {cut}) AS payment_{cut},
    MAX({cut}) - MAX(age) FILTER (WHERE age < {cut}) AS next_{cut}"""

# silence is complete so many days after the last purchase before it
CUSTOMERS: Final = f"""
WITH {PAID}, {VISITS}, {CATEGORIES}, {STEPS}, measured AS (
SELECT
    customer_id, MAX(category_id) AS category_id, MAX(silence) AS silence, MAX(span) AS span,
    MAX(common_silence) AS common_silence, MAX(step) AS step, MAX(origin) AS origin,
    MAX(age) AS tenure,
    CAST(SUM(CASE WHEN age < 365 THEN amount ELSE 0 END) AS BIGINT) AS spend_365d,
    MAX(origin) - MAX(
        CASE WHEN COALESCE(age - next_age > silence, age >= silence) THEN age - silence END
    ) FILTER (WHERE age - silence < origin) AS silent_origin,
    {",".join(AT_A_CUT.format(cut=cut) for cut in CUTS)}
FROM told
GROUP BY customer_id
)
SELECT
    m.*, g.golden_gender, g.golden_birth_year, g.golden_card_tier, g.golden_acquisition_channel,
    g.clv_expected_spend_365d
FROM measured m
LEFT JOIN customers g ON m.customer_id = g.customer_id
ORDER BY m.customer_id
"""
"""One row a customer who has bought: see `algorithms.churn.cohorts` for what is made of it."""

TRIAL_READS: Final[Mapping[str, tuple[str, ...]]] = {
    "orders": READS["orders"],
    "order_lines": ("order_id", "amount", "list_amount"),
    "customers": (
        "customer_id",
        "golden_gender",
        "golden_birth_year",
        "golden_card_tier",
        "golden_acquisition_channel",
    ),
}

TRIAL: Final = f"""
WITH {PAID}, {VISITS}, {SPAN}, told AS (
    SELECT
        d.*, s.days AS span, s.step, s.step AS one, 2 * s.step AS two, 3 * s.step AS three
    FROM days d CROSS JOIN span s
), measured AS (
SELECT
    customer_id, MAX(span) AS span, MAX(step) AS step, MAX(age) AS tenure,
    {",".join(AT_A_CUT.format(cut=cut) for cut in ("one", "two", "three"))}
FROM told
GROUP BY customer_id
)
SELECT
    m.*, g.golden_gender, g.golden_birth_year, g.golden_card_tier, g.golden_acquisition_channel
FROM measured m
LEFT JOIN customers g ON m.customer_id = g.customer_id
ORDER BY m.customer_id
"""
"""The part of `CUSTOMERS` that a model made one step earlier needs; asks for no parameter but
``as_of``, so that another method can hold it against its own."""
