"""Stages one source: every mapped table extracted, merged, compared with what was staged."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import Difference, quoted
from graph.engine import engine
from graph.layers import Layers, count_rows, layers_of, rows_of
from graph.picture import layer_key, staged_types
from graph.settings import Settings
from graph.spec import TableSpec, fact_spec
from graph.staging import NewRows, staged_file
from loaders.binding import used_by
from loaders.errors import CurrencyError, PersonalKeyError
from loaders.extract import Context, Extract, extract
from loaders.files import open_relation
from loaders.manifest import SourcePart, TablePart
from loaders.merge import Merged, merge_parts
from loaders.past import change_of, fresh_beside
from loaders.rejects import Reject
from loaders.relations import opened
from loaders.report import TableReport
from loaders.sourcefile import Relation

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

logger = logging.getLogger(__name__)

# what a phone, an e-mail or a digest looks like; a member number of eleven digits that
# starts with 1 and a digit from 3 is taken for a mobile, which is the safe side
PERSONAL_KEY = r"^(\+?86)?1[3-9]\d{9}$|^[^@\s]+@[^@\s]+\.[^@\s]+$|^[0-9a-fA-F]{32}$"


@dataclass(slots=True)
class Staged:
    """What staging a source prepared: by table the new rows (None: the table goes).

    ``touched`` are, by table, files of the rows that change, as they become and as they were.
    """

    files: dict[str, NewRows | None] = field(default_factory=dict)
    touched: dict[str, Layers] = field(default_factory=dict)
    reports: list[TableReport] = field(default_factory=list)
    rejects: dict[str, list[Reject]] = field(default_factory=dict)
    vault: "list[pa.Table]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of one table of one source lie: before, in between and after a load."""

    settings: Settings
    source: str
    table: TableSpec
    folder: Path
    replace: bool

    @property
    def committed(self) -> Layers:
        """Return the files of the rows before the load."""
        return layers_of(staged_file(self.settings, self.source, table=self.table.name))

    @property
    def fresh(self) -> Path:
        """Return the rows that this load states."""
        return fresh_beside(self.prepared)

    @property
    def prepared(self) -> Path:
        """Return the rows after the load."""
        return self.folder / "staging" / self.source / f"{self.table.name}.parquet"


def open_relations(source: SourcePart, *, data: Path, settings: Settings) -> tuple[Relation, ...]:
    """Find and examine all files of a source; raises what ``open_relation`` raises."""
    return tuple(
        open_relation(name, part, data=data, tmp=settings.tmp)
        for name, part in source.files.items()
    )


def stage_source(settings: Settings, context: Context, *, folder: Path, replace: bool) -> Staged:
    """Stage every table that a source fills.

    Parameters
    ----------
    settings
        Names the home.
    context
        The company, the source, its files and the load's instant.
    folder
        Where files are prepared.
    replace
        Whether the source no longer states what it does not state now.

    Raises
    ------
    ExpressionError, PersonalKeyError, CurrencyError
        Before anything was written outside ``folder``.
    """
    staged = Staged()
    parts = sorted(context.source.table, key=lambda part: part.fills)
    with engine(settings) as connection:
        for name, group in groupby(parts, key=lambda part: part.fills):
            table = fact_spec().tables[name]
            place = Place(settings, context.source.name, table, folder, replace)
            _stage_table(connection, list(group), context=context, place=place, staged=staged)
        if replace:
            _note_gone(connection, settings, source=context.source.name, staged=staged)
    return staged


