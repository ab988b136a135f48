"""What a run knows of the date before, and what it knows of itself when it is repeated."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from algorithms.circles.memory import Memory, memory_of, utc_times
from algorithms.circles.settings import CirclesParameters
from tests.pure import utc

THEN, NOW = utc("2026-02-01"), utc("2026-03-01")
Person = tuple[str, str | None, str | None, datetime | None]


def memory(*people: Person, as_of: datetime = NOW, said: datetime = THEN) -> Memory:
    """Return the memory of people given as id, circle, circle before, and since when."""
    ids, circle, before, since = zip(*people, strict=True) if people else ([], [], [], [])
    known = pd.DataFrame(
        {
            "customer_id": pd.Series(list(ids), dtype="category"),
            "circle_id": pd.Series(list(circle), dtype=object),
            "circles_before": pd.Series(list(before), dtype=object),
            "circles_since": pd.to_datetime(pd.Series(list(since)), utc=True),
            "circles_as_of": pd.to_datetime(pd.Series([said] * len(ids)), utc=True),
        }
    )
    return memory_of(known, CirclesParameters.model_validate({"as_of": as_of}))


def index(*ids: str) -> "pd.Index[str]":
    return pd.Index(ids, dtype=object)


def names(*circles: str | None) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    return np.array(circles, dtype=object)


def test_at_a_later_date_the_circles_are_those_that_stand() -> None:
    held = memory(("a", "x", "old", THEN), ("b", None, "old", None))

    assert held.of(index("a", "b", "c")).tolist() == ["x", None, None]


def test_at_the_same_date_they_are_those_before() -> None:
    held = memory(("a", "x", "old", NOW), ("b", "x", None, NOW), said=NOW)

    assert held.of(index("a", "b")).tolist() == ["old", None]


def test_the_same_date_is_known_in_any_time_zone() -> None:
    shanghai = NOW.astimezone(timezone(timedelta(hours=8)))

    held = memory(("a", "x", "old", NOW), as_of=shanghai, said=NOW)

    assert held.of(index("a")).tolist() == ["old"]


def test_a_millisecond_later_is_another_date() -> None:
    later = NOW + timedelta(milliseconds=1)

    assert memory(("a", "x", "old", NOW), as_of=later, said=NOW).of(index("a")).tolist() == ["x"]


def test_those_who_fell_silent_are_the_others() -> None:
    held = memory(("c", "z", None, THEN), ("a", "x", None, THEN), ("b", "y", None, THEN))

    assert held.without(index("b", "nobody")).tolist() == ["x", "z"]


def test_people_come_in_any_order() -> None:
    rows: list[Person] = [("b", "y", None, THEN), ("a", "x", None, NOW), ("c", None, None, None)]

    one, other = memory(*rows), memory(*reversed(rows))

    assert one.former.tolist() == other.former.tolist() == ["x", "y", None]
    assert one.since.tolist() == other.since.tolist()


def test_who_stays_is_a_member_since_they_came() -> None:
    held = memory(("a", "x", None, THEN), ("b", "x", None, THEN))

    since = held.since_of(index("a", "b", "new"), names("x", "y", "x"))

    assert since.tolist() == [pd.Timestamp(THEN), pd.Timestamp(NOW), pd.Timestamp(NOW)]


def test_who_is_in_no_circle_is_so_since_never() -> None:
    held = memory(("a", "x", None, THEN), ("b", None, None, None))

    assert held.since_of(index("a", "b"), names(None, None)).isna().all()


def test_who_stays_without_a_known_beginning_begins_now() -> None:
    held = memory(("a", "x", None, None))

    assert held.since_of(index("a"), names("x")).tolist() == [pd.Timestamp(NOW)]


def test_nobody_is_remembered_the_first_time() -> None:
    held = memory()

    assert held.of(index("a")).tolist() == [None]
    assert held.without(index("a")).tolist() == []
    assert held.since_of(index("a"), names("x")).tolist() == [pd.Timestamp(NOW)]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_a_missing_circle_is_none_however_it_is_missing(missing: None) -> None:
    assert memory(("a", missing, None, None)).of(index("a")).tolist() == [None]


def test_times_are_instants_of_utc() -> None:
    times = utc_times(np.array(["2026-03-01T12:00:00.123", "NaT"], "datetime64[ms]"))

    assert times[0] == pd.Timestamp("2026-03-01T12:00:00.123Z")
    assert pd.isna(times[1])
