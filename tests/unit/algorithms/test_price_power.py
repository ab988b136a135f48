"""Spending power: measured by each category's median buyer, and never lowered by paying more."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.price import ALGORITHM
from algorithms.price.power import distribution_of, power_of
from tests.price_rows import Line, shop
from tests.pure import Rows, money, result_of, rows_of, utc


def powers(rows: dict[str, Rows]) -> dict[object, object]:
    told = rows_of(result_of(ALGORITHM, rows).frames["Customer"], "customer_id", "price_power")
    return {row[0]: row[1] for row in told}


def test_spending_is_measured_by_the_median_buyer_of_each_category() -> None:
    # phones: 1000, 3000, 2000 (median 2000); rice: 10, 40, 20 (median 20)
    lines: list[Line] = [("a", "phone", 1000, None), ("b", "phone", 3000, None)]
    lines += [("c", "phone", 2000, None), ("d", "rice", 10, None), ("e", "rice", 40, None)]
    lines += [("f", "rice", 20, None)]

    # budgets: a and d 0.5, c and f 1, b 1.5, e 2
    expected = {"a": 1, "d": 1, "c": 3, "f": 3, "b": 4.5, "e": 5.5}
    assert powers(shop(lines)) == {c: pytest.approx(100 * rank / 6) for c, rank in expected.items()}


def test_orders_without_lines_count_for_power() -> None:
    rows = shop([("a", "tea", 5, None)])
    order = {"order_id": "x", "customer_id": "b", "ordered_day": utc("2026-01-01").date()}
    rows["orders"].append({**order, "ordered_at": utc("2026-01-01"), "amount": money(7)})

    # each is the median buyer of a category of one
    assert powers(rows) == {"a": 50.0, "b": 50.0}


def test_those_who_return_everything_have_the_least_power() -> None:
    rows = shop([("a", "tea", 5, None), ("b", "tea", 5, None), ("b", "tea", -5, None)])

    assert powers(rows) == {"a": 75.0, "b": 25.0}


spends = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=30
)


def spent(rows: dict[tuple[int, int], int]) -> pd.DataFrame:
    keys = sorted(rows)
    return pd.DataFrame(
        {
            "customer_id": pd.Categorical([f"c{customer}" for customer, _ in keys]),
            "category_id": pd.Categorical([f"k{category}" for _, category in keys]),
            "spend": [rows[key] for key in keys],
        }
    )


@settings(deadline=None)
@given(spends, st.integers(1, 100), st.data())
def test_paying_more_where_one_buys_never_lowers_the_index(
    drawn: list[tuple[int, int, int]], more: int, data: st.DataObject
) -> None:
    rows = {(customer, category): amount for customer, category, amount in drawn}
    who, where = data.draw(st.sampled_from(sorted(rows)))
    raised = {**rows, (who, where): rows[who, where] + more}

    before, after = (power_of(spent(r)).set_index("customer_id")["power"] for r in (rows, raised))

    assert after[f"c{who}"] >= before[f"c{who}"] - 1e-9


@settings(deadline=None)
@given(spends, st.sampled_from([100, 10_000]))
def test_the_unit_of_money_does_not_matter_to_the_index(
    drawn: list[tuple[int, int, int]], unit: int
) -> None:
    rows = {(customer, category): amount for customer, category, amount in drawn}
    scaled = {key: unit * amount for key, amount in rows.items()}

    first, second = (power_of(spent(r))["power"].tolist() for r in (rows, scaled))

    assert first == second


def test_deciles_say_how_many_and_with_what_share_of_the_money() -> None:
    rows = {(i, 0): 10 * (i + 1) for i in range(8)}

    found = distribution_of(power_of(spent(rows)))

    assert sum(row["customers"] for row in found) == 8
    assert sum(row["spend_share"] for row in found) == pytest.approx(1)
    # one in eight has an index of 93.75, and 80 of 360
    assert found[-1]["decile"] == 10
    assert found[-1]["spend_share"] == pytest.approx(80 / 360)
