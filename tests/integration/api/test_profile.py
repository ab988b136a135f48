"""One customer from all sides, out of a real graph."""

from typing import TYPE_CHECKING, Any

import pytest

from api.roles import Role
from graph.session import Database
from graph.settings import Settings
from tests.serving import fetch, key_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


def values(shown: Any) -> dict[str, object]:
    """Return the bare values of what is shown."""
    return {name: part["value"] for name, part in shown.items()}


def test_accounts_stand_under_their_source_with_why_they_are_one_person(
    api: "TestClient",
) -> None:
    accounts = fetch(api, "/v1/customers/ann")["accounts"]

    assert list(accounts) == ["crm", "till"]
    (member,) = accounts["crm"]
    assert (member["account_id"], member["rule"], member["confidence"]) == ("crm:1", "phone", 0.99)
    assert member["since"] == "2026-01-05T00:00:00Z"
    assert member["facts"]["card_tier"]["value"] == "gold"
    assert member["facts"]["attributes"]["value"] == {"shoe": 38}
    assert member["facts"]["registered_at"]["value"] == "2025-03-01T08:00:00Z"


def test_a_fact_says_that_it_was_observed_and_a_score_that_it_was_inferred(
    api: "TestClient",
) -> None:
    customer = fetch(api, "/v1/customers/ann")

    assert customer["accounts"]["crm"][0]["facts"]["gender"]["basis"] == "observed"
    recency = customer["scores"]["rfm"]["values"]["rfm_recency_days"]
    assert (recency["value"], recency["unit"], recency["basis"]) == (12.5, "days", "inferred")


def test_identifiers_are_masked_and_seen_over_all_accounts(api: "TestClient") -> None:
    (phone,) = fetch(api, "/v1/customers/ann")["identifiers"]

    assert phone == {
        "kind": "phone",
        "masked": "138****5678",
        "state": "linking",
        "reason": None,
        "first_seen_at": "2025-02-01T08:00:00Z",
        "last_seen_at": "2025-06-01T08:00:00Z",
        "sources": ["crm", "till"],
    }


def test_a_marketer_gets_the_customer_without_identifiers(
    api: "TestClient", company: Settings
) -> None:
    response = api.get("/v1/customers/ann", headers=key_of(company, Role.MARKETER))

    assert response.json()["identifiers"] is None
    assert response.json()["customer_id"] == "ann"
    assert "138****5678" not in response.text


def test_no_answer_holds_the_key_of_an_identifier(api: "TestClient", database: Database) -> None:
    (row,) = database.read("MATCH (i:Identifier) RETURN i.identifier_key AS key")

    for path in ("/v1/customers/ann", "/v1/customers/ann/accounts"):
        assert row["key"] not in api.get(path).text


def test_orders_are_worth_their_lines_or_their_own_amount(api: "TestClient") -> None:
    # 40.00 + 0.10 online, 30.20 in the shop, 5.00 back; 99.00 was cancelled
    orders = fetch(api, "/v1/customers/ann")["orders"]

    assert values(orders) == {
        "n_orders": 2,
        "spend": 65.3,
        "first_at": "2026-01-10T10:00:00Z",
        "last_at": "2026-01-20T10:00:00Z",
        "n_not_paid": 1,
    }


def test_the_six_sides_add_up_each_its_own(api: "TestClient") -> None:
    facets = fetch(api, "/v1/customers/ann")["facets"]

    assert values(facets["membership"])["card_tiers"] == ["gold"]
    assert values(facets["store"])["spend"] == 25.2
    assert values(facets["online"])["spend"] == 40.1
    assert values(facets["card"])["n_orders"] == 1
    assert values(facets["service"]) == {
        "n_tickets": 1,
        "n_open": 1,
        "kinds": ["complaint"],
        "last_at": "2026-02-01T00:00:00Z",
    }
    assert values(facets["community"])["n_posts"] == 1


def test_replies_count_for_who_writes_and_for_who_receives(api: "TestClient") -> None:
    # Ben asks, answers himself, and is greeted by Ann, who names him and not a post
    ben = values(fetch(api, "/v1/customers/ben")["facets"]["community"])
    ann = values(fetch(api, "/v1/customers/ann")["facets"]["community"])

    assert ben == {
        "n_posts": 2,
        "n_replies_written": 1,
        "n_replies_received": 2,
        "n_likes": 4,
        "last_at": "2026-01-02T00:00:00Z",
    }
    assert (ann["n_replies_written"], ann["n_replies_received"]) == (1, 0)


def test_a_customer_without_orders_is_whole_all_the_same(api: "TestClient") -> None:
    ben = fetch(api, "/v1/customers/ben")

    assert values(ben["orders"])["n_orders"] == 0
    assert values(ben["orders"])["spend"] is None
    assert (ben["identifiers"], ben["consents"]) == ([], [])


