"""From the tables that an algorithm reads to the frames that it computes on.

The reduction sees exactly the columns that the algorithm declares, so a declaration that
forgets one fails in its first test, not on another reader. Parameters come as a one-row
table named ``parameters``: they reach the SQL as values, never as text. A table may be a
Parquet file: it is read while it is reduced, and never as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from algorithms.contract import Algorithm, MissingColumnError, Result
from algorithms.frames import to_frame
from algorithms.numbering import GIVEN, numbered
from algorithms.parameters import Parameters
from algorithms.preparing import prepared
from graph.columns import ARROW_TYPES

if TYPE_CHECKING:
    import duckdb

Rows: TypeAlias = pa.Table | Path
"""A table, or the Parquet file that holds it."""
Tables = Mapping[str, Rows]

REMEMBERED = "remembered"
"""The table of what an algorithm itself said before, see `Algorithm.remembers`."""
RECALLED = "recalled"
"""The table of what the files of an earlier run hold, see `Algorithm.recalls`."""


def run_pure(
    algorithm: Algorithm,
    tables: Tables,
    *,
    parameters: Parameters,
    engine: "AbstractContextManager[duckdb.DuckDBPyConnection]",
) -> Result:
    """Reduce and compute: everything of an algorithm but its reads and writes.

    Parameters
    ----------
    algorithm
        What to run.
    tables
        The tables it reads, or their Parquet files, with at least the columns that it declares.
    parameters
        An instance of its parameters.
    engine
        DuckDB, for the reductions; it is closed behind them, and what they held is free.

    Raises
    ------
    MissingColumnError
        If a table or column that it declares is not there.
    """
    with engine as connection:
        found = answers(algorithm, tables, parameters=parameters, connection=connection)
    return algorithm.compute(_frames(found), parameters)


def reduced(
    algorithm: Algorithm,
    tables: Tables,
    *,
    parameters: Parameters,
    connection: "duckdb.DuckDBPyConnection",
) -> dict[str, pd.DataFrame]:
    """Return the frames that ``compute`` gets; arguments and errors as in `run_pure`."""
    found = answers(algorithm, tables, parameters=parameters, connection=connection)
    return _frames(found)


def answers(
    algorithm: Algorithm,
    tables: Tables,
    *,
    parameters: Parameters,
    connection: "duckdb.DuckDBPyConnection",
) -> dict[str, pa.Table]:
    """Return what the reductions answer, or the tables themselves where there is none."""
    former = {REMEMBERED: algorithm.remembers, RECALLED: algorithm.recalls}
    read = {name: _declared(algorithm, name, tables=tables) for name in algorithm.reads}
    columns = dict(algorithm.reads)
    for name, own in former.items():
        if own:
            columns[name] = ("customer_id", *own)
            read[name] = tables.get(name, nothing_known(algorithm, own))
    if not algorithm.reduce:
        return {name: _whole(rows, columns[name]) for name, rows in read.items()}
    given = {GIVEN.format(name=name): rows for name, rows in read.items()}
    with (
        registered(connection, {**given, "parameters": one_row(parameters)}),
        numbered(connection, columns, joins=algorithm.joins),
        prepared(connection, algorithm.prepare),
    ):
        return {
            name: connection.sql(query).to_arrow_table() for name, query in algorithm.reduce.items()
        }


def _frames(tables: dict[str, pa.Table]) -> dict[str, pd.DataFrame]:
    """Return the tables as frames, each dropped as soon as its frame is made."""
    return {name: to_frame(tables.pop(name)) for name in list(tables)}


def _declared(algorithm: Algorithm, name: str, *, tables: Tables) -> Rows:
    """Return a table that ``algorithm`` declares; raises as `run_pure`."""
    rows = tables.get(name, pa.table({}))
    held = pq.read_schema(rows).names if isinstance(rows, Path) else rows.column_names
    for column in algorithm.reads[name]:
        if column not in held:
            raise MissingColumnError(algorithm=algorithm.name, table=name, column=column)
    return rows


def _whole(rows: Rows, columns: Iterable[str]) -> pa.Table:
    wanted = list(columns)
    return pq.read_table(rows, columns=wanted) if isinstance(rows, Path) else rows.select(wanted)


def nothing_known(algorithm: Algorithm, columns: Iterable[str]) -> pa.Table:
    """Return a table of some of an algorithm's former results, without rows."""
    kinds = {p.name: ARROW_TYPES[p.kind] for p in algorithm.properties["Customer"]}
    known = [(name, kinds[name]) for name in columns]
    return pa.schema([("customer_id", pa.string()), *known]).empty_table()


def one_row(parameters: Parameters) -> pa.Table:
    """Return the parameters as a table of one row, each a column."""
    return pa.table({name: [value] for name, value in parameters.model_dump().items()})


@contextmanager
def registered(connection: "duckdb.DuckDBPyConnection", tables: Tables) -> Iterator[None]:
    """Let SQL on ``connection`` read ``tables`` by their names inside the block."""
    for name, rows in tables.items():
        if isinstance(rows, Path):
            connection.read_parquet(str(rows)).create_view(name)
        else:
            connection.register(name, rows)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)
