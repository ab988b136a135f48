"""The generic load: stage, derive the picture, write the difference, commit.

Every step before the journal can fail without a trace; every step after it can be
repeated. A first, large load goes through the offline importer, every other one in batches.
"""

import logging
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from graph.apply import OnRows, finish_unfinished, note_touched, write_prepared
from graph.ddl import install
from graph.home import HOME_FILE, Company, Home, Source, read_home, write_json
from graph.journal import Journal, begin, discard_abandoned, folder_of
from graph.layers import Layers
from graph.lock import writing
from graph.marker import check_home, mark_home
from graph.secret import read_secret
from graph.session import Database
from graph.settings import Settings
from graph.spec import GraphSpec, fact_spec
from graph.staging import NewRows, after_load, committed_files, placed, staged_file
from graph.vault import empty_rows, open_vault
from loaders.binding import unread_columns
from loaders.derive import Derived, derive
from loaders.errors import TooMuchDeletedError, room_watched
from loaders.extract import Context
from loaders.manifest import Manifest, read_manifest
from loaders.record import is_empty, write_reports
from loaders.rejects import Reject, rejects_file, write_rejects
from loaders.report import LoadReport
from loaders.stage import Staged, open_relations, stage_source

logger = logging.getLogger(__name__)

DELETED_SHARE = 0.2  # of a label; more asks to be confirmed
DELETED_LEAST = 100  # below this a share says nothing
IMPORT_FROM = 300_000  # rows; below, starting the importer costs more than it saves

Connect = Callable[[], AbstractContextManager[Database]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a load is done.

    ``confirmed`` allows deletions of more than a fifth of a label; ``command`` is what a
    second writer is told; ``on_stage`` is called with the name of each stage, ``on_rows``
    with the rows written so far. ``spec`` is what may be in the graph: whoever also computes
    passes more than the facts.
    """

    dry_run: bool = False
    replace: bool = False
    confirmed: bool = False
    command: str = "kith load"
    on_stage: Callable[[str], None] = field(default=lambda _: None)
    on_rows: OnRows | None = None
    spec: GraphSpec = field(default_factory=fact_spec)


@dataclass(slots=True)
class Prepared:
    """A load that has staged everything and written nothing to the graph."""

    home: Home
    folder: Path
    report: LoadReport
    now: datetime
    files: dict[tuple[str, str], NewRows | None] = field(default_factory=dict)
    touched: dict[str, Layers] = field(default_factory=dict)
    vault: dict[str, bool] = field(default_factory=dict)
    derived: Derived = field(default_factory=Derived)
    rejects: dict[tuple[str, str], list[Reject]] = field(default_factory=dict)

    def touch(self, table: str, files: Layers) -> None:
        """Note files of rows of a table that change, as they become or as they were."""
        self.touched[table] = (*self.touched.get(table, ()), *files)


def load(
    settings: Settings,
    manifest_path: Path,
    *,
    data: Path | None,
    connect: Connect,
    options: Options | None = None,
) -> LoadReport:
    """Load a company's files as its manifest says.

    Parameters
    ----------
    settings
        Names the home.
    manifest_path
        The manifest.
    data
        The folder of the files; None is the manifest's own.
    connect
        Opens the database.
    options
        Dry run, replacement and the like.

    Raises
    ------
    KithError
        If a file or the manifest is bad: nothing was written. If another writer holds the
        home. If too much would be deleted and that was not confirmed.
    """
    chosen = options or Options()
    manifest = read_manifest(manifest_path)
    with prepared_home(settings, connect, options=chosen):
        prepared = stage_manifest(
            settings, manifest, data=data or manifest_path.parent, options=chosen
        )
        return write_load(settings, prepared, connect=connect, options=chosen)


@contextmanager
def prepared_home(settings: Settings, connect: Connect, *, options: Options) -> Iterator[None]:
    """Be the home's one writer, with whatever a killed load left behind put right."""
    with writing(settings, command=options.command):
        empty_tmp(settings)
        with connect() as database:
            check_home(database, settings)
            install(database, options.spec)
            finish_unfinished(settings, database, spec=options.spec)
        for load_id in discard_abandoned(settings):
            logger.warning("load %s had written nothing; its staging was removed", load_id)
        try:
            yield
        finally:
            empty_tmp(settings)


def stage_manifest(
    settings: Settings, manifest: Manifest, *, data: Path, options: Options
) -> Prepared:
    """Stage all sources of a manifest and derive the picture.

    Nothing that holds is changed; outside the load's folder only the files of rejects are
    written, once everything else has succeeded.
    """
    prepared = begin_load(settings, options=options)
    company = Company(**manifest.company.model_dump())
    sources = [Source(s.name, s.party, s.legal_basis) for s in manifest.source]
    prepared.home = prepared.home.of_company(company).with_sources(sources)
    try:
        with room_watched(settings):
            with timed(prepared.report, "stage", options=options):
                _stage_sources(settings, manifest, data=data, prepared=prepared, options=options)
            # copies in UTF-8 hold personal values in the clear: gone before anything slow
            empty_tmp(settings)
            with timed(prepared.report, "picture", options=options):
                derive_picture(settings, prepared)
            _write_rejects(settings, prepared)
    except BaseException:
        shutil.rmtree(prepared.folder, ignore_errors=True)
        raise
    return prepared


def begin_load(settings: Settings, *, options: Options) -> Prepared:
    """Give a load its id, its instant and its folder."""
    now = datetime.now(UTC)
    # to the millisecond, as times are stored: a load right after a run must not seem earlier
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    load_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}"
    report = LoadReport(load_id, dry_run=options.dry_run)
    return Prepared(read_home(settings), folder_of(settings, load_id), report, now)


