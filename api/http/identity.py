"""Who is whom over HTTP: one customer's identity and past, the review queue, decisions."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Header, Query, Request
from pydantic import Field

from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import PageQuery, paged
from api.identity.customer import identity
from api.identity.deciding import decide, simulate, writing_to
from api.identity.history import of_customer
from api.identity.models import (
    DecisionAnswer,
    DecisionQuery,
    DecisionRequest,
    History,
    Identity,
    ReviewItem,
)
from api.identity.reasons import checked
from api.identity.requests import name_of_request
from api.identity.review import review
from api.models import Paged
from api.roles import Permission
from api.views import View, maps

router = v1()

AsOf = Annotated[
    datetime | None, Query(description="How it was at this instant; UTC where it names no zone")
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Names the request: the same one again answers as it did the first time",
    ),
]


class ReviewQuery(PageQuery):
    """Which part of the queue."""

    kind: Literal["doubtful-join", "likely-same", "large", "limit", "bridge"] | None = Field(
        None, description="Only items of this kind"
    )


@route(
    router,
    "/customers/{customer_id}/identity",
    permission=Permission.IDENTITY,
    answer=Identity,
)
def customer_identity(asked: Who, *, customer_id: str) -> View:
    """Show what makes a customer one: accounts, rules, masked identifiers, what was refused."""
    found = identity(asked.ask, customer_id)
    asked.rows = len(maps(found["accounts"]))
    return found


@route(
    router,
    "/customers/{customer_id}/history",
    permission=Permission.IDENTITY,
    answer=History,
)
def customer_history(asked: Who, *, customer_id: str, as_of: AsOf = None) -> View:
    """Tell how a customer came to be what it is, the oldest event first.

    With ``as_of`` an id that is merged or retired by now answers for the time when it lived.
    """
    at = as_of.replace(tzinfo=UTC) if as_of and as_of.tzinfo is None else as_of
    found = of_customer(asked.ask, customer_id, at=at)
    asked.rows = len(maps(found["events"]))
    return found


@route(router, "/identity/review", permission=Permission.IDENTITY, answer=Paged[ReviewItem])
def identity_review(
    asked: Who, *, query: Annotated[ReviewQuery, Query()], request: Request
) -> View:
    """List what a person should look at, the riskiest first."""
    part = review(asked.ask, page=query.page, kind=query.kind)
    return paged(part, request=request, asked=asked)


@route(
    router,
    "/identity/decisions",
    method="POST",
    permission=Permission.STEWARD,
    answer=DecisionAnswer,
    status=201,
)
def identity_decisions(
    asked: Who, *, wanted: DecisionRequest, idempotency_key: IdempotencyKey
) -> View:
    """Record a steward's decision and resolve; both have happened when this answers.

    Two decisions that contradict each other are refused with 409, and so is one that meets
    another writer.
    """
    asked.parameters = {**wanted.model_dump(), "idempotency_key": idempotency_key}
    wish = wanted.wish(checked(wanted.reason))
    context, actor = asked.context, asked.key.key_id
    opened = context.connection.get()
    with writing_to(context.settings, opened, command="POST /v1/identity/decisions"):
        key = name_of_request(context.settings, idempotency_key, wanted=wanted, actor=actor)
        outcome = decide(opened, context.settings, wish=wish, actor=actor, key=key)
    asked.rows = len(outcome.events)
    return outcome.shown()


@route(router, "/identity/simulate", permission=Permission.STEWARD, answer=DecisionAnswer)
def identity_simulate(asked: Who, *, query: Annotated[DecisionQuery, Query()]) -> View:
    """Show what a decision would lead to; nothing is recorded."""
    context, opened = asked.context, asked.context.connection.get()
    with writing_to(context.settings, opened, command="GET /v1/identity/simulate"):
        actor = asked.key.key_id
        outcome = simulate(opened, context.settings, wish=query.wish(), actor=actor)
    asked.rows = len(outcome.events)
    return outcome.shown()
