"""The API as tests ask it: in this process, over its real routes, with real keys."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from api.app import create_app
from api.keys import opened_keys
from api.roles import Role
from graph.session import Database
from graph.settings import Settings

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@contextmanager
def serving(settings: Settings, database: Database | None = None) -> "Iterator[TestClient]":
    """Serve a home for the length of a block; redirects are shown, not followed."""
    with warnings.catch_warnings():
        # starlette 1.10 prefers httpx2 to the httpx that the rest of the world has
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    app = create_app(settings, database)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


def key_of(settings: Settings, role: Role = Role.ADMIN) -> dict[str, str]:
    """Return the header of a new key of ``role``."""
    with opened_keys(settings) as keys:
        return {"Authorization": f"Bearer {keys.create(f'test {role}', role).token}"}


def fetch(client: "TestClient", path: str, *, status: int = 200) -> Any:
    """Return what an address answers, checking its status."""
    response = client.get(path)
    assert response.status_code == status, response.text
    return response.json()
