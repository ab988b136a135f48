"""One customer from all sides: what the systems say of the person, and what was worked out.

Everything comes from one query by key, whose parts each expand the customer's own accounts,
so its cost follows the size of the customer and not that of the graph. Sums of money are
made of whole ten-thousandths, so that they do not depend on an order of addition.
"""

from collections.abc import Sequence

from api import facets
from api.scores import CURRENT_RUNS, scores
from api.views import (
    Ask,
    Row,
    View,
    facts_of,
    instant,
    maps,
    projection,
    row_of,
    shown,
    texts,
    whole,
)
from graph.errors import NotFoundError
from graph.language import Text
from graph.spec import GraphSpec

MOST_ACCOUNTS = 100
MOST_IDENTIFIERS = 100

ACCOUNTS = """
CALL (c) {
  MATCH (c)<-[r:RESOLVED_TO]-(a:Account)
  WITH r, a ORDER BY a.source, a.account_id LIMIT $most_accounts
  RETURN collect(%(account)s) AS accounts
}"""
ACCOUNT = """{account_id: a.account_id, rule: r.rule, confidence: r.confidence,
  since: r.since.epochMillis, facts: %(facts)s}"""
IDENTIFIERS = """
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WITH i, min(h.first_seen_at) AS first, max(h.last_seen_at) AS last,
       collect(DISTINCT a.source) AS sources
  ORDER BY i.kind, i.identifier_key LIMIT $most_identifiers
  RETURN collect(i{.kind, .masked, .state, .reason, first_seen_at: first.epochMillis,
                   last_seen_at: last.epochMillis, sources: sources}) AS identifiers
}"""
# an order is worth its lines, or its own amount where there are none
ORDERS = """
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)-[:PLACED]->(o:Order)
  OPTIONAL MATCH (o)-[l:CONTAINS]->(:Product)
  WITH coalesce(a.kind = 'card', false) AS by_card, o, count(l) AS n_lines,
       sum(toInteger(round(l.amount * 10000))) AS of_lines
  WITH by_card, o, EXISTS { (o)-[:SOLD_AT]->(:Store) } AS in_store,
       CASE n_lines WHEN 0 THEN toInteger(round(coalesce(o.amount, 0) * 10000))
                    ELSE of_lines END AS value
  WITH by_card, in_store, coalesce(o.status, 'paid') AS status, value >= 0 AS is_visit,
       count(*) AS n, sum(value) AS spend, min(o.ordered_at) AS first, max(o.ordered_at) AS last
  RETURN collect({by_card: by_card, in_store: in_store, status: status, is_visit: is_visit, n: n,
                  spend: spend, first: first.epochMillis, last: last.epochMillis}) AS orders
}"""
SERVICE = """
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:RAISED]->(t:Ticket)
  WITH t.kind AS kind, count(*) AS n, count(t.closed_at) AS n_closed, max(t.opened_at) AS last
  RETURN collect({kind: kind, n: n, n_open: n - n_closed, last: last.epochMillis}) AS service
}"""
COMMUNITY = """
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(a:Account)
  OPTIONAL MATCH (a)-[:WROTE]->(p:Post)
  WITH a, count(p) AS n, max(p.posted_at) AS last, sum(p.n_likes) AS likes,
       sum(CASE WHEN EXISTS { (p)-[:REPLIES_TO]->() } THEN 1 ELSE 0 END) AS written,
       sum(COUNT { (p)<-[:REPLIES_TO]-(:Post) }) AS received
  RETURN {n_posts: sum(n), n_replies_written: sum(written), n_likes: sum(likes),
          n_replies_received: sum(received) + sum(COUNT { (a)<-[:REPLIES_TO]-(:Post) }),
          last_at: max(last).epochMillis} AS community
}"""
CONSENTS = """
CALL (c) {
  MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:GAVE]->(s:Consent)
  RETURN collect(s{.purpose, .channel, .granted, at: s.at.epochMillis}) AS consents
}"""
# what the timeline tells of: how an account reaches it, and when it happened
HAPPENINGS = (
    ("order", "PLACED", "Order", "order_id", "ordered_at"),
    ("post", "WROTE", "Post", "post_id", "posted_at"),
    ("ticket", "RAISED", "Ticket", "ticket_id", "opened_at"),
    ("consent", "GAVE", "Consent", "consent_id", "at"),
)
HAPPENING = """
CALL (c) {{
  MATCH (c)<-[:RESOLVED_TO]-(:Account)-[:{type}]->(n:{label})
  WITH n ORDER BY n.{at} DESC, n.{key} LIMIT $latest
  RETURN collect(n{{kind: '{kind}', id: n.{key}, .source, at: n.{at}.epochMillis}}) AS latest_{kind}
}}"""
WHEREABOUTS = """
MATCH (alias:CustomerAlias {customer_id: $id})
OPTIONAL MATCH (alias)-[:MERGED_INTO*1..100]->(c:Customer)
RETURN c.customer_id AS survivor
LIMIT 1
"""


