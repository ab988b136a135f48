"""The only module that opens a connection to Neo4j.

A `Database` is one driver, safe to share between threads; each call takes a session of its
own. Reads and writes are retried when the database says that trying again may help, and
have no time limit: bulk work takes as long as it takes. Only queries of analysts run under
a limit, in a transaction that may read and is always rolled back.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeAlias, TypeVar

from graph.endpoint import AddressError, Endpoint
from graph.settings import Settings
from graph.translate import translated

if TYPE_CHECKING:
    from neo4j import Driver, ManagedTransaction, Result, Session, Transaction
    from neo4j.api import BookmarkManager

# The values are what the query returns, which its author knows and a type checker cannot.
Row: TypeAlias = dict[str, Any]
Parameters: TypeAlias = Mapping[str, object]
Statement: TypeAlias = tuple[str, Parameters]
P = ParamSpec("P")
R = TypeVar("R")

NO_LIMIT = 0.0
ROWS_AT_ONCE = 1000
# A chunk of columns is large: a few of them fill a network buffer.
CHUNKS_AT_ONCE = 4
CONNECT_SECONDS = 5.0
# A connection that was accepted and then nothing: another program's port.
SILENCE_SECONDS = 6.0
# A reader waits out a restart of the server, not an outage.
READ_RETRY_SECONDS = 10.0

# neomodel's connection belongs to the whole process.
_objects_lock = threading.Lock()


class Written(NamedTuple):
    """What a write returned, and what it changed (``nodes_created``, ``properties_set``, ...)."""

    rows: list[Row]
    counts: dict[str, int]


class Explained(NamedTuple):
    """How the database would run a query: its type (``r``, ``rw``, ``w``, ``s``) and its plan."""

    query_type: str
    plan: Mapping[str, object]


class Answer(NamedTuple):
    """The columns of an answer and its rows, which arrive as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


class GuardedSession:
    """One transaction that may only read, has a time limit and is always rolled back."""

    def __init__(self, transaction: "Transaction") -> None:
        self._transaction = transaction

    def explain(self, query: str, parameters: Parameters | None = None) -> Explained:
        """Return how the database would run ``query``, without running it."""
        summary = self._transaction.run(f"EXPLAIN {query}", dict(parameters or {})).consume()
        return Explained(summary.query_type or "", summary.plan or {})

    def run(self, query: str, parameters: Parameters | None = None) -> Answer:
        """Run ``query``; its rows are fetched as they are taken."""
        result = self._transaction.run(query, dict(parameters or {}))
        return Answer(tuple(result.keys()), (tuple(record) for record in result))


class Database:
    """A connection to the graph; `connect` makes one and closes it.

    Parameters
    ----------
    driver
        The driver, owned by whoever made it.
    endpoint
        Where it leads.
    home
        The folder whose disk the database writes to, None if it is not on this machine.
    """

    def __init__(self, driver: "Driver", endpoint: Endpoint, *, home: Path | None = None) -> None:
        self.endpoint = endpoint
        self._driver = driver
        self._home = home

    def read(
        self, query: str, parameters: Parameters | None = None, *, fetch_size: int = ROWS_AT_ONCE
    ) -> list[Row]:
        """Return all rows of a query that only reads, in its order.

        Parameters
        ----------
        query, parameters
            Values are passed as parameters, never inside the text.
        fetch_size
            Rows a network round; small where a row holds long lists.

        Raises
        ------
        KithError
            `graph.endpoint` lists what a database can answer with.
        """
        with self._translated(), self._reader(fetch_size) as session:
            return session.execute_read(_unlimited(_rows), (query, parameters or {}))

    def stream(
        self, query: str, parameters: Parameters | None = None, *, fetch_size: int = CHUNKS_AT_ONCE
    ) -> Iterator[Row]:
        """Yield the rows of a query that only reads, as they arrive, for columnar reads.

        Not retried: rows that were handed out cannot be taken back. Raises what `read` raises.
        """
        with (
            self._translated(),
            self._reader(fetch_size) as session,
            session.begin_transaction(timeout=NO_LIMIT) as transaction,
        ):
            yield from _each(transaction.run(query, dict(parameters or {})))

    def write(self, query: str, parameters: Parameters | None = None) -> Written:
        """Run a writing query in a transaction of its own, again if it met another writer.

        It must be idempotent, because a commit whose answer was lost is repeated. Raises
        what `read` raises, and `ConstraintBrokenError`.
        """
        return self.write_together([(query, parameters or {})])[0]

    def write_together(self, statements: Sequence[Statement]) -> list[Written]:
        """Run several writing queries in one transaction: all of them happen, or none.

        Returns
        -------
        What each statement returned and changed, in their order.
        """
        with self._translated(), self._writer() as session:
            return session.execute_write(_unlimited(_write_each), statements)

    def run_auto(self, query: str, parameters: Parameters | None = None) -> Written:
        """Run a query that brings its own transactions, or changes the schema; never retried."""
        from neo4j import Query

        with self._translated(), self._writer() as session:
            unlimited = Query(query, timeout=NO_LIMIT)
            return _written(session.run(unlimited, dict(parameters or {})))

    @contextmanager
    def guarded_session(
        self, *, seconds: float, fetch_size: int = ROWS_AT_ONCE
    ) -> Iterator[GuardedSession]:
        """Give one transaction that may only read, for queries that others wrote.

        Parameters
        ----------
        seconds
            Limit of the whole transaction. The server looks at it between rows only.
        fetch_size
            Rows a network round.

        Raises
        ------
        QueryTimeoutError, QueryMemoryError, QueryRefusedError
            If the query takes too long, takes too much, or is none or writes.
        """
        with (
            self._translated(seconds=seconds),
            self._reader(fetch_size) as session,
            session.begin_transaction(timeout=seconds) as transaction,
        ):
            # Leaving the block without a commit rolls back.
            yield GuardedSession(transaction)

    @contextmanager
    def objects(self) -> Iterator[None]:
        """Let the classes of ``graph/models.py`` read and edit through this connection.

        neomodel has one connection a process, so two databases cannot be used as objects
        at once; the connection stays until the database is closed.
        """
        from neomodel import db

        with self._translated():
            with _objects_lock:
                if db.driver is not self._driver:
                    db.set_connection(driver=self._driver)
            yield

    def close(self) -> None:
        """Close the connection, and neomodel's if it was this one."""
        _forget_objects(self._driver)
        self._driver.close()

    def _reader(self, fetch_size: int) -> "Session":
        return self._driver.session(
            bookmark_manager=self._bookmarks,
            default_access_mode="READ",
            fetch_size=fetch_size,
            max_transaction_retry_time=READ_RETRY_SECONDS,
        )

    def _writer(self) -> "Session":
        return self._driver.session(bookmark_manager=self._bookmarks)

    @property
    def _bookmarks(self) -> "BookmarkManager | None":
        """Return what makes a cluster show a session what another one wrote."""
        is_cluster = self.endpoint.uri.startswith("neo4j")
        return self._driver.execute_query_bookmark_manager if is_cluster else None

    @contextmanager
    def _translated(self, *, seconds: float | None = None) -> Iterator[None]:
        with translated(self.endpoint, home=self._home, seconds=seconds):
            yield


