"""Keys that a reduction only joins and groups by come as numbers, not as texts.

A number takes a third of the room of an order's key and half of the time. The number is the
64-bit hash of the key. Two keys with one hash would be taken for one, and so the hashes of the
table whose key it is are counted first: where two are equal, the texts are used instead.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from algorithms.preparing import prepared

if TYPE_CHECKING:
    import duckdb

GIVEN: Final = "{name} given"
"""The name under which a table is known before its keys are numbers."""
# of a missing key none: it must not join another missing one
NUMBER: Final = "CASE WHEN {column} IS NOT NULL THEN hash({column}) END"


@contextmanager
def numbered(
    connection: "duckdb.DuckDBPyConnection",
    tables: Mapping[str, Iterable[str]],
    *,
    joins: Mapping[str, str],
    number: str = NUMBER,
) -> Iterator[None]:
    """Let SQL on ``connection`` read tables by their names inside the block.

    Parameters
    ----------
    connection
        Knows each table as `GIVEN`.
    tables
        The columns of each table, by its name.
    joins
        Columns that come as numbers, each with the table whose key it is.
    number
        What makes a number of a ``column``.
    """
    sources = {name: f'"{GIVEN.format(name=name)}"' for name in tables}
    wanted = {column: number.format(column=_quoted(column)) for column in joins}
    numbers = {
        column: value
        for column, value in wanted.items()
        if _are_different(connection, sources[joins[column]], number=value)
    }
    queries = {
        name: "SELECT "
        + ", ".join(f"{numbers.get(c, _quoted(c))} AS {_quoted(c)}" for c in columns)
        + f" FROM {sources[name]}"
        for name, columns in tables.items()
    }
    with prepared(connection, queries, kind="VIEW"):
        yield


def _quoted(column: str) -> str:
    return f'"{column}"'


def _are_different(connection: "duckdb.DuckDBPyConnection", source: str, *, number: str) -> bool:
    """Tell whether every row of the table that owns a key has a number of its own."""
    shared = f"SELECT {number} AS number FROM {source} GROUP BY number HAVING COUNT(*) > 1"
    return not connection.execute(f"{shared} LIMIT 1").fetchall()
