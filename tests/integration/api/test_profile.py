"""One customer from all sides, out of a real graph."""

from typing import TYPE_CHECKING

import pytest

from api.roles import Role
from graph.session import Database
from graph.settings import Settings
from tests.serving import key_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


def test_x(api: "TestClient") -> None:
    import json

    r = api.get("/v1/customers/ann")
    print(r.status_code, json.dumps(r.json(), indent=1, ensure_ascii=False))
    for p in [
        "/v1/customers/anna",
        "/v1/customers/gone",
        "/v1/customers/nobody",
        "/v1/customers/anna/orders?limit=1",
        "/v1/customers/ann/orders?limit=2",
        "/v1/customers/ann/accounts",
        "/v1/products/tea/green",
        "/v1/products/tea/green/also-bought?limit=1",
        "/v1/categories/food/drinks/also-bought",
        "/v1/algorithms",
        "/v1/runs",
        "/v1/runs/rfm-2",
        "/v1/schema",
        "/readyz",
        "/metrics",
    ]:
        r = api.get(p)
        print(p, r.status_code, r.headers.get("location"), r.text[:1500])
    r = api.post("/v1/customers/lookup", json={"kind": "phone", "value": "+86 138-1234-5678"})
    print(r.text)
    assert 0
