"""Scores: each with its run and date, and none of somebody else."""

from datetime import UTC, datetime, timedelta

import pytest

from api.scores import NOTES, brief, scores
from api.views import Row, View, row_of
from graph.language import Text, speaking
from graph.spec import PropertySpec

RAN = datetime(2026, 2, 1, 3, tzinfo=UTC)
RECENCY = PropertySpec("rfm_recency_days", "number", Text("Days", "天数"), owner="rfm")
ORDERS = PropertySpec("rfm_order_count", "integer", Text("Orders", "订单"), owner="rfm")
LEVEL = PropertySpec("churn_level", "integer", Text("Level", "等级"), owner="churn")
CITY = PropertySpec("city", "text", Text("City", "城市"))
PROPERTIES = (CITY, RECENCY, ORDERS, LEVEL)


def run(algorithm: str) -> Row:
    """Return a current run as the database does."""
    return {
        "run_id": f"{algorithm}-1",
        "algorithm": algorithm,
        "version": "1",
        "as_of": int((RAN - timedelta(days=1)).timestamp() * 1000),
        "started_at": int(RAN.timestamp() * 1000),
    }


def rfm(held: Row, *, runs: list[Row], changed_at: datetime | None = None) -> Row:
    return row_of(scores(PROPERTIES, held, runs=runs, changed_at=changed_at)["rfm"])


def value(scored: Row, name: str) -> object:
    return row_of(row_of(scored["values"])[name])["value"]


def test_scores_stand_under_their_algorithm_and_facts_under_none() -> None:
    found = scores(PROPERTIES, {}, runs=[])

    assert list(found) == ["rfm", "churn"]
    assert list(row_of(row_of(found["rfm"])["values"])) == ["rfm_recency_days", "rfm_order_count"]


def test_a_score_names_its_run_and_the_date_of_its_facts() -> None:
    found = rfm({"rfm_recency_days": 4.5}, runs=[run("rfm"), run("churn")])

    assert found["state"] == "scored"
    assert row_of(found["run"])["run_id"] == "rfm-1"
    assert row_of(found["run"])["as_of"] == RAN - timedelta(days=1)
    assert value(found, "rfm_recency_days") == 4.5
    assert value(found, "rfm_order_count") is None


def test_a_customer_of_whom_a_run_says_nothing_is_absent_not_zero() -> None:
    found = rfm({}, runs=[run("rfm")])

    assert found["state"] == "absent"
    assert value(found, "rfm_order_count") is None


def test_zero_is_a_score() -> None:
    assert rfm({"rfm_recency_days": 0.0}, runs=[run("rfm")])["state"] == "scored"


def test_an_algorithm_that_never_ran_says_so() -> None:
    found = rfm({}, runs=[run("churn")])

    assert (found["state"], found["run"]) == ("not-run", None)


def test_a_value_without_a_run_is_not_shown() -> None:
    found = rfm({"rfm_recency_days": 4.5}, runs=[])

    assert value(found, "rfm_recency_days") is None


@pytest.mark.parametrize(
    ("moved", "state"),
    [
        (timedelta(milliseconds=1), "not-scored-since-merge"),
        (timedelta(0), "scored"),
        (timedelta(days=-1), "scored"),
    ],
)
def test_a_change_of_accounts_after_the_run_makes_its_scores_void(
    moved: timedelta, state: str
) -> None:
    found = rfm({"rfm_recency_days": 4.5}, runs=[run("rfm")], changed_at=RAN + moved)

    assert found["state"] == state
    assert value(found, "rfm_recency_days") == (4.5 if state == "scored" else None)


def test_the_state_is_said_in_words_of_the_language() -> None:
    assert rfm({}, runs=[], changed_at=RAN)["note"] == "The algorithm has not run yet"
    with speaking("zh"):
        late = rfm({}, runs=[run("rfm")], changed_at=RAN + timedelta(days=1))
    assert str(late["note"]).startswith("合并后尚未评分")


def test_every_state_has_words_in_both_languages() -> None:
    assert all(note.en and note.zh for note in NOTES.values())


def test_a_run_without_dates_is_shown_without() -> None:
    shown: View = brief({**run("rfm"), "as_of": None, "started_at": None})

    assert (shown["as_of"], shown["started_at"]) == (None, None)
