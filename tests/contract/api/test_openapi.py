"""The OpenAPI document: kept in the repository, complete, and readable by the page."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from algorithms.registry import computed_spec
from api.app import openapi_page, routed
from api.http.docs import written_down
from api.http.openapi import document

SNAPSHOT = Path(__file__).parents[3] / "docs" / "openapi.json"
DOCUMENT = document(routed())


def operations() -> list[Any]:
    return [
        pytest.param(path, operation, id=f"{method} {path}")
        for path, held in DOCUMENT["paths"].items()
        for method, operation in held.items()
    ]


def walk(node: object) -> Iterator[dict[str, object]]:
    """Go through every object of a document."""
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from walk(part)
    if isinstance(node, list):
        for part in node:
            yield from walk(part)


def test_the_document_in_the_repository_is_that_of_the_code() -> None:
    kept = SNAPSHOT.read_text(encoding="utf-8") if SNAPSHOT.exists() else ""

    assert kept == openapi_page(), "the API has changed; write docs/openapi.json again: make docs"


def test_the_document_is_the_same_every_time() -> None:
    assert openapi_page() == openapi_page()


def test_every_reference_leads_somewhere() -> None:
    names = set(DOCUMENT["components"]["schemas"])
    wanted = {
        str(node["$ref"]).rpartition("/")[2] for node in walk(DOCUMENT["paths"]) if "$ref" in node
    }
    nested = {
        str(node["$ref"]).rpartition("/")[2]
        for node in walk(DOCUMENT["components"])
        if "$ref" in node
    }

    assert (wanted | nested) <= names


@pytest.mark.parametrize(("path", "operation"), operations())
def test_every_operation_is_described_and_named_once(path: str, operation: Any) -> None:
    everywhere = [
        other["operationId"] for held in DOCUMENT["paths"].values() for other in held.values()
    ]

    assert operation["description"].strip().partition("\n")[0].endswith((".", ";"))
    assert everywhere.count(operation["operationId"]) == 1, path


@pytest.mark.parametrize(("path", "operation"), operations())
def test_every_operation_says_that_its_failures_are_problems(path: str, operation: Any) -> None:
    failures = {
        status: response
        for status, response in operation["responses"].items()
        if status == "default" or status >= "400"
    }

    assert "default" in failures, path
    for response in failures.values():
        schema = response["content"]["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize(("path", "operation"), operations())
def test_every_operation_under_v1_asks_for_a_key_and_one_permission(
    path: str, operation: Any
) -> None:
    if not path.startswith("/v1/"):
        assert "security" not in operation
        return

    assert operation["security"] == [{"bearer": []}, {"header": []}]
    assert isinstance(operation["x-permission"], str)
    assert {"401", "403", "422", "503"} <= set(operation["responses"])


@pytest.mark.parametrize(("path", "operation"), operations())
def test_every_listing_with_a_limit_names_its_maximum(path: str, operation: Any) -> None:
    limits = [p for p in operation.get("parameters", []) if p["name"] == "limit"]

    for limit in limits:
        assert limit["schema"]["maximum"] == 500, path
        assert "500" in limit["description"]


def test_every_score_of_every_algorithm_is_in_the_document() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    declared = {
        p.name
        for label in ("Customer", "Product")
        for p in computed_spec().nodes[label].properties
        if p.owner and p.owner != "identity"
    }

    shown = {
        name
        for title, schema in schemas.items()
        if title.endswith("Values")
        for name in schema["properties"]
    }

    assert declared
    assert declared <= shown


def test_no_clear_identifier_is_part_of_an_address() -> None:
    names = {
        parameter["name"]
        for held in DOCUMENT["paths"].values()
        for operation in held.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] in {"path", "query"}
    }

    assert not names & {"phone", "email", "value", "identifier", "key", "token"}


def test_the_page_gets_a_document_of_the_version_that_it_reads() -> None:
    written = json.dumps(written_down(DOCUMENT))

    assert '{"type": "null"}' not in written
    assert '"const"' not in written


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "T"},
            {"title": "T", "type": "string", "nullable": True},
        ),
        (
            {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
            {"anyOf": [{"$ref": "#/x"}], "nullable": True},
        ),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        ),
        ({"const": "ok"}, {"enum": ["ok"]}),
        (
            {"exclusiveMinimum": 0, "type": "number"},
            {"minimum": 0, "exclusiveMinimum": True, "type": "number"},
        ),
        ([{"const": 1}, "text", None], [{"enum": [1]}, "text", None]),
    ],
)
def test_what_newer_documents_say_is_written_down(newer: object, older: object) -> None:
    assert written_down(newer) == older
