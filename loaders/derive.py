"""Derives the picture of a load and finds what it adds to, changes in and takes from the graph."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graph.apply import REMOVALS, UPSERTS
from graph.columns import identity_of
from graph.difference import Difference, compare, copy_query
from graph.engine import engine
from graph.home import Home
from graph.picture import (
    StagedFiles,
    element_queries,
    register_staging,
    tables_of,
)
from graph.settings import Settings
from graph.spec import GraphSpec, fact_spec
from graph.staging import picture_file

if TYPE_CHECKING:
    import duckdb


@dataclass(slots=True)
class Derived:
    """The difference between two pictures, by element.

    ``moves`` are the new picture's files and their places, ``gone`` those of elements that
    have no rows any more, ``before`` how many rows there were.
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
    changed: Set[str],
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
    changed
        Tables of which anything changed; elements of other tables are left alone.
    folder
        Where files are prepared.
    """
    spec, derived = fact_spec(), Derived()
    ranks = {source.name: rank for rank, source in enumerate(home.sources)}
    with engine(settings) as connection:
        register_staging(connection, spec, files=files, ranks=ranks)
        for name, query in sorted(element_queries(spec, timezone=home.timezone).items()):
            if tables_of(query, spec) & changed:
                difference = _one(
                    connection, spec, name=name, query=query, place=(settings, folder)
                )
                _note(derived, name, difference=difference, place=(settings, folder))
        derived.bare = _bare(connection, spec, changed=changed)
    return derived


def _one(
    connection: "duckdb.DuckDBPyConnection",
    spec: GraphSpec,
    *,
    name: str,
    query: str,
    place: tuple[Settings, Path],
) -> Difference:
    settings, folder = place
    new, old = folder / "picture" / f"{name}.parquet", picture_file(settings, name)
    rows = copy_query(connection, query, to=new)
    if rows == 0:
        new.unlink()
    out = (folder / UPSERTS / f"{name}.parquet", folder / REMOVALS / f"{name}.parquet")
    if rows and not old.exists():
        # all of it is new: the picture itself is the difference
        out[0].parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        out[0].hardlink_to(new)
        return Difference(new=rows, changed=0, unchanged=0, removed=0, old=0)
    return compare(connection, identity_of(spec.element(name)), old=old, new=new, out=out)


def _note(
    derived: Derived, name: str, *, difference: Difference, place: tuple[Settings, Path]
) -> None:
    settings, folder = place
    new, old = folder / "picture" / f"{name}.parquet", picture_file(settings, name)
    derived.before[name] = difference.old
    if difference.is_empty:
        return
    if difference.new + difference.changed:
        derived.written[name] = difference.new + difference.changed
    if difference.removed:
        derived.removed[name] = difference.removed
    if new.exists():
        derived.moves[new] = old
    else:
        derived.gone.append(old)


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
