"""Circles, one of them, what changed between two dates, and the map of the network."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import circles, network
from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import Paging, paged
from api.models import Paged, RunBrief
from api.roles import Permission
from api.views import View

router = v1()

Role = Literal["core", "bridge", "edge"]


class CircleView(BaseModel):
    """People who answer one another more than others."""

    circle_id: str = Field(description="Stays as long as most of its people stay together")
    label: str = Field(description="In the language asked for")
    about: str = Field(description="Its figures in words")
    size: int
    density: float = Field(description="Share of ordered pairs with a reply")
    stability: float = Field(description="How much single runs find it again (Jaccard)")
    cohesion: float = Field(description="Share of its members' replies that stay inside")
    born_at: datetime | None
    event: Literal["stayed", "born", "split"] = Field(description="At the date of the run")
    terms: list[str] = Field(description="What it talks about")
    categories: list[str] = Field(description="What it buys more than others")
    leaders: list[str] = Field(description="Whom most others in it answer")


class CircleMember(BaseModel):
    """A person in a circle."""

    customer_id: str
    handle: str | None = Field(description="Public nickname")
    role: Role
    strength: float = Field(description="Share of runs in which they belong to it")
    since: datetime | None
    influence_rank: int | None
    influence_score: float | None


class CircleEvent(BaseModel):
    """What became of a circle."""

    circle_id: str
    event: Literal["born", "merged", "split", "ended"]
    other_id: str = Field(description="Where it came from or went; empty: nowhere")
    people: int
    happened_at: datetime


class CirclePage(CircleView):
    """One circle with its people and its history."""

    n_members: int
    top: list[str] = Field(description="Its members of most attention")
    members: list[CircleMember]
    history: list[CircleEvent]


class CircleSizes(BaseModel):
    """How many were in a circle at two dates."""

    circle_id: str
    before: int
    now: int


class CircleMove(BaseModel):
    """How many went from one circle (null: none) to another."""

    before: str | None
    now: str | None
    people: int


class CircleChanges(BaseModel):
    """The circles of two dates side by side."""

    since: datetime
    until: datetime
    n: int = Field(description="People in a circle at both")
    agreement: float | None = Field(description="Adjusted Rand index over them")
    circles: list[CircleSizes]
    moves: list[CircleMove]
    events: list[CircleEvent]


class MapNode(BaseModel):
    """A person on the map."""

    customer_id: str
    label: str = Field(description="Public nickname, else the id")
    x: float
    y: float
    size: float = Field(description="Attention")
    radius: float
    circle_id: str | None
    circle: str
    colour: str
    shape: Literal["disc", "square", "triangle", "diamond"]
    role: Role | None


class MapLine(BaseModel):
    """Replies from one person on the map to another."""

    customer_id: str
    target_id: str
    n: int
    last_at: datetime


class MapView(BaseModel):
    """The map: places are the same for everybody and stay from run to run."""

    run: RunBrief
    shown: int
    people: int = Field(description="All who take part, drawn or not")
    caption: str
    nodes: list[MapNode]
    lines: list[MapLine]


class CircleQuery(BaseModel):
    """How many members."""

    model_config = ConfigDict(extra="forbid")

    k: int = Field(100, ge=1, le=1_000, description="How many members are listed")


class ChangesQuery(BaseModel):
    """Which two dates."""

    model_config = ConfigDict(extra="forbid")

    since: AwareDatetime = Field(description="The circles of this instant")
    until: AwareDatetime | None = Field(None, description="And of this; default: the latest")


class MapQuery(BaseModel):
    """How much of the map."""

    model_config = ConfigDict(extra="forbid")

    n: int = Field(300, ge=1, le=network.MOST, description="At most so many people")


@route(router, "/circles", permission=Permission.CIRCLES, answer=Paged[CircleView])
def all_circles(asked: Who, *, query: Paging, request: Request) -> View:
    """List circles, the largest first."""
    return paged(circles.circles(asked.ask, page=query.page), request=request, asked=asked)


@route(router, "/circles/changes", permission=Permission.CIRCLES, answer=CircleChanges)
def circle_changes(asked: Who, *, query: Annotated[ChangesQuery, Query()]) -> View:
    """Compare the circles of two dates: sizes, who went where, what happened in between."""
    return circles.changes(asked.context.settings, since=query.since, until=query.until)


@route(router, "/circles/{circle_id}", permission=Permission.CIRCLES, answer=CirclePage)
def one_circle(asked: Who, *, circle_id: str, query: Annotated[CircleQuery, Query()]) -> View:
    """Show a circle: figures, leaders, members with their roles, and its history."""
    return circles.circle(asked.ask, circle_id, settings=asked.context.settings, k=query.k)


@route(router, "/network", permission=Permission.NETWORK, answer=MapView)
def network_map(asked: Who, *, query: Annotated[MapQuery, Query()]) -> View:
    """Show the map: people with place, size and colour, the lines between them, and how many."""
    drawn, run = network.picture(asked.ask, settings=asked.context.settings, n=query.n)
    asked.rows = len(drawn.nodes)
    return network.view(drawn, run)
