"""Reads a part of the graph in the form of the whole, for a resolution of that part alone."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import KNOWN, Facts
from algorithms.identity.ids import hashed
from algorithms.identity.ledger import ALIASES, CUSTOMERS, RESOLVED, STATES, Chain, Ledger
from algorithms.identity.links import LINKS
from algorithms.identity.reach import Asked, Reach, Row, Rows
from algorithms.identity.resolution import LIKELY
from algorithms.identity.state import State, read_decided
from algorithms.identity.words import Words
from graph.spec import GraphSpec

ACCOUNTS: Final = """
UNWIND $ids AS id
MATCH (a:Account {account_id: id})
OPTIONAL MATCH (a)-[r:RESOLVED_TO]->(c:Customer)
RETURN id AS id, id AS account_id, a.kind AS kind, a.gender AS gender, a.birth_year AS birth_year,
       a.region AS region, a.city AS city, a.occupation AS occupation,
       c.customer_id AS customer_id, r.rule AS rule,
       r.confidence AS confidence, r.since.epochMillis AS since, r.linked_to AS linked_to,
       r.by_field AS by_field, r.run_id AS run_id, c.n_accounts AS n_accounts,
       c.customer_changed_at.epochMillis AS customer_changed_at
"""
HELD: Final = """
UNWIND $ids AS id
MATCH (:Account {account_id: id})-[h:HAS_IDENTIFIER]->(i:Identifier)
RETURN id AS id, id AS account_id, i.identifier_key AS identifier_key, i.kind AS kind,
       i.never_links AS never_links, h.first_seen_at.epochMillis AS first_seen_at,
       h.last_seen_at.epochMillis AS last_seen_at, h.linking AS linking, h.epoch AS epoch,
       h.refused_reason AS refused_reason, i.state AS state, i.reason AS reason,
       i.n_accounts AS n_accounts
"""
ALIASED: Final = """
UNWIND $ids AS id
MATCH (x:CustomerAlias)-[:MERGED_INTO]->(:Customer {customer_id: id})
RETURN id AS id, x.customer_id AS customer_id, id AS merged_into
"""
RETIRED: Final = """
UNWIND $ids AS id
MATCH (x:CustomerAlias {customer_id: id})
OPTIONAL MATCH (x)-[:MERGED_INTO]->(c:Customer)
RETURN id AS id, id AS customer_id, c.customer_id AS merged_into
"""
USED: Final = """
UNWIND $ids AS id
CALL (id) {
  MATCH (c:Customer) WHERE c.customer_id STARTS WITH id RETURN c.customer_id AS used
  UNION
  MATCH (x:CustomerAlias) WHERE x.customer_id STARTS WITH id RETURN x.customer_id AS used
}
RETURN id AS id, used AS used
"""
LAST: Final = """
MATCH (e:ResolutionEvent) WHERE e.event_id > ''
RETURN e.event_id AS event_id, e.digest AS digest ORDER BY e.event_id DESC LIMIT 1
"""
IDENTIFIERS: Final = pa.schema([*STATES, ("reason", pa.string()), ("n_accounts", pa.int64())])
JUDGED: Final = pa.schema(
    [
        ("start_id", pa.string()),
        ("end_id", pa.string()),
        ("linking", pa.bool_()),
        ("epoch", pa.int64()),
        ("refused_reason", pa.string()),
    ]
)
ACCOUNT: Final = pa.schema(
    [
        ("account_id", pa.string()),
        ("kind", pa.string()),
        ("gender", pa.string()),
        ("birth_year", pa.int64()),
        ("region", pa.string()),
        ("city", pa.string()),
        ("occupation", pa.string()),
    ]
)
RESEMBLES: Final = """
UNWIND $ids AS id
MATCH (:Customer {customer_id: id})-[r:LIKELY_SAME]-()
WITH DISTINCT id, r
RETURN id AS id, startNode(r).customer_id AS start_id, endNode(r).customer_id AS end_id,
       r.weight AS weight, r.probability AS probability, r.by_field AS by_field,
       r.kept_apart AS kept_apart, r.model_version AS model_version
