"""The search for a maximum on surfaces whose top is known, and on those that have none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.clv.cells import Floats
from algorithms.clv.maximum import ASTRAY, LOOSE, REACH, Fit, Objective, Problem, maximise

SIZE = 50.0
NAMES = ("a", "b")
unhurried = settings(deadline=None, max_examples=40)

tops = st.tuples(st.floats(-2, 2), st.floats(-2, 2))
tilts = st.floats(-0.9, 0.9)


def bowl(top: tuple[float, float], *, tilt: float = 0.0, steep: float = 1.0) -> Objective:
    """Return a surface that falls with the square of the way from its top, in logarithms."""
    curvature = steep * np.array([[1.0, tilt], [tilt, 1.0]])

    def objective(theta: Floats) -> tuple[float, Floats]:
        off = np.log(theta) - np.array(top)
        slope = -SIZE * curvature @ off
        return float(off @ slope / 2), slope / theta

    return objective


def problem_of(
    objective: Objective,
    *,
    scales: tuple[float, float] = (1.0, 1.0),
    starts: tuple[tuple[float, float], ...] = ((1.0, 1.0), (0.1, 5.0)),
) -> Problem:
    return Problem(objective, objective, NAMES, np.array(scales), starts, SIZE)


@unhurried
@given(tops, tilts)
def test_the_top_of_a_tilted_bowl_is_found(top: tuple[float, float], tilt: float) -> None:
    fit = maximise(problem_of(bowl(top, tilt=tilt)))

    assert np.log(fit.theta).tolist() == pytest.approx(top, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(0, abs=1e-9)
    assert fit.ran_off == ()


@unhurried
@given(tilts)
def test_errors_are_those_of_the_inverse_curvature(tilt: float) -> None:
    fit = maximise(problem_of(bowl((0.5, -0.5), tilt=tilt)))

    # of a matrix 1, t, t, 1 the inverse has 1 / (1 - t * t) on its diagonal
    expected = (1 / (1 - tilt**2) / SIZE) ** 0.5
    assert fit.errors == pytest.approx((expected, expected), rel=1e-4)


@unhurried
@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_the_unit_of_a_parameter_scales_it_alone(one: float, other: float) -> None:
    top = (0.3, -0.7)
    plain = maximise(problem_of(bowl(top)))
    moved = (top[0] + np.log(one), top[1] + np.log(other))

    scaled = maximise(problem_of(bowl(moved), scales=(one, other)))

    np.testing.assert_allclose(scaled.theta, plain.theta * [one, other], rtol=1e-6)
    assert scaled.errors == pytest.approx(plain.errors, rel=1e-6)


def test_it_does_not_matter_from_where_one_searches() -> None:
    surface = bowl((1.0, -1.0), tilt=0.8)

    one = maximise(problem_of(surface, starts=((1.0, 1.0),)))
    other = maximise(problem_of(surface, starts=((500.0, 0.01), (0.001, 300.0))))

    np.testing.assert_allclose(one.theta, other.theta, rtol=1e-6)


def two_hills(theta: Floats) -> tuple[float, Floats]:
    """Rise to 1 at logarithms of -1 and to 2 at logarithms of 3."""
    at = np.log(theta)
    hills = [(1.0, at + 1), (2.0, at - 3)]
    heights = [h * np.exp(-(off @ off) / 2) for h, off in hills]
    slope = -sum(height * off for height, (_, off) in zip(heights, hills, strict=True))
    return float(SIZE * sum(heights)), SIZE * slope / theta


def test_of_two_hills_the_higher_one_is_taken() -> None:
    fit = maximise(problem_of(two_hills, starts=((0.4, 0.4), (15.0, 15.0))))

    assert np.log(fit.theta).tolist() == pytest.approx([3, 3], abs=1e-3)


def test_a_parameter_that_nothing_depends_on_is_no_optimum() -> None:
    def ridge(theta: Floats) -> tuple[float, Floats]:
        off = np.log(theta[0])
        return float(-SIZE * off**2 / 2), np.array([-SIZE * off / theta[0], 0.0])

    fit = maximise(problem_of(ridge))

    assert fit.ran_off == NAMES
    assert fit.errors == ()


def test_whatever_runs_off_is_named_and_what_stays_is_not() -> None:
    def endless(theta: Floats) -> tuple[float, Floats]:
        off = np.log(theta[0]) - 1
        value = -SIZE * (off**2 / 2 + 1 / theta[1])
        return float(value), np.array([-SIZE * off / theta[0], SIZE / theta[1] ** 2])

    fit = maximise(problem_of(endless))

    assert fit.ran_off == ("b",)
    assert ASTRAY < np.log(fit.theta[1]) <= REACH


def test_a_parameter_left_open_by_more_than_a_factor_of_twenty_is_named() -> None:
    # the error of a curvature c for n customers is (c n) ** -1/2
    steep, flat = 1.01 / LOOSE**2 / SIZE, 0.99 / LOOSE**2 / SIZE

    def open_(curvature: float) -> Objective:
        def objective(theta: Floats) -> tuple[float, Floats]:
            off, weights = np.log(theta), SIZE * np.array([1.0, curvature])
            return float(-(weights * off**2).sum() / 2), -weights * off / theta

        return objective

    assert maximise(problem_of(open_(steep))).ran_off == ()
    assert maximise(problem_of(open_(flat))).ran_off == ("b",)


def test_a_top_beyond_reach_is_none() -> None:
    assert maximise(problem_of(bowl((REACH + 1, 0.0)))).ran_off == ("a",)


def test_reach_is_counted_from_the_scale_of_a_parameter() -> None:
    far = REACH + 3

    fit = maximise(problem_of(bowl((far, 0.0)), scales=(float(np.exp(far)), 1.0)))

    assert fit.ran_off == ()
    assert np.log(fit.theta).tolist() == pytest.approx([far, 0], abs=1e-6)


def test_parts_of_a_surface_that_are_no_numbers_are_left_alone() -> None:
    inner = bowl((0.5, 0.5))

    def walled(theta: Floats) -> tuple[float, Floats]:
        if theta[0] > 3:
            return float("nan"), np.full(2, np.nan)
        return inner(theta)

    fit = maximise(problem_of(walled))

    assert np.log(fit.theta).tolist() == pytest.approx([0.5, 0.5], abs=1e-6)


def test_the_search_is_the_same_every_time() -> None:
    surface = bowl((0.123, 1.9), tilt=-0.4)

    one, other = (maximise(problem_of(surface)) for _ in range(2))

    assert one.theta.tobytes() == other.theta.tobytes()
    assert one.errors == other.errors


def test_parameters_go_by_their_names() -> None:
    assert Fit(NAMES, np.array([1.5, 2.0]), 0.0).parameters == {"a": 1.5, "b": 2.0}
