"""Intervals of purchases and spend, the spend of a purchase, and how a hold-out is graded."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.clv import outlook as outlook_module
from algorithms.clv.cells import Cells, Collapsed, Floats, collapsed
from algorithms.clv.choice import Grade, Holdout, _grade
from algorithms.clv.maximum import Fit
from algorithms.clv.model import MODELS, Fitted, fitted
from algorithms.clv.outlook import Outlook, Shapes, outlook
from algorithms.clv.spend import NAMES, GammaGamma, Spending
from tests.buyers import BG, WEEK, buying_and_leaving

THETA = {
    "bg_nbd": (0.6, 8.0, 0.8, 2.5),
    "mbg_nbd": (0.6, 8.0, 0.8, 2.5),
    "pareto_nbd": (0.8, 8.0, 0.7, 12.0),
    "bg_bb": (1.2, 0.75, 0.66, 2.8),
}
GAMMA_GAMMA = np.array([6.0, 4.0, 15.0])
every_model = pytest.mark.parametrize("name", MODELS)
unhurried = settings(deadline=None, max_examples=50)


def model_of(name: str) -> Fitted:
    model = MODELS[name]
    return Fitted(model, Fit(model.names, np.array(THETA[name]), 0.0))


def cells_of(name: str, n: int = 7) -> Cells:
    """Return lively and quiet histories; of models with periods the unit is one."""
    rows = sorted((x, 10 * x if x else 0, 12 * x + 20 * k) for x in range(n) for k in range(1, 4))
    x, last, age = np.array(rows, np.int64).T
    return Cells(x, last, age, np.ones(len(x)), 1.0 if name == "bg_bb" else WEEK)


def told(
    name: str, *, coverage: float = 0.9, shapes: Shapes | None = None, time: float = 26
) -> Outlook:
    return outlook(model_of(name), cells_of(name), time=time, coverage=coverage, shapes=shapes)


def distribution(name: str, *, time: float, n: int = 400) -> Floats:
    """Return the chance of every count of purchases, a column a history."""
    found, cells = model_of(name), cells_of(name)
    chances = np.array(list(islice(found.model.next_orders(found.fit.theta, cells, time=time), n)))
    alive = found.alive(cells)
    chances *= alive
    chances[0] += 1 - alive
    return chances


@every_model
@pytest.mark.parametrize("coverage", [0.5, 0.9, 0.99])
def test_ends_are_the_quantiles_of_the_distribution(name: str, *, coverage: float) -> None:
    below = np.cumsum(distribution(name, time=26), axis=0)

    found = told(name, coverage=coverage)

    ends = ((1 - coverage) / 2, (1 + coverage) / 2)
    expected = [(below < end).sum(axis=0).tolist() for end in ends]
    assert [found.orders_lower.tolist(), found.orders_upper.tolist()] == expected


@every_model
def test_histories_are_told_the_same_in_small_parts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = Shapes(6.0, 4.0)
    whole = told(name, shapes=shapes)

    monkeypatch.setattr(outlook_module, "TOGETHER", 4)
    parts = told(name, shapes=shapes)

    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


@every_model
def test_without_purchases_nothing_is_spent(name: str) -> None:
    found = told(name, shapes=Shapes(6.0, 4.0))

    assert (found.spend_lower <= found.spend_upper).all()
    assert not found.spend_upper[found.orders_upper == 0].any()
    assert not found.spend_lower[found.orders_lower == 0].any()


def test_spend_has_the_quantiles_of_drawn_futures() -> None:
    rng, shapes, n = np.random.default_rng(5), Shapes(6.0, 4.0), 40_000
    found, chances = told("mbg_nbd", shapes=shapes), distribution("mbg_nbd", time=26)

    # the liveliest customer, of whom purchases are all but certain
    place = int(found.orders_lower.argmax())
    x = cells_of("mbg_nbd").x[place]
    counts = rng.choice(len(chances), n, p=chances[:, place] / chances[:, place].sum())
    drawn = np.where(counts > 0, rng.gamma(np.maximum(shapes.p * counts, 1e-9)), 0)
    drawn /= rng.gamma(shapes.p * x + shapes.q, size=n)

    lower, upper = np.quantile(drawn, [0.05, 0.95])
    assert found.spend_upper[place] == pytest.approx(upper, rel=0.1)
    assert found.spend_lower[place] == pytest.approx(lower, abs=0.1 * upper)


def test_there_is_no_randomness_in_it() -> None:
    one, other = (told("pareto_nbd", shapes=Shapes(6.0, 4.0)) for _ in range(2))

    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


SPEND = GammaGamma(Fit(NAMES, GAMMA_GAMMA, 0.0))
counts = st.lists(st.integers(0, 40), min_size=1, max_size=20)
means = st.floats(0, 1e4)


@unhurried
@given(counts, means)
def test_the_expected_spend_lies_between_the_own_mean_and_that_of_all(
    x: list[int], mean: float
) -> None:
    of_all = 6.0 * 15.0 / (4.0 - 1)
    customers = Spending(np.array(x), np.full(len(x), mean))

    expected = SPEND.expected(customers)

    low, high = min(mean, of_all), max(mean, of_all)
    assert ((expected >= low - 1e-9) & (expected <= high + 1e-9)).all()
    assert (np.abs(expected[np.array(x) == 0] - of_all) < 1e-9).all()


@unhurried
@given(counts, means)
def test_the_own_mean_counts_the_more_the_more_it_rests_on(x: list[int], mean: float) -> None:
    ordered = Spending(np.sort(x), np.full(len(x), mean))

    off = np.abs(SPEND.expected(ordered) - mean)

    assert (np.diff(off) <= 1e-9).all()


def drawn(n: int = 400) -> Spending:
    rng = np.random.default_rng(8)
    x = rng.geometric(0.3, n)
    return Spending(x, rng.gamma(6.0 * x, 1 / rng.gamma(4.0, 1 / 15.0, n)) / x)


def test_all_customers_twice_are_twice_as_sure_and_of_the_same_opinion() -> None:
    one = drawn()
    two = Spending(np.tile(one.x, 2), np.tile(one.mean, 2))

    first, second = (GammaGamma.of(customers).fit for customers in (one, two))

    np.testing.assert_allclose(second.theta, first.theta, rtol=1e-5)
    np.testing.assert_allclose(second.errors, np.array(first.errors) / 2**0.5, rtol=1e-4)
    assert second.log_likelihood == pytest.approx(2 * first.log_likelihood, rel=1e-9)


def test_the_order_of_customers_does_not_move_a_bit() -> None:
    one = drawn()
    order = np.random.default_rng(1).permutation(len(one.x))

    first, second = (GammaGamma.of(c).fit for c in (one, Spending(one.x[order], one.mean[order])))

    assert first.theta.tobytes() == second.theta.tobytes()


def test_whoever_did_not_come_back_or_paid_nothing_on_balance_teaches_nothing() -> None:
    customers = Spending(np.array([0, 1, 2, 3]), np.array([9.0, 0.0, -1.0, 5.0]))

    assert customers.usable().x.tolist() == [3]


@pytest.mark.parametrize(
    ("x", "mean", "correlation"),
    [([1], [5.0], 0), ([2, 2], [1.0, 9.0], 0), ([1, 2], [4.0, 4.0], 0), ([1, 3], [4.0, 2.0], -1)],
)
def test_what_does_not_vary_is_unrelated(
    x: list[int], *, mean: list[float], correlation: float
) -> None:
    assert Spending(np.array(x), np.array(mean)).correlation() == pytest.approx(correlation)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd"])
def test_a_file_loaded_as_other_customers_once_more_moves_no_parameter(name: str) -> None:
    summary = buying_and_leaving(BG, n=500, seed=71, at_first=name == "mbg_nbd").summary()
    x, last, age = (summary[c].to_numpy(np.int64) for c in ("x", "last", "age"))
    once = collapsed(x, last, age=age, unit=WEEK).cells
    twice = collapsed(np.tile(x, 2), np.tile(last, 2), age=np.tile(age, 2), unit=WEEK).cells

    first, second = (fitted(MODELS[name], cells).fit for cells in (once, twice))

    np.testing.assert_allclose(second.theta, first.theta, rtol=1e-5)
    assert second.log_likelihood == pytest.approx(2 * first.log_likelihood, rel=1e-9)
    np.testing.assert_allclose(second.errors, np.array(first.errors) / 2**0.5, rtol=1e-3)


def known_to(*codes: int) -> Collapsed:
    nothing = np.zeros(max(codes) + 1, np.int64)
    return Collapsed(Cells(nothing, nothing, nothing, np.ones(len(nothing))), np.array(codes))


def test_a_grade_of_a_hold_out_is_that_of_its_definitions() -> None:
    # three customers of two kinds are expected to come 1, 1 and 4 times, and come 2, 0 and 3
    grade = _grade(np.array([1.0, 4.0]), known_to(0, 0, 1), later=np.array([2, 0, 3]))

    assert (grade.predicted, grade.log_likelihood) == (6.0, None)
    assert grade.bias == pytest.approx(0.2)
    assert grade.mae == pytest.approx((1 + 1 + 1) / 3)
    assert grade.correlation == pytest.approx(np.corrcoef([1, 1, 4], [2, 0, 3])[0, 1])


def test_where_nothing_varies_or_nobody_came_nothing_is_divided_by() -> None:
    same = _grade(np.array([2.0]), known_to(0, 0), later=np.array([1, 3]))
    nobody = _grade(np.array([1.0, 2.0]), known_to(0, 1), later=np.array([0, 0]))

    assert (same.correlation, same.bias) == (None, 0.0)
    assert (nobody.correlation, nobody.bias) == (None, 0.0)


def test_equal_grades_leave_the_candidates_in_their_order() -> None:
    grade = Grade(-10.0, predicted=1, bias=0, correlation=None, mae=1)

    holdout = Holdout(90, 100, 50, dict.fromkeys(("bg_nbd", "pareto_nbd", "mbg_nbd"), grade))

    assert holdout.ranked() == ("mbg_nbd", "pareto_nbd", "bg_nbd")
