"""Histories of any shop, held against following every customer through their orders."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from algorithms.clv import ALGORITHM
from algorithms.clv.history import HISTORIES, ClvParameters, Histories
from algorithms.parameters import parameters_of
from algorithms.reduction import one_row
from tests.pure import Rows, tables_of, utc

Settings = dict[str, str]

START, EPOCH = date(2025, 1, 1), date(1970, 1, 1)
AS_OF = utc("2025-05-01T12:00")
WEEK = 7

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=25)


@dataclass(frozen=True)
class Order:
    """A paid order: who, the day from the start, the hour, and ten-thousandths."""

    customer: str
    day: int
    hour: int
    amount: int

    @property
    def at(self) -> datetime:
        day = START + timedelta(days=self.day)
        return datetime.combine(day, time(self.hour), AS_OF.tzinfo)

    @property
    def number(self) -> int:
        """Return the day counted from 1970."""
        return (self.at.date() - EPOCH).days


orders = st.builds(
    Order,
    customer=st.sampled_from(["ann", "bob", "cem", "dora"]),
    day=st.integers(0, 130),
    hour=st.integers(0, 23),
    amount=st.integers(-5, 40).map(lambda units: units * 2_500),
)
shops = st.lists(orders, min_size=1, max_size=30)
wished = st.sampled_from([{}, {"holdout_days": "10"}, {"time_unit": "day"}])


def params_of(as_of: datetime = AS_OF, **given: str) -> ClvParameters:
    return parameters_of(ClvParameters, given, algorithm="clv", as_of=as_of)


def rows_of(shop: list[Order]) -> Rows:
    numbers = count()
    return [
        {
            "order_id": f"o{next(numbers)}",
            "customer_id": order.customer,
            "ordered_at": order.at,
            "ordered_day": order.at.date(),
            "amount": order.amount,
        }
        for order in shop
    ]


def histories_of(
    shop: list[Order], given: Settings | None = None, *, as_of: datetime = AS_OF
) -> pd.DataFrame:
    """Return what the reduction makes of a shop."""
    tables = tables_of(ALGORITHM, {"orders": rows_of(shop)})
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in {
            **tables,
            "parameters": one_row(params_of(as_of, **(given or {}))),
        }.items():
            connection.register(name, table)
        return connection.execute(HISTORIES).df()


def followed(shop: list[Order], given: Settings) -> list[dict[str, object]]:
    """Follow every customer through the orders of the shop."""
    known = [order for order in shop if order.at <= AS_OF]
    by_customer = {
        who: sorted({o.number for o in known if o.customer == who and o.amount >= 0})
        for who in sorted({o.customer for o in known})
    }
    buyers = {who: days for who, days in by_customer.items() if days}
    if not buyers:
        return []
    last = (AS_OF.date() - EPOCH).days
    wanted = int(given.get("holdout_days", 0))
    held_out = wanted or min(365, (last - min(days[0] for days in buyers.values())) // 3)
    period = 1 if given.get("time_unit") == "day" else WEEK
    found = []
    for who, days in buyers.items():
        before = [day for day in days if day <= last - held_out]
        own = [o for o in known if o.customer == who]
        found.append(
            {
                "customer_id": who,
                "first_day": days[0],
                "last_day": days[-1],
                "n_days": len(days),
                "n_periods": len({(last - day) // period for day in days}),
                "spend_after": sum(o.amount for o in own if o.number > days[0]),
                "n_days_before": len(before),
                "last_day_before": before[-1] if before else days[0],
                "end_day": last,
                "cut_day": last - held_out,
            }
        )
    return found


# a purchase and a return of one day, in either order, and a day of returns alone
MIXED = [
    Order("ann", 3, 9, 20_000),
    Order("ann", 3, 17, -5_000),
    Order("ann", 60, 9, -5_000),
    Order("ann", 60, 17, 20_000),
    Order("ann", 90, 9, -5_000),
]


@unhurried
@example(MIXED, {})
@given(shops, wished)
def test_histories_are_those_of_following_every_customer(
    shop: list[Order], given: Settings
) -> None:
    found = histories_of(shop, given).to_dict("records")

    assert found == followed(shop, given)


@unhurried
@given(shops, st.data())
def test_the_order_of_rows_does_not_matter(shop: list[Order], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(shop))

    pd.testing.assert_frame_equal(histories_of(shop), histories_of(shuffled))


@unhurried
@given(shops)
def test_orders_twice_on_their_days_double_spend_and_nothing_else(shop: list[Order]) -> None:
    once, twice = histories_of(shop), histories_of([*shop, *shop])

    expected = once.assign(spend_after=2 * once["spend_after"])
    pd.testing.assert_frame_equal(twice, expected)


@unhurried
@given(shops, st.integers(-3_000, 3_000))
def test_a_shop_of_another_year_has_the_same_histories(shop: list[Order], days: int) -> None:
    moved = [Order(o.customer, o.day + days, o.hour, o.amount) for o in shop]

    here, there = histories_of(shop), histories_of(moved, as_of=AS_OF + timedelta(days=days))

    columns = ["first_day", "last_day", "last_day_before", "end_day", "cut_day"]
    pd.testing.assert_frame_equal(there, here.assign(**{c: here[c] + days for c in columns}))


@unhurried
@given(shops)
def test_cells_count_every_customer_once(shop: list[Order]) -> None:
    frame = histories_of(shop)
    assume(not frame.empty)
    histories = Histories(frame)

    daily, periodic, before = histories.daily(WEEK), histories.periodic(WEEK), histories.before(1)

    assert daily.cells.n == periodic.cells.n == len(frame)
    assert before.cells.n == (frame["first_day"] <= frame["cut_day"]).sum()
    for cells, code in (daily, periodic, before):
        assert (cells.last <= cells.age).all()
        assert (cells.last[cells.x == 0] == 0).all()
        assert (cells.x <= cells.last).all()
        assert np.bincount(code, minlength=len(cells)).tolist() == cells.weight.tolist()
