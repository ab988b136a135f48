"""Bass's curve where it hardly is one, thresholds at their ends, and what is said of products."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from algorithms.diffusion import ALGORITHM
from algorithms.diffusion.bass import (
    Floats,
    Rates,
    adopted,
    adopting,
    least_squares,
    likeliest,
    peak_of,
)
from algorithms.diffusion.settings import DiffusionParameters
from algorithms.diffusion.words import STATES, notes_on
from algorithms.parameters import ParameterError, parameters_of
from tests.pure import utc


def expected(rates: Rates, m: float, *, periods: int) -> Floats:
    """Return first purchases as the curve has them, without any chance."""
    return m * np.diff(adopted(np.arange(periods + 1.0), rates))


# ------------------------------------------------------------------ the curve


@pytest.mark.parametrize("rates", [Rates(0.003, 0.5), Rates(0.2, 0.05), Rates(0.1, 0.1)])
def test_the_curve_is_what_a_solver_makes_of_its_equation(rates: Rates) -> None:
    t = np.linspace(0, 30, 31)

    solved = solve_ivp(
        lambda _, share: (rates.p + rates.q * share) * (1 - share),
        (0, 30),
        [0.0],
        t_eval=t,
        rtol=1e-9,
        atol=1e-12,
    )

    assert adopted(t, rates) == pytest.approx(solved.y[0], abs=1e-6)


def test_at_the_launch_only_those_buy_who_follow_nobody() -> None:
    assert adopting(np.array([0.0]), Rates(0.07, 0.9))[0] == pytest.approx(0.07)


def test_where_nobody_imitates_more_than_acts_the_peak_is_the_launch() -> None:
    assert peak_of(Rates(0.2, 0.2)) == 0
    # just above, and it begins to move
    assert 0 < peak_of(Rates(0.2, 0.2001)) < 0.01


def test_at_the_peak_the_share_is_half_less_half_of_p_over_q() -> None:
    rates = Rates(0.02, 0.38)

    # from the second derivative of F set to nought
    share = 0.5 - rates.p / (2 * rates.q)
    assert adopted(np.array([peak_of(rates)]), rates)[0] == pytest.approx(share)


def test_a_period_twice_as_long_has_rates_twice_as_high() -> None:
    t = np.arange(12.0)

    weekly, doubled = adopted(2 * t, Rates(0.01, 0.2)), adopted(t, Rates(0.02, 0.4))

    assert weekly == pytest.approx(doubled)


# ------------------------------------------------------------------ fitting


@pytest.mark.parametrize("rates", [Rates(0.01, 0.3), Rates(0.05, 0.15), Rates(0.001, 0.6)])
def test_a_curve_without_chance_is_found_again(rates: Rates) -> None:
    fit = likeliest(expected(rates, 10_000, periods=30))

    assert (fit.p, fit.q, fit.m) == pytest.approx((*rates, 10_000), rel=1e-3)
    assert fit.deviance == pytest.approx(0, abs=1e-3)
    assert fit.peak == pytest.approx(peak_of(rates), rel=1e-3)


def test_least_squares_finds_heights_without_chance_again() -> None:
    rates = Rates(0.02, 0.3)

    fit = least_squares(5_000 * adopting(np.arange(1.0, 25.0), rates))

    assert (fit.p, fit.q, fit.m) == pytest.approx((*rates, 5_000), rel=1e-4)


def test_every_estimate_lies_between_its_ends() -> None:
    sales = np.random.default_rng(2).poisson(expected(Rates(0.02, 0.2), 900, periods=30))

    fit = likeliest(sales.astype(np.float64))

    for value, (low, high) in ((fit.p, fit.p_ends), (fit.q, fit.q_ends), (fit.m, fit.m_ends)):
        assert 0 < low < value < high
        # even on the logarithm
        assert value / low == pytest.approx(high / value)


def test_more_buyers_narrow_the_interval_with_their_root() -> None:
    few, many = (likeliest(expected(Rates(0.02, 0.2), m, periods=40)) for m in (500, 50_000))

    def width(ends: tuple[float, float]) -> float:
        return float(np.log(ends[1] / ends[0]))

    assert width(few.q_ends) / width(many.q_ends) == pytest.approx(10, rel=0.02)


def test_periods_in_which_nobody_bought_are_no_hindrance() -> None:
    sales = expected(Rates(0.02, 0.3), 2_000, periods=30)
    sales[4] = sales[20] = 0

    fit = likeliest(sales)

    assert fit.m == pytest.approx(sales.sum(), rel=0.05)
    assert fit.misfit > 1


@pytest.mark.parametrize(
    "sales",
    [[60.0] + [0.0] * 9, [0.0] * 9 + [60.0], [6.0] * 10, [0.0] * 5 + [60.0] + [0.0] * 4],
    ids=["all at once", "all at the end", "level", "in one week"],
)
def test_hard_courses_give_numbers_and_never_fewer_buyers_than_there_were(
    sales: list[float],
) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        fit = likeliest(np.array(sales))

    assert np.isfinite([fit.p, fit.q, fit.m]).all()
    assert fit.m >= sum(sales) * (1 - 1e-9)
    assert fit.p > 0
    assert fit.q > 0


def test_level_sales_do_not_bound_how_many_buy_in_the_end() -> None:
    low, high = likeliest(np.full(12, 50.0)).m_ends

    assert high > 4 * low


# ------------------------------------------------------------------ said of products


def test_of_products_that_all_have_an_estimate_nothing_is_said() -> None:
    assert notes_on({"fitted": 12, "few_buyers": 0}, ahead=0) == ()


def test_products_without_an_estimate_are_counted_by_reason() -> None:
    (note,) = notes_on({"fitted": 1_000, "few_buyers": 1_500, "unbounded": 2}, ahead=0)

    assert note.en == (
        "1,502 of 2,502 products have no estimate: too few buyers 1,500; sales do not bend "
        "enough to tell how many buy in the end 2."
    )
    assert note.zh == (
        "2,502 个商品中 1,502 个无估计：购买人数过少 1,500；走势未弯曲，无法判断最终人数 2。"
    )


def test_peaks_still_to_come_are_said_after_what_is_missing() -> None:
    missing, ahead = notes_on({"fitted": 3, "few_periods": 1}, ahead=2)

    assert missing.en.startswith("1 of 4 products")
    assert ahead.en.startswith("The peak of 2 products is still to come")
    assert ahead.zh.startswith("2 个商品尚未到峰值")


def test_every_state_has_words_in_both_tongues() -> None:
    (state,) = (p for p in ALGORITHM.properties["Product"] if p.name == "diffusion_state")

    assert state.codes == tuple(STATES)
    assert all(words.en.isascii() and not words.zh.isascii() for words in STATES.values())
    assert len({words.zh for words in STATES.values()}) == len(STATES)


# ------------------------------------------------------------------ what may be set


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("period_days", 1, 366),
        ("minimum_buyers", 5, 1_000_000),
        ("minimum_periods", 4, 10_000),
        ("lead_days", 0, 3_650),
    ],
)
def test_thresholds_are_allowed_to_their_ends_and_refused_beyond(
    name: str, least: int, most: int
) -> None:
    def set_to(value: int) -> object:
        wished = {name: str(value)}
        found = parameters_of(
            DiffusionParameters, wished, algorithm=ALGORITHM.name, as_of=utc("2026-02-01")
        )
        return getattr(found, name)

    assert (set_to(least), set_to(most)) == (least, most)
    for beyond in (least - 1, most + 1):
        with pytest.raises(ParameterError, match=name):
            set_to(beyond)


def test_the_share_that_has_bought_never_falls() -> None:
    t = np.concatenate([np.linspace(0, 5, 50), [50.0, 500.0, 5_000.0]])

    shares = adopted(t, Rates(0.01, 0.9)).tolist()

    assert all(before <= after for before, after in pairwise(shares))
    assert shares[-1] == 1.0
