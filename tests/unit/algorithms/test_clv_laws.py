"""Laws that models of purchases obey whatever their parameters: no data are fitted here."""

from itertools import product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betaln

from algorithms.clv.cells import Cells, Floats
from algorithms.clv.model import MODELS
from algorithms.clv.tails import tails

CLOCKED = ("bg_nbd", "mbg_nbd", "pareto_nbd")
WEEK = 7
every_clocked = pytest.mark.parametrize("name", CLOCKED)
every_model = pytest.mark.parametrize("name", MODELS)
a_few = settings(deadline=None, max_examples=25)

numbers = st.floats(0.2, 6)
four = st.tuples(numbers, numbers, numbers, numbers)
# count after the first, day of the last, age
histories = st.integers(0, 12).flatmap(
    lambda x: st.integers(x, 90).flatmap(
        lambda last: st.tuples(st.just(x), st.just(last if x else 0), st.integers(last, 120))
    )
)


def cells_of(*rows: tuple[int, int, int], unit: float = 1.0) -> Cells:
    """Return histories in the order in which cells stand."""
    x, last, age = np.array(sorted(rows), np.int64).T
    return Cells(x, last, age, np.ones(len(x)), unit)


def paths(n: int) -> tuple[Cells, Floats]:
    """Return all histories of ``n`` periods, and in how many ways each comes about."""
    rows = [(0, 0, n), *((x, last, n) for last in range(1, n + 1) for x in range(1, last + 1))]
    ways = [1.0 if not x else float(comb(last - 1, x - 1)) for x, last, _ in sorted(rows)]
    return cells_of(*rows), np.array(ways)


@a_few
@given(four, st.integers(1, 9))
def test_chances_of_all_histories_of_periods_add_up_to_one(
    theta: tuple[float, ...], n: int
) -> None:
    cells, ways = paths(n)

    likely, _ = MODELS["bg_bb"].log_likelihood(np.array(theta), cells)

    assert ways @ np.exp(likely) == pytest.approx(1, rel=1e-9)


@a_few
@given(four, st.integers(1, 6), st.integers(1, 6))
def test_what_is_expected_later_is_what_is_expected_now(
    theta: tuple[float, ...], n: int, more: int
) -> None:
    model, values, (cells, ways) = MODELS["bg_bb"], np.array(theta), paths(n)
    likely, _ = model.log_likelihood(values, cells)
    new = cells_of((0, 0, 0))

    later = model.expected_orders(values, cells, time=more)

    # over all that may happen in n periods, the mean of what is then expected of the next ones
    whole, first = (model.expected_orders(values, new, time=t)[0] for t in (n + more, n))
    assert (ways * np.exp(likely)) @ later == pytest.approx(whole - first, rel=1e-8)
    assert (ways * np.exp(likely)) @ cells.x == pytest.approx(first, rel=1e-8)


@a_few
@given(four, histories)
def test_being_there_in_the_next_period_follows_from_bayes(
    theta: tuple[float, ...], row: tuple[int, int, int]
) -> None:
    alpha, beta, gamma, delta = theta
    x, _, n = row
    cells = cells_of(row)
    likely, _ = MODELS["bg_bb"].log_likelihood(np.array(theta), cells)

    found = MODELS["bg_bb"].probability_alive(np.array(theta), cells)

    both = betaln(alpha + x, beta + n - x) - betaln(alpha, beta)
    both += betaln(gamma, delta + n + 1) - betaln(gamma, delta)
    assert found[0] == pytest.approx(np.exp(both - likely[0]), rel=1e-8)


@every_clocked
@a_few
@given(theta=four, rows=st.lists(histories, min_size=1, max_size=6, unique=True))
def test_the_unit_of_time_is_a_unit(
    name: str, theta: tuple[float, ...], rows: list[tuple[int, int, int]]
) -> None:
    model, weeks, days = MODELS[name], cells_of(*rows, unit=WEEK), cells_of(*rows)
    is_time = [each in ("alpha", "beta") and name != "bg_nbd" for each in model.names]
    is_time[1] = True
    in_weeks = np.array(theta)
    in_days = np.where(is_time, WEEK * in_weeks, in_weeks)

    np.testing.assert_allclose(
        model.probability_alive(in_weeks, weeks), model.probability_alive(in_days, days), rtol=1e-8
    )
    np.testing.assert_allclose(
        model.expected_orders(in_weeks, weeks, time=4),
        model.expected_orders(in_days, days, time=28),
        rtol=1e-8,
    )
    # a density a week is seven times that a day, for each purchase
    shift = model.log_likelihood(in_weeks, weeks)[0] - model.log_likelihood(in_days, days)[0]
    np.testing.assert_allclose(shift, weeks.x * np.log(WEEK), atol=1e-7)


