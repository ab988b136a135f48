"""A company of a few people, and its API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from algorithms.registry import computed_spec
from graph.ddl import install
from graph.session import Database
from graph.settings import Settings
from tests.serving import key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient

# Ann has a member account in the crm and a card at the tills; Ben writes posts only.
PEOPLE = """
CREATE (ann:Customer {customer_id: 'ann', n_accounts: 2, rfm_recency_days: 12.5,
                      rfm_order_count: 2, rfm_spend: 70.3})
CREATE (ben:Customer {customer_id: 'ben', n_accounts: 1})
CREATE (member:Account {account_id: 'crm:1', source: 'crm', kind: 'member', gender: 'female',
        card_tier: 'gold', registered_at: datetime('2025-03-01T08:00:00Z'),
        attributes: '{"shoe": 38}'})
CREATE (card:Account {account_id: 'till:9', source: 'till', kind: 'card'})
CREATE (fan:Account {account_id: 'forum:b', source: 'forum', kind: 'community', handle: '本'})
CREATE (member)-[:RESOLVED_TO {rule: 'phone', confidence: 0.99,
        since: datetime('2026-01-05T00:00:00Z')}]->(ann)
CREATE (card)-[:RESOLVED_TO {rule: 'phone', confidence: 0.99}]->(ann)
CREATE (fan)-[:RESOLVED_TO {rule: 'own', confidence: 1.0}]->(ben)
"""
IDENTIFIERS = """
MATCH (member:Account {account_id: 'crm:1'}), (card:Account {account_id: 'till:9'})
CREATE (phone:Identifier {identifier_key: $phone_key, kind: 'phone', masked: '138****5678',
        state: 'linking', sources: ['crm', 'till']})
CREATE (member)-[:HAS_IDENTIFIER {first_seen_at: datetime('2025-03-01T08:00:00Z'),
        last_seen_at: datetime('2025-06-01T08:00:00Z')}]->(phone)
CREATE (card)-[:HAS_IDENTIFIER {first_seen_at: datetime('2025-02-01T08:00:00Z')}]->(phone)
"""
# Ann: 40.1 online, 30.2 in a shop by card, 5 back in the shop, and 99 cancelled
SHOPPING = """
MATCH (member:Account {account_id: 'crm:1'}), (card:Account {account_id: 'till:9'})
CREATE (shop:Store {store_id: 'S1'})
CREATE (tea:Product {product_id: 'tea/green', name: '绿茶', price: 20.05,
        copurchase_partners: 1, copurchase_best_lift: 2.5, copurchase_best_partner_id: 'cup'})
CREATE (cup:Product {product_id: 'cup', name: '杯子'})
CREATE (pot:Product {product_id: 'pot'})
CREATE (drinks:Category {category_id: 'food/drinks', name: '饮料'})
CREATE (ware:Category {category_id: 'ware', name: '器皿'})
CREATE (tea)-[:IN_CATEGORY]->(drinks), (cup)-[:IN_CATEGORY]->(ware)
CREATE (tea)-[:OF_BRAND]->(:Brand {brand_id: '云'})
CREATE (tea)-[:ALSO_BOUGHT {n: 30, lift: 2.5, support: 0.1}]->(cup),
       (tea)-[:ALSO_BOUGHT {n: 20, lift: 1.5, support: 0.05}]->(pot),
       (drinks)-[:ALSO_BOUGHT {n: 40, lift: 1.25, support: 0.2}]->(ware)
CREATE (online:Order {order_id: 'web:1', source: 'web', status: 'paid',
        ordered_at: datetime('2026-01-10T10:00:00Z')})
CREATE (visit:Order {order_id: 'till:1', source: 'till', status: 'paid',
        ordered_at: datetime('2026-01-20T10:00:00Z')})
CREATE (back:Order {order_id: 'till:2', source: 'till', amount: -5.0,
        ordered_at: datetime('2026-01-25T10:00:00Z')})
CREATE (never:Order {order_id: 'web:2', source: 'web', status: 'cancelled', amount: 99.0,
        ordered_at: datetime('2026-01-30T10:00:00Z')})
