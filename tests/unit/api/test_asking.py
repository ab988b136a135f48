"""A question goes through the guard, by name or as it is, within the limits of the settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from api import asking
from api.asking import ask
from graph import server
from graph.guard import Limits
from graph.queries import QueryValueError, named_queries
from graph.session import Database
from graph.settings import Settings, read_settings


@dataclass
class Endpoint:
    """What matters of an address: whether the server is kith's own."""

    is_own: bool


@dataclass
class Somewhere:
    """A database that is never asked."""

    endpoint: Endpoint


@dataclass
class Guard:
    """Stands where the guard stands, and keeps what came through."""

    query: str = ""
    parameters: Mapping[str, object] | None = None
    limits: Limits | None = None
    on_stuck: Callable[[], object] | None = None

    def __call__(self, database: object, query: str, **given: object) -> str:
        self.query = query
        for name, value in given.items():
            setattr(self, name, value)
        return "an answer"


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Guard:
    made = Guard()
    monkeypatch.setattr(asking, "guarded", made)
    return made


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path, cypher_seconds=3, cypher_rows=7)


def somewhere(*, is_own: bool = True) -> Database:
    return cast("Database", Somewhere(Endpoint(is_own)))


def test_a_query_goes_on_as_it_is_with_the_limits_of_the_settings(
    guard: Guard, settings: Settings
) -> None:
    ask(somewhere(), settings, query="RETURN $x", params={"x": 1})

    assert (guard.query, guard.parameters) == ("RETURN $x", {"x": 1})
    assert guard.limits == Limits(seconds=3, rows=7)


def test_a_limit_given_wins_over_the_settings(guard: Guard, settings: Settings) -> None:
    ask(somewhere(), settings, query="RETURN 1", params={}, limit=2)

    assert guard.limits == Limits(seconds=3, rows=2)


@pytest.mark.parametrize("spelling", ["best_customers", "  best_customers\n"])
def test_a_name_stands_for_its_query_with_defaults(
    guard: Guard, settings: Settings, spelling: str
) -> None:
    ask(somewhere(), settings, query=spelling, params={})

    assert guard.query == named_queries()["best_customers"].cypher
    assert guard.parameters == {"top": 20}


def test_a_value_given_wins_over_the_default(guard: Guard, settings: Settings) -> None:
    ask(somewhere(), settings, query="best_customers", params={"top": 3})

    assert guard.parameters == {"top": 3}


def test_a_parameter_that_the_named_query_does_not_take_is_refused(
    guard: Guard, settings: Settings
) -> None:
    with pytest.raises(QueryValueError, match="tpo"):
        ask(somewhere(), settings, query="best_customers", params={"tpo": 3})

    assert guard.query == ""


@pytest.mark.parametrize("is_own", [True, False])
def test_only_kiths_own_server_is_restarted_when_it_is_stuck(
    guard: Guard, settings: Settings, monkeypatch: pytest.MonkeyPatch, *, is_own: bool
) -> None:
    restarted: list[Settings] = []
    monkeypatch.setattr(server, "restart", restarted.append)
    ask(somewhere(is_own=is_own), settings, query="RETURN 1", params={})

    assert guard.on_stuck is not None
    guard.on_stuck()

    assert restarted == ([settings] if is_own else [])
