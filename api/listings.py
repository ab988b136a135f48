"""The accounts and orders of one customer, page by page."""

from api.pages import END_OF_TIME, Listing, Page, Part, read_part
from api.profile import account, account_projection, identifier, whereabouts
from api.views import Ask, Row, View, facts_of, maps, projection, row_of, shown, whole
from graph.spec import GraphSpec

ACCOUNTS = """
MATCH (c:Customer {customer_id: $id})
CALL (c) {
  MATCH (c)<-[r:RESOLVED_TO]-(a:Account)
  WHERE a.account_id > $after_account_id
  WITH r, a ORDER BY a.account_id LIMIT $n
  CALL (a) {
    OPTIONAL MATCH (a)-[h:HAS_IDENTIFIER]->(i:Identifier)
    WITH a, h, i ORDER BY i.kind, i.identifier_key LIMIT 100
    RETURN collect(i{.kind, .masked, .state, .reason, sources: [a.source],
                     first_seen_at: h.first_seen_at.epochMillis,
                     last_seen_at: h.last_seen_at.epochMillis}) AS identifiers
  }
  RETURN collect({account_id: a.account_id, account: ACCOUNT, identifiers: identifiers}) AS items
}
RETURN items
"""
ORDERS = """
MATCH (c:Customer {customer_id: $id})
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)-[:PLACED]->(o:Order)
  WITH a, o, o.ordered_at.epochMillis AS at
  WHERE at < $after_at OR (at = $after_at AND o.order_id > $after_order_id)
  WITH a, o, at ORDER BY at DESC, o.order_id LIMIT $n
  OPTIONAL MATCH (o)-[l:CONTAINS]->(:Product)
  WITH a, o, at, count(l) AS n_lines, sum(toInteger(round(l.amount * 10000))) AS of_lines
  WITH a, o, at, n_lines,
       CASE n_lines WHEN 0 THEN toInteger(round(coalesce(o.amount, 0) * 10000))
                    ELSE of_lines END AS value
  ORDER BY at DESC, o.order_id
  RETURN collect({order_id: o.order_id, at: at, account_id: a.account_id, n_lines: n_lines,
                  value: value, store_id: head([(o)-[:SOLD_AT]->(s:Store) | s.store_id]),
                  facts: FACTS}) AS items
}
RETURN items
"""


def accounts(ask: Ask, customer_id: str, *, page: Page, spec: GraphSpec) -> Part:
    """Return accounts of a customer by account id, each with its masked identifiers.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """

    def show(item: Row) -> View:
        found = [identifier(held) for held in maps(item["identifiers"])]
        return {**account(row_of(item["account"]), spec), "identifiers": found}

    listing = Listing(
        scope=f"accounts of {customer_id}",
        query=ACCOUNTS.replace("ACCOUNT,", f"{account_projection(spec)},", 1),
        keys=("account_id",),
        start=("",),
    )
    part = read_part(ask, listing, page=page, about={"id": customer_id}, show=show)
    if part is None:
        raise whereabouts(ask, customer_id)
    return part


def orders(ask: Ask, customer_id: str, *, page: Page, spec: GraphSpec) -> Part:
    """Return orders of a customer, the latest first, each with what it was worth.

    Raises
    ------
    CursorError
        If the cursor is not of this listing.
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """
    facts = facts_of(spec, "Order")

    def show(item: Row) -> View:
        known = row_of(item["facts"])
        names = ("order_id", "account_id", "store_id", "n_lines")
        kept = {name: item[name] for name in names}
        return {**kept, "value": whole(item["value"]) / 10_000, "facts": shown(facts, known)}

    listing = Listing(
        scope=f"orders of {customer_id}",
        query=ORDERS.replace("FACTS", projection("o", facts)),
        keys=("at", "order_id"),
        start=(END_OF_TIME, ""),
    )
    part = read_part(ask, listing, page=page, about={"id": customer_id}, show=show)
    if part is None:
        raise whereabouts(ask, customer_id)
    return part
