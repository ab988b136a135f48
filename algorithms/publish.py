"""Puts results into the graph: only what changed, and nothing that an earlier run left.

What is new and what the graph holds are compared column by column in DuckDB. Whoever is no
longer among the results loses the properties; a relationship that is no longer found goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from algorithms.contract import Algorithm
from algorithms.promises import columns_of
from algorithms.reduction import registered
from graph.columns import as_declared, identity_of, properties_by_column
from graph.elements import read_element
from graph.session import Database
from graph.spec import Element, GraphSpec, NodeSpec
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
    """What has to be written of one element, and how it differs from what is there."""

    element: Element
    rows: pa.Table
    gone: pa.Table
    counts: Mapping[str, int]


def held_by(tables: Mapping[str, pa.Table], *, spec: GraphSpec) -> Held:
    """Return how many values of each property, and how many relationships, results hold."""
    return {name: _size(table, spec.element(name)) for name, table in tables.items()}


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
        columns = [p.name for p in columns_of(algorithm, name, spec=place.spec)]
        old = read_element(place.database, place.spec, name=name, columns=columns)
        element = place.spec.element(name)
        changes.append(change_of(element, new, old=old, connection=place.connection))
    return changes


def change_of(
    element: Element, new: pa.Table, *, old: pa.Table, connection: "duckdb.DuckDBPyConnection"
) -> Change:
    """Compare two tables of one element's rows; of nodes, only those with a value count."""
    keys, is_node = identity_of(element), isinstance(element, NodeSpec)
    values = [name for name in new.column_names if name not in keys]
    with registered(connection, {"found": new, "stored": old}):
        rows = _query(connection, _changed(keys, values))
        gone = _query(connection, _gone(keys, values, is_node=is_node))
        created = _query(connection, _created(keys, values, is_node=is_node)).num_rows
    counts = {
        "new": created,
        "changed": rows.num_rows - created,
        "removed": gone.num_rows,
        "unchanged": new.num_rows - rows.num_rows,
    }
    return Change(element, _typed(element, rows), _typed(element, gone), counts)


def write(changes: Sequence[Change], writer: Writer) -> None:
    """Write what changed and remove what is gone; may be repeated after a crash."""
    for change in changes:
        if isinstance(change.element, NodeSpec):
            for rows in (change.rows, change.gone):
                if rows.num_rows:
                    writer.set_properties(change.element, rows)
            continue
        if change.rows.num_rows:
            writer.write_relationships(change.element, change.rows)
        if change.gone.num_rows:
            writer.delete_relationships(change.element, change.gone)


def _size(table: pa.Table, element: Element) -> dict[str, int]:
    if not isinstance(element, NodeSpec):
        return {"": table.num_rows}
    names = [name for name in table.column_names if name != element.key]
    return {name: table.num_rows - table[name].null_count for name in names}


def _changed(keys: Sequence[str], values: Sequence[str]) -> str:
    differs = " OR ".join(f'f."{v}" IS DISTINCT FROM s."{v}"' for v in values) or "false"
    return (
        f"SELECT f.* FROM found f LEFT JOIN stored s ON {_same(keys)} "
        f'WHERE s."{keys[0]}" IS NULL OR {differs}'
    )


def _created(keys: Sequence[str], values: Sequence[str], *, is_node: bool) -> str:
    """Select the results of which the graph holds no value; a node without scores is one."""
    held = _has_value(values) if is_node else "true"
    stored = f"(SELECT * FROM stored s WHERE {held})"
    return f"SELECT 1 AS one FROM found f ANTI JOIN {stored} s ON {_same(keys)}"


def _gone(keys: Sequence[str], values: Sequence[str], *, is_node: bool) -> str:
    """Select what the graph holds beyond the results: nodes with their values made null."""
    # a null that keeps the column's type
    emptied = [f'CASE WHEN false THEN s."{v}" END AS "{v}"' for v in values] if is_node else []
    columns = ", ".join([*(f's."{key}"' for key in keys), *emptied])
    where = _has_value(values) if is_node else "true"
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
