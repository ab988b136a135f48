"""Why a customer has their scores: who speaks, of which run, and who has nothing to say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from algorithms.registry import REGISTRY, computed_spec
from api.explaining import NoSuchScoreError, explanations
from api.profile import CustomerMovedError, CustomerNotFoundError, CustomerRetiredError
from api.views import Row, View
from graph.language import speaking

SPEC = computed_spec()
RAN = datetime(2026, 2, 2, 3, tzinfo=UTC)
AS_OF = datetime(2026, 2, 1, tzinfo=UTC)
ANN: Row = {
    "customer_id": "ann",
    "rfm_recency_days": 12.5,
    "rfm_order_count": 7,
    "rfm_spend": 99.5,
    "rfm_r": 3,
    "rfm_f": 2,
    "rfm_m": 4,
    "lifecycle_stage": "sleeping",
    "lifecycle_since": round(datetime(2026, 1, 5, tzinfo=UTC).timestamp() * 1000),
    "lifecycle_rhythm_days": 20.0,
}


def milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def run(
    algorithm: str, metrics: Mapping[str, object] | None = None, *, started: datetime = RAN
) -> Row:
    """Return the current run of an algorithm as the database tells it."""
    of_run = {
        "run_id": f"{algorithm}-1",
        "algorithm": algorithm,
        "version": "1",
        "as_of": milliseconds(AS_OF),
        "started_at": milliseconds(started),
        "evaluation": None,
    }
    return {"run": of_run, "metrics": None if metrics is None else json.dumps(metrics)}


@dataclass
class Graph:
    """Answers for one customer; ``survivors`` are the rows for ids that nobody has now."""

    held: Row | None
    runs: list[Row] = field(default_factory=list)
    survivors: list[Row] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    ids: list[object] = field(default_factory=list)
    linked: Row = field(default_factory=dict)

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.queries.append(query)
        self.ids.append(parameters["id"])
        if "AS known" not in query:
            return self.survivors
        return (
            []
            if self.held is None
            else [{"known": self.held, "runs": self.runs, "linked": self.linked}]
        )


def said(graph: Graph, score: str | None = None) -> list[View]:
    return explanations(graph, "ann", spec=SPEC, score=score)


def names(found: list[View]) -> list[object]:
    return [one["algorithm"] for one in found]


def test_each_method_explains_its_own_scores_with_its_run() -> None:
    (one,) = said(Graph(ANN, [run("rfm", {"n": 900})]))

    assert one["algorithm"] == "rfm"
    assert "12.5 days ago" in str(one["text"])
    assert "among 900 customers" in str(one["text"])
    assert one["run"] == {
        "run_id": "rfm-1",
        "algorithm": "rfm",
        "version": "1",
        "as_of": AS_OF,
        "started_at": RAN,
        "evaluation": None,
    }


def test_methods_speak_in_their_declared_order_whatever_the_order_of_runs() -> None:
    runs = [run("lifecycle"), run("rfm")]

    one, other = (names(said(Graph(ANN, list(order)))) for order in (runs, reversed(runs)))

    declared = [a.name for a in REGISTRY if a.name in {"rfm", "lifecycle"}]
    assert one == other == declared


def test_a_method_is_asked_for_by_its_name_or_by_a_score() -> None:
    runs = [run("rfm"), run("lifecycle")]

    by_name = said(Graph(ANN, runs), "lifecycle")
    by_score = said(Graph(ANN, runs), "lifecycle_rhythm_days")

    assert names(by_name) == names(by_score) == ["lifecycle"]


@pytest.mark.parametrize("score", ["", "rfm_", "RFM", "customer_id", "copurchase"])
def test_a_score_that_nobody_explains_is_refused_before_anything_is_asked(score: str) -> None:
    graph = Graph(ANN, [run("rfm")])

    with pytest.raises(NoSuchScoreError) as refused:
        said(graph, score)

    assert f"Nothing explains {score!r}" in refused.value.message("en")
    assert "rfm" in refused.value.message("en")
    assert "没有可解释的分数" in refused.value.message("zh")
    assert graph.queries == []


def test_an_algorithm_without_a_run_says_nothing() -> None:
    assert names(said(Graph(ANN, [run("rfm")]))) == ["rfm"]
    assert said(Graph(ANN, [])) == []


def test_an_algorithm_that_says_nothing_of_a_customer_explains_nothing() -> None:
    runs = [run("rfm"), run("lifecycle"), run("clv")]

    assert said(Graph({"customer_id": "ann"}, runs)) == []


def test_zero_is_a_score_that_can_be_explained() -> None:
    held = {**dict.fromkeys(ANN), "customer_id": "ann", "repurchase_probability_30d": 0.0}
    metrics = {"base_rate": 0.2, "auc": 0.7, "recency_auc": 0.6}

    (one,) = said(Graph(held, [run("repurchase", metrics)]))

    assert "a chance of 0%, 0.0 times" in str(one["text"])


@pytest.mark.parametrize(
    ("moved", "n"), [(timedelta(milliseconds=1), 0), (timedelta(0), 1), (timedelta(days=-9), 1)]
)
def test_a_change_of_accounts_after_the_run_silences_it(moved: timedelta, n: int) -> None:
    held = {**ANN, "customer_changed_at": milliseconds(RAN + moved)}

    assert len(said(Graph(held, [run("rfm")]))) == n


def test_a_later_run_speaks_again_and_an_older_one_beside_it_does_not() -> None:
    held = {**ANN, "customer_changed_at": milliseconds(RAN)}
    old = run("lifecycle", started=RAN - timedelta(hours=1))

    assert names(said(Graph(held, [old, run("rfm")]))) == ["rfm"]


SLEEPS: Row = {
    "alert_id": "a1",
    "rule": "sleeping",
    "is_open": True,
    "opened_at": milliseconds(datetime(2026, 1, 5, tzinfo=UTC)),
    "closed_at": None,
    "evidence": json.dumps(
        {"days": 120, "purchases": 3, "last_purchase_at": "2025-10-07T00:00:00Z"}
    ),
}


def test_alerts_are_explained_from_their_own_evidence() -> None:
    graph = Graph(ANN, [run("alerts"), run("rfm")], linked={"HAS_ALERT": [SLEEPS]})

    found = {str(one["algorithm"]): str(one["text"]) for one in said(graph)}

    assert set(found) == {"rfm", "alerts"}
    assert found["alerts"] == (
        "Sleeping since 2026-01-05: No purchase for 120 days, after 3 purchases until "
        "2025-10-07T00:00:00Z."
    )
    assert "[(c)-[:HAS_ALERT]->(n:Alert) | n{" in graph.queries[0]


def test_whoever_has_no_alert_is_told_nothing_about_alerts() -> None:
    assert said(Graph(ANN, [run("alerts")], linked={"HAS_ALERT": []})) == []
    assert names(said(Graph(ANN, [run("alerts")], linked={"HAS_ALERT": [SLEEPS]}), "alerts")) == [
        "alerts"
    ]


def test_times_are_handed_over_as_instants() -> None:
    (one,) = said(Graph(ANN, [run("lifecycle", {"limits": [1.5, 3.0, 6.0]})]))

    assert one["text"] == (
        "Sleeping since 2026-01-05: silent for more than 3 times their rhythm of 20.0 days."
    )


def test_a_run_without_metrics_is_explained_all_the_same() -> None:
    (one,) = said(Graph(ANN, [run("rfm", None)]))

    assert "among ? customers" in str(one["text"])


def test_reasons_follow_the_language() -> None:
    with speaking("zh"):
        (one,) = said(Graph(ANN, [run("rfm", {"n": 900})]))

    assert "在 900 位客户中得分 R 3、F 2、M 4" in str(one["text"])


def test_the_customer_is_asked_for_by_parameter_and_never_in_the_query() -> None:
    graph = Graph(ANN, [])

    explanations(graph, "x'}) DETACH DELETE (c) //", spec=SPEC)

    (query,) = graph.queries
    assert "DETACH" not in query
    assert "VALUES" not in query
    assert graph.ids == ["x'}) DETACH DELETE (c) //"]


@pytest.mark.parametrize(
    ("survivors", "error"),
    [
        ([], CustomerNotFoundError),
        ([{"survivor": None}], CustomerRetiredError),
        ([{"survivor": "bob"}], CustomerMovedError),
    ],
)
def test_an_id_that_nobody_has_is_told_what_became_of_it(
    survivors: list[Row], error: type[Exception]
) -> None:
    with pytest.raises(error):
        said(Graph(None, survivors=survivors))
