"""Segments, their members, alerts, models and explanations, out of a real graph."""

from typing import TYPE_CHECKING

import pytest

from api.roles import Role
from graph.session import Database
from graph.settings import Settings
from tests.serving import fetch, key_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration

GROUPS = """
CREATE (lost:Segment {segment_id: 'rfm_segment:lost', scheme: 'rfm_segment', name: 'lost',
        label_en: 'Lost', label_zh: '已流失', n: 3, profile: '{"mean_orders": 1.5}'})
CREATE (:Segment {segment_id: 'rfm_segment:loyal', scheme: 'rfm_segment', name: 'loyal',
        label_en: 'Loyal', label_zh: '忠诚', n: 0, profile: '{}'})
WITH lost
UNWIND ['cem', 'dora', 'eva'] AS id
CREATE (c:Customer {customer_id: id, rfm_segment: 'lost'})
WITH lost, c WHERE c.customer_id = 'dora'
CREATE (c)-[:IN_SEGMENT {since: datetime('2026-01-31T00:00:00Z'), previous: 'loyal'}]->(lost)
"""
RUNS = """
CREATE (:AlgorithmRun {run_id: 'churn-1', algorithm: 'churn', version: '1', kind: 'score',
        is_current: true, as_of: datetime('2026-02-01T00:00:00Z'),
        started_at: datetime('2026-02-02T03:00:00Z'),
        evaluation: '{"run_id": "e-1", "means": {"churn_probability_30d": {"auc": 0.71}}}',
        metrics: '{"table": [{"covariate": "age"}], "curves": {"sex": {"groups": {}}},
                   "notes": [{"en": "a small sample", "zh": "样本较小"}]}'})
WITH 1 AS one
MATCH (r:AlgorithmRun {run_id: 'rfm-2'})
SET r.metrics = '{"grid": [[[1]]], "n": 1}'
WITH r
MATCH (c:Customer {customer_id: 'ann'})
SET c.rfm_r = 3, c.rfm_f = 2, c.rfm_m = 4
"""
ALERTS = """
MATCH (c:Customer {customer_id: 'ann'})
CREATE (c)-[:HAS_ALERT]->(:Alert {alert_id: 'a1', rule: 'sleeping',
        opened_at: datetime('2026-01-01T00:00:00Z'), evidence: '{"days": 100}'})
CREATE (c)-[:HAS_ALERT]->(:Alert {alert_id: 'a2', rule: 'complaint',
        opened_at: datetime('2026-01-01T00:00:00Z'),
        closed_at: datetime('2026-01-09T00:00:00Z')})
"""


@pytest.fixture(autouse=True)
def facts(api: "TestClient", database: Database) -> None:
    for written in (GROUPS, RUNS, ALERTS):
        database.write(written)


def test_segments_are_listed_with_their_numbers_in_the_language_asked_for(
    api: "TestClient",
) -> None:
    english = fetch(api, "/v1/segments")["items"]
    chinese = api.get("/v1/segments", headers={"Accept-Language": "zh"}).json()["items"]

    assert english[0] == {
        "scheme": "rfm_segment",
        "name": "lost",
        "label": "Lost",
        "n": 3,
        "profile": {"mean_orders": 1.5},
    }
    assert [one["label"] for one in chinese] == ["已流失", "忠诚"]


def test_members_come_page_by_page_with_what_became_of_them(api: "TestClient") -> None:
    first = fetch(api, "/v1/segments/rfm_segment/lost/members?limit=2")
    second = fetch(api, first["next"])

    assert first["items"] == [
        {"customer_id": "cem", "since": None, "previous": None},
        {"customer_id": "dora", "since": "2026-01-31T00:00:00Z", "previous": "loyal"},
    ]
    assert [one["customer_id"] for one in second["items"]] == ["eva"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "segment", ["rfm_segment/none", "customer_id/ann", "rfm_segment}) RETURN 1 //x/lost"]
)
def test_what_is_no_segment_is_not_found(api: "TestClient", segment: str) -> None:
    answer = api.get(f"/v1/segments/{segment}/members")

    assert answer.status_code == 404


def test_an_empty_segment_has_an_empty_page(api: "TestClient") -> None:
    assert fetch(api, "/v1/segments/rfm_segment/loyal/members")["items"] == []


def test_a_viewer_sees_numbers_and_no_members(api: "TestClient", company: Settings) -> None:
    viewer = key_of(company, Role.VIEWER)

    assert api.get("/v1/segments", headers=viewer).status_code == 200
    answer = api.get("/v1/segments/rfm_segment/lost/members", headers=viewer)
    assert answer.status_code == 403


