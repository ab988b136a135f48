"""What is known of customers at a cut, held against going through them one by one."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.repurchase.features import (
    DIGITS,
    HORIZON_DAYS,
    NAMES,
    WINDOWS_DAYS,
    Purchases,
    Situation,
    outcomes,
    situation,
)

CUT = 500
unhurried = settings(deadline=None)
# customer, day, orders of the day (0: only returns), ten-thousandths
Row = tuple[int, int, int, int]

customers = st.integers(0, 5)
days = st.integers(CUT - 420, CUT + 40)
bought = st.tuples(customers, days, st.integers(1, 3), st.integers(0, 900_000))
returned = st.tuples(customers, days, st.just(0), st.integers(-900_000, -1))
shops = st.lists(
    st.one_of(bought, bought, returned), min_size=1, max_size=40, unique_by=lambda r: r[:2]
).map(sorted)


def purchases_of(rows: list[Row]) -> Purchases:
    columns = np.array(rows, np.int64).reshape(-1, 4).T
    return Purchases(*columns)


def signed_log(value: float) -> float:
    return float(np.sign(value) * np.log1p(abs(value)))


def described(own: pd.DataFrame, *, scale: float) -> dict[str, float]:
    """Describe one customer at the cut, word for word."""
    visits = own[own["orders"] > 0]
    seen = visits["day"].tolist()
    n = len(seen)
    gaps = [later - earlier for earlier, later in pairwise(seen)]
    gap = float(np.mean(gaps)) if gaps else 0.0
    recency, spend = CUT - seen[-1], own["amount"].sum() / scale
    found = {
        "recency": np.log(recency),
        "tenure": np.log(CUT - seen[0]),
        "frequency": np.log(n),
        "is_one_time": float(n == 1),
        "spend": signed_log(spend),
        "spend_a_day": signed_log(spend / n),
        "gap": np.log1p(gap),
        "recency_over_gap": np.log(recency / max(gap, 1)) if n > 1 else 0.0,
        "irregularity": float(np.std(gaps)) / max(gap, 1) if gaps else 0.0,
        "orders_a_day": np.log(own["orders"].sum() / n),
        "days_a_year_ago": np.log1p(sum(335 < CUT - day <= 365 for day in seen)),
    }
    for window in WINDOWS_DAYS:
        lately = own[own["day"] >= CUT - window]
        found[f"days_{window}d"] = signed_log(float((lately["orders"] > 0).sum()))
        found[f"spend_{window}d"] = signed_log(lately["amount"].sum() / scale)
    return found


def plain(rows: list[Row]) -> pd.DataFrame:
    """Return a row for every customer who had bought before the cut."""
    frame = pd.DataFrame(rows, columns=["customer", "day", "orders", "amount"])
    known = frame[frame["day"] < CUT]
    buyers = known.loc[known["orders"] > 0, "customer"].unique()
    known = known[known["customer"].isin(buyers)]
    total = known["amount"].sum() / max((known["orders"] > 0).sum(), 1)
    scale = float(total) if total > 0 else 10_000.0
    table = {who: described(own, scale=scale) for who, own in known.groupby("customer")}
    return pd.DataFrame.from_dict(table, orient="index", columns=list(NAMES))


def column(at: Situation, name: str) -> list[float]:
    return [float(value) for value in at.features[:, NAMES.index(name)]]


@unhurried
@given(shops)
def test_features_are_those_of_describing_customers_one_by_one(rows: list[Row]) -> None:
    expected = plain(rows)

    at = situation(purchases_of(rows), CUT)

    assert at.customer.tolist() == expected.index.tolist()
    np.testing.assert_allclose(at.features, expected.to_numpy(float), atol=2 * 10.0**-DIGITS)


@unhurried
@given(shops)
def test_whoever_buys_within_the_horizon_is_told(rows: list[Row]) -> None:
    purchases = purchases_of(rows)
    at = situation(purchases, CUT)

    found = outcomes(purchases, at)

    later = {who for who, day, n, _ in rows if n and CUT <= day < CUT + HORIZON_DAYS}
    assert found.tolist() == [who in later for who in at.customer]


@unhurried
@given(shops)
def test_nothing_from_the_cut_on_enters(rows: list[Row]) -> None:
    past = [row for row in rows if row[1] < CUT]

    whole, known = (situation(purchases_of(some), CUT) for some in (rows, past))

    assert whole.customer.tolist() == known.customer.tolist()
    np.testing.assert_array_equal(whole.features, known.features)


@unhurried
@given(shops, st.integers(-9_000, 9_000))
def test_the_calendar_does_not_matter(rows: list[Row], shift: int) -> None:
    moved = [(who, day + shift, n, amount) for who, day, n, amount in rows]

    here, there = situation(purchases_of(rows), CUT), situation(purchases_of(moved), CUT + shift)

    np.testing.assert_array_equal(here.features, there.features)
    assert here.recency.tolist() == there.recency.tolist()


@unhurried
@given(shops, st.sampled_from([2, 7, 100]))
def test_the_currency_does_not_matter(rows: list[Row], times: int) -> None:
    # where returns eat everything up there is no scale, and nothing to be free of it
    known = [row for row in rows if row[1] < CUT]
    buyers = {row[0] for row in known if row[2]}
    if sum(amount for who, *_, amount in known if who in buyers) <= 0:
        return
    other = [(who, day, n, times * amount) for who, day, n, amount in rows]

    one, many = (situation(purchases_of(some), CUT) for some in (rows, other))

    np.testing.assert_allclose(one.features, many.features, atol=2 * 10.0**-DIGITS)


@unhurried
@given(shops, st.integers(0, 5))
def test_numbers_of_customers_are_names_and_nothing_else(rows: list[Row], more: int) -> None:
    renamed = [(2 * who + more, *rest) for who, *rest in rows]

    one = situation(purchases_of(rows), CUT)
    other = situation(purchases_of(renamed), CUT)  # type: ignore[arg-type]  # a spread tuple

    assert (2 * one.customer + more).tolist() == other.customer.tolist()
    np.testing.assert_array_equal(one.features, other.features)


def test_orders_twice_on_their_days_move_one_feature_by_the_same_for_all() -> None:
    rows: list[Row] = [(0, 300, 1, 50_000), (0, 480, 2, 10_000), (1, 499, 1, 70_000)]
    twice = [(who, day, 2 * n, 2 * amount) for who, day, n, amount in rows]

    one, both = (situation(purchases_of(some), CUT) for some in (rows, twice))

    moved = both.features - one.features
    assert np.flatnonzero(moved.any(axis=0)).tolist() == [NAMES.index("orders_a_day")]
    assert moved[:, NAMES.index("orders_a_day")] == pytest.approx([np.log(2)] * 2, abs=1e-5)


@pytest.mark.parametrize("window", WINDOWS_DAYS)
def test_a_window_holds_its_last_day_and_not_the_one_before(window: int) -> None:
    rows: list[Row] = [(0, CUT - window, 1, 1), (1, CUT - window - 1, 1, 1)]

    at = situation(purchases_of(rows), CUT)

    assert column(at, f"days_{window}d") == pytest.approx([np.log(2), 0], abs=1e-6)


def test_an_even_rhythm_has_no_unevenness_and_is_overdue_by_its_own_measure() -> None:
    rows: list[Row] = [(0, CUT - ago, 1, 1) for ago in (80, 60, 40)]

    at = situation(purchases_of(rows), CUT)

    assert column(at, "irregularity") == [0]
    assert column(at, "recency_over_gap") == pytest.approx([np.log(2)], abs=1e-6)


def test_days_of_returns_alone_do_not_stretch_a_rhythm() -> None:
    kept: list[Row] = [(0, 400, 1, 9), (0, 420, 1, 9)]
    rows = sorted([*kept, (0, 390, 0, -1), (0, 410, 0, -1), (0, 490, 0, -1)])

    one, other = (situation(purchases_of(some), CUT) for some in (kept, rows))

    for name in ("recency", "tenure", "frequency", "gap", "irregularity", "days_30d"):
        assert column(one, name) == column(other, name)


def test_before_the_first_purchase_nobody_is_described() -> None:
    at = situation(purchases_of([(0, CUT, 1, 5), (1, CUT - 9, 0, -5)]), CUT)

    assert at.customer.tolist() == []
    assert at.features.shape == (0, len(NAMES))


def test_every_feature_is_a_number_even_where_all_was_given_back() -> None:
    at = situation(purchases_of([(0, 450, 1, 100), (0, 460, 0, -100), (1, 470, 1, 0)]), CUT)

    assert np.isfinite(at.features).all()
    assert column(at, "spend") == [0, 0]