def _stage_sources(
    settings: Settings, manifest: Manifest, *, data: Path, prepared: Prepared, options: Options
) -> None:
    import pyarrow as pa

    secret = read_secret(settings)
    # all files of all sources are examined before the first one is read
    relations = [open_relations(s, data=data, settings=settings) for s in manifest.source]
    vault_rows, replaced = [empty_rows()], []
    for source, files in zip(manifest.source, relations, strict=True):
        context = Context(manifest.company, source, secret, prepared.now, files)
        staged = stage_source(settings, context, folder=prepared.folder, replace=options.replace)
        _take(source.name, staged=staged, prepared=prepared)
        prepared.report.unread |= unread_columns(source, files)
        vault_rows += staged.vault
        replaced += [source.name] if options.replace else []
    vault = open_vault(settings, secret)
    added = pa.concat_tables(vault_rows)
    kept = vault.prepare(added, folder=prepared.folder / "vault", without=replaced)
    prepared.vault = kept.files
    note_touched(prepared.folder, kept.accounts)


def _take(source: str, *, staged: Staged, prepared: Prepared) -> None:
    prepared.report.tables += staged.reports
    for table, rows in staged.files.items():
        prepared.files[source, table] = rows
        prepared.touch(table, staged.touched[table])
    for table, rejects in staged.rejects.items():
        prepared.rejects[source, table] = rejects


def _write_rejects(settings: Settings, prepared: Prepared) -> None:
    for report in prepared.report.tables:
        rejects = prepared.rejects.get((report.source, report.table), [])
        path = rejects_file(settings, report.source, table=report.table)
        write_rejects(path, rejects, total=report.n_rejected)


def derive_picture(settings: Settings, prepared: Prepared) -> None:
    """Derive the picture of what will be staged and compare it with the one that holds."""
    files = after_load(committed_files(settings), prepared=prepared.files)
    prepared.derived = derive(
        settings, prepared.home, files=files, touched=prepared.touched, folder=prepared.folder
    )
    prepared.report.written = dict(prepared.derived.written)
    prepared.report.removed = dict(prepared.derived.removed)
    prepared.report.bare = dict(prepared.derived.bare)


