"""Listings, articles, runs and declarations out of a real graph."""

from typing import TYPE_CHECKING, Any

import pytest

from algorithms.registry import computed_spec
from graph.ddl import install
from graph.session import Database
from tests.serving import fetch

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


def pages(api: "TestClient", path: str) -> list[list[Any]]:
    """Follow a listing to its end and return its pages."""
    found, following = [], path
    while following:
        page = fetch(api, following)
        found.append(page["items"])
        following = page["next"]
    return found


def ids(found: list[list[Any]], name: str) -> list[list[str]]:
    return [[item[name] for item in page] for page in found]


# ---------------------------------------------------------------- customers


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["web:2"], ["till:2"], ["till:1"], ["web:1"]]),
        (2, [["web:2", "till:2"], ["till:1", "web:1"]]),
        (3, [["web:2", "till:2", "till:1"], ["web:1"]]),
        (4, [["web:2", "till:2", "till:1", "web:1"]]),
        (500, [["web:2", "till:2", "till:1", "web:1"]]),
    ],
)
def test_orders_are_listed_latest_first_on_pages_of_any_size(
    api: "TestClient", limit: int, *, expected: list[list[str]]
) -> None:
    found = pages(api, f"/v1/customers/ann/orders?limit={limit}")

    assert ids(found, "order_id") == expected


def test_orders_of_one_instant_are_neither_lost_nor_repeated_between_pages(
    api: "TestClient", database: Database
) -> None:
    database.write(
        "MATCH (a:Account {account_id: 'forum:b'}) UNWIND range(1, 25) AS i "
        "CREATE (a)-[:PLACED]->(:Order {order_id: 'o' + i, "
        "ordered_at: datetime('2026-01-01T00:00:00Z')})"
    )

    found = pages(api, "/v1/customers/ben/orders?limit=4")

    listed = [order_id for page in ids(found, "order_id") for order_id in page]
    assert len(listed) == len(set(listed)) == 25
    assert listed == sorted(listed)


def test_an_order_that_arrives_meanwhile_shifts_no_page(
    api: "TestClient", database: Database
) -> None:
    first = fetch(api, "/v1/customers/ann/orders?limit=2")
    database.write(
        "MATCH (a:Account {account_id: 'crm:1'}) CREATE (a)-[:PLACED]->"
        "(:Order {order_id: 'new', ordered_at: datetime('2026-09-01T00:00:00Z')})"
    )

    second = fetch(api, first["next"])

    assert [order["order_id"] for order in second["items"]] == ["till:1", "web:1"]


def test_an_order_shows_what_it_was_worth_and_where(api: "TestClient") -> None:
    orders = {o["order_id"]: o for o in fetch(api, "/v1/customers/ann/orders")["items"]}

    assert (orders["web:1"]["value"], orders["web:1"]["n_lines"]) == (40.1, 2)
    assert orders["web:1"]["store_id"] is None
    assert (orders["till:2"]["value"], orders["till:2"]["n_lines"]) == (-5.0, 0)
    assert orders["till:1"]["store_id"] == "S1"
    assert orders["till:1"]["account_id"] == "till:9"
    assert orders["web:2"]["facts"]["status"]["value"] == "cancelled"


def test_accounts_are_listed_with_their_own_identifiers(api: "TestClient") -> None:
    member, card = fetch(api, "/v1/customers/ann/accounts")["items"]

    assert (member["account_id"], card["account_id"]) == ("crm:1", "till:9")
    assert member["identifiers"][0]["masked"] == "138****5678"
    assert member["identifiers"][0]["first_seen_at"] == "2025-03-01T08:00:00Z"
    assert card["identifiers"][0]["first_seen_at"] == "2025-02-01T08:00:00Z"
    assert card["identifiers"][0]["sources"] == ["till"]


def test_accounts_go_on_page_by_page(api: "TestClient") -> None:
    found = pages(api, "/v1/customers/ann/accounts?limit=1")

    assert ids(found, "account_id") == [["crm:1"], ["till:9"]]


def test_an_account_without_identifiers_has_an_empty_list(api: "TestClient") -> None:
    (fan,) = fetch(api, "/v1/customers/ben/accounts")["items"]

    assert fan["identifiers"] == []
    assert fan["facts"]["handle"]["value"] == "本"


def test_a_listing_of_nobody_says_so(api: "TestClient") -> None:
    fetch(api, "/v1/customers/nobody/orders", status=404)
    fetch(api, "/v1/customers/gone/accounts", status=410)


