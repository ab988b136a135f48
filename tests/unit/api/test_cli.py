"""The outermost handler: which code a command leaves with, and what it says last."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from api import cli
from graph.errors import (
    ConfigurationError,
    GraphError,
    GuardError,
    KithError,
    NotFoundError,
    RejectedError,
)
from tests.in_process import CommandLine, logging_restored


@pytest.fixture
def kith(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    with logging_restored():
        yield CommandLine(tmp_path, monkeypatch, capsys)


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def app() -> NoReturn:
        raise error

    return app


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KithError, 1),
        (GraphError, 1),
        (ConfigurationError, 2),
        (RejectedError, 3),
        (NotFoundError, 4),
        (GuardError, 5),
    ],
)
def test_an_error_of_ours_is_a_sentence_and_a_code(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch, error: type[KithError], code: int
) -> None:
    monkeypatch.setattr(cli, "app", raising(error(problem="no tea")))

    said = kith.run("anything", code=code)

    assert (said.out, said.err) == ("", "no tea\n")


def test_an_error_is_json_where_json_was_asked_for(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "app", raising(NotFoundError(problem="no tea")))

    said = kith.run("anything", "--json", code=4)

    assert json.loads(said.err) == {"code": "not-found-error", "message": "no tea"}


def test_whoever_interrupts_gets_the_code_that_shells_know(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "app", raising(KeyboardInterrupt()))

    assert kith.run("anything", code=130).err == "interrupted\n"


def test_an_error_that_is_not_ours_is_not_hidden(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "app", raising(ZeroDivisionError("a slip")))

    with pytest.raises(ZeroDivisionError):
        kith.run("anything")


@pytest.mark.parametrize("arguments", [["teapot"], ["keys", "teapot"], ["config", "--teapot"]])
def test_unknown_commands_and_options_are_wrong_usage(
    kith: CommandLine, arguments: list[str]
) -> None:
    said = kith.run(*arguments, code=2)

    assert said.out == ""
    assert "teapot" in said.err


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_names_every_command(kith: CommandLine, flag: str) -> None:
    out = kith.run(flag).out

    for command in ("up", "down", "run", "demo", "load", "score", "cypher", "serve", "keys"):
        assert command in out
