"""The models of purchases: published figures, another library, and differences of values."""

import warnings
from itertools import islice

import numpy as np
import pytest

from algorithms.clv.beta_binomial import BG_BB
from algorithms.clv.beta_geometric import BG_NBD, MBG_NBD, NEAR_ONE, BetaGeometric
from algorithms.clv.cells import Cells, Floats, collapsed
from algorithms.clv.model import MODELS, Model, fitted
from algorithms.clv.pareto import PARETO_NBD
from tests.buyers import BG, PARETO, WEEK, Bought, buying_and_leaving, buying_until_gone

# parameters near the fit of an online grocer, for the formulas alone
GROCERY = np.array([0.3486, 2.5817, 0.5038, 3.6444])
THETA = {
    "bg_nbd": np.array([0.7, 5.0, 0.9, 7.0]),
    "mbg_nbd": np.array([0.7, 5.0, 0.9, 7.0]),
    "pareto_nbd": np.array([0.7, 5.0, 0.9, 20.0]),
    "bg_bb": np.array([1.2, 0.75, 0.66, 2.8]),
}
DONATIONS = """
0,0,3464 1,1,1091 1,2,277 1,3,129 1,4,78 1,5,119 1,6,129 2,2,613 2,3,255 2,4,155 2,5,173
2,6,234 3,3,322 3,4,181 3,5,225 3,6,357 4,4,240 4,5,284 4,6,512 5,5,335 5,6,728 6,6,1203
"""


def cells_of(*rows: tuple[int, int, int], unit: float = WEEK) -> Cells:
    x, last, age = np.array(rows, np.int64).T
    return Cells(x, last, age, np.ones(len(rows)), unit)


def some_cells(*, periods: bool) -> Cells:
    rows = [(0, 0, 1), (0, 0, 400), (1, 1, 1), (1, 90, 400), (3, 3, 400), (12, 380, 400)]
    if periods:
        rows = [(0, 0, 1), (0, 0, 40), (1, 1, 1), (1, 9, 40), (3, 3, 40), (12, 38, 40)]
    return cells_of(*rows, unit=1 if periods else WEEK)


def collapsed_of(bought: Bought) -> Cells:
    summary = bought.summary()
    x, last, age = (summary[name].to_numpy(np.int64) for name in ("x", "last", "age"))
    return collapsed(x, last, age=age, unit=WEEK).cells


def donations() -> Cells:
    x, last, n = np.array([row.split(",") for row in DONATIONS.split()], np.int64).T
    return Cells(x, last, np.full(len(x), 6), n.astype(np.float64))


def chances(model: Model, cells: Cells, *, time: float, most: int) -> Floats:
    theta = THETA[model.name]
    return np.array(list(islice(model.next_orders(theta, cells, time=time), most)))


@pytest.mark.parametrize("name", MODELS)
def test_gradients_are_those_of_differences(name: str) -> None:
    model, cells = MODELS[name], some_cells(periods=name == "bg_bb")
    theta = THETA[name]

    _, gradient = model.log_likelihood(theta, cells)

    for i, step in enumerate(np.diag(1e-6 * theta)):
        above, below = (model.log_likelihood(theta + s, cells)[0] for s in (step, -step))
        np.testing.assert_allclose(gradient[i], (above - below) / (2 * step[i]), atol=1e-7)


def test_bg_nbd_gives_the_figures_of_its_formulas() -> None:
    # x = 2, tx = 30, T = 50 weeks, and x = 0, T = 50
    cells = cells_of((2, 210, 350), (0, 0, 350))

    alive = BG_NBD.probability_alive(GROCERY, cells)
    orders = BG_NBD.expected_orders(GROCERY, cells, time=52)

    assert alive.round(5).tolist() == [0.74973, 1.0]
    assert orders.round(5).tolist() == [1.55652, 0.32162]


def test_only_bg_nbd_holds_one_time_buyers_alive_for_certain() -> None:
    once = cells_of((0, 0, 350))

    alive = {name: MODELS[name].probability_alive(THETA[name], once)[0] for name in MODELS}

    assert alive.pop("bg_nbd") == 1
    assert max(alive.values()) < 1


def test_mbg_nbd_may_lose_a_customer_at_the_first_purchase() -> None:
    # 1 / (1 + a / b ((alpha + T) / alpha) ** r) with x = 0, T = 10 weeks, by hand
    theta = np.array([1.0, 10.0, 1.0, 4.0])

    alive = MBG_NBD.probability_alive(theta, cells_of((0, 0, 70)))

    assert alive[0] == pytest.approx(1 / (1 + 0.25 * 2))


