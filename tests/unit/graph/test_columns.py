"""Values keep their meaning between Arrow columns and the lists that cross the wire."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest

from graph.columns import (
    ARROW_TYPES,
    NOTHING,
    UndeclaredColumnError,
    as_column,
    as_declared,
    as_parameters,
    fitted,
    identity_of,
    milliseconds,
    properties_by_column,
    read_form,
    slices,
    stated,
    stored_form,
)
from graph.language import Text
from graph.properties import Kind
from graph.spec import PropertySpec, fact_spec

SPEC = fact_spec()
ORDER = SPEC.nodes["Order"]
LINE = SPEC.relationships["Order-CONTAINS-Product"]
PLACED = SPEC.relationships["Account-PLACED-Order"]


def wire_of(kind: Kind, *values: object) -> list[object]:
    """Return what is sent for a column of one kind."""
    rows = pa.table({"x": pa.array(values, ARROW_TYPES[kind])})
    return as_parameters(rows, {"x": PropertySpec("x", kind, Text("", ""))})["x"]


def test_a_time_is_sent_as_epoch_milliseconds() -> None:
    sent = wire_of("time", datetime(1970, 1, 1, 0, 0, 1, 5_000, tzinfo=UTC), None)

    assert sent == [1005, None]


def test_a_time_before_1970_is_sent_as_a_negative_number() -> None:
    sent = wire_of("time", datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC))

    assert sent == [-1]


def test_a_day_is_sent_as_days_since_1970() -> None:
    sent = wire_of("date", date(1970, 1, 2), date(1969, 12, 31), None)

    assert sent == [1, -1, None]


def test_money_is_sent_as_whole_ten_thousandths() -> None:
    assert wire_of("money", -12_345, None) == [-12_345, None]


def test_an_empty_text_is_sent_and_is_not_nothing() -> None:
    assert wire_of("text", "", None) == ["", None]


def test_an_empty_list_is_sent_as_nothing() -> None:
    assert wire_of("texts", [], [""], None) == [None, None, None]


@pytest.mark.parametrize(
    ("texts", "kept"),
    [(["a", "", "b"], ["a", "b"]), ([""], None), ([], None), (None, None), ([" "], [" "])],
)
def test_empty_texts_in_a_list_state_nothing(
    texts: list[str] | None, kept: list[str] | None
) -> None:
    assert stated(texts) == kept


def test_currency_units_are_read_as_whole_ten_thousandths() -> None:
    # 8,911,407.904 is no exact float; the count of ten-thousandths is
    column = as_column([8_911_407.904, -1.2345, 0.0001, NOTHING], "money")

    assert column.to_pylist() == [89_114_079_040, -12_345, 1, None]


@pytest.mark.parametrize("units", [1, 10_001, 899_999_999_999_9999, -899_999_999_999_9999])
def test_money_survives_division_and_multiplication(units: int) -> None:
    stored = units / 10_000.0

    assert as_column([stored], "money").to_pylist() == [units]


def test_what_stands_for_nothing_is_read_as_null() -> None:
    assert as_column([NOTHING, 5], "integer").to_pylist() == [None, 5]
    assert as_column([NOTHING, ""], "text").to_pylist() == [None, ""]
    assert as_column([NOTHING, True], "boolean").to_pylist() == [None, True]
    assert as_column([["a"], NOTHING], "texts").to_pylist() == [["a"], None]


def test_a_column_of_nulls_alone_has_its_type() -> None:
    for kind, arrow_type in ARROW_TYPES.items():
        assert as_column([NOTHING, NOTHING], kind).type == arrow_type


def test_epoch_days_are_read_as_days() -> None:
    assert as_column([-1, NOTHING], "date").to_pylist() == [date(1969, 12, 31), None]


def test_epoch_milliseconds_are_read_as_utc_times() -> None:
    column = as_column([-1], "time")

    assert column.type == pa.timestamp("ms", tz="UTC")
    assert column.to_pylist() == [datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)]


def test_money_is_stored_in_currency_units() -> None:
    assert stored_form("money", "$amount[i]") == "$amount[i] / 10000.0"


def test_a_missing_time_is_not_handed_to_a_function_that_refuses_it() -> None:
    assert stored_form("time", "$at[i]") == (
        "CASE WHEN $at[i] IS NULL THEN null ELSE datetime({epochMillis: $at[i]}) END"
    )


def test_reads_keep_a_place_for_nothing_except_in_keys() -> None:
    assert read_form("date", "a.d") == (
        "coalesce(duration.inDays(date({year: 1970}), a.d).days, $nothing)"
    )
    assert read_form("key", "a.order_id", is_identity=True) == "a.order_id"


def test_an_instant_of_another_zone_is_the_same_number() -> None:
    instant = datetime.fromisoformat("2026-03-02T00:00:00.005+08:00")

    assert milliseconds(instant) == milliseconds(instant.astimezone(UTC)) == 1_772_380_800_005


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        milliseconds(datetime(2026, 3, 1))  # noqa: DTZ001 - the point of the test


def test_nodes_are_told_apart_by_key_and_relationships_by_ends_and_key() -> None:
    assert identity_of(ORDER) == ("order_id",)
    assert identity_of(PLACED) == ("start_id", "end_id")
    assert identity_of(LINE) == ("start_id", "end_id", "line_key")


def test_columns_begin_with_what_identifies_a_row() -> None:
    assert next(iter(properties_by_column(ORDER))) == "order_id"
    assert list(properties_by_column(LINE))[:3] == ["start_id", "end_id", "line_key"]


def test_rows_are_sorted_by_what_identifies_them() -> None:
    rows = pa.table(
        {
            "start_id": ["b", "a", "a"],
            "end_id": ["x", "y", "x"],
            "line_key": ["1", "1", "1"],
            "amount": [1, 2, 3],
        }
    )

    assert fitted(LINE, rows)["amount"].to_pylist() == [3, 2, 1]


def test_microseconds_are_cut_to_the_millisecond() -> None:
    instant = datetime(2026, 3, 1, 1, 1, 1, 999_999, tzinfo=UTC)
    rows = pa.table(
        {"order_id": ["o"], "ordered_at": pa.array([instant], pa.timestamp("us", "UTC"))}
    )

    (read,) = fitted(ORDER, rows)["ordered_at"].to_pylist()

    assert read == datetime(2026, 3, 1, 1, 1, 1, 999_000, tzinfo=UTC)


def test_a_column_that_is_not_declared_is_refused_by_name() -> None:
    with pytest.raises(UndeclaredColumnError, match="nickname") as caught:
        fitted(ORDER, pa.table({"order_id": ["o"], "nickname": ["x"]}))

    assert caught.value.facts["element"] == "Order"


def test_rows_without_a_key_are_refused() -> None:
    with pytest.raises(UndeclaredColumnError, match="line_key"):
        fitted(LINE, pa.table({"start_id": ["o"], "end_id": ["p"]}))


def test_only_the_asked_columns_are_returned_in_the_asked_order() -> None:
    rows = pa.table({"b": ["1"], "a": ["2"], "c": ["3"]})
    asked = {name: PropertySpec(name, "text", Text("", "")) for name in ("a", "b")}

    assert as_declared(rows, asked).column_names == ["a", "b"]


def test_pieces_are_small_in_rows() -> None:
    rows = pa.table({"k": [str(i) for i in range(25)]})

    pieces = list(slices(rows, most_rows=10, most_bytes=10**6))

    assert [piece.num_rows for piece in pieces] == [10, 10, 5]
    assert pa.concat_tables(pieces).equals(rows)


def test_pieces_with_long_texts_are_small_in_bytes() -> None:
    rows = pa.table({"k": ["x" * 10_000] * 8 + ["y"] * 8})

    pieces = list(slices(rows, most_rows=16, most_bytes=25_000))

    assert max(piece.nbytes for piece in pieces) <= 25_000
    assert pa.concat_tables(pieces)["k"].to_pylist() == rows["k"].to_pylist()


def test_a_row_that_is_too_large_is_a_piece_of_its_own() -> None:
    rows = pa.table({"k": ["x" * 1000, "y" * 1000]})

    assert [p.num_rows for p in slices(rows, most_rows=10, most_bytes=10)] == [1, 1]


def test_no_rows_are_no_pieces() -> None:
    assert list(slices(pa.table({"k": pa.array([], pa.string())}), most_rows=5, most_bytes=5)) == []
