"""The service while its database is away, and what it lets out of what it knows."""

import json
from typing import TYPE_CHECKING

import pytest
from pydantic import BaseModel

from api.models import account_page_model, order_model, page_of, partner_model, profile_model
from api.roles import GRANTED, Permission, Role
from graph import server
from graph.session import Database, connect
from graph.settings import Settings
from graph.spec import GraphSpec
from tests.serving import fetch, key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


@pytest.fixture
def spec() -> GraphSpec:
    from algorithms.registry import computed_spec

    return computed_spec()


def test_the_service_opens_the_database_by_itself(company: Settings) -> None:
    with serving(company) as client:
        client.headers.update(key_of(company))

        assert fetch(client, "/v1/customers/ann")["customer_id"] == "ann"


def test_the_service_goes_on_when_the_database_was_restarted(company: Settings) -> None:
    with serving(company) as client:
        client.headers.update(key_of(company))
        fetch(client, "/v1/customers/ann")

        server.stop(company)
        away = client.get("/v1/customers/ann")
        alive = client.get("/healthz")
        server.start(company)
        back = client.get("/v1/customers/ann")

    assert away.status_code == 503
    assert int(away.headers["Retry-After"]) > 0
    assert alive.status_code == 200
    assert back.status_code == 200


def test_an_import_is_answered_with_when_to_come_back_and_then_it_is_over(
    company: Settings,
) -> None:
    journal = company.home / "journal.json"
    held = {"load_id": "l1", "state": "importing", "loaded_at": 0, "moves": {}, "removals": []}
    with serving(company) as client:
        client.headers.update(key_of(company))
        fetch(client, "/v1/customers/ann")
        journal.write_text(json.dumps(held))
        try:
            problem = fetch(client, "/v1/customers/ann", status=503)
            unready = fetch(client, "/readyz", status=503)
        finally:
            journal.unlink()
        again = fetch(client, "/v1/customers/ann")

    assert problem["code"] == unready["code"] == "importing-error"
    assert again["customer_id"] == "ann"


def test_a_database_of_the_caller_stays_open(company: Settings) -> None:
    with connect(company) as database:
        with serving(company, database) as client:
            client.headers.update(key_of(company))
            fetch(client, "/v1/customers/ann")

        assert database.read("RETURN 1 AS one") == [{"one": 1}]


def test_answers_are_what_the_models_promise(api: "TestClient", spec: GraphSpec) -> None:
    promised: dict[str, type[BaseModel]] = {
        "/v1/customers/ann": profile_model(spec),
        "/v1/customers/ben": profile_model(spec),
        "/v1/customers/ann/accounts": page_of(account_page_model(spec)),
        "/v1/customers/ann/orders": page_of(order_model(spec)),
        "/v1/products/tea/green/also-bought": page_of(partner_model(spec, "Product")),
    }

    for path, model in promised.items():
        answer = fetch(api, path)
        assert model.model_validate(answer).model_dump(mode="json") == answer


def test_markup_in_a_nickname_stays_text(api: "TestClient", database: Database) -> None:
    name = "</script><img src=x onerror=alert(1)>'\"{{7*7}}"
    database.write("MATCH (a:Account {account_id: 'forum:b'}) SET a.handle = $name", {"name": name})

    response = api.get("/v1/customers/ben")

    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.json()["accounts"]["forum"][0]["facts"]["handle"]["value"] == name


@pytest.mark.parametrize("role", [r for r in Role if Permission.IDENTITY not in GRANTED[r]])
def test_no_role_without_identities_sees_a_mask_anywhere(
    api: "TestClient", company: Settings, *, role: Role
) -> None:
    headers = key_of(company, role)
    paths = (
        "/v1/customers/ann",
        "/v1/customers/ann/accounts",
        "/v1/customers/ann/orders",
        "/v1/products/tea/green",
        "/v1/runs",
        "/v1/schema",
        "/metrics",
    )

    for path in paths:
        assert "138****5678" not in api.get(path, headers=headers).text


def test_a_refused_request_asks_the_database_nothing(api: "TestClient", company: Settings) -> None:
    api.get("/v1/customers/ann", headers=key_of(company, Role.VIEWER))

    text = api.get("/metrics").text

    assert 'kith_query_seconds_count{route="/v1/customers/{customer_id}"}' not in text


def test_many_ask_at_once_and_each_gets_an_answer_of_its_own(api: "TestClient") -> None:
    from concurrent.futures import ThreadPoolExecutor

    wanted = ["ann", "ben"] * 20
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda id_: fetch(api, f"/v1/customers/{id_}"), wanted))

    assert [customer["customer_id"] for customer in found] == wanted


def test_two_languages_at_once_do_not_mix(api: "TestClient") -> None:
    from concurrent.futures import ThreadPoolExecutor

    def gender(language: str) -> str:
        headers = {"Accept-Language": language}
        customer = api.get("/v1/customers/ann", headers=headers).json()
        return str(customer["accounts"]["crm"][0]["facts"]["gender"]["about"])

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(gender, ["zh", "en"] * 20))

    assert found == ["性别", "Gender"] * 20
