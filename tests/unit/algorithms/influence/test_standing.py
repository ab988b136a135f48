"""Ranks, bands and flags."""

import numpy as np
import pytest

from algorithms.influence.arcs import Arcs
from algorithms.influence.attention import Rule, attention
from algorithms.influence.standing import (
    BOOSTED,
    FEW,
    bands_of,
    flags_of,
    list_length,
    ranks,
    standing,
)
from tests.replies_at_hand import Reply, arcs_of

RULE = Rule(window_days=365, form="floor", floor=1.0)


def of_the_day(*pairs: tuple[int, int], n: int) -> Arcs:
    """Return arcs that are all a day old, so that scores count repliers."""
    return arcs_of([(s, t, 364.0) for s, t in pairs], n=n, now=365.0)


def test_ranks_are_of_those_who_were_answered() -> None:
    arcs = of_the_day((2, 0), (3, 0), (3, 1), n=5)

    held = standing(arcs, attention(arcs, RULE))

    assert held.rank.tolist() == [1, 2, 0, 0, 0]
    assert held.n == 2


def test_equal_scores_are_told_apart_by_replies_and_then_by_id() -> None:
    arcs = of_the_day((3, 0), (3, 1), (3, 2), (3, 2), n=4)

    assert ranks(np.array([1.0, 1.0, 1.0, 0.0]), arcs=arcs).tolist() == [2, 3, 1, 0]


def test_a_difference_of_the_last_digits_is_none() -> None:
    arcs = of_the_day((2, 0), (2, 1), n=3)

    assert ranks(np.array([0.3, 0.1 + 0.2, 0.0]), arcs=arcs).tolist() == [1, 2, 0]


def test_the_rank_without_the_five_most_active_is_that_of_what_is_left() -> None:
    # 0 has seven repliers, of whom five wrote twice; 1 has three; 2 has one
    seven = [(i, 0) for i in range(3, 10)] + [(i, 0) for i in range(3, 8)]
    arcs = of_the_day(*seven, (3, 1), (4, 1), (5, 1), (3, 2), n=10)

    held = standing(arcs, attention(arcs, RULE))

    # two repliers are left of seven: fewer than the three of 1, more than the one of 2
    assert held.rank[:3].tolist() == [1, 2, 3]
    assert held.rank_without_top[:3].tolist() == [2, 3, 3]
    assert held.top_share[0] == pytest.approx(5 / 7)


@pytest.mark.parametrize(("n", "expected"), [(1, 1), (10, 1), (11, 2), (175, 18), (5000, 20)])
def test_a_list_holds_a_tenth_at_most(n: int, expected: int) -> None:
    assert list_length(n, wished=20) == expected


def test_rising_stands_outside_the_list_and_does_not_shrink() -> None:
    repliers = [(i, t) for t, count in enumerate([5, 4, 3, 2]) for i in range(4, 4 + count)]
    arcs = of_the_day(*repliers, n=10)
    found = attention(arcs, RULE)
    growth = np.array([0, -1, 1, 2, 0, 0, 0, 0, 0, 0])

    band = bands_of(standing(arcs, found), score=found.score, growth=growth, lists=(1, 1))

    assert band[:5].tolist() == ["leader", "regular", "rising", "regular", "quiet"]


def test_who_draws_only_untrusted_replies_is_quiet_however_few_there_are() -> None:
    arcs = of_the_day((1, 0), n=2)
    found = attention(arcs, Rule(window_days=365, form="strict"))

    band = bands_of(
        standing(arcs, found), score=found.score, growth=np.zeros(2, np.int64), lists=(1, 1)
    )

    assert band.tolist() == ["quiet", "quiet"]


def boosted() -> Arcs:
    """Return a talk of old people, in which thirty new accounts all answer person 0."""
    old: list[Reply] = [(i, j, 10.0 + i) for i in range(1, 9) for j in range(1, 9) if i != j]
    kept: list[Reply] = [(i, j, 360.0) for i in range(1, 9) for j in range(1, 5) if i != j]
    puppets: list[Reply] = [(9 + i, 0, 355.0) for i in range(30)]
    return arcs_of([*old, *kept, *puppets, (1, 0, 30.0)], n=39, now=365.0)


def test_thirty_new_accounts_raise_a_flag_and_no_rank() -> None:
    arcs = boosted()
    found = attention(arcs, Rule(window_days=365))
    held = standing(arcs, found)

    flags = flags_of(arcs, held, new=(arcs.known < 365 / 4) & ~found.established, length=1)

    assert found.is_strict
    assert held.plain_rank[0] == 1
    assert held.rank[0] == 9
    assert np.flatnonzero(flags[BOOSTED]).tolist() == [0]


def test_a_place_on_the_list_by_five_people_is_flagged() -> None:
    arcs = of_the_day(*[(i, 0) for i in range(2, 8)], (2, 1), n=8)
    held = standing(arcs, attention(arcs, RULE))

    flags = flags_of(arcs, held, new=np.zeros(8, bool), length=1)

    assert np.flatnonzero(flags[FEW]).tolist() == [0]
    assert not flags[BOOSTED].any()
