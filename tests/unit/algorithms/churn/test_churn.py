"""Churn from orders to a level and a reason for each customer, and what it refuses to say."""

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from algorithms.churn import ALGORITHM
from algorithms.churn.declaration import LEVELS
from algorithms.churn.settings import (
    BoughtOnceError,
    LoneCustomerError,
    NobodyToLeaveError,
    OneDayError,
    ShortPastError,
)
from algorithms.contract import NothingToSayError, Result
from algorithms.parameters import ParameterError
from tests.pure import Rows, money, result_of, utc

AS_OF = "2026-06-30"
DAYS = 500


def order(customer: str, days_ago: int, *, value: float = 10) -> dict[str, object]:
    at = utc(AS_OF) - timedelta(days=days_ago)
    return {
        "order_id": f"{customer}-{days_ago}",
        "customer_id": customer,
        "ordered_at": at,
        "ordered_day": at.date(),
        "amount": money(value),
        "payment_type": "cash" if len(customer) % 2 else "card",
    }


def shop(n: int = 400, *, seed: int = 0) -> dict[str, Rows]:
    """Draw customers of two kinds: gold cards buy every two weeks, others every two months."""
    rng = np.random.default_rng(seed)
    orders: Rows = []
    people: Rows = []
    for i in range(n):
        customer, is_gold = f"c{i:04}", i % 2 == 0
        people.append(
            {
                "customer_id": customer,
                "golden_gender": "male" if rng.random() < 0.5 else "female",
                "golden_birth_year": int(rng.integers(1950, 2005)),
                "golden_card_tier": "gold" if is_gold else "plain",
            }
        )
        day, end = int(rng.integers(300, DAYS)), int(rng.integers(-200, 300))
        while day >= max(end, 0):
            orders.append(order(customer, day, value=float(rng.integers(5, 200))))
            day -= 1 + int(rng.exponential(14 if is_gold else 60))
    return {"orders": orders, "customers": people}


def churn_of(rows: dict[str, Rows], **settings: str) -> Result:
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


@pytest.fixture(scope="module")
def rows() -> dict[str, Rows]:
    return shop()


@pytest.fixture(scope="module")
def result(rows: dict[str, Rows]) -> Result:
    return churn_of(rows)


@pytest.fixture(scope="module")
def scores(result: Result) -> pd.DataFrame:
    return result.frames["Customer"]


def part(result: Result, *path: str) -> dict[str, object]:
    found: object = result.metrics
    for name in path:
        assert isinstance(found, dict) or found is result.metrics
        found = found[name]
    assert isinstance(found, dict)
    return found


def test_everyone_who_has_bought_has_a_probability(
    scores: pd.DataFrame, rows: dict[str, Rows]
) -> None:
    buyers = sorted({str(row["customer_id"]) for row in rows["orders"]})

    assert scores["customer_id"].astype(str).tolist() == buyers
    assert scores.drop(columns="churn_main_reason").notna().all().all()


def test_probabilities_fall_with_the_horizon(scores: pd.DataFrame) -> None:
    p = [scores[f"churn_probability_{days}d"] for days in (30, 60, 90)]

    assert (p[0] >= p[1]).all()
    assert (p[1] >= p[2]).all()
    assert scores["churn_probability_30d"].between(0, 1).all()


def test_those_who_are_gone_stay_away(scores: pd.DataFrame, rows: dict[str, Rows]) -> None:
    orders = pd.DataFrame(rows["orders"])
    last = orders.groupby("customer_id")["ordered_at"].max()
    away = (utc(AS_OF) - last).dt.days.to_numpy()
    p = scores["churn_probability_90d"]

    assert p[away > 120].mean() > 0.7
    assert p[away < 10].mean() < 0.4


