"""Scores by quantile edges, by fixed edges and by rank."""

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from statistics import quantiles

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.rfm_scores import edges_of, fixed_edges, rank_scores

whole_numbers = st.lists(st.integers(-(10**15), 10**15), min_size=1, max_size=40)
few_values = st.lists(st.integers(0, 4), min_size=1, max_size=40)


def test_a_value_on_an_edge_counts_below_it() -> None:
    # six values: the edges 1/5, 2/5 ... of five steps fall on the values 2, 3, 4 and 5
    scores = edges_of(np.array([1, 2, 3, 4, 5, 6])).scores(np.array([1, 2, 3, 4, 5, 6]))

    assert scores.tolist() == [1, 1, 2, 3, 4, 5]


def test_an_edge_between_values_is_not_rounded() -> None:
    # three values, two steps: edges at 0.4, 0.8, 1.2 and 1.6 steps of one
    edges = edges_of(np.array([0, 1, 2]))

    assert edges.in_fifths.tolist() == [2, 4, 6, 8]
    assert edges.in_units(1) == [0.4, 0.8, 1.2, 1.6]


def test_fixed_edges_are_exact_decimals() -> None:
    edges = fixed_edges("0.1, 0.2,0.3,1", unit=10_000)

    # ten-thousandths in fifths
    assert edges.in_fifths.tolist() == [5_000, 10_000, 15_000, 50_000]
    assert edges.scores(np.array([999, 1_000, 1_001, 3_000, 10_001])).tolist() == [1, 1, 2, 3, 5]


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "1,1,2,3", "a,b,c,d", "1,2,3,inf"])
def test_edges_that_do_not_rise_four_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="four rising numbers"):
        fixed_edges(text, unit=1)


def test_no_values_have_no_edges_and_no_ranks() -> None:
    nobody = np.zeros(0, np.int64)

    assert edges_of(nobody).in_fifths.tolist() == []
    assert rank_scores(nobody).tolist() == []


@settings(deadline=None)
@given(whole_numbers)
def test_edges_are_the_quantiles_of_an_independent_library(values: list[int]) -> None:
    found = [Fraction(int(edge), 5) for edge in edges_of(np.array(values)).in_fifths]

    exact = [Fraction(value) for value in values]
    expected = quantiles(exact, n=5, method="inclusive") if len(exact) > 1 else exact * 4
    assert found == expected


@settings(deadline=None)
@given(whole_numbers)
def test_scores_rise_with_values_and_equal_values_share_one(values: list[int]) -> None:
    ordered = np.sort(np.array(values))

    scores = edges_of(ordered).scores(ordered).tolist()

    assert scores[0] == 1
    assert max(scores) <= 5
    for (value, score), (following, next_score) in pairwise(zip(ordered, scores, strict=True)):
        assert score == next_score if value == following else score <= next_score


@settings(deadline=None)
@given(few_values)
def test_a_rank_is_the_fifth_in_which_the_middle_of_equals_lies(values: list[int]) -> None:
    found = rank_scores(np.array(values)).tolist()

    counts = Counter(values)
    for value, score in zip(values, found, strict=True):
        below = sum(n for other, n in counts.items() if other < value)
        middle = Fraction(2 * below + counts[value], 2 * len(values))
        assert Fraction(score - 1, 5) <= middle < Fraction(score, 5)


@settings(deadline=None)
@given(whole_numbers)
def test_ranks_do_not_change_with_the_unit(values: list[int]) -> None:
    ranks = rank_scores(np.array(values)).tolist()

    assert rank_scores(np.array(values) * 7 + 3).tolist() == ranks
