"""The one door for queries that other people wrote.

A query is judged on its plan and then runs in a transaction that may read, has a time limit
and is rolled back whatever happens. The order of the layers:

1. its text is small and flat enough to be parsed (``graph.guard_text``);
2. the server makes a plan of ``USE the-database`` and the query, never of the query alone:
   behind a clause the server itself takes no EXPLAIN, PROFILE or CYPHER and no other USE, so
   prefixes are refused by its grammar, and what was judged is to the letter what then runs;
3. the plan is judged (``graph.guard_plan``);
4. the query runs, its rows and bytes are counted as they arrive, large values are cut;
5. a watchdog waits longer than the limit. The server notices limits between rows only, so a
   loop inside one expression runs on, and a parser whose stack overflowed never answers. The
   watchdog closes the query's own connection, which ends the second kind, and if the server
   still works on the query, asks the owner of the home to restart it.

Nothing is retried: the errors that end a greedy query call themselves transient.
"""

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NoReturn

from graph.endpoint import QueryRefusedError
from graph.errors import GraphError
from graph.guard_errors import PrefixRefusedError, RunawayEndedError, RunawayLeftError
from graph.guard_plan import Operator, PlanLimits, judge, read_plan
from graph.guard_text import TextLimits, check_text
from graph.guard_translate import Progress, check_value, too_slow, typed
from graph.plain import Cell, Plain
from graph.session import Database, GuardedSession, Parameters, open_driver
from graph.settings import Settings

logger = logging.getLogger(__name__)

