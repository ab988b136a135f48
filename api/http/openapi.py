"""The OpenAPI document: what the framework derives, and what it cannot know.

The framework knows paths, parameters and models. Added here are how to show a key, that
every failure is a problem, which headers come with an answer, and where merged ids lead.
``docs/openapi.json`` keeps the document in the repository, so that a change of the API is
seen in a review.
"""

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.http.access import PERMISSION, PURPOSE
from api.problems import MEDIA_TYPE, InvalidValue, Problem

# Json is what a document is made of: its values are objects, lists and texts in turn
Json = dict[str, Any]

ABOUT = (
    "Customers as one graph knows them. Send a key as `Authorization: Bearer kith_...` or "
    "`X-API-Key`. Every failure is `application/problem+json` with a stable `code`. Listings go "
    "on by `next`; cursors are opaque. Answers carry an `ETag`; `If-None-Match` saves a body that "
    "is known. Texts follow `Accept-Language` (en, zh)."
)
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of `kith keys create`"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
FAILURES = {
    "401": "No key, or one that opens nothing",
    "403": "The role of the key lacks the permission",
    "422": "A parameter or the body does not fit",
    "503": "The database is away; Retry-After says when to ask again",
    "default": "Any other failure",
}
PURPOSE_HEADER = {
    "name": PURPOSE,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "Why it is asked; kept in the audit, so never a name or number of a person",
}


def document(app: FastAPI) -> Json:
    """Return the OpenAPI document of ``app``, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=ABOUT, routes=app.routes
        )
        app.openapi_schema = _completed(made)
    return app.openapi_schema


def openapi_text(app: FastAPI) -> str:
    """Return ``docs/openapi.json``."""
    return json.dumps(document(app), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _completed(made: Json) -> Json:
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (Problem, InvalidValue):
        schemas[model.__name__] = _schema(model)
    components["securitySchemes"] = SCHEMES
    for path, operations in made["paths"].items():
        for operation in operations.values():
            _complete(operation, path=path)
    return made


def _schema(model: type[Problem] | type[InvalidValue]) -> Json:
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs", None)
    return schema


def _complete(operation: Json, *, path: str) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    if PERMISSION not in operation:
        responses["default"] = _failure(FAILURES["default"])
        return
    responses |= {status: _failure(about) for status, about in FAILURES.items()}
    operation.setdefault("parameters", []).append(PURPOSE_HEADER)
    if "200" in responses:
        responses["200"]["headers"] = {"ETag": {"schema": {"type": "string"}}}
    if "{" in path or path.endswith("also-bought"):
        responses["404"] = _failure("There is no such thing")
    if "{customer_id}" in path:
        responses["308"] = {
            "description": "The customer was merged into another one",
            "headers": {"Location": {"schema": {"type": "string"}}},
        }
        responses["410"] = _failure("None of the customer's accounts is left")
    if path.endswith(("/decisions", "/simulate")):
        responses["404"] = _failure("An account, identifier, event or decision is not there")
        responses["409"] = _failure("It contradicts other decisions, or somebody else is writing")
    if path.endswith("/cypher"):
        responses["429"] = _failure("The key already runs as many queries as it may")


def _failure(about: str) -> Json:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": about, "content": {MEDIA_TYPE: {"schema": schema}}}
