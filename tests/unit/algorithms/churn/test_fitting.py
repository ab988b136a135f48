"""Cox fits: published tables to the printed digits, and what a fit refuses or leaves out."""

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung, load_rossi
from statsmodels.duration.hazard_regression import PHReg

from algorithms.churn.cox import Cox, table_row
from algorithms.churn.design import ImmortalCovariateError
from algorithms.churn.factors import spread
from algorithms.churn.fitting import concordance, fit


def by_name(model: Cox) -> pd.DataFrame:
    return model.table.set_index("covariate")


def simulated(n: int = 2_000, *, seed: int = 0, **coefficients: float) -> pd.DataFrame:
    """Draw customers with normal covariates of known effect, censored at 200 days."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({name: rng.normal(size=n) for name in coefficients})
    effect = x.to_numpy() @ np.array(list(coefficients.values()))
    days = np.ceil(rng.exponential(120, n) * np.exp(-effect))
    outcome = {"duration": np.minimum(days, 200).astype(int), "event": days <= 200}
    return pd.concat([pd.DataFrame(outcome, index=x.index), x], axis=1)


@pytest.fixture(scope="module")
def rossi() -> pd.DataFrame:
    frame: pd.DataFrame = load_rossi().rename(columns={"week": "duration", "arrest": "event"})
    return frame.astype({"event": bool})


@pytest.fixture(scope="module")
def lung() -> pd.DataFrame:
    frame = load_lung()
    outcome = {
        "duration": frame["time"].astype(int),
        "event": frame["status"] == frame["status"].max(),
    }
    return pd.DataFrame(outcome).join(frame[["age", "sex", "ph.ecog"]]).dropna()


ROSSI = {
    "fin": -0.37942,
    "age": -0.05744,
    "race": 0.31390,
    "wexp": -0.14980,
    "mar": -0.43370,
    "paro": -0.08487,
    "prio": 0.09150,
}


def test_rossi_to_the_printed_digits(rossi: pd.DataFrame) -> None:
    model = fit(rossi)

    table = by_name(model)
    assert table["coef"].round(5).to_dict() == ROSSI
    assert table["se"].round(5)[["fin", "age", "prio"]].tolist() == [0.19138, 0.02200, 0.02865]
    assert round(model.log_likelihood, 4) == -658.7477
    assert round(model.likelihood_ratio, 3) == 33.266
    c = concordance(rossi["duration"], rossi["event"], risk=model.log_ratio(rossi))
    assert round(c, 4) == 0.6403


def test_rossi_hazards_are_not_proportional_in_age_and_work(rossi: pd.DataFrame) -> None:
    model = fit(rossi)

    assert [round(v, 4) for v in model.ph["age"]] == [pytest.approx(11.45, abs=0.005), 0.0007]
    assert [round(v, 4) for v in model.ph["wexp"]] == [pytest.approx(7.31, abs=0.005), 0.0068]
    assert min(p for name, (_, p) in model.ph.items() if name not in ("age", "wexp")) > 0.23
    assert [note.en.split()[4] for note in model.notes] == ["age", "wexp"]


def test_lung_to_the_printed_digits(lung: pd.DataFrame) -> None:
    model = fit(lung)

    assert model.table["coef"].round(6).tolist() == [0.011067, -0.552610, 0.463728]
    assert round(model.log_likelihood, 4) == -729.2301
    assert round(model.likelihood_ratio, 4) == 30.5007
    c = concordance(lung["duration"], lung["event"], risk=model.log_ratio(lung))
    assert round(c, 4) == 0.6371


def test_the_fit_agrees_with_statsmodels() -> None:
    frame = simulated(a=0.5, b=-0.3)

    model = fit(frame)

    other = PHReg(frame["duration"], frame[["a", "b"]], status=frame["event"], ties="efron").fit()
    assert model.coefficients == pytest.approx(other.params, abs=1e-5)
    assert by_name(model)["se"].to_numpy() == pytest.approx(other.bse, abs=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_known_effects_are_found_within_three_standard_errors(seed: int) -> None:
    truth = {"a": 0.5, "b": -0.3, "c": 0.0}

    table = by_name(fit(simulated(3_000, seed=seed, **truth)))

    distance = (table["coef"] - pd.Series(truth)).abs() / table["se"]
    assert distance.max() < 3


def test_a_row_of_the_table_by_hand() -> None:
    row = table_row("a", coef=0.7, se=0.35, counts=(10, 5))

    assert row["exp_coef"] == pytest.approx(2.0137527)
    assert row["z"] == pytest.approx(2.0)
    assert row["p"] == pytest.approx(0.0455003)
    assert [row["lower"], row["upper"]] == pytest.approx([1.014113, 3.998766], rel=1e-5)


def test_survival_follows_the_baseline_of_those_who_are_alike() -> None:
    frame = pd.DataFrame({"duration": [1, 2, 2, 4], "event": [True, True, False, True]})

    model = fit(frame)

    # the Nelson-Aalen hazard after day 2: 1/4 + 1/3
    assert model.table.empty
    assert model.survival(frame, days=2) == pytest.approx(np.full(4, np.exp(-7 / 12)))


def test_survival_agrees_with_the_share_that_survived() -> None:
    frame = simulated(5_000, a=0.6)

    model = fit(frame, tested=False)

    after = model.survival(frame, days=100)
    assert after.mean() == pytest.approx((frame["duration"] > 100).mean(), abs=0.01)


def test_what_grows_with_the_duration_is_refused_by_name() -> None:
    frame = simulated(a=0.5)
    frame["bills"] = frame["duration"] + np.random.default_rng(1).normal(0, 5, len(frame))

    with pytest.raises(ImmortalCovariateError) as refused:
        fit(frame)

    assert refused.value.facts["covariate"] == "bills"
    assert "bills" in refused.value.message("zh")


def test_what_is_known_at_the_origin_may_run_with_the_duration() -> None:
    frame = simulated(a=0.5)
    frame["known"] = frame["duration"] + np.random.default_rng(1).normal(0, 30, len(frame))

    model = fit(frame, fixed={"known"}, tested=False)

    assert "known" in model.columns


def test_what_shrinks_with_the_duration_is_refused_too() -> None:
    frame = simulated(a=0.5)
    frame["left"] = -(frame["duration"].astype(float) ** 3)

    with pytest.raises(ImmortalCovariateError):
        fit(frame)


def test_the_turning_point_has_the_interval_of_the_delta_method() -> None:
    frame = simulated(4_000, a=0.4)
    frame["a_squared"] = frame["a"] ** 2

    model = fit(frame, squares={"a_squared": "a"}, tested=False)

    point = model.turning_point("a", square="a_squared")
    assert point is not None
    b1, b2 = model.coefficients
    (v11, v12), (_, v22) = model.covariance
    by_hand = v11 / (4 * b2**2) + v22 * b1**2 / (4 * b2**4) - v12 * b1 / (2 * b2**3)
    assert point.at == pytest.approx(-b1 / (2 * b2))
    assert point.upper - point.at == pytest.approx(1.959964 * by_hand**0.5, rel=1e-5)
    assert point.is_minimum == (b2 > 0)


def test_there_is_no_turning_point_without_the_square() -> None:
    assert fit(simulated(a=0.4), tested=False).turning_point("a", square="b") is None


def test_numbers_can_be_held_to_what_was_seen() -> None:
    frame = simulated(a=0.5)
    model = fit(frame, tested=False)

    rows = pd.DataFrame({"a": [frame["a"].max(), 1_000.0]})

    first, second = model.log_ratio(model.within(rows))
    assert first == second < model.log_ratio(rows)[1]


def test_a_missing_number_counts_as_the_middle_one() -> None:
    frame = simulated(a=0.5)
    model = fit(frame, tested=False)

    rows = pd.DataFrame({"a": [frame["a"].median(), np.nan]})

    first, second = model.log_ratio(rows)
    assert first == second


def test_separation_that_no_count_shows_is_found_after_the_fit() -> None:
    frame = simulated(400, a=0.5)
    # far apart, and only those above meet the event: no level, no two values
    frame["apart"] = np.where(frame["event"], 10.0, 0.0) + frame["a"].rank() / 1e4

    model = fit(frame, tested=False)

    assert "apart" not in model.columns
    assert [lost.covariate for lost in model.lost] == ["apart"]
    assert "not estimable" in model.notes[-1].en


def separated(n: int = 60) -> pd.DataFrame:
    """Return customers with a flag, of whom none that carries it leaves."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"duration": rng.integers(1, 40, n), "event": rng.random(n) < 0.7})
    frame["flag"] = np.where(np.arange(n) < 12, "yes", "no")
    frame.loc[frame["flag"] == "yes", "event"] = False
    return frame