DATABASE = "CALL db.info() YIELD name RETURN name"
# A query that we gave up and that the server still works on: its limit ended it in name only.
LEFT = """
SHOW TRANSACTIONS YIELD transactionId, currentQuery, status
WHERE status STARTS WITH 'Terminated' AND currentQuery CONTAINS $query
RETURN count(*) AS n
"""
# How the server refuses CYPHER 25, EXPLAIN PROFILE and USE of another database.
OF_A_PREFIX = ("ArgumentError", "SemanticError")
ROWS_AT_ONCE = 100
# A closed connection ends an idle transaction at once; a loop shows that it does not end.
LEAVE_SECONDS = 3.0
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take.

    Parameters
    ----------
    seconds
        Time, planning included; noticed up to 2.5 s late.
    grace
        Seconds after that until the watchdog steps in. Planning notices late.
    rows
        Rows of the answer; one more is fetched, to tell whether there are more.
    size
        Bytes of the answer as JSON, rows alone.
    cell
        Characters of one value; see ``graph.plain.Cell``.
    text, plan
        Limits of the query's text and of what its plan expects.
    """

    seconds: float = 10.0
    grace: float = 10.0
    rows: int = 1000
    size: int = 16_000_000
    cell: int = 20_000
    text: TextLimits = field(default_factory=TextLimits)
    plan: PlanLimits = field(default_factory=PlanLimits)

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits with the seconds and rows that ``settings`` give."""
        return cls(seconds=settings.cypher_seconds, rows=settings.cypher_rows)


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query, and what was left out of them.

    Parameters
    ----------
    columns, rows
        Names in their order; a list of plain values a row.
    truncated_by
        ``rows`` or ``size`` if there are more rows than these; empty if these are all.
    n_cut_cells
        Values that were longer than a value may be.
    seconds
        From the first look at the text to the last row.
    plan
        Its last operator, with those that feed it.
    """

    columns: tuple[str, ...]
    rows: list[list[Plain]]
    truncated_by: str
    n_cut_cells: int
    seconds: float
    plan: Operator

    @property
    def truncated(self) -> bool:
        """Tell whether there are more rows than these."""
        return bool(self.truncated_by)


class _Attempt:
    """A query on its way, and what the watchdog may need to know of it."""

    def __init__(self, query: str, parameters: Parameters | None, *, limits: Limits) -> None:
        self.query = query
        self.parameters = dict(parameters or {})
        self.limits = limits
        self.began = time.monotonic()
        self.progress = Progress(limits.seconds)


def guarded(
    database: Database,
    query: str,
    *,
    parameters: Parameters | None = None,
    limits: Limits | None = None,
    on_stuck: Callable[[], object] | None = None,
) -> Answer:
    """Run somebody's query if it only reads, within limits.

    Parameters
    ----------
    database
        Says where to ask. The query gets a connection of its own, so that closing it frees
        a read that never returns.
    query, parameters
        Cypher as its author wrote it, and the values of its parameters.
    limits
        What it may take; by default 10 s and 1,000 rows.
    on_stuck
        Restarts the server, if it is ours; called when nothing else ends the query. Without
        it, such a query is left to the server and its author is told so.

    Raises
    ------
    GuardError
        ``graph.guard_errors`` lists the reasons; each names the limit and what to do.
    GraphError
        If the database cannot be reached.
    """
    attempt = _Attempt(query, parameters, limits=limits or Limits())
    check_text(query, attempt.limits.text)
    for name, value in attempt.parameters.items():
        check_value(name, value)
    driver = open_driver(database.endpoint, retry_seconds=0)
    with contextlib.closing(Database(driver, database.endpoint)) as own:
        answer = _started(own, attempt)
        try:
            return answer.result(attempt.limits.seconds + attempt.limits.grace)
        except TimeoutError:
            own.close()
            if not _outlives(database, attempt):
                raise too_slow(attempt.progress) from None
            _end(attempt, on_stuck)


def _started(own: Database, attempt: _Attempt) -> "Future[Answer]":
    """Run the query in a thread that nobody has to wait for."""
    future: Future[Answer] = Future()

    def work() -> None:
        try:
            future.set_result(_run(own, attempt))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            future.set_exception(error)

    threading.Thread(target=work, name="guarded query", daemon=True).start()
    return future


def _run(own: Database, attempt: _Attempt) -> Answer:
    with typed(attempt.progress):
        try:
            with _session(own, attempt) as session:
                return _judged_and_run(session, attempt)
        except QueryRefusedError as error:
            if attempt.progress.is_planned or not _is_syntax(error):
                raise
        raise _prefix_problem(own, attempt)


def _session(
    own: Database, attempt: _Attempt
) -> "contextlib.AbstractContextManager[GuardedSession]":
    return own.guarded_session(seconds=attempt.limits.seconds, fetch_size=ROWS_AT_ONCE)


def _judged_and_run(session: GuardedSession, attempt: _Attempt) -> Answer:
    name = str(next(session.run(DATABASE).rows)[0]).replace("`", "``")
    text = f"USE `{name}`\n{attempt.query}"
    explained = session.explain(text, attempt.parameters)
    plan = read_plan(explained.plan)
    judge(plan, explained.query_type, limits=attempt.limits.plan)
    attempt.progress.plan = plan
    found = session.run(text, attempt.parameters)
    rows, truncated_by, n_cut = _collected(found.rows, attempt.limits)
    seconds = time.monotonic() - attempt.began
    return Answer(found.columns, rows, truncated_by, n_cut, seconds, plan)


def _prefix_problem(own: Database, attempt: _Attempt) -> PrefixRefusedError:
    """Say what is wrong with a query that cannot stand behind USE: itself, or its start."""
    try:
        with _session(own, attempt) as session:
            explained = session.explain(attempt.query, attempt.parameters)
    except QueryRefusedError as error:
        if not str(error.facts["code"]).endswith(OF_A_PREFIX):
            raise
        return PrefixRefusedError()
    judge(read_plan(explained.plan), explained.query_type, limits=attempt.limits.plan)
    return PrefixRefusedError()


def _is_syntax(error: QueryRefusedError) -> bool:
    return str(error.facts["code"]).endswith("SyntaxError")


def _collected(
    records: Iterator[tuple[object, ...]], limits: Limits
) -> tuple[list[list[Plain]], str, int]:
    """Take rows as long as they fit; return them, what stopped it, and how many cells are cut."""
    rows: list[list[Plain]] = []
    size = n_cut = 0
    for record in records:
        if len(rows) == limits.rows:
            return rows, "rows", n_cut
        cells = [Cell(limits.cell) for _ in record]
        row = [cell.plain(value) for cell, value in zip(cells, record, strict=True)]
        size += len(json.dumps(row, ensure_ascii=False).encode())
        if size > limits.size:
            return rows, "size", n_cut
        rows.append(row)
        n_cut += sum(cell.is_cut for cell in cells)
    return rows, "", n_cut


def _end(attempt: _Attempt, on_stuck: Callable[[], object] | None) -> NoReturn:
    """End a query that outlived its limit and its connection, and say how."""
    if on_stuck is None:
        raise too_slow(attempt.progress, RunawayLeftError)
    logger.warning("a query ran on after its limit of %g s: restarting", attempt.limits.seconds)
    on_stuck()
    raise too_slow(attempt.progress, RunawayEndedError)


def _outlives(database: Database, attempt: _Attempt) -> bool:
    """Tell whether the server still works on the query after its connection was closed."""
    deadline = time.monotonic() + LEAVE_SECONDS
    while _is_working(database, attempt):
        if time.monotonic() > deadline:
            return True
        time.sleep(POLL_SECONDS)
    return False


def _is_working(database: Database, attempt: _Attempt) -> bool:
    try:
        return bool(database.read(LEFT, {"query": attempt.query})[0]["n"])
    except GraphError:
        # A server that answers nobody is as stuck as one can be.
        return True
