"""Customers whose scores the R package rfm prints, scored by us.

rsquaredacademy/rfm (MIT), its README: 995 customers as of 2006-12-31. It prints the bounds of
its fifths one above the type-7 quantiles that they are, and gives a value the number of
quantiles below it: both are seen in the rows that lie on a quantile.
"""

from datetime import timedelta

import pytest

from algorithms.rfm import ALGORITHM
from tests.pure import Rows, money, result_of, rows_of, utc

AS_OF = "2006-12-31"
UPPER = {
    "recency_days": (115.0, 181.0, 297.4, 482.0),
    "order_count": (4, 5, 6, 8),
    "spend": (255.8, 382.0, 506.4, 666.0),
}
# days since the latest order, orders, money, and the three scores
PRINTED = [
    (205, 6, 472, 343),
    (140, 3, 340, 412),
    (194, 4, 405, 323),
    (98, 7, 596, 544),
    (132, 5, 448, 433),
    (229, 8, 852, 355),
    (545, 4, 300, 122),
    (44, 10, 868, 555),
    (48, 5, 391, 533),
    (116, 4, 265, 422),
    (113, 4, 289, 522),
    (179, 3, 286, 412),
    (180, 4, 427, 423),
    (182, 3, 143, 311),
    (114, 4, 265, 522),
    (181, 5, 552, 334),
    (172, 4, 381, 422),
    (426, 5, 665, 234),
    (481, 8, 892, 255),
    (484, 3, 219, 111),
]


def orders_of(number: int, days: int, *, orders: int, spend: int) -> Rows:
    """Return so many orders, the latest so many days ago, that sum up to the spend."""
    latest = utc(AS_OF) - timedelta(days=days)
    return [
        {
            "order_id": f"{number}-{k}",
            "customer_id": f"c{number:02d}",
            "ordered_at": latest - timedelta(days=k),
            "amount": money(spend - orders + 1 if k == 0 else 1),
        }
        for k in range(orders)
    ]


@pytest.fixture(scope="module")
def scores() -> list[int]:
    rows = [
        row
        for number, (days, orders, spend, _) in enumerate(PRINTED)
        for row in orders_of(number, days, orders=orders, spend=spend)
    ]
    edges = {
        f"edges_{measure}": ",".join(f"{bound - 1:.1f}" for bound in bounds)
        for measure, bounds in UPPER.items()
    }
    settings = {"scoring": "fixed", **edges}
    tables: dict[str, Rows] = {"orders": rows, "order_lines": []}
    frame = result_of(ALGORITHM, tables, settings=settings, as_of=AS_OF).frames["Customer"]
    found = frame.sort_values("customer_id")[["rfm_r", "rfm_f", "rfm_m"]]
    return [100 * r + 10 * f + m for r, f, m in found.to_numpy().tolist()]


@pytest.mark.parametrize("number", range(len(PRINTED)))
def test_a_customer_has_the_scores_that_the_package_prints(scores: list[int], number: int) -> None:
    assert scores[number] == PRINTED[number][-1]


def test_each_customer_has_the_measures_that_were_meant() -> None:
    rows = orders_of(0, 205, orders=6, spend=472)

    result = result_of(ALGORITHM, {"orders": rows, "order_lines": []}, as_of=AS_OF)

    columns = ("rfm_recency_days", "rfm_order_count", "rfm_spend")
    assert rows_of(result.frames["Customer"], *columns) == [(205.0, 6, money(472))]
