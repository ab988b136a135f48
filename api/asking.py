"""Runs an analyst's query or a named one through the guard, with the limits of the settings."""

from collections.abc import Mapping

from graph import server
from graph.guard import Answer, Limits, guarded
from graph.lock import writer
from graph.queries import named_queries
from graph.session import Database
from graph.settings import Settings


def ask(
    database: Database,
    settings: Settings,
    *,
    query: str,
    params: Mapping[str, object],
    limit: int | None = None,
) -> Answer:
    """Answer a query.

    Parameters
    ----------
    database, settings
        Which graph, and which limits.
    query
        Cypher, or the name of a named query.
    params
        Values of its parameters; a named query has defaults for those left out.
    limit
        Most rows; None is the settings' limit.

    Raises
    ------
    GuardError
        If the query is refused or exceeds a limit.
    """
    named = named_queries().get(query.strip())
    if named is not None:
        query, params = named.cypher, named.values(params)
    limits = Limits(seconds=settings.cypher_seconds, rows=limit or settings.cypher_rows)
    return guarded(
        database,
        query,
        parameters=params,
        limits=limits,
        on_stuck=lambda: _restart(database, settings),
    )


def _restart(database: Database, settings: Settings) -> None:
    """End a query that nothing else ends; a writer at work is not cut off for it."""
    if database.endpoint.is_own and writer(settings) is None:
        server.restart(settings)