def write_load(
    settings: Settings, prepared: Prepared, *, connect: Connect, options: Options
) -> LoadReport:
    """Write a prepared load to the graph and commit it; a dry run only removes its folder."""
    report = prepared.report
    if options.dry_run or not (report.changed_anything or prepared.files or prepared.vault):
        shutil.rmtree(prepared.folder, ignore_errors=True)
        return report
    if not options.confirmed:
        _refuse_much_deleted(prepared)
    with timed(report, "write", options=options), connect() as database:
        mark_home(database, settings, home=prepared.home)
        report.imported = wants_import(database, settings, prepared=prepared)
        journal = journal_of(settings, prepared)
        begin(settings, journal)
        write_prepared(
            settings, database, journal=journal, spec=options.spec, on_rows=options.on_rows
        )
    with connect() as database:
        mark_home(database, settings, home=prepared.home)
        write_reports(database, report, at=prepared.now)
    return report


def wants_import(database: Database, settings: Settings, *, prepared: Prepared) -> bool:
    """Tell whether the offline importer is open to this load and worth starting."""
    large = sum(prepared.report.written.values()) >= IMPORT_FROM
    return large and settings.neo4j_uri is None and is_empty(database)


def journal_of(settings: Settings, prepared: Prepared) -> Journal:
    """Return the journal of a prepared load: what it writes and which files it moves."""
    home, held = settings.home, committed_files(settings)
    moves, removals = {}, []
    for (source, table), new in prepared.files.items():
        ground = staged_file(settings, source, table=table)
        put, gone = placed(ground, below=held.get((source, table), ()), new=new)
        moves.update(_relative(put, home))
        removals += [str(path.relative_to(home)) for path in gone]
    for name, has_rows in prepared.vault.items():
        if has_rows:
            moves[str((prepared.folder / "vault" / name).relative_to(home))] = f"vault/{name}"
        else:
            removals.append(f"vault/{name}")
    described = prepared.folder / HOME_FILE
    write_json(described, asdict(prepared.home))
    moves[str(described.relative_to(home))] = HOME_FILE
    moves.update(_relative(prepared.derived.moves, home))
    removals += [str(path.relative_to(home)) for path in prepared.derived.gone]
    return Journal(
        load_id=prepared.report.load_id,
        state="importing" if prepared.report.imported else "writing",
        loaded_at=int(prepared.now.timestamp() * 1000),
        moves=moves,
        removals=tuple(removals),
    )


def _relative(moves: Mapping[Path, Path], home: Path) -> dict[str, str]:
    return {str(a.relative_to(home)): str(b.relative_to(home)) for a, b in moves.items()}


def _refuse_much_deleted(prepared: Prepared) -> None:
    derived = prepared.derived
    spec: GraphSpec = fact_spec()
    much = [
        f"{gone:,} of {derived.before[label]:,} {label}"
        for label, gone in sorted(derived.removed.items())
        if label in spec.nodes
        and gone >= DELETED_LEAST
        and gone > DELETED_SHARE * derived.before[label]
    ]
    if much:
        shutil.rmtree(prepared.folder, ignore_errors=True)
        raise TooMuchDeletedError(counts=", ".join(much))


def empty_tmp(settings: Settings) -> None:
    """Remove what earlier work spilled or copied."""
    for path in settings.tmp.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def timed(report: LoadReport, stage: str, *, options: Options) -> Iterator[None]:
    """Tell that a stage begins and note its seconds."""
    options.on_stage(stage)
    began = time.monotonic()
    try:
        yield
    finally:
        report.seconds[stage] = time.monotonic() - began


def unload(
    settings: Settings, source: str, *, connect: Connect, options: Options | None = None
) -> LoadReport:
    """Remove every fact of a source and what only it named.

    Raises
    ------
    UnknownSourceError
        If nothing of that name was loaded.
    """
    from loaders.unload import stage_removal

    chosen = options or Options(command="kith unload")
    with prepared_home(settings, connect, options=chosen):
        prepared = begin_load(settings, options=chosen)
        stage_removal(settings, source, prepared=prepared)
        derive_picture(settings, prepared)
        return write_load(settings, prepared, connect=connect, options=chosen)
