"""What a request has at hand: settings, declarations, keys, audit, and the database.

The database may be away when the service starts, during an import, or for the length of a
restart; the service stays up and says so, and connects again when it is back.
"""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, cast

from fastapi import Depends, Request

from api.audit import AuditLog
from api.http.metrics import Metrics
from api.keys import ApiKey, KeyStore
from api.problems import ImportingError
from api.roles import Permission, may
from api.views import Row
from graph.endpoint import UnreachableError
from graph.journal import unfinished
from graph.session import Database, Parameters, connect
from graph.settings import Settings
from graph.spec import GraphSpec

IMPORT_SECONDS = 30  # when to ask again: an import of a million customers takes a minute or two


class Connection:
    """The database, connected at the first question.

    Parameters
    ----------
    settings
        Which database.
    database
        One that is already open and belongs to the caller; None: open one when needed.
    """

    def __init__(self, settings: Settings, database: Database | None = None) -> None:
        self._settings = settings
        self._given = database
        self._lock = Lock()
        self._opened: Database | None = None
        self._closing = ExitStack()

    def get(self) -> Database:
        """Return the database.

        Raises
        ------
        ImportingError
            If a first load is being imported.
        GraphError
            If it cannot be reached.
        """
        journal = unfinished(self._settings)
        if journal and journal.state == "importing":
            self.close()
            raise ImportingError(seconds=IMPORT_SECONDS)
        with self._lock:
            if self._given or self._opened:
                return cast("Database", self._given or self._opened)
            self._opened = self._closing.enter_context(connect(self._settings))
            return self._opened

    def close(self) -> None:
        """Let go of the database; the next question connects again."""
        with self._lock:
            self._opened = None
            self._closing.close()


@dataclass(frozen=True, slots=True)
class Context:
    """What all requests share."""

    settings: Settings
    spec: GraphSpec
    connection: Connection
    keys: KeyStore
    audit: AuditLog
    metrics: Metrics

    def ask(self, query: str, parameters: Parameters, *, name: str) -> list[Row]:
        """Ask the database, and note how long it took under ``name``."""
        database = self.connection.get()
        started = time.perf_counter()
        try:
            return [*database.read(query, parameters)]
        except UnreachableError:
            # it may come back at another port
            self.connection.close()
            raise
        finally:
            self.metrics.note_query(name=name, seconds=time.perf_counter() - started)

    def close(self) -> None:
        """Let go of everything."""
        self.connection.close()
        self.keys.close()


@dataclass(slots=True)
class Asked:
    """One request by somebody known.

    ``parameters`` is what the audit keeps a digest of, and ``rows`` how many were answered.
    """

    context: Context
    key: ApiKey
    route: str
    parameters: object = field(default=None)
    rows: int | None = None

    def ask(self, query: str, parameters: Parameters) -> list[Row]:
        """Ask the database."""
        return self.context.ask(query, parameters, name=self.route)

    def may(self, permission: Permission) -> bool:
        """Tell whether the role of the key has a permission beyond the route's own."""
        return may(self.key.role, permission)


def context_of(request: Request) -> Context:
    """Return what all requests share."""
    return cast("Context", request.app.state.context)


async def asked_of(request: Request) -> Asked:
    """Return the request of somebody known, as the route let it in."""
    return cast("Asked", request.state.asked)


Who = Annotated[Asked, Depends(asked_of)]
