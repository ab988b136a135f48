"""Cursors: opaque, of one listing, and nothing else is taken for one."""

import base64
import json

import pytest

from api import cursors
from api.cursors import CursorError, Position

START: Position = (0, "")
ORDERS = "orders of c1"


@pytest.mark.parametrize(
    "position",
    [(0, ""), (1767225600000, "web:1"), (-5, "键/值?&="), (9007199254740993, "\u2028")],
)
def test_a_cursor_brings_back_its_position(position: Position) -> None:
    cursor = cursors.encode(ORDERS, position)

    assert cursors.decode(cursor, scope=ORDERS, like=START) == position


def test_a_number_comes_back_to_the_last_digit() -> None:
    position = (2.718281828459045, "p")

    cursor = cursors.encode(ORDERS, position)

    assert cursors.decode(cursor, scope=ORDERS, like=(0.0, "")) == position


def test_a_cursor_can_stand_in_an_address() -> None:
    cursor = cursors.encode(ORDERS, (255, "ÿþ~~??>>"))

    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_cursor_does_not_show_what_it_lists() -> None:
    cursor = cursors.encode("orders of c1234567890", (1, "o"))

    assert b"c1234567890" not in base64.urlsafe_b64decode(cursor + "==")


def test_a_cursor_of_another_listing_is_refused() -> None:
    cursor = cursors.encode("orders of c2", (1, "o"))

    with pytest.raises(CursorError):
        cursors.decode(cursor, scope=ORDERS, like=START)


def written(value: object) -> str:
    """Return what a cursor is made of, for any value."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def mark() -> str:
    """Return the mark of a listing, read out of a true cursor."""
    text = base64.urlsafe_b64decode(cursors.encode(ORDERS, (1, "o")) + "==")
    return str(json.loads(text)[0])


@pytest.mark.parametrize(
    "made",
    [
        pytest.param("", id="empty"),
        pytest.param("not base64!", id="no base64"),
        pytest.param("AAAA", id="no text"),
        pytest.param(written({"a": 1}), id="no list"),
        pytest.param(written([]), id="empty list"),
        pytest.param(written(None), id="null"),
        pytest.param(written([["x"], 1, "o"]), id="a list for a mark"),
        pytest.param("[" * 400, id="brackets"),
    ],
)
def test_what_is_no_cursor_is_refused(made: str) -> None:
    with pytest.raises(CursorError):
        cursors.decode(made, scope=ORDERS, like=START)


@pytest.mark.parametrize(
    "position",
    [
        pytest.param([1], id="too short"),
        pytest.param([1, "o", "more"], id="too long"),
        pytest.param(["1", "o"], id="text for a number"),
        pytest.param([1.5, "o"], id="a fraction for a whole number"),
        pytest.param([True, "o"], id="yes for a number"),
        pytest.param([None, "o"], id="nothing for a number"),
        pytest.param([{"$gt": 0}, "o"], id="an object"),
    ],
)
def test_a_position_of_another_form_is_refused(position: list[object]) -> None:
    forged = written([mark(), *position])

    with pytest.raises(CursorError):
        cursors.decode(forged, scope=ORDERS, like=START)


def test_deeply_nested_text_is_refused_and_not_recursed_into() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 100_000).decode()

    with pytest.raises(CursorError):
        cursors.decode(nested, scope=ORDERS, like=START)