@every_model
@a_few
@given(theta=four, row=histories)
def test_silence_makes_being_there_less_likely(
    name: str, theta: tuple[float, ...], row: tuple[int, int, int]
) -> None:
    x, last, _ = row
    ages = [(x, last, last + silence) for silence in range(0, 60, 5)]

    alive = MODELS[name].probability_alive(np.array(theta), cells_of(*ages))

    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.diff(alive) <= 1e-12).all()


@every_model
@a_few
@given(theta=four, row=histories)
def test_more_time_holds_more_purchases_but_never_more_than_the_pace(
    name: str, theta: tuple[float, ...], row: tuple[int, int, int]
) -> None:
    model, values, cells = MODELS[name], np.array(theta), cells_of(row)
    first, second, third = (row[0] + values[0], values[1] + row[2], values[0] + values[1])
    pace = first / (third + row[2]) if name == "bg_bb" else first / second

    found = [float(model.expected_orders(values, cells, time=t)[0]) for t in (1, 4, 16, 64)]

    assert found == sorted(found)
    assert all(n <= pace * t * (1 + 1e-9) for n, t in zip(found, (1, 4, 16, 64), strict=True))


@every_model
def test_histories_do_not_disturb_each_other(name: str) -> None:
    rows = [(x, last, age) for x, last, age in product((1, 3, 9), (9, 30), (30, 60))]
    model, theta = MODELS[name], np.array([0.7, 3.0, 0.8, 2.5])

    together, _ = model.log_likelihood(theta, cells_of(*rows))
    apart = [model.log_likelihood(theta, cells_of(row))[0][0] for row in sorted(rows)]

    np.testing.assert_allclose(together, apart, rtol=1e-12)


@every_clocked
def test_a_loyal_customer_of_long_standing_is_expected_to_go_on(name: str) -> None:
    # nobody leaves where the chance to do so is next to nothing
    theta = {"pareto_nbd": np.array([2.0, 10.0, 1e-6, 1e3])}.get(
        name, np.array([2.0, 10.0, 1e-6, 1e3])
    )
    cells = cells_of((20, 190, 200))

    alive = MODELS[name].probability_alive(theta, cells)[0]
    expected = MODELS[name].expected_orders(theta, cells, time=10)[0]

    assert alive == pytest.approx(1, abs=1e-5)
    assert expected == pytest.approx(10 * 22 / 210, rel=1e-4)


falls = st.lists(st.floats(0, 3), min_size=2, max_size=12)
shares = st.lists(st.floats(0, 5), min_size=12, max_size=12)


@a_few
@given(falls, shares)
def test_tails_are_plain_sums_from_each_moment_on(fall: list[float], share: list[float]) -> None:
    moments = len(fall)
    log_scale = -np.cumsum(np.array(fall))[None, :]
    parts = np.array(share[: moments - 1])[None, None, :]

    found = tails(log_scale, parts)

    each = parts[0, 0] * np.exp(log_scale[0, :-1])
    expected = [each[moment:].sum() for moment in range(moments)]
    np.testing.assert_allclose(
        found.sums[0, 0] * np.exp(found.log_scale[0]), expected, rtol=1e-9, atol=1e-12
    )


@a_few
@given(falls, st.data())
def test_sums_between_two_moments_are_shares_of_all(fall: list[float], data: st.DataObject) -> None:
    moments = len(fall)
    since = data.draw(st.integers(0, moments - 1))
    until = data.draw(st.integers(since, moments - 1))
    log_scale = -np.cumsum(np.array(fall))[None, :]
    found = tails(log_scale, np.ones((1, 1, moments - 1)))
    row, start, end = (np.array([place]) for place in (0, since, until))

    log_both, alive, gone = found.between(row, since=start, until=end).beside(np.zeros(1))

    left = np.exp(log_scale[0, since:until]).sum()
    assert np.exp(log_both[0]) == pytest.approx(1 + left)
    assert alive[0] == pytest.approx(1 / (1 + left))
    assert gone[0, 0] == pytest.approx(left / (1 + left))
