"""Analysts' queries: free ones through the guard, and those that come with kith."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from api.asking import ask
from api.http.access import route, v1
from api.http.context import Who
from api.models import CypherAnswer, CypherRequest, Listed, NamedQuery
from api.problems import TooManyQueriesError
from api.roles import Permission
from api.views import View
from graph.queries import Query, named_queries

router = v1()

# one to look at and one to wait for; more would let one key take the whole database
MOST_AT_ONCE = 2


class Slots:
    """How many queries each key runs at this moment."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def taken(self, key_id: str) -> Iterator[None]:
        """Hold one slot of a key for the length of a block.

        Raises
        ------
        TooManyQueriesError
            If the key holds all it may.
        """
        with self._lock:
            if self._running[key_id] >= self._most:
                raise TooManyQueriesError(limit=self._most)
            self._running[key_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[key_id] -= 1


SLOTS = Slots()


@route(router, "/cypher", method="POST", permission=Permission.CYPHER, answer=CypherAnswer)
def cypher(asked: Who, wanted: CypherRequest) -> View:
    """Run a query that reads, or one of ours by its name; the guard decides on its plan.

    Rows beyond the limit are cut off and ``truncated`` says so.
    """
    asked.parameters = {"query": wanted.query, "parameters": wanted.parameters}
    context = asked.context
    most = context.settings.cypher_rows
    with SLOTS.taken(asked.key.key_id):
        answer = ask(
            context.connection.get(),
            context.settings,
            query=wanted.query,
            params=wanted.parameters,
            limit=min(wanted.rows or most, most),
        )
    asked.rows = len(answer.rows)
    return {
        "columns": answer.columns,
        "rows": answer.rows,
        "truncated": answer.truncated,
        "truncated_by": answer.truncated_by,
        "n_cut_cells": answer.n_cut_cells,
        "seconds": answer.seconds,
    }


@route(router, "/queries", permission=Permission.SCHEMA, answer=Listed[NamedQuery])
def queries(asked: Who) -> View:
    """List the queries that come with kith: what each answers, and its parameters."""
    found = [_shown(query) for query in named_queries().values()]
    asked.rows = len(found)
    return {"items": found}


def _shown(query: Query) -> View:
    return {
        "name": query.name,
        "title": str(query.title),
        "question": str(query.question),
        "cypher": query.cypher,
        "parameters": [
            {"name": p.name, "kind": p.kind, "default": p.default, "about": str(p.about)}
            for p in query.parameters
        ],
    }
