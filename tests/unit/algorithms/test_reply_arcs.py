"""Ids to numbers and back, whatever order their categories stand in."""

from itertools import permutations

import pandas as pd
import pytest

from algorithms.reply_arcs import People, listed, people_of


def column(*ids: str | None, categories: list[str] | None = None) -> "pd.Series[str]":
    known = categories or sorted({one for one in ids if one is not None})
    return pd.Series(pd.Categorical(ids, categories=known))


def test_people_are_numbered_in_the_order_of_their_ids() -> None:
    people = people_of(column("c", "a"), column("b", "a"))

    assert people.names.tolist() == ["a", "b", "c"]
    assert people.numbers(column("c", "b", "b", "a")).tolist() == [2, 1, 1, 0]


@pytest.mark.parametrize("order", list(permutations("abc")))
def test_the_order_of_categories_does_not_matter(order: tuple[str, ...]) -> None:
    ids = column("b", "a", "b", categories=[*order])

    people = people_of(ids)

    # c is a category of nobody
    assert people.names.tolist() == ["a", "b"]
    assert people.numbers(ids).tolist() == [1, 0, 1]


def test_an_absent_id_is_nobody_and_has_no_number() -> None:
    ids = column("a", None, "b")

    people = people_of(ids)

    assert people.n == 2
    assert people.numbers(ids).tolist() == [0, -1, 1]


def test_a_stranger_has_no_number() -> None:
    people = people_of(column("a", "b"))

    assert people.numbers(column("z", "b", "0")).tolist() == [-1, 1, -1]


def test_absent_ids_alone_are_nobody() -> None:
    people = people_of(column(None, None))

    assert people.n == 0
    assert people.names.tolist() == []


def test_no_columns_are_nobody() -> None:
    assert people_of().n == 0


def test_of_nobody_everybody_is_a_stranger() -> None:
    nobody = People(pd.Index([], dtype=object))

    assert nobody.numbers(column("a", None)).tolist() == [-1, -1]


def test_ids_of_any_script_are_sorted_by_their_characters() -> None:
    ids = column("מ", "🐱", "é", "e\u0301", "", "10", "9")

    assert people_of(ids).names.tolist() == ["", "10", "9", "e\u0301", "é", "מ", "🐱"]


def test_numbers_and_names_are_each_other_s_inverse() -> None:
    ids = column(*"hello world")
    people = people_of(ids)

    assert people.names[people.numbers(ids)].tolist() == [*"hello world"]


def test_a_list_of_people_is_taken_as_it_stands() -> None:
    ids = column("a", "b", "מ", categories=["מ", "b", "a"])

    people = listed(ids)

    assert people.names.tolist() == ["a", "b", "מ"]
    assert people.numbers(ids).tolist() == [0, 1, 2]


def test_a_list_of_nobody_is_nobody() -> None:
    assert listed(column()).n == 0
