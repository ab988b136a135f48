"""Every answer of the driver becomes an error that says what to do."""

from pathlib import Path

import pytest
from neo4j import exceptions as driver_errors

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
from graph.translate import meaning_of, translated

PASSWORD_FILE = "/home/shop/.kith/database/password"
OWN = Endpoint("bolt://127.0.0.1:17700", "neo4j", "hush", is_own=True, origin=PASSWORD_FILE)
OTHER = Endpoint("neo4j+s://graph.example.com", "reader", "hush", is_own=False)


def server_error(code: str, message: str = "it broke") -> Exception:
    return driver_errors.Neo4jError._hydrate_neo4j(code=code, message=message)


def translation(
    error: Exception, endpoint: Endpoint = OTHER, *, home: Path | None = None
) -> KithError:
    with pytest.raises(KithError) as translated_error, translated(endpoint, home=home):
        raise error
    return translated_error.value


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Neo.ClientError.Security.Unauthorized", WrongPasswordError),
        ("Neo.ClientError.Security.AuthenticationRateLimit", WrongPasswordError),
        ("Neo.ClientError.Security.Forbidden", QueryRefusedError),
        ("Neo.ClientError.Statement.SyntaxError", QueryRefusedError),
        ("Neo.ClientError.Statement.AccessMode", QueryRefusedError),
        ("Neo.ClientError.Schema.ConstraintValidationFailed", ConstraintBrokenError),
        ("Neo.ClientError.Transaction.TransactionTimedOut", QueryTimeoutError),
        (
            "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
            QueryTimeoutError,
        ),
        ("Neo.TransientError.General.MemoryPoolOutOfMemoryError", QueryMemoryError),
        ("Neo.TransientError.General.OutOfMemoryError", QueryMemoryError),
        ("Neo.TransientError.Transaction.DeadlockDetected", WriteConflictError),
        ("Neo.ClientError.Transaction.LockAcquisitionTimeout", WriteConflictError),
        ("Neo.TransientError.General.DatabaseUnavailable", UnreachableError),
        ("Neo.DatabaseError.Transaction.TransactionLogError", DatabaseHaltedError),
        ("Neo.DatabaseError.Transaction.TransactionStartFailed", DatabaseHaltedError),
        ("Neo.DatabaseError.General.UnknownError", DatabaseFailedError),
    ],
)
def test_a_code_of_the_server_has_its_own_error(code: str, expected: type[KithError]) -> None:
    found = translation(server_error(code))

    assert type(found) is expected
    assert isinstance(found.__cause__, driver_errors.Neo4jError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            driver_errors.ServiceUnavailable("Couldn't connect to graph.example.com"),
            UnreachableError,
        ),
        (driver_errors.SessionExpired("gone"), UnreachableError),
        (driver_errors.ConnectionAcquisitionTimeoutError("busy"), UnreachableError),
        (driver_errors.ConfigurationError("URI scheme 'htp' is not supported"), AddressError),
    ],
)
def test_an_error_of_the_driver_has_its_own_error(
    error: Exception, expected: type[KithError]
) -> None:
    found = translation(error)

    assert type(found) is expected
    assert "graph.example.com" in found.message("en")


def test_a_wrong_password_is_looked_for_where_it_came_from() -> None:
    code = "Neo.ClientError.Security.Unauthorized"

    own = translation(server_error(code), OWN)
    other = translation(server_error(code), OTHER)

    assert PASSWORD_FILE in own.message("en")
    assert "KITH_NEO4J_PASSWORD" in other.message("zh")


def test_no_message_holds_the_password() -> None:
    found = translation(server_error("Neo.ClientError.Security.Unauthorized"), OTHER)

    assert "hush" not in found.message("en") + found.message("zh") + repr(OTHER)


def test_a_halted_database_on_a_full_disk_is_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 3 * 1024**2

    monkeypatch.setattr("graph.translate.shutil.disk_usage", lambda _: Usage())
    error = server_error("Neo.DatabaseError.Transaction.TransactionLogError")

    found = translation(error, OWN, home=tmp_path)

    assert isinstance(found, DiskFullError)
    assert found.facts["free_mb"] == 3


def test_a_halted_database_on_a_disk_with_room_is_halted(tmp_path: Path) -> None:
    error = server_error("Neo.DatabaseError.Transaction.TransactionLogError")

    found = translation(error, OWN, home=tmp_path)

    assert isinstance(found, DatabaseHaltedError)


def test_a_time_limit_is_named() -> None:
    error = server_error("Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration")

    with pytest.raises(QueryTimeoutError) as failure, translated(OWN, seconds=2.5):
        raise error

    assert failure.value.facts["seconds"] == 2.5
    assert "2.5" in failure.value.message("zh")


def test_a_message_of_many_lines_is_cut_to_its_first() -> None:
    error = server_error("Neo.ClientError.Statement.SyntaxError", "Invalid input\nRETUR 1\n^")

    found = translation(error)

    assert found.facts["problem"] == "Invalid input"


def test_what_is_not_of_the_database_passes() -> None:
    with pytest.raises(ZeroDivisionError), translated(OWN):
        raise ZeroDivisionError


def test_an_empty_code_means_nothing_we_know() -> None:
    found = meaning_of("")

    assert found == "other"
