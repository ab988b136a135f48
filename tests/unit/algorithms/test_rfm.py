"""Recency, frequency and money, and the scores that quantile edges give."""

from fractions import Fraction
from itertools import pairwise
from statistics import quantiles

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.contract import Result
from algorithms.rfm import ALGORITHM, FutureOrderError, edges_of
from tests.pure import Rows, money, result_of, rows_of, utc

whole_numbers = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=40)


def paid(customer: str, when: str, *, value: float, **more: object) -> dict[str, object]:
    order_id = f"{customer}-{when}-{value}"
    return {
        "order_id": order_id,
        "customer_id": customer,
        "ordered_at": utc(when),
        "amount": money(value),
        **more,
    }


def scored(
    *orders: dict[str, object], lines: Rows | None = None, as_of: str = "2026-02-01"
) -> Result:
    rows: dict[str, Rows] = {"orders": list(orders), "order_lines": lines or []}
    return result_of(ALGORITHM, rows, as_of=as_of)


def measured(result: Result) -> list[tuple[object, ...]]:
    columns = ("customer_id", "rfm_recency_days", "rfm_order_count", "rfm_spend")
    return rows_of(result.frames["Customer"], *columns)


def test_recency_keeps_its_fraction() -> None:
    result = scored(paid("a", "2026-01-31T06:00", value=5), paid("b", "2026-01-31T18:00", value=5))

    assert measured(result) == [("a", 0.75, 1, money(5)), ("b", 0.25, 1, money(5))]


def test_an_orders_value_is_that_of_its_lines_where_it_has_any() -> None:
    order = paid("a", "2026-01-01", value=99)
    lines: Rows = [
        {"order_id": order["order_id"], "amount": money(1.5)},
        {"order_id": order["order_id"], "amount": money(0.0001)},
    ]

    result = scored(order, lines=lines)

    assert measured(result) == [("a", 31.0, 1, 15_001)]


def test_a_pure_return_is_spend_and_no_visit() -> None:
    result = scored(paid("a", "2026-01-01", value=10), paid("a", "2026-01-21", value=-4))

    assert measured(result) == [("a", 31.0, 1, money(6))]


def test_a_free_order_is_a_visit() -> None:
    result = scored(paid("a", "2026-01-01", value=10), paid("a", "2026-01-21", value=0))

    assert measured(result) == [("a", 11.0, 2, money(10))]


def test_orders_that_are_not_paid_do_not_count() -> None:
    result = scored(
        paid("a", "2026-01-01", value=10),
        paid("a", "2026-01-02", value=10, status="cancelled"),
        paid("a", "2026-01-03", value=10, status="refunded"),
    )

    assert measured(result) == [("a", 31.0, 1, money(10))]


def test_whoever_only_returned_is_absent_and_counted() -> None:
    result = scored(paid("a", "2026-01-01", value=-10), paid("b", "2026-01-01", value=1))

    assert [row[0] for row in measured(result)] == ["b"]
    assert result.metrics["returns_only"] == 1


def test_guests_belong_to_nobody() -> None:
    guest = {**paid("a", "2026-01-01", value=10), "customer_id": None}

    assert measured(scored(guest)) == []


def test_spend_is_exact_where_floats_are_not() -> None:
    # as floats these sum to 0.9999999999999999
    orders = [paid("a", f"2026-01-{day:02d}", value=0.1) for day in range(1, 11)]

    assert measured(scored(*orders)) == [("a", 22.0, 10, money(1))]


def test_an_order_after_the_instant_is_refused() -> None:
    with pytest.raises(FutureOrderError, match="1 customers have orders after"):
        scored(paid("a", "2026-03-01", value=1))


def test_five_equal_groups_have_the_five_scores() -> None:
    orders = [paid(f"c{i}", f"2026-01-{i + 1:02d}", value=i + 1) for i in range(10)]

    frame = scored(*orders).frames["Customer"]

    assert frame["rfm_m"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # the latest buyers, who are the last here, have the highest recency score
    assert frame["rfm_r"].tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # all have one order: equal values, equal scores
    assert frame["rfm_f"].tolist() == [1] * 10


def test_a_value_on_an_edge_counts_below_it() -> None:
    # six values: the edges 1/5, 2/5 ... of five steps fall on the values 2, 3, 4 and 5
    scores = edges_of(np.array([1, 2, 3, 4, 5, 6])).scores(np.array([1, 2, 3, 4, 5, 6]))

    assert scores.tolist() == [1, 1, 2, 3, 4, 5]


def test_an_edge_between_values_is_not_rounded() -> None:
    # three values, two steps: edges at 0.4, 0.8, 1.2 and 1.6 steps of one
    edges = edges_of(np.array([0, 1, 2]))

    assert edges.in_fifths.tolist() == [2, 4, 6, 8]
    assert edges.in_units(1) == [0.4, 0.8, 1.2, 1.6]


def test_edges_are_kept_with_the_run() -> None:
    result = scored(paid("a", "2026-01-01", value=1), paid("b", "2026-01-31", value=2))

    assert result.metrics["edges_spend"] == [1.2, 1.4, 1.6, 1.8]
    assert result.metrics["edges_recency_days"] == [7.0, 13.0, 19.0, 25.0]


@settings(deadline=None)
@given(whole_numbers)
def test_edges_are_the_quantiles_of_an_independent_library(values: list[int]) -> None:
    found = [Fraction(int(edge), 5) for edge in edges_of(np.array(values)).in_fifths]

    exact = [Fraction(value) for value in values]
    expected = quantiles(exact, n=5, method="inclusive") if len(exact) > 1 else exact * 4
    assert found == expected


@settings(deadline=None)
@given(whole_numbers)
def test_scores_rise_with_values_and_equal_values_share_one(values: list[int]) -> None:
    ordered = np.sort(np.array(values))

    scores = edges_of(ordered).scores(ordered).tolist()

    assert scores[0] == 1
    assert max(scores) <= 5
    for (value, score), (following, next_score) in pairwise(zip(ordered, scores, strict=True)):
        assert score == next_score if value == following else score <= next_score


def test_scores_do_not_depend_on_the_instant() -> None:
    orders = [paid(f"c{i}", f"2026-01-{i + 1:02d}", value=i) for i in range(7)]

    early = scored(*orders, as_of="2026-01-08").frames["Customer"]
    late = scored(*orders, as_of="2026-06-01").frames["Customer"]

    assert early["rfm_r"].tolist() == late["rfm_r"].tolist()