def penalised_by_hand(frame: pd.DataFrame) -> tuple[float, float]:
    """Maximise the partial likelihood of a flag with a normal prior, by search: Efron's ties."""
    variance = (np.log(50) / 1.959963984540054) ** 2
    grid = np.linspace(-8, 2, 20_001)
    x = (frame["flag"] == "yes").to_numpy(float)
    weight = np.exp(np.outer(grid, x))
    total = -(grid**2) / (2 * variance)
    for day, tied in frame[frame["event"]].groupby("duration"):
        at_risk = weight[:, (frame["duration"] >= day).to_numpy()].sum(axis=1)
        own = weight[:, tied.index].sum(axis=1)
        total += grid * x[tied.index].sum()
        for k in range(len(tied)):
            total -= np.log(at_risk - k / len(tied) * own)
    best = int(total.argmax())
    step = grid[1] - grid[0]
    curvature = (total[best - 1] - 2 * total[best] + total[best + 1]) / step**2
    return float(grid[best]), float((-1 / curvature) ** 0.5)


def test_a_level_of_three_without_events_is_bounded_below_one() -> None:
    frame = separated()
    frame.loc[40:, "flag"] = "maybe"

    (bound,) = fit(frame).penalised

    assert bound.covariate == "flag=yes"
    assert bound.lower < bound.ratio < 1


