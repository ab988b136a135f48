"""Facts of accounts added up over customers, with the choices that the module states."""

from algorithms.contract import Result
from algorithms.rollup import ALGORITHM
from tests.pure import Rows, money, result_of, rows_of, utc

BOUGHT = ("start_id", "end_id", "n_orders", "quantity", "spend")


def order(key: str, customer: str | None, *, day: int, status: str = "paid") -> dict[str, object]:
    return {
        "order_id": key,
        "customer_id": customer,
        "ordered_at": utc(f"2026-01-{day:02d}"),
        "status": status,
    }


def line(key: str, product: str, *, amount: float, quantity: float | None = 1) -> dict[str, object]:
    return {
        "order_id": key,
        "product_id": product,
        "quantity": quantity,
        "amount": money(amount),
    }


def purchases(orders: Rows, lines: Rows) -> list[tuple[object, ...]]:
    result = result_of(ALGORITHM, {"orders": orders, "order_lines": lines})
    return rows_of(result.frames["Customer-PURCHASED-Product"], *BOUGHT)


def test_lines_of_one_order_are_one_purchase() -> None:
    found = purchases(
        [order("o1", "a", day=1)], [line("o1", "p", amount=2), line("o1", "p", amount=3)]
    )

    assert found == [("a", "p", 1, 2.0, money(5))]


def test_returns_reduce_quantity_and_spend_but_are_no_purchase() -> None:
    orders = [order("o1", "a", day=1), order("o2", "a", day=5)]
    lines = [line("o1", "p", amount=10, quantity=3), line("o2", "p", amount=-4, quantity=-1)]

    result = result_of(ALGORITHM, {"orders": orders, "order_lines": lines})

    bought = result.frames["Customer-PURCHASED-Product"]
    assert rows_of(bought, *BOUGHT) == [("a", "p", 1, 2.0, money(6))]
    assert bought["last_at"].tolist() == [utc("2026-01-01")]


def test_a_product_that_was_only_returned_was_not_purchased() -> None:
    rows = {
        "orders": [order("o1", "a", day=1)],
        "order_lines": [line("o1", "p", amount=-4, quantity=-1)],
    }

    result = result_of(ALGORITHM, rows)

    assert len(result.frames["Customer-PURCHASED-Product"]) == 0
    assert result.metrics["returned_only"] == 1


def test_guests_and_unpaid_orders_are_nobodys_purchases() -> None:
    orders = [order("o1", None, day=1), order("o2", "a", day=1, status="cancelled")]

    assert purchases(orders, [line("o1", "p", amount=1), line("o2", "p", amount=1)]) == []


def test_a_line_without_a_quantity_is_of_one_unit() -> None:
    found = purchases([order("o1", "a", day=1)], [line("o1", "p", amount=1, quantity=None)])

    assert found == [("a", "p", 1, 1.0, money(1))]


def test_fractions_of_units_add_up_exactly() -> None:
    orders = [order(f"o{i}", "a", day=1) for i in range(10)]
    lines = [line(f"o{i}", "p", amount=0.1, quantity=0.1) for i in range(10)]

    # as floats ten tenths are 0.9999999999999999
    assert purchases(orders, lines) == [("a", "p", 10, 1.0, money(1))]


def post(key: str, customer: str | None, *, to: str = "", account: str = "") -> dict[str, object]:
    return {
        "post_id": key,
        "customer_id": customer,
        "posted_at": utc("2026-01-02"),
        "reply_to_post_id": to or None,
        "reply_to_account_id": account or None,
    }


ACCOUNTS: Rows = [{"account_id": "forum:b", "customer_id": "b"}]


def replied(*posts: dict[str, object]) -> Result:
    return result_of(ALGORITHM, {"posts": list(posts), "accounts": ACCOUNTS})


def edges(result: Result) -> list[tuple[object, ...]]:
    return rows_of(result.frames["Customer-REPLIED_TO-Customer"], "start_id", "end_id", "n")


def test_an_answer_to_a_post_is_an_answer_to_its_author() -> None:
    result = replied(post("1", "b"), post("2", "a", to="1"), post("3", "a", to="1"))

    assert edges(result) == [("a", "b", 2)]


def test_an_answer_to_an_account_counts_for_its_customer() -> None:
    assert edges(replied(post("1", "a", account="forum:b"))) == [("a", "b", 1)]


def test_an_answer_to_an_unknown_post_counts_for_the_account_it_names() -> None:
    assert edges(replied(post("1", "a", to="gone", account="forum:b"))) == [("a", "b", 1)]


def test_a_post_wins_over_the_account_that_is_named_beside_it() -> None:
    result = replied(post("1", "c"), post("2", "a", to="1", account="forum:b"))

    assert edges(result) == [("a", "c", 1)]


def test_whoever_answers_themselves_is_no_pair() -> None:
    # the second answer is given from another account of the same customer
    result = replied(post("1", "b"), post("2", "b", to="1"), post("3", "b", account="forum:b"))

    assert edges(result) == []
    assert result.metrics["self_replies"] == 2


def test_answers_of_or_to_nobody_known_are_left_out() -> None:
    result = replied(post("1", None), post("2", "a", to="1"), post("3", None, account="forum:b"))

    assert edges(result) == []


def test_a_customer_is_seen_from_the_first_fact_to_the_last() -> None:
    rows: dict[str, Rows] = {
        "accounts": [{"account_id": "x", "customer_id": "a", "registered_at": utc("2025-05-05")}],
        "orders": [order("o1", "a", day=3)],
        "events": [{"customer_id": "a", "at": utc("2026-01-20")}],
        "tickets": [{"customer_id": "b", "opened_at": utc("2026-01-07")}],
    }

    seen = result_of(ALGORITHM, rows).frames["Customer"]

    assert rows_of(seen, "customer_id", "first_seen_at", "last_seen_at") == [
        ("a", utc("2025-05-05"), utc("2026-01-20")),
        ("b", utc("2026-01-07"), utc("2026-01-07")),
    ]


def test_what_lies_after_the_instant_is_not_seen() -> None:
    rows: dict[str, Rows] = {
        "accounts": [{"account_id": "x", "customer_id": "a", "registered_at": utc("2026-03-01")}],
        "identifiers": [
            {
                "customer_id": "b",
                "first_seen_at": utc("2026-01-01"),
                "last_seen_at": utc("2026-03-01"),
            }
        ],
    }

    seen = result_of(ALGORITHM, rows, as_of="2026-02-01").frames["Customer"]

    assert rows_of(seen, "customer_id", "last_seen_at") == [("b", utc("2026-01-01"))]
