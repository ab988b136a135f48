"""Identity over HTTP: what each address answers, who may decide, and requests sent twice."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from algorithms.identity.decisions import decisions_file, read_decisions
from api.audit import verify
from api.roles import Role
from graph.lock import writing
from tests.serving import fetch, key_of, serving
from tests.steward_shop import StewardShop

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration

DECISIONS = "/v1/identity/decisions"
TOGETHER = {"verb": "together", "accounts": ["crm:1", "erp:1"], "reason": "same card shown"}


@pytest.fixture
def api(shop: StewardShop) -> "Iterator[TestClient]":
    """Serve three accounts of two customers, asked by a privacy officer."""
    shop.open("crm:1 member phone:1", "pos:1 card phone:1", "erp:1 member phone:2")
    with serving(shop.settings, shop.database) as client:
        client.headers.update(key_of(shop.settings, Role.PRIVACY))
        yield client


def decide(client: "TestClient", body: dict[str, Any], *, key: str = "a", status: int = 201) -> Any:
    response = client.post(DECISIONS, json=body, headers={"Idempotency-Key": key})
    assert response.status_code == status, response.text
    return response.json()


def n_recorded(shop: StewardShop) -> int:
    return len(read_decisions(decisions_file(shop.settings)))


def test_a_decision_is_answered_with_its_id_and_what_followed(
    api: "TestClient", shop: StewardShop
) -> None:
    answer = decide(api, TOGETHER)

    (decision,) = answer["decisions"]
    assert decision["decision_id"] == "d000001"
    assert decision["accounts"] == ["crm:1", "erp:1"]
    assert decision["actor"] == api.headers["Authorization"].split("_")[1]
    assert [event["kind"] for event in answer["events"]] == ["steward", "merged"]
    assert len(shop.groups()) == 1


def test_the_same_request_again_gets_the_first_answer(api: "TestClient", shop: StewardShop) -> None:
    first = decide(api, TOGETHER)

    again = decide(api, TOGETHER)

    assert again == first
    assert n_recorded(shop) == 1


def test_a_name_that_was_used_for_something_else_is_refused(
    api: "TestClient", shop: StewardShop
) -> None:
    decide(api, TOGETHER)

    refused = decide(api, {**TOGETHER, "verb": "apart"}, status=422)

    assert refused["code"] == "idempotency-key-reused-error"
    assert n_recorded(shop) == 1


def test_two_callers_may_use_one_name(api: "TestClient", shop: StewardShop) -> None:
    decide(api, TOGETHER)
    undo = {"verb": "undo", "undo": "d000001", "reason": "a slip"}

    api.headers.update(key_of(shop.settings, Role.ADMIN))
    decide(api, undo)

    assert len(shop.groups()) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({**TOGETHER, "accounts": ["crm:1", "crm:9"]}, 404, "party-not-found-error"),
        (
            {"verb": "block", "identifier": "nobody", "reason": "x"},
            404,
            "identifier-not-found-error",
        ),
        ({"verb": "undo", "undo": "d000009", "reason": "x"}, 404, "event-not-found-error"),
        ({"verb": "undo", "undo": "000000000001", "reason": "x"}, 422, "not-undoable-error"),
        ({**TOGETHER, "reason": "call 138 1234 5678"}, 422, "personal-reason-error"),
        ({**TOGETHER, "reason": " \n "}, 422, "reason-length-error"),
        ({**TOGETHER, "accounts": ["crm:1"]}, 422, "invalid-request-error"),
        ({**TOGETHER, "undo": "d000001"}, 422, "invalid-request-error"),
        ({"verb": "block", "reason": "x"}, 422, "invalid-request-error"),
        ({**TOGETHER, "accounts": ["crm:1", "crm:1"]}, 422, "same-account-error"),
    ],
)
def test_what_cannot_be_decided_is_a_problem_and_leaves_no_trace(
    api: "TestClient", shop: StewardShop, *, body: dict[str, Any], status: int, code: str
) -> None:
    refused = decide(api, body, status=status)

    assert refused["code"] == code
    assert "138" not in json.dumps(refused)
    assert n_recorded(shop) == 0


def test_a_contradiction_is_a_conflict(api: "TestClient") -> None:
    decide(api, TOGETHER)
    decide(api, {**TOGETHER, "accounts": ["erp:1", "pos:1"]}, key="b")

    refused = decide(
        api, {**TOGETHER, "verb": "apart", "accounts": ["crm:1", "pos:1"]}, key="c", status=409
    )

    assert refused["code"] == "contradiction-error"


def test_another_writer_is_a_conflict_and_may_be_waited_for(
    api: "TestClient", shop: StewardShop
) -> None:
    with writing(shop.settings, command="kith load"):
        response = api.post(DECISIONS, json=TOGETHER, headers={"Idempotency-Key": "a"})

    assert response.status_code == 409
    assert response.json()["code"] == "locked-error"
    assert response.headers["Retry-After"]
    assert n_recorded(shop) == 0


def test_a_decision_needs_a_name(api: "TestClient", shop: StewardShop) -> None:
    response = api.post(DECISIONS, json=TOGETHER)

    assert response.status_code == 422
    assert response.json()["errors"][0]["place"] == "header.Idempotency-Key"
    assert n_recorded(shop) == 0


def test_an_analyst_sees_identities_and_decides_nothing(
    api: "TestClient", shop: StewardShop
) -> None:
    customer = shop.customers()["crm:1"]
    api.headers.update(key_of(shop.settings, Role.ANALYST))

    fetch(api, f"/v1/customers/{customer}/identity")
    fetch(api, "/v1/identity/review")
    fetch(api, "/v1/identity/simulate?verb=apart&accounts=crm:1&accounts=pos:1", status=403)
    decide(api, TOGETHER, status=403)

    assert n_recorded(shop) == 0


def test_a_simulation_says_what_would_follow_and_records_nothing(
    api: "TestClient", shop: StewardShop
) -> None:
    before = shop.digest()
    undo = "/v1/identity/simulate?verb=apart&accounts=crm:1&accounts=pos:1"

    answer = fetch(api, undo)

    assert [e["kind"] for e in answer["events"] if e["kind"] != "steward"] == ["split"]
    assert (shop.digest(), n_recorded(shop)) == (before, 0)
    blocked = fetch(api, "/v1/identity/simulate?verb=block&identifier_key=phone:1")
    assert "split" in [event["kind"] for event in blocked["events"]]
    fetch(api, "/v1/identity/simulate?verb=block&accounts=crm:1", status=422)


def test_a_decision_leaves_a_record_in_the_audit_and_not_its_reason(
    api: "TestClient", shop: StewardShop
) -> None:
    folder = shop.settings.home / "audit"
    before = verify(folder).n_records

    decide(api, TOGETHER)

    assert verify(folder).n_records == before + 1
    last = json.loads(sorted(folder.glob("*.jsonl"))[-1].read_text().splitlines()[-1])
    assert (last["route"], last["status"], last["role"]) == (DECISIONS, 201, "privacy")
    assert "same card" not in json.dumps(last)


def test_the_identity_of_a_customer_is_masked_and_explained(
    api: "TestClient", shop: StewardShop
) -> None:
    customer = shop.customers()["crm:1"]

    found = fetch(api, f"/v1/customers/{customer}/identity")

    assert [a["account_id"] for a in found["accounts"]] == ["crm:1", "pos:1"]
    (step,) = found["steps"]
    assert (step["from"], step["to"], step["rule"]) == ("crm:1", "pos:1", "phone")


def test_the_past_of_a_customer_is_answered_also_under_a_merged_id(
    api: "TestClient", shop: StewardShop
) -> None:
    before = shop.customers()
    decide(api, TOGETHER)
    survivor = shop.customers()["crm:1"]
    (lost,) = {*before.values()} - {survivor}

    moved = api.get(f"/v1/customers/{lost}/history")
    then = fetch(api, f"/v1/customers/{lost}/history?as_of=2026-03-02T00:00:00")
    now = fetch(api, f"/v1/customers/{survivor}/history")

    assert moved.status_code == 308
    assert moved.headers["Location"] == f"/v1/customers/{survivor}/history"
    assert [a["account_id"] for a in then["accounts"]] == ["erp:1"]
    assert then["events"] == []
    assert now["merged_ids"] == [lost]
    assert {event["kind"] for event in now["events"]} == {"merged", "steward"}
    fetch(api, "/v1/customers/nobody/history", status=404)
    fetch(api, "/v1/customers/nobody/history?as_of=2026-03-02T00:00:00Z", status=404)


def test_the_queue_is_paged_like_every_listing(api: "TestClient", shop: StewardShop) -> None:
    shop.database.write(
        "MATCH (a:Customer) WITH collect(a) AS c "
        "FOREACH (one IN c | FOREACH (other IN c | "
        "CREATE (one)-[:LIKELY_SAME {probability: 0.85, by_field: '{}'}]->(other)))"
    )

    first = fetch(api, "/v1/identity/review?limit=3&kind=likely-same")
    second = fetch(api, first["next"])

    assert (len(first["items"]), len(second["items"]), second["next"]) == (3, 1, None)
    fetch(api, first["next"].replace("kind=likely-same", "kind=large"), status=422)


def test_sentences_follow_the_language(api: "TestClient", shop: StewardShop) -> None:
    customer = shop.customers()["crm:1"]

    response = api.get(f"/v1/customers/{customer}/identity", headers={"Accept-Language": "zh"})

    assert "共有手机号" in response.json()["steps"][0]["text"]
