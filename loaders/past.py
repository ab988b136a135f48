"""What a load changes in a table that is staged: found among the rows that it speaks of alone.

A newer value replaces an older one, null states nothing, and an order that comes again brings
all its lines. Where little changes in a large table, only that is written, as a layer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import Difference, compare, copy_query, rows_in
from graph.layers import Layers, bears_layer, count_rows, rows_of
from graph.picture import layer_key, staged_types
from graph.spec import TableSpec
from graph.staging import NewRows

if TYPE_CHECKING:
    import duckdb

EARLIEST = frozenset({"first_seen_at"})
# seen with a login once is seen with a login; a clear value knows better than its MD5 that
# it is nobody's
LATEST = frozenset({"last_seen_at", "is_authenticated", "never_links"})


@dataclass(frozen=True, slots=True)
class Change:
    """What a load changes in one table of one source.

    ``rows`` is what was prepared, None where nothing changes; ``touched`` are files of the
    rows that are new or changed and of those that were changed or removed, as they were.
    """

    difference: Difference
    rows: NewRows | None = None
    touched: tuple[Path, ...] = ()


def change_of(
    connection: "duckdb.DuckDBPyConnection",
    table: TableSpec,
    *,
    held: Layers,
    to: Path,
    replaces: bool = False,
) -> Change:
    """Find what the rows that a load states change, and prepare what holds afterwards.

    Parameters
    ----------
    connection
        Any DuckDB connection.
    table
        The table.
    held
        The files that hold now.
    to
        Where to prepare what holds afterwards; beside it lie the rows that the load states,
        one a key (see `fresh_beside`), and other files are written.
    replaces
        Whether what the load does not state holds no more.
    """
    past = rows_of(held, by=layer_key(table))
    if not past:
        return _first(connection, to)
    said = _Said(connection, table, fresh=rows_in(fresh_beside(to)), past=past, beside=to)
    former, now = said.pair(replaces=replaces)
    out = to.with_suffix(".changed"), to.with_suffix(".keys")
    found = compare(connection, table.identity, old=former, new=now, out=out)
    if not found.is_empty:
        touched = said.touched(former, out)
        if not replaces and bears_layer(held, rows=found.new + found.changed):
            rows = NewRows(said.layer(now, out, to=to), is_layer=True)
        else:
            rows = NewRows(said.whole(now, to=to, replaces=replaces))
        return Change(_of_all(connection, found, past=past), rows, touched)
    return Change(_of_all(connection, found, past=past))


def fresh_beside(to: Path) -> Path:
    """Return where the rows lie that a load states of a table prepared in ``to``."""
    return to.with_suffix(".fresh")


def _first(connection: "duckdb.DuckDBPyConnection", to: Path) -> Change:
    """Return what the first rows of a table change: all of them are new."""
    fresh_beside(to).replace(to)
    rows = count_rows(connection, rows_in(to))
    found = Difference(new=rows, changed=0, unchanged=0, removed=0, old=0)
    return Change(found, NewRows(to), (to,)) if rows else Change(found)


def _of_all(connection: "duckdb.DuckDBPyConnection", found: Difference, *, past: str) -> Difference:
    """Return a difference of the rows a load speaks of as one of all rows of the table."""
    old = count_rows(connection, past)
    return replace(found, old=old, unchanged=old - found.changed - found.removed)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a load says of a table, and what was said before; rows as they stand after FROM."""

    connection: "duckdb.DuckDBPyConnection"
    table: TableSpec
    fresh: str
    past: str
    beside: Path

    def pair(self, *, replaces: bool) -> tuple[str, str]:
        """Return the rows that the load speaks of, as they were and as they are."""
        if replaces:
            return self.past, self.fresh
        key = _names(layer_key(self.table))
        former = self._kept(
            f"SELECT * FROM {self.past} o SEMI JOIN {self.fresh} n USING ({key})", ".former"
        )
        if layer_key(self.table) != self.table.identity:
            return former, self.fresh
        on = " AND ".join(f'o."{c}" = n."{c}"' for c in self.table.identity)
        columns = ", ".join(_newer(name) for name in staged_types(self.table))
        old = former or f"(SELECT * FROM {self.past} LIMIT 0)"
        return former, self._kept(
            f"SELECT {columns} FROM {old} o RIGHT JOIN {self.fresh} n ON {on}", ".said"
        )

    def touched(self, former: str, out: tuple[Path, Path]) -> tuple[Path, ...]:
        """Return the files of what changes: as it becomes, and as it was."""
        was = self.beside.with_suffix(".was")
        if former:
            on = self._changed(out, by=self.table.identity)
            copy_query(self.connection, f"SELECT * FROM {former} o SEMI JOIN {on}", to=was)
        return tuple(path for path in (out[0], was) if path.exists())

    def layer(self, now: str, out: tuple[Path, Path], *, to: Path) -> Path:
        """Write what lies above the rows that hold now."""
        if layer_key(self.table) == self.table.identity:
            to.hardlink_to(out[0])
        else:
            on = self._changed(out, by=layer_key(self.table))
            copy_query(self.connection, f"SELECT * FROM {now} o SEMI JOIN {on}", to=to)
        return to

    def whole(self, now: str, *, to: Path, replaces: bool) -> Path:
        """Write all rows that hold afterwards."""
        query = f"SELECT {_names(staged_types(self.table))} FROM {now}"
        if not replaces:
            on = f"{self.fresh} n USING ({_names(layer_key(self.table))})"
            query += f" UNION ALL BY NAME SELECT * FROM {self.past} o ANTI JOIN {on}"
        copy_query(self.connection, query, to=to)
        return to

    def _changed(self, out: tuple[Path, Path], *, by: Sequence[str]) -> str:
        key = _names(by)
        union = " UNION ALL ".join(
            f"SELECT {key} FROM {rows_in(path)}" for path in out if path.exists()
        )
        return f"({union}) n USING ({key})"

    def _kept(self, query: str, suffix: str) -> str:
        to = self.beside.with_suffix(suffix)
        return rows_in(to) if copy_query(self.connection, query, to=to) else ""


def _names(columns: Sequence[str] | dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _newer(name: str) -> str:
    if name in EARLIEST:
        return f'least(n."{name}", o."{name}") AS "{name}"'
    if name in LATEST:
        return f'greatest(n."{name}", o."{name}") AS "{name}"'
    return f'coalesce(n."{name}", o."{name}") AS "{name}"'
