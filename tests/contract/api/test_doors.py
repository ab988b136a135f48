"""Every address under /v1, by every role and by every key that opens nothing.

The database is away on purpose: what is let in finds nobody home, which is enough to tell
it from what is turned away, and needs no server. Which addresses there are is read off the
application, so that a new one is tested by existing.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.app import routed
from api.http.access import PERMISSION
from api.http.openapi import document
from api.keys import opened_keys
from api.roles import GRANTED, Permission, Role
from graph.settings import Settings, read_settings
from tests.serving import key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient

TURNED_AWAY = {401, 403}
BODIES: dict[str, object] = {
    "/v1/customers/lookup": {"kind": "phone", "value": "13812345678"},
    "/v1/cypher": {"query": "RETURN 1 AS one"},
    "/v1/seeds": {"budget": 3},
    "/v1/identity/decisions": {"verb": "undo", "undo": "d000001", "reason": "a slip"},
}


def doors() -> list[tuple[str, str, Permission]]:
    """Return method, address and permission of everything under /v1."""
    paths = document(routed())["paths"]
    return [
        (method.upper(), path, Permission(operation[PERMISSION]))
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith("/v1/")
    ]


DOORS = doors()
NAMES = [f"{method} {path}" for method, path, _ in DOORS]
# what the database's absence cannot hide: declarations are answered without it
DECIDED = {
    "GET /v1/customers/{customer_id}": "customers",
    "GET /v1/customers/{customer_id}/accounts": "identity",
    "GET /v1/customers/{customer_id}/orders": "customers",
    "GET /v1/customers/{customer_id}/identity": "identity",
    "GET /v1/customers/{customer_id}/history": "identity",
    "GET /v1/customers/{customer_id}/explanations": "customers",
    "GET /v1/leaders": "leaders",
    "GET /v1/leaders/bridges": "leaders",
    "GET /v1/leaders/{customer_id}": "leaders",
    "GET /v1/circles": "circles",
    "GET /v1/circles/changes": "circles",
    "GET /v1/circles/{circle_id}": "circles",
    "GET /v1/network": "network",
    "POST /v1/seeds": "seeds",
    "GET /v1/segments": "aggregates",
    "GET /v1/segments/{scheme}/{name}/members": "segments",
    "GET /v1/rfm/grid": "aggregates",
    "GET /v1/churn/model": "aggregates",
    "GET /v1/churn/survival": "aggregates",
    "GET /v1/alerts": "segments",
    "GET /v1/stores/{store_id}": "aggregates",
    "POST /v1/customers/lookup": "look-up",
    "GET /v1/identity/review": "identity",
    "POST /v1/identity/decisions": "steward",
    "GET /v1/identity/simulate": "steward",
    "GET /v1/products/{product_id}": "catalogue",
    "GET /v1/products/{product_id}/also-bought": "catalogue",
    "GET /v1/categories/{category_id}/also-bought": "catalogue",
    "GET /v1/algorithms": "runs",
    "GET /v1/algorithms/{name}": "runs",
    "GET /v1/runs": "runs",
    "GET /v1/runs/{run_id}": "runs",
    "GET /v1/tables": "schema",
    "GET /v1/tables/{name}": "schema",
    "GET /v1/schema": "schema",
    "GET /v1/queries": "schema",
    "POST /v1/cypher": "cypher",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home whose import never ends, so that no question reaches a database."""
    folder: Path = tmp_path_factory.mktemp("importing")
    journal = {"load_id": "l1", "state": "importing", "loaded_at": 0, "moves": {}, "removals": []}
    (folder / "journal.json").write_text(json.dumps(journal))
    return read_settings(home=folder)


@pytest.fixture(scope="module")
def client(home: Settings) -> "Iterator[TestClient]":
    with serving(home) as served:
        yield served


@pytest.fixture(scope="module")
def keys(home: Settings) -> dict[Role, dict[str, str]]:
    return {role: key_of(home, role) for role in Role}


def ask(client: "TestClient", door: tuple[str, str, Permission], *, headers: dict[str, str]) -> int:
    """Knock at a door and return the status."""
    method, path, _ = door
    address = path.replace("{", "").replace("}", "")
    response = client.request(method, address, headers=headers, json=BODIES.get(path))
    return int(response.status_code)


