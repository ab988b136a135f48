"""What must not change RFM, stages of life and quadrants: rows, names, currency, a file twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import lifecycle, rfm, value_potential
from algorithms.contract import Algorithm, NothingToSayError, Result
from algorithms.rfm_signs import Thresholds, symbols_of
from graph.columns import TIME
from tests.pure import run_on, utc

pytestmark = pytest.mark.slow

START, NOW = utc("2025-01-01"), utc("2026-01-01")
DAY = timedelta(days=1)
# the memory of value_potential stands apart: its own tests
METHODS: Mapping[str, Algorithm] = {
    a.name: a for a in (rfm.ALGORITHM, lifecycle.ALGORITHM, value_potential.ALGORITHM)
}
MONEY = ("rfm_spend", "value_potential_spend_365d")
every_method = pytest.mark.parametrize("name", METHODS)
a_few = settings(deadline=None, max_examples=15)


@dataclass(frozen=True)
class Order:
    """One order: customer, day from the start, currency units."""

    customer: str
    day: int
    units: int


names = st.sampled_from([f"c{i}" for i in range(9)])
orders = st.builds(Order, names, st.integers(0, 364), st.integers(-20, 99))
# somebody buys, so that there is something to say
buyer = Order("c0", 100, 50)
shops = st.lists(orders, max_size=40).map(lambda found: [buyer, *found])
Shop = list[Order]


def tables_of(
    shop: Shop, *, times: int = 1, copies: int = 1, shift: timedelta = timedelta(0)
) -> dict[str, pa.Table]:
    """Return a shop as tables; what is expected of a customer follows from their name."""
    rows = [order for order in shop for _ in range(copies)]
    at = [START + order.day * DAY + shift for order in rows]
    known = sorted({order.customer for order in shop})
    expected = [times * copies * 10_000 * (37 * int(name[1:]) % 100) for name in known]
    return {
        "orders": pa.table(
            {
                "order_id": [f"o{i}" for i in range(len(rows))],
                "customer_id": [order.customer for order in rows],
                "ordered_at": pa.array(at, TIME),
                "ordered_day": pa.array([each.date() for each in at], pa.date32()),
                "status": ["paid"] * len(rows),
                "amount": pa.array([times * 10_000 * o.units for o in rows], pa.int64()),
            }
        ),
        "order_lines": pa.table(
            {"order_id": pa.array([], pa.string()), "amount": pa.array([], pa.int64())}
        ),
        "customers": pa.table(
            {
                "customer_id": known,
                "first_seen_at": pa.array([START + shift] * len(known), TIME),
                "clv_expected_spend_365d": pa.array(expected, pa.int64()),
                "reseller_suspected": pa.nulls(len(known), pa.bool_()),
            }
        ),
    }


def told(name: str, tables: dict[str, pa.Table], *, shift: timedelta = timedelta(0)) -> Result:
    algorithm = METHODS[name]
    read = {t: tables[t].select(list(columns)) for t, columns in algorithm.reads.items()}
    return run_on(algorithm, read, settings={}, as_of=NOW + shift)


def plain(result: Result) -> pd.DataFrame:
    frame = result.frames["Customer"]
    return frame.astype(dict.fromkeys(frame.select_dtypes("category").columns, object))


@every_method
@a_few
@given(shop=shops, data=st.data())
def test_the_order_of_rows_does_not_matter(name: str, shop: Shop, data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(shop))

    one, other = (told(name, tables_of(some)) for some in (shop, mixed))

    pd.testing.assert_frame_equal(plain(one), plain(other), check_exact=True)
    assert one.metrics == other.metrics
    assert one.notes == other.notes


@every_method
@a_few
@given(shop=shops, times=st.sampled_from([3, 100]))
def test_the_currency_scales_amounts_and_nothing_else(name: str, shop: Shop, times: int) -> None:
    one, many = (plain(told(name, tables_of(shop, times=t))) for t in (1, times))

    for column in one.columns:
        factor = times if column in MONEY else 1
        expected = one[column] * factor if column in MONEY else one[column]
        pd.testing.assert_series_equal(many[column], expected, check_exact=True)


@every_method
@a_few
@given(shop=shops)
def test_orders_twice_move_counts_and_amounts_and_no_place(name: str, shop: Shop) -> None:
    one, twice = (plain(told(name, tables_of(shop, copies=n))) for n in (1, 2))

    for column in one.columns:
        factor = 2 if column in (*MONEY, "rfm_order_count") else 1
        expected = one[column] * factor if factor > 1 else one[column]
        pd.testing.assert_series_equal(twice[column], expected, check_exact=True)


@every_method
@a_few
@given(shop=shops, days=st.integers(-3_000, 3_000))
def test_a_shop_of_another_year_is_told_the_same(name: str, shop: Shop, days: int) -> None:
    shift = days * DAY
    here = told(name, tables_of(shop))

    there = told(name, tables_of(shop, shift=shift), shift=shift)

    kept = [c for c in here.frames["Customer"].columns if c != "lifecycle_since"]
    pd.testing.assert_frame_equal(plain(here)[kept], plain(there)[kept], check_exact=True)
    assert here.metrics == there.metrics


@every_method
@a_few
@given(shop=shops)
def test_whoever_is_told_of_is_told_of_once_and_in_order(name: str, shop: Shop) -> None:
    found = plain(told(name, tables_of(shop)))["customer_id"].tolist()

    assert found == sorted(set(found))
    assert set(found) <= {order.customer for order in shop}


@every_method
@a_few
@given(shop=shops)
def test_groups_that_are_named_are_groups_that_are_labelled(name: str, shop: Shop) -> None:
    result = told(name, tables_of(shop))

    frame = plain(result)
    for scheme in METHODS[name].segments:
        assert set(frame[scheme]) <= set(result.groups[scheme])
        assert all(group.label.en and group.label.zh for group in result.groups[scheme].values())


@every_method
@a_few
@given(shop=shops)
def test_every_customer_can_be_told_why_in_both_languages(name: str, shop: Shop) -> None:
    result, explain = told(name, tables_of(shop)), METHODS[name].explain
    assert explain

    for row in plain(result).to_dict("records"):
        said = explain({str(k): v for k, v in row.items()}, result.metrics)
        assert said.en.endswith(".")
        assert said.zh.endswith("。")
        assert "{" not in said.en + said.zh


@a_few
@given(shop=shops)
def test_the_grid_holds_everybody_in_their_cell(shop: Shop) -> None:
    result = told("rfm", tables_of(shop))

    frame = plain(result)
    grid = np.zeros((5, 5, 5), np.int64)
    for r, f, m in frame[["rfm_r", "rfm_f", "rfm_m"]].to_numpy():
        grid[r - 1, f - 1, m - 1] += 1
    assert result.metrics["grid"] == grid.tolist()


@a_few
@given(shop=shops)
def test_signs_are_those_of_each_customer_against_the_mean(shop: Shop) -> None:
    frame = plain(told("rfm", tables_of(shop)))
    scores = frame[["rfm_r", "rfm_f", "rfm_m"]].set_axis(list("RFM"), axis=1)
    rows = [{str(k): float(v) for k, v in row.items()} for row in scores.to_dict("records")]
    means = {m: float(scores[m].sum()) / len(scores) for m in "RFM"}

    expected = symbols_of(rows, means, thresholds=Thresholds())

    # a difference that is a threshold to the last bit may fall on either side of it
    apart = np.abs(scores.to_numpy() - scores.mean().to_numpy())
    is_near = (np.abs(apart - 0.01) < 1e-9) | (np.abs(apart - 1) < 1e-9)
    clear = ~is_near.any(axis=1)
    assert frame["rfm_symbol"][clear].tolist() == np.array(expected)[clear].tolist()


@a_few
@given(shop=shops)
def test_quadrants_are_those_of_both_medians(shop: Shop) -> None:
    result = told("value_potential", tables_of(shop))

    frame = plain(result).set_index("customer_id")
    expected = pd.Series({name: 37 * int(name[1:]) % 100 * 10_000 for name in frame.index})
    is_high = frame["value_potential_spend_365d"] > frame["value_potential_spend_365d"].median()
    promises = expected > expected.median()
    sides = {
        (True, True): "core",
        (True, False): "keep",
        (False, True): "promising",
        (False, False): "at_risk",
    }
    pairs = zip(is_high.tolist(), promises.tolist(), strict=True)
    assert frame["value_potential_quadrant"].tolist() == [sides[pair] for pair in pairs]


@a_few
@given(shop=shops, back=st.integers(0, 400))
def test_value_is_what_was_spent_within_a_year(shop: Shop, back: int) -> None:
    tables = tables_of(shop, shift=-back * DAY)

    frame = plain(told("value_potential", tables)).set_index("customer_id")

    # orders of exactly a year ago are just too old
    expected = {
        name: sum(o.units for o in shop if o.customer == name and o.day > back) * 10_000
        for name in frame.index
    }
    assert frame["value_potential_spend_365d"].to_dict() == expected


@a_few
@given(shop=shops)
def test_rfm_is_silent_of_whoever_only_returned(shop: Shop) -> None:
    result = told("rfm", tables_of(shop))

    visits = {o.customer for o in shop if o.units >= 0}
    assert set(plain(result)["customer_id"]) == visits
    assert result.metrics["returns_only"] == len({o.customer for o in shop} - visits)


@a_few
@given(shop=st.lists(orders, min_size=1, max_size=9))
def test_of_returns_alone_rfm_says_nothing(shop: Shop) -> None:
    returns = [Order(o.customer, o.day, -1 - abs(o.units)) for o in shop]

    with pytest.raises(NothingToSayError):
        told("rfm", tables_of(returns))
