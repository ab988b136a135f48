"""The six stages of a run: fuse, resolve, tag, model, report, activate.

On an empty store facts, resolution and what is tagged go into the graph by one import:
millions of relationships would take minutes in transactions. On a graph that already holds
something, each stage writes its own difference.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from api.memory import peak_megabytes, reset_peak
from graph.language import Text
from graph.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

    from algorithms.contract import Stage
    from graph.reader import Reader
    from graph.session import Database
    from loaders.load import Options, Prepared
    from loaders.report import LoadReport

STAGES: "Mapping[Stage, Text]" = {
    "fuse": Text("fuse", "数据融合"),
    "resolve": Text("resolve", "用户识别"),
    "tag": Text("tag", "用户标签"),
    "model": Text("model", "数据建模"),
    "report": Text("report", "数据报表"),
    "activate": Text("activate", "应用操作"),
}

Connect = Callable[[], "AbstractContextManager[Database]"]


@dataclass(slots=True)
class StageReport:
    """What one stage did, its seconds, and the most memory of this process during it (MB)."""

    stage: "Stage"
    seconds: float = 0.0
    peak_mb: float = 0.0
    told: list[str] = field(default_factory=list)

    @property
    def name(self) -> Text:
        """Return the stage's name in both languages."""
        return STAGES[self.stage]


@dataclass(slots=True)
class PipelineReport:
    """What a whole run did, stage by stage; ``summary`` is what the graph now tells."""

    load: "LoadReport"
    stages: list[StageReport] = field(default_factory=list)
    summary: dict[str, object] = field(default_factory=dict)


def run_pipeline(
    settings: Settings,
    manifest: Path,
    *,
    data: Path | None,
    connect: Connect,
    options: "Options",
) -> PipelineReport:
    """Run all six stages.

    Parameters
    ----------
    settings
        Names the home.
    manifest, data
        The company's manifest, and the folder of its files (None: the manifest's own).
    connect
        Opens the database, starting it where needed.
    options
        As for a load.

    Raises
    ------
    KithError
        What loading, resolving or scoring raises; what was committed before stays, and the
        next run goes on from there.
    """
    from loaders.load import prepared_home, stage_manifest, wants_import
    from loaders.manifest import read_manifest

    read = read_manifest(manifest)
    with prepared_home(settings, connect, options=options):
        run = _Run(settings, connect=connect, options=options)
        with run.stage("fuse") as fuse:
            prepared = stage_manifest(settings, read, data=data or manifest.parent, options=options)
            with connect() as database:
                is_first = wants_import(database, settings, prepared=prepared)
        if is_first:
            run.first_load(prepared, fuse=fuse)
        else:
            run.later_load(prepared, fuse=fuse)
        run.score("model")
        run.report()
        run.score("activate")
        return run.outcome(prepared)