def test_the_grid_comes_with_its_run(api: "TestClient") -> None:
    grid = fetch(api, "/v1/rfm/grid")

    assert (grid["found"], grid["run"]["run_id"], grid["notes"]) == ([[[1]]], "rfm-2", [])


def test_the_churn_model_comes_with_its_notes_and_grade(api: "TestClient") -> None:
    model = fetch(api, "/v1/churn/model")

    assert model["found"]["table"] == [{"covariate": "age"}]
    assert model["notes"] == ["a small sample"]
    assert model["run"]["evaluation"]["means"]["churn_probability_30d"] == {"auc": 0.71}


def test_survival_is_shown_by_group(api: "TestClient") -> None:
    assert fetch(api, "/v1/churn/survival?by=sex")["found"] == {"groups": {}}
    assert api.get("/v1/churn/survival?by=height").status_code == 404


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["a1", "a2"]),
        ("?open=true", ["a1"]),
        ("?open=false", ["a2"]),
        ("?rule=complaint", ["a2"]),
    ],
)
def test_alerts_are_found_by_rule_and_state(api: "TestClient", query: str, ids: list[str]) -> None:
    items = fetch(api, f"/v1/alerts{query}")["items"]

    assert [one["alert_id"] for one in items] == ids
    assert all(one["customer_id"] == "ann" for one in items)


def test_an_alert_shows_its_evidence(api: "TestClient") -> None:
    first, second = fetch(api, "/v1/alerts")["items"]

    assert first["evidence"] == {"days": 100}
    assert first["closed_at"] is None
    assert (second["evidence"], second["closed_at"]) == (None, "2026-01-09T00:00:00Z")


def test_scores_are_explained_by_those_who_made_them(api: "TestClient") -> None:
    (said,) = fetch(api, "/v1/customers/ann/explanations")["items"]

    assert said["algorithm"] == "rfm"
    assert "12.5 days ago" in said["text"]
    assert "R 3, F 2, M 4" in said["text"]
    assert said["run"]["run_id"] == "rfm-2"


def test_alerts_are_explained_by_the_nodes_that_a_customer_leads_to(
    api: "TestClient", database: Database
) -> None:
    database.write(
        """
        CREATE (:AlgorithmRun {run_id: 'alerts-1', algorithm: 'alerts', version: '1',
                kind: 'score', is_current: true, as_of: datetime('2026-02-01T00:00:00Z'),
                started_at: datetime('2026-02-02T03:00:00Z'), metrics: '{}'})
        WITH 1 AS one
        MATCH (a:Alert) DETACH DELETE a
        WITH DISTINCT 1 AS one
        MATCH (c:Customer {customer_id: 'ann'})
        CREATE (c)-[:HAS_ALERT]->(:Alert {alert_id: 'a3', rule: 'sleeping', is_open: true,
                opened_at: datetime('2026-01-01T00:00:00Z'),
                evidence: '{"days": 100, "purchases": 2, "last_purchase_at": "2025-09-23"}'})
        """
    )

    told = {one["algorithm"]: one["text"] for one in explanations_of_ann(api)}

    assert told["alerts"] == (
        "Sleeping since 2026-01-01: No purchase for 100 days, after 2 purchases until 2025-09-23."
    )
    assert "rfm" in told


def explanations_of_ann(api: "TestClient") -> list[dict[str, str]]:
    found: list[dict[str, str]] = fetch(api, "/v1/customers/ann/explanations")["items"]
    return found


def test_after_a_merge_nothing_is_explained_by_an_older_run(
    api: "TestClient", database: Database
) -> None:
    database.write(
        "MATCH (c:Customer {customer_id: 'ann'}) "
        "SET c.customer_changed_at = datetime('2026-03-01T00:00:00Z')"
    )

    assert fetch(api, "/v1/customers/ann/explanations")["items"] == []


def test_nobody_is_not_explained_and_a_merged_id_leads_on(api: "TestClient") -> None:
    assert api.get("/v1/customers/nobody/explanations").status_code == 404
    moved = api.get("/v1/customers/anna/explanations", follow_redirects=False)
    assert moved.status_code == 308


def test_a_store_is_shown_with_its_scores_and_none_is_made_up(api: "TestClient") -> None:
    found = fetch(api, "/v1/stores/S1")

    assert found["store_id"] == "S1"
    assert {score["state"] for score in found["scores"].values()} <= {"not-run", "absent"}
    assert api.get("/v1/stores/S/none").status_code == 404
