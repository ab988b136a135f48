"""What the OpenAPI document promises a program, against the routes and real answers."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api.app import routed
from api.http import (
    catalogue,
    circles,
    customers,
    cypher,
    declarations,
    identity,
    knowledge,
    leaders,
    seeding,
    segments,
)
from api.http.access import PERMISSION, PermittedRoute
from api.http.openapi import document
from api.roles import GRANTED, Permission, Role
from graph.settings import Settings, read_settings
from tests.serving import key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient

APP = routed()
DOCUMENT = document(APP)
OPERATIONS = [
    pytest.param(method, path, operation, id=f"{method} {path}")
    for path, held in DOCUMENT["paths"].items()
    for method, operation in held.items()
]
every_operation = pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
MODULES = (
    catalogue,
    customers,
    cypher,
    declarations,
    identity,
    knowledge,
    segments,
    circles,
    leaders,
    seeding,
)
ROUTERS = [module.router for module in MODULES]
ROUTES = [r for router in ROUTERS for r in router.routes if isinstance(r, PermittedRoute)]
# answers that need no database
ANSWERED = ["/v1/tables", "/v1/tables/orders", "/v1/queries", "/healthz", "/problems"]
# requests that fail before any database is asked, and how
REFUSED = [
    ("get", "/v1/runs", "/v1/runs?limit=0", 422),
    ("get", "/v1/runs", "/v1/runs?cursor=AAAA", 422),
    ("get", "/v1/customers/{customer_id}/orders", "/v1/customers/c/orders?limit=501", 422),
    ("get", "/v1/tables/{name}", "/v1/tables/nonsense", 404),
    ("get", "/v1/algorithms/{name}", "/v1/algorithms/nonsense", 404),
    ("get", "/v1/customers/{customer_id}", "/v1/customers/c", 503),
    ("post", "/v1/customers/lookup", "/v1/customers/lookup", 422),
    ("post", "/v1/cypher", "/v1/cypher", 422),
    ("get", "/v1/identity/review", "/v1/identity/review?kind=nonsense", 422),
    ("get", "/v1/identity/simulate", "/v1/identity/simulate?verb=undo", 422),
    ("post", "/v1/identity/decisions", "/v1/identity/decisions", 422),
    ("get", "/v1/customers/{customer_id}/history", "/v1/customers/c/history?as_of=never", 422),
]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    journal = {"load_id": "l1", "state": "importing", "loaded_at": 0, "moves": {}, "removals": []}
    (tmp_path / "journal.json").write_text(json.dumps(journal))
    return read_settings(home=tmp_path)


@pytest.fixture
def client(home: Settings) -> "Iterator[TestClient]":
    with serving(home) as served:
        yield served


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to the schema that it names."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def misfits(value: object, schema: dict[str, Any], *, at: str = "$") -> list[str]:
    """Return where ``value`` breaks ``schema``: the part of JSON Schema that the document uses."""
    schema = resolved(schema)
    if "anyOf" in schema:
        found = [misfits(value, option, at=at) for option in schema["anyOf"]]
        return min(found, key=len)
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: not one of {schema['enum']}"]
    if "const" in schema and value != schema["const"]:
        return [f"{at}: not {schema['const']}"]
    return _misfit_of_type(value, schema, at=at)


def _misfit_of_type(value: object, schema: dict[str, Any], *, at: str) -> list[str]:
    kinds: dict[str, tuple[type, ...]] = {
        "object": (dict,),
        "array": (list,),
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
        "null": (type(None),),
    }
    kind = schema.get("type")
    if kind is None:
        return []
    is_flag = isinstance(value, bool) and kind != "boolean"
    if is_flag or not isinstance(value, kinds[kind]):
        return [f"{at}: {type(value).__name__} is no {kind}"]
    if isinstance(value, list):
        parts = [misfits(v, schema["items"], at=f"{at}[{n}]") for n, v in enumerate(value)]
        return [found for part in parts for found in part]
    return _misfits_of_object(value, schema, at=at) if isinstance(value, dict) else []


def _misfits_of_object(value: dict[str, Any], schema: dict[str, Any], *, at: str) -> list[str]:
    known = schema.get("properties", {})
    found = [f"{at}.{name}: missing" for name in schema.get("required", ()) if name not in value]
    others = schema.get("additionalProperties", {})
    for name, part in value.items():
        expected = known.get(name, others if isinstance(others, dict) else {})
        found += misfits(part, expected, at=f"{at}.{name}")
    return found


# ---------------------------------------------------------------- routes and permissions


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_route_under_v1_names_a_permission_that_some_role_has(route: PermittedRoute) -> None:
    having = [role for role in Role if route.permission in GRANTED[role]]

    assert route.path.startswith("/v1/")
    assert isinstance(route.permission, Permission)
    assert Role.ADMIN in having


def test_no_route_under_v1_goes_without_the_door() -> None:
    under = {path for path in DOCUMENT["paths"] if path.startswith("/v1")}

    assert under == {route.path_format for route in ROUTES}
    assert all(isinstance(r, PermittedRoute) for router in ROUTERS for r in router.routes)


def test_every_route_is_in_the_document_with_its_permission() -> None:
    documented = {
        (method, path): operation[PERMISSION]
        for path, held in DOCUMENT["paths"].items()
        for method, operation in held.items()
        if PERMISSION in operation
    }

    # the document leaves out how much of an address a parameter takes
    routes = {
        (method.lower(), route.path_format): route.permission.value
        for route in ROUTES
        for method in route.methods or ()
    }
    assert documented == routes


# ---------------------------------------------------------------- declared failures


@every_operation
def test_every_parameter_of_an_address_is_declared_and_required(
    method: str, path: str, operation: Any
) -> None:
    declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}

    assert declared == set(re.findall(r"{(\w+)}", path)), method
    assert all(p["required"] for p in operation.get("parameters", []) if p["in"] == "path")


@every_operation
def test_an_address_with_a_key_in_it_can_be_not_found(
    method: str, path: str, operation: Any
) -> None:
    is_by_key = path.startswith("/v1/") and "{" in path

    assert ("404" in operation["responses"]) >= is_by_key, method


@every_operation
def test_only_customers_move_and_retire(method: str, path: str, operation: Any) -> None:
    is_customer = "{customer_id}" in path

    assert ({"308", "410"} <= set(operation["responses"])) is is_customer, method


@every_operation
def test_every_answer_under_v1_has_a_model_and_a_digest(
    method: str, path: str, operation: Any
) -> None:
    if not path.startswith("/v1/"):
        return
    responses = operation["responses"]
    answered = responses["201" if "201" in responses else "200"]

    assert "$ref" in answered["content"]["application/json"]["schema"], method
    # what was created is told once: there is nothing to ask for again by its digest
    assert ("headers" in answered) is ("200" in responses)
    assert answered.get("headers", {}) in ({}, {"ETag": {"schema": {"type": "string"}}})


@every_operation
def test_whoever_may_meet_another_writer_is_told_so(method: str, path: str, operation: Any) -> None:
    is_steward = operation.get(PERMISSION) == Permission.STEWARD.value

    assert ({"404", "409"} <= set(operation["responses"])) is is_steward, (method, path)


@every_operation
def test_whatever_creates_something_asks_for_the_name_of_the_request(
    method: str, path: str, operation: Any
) -> None:
    named = [p for p in operation.get("parameters", []) if p["name"] == "Idempotency-Key"]

    assert [p["required"] for p in named] == ([True] if "201" in operation["responses"] else [])
    assert ("201" in operation["responses"]) <= (method == "post"), path


@every_operation
def test_a_purpose_can_be_given_wherever_something_is_recorded(
    method: str, path: str, operation: Any
) -> None:
    named = [p["name"] for p in operation.get("parameters", []) if p["in"] == "header"]

    assert named.count("X-Purpose") == (1 if PERMISSION in operation else 0), (method, path)


@pytest.mark.parametrize(("method", "template", "address", "status"), REFUSED)
def test_a_refusal_is_declared_and_fits_the_schema_of_problems(
    client: "TestClient", home: Settings, *, method: str, template: str, address: str, status: int
) -> None:
    response = client.request(method, address, headers=key_of(home))

    assert response.status_code == status
    assert str(status) in DOCUMENT["paths"][template][method]["responses"]
    assert misfits(response.json(), {"$ref": "#/components/schemas/Problem"}) == []


@pytest.mark.parametrize(("role", "status"), [(None, 401), (Role.VIEWER, 403)])
def test_a_closed_door_is_declared_and_a_problem(
    client: "TestClient", home: Settings, *, role: Role | None, status: int
) -> None:
    headers = {} if role is None else key_of(home, role)

    response = client.get("/v1/customers/c1", headers=headers)

    assert response.status_code == status
    assert str(status) in DOCUMENT["paths"]["/v1/customers/{customer_id}"]["get"]["responses"]
    assert misfits(response.json(), {"$ref": "#/components/schemas/Problem"}) == []


# ---------------------------------------------------------------- answers against schemas


@pytest.mark.parametrize("address", ANSWERED)
def test_a_real_answer_fits_its_schema(client: "TestClient", home: Settings, address: str) -> None:
    template = re.sub(r"(/v1/tables)/\w+", r"\1/{name}", address)
    content = DOCUMENT["paths"][template]["get"]["responses"]["200"]["content"]

    answer = client.get(address, headers=key_of(home)).json()

    assert misfits(answer, content["application/json"]["schema"]) == []
    assert answer


@pytest.mark.parametrize(
    ("value", "n_misfits"),
    [({"items": []}, 0), ({}, 1), ({"items": None}, 1), ({"items": [1, {}]}, 4), ([], 1)],
)
def test_what_does_not_fit_is_noticed(value: object, n_misfits: int) -> None:
    # a brief has three required texts: {} lacks all three, and 1 is no brief
    schema = {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": "#/components/schemas/TableBrief"}}
        },
    }

    assert len(misfits(value, schema)) == n_misfits


def test_every_schema_is_used_by_some_operation() -> None:
    text = json.dumps(DOCUMENT)

    for name in DOCUMENT["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text, name


def test_every_value_that_is_shown_comes_with_unit_meaning_and_basis() -> None:
    shown = [s for name, s in DOCUMENT["components"]["schemas"].items() if name.startswith("Shown")]

    assert len(shown) > 3
    for schema in shown:
        assert {"unit", "about", "basis"} <= set(schema["required"])
        assert set(schema["properties"]["basis"]["enum"]) == {"observed", "inferred"}
