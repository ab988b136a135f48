"""What the guard does with a query that never comes back, without a server."""

import threading
from collections.abc import Iterator
from typing import NoReturn

import pytest

import graph.guard
import graph.session
from graph.endpoint import Endpoint, UnreachableError
from graph.guard import Limits, guarded
from graph.guard_errors import PlanningTimeError, RunawayEndedError, RunawayLeftError
from graph.session import Database, open_driver

NOWHERE = Endpoint("bolt://127.0.0.1:1", "neo4j", "", is_own=True)
AT_ONCE = Limits(seconds=0.01, grace=0.01)


@pytest.fixture
def nowhere() -> Iterator[Database]:
    database = Database(open_driver(NOWHERE), NOWHERE)
    yield database
    database.close()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Make every query wait until its connection is closed; return what tells that it was."""
    event = threading.Event()
    close = Database.close

    def closing(database: Database) -> None:
        event.set()
        close(database)

    monkeypatch.setattr(Database, "close", closing)
    monkeypatch.setattr(graph.guard, "_run", lambda *_: event.wait(60))
    monkeypatch.setattr(graph.guard, "LEAVE_SECONDS", 0.0)
    return event


def test_the_connection_is_closed_before_the_server_is_asked(
    nowhere: Database, closed: threading.Event, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    was_closed: list[bool] = []

    def is_working(*_: object) -> bool:
        was_closed.append(closed.is_set())
        return False

    monkeypatch.setattr(graph.guard, "_is_working", is_working)

    with pytest.raises(PlanningTimeError):
        guarded(nowhere, "RETURN 1", limits=AT_ONCE)

    assert was_closed == [True]


@pytest.mark.usefixtures("closed")
def test_a_query_that_left_the_server_costs_no_restart(
    nowhere: Database, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([True, True, False])
    calls: list[str] = []
    monkeypatch.setattr(graph.guard, "_is_working", lambda *_: next(answers))
    monkeypatch.setattr(graph.guard, "LEAVE_SECONDS", 60.0)

    with pytest.raises(PlanningTimeError):
        guarded(nowhere, "RETURN 1", limits=AT_ONCE, on_stuck=lambda: calls.append("restart"))

    assert calls == []


@pytest.mark.usefixtures("closed")
def test_a_query_that_stays_is_ended_by_one_restart(
    nowhere: Database, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(graph.guard, "_is_working", lambda *_: True)

    with pytest.raises(RunawayEndedError, match="restarted"):
        guarded(nowhere, "RETURN 1", limits=AT_ONCE, on_stuck=lambda: calls.append("restart"))

    assert calls == ["restart"]


@pytest.mark.usefixtures("closed")
def test_a_server_that_answers_nobody_counts_as_stuck(
    nowhere: Database, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.session, "READ_RETRY_SECONDS", 0.0)

    with pytest.raises(RunawayLeftError):
        guarded(nowhere, "RETURN 1", limits=AT_ONCE)


def test_the_transaction_gets_the_limit_of_seconds(
    nowhere: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[float] = []

    def watched(_: Database, *, seconds: float, fetch_size: int) -> NoReturn:
        assert fetch_size < 1000
        seen.append(seconds)
        raise UnreachableError(uri=NOWHERE.uri, problem="nobody is there")

    monkeypatch.setattr(Database, "guarded_session", watched)

    with pytest.raises(UnreachableError):
        guarded(nowhere, "RETURN 1", limits=Limits(seconds=7))

    assert seen == [7]
