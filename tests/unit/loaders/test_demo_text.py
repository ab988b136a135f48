"""Text columns: what is written, character by character."""

import numpy as np
import pyarrow as pa
import pytest

from loaders.demo.text import (
    clock,
    dates,
    hexadecimal,
    instants,
    join,
    keys,
    number,
    overwritten,
    pick,
    usable,
    written_days,
)

MARCH_5 = 19_787  # 2024-03-05, counted from 1970-01-01


def test_parts_are_joined_row_by_row() -> None:
    joined = join("<", pa.array(["a", "b"]), "-", pa.array(["1", "2"]), ">")

    assert joined.to_pylist() == ["<a-1>", "<b-2>"]


def test_a_missing_part_makes_the_text_missing() -> None:
    assert join("x", pa.array(["a", None])).to_pylist() == ["xa", None]


def test_words_are_picked_by_index_and_left_out_where_asked() -> None:
    picked = pick(("red", "green"), np.array([1, 0, 1]), missing=np.array([False, True, False]))

    assert picked.to_pylist() == ["green", None, "green"]


def test_numbers_get_zeros_in_front_but_are_never_cut() -> None:
    assert number(np.array([7, 12_345]), width=3).to_pylist() == ["007", "12345"]


def test_keys_carry_their_letter() -> None:
    assert keys("M", np.array([42]), width=8).to_pylist() == ["M00000042"]


def test_hexadecimal_writes_sixteen_digits() -> None:
    values = np.array([0, 255, 2**64 - 1, 0x0123456789ABCDEF], dtype=np.uint64)

    assert hexadecimal(values).to_pylist() == [f"{value:016x}" for value in values.tolist()]


def test_hexadecimal_of_nothing_is_nothing() -> None:
    assert hexadecimal(np.array([], dtype=np.uint64)).to_pylist() == []


def test_times_are_written_with_seconds() -> None:
    seconds = np.array([MARCH_5 * 86_400 + 9 * 3600 + 5])

    assert clock(seconds).to_pylist() == ["2024-03-05 09:00:05"]
    assert instants(seconds).type == pa.timestamp("s")


def test_dates_may_be_missing() -> None:
    days = dates(np.array([MARCH_5, 0]), missing=np.array([False, True]))

    assert [str(day) for day in days.to_pylist()] == ["2024-03-05", "None"]


@pytest.mark.parametrize(
    ("form", "text"), [(0, "2024/3/5"), (1, "2024-03-05"), (2, "2024年3月5日")]
)
def test_a_day_is_written_in_each_form(form: int, text: str) -> None:
    assert written_days(np.array([MARCH_5]), np.array([form])).to_pylist() == [text]


@pytest.mark.parametrize("text", ["1899-12-31", "1969-12-31", "1970-01-01", "2000-02-29"])
def test_days_around_the_epoch_and_leap_days_are_written_right(text: str) -> None:
    day = np.array([text], dtype="datetime64[D]").astype(np.int64)

    assert written_days(day, np.array([1])).to_pylist() == [text]


def test_cells_are_overwritten_by_a_word_a_column_or_nothing() -> None:
    column, where = pa.array(["a", "b"]), np.array([True, False])

    assert overwritten(column, where, by="x").to_pylist() == ["x", "b"]
    assert overwritten(column, where, by=pa.array(["y", "z"])).to_pylist() == ["y", "b"]
    assert overwritten(column, where, by=None).to_pylist() == [None, "b"]


def test_cells_that_say_nothing_are_not_counted() -> None:
    assert usable(pa.array(["a", None, "", "无", "null", "NULL", "0", "b"])) == 2
    assert usable(pa.array([], pa.string())) == 0
