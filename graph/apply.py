"""Writes a prepared load into the graph: the difference in batches, or all by the importer.

Both may be repeated: batches are upserts and deletions by key, the importer starts from a
wiped store. So a load that was killed is finished by doing the same again.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from graph.journal import Journal, commit, folder_of, unfinished
from graph.settings import Settings
from graph.spec import GraphSpec, NodeSpec, RelationshipSpec

if TYPE_CHECKING:
    import pyarrow as pa

    from graph.session import Database

logger = logging.getLogger(__name__)

UPSERTS, REMOVALS = "upserts", "removals"
KNOWLEDGE = "knowledge"
TOUCHED = "touched.parquet"
ACCOUNT = "Account"
EVIDENCE = "Account-HAS_IDENTIFIER-Identifier"
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

    Accounts whose row or identifiers change are marked in the same transaction. Those of whom
    the vault alone has learned something have no other row to write: their mark is one of its
    own, which a load that was cut off sets before it commits the vault.
    """
    from graph.writer import Writer

    writer = Writer(database, spec, on_rows=on_rows)
    for node, rows in _nodes(spec, folder / UPSERTS):
        writer.write_nodes(node, rows, stamp=_stamp(node, loaded_at))
    for link, rows in _links(spec, folder / UPSERTS):
        writer.write_relationships(link, rows, stamp=_touch(link, loaded_at))
    for link, rows in _links(spec, folder / REMOVALS):
        writer.delete_relationships(link, rows, stamp=_touch(link, loaded_at))
    for node, rows in _nodes(spec, folder / REMOVALS):
        writer.delete_nodes(node, rows.column(node.key))
    account = spec.nodes[ACCOUNT]
    for keys in _touched_alone(folder, account):
        writer.stamp_nodes(account, keys, stamp={"touched_at": loaded_at})


def note_touched(folder: Path, accounts: "pa.ChunkedArray") -> None:
    """Keep with a prepared load the accounts of whom the vault has learned something."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if len(accounts):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        pq.write_table(pa.table({"account_id": accounts}), folder / TOUCHED)


def _touched_alone(folder: Path, account: NodeSpec) -> "Iterator[pa.ChunkedArray]":
    """Yield the noted accounts that are not written, and so marked, with a row of their own."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    rows = folder / UPSERTS / f"{account.name}.parquet"
    key = account.key
    written = (
        pq.read_table(rows, columns=[key])[key] if rows.exists() else pa.array([], pa.string())
    )
    for noted in _chunks(folder / TOUCHED):
        alone = noted.filter(pc.invert(pc.is_in(noted[key], value_set=written)))
        if alone.num_rows:
            yield alone[key]


def _stamp(node: NodeSpec, at: datetime) -> dict[str, datetime]:
    touched = {"touched_at": at} if node.label == ACCOUNT else {}
    return {"loaded_at": at, **touched}


def _touch(link: RelationshipSpec, at: datetime) -> dict[str, datetime]:
    """Mark the account whose evidence of identity changes with the relationship."""
    return {"touched_at": at} if link.name == EVIDENCE else {}


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

    # what algorithms know of an element stands in a file of its own; the importer merges them
    elements: dict[str, list[Path]] = {}
    facts, learned = (folder / UPSERTS).glob("*.parquet"), (folder / KNOWLEDGE).glob("*/*.parquet")
    for path in [*sorted(facts), *sorted(learned)]:
        elements.setdefault(path.stem, []).append(path)
    import_all(settings, spec, elements=elements, loaded_at=loaded_at)


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
