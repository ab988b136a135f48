// A shop that a person can add up. Statements end with a semicolon at the end of a line.

// the catalogue, and which products go together
CREATE (food:Category {category_id: 'K1', name: 'Food'}), (tea:Category {category_id: 'K2', name: 'Tea'}),
       (toys:Category {category_id: 'K3', name: 'Toys'}), (tea)-[:PART_OF]->(food),
       (p1:Product {product_id: 'P1', name: 'Green tea'})-[:IN_CATEGORY]->(tea),
       (p2:Product {product_id: 'P2', name: 'Kite'})-[:IN_CATEGORY]->(toys),
       (p3:Product {product_id: 'P3', name: 'Biscuit'})-[:IN_CATEGORY]->(food),
       (:Store {store_id: 'S1', name: 'East', city: '上海'}), (:Store {store_id: 'S2', name: 'West'}),
       (:Campaign {campaign_id: 'G1', name: 'Spring'}),
       (p1)-[:ALSO_BOUGHT {n: 15, support: 0.02, confidence: 0.4, lift: 2.5, p_value: 0.0001, q_value: 0.001, weak: false}]->(p2),
       (p1)-[:ALSO_BOUGHT {n: 12, support: 0.01, confidence: 0.3, lift: 1.5, p_value: 0.01, q_value: 0.02, weak: false}]->(p3),
       (p3)-[:ALSO_BOUGHT {n: 30, support: 0.01, confidence: 0.1, lift: 9.0, p_value: 0.2, q_value: 0.4, weak: true}]->(p2),
       (food)-[:ALSO_BOUGHT {n: 20, confidence: 0.2, lift: 1.1, q_value: 0.3, weak: true}]->(toys);

// four customers, five accounts
CREATE (:Customer {customer_id: 'C1', rfm_spend: 35.0, rfm_order_count: 2, rfm_recency_days: 20.54, rfm_r: 5, rfm_f: 5, rfm_m: 4}),
       (:Customer {customer_id: 'C2', rfm_spend: 37.5, rfm_order_count: 2, rfm_recency_days: 300.2, rfm_r: 1, rfm_f: 4, rfm_m: 5}),
       (:Customer {customer_id: 'C3'}), (:Customer {customer_id: 'C4'})
WITH 1 AS done
UNWIND [['crm:a1', 'C1', 'crm', 'wechat', 0.97], ['pos:a2', 'C1', 'pos', null, 0.98], ['crm:a3', 'C2', 'crm', 'wechat', 1.0],
        ['crm:a4', 'C3', 'crm', 'store', 1.0], ['forum:a5', 'C4', 'forum', null, 1.0]] AS row
MATCH (c:Customer {customer_id: row[1]})
CREATE (:Account {account_id: row[0], source: row[2], acquisition_channel: row[3], handle: 'h ' + row[0]})
       -[:RESOLVED_TO {rule: 'phone', confidence: row[4]}]->(c);

// six orders: O4 is cancelled, O5 has no lines, O6 is a guest's
UNWIND [['O1', 'crm:a1', '2026-01-05', 'paid', 'S1', 'P1', 20.0, null], ['O2', 'pos:a2', '2026-02-10', 'paid', 'S1', 'P1', 10.0, null],
        ['O3', 'crm:a3', '2026-02-11', 'paid', 'S2', 'P2', 30.0, null], ['O4', 'crm:a4', '2026-02-20', 'cancelled', 'S2', 'P2', 30.0, null],
        ['O5', 'crm:a3', '2026-01-20', 'paid', null, null, null, 7.5], ['O6', null, '2026-02-02', 'paid', null, 'P3', 5.0, null]] AS row
CREATE (o:Order {order_id: row[0], ordered_at: datetime(row[2] + 'T08:00:00Z'), status: row[3], amount: row[7], source: 'crm'})
WITH row, o
OPTIONAL MATCH (a:Account {account_id: row[1]})
OPTIONAL MATCH (s:Store {store_id: row[4]})
OPTIONAL MATCH (p:Product {product_id: row[5]})
FOREACH (x IN CASE WHEN a IS NULL THEN [] ELSE [1] END | CREATE (a)-[:PLACED]->(o))
FOREACH (x IN CASE WHEN s IS NULL THEN [] ELSE [1] END | CREATE (o)-[:SOLD_AT]->(s))
FOREACH (x IN CASE WHEN p IS NULL THEN [] ELSE [1] END | CREATE (o)-[:CONTAINS {quantity: 1.0, amount: row[6]}]->(p));

