"""Runs algorithms: read once, compute, check, write back what changed, record the run.

Everything that all methods share happens here, from their declarations. A run that would
read what the current one read, with the same parameters and code, writes nothing. Before
the first write the current run loses its input digest, so that a run which is cut off in
the middle is made again whatever happens to the facts; the new run is recorded last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from algorithms.contract import Algorithm
from algorithms.floors import UNGRADED, grade_of, shortfalls
from algorithms.parameters import DatedParameters
from algorithms.publish import Change, Place, changes_of, held_in, write
from algorithms.recalling import recalled
from algorithms.records import (
    GRADE,
    NODE,
    NOTES,
    Record,
    Records,
    file_results,
    held_in_files,
    table_of,
)
from algorithms.reduction import REMEMBERED, registered
from algorithms.segments import NODE as SEGMENT
from algorithms.segments import History, held_segments, history_of
from algorithms.session import Request, Session, Work, computed, opened, prepared
from graph.batches import OnRows
from graph.elements import read_element
from graph.reader import Reader
from graph.session import Database
from graph.settings import Settings
from graph.spec import NodeSpec
from graph.writer import Writer

Counts = dict[str, Mapping[str, object]]

__all__ = ["Computed", "Record", "Request", "compute_all", "score"]


@dataclass(frozen=True)
class Computed:
    """Results that are not in the graph yet, by element, for a first import.

    ``elements`` holds, of a label, its key and everything computed for it; the relationships
    of the algorithms; and the runs as ``AlgorithmRun``.
    """

    elements: Mapping[str, pa.Table]
    runs: tuple[Record, ...]


def score(
    database: Database,
    reader: Reader,
    *,
    request: Request,
    settings: Settings,
    on_rows: OnRows | None = None,
) -> list[Record]:
    """Run algorithms on what the graph holds, and write what they found into it.

    The caller holds the lock of the home; constraints are installed.

    Parameters
    ----------
    database
        The graph, read for comparison and written.
    reader
        Where tables come from.
    request
        What to run, and how.
    settings
        The home, for the files of the runs and for what spills.
    on_rows
        Called with the number of rows of each batch written.

    Returns
    -------
    A record for each algorithm, in the order in which they ran.

    Raises
    ------
    UnknownAlgorithmError, UnknownParameterError, ParameterError
        If the request names what does not exist or lies out of bounds; nothing was read.
    ComputeError
        If an algorithm breaks a promise; the algorithms before it are published, it and those
        after it are not. One that has nothing to say stops nobody: its reason is a note.
    """
    with opened(reader, request, settings=settings) as session:
        place = Place(database, session.spec, session.connection)
        graph = _Graph(place, Records(database, session.spec), on_rows)
        works = (prepared(session, algorithm) for algorithm in session.order)
        return [_scored(session, work, graph=graph) for work in works]


def compute_all(reader: Reader, *, request: Request, settings: Settings) -> Computed:
    """Run algorithms for a graph that is empty, and return what has to be imported.

    Parameters
    ----------
    reader
        Where tables come from: staging, with the resolution of accounts.
    request
        What to run; ``dry_run`` leaves out the files of the runs.
    settings
        The home.

    Raises
    ------
    ConfigurationError, ComputeError
        As `score`.
    """
    with opened(reader, request, settings=settings) as session:
        works = (prepared(session, algorithm) for algorithm in session.order)
        found = [_for_import(session, work) for work in works]
        elements = _combined([tables for _, tables in found], session)
        records = tuple(record for record, _ in found)
        return Computed({**elements, NODE: table_of(records, session.spec)}, records)


@dataclass(frozen=True)
class _Graph:
    """Where results go."""

    place: Place
    records: Records
    on_rows: OnRows | None


def _scored(session: Session, work: Work, *, graph: _Graph) -> Record:
    """Run one algorithm and publish what it found, unless that stands in the graph."""
    current, grade = graph.records.current(work.algorithm.name), _grade(work, graph.records)
    is_graded_so = current is not None and current.metrics.get(GRADE) == grade
    if current and is_graded_so and _stands(current, work, graph=graph, settings=session.settings):
        same = replace(work.record, run_id=current.run_id, counts=current.counts)
        return work.finished(replace(same, metrics=current.metrics), state="unchanged")
    is_earlier = current is not None and work.record.as_of < current.as_of
    if current and not is_earlier:
        work.tables.update(_remembered(work.algorithm, place=graph.place))
    work.tables.update(recalled(work.algorithm, work.record, settings=session.settings))
    record, tables = computed(session, work)
    record, is_withheld = _with_grade(record, grade, work=work, force=session.request.force)
    if session.request.dry_run:
        counts = _written(*_changes(work, tables, graph=graph))
        return work.finished(replace(record, counts={**record.counts, **counts}), state="dry")
    if is_withheld or (is_earlier and not session.request.publish):
        record = work.finished(record, state="withheld" if is_withheld else "filed")
        file_results(record, tables, settings=session.settings)
        return record
    counts = _publish(work, tables, graph=graph)
    record = work.finished(replace(record, counts={**record.counts, **counts}), state="published")
    file_results(record, tables, settings=session.settings)
    graph.records.publish(record)
    return record


def _grade(work: Work, records: Records) -> dict[str, object] | None:
    """Return the grade of what is about to be computed, from an evaluation of the same."""
    said = work.record
    if not work.algorithm.graded:
        return None
    return grade_of(
        records.evaluation(said.algorithm, version=said.version, parameters=said.parameters)
    )


def _with_grade(
    record: Record, grade: dict[str, object] | None, *, work: Work, force: bool
) -> tuple[Record, bool]:
    """Note the grade of scores with them; tell whether it keeps them from being published."""
    if not work.algorithm.graded:
        return record, False
    faults = shortfalls(grade)
    notes = [*record.notes, *faults] if grade else [*record.notes, UNGRADED]
    told = {NOTES: [note._asdict() for note in notes]} if notes else {}
    metrics = {**record.metrics, **told, GRADE: grade}
    return replace(record, metrics=metrics), bool(faults) and not force


def _remembered(algorithm: Algorithm, *, place: Place) -> dict[str, pa.Table]:
    """Return what the graph holds of an algorithm's results, where it wants them back."""
    if not algorithm.remembers:
        return {}
    columns = ["customer_id", *algorithm.remembers]
    rows = read_element(place.database, place.spec, name="Customer", columns=columns)
    return {REMEMBERED: rows}


