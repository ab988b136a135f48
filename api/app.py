"""The API as an application: everything put together for one home."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from algorithms.registry import computed_spec
from api.audit import AuditLog
from api.http import (
    catalogue,
    circles,
    customers,
    cypher,
    declarations,
    identity,
    knowledge,
    leaders,
    operations,
    seeding,
    segments,
)
from api.http.context import Connection, Context
from api.http.docs import mount_docs
from api.http.errors import answer_failures
from api.http.metrics import Metrics
from api.http.middleware import Conditional, Frame
from api.http.openapi import document, openapi_text
from api.keys import KeyStore
from graph.session import Database
from graph.settings import Settings

# addresses with a tail stand before those that take everything (in each router, too)
ROUTERS: tuple[APIRouter, ...] = (
    customers.router,
    identity.router,
    catalogue.router,
    leaders.router,
    circles.router,
    seeding.router,
    segments.router,
    knowledge.router,
    declarations.router,
    cypher.router,
    operations.router,
)


def create_app(settings: Settings, database: Database | None = None) -> FastAPI:
    """Return the API of one home.

    Parameters
    ----------
    settings
        The home, and which database.
    database
        One that is already open and stays the caller's; None: the one of ``settings`` is
        opened at the first question and closed with the application.
    """
    context = Context(
        settings=settings,
        spec=computed_spec(),
        connection=Connection(settings, database),
        keys=KeyStore(settings.home / "keys.sqlite"),
        audit=AuditLog(settings.home / "audit"),
        metrics=Metrics(),
    )
    app = routed()
    app.state.context = context
    app.add_middleware(Conditional)
    app.add_middleware(Frame, metrics=context.metrics, language=settings.lang)
    return app


def routed() -> FastAPI:
    """Return the application with its addresses, but nothing behind them yet."""
    app = FastAPI(
        title="kith",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    for router in ROUTERS:
        app.include_router(router)
    mount_docs(app)
    answer_failures(app)
    app.openapi = _openapi_of(app)  # type: ignore[method-assign]  # FastAPI's way to replace it
    return app


def openapi_page() -> str:
    """Return ``docs/openapi.json``: the whole API as one document."""
    return openapi_text(routed())


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    try:
        yield
    finally:
        app.state.context.close()


def _openapi_of(app: FastAPI) -> Callable[[], dict[str, object]]:
    return lambda: document(app)
