"""Customers: one from all sides, whose an identifier is, accounts and orders."""

from fastapi import Request

from algorithms.registry import computed_spec
from api import listings
from api.explaining import explanations
from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import Paging, paged
from api.lookup import identifier_key, look_up
from api.models import (
    Listed,
    LookupAnswer,
    LookupRequest,
    account_page_model,
    order_model,
    page_of,
    profile_model,
)
from api.profile import profile
from api.roles import Permission
from api.score_models import ExplanationView
from api.views import View, maps

router = v1()
SPEC = computed_spec()


@route(
    router,
    "/customers/lookup",
    method="POST",
    permission=Permission.LOOK_UP,
    answer=LookupAnswer,
)
def customer_lookup(asked: Who, *, wanted: LookupRequest) -> View:
    """Find the customers that an identifier belongs to.

    The value is hashed at once; it is neither kept nor logged, and never part of an address.
    """
    key = identifier_key(wanted, settings=asked.context.settings)
    asked.parameters = {"kind": wanted.kind, "identifier_key": key}
    answer = look_up(asked.ask, wanted, key=key)
    asked.rows = len(maps(answer["customers"]))
    return answer


@route(
    router,
    "/customers/{customer_id}/accounts",
    permission=Permission.IDENTITY,
    answer=page_of(account_page_model(SPEC)),
)
def customer_accounts(asked: Who, *, customer_id: str, query: Paging, request: Request) -> View:
    """List the accounts of a customer, each with its masked identifiers."""
    part = listings.accounts(asked.ask, customer_id, page=query.page, spec=SPEC)
    return paged(part, request=request, asked=asked)


@route(
    router,
    "/customers/{customer_id}/explanations",
    permission=Permission.CUSTOMERS,
    answer=Listed[ExplanationView],
)
def customer_explanations(asked: Who, *, customer_id: str) -> View:
    """Say why a customer has the scores that they have, method by method."""
    return {"items": explanations(asked.ask, customer_id, spec=SPEC)}


@route(
    router,
    "/customers/{customer_id}/orders",
    permission=Permission.CUSTOMERS,
    answer=page_of(order_model(SPEC)),
)
def customer_orders(asked: Who, *, customer_id: str, query: Paging, request: Request) -> View:
    """List the orders of a customer, the latest first."""
    part = listings.orders(asked.ask, customer_id, page=query.page, spec=SPEC)
    return paged(part, request=request, asked=asked)


@route(
    router,
    "/customers/{customer_id}",
    permission=Permission.CUSTOMERS,
    answer=profile_model(SPEC),
)
def customer(asked: Who, *, customer_id: str) -> View:
    """Show a customer from all sides: accounts, purchases, service, community, scores.

    An id that was merged into another customer answers 308 with the survivor's address.
    Identifiers are masked, and withheld from roles that may not see identities.
    """
    with_identifiers = asked.may(Permission.IDENTITY)
    return profile(asked.ask, customer_id, spec=SPEC, with_identifiers=with_identifiers)
