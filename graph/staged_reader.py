"""Reads tables from files: from the picture, and from staging what the graph rolls up.

The picture is the graph before it is the graph: shared rows merged, nodes that only facts
name made, defaults filled in. Reading it instead of the staged rows gives what the graph
would give without saying any of that twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from graph.columns import END, START, as_declared, identity_of, properties_by_column
from graph.elements import asked_of, element_named
from graph.engine import engine
from graph.layers import layers_of, rows_of
from graph.picture import SQL_TYPES, layer_key
from graph.settings import Settings
from graph.shapes import RESOLVED, assemble, shape_of
from graph.spec import GraphSpec, PropertySpec, TableSpec
from graph.staging import picture_folder, staging_folder

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class StagedReader:
    """Reads what a load has staged, before or without the graph.

    Parameters
    ----------
    settings
        Name the home.
    spec
        The declared nodes, relationships and tables.
    timezone
        The company's zone, in which calendar days are told.
    resolution
        ``account_id`` and ``customer_id`` of every resolved account, with or without the
        other columns of the table; None: nobody is resolved.
    computed
        Elements that algorithms have made, by name. Of one that the picture has too, they add
        to its rows the columns that it has not.
    picture, staging
        The folders of ``<element>.parquet`` and of ``<source>/<table>.parquet`` while a load
        is being prepared; None: the home's.
    """

    settings: Settings
    spec: GraphSpec
    _: KW_ONLY
    timezone: str
    resolution: pa.Table | None = None
    computed: Mapping[str, pa.Table] = field(default_factory=dict)
    picture: Path | None = None
    staging: Path | None = None

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table; see `graph.reader.Reader.table`."""
        shape = shape_of(self.spec, name)
        return assemble(
            self.settings, shape, columns=columns, timezone=self.timezone, provide=self._provide
        )

    def element(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read an element; see `graph.reader.Reader.element`."""
        known = properties_by_column(element_named(self.spec, name))
        asked = {p.name: p for p in asked_of(name, known=known, columns=columns)}
        with engine(self.settings) as connection:
            self._view(connection, name, columns=list(asked))
            rows = connection.sql(f'SELECT * FROM "{name}"').to_arrow_table()
        return as_declared(rows, asked)

    def _provide(
        self, connection: "duckdb.DuckDBPyConnection", needed: Mapping[str, Sequence[str]]
    ) -> None:
        for name, columns in needed.items():
            self._view(connection, name, columns=columns)

    def _view(
        self, connection: "duckdb.DuckDBPyConnection", name: str, *, columns: Sequence[str]
    ) -> None:
        known = self._columns_of(name)
        origin = self._origin(connection, name, columns=columns)
        held = _columns_in(connection, origin) if origin else set()
        values = [
            f'"{c}"' if c in held else f'NULL::{SQL_TYPES[known[c].kind]} AS "{c}"' for c in columns
        ]
        rows = origin or "(SELECT 1 WHERE false)"
        connection.execute(f'CREATE TEMP VIEW "{name}" AS SELECT {", ".join(values)} FROM {rows}')

    def _columns_of(self, name: str) -> dict[str, PropertySpec]:
        if name in self.spec.tables:
            return shape_of(self.spec, name).properties()
        return properties_by_column(self.spec.element(name))

    def _origin(
        self, connection: "duckdb.DuckDBPyConnection", name: str, *, columns: Sequence[str]
    ) -> str:
        """Return what to select an element or staged table from; empty: there are no rows."""
        if name in self.spec.tables:
            return self._staged(self.spec.tables[name])
        ground = (self.picture or picture_folder(self.settings)) / f"{name}.parquet"
        by, rows = identity_of(self.spec.element(name)), self._made(name)
        drawn = rows_of(layers_of(ground), by=by)
        if rows is None:
            return drawn
        connection.register(f"{name} made", rows)
        if not drawn:
            return f'"{name} made"'
        held = _columns_in(connection, drawn)
        added = [c for c in columns if c in rows.column_names and c not in held]
        if not added:
            return drawn
        # a table and no view: of a large company, one join at a time fits into memory
        kept = [c for c in columns if c in held]
        joined = self._joined(name, drawn, kept=kept, added=added)
        connection.execute(f'CREATE TEMP TABLE "{name} joined" AS {joined}')
        return f'"{name} joined"'

    def _staged(self, table: TableSpec) -> str:
        """Return what to select the rows of all sources from."""
        folder = self.staging or staging_folder(self.settings)
        # folders of loads that are being prepared begin with a dot
        grounds = sorted(folder.glob(f"[!.]*/{table.name}.parquet"))
        held = [rows_of(layers_of(ground), by=layer_key(table)) for ground in grounds]
        union = " UNION ALL BY NAME ".join(f"SELECT * FROM {rows}" for rows in held)
        return f"({union})" if held else ""

    def _joined(self, name: str, drawn: str, *, kept: Sequence[str], added: Sequence[str]) -> str:
        """Select the picture's rows of an element with columns of the rows that were made."""
        identity = identity_of(self.spec.element(name))
        keys, values = (", ".join(f'"{c}"' for c in names) for names in (identity, added))
        wanted = ", ".join(f'"{c}"' for c in dict.fromkeys([*identity, *kept, *added]))
        made = f'SELECT {keys}, {values} FROM "{name} made"'
        return f"SELECT {wanted} FROM {drawn} LEFT JOIN ({made}) USING ({keys})"

    def _made(self, name: str) -> pa.Table | None:
        """Return an element that was computed, None if the picture has it."""
        if name in self.computed:
            return self.computed[name]
        if name == RESOLVED and self.resolution is not None:
            return self.resolution.rename_columns(_called_by_resolution(self.resolution))
        if name == "Customer" and self.resolution is not None:
            return self.resolution.select(["customer_id"]).group_by("customer_id").aggregate([])
        return None


def _called_by_resolution(resolution: pa.Table) -> list[str]:
    ends = {"account_id": START, "customer_id": END}
    return [ends.get(name, name) for name in resolution.column_names]


def _columns_in(connection: "duckdb.DuckDBPyConnection", origin: str) -> set[str]:
    return {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {origin}").fetchall()}
