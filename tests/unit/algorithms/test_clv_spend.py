"""Gamma-Gamma, the search for a maximum, and intervals that hold what they promise."""

import warnings

import numpy as np
import pytest

from algorithms.clv.cells import Cells, Floats, collapsed
from algorithms.clv.maximum import Fit, Problem, maximise
from algorithms.clv.model import MODELS, Fitted
from algorithms.clv.outlook import Shapes, outlook
from algorithms.clv.spend import GammaGamma, Spending, log_likelihood
from tests.buyers import BG, GAMMA_GAMMA, WEEK, amounts_of, buying_and_leaving

THETA = np.array([GAMMA_GAMMA[name] for name in "pqv"])


def spending(n: int, *, seed: int) -> Spending:
    rng = np.random.default_rng(seed)
    x = rng.geometric(0.3, n)
    pace = rng.gamma(GAMMA_GAMMA["q"], 1 / GAMMA_GAMMA["v"], n)
    return Spending(x, rng.gamma(GAMMA_GAMMA["p"] * x, 1 / pace) / x)


def problem_of(value: float, *, curved: bool) -> Problem:
    """Return a problem of one parameter that peaks at ``value``, or rises without end."""

    def objective(theta: Floats) -> tuple[float, Floats]:
        if curved:
            off = np.log(theta / value)
            return float(-(off**2).sum()) * 100, -200 * off / theta
        return float(-100 / theta[0]), 100 / theta**2

    return Problem(objective, objective, ("a",), np.ones(1), ((1.0,), (0.1,)), 100.0)


def test_a_peak_is_found_with_its_error() -> None:
    fit = maximise(problem_of(2.5, curved=True))

    assert fit.parameters == pytest.approx({"a": 2.5})
    # the total falls by 100 d**2: its curvature is 200
    assert fit.errors == pytest.approx((200**-0.5,), rel=1e-4)
    assert fit.ran_off == ()


def test_a_ridge_is_no_peak_however_flat() -> None:
    assert maximise(problem_of(1, curved=False)).ran_off == ("a",)


def test_the_gradient_of_spend_is_that_of_differences() -> None:
    customers = spending(50, seed=1)

    _, gradient = log_likelihood(THETA, customers)

    for i, step in enumerate(np.diag(1e-6 * THETA)):
        above, below = (log_likelihood(THETA + s, customers)[0] for s in (step, -step))
        assert gradient[i] == pytest.approx((above - below) / (2 * step[i]), rel=1e-5, abs=1e-5)


def test_gamma_gamma_finds_the_truth() -> None:
    fit = GammaGamma.of(spending(20_000, seed=2)).fit

    for value, truth, error in zip(fit.theta, THETA, fit.errors, strict=True):
        assert abs(np.log(value / truth)) < 3 * error


