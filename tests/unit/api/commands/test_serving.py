"""``kith serve``: whoever started the database stops it, however serving ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from api import recover, serve
from graph import server, session
from tests.in_process import CommandLine


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was done, in order; the database and the API only note it."""
    steps: list[str] = []

    @contextmanager
    def connected(_: object) -> Iterator[None]:
        yield None

    monkeypatch.setattr(session, "connect", connected)
    monkeypatch.setattr(recover, "recover", lambda *_: steps.append("recover"))
    monkeypatch.setattr(serve, "serve", lambda _: steps.append("serve"))
    monkeypatch.setattr(server, "stop", lambda _: steps.append("stop"))
    return steps


def started(monkeypatch: pytest.MonkeyPatch, *, by_us: bool) -> None:
    monkeypatch.setattr(server, "start", lambda _: SimpleNamespace(was_started=by_us))


@pytest.mark.parametrize(
    ("by_us", "expected"),
    [(True, ["recover", "serve", "stop"]), (False, ["recover", "serve"])],
)
def test_the_database_stops_only_where_serving_started_it(
    kith: CommandLine,
    done: list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    by_us: bool,
    expected: list[str],
) -> None:
    started(monkeypatch, by_us=by_us)

    said = kith.run("serve")

    assert done == expected
    assert "http://127.0.0.1:8000/docs\n" in said.err
    assert ("the database has stopped" in said.err) is by_us


def test_the_database_stops_also_when_serving_is_interrupted(
    kith: CommandLine, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    started(monkeypatch, by_us=True)
    monkeypatch.setattr(serve, "serve", interrupted)

    kith.run("serve", code=130)

    assert done == ["recover", "stop"]