def test_a_penalty_on_a_lone_flag_agrees_with_a_search_by_hand() -> None:
    frame = separated()
    as_number = frame.assign(flag=(frame["flag"] == "yes").astype(float))
    model = fit(as_number.assign(none=np.tile([0.0, 1.0], 30)))

    coef, error = penalised_by_hand(frame)

    assert [lost.covariate for lost in model.lost] == ["flag"]
    (bound,) = model.penalised
    # the second covariate says nothing, and moves the first by less than a tenth of its error
    assert np.log(bound.ratio) == pytest.approx(coef, abs=0.1 * error)
    assert np.log(bound.upper / bound.ratio) == pytest.approx(1.96 * error, rel=0.05)


def test_the_penalty_changes_no_coefficient_of_the_table() -> None:
    frame = separated(120).assign(a=np.random.default_rng(6).normal(size=120))
    frame["flag"] = (frame["flag"] == "yes").astype(float)

    with_, without = fit(frame), fit(frame, tested=False)

    assert with_.penalised
    assert without.penalised == ()
    np.testing.assert_array_equal(with_.coefficients, without.coefficients)


def test_pooled_levels_share_a_coefficient() -> None:
    frame = simulated(2_000, a=0.3)
    frame["card"] = np.where(np.arange(2_000) < 1_990, "plain", "silver")
    frame.loc[1_995:, "card"] = "diamond"
    frame.loc[1_990:, "event"] = np.tile([True, True, True, False, False], 2)

    model = fit(frame, tested=False)

    assert {*model.columns} == {"card=other", "a"}
    ones = frame.tail(10).assign(a=0.0)
    assert len(set(model.log_ratio(ones).round(12))) == 1
    assert model.log_ratio(ones)[0] != pytest.approx(
        model.log_ratio(frame.head(1).assign(a=0.0))[0]
    )
    assert model.counts["card=other"] == (10, 6)


def test_a_test_on_a_sample_says_of_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = simulated(900, a=0.5)

    whole = fit(frame)
    monkeypatch.setattr("algorithms.churn.fitting.MOST_TESTED", 300)
    part = fit(frame)

    assert (whole.tested, part.tested) == (900, 300)
    assert not any("evenly spread" in note.en for note in whole.notes)
    expected = "The test of proportional hazards is of 300 of 900 customers, evenly spread."
    assert expected in [note.en for note in part.notes]


def test_without_an_event_nothing_is_compared() -> None:
    frame = simulated(200, a=0.5).assign(event=False)

    model = fit(frame)

    assert model.table.empty
    assert model.survival(frame, days=200) == pytest.approx(np.ones(200))
    assert model.notes[0].en == "None of 200 customers met the event: nothing can be compared."


def test_nobody_is_fitted_without_a_fault() -> None:
    model = fit(simulated(10, a=0.5).head(0))

    assert (model.n, model.events, model.columns) == (0, 0, [])


def test_many_rows_are_thinned_evenly() -> None:
    assert spread(5, most=10).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, most=5).tolist() == [0, 25, 50, 75, 100]
    assert spread(0, most=5).tolist() == []


def test_no_two_rows_to_compare_give_no_concordance() -> None:
    assert np.isnan(concordance([1, 2], [False, False], risk=[1.0, 2.0]))


def test_concordance_by_hand() -> None:
    # pairs: (1,2) and (1,3) go the right way, (2,3) does not
    assert concordance([1, 2, 3], [True] * 3, risk=[3.0, 1.0, 2.0]) == pytest.approx(2 / 3)
