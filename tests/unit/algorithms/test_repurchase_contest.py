"""Churn's complement against the classifiers: same customers, same days, and who speaks."""

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms import churn
from algorithms.churn.trial import Trial
from algorithms.contract import Result
from algorithms.reduction import registered
from algorithms.repurchase import ALGORITHM
from algorithms.repurchase.algorithm import WINDOW
from algorithms.repurchase.contest import (
    CHURN,
    NO_CHURN,
    NO_CUT,
    NO_TRIAL,
    Contest,
    Silent,
    complements,
    contested,
    said_of,
)
from algorithms.repurchase.features import NAMES, Flags, Floats, Purchases, Situation
from algorithms.repurchase.grading import Comparison, Examples, Grade, History, graded
from graph.columns import TIME
from tests.buyers import BG, GAMMA_GAMMA, amounts_of, buying_and_leaving, instant, orders_of
from tests.pure import run_on, tables_of, utc

NOW, CUT, EARLIER = 990, 900, 930
IDS = np.array(["a", "b", "c", "d"], dtype=object)
BUYS = np.array([True, False, False, True])


def examples(cut: int, buys: Flags = BUYS) -> Examples:
    n = len(buys)
    return Examples(
        Situation(cut, np.arange(n), np.zeros((n, len(NAMES))), np.arange(1, n + 1)), buys
    )


def history() -> History:
    """Return a history whose cuts are looked up, not computed."""
    none = np.zeros(0, np.int64)
    return History(
        Purchases(none, none, none, none), 0, {cut: examples(cut) for cut in (CUT, EARLIER)}
    )


def comparison(*chances: float) -> Comparison:
    """Return classifiers at two cuts, of which logistic tells these chances at the second."""
    first, second = np.full(4, 0.5), np.array(chances)
    half = graded(examples(EARLIER), first), graded(examples(CUT), first)
    own = half[0], graded(examples(CUT), second)
    told = {"logistic": np.concatenate([first, second]), "boosting": np.full(8, 0.5)}
    return Comparison(
        {"logistic": own, "boosting": half},
        told,  # type: ignore[arg-type]  # names are those of the contenders
        np.concatenate([BUYS, BUYS]),
    )


def contest_of(
    stays_away: list[float], *, ids: str = "abcd", told: Comparison, days_ago: int = NOW - CUT
) -> Contest | Silent:
    trial = Trial(days_ago, np.array([*ids], dtype=object), np.array(stays_away))
    return contested(history(), told, trial=trial, ids=IDS, now=NOW)


def test_the_lower_brier_score_speaks() -> None:
    told = comparison(0.6, 0.4, 0.4, 0.6)

    sure = contest_of([0.1, 0.9, 0.9, 0.1], told=told)
    unsure = contest_of([0.5, 0.5, 0.5, 0.5], told=told)

    assert isinstance(sure, Contest)
    assert isinstance(unsure, Contest)
    assert (sure.winner, unsure.winner) == (CHURN, "logistic")
    # squares of .1 and of .4
    assert sure.grades[CHURN].brier == pytest.approx(0.01)
    assert sure.grades["logistic"].brier == pytest.approx(0.16)


def test_a_tie_goes_to_the_classifier() -> None:
    found = contest_of([0.25, 0.75, 0.75, 0.25], told=comparison(0.75, 0.25, 0.25, 0.75))

    assert isinstance(found, Contest)
    assert found.grades[CHURN].brier == found.grades["logistic"].brier
    assert found.winner == "logistic"


def test_all_are_judged_by_the_customers_that_both_spoke_of() -> None:
    # b, told worst by the classifier, is unknown to churn
    found = contest_of([0.3, 0.9, 0.3], ids="acd", told=comparison(0.8, 0.9, 0.1, 0.8))

    assert isinstance(found, Contest)
    assert {grade.n for grade in found.grades.values()} == {3}
    assert found.grades["logistic"].brier == pytest.approx((0.04 + 0.01 + 0.04) / 3)
    assert found.winner == "logistic"


def test_the_cut_is_the_one_that_churn_was_tried_at() -> None:
    found = contest_of([0.5] * 4, told=comparison(0.9, 0.1, 0.1, 0.9))

    assert isinstance(found, Contest)
    # at the other cut the classifier told everybody a half, whose score is a quarter
    assert found.grades["logistic"].brier == pytest.approx(0.01)
    assert {grade.cut_day for grade in found.grades.values()} == {CUT}