def test_levels_are_cut_from_the_probability_of_ninety_days(scores: pd.DataFrame) -> None:
    p = scores["churn_probability_90d"]

    expected = 1 + (p >= 0.5).astype(int) + (p >= 0.7) + (p >= 0.9)

    assert scores["churn_alert_level"].tolist() == expected.tolist()
    assert set(scores["churn_alert_level"]) <= set(LEVELS)


def test_levels_can_be_set(rows: dict[str, Rows]) -> None:
    found = churn_of(rows, level_2="0", level_3="0", level_4="0").frames["Customer"]

    assert set(found["churn_alert_level"]) == {4}


def test_levels_that_fall_are_refused() -> None:
    with pytest.raises(ParameterError) as refused:
        churn_of({}, level_2="0.8")

    assert refused.value.facts["parameter"] == "level_3"


def test_the_loss_is_the_probability_times_the_past_year(
    scores: pd.DataFrame, rows: dict[str, Rows]
) -> None:
    orders = pd.DataFrame(rows["orders"])
    recent = orders[orders["ordered_at"] > utc(AS_OF) - timedelta(days=365)]
    spend = recent.groupby("customer_id")["amount"].sum()
    values = spend.reindex(scores["customer_id"].astype(str)).fillna(0).to_numpy()

    expected = scores["churn_probability_90d"].to_numpy() * values

    assert scores["churn_expected_loss"].to_numpy() == pytest.approx(expected, abs=1)


def test_the_loss_is_of_the_spend_that_is_foretold_where_it_is(
    scores: pd.DataFrame, rows: dict[str, Rows]
) -> None:
    people: Rows = [
        {**row, "clv_expected_spend_365d": money(1_000) if i == 0 else None}
        for i, row in enumerate(rows["customers"])
    ]

    found = churn_of({**rows, "customers": people}).frames["Customer"]

    loss = found["churn_expected_loss"]
    expected = money(1_000) * scores["churn_probability_90d"][0]
    assert loss[0] == pytest.approx(expected, abs=1)
    assert loss[1:].tolist() == scores["churn_expected_loss"][1:].tolist()


def test_silence_stands_with_the_table(result: Result) -> None:
    assert result.metrics["span_days"] == DAYS - 1
    assert 20 <= int(str(result.metrics["silence_days"])) <= 200
    assert result.metrics["landmarks_days_ago"] == [0, 90, 180, 270]
    assert result.metrics["silence_is_given"] is False


def test_the_table_names_its_reference_and_can_be_turned_round(rows: dict[str, Rows]) -> None:
    plain = churn_of(rows, card_reference="plain")
    gold = churn_of(rows, card_reference="gold")

    assert part(plain, "references")["card"] == "plain"
    one, other = ratio(plain, "card=gold"), ratio(gold, "card=plain")
    assert one == pytest.approx(1 / other)


def ratio(result: Result, covariate: str) -> float:
    table = result.metrics["table"]
    assert isinstance(table, list)
    return float(next(row["exp_coef"] for row in table if row["covariate"] == covariate))


def test_each_row_has_a_sentence_in_both_languages(result: Result) -> None:
    table, sentences = result.metrics["table"], result.metrics["sentences"]

    assert isinstance(table, list)
    assert isinstance(sentences, list)
    assert len(table) == len(sentences) > 5
    assert all("95 % interval" in s["en"] and "95% 区间" in s["zh"] for s in sentences)


def test_curves_are_by_group_with_bands_and_at_risk_tables(result: Result) -> None:
    cards = part(result, "curves", "card", "groups")

    assert set(cards) == {"gold", "plain"}
    gold = part(result, "curves", "card", "groups", "gold")
    survival, lower, upper = (np.array(gold[name]) for name in ("survival", "lower", "upper"))
    assert len(survival) <= 200
    assert (lower <= survival).all()
    assert (survival <= upper).all()
    assert part(result, "curves", "card", "log_rank")["degrees"] == 1
    assert set(part(result, "curves")) == {"all", "sex", "age_band", "card"}


