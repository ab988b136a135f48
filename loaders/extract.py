"""Streams one mapped table out of its files: typed rows, vault rows, rejects.

The query runs on a connection locked to the manifest's files. Personal columns leave in
the first projection: of each batch that DuckDB hands over, they go to the vault rows and
the rest to a Parquet file, so no clear value is ever stored or spilled.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from graph.engine import unspilling
from graph.picture import staged_types
from graph.secret import Secret, hmac_pads
from graph.spec import TableSpec
from loaders.binding import bound, used_by
from loaders.errors import QueryFailedError, is_disk_full, is_out_of_memory
from loaders.manifest import CompanyPart, SourcePart, TablePart
from loaders.mapping import ACCOUNT_PADS, MappedTable, typed_query
from loaders.pseudonyms import Pseudonymiser, clear_contacts
from loaders.rejects import Reject
from loaders.relations import Malformed, Shift, malformed
from loaders.sourcefile import Relation

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH = 100_000  # rows held at a time
LISTED = 1_000_000  # rejects that are listed one by one; all are counted


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for all tables of one load of one source."""

    company: CompanyPart
    source: SourcePart
    secret: Secret
    now: datetime
    relations: Sequence[Relation]


@dataclass(slots=True)
class Extract:
    """What one mapped table gave: where its rows lie, and what was counted."""

    path: Path
    read: int = 0
    accepted: int = 0
    cleaned: int = 0
    rejects: list[Reject] = field(default_factory=list)
    rules: Counter[str] = field(default_factory=Counter)
    vault: "list[pa.Table]" = field(default_factory=list)

    def refuse(self, reject: Reject) -> None:
        """Count a reject, and keep it for the file while there is room."""
        self.rules[reject.reason] += 1
        if len(self.rejects) < LISTED:
            self.rejects.append(reject)


def extract(
    connection: "duckdb.DuckDBPyConnection",
    part: TablePart,
    *,
    context: Context,
    table: TableSpec,
    to: Path,
) -> Extract:
    """Run one mapped table and write its accepted rows to ``to``.

    Raises
    ------
    ExpressionError
        If DuckDB refuses an expression; nothing was written to the graph.
    QueryFailedError
        If ``from`` or ``where`` fail on a value; nothing was written to the graph.
    """
    query, types = bound(connection, part, source=context.source, relations=context.relations)
    mapped = MappedTable(context.source, part, table, types)
    result = Extract(to)
    typed = typed_query(mapped, raw=query)
    with _writer(to) as write, _pseudonymiser(context, table) as pseudonymiser:
        for batch in _batches(connection, typed, context=context, table=table.name):
            result.read += batch.num_rows
            good = _part_rejects(batch, result)
            if pseudonymiser:
                good = _keyed(good, pseudonymiser=pseudonymiser, result=result)
            write(_without_personal(good, mapped=mapped, result=result))
    broken = malformed(connection, used_by(part, context.relations))
    _number_rejects(result, broken)
    return result


@contextmanager
def _pseudonymiser(context: Context, table: TableSpec) -> Iterator[Pseudonymiser | None]:
    """Return what hashes the rows of ``identifiers``; other tables need none."""
    if table.name != "identifiers":
        yield None
        return
    # its own connection: the reader's is in the middle of a query
    with unspilling() as own:
        region = context.company.phone_region
        yield Pseudonymiser(own, context.source, context.secret, region)


def _batches(
    connection: "duckdb.DuckDBPyConnection", query: str, *, context: Context, table: str
) -> Iterator["pa.Table"]:
    import duckdb
    import pyarrow as pa

    known: Mapping[str, object] = {
        "now": context.now,
        **hmac_pads(context.secret.accounts, pads=ACCOUNT_PADS),
    }
    params = {name: value for name, value in known.items() if f"${name}" in query}
    try:
        reader = connection.sql(query, params=params).to_arrow_reader(BATCH)
        for batch in reader:
            yield pa.Table.from_batches([batch])
    except (duckdb.Error, OSError) as error:
        # through Arrow, DuckDB's errors arrive as OSError
        if is_disk_full(error) or is_out_of_memory(error):
            raise
        # the rest of DuckDB's sentence may quote a value, and a value may be personal
        kind = str(error).partition(":")[0]
        raise QueryFailedError(source=context.source.name, table=table, kind=kind) from None