@pytest.mark.parametrize(
    ("name", "fitter"),
    [
        ("bg_nbd", "BetaGeoFitter"),
        ("mbg_nbd", "ModifiedBetaGeoFitter"),
        ("pareto_nbd", "ParetoNBDFitter"),
    ],
)
def test_formulas_agree_with_lifetimes(name: str, fitter: str) -> None:
    cells, theta = some_cells(periods=False), THETA[name]
    model = MODELS[name]
    x, last, age = cells.x, cells.last / WEEK, cells.age / WEEK
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        import lifetimes
        import pandas as pd

        other = getattr(lifetimes, fitter)()
        other.params_ = pd.Series(dict(zip(model.names, theta, strict=True)))
        alive = other.conditional_probability_alive(x, last, age)
        orders = other.conditional_expected_number_of_purchases_up_to_time(52, x, last, age)

    np.testing.assert_allclose(model.probability_alive(theta, cells), alive, rtol=1e-9)
    np.testing.assert_allclose(model.expected_orders(theta, cells, time=52), orders, rtol=1e-8)


def test_pareto_nbd_is_as_likely_as_lifetimes_says() -> None:
    cells, theta = some_cells(periods=False), THETA["pareto_nbd"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        from lifetimes import ParetoNBDFitter

        mean = ParetoNBDFitter._conditional_log_likelihood(
            theta, cells.x, cells.last / WEEK, cells.age / WEEK
        )

    np.testing.assert_allclose(PARETO_NBD.log_likelihood(theta, cells)[0], mean, rtol=1e-10)


def test_bg_bb_agrees_with_lifetimes() -> None:
    cells, theta = donations(), THETA["bg_bb"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        import pandas as pd
        from lifetimes import BetaGeoBetaBinomFitter

        other = BetaGeoBetaBinomFitter()
        other.params_ = pd.Series(dict(zip(BG_BB.names, theta, strict=True)))
        alive = other.conditional_probability_alive(1, cells.x, cells.last, 6)
        orders = other.conditional_expected_number_of_purchases_up_to_time(
            5, cells.x, cells.last, 6
        )

    np.testing.assert_allclose(BG_BB.probability_alive(theta, cells), alive, rtol=1e-9)
    np.testing.assert_allclose(BG_BB.expected_orders(theta, cells, time=5), orders, rtol=1e-9)


def test_bg_bb_finds_the_published_parameters_of_the_donors() -> None:
    fit = fitted(BG_BB, donations()).fit

    assert {name: round(value, 3) for name, value in fit.parameters.items()} == {
        "alpha": 1.204,
        "beta": 0.750,
        "gamma": 0.657,
        "delta": 2.783,
    }
    assert fit.log_likelihood == pytest.approx(-33225.58, abs=0.005)
    assert fit.ran_off == ()


@pytest.mark.parametrize("name", MODELS)
def test_chances_of_counts_add_up_to_the_expectation(name: str) -> None:
    model, cells = MODELS[name], some_cells(periods=name == "bg_bb")
    time = 20.0

    found = chances(model, cells, time=time, most=400 if name != "bg_bb" else 30)

    expected = model.expected_orders(THETA[name], cells, time=time)
    alive = model.probability_alive(THETA[name], cells)
    np.testing.assert_allclose(found.sum(axis=0), 1, atol=1e-8)
    np.testing.assert_allclose(np.arange(len(found)) @ found * alive, expected, rtol=1e-6)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
@pytest.mark.parametrize("a", [1 - 2e-3, 1 - 1e-9, 1.0, 1 + 1e-6, 1 + 1.9e-3])
def test_expectations_pass_smoothly_where_the_formula_divides_by_nothing(
    model: BetaGeometric, a: float
) -> None:
    cells = cells_of((2, 210, 350), (0, 0, 350))

    def at(a: float) -> Floats:
        return model.expected_orders(np.array([0.35, 2.6, a, 3.6]), cells, time=52)

    # the mean of two far points is off by their second difference, about 1e-4 here
    far = (at(a - 4 * NEAR_ONE) + at(a + 4 * NEAR_ONE)) / 2
    np.testing.assert_allclose(at(a), far, rtol=1e-4)


def test_pareto_nbd_passes_smoothly_through_s_of_one() -> None:
    cells = cells_of((2, 210, 350))
    expected = [
        PARETO_NBD.expected_orders(np.array([0.7, 5.0, s, 20.0]), cells, time=52)[0]
        for s in (1 - 1e-3, 1.0, 1 + 1e-3)
    ]

    assert expected[1] == pytest.approx((expected[0] + expected[2]) / 2, rel=1e-6)


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_heavy_buyers_overflow_nothing(name: str) -> None:
    cells, model = cells_of((2000, 3649, 3650), (0, 0, 3650)), MODELS[name]

    value, gradient = model.log_likelihood(THETA[name], cells)
    orders = model.expected_orders(THETA[name], cells, time=52)

    assert np.isfinite(value).all()
    assert np.isfinite(gradient).all()
    # 2,000 purchases in ten years are 200 a year, and few leave
    assert 170 < orders[0] < 200
    assert 0 < orders[1] < 0.1


def test_equal_histories_are_counted_once() -> None:
    x, last, age = np.array([1, 0, 1, 1]), np.array([7, 0, 7, 7]), np.array([70, 70, 70, 63])

    cells, code = collapsed(x, last, age=age)

    assert list(zip(cells.x, cells.last, cells.age, cells.weight, strict=True)) == [
        (0, 0, 70, 1.0),
        (1, 7, 63, 1.0),
        (1, 7, 70, 2.0),
    ]
    assert code.tolist() == [2, 0, 2, 1]


@pytest.mark.parametrize("name", ["bg_nbd", "mbg_nbd", "pareto_nbd"])
def test_weights_stand_for_customers(name: str) -> None:
    summary = buying_and_leaving(BG, n=400, seed=5, at_first=True).summary()
    x, last, age = (summary[c].to_numpy(np.int64) for c in ("x", "last", "age"))
    cells = collapsed(x, last, age=age, unit=WEEK).cells
    order = np.lexsort((age, last, x))
    apart = Cells(x[order], last[order], age[order], np.ones(len(x)), WEEK)

    once, each = (fitted(MODELS[name], c).fit for c in (cells, apart))

    np.testing.assert_allclose(once.theta, each.theta, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "truth"),
    [("bg_nbd", BG), ("mbg_nbd", BG), ("pareto_nbd", PARETO)],
)
def test_the_truth_is_found_within_its_errors(name: str, truth: dict[str, float]) -> None:
    bought = (
        buying_until_gone(truth, n=20_000, seed=11)
        if name == "pareto_nbd"
        else buying_and_leaving(truth, n=20_000, seed=11, at_first=name == "mbg_nbd")
    )

    fit = fitted(MODELS[name], collapsed_of(bought)).fit

    errors = dict(zip(fit.names, fit.errors, strict=True))
    # days that hold two purchases count once, which moves parameters a little
    off = {p: abs(np.log(fit.parameters[p] / truth[p])) for p in truth}
    assert all(off[p] < 3 * errors[p] + 0.05 for p in truth), (off, errors)


@pytest.mark.slow
def test_bg_nbd_fits_like_lifetimes() -> None:
    summary = buying_and_leaving(BG, n=5_000, seed=12).summary()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        from lifetimes import BetaGeoFitter

        other = BetaGeoFitter().fit(summary["x"], summary["last"] / WEEK, summary["age"] / WEEK)
    cells = collapsed(
        *(summary[c].to_numpy(np.int64) for c in ("x", "last")),
        age=summary["age"].to_numpy(np.int64),
        unit=WEEK,
    ).cells

    fit = fitted(BG_NBD, cells).fit

    for name, value in fit.parameters.items():
        assert value == pytest.approx(other.params_[name], rel=2e-3)


@pytest.mark.slow
def test_pareto_nbd_fits_like_lifetimes() -> None:
    summary = buying_until_gone(PARETO, n=1_500, seed=13).summary()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lifetimes 0.11.3 is older than its dependencies
        from lifetimes import ParetoNBDFitter

        other = ParetoNBDFitter().fit(
            summary["x"], summary["last"] / WEEK, summary["age"] / WEEK, maxiter=10_000
        )
    fit = fitted(PARETO_NBD, collapsed_of(buying_until_gone(PARETO, n=1_500, seed=13))).fit

    for name, value in fit.parameters.items():
        assert value == pytest.approx(other.params_[name], rel=0.01)
