"""What no limit of the server stops is ended by the watchdog; the server serves again after.

These have a server of their own, because it is killed.
"""

import time
from collections.abc import Callable, Iterator

import pytest

import graph.guard
from graph.guard import Limits, guarded
from graph.guard_errors import (
    CypherFailedError,
    PlanningTimeError,
    RunawayEndedError,
    RunawayLeftError,
)
from graph.server import restart, start
from graph.session import Database, connect
from graph.settings import Settings

pytestmark = pytest.mark.integration

LIMITS = Limits(seconds=3, grace=4)
DOUBLED = "WITH [1, 2] AS l " + "WITH l + l AS l " * 40
RUNAWAYS = {
    "a list that doubles": DOUBLED + "RETURN any(x IN l WHERE x = 3) AS x",
    "a regular expression": f"RETURN '{'a' * 60}b' =~ '(.*a){{25}}c' AS x",
}


@pytest.fixture(scope="module")
def runaway_home(make_home: Callable[[str], Settings]) -> Settings:
    settings = make_home("runaway")
    start(settings)
    return settings


@pytest.fixture
def own_database(runaway_home: Settings) -> Iterator[Database]:
    start(runaway_home)
    with connect(runaway_home) as database:
        database.write("MERGE (:Customer {customer_id: 'kept'})")
        yield database


def customers(database: Database) -> list[object]:
    return [row["id"] for row in database.read("MATCH (c:Customer) RETURN c.customer_id AS id")]


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_is_ended_by_a_restart_and_loses_nothing(
    runaway_home: Settings, own_database: Database, *, name: str
) -> None:
    seen_by_others: list[object] = []

    def restarted() -> None:
        seen_by_others.extend(guarded(own_database, "RETURN 1 AS x").rows)
        restart(runaway_home)

    with pytest.raises(RunawayEndedError, match="restarted"):
        guarded(own_database, RUNAWAYS[name], limits=LIMITS, on_stuck=restarted)

    with connect(runaway_home) as again:
        assert customers(again) == ["kept"]
        assert guarded(again, "RETURN 1 AS x").rows == [[1]]
    assert seen_by_others == [[1]]


def test_a_runaway_on_a_server_of_others_is_left_and_said(
    runaway_home: Settings, own_database: Database
) -> None:
    with pytest.raises(RunawayLeftError, match="tell whoever runs it"):
        guarded(own_database, RUNAWAYS["a list that doubles"], limits=LIMITS)

    assert customers(own_database) == ["kept"]
    restart(runaway_home)


def test_a_loop_that_the_planner_runs_is_ended_even_if_the_text_was_misread(
    runaway_home: Settings, own_database: Database, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.guard, "check_text", lambda *_: None)
    query = "RETURN 1 AS x LIMIT size([x IN range(1, 2000000000) WHERE x < 0])"

    with pytest.raises(RunawayEndedError):
        guarded(own_database, query, limits=LIMITS, on_stuck=lambda: restart(runaway_home))

    with connect(runaway_home) as again:
        assert customers(again) == ["kept"]


def test_a_parser_that_never_answers_costs_no_restart(
    own_database: Database, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph.guard, "check_text", lambda *_: None)
    calls: list[str] = []
    query = "RETURN " + "(" * 4000 + "1" + ")" * 4000

    with pytest.raises((PlanningTimeError, CypherFailedError)):
        guarded(own_database, query, limits=LIMITS, on_stuck=lambda: calls.append("restart"))

    assert calls == []
    assert customers(own_database) == ["kept"]


def test_a_query_that_ends_in_time_never_wakes_the_watchdog(own_database: Database) -> None:
    calls: list[str] = []

    began = time.monotonic()
    answer = guarded(
        own_database,
        "RETURN 1 AS x",
        limits=Limits(seconds=60, grace=60),
        on_stuck=lambda: calls.append("restart"),
    )

    assert answer.rows == [[1]]
    assert calls == []
    assert answer.seconds <= time.monotonic() - began
