"""Turn what the driver raises into errors that say what to do; the one place that does."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from graph.endpoint import (
    AddressError,
    ConstraintBrokenError,
    DatabaseFailedError,
    DatabaseHaltedError,
    DiskFullError,
    Endpoint,
    QueryMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
    UnreachableError,
    WriteConflictError,
    WrongPasswordError,
)
from graph.errors import KithError

if TYPE_CHECKING:
    from neo4j.exceptions import DriverError, Neo4jError

MEGABYTE = 1024**2
# A database that ran out of room has less than this left: one log segment is larger.
FULL_MEGABYTES = 256
# The limit that the server's configuration sets where a transaction sets none.
SERVER_SECONDS = 120

# What the last part of the server's code means; the rest is told apart by its branch.
_MEANINGS = {
    "TransactionTimedOut": "time",
    "TransactionTimedOutClientConfiguration": "time",
    "MemoryPoolOutOfMemoryError": "memory",
    "OutOfMemoryError": "memory",
    "StackOverFlowError": "memory",
    "TransactionLogError": "halted",
    "TransactionStartFailed": "halted",
    "TransactionCommitFailed": "halted",
    "ConstraintValidationFailed": "constraint",
    "DatabaseUnavailable": "away",
    "DeadlockDetected": "conflict",
    "LockAcquisitionTimeout": "conflict",
    "LockClientStopped": "conflict",
    "Outdated": "conflict",
}
_BRANCHES = {
    "Neo.ClientError.Security.Forbidden": "refused",
    "Neo.ClientError.Security.": "password",
    "Neo.ClientError.": "refused",
}


@contextmanager
def translated(
    endpoint: Endpoint, *, home: Path | None = None, seconds: float | None = None
) -> Iterator[None]:
    """Raise our errors for the driver's inside the block.

    Parameters
    ----------
    endpoint
        The database that is spoken to.
    home
        The folder whose disk the database writes to, None if it is not on this machine.
    seconds
        The time limit of the query, None if it has the server's.
    """
    from neo4j.exceptions import DriverError, Neo4jError

    try:
        yield
    except Neo4jError as error:
        raise _of_server(error, endpoint, home=home, seconds=seconds) from error
    except DriverError as error:
        raise _of_driver(error, endpoint) from error


def _of_driver(error: "DriverError", endpoint: Endpoint) -> KithError:
    from neo4j.exceptions import ConfigurationError

    problem = _first_line(str(error))
    if isinstance(error, ConfigurationError):
        return AddressError(uri=endpoint.uri, problem=problem)
    return UnreachableError(uri=endpoint.uri, problem=problem)


def _of_server(
    error: "Neo4jError", endpoint: Endpoint, *, home: Path | None, seconds: float | None
) -> KithError:
    code = error.code or ""
    problem = _first_line(error.message or code)
    log = home / "database" / "logs" if home else "the server's log folder"
    errors: dict[str, Callable[[], KithError]] = {
        "time": lambda: QueryTimeoutError(seconds=seconds or SERVER_SECONDS, code=code),
        "memory": lambda: QueryMemoryError(code=code),
        "halted": lambda: _halted(code, endpoint, home=home),
        "constraint": lambda: ConstraintBrokenError(problem=problem, code=code),
        "away": lambda: UnreachableError(uri=endpoint.uri, problem=problem),
        "conflict": lambda: WriteConflictError(code=code),
        "refused": lambda: QueryRefusedError(problem=problem, code=code),
        "password": lambda: WrongPasswordError(
            uri=endpoint.uri, user=endpoint.user, origin=endpoint.origin
        ),
        "other": lambda: DatabaseFailedError(problem=problem, code=code, log=log),
    }
    return errors[meaning_of(code)]()


def meaning_of(code: str) -> str:
    """Return what a code such as ``Neo.ClientError.Statement.SyntaxError`` means to us."""
    known = _MEANINGS.get(code.rpartition(".")[2])
    branches = (meaning for branch, meaning in _BRANCHES.items() if code.startswith(branch))
    return known or next(branches, "other")


def _halted(code: str, endpoint: Endpoint, *, home: Path | None) -> KithError:
    if home is not None:
        free = shutil.disk_usage(home).free // MEGABYTE
        if free < FULL_MEGABYTES:
            return DiskFullError(path=home, free_mb=free, needed_mb=FULL_MEGABYTES)
    return DatabaseHaltedError(uri=endpoint.uri, code=code)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