CREATE (member)-[:PLACED]->(online), (member)-[:PLACED]->(never)
CREATE (card)-[:PLACED]->(visit), (card)-[:PLACED]->(back)
CREATE (online)-[:CONTAINS {line_key: '1', quantity: 2, amount: 40.0}]->(tea),
       (online)-[:CONTAINS {line_key: '2', quantity: 1, amount: 0.1}]->(cup),
       (visit)-[:CONTAINS {line_key: '1', quantity: 1, amount: 30.2}]->(tea)
CREATE (visit)-[:SOLD_AT]->(shop), (back)-[:SOLD_AT]->(shop)
"""
TALKING = """
MATCH (member:Account {account_id: 'crm:1'}), (fan:Account {account_id: 'forum:b'})
CREATE (question:Post {post_id: 'forum:1', source: 'forum', n_likes: 3,
        posted_at: datetime('2026-01-01T00:00:00Z')})
CREATE (answer:Post {post_id: 'forum:2', source: 'forum', n_likes: 1,
        posted_at: datetime('2026-01-02T00:00:00Z')})
CREATE (greeting:Post {post_id: 'forum:3', source: 'forum',
        posted_at: datetime('2026-01-03T00:00:00Z')})
CREATE (fan)-[:WROTE]->(question), (fan)-[:WROTE]->(answer), (member)-[:WROTE]->(greeting)
CREATE (answer)-[:REPLIES_TO]->(question), (greeting)-[:REPLIES_TO]->(fan)
CREATE (member)-[:RAISED]->(:Ticket {ticket_id: 'call:1', source: 'call', kind: 'complaint',
        opened_at: datetime('2026-02-01T00:00:00Z')})
CREATE (member)-[:GAVE]->(:Consent {consent_id: 'crm:c1', source: 'crm', purpose: 'marketing',
        granted: true, at: datetime('2025-03-01T08:00:00Z')})
CREATE (member)-[:GAVE]->(:Consent {consent_id: 'crm:c2', source: 'crm', purpose: 'marketing',
        granted: false, at: datetime('2025-09-01T08:00:00Z')})
"""
KNOWING = """
CREATE (:AlgorithmRun {run_id: 'rfm-2', algorithm: 'rfm', version: '1', kind: 'score',
        is_current: true, as_of: datetime('2026-02-01T00:00:00Z'), seconds: 1.5,
        started_at: datetime('2026-02-02T03:00:00Z'), parameters: '{"bands": 5}',
        window: '{}', counts: '{"customers": 1}', metrics: '{"edges": [1, 2]}'})
CREATE (:AlgorithmRun {run_id: 'rfm-1', algorithm: 'rfm', version: '1', kind: 'score',
        is_current: false, started_at: datetime('2026-01-02T03:00:00Z')})
CREATE (:AlgorithmRun {run_id: 'copurchase-1', algorithm: 'copurchase', version: '1',
        kind: 'score', is_current: true, as_of: datetime('2026-02-01T00:00:00Z'),
        started_at: datetime('2026-02-02T03:05:00Z')})
CREATE (:CustomerAlias {customer_id: 'anna'})-[:MERGED_INTO]->
       (:CustomerAlias {customer_id: 'anne'})
CREATE (:CustomerAlias {customer_id: 'gone'})
WITH 1 AS one
MATCH (last:CustomerAlias {customer_id: 'anne'}), (ann:Customer {customer_id: 'ann'})
CREATE (last)-[:MERGED_INTO]->(ann)
"""


@pytest.fixture
def company(server_home: Settings, database: Database) -> Settings:
    """Fill the graph with a few people and return the home."""
    from api.lookup import identifier_key
    from api.models import LookupRequest

    install(database, computed_spec())
    wanted = LookupRequest(kind="phone", value="13812345678", scope=None)
    phone_key = identifier_key(wanted, settings=server_home)
    database.write(PEOPLE)
    database.write(IDENTIFIERS, {"phone_key": phone_key})
    for facts in (SHOPPING, TALKING, KNOWING):
        database.write(facts)
    return server_home


@pytest.fixture
def api(company: Settings, database: Database) -> "Iterator[TestClient]":
    """Return the company's API, asked by an administrator."""
    with serving(company, database) as client:
        client.headers.update(key_of(company))
        yield client
