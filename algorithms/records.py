"""What is kept of a run: its node in the graph and its files in the home.

The node says where each score comes from. The files hold the results themselves, so that
dates can be compared and forecasts graded long after the graph has moved on.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from algorithms.contract import Algorithm
from graph.columns import as_declared, properties_by_column, schema_of
from graph.elements import read_element
from graph.language import Text
from graph.session import Database
from graph.settings import Settings
from graph.spec import GraphSpec
from graph.writer import Writer

State = Literal["published", "unchanged", "filed", "withheld", "dry"]
"""Written to the graph, nothing to write, written to the run's files only because it is of an
earlier instant or because its grade is below the floors, or not written at all."""

NODE = "AlgorithmRun"
GRADE = "evaluation"
"""Where the metrics of a run hold how its scores did at past cuts; None: not yet graded."""
NOTES = "notes"
"""Where the metrics of a run hold what a reader of it has to know, in both languages."""


@dataclass(frozen=True)
class Record:
    """One run of an algorithm.

    ``counts`` holds the rows read by table, the values written by element, and how many the
    graph then holds; ``window`` the first and last time of each table.
    """

    algorithm: str
    version: str
    as_of: datetime
    parameters: str
    input_digest: str
    started_at: datetime
    run_id: str = ""
    kind: Literal["score", "evaluation"] = "score"
    state: State = "published"
    seconds: float = 0.0
    window: Mapping[str, list[str]] = field(default_factory=dict)
    counts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)

    def named(self) -> "Record":
        """Return the record with an id of its own: algorithm, start, and something random."""
        run_id = f"{self.algorithm}-{self.started_at:%Y%m%dT%H%M%S}-{token_hex(4)}"
        return replace(self, run_id=run_id)

    @property
    def notes(self) -> list[Text]:
        """Return what a reader of the results has to know."""
        notes = self.metrics.get(NOTES, [])
        assert isinstance(notes, list)  # written by this package alone
        return [Text(**note) for note in notes]

    def is_repeated_by(self, other: "Record", *, dated: bool) -> bool:
        """Tell whether ``other`` would compute what this one computed."""
        same = (self.version, self.parameters, self.input_digest)
        is_same = same == (other.version, other.parameters, other.input_digest)
        return is_same and (self.as_of == other.as_of or not dated)


class Records:
    """The runs whose results stand in a graph.

    Parameters
    ----------
    database, spec
        The graph and its declarations.
    """

    def __init__(self, database: Database, spec: GraphSpec) -> None:
        self._database, self._spec = database, spec
        self._node = spec.nodes[NODE]
        runs = read_element(database, spec, name=NODE)
        self._current = runs.filter(pc.fill_null(runs["is_current"], fill_value=False))

    def evaluation(self, algorithm: str, *, version: str, parameters: str) -> Record | None:
        """Return the latest evaluation of an algorithm as it would run now, if there is one."""
        rows = [_read(row) for row in self._rows(algorithm, kind="evaluation").to_pylist()]
        same = [r for r in rows if (r.version, r.parameters) == (version, parameters)]
        return same[0] if same else None

    def current(self, algorithm: str) -> Record | None:
        """Return the algorithm's current run, None if it has none."""
        rows = self._rows(algorithm).to_pylist()
        return _read(rows[0]) if rows else None

    def doubt(self, algorithm: str) -> None:
        """Make the current run one that no other repeats: its results are being replaced."""
        rows = self._rows(algorithm).select(["run_id"])
        if rows.num_rows:
            nothing = pa.nulls(rows.num_rows, pa.string())
            self._write(rows.append_column("input_digest", nothing))

    def publish(self, record: Record) -> None:
        """Record a run as the current one, in place of the one before."""
        earlier = self._rows(record.algorithm, kind=record.kind)
        outdated = pa.array([False] * earlier.num_rows, pa.bool_())
        at = earlier.schema.get_field_index("is_current")
        earlier = earlier.set_column(at, "is_current", outdated)
        self._write(pa.concat_tables([earlier, table_of([record], self._spec)]))

    def _rows(self, algorithm: str, *, kind: str = "score") -> pa.Table:
        is_own = pc.equal(self._current["algorithm"], algorithm)
        return self._current.filter(pc.and_(is_own, pc.equal(self._current["kind"], kind)))

    def _write(self, rows: pa.Table) -> None:
        Writer(self._database, self._spec).write_nodes(self._node, rows)


def table_of(records: Iterable[Record], spec: GraphSpec) -> pa.Table:
    """Return published runs as rows of their node."""
    properties = properties_by_column(spec.nodes[NODE])
    rows = [_row(record) for record in records]
    return as_declared(pa.Table.from_pylist(rows, schema=schema_of(properties)), dict(properties))


def held_in_files(
    record: Record, algorithm: Algorithm, *, settings: Settings
) -> dict[str, dict[str, int]]:
    """Return how many rows the files of a run hold of each table that lies there alone."""
    paths = {t.name: folder_of(record, settings) / f"{t.name}.parquet" for t in algorithm.files}
    return {
        name: {"": pq.read_metadata(path).num_rows} for name, path in paths.items() if path.exists()
    }


def folder_of(record: Record, settings: Settings) -> Path:
    """Return where the results of a run lie."""
    return settings.home / "runs" / record.run_id


def file_results(record: Record, tables: Mapping[str, pa.Table], *, settings: Settings) -> Path:
    """Write the results to ``KITH_HOME/runs/<run_id>``: all files, or no folder.

    Returns
    -------
    The folder: ``<element>.parquet`` for each element, and the record as ``run.json``.
    """
    folder = folder_of(record, settings)
    partial = folder.with_name(f".{folder.name}")
    partial.mkdir(parents=True, mode=0o700)
    try:
        for name, table in tables.items():
            pq.write_table(table, partial / f"{name}.parquet", compression="zstd")
        (partial / "run.json").write_text(_text(_row(record)), encoding="utf-8")
        partial.replace(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def _row(record: Record) -> dict[str, object]:
    return {
        "run_id": record.run_id,
        "algorithm": record.algorithm,
        "version": record.version,
        "kind": record.kind,
        "as_of": record.as_of,
        "started_at": record.started_at,
        "seconds": record.seconds,
        "input_digest": record.input_digest,
        "parameters": record.parameters,
        "window": _text(record.window),
        "counts": _text(record.counts),
        "metrics": _text(record.metrics),
        "evaluation": _text(grade) if (grade := record.metrics.get(GRADE)) else None,
        "is_current": record.state == "published",
    }


def _read(row: Mapping[str, object]) -> Record:
    as_of, started = row["as_of"], row["started_at"]
    return Record(
        run_id=str(row["run_id"]),
        algorithm=str(row["algorithm"]),
        version=str(row["version"]),
        as_of=as_of if isinstance(as_of, datetime) else datetime.max.replace(tzinfo=UTC),
        started_at=started if isinstance(started, datetime) else datetime.min.replace(tzinfo=UTC),
        parameters=str(row["parameters"] or ""),
        input_digest=str(row["input_digest"] or ""),
        counts=json.loads(str(row["counts"] or "{}")),
        metrics=json.loads(str(row["metrics"] or "{}")),
    )


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: object) -> object:
    """Return what JSON has no word for as the nearest that it has."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
