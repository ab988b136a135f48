"""Algorithms and their runs: where every score comes from."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from algorithms.registry import REGISTRY
from api import runs
from api.declared import algorithm_view
from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import PageQuery, paged
from api.models import AlgorithmView, Listed, Paged, RunView
from api.roles import Permission
from api.views import View

router = v1()


class RunQuery(PageQuery):
    """Which runs."""

    algorithm: str | None = Field(None, max_length=100, description="Of this algorithm only")
    current: bool | None = Field(
        None, description="true: only those whose results stand in the graph; false: the others"
    )


@route(router, "/algorithms", permission=Permission.RUNS, answer=Listed[AlgorithmView])
def algorithms(asked: Who) -> View:
    """List the algorithms with the runs whose results stand in the graph."""
    current = runs.current_runs(asked.ask)
    return {"items": [algorithm_view(known, current.get(known.name)) for known in REGISTRY]}


@route(router, "/algorithms/{name}", permission=Permission.RUNS, answer=AlgorithmView)
def algorithm(asked: Who, *, name: str) -> View:
    """Show one algorithm: what it reads, writes and can be set to."""
    known = REGISTRY.named(name)
    return algorithm_view(known, runs.current_runs(asked.ask).get(name))


@route(router, "/runs", permission=Permission.RUNS, answer=Paged[RunView])
def all_runs(asked: Who, *, query: Annotated[RunQuery, Query()], request: Request) -> View:
    """List runs, the latest first."""
    part = runs.runs(asked.ask, page=query.page, algorithm=query.algorithm, current=query.current)
    return paged(part, request=request, asked=asked)


@route(router, "/runs/{run_id:path}", permission=Permission.RUNS, answer=RunView)
def one_run(asked: Who, *, run_id: str) -> View:
    """Show one run with its parameters, input window, counts and metrics."""
    return runs.run(asked.ask, run_id)
