"""Kaplan-Meier curves and the log-rank test: by hand, as published, and beside lifelines."""

import numpy as np
import numpy.typing as npt
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_lung
from lifelines.statistics import multivariate_logrank_test

from algorithms.churn.survival import counted, cumulative_hazard, kaplan_meier, log_rank

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def drawn(seed: int, n: int = 300) -> tuple[Integers, Flags, Integers]:
    """Draw whole-day durations, events and three groups of different hazards."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, n)
    duration = np.ceil(rng.exponential(40 + 20 * group)).astype(int)
    return np.minimum(duration, 90), (duration <= 90) & (rng.random(n) < 0.8), group


def test_a_curve_by_hand() -> None:
    # five customers: events on days 1, 2 and 4, censored on 2 and 5
    curve = kaplan_meier([1, 2, 2, 4, 5], [True, True, False, True, False])

    assert curve.survival.tolist() == pytest.approx([1, 4 / 5, 3 / 5, 3 / 5, 3 / 10, 3 / 10])
    assert curve.at_risk.tolist() == [5, 5, 4, 2, 2, 1]
    assert (curve.n, curve.events, curve.median) == (5, 3, 4)


def test_a_median_that_is_not_reached_is_none() -> None:
    assert kaplan_meier([3, 4, 5], [True, False, False]).median is None


def test_a_hazard_by_hand() -> None:
    hazard = cumulative_hazard([1, 2, 2, 4], [True, True, False, True])

    assert hazard.tolist() == pytest.approx([0, 1 / 4, 1 / 4 + 1 / 3, 7 / 12, 7 / 12 + 1])


def test_who_enters_late_is_at_risk_from_the_day_after() -> None:
    found = counted([5, 5, 5], [True, False, False], entry=[0, 2, 4])

    assert found.at_risk.tolist() == [1, 1, 1, 2, 2, 3]


def test_late_entry_agrees_with_lifelines() -> None:
    duration, event, _ = drawn(3)
    entry = np.random.default_rng(4).integers(0, duration)

    curve = kaplan_meier(duration, event, entry=entry)

    fitter = KaplanMeierFitter().fit(duration, event, entry=entry)
    days = np.arange(len(curve.survival))
    assert curve.survival == pytest.approx(fitter.survival_function_at_times(days).to_numpy())


@pytest.mark.parametrize("seed", range(3))
def test_curve_and_band_agree_with_lifelines(seed: int) -> None:
    duration, event, _ = drawn(seed)

    curve = kaplan_meier(duration, event)

    fitter = KaplanMeierFitter().fit(duration, event)
    days = np.arange(len(curve.survival))
    band = fitter.confidence_interval_.reindex(days, method="ffill").to_numpy()
    assert curve.survival == pytest.approx(fitter.survival_function_at_times(days).to_numpy())
    inside = (curve.survival > 0) & (curve.survival < 1)
    assert curve.lower[inside] == pytest.approx(band[inside, 0])
    assert curve.upper[inside] == pytest.approx(band[inside, 1])
    assert curve.median == fitter.median_survival_time_


@pytest.mark.parametrize("seed", range(3))
def test_log_rank_of_three_groups_agrees_with_lifelines(seed: int) -> None:
    duration, event, group = drawn(seed)

    found = log_rank(duration, event, group=group)

    expected = multivariate_logrank_test(duration, group, event)
    assert found.statistic == pytest.approx(expected.test_statistic)
    assert found.p == pytest.approx(expected.p_value)
    assert found.degrees == 2


def test_one_group_differs_from_nobody() -> None:
    assert log_rank([1, 2, 3], [True, True, False], group=[0, 0, 0]) == (0.0, 0, 1.0)


def test_groups_without_an_event_do_not_differ() -> None:
    assert log_rank([1, 2, 3], [False] * 3, group=[0, 1, 1]).p == 1.0


def test_the_lung_study_as_published() -> None:
    lung = load_lung()
    died = lung["status"] == lung["status"].max()
    days, sex = lung["time"].astype(int), lung["sex"]

    medians = [kaplan_meier(days[sex == s], died[sex == s]).median for s in (1, 2)]

    assert kaplan_meier(days, died).median == 310
    assert medians == [270, 426]
    assert round(log_rank(days, died, group=sex - 1).statistic, 4) == 10.3267


def test_nobody_gives_an_empty_curve() -> None:
    curve = kaplan_meier([], [])

    assert (curve.n, curve.events, curve.median) == (0, 0, None)
    assert curve.survival.tolist() == [1.0]