class _Run:
    """One run of the pipeline as it goes from stage to stage."""

    def __init__(self, settings: Settings, *, connect: Connect, options: "Options") -> None:
        self._settings, self._connect, self._options = settings, connect, options
        self._stages: list[StageReport] = []
        self._summary: dict[str, object] = {}
        self._staged: Reader | None = None

    @contextmanager
    def stage(self, name: "Stage") -> Iterator[StageReport]:
        """Time a stage and tell that it begins; entering one again adds to its seconds."""
        report = next((s for s in self._stages if s.stage == name), None)
        if report is None:
            report = StageReport(name)
            self._stages.append(report)
            self._options.on_stage(str(report.name))
        reset_peak()
        began = time.monotonic()
        try:
            yield report
        finally:
            report.seconds += time.monotonic() - began
            report.peak_mb = max(report.peak_mb, peak_megabytes())

    def first_load(self, prepared: "Prepared", *, fuse: StageReport) -> None:
        """Resolve and tag from staging, then import everything at once."""
        from algorithms.identity.ground import read_ground
        from algorithms.identity.run import resolve_staged
        from loaders.load import write_load

        known: dict[str, pa.Table] = {}
        staged = partial(self._staged_reader, prepared, known=known)
        with self.stage("resolve") as resolve:
            ground = read_ground(self._settings, vault=prepared.folder / "vault")
            resolved = resolve_staged(staged(), ground=ground)
            _keep(prepared.folder, "identity", elements=resolved)
            # of identifiers resolution returns its own columns alone: the picture has the rest
            known.update({name: resolved[name] for name in JUDGED})
            customers = known["Customer"].num_rows
            resolve.told.append(f"{known[RESOLVED].num_rows:,} accounts, {customers:,} customers")
        for stage in ("resolve", "tag"):
            learned = self._learn(stage, staged(), to=prepared.folder)
            # the stages that follow read these scores before the graph can be asked for them
            known["Customer"] = _with_scores(known["Customer"], learned, settings=self._settings)
        with self.stage("fuse"):
            report = write_load(
                self._settings, prepared, connect=self._connect, options=self._options
            )
            fuse.told.append(_loaded(report))
        self._staged = staged(committed=True)

    def _staged_reader(
        self, prepared: "Prepared", *, known: "dict[str, pa.Table]", committed: bool = False
    ) -> "Reader":
        """Return a reader of what a load has prepared, or of the same once it is committed."""
        from algorithms.registry import computed_spec
        from graph.reader import StagedReader

        return StagedReader(
            settings=self._settings,
            spec=computed_spec(),
            timezone=prepared.home.timezone,
            computed=known,
            picture=None if committed else prepared.folder / "picture",
            staging=None if committed else prepared.folder / "staging",
        )

    def _learn(self, name: "Stage", reader: "Reader", *, to: Path) -> "Mapping[str, pa.Table]":
        """Run the algorithms of a stage before the import, and keep what they found for it."""
        from algorithms.run import Request, compute_all

        with self.stage(name) as report:
            request = Request(names=names_of(name))
            found = compute_all(reader, request=request, settings=self._settings)
            _keep(to, name, elements=found.elements)
            report.told += [_told(record) for record in found.runs]
        return found.elements

    def later_load(self, prepared: "Prepared", *, fuse: StageReport) -> None:
        """Write the difference, then resolve and tag what it touched."""
        from algorithms.identity.run import resolve_graph
        from algorithms.registry import computed_spec
        from loaders.load import write_load

        with self.stage("fuse"):
            report = write_load(
                self._settings, prepared, connect=self._connect, options=self._options
            )
            fuse.told.append(_loaded(report))
        with self.stage("resolve") as resolve, self._connect() as database:
            found = resolve_graph(database, spec=computed_spec(), settings=self._settings)
            resolve.told.append(
                "unchanged" if found.is_unchanged else f"{found.written:,} rows written"
            )
        self.score("resolve")
        self.score("tag")

    def score(self, name: "Stage") -> None:
        """Run the algorithms of a stage."""
        from algorithms.run import Request, score

        with self.stage(name) as stage, self._connect() as database:
            records = score(
                database,
                self._staged or graph_reader(database, self._settings),
                request=Request(names=names_of(name)),
                settings=self._settings,
            )
            stage.told += [_told(record) for record in records]

    def report(self) -> None:
        """Run what reports on stores and the like, and ask the graph what it now tells."""
        from api.summary import summary

        if names_of("report"):
            self.score("report")
        with self.stage("report") as stage, self._connect() as database:
            self._summary = summary(database)
            stage.told.append(f"{len(self._summary)} figures")

    def outcome(self, prepared: "Prepared") -> PipelineReport:
        """Return what was done, in the order of the stages."""
        order = list(STAGES)
        stages = sorted(self._stages, key=lambda s: order.index(s.stage))
        return PipelineReport(prepared.report, stages, self._summary)


RESOLVED = "Account-RESOLVED_TO-Customer"
# what algorithms read of a resolution
JUDGED = ("Customer", RESOLVED, "Identifier", "Account-HAS_IDENTIFIER-Identifier")


def names_of(stage: "Stage") -> tuple[str, ...]:
    """Return the algorithms that belong to a stage."""
    from algorithms.registry import REGISTRY

    return tuple(a.name for a in REGISTRY if a.stage == stage)


def graph_reader(database: "Database", settings: Settings) -> "Reader":
    """Return a reader of the graph in the company's time zone."""
    from algorithms.registry import computed_spec
    from graph.home import read_home
    from graph.reader import GraphReader

    return GraphReader(
        database=database,
        spec=computed_spec(),
        settings=settings,
        timezone=read_home(settings).timezone,
    )


def _keep(folder: Path, name: str, *, elements: "Mapping[str, pa.Table]") -> None:
    """Put what was learned beside the prepared facts, for the one import of both."""
    import pyarrow.parquet as pq

    from graph.apply import KNOWLEDGE

    place = folder / KNOWLEDGE / name
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for element, rows in elements.items():
        pq.write_table(rows, place / f"{element}.parquet")


def _with_scores(
    customers: "pa.Table", learned: "Mapping[str, pa.Table]", *, settings: Settings
) -> "pa.Table":
    """Return customers with the scores that a stage found for them."""
    from graph.engine import engine

    if "Customer" not in learned:
        return customers
    query = "SELECT * FROM customers LEFT JOIN scores USING (customer_id) ORDER BY customer_id"
    with engine(settings) as connection:
        connection.register("customers", customers)
        connection.register("scores", learned["Customer"])
        return connection.sql(query).to_arrow_table()


def _told(record: "object") -> str:
    name, state = getattr(record, "algorithm", ""), getattr(record, "state", "")
    return f"{name}: {state}, {getattr(record, 'seconds', 0):.1f} s"


def _loaded(report: "LoadReport") -> str:
    if not report.changed_anything:
        return "the graph already held all of it"
    way = "imported" if report.imported else "written in batches"
    return f"{sum(report.written.values()):,} nodes and relationships {way}"
