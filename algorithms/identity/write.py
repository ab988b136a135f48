"""Writes the difference between a resolution and the graph, in an order that can be cut off.

First the events and the record of the run, unfinished; then the aliases, so that no id is
ever unknown; then what was computed about changed customers goes; then accounts leave their
former customers before they join the new ones, so that none is ever counted twice; at last
empty customers go, and the run is marked finished. Every step may be repeated. A run that is
cut off leaves accounts without a customer, never a wrong score, and the next run goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.ledger import TIME
from algorithms.identity.resolution import Resolution
from algorithms.identity.state import (
    HAS_IDENTIFIER,
    LIKELY_SAME,
    MERGED_INTO,
    RESOLVED_TO,
    SPLIT_FROM,
    State,
)
from graph.session import Database
from graph.spec import GraphSpec, RelationshipSpec
from graph.writer import Writer

OWNER: Final = "identity"
OWN: Final = (RESOLVED_TO, MERGED_INTO, SPLIT_FROM, LIKELY_SAME)  # drawn by resolution itself
PIN: Final = ("start_id", "end_id")
CUSTOMERS_AT_ONCE: Final = 1_000
FORGET_LINKS: Final = """
UNWIND $keys AS key
MATCH (:Customer {{customer_id: key}})-[r:{type}]-()
DELETE r
"""


@dataclass(frozen=True)
class Difference:
    """What the graph lacks (rows to set) and what it has too much (rows to delete)."""

    customers: pa.Table
    resolved: pa.Table
    left: pa.Table
    aliases: pa.Table
    revived: pa.Array
    merged_into: pa.Table
    no_longer_into: pa.Table
    identifiers: pa.Table
    links: pa.Table
    likely: pa.Table
    unlikely: pa.Table
    pinned: Mapping[str, pa.Table]
    unpinned: Mapping[str, pa.Table]

    @property
    def n_rows(self) -> int:
        """Return how many rows there are to write or delete."""
        held = [getattr(self, name) for name in self.__dataclass_fields__]
        pins = [*self.pinned.values(), *self.unpinned.values()]
        return sum(len(rows) for rows in [*held, *pins] if not isinstance(rows, Mapping))


def difference(state: State, resolution: Resolution) -> Difference:
    """Compare what the graph holds with what it must hold."""
    ledger = state.ledger
    resolved = ledger.resolved.rename_columns(resolution.resolved.column_names)
    heirs = resolution.aliases.filter(pc.is_valid(resolution.aliases["merged_into"]))
    merged_into = heirs.rename_columns(["start_id", "end_id"])
    held = state.merged_into
    return Difference(
        customers=different(resolution.customers, ledger.customers, on=["customer_id"]),
        resolved=different(resolution.resolved, resolved, on=["start_id", "end_id"]),
        left=absent(resolved, resolution.resolved, on=["start_id", "end_id"]),
        aliases=absent(resolution.aliases, ledger.aliases, on=["customer_id"]),
        revived=absent(ledger.aliases, resolution.aliases, on=["customer_id"])["customer_id"],
        merged_into=absent(merged_into, held, on=["start_id", "end_id"]),
        no_longer_into=absent(held, merged_into, on=["start_id", "end_id"]),
        identifiers=different(resolution.identifiers, state.identifiers, on=["identifier_key"]),
        links=different(resolution.links, state.links, on=["start_id", "end_id"]),
        likely=different(resolution.likely, state.likely, on=["start_id", "end_id"]),
        unlikely=absent(_weighed(state, resolution), resolution.likely, on=["start_id", "end_id"]),
        pinned={
            name: different(rows, state.decided[name], on=PIN)
            for name, rows in resolution.pins.items()
        },
        unpinned={
            name: absent(rows, resolution.pins[name], on=PIN)
            for name, rows in _here(state, resolution).items()
        },
    )


def _here(state: State, resolution: Resolution) -> dict[str, pa.Table]:
    """Return the pins of the graph between accounts that were resolved."""
    accounts = resolution.resolved["start_id"]
    return {
        name: rows.filter(pc.and_(*(pc.is_in(rows[end], value_set=accounts) for end in PIN)))
        for name, rows in state.decided.items()
    }


def _weighed(state: State, resolution: Resolution) -> pa.Table:
    """Return the pairs of the graph of which this run has had something to say."""
    ends = [state.likely[name] for name in ("start_id", "end_id")]
    here = resolution.customers["customer_id"]
    said = pc.or_(*(pc.is_in(end, value_set=here) for end in ends))
    gone = pc.or_(*(pc.is_in(end, value_set=resolution.removed) for end in ends))
    return state.likely.filter(pc.or_(said, gone))


def different(rows: pa.Table, held: pa.Table, *, on: Sequence[str]) -> pa.Table:
    """Return the rows that ``held`` lacks or has with other values."""
    others = [name for name in rows.column_names if name not in on]
    tests = [f"h.{name} IS DISTINCT FROM r.{name}" for name in others]
    return _chosen(rows, held, on=on, where=" OR ".join([f"h.{on[0]} IS NULL", *tests]))


def absent(rows: pa.Table, held: pa.Table, *, on: Sequence[str]) -> pa.Table:
    """Return the rows whose key ``held`` lacks."""
    return _chosen(rows, held, on=on, where=f"h.{on[0]} IS NULL")


def _chosen(rows: pa.Table, held: pa.Table, *, on: Sequence[str], where: str) -> pa.Table:
    import duckdb

    keys = " AND ".join(f"h.{name} = r.{name}" for name in on)
    with duckdb.connect() as connection:
        connection.register("r", rows.append_column("place", pa.array(np.arange(len(rows)))))
        connection.register("h", held)
        query = f"SELECT r.place FROM r LEFT JOIN h ON {keys} WHERE {where}"
        places = connection.execute(query).fetchnumpy()["place"]
    return rows.take(pa.array(places, pa.int64()))


def write(
    database: Database, resolution: Resolution, *, spec: GraphSpec, found: Difference, at: datetime
) -> None:
    """Write a difference, and forget what was computed about changed customers.

    Parameters
    ----------
    database, spec
        Where to; the spec names everything that algorithms compute about customers.
    resolution
        Whose ``changed`` and ``removed`` customers are dealt with.
    found
        Its difference to the graph.
    at
        When ids are retired.
    """
    writer, nodes, links = Writer(database, spec), spec.nodes, spec.relationships
    writer.write_nodes(nodes["CustomerAlias"], _retired(found.aliases, at))
    forget_links(database, resolution.changed, spec=spec)
    writer.write_nodes(nodes["Customer"], _unscored(found.customers, resolution, spec=spec))
    writer.write_nodes(nodes["Customer"], _others(found.customers, resolution))
    # an heir may be a customer whose id this very run brings back
    writer.write_relationships(links[MERGED_INTO], found.merged_into)
    writer.delete_relationships(links[MERGED_INTO], found.no_longer_into)
    writer.delete_nodes(nodes["CustomerAlias"], found.revived)
    writer.delete_relationships(links[RESOLVED_TO], found.left)
    writer.write_relationships(links[RESOLVED_TO], found.resolved)
    writer.write_relationships(links[SPLIT_FROM], resolution.split_from)
    writer.delete_relationships(links[LIKELY_SAME], found.unlikely)
    writer.delete_nodes(nodes["Customer"], pa.chunked_array([resolution.removed]))
    writer.write_relationships(links[LIKELY_SAME], found.likely)
    for name, rows in found.unpinned.items():
        writer.delete_relationships(links[name], rows)
    for name, rows in found.pinned.items():
        writer.write_relationships(links[name], rows)
    writer.set_properties(nodes["Identifier"], found.identifiers)
    writer.write_relationships(links[HAS_IDENTIFIER], found.links)


def forget_links(database: Database, customer_ids: pa.Array, *, spec: GraphSpec) -> None:
    """Delete the relationships that algorithms drew from or to customers."""
    types = sorted({link.type for link in spec.relationships.values() if _is_computed(link)})
    for start in range(0, len(customer_ids), CUSTOMERS_AT_ONCE):
        keys = customer_ids.slice(start, CUSTOMERS_AT_ONCE).to_pylist()
        for name in types:
            database.write(FORGET_LINKS.format(type=name), {"keys": keys})


def _is_computed(link: RelationshipSpec) -> bool:
    return "Customer" in (link.start, link.end) and link.name not in OWN


def _retired(aliases: pa.Table, at: datetime) -> pa.Table:
    times = pa.array([at] * len(aliases), TIME)
    return pa.table({"customer_id": aliases["customer_id"], "retired_at": times})


def _unscored(customers: pa.Table, resolution: Resolution, *, spec: GraphSpec) -> pa.Table:
    """Return the changed customers, with a null for everything computed about them."""
    rows = customers.filter(pc.is_in(customers["customer_id"], value_set=resolution.changed))
    for name in computed_properties(spec):
        rows = rows.append_column(name, pa.nulls(len(rows)))
    return rows


def _others(customers: pa.Table, resolution: Resolution) -> pa.Table:
    is_changed = pc.is_in(customers["customer_id"], value_set=resolution.changed)
    return customers.filter(pc.invert(is_changed))


def computed_properties(spec: GraphSpec) -> list[str]:
    """Return the properties of customers that other algorithms own."""
    declared = spec.nodes["Customer"].properties
    return [p.name for p in declared if p.owner not in ("", OWNER)]
