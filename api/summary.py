"""What a loaded graph tells at a glance: counts, the best rules, the most valuable cells."""

from graph.session import Database

COUNTS = """
CALL () {
  MATCH (n:Account) RETURN 'accounts' AS what, count(n) AS n
  UNION ALL MATCH (n:Identifier) RETURN 'identifiers' AS what, count(n) AS n
  UNION ALL MATCH (n:Customer) RETURN 'customers' AS what, count(n) AS n
  UNION ALL MATCH (n:Order) RETURN 'orders' AS what, count(n) AS n
  UNION ALL MATCH (n:Product) RETURN 'products' AS what, count(n) AS n
  UNION ALL MATCH (n:Post) RETURN 'posts' AS what, count(n) AS n
  UNION ALL MATCH (n:Ticket) RETURN 'tickets' AS what, count(n) AS n
}
RETURN what, n
"""

ACROSS_SOURCES = """
MATCH (c:Customer)
WHERE c.n_accounts > 1
MATCH (c)<-[:RESOLVED_TO]-(a:Account)
WITH c, count(DISTINCT a.source) AS sources
RETURN count(*) AS joined, count(CASE WHEN sources >= 3 THEN 1 END) AS in_three
"""

BUYERS = """
MATCH (c:Customer)
WHERE c.rfm_order_count IS NOT NULL
RETURN count(*) AS buyers,
       count(CASE WHEN c.rfm_r = 5 AND c.rfm_f = 5 AND c.rfm_m = 5 THEN 1 END) AS best,
       avg(c.rfm_spend) AS mean_spend
"""

RULES = """
MATCH (a:Product)-[r:ALSO_BOUGHT]->(b:Product)
WHERE NOT coalesce(r.weak, false)
WITH a, b, r
ORDER BY r.lift DESC, a.product_id, b.product_id
LIMIT 5
RETURN coalesce(a.name, a.product_id) AS bought, coalesce(b.name, b.product_id) AS also,
       r.n AS baskets, r.confidence AS confidence, r.lift AS lift
"""


def summary(database: Database) -> dict[str, object]:
    """Return the figures of a loaded graph.

    Returns
    -------
    ``counts`` by kind of node; ``joined``, customers of several accounts, and ``in_three``,
    those known in three sources or more; ``buyers``, ``best`` (R, F and M all 5) and
    ``mean_spend`` (company currency); ``rules``, the five strongest that are not weak.
    """
    counts = {row["what"]: row["n"] for row in database.read(COUNTS)}
    across, buyers = database.read(ACROSS_SOURCES)[0], database.read(BUYERS)[0]
    return {"counts": counts, **across, **buyers, "rules": database.read(RULES)}
