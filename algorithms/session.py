"""What the algorithms of one command share, and what each does before it writes.

Checking the request comes first, so that a slip in a parameter costs no reading. Then each
algorithm reads its tables, notes what they are, computes, and is held to its declaration.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa

from algorithms.contract import Algorithm, NothingToSayError, Result
from algorithms.digest import digest_of
from algorithms.inputs import BEFORE_EVERYTHING, Inputs
from algorithms.parameters import DatedParameters, Overrides, Parameters, as_json, parameters_of
from algorithms.promises import kept, nothing
from algorithms.publish import held_by
from algorithms.records import NOTES, Record, State
from algorithms.reduction import run_pure
from algorithms.registry import REGISTRY, Registry
from algorithms.segments import NODE as SEGMENT
from algorithms.segments import segments_of
from graph.engine import engine
from graph.errors import ConfigurationError, some
from graph.language import Text
from graph.reader import Reader
from graph.settings import Settings
from graph.spec import GraphSpec, fact_spec

if TYPE_CHECKING:
    import duckdb

logger = logging.getLogger(__name__)


class UnusedOverrideError(ConfigurationError):
    """A parameter was given of an algorithm that is not to run."""

    text = Text(
        "A parameter of {algorithm} was given, but only these run: {running}. Name {algorithm} "
        "too, or leave the parameter out.",
        "给出了 {algorithm} 的参数，但只运行：{running}。请一并指定 {algorithm}，或去掉该参数。",
    )


@dataclass(frozen=True)
class Request:
    """What somebody wants to be computed.

    Parameters
    ----------
    names
        Algorithms; none stands for all. Order does not matter.
    as_of
        Rows after it do not count; None stands for the latest order, event or post.
    overrides
        Parameters that differ from their defaults, see `parse_overrides`.
    dry_run
        Compute and compare, and leave everything as it is.
    publish
        Write to the graph even if the graph's results are of a later instant.
    force
        Write to the graph even if the grade of the scores is below the floors.
    registry
        The algorithms that there are.
    """

    names: tuple[str, ...] = ()
    as_of: datetime | None = None
    overrides: Overrides = field(default_factory=dict)
    dry_run: bool = False
    publish: bool = False
    force: bool = False
    registry: Registry = REGISTRY


@dataclass(frozen=True)
class Session:
    """What the algorithms of one command share."""

    request: Request
    settings: Settings
    spec: GraphSpec
    connection: "duckdb.DuckDBPyConnection"
    inputs: Inputs
    order: tuple[Algorithm, ...]
    parameters: Mapping[str, Parameters]


@dataclass(frozen=True)
class Work:
    """An algorithm that is about to run: what it reads, and what is known of the run so far."""

    algorithm: Algorithm
    parameters: Parameters
    tables: dict[str, pa.Table]
    record: Record
    began: float

    def finished(self, record: Record, *, state: State) -> Record:
        """Return the record of the run, now that it is over."""
        seconds = round(time.monotonic() - self.began, 3)
        logger.info("%s: %s in %.1f s", record.algorithm, state, seconds)
        return replace(record, state=state, seconds=seconds)


@contextmanager
def opened(reader: Reader, request: Request, *, settings: Settings) -> Iterator[Session]:
    """Check the request, and open what its algorithms share."""
    registry = request.registry
    order = registry.ordered(request.names)
    _refuse_unused(request, order)
    # parameters are checked before anything is read; the instant is known afterwards
    parameters = {
        a.name: parameters_of(
            a.parameters,
            {**_of_home(a, settings), **request.overrides.get(a.name, {})},
            algorithm=a.name,
            as_of=BEFORE_EVERYTHING,
        )
        for a in order
    }
    spec = registry.spec(fact_spec())
    with engine(settings) as connection:
        inputs = Inputs(reader, list(order), spec, connection, registry.tables, as_of=request.as_of)
        yield Session(request, settings, spec, connection, inputs, order, parameters)


def _of_home(algorithm: Algorithm, settings: Settings) -> Mapping[str, str]:
    """Return what the home sets of an algorithm's parameters."""
    return algorithm.defaults(settings) if algorithm.defaults else {}


def _refuse_unused(request: Request, order: Iterable[Algorithm]) -> None:
    """Refuse parameters of algorithms that do not run: a slip would silently do nothing."""
    running = [algorithm.name for algorithm in order]
    for name in request.overrides:
        if request.registry.named(name).name not in running:
            raise UnusedOverrideError(algorithm=name, running=some(running))


def prepared(session: Session, algorithm: Algorithm) -> Work:
    """Read the tables of an algorithm and note what they are."""
    began, started_at = time.monotonic(), datetime.now(UTC)
    logger.info("%s: starting", algorithm.name)
    as_of = session.inputs.date()
    parameters = session.parameters[algorithm.name]
    if isinstance(parameters, DatedParameters):
        parameters = parameters.model_copy(update={"as_of": as_of})
    tables = session.inputs.tables_for(algorithm)
    session.inputs.done(algorithm)
    record = Record(
        algorithm=algorithm.name,
        version=algorithm.version,
        as_of=as_of,
        parameters=as_json(parameters),
        input_digest=digest_of(tables, session.connection),
        started_at=started_at,
        window=session.inputs.window(tables),
        counts={"read": {name: table.num_rows for name, table in tables.items()}},
    )
    return Work(algorithm, parameters, tables, record, began)


def computed(session: Session, work: Work) -> tuple[Record, dict[str, pa.Table]]:
    """Compute, hold the results against their declaration, and let others read them."""
    tables, metrics = _results(session, work)
    # nobody needs the rows any more, and those of a large shop are a gigabyte
    work.tables.clear()
    session.inputs.learn(tables)
    counts = {**work.record.counts, "held": held_by(tables, spec=session.spec)}
    return replace(work.record.named(), counts=counts, metrics=metrics), tables


def _results(session: Session, work: Work) -> tuple[dict[str, pa.Table], Mapping[str, object]]:
    """Return what an algorithm found, with what a reader of it has to know among the metrics."""
    algorithm, spec = work.algorithm, session.spec
    try:
        # an engine of its own: its memory is free before the method computes
        own = engine(session.settings)
        result = run_pure(algorithm, work.tables, parameters=work.parameters, engine=own)
        tables = kept(algorithm, result, spec=spec)
    except NothingToSayError as error:
        logger.warning("%s", error)
        result = Result({}, notes=(Text(error.message("en"), error.message("zh")),))
        tables = nothing(algorithm, spec=spec)
    if algorithm.segments:
        segments = segments_of(algorithm, tables, groups=result.groups, spec=spec)
        tables = {**tables, SEGMENT: segments}
    notes = {NOTES: [note._asdict() for note in result.notes]} if result.notes else {}
    return tables, {**result.metrics, **notes}
