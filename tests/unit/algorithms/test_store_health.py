"""Stores that fall silent, silence that is only a missing feed, and grades of stores."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.contract import Result
from algorithms.store_health import ALGORITHM, NoStoreSoldError
from tests.pure import Rows, money, result_of, rows_of

START = datetime(2026, 1, 1, 10, tzinfo=UTC)
AS_OF = "2027-01-01"

# store (none: sold elsewhere), day from the first of January, amount, source
Sale = tuple[str | None, int, float, str]


def sales(
    store: str | None, days: Iterable[int], *, amount: float = 10, source: str = "pos"
) -> list[Sale]:
    return [(store, day, amount, source) for day in days]


def company(sold: list[Sale], *, stores: Rows | None = None) -> dict[str, Rows]:
    """Return one paid order without lines a sale."""
    orders: Rows = [
        {
            "order_id": f"o{place:04d}",
            "store_id": store,
            "source": source,
            "ordered_at": START + timedelta(days=day),
            "ordered_day": (START + timedelta(days=day)).date(),
            "amount": money(amount),
        }
        for place, (store, day, amount, source) in enumerate(sold)
    ]
    return {"orders": orders, "stores": stores or []}


def judged(
    sold: list[Sale], *, stores: Rows | None = None, **wished: str
) -> tuple[dict[str, dict[str, object]], Result]:
    """Return what is said of each store, and the result."""
    result = result_of(ALGORITHM, company(sold, stores=stores), settings=wished, as_of=AS_OF)
    frame = result.frames["Store"].astype(object)
    rows = {
        str(row["store_id"]): {
            str(name).removeprefix("store_health_"): value for name, value in row.items()
        }
        for row in frame.to_dict("records")
    }
    return rows, result


# ------------------------------------------------------------------ alarms


@pytest.mark.parametrize(("silent", "is_alarm"), [(13, False), (14, True)])
def test_day_fourteen_alarms_and_day_thirteen_does_not(silent: int, is_alarm: bool) -> None:
    # S sells until day 29; T sells on every day until so many days later
    rows, result = judged([*sales("S", range(30)), *sales("T", range(30 + silent))])

    assert rows["S"]["zero_days"] == silent
    assert rows["S"]["alarm"] is is_alarm
    assert rows["T"]["alarm"] is False
    assert result.metrics["alarms"] == int(is_alarm)


def test_a_day_without_a_feed_does_not_count() -> None:
    # T is silent on days 35 to 37 as well: nobody's sales arrived
    fed = [day for day in range(44) if day not in (35, 36, 37)]

    rows, _ = judged([*sales("S", range(30)), *sales("T", fed)])

    assert rows["S"]["zero_days"] == 11
    assert rows["S"]["alarm"] is False


def test_a_feed_is_that_of_the_stores_own_source() -> None:
    rows, _ = judged(
        [*sales("S", range(30)), *sales("T", range(31)), *sales("U", range(60), source="other")]
    )

    assert rows["S"]["zero_days"] == 1


def test_sales_without_a_store_tell_that_the_feed_is_there() -> None:
    rows, result = judged([*sales("S", range(30)), *sales(None, range(60))])

    assert rows["S"]["alarm"] is True
    assert not any("only seller" in note.en for note in result.notes)


def test_the_only_store_of_a_source_never_alarms_and_that_is_said() -> None:
    rows, result = judged([*sales("S", range(30)), *sales("U", range(90), source="other")])

    assert rows["S"]["alarm"] is False
    assert result.notes[0].en.startswith("2 stores are the only seller of their source")


def test_a_store_of_two_sources_is_silent_in_both() -> None:
    sold = [*sales("S", range(5)), *sales("S", [7], source="app")]
    sold += [*sales("T", range(15)), *sales("T", range(10, 30), source="app")]

    rows, _ = judged(sold)

    # days 8 to 29 have a feed of one source or the other
    assert rows["S"]["zero_days"] == 22


def test_returns_free_orders_and_cancelled_ones_are_no_sales() -> None:
    sold = [*sales("S", range(30)), *sales("T", range(45))]
    rows = company([*sold, ("S", 40, -5, "pos"), ("S", 41, 0, "pos"), ("S", 42, 9, "pos")])
    rows["orders"][-1]["status"] = "cancelled"

    result = result_of(ALGORITHM, rows, as_of=AS_OF)

    told = rows_of(result.frames["Store"], "store_id", "store_health_zero_days")
    assert told == [("S", 15), ("T", 0)]


def test_an_order_is_worth_its_lines() -> None:
    rows = company([*sales("S", range(30)), *sales("T", range(45)), ("S", 40, 0, "pos")])
    rows["order_lines"] = [{"order_id": "o0075", "amount": money(3)}]

    result = result_of(ALGORITHM, rows, as_of=AS_OF)

    assert result.frames["Store"]["store_health_zero_days"].tolist() == [4, 0]


def test_a_store_that_has_not_been_open_for_so_long_cannot_alarm() -> None:
    rows, _ = judged([*sales("S", [31]), *sales("T", range(45))])

    assert rows["S"]["zero_days"] == 13
    assert rows["S"]["alarm"] is False


def test_a_closed_store_neither_alarms_nor_is_graded() -> None:
    closed: Rows = [{"store_id": "S", "closed_on": (START + timedelta(days=30)).date()}]
    sold = [*sales("S", range(30)), *sales("T", range(60))]

    rows, result = judged(sold, stores=closed, period_days="10")

    assert rows["S"]["alarm"] is False
    assert rows["S"]["grade"] is None
    assert result.metrics["closed"] == 1


def test_a_store_that_closes_later_is_still_open() -> None:
    later: Rows = [{"store_id": "S", "closed_on": (START + timedelta(days=60)).date()}]

    rows, _ = judged([*sales("S", range(30)), *sales("T", range(60))], stores=later)

    assert rows["S"]["alarm"] is True


def test_the_number_of_days_is_a_parameter() -> None:
    rows, _ = judged([*sales("S", range(30)), *sales("T", range(33))], zero_days="3")

    assert rows["S"]["alarm"] is True


# ------------------------------------------------------------------ chance


def test_the_chance_is_that_of_a_store_of_its_pace() -> None:
    # six sales in twenty days: 0.3 a day; of a rate of 0.3, fourteen days are silent at 1.5 %
    rows, _ = judged([*sales("S", range(6)), *sales("T", range(20))])

    assert rows["S"]["sales_a_day"] == pytest.approx(0.3)
    assert rows["S"]["chance"] == pytest.approx(0.015, abs=0.0005)
    assert rows["S"]["chance"] == pytest.approx(math.exp(-4.2))
    assert rows["T"]["chance"] == 1.0


def test_a_slow_store_is_likelier_silent_by_chance_than_a_busy_one() -> None:
    sold = [*sales("slow", range(0, 30, 6)), *sales("busy", range(25))]

    rows, _ = judged([*sold, *sales("T", range(50))])

    slow, busy = (float(str(rows[name]["chance"])) for name in ("slow", "busy"))
    assert slow > 0.05
    assert busy < 0.001


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 20), st.integers(1, 20), st.integers(0, 1_000))
def test_the_order_of_rows_and_the_calendar_do_not_matter(
    silent: int, amount: int, seed: int
) -> None:
    sold = [*sales("S", range(10), amount=amount), *sales("T", range(10 + silent))]
    moved = [(store, day + 100, paid, source) for store, day, paid, source in sold]
    Random(seed).shuffle(moved)

    first, second = (judged(rows)[1].frames["Store"] for rows in (sold, moved))

    pd.testing.assert_frame_equal(first, second)


# ------------------------------------------------------------------ grades


def four_stores() -> list[Sale]:
    """Return stores of twenty days: (former, later) sales of 100, 300; 300, 290; 10, 30; 30, 20."""
    amounts = {"a": (10, 30), "b": (30, 29), "c": (1, 3), "d": (3, 2)}
    return [
        sale
        for store, (former, later) in amounts.items()
        for sale in [
            *sales(store, range(10), amount=former),
            *sales(store, range(10, 20), amount=later),
        ]
    ]


def test_stores_are_graded_by_sales_and_growth() -> None:
    # sales 300, 290, 30, 20 (median 160); growth 2, -1/30, 2, -1/3
    rows, result = judged(four_stores(), period_days="10")

    assert {name: row["grade"] for name, row in rows.items()} == {
        "a": "A",
        "b": "B",
        "c": "C",
        "d": "D",
    }
    assert rows["a"]["sales"] == money(300)
    assert rows["a"]["performance"] == pytest.approx(2.0)
    assert result.metrics["performance"] == "growth"
    cuts = result.metrics["cuts"]
    assert isinstance(cuts, dict)
    assert cuts["sales"] == 160.0
    assert cuts["performance"] == pytest.approx((2 - 1 / 30) / 2)
    assert result.metrics["grades"] == {"A": 1, "B": 1, "C": 1, "D": 1}


def test_a_stated_performance_goes_before_growth() -> None:
    stated: Rows = [
        {"store_id": store, "performance": score}
        for store, score in {"a": 10.0, "b": 90.0, "c": 20.0, "d": 80.0}.items()
    ]

    rows, result = judged(four_stores(), stores=stated, period_days="10")

    assert "".join(str(rows[name]["grade"]) for name in "abcd") == "BADC"
    assert result.metrics["performance"] == "attribute"


def test_performance_of_some_stores_alone_is_not_used_and_that_is_said() -> None:
    rows, result = judged(
        four_stores(), stores=[{"store_id": "a", "performance": 1.0}], period_days="10"
    )

    assert rows["a"]["grade"] == "A"
    assert any("Some stores state no performance" in note.en for note in result.notes)


def test_a_store_younger_than_both_periods_has_no_growth_and_no_grade() -> None:
    # the twenty days are those of 0 to 19; this one opened on day 1
    rows, result = judged(
        [*four_stores(), *sales("young", range(1, 20), amount=50)], period_days="10"
    )

    assert rows["young"]["grade"] is None
    assert any("1 open stores have no grade" in note.en for note in result.notes)


def test_cuts_lie_at_their_quantiles() -> None:
    rows, result = judged(
        four_stores(), period_days="10", sales_quantile="0", performance_quantile="1"
    )

    cuts = result.metrics["cuts"]
    assert isinstance(cuts, dict)
    assert cuts["sales"] == 20.0
    # nobody is above the best, and all but the smallest above the smallest
    assert "".join(str(rows[name]["grade"]) for name in "abcd") == "BBBD"


def test_stores_and_alarms_are_counted_by_region_and_sector() -> None:
    known: Rows = [
        {"store_id": "S", "region": "north", "sector": "food"},
        {"store_id": "T", "region": "north"},
    ]

    _, result = judged([*sales("S", range(5)), *sales("T", range(30))], stores=known)

    assert result.metrics["by_region"] == {"north": {"stores": 2, "alarms": 1}}
    assert result.metrics["by_sector"] == {"food": {"stores": 1, "alarms": 1}}


# ------------------------------------------------------------------ edges


def test_without_a_sale_in_a_store_nothing_is_said() -> None:
    with pytest.raises(NoStoreSoldError, match="no paid order names a store"):
        judged(sales(None, range(5)))


def test_a_store_that_never_sold_is_absent() -> None:
    rows, _ = judged(sales("S", range(5)), stores=[{"store_id": "empty"}])

    assert set(rows) == {"S"}