// the second line of order O2, and what the roll-up makes of all lines
MATCH (o:Order {order_id: 'O2'}), (p:Product {product_id: 'P3'}) CREATE (o)-[:CONTAINS {quantity: 1.0, amount: 5.0}]->(p)
WITH 1 AS done
UNWIND [['C1', 'P1', 2, 30.0], ['C1', 'P3', 1, 5.0], ['C2', 'P2', 1, 30.0]] AS row
MATCH (c:Customer {customer_id: row[0]}), (p:Product {product_id: row[1]})
CREATE (c)-[:PURCHASED {n_orders: row[2], spend: row[3], last_at: datetime('2026-02-10T08:00:00Z')}]->(p);

// who leads whom, in which circle, and likes what
UNWIND [['C4', 1, 'leader', 'south', 0.0], ['C1', 2, 'rising', 'north', 1.0], ['C2', null, null, 'north', null]] AS row
MATCH (c:Customer {customer_id: row[0]})
SET c.influence_rank = row[1], c.influence_band = row[2], c.circle_id = row[3], c.influence_betweenness = row[4]
WITH count(*) AS done
MATCH (a:Account {account_id: 'forum:a5'}), (p:Product {product_id: 'P1'}) CREATE (a)-[:LIKED {n: 1}]->(p);

// views, contacts, complaints, consents
UNWIND [['crm:a1', 5], ['crm:a3', 2], ['crm:a4', 1]] AS row
MATCH (a:Account {account_id: row[0]}), (p:Product {product_id: 'P2'}) CREATE (a)-[:VIEWED {n: row[1]}]->(p)
WITH count(*) AS done
UNWIND [['crm:a3', false], ['crm:a4', false], ['crm:a1', true]] AS row
MATCH (a:Account {account_id: row[0]}), (g:Campaign {campaign_id: 'G1'})
CREATE (a)-[:EXPOSED_TO {at: datetime('2026-02-01T08:00:00Z'), channel: 'sms', is_control: row[1]}]->(g)
WITH count(*) AS done
UNWIND [['crm:a4', 'T1', '2026-02-25'], ['crm:a3', 'T2', '2026-02-01']] AS row
MATCH (a:Account {account_id: row[0]})
CREATE (a)-[:RAISED]->(:Ticket {ticket_id: row[1], kind: 'complaint', opened_at: datetime(row[2] + 'T08:00:00Z')})
WITH count(*) AS done
UNWIND [['crm:a1', 'N1', '2026-01-01', true], ['pos:a2', 'N2', '2026-02-01', false], ['crm:a3', 'N3', '2026-01-01', true],
        ['crm:a4', 'N4', '2026-01-01', true], ['crm:a4', 'N5', '2026-01-01', false]] AS row
MATCH (a:Account {account_id: row[0]})
CREATE (a)-[:GAVE]->(:Consent {consent_id: row[1], purpose: 'profiling', granted: row[3], at: datetime(row[2] + 'T08:00:00Z')});

// posts, answers, identifiers, a run
CREATE (t1:Post {post_id: 'T1', topic: 'tea', text: '绿茶 很好喝', posted_at: datetime('2026-01-01T08:00:00.250Z')}),
       (t2:Post {post_id: 'T2', posted_at: datetime('2026-01-02T08:00:00Z')})-[:REPLIES_TO]->(t1),
       (t3:Post {post_id: 'T3', posted_at: datetime('2026-01-03T08:00:00Z')})-[:REPLIES_TO]->(t2),
       (t4:Post {post_id: 'T4', posted_at: datetime('2026-01-04T08:00:00Z')})-[:REPLIES_TO]->(t1)
WITH 1 AS done
UNWIND [['forum:a5', 'T1'], ['crm:a1', 'T2'], ['crm:a3', 'T3'], ['crm:a1', 'T4']] AS row
MATCH (a:Account {account_id: row[0]}), (t:Post {post_id: row[1]}) CREATE (a)-[:WROTE]->(t)
WITH count(*) AS done
UNWIND [['C1', 'C4', 2], ['C2', 'C1', 1]] AS row
MATCH (a:Customer {customer_id: row[0]}), (b:Customer {customer_id: row[1]}) CREATE (a)-[:REPLIED_TO {n: row[2]}]->(b)
WITH count(*) AS done
UNWIND [['I1', 'device', 'crm:a1'], ['I1', 'device', 'crm:a3'], ['I1', 'device', 'crm:a4'], ['I2', 'phone', 'crm:a1'], ['I2', 'phone', 'pos:a2']] AS row
MATCH (a:Account {account_id: row[2]})
MERGE (i:Identifier {identifier_key: row[0]}) ON CREATE SET i.kind = row[1], i.masked = row[0] + '****'
CREATE (a)-[:HAS_IDENTIFIER]->(i)
WITH count(*) AS done
CREATE (:AlgorithmRun {run_id: 'R1', algorithm: 'rfm', version: '1', is_current: true, seconds: 1.25, as_of: datetime('2026-02-25T08:00:00Z'), started_at: datetime('2026-03-01T08:00:00Z')});
