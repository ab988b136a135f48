"""Arrow into pandas and back, without losing a digit, a null or a millisecond."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from algorithms.frames import to_frame, to_table
from graph.columns import ARROW_TYPES
from graph.language import Text
from graph.properties import Kind
from graph.spec import PropertySpec

LARGE = 2**53 + 1
NOON = datetime(2026, 1, 1, 12, 0, 0, 1000, tzinfo=UTC)

VALUES: dict[Kind, list[object]] = {
    "key": ["a", "b", "a"],
    "text": ["x", "y", "z"],
    "code": ["paid", "paid", "refunded"],
    "time": [NOON, NOON, NOON],
    "integer": [1, 2, LARGE],
    "number": [0.1, -2.5, 1e300],
    "money": [10_000, -1, LARGE],
    "boolean": [True, False, True],
    "texts": [["a"], ["b", "c"], ["d"]],
}


def table_of(kind: Kind, values: list[object]) -> tuple[pa.Table, PropertySpec]:
    name = "customer_id" if kind == "key" else "value"
    return pa.table({name: pa.array(values, ARROW_TYPES[kind])}), PropertySpec(
        name, kind, Text("", "")
    )


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("gap", [False, True])
def test_a_column_survives_the_way_there_and_back(kind: Kind, *, gap: bool) -> None:
    values = [*VALUES[kind], None] if gap else VALUES[kind]
    table, p = table_of(kind, values)

    assert to_table(to_frame(table), [p]).equals(table)


def test_keys_are_categoricals_and_other_texts_are_not() -> None:
    frame = to_frame(pa.table({"customer_id": ["a", "a"], "name": ["x", "y"]}))

    assert str(frame["customer_id"].dtype) == "category"
    assert str(frame["name"].dtype) == "object"


def test_keys_of_several_chunks_share_their_categories() -> None:
    chunks = pa.chunked_array([["a", "b"], ["b", "c"]])

    frame = to_frame(pa.table({"order_id": chunks}))

    assert frame["order_id"].astype(str).tolist() == ["a", "b", "b", "c"]


RISING = [
    [["a", "b"], ["c"]],
    [["a"]],
    [["z1", "客户1", "客户2", "😀"]],
]
OTHERS = [
    [["b", "a"]],
    [["a"], ["a"]],
    [["a", None, "b"]],
    [["a", "b"], ["a"]],
]


@pytest.mark.parametrize("chunks", [*RISING, *OTHERS])
def test_keys_are_their_own_categories_or_share_them(chunks: list[list[str | None]]) -> None:
    keys = [key for chunk in chunks for key in chunk]

    series = to_frame(pa.table({"customer_id": pa.chunked_array(chunks)}))["customer_id"]

    assert str(series.dtype) == "category"
    assert series.astype(object).where(series.notna(), None).tolist() == keys
    assert sorted(series.cat.categories) == sorted({key for key in keys if key})


def test_rising_keys_are_numbered_in_their_order() -> None:
    series = to_frame(pa.table({"customer_id": ["a", "b", "c"]}))["customer_id"]

    assert series.cat.codes.tolist() == [0, 1, 2]
    assert series.cat.categories.tolist() == ["a", "b", "c"]


def test_no_rows_keep_their_types() -> None:
    table, p = table_of("key", [])

    frame = to_frame(table)

    assert len(frame) == 0
    assert to_table(frame, [p]).schema == table.schema


def test_only_named_columns_come_back() -> None:
    frame = to_frame(pa.table({"a": [1], "b": [2]}))

    found = to_table(frame, [PropertySpec("b", "integer", Text("", ""))])

    assert found.to_pylist() == [{"b": 2}]
