"""Who leads opinion: lists, bridges between circles, and one person."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from api import leaders
from api.http.access import route, v1
from api.http.context import Asked, Who
from api.leaders import Wish
from api.models import Consent, Listed, RunBrief
from api.pipeline import graph_reader
from api.roles import Permission
from api.views import View
from graph.reader import Reader

router = v1()


class LeaderView(BaseModel):
    """A person who was answered, and why they stand where they do."""

    model_config = ConfigDict(extra="allow")

    customer_id: str
    rank: int
    previous_rank: int | None = Field(None, description="In the earlier list that was graded")
    score: float = Field(description="Different repliers, faded by age and weighted by trust")
    untrusted_score: float
    untrusted_rank: int
    rank_without_top: int = Field(description="Without the five most active repliers")
    percentile: float
    band: Literal["leader", "rising", "regular", "quiet"]
    repliers: int
    recent_repliers: int
    earlier_repliers: int
    established_repliers: int
    replies: int
    topic: str | None
    pagerank: float
    betweenness: float = Field(description="As broker")
    core: int
    reach: float
    flags: list[str]
    warnings: list[str] = Field(description="The flags in words")
    handle: str | None = Field(description="Public nickname")
    circle_id: str | None
    orders: int | None = Field(description="Paid orders; null: is no buyer")
    spend: float | None = Field(description="Net of returns; currency")
    segment: str | None
    buying_repliers: int | None = Field(description="Buyers among all who ever replied")
    explanation: str
    consents: list[Consent]
    rank_then: int | None = Field(None, description="In the list compared with")


class LeadersView(BaseModel):
    """A list of leaders."""

    run: RunBrief | None = Field(description="null: computed for this request")
    as_of: datetime | None
    n: int = Field(description="People who were answered")
    notes: list[str]
    grade: str = Field(description="How good such lists were, or that nobody knows yet")
    items: list[LeaderView]
    against: datetime | None = None
    left: list[LeaderView] = Field(default_factory=list, description="Who has left the list")


class Dated(BaseModel):
    """Where a person stood on one day."""

    as_of: datetime
    rank: int
    score: float


class LeaderPage(LeaderView):
    """One person, with the circles of who replied and with former ranks."""

    run: RunBrief | None
    grade: str
    circles_of_repliers: JsonValue
    trend: list[Dated]


class BridgeView(BaseModel):
    """A person between two circles."""

    customer_id: str
    handle: str | None
    circle_id: str | None
    in_one: int = Field(description="People of the first circle with whom replies are exchanged")
    in_other: int
    strength: float = Field(description="Harmonic mean of both")
    betweenness: float | None


class LeadersQuery(BaseModel):
    """Which list."""

    model_config = ConfigDict(extra="forbid")

    k: int = Field(20, ge=1, le=500, description="How many people")
    topic: str | None = Field(None, max_length=256, description="Only replies of this topic")
    window: int | None = Field(None, ge=1, le=36_500, description="Days that count")
    as_of: AwareDatetime | None = Field(None, description="The list of this instant")
    against: AwareDatetime | None = Field(None, description="Compare with that of this instant")
    band: Literal["leader", "rising"] | None = Field(None, description="Only who is this")


class BridgesQuery(BaseModel):
    """Between which circles."""

    model_config = ConfigDict(extra="forbid")

    one: str = Field(max_length=256, description="A circle")
    other: str = Field(max_length=256, description="Another circle")
    k: int = Field(20, ge=1, le=500, description="How many people")


@route(router, "/leaders", permission=Permission.LEADERS, answer=LeadersView)
def all_leaders(asked: Who, *, query: Annotated[LeadersQuery, Query()]) -> View:
    """List who leads opinion; of another topic, window or instant it is computed on the spot."""
    wish = Wish(query.k, query.topic, query.window, query.as_of, query.band)
    found = _listed(asked, wish)
    if query.against is not None:
        then = leaders.day_before(wish, query.against)
        found = leaders.compared(found, _listed(asked, then))
    items = found["items"]
    asked.rows = len(items) if isinstance(items, list) else 0
    return found


def _listed(asked: Asked, wish: Wish) -> View:
    context = asked.context

    def open_() -> Reader:
        return graph_reader(context.connection.get(), context.settings)

    return leaders.leaders(asked.ask, wish, open_=open_, settings=context.settings)


@route(router, "/leaders/bridges", permission=Permission.LEADERS, answer=Listed[BridgeView])
def bridges(asked: Who, *, query: Annotated[BridgesQuery, Query()]) -> View:
    """List the people between two circles."""
    return {"items": leaders.bridges(asked.ask, query.one, other=query.other, k=query.k)}


@route(router, "/leaders/{customer_id:path}", permission=Permission.LEADERS, answer=LeaderPage)
def one_leader(asked: Who, *, customer_id: str) -> View:
    """Show why a person stands where they do, the circles of who replied, and former ranks."""
    return leaders.leader(asked.ask, customer_id, settings=asked.context.settings)
