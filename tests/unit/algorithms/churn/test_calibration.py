"""Corrections of probabilities, and their grades, by hand and against known truth."""

import numpy as np
import pandas as pd
import pytest

from algorithms.churn.calibration import (
    Line,
    Silence,
    deciles,
    grade,
    learned,
    line_through,
    stayed_away,
)
from algorithms.churn.cohorts import Cohort

NUMBERS = ("log_recency", "log_frequency", "log_order_value", "tenure", "discount_share")


def cohort(n: int, *, seed: int, pace: float = 1.0, days: int = 90) -> Cohort:
    """Draw customers whose hazard of buying rises with their frequency."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({name: rng.normal(size=n) for name in NUMBERS})
    rate = pace * np.exp(0.8 * x["log_frequency"].to_numpy()) / 80
    next_at = np.ceil(rng.exponential(1, n) / rate)
    duration = np.minimum(next_at, days).astype(int)
    return Cohort(np.arange(n), x, duration, next_at <= days)


def test_a_line_of_one_and_none_changes_nothing() -> None:
    p = np.array([0.1, 0.5, 0.9])

    assert Line().corrected(p) == pytest.approx(p)


def test_a_correction_by_hand() -> None:
    # log-odds of 0.5 are 0, those of 0.75 are log 3: doubled they are log 9
    assert Line(0.0, 2.0).corrected(np.array([0.5, 0.75])) == pytest.approx([0.5, 0.9])


def test_a_corrected_mean_is_the_rate() -> None:
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, 4_000)
    outcome = rng.random(4_000) < p**2

    line = line_through(p, outcome)

    assert line.corrected(p).mean() == pytest.approx(outcome.mean(), abs=1e-6)


def test_a_correction_agrees_with_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.95, 3_000)
    outcome = rng.random(3_000) < 0.5 + 0.3 * (p - 0.5)
    x = np.log(p / (1 - p)).reshape(-1, 1)

    line = line_through(p, outcome)

    other = LogisticRegression(C=np.inf, tol=1e-10).fit(x, outcome)
    assert line.slope == pytest.approx(other.coef_[0, 0], abs=1e-4)
    assert line.intercept == pytest.approx(other.intercept_[0], abs=1e-4)


def test_what_is_right_already_stays() -> None:
    rng = np.random.default_rng(2)
    p = rng.uniform(0.02, 0.98, 50_000)

    line = line_through(p, rng.random(50_000) < p)

    assert line.slope == pytest.approx(1, abs=0.03)
    assert line.intercept == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("outcome", "p"), [(True, 0.95), (False, 0.05)])
def test_one_outcome_for_all_is_half_a_customer_short_of_certain(outcome: bool, p: float) -> None:
    nine = np.full(9, 0.4)

    assert line_through(nine, np.array([outcome] * 9)).corrected(nine) == pytest.approx(p)


def test_nobody_corrects_nothing() -> None:
    assert line_through(np.zeros(0), np.zeros(0, np.bool_)) == Line()


def test_equal_probabilities_become_the_rate() -> None:
    outcome = np.array([True, False, False, False])

    line = line_through(np.full(4, 0.6), outcome)

    assert line.corrected(np.full(4, 0.6)) == pytest.approx(np.full(4, 0.25))


def test_probabilities_that_point_the_wrong_way_keep_their_order() -> None:
    p = np.linspace(0.1, 0.9, 101)

    line = line_through(p, p < 0.4)

    assert line.slope == 1.0
    # the middle customer gets the rate: 38 of 101 stayed away
    assert line.corrected(p)[50] == pytest.approx(38 / 101)


def test_who_stayed_away_by_hand() -> None:
    x = pd.DataFrame(0.0, index=range(3), columns=list(NUMBERS))
    three = Cohort(np.arange(3), x, np.array([30, 31, 90]), np.array([True, True, False]))

    assert stayed_away(three, days=30).tolist() == [False, True, True]
    assert stayed_away(three, days=90).tolist() == [False, False, True]


@pytest.fixture(scope="module")
def silence() -> Silence:
    # the second quarter is slower: what the correction is for
    slower = cohort(6_000, seed=2, pace=0.7)
    return learned(cohort(6_000, seed=1), slower, references={}, step=90)


def test_probabilities_fall_with_the_horizon(silence: Silence) -> None:
    found = silence.probabilities(cohort(2_000, seed=3))

    assert (found[30] >= found[60]).all()
    assert (found[60] >= found[90]).all()
    assert found[90].min() >= 0
    assert found[30].max() <= 1


def test_probabilities_are_right_on_later_customers(silence: Silence) -> None:
    later = cohort(6_000, seed=4, pace=0.7)

    found = silence.probabilities(later)

    for days in (30, 60, 90):
        assert found[days].mean() == pytest.approx(stayed_away(later, days=days).mean(), abs=0.02)


def test_without_the_correction_they_would_be_wrong(silence: Silence) -> None:
    later = cohort(6_000, seed=4, pace=0.7)

    raw = silence.model.survival(later.covariates, days=90)

    assert abs(raw.mean() - stayed_away(later, days=90).mean()) > 0.05


def test_beyond_what_was_observed_the_rate_goes_on() -> None:
    model = learned(
        cohort(2_000, seed=1, days=30), cohort(2_000, seed=2, days=30), references={}, step=30
    )

    found = model.probabilities(cohort(500, seed=3, days=30))

    assert found[60] == pytest.approx(found[30] ** 2)
    assert found[90] == pytest.approx(found[30] ** 3)


def test_a_grade_has_its_baseline_beside_it(silence: Silence) -> None:
    later = cohort(6_000, seed=4, pace=0.7)

    found = grade(silence, later)

    p, away = silence.probabilities(later)[90], stayed_away(later, days=90)
    brier = found["brier"]
    assert isinstance(brier, list)
    last = brier[-1]
    assert last["brier"] == pytest.approx(((p - away) ** 2).mean(), abs=1e-4)
    assert last["brier_base_rate"] == pytest.approx(away.mean() * (1 - away.mean()), abs=1e-4)
    assert last["skill"] == pytest.approx(1 - last["brier"] / last["brier_base_rate"], abs=1e-3)
    assert found["n"] == 6_000


def test_a_grade_ranks_by_what_matters(silence: Silence) -> None:
    found = grade(silence, cohort(3_000, seed=5))

    frequency, recency = found["concordance_frequency"], found["concordance_recency"]
    assert found["concordance"] == pytest.approx(frequency, abs=0.01)
    assert recency == pytest.approx(0.5, abs=0.03)


def test_deciles_hold_a_tenth_each_from_low_to_high() -> None:
    p = np.linspace(0, 1, 100)

    found = deciles(p, p > 0.5)

    assert [row["n"] for row in found] == [10] * 10
    assert [row["rate"] for row in found] == [0.0] * 5 + [1.0] * 5
    assert found[0]["mean"] == pytest.approx(p[:10].mean(), abs=1e-4)


def test_few_customers_have_fewer_deciles() -> None:
    assert len(deciles(np.array([0.1, 0.2, 0.3]), np.array([True, False, True]))) == 3
