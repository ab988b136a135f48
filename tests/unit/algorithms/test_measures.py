"""Forecasts held against what happened; expected values by hand or by scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from algorithms.measures import (
    Bin,
    Floats,
    area,
    calibration,
    grade_amounts,
    grade_probabilities,
    stability_index,
)


def floats(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def test_four_customers_by_hand() -> None:
    grade = grade_probabilities(
        floats(0.9, 0.6, 0.4, 0.1), floats(1, 0, 1, 0), recency=floats(-1, -5, -5, -9)
    )

    assert (grade.n, grade.n_events, grade.rate, grade.mean) == (4, 2, 0.5, 0.5)
    assert grade.auc == 0.75  # of four pairs only 0.4 against 0.6 is the wrong way round
    assert grade.recency_auc == 0.875  # one pair is tied
    assert grade.brier == pytest.approx((0.01 + 0.36 + 0.36 + 0.01) / 4)
    assert grade.skill == pytest.approx(1 - 0.185 / 0.25)
    assert (grade.accuracy, grade.always_no) == (0.5, 0.5)
    assert grade.lift == 2.0


def test_where_all_had_the_same_outcome_nothing_ranks_them() -> None:
    grade = grade_probabilities(floats(0.2, 0.1), floats(0, 0), recency=floats(1, 2))

    assert (grade.auc, grade.recency_auc, grade.skill, grade.lift) == (None,) * 4
    assert grade.always_no == 1.0


def test_everybody_on_one_probability_is_one_bin_and_half_an_area() -> None:
    happened = floats(1, 0, 0, 0)

    assert area(np.full(4, 0.3), happened) == 0.5
    (one,) = calibration(np.full(4, 0.25), happened)
    assert one == Bin(4, 0.25, 0.25)


def test_tenths_are_as_even_as_ties_allow() -> None:
    probability = np.arange(100) / 100

    bins = calibration(probability, (probability > 0.5).astype(np.float64))

    assert [b.n for b in bins] == [10] * 10
    assert [b.rate for b in bins] == [0, 0, 0, 0, 0, 0.9, 1, 1, 1, 1]


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=60))
def test_the_area_is_that_of_scikit_learn(rows: list[tuple[int, bool]]) -> None:
    score, happened = floats(*(s for s, _ in rows)), floats(*(h for _, h in rows))

    found = area(score, happened)

    if len(set(happened)) == 1:
        assert found is None
    else:
        assert found == pytest.approx(roc_auc_score(happened, score))


def test_the_error_of_calibration_weighs_tenths_by_their_customers() -> None:
    grade = grade_probabilities(
        floats(*[0.1] * 8, *[0.8] * 2), floats(*[0] * 8, 1, 0), recency=np.zeros(10)
    )

    assert grade.calibration_error == pytest.approx(0.8 * 0.1 + 0.2 * 0.3)


def test_amounts_are_compared_with_going_on_as_before_and_with_the_mean() -> None:
    grade = grade_amounts(floats(1, 2, 3), floats(1, 3, 2), naive=floats(0, 0, 6))

    assert (grade.mean, grade.actual) == (2, 2)
    assert grade.error == pytest.approx(2 / 3)
    assert grade.naive_error == pytest.approx(8 / 3)
    assert grade.mean_error == pytest.approx(2 / 3)
    assert grade.correlation == pytest.approx(0.5)
    assert grade.naive_correlation == pytest.approx(0.0)


def test_what_does_not_vary_has_no_correlation() -> None:
    grade = grade_amounts(floats(1, 1), floats(1, 3), naive=floats(0, 1))

    assert grade.correlation is None


def test_the_stability_index_of_a_shift_by_hand() -> None:
    index = stability_index(floats(50, 50), floats(60, 40))

    assert index == pytest.approx(0.1 * np.log(0.6 / 0.5) - 0.1 * np.log(0.4 / 0.5))
    assert stability_index(floats(3, 7), floats(30, 70)) == pytest.approx(0)


def test_a_group_that_loses_all_its_members_counts_as_half_a_member() -> None:
    assert np.isfinite(stability_index(floats(10, 10), floats(20, 0)))