def test_the_addresses_and_their_permissions_are_those_decided() -> None:
    found = {f"{method} {path}": permission.value for method, path, permission in DOORS}

    assert found == DECIDED


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
@pytest.mark.parametrize("role", list(Role))
def test_a_role_enters_where_it_is_granted_the_permission_and_nowhere_else(
    client: "TestClient",
    keys: dict[Role, dict[str, str]],
    *,
    door: tuple[str, str, Permission],
    role: Role,
) -> None:
    status = ask(client, door, headers=keys[role])

    if door[2] in GRANTED[role]:
        assert status not in TURNED_AWAY
    else:
        assert status == 403


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no key"),
        pytest.param({"Authorization": "Bearer "}, id="empty key"),
        pytest.param({"Authorization": "Bearer kith_0000000000_wrong"}, id="wrong key"),
        pytest.param({"X-API-Key": "kith_0000000000_wrong"}, id="wrong key in the other header"),
        pytest.param({"Authorization": "Basic a2l0aDpraXRo"}, id="another scheme"),
        pytest.param({"Cookie": "key=kith_0000000000_wrong"}, id="cookie"),
    ],
)
def test_nobody_enters_without_a_key_of_ours(
    client: "TestClient", door: tuple[str, str, Permission], *, headers: dict[str, str]
) -> None:
    assert ask(client, door, headers=headers) == 401


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_a_revoked_key_enters_nowhere(
    client: "TestClient", home: Settings, *, door: tuple[str, str, Permission]
) -> None:
    headers = key_of(home, Role.ADMIN)
    with opened_keys(home) as keys:
        keys.revoke(headers["Authorization"].removeprefix("Bearer "))

    assert ask(client, door, headers=headers) == 401


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_an_expired_key_enters_nowhere(
    client: "TestClient", home: Settings, *, door: tuple[str, str, Permission]
) -> None:
    from contextlib import closing

    from api.keys import KeyStore

    last_year = datetime.now(UTC) - timedelta(days=365)
    with closing(KeyStore(home.home / "keys.sqlite", clock=lambda: last_year)) as keys:
        token = keys.create("old", Role.ADMIN, lifetime=timedelta(days=1)).token

    assert ask(client, door, headers={"Authorization": f"Bearer {token}"}) == 401


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_a_key_in_the_address_opens_nothing(
    client: "TestClient", home: Settings, *, door: tuple[str, str, Permission]
) -> None:
    token = key_of(home, Role.ADMIN)["Authorization"].removeprefix("Bearer ")
    method, path, _ = door
    address = path.replace("{", "").replace("}", "")

    for name in ("key", "api_key", "token", "access_token"):
        response = client.request(method, f"{address}?{name}={token}", json=BODIES.get(path))
        assert response.status_code == 401


@pytest.mark.parametrize("door", DOORS, ids=NAMES)
def test_either_header_carries_the_key(
    client: "TestClient",
    keys: dict[Role, dict[str, str]],
    *,
    door: tuple[str, str, Permission],
) -> None:
    token = keys[Role.ADMIN]["Authorization"].removeprefix("Bearer ")

    assert ask(client, door, headers={"X-API-Key": token}) not in TURNED_AWAY
    assert ask(client, door, headers={"Authorization": f"bearer {token}"}) not in TURNED_AWAY


def test_the_key_is_looked_at_before_the_body(client: "TestClient") -> None:
    response = client.post("/v1/cypher", content=b"{not json")

    assert response.status_code == 401


def test_a_permission_is_looked_at_before_the_body(
    client: "TestClient", keys: dict[Role, dict[str, str]]
) -> None:
    response = client.post("/v1/cypher", content=b"{not json", headers=keys[Role.VIEWER])

    assert response.status_code == 403


def test_a_route_without_a_permission_cannot_be_declared() -> None:
    from api.http.access import v1

    router = v1()

    with pytest.raises(KeyError):
        router.get("/open")(lambda: None)


def test_what_lies_outside_v1_needs_no_key_and_says_nothing_of_customers() -> None:
    paths = [path for path in document(routed())["paths"] if not path.startswith("/v1/")]

    assert sorted(paths) == ["/healthz", "/metrics", "/problems", "/problems/{code}", "/readyz"]
