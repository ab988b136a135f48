"""The online shop: its orders are those of the company, to the cent."""

import pytest

from loaders.demo.profile import RETAIL
from tests.demo_exports import company, person_of, rows_of


def test_the_shops_orders_are_those_placed_online() -> None:
    orders, true = rows_of("erp", "orders"), company().orders

    placed = true.of(~true.at_till)

    assert len(orders) == len(placed)
    owner = person_of("erp")
    assert [owner[key] for key in orders["buyer_id"]] == placed.person.tolist()


def test_an_order_costs_what_its_lines_cost() -> None:
    orders = rows_of("erp", "orders").set_index("order_no")

    lines = rows_of("erp", "order_lines").groupby("order_no")["paid_amount"].sum()

    assert (lines == orders["total"].loc[lines.index]).all()


def test_some_orders_are_cancelled_or_refunded() -> None:
    status = rows_of("erp", "orders")["status"].value_counts(normalize=True)

    assert status["CANCELLED"] == pytest.approx(RETAIL.cancelled, abs=0.005)
    assert status["REFUNDED"] == pytest.approx(RETAIL.refunded, abs=0.004)
