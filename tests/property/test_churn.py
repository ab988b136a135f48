"""What churn and alerts say of any shop does not depend on row order, date or currency unit."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import alerts, churn
from algorithms.churn.survival import kaplan_meier, log_rank
from algorithms.contract import Algorithm, Result
from tests.pure import Rows, money, result_of, utc

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=40)

AS_OF = "2026-06-30"

days_ago = st.lists(st.integers(0, 400), min_size=1, max_size=12)
shops = st.dictionaries(st.sampled_from("abcdef"), days_ago, min_size=1)
spans = st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=2, max_size=60)


def rows_of(shop: dict[str, list[int]], *, later: int = 0) -> dict[str, Rows]:
    orders: Rows = []
    for customer, days in shop.items():
        for number, day in enumerate(days):
            at = utc(AS_OF) - timedelta(days=day - later)
            orders.append(
                {
                    "order_id": f"{customer}-{number}",
                    "customer_id": customer,
                    "ordered_at": at,
                    "ordered_day": at.date(),
                    "amount": money(10 + number),
                }
            )
    return {"orders": orders}


def drawn(seed: int, *, n: int = 120) -> dict[str, list[int]]:
    """Draw customers with a rhythm each, of whom some stop."""
    rng = np.random.default_rng(seed)
    shop = {}
    for i in range(n):
        gaps = 1 + rng.exponential(rng.uniform(10, 60), 40).astype(int)
        days = 400 - np.cumsum(gaps)
        end = int(rng.choice([0, 0, 150]))
        shop[f"c{i:03}"] = [int(d) for d in days if d >= end] or [380]
    return shop


def run(algorithm: Algorithm, rows: dict[str, Rows], *, later: int = 0) -> Result:
    as_of = (utc(AS_OF) + timedelta(days=later)).date().isoformat()
    return result_of(algorithm, rows, as_of=as_of)


@unhurried
@given(shop=shops, seed=st.integers(0, 99))
def test_alerts_do_not_depend_on_the_order_of_rows(shop: dict[str, list[int]], seed: int) -> None:
    rows = rows_of(shop)
    order = np.random.default_rng(seed).permutation(len(rows["orders"]))

    found = run(alerts.ALGORITHM, {"orders": [rows["orders"][i] for i in order]})

    for name, frame in run(alerts.ALGORITHM, rows).frames.items():
        pd.testing.assert_frame_equal(found.frames[name], frame)


@unhurried
@given(shop=shops, later=st.integers(-300, 300))
def test_alerts_move_with_the_calendar(shop: dict[str, list[int]], later: int) -> None:
    first = run(alerts.ALGORITHM, rows_of(shop)).frames["Alert"]
    second = run(alerts.ALGORITHM, rows_of(shop, later=later), later=later).frames["Alert"]

    moved = first["opened_at"] + pd.Timedelta(days=later)

    assert sorted(moved) == sorted(second["opened_at"])
    assert sorted(first["rule"]) == sorted(second["rule"])


@unhurried
@given(shop=shops)
def test_an_alert_that_stands_today_is_found_again_tomorrow(shop: dict[str, list[int]]) -> None:
    today = run(alerts.ALGORITHM, rows_of(shop)).frames["Alert"]
    tomorrow = run(alerts.ALGORITHM, rows_of(shop), later=1).frames["Alert"]

    standing = set(today.loc[today["is_open"], "alert_id"])

    assert standing <= set(tomorrow["alert_id"])


@unhurried
@given(rows=spans)
def test_a_curve_falls_from_one_and_stays_in_its_band(rows: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier([d for d, _ in rows], [e for _, e in rows])

    assert curve.survival[0] == 1.0
    assert (np.diff(curve.survival) <= 0).all()
    assert (curve.lower <= curve.survival + 1e-12).all()
    assert (curve.survival <= curve.upper + 1e-12).all()


@unhurried
@given(rows=spans, scale=st.integers(2, 5))
def test_a_log_rank_test_does_not_depend_on_the_unit_of_time_or_names(
    rows: list[tuple[int, bool]], scale: int
) -> None:
    days, events = [d for d, _ in rows], [e for _, e in rows]
    group = [i % 2 for i in range(len(rows))]

    first = log_rank(days, events, group=group)
    slower = log_rank([d * scale for d in days], events, group=group)
    turned = log_rank(days, events, group=[1 - g for g in group])

    assert slower.statistic == pytest.approx(first.statistic)
    assert turned.statistic == pytest.approx(first.statistic)


@pytest.mark.parametrize("seed", range(3))
def test_probabilities_do_not_depend_on_the_order_of_rows(seed: int) -> None:
    rows = rows_of(drawn(seed))
    order = np.random.default_rng(seed).permutation(len(rows["orders"]))

    first = run(churn.ALGORITHM, rows)
    second = run(churn.ALGORITHM, {"orders": [rows["orders"][i] for i in order]})

    pd.testing.assert_frame_equal(plain(first), plain(second), check_exact=True)
    assert first.metrics == second.metrics


@pytest.mark.parametrize("later", [-31, 1, 200])
def test_probabilities_move_with_the_calendar(later: int) -> None:
    shop = drawn(5)

    first = run(churn.ALGORITHM, rows_of(shop))
    second = run(churn.ALGORITHM, rows_of(shop, later=later), later=later)

    pd.testing.assert_frame_equal(plain(first), plain(second), check_exact=True)


def test_orders_that_come_twice_under_two_keys_double_the_loss_alone() -> None:
    rows = rows_of(drawn(7))
    again: Rows = [{**row, "order_id": f"{row['order_id']}-again"} for row in rows["orders"]]

    first = plain(run(churn.ALGORITHM, rows))
    second = plain(run(churn.ALGORITHM, {"orders": [*rows["orders"], *again]}))

    p = "churn_probability_90d"
    assert second[p].to_numpy() == pytest.approx(first[p].to_numpy(), abs=1e-9)
    loss = second["churn_expected_loss"].to_numpy() / 2
    assert loss == pytest.approx(first["churn_expected_loss"].to_numpy(), abs=1)


@pytest.mark.parametrize("rate", [100, 7])
def test_probabilities_do_not_depend_on_the_currency_unit(rate: int) -> None:
    rows = rows_of(drawn(6))
    dearer: Rows = [{**row, "amount": int(str(row["amount"])) * rate} for row in rows["orders"]]

    first = plain(run(churn.ALGORITHM, rows))
    second = plain(run(churn.ALGORITHM, {"orders": dearer}))

    for days in (30, 60, 90):
        name = f"churn_probability_{days}d"
        assert second[name].to_numpy() == pytest.approx(first[name].to_numpy(), abs=1e-6)


def plain(result: Result) -> pd.DataFrame:
    return result.frames["Customer"].astype({"customer_id": str})
