"""What counts as a purchase, once for all methods: SQL that every reduction begins with.

An order is worth the sum of its lines, else its own amount. Paid orders worth nothing or more
are visits; pure returns are not, but lower the spend. Cancelled and refunded orders, and those
of guests, are left out.
"""

from typing import Final

READS: Final = {
    "orders": ("order_id", "customer_id", "ordered_at", "ordered_day", "status", "amount"),
    "order_lines": ("order_id", "amount"),
}
"""What a reduction that begins with `PAID` has to declare as read."""

JOINS: Final = {"order_id": "orders"}
"""What a reduction only joins and groups by that uses an order's key for nothing else."""

PAID: Final = """
sums AS (
    SELECT order_id, CAST(SUM(amount) AS BIGINT) AS amount
    FROM order_lines
    GROUP BY order_id
), paid AS (
    SELECT
        o.order_id, o.customer_id, o.ordered_at, o.ordered_day,
        COALESCE(s.amount, o.amount, 0) AS amount
    FROM orders o
    LEFT JOIN sums s ON o.order_id = s.order_id
    WHERE COALESCE(o.status, 'paid') = 'paid' AND o.customer_id IS NOT NULL
)
"""
"""Two common table expressions; ``paid`` has one row a paid order of a customer, ``amount`` in
ten-thousandths. Write ``WITH`` before it, and ``, more AS (...)`` or ``SELECT`` after it."""
