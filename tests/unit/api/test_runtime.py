"""What a command begins with: settings, a language, log lines in the form asked for."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.runtime import (
    command_line,
    database,
    is_interactive,
    manifest_folder,
    settings_of_call,
)
from graph import server, session
from graph.language import current_language
from graph.settings import Settings, read_settings
from tests.in_process import logging_restored


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    with logging_restored():
        yield tmp_path


class Terminal(io.StringIO):
    """A stream at which somebody may sit."""

    def __init__(self, *, somebody: bool) -> None:
        super().__init__()
        self.somebody = somebody

    def isatty(self) -> bool:
        return self.somebody


def test_the_settings_of_a_call_are_those_of_its_home(home: Path) -> None:
    assert settings_of_call().home == home


def test_the_file_in_the_home_chooses_the_language(home: Path) -> None:
    (home / "kith.toml").write_text('lang = "zh"\n')

    settings_of_call()

    assert current_language() == "zh"


def test_ordinary_log_lines_are_warnings_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    settings_of_call()

    logging.getLogger("graph.tea").info("brewing")
    logging.getLogger("graph.tea").warning("too hot: %d", 99)

    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "WARNING graph.tea: too hot: 99\n")


def test_json_log_lines_tell_everything_of_ours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_LOG_FORMAT", "json")
    settings_of_call()

    logging.getLogger("graph.tea").info("brewing %s", "茶")
    logging.getLogger("somebody.else").info("chatter")

    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "info", "logger": "graph.tea", "message": "brewing 茶"}


def test_a_second_call_does_not_say_everything_twice(capsys: pytest.CaptureFixture[str]) -> None:
    settings_of_call()
    settings_of_call()

    logging.getLogger("api.tea").warning("once")

    assert capsys.readouterr().err.count("once") == 1


def test_a_command_is_told_as_it_was_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/kith", "load", "company.toml", "--replace"])

    assert command_line() == "kith load company.toml --replace"


@pytest.mark.parametrize(
    ("asks", "answers", "expected"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_a_question_needs_eyes_and_hands(
    monkeypatch: pytest.MonkeyPatch, *, asks: bool, answers: bool, expected: bool
) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal(somebody=asks))
    monkeypatch.setattr(sys, "stdin", Terminal(somebody=answers))

    assert is_interactive() is expected


def test_files_lie_beside_their_manifest_or_where_somebody_says() -> None:
    manifest = Path("companies") / "lantern.toml"

    assert manifest_folder(manifest, None) == Path("companies")
    assert manifest_folder(manifest, Path("elsewhere")) == Path("elsewhere")


def test_the_database_is_started_before_it_is_opened_and_stays(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    @contextmanager
    def connected(_: Settings) -> Iterator[str]:
        done.append("connect")
        yield "a database"
        done.append("close")

    monkeypatch.setattr(server, "start", lambda _: done.append("start"))
    monkeypatch.setattr(server, "stop", lambda _: done.append("stop"))
    monkeypatch.setattr(session, "connect", connected)

    with database(read_settings(home=home)) as opened:
        done.append(str(opened))

    assert done == ["start", "connect", "a database", "close"]
