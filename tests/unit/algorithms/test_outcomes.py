"""What customers did before and after a cut, by hand and by going through the orders."""

from datetime import datetime, timedelta
from typing import Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.contract import Graded
from algorithms.outcomes import came_of, naive_of, past_of
from tests.pure import money, utc

CUT = utc("2026-03-01")
DAY = timedelta(days=1)
unhurried = settings(deadline=None)
MILLISECOND = timedelta(milliseconds=1)
Outcome = Literal["buys", "does_not_buy", "orders", "spend"]
# customer, when, currency units
Visit = tuple[str, datetime, float]


def visits_of(*rows: Visit) -> pd.DataFrame:
    """Return paid orders as the reduction returns them."""
    ordered = sorted(rows, key=lambda row: (row[0], row[1]))
    return pd.DataFrame(
        {
            "customer_id": pd.Categorical([who for who, *_ in ordered]),
            "ordered_at": pd.DatetimeIndex([at for _, at, _ in ordered], tz="UTC"),
            "ordered_day": [at.date() for _, at, _ in ordered],
            "amount": [money(units) for *_, units in ordered],
        }
    )


def ids(*names: str) -> "pd.Series[str]":
    return pd.Series(list(names), dtype=object)


def came(rows: list[Visit], names: list[str], *, outcome: Outcome, days: int = 30) -> list[float]:
    score = Graded("made_up", outcome, days)
    found: list[float] = came_of(visits_of(*rows), ids(*names), score=score, cut=CUT).tolist()
    return found


ROWS: list[Visit] = [
    ("ann", CUT - 10 * DAY, 5),
    ("ann", CUT, 7),
    ("ann", CUT + 3 * timedelta(hours=1), 1),
    ("bob", CUT - MILLISECOND, 9),
    ("bob", CUT + 30 * DAY - MILLISECOND, 2),
    ("cem", CUT + 30 * DAY, 4),
    ("dora", CUT + DAY, -3),
]
EVERYBODY = ["ann", "bob", "cem", "dora", "eva"]


def test_days_with_a_purchase_count_from_the_cut_until_the_horizon_is_over() -> None:
    # ann ordered twice on the day of the cut, cem in the first instant after the horizon
    assert came(ROWS, EVERYBODY, outcome="orders") == [1, 1, 0, 0, 0]
    assert came(ROWS, EVERYBODY, outcome="orders", days=31) == [1, 1, 1, 0, 0]


def test_spend_is_in_currency_and_returns_lower_it() -> None:
    assert came(ROWS, EVERYBODY, outcome="spend") == [8, 2, 0, -3, 0]


def test_buying_and_not_buying_are_each_others_opposite() -> None:
    assert came(ROWS, EVERYBODY, outcome="buys") == [1, 1, 0, 0, 0]
    assert came(ROWS, EVERYBODY, outcome="does_not_buy") == [0, 0, 1, 1, 1]


def test_answers_stand_in_the_order_in_which_customers_are_asked_for() -> None:
    assert came(ROWS, ["eva", "bob", "dora"], outcome="spend") == [0, 2, -3]


def test_a_free_order_is_a_visit() -> None:
    assert came([("ann", CUT, 0.0)], ["ann"], outcome="buys") == [1]


def past(rows: list[Visit], *names: str, cut: datetime = CUT) -> dict[str, list[float]]:
    found = past_of(visits_of(*rows), ids(*names), cut=cut)
    return {str(name): found[name].tolist() for name in found.columns}


def test_the_past_is_what_lies_strictly_before_the_cut() -> None:
    found = past(ROWS, "ann", "bob")

    assert found["orders"] == [1, 1]
    assert found["spend"] == [money(5), money(9)]
    assert found["recency"] == pytest.approx([10, 1 / 86_400_000])


def test_tenure_counts_from_the_first_purchase_and_recency_from_the_last() -> None:
    rows: list[Visit] = [("ann", CUT - d * DAY, 1) for d in (40, 30.5, 2)]

    found = past(rows, "ann")

    assert (found["tenure"], found["recency"], found["orders"]) == ([40], [2], [3])


def test_returns_lower_spend_and_are_no_visits() -> None:
    rows: list[Visit] = [("ann", CUT - 9 * DAY, 10), ("ann", CUT - DAY, -4)]

    found = past(rows, "ann")

    assert (found["orders"], found["recency"], found["spend"]) == ([1], [9], [money(6)])


def test_whoever_did_nothing_is_as_old_as_the_oldest_and_has_bought_nothing() -> None:
    rows: list[Visit] = [("ann", CUT - 40 * DAY, 1), ("bob", CUT - 3 * DAY, 1)]

    found = past(rows, "eva", "ann", "bob")

    assert found["tenure"] == [40, 40, 3]
    assert found["recency"] == [40, 40, 3]
    assert found["orders"] == [0, 1, 1]
    assert found["spend"] == [0, money(1), money(1)]


def test_before_the_first_order_nobody_has_a_past() -> None:
    found = past([("ann", CUT, 1)], "ann", "bob")

    assert found == {"spend": [0, 0], "orders": [0, 0], "recency": [0, 0], "tenure": [0, 0]}


def naive(outcome: Outcome, *, days: int, **past: float) -> float:
    score = Graded("made_up", outcome, days)
    return float(naive_of(pd.DataFrame([past]), score=score)[0])


def test_the_plainest_forecast_goes_on_at_the_pace_so_far() -> None:
    so_far = {"orders": 4.0, "spend": float(money(100)), "tenure": 50.0}

    assert naive("orders", days=25, **so_far) == 2.0
    assert naive("spend", days=25, **so_far) == 50.0


def test_a_customer_of_an_hour_has_a_pace_of_a_day() -> None:
    # one order an hour ago would be seven hundred within thirty days
    assert naive("orders", days=30, orders=1, spend=1, tenure=1 / 24) == 30.0


moments = st.integers(-60 * 24, 60 * 24).map(lambda hour: CUT + timedelta(hours=hour))
orders = st.lists(
    st.tuples(st.sampled_from(["ann", "bob", "cem"]), moments, st.integers(-5, 9).map(float)),
    min_size=1,
    max_size=25,
)


@unhurried
@given(orders, st.integers(1, 50))
def test_outcomes_are_those_of_going_through_the_orders(rows: list[Visit], days: int) -> None:
    names = ["ann", "bob", "cem", "dora"]
    until = CUT + days * DAY
    later = [row for row in rows if CUT <= row[1] < until]

    spend, visits = (came(rows, names, outcome=o, days=days) for o in ("spend", "orders"))

    assert spend == [sum(units for who, _, units in later if who == name) for name in names]
    assert visits == [
        len({at.date() for who, at, units in later if who == name and units >= 0}) for name in names
    ]


@unhurried
@given(orders)
def test_the_past_and_what_came_of_it_are_all_there_is(rows: list[Visit]) -> None:
    names = ["ann", "bob", "cem"]

    before = past(rows, *names)["spend"]
    after = came(rows, names, outcome="spend", days=61)

    total = [sum(units for who, _, units in rows if who == name) for name in names]
    assert (np.array(before) / 10_000 + np.array(after)).tolist() == total
