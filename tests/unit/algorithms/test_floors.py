"""What a grade must reach before scores are published, and what is said where it does not."""

import math
from datetime import UTC, datetime

import pytest

from algorithms.floors import AUC, CALIBRATION, SKILL, UNGRADED, grade_of, shortfalls
from algorithms.records import Record
from graph.language import Text, speaking

SCORE = "churn_probability_30d"
GOOD = {"auc": 0.8, "skill": 0.2, "calibration_error": 0.01}


def graded(**figures: float) -> dict[str, object]:
    """Return a grade of one score that is good but for some figures."""
    return {"means": {SCORE: {**GOOD, **figures}}}


def evaluation(metrics: dict[str, object]) -> Record:
    return Record(
        algorithm="churn",
        version="1",
        as_of=datetime(2026, 1, 31, 12, tzinfo=UTC),
        parameters="{}",
        input_digest="",
        started_at=datetime(2026, 2, 1, tzinfo=UTC),
        run_id="churn-20260201T000000-abcd",
        kind="evaluation",
        metrics=metrics,
    )


def test_a_good_grade_falls_short_of_nothing() -> None:
    assert shortfalls(graded()) == []


def test_without_a_grade_nothing_can_fall_short() -> None:
    assert shortfalls(None) == []
    assert shortfalls({"means": {}}) == []


@pytest.mark.parametrize(
    ("figure", "floor", "worse"),
    [
        ("auc", AUC, math.nextafter(AUC, 0)),
        ("skill", SKILL, math.nextafter(SKILL, -1)),
        ("calibration_error", CALIBRATION, math.nextafter(CALIBRATION, 1)),
    ],
)
def test_a_floor_is_itself_allowed_and_the_next_number_beyond_it_is_not(
    figure: str, *, floor: float, worse: float
) -> None:
    assert shortfalls(graded(**{figure: floor})) == []
    assert len(shortfalls(graded(**{figure: worse}))) == 1


def test_a_ranking_no_better_than_its_floor_is_said_with_both_numbers() -> None:
    (said,) = shortfalls(graded(auc=0.5512))

    assert said.en == f"{SCORE}: AUC 0.551 is below the floor of 0.6; not published."
    assert said.zh == f"{SCORE}：AUC 0.551 低于下限 0.6；未发布。"


def test_a_forecast_worse_than_the_base_rate_is_said() -> None:
    (said,) = shortfalls(graded(skill=-0.0307))

    assert "Brier skill -0.031 is below the floor of 0.0" in said.en
    assert "未发布" in said.zh


def test_a_forecast_that_is_off_on_the_mean_is_said() -> None:
    (said,) = shortfalls(graded(calibration_error=0.0813))

    assert "differ by 0.081 on the mean, above the 0.05 allowed" in said.en
    assert "平均相差 0.081" in said.zh


def test_every_fault_is_said_and_none_hides_another() -> None:
    said = shortfalls(graded(auc=0.5, skill=-1.0, calibration_error=0.5))

    assert [text.en.split(" ")[1] for text in said] == ["AUC", "Brier", "foretold"]


def test_faults_come_by_score_whatever_the_order_in_which_they_were_kept() -> None:
    bad = {"auc": 0.1}

    one = shortfalls({"means": {"b_score": bad, "a_score": bad}})
    other = shortfalls({"means": {"a_score": bad, "b_score": bad}})

    assert one == other
    assert [text.en[:7] for text in one] == ["a_score", "b_score"]


def test_one_good_score_does_not_excuse_another() -> None:
    said = shortfalls({"means": {"a_score": GOOD, "b_score": {**GOOD, "auc": 0.3}}})

    assert [text.en[:7] for text in said] == ["b_score"]


def test_amounts_have_no_floor() -> None:
    error = {"error": 1e9, "naive_error": 1.0, "mean": 3.0, "correlation": -1.0}

    assert shortfalls({"means": {"clv_expected_spend_90d": error}}) == []


def test_a_figure_that_no_cut_has_is_no_fault() -> None:
    # where all had the same outcome nobody can be ranked: there is no AUC
    assert shortfalls({"means": {SCORE: {"calibration_error": 0.01}}}) == []


def test_a_grade_is_that_of_the_evaluation() -> None:
    grade = grade_of(evaluation({"means": {SCORE: GOOD}, "cuts": [1, 2, 3]}))

    assert grade == {
        "run_id": "churn-20260201T000000-abcd",
        "as_of": "2026-01-31T12:00:00+00:00",
        "means": {SCORE: GOOD},
    }


def test_an_evaluation_that_judged_nothing_has_a_grade_without_means() -> None:
    grade = grade_of(evaluation({}))

    assert grade is not None
    assert grade["means"] == {}
    assert shortfalls(grade) == []


def test_no_evaluation_is_no_grade() -> None:
    assert grade_of(None) is None


def test_what_is_not_graded_is_said_in_both_languages() -> None:
    assert isinstance(UNGRADED, Text)
    assert "kith evaluate" in UNGRADED.en
    with speaking("zh"):
        assert "尚未" in str(UNGRADED)
