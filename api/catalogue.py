"""One article, and what is bought together with an article or a category."""

import math

from api.pages import Listing, Page, Part, read_part
from api.scores import CURRENT_RUNS, scores
from api.views import Ask, Row, View, facts_of, maps, projection, row_of, shown
from graph.errors import NotFoundError
from graph.language import Text
from graph.spec import GraphSpec

PRODUCT = """
MATCH (p:Product {product_id: $id})
CALL (p) {
  OPTIONAL MATCH (p)-[:IN_CATEGORY]->(c:Category)
  WITH c ORDER BY c.category_id
  RETURN collect(c.category_id) AS category_ids
}
CALL (p) {
  OPTIONAL MATCH (p)-[:OF_BRAND]->(b:Brand)
  WITH b ORDER BY b.brand_id
  RETURN collect(b.brand_id) AS brand_ids
}
"""
# LABEL and KEY come from the spec, never from a request
PARTNERS = """
MATCH (node:LABEL {KEY: $id})
CALL (node) {
  MATCH (node)-[r:ALSO_BOUGHT]->(partner:LABEL)
  WITH r, partner, coalesce(r.lift, 0.0) AS lift, partner.KEY AS id
  WHERE lift < $after_lift OR (lift = $after_lift AND id > $after_id)
  WITH r, partner, lift, id ORDER BY lift DESC, id LIMIT $n
  RETURN collect({id: id, lift: lift, name: partner.name, values: VALUES}) AS items
}
RETURN items
"""


class ProductNotFoundError(NotFoundError):
    """No article has this key."""

    text = Text("There is no product {product_id}.", "没有商品 {product_id}。")


class CategoryNotFoundError(NotFoundError):
    """No category has this key."""

    text = Text("There is no category {category_id}.", "没有品类 {category_id}。")


def product(ask: Ask, product_id: str, *, spec: GraphSpec) -> View:
    """Read one article with its categories, brand and what was worked out of it.

    Raises
    ------
    ProductNotFoundError
        If no article has this id.
    """
    known = projection("p", spec.nodes["Product"].properties)
    returned = f"RETURN {known} AS product, category_ids, brand_ids, runs"
    rows = ask(f"{PRODUCT}{CURRENT_RUNS}\n{returned}", {"id": product_id})
    if not rows:
        raise ProductNotFoundError(product_id=product_id)
    held = row_of(rows[0]["product"])
    return {
        "product_id": product_id,
        "category_ids": rows[0]["category_ids"],
        "brand_ids": rows[0]["brand_ids"],
        "facts": shown(facts_of(spec, "Product"), held),
        "scores": scores(spec.nodes["Product"].properties, held, runs=maps(rows[0]["runs"])),
    }


def product_partners(ask: Ask, product_id: str, *, page: Page, spec: GraphSpec) -> Part:
    """Return what is bought with an article, by lift, the strongest first.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    ProductNotFoundError
        If no article has this id.
    """
    part = _partners(ask, ("Product", product_id), page=page, spec=spec)
    if part is None:
        raise ProductNotFoundError(product_id=product_id)
    return part


def category_partners(ask: Ask, category_id: str, *, page: Page, spec: GraphSpec) -> Part:
    """Return what is bought with a category, by lift, the strongest first.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    CategoryNotFoundError
        If no category has this id.
    """
    part = _partners(ask, ("Category", category_id), page=page, spec=spec)
    if part is None:
        raise CategoryNotFoundError(category_id=category_id)
    return part


def _partners(ask: Ask, node: tuple[str, str], *, page: Page, spec: GraphSpec) -> Part | None:
    label, node_id = node
    properties = spec.relationships[f"{label}-ALSO_BOUGHT-{label}"].properties

    def show(item: Row) -> View:
        values = shown(properties, row_of(item["values"]))
        return {"id": item["id"], "name": item["name"], "values": values}

    query = PARTNERS.replace("LABEL", label).replace("KEY", spec.nodes[label].key)
    listing = Listing(
        scope=f"partners of {label} {node_id}",
        query=query.replace("VALUES", projection("r", properties)),
        keys=("lift", "id"),
        start=(math.inf, ""),
    )
    return read_part(ask, listing, page=page, about={"id": node_id}, show=show)
