"""Whose word stands: each rule, its ties, and when a field is disputed."""

import pytest

from algorithms.survivorship import Rule, chosen
from tests.statements import Saying, statements_of

RED, BLUE, GREEN = range(3)


def winner(rule: Rule, *sayings: Saying) -> tuple[int, bool]:
    """Return the place of the saying that stands, and whether it is disputed."""
    choice = chosen(statements_of(sayings), rule)
    (row,), (is_disputed,) = choice.row.tolist(), choice.is_disputed.tolist()
    return row, is_disputed


def test_the_latest_account_wins() -> None:
    early, late = Saying(0, 1, RED, seen=10), Saying(0, 2, BLUE, seen=20)

    assert winner("latest", early, late) == (1, True)
    assert winner("latest", late, early) == (0, True)


def test_an_account_that_was_never_seen_is_never_the_latest() -> None:
    unseen, ancient = Saying(0, 1, RED), Saying(0, 2, BLUE, seen=-5_000_000_000)

    assert winner("latest", unseen, ancient) == (1, True)


def test_the_most_believed_source_wins() -> None:
    doubtful, believed = Saying(0, 1, RED, seen=20, trust=3), Saying(0, 2, BLUE, seen=10, trust=1)

    assert winner("source_order", doubtful, believed) == (1, True)


def test_the_value_of_most_accounts_wins() -> None:
    one = Saying(0, 1, RED, seen=30)
    two = (Saying(0, 2, BLUE, seen=10, trust=9), Saying(0, 3, BLUE, seen=20, trust=9))

    # of the two that say blue the later one is named
    assert winner("most_frequent", one, *two) == (2, True)


@pytest.mark.parametrize(
    ("rule", "loser", "better"),
    [
        # equally late: believed first; then what most say
        ("latest", Saying(0, 1, RED, 5, 2), Saying(0, 2, BLUE, 5, 1)),
        # of equal belief: the later; then what most say
        ("source_order", Saying(0, 1, RED, 5, 1), Saying(0, 2, BLUE, 6, 1)),
        # one vote each: the later, then the believed
        ("most_frequent", Saying(0, 1, RED, 5, 1), Saying(0, 2, BLUE, 6, 2)),
        ("most_frequent", Saying(0, 1, RED, 5, 2), Saying(0, 2, BLUE, 5, 1)),
    ],
)
def test_a_tie_asks_the_other_rules(rule: Rule, *, loser: Saying, better: Saying) -> None:
    assert winner(rule, loser, better) == (1, True)
    assert winner(rule, better, loser) == (0, True)


@pytest.mark.parametrize("rule", ["latest", "source_order"])
def test_the_last_question_before_the_account_is_what_most_say(rule: Rule) -> None:
    sayings = (Saying(0, 1, RED), Saying(0, 2, BLUE), Saying(0, 3, BLUE))

    assert winner(rule, *sayings) == (1, True)


@pytest.mark.parametrize("rule", ["latest", "source_order", "most_frequent"])
def test_where_nothing_decides_the_smaller_account_does(rule: Rule) -> None:
    larger, smaller = Saying(0, 2, RED), Saying(0, 1, BLUE)

    assert winner(rule, larger, smaller) == (1, True)


def test_of_two_values_of_one_account_the_smaller_stands() -> None:
    assert winner("latest", Saying(0, 1, BLUE), Saying(0, 1, RED)) == (1, False)


def test_accounts_that_agree_dispute_nothing() -> None:
    assert winner("latest", Saying(0, 1, RED, 1), Saying(0, 2, RED, 2)) == (1, False)


def test_a_second_phone_of_one_account_is_no_dispute() -> None:
    both = (Saying(0, 1, RED), Saying(0, 1, GREEN), Saying(0, 2, RED))

    assert winner("most_frequent", *both) == (0, False)


def test_each_customer_is_decided_apart() -> None:
    sayings = [
        Saying(2, 5, RED, seen=1),
        Saying(0, 1, RED, seen=1),
        Saying(0, 2, BLUE, seen=2),
        Saying(2, 4, BLUE, seen=9),
    ]

    choice = chosen(statements_of(sayings), "latest")

    # customer 1 has nothing to say, and is absent
    assert choice.row.tolist() == [2, 3]
    assert choice.is_disputed.tolist() == [True, True]


def test_nobody_says_nothing() -> None:
    choice = chosen(statements_of([]), "latest")

    assert choice.row.tolist() == choice.is_disputed.tolist() == []
