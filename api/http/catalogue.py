"""Articles and categories, and what is bought with them.

Keys come from the shop's own systems and may hold a slash, so the longer addresses stand
first and the keys take what is left.
"""

from fastapi import Request

from algorithms.registry import computed_spec
from api import catalogue
from api.http.access import route, v1
from api.http.context import Who
from api.http.paging import Paging, paged
from api.models import page_of, partner_model, product_model
from api.roles import Permission
from api.views import View

router = v1()
SPEC = computed_spec()


@route(
    router,
    "/products/{product_id:path}/also-bought",
    permission=Permission.CATALOGUE,
    answer=page_of(partner_model(SPEC, "Product")),
)
def product_also_bought(asked: Who, *, product_id: str, query: Paging, request: Request) -> View:
    """List the articles that are bought together with this one, by lift."""
    part = catalogue.product_partners(asked.ask, product_id, page=query.page, spec=SPEC)
    return paged(part, request=request, asked=asked)


@route(
    router,
    "/products/{product_id:path}",
    permission=Permission.CATALOGUE,
    answer=product_model(SPEC),
)
def product(asked: Who, *, product_id: str) -> View:
    """Show an article with its categories, brand and scores."""
    return catalogue.product(asked.ask, product_id, spec=SPEC)


@route(
    router,
    "/categories/{category_id:path}/also-bought",
    permission=Permission.CATALOGUE,
    answer=page_of(partner_model(SPEC, "Category")),
)
def category_also_bought(asked: Who, *, category_id: str, query: Paging, request: Request) -> View:
    """List the categories that are bought together with this one, by lift."""
    part = catalogue.category_partners(asked.ask, category_id, page=query.page, spec=SPEC)
    return paged(part, request=request, asked=asked)
