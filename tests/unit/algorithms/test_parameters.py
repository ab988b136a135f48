"""Parameters: declared once, set by text, refused by name."""

from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from algorithms.parameters import (
    DatedParameters,
    OverrideError,
    ParameterError,
    Parameters,
    UnknownParameterError,
    as_json,
    described,
    parameters_of,
    parse_overrides,
)
from graph.language import Text, speaking
from tests.pure import utc

DAY = utc("2026-01-01")


class Shelf(Parameters):
    books: Annotated[int, Text("Books on it", "书的数量")] = Field(3, ge=1, le=100)
    share: Annotated[Decimal, Text("Share that is read", "已读比例")] = Field(
        Decimal("0.5"), ge=0, lt=1
    )
    open: Annotated[bool, Text("Whether it has no doors", "是否敞开")] = True
    wood: Annotated[Literal["oak", "ash"], Text("Its wood", "木材")] = "oak"


class Diary(DatedParameters):
    """Nothing but its day."""


def shelf(**values: str) -> Shelf:
    return parameters_of(Shelf, values, algorithm="shelf", as_of=DAY)


def test_what_is_not_set_keeps_its_default() -> None:
    found = shelf(books="7")

    assert (found.books, found.share, found.open) == (7, Decimal("0.5"), True)


def test_texts_become_what_is_declared() -> None:
    found = shelf(share="0.25", open="false", wood="ash")

    assert (found.share, found.open, found.wood) == (Decimal("0.25"), False, "ash")


def test_dated_parameters_get_the_instant() -> None:
    assert parameters_of(Diary, {}, algorithm="diary", as_of=DAY).as_of == DAY


def test_the_instant_cannot_be_set_as_a_parameter() -> None:
    with pytest.raises(UnknownParameterError, match="no parameter 'as_of'"):
        parameters_of(Diary, {"as_of": "2026-01-01"}, algorithm="diary", as_of=DAY)


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("books", "0", "a whole number, from 1 to 100"),
        ("books", "101", "a whole number, from 1 to 100"),
        ("books", "many", "a whole number, from 1 to 100"),
        ("share", "1", "a decimal number, from 0 below 1"),
        ("open", "perhaps", "true or false"),
        ("wood", "pine", "one of oak, ash"),
    ],
)
def test_a_value_out_of_bounds_names_parameter_and_bounds(
    name: str, value: str, *, bounds: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        shelf(**{name: value})

    assert str(refused.value) == f"shelf.{name} cannot be {value!r}. It takes {bounds}."


def test_a_refusal_speaks_chinese_too() -> None:
    with pytest.raises(ParameterError) as refused, speaking("zh"):
        shelf(books="0")

    assert (
        refused.value.message("zh") == "shelf.books 不能为 '0'。取值：整数，不小于 1 且不大于 100。"
    )


def test_an_unknown_parameter_names_those_that_exist() -> None:
    with pytest.raises(UnknownParameterError, match="It has: books, share, open, wood"):
        shelf(boks="3")


def test_parameters_are_frozen_and_hold_nothing_else() -> None:
    with pytest.raises(ValidationError):
        shelf().books = 4
    with pytest.raises(ValidationError):
        Shelf.model_validate({"door": 1})


def test_overrides_are_read_by_algorithm() -> None:
    found = parse_overrides(["shelf.books=7", "shelf.wood = ash", "rfm.x=a=b", "shelf.books=8"])

    assert found == {"shelf": {"books": "8", "wood": "ash"}, "rfm": {"x": "a=b"}}


@pytest.mark.parametrize("text", ["books=7", "shelf.books", ".books=7", "shelf.=7", ""])
def test_an_override_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(OverrideError, match=r"Write it as algorithm\.parameter=value"):
        parse_overrides([text])


def test_equal_parameters_are_equal_text_without_the_instant() -> None:
    assert as_json(shelf()) == '{"books": 3, "open": true, "share": "0.5", "wood": "oak"}'
    assert as_json(Diary(as_of=DAY)) == "{}"


def test_people_see_name_meaning_bounds_and_default() -> None:
    books = described(Shelf)[0]

    assert (books.name, books.about.zh, books.bounds.en, books.default) == (
        "books",
        "书的数量",
        "a whole number, from 1 to 100",
        "3",
    )
    assert described(Diary) == ()
