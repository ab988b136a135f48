"""How resolution stands at a glance: sizes of customers, states of identifiers, refusals."""

from typing import Final

from api.views import Ask, View

SIZES: Final = """
MATCH (c:Customer)
WITH CASE WHEN c.n_accounts <= 5 THEN toString(c.n_accounts)
          WHEN c.n_accounts <= 10 THEN '6-10'
          WHEN c.n_accounts <= 20 THEN '11-20'
          WHEN c.n_accounts <= 50 THEN '21-50'
          ELSE '51+' END AS size, c
RETURN size AS n_accounts, count(c) AS n_customers, min(c.n_accounts) AS least
ORDER BY least
"""
IDENTIFIERS: Final = """
MATCH (i:Identifier)
RETURN i.kind AS kind, i.state AS state, i.reason AS reason, count(*) AS n
ORDER BY kind, state, reason
"""
REFUSED: Final = """
MATCH ()-[h:HAS_IDENTIFIER]->()
WHERE h.refused_reason IS NOT NULL
RETURN h.refused_reason AS reason, count(*) AS n
ORDER BY n DESC, reason
"""
RULES: Final = """
MATCH ()-[r:RESOLVED_TO]->()
RETURN r.rule AS rule, count(*) AS n
ORDER BY n DESC, rule
"""
LARGEST: Final = """
MATCH (c:Customer)
WITH c ORDER BY c.n_accounts DESC, c.customer_id LIMIT 10
RETURN c.customer_id AS customer_id, c.n_accounts AS n_accounts
"""
OTHERS: Final = """
RETURN COUNT { (:CustomerAlias) } AS n_aliases,
       COUNT { ()-[:LIKELY_SAME]->() } AS n_likely_same,
       COUNT { (:Account)-[:TOGETHER]->() } AS n_together,
       COUNT { (:Account)-[:APART]->() } AS n_apart,
       COUNT { (:ResolutionEvent) } AS n_events
"""


def stats(ask: Ask) -> View:
    """Count customers, identifiers and refusals.

    Returns
    -------
    ``sizes`` (customers by number of accounts), ``identifiers`` (by kind, state and reason),
    ``refused`` (links by the reason for which they did not join), ``rules`` (accounts by what
    joined them), the ten ``largest`` customers, and how many aliases, pairs kept apart,
    standing decisions and events there are.
    """
    counted = {
        name: [dict(row) for row in ask(query, {})]
        for name, query in (
            ("sizes", SIZES),
            ("identifiers", IDENTIFIERS),
            ("refused", REFUSED),
            ("rules", RULES),
            ("largest", LARGEST),
        )
    }
    sizes = [{k: v for k, v in row.items() if k != "least"} for row in counted["sizes"]]
    others = dict((ask(OTHERS, {}) or [{}])[0])
    return {**counted, "sizes": sizes, **others}
