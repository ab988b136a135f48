"""What must not change value and repurchase: order of rows, currency, the calendar, a file twice.

Shops are drawn from seeds, so that examples shrink to a number and customers differ as models
need them to.
"""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import clv, repurchase
from algorithms.clv.history import HISTORIES
from algorithms.contract import Algorithm, NothingToSayError
from graph.columns import TIME
from tests.buyers import BG, GAMMA_GAMMA, amounts_of, buying_and_leaving, instant, orders_of
from tests.pure import run_on, tables_of

pytestmark = pytest.mark.slow

END = 365
FREQUENT = {**BG, "alpha": 3.0}
METHODS = {
    clv.ALGORITHM.name: (clv.ALGORITHM, {"model": "mbg_nbd"}),
    repurchase.ALGORITHM.name: (repurchase.ALGORITHM, {"minimum_buyers": "5"}),
}

a_few = settings(deadline=None, max_examples=8)
seeds = st.integers(0, 1_000)


@dataclass(frozen=True)
class Told:
    """The frame of customers, or the words with which nothing was said."""

    frame: pd.DataFrame
    words: str = ""


def shop(seed: int) -> pa.Table:
    bought = buying_and_leaving(FREQUENT, n=300, seed=seed, at_first=True, days=END)
    return orders_of(bought, amounts_of(bought, GAMMA_GAMMA, seed=seed))


def told(algorithm: Algorithm, orders: pa.Table, *, set_: dict[str, str], end: int = END) -> Told:
    tables = {**tables_of(algorithm, {}), "orders": orders}
    try:
        result = run_on(algorithm, tables, settings=set_, as_of=instant(end))
    except NothingToSayError as error:
        return Told(pd.DataFrame(), error.message("en"))
    frame = result.frames["Customer"]
    return Told(frame.assign(customer_id=frame["customer_id"].astype(str)))


def assert_same(first: Told, second: Told, *, money: float = 1.0, exact: bool = False) -> None:
    assert first.words == second.words
    scaled = first.frame.copy()
    for column in scaled.columns:
        if "spend" in column:
            scaled[column] = scaled[column].astype(float) * money
            # a ten-thousandth is lost by rounding
            np.testing.assert_allclose(
                scaled[column], second.frame[column].astype(float), rtol=1e-4, atol=money
            )
        else:
            pd.testing.assert_series_equal(
                scaled[column], second.frame[column], check_exact=exact, rtol=1e-6
            )


@pytest.mark.parametrize("name", METHODS)
@a_few
@given(seed=seeds)
def test_the_order_of_rows_does_not_matter(name: str, seed: int) -> None:
    algorithm, set_ = METHODS[name]
    orders = shop(seed)
    mixed = orders.take(np.random.default_rng(seed).permutation(orders.num_rows))

    assert_same(told(algorithm, orders, set_=set_), told(algorithm, mixed, set_=set_), exact=True)


@pytest.mark.parametrize("name", METHODS)
@a_few
@given(seed=seeds)
def test_the_unit_of_money_scales_money_alone(name: str, seed: int) -> None:
    algorithm, set_ = METHODS[name]
    orders = shop(seed)
    cents = orders.set_column(5, "amount", pa.array(orders["amount"].to_numpy() * 100))

    first, second = (told(algorithm, o, set_=set_) for o in (orders, cents))

    assert_same(first, second, money=100)


@pytest.mark.parametrize("name", METHODS)
@a_few
@given(seed=seeds, days=st.integers(-4_000, 4_000))
def test_the_calendar_does_not_matter(name: str, seed: int, days: int) -> None:
    algorithm, set_ = METHODS[name]
    orders = shop(seed)
    step = timedelta(days=days)
    at = pa.array([t + step for t in orders["ordered_at"].to_pylist()], TIME)
    day = pa.array([d + step for d in orders["ordered_day"].to_pylist()], pa.date32())
    moved = orders.set_column(2, "ordered_at", at).set_column(3, "ordered_day", day)

    first = told(algorithm, orders, set_=set_)
    second = told(algorithm, moved, end=END + days, set_=set_)

    assert_same(first, second, exact=True)


@a_few
@given(seed=seeds)
def test_orders_once_more_on_their_days_change_no_rate(seed: int) -> None:
    orders = shop(seed)
    again = orders.set_column(
        0, "order_id", pa.array([f"{o}-again" for o in orders["order_id"].to_pylist()])
    )

    first = told(clv.ALGORITHM, orders, set_={"model": "mbg_nbd"})
    second = told(clv.ALGORITHM, pa.concat_tables([orders, again]), set_={"model": "mbg_nbd"})

    # the same days with twice the money: as if it were another currency
    assert_same(first, second, money=2)


@a_few
@given(seed=seeds, end=st.integers(60, END))
def test_histories_are_those_of_plain_grouping(seed: int, end: int) -> None:
    import duckdb

    bought = buying_and_leaving(FREQUENT, n=100, seed=seed, at_first=True, days=END)
    orders = orders_of(bought, amounts_of(bought, GAMMA_GAMMA, seed=seed))
    expected = bought.before(end).summary()
    parameters = pa.table(
        {
            "as_of": pa.array([instant(end)], TIME),
            "time_unit": ["week"],
            "holdout_days": pa.array([0], pa.int64()),
        }
    )

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("orders", orders)
        connection.register("order_lines", tables_of(clv.ALGORITHM, {})["order_lines"])
        connection.register("parameters", parameters)
        found = connection.execute(HISTORIES).df()

    assert (found["n_days"] - 1).tolist() == expected["x"].tolist()
    assert (found["last_day"] - found["first_day"]).tolist() == expected["last"].tolist()
    assert (found["end_day"] - found["first_day"]).tolist() == expected["age"].tolist()
