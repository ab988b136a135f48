"""Puts results into the graph: only what changed, and nothing that an earlier run left.

What is new and what the graph holds are compared column by column in DuckDB. Whoever is no
longer among the results loses the properties; a relationship that is no longer found goes,
and so does a node that the algorithm itself has made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pyarrow as pa

from algorithms.contract import Algorithm
from algorithms.promises import columns_of
from algorithms.reduction import registered
from graph.columns import as_declared, identity_of, properties_by_column
from graph.elements import read_element
from graph.session import Database
from graph.spec import Element, GraphSpec, NodeSpec, RelationshipSpec
from graph.tally import count_properties, count_relationships
from graph.writer import Writer

if TYPE_CHECKING:
    import duckdb

Held = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Place:
    """The graph, its declarations with those of algorithms, and DuckDB to compare in."""

    database: Database
    spec: GraphSpec
    connection: "duckdb.DuckDBPyConnection"


@dataclass(frozen=True, slots=True)
class Change:
    """What has to be written of one element, and how it differs from what is there.

    ``is_whole`` tells that the rows are all there is of the element, which comes and goes with
    them: a relationship, or a node of the algorithm's own. ``stored`` holds the segments of
    customers as they are in the graph, where the algorithm has any.
    """

    element: Element
    rows: pa.Table
    gone: pa.Table
    counts: Mapping[str, int]
    is_whole: bool
    stored: pa.Table = field(default_factory=lambda: pa.table({}))


def held_by(tables: Mapping[str, pa.Table], *, spec: GraphSpec) -> Held:
    """Return how many values of each property, and how many other rows, results hold."""
    return {
        name: values_in(table, spec.nodes[name]) if name in spec.nodes else {"": table.num_rows}
        for name, table in tables.items()
    }


def held_in(place: Place, algorithm: Algorithm) -> Held:
    """Return the same of what the graph holds now."""
    nodes = {
        label: count_properties(place.database, place.spec.nodes[label], properties=properties)
        for label, properties in algorithm.properties.items()
    }
    links = {link.name: {"": count_relationships(place.database, link)} for link in algorithm.links}
    return {**nodes, **links}


def changes_of(
    algorithm: Algorithm, tables: Mapping[str, pa.Table], *, place: Place
) -> list[Change]:
    """Compare an algorithm's results, by element, with what the graph holds of it."""
    changes = []
    for name, new in tables.items():
        if name not in algorithm.outputs or algorithm.filed(name):
            continue
        columns = [p.name for p in columns_of(algorithm, name, spec=place.spec)]
        old = read_element(place.database, place.spec, name=name, columns=columns)
        element = place.spec.element(name)
        is_made = name in algorithm.makes
        change = change_of(element, new, old=old, connection=place.connection, is_made=is_made)
        if name == "Customer" and algorithm.segments:
            change = replace(change, stored=old.select(["customer_id", *algorithm.segments]))
        changes.append(change)
    return changes


def change_of(
    element: Element,
    new: pa.Table,
    *,
    old: pa.Table,
    connection: "duckdb.DuckDBPyConnection",
    is_made: bool = False,
) -> Change:
    """Compare two tables of one element's rows.

    Of nodes only those with a value count, unless the algorithm has made them (``is_made``).
    """
    keys = identity_of(element)
    is_whole = is_made or not isinstance(element, NodeSpec)
    values = [name for name in new.column_names if name not in keys]
    with registered(connection, {"found": new, "stored": old}):
        rows = _query(connection, _changed(keys, values))
        gone = _query(connection, _gone(keys, values, is_whole=is_whole))
        created = _query(connection, _created(keys, values, is_whole=is_whole)).num_rows
    counts = {
        "new": created,
        "changed": rows.num_rows - created,
        "removed": gone.num_rows,
        "unchanged": new.num_rows - rows.num_rows,
    }
    return Change(element, _typed(element, rows), _typed(element, gone), counts, is_whole)


def write(changes: Sequence[Change], writer: Writer) -> None:
    """Write what changed and remove what is gone; may be repeated after a crash."""
    for change in changes:
        if not isinstance(change.element, NodeSpec):
            _write_links(change, change.element, writer=writer)
        elif change.is_whole:
            _write_nodes(change, change.element, writer=writer)
        else:
            for rows in (change.rows, change.gone):
                if rows.num_rows:
                    writer.set_properties(change.element, rows)


def _write_links(change: Change, link: RelationshipSpec, *, writer: Writer) -> None:
    if change.rows.num_rows:
        writer.write_relationships(link, change.rows)
    if change.gone.num_rows:
        writer.delete_relationships(link, change.gone)


def _write_nodes(change: Change, node: NodeSpec, *, writer: Writer) -> None:
    if change.rows.num_rows:
        writer.write_nodes(node, change.rows)
    if change.gone.num_rows:
        writer.delete_nodes(node, change.gone[node.key])


def values_in(table: pa.Table, node: NodeSpec) -> dict[str, int]:
    """Return how many rows have each property of a node."""
    names = [name for name in table.column_names if name != node.key]
    return {name: table.num_rows - table[name].null_count for name in names}


def _changed(keys: Sequence[str], values: Sequence[str]) -> str:
    differs = " OR ".join(f'f."{v}" IS DISTINCT FROM s."{v}"' for v in values) or "false"
    return (
        f"SELECT f.* FROM found f LEFT JOIN stored s ON {_same(keys)} "
        f'WHERE s."{keys[0]}" IS NULL OR {differs}'
    )


def _created(keys: Sequence[str], values: Sequence[str], *, is_whole: bool) -> str:
    """Select the results of which the graph holds no value; a node without scores is one."""
    held = "true" if is_whole else _has_value(values)
    stored = f"(SELECT * FROM stored s WHERE {held})"
    return f"SELECT 1 AS one FROM found f ANTI JOIN {stored} s ON {_same(keys)}"


def _gone(keys: Sequence[str], values: Sequence[str], *, is_whole: bool) -> str:
    """Select what the graph holds beyond the results: nodes with their values made null."""
    # a null that keeps the column's type
    emptied = [f'CASE WHEN false THEN s."{v}" END AS "{v}"' for v in values if not is_whole]
    columns = ", ".join([*(f's."{key}"' for key in keys), *emptied])
    where = "true" if is_whole else _has_value(values)
    return f"SELECT {columns} FROM stored s ANTI JOIN found f ON {_same(keys)} WHERE {where}"


def _has_value(values: Sequence[str]) -> str:
    return " OR ".join(f's."{v}" IS NOT NULL' for v in values) or "false"


def _same(keys: Sequence[str]) -> str:
    return " AND ".join(f'f."{key}" = s."{key}"' for key in keys)


def _query(connection: "duckdb.DuckDBPyConnection", query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()


def _typed(element: Element, rows: pa.Table) -> pa.Table:
    declared = properties_by_column(element)
    return as_declared(rows, {name: declared[name] for name in rows.column_names})
