"""Values of the database as plain ones."""

import json
import math
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j.spatial import CartesianPoint, WGS84Point
from neo4j.time import Date, DateTime, Duration, Time

from graph.plain import DEEPEST, Cell, Plain

NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=20,
)


def plain(value: object, size: int = 1000) -> Plain:
    return Cell(size).plain(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        ("知己", "知己"),
        (b"\x00\xff", "AP8="),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
        ([1, [2, None]], [1, [2, None]]),
        ({"a": {"b": 1}}, {"a": {"b": 1}}),
        (Date(2026, 1, 5), "2026-01-05"),
        (DateTime(2026, 1, 5, 8, 0, 0, 0, tzinfo=UTC), "2026-01-05T08:00:00Z"),
        (DateTime(2026, 1, 5, 8, 0, 0, 120_000_000, tzinfo=UTC), "2026-01-05T08:00:00.12Z"),
        (
            DateTime(2026, 1, 5, 8, 0, 10, tzinfo=timezone(timedelta(hours=8))),
            "2026-01-05T08:00:10+08:00",
        ),
        (DateTime(2026, 1, 5, 8, 0, 10), "2026-01-05T08:00:10"),
        (Time(8, 30, 0, 500_000_000), "08:30:00.5"),
        (Duration(years=1, days=2, seconds=1), "P1Y2DT1S"),
        (CartesianPoint((1.0, 2.0)), {"srid": 7203, "coordinates": [1.0, 2.0]}),
        (WGS84Point((120.0, 30.0)), {"srid": 4326, "coordinates": [120.0, 30.0]}),
    ],
)
def test_a_value_becomes_what_json_has(value: object, expected: Plain) -> None:
    assert plain(value) == expected


@pytest.mark.parametrize(
    ("value", "size", "expected"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcde…"),
        (["abc", "def", "ghi"], 6, ["abc", "def"]),
        (["abc", "def"], 5, ["abc", "de…"]),
        ({"k": "abc", "l": "def"}, 4, {"k": "abc"}),
        ([1, 2, 3], 20, [1, 2]),
    ],
)
def test_a_value_is_cut_where_its_size_ends(value: object, size: int, expected: Plain) -> None:
    cell = Cell(size)

    assert cell.plain(value) == expected
    assert cell.is_cut == (expected != value)


def test_lists_without_end_inside_each_other_are_cut() -> None:
    value: list[object] = []
    for _ in range(5000):
        value = [value]
    cell = Cell(1000)

    passed = json.dumps(cell.plain(value), ensure_ascii=False)

    assert cell.is_cut
    assert passed == "[" * (DEEPEST + 1) + '"…"' + "]" * (DEEPEST + 1)


@given(NESTED)
def test_whatever_comes_can_be_written_as_json(value: object) -> None:
    cell = Cell(10**9)

    passed = cell.plain(value)

    assert json.loads(json.dumps(passed, allow_nan=False)) == passed
    assert not cell.is_cut


@given(NESTED, st.integers(0, 50))
def test_a_cut_value_is_no_longer_than_its_size(value: object, size: int) -> None:
    cell = Cell(size)

    texts = _texts(cell.plain(value))

    assert sum(len(text.removesuffix("…")) for text in texts) <= size


def _texts(value: Plain) -> list[str]:
    if isinstance(value, str):
        return [value] if value not in {"NaN", "Infinity", "-Infinity"} else []
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return _texts(list(value.values())) if isinstance(value, dict) else []