"""


def read_local(ask: Asked, spec: GraphSpec, *, reach: Reach, words: Words, n_told: int) -> State:
    """Read the accounts that were reached, with all that resolution knows of them.

    Parameters
    ----------
    ask, spec, reach
        Where, what is declared, and which accounts.
    words
        What stewards decided: of the restored customers the aliases are read too.
    n_told
        How many decisions stand in the chain of events already.
    """
    accounts = ask(ACCOUNTS, ids=reach.accounts)
    held = ask(HELD, ids=reach.accounts)
    identifiers = {str(row["identifier_key"]): row for row in held}.values()
    judged = _table([row for row in identifiers if row["state"]], IDENTIFIERS)
    spoken = frozenset(word.decision_id for word in words.spoken[:n_told])
    ledger = _ledger(ask, accounts, words=words)
    ledger = replace(ledger, spoken=spoken, states=judged.select(STATES.names))
    return State(
        facts=Facts(
            _table(accounts, ACCOUNT), _table(held, LINKS), known=_known(identifiers, reach)
        ),
        ledger=ledger,
        identifiers=_table(identifiers, IDENTIFIERS),
        links=_table([_link(row) for row in held], JUDGED),
        merged_into=_merged_into(ledger.aliases),
        torn=pa.array([], pa.string()),
        likely=_likely(ask, ledger),
        decided=read_decided(ask.database, spec),
        is_part=True,
    )


def _table(rows: Iterable[Row], schema: pa.Schema) -> pa.Table:
    """Make a table; times came as epoch milliseconds."""
    listed = list(rows)
    columns = []
    for column in schema:
        values = [row[column.name] for row in listed]
        is_time = pa.types.is_timestamp(column.type)
        made = pa.array(values, pa.int64() if is_time else column.type)
        columns.append(made.cast(column.type))
    return pa.table(columns, schema=schema)


def _link(row: Row) -> dict[str, object]:
    return {**row, "start_id": row["account_id"], "end_id": row["identifier_key"]}


def _known(identifiers: Iterable[Row], reach: Reach) -> pa.Table:
    """Return the counts of identifiers that were not followed: others than these have them."""
    others = [row for row in identifiers if row["identifier_key"] not in reach.followed]
    keys = [str(row["identifier_key"]) for row in others]
    counts = [reach.counts.get(k, row["n_accounts"]) for k, row in zip(keys, others, strict=True)]
    return pa.table([keys, counts], schema=KNOWN)


def _ledger(ask: Asked, accounts: Rows, *, words: Words) -> Ledger:
    resolved = [row for row in accounts if row["customer_id"] is not None]
    customers = {str(row["customer_id"]): row for row in resolved}
    restored = set(words.restored["customer_id"].to_pylist())
    aliases = [
        *ask(ALIASED, ids=customers),
        *ask(RETIRED, ids=restored),
    ]
    distinct = {str(row["customer_id"]): row for row in aliases}
    last = ask.database.read(LAST)
    return Ledger(
        resolved=_table(resolved, RESOLVED),
        customers=_table(customers.values(), CUSTOMERS),
        aliases=_table(distinct.values(), ALIASES),
        chain=Chain(int(str(last[0]["event_id"])), str(last[0]["digest"])) if last else Chain(),
        used=_used(ask, [str(row["account_id"]) for row in accounts]),
    )


def _used(ask: Asked, account_ids: Sequence[str]) -> frozenset[str]:
    """Return the ids, living or retired, that a group founded by these accounts might get."""
    rows = ask(USED, ids=[hashed(account_id) for account_id in account_ids])
    return frozenset(str(row["used"]) for row in rows)


def _likely(ask: Asked, ledger: Ledger) -> pa.Table:
    rows = ask(RESEMBLES, ids=ledger.customers["customer_id"].to_pylist())
    distinct = {(str(row["start_id"]), str(row["end_id"])): row for row in rows}
    return _table(distinct.values(), LIKELY)


def _merged_into(aliases: pa.Table) -> pa.Table:
    held = aliases.filter(pc.is_valid(aliases["merged_into"]))
    return held.rename_columns(["start_id", "end_id"])
