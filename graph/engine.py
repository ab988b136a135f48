"""DuckDB as kith uses it: UTC, bounded memory, spilling only into our own folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graph.settings import Settings

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
    try:
        connection.execute(f"SET memory_limit = '{settings.memory}'")
        connection.execute(f"SET temp_directory = '{settings.tmp}'")
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET TimeZone = $zone", {"zone": timezone})
        yield connection
    finally:
        connection.close()