def test_a_cursor_of_one_customer_is_refused_by_another(api: "TestClient") -> None:
    cursor = fetch(api, "/v1/customers/ann/orders?limit=1")["next"].partition("cursor=")[2]

    problem = fetch(api, f"/v1/customers/ben/orders?cursor={cursor}", status=422)

    assert problem["code"] == "cursor-error"


# ---------------------------------------------------------------- look-up


@pytest.mark.parametrize(
    "value", ["13812345678", "+86 138 1234 5678", "138-1234-5678", "１３８１２３４５６７８"]
)
def test_a_phone_is_found_however_it_is_written(api: "TestClient", value: str) -> None:
    found = api.post("/v1/customers/lookup", json={"kind": "phone", "value": value}).json()

    assert found == {
        "kind": "phone",
        "masked": "138****5678",
        "state": "linking",
        "customers": [{"customer_id": "ann", "n_accounts": 2, "sources": ["crm", "till"]}],
    }


def test_an_identifier_that_was_never_seen_belongs_to_nobody(api: "TestClient") -> None:
    response = api.post("/v1/customers/lookup", json={"kind": "phone", "value": "13900000000"})

    assert response.status_code == 200
    assert response.json() == {"kind": "phone", "masked": None, "state": None, "customers": []}


def test_the_same_value_of_another_kind_is_another_identifier(api: "TestClient") -> None:
    wanted = {"kind": "member_no", "value": "13812345678"}

    assert api.post("/v1/customers/lookup", json=wanted).json()["customers"] == []


def test_a_scope_makes_another_identifier(api: "TestClient") -> None:
    wanted = {"kind": "phone", "value": "13812345678", "scope": "partner"}

    assert api.post("/v1/customers/lookup", json=wanted).json()["customers"] == []


# ---------------------------------------------------------------- catalogue


def test_a_product_whose_key_holds_a_slash_is_found(api: "TestClient") -> None:
    tea = fetch(api, "/v1/products/tea/green")

    assert tea["product_id"] == "tea/green"
    assert (tea["category_ids"], tea["brand_ids"]) == (["food/drinks"], ["云"])
    assert tea["facts"]["name"]["value"] == "绿茶"
    assert tea["facts"]["price"]["value"] == 20.05
    assert tea["scores"]["copurchase"]["values"]["copurchase_best_partner_id"]["value"] == "cup"
    assert tea["scores"]["copurchase"]["run"]["run_id"] == "copurchase-1"


def test_partners_are_listed_by_lift_page_by_page(api: "TestClient") -> None:
    found = pages(api, "/v1/products/tea/green/also-bought?limit=1")

    assert ids(found, "id") == [["cup"], ["pot"]]
    assert found[0][0]["name"] == "杯子"
    assert found[0][0]["values"]["n"] == {
        "value": 30,
        "unit": "",
        "about": "Baskets with both",
        "basis": "inferred",
    }


def test_partners_of_equal_lift_are_neither_lost_nor_repeated(
    api: "TestClient", database: Database
) -> None:
    database.write(
        "MATCH (p:Product {product_id: 'pot'}) UNWIND range(1, 9) AS i "
        "CREATE (p)-[:ALSO_BOUGHT {lift: 1.1}]->(:Product {product_id: 'q' + i})"
    )

    found = pages(api, "/v1/products/pot/also-bought?limit=2")

    listed = [id_ for page in ids(found, "id") for id_ in page]
    assert listed == [f"q{n}" for n in range(1, 10)]


def test_a_rule_counts_from_its_own_side_only(api: "TestClient") -> None:
    assert fetch(api, "/v1/products/cup/also-bought")["items"] == []


def test_a_category_whose_key_holds_a_slash_has_partners(api: "TestClient") -> None:
    (ware,) = fetch(api, "/v1/categories/food/drinks/also-bought")["items"]

    assert (ware["id"], ware["values"]["lift"]["value"]) == ("ware", 1.25)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/products/none", "product-not-found-error"),
        ("/v1/products/none/also-bought", "product-not-found-error"),
        ("/v1/categories/none/also-bought", "category-not-found-error"),
        ("/v1/runs/none", "run-not-found-error"),
        ("/v1/algorithms/none", "unknown-algorithm-error"),
        ("/v1/tables/none", "table-not-found-error"),
    ],
)
def test_what_does_not_exist_is_named_by_its_kind(
    api: "TestClient", path: str, *, code: str
) -> None:
    assert fetch(api, path, status=404)["code"] == code


# ---------------------------------------------------------------- runs and declarations