class CustomerNotFoundError(NotFoundError):
    """No customer has this id, and none ever had."""

    text = Text("There is no customer {customer_id}.", "没有客户 {customer_id}。")


class CustomerRetiredError(NotFoundError):
    """The id was a customer's whose accounts are all gone."""

    http_status = 410
    text = Text(
        "Customer {customer_id} is retired: none of its accounts is left.",
        "客户 {customer_id} 已停用：其所有账户均已不存在。",
    )


class CustomerMovedError(NotFoundError):
    """The id was merged into another customer, which answers for it."""

    http_status = 308
    text = Text("Customer {customer_id} is now {survivor}.", "客户 {customer_id} 现为 {survivor}。")


def profile(ask: Ask, customer_id: str, *, spec: GraphSpec, with_identifiers: bool) -> View:
    """Read everything about one customer.

    Parameters
    ----------
    ask
        Asks the database.
    spec
        Facts and computed properties.
    with_identifiers
        Whether masked identifiers are part of the answer; else they are null.

    Raises
    ------
    CustomerNotFoundError, CustomerRetiredError, CustomerMovedError
        If no customer stands under this id now.
    """
    limits = {
        "most_accounts": MOST_ACCOUNTS,
        "most_identifiers": MOST_IDENTIFIERS,
        "latest": facets.LATEST,
    }
    query = profile_query(spec, with_identifiers=with_identifiers)
    rows = ask(query, {"id": customer_id, **limits})
    if not rows:
        raise whereabouts(ask, customer_id)
    return _profile_of(rows[0], spec)


def whereabouts(ask: Ask, customer_id: str) -> NotFoundError:
    """Return the error that says what became of an id that no customer has now."""
    rows = ask(WHEREABOUTS, {"id": customer_id})
    if not rows:
        return CustomerNotFoundError(customer_id=customer_id)
    survivor = rows[0]["survivor"]
    if survivor is None:
        return CustomerRetiredError(customer_id=customer_id)
    return CustomerMovedError(customer_id=customer_id, survivor=survivor)


def profile_query(spec: GraphSpec, *, with_identifiers: bool) -> str:
    """Return the one query behind ``profile``; its names come from ``spec`` alone."""
    parts = {
        "accounts": ACCOUNTS % {"account": account_projection(spec)},
        "orders": ORDERS,
        "service": SERVICE,
        "community": COMMUNITY,
        "consents": CONSENTS,
        "runs": CURRENT_RUNS,
    }
    if with_identifiers:
        parts["identifiers"] = IDENTIFIERS
    for kind, type_, label, key, at in HAPPENINGS:
        parts[f"latest_{kind}"] = HAPPENING.format(
            kind=kind, type=type_, label=label, key=key, at=at
        )
    known = projection("c", spec.nodes["Customer"].properties)
    returned = f"RETURN {known} AS customer, {', '.join(parts)}"
    return "\n".join(("MATCH (c:Customer {customer_id: $id})", *parts.values(), returned))


def account_projection(spec: GraphSpec) -> str:
    """Return the Cypher map of account ``a`` and its place ``r`` with the customer."""
    return ACCOUNT % {"facts": projection("a", facts_of(spec, "Account"))}


def account(held: Row, spec: GraphSpec) -> View:
    """Show one account as ``account_projection`` returned it."""
    known = row_of(held["facts"])
    return {
        **held,
        "source": known["source"],
        "since": instant(held["since"]),
        "facts": shown(facts_of(spec, "Account"), known),
    }


def identifier(held: Row) -> View:
    """Show one identifier."""
    seen = {name: instant(held[name]) for name in ("first_seen_at", "last_seen_at")}
    return {**held, **seen, "sources": texts(maps(held["sources"]))}


def _profile_of(row: Row, spec: GraphSpec) -> View:
    customer = row_of(row["customer"])
    accounts = maps(row["accounts"])
    changed_at = instant(customer["customer_changed_at"])
    computed = spec.nodes["Customer"].properties
    return {
        "customer_id": customer["customer_id"],
        "n_accounts": whole(customer["n_accounts"]) or len(accounts),
        "changed_at": changed_at,
        "accounts": _by_source([account(held, spec) for held in accounts]),
        "identifiers": _identifiers(row),
        "orders": facets.orders(maps(row["orders"])),
        "facets": facets.facets(row),
        "consents": facets.consents(maps(row["consents"])),
        "timeline": facets.timeline(row),
        "scores": scores(computed, customer, runs=maps(row["runs"]), changed_at=changed_at),
    }


def _by_source(accounts: Sequence[View]) -> dict[str, list[View]]:
    sources: dict[str, list[View]] = {}
    for shown_account in accounts:
        sources.setdefault(str(shown_account["source"]), []).append(shown_account)
    return sources


def _identifiers(row: Row) -> list[View] | None:
    if "identifiers" not in row:
        return None
    return [identifier(held) for held in maps(row["identifiers"])]
