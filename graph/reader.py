"""Reads tables: the one way in which analysis sees what was loaded.

There are two forms, and a contract test holds them equal row by row: the graph, which is
what people see, and the staged files, which a first load analyses before there is a graph.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from graph.columns import END, START
from graph.elements import read_element
from graph.session import Database
from graph.settings import Settings
from graph.shapes import RESOLVED, Shape, assemble, shape_of
from graph.spec import GraphSpec
from graph.staged_reader import StagedReader

if TYPE_CHECKING:
    import duckdb

READERS = 2

__all__ = ["GraphReader", "Reader", "StagedReader"]


class Reader(Protocol):
    """Where algorithms, exports and resolution read their tables."""

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a fact table, ``resolution`` or ``customers``.

        Parameters
        ----------
        name
            The table.
        columns
            What to return, in this order; None returns all columns: what identifies a row,
            what was mapped (keys of nodes as ids, personal values absent), ``source`` or
            ``sources``, ``customer_id`` where there is an account (null: not resolved), and
            for every time its calendar day (``ordered_day``, ``day``).

        Returns
        -------
        The rows in any order, in the types of ``graph.columns.ARROW_TYPES``: times UTC to
        the millisecond, money in whole ten-thousandths, days in the company's time zone.

        Raises
        ------
        UnknownTableError, UnknownColumnError
            If there is no such table or column.
        """

    def element(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a label or a relationship between two labels, in the form of the picture.

        Parameters
        ----------
        name
            ``Account`` or ``Account-PLACED-Order``.
        columns
            What to return; None returns all that is declared, ``start_id`` and ``end_id``
            included.

        Raises
        ------
        UnknownTableError, UnknownColumnError
            If there is no such element or column.
        """


@dataclass(frozen=True)
class GraphReader:
    """Reads the graph, and from staging what the graph holds rolled up.

    Who is whom is read once and kept: make a new reader after resolving.

    Parameters
    ----------
    database
        Where from; the constraints on keys must be installed.
    spec
        The declared nodes, relationships and tables.
    settings
        Name the home, whose staging holds the events.
    timezone
        The company's zone, in which calendar days are told.
    """

    database: Database
    spec: GraphSpec
    _: KW_ONLY
    settings: Settings
    timezone: str

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table; see `Reader.table`."""
        shape = shape_of(self.spec, name)
        if shape.is_staged:
            return self._staged(shape, columns).table(name, columns)
        return assemble(
            self.settings, shape, columns=columns, timezone=self.timezone, provide=self._provide
        )

    def element(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read an element; see `Reader.element`."""
        return read_element(self.database, self.spec, name=name, columns=columns)

    @cached_property
    def _resolved(self) -> pa.Table:
        return self.element(RESOLVED, [START, END])

    def _provide(
        self, connection: "duckdb.DuckDBPyConnection", needed: Mapping[str, Sequence[str]]
    ) -> None:
        # the server answers a query with one thread, and Python mostly waits for it
        with ThreadPoolExecutor(READERS) as pool:
            tables = pool.map(self._read, needed.items())
            for name, rows in zip(needed, tables, strict=True):
                connection.register(name, rows)

    def _read(self, asked: tuple[str, Sequence[str]]) -> pa.Table:
        name, columns = asked
        is_known = name == RESOLVED and set(columns) <= {START, END}
        return self._resolved if is_known else self.element(name, columns)

    def _staged(self, shape: Shape, columns: Sequence[str] | None) -> StagedReader:
        is_asked = columns is None or "customer_id" in columns
        resolution = self._resolved if is_asked and "customer_id" in shape.fields else None
        return StagedReader(
            self.settings,
            self.spec,
            timezone=self.timezone,
            computed={} if resolution is None else {RESOLVED: resolution},
        )
