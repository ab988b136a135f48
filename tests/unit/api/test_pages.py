"""Paging by position, over a listing that a test holds in its hands."""

from collections.abc import Mapping, Sequence

import pytest

from api.cursors import CursorError
from api.pages import Listing, Page, Part, read_part
from api.views import Row

LISTING = Listing(scope="numbers", query="ask for numbers", keys=("size", "id"), start=(-1, ""))


class Numbers:
    """Answers like a sorted listing, and remembers what it was asked."""

    def __init__(self, items: Sequence[tuple[int, str]]) -> None:
        self._items = sorted(items)
        self.asked: list[Mapping[str, object]] = []

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        assert query == "ask for numbers"
        self.asked.append(parameters)
        after = (parameters["after_size"], parameters["after_id"])
        rest = [item for item in self._items if item > after]
        n = parameters["n"]
        assert isinstance(n, int)
        return [{"items": [{"size": size, "id": id_} for size, id_ in rest[:n]]}]


def read(numbers: Numbers, limit: int, *, cursor: str | None = None) -> Part:
    part = read_part(
        numbers,
        LISTING,
        page=Page(limit=limit, cursor=cursor),
        about={"colour": "red"},
        show=lambda item: {"id": item["id"]},
    )
    assert part is not None
    return part


def everything(numbers: Numbers, limit: int) -> list[list[object]]:
    """Follow the cursors to the end."""
    pages, cursor = [], None
    while True:
        part = read(numbers, limit, cursor=cursor)
        pages.append([item["id"] for item in part.items])
        cursor = part.cursor
        if cursor is None:
            return pages


def test_pages_hold_everything_once_in_order() -> None:
    numbers = Numbers([(2, "b"), (1, "a"), (2, "a"), (3, "z")])

    assert everything(numbers, 2) == [["a", "a"], ["b", "z"]]
    assert everything(numbers, 3) == [["a", "a", "b"], ["z"]]


def test_a_last_page_that_is_full_has_no_next_one() -> None:
    numbers = Numbers([(1, "a"), (2, "b")])

    part = read(numbers, 2)

    assert len(part.items) == 2
    assert part.cursor is None


def test_an_empty_listing_is_one_empty_page() -> None:
    part = read(Numbers([]), 10)

    assert (part.items, part.cursor) == ([], None)


def test_items_with_equal_first_keys_are_told_apart_by_the_next() -> None:
    numbers = Numbers([(7, f"{n:02}") for n in range(10)])

    listed = [id_ for page in everything(numbers, 3) for id_ in page]

    assert listed == [f"{n:02}" for n in range(10)]


def test_one_row_more_than_shown_is_asked_for() -> None:
    numbers = Numbers([(1, "a")])

    read(numbers, 25)

    assert numbers.asked[0]["n"] == 26


def test_a_question_begins_at_the_start_and_keeps_its_other_parameters() -> None:
    numbers = Numbers([(1, "a")])

    read(numbers, 5)

    assert numbers.asked == [{"colour": "red", "after_size": -1, "after_id": "", "n": 6}]


def test_a_cursor_of_something_else_asks_nothing() -> None:
    numbers = Numbers([(1, "a")])

    with pytest.raises(CursorError):
        read(numbers, 5, cursor="nonsense")

    assert numbers.asked == []


def test_what_does_not_exist_has_no_page() -> None:
    part = read_part(lambda *_: [], LISTING, page=Page(limit=1), about={}, show=dict)

    assert part is None
