"""Derives the picture of a load and finds what it adds to, changes in and takes from the graph.

A large picture is not drawn again for a small load: only the part that speaks of what the load
touches is, and laid above the picture that holds.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graph.apply import REMOVALS, UPSERTS
from graph.columns import identity_of
from graph.difference import Difference, compare, copy_query, rows_in
from graph.engine import engine
from graph.home import Home
from graph.layers import bears_layer, count_rows, gone_beside, layers_of, rows_of
from graph.parts import (
    PART,
    WHOLE,
    draws_in_part,
    is_worth_it,
    label_of,
    register_part,
    touched_keys,
    with_schema,
)
from graph.picture import StagedFiles, element_queries, register_staging, tables_of
from graph.settings import Settings
from graph.spec import GraphSpec, fact_spec
from graph.staging import NewRows, picture_file, placed

if TYPE_CHECKING:
    import duckdb


@dataclass(slots=True)
class Derived:
    """The difference between two pictures, by element.

    ``moves`` are the new picture's files and their places, ``gone`` those that hold no more,
    ``before`` how many rows there were of elements that lose some.
    """

    written: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    bare: dict[str, int] = field(default_factory=dict)
    moves: dict[Path, Path] = field(default_factory=dict)
    gone: list[Path] = field(default_factory=list)


def derive(
    settings: Settings,
    home: Home,
    *,
    files: StagedFiles,
    touched: Mapping[str, Sequence[Path]],
    folder: Path,
) -> Derived:
    """Write the new picture and its difference from the old one into ``folder``.

    Parameters
    ----------
    settings
        Names the home, where the old picture lies.
    home
        Gives the time zone and the order of the sources.
    files
        The staged rows as they will be.
    touched
        By table, files of the rows that change, as they become and as they were; elements of
        other tables are left alone.
    folder
        Where files are prepared.
    """
    spec, derived = fact_spec(), Derived()
    ranks = {source.name: rank for rank, source in enumerate(home.sources)}
    with engine(settings) as connection:
        register_staging(connection, spec, files=files, ranks=ranks)
        in_part = is_worth_it(connection, touched)
        if in_part:
            register_part(connection, spec, touched=touched)
        drawing = _Drawing(
            connection=connection, spec=spec, settings=settings, folder=folder, in_part=in_part
        )
        for name, query in sorted(element_queries(spec, timezone=home.timezone).items()):
            if tables_of(query, spec) & touched.keys():
                drawing.note(derived, name, found=drawing.draw(name, query))
        derived.bare = _bare(connection, spec, changed=touched.keys())
    return derived


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """Draws elements one after the other; ``in_part`` those of which a part is enough."""

    connection: "duckdb.DuckDBPyConnection"
    spec: GraphSpec
    settings: Settings
    folder: Path
    in_part: bool

    def draw(self, name: str, query: str) -> tuple[Difference, NewRows | None]:
        """Prepare an element's new rows and what is different from the old ones."""
        if self.in_part and draws_in_part(self.spec, name):
            return self._drawn_in_part(name, query)
        new, old = self._prepared(name), self._held(name)
        rows = copy_query(self.connection, query, to=new)
        if rows == 0:
            new.unlink()
        if rows and not old:
            # all of it is new: the picture itself is the difference
            self._out(name)[0].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._out(name)[0].hardlink_to(new)
            return Difference(rows, 0, 0, 0, 0), NewRows(new)
        found = self._compared(name, old=old, new=rows_in(new))
        return found, NewRows(new) if rows else None

    def note(
        self, derived: Derived, name: str, *, found: tuple[Difference, NewRows | None]
    ) -> None:
        """Keep what is different, and where files go."""
        difference, new = found
        if difference.is_empty:
            return
        if difference.new + difference.changed:
            derived.written[name] = difference.new + difference.changed
        if difference.removed:
            derived.removed[name] = difference.removed
            derived.before[name] = count_rows(self.connection, self._held(name))
        ground = picture_file(self.settings, name)
        moves, gone = placed(ground, below=layers_of(ground), new=new)
        derived.moves |= moves
        derived.gone += gone

    def _drawn_in_part(self, name: str, query: str) -> tuple[Difference, NewRows | None]:
        keys = touched_keys(label_of(self.spec, name))
        only = f'WHERE "{draws_in_part(self.spec, name)}" IN (SELECT key FROM "{keys}")'
        held = self._held(name)
        with_schema(self.connection, PART)
        self._table("drawn", f"SELECT * FROM ({query}) {only}")
        with_schema(self.connection, WHOLE)
        self._table("held", f"SELECT * FROM {held or '(FROM drawn LIMIT 0)'} {only}")
        found = self._compared(name, old="held", new="drawn")
        return found, None if found.is_empty else self._laid(name, found)

    def _laid(self, name: str, found: Difference) -> NewRows | None:
        """Lay what is different above an element's rows, or write all of them again."""
        new, upserts = self._prepared(name), self._out(name)[0]
        layers = layers_of(picture_file(self.settings, name))
        if bears_layer(layers, rows=found.new + found.changed + found.removed):
            return NewRows(self._layer(name), is_layer=True)
        keys = ", ".join(f'"{c}"' for c in identity_of(self.spec.element(name)))
        other = [f"SELECT {keys} FROM {rows_in(path)}" for path in self._out(name) if path.exists()]
        kept = f"SELECT * FROM {self._held(name) or '(FROM drawn LIMIT 0)'} o ANTI JOIN "
        query = kept + f"({' UNION ALL '.join(other)}) n USING ({keys})"
        if upserts.exists():
            query += f" UNION ALL BY NAME SELECT * FROM {rows_in(upserts)}"
        return NewRows(new) if copy_query(self.connection, query, to=new) else None

    def _layer(self, name: str) -> Path:
        new, (upserts, removals) = self._prepared(name), self._out(name)
        new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if upserts.exists():
            new.hardlink_to(upserts)
        else:
            copy_query(self.connection, "SELECT * FROM drawn LIMIT 0", to=new)
        if removals.exists():
            gone_beside(new).hardlink_to(removals)
        return new

    def _compared(self, name: str, *, old: str, new: str) -> Difference:
        identity = identity_of(self.spec.element(name))
        return compare(self.connection, identity, old=old, new=new, out=self._out(name))

    def _table(self, name: str, query: str) -> None:
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def _held(self, name: str) -> str:
        layers = layers_of(picture_file(self.settings, name))
        return rows_of(layers, by=identity_of(self.spec.element(name)))

    def _prepared(self, name: str) -> Path:
        return self.folder / "picture" / f"{name}.parquet"

    def _out(self, name: str) -> tuple[Path, Path]:
        return (
            self.folder / UPSERTS / f"{name}.parquet",
            self.folder / REMOVALS / f"{name}.parquet",
        )


def _bare(
    connection: "duckdb.DuckDBPyConnection", spec: GraphSpec, *, changed: Set[str]
) -> dict[str, int]:
    """Count by label the nodes that facts name but no row describes."""
    found: dict[str, int] = {}
    described: Mapping[str, str] = {t.node: t.name for t in spec.tables.values() if t.node}
    for label, table in sorted(described.items()):
        key = spec.nodes[label].key
        references = [
            f'SELECT "{c.stored}" AS id FROM "{t.name}" WHERE "{c.stored}" IS NOT NULL'
            for t in spec.tables.values()
            for c in t.stored
            if c.refers == label and t.node != label and t.name in changed
        ]
        if not references:
            continue
        row = connection.execute(
            f"SELECT count(DISTINCT id) FROM ({' UNION ALL '.join(references)}) r "
            f'ANTI JOIN "{table}" d ON r.id = d."{key}"'
        ).fetchone()
        if row and row[0]:
            found[label] = int(row[0])
    return found