def test_the_groups_of_a_curve_make_up_all(result: Result) -> None:
    every = part(result, "curves", "all", "groups", "all")
    cards = part(result, "curves", "card", "groups")

    assert every["n"] == sum(group["n"] for group in cards.values())  # type: ignore[index]  # JSON
    assert every["events"] == result.metrics["events"]


def test_the_grade_stands_beside_its_baselines(result: Result) -> None:
    grade = part(result, "grade")

    assert {"concordance", "concordance_recency", "concordance_frequency"} < set(grade)
    brier = grade["brier"]
    assert isinstance(brier, list)
    assert [row["days"] for row in brier] == [30, 60, 90]
    assert all(row["skill"] > 0 for row in brier)


def test_the_sizes_of_tests_and_grades_are_on_record(result: Result) -> None:
    n, grade = result.metrics["n"], part(result, "grade")

    assert result.metrics["proportional_hazards_n"] == n
    assert part(result, "curves", "card", "log_rank")["n"] == n
    assert grade["concordance_n"] == grade["n"]
    assert not any("evenly spread" in note.en for note in result.notes)


def test_a_grade_on_a_sample_is_said(
    rows: dict[str, Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("algorithms.churn.calibration.MOST_COMPARED", 100)

    found = churn_of(rows)

    n = part(found, "grade")["n"]
    expected = f"The concordance of the grade is of 100 of {n} customers, evenly spread."
    assert expected in [note.en for note in found.notes]


def test_small_card_tiers_are_pooled_and_one_without_events_is_bounded() -> None:
    rows = shop(n=600)
    for i, person in enumerate(rows["customers"]):
        if i < 48:
            person["golden_card_tier"] = f"tier {i // 6}"
        if i >= 520:
            person["golden_card_tier"] = "diamond"
    steady = {str(person["customer_id"]) for person in rows["customers"][520:]}
    rows["orders"] = [r for r in rows["orders"] if r["customer_id"] not in steady]
    rows["orders"] += [order(c, day) for c in sorted(steady) for day in range(0, DAYS, 7)]

    found = churn_of(rows)

    pooled = part(found, "pooled")["card"]
    assert isinstance(pooled, list)
    # a tier of customers who come every two months may have five events of its own
    assert {*pooled} < {f"tier {i}" for i in range(8)}
    assert "card=diamond" in str(found.metrics["penalised"])
    assert str(found.metrics["sentences"]).count("Penalised, its hazard ratio would lie") == 1


def test_metrics_are_json(result: Result) -> None:
    assert json.loads(json.dumps(result.metrics, allow_nan=False)) == json.loads(
        json.dumps(result.metrics)
    )


def test_a_customer_gets_a_sentence_with_level_and_reason(
    result: Result, scores: pd.DataFrame
) -> None:
    row = next(r for r in scores.to_dict("records") if r["churn_main_reason"] == "log_recency")

    said = explain({str(k): v for k, v in row.items()}, result)

    level = row["churn_alert_level"]
    assert f"level {level} ({LEVELS[level].en})" in said[0]
    assert "days since the last purchase" in said[0]
    assert f"预警等级 {level}：{LEVELS[level].zh}" in said[1]


def explain(customer: dict[str, object], result: Result) -> tuple[str, str]:
    assert ALGORITHM.explain
    said = ALGORITHM.explain(customer, result.metrics)
    return said.en, said.zh


def test_a_customer_without_a_purchase_gets_a_sentence_too(result: Result) -> None:
    assert "No purchase" in explain({}, result)[0]


def test_a_short_past_is_used_as_far_as_it_goes_and_said() -> None:
    rows = shop()
    rows["orders"] = [r for r in rows["orders"] if r["ordered_at"] >= utc("2026-04-20")]  # type: ignore[operator]  # times

    found = churn_of(rows)

    assert found.metrics["grade"] is None
    said = " ".join(note.en for note in found.notes)
    assert "too few days to observe 90: beyond 30 days" in said
    assert "too few days to grade" in said
    p = found.frames["Customer"]
    assert (p["churn_probability_30d"] >= p["churn_probability_90d"]).all()


CASES: dict[str, tuple[Rows, type[NothingToSayError]]] = {
    "no orders": ([], NobodyToLeaveError),
    "one customer": ([order("a", d) for d in (0, 30, 100)], LoneCustomerError),
    "all on one day": ([order("a", 3), order("b", 3)], OneDayError),
    "everyone once": ([order("a", 0), order("b", 90), order("c", 50)], BoughtOnceError),
    "two weeks": ([order(c, d) for c in "ab" for d in (0, 14)], ShortPastError),
}


@pytest.mark.parametrize("case", CASES)
def test_where_nothing_can_be_said_a_sentence_says_why(case: str) -> None:
    orders, error = CASES[case]

    with pytest.raises(error) as raised:
        churn_of({"orders": orders})

    assert raised.value.message("en").endswith(".")
    assert raised.value.message("zh").endswith("。")


def test_nothing_but_returns_is_no_order() -> None:
    with pytest.raises(NobodyToLeaveError):
        churn_of({"orders": [order("a", 3, value=-5), order("b", 90, value=-5)]})


def test_two_customers_who_come_back_are_few_but_enough_to_say_so() -> None:
    orders = [order(c, d) for c in ("a", "bb") for d in range(0, 100, 9)]

    found = churn_of({"orders": orders})

    assert len(found.frames["Customer"]) == 2
    assert found.notes


def regulars(*, days: range, n: int = 50) -> Rows:
    return [order(f"c{i:03}", d) for i in range(n) for d in days]


def test_those_who_come_like_clockwork_do_not_stay_away() -> None:
    found = churn_of({"orders": regulars(days=range(0, 400, 10))}).frames["Customer"]

    assert found["churn_probability_30d"].max() < 0.02
    assert set(found["churn_alert_level"]) == {1}


def test_where_all_have_stopped_long_ago_nobody_is_expected_back() -> None:
    found = churn_of({"orders": regulars(days=range(1_000, 1_400, 11))})

    assert found.frames["Customer"]["churn_probability_90d"].min() > 0.98
    assert found.metrics["table"] == []
    assert "None of 0 customers met the event" in found.notes[0].en


def test_a_silence_that_the_past_cannot_hold_is_said(rows: dict[str, Rows]) -> None:
    found = churn_of(rows, silence_days="400")

    assert any(note.en.startswith("A silence of 400 days is long") for note in found.notes)
    assert found.metrics["events"] == 0


def test_an_undefined_mean_value_of_free_orders_stops_nothing(rows: dict[str, Rows]) -> None:
    free = {**rows, "orders": [{**row, "amount": 0} for row in rows["orders"]]}

    found = churn_of(free)

    assert set(found.frames["Customer"]["churn_expected_loss"]) == {0}
    assert any(note.en.startswith("log_order_value has one value") for note in found.notes)


def test_the_currency_unit_changes_nothing_but_the_loss(
    rows: dict[str, Rows], scores: pd.DataFrame
) -> None:
    cents: Rows = [{**row, "amount": int(str(row["amount"])) * 100} for row in rows["orders"]]

    found = churn_of({**rows, "orders": cents}).frames["Customer"]

    p = "churn_probability_90d"
    assert found[p].to_numpy() == pytest.approx(scores[p].to_numpy(), abs=1e-6)
    loss = found["churn_expected_loss"].to_numpy() / 100
    assert loss == pytest.approx(scores["churn_expected_loss"].to_numpy(), rel=1e-4, abs=1)


def test_the_scores_that_later_orders_judge_are_declared() -> None:
    assert {(g.score, g.outcome, g.horizon_days) for g in ALGORITHM.graded} == {
        (f"churn_probability_{days}d", "does_not_buy", days) for days in (30, 60, 90)
    }
