"""Writes a prepared load into the graph: the difference in batches, or all by the importer.

Both may be repeated: batches are upserts and deletions by key, the importer starts from a
wiped store. So a load that was killed is finished by doing the same again.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import quoted
from graph.journal import Journal, commit, folder_of, unfinished
from graph.settings import Settings
from graph.spec import GraphSpec, NodeSpec, RelationshipSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from graph.session import Database

logger = logging.getLogger(__name__)

UPSERTS, REMOVALS = "upserts", "removals"
KNOWLEDGE = "knowledge"
ROWS_AT_ONCE = 1_000_000
OnRows = Callable[[int], None]


def write_difference(
    database: "Database",
    spec: GraphSpec,
    *,
    folder: Path,
    loaded_at: datetime,
    on_rows: OnRows | None = None,
) -> None:
    """Write what a load prepared in ``folder``: nodes, then relationships, then removals.

    Accounts whose row or identifiers change are marked first, so that a crash can only
    leave a mark too many.
    """
    from graph import writer

    _mark_touched(database, spec, folder=folder, at=loaded_at)
    stamp = {"loaded_at": loaded_at}
    for node, rows in _nodes(spec, folder / UPSERTS):
        writer.write_nodes(database, node, rows, stamp=stamp, on_rows=on_rows)
    for link, rows in _links(spec, folder / UPSERTS):
        writer.write_relationships(database, link, rows, on_rows=on_rows)
    for link, rows in _links(spec, folder / REMOVALS):
        writer.delete_relationships(database, link, rows)
    for node, rows in _nodes(spec, folder / REMOVALS):
        writer.delete_nodes(database, node, rows.column(node.key).to_pylist())


def finish_unfinished(settings: Settings, database: "Database", *, spec: GraphSpec) -> str | None:
    """Finish a load that was killed while it wrote.

    Returns
    -------
    The id of that load, or None when there was none.
    """
    journal = unfinished(settings)
    if journal is None:
        return None
    logger.warning("finishing load %s, which was cut off", journal.load_id)
    write_prepared(settings, database, journal=journal, spec=spec)
    return journal.load_id


def write_prepared(
    settings: Settings,
    database: "Database",
    *,
    journal: Journal,
    spec: GraphSpec,
    on_rows: OnRows | None = None,
) -> None:
    """Write the load that a journal describes, and commit it."""
    folder = folder_of(settings, journal.load_id)
    loaded_at = datetime.fromtimestamp(journal.loaded_at / 1000, tz=UTC)
    if journal.state == "importing":
        _import(settings, spec, folder=folder, loaded_at=loaded_at)
    else:
        write_difference(database, spec, folder=folder, loaded_at=loaded_at, on_rows=on_rows)
    commit(settings, journal)


def _import(settings: Settings, spec: GraphSpec, *, folder: Path, loaded_at: datetime) -> None:
    from graph.importer import import_all

    elements: dict[str, list[Path]] = {}
    for part in (UPSERTS, KNOWLEDGE):
        for path in sorted((folder / part).glob("*.parquet")):
            elements.setdefault(path.stem, []).append(path)
    # what resolution knows of an element replaces the plain facts of it
    chosen = {name: paths[-1:] for name, paths in elements.items()}
    import_all(settings, spec, chosen, loaded_at=loaded_at)


def _nodes(spec: GraphSpec, folder: Path) -> "Iterator[tuple[NodeSpec, pa.Table]]":
    for name, node in sorted(spec.nodes.items()):
        for rows in _chunks(folder / f"{name}.parquet"):
            yield node, rows


def _links(spec: GraphSpec, folder: Path) -> "Iterator[tuple[RelationshipSpec, pa.Table]]":
    for name, link in sorted(spec.relationships.items()):
        for rows in _chunks(folder / f"{name}.parquet"):
            yield link, rows


def _chunks(path: Path) -> "Iterator[pa.Table]":
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.exists():
        return
    for batch in pq.ParquetFile(path).iter_batches(batch_size=ROWS_AT_ONCE):
        yield pa.Table.from_batches([batch])


def _mark_touched(database: "Database", spec: GraphSpec, *, folder: Path, at: datetime) -> None:
    """Mark the accounts that exist and whose evidence this load changes."""
    import duckdb
    import pyarrow as pa

    from graph import writer

    links = "Account-HAS_IDENTIFIER-Identifier.parquet"
    sources = {
        folder / UPSERTS / "Account.parquet": "account_id",
        folder / UPSERTS / links: "start_id",
        folder / REMOVALS / links: "start_id",
    }
    parts = [
        f"SELECT {column} AS account_id FROM read_parquet('{quoted(path)}')"
        for path, column in sources.items()
        if path.exists()
    ]
    if not parts:
        return
    query = f"SELECT DISTINCT account_id FROM ({' UNION ALL '.join(parts)}) ORDER BY 1"
    marked = duckdb.connect().sql(query).to_arrow_table()
    times = pa.array([at] * marked.num_rows, pa.timestamp("ms", tz="UTC"))
    writer.set_properties(
        database, spec.nodes["Account"], marked.append_column("touched_at", times)
    )
