"""From the rows of one load's files to one row a key.

Rows of one key merge column by column: null states nothing, and of two different values the
first in their order is kept and the conflict counted. Rows without a key are a multiset:
identical rows are numbered, so that the same file again adds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import copy_query, quoted
from graph.picture import staged_types
from graph.spec import TableSpec
from loaders.past import EARLIEST, LATEST
from loaders.values import literal

if TYPE_CHECKING:
    import duckdb

# a line that names no number gets one; the sign keeps it apart from given ones
NUMBERED = "#"
NAMED = 5  # keys in conflict that are named; all are counted


@dataclass(frozen=True, slots=True)
class Conflict:
    """How many keys say two things in a column, and the first of them."""

    count: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """What merging a load's rows found."""

    rows: int
    duplicates: int
    conflicts: dict[str, Conflict]


def merge_parts(
    connection: "duckdb.DuckDBPyConnection",
    table: TableSpec,
    *,
    parts: Sequence[Path],
    source: str,
    to: Path,
) -> Merged:
    """Write one row a key from the extracted parts of one table.

    Returns
    -------
    How many rows there are, how many were merged away, and by column the keys that had two
    different values.
    """
    connection.execute(f"CREATE OR REPLACE TEMP VIEW part AS {_union(table, parts, source=source)}")
    # numbering rows is the costly part, so it is done once, into the file
    total = copy_query(connection, _identified(table, source), to=to)
    keyed = f"read_parquet('{quoted(to)}')"
    key = ", ".join(f'"{name}"' for name in table.identity)
    distinct = _scalar(connection, f"SELECT count(*) FROM (SELECT DISTINCT {key} FROM {keyed})")
    if distinct == total:
        return Merged(total, 0, {})
    conflicts = _conflicts(connection, table, rows=keyed, key=key)
    once = to.with_suffix(".merged")
    rows = copy_query(connection, f"SELECT {_merged(table)} FROM {keyed} GROUP BY {key}", to=once)
    once.replace(to)
    return Merged(rows, total - rows, conflicts)


def _union(table: TableSpec, parts: Sequence[Path], *, source: str) -> str:
    """Return the query of all parts with the stored columns, missing ones null."""
    types = staged_types(table)
    empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in types.items())
    union = " UNION ALL BY NAME ".join(
        [f"SELECT {empty} WHERE false"]
        + [f"SELECT * FROM read_parquet('{quoted(path)}')" for path in parts if path.exists()]
    )
    # two columns of one source may not state the same fact twice: the source is constant
    return f"SELECT * REPLACE ({literal(source)} AS source) FROM ({union})"


def _identified(table: TableSpec, source: str) -> str:
    """Return the query that gives every row its identity."""
    if table.name == "order_lines":
        return _numbered_lines()
    if table.name == "exposures":
        return _digested(table, source, fill="coalesce(campaign_id, channel) AS campaign_id")
    if table.name == "balances":
        values = "account_id, kind, coalesce(expires_at::VARCHAR, '')"
        key = f"{literal(f'{source}:')} || left(md5(concat_ws('|', {values})), 20)"
        return f"SELECT * REPLACE ({key} AS balance_id) FROM part"
    if table.keyless:
        return _digested(table, source)
    return "SELECT * FROM part"


def _numbered_lines() -> str:
    """Give lines without a number one by their values, whatever the order of rows."""
    number = (
        "row_number() OVER (PARTITION BY order_id, line_key IS NULL "
        "ORDER BY product_id, quantity, amount, list_amount)"
    )
    return f"SELECT * REPLACE (coalesce(line_key, '{NUMBERED}' || {number}) AS line_key) FROM part"


def _digested(table: TableSpec, source: str, *, fill: str = "") -> str:
    """Identify rows without a key by a digest of their values and their number among equals."""
    (identity,) = table.identity
    values = [f'"{c.stored}"' for c in table.stored]
    text = ", ".join(f"coalesce({value}::VARCHAR, '')" for value in values)
    digest = f"left(md5(concat_ws(chr(31), {text})), 20)"
    filled = f"SELECT * REPLACE ({fill}) FROM part" if fill else "SELECT * FROM part"
    number = f"row_number() OVER (PARTITION BY {', '.join(values)})"
    key = f"{literal(f'{source}:')} || {digest} || '-' || {number}"
    if table.name == "events":
        key = (
            f"CASE WHEN event_key IS NULL THEN {key} ELSE {literal(f'{source}:')} || event_key END"
        )
    return f'SELECT * REPLACE ({key} AS "{identity}") FROM ({filled})'


def _merged(table: TableSpec) -> str:
    columns = []
    for name in staged_types(table):
        function = "max" if name in LATEST else "min"
        columns.append(
            f'"{name}"' if name in table.identity else f'{function}("{name}") AS "{name}"'
        )
    return ", ".join(columns)


def _conflicts(
    connection: "duckdb.DuckDBPyConnection", table: TableSpec, *, rows: str, key: str
) -> dict[str, Conflict]:
    """Find by column the keys of which two rows say different things."""
    names = [
        name
        for name in staged_types(table)
        if name not in (*table.identity, "source") and name not in EARLIEST | LATEST
    ]
    differs = ", ".join(f'min("{n}") IS DISTINCT FROM max("{n}") AS "{n}"' for n in names)
    told = f"concat_ws(' ', {key}) AS told"
    found = ", ".join(f'count_if("{n}"), min(told, {NAMED}) FILTER ("{n}")' for n in names)
    row = connection.execute(
        f"SELECT {found} FROM "
        f"(SELECT {told}, {differs} FROM {rows} GROUP BY {key} HAVING count(*) > 1)"
    ).fetchone()
    values = row or ()
    pairs = zip(names, values[::2], values[1::2], strict=True)
    return {name: Conflict(int(count), tuple(keys)) for name, count, keys in pairs if count}


def _scalar(connection: "duckdb.DuckDBPyConnection", query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0
