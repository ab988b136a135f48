"""From the tables that an algorithm reads to the frames that it computes on.

The reduction sees exactly the columns that the algorithm declares, so a declaration that
forgets one fails in its first test, not on another reader. Parameters come as a one-row
table named ``parameters``: they reach the SQL as values, never as text.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa

from algorithms.contract import Algorithm, MissingColumnError, Result
from algorithms.frames import to_frame
from algorithms.parameters import Parameters
from graph.columns import ARROW_TYPES

if TYPE_CHECKING:
    import duckdb

Tables = Mapping[str, pa.Table]

REMEMBERED = "remembered"
"""The table of what an algorithm itself said before, see `Algorithm.remembers`."""
RECALLED = "recalled"
"""The table of what the files of an earlier run hold, see `Algorithm.recalls`."""


def run_pure(
    algorithm: Algorithm,
    tables: Tables,
    *,
    parameters: Parameters,
    connection: "duckdb.DuckDBPyConnection",
) -> Result:
    """Reduce and compute: everything of an algorithm but its reads and writes.

    Parameters
    ----------
    algorithm
        What to run.
    tables
        The tables it reads, with at least the columns that it declares.
    parameters
        An instance of its parameters.
    connection
        DuckDB, for the reductions.

    Raises
    ------
    MissingColumnError
        If a table or column that it declares is not there.
    """
    inputs = reduced(algorithm, tables, parameters=parameters, connection=connection)
    return algorithm.compute(inputs, parameters)


def reduced(
    algorithm: Algorithm,
    tables: Tables,
    *,
    parameters: Parameters,
    connection: "duckdb.DuckDBPyConnection",
) -> dict[str, pd.DataFrame]:
    """Return the frames that ``compute`` gets; arguments and errors as in `run_pure`."""
    read = {name: declared_part(algorithm, name, tables=tables) for name in algorithm.reads}
    for name, columns in ((REMEMBERED, algorithm.remembers), (RECALLED, algorithm.recalls)):
        if columns:
            read[name] = tables.get(name, nothing_known(algorithm, columns))
    if not algorithm.reduce:
        return {name: to_frame(table) for name, table in read.items()}
    with registered(connection, {**read, "parameters": one_row(parameters)}):
        return {
            name: to_frame(connection.sql(query).to_arrow_table())
            for name, query in algorithm.reduce.items()
        }


def nothing_known(algorithm: Algorithm, columns: Iterable[str]) -> pa.Table:
    """Return a table of some of an algorithm's former results, without rows."""
    kinds = {p.name: ARROW_TYPES[p.kind] for p in algorithm.properties["Customer"]}
    known = [(name, kinds[name]) for name in columns]
    return pa.schema([("customer_id", pa.string()), *known]).empty_table()


def declared_part(algorithm: Algorithm, name: str, *, tables: Tables) -> pa.Table:
    """Return the columns of one table that ``algorithm`` declares; raises as `run_pure`."""
    table = tables.get(name, pa.table({}))
    for column in algorithm.reads[name]:
        if column not in table.column_names:
            raise MissingColumnError(algorithm=algorithm.name, table=name, column=column)
    return table.select(list(algorithm.reads[name]))


def one_row(parameters: Parameters) -> pa.Table:
    """Return the parameters as a table of one row, each a column."""
    return pa.table({name: [value] for name, value in parameters.model_dump().items()})


@contextmanager
def registered(connection: "duckdb.DuckDBPyConnection", tables: Tables) -> Iterator[None]:
    """Let SQL on ``connection`` read ``tables`` by their names inside the block."""
    for name, table in tables.items():
        connection.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            connection.unregister(name)
