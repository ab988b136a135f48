"""What the server printed decides which error is raised. The texts are recordings of 5.26.30."""

from pathlib import Path

import pytest

from graph.endpoint import DiskFullError
from graph.errors import KithError
from graph.server.errors import (
    HomeLockedError,
    HomeNotWritableError,
    JavaTooOldError,
    PortTakenError,
    ServerFailedError,
    ServerMemoryError,
    ServerSettingError,
)
from graph.server.failure import check_disk, failure_of, free_megabytes, last_words
from graph.server.paths import Paths
from graph.settings import read_settings

CONSOLES = Path(__file__).with_name("consoles")


def failure_from(console: str, tmp_path: Path) -> KithError:
    paths = Paths(tmp_path)
    paths.database.mkdir(parents=True)
    settings = read_settings(home=tmp_path, heap="900g", page_cache="2g")
    return failure_of(console, settings=settings, paths=paths, port=17701)


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("locked", HomeLockedError),
        ("port", PortTakenError),
        ("setting", ServerSettingError),
        ("flag", ServerSettingError),
        ("memory", ServerMemoryError),
        ("disk", DiskFullError),
        ("denied", HomeNotWritableError),
        ("java", JavaTooOldError),
    ],
)
def test_each_recorded_failure_has_its_own_error(
    recording: str, error: type[KithError], tmp_path: Path
) -> None:
    console = (CONSOLES / f"{recording}.txt").read_text()

    found = failure_from(console, tmp_path)

    assert type(found) is error


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    console = (CONSOLES / "port.txt").read_text()

    found = failure_from(console, tmp_path)

    assert "17701" in found.message("en")
    assert "KITH_BOLT_PORT" in found.message("zh")


def test_a_refused_setting_is_quoted(tmp_path: Path) -> None:
    console = (CONSOLES / "setting.txt").read_text()

    found = failure_from(console, tmp_path)

    assert "server.nonsense" in found.message("en")


def test_a_heap_beyond_the_machine_is_named_with_the_settings_to_lower(tmp_path: Path) -> None:
    console = (CONSOLES / "memory.txt").read_text()

    found = failure_from(console, tmp_path)

    assert "900g" in found.message("en")
    assert "KITH_HEAP" in found.message("en")


def test_a_failure_nobody_knows_gives_its_last_cause_and_the_log(tmp_path: Path) -> None:
    console = (
        "java.lang.RuntimeException: Error starting Neo4j\n"
        "\tat org.neo4j.server.Boot.start(Boot.java:1)\n"
        "Caused by: java.lang.IllegalStateException: the moon is in the wrong place\n"
        "\t... 5 more\n"
        "2026-11-22 02:38:41.671+0000 INFO  Stopped.\n"
    )

    found = failure_from(console, tmp_path)

    assert isinstance(found, ServerFailedError)
    assert "the moon is in the wrong place" in found.message("en")
    assert str(Paths(tmp_path).console_log) in found.message("en")


@pytest.mark.parametrize(
    ("console", "words"),
    [
        ("", "it printed nothing"),
        ("Killed\n", "Killed"),
        ("12:00 ERROR it broke\n12:00 INFO  Stopped.\n", "it broke"),
        ("Caused by: one\nCaused by: two\n\t... 3 more\n", "two"),
    ],
)
def test_the_last_words_are_those_that_explain(console: str, words: str) -> None:
    found = last_words(console)

    assert found == words


def test_a_disk_with_room_is_accepted(tmp_path: Path) -> None:
    check_disk(tmp_path)

    assert free_megabytes(tmp_path) > 512


def test_a_disk_without_room_is_refused_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.server.failure.shutil.disk_usage", lambda _: _Usage())

    with pytest.raises(DiskFullError) as refusal:
        check_disk(tmp_path)

    assert refusal.value.facts["free_mb"] == 100
    assert str(tmp_path) in refusal.value.message("en")


class _Usage:
    free = 100 * 1024**2