def test_the_latest_consent_is_shown(api: "TestClient") -> None:
    (consent,) = fetch(api, "/v1/customers/ann")["consents"]

    assert (consent["purpose"], consent["granted"]) == ("marketing", False)


def test_the_timeline_links_every_entry_to_its_record(api: "TestClient") -> None:
    timeline = fetch(api, "/v1/customers/ann")["timeline"]

    assert [(entry["kind"], entry["id"]) for entry in timeline] == [
        ("ticket", "call:1"),
        ("order", "web:2"),
        ("order", "till:2"),
        ("order", "till:1"),
        ("order", "web:1"),
        ("post", "forum:3"),
        ("consent", "crm:c2"),
        ("consent", "crm:c1"),
    ]


def test_a_score_names_its_run_and_its_date(api: "TestClient") -> None:
    rfm = fetch(api, "/v1/customers/ann")["scores"]["rfm"]

    assert rfm["state"] == "scored"
    assert rfm["run"]["run_id"] == "rfm-2"
    assert rfm["run"]["as_of"] == "2026-02-01T00:00:00Z"
    assert rfm["values"]["rfm_spend"]["value"] == 70.3


def test_what_was_never_run_and_what_says_nothing_are_told_apart(api: "TestClient") -> None:
    scores = fetch(api, "/v1/customers/ben")["scores"]

    assert scores["rfm"]["state"] == "absent"
    assert scores["rollup"]["state"] == "not-run"


def test_after_a_merge_a_customer_is_not_scored_until_the_next_run(
    api: "TestClient", database: Database
) -> None:
    database.write(
        "MATCH (c:Customer {customer_id: 'ann'}) "
        "SET c.customer_changed_at = datetime('2026-02-02T03:00:01Z')"
    )

    customer = api.get("/v1/customers/ann", headers={"Accept-Language": "zh"}).json()

    rfm = customer["scores"]["rfm"]
    assert rfm["state"] == "not-scored-since-merge"
    assert rfm["note"].startswith("合并后尚未评分")
    assert set(values(rfm["values"]).values()) == {None}
    assert customer["changed_at"] == "2026-02-02T03:00:01Z"


@pytest.mark.parametrize(("alias", "tail"), [("anne", ""), ("anna", ""), ("anna", "/orders")])
def test_a_merged_id_leads_to_the_survivor_through_every_merge_between(
    api: "TestClient", alias: str, *, tail: str
) -> None:
    response = api.get(f"/v1/customers/{alias}{tail}")

    assert response.status_code == 308
    assert response.headers["Location"] == f"/v1/customers/ann{tail}"
    followed = api.get(f"/v1/customers/{alias}{tail}", follow_redirects=True)
    assert followed.status_code == 200


def test_a_redirect_keeps_the_question(api: "TestClient") -> None:
    response = api.get("/v1/customers/anna/orders?limit=1")

    assert response.headers["Location"] == "/v1/customers/ann/orders?limit=1"


def test_a_retired_id_is_gone_and_an_unknown_one_was_never_there(api: "TestClient") -> None:
    assert fetch(api, "/v1/customers/gone", status=410)["code"] == "customer-retired-error"
    assert fetch(api, "/v1/customers/nobody", status=404)["code"] == "customer-not-found-error"


@pytest.mark.parametrize(
    "customer_id", ["' OR 1=1 --", "ann'}) DETACH DELETE c //", "%00", "安", "a" * 5000]
)
def test_an_id_is_a_value_whatever_it_holds(
    api: "TestClient", database: Database, *, customer_id: str
) -> None:
    response = api.get(f"/v1/customers/{customer_id}")

    assert response.status_code == 404
    assert database.read("MATCH (c:Customer) RETURN count(c) AS n") == [{"n": 2}]


def test_the_same_customer_has_the_same_digest_until_something_changes(
    api: "TestClient", database: Database
) -> None:
    first = api.get("/v1/customers/ann").headers["ETag"]

    known = api.get("/v1/customers/ann", headers={"If-None-Match": first})
    database.write("MATCH (a:Account {account_id: 'crm:1'}) SET a.card_tier = 'black'")
    changed = api.get("/v1/customers/ann", headers={"If-None-Match": first})

    assert known.status_code == 304
    assert changed.status_code == 200


def test_a_customer_with_very_many_accounts_is_shown_in_part(
    api: "TestClient", database: Database
) -> None:
    database.write(
        "MATCH (c:Customer {customer_id: 'ben'}) SET c.n_accounts = 301 WITH c "
        "UNWIND range(1, 300) AS i "
        "CREATE (:Account {account_id: 'forum:x' + i, source: 'forum'})-[:RESOLVED_TO]->(c)"
    )

    ben = fetch(api, "/v1/customers/ben")

    assert ben["n_accounts"] == 301
    assert len(ben["accounts"]["forum"]) == 100
