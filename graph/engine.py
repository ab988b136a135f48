"""DuckDB as kith uses it: UTC, bounded memory, spilling only into our own folder, silent."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graph.settings import Settings

# DuckDB draws a progress bar of its own on the terminal after two seconds
SILENT = "SET enable_progress_bar = false"

if TYPE_CHECKING:
    import duckdb


@contextmanager
def engine(settings: Settings, *, timezone: str = "UTC") -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open an in-memory DuckDB that spills to ``KITH_HOME/tmp`` and reaches no network.

    Parameters
    ----------
    settings
        Where the home is and how much memory may be used.
    timezone
        The zone in which times without one are read; results are instants all the same.
    """
    import duckdb

    connection = duckdb.connect()
    folder = str(settings.tmp).replace("'", "''")
    try:
        connection.execute(SILENT)
        connection.execute(f"SET memory_limit = '{settings.memory}'")
        connection.execute(f"SET temp_directory = '{folder}'")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET TimeZone = $zone", {"zone": timezone})
        yield connection
    finally:
        connection.close()


def unspilling() -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB that never spills: what it would write to disk is in the clear."""
    import duckdb

    connection = duckdb.connect(config={"temp_directory": ""})
    connection.execute(SILENT)
    return connection
