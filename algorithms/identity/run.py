"""Runs resolution: on the graph, writing what is different, or on staging for a first load."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa

from algorithms.identity.events import EVENTS
from algorithms.identity.ground import Ground, described, persons_of, read_details, read_ground
from algorithms.identity.ledger import TIME, Ledger
from algorithms.identity.memory import Memory
from algorithms.identity.reach import Asked, nobody
from algorithms.identity.resemblance import Resemblance, recalled
from algorithms.identity.resolution import IncompleteError, Resolution, Run, resolve
from algorithms.identity.situation import Situation, parameters_of, part_of, situation, totals
from algorithms.identity.state import (
    ALGORITHM,
    HAS_IDENTIFIER,
    LIKELY_SAME,
    RESOLVED_TO,
    PastRun,
    State,
    past_runs,
    read_facts,
    read_state,
    unfinished_run,
)
from algorithms.identity.weighing import Means
from algorithms.identity.words import Word
from algorithms.identity.write import Difference, difference, write
from graph.reader import Reader
from graph.session import Database
from graph.settings import Settings
from graph.spec import GraphSpec
from graph.writer import Writer

logger = logging.getLogger(__name__)

VERSION: Final = "1"
MOST_BESIDE: Final = 0.3  # of all accounts: reading more of them one by one is no shorter way


@dataclass(frozen=True)
class Options:
    """How to resolve.

    ``full`` recomputes everything, not only what loads and stewards have touched since the
    last run; ``dry_run`` writes nothing; ``at`` is the instant of the run, the present if
    ``None``; ``spoken`` are words that are tried without being recorded, ``policy`` is a file
    that is tried instead of the home's.
    """

    policy: Path | None = None
    full: bool = False
    dry_run: bool = False
    at: datetime | None = None
    spoken: tuple[Word, ...] = ()


@dataclass(frozen=True)
class ResolveReport:
    """What a run found and wrote.

    ``is_unchanged``: the graph was right already. ``written`` counts the rows that differed
    (after a dry run: would be written), ``counts`` what there is, ``events`` who merged or
    split, with the columns of ``ResolutionEvent``. ``seconds`` is the whole run's.
    """

    run_id: str
    is_unchanged: bool
    counts: Mapping[str, int]
    events: pa.Table
    written: int
    seconds: float


@dataclass(frozen=True)
class _Record:
    """The record of a run as it grows; ``begun`` is a reading of the monotonic clock."""

    run: Run
    begun: float
    parameters: str

    def record(self, counts: Mapping[str, int], *, is_finished: bool) -> dict[str, object]:
        """Return the run's ``AlgorithmRun``; without seconds while it is unfinished."""
        return {
            "run_id": self.run.run_id,
            "algorithm": ALGORITHM,
            "version": VERSION,
            "kind": "resolve",
            "started_at": self.run.at,
            "seconds": time.perf_counter() - self.begun if is_finished else None,
            "parameters": self.parameters,
            "counts": json.dumps(counts, sort_keys=True),
            "is_current": is_finished,
        }


def resolve_graph(
    database: Database,
    *,
    spec: GraphSpec,
    options: Options | None = None,
    settings: Settings | None = None,
) -> ResolveReport:
    """Give every account in the graph its customer, and write what is different.

    Parameters
    ----------
    database
        The caller holds the lock on writing.
    spec
        With everything that algorithms declare, so that what was computed about a changed
        customer can be taken back.
    options
        See ``Options``.
    settings
        Name the home whose vault and stewards' record count; ``None``: the graph alone.

    Raises
    ------
    KithError
        What the database or the vault answers with; the next run finishes what this one began.
    """
    begun = time.perf_counter()
    options = options or Options()
    runs = past_runs(database, spec)
    ground = read_ground(settings, spoken=options.spoken, policy=options.policy)
    now = situation(database, runs, ground=ground)
    if now.is_settled and not options.full:
        return _settled_report(runs[-1], begun)
    at = _to_millisecond(options.at or datetime.now(UTC))
    run = Run(at, unfinished_run(runs) or _name(at))
    state, resolution, resemblance = _resolved(database, spec, now=now, run=run, full=options.full)
    resolution = replace(resolution, counts=totals(resolution, state, at=now))
    found = difference(state, resolution)
    is_same = found.n_rows + len(resolution.removed) + len(resolution.events) == 0
    # a load may touch accounts without consequence; noting the run spares the next the work
    is_known = now.is_settled or not resolution.counts["accounts"]
    record = _Record(run, begun, parameters_of(ground, model=resemblance.digest))
    if not options.dry_run and not (is_same and is_known):
        _write(database, record, spec=spec, outcome=(state, resolution, found), runs=runs)
        resemblance.keep(ground, run_id=run.run_id)
    return _report(record, resolution, found=found, is_same=is_same)


