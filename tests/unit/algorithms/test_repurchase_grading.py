"""Grades of chances against independent figures, and what is said of them in words."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, roc_auc_score

from algorithms.repurchase import ALGORITHM, grading
from algorithms.repurchase.features import HORIZON_DAYS, NAMES, Flags, Floats, Purchases, Situation
from algorithms.repurchase.grading import (
    LOOKS,
    Comparison,
    Examples,
    Grade,
    History,
    Learnt,
    area,
    graded,
)
from algorithms.repurchase.learning import LEAST, Name, logistic
from algorithms.repurchase.words import explain, notes_on

unhurried = settings(deadline=None)
told = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=60)


def examples(buys: Flags, *, recency: list[int] | None = None) -> Examples:
    n = len(buys)
    days = np.array(recency or range(1, n + 1), np.int64)
    at = Situation(900, np.arange(n), np.zeros((n, len(NAMES))), days)
    return Examples(at, buys)


def flags(*buys: int) -> Flags:
    return np.array(buys, np.bool_)


@unhurried
@given(told)
def test_grades_are_those_of_an_independent_library(rows: list[tuple[int, bool]]) -> None:
    chances, buys = np.array([c for c, _ in rows]) / 10, flags(*(b for _, b in rows))

    grade = graded(examples(buys), chances)

    assert grade.brier == pytest.approx(brier_score_loss(buys, chances, pos_label=True))
    assert grade.accuracy + np.mean((chances >= 0.5) != buys) == pytest.approx(1)
    if 0 < buys.sum() < len(buys):
        assert grade.auc == pytest.approx(roc_auc_score(buys, chances))


@unhurried
@given(told)
def test_the_area_turns_around_with_the_scores(rows: list[tuple[int, bool]]) -> None:
    scores, buys = np.array([c for c, _ in rows]), flags(*(b for _, b in rows))

    assert area(scores, buys) + area(-scores, buys) == pytest.approx(1)
    assert area(3 * scores + 7, buys) == area(scores, buys)


@unhurried
@given(told)
def test_telling_everybody_the_base_rate_has_no_skill(rows: list[tuple[int, bool]]) -> None:
    buys = flags(*(b for _, b in rows))

    grade = graded(examples(buys), np.full(len(buys), buys.mean()))

    assert grade.brier_skill == pytest.approx(0, abs=1e-12)
    assert grade.auc == 0.5


def test_recency_alone_ranks_the_latest_buyers_first() -> None:
    # the buyers came 1 and 9 days ago, the others 5 and 12: three of four pairs are right
    at = examples(flags(1, 1, 0, 0), recency=[1, 9, 5, 12])

    assert graded(at, np.full(4, 0.5)).recency_auc == 0.75


def test_the_lift_is_that_of_the_top_tenth() -> None:
    buys = flags(*[1, 1, 0, 0], *[0] * 15, 1)
    chances = np.linspace(0.9, 0.1, 20)

    # of twenty customers the two likeliest both bought, of all three did
    assert graded(examples(buys), chances).lift_10 == pytest.approx(1 / (3 / 20))


def test_where_nobody_bought_there_is_neither_lift_nor_skill() -> None:
    grade = graded(examples(flags(0, 0, 0)), np.array([0.1, 0.2, 0.3]))

    assert (grade.lift_10, grade.brier_skill, grade.auc) == (0, 0, 0.5)
    assert grade.always_no_accuracy == 1


def test_a_chance_of_a_half_counts_as_yes() -> None:
    assert graded(examples(flags(1, 0)), np.array([0.5, 0.4999])).accuracy == 1


def history(*days: int) -> History:
    """Return a history of one customer who bought on some days."""
    n = len(days)
    at = np.array(days, np.int64)
    return History(Purchases(np.zeros(n, np.int64), at, np.ones(n, np.int64), at * 0), seed=0)


def test_a_look_back_is_over_before_its_cut_and_has_a_past_of_its_own() -> None:
    looks = history(0, 400).earlier(400)

    assert looks == [370, 340, 310, 280, 250, 220, 190, 160, 130, 100, 70, 40]
    assert len(looks) == LOOKS
    assert history(10, 400).earlier(400)[-1] == 40
    assert history(11, 400).earlier(400)[-1] == 70


def test_a_cut_without_a_past_learns_from_nothing() -> None:
    assert history(100, 101).earlier(159) == []
    assert history(100, 101).earlier(160) == [130]


def test_a_cut_is_looked_at_once() -> None:
    seen = history(0, 50)

    assert seen.examples(60) is seen.examples(60)


@pytest.mark.parametrize(("n", "rows", "kept"), [(10, 10, 10), (10, 4, 4), (9, 3, 3), (11, 5, 4)])
def test_every_kth_customer_is_kept_and_no_more_than_wanted(n: int, rows: int, kept: int) -> None:
    whole = examples(flags(*(i % 2 for i in range(n))))

    thin = whole.thinned(rows)

    assert len(thin.buys) == kept <= rows
    assert thin.at.cut == whole.at.cut
    step = thin.at.customer[1]
    assert thin.at.customer.tolist() == list(range(0, n, step))
    assert thin.buys.tolist() == whole.buys[::step].tolist()
    assert thin.at.recency.tolist() == whole.at.recency[::step].tolist()


def test_of_many_customers_whole_histories_are_learnt_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "ROWS", 5)
    customer = np.repeat(np.arange(10), 2)
    day = np.tile([0, 70], 10)
    many = History(Purchases(customer, day, np.ones(20, np.int64), np.ones(20, np.int64)), seed=0)

    seen = many.examples(60)

    assert seen.at.customer.tolist() == [0, 2, 4, 6, 8]
    assert seen.buys.all()
    assert HORIZON_DAYS == 30


@pytest.mark.parametrize("outcome", [True, False])
def test_where_all_did_the_same_that_is_the_chance(*, outcome: bool) -> None:
    buys = np.full(4, outcome)
    learnt = Learnt(history(0), "boosting", np.zeros((4, len(NAMES))), buys)

    assert learnt.chances(examples(buys).at).tolist() == [float(outcome)] * 4


def test_a_chance_is_never_quite_certain() -> None:
    features: Floats = np.repeat([[-50.0], [50.0]], 200, axis=0)
    predict = logistic(features, features[:, 0] > 0, seed=0)

    low, high = predict(np.array([[-1e6], [1e6]]))

    assert (low, high) == (LEAST, 1 - LEAST)


GOOD = Grade(
    cut_day=900,
    n=10,
    base_rate=0.3,
    mean_probability=0.31,
    auc=0.8,
    recency_auc=0.7,
    brier=0.15,
    brier_skill=0.2,
    accuracy=0.8,
    always_no_accuracy=0.7,
    lift_10=2.0,
)


def comparison(*grades: Grade, other: float = 1.0) -> Comparison:
    """Return a comparison that logistic regression wins unless ``other`` is the lower error."""
    chances = np.arange(20)[::-1] / 20
    both: dict[Name, tuple[Grade, ...]] = {
        "logistic": grades,
        "boosting": tuple(replace(g, brier=other) for g in grades),
    }
    return Comparison(both, {"logistic": chances, "boosting": chances}, chances >= 0.5)


def test_the_lower_mean_error_wins_and_a_tie_goes_to_the_plainer_one() -> None:
    assert comparison(GOOD).best == "logistic"
    assert comparison(GOOD, other=0.149).best == "boosting"
    assert comparison(GOOD, other=0.15).best == "logistic"


def test_means_are_over_the_cuts() -> None:
    found = comparison(GOOD, replace(GOOD, auc=0.6))

    assert found.mean("logistic", "auc") == pytest.approx(0.7)


def test_tenths_go_from_low_chances_to_high_and_hold_everybody() -> None:
    deciles = comparison(GOOD).deciles("logistic")

    assert [d["n"] for d in deciles] == [2] * 10
    assert deciles[0] == {"n": 2, "mean_probability": 0.025, "rate": 0.0}
    assert [d["rate"] for d in deciles] == [0.0] * 5 + [1.0] * 5
    means = [d["mean_probability"] for d in deciles]
    assert means == sorted(means)


def test_fewer_customers_than_tenths_leave_no_tenth_empty() -> None:
    found = Comparison({"logistic": (GOOD,)}, {"logistic": np.array([0.5, 0.1])}, flags(1, 0))

    assert [d["rate"] for d in found.deciles("logistic")] == [0.0, 1.0]


def notes(*grades: Grade, wanted: int = 1) -> list[str]:
    said = list(notes_on(comparison(*grades), wanted=wanted))
    assert all(text.zh and text.zh != text.en for text in said)
    return [text.en for text in said]


def test_a_good_model_needs_no_word() -> None:
    assert notes(GOOD) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"brier_skill": 0.0}, "no better than telling everybody the base rate"),
        ({"auc": 0.7}, "no better than recency alone"),
        ({"accuracy": 0.7}, 'Saying "nobody buys" was right as often'),
        ({"mean_probability": 0.3501}, "5% above what came"),
        ({"mean_probability": 0.18}, "12% below what came"),
    ],
)
def test_each_weakness_is_said_alone(change: dict[str, float], said: str) -> None:
    (found,) = notes(replace(GOOD, **change))  # type: ignore[arg-type]  # figures by name

    assert said in found


def test_a_small_difference_of_means_is_not_said() -> None:
    assert notes(replace(GOOD, base_rate=0.25, mean_probability=0.29)) == []


def test_missing_cuts_are_said_and_extra_ones_are_not() -> None:
    assert notes(GOOD, wanted=3) == ["The history holds 1 cuts instead of 3."]
    assert notes(GOOD, GOOD, wanted=2) == []


def test_a_chance_is_explained_beside_everybody_in_both_languages() -> None:
    metrics = {"base_rate": 0.2, "auc": 0.7512, "recency_auc": 0.7}

    said = explain({"repurchase_probability_30d": 0.3}, metrics)

    assert said.en.startswith(
        "Buys within 30 days with a chance of 30%, 1.5 times that of all customers (20%)"
    )
    assert said.en.endswith("an AUC of 0.75, recency alone with 0.70.")
    assert said.zh.startswith("30 天内购买的概率为 30%，是全体客户（20%）的 1.5 倍")
    assert "AUC 为 0.75，仅看最近购买时间为 0.70" in said.zh


def test_without_a_base_rate_no_multiple_is_made_up() -> None:
    metrics = {"base_rate": 0.0, "auc": 0.5, "recency_auc": 0.5}

    assert "? times that of all customers (0%)" in (
        explain({"repurchase_probability_30d": 0.01}, metrics).en
    )


def test_the_page_has_all_parts_in_both_languages() -> None:
    page = ALGORITHM.mathematics

    assert page is not None
    for text in (page.definition, page.assumptions, page.estimator, page.unfit):
        assert text.en != text.zh
        assert text.en.count("$") % 2 == text.zh.count("$") % 2 == 0