def test_without_a_trial_or_a_common_cut_or_customer_there_is_no_contest() -> None:
    told = comparison(0.5, 0.5, 0.5, 0.5)

    assert contested(history(), told, trial=None, ids=IDS, now=NOW) is NO_TRIAL
    assert contest_of([0.5] * 4, told=told, days_ago=7) is NO_CUT
    assert contest_of([0.5] * 4, ids="wxyz", told=told) is NO_CUT


def test_the_complement_is_looked_up_by_customer() -> None:
    leaving = pd.DataFrame(
        {"customer_id": ["a", "b", "d"], "churn_probability_30d": [0.25, None, 1.0]}
    )

    found = complements(leaving, IDS)

    np.testing.assert_array_equal(found, [0.75, np.nan, np.nan, 0.0])


def grade(**figures: float) -> Grade:
    return replace(graded(examples(CUT), np.full(4, 0.5)), **figures)  # type: ignore[arg-type]  # figures are numbers


@pytest.mark.parametrize(
    ("brier", "first"), [(0.1, "Churn speaks"), (0.3, "The classifier speaks")]
)
def test_who_speaks_is_said_with_both_scores(brier: float, first: str) -> None:
    contest = Contest({"logistic": grade(brier=0.2), CHURN: grade(brier=brier)}, "logistic")

    said = said_of(contest, unknown=0)

    assert len(said) == 1
    assert said[0].en.startswith(first)
    assert {"0.2000", f"{brier:.4f}"} <= {*said[0].en.rstrip(".").replace(",", " ").split()}
    assert f"{brier:.4f}" in said[0].zh


def test_customers_of_whom_churn_said_nothing_are_counted() -> None:
    contest = Contest({"logistic": grade(brier=0.2), CHURN: grade(brier=0.1)}, "logistic")

    assert said_of(contest, unknown=12)[1].en.startswith("Of 12 customers churn said nothing")


END = 400


@pytest.fixture(scope="module")
def shop() -> dict[str, pa.Table]:
    """Return what repurchase reads, with orders of customers who come often or leave."""
    bought = buying_and_leaving({**BG, "alpha": 3.0}, n=900, seed=41, at_first=True, days=END)
    orders = orders_of(bought, amounts_of(bought, GAMMA_GAMMA, seed=41))
    return {**tables_of(ALGORITHM, {}), "orders": orders}


@pytest.fixture(scope="module")
def leaving(shop: dict[str, pa.Table]) -> Result:
    tables = {**tables_of(churn.ALGORITHM, {}), "orders": shop["orders"]}
    return run_on(churn.ALGORITHM, tables, as_of=instant(END))


def told(shop: dict[str, pa.Table], *, stays: Floats | None, ids: list[str], end: int) -> Result:
    """Run repurchase where churn said this of the customers; None: nothing."""
    customers = shop["customers"].schema.empty_table()
    if stays is not None:
        columns = {
            name: pa.nulls(len(ids), customers[name].type) for name in customers.column_names
        }
        columns |= {"customer_id": pa.array(ids), "churn_probability_30d": pa.array(stays)}
        customers = pa.table(columns)
    return run_on(ALGORITHM, {**shop, "customers": customers}, as_of=instant(end))


@pytest.fixture(scope="module")
def known(leaving: Result) -> tuple[list[str], Floats]:
    frame = leaving.frames["Customer"]
    stays = frame["churn_probability_30d"].to_numpy(np.float64)
    return frame["customer_id"].astype(str).tolist(), stays


@pytest.fixture(scope="module")
def both(shop: dict[str, pa.Table], known: tuple[list[str], Floats]) -> Result:
    return told(shop, stays=known[1], ids=known[0], end=END)


@pytest.fixture(scope="module")
def alone(shop: dict[str, pa.Table]) -> Result:
    return told(shop, stays=None, ids=[], end=END)


def contest_in(result: Result) -> dict[str, dict[str, dict[str, float]]]:
    contest = result.metrics["contest"]
    assert isinstance(contest, dict)
    return contest


def test_churn_is_graded_as_it_graded_itself(both: Result, leaving: Result) -> None:
    own = leaving.metrics["grade"]
    assert isinstance(own, dict)
    thirty = own["brier"][0]

    grades = contest_in(both)["grades"]

    assert thirty["days"] == 30
    assert grades[CHURN]["n"] == own["n"]
    assert grades[CHURN]["brier"] == pytest.approx(thirty["brier"], abs=6e-5)
    assert 1 - grades[CHURN]["base_rate"] == pytest.approx(thirty["rate"], abs=6e-5)