def test_runs_are_listed_latest_first(api: "TestClient") -> None:
    found = pages(api, "/v1/runs?limit=2")

    assert ids(found, "run_id") == [["copurchase-1", "rfm-2"], ["rfm-1"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("algorithm=rfm", ["rfm-2", "rfm-1"]),
        ("current=true", ["copurchase-1", "rfm-2"]),
        ("current=false", ["rfm-1"]),
        ("algorithm=rfm&current=true", ["rfm-2"]),
        ("algorithm=nothing", []),
    ],
)
def test_runs_can_be_chosen(api: "TestClient", query: str, *, expected: list[str]) -> None:
    runs = fetch(api, f"/v1/runs?{query}")["items"]

    assert [run["run_id"] for run in runs] == expected


def test_a_choice_is_kept_from_page_to_page(api: "TestClient") -> None:
    found = pages(api, "/v1/runs?algorithm=rfm&limit=1")

    assert ids(found, "run_id") == [["rfm-2"], ["rfm-1"]]


def test_a_run_shows_everything_noted_of_it_as_json(api: "TestClient") -> None:
    run = fetch(api, "/v1/runs/rfm-2")

    assert run["parameters"] == {"bands": 5}
    assert run["counts"] == {"customers": 1}
    assert run["metrics"] == {"edges": [1, 2]}
    assert (run["seconds"], run["is_current"], run["kind"]) == (1.5, True, "score")


def test_algorithms_name_the_run_that_stands_in_the_graph(api: "TestClient") -> None:
    runs = {a["name"]: a["run"] for a in fetch(api, "/v1/algorithms")["items"]}

    assert runs["rfm"]["run_id"] == "rfm-2"
    assert runs["rollup"] is None


def test_an_algorithm_says_what_it_reads_writes_and_takes(api: "TestClient") -> None:
    rfm = fetch(api, "/v1/algorithms/rfm")

    assert "orders" in rfm["reads"]
    written = {p["name"]: p for p in rfm["writes"]["Customer"]}
    assert written["rfm_recency_days"]["unit"] == "days"
    assert written["rfm_recency_days"]["owner"] == "rfm"
    assert all(parameter["about"] for parameter in rfm["parameters"])


def test_the_schema_counts_the_nodes_of_every_label(api: "TestClient") -> None:
    schema = fetch(api, "/v1/schema")

    counts = {node["label"]: node["n"] for node in schema["nodes"]}
    assert (counts["Customer"], counts["Account"], counts["Order"]) == (2, 3, 4)
    assert counts["Campaign"] == 0
    assert {"type": "PLACED", "start": "Account", "end": "Order"}.items() <= next(
        link for link in schema["relationships"] if link["type"] == "PLACED"
    ).items()


def test_a_table_of_sources_says_which_columns_are_personal(api: "TestClient") -> None:
    columns = {c["name"]: c for c in fetch(api, "/v1/tables/accounts")["columns"]}

    assert columns["full_name"]["personal"]
    assert not columns["city"]["personal"]


def test_a_table_of_knowledge_has_columns_with_meanings(api: "TestClient") -> None:
    table = fetch(api, "/v1/tables/also_bought")

    columns = {c["name"]: c for c in table["columns"]}
    assert table["origin"] == "algorithms"
    assert columns["lift"]["owner"] == "copurchase"


# ---------------------------------------------------------------- health


def test_the_service_is_ready_when_every_index_serves(api: "TestClient") -> None:
    assert fetch(api, "/readyz")["status"] == "ready"


def test_the_service_is_not_ready_without_an_index(api: "TestClient", database: Database) -> None:
    database.run_auto("DROP CONSTRAINT customer_customer_id")

    problem = fetch(api, "/readyz", status=503)
    install(database, computed_spec())

    assert fetch(api, "/readyz")["status"] == "ready"
    assert problem["code"] == "not-ready-error"
    assert "customer_customer_id" in problem["detail"]


def test_metrics_tell_the_age_of_every_current_score(api: "TestClient") -> None:
    text = api.get("/metrics").text

    ages = {
        line.split('"')[1]: float(line.rsplit(" ", 1)[1])
        for line in text.splitlines()
        if line.startswith("kith_score_age_seconds{")
    }
    assert set(ages) == {"rfm", "copurchase"}
    assert ages["rfm"] - ages["copurchase"] == pytest.approx(300, abs=1)
    assert "kith_database_up 1.0" in text


def test_questions_to_the_database_are_timed_by_route(api: "TestClient") -> None:
    api.get("/v1/customers/ann")

    text = api.get("/metrics").text

    assert 'kith_query_seconds_count{route="/v1/customers/{customer_id}"} 1' in text
