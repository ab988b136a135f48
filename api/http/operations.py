"""For those who run the service: is it alive, is it ready, what has it done, what went wrong."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, Field

from api import problems, runs
from api.http.context import Context, context_of
from api.http.metrics import MEDIA_TYPE, Gauge
from api.models import Listed
from api.views import Ask
from graph.ddl import expected
from graph.errors import GraphError, some
from graph.language import Text

router = APIRouter()
Here = Annotated[Context, Depends(context_of)]

ONLINE = "SHOW INDEXES YIELD name, state WHERE state = 'ONLINE' RETURN collect(name) AS names"


class NotReadyError(GraphError):
    """The database answers, but not all of its constraints and indexes serve."""

    text = Text(
        "{n} constraints or indexes are not online: {names}. They come with the first load; "
        "after one, wait a moment.",
        "{n} 个约束或索引尚未就绪：{names}。首次装载会创建它们；若已装载，请稍候。",
    )


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """Every question can be answered."""

    status: Literal["ready"] = "ready"
    n_indexes: int = Field(description="Constraints and indexes that serve")


@router.get("/healthz", response_model=Alive)
def healthz() -> Alive:
    """Tell that the process is alive; it says nothing of the database."""
    return Alive()


@router.get("/readyz", response_model=Ready)
def readyz(here: Here) -> Ready:
    """Tell whether the database answers with all its constraints and indexes."""
    rows = _asking(here, "readyz")(ONLINE, {})
    names = rows[0]["names"]
    online = {str(name) for name in names} if isinstance(names, list) else set()
    missing = sorted(set(expected(here.spec)) - online)
    if missing:
        raise NotReadyError(n=len(missing), names=some(missing))
    return Ready(n_indexes=len(online))


@router.get("/metrics", response_class=Response)
def metrics(here: Here) -> Response:
    """Return counts, durations and the age of every score, as Prometheus reads them."""
    return Response(here.metrics.text(_gauges(here)), media_type=MEDIA_TYPE)


@router.get("/problems", response_model=Listed[problems.ProblemKind])
def all_problems() -> Listed[problems.ProblemKind]:
    """List every kind of problem that kith can name."""
    return Listed(items=[problems.kind_of(code) for code in problems.kinds()])


@router.get("/problems/{code}", response_model=problems.ProblemKind)
def one_problem(code: Annotated[str, Path(max_length=100)]) -> problems.ProblemKind:
    """Explain one kind of problem: the page that ``type`` of a problem leads to."""
    return problems.kind_of(code)


def _gauges(here: Context) -> list[Gauge]:
    try:
        current = runs.current_runs(_asking(here, "metrics"))
    except GraphError:
        return [Gauge("kith_database_up", "Whether the database answers", "", {"": 0.0})]
    now = datetime.now(UTC)
    ages = {
        name: (now - run["started_at"]).total_seconds()
        for name, run in current.items()
        if isinstance(run["started_at"], datetime)
    }
    return [
        Gauge("kith_database_up", "Whether the database answers", "", {"": 1.0}),
        Gauge("kith_score_age_seconds", "Time since the current run", "algorithm", ages),
    ]


def _asking(here: Context, name: str) -> Ask:
    return lambda query, parameters: here.ask(query, parameters, name=name)
