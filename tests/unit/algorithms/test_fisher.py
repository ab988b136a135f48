"""Tail probabilities against exact fractions; corrections against an independent library."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from algorithms.fisher import SMALLEST, adjusted, upper_tail


def tail(n: int, *, first: int, second: int, total: int) -> float:
    margins = (np.array([first]), np.array([second]))
    return float(upper_tail(np.array([n]), margins, total=total)[0])


def exact_tail(n: int, *, first: int, second: int, total: int) -> Fraction:
    """Count the ways, as a textbook does."""
    ways = sum(
        comb(first, x) * comb(total - first, second - x) for x in range(n, min(first, second) + 1)
    )
    return Fraction(ways, comb(total, second))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[int, dict[str, int]]:
    total = draw(st.integers(1, 300))
    first, second = draw(st.integers(1, total)), draw(st.integers(1, total))
    least = max(1, first + second - total)
    n = draw(st.integers(least, max(least, min(first, second))))
    return n, {"first": first, "second": second, "total": total}


@settings(deadline=None)
@given(pairs())
def test_equals_the_exact_fraction(pair: tuple[int, dict[str, int]]) -> None:
    n, shop = pair

    assert tail(n, **shop) == pytest.approx(float(exact_tail(n, **shop)), rel=1e-12)


def long_tail(n: int, *, first: int, second: int, total: int) -> float:
    """Add whole numbers of ways until the rest is below the twentieth digit."""
    ways = term = comb(first, n) * comb(total - first, second - n)
    for x in range(n, min(first, second)):
        term = term * (first - x) * (second - x) // ((x + 1) * (total - first - second + x + 1))
        ways += term
        if term * 10**20 < ways:
            break
    return float(Fraction(ways, comb(total, second)))


# chance alone gives 500: far below, near and far above it
@pytest.mark.parametrize("n", [400, 510, 1000])
def test_keeps_its_digits_among_millions_of_baskets(n: int) -> None:
    shop = {"first": 50_000, "second": 30_000, "total": 3_000_000}

    assert tail(n, **shop) == pytest.approx(long_tail(n, **shop), rel=1e-11)


def test_an_item_in_every_basket_proves_nothing() -> None:
    assert tail(7, first=10, second=7, total=10) == 1.0


def test_never_claims_that_something_is_impossible() -> None:
    assert tail(5_000, first=5_000, second=5_000, total=1_000_000) == SMALLEST


def test_no_pairs_have_no_probabilities() -> None:
    nothing = np.zeros(0, np.int64)

    assert len(upper_tail(nothing, (nothing, nothing), total=10)) == 0


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(1e-9, 1), st.integers(1, 4)), min_size=1, max_size=30))
def test_correction_equals_that_of_every_single_test(tests: list[tuple[float, int]]) -> None:
    p, times = (np.array(column) for column in zip(*tests, strict=True))
    single = np.repeat(p, times)

    q = adjusted(p, times=times, tests=len(single))

    expected = stats.false_discovery_control(single)
    assert np.repeat(q, times) == pytest.approx(expected, rel=1e-12)


def test_tests_beyond_those_listed_count_with_probability_one() -> None:
    p, ones = np.array([0.001, 0.01]), np.array([1, 1])

    q = adjusted(p, times=ones, tests=100)

    expected = stats.false_discovery_control(np.concatenate([p, np.ones(98)]))
    assert q == pytest.approx(expected[:2], rel=1e-12)
