"""A part of staging: the rows that speak of what a load touches, and of nothing else.

What the picture says of an account, an order or an identifier follows from the rows that name
it. So a load that touches a thousand of them needs the picture of these alone; only what all
sources share and many rows name, a product or a store, is drawn whole.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import rows_in
from graph.layers import count_rows
from graph.picture import create_merged, staged_types
from graph.spec import COMPANY_LABELS, GraphSpec, NodeSpec, TableSpec

if TYPE_CHECKING:
    import duckdb

WHOLE, PART = "main", "part"
MOST_SHARE = 0.125  # of the rows of the tables concerned


def draws_in_part(spec: GraphSpec, element: str) -> str:
    """Return the column by which an element is drawn in parts; empty: it is drawn whole."""
    named = spec.element(element)
    if isinstance(named, NodeSpec):
        return named.key if _is_own(named.label) else ""
    ends = (("start_id", named.start), ("end_id", named.end))
    return next((column for column, label in ends if _is_own(label)), "")


def label_of(spec: GraphSpec, element: str) -> str:
    """Return whose keys stand in the column by which an element is drawn in parts."""
    named = spec.element(element)
    if isinstance(named, NodeSpec):
        return named.label
    return named.start if _is_own(named.start) else named.end


def is_worth_it(
    connection: "duckdb.DuckDBPyConnection", touched: Mapping[str, Sequence[Path]]
) -> bool:
    """Tell whether little enough is touched of the tables concerned."""
    rows = sum(count_rows(connection, rows_in(*paths)) for paths in touched.values())
    held = sum(count_rows(connection, f'"{name}"') for name in touched)
    return rows <= MOST_SHARE * held


def register_part(
    connection: "duckdb.DuckDBPyConnection",
    spec: GraphSpec,
    *,
    touched: Mapping[str, Sequence[Path]],
) -> None:
    """Create, beside the views of all rows, those of the rows that speak of what is touched.

    Parameters
    ----------
    connection
        Where ``register_staging`` has created the views of all rows.
    spec
        The declared nodes, relationships and tables.
    touched
        By table, files of the rows that change, as they become and as they were.
    """
    labels = sorted({label for table in spec.tables.values() for _, label in _names(table)})
    for label in labels:
        columns = [
            f'SELECT "{column}" AS key FROM {rows_in(*paths)}'
            for name, paths in touched.items()
            for column, of in _names(spec.tables[name])
            if of == label
        ]
        union = " UNION ".join(columns) or "SELECT NULL::VARCHAR AS key"
        connection.execute(
            f'CREATE TEMP TABLE "{touched_keys(label)}" AS '
            f"SELECT * FROM ({union}) WHERE key IS NOT NULL"
        )
    connection.execute(f"CREATE SCHEMA {PART}")
    for table in spec.tables.values():
        connection.execute(f'CREATE VIEW {PART}."{table.name}" AS {_speaking(table)}')
    with_schema(connection, PART)
    create_merged(connection, spec)
    with_schema(connection, WHOLE)


def with_schema(connection: "duckdb.DuckDBPyConnection", schema: str) -> None:
    """Let queries find tables by their names in the views of all rows, or of a part."""
    connection.execute(f"USE {schema}")


def touched_keys(label: str) -> str:
    """Return the name of the table of the keys of a label that a load touches."""
    return f"touched {label}"


def _speaking(table: TableSpec) -> str:
    rows = f'SELECT * FROM {WHOLE}."{table.name}"'
    speaks = [
        f'"{column}" IN (SELECT key FROM "{touched_keys(label)}")'
        for column, label in _names(table)
    ]
    return f"{rows} WHERE {' OR '.join(speaks)}" if speaks else rows


def _names(table: TableSpec) -> Iterator[tuple[str, str]]:
    """Yield the columns of a table that name something drawn in parts, with its label."""
    columns = {c.stored: c.refers for c in table.stored if c.refers}
    if table.node:
        columns |= dict.fromkeys(table.identity, table.node)
    if "identifier_key" in staged_types(table):
        columns["identifier_key"] = "Identifier"
    return ((column, label) for column, label in columns.items() if _is_own(label))


def _is_own(label: str) -> bool:
    return label not in COMPANY_LABELS