@contextmanager
def connect(settings: Settings) -> Iterator[Database]:
    """Open the database that ``settings`` name; it must already run.

    Raises
    ------
    NotRunningError, ImportRunningError
        If it is kith's own and does not run, or is being filled.
    AddressError
        If ``KITH_NEO4J_URI`` is no address.
    """
    # The server's start asks this module whether it answers.
    from graph.server.lifecycle import locate

    endpoint = locate(settings)
    home = settings.home.expanduser() if endpoint.is_own else None
    database = Database(open_driver(endpoint), endpoint, home=home)
    try:
        yield database
    finally:
        database.close()


def open_driver(
    endpoint: Endpoint, *, retry_seconds: float = 30.0, silence_seconds: float = 60.0
) -> "Driver":
    """Return a driver; nothing is sent yet, and the caller closes it.

    Raises
    ------
    AddressError
        If the endpoint's address is none.
    """
    import neo4j

    try:
        with translated(endpoint):
            return neo4j.GraphDatabase.driver(  # noqa: TID251 - this is the module that may
                endpoint.uri,
                auth=(endpoint.user, endpoint.password),
                telemetry_disabled=True,
                notifications_min_severity="OFF",
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=silence_seconds,
                max_transaction_retry_time=retry_seconds,
            )
    except ValueError as error:
        raise AddressError(uri=endpoint.uri, problem=str(error)) from None


def verify(endpoint: Endpoint) -> None:
    """Check that a database answers and lets us in.

    Raises
    ------
    UnreachableError, WrongPasswordError, AddressError
        If it does not.
    """
    with _open_briefly(endpoint) as driver, translated(endpoint):
        driver.execute_query("RETURN 1")


def store_problem(endpoint: Endpoint) -> str:
    """Return what the server says of a graph that it could not open, "" if it says nothing.

    Raises
    ------
    UnreachableError, WrongPasswordError, AddressError
        If the server itself does not answer.
    """
    query = "SHOW DATABASES YIELD currentStatus, requestedStatus, statusMessage"
    with _open_briefly(endpoint) as driver, translated(endpoint):
        states = [record.values() for record in driver.execute_query(query, database_="system")[0]]
    problems = [said for now, wanted, said in states if now == "offline" and wanted == "online"]
    return " ".join(problems)


def server_version(endpoint: Endpoint) -> str:
    """Return the version of the Neo4j at ``endpoint``; raises what `verify` raises."""
    with _open_briefly(endpoint) as driver, translated(endpoint):
        return driver.get_server_info().agent.removeprefix("Neo4j/")


def _open_briefly(endpoint: Endpoint) -> "Driver":
    return open_driver(endpoint, retry_seconds=0, silence_seconds=SILENCE_SECONDS)


def _unlimited(work: Callable[P, R]) -> Callable[P, R]:
    from neo4j import unit_of_work

    return unit_of_work(timeout=NO_LIMIT)(work)


def _rows(transaction: "ManagedTransaction", statement: Statement) -> list[Row]:
    query, parameters = statement
    return list(_each(transaction.run(query, dict(parameters))))


def _write_each(
    transaction: "ManagedTransaction", statements: Sequence[Statement]
) -> list[Written]:
    return [_written(transaction.run(query, dict(values))) for query, values in statements]


def _each(result: "Result") -> Iterator[Row]:
    keys = result.keys()
    for record in result:
        yield dict(zip(keys, record, strict=True))


def _written(result: "Result") -> Written:
    rows = list(_each(result))
    counters = result.consume().counters
    counts = {name: n for name, n in vars(counters).items() if isinstance(n, int) and n}
    return Written(rows, {name: int(n) for name, n in counts.items() if not name.startswith("_")})


def _forget_objects(driver: "Driver") -> None:
    """Take ``driver`` from neomodel, if neomodel was loaded and has it."""
    import sys

    if "neomodel" not in sys.modules:
        return
    from neomodel import db

    with _objects_lock:
        if db.driver is driver:
            db.driver = None