def _stage_table(
    connection: "duckdb.DuckDBPyConnection",
    parts: Sequence[TablePart],
    *,
    context: Context,
    place: Place,
    staged: Staged,
) -> None:
    """Extract the parts of one table and merge them, first with each other, then with the past."""
    extracts = list(_extracts(place, parts, context=context))
    paths = [one.path for one in extracts]
    merged = merge_parts(connection, place.table, parts=paths, source=place.source, to=place.fresh)
    _check_keys(connection, context.source, place=place)
    _check_currency(connection, context, place=place)
    place.prepared.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    change = change_of(
        connection,
        place.table,
        held=place.committed,
        to=place.prepared,
        replaces=place.replace,
    )
    for path in paths:
        path.unlink(missing_ok=True)
    report = _report(place, extracts, merged=merged, difference=change.difference)
    report.repeated_files = _repeated(parts, context.relations)
    staged.reports.append(report)
    staged.rejects[place.table.name] = [reject for one in extracts for reject in one.rejects]
    staged.vault += [rows for one in extracts for rows in one.vault]
    if change.rows is not None:
        staged.files[place.table.name] = change.rows
        staged.touched[place.table.name] = change.touched
    logger.info("staged %s.%s: %d rows", place.source, place.table.name, report.accepted)


def _report(
    place: Place, extracts: Iterable[Extract], *, merged: Merged, difference: Difference
) -> TableReport:
    report = TableReport(
        place.source,
        place.table.name,
        duplicates=merged.duplicates,
        conflicts={name: found.count for name, found in merged.conflicts.items()},
        conflicting={name: list(found.keys) for name, found in merged.conflicts.items()},
        new=difference.new,
        changed=difference.changed,
        unchanged=difference.unchanged,
        removed=difference.removed,
    )
    for one in extracts:
        report.read += one.read
        report.accepted += one.accepted
        report.cleaned += one.cleaned
        report.rejected += one.rules
    return report


def _extracts(place: Place, parts: Iterable[TablePart], *, context: Context) -> Iterator[Extract]:
    for number, part in enumerate(parts):
        to = place.folder / "parts" / f"{place.source}.{place.table.name}.{number}.parquet"
        relations = used_by(part, context.relations)
        with opened(place.settings, relations, timezone=context.company.timezone) as connection:
            yield extract(connection, part, context=context, table=place.table, to=to)


def _repeated(parts: Iterable[TablePart], relations: Sequence[Relation]) -> tuple[str, ...]:
    """Return the files that a table's relations name a second time, each once."""
    used = [relation for part in parts for relation in used_by(part, relations)]
    return tuple(dict.fromkeys(name for relation in used for name in relation.repeated))


def _note_gone(
    connection: "duckdb.DuckDBPyConnection", settings: Settings, *, source: str, staged: Staged
) -> None:
    """Note the tables of a source that it no longer fills."""
    filled = {report.table for report in staged.reports}
    for name, table in fact_spec().tables.items():
        old = layers_of(staged_file(settings, source, table=name))
        if name not in filled and old:
            staged.files[name], staged.touched[name] = None, old
            rows = count_rows(connection, rows_of(old, by=layer_key(table)))
            staged.reports.append(TableReport(source, name, removed=rows))


def _check_keys(
    connection: "duckdb.DuckDBPyConnection", source: SourcePart, *, place: Place
) -> None:
    """Stop where most account keys look personal and the manifest does not say so.

    Every table that names accounts is looked at: a source may have no accounts table.
    """
    if source.personal_key is not False or "account_id" not in staged_types(place.table):
        return
    row = connection.execute(
        f"SELECT avg(regexp_matches(substr(account_id, {len(source.name) + 2}), $look)::INT) "
        f"FROM (SELECT DISTINCT account_id FROM read_parquet('{quoted(place.fresh)}'))",
        {"look": PERSONAL_KEY},
    ).fetchone()
    share = row[0] if row and row[0] is not None else 0.0
    if share > 0.5:
        raise PersonalKeyError(source=source.name, share=share, table=place.table.name)


def _check_currency(
    connection: "duckdb.DuckDBPyConnection", context: Context, *, place: Place
) -> None:
    if place.table.name != "orders":
        return
    known = context.company.currency
    rows = connection.execute(
        f"SELECT DISTINCT currency FROM read_parquet('{quoted(place.fresh)}') "
        "WHERE upper(currency) <> $known ORDER BY 1",
        {"known": known},
    ).fetchall()
    if rows:
        found = ", ".join(row[0] for row in rows[:5])
        raise CurrencyError(source=place.source, found=found, known=known)
