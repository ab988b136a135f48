"""What sets a circle apart: shares of members against shares of everybody, by hand."""

from math import log

import numpy as np
import pandas as pd
import pytest

from algorithms.circles.describing import typical
from algorithms.network.digraph import Numbers
from algorithms.network.partitions import NOBODY
from algorithms.reply_arcs import People, people_of

NOBODY_IN_NONE = (0, 0, 0, 0, 1, 1, 1, 1)


def everybody(n: int) -> People:
    names = pd.DataFrame({"customer_id": [f"p{k}" for k in range(n)]}, dtype="category")
    return people_of(names["customer_id"])


def words(
    held: dict[str, str], *, labels: tuple[int, ...] = NOBODY_IN_NONE, most: int = 5
) -> list[list[str]]:
    """Return typical words of who is written down as ``{"lens": "0 1 2"}``: a word of whom."""
    rows = [(f"p{who}", word) for word, people in held.items() for who in people.split()]
    frame = pd.DataFrame(rows, columns=["customer_id", "word"], dtype="category")
    numbers: Numbers = np.array(labels, np.int64)
    return typical(frame, people=everybody(len(labels)), labels=numbers, most=most)


def test_a_word_is_of_the_circle_in_which_more_people_have_it() -> None:
    assert words({"lens": "0 1 2", "case": "4 5 6 7"}) == [["lens"], ["case"]]


def test_a_word_that_everybody_has_is_of_no_circle() -> None:
    assert words({"hello": "0 1 2 3 4 5 6 7"}) == [[], []]


def test_a_word_that_is_as_common_here_as_elsewhere_is_of_no_circle() -> None:
    assert words({"hello": "0 1 4 5"}) == [[], []]


def test_one_member_gives_a_circle_no_word_and_two_do() -> None:
    assert words({"lens": "0", "case": "0 1"}) == [["case"], []]


def test_the_most_telling_word_comes_first() -> None:
    # p log(p / q): 1 log(1 / (4/8)), 3/4 log(3/4 / (3/8)), 1 log(1 / (7/8))
    worth = {"all": log(2), "three": 0.75 * log(2), "wide": log(8 / 7)}

    found = words({"three": "0 1 2", "wide": "0 1 2 3 4 5 6", "all": "0 1 2 3"})

    assert found[0] == sorted(worth, key=lambda word: -worth[word])


def test_of_words_as_telling_the_smaller_comes_first() -> None:
    assert words({"z": "0 1", "镜头": "0 1", "a": "0 1"})[0] == ["a", "z", "镜头"]


@pytest.mark.parametrize(("most", "found"), [(0, []), (1, ["a"]), (2, ["a", "b"]), (9, [*"abc"])])
def test_no_more_words_than_asked_for(most: int, found: list[str]) -> None:
    held = {"a": "0 1 2 3", "b": "0 1 2", "c": "0 1"}

    assert words(held, most=most) == [found, []]


def test_who_is_in_no_circle_makes_a_word_common() -> None:
    outside = (0, 0, NOBODY, NOBODY)

    # both have it, as do the two outside: no more common here than elsewhere
    assert words({"hello": "0 1 2 3"}, labels=outside) == [[]]
    assert words({"hello": "0 1 2"}, labels=outside) == [["hello"]]


def test_who_is_not_looked_at_counts_nowhere() -> None:
    assert words({"lens": "0 1 8 9"}) == [["lens"], []]


def test_without_words_circles_have_none() -> None:
    assert words({}) == [[], []]


def test_without_circles_nothing_is_typical() -> None:
    assert words({"lens": "0 1"}, labels=(NOBODY, NOBODY)) == []


def test_the_order_of_rows_does_not_matter() -> None:
    held = {"lens": "0 1 2", "case": "2 1 0", "strap": "4 5", "hello": "7 6 5 0"}
    turned = {word: " ".join(reversed(held[word].split())) for word in reversed(held)}

    assert words(turned) == words(held)


def test_words_of_any_script_are_kept_as_they_are() -> None:
    odd = ["🌸熊猫", "مرحبا", "a, b", "<b>", "=1+1"]

    found = words(dict.fromkeys(odd, "0 1 2"), most=10)

    assert found[0] == sorted(odd)