def test_the_classifiers_are_graded_as_at_that_cut(both: Result) -> None:
    contest, cuts = contest_in(both), both.metrics["cuts"]
    assert isinstance(cuts, dict)

    for name in ("logistic", "boosting"):
        # ninety days back is the third of cuts thirty days apart
        assert contest["grades"][name] == cuts[name][2]
    assert contest["grades"][CHURN]["cut"] == cuts["logistic"][2]["cut"]


def test_what_is_published_is_that_of_the_winner(
    both: Result, alone: Result, known: tuple[list[str], Floats]
) -> None:
    grades = contest_in(both)["grades"]
    classifier = str(both.metrics["model"])
    is_churn = grades[CHURN]["brier"] < grades[classifier]["brier"]
    expected = 1 - known[1] if is_churn else alone.frames["Customer"].iloc[:, 1]

    found = both.frames["Customer"]

    assert both.metrics["speaks"] == (CHURN if is_churn else classifier)
    assert found["customer_id"].astype(str).tolist() == known[0]
    np.testing.assert_allclose(found["repurchase_probability_30d"], expected)


def test_whom_churn_passed_over_get_the_chance_of_the_classifier(
    shop: dict[str, pa.Table],
    known: tuple[list[str], Floats],
    alone: Result,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Contest, "winner", property(lambda _: CHURN))
    stays = np.where(np.arange(len(known[0])) < 3, np.nan, known[1])

    found = told(shop, stays=stays, ids=known[0], end=END)

    chances = found.frames["Customer"]["repurchase_probability_30d"]
    np.testing.assert_allclose(chances[3:], 1 - known[1][3:])
    classifier = alone.frames["Customer"]["repurchase_probability_30d"]
    np.testing.assert_array_equal(chances[:3], classifier[:3])
    assert any(note.en.startswith("Of 3 customers churn said nothing") for note in found.notes)


def test_where_churn_is_silent_the_classifier_speaks_alone_and_it_is_said(alone: Result) -> None:
    assert alone.metrics["contest"] is None
    assert alone.metrics["speaks"] == alone.metrics["model"]
    assert NO_CHURN.why in alone.notes


def test_a_history_too_short_for_a_trial_is_said(
    shop: dict[str, pa.Table], known: tuple[list[str], Floats]
) -> None:
    first = pa.compute.greater(shop["orders"]["ordered_at"], pa.scalar(instant(END - 240)))
    orders = shop["orders"].filter(first)
    ids = sorted({str(one) for one in orders["customer_id"].to_pylist()})

    found = told({**shop, "orders": orders}, stays=np.full(len(ids), 0.5), ids=ids, end=END)

    assert NO_TRIAL.why in found.notes
    assert found.metrics["contest"] is None


def test_a_customer_is_explained_by_the_grade_of_who_spoke() -> None:
    metrics: dict[str, object] = {"base_rate": 0.25, "auc": 0.744, "recency_auc": 0.671}
    spoken = {"base_rate": 0.2, "auc": 0.8, "recency_auc": 0.7}
    contest = {"winner": CHURN, "grades": {CHURN: spoken}}
    explain = ALGORITHM.explain
    assert explain is not None

    said = explain({"repurchase_probability_30d": 0.5}, {**metrics, "contest": contest})
    classifier = explain(
        {"repurchase_probability_30d": 0.5},
        {**metrics, "contest": {**contest, "winner": "logistic"}},
    )

    assert "2.5 times that of all customers (20%)" in said.en
    assert "the churn model" in said.en
    assert "流失模型" in said.zh
    assert "AUC of 0.80, recency alone with 0.70" in said.en
    assert "AUC of 0.74" in classifier.en
    assert "churn" not in classifier.en


@pytest.mark.parametrize(
    ("ordered_at", "day", "as_of", "expected"),
    [
        ("1970-01-03", "1970-01-03", "1970-01-03", 2),
        ("1970-01-03", "1970-01-03", "1970-01-13", 12),
        # an evening in London is the next day in Shanghai, and stays so ten days later
        ("1970-01-03T20:00", "1970-01-04", "1970-01-13T20:00", 13),
    ],
)
def test_the_window_counts_on_from_the_latest_order(
    ordered_at: str, day: str, as_of: str, expected: int
) -> None:
    order = {
        "order_id": "o",
        "customer_id": "a",
        "amount": 1,
        "ordered_at": utc(ordered_at),
        "ordered_day": utc(day).date(),
    }
    tables = tables_of(ALGORITHM, {"orders": [order]})
    instants = pa.table({"as_of": pa.array([utc(as_of)], TIME)})

    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with registered(connection, {**tables, "parameters": instants}):
            found = connection.sql(WINDOW).fetchall()

    assert found == [(expected,)]