def _publish(work: Work, tables: Mapping[str, pa.Table], *, graph: _Graph) -> Counts:
    """Write what changed and return the counts of it."""
    changes, history = _changes(work, tables, graph=graph)
    every = [*history.before, *changes, *history.after]
    if any(change.rows.num_rows or change.gone.num_rows for change in every):
        graph.records.doubt(work.algorithm.name)
        write(every, Writer(graph.place.database, graph.place.spec, graph.on_rows))
    return _written(changes, history)


def _changes(
    work: Work, tables: Mapping[str, pa.Table], *, graph: _Graph
) -> tuple[list[Change], History]:
    """Compare results with the graph: themselves, and who moves between segments by them."""
    algorithm, place, as_of = work.algorithm, graph.place, work.record.as_of
    changes = changes_of(algorithm, tables, place=place)
    return changes, history_of(algorithm, tables, changes=changes, place=place, as_of=as_of)


def _written(changes: Iterable[Change], history: History) -> Counts:
    counts = {change.element.name: change.counts for change in changes}
    return {"written": {**counts, **history.counts}}


def _stands(current: Record, work: Work, *, graph: _Graph, settings: Settings) -> bool:
    """Tell whether graph and files hold, untouched, what this run would compute."""
    dated = isinstance(work.parameters, DatedParameters)
    if not current.is_repeated_by(work.record, dated=dated):
        return False
    held = held_in(graph.place, work.algorithm)
    held |= held_segments(work.algorithm, place=graph.place)
    held |= held_in_files(current, work.algorithm, settings=settings)
    return held == current.counts.get("held")


def _for_import(session: Session, work: Work) -> tuple[Record, dict[str, pa.Table]]:
    record, tables = computed(session, work)
    record, _ = _with_grade(record, None, work=work, force=False)
    record = work.finished(record, state="published")
    if not session.request.dry_run:
        file_results(record, tables, settings=session.settings)
    return record, tables


def _combined(found: Iterable[Mapping[str, pa.Table]], session: Session) -> dict[str, pa.Table]:
    """Return one table an element: of a label, the columns of all algorithms side by side."""
    elements: dict[str, pa.Table] = {}
    filed = {table.name for algorithm in session.order for table in algorithm.files}
    for name, table in (pair for tables in found for pair in tables.items()):
        if name in filed:
            continue
        element = session.spec.element(name)
        if name in elements and name == SEGMENT:
            elements[name] = pa.concat_tables([elements[name], table])
        elif name in elements and isinstance(element, NodeSpec):
            elements[name] = _side_by_side(elements[name], table, key=element.key, session=session)
        else:
            elements[name] = table
    return elements


def _side_by_side(left: pa.Table, right: pa.Table, *, key: str, session: Session) -> pa.Table:
    query = f'SELECT * FROM l FULL JOIN r USING ("{key}") ORDER BY "{key}"'
    with registered(session.connection, {"l": left, "r": right}):
        return session.connection.sql(query).to_arrow_table()