def _part_rejects(batch: "pa.Table", result: Extract) -> "pa.Table":
    """Return the good rows of a batch; note the others and count what was cleaned."""
    import pyarrow.compute as pc

    bad = pc.is_valid(batch.column("_problem"))
    for row in batch.filter(bad).select(["_file", "_line", "_problem"]).to_pylist():
        column, rule, value = row["_problem"].split("|", 2)
        result.refuse(Reject(row["_file"], row["_line"], column, rule, value))
    good = batch.filter(pc.invert(bad))
    result.cleaned += pc.sum(good.column("_cleaned")).as_py() or 0
    return good


def _without_personal(rows: "pa.Table", *, mapped: MappedTable, result: Extract) -> "pa.Table":
    """Move personal columns to the vault rows and return the rest."""
    if mapped.table.name != "identifiers":
        result.vault += _vault_rows(rows, mapped=mapped)
    result.accepted += rows.num_rows
    kept = [name for name in rows.column_names if name in staged_types(mapped.table)]
    return rows.select(kept)


def _keyed(rows: "pa.Table", *, pseudonymiser: Pseudonymiser, result: Extract) -> "pa.Table":
    """Return identifiers under their keyed hashes; refuse values that are not of their kind."""
    import pyarrow.compute as pc

    keyed = pseudonymiser.keyed(rows)
    lost = pc.is_null(keyed.column("identifier_key"))
    for row in keyed.filter(lost).select(["_file", "_line", "kind"]).to_pylist():
        rule = f"not-a-{row['kind'].replace('_', '-')}"
        result.refuse(Reject(row["_file"], row["_line"], "value", rule, "<hidden>"))
    good = keyed.filter(pc.invert(lost))
    contacts = clear_contacts(good)
    if contacts.num_rows:
        result.vault.append(_of_source(contacts, pseudonymiser.source.name))
    return good


def _vault_rows(rows: "pa.Table", *, mapped: MappedTable) -> "list[pa.Table]":
    """Return the personal columns as long rows: account, source, field, value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    tables = []
    for column in mapped.columns:
        if column.personal:
            values = rows.column(column.stored).cast(pa.string())
            known = pc.is_valid(values)
            field_name = pa.array([column.name] * rows.num_rows, pa.string())
            table = pa.table(
                {"account_id": rows.column("account_id"), "field": field_name, "value": values}
            )
            tables.append(_of_source(table.filter(known), mapped.source.name))
    return tables


def _of_source(rows: "pa.Table", source: str) -> "pa.Table":
    import pyarrow as pa

    from graph.vault import COLUMNS

    named = rows.append_column("source", pa.array([source] * rows.num_rows, pa.string()))
    return named.select(COLUMNS)


def _number_rejects(result: Extract, broken: Sequence[Malformed]) -> None:
    """Give every reject its true record number, and add the records that would not split."""
    by_file: dict[str, list[int]] = {}
    for record in broken:
        if not record.counted:
            by_file.setdefault(record.file, []).append(record.line)
    shifts = {file: Shift(lines) for file, lines in by_file.items()}
    result.rejects = [
        replace(r, line=shifts[r.file].true_line(r.line)) if r.file in shifts else r
        for r in result.rejects
    ]
    result.read += len(broken)
    for record in broken:
        result.refuse(Reject(record.file, record.line, "", record.rule, ""))


@contextmanager
def _writer(path: Path) -> "Iterator[Callable[[pa.Table], None]]":
    """Open a Parquet file that takes the form of the first rows written to it."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened: list[pq.ParquetWriter] = []

    def write(rows: "pa.Table") -> None:
        if not opened:
            opened.append(pq.ParquetWriter(path, rows.schema))
        opened[0].write_table(rows)

    try:
        yield write
    finally:
        for writer in opened:
            writer.close()
