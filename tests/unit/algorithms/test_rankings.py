"""Grades of rankings, by hand; equals stand in no order."""

from itertools import permutations
from statistics import fmean

import numpy as np
import pytest

from algorithms.rankings import (
    average_precision,
    grade_list,
    ndcg,
    paired_p,
    precision,
    share_drawn,
)

GAIN = np.array([3.0, 0.0, 1.0, 0.0])


def test_the_best_ranking_has_all_there_is() -> None:
    grade = grade_list(GAIN, GAIN)

    assert (grade.ndcg_50, grade.precision_20, grade.share_50) == (1.0, 1.0, 1.0)


def test_gain_is_discounted_by_its_place() -> None:
    found = ndcg(np.array([1.0, 4.0, 3.0, 2.0]), GAIN, k=4)

    # order: 0, 1, 0, 3
    by_hand = (1 / np.log2(3) + 3 / np.log2(5)) / (3 + 1 / np.log2(3))
    assert found == pytest.approx(by_hand)


def test_what_lies_beyond_k_is_not_seen() -> None:
    assert ndcg(np.array([1.0, 4.0, 3.0, 2.0]), GAIN, k=1) == 0
    assert share_drawn(np.array([1.0, 4.0, 3.0, 2.0]), GAIN, k=2) == 0.25


def test_equals_count_as_the_mean_over_all_their_orders() -> None:
    score = np.array([1.0, 1.0, 1.0, 0.0])
    orders = [np.array([*order, 0.0]) for order in permutations((3.0, 2.0, 1.0))]

    assert ndcg(score, GAIN, k=2) == pytest.approx(fmean(ndcg(o, GAIN, k=2) for o in orders))
    assert precision(score, GAIN, k=1) == pytest.approx(
        fmean(precision(o, GAIN, k=1) for o in orders)
    )


def test_places_that_tie_at_the_true_end_of_the_list_count_in_part() -> None:
    gain = np.array([5.0, 2.0, 2.0, 2.0, 0.0])

    # of the three with 2 one stands on the true list of two
    assert precision(np.array([5.0, 4.0, 3.0, 2.0, 1.0]), gain, k=2) == pytest.approx(
        (1 + 1 / 3) / 2
    )


def test_no_more_than_drew_something_can_be_on_the_true_list() -> None:
    assert precision(np.array([2.0, 3.0, 1.0, 0.0]), GAIN, k=20) == 0.5


def test_nothing_drawn_is_no_grade() -> None:
    nothing = np.zeros(3)

    grade = grade_list(np.array([3.0, 2.0, 1.0]), nothing)

    assert (grade.ndcg_50, grade.precision_20, grade.share_50) == (0.0, 0.0, 0.0)
    assert average_precision(np.array([3.0, 2.0, 1.0]), nothing) is None


def test_average_precision_is_the_mean_precision_at_each_hit() -> None:
    found = average_precision(np.array([4.0, 3.0, 2.0, 1.0]), np.array([0.0, 1.0, 0.0, 1.0]))

    assert found == pytest.approx((1 / 2 + 2 / 4) / 2)


def test_everybody_alike_has_the_precision_of_chance() -> None:
    assert average_precision(np.zeros(4), np.array([0.0, 1.0, 0.0, 0.0])) == 0.25


def test_a_signed_rank_test_is_exact_for_few_cuts() -> None:
    ours, theirs = np.arange(1.0, 10.0) * 2, np.arange(1.0, 10.0)

    # nine wins of nine: two of 2 ** 9 signs are as extreme
    assert paired_p(ours, theirs) == pytest.approx(2 / 2**9)


def test_no_difference_at_all_has_no_test() -> None:
    assert paired_p(np.ones(5), np.ones(5)) is None
