"""Stages of life of any shop: the definition followed step by step, and what must not matter."""

from datetime import datetime, timedelta
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.lifecycle import ALGORITHM
from tests.pure import Rows, result_of, rows_of, utc

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=80)

START = utc("2025-01-01")
NOW = utc("2026-01-01")
STEP = timedelta(milliseconds=1)
LIMITS, WEIGHT, SHORTEST = (1.5, 3.0, 6.0), 2.0, 7.0
DAY = timedelta(days=1)

lives = st.lists(st.integers(0, 364), max_size=7, unique=True).map(sorted)
shops = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), lives, min_size=1)
Shop = dict[str, list[int]]


def rows_of_shop(shop: Shop, *, shift: timedelta = timedelta(0)) -> dict[str, Rows]:
    orders: Rows = []
    for customer, days in shop.items():
        for day in days:
            at = START + day * DAY + shift
            orders.append(
                {
                    "order_id": f"{customer}{day}",
                    "customer_id": customer,
                    "ordered_at": at,
                    "ordered_day": at.date(),
                    "amount": 1,
                }
            )
    return {"orders": orders, "customers": [{"customer_id": customer} for customer in shop]}


def company_gap(shop: Shop) -> float:
    """Return the company's gap in days."""
    means = [(days[-1] - days[0]) / (len(days) - 1) for days in shop.values() if len(days) > 1]
    return median(means) if means else 90.0


def stage_at(visits: list[datetime], now: datetime, *, gap: float) -> str:
    """Follow the definition from the first visit to the last before ``now``."""
    past = [visit for visit in visits if visit <= now]
    if not past:
        return "prospect"
    stage, rhythm = "new", timedelta(0)
    for number, visit in enumerate(past):
        if number:
            is_back = visit - past[number - 1] > LIMITS[1] * rhythm
            stage = "returned" if is_back else "active"
        span = (visit - past[0]) / DAY
        rhythm = max((WEIGHT * gap + span) / (WEIGHT + number), SHORTEST) * DAY
    silence = now - past[-1]
    passed = sum(silence > limit * rhythm for limit in LIMITS)
    return (stage, "cooling", "sleeping", "lost")[passed]


@unhurried
@given(shops)
def test_stages_are_those_of_following_the_definition(shop: Shop) -> None:
    frame = result_of(ALGORITHM, rows_of_shop(shop), as_of="2026-01-01").frames["Customer"]

    found = rows_of(frame, "customer_id", "lifecycle_stage")
    gap = company_gap(shop)
    assert found == [
        (customer, stage_at([START + day * DAY for day in days], NOW, gap=gap))
        for customer, days in sorted(shop.items())
    ]


@unhurried
@given(shops)
def test_a_stage_begins_when_the_one_before_it_ends(shop: Shop) -> None:
    frame = result_of(ALGORITHM, rows_of_shop(shop), as_of="2026-01-01").frames["Customer"]

    gap = company_gap(shop)
    for customer, stage, since in zip(
        frame["customer_id"], frame["lifecycle_stage"], frame["lifecycle_since"], strict=True
    ):
        if stage == "prospect":
            continue
        visits = [START + day * DAY for day in shop[customer]]
        began: datetime = since.to_pydatetime()
        assert began <= NOW
        assert stage_at(visits, began + STEP, gap=gap) == stage
        assert stage_at(visits, began - STEP, gap=gap) != stage
        between = [visit for visit in visits if began < visit <= NOW]
        assert all(stage_at(visits, visit - STEP, gap=gap) == stage for visit in between)


@unhurried
@given(shops)
def test_flows_add_up_to_everybody(shop: Shop) -> None:
    result = result_of(ALGORITHM, rows_of_shop(shop), as_of="2026-01-01")

    flows, stages = result.metrics["flows"], result.metrics["stages"]
    assert isinstance(flows, dict)
    assert isinstance(stages, dict)
    assert sum(map(sum, flows["table"])) == len(shop)
    assert [sum(column) for column in zip(*flows["table"], strict=True)] == list(stages.values())


@unhurried
@given(shops, st.integers(1, 500))
def test_a_shop_that_lives_later_lives_the_same(shop: Shop, days: int) -> None:
    shift = timedelta(days=days)
    here = result_of(ALGORITHM, rows_of_shop(shop), as_of="2026-01-01")

    there = result_of(
        ALGORITHM, rows_of_shop(shop, shift=shift), as_of=(NOW + shift).date().isoformat()
    )

    assert there.metrics == here.metrics
    columns = ("customer_id", "lifecycle_stage")
    assert rows_of(there.frames["Customer"], *columns) == rows_of(here.frames["Customer"], *columns)
    moved = there.frames["Customer"]["lifecycle_since"] - shift
    assert moved.dropna().tolist() == here.frames["Customer"]["lifecycle_since"].dropna().tolist()