def _resolved(
    database: Database, spec: GraphSpec, *, now: Situation, run: Run, full: bool
) -> tuple[State, Resolution, Resemblance]:
    """Resolve a part if that is enough, a larger one if it was too small, else everything."""
    ground, beside = now.ground, frozenset[str]()
    memory = recalled(ground, run_id=now.last.run_id) if now.last and not full else None
    # components of everybody's pairs: found once, however often the part has to grow
    resembling = memory.resembling() if memory else nobody
    ask, means = Asked(database), ground.means
    part = None if full else part_of(ask, spec, at=now, resembling=resembling)
    while part is not None and (memory is not None or not ground.resembles):
        try:
            return _settled(part, run, ground=ground, memory=memory, means=means)
        except IncompleteError as more:
            beside |= more.accounts
            is_small = len(beside) <= MOST_BESIDE * now.accounts
            wider = partial(part_of, at=now, beside=beside, resembling=resembling)
            part = wider(ask, spec) if is_small else None
    return _settled(read_state(database, spec, runs=now.runs), run, ground=ground, memory=None)


def _settled(
    state: State,
    run: Run,
    *,
    ground: Ground,
    memory: Memory | None,
    means: Means | None = None,
) -> tuple[State, Resolution, Resemblance]:
    accounts = state.facts.accounts["account_id"].combine_chunks() if state.is_part else None
    details = read_details(ground.vault, accounts=accounts)
    facts = replace(state.facts, words=ground.words, persons=persons_of(details))
    known = described(details, facts.accounts)
    resemblance = Resemblance(ground.policy, known, means or ground.means, memory)
    resolution = resolve(facts, state.ledger, policy=ground.policy, run=run, linker=resemblance)
    return state, resolution, resemblance


def resolve_staged(
    reader: Reader,
    *,
    at: datetime | None = None,
    ground: Ground | None = None,
) -> dict[str, pa.Table]:
    """Resolve staged facts for a first load.

    Parameters
    ----------
    reader
        Gives the elements ``Account``, ``Identifier`` and what joins them.
    at
        The instant of the run; ``None``: the present.
    ground
        Policy, vault as the load prepared it, and stewards' record; ``None``: the shipped
        policy alone.

    Returns
    -------
    By element: whole rows of ``Customer``, ``Account-RESOLVED_TO-Customer``,
    ``ResolutionEvent`` and ``AlgorithmRun``; of ``Identifier`` and
    ``Account-HAS_IDENTIFIER-Identifier`` the key and the columns that resolution owns.
    """
    ground = ground or Ground()
    at = _to_millisecond(at or datetime.now(UTC))
    run, begun = Run(at, _name(at)), time.perf_counter()
    facts = read_facts(reader)
    details = read_details(ground.vault)
    facts = replace(facts, words=ground.words, persons=persons_of(details))
    resemblance = Resemblance(ground.policy, described(details, facts.accounts), ground.means)
    resolution = resolve(facts, Ledger(), policy=ground.policy, run=run, linker=resemblance)
    resemblance.keep(ground, run_id=run.run_id)
    counts = {**resolution.counts, "links": len(resolution.links)}
    record = _Record(run, begun, parameters_of(ground, model=resemblance.digest))
    return {
        "Customer": resolution.customers,
        RESOLVED_TO: resolution.resolved,
        "Identifier": resolution.identifiers,
        HAS_IDENTIFIER: resolution.links,
        "ResolutionEvent": resolution.events,
        LIKELY_SAME: resolution.likely,
        **resolution.pins,
        "AlgorithmRun": _records([record.record(counts, is_finished=True)]),
    }


def _name(at: datetime) -> str:
    return f"{ALGORITHM}-{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}"


def _to_millisecond(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _records(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    table = pa.Table.from_pylist(list(rows))
    return table.set_column(
        table.schema.get_field_index("started_at"), "started_at", table["started_at"].cast(TIME)
    )


def _write(
    database: Database,
    record: _Record,
    *,
    spec: GraphSpec,
    outcome: tuple[State, Resolution, Difference],
    runs: Sequence[PastRun],
) -> None:
    """Tell the events, then write between an unfinished and a finished record of the run."""
    state, resolution, found = outcome
    writer, node = Writer(database, spec), spec.nodes["AlgorithmRun"]
    writer.delete_nodes(spec.nodes["ResolutionEvent"], pa.chunked_array([state.torn]))
    writer.write_nodes(spec.nodes["ResolutionEvent"], resolution.events)
    writer.write_nodes(node, _records([record.record(resolution.counts, is_finished=False)]))
    write(database, resolution, spec=spec, found=found, at=record.run.at)
    former = [past.run_id for past in runs if past.run_id != record.run.run_id]
    writer.set_properties(
        node,
        pa.table({"run_id": pa.array(former, pa.string()), "is_current": [False] * len(former)}),
    )
    writer.write_nodes(node, _records([record.record(resolution.counts, is_finished=True)]))


def _report(
    record: _Record, resolution: Resolution, *, found: Difference, is_same: bool
) -> ResolveReport:
    report = ResolveReport(
        run_id=record.run.run_id,
        is_unchanged=is_same,
        counts=resolution.counts,
        events=resolution.events,
        written=found.n_rows + len(resolution.removed),
        seconds=time.perf_counter() - record.begun,
    )
    logger.info(
        "resolved %d accounts to %d customers, %d rows differ, in %.1f s",
        report.counts["accounts"],
        report.counts["customers"],
        report.written,
        report.seconds,
    )
    return report


def _settled_report(last: PastRun, begun: float) -> ResolveReport:
    return ResolveReport(
        run_id=last.run_id,
        is_unchanged=True,
        counts=last.counts,
        events=EVENTS.empty_table(),
        written=0,
        seconds=time.perf_counter() - begun,
    )