def test_gamma_gamma_fits_like_lifetimes() -> None:
    customers = spending(2_000, seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        from lifetimes import GammaGammaFitter

        other = GammaGammaFitter().fit(customers.x, customers.mean)
        expected = other.conditional_expected_average_profit(customers.x, customers.mean)

    model = GammaGamma.of(customers)

    assert model.is_sound
    np.testing.assert_allclose(model.expected(customers), expected, rtol=2e-3)


def test_a_mean_is_drawn_towards_all_the_more_the_less_it_rests_on() -> None:
    # p (v + x m) / (p x + q - 1) with p 6, q 4, v 15, by hand
    model = GammaGamma(Fit(("p", "q", "v"), THETA, 0.0))

    expected = model.expected(Spending(np.array([0, 1, 10]), np.array([0.0, 90.0, 90.0])))

    assert expected.tolist() == pytest.approx([30.0, 70.0, 6 * 915 / 63])


def test_returns_above_purchases_count_as_nothing_spent() -> None:
    model = GammaGamma(Fit(("p", "q", "v"), THETA, 0.0))

    expected = model.expected(Spending(np.array([1, 1]), np.array([-50.0, 0.0])))

    assert expected.tolist() == pytest.approx([10.0, 10.0])


def test_the_currency_unit_changes_nothing_but_the_scale() -> None:
    customers = spending(500, seed=4)

    one = GammaGamma.of(customers).fit
    hundred = GammaGamma.of(Spending(customers.x, 100 * customers.mean)).fit

    np.testing.assert_allclose(hundred.theta, one.theta * [1, 1, 100], rtol=1e-6)


def test_without_variation_there_is_no_model_of_spend() -> None:
    same = Spending(np.array([1, 2, 3] * 20), np.full(60, 10.0))

    assert not GammaGamma.of(same).is_sound
    assert same.correlation() == 0


def interval(*, coverage: float = 0.9) -> tuple[Cells, Floats, Floats]:
    """Return cells of simulated customers, and which share of their futures lies inside."""
    truth = np.array([BG[name] for name in ("r", "alpha", "a", "b")])
    bought = buying_and_leaving(BG, n=20_000, seed=31, at_first=True, days=728)
    amounts = amounts_of(bought, GAMMA_GAMMA, seed=32)
    cut = 364
    known, whole = bought.before(cut).summary(), bought.summary()
    cells, code = collapsed(
        *(known[c].to_numpy(np.int64) for c in ("x", "last")),
        age=known["age"].to_numpy(np.int64),
        unit=WEEK,
    )
    model = Fitted(MODELS["mbg_nbd"], Fit(("r", "alpha", "a", "b"), truth, 0.0))
    shapes = Shapes(GAMMA_GAMMA["p"], GAMMA_GAMMA["q"])
    found = outlook(model, cells, time=364 / WEEK, coverage=coverage, shapes=shapes)
    later = (whole["x"].loc[known.index] - known["x"]).to_numpy()
    inside = (found.orders_lower[code] <= later) & (later <= found.orders_upper[code])
    first = np.full(20_000, 10**6)
    np.minimum.at(first, bought.customer, bought.day)
    after_first = bought.day > first[bought.customer]
    before = np.bincount(
        bought.customer, amounts * (after_first & (bought.day <= cut)), minlength=20_000
    )[known.index]
    spent = np.bincount(bought.customer, amounts * (bought.day > cut), minlength=20_000)
    pooled = GAMMA_GAMMA["v"] + before
    upper = found.spend_upper[code] * pooled
    lower = found.spend_lower[code] * pooled
    spent = spent[known.index]
    return cells, inside.astype(float), ((lower <= spent) & (spent <= upper)).astype(float)


@pytest.mark.slow
def test_nine_futures_of_ten_lie_within_the_interval() -> None:
    _, orders, spend = interval()

    # counts are whole, so their intervals hold a little more than they promise
    assert 0.89 < orders.mean() < 0.98
    assert 0.89 < spend.mean() < 0.98


def test_intervals_hold_the_exact_quantiles_of_a_model_that_is_known() -> None:
    # with a of nearly nothing nobody leaves: purchases are negative binomial
    from scipy.stats import nbinom

    theta = np.array([2.0, 10.0, 1e-9, 1e3])
    model = Fitted(MODELS["mbg_nbd"], Fit(("r", "alpha", "a", "b"), theta, 0.0))
    cells = Cells(np.array([0, 5]), np.array([0, 200]), np.array([350, 350]), np.ones(2), WEEK)

    found = outlook(model, cells, time=30, coverage=0.8, shapes=None)

    # gamma rates of shape r + x and pace alpha + T = 60 weeks
    other = nbinom(2.0 + cells.x, 60 / 90)
    assert found.orders_lower.tolist() == other.ppf(0.1).tolist()
    assert found.orders_upper.tolist() == other.ppf(0.9).tolist()
    assert not found.spend_upper.any()


def test_a_wider_interval_holds_the_narrower() -> None:
    theta = np.array([0.6, 8.0, 0.8, 2.5])
    model = Fitted(MODELS["mbg_nbd"], Fit(("r", "alpha", "a", "b"), theta, 0.0))
    cells = Cells(np.array([0, 4]), np.array([0, 300]), np.array([350, 350]), np.ones(2), WEEK)
    shapes = Shapes(6.0, 4.0)

    wide, narrow = (outlook(model, cells, time=52, coverage=c, shapes=shapes) for c in (0.95, 0.5))

    assert (wide.orders_lower <= narrow.orders_lower).all()
    assert (wide.orders_upper >= narrow.orders_upper).all()
    assert (wide.spend_lower <= narrow.spend_lower).all()
    assert (wide.spend_upper >= narrow.spend_upper).all()
