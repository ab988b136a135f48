"""Segments and their members, what the models of value and churn found out, and stores."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field

from algorithms.registry import REGISTRY, computed_spec
from api import segments
from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import PageQuery, Paging, paged
from api.models import Listed, Paged
from api.roles import Permission
from api.score_models import AlertView, MemberView, MetricsView, SegmentView, store_model
from api.stores import store
from api.views import View

router = v1()
SPEC = computed_spec()
SCHEMES = frozenset(scheme for algorithm in REGISTRY for scheme in algorithm.segments)


class SurvivalQuery(BaseModel):
    """By what customers are grouped."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field("all", max_length=50, description="all, sex, age_band, card, ...")


class AlertQuery(PageQuery):
    """Which alerts."""

    rule: str | None = Field(None, max_length=100, description="Of this rule only")
    open: bool | None = Field(None, description="true: only those that are open; false: closed")


@route(router, "/segments", permission=Permission.AGGREGATES, answer=Listed[SegmentView])
def all_segments(asked: Who) -> View:
    """List the segments of all schemes with their numbers of customers."""
    return {"items": segments.segments(asked.ask)}


@route(
    router,
    "/segments/{scheme}/{name}/members",
    permission=Permission.SEGMENTS,
    answer=Paged[MemberView],
)
def segment_members(asked: Who, *, scheme: str, name: str, query: Paging, request: Request) -> View:
    """List who is in a segment; since when and from where, for those who changed to it."""
    part = segments.members(asked.ask, (scheme, name), schemes=SCHEMES, page=query.page)
    return paged(part, request=request, asked=asked)


@route(router, "/rfm/grid", permission=Permission.AGGREGATES, answer=MetricsView)
def rfm_grid(asked: Who) -> View:
    """Show how many customers have each recency, frequency and monetary score: 5 x 5 x 5."""
    return segments.found_by(asked.ask, "rfm", part="grid")


@route(router, "/churn/model", permission=Permission.AGGREGATES, answer=MetricsView)
def churn_model(asked: Who) -> View:
    """Show the churn model: its event, its table of hazard ratios, its tests and grades."""
    return segments.found_by(asked.ask, "churn", part="")


@route(router, "/churn/survival", permission=Permission.AGGREGATES, answer=MetricsView)
def churn_survival(asked: Who, *, query: Annotated[SurvivalQuery, Query()]) -> View:
    """Show survival curves by group with their bands, numbers at risk and log-rank test."""
    return segments.found_by(asked.ask, "churn", part="curves", within=query.by)


@route(router, "/alerts", permission=Permission.SEGMENTS, answer=Paged[AlertView])
def all_alerts(asked: Who, *, query: Annotated[AlertQuery, Query()], request: Request) -> View:
    """List alerts with their evidence."""
    part = segments.alerts(asked.ask, page=query.page, rule=query.rule, is_open=query.open)
    return paged(part, request=request, asked=asked)


@route(
    router, "/stores/{store_id:path}", permission=Permission.AGGREGATES, answer=store_model(SPEC)
)
def one_store(asked: Who, *, store_id: str) -> View:
    """Show a store with its alarm and its grade."""
    return store(asked.ask, store_id, spec=SPEC)
