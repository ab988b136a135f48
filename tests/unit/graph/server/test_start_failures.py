"""A start that fails says why and leaves nothing behind.

Java is a script here that fails as the recordings show; the integration tests start the
real one.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph.endpoint import DiskFullError
from graph.errors import KithError
from graph.server import locate, run_importer, start, status, stop, wipe
from graph.server.errors import (
    HomeLockedError,
    HomeNotWritableError,
    ImportFailedError,
    ImportRunningError,
    JavaMissingError,
    JavaTooOldError,
    MavenMissingError,
    NotRunningError,
    PasswordMissingError,
    PortTakenError,
    ServerMemoryError,
    ServerSettingError,
)
from graph.server.paths import make_folders, paths_of
from graph.server.record import IMPORTER, Record, marks, read_record, write_record
from graph.settings import Settings, read_settings

CONSOLES = Path(__file__).with_name("consoles")
# Answers for its version, sets any password, and fails to start or import as it is told.
JAVA = """#!/bin/sh
case "$*" in
  *-version*) echo 'openjdk version "{version}"' >&2 ;;
  *set-initial-password*) echo "Changed password" ;;
  *"database import"*) cat '{console}'; exit 1 ;;
  *CommunityEntryPoint*) cat '{console}'; exit 1 ;;
esac
"""

IMPORT = """
import sys
from graph.server import run_importer
from graph.settings import read_settings
run_importer(read_settings(home=sys.argv[1], import_heap="1g"), ["--nodes=Account=a.csv"])
"""
ROOT = Path(__file__).parents[4]

MakeJava = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose server is fetched; its archive was tried and could not be made."""
    settings = read_settings(
        home=tmp_path / "home", heap="512m", page_cache="256m", import_heap="1g"
    )
    software = paths_of(settings).software
    (software / "lib").mkdir(parents=True)
    (software / "classes-17.0.15.none").touch()
    return settings


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeJava:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))

    def make(recording: str, *, version: str = "17.0.15") -> None:
        program = folder / "java"
        program.write_text(JAVA.format(version=version, console=CONSOLES / f"{recording}.txt"))
        program.chmod(0o755)

    return make


@pytest.fixture
def importer(settings: Settings, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """An importer that works on the home; the command that began it is gone."""
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho up\nread forever\n")
    program.chmod(0o755)
    flags = marks(paths_of(settings), role=IMPORTER)
    process = subprocess.Popen(
        [str(program), *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("recording", "error"),
    [
        ("locked", HomeLockedError),
        ("setting", ServerSettingError),
        ("flag", ServerSettingError),
        ("memory", ServerMemoryError),
        ("disk", DiskFullError),
        ("denied", HomeNotWritableError),
        ("port", PortTakenError),
    ],
)
def test_a_start_that_fails_says_why_and_leaves_no_record(
    recording: str, error: type[KithError], settings: Settings, java: MakeJava
) -> None:
    java(recording)

    with pytest.raises(error):
        start(settings)

    assert read_record(paths_of(settings)) is None
    assert status(settings).state == "stopped"


def test_a_port_of_ours_that_is_taken_is_said_before_java_starts(
    settings: Settings, java: MakeJava
) -> None:
    java("setting")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        wanted = settings.model_copy(update={"bolt_port": port})

        with pytest.raises(PortTakenError) as refusal:
            start(wanted)

    assert refusal.value.facts["port"] == port


def test_a_missing_java_is_said_before_anything_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(home=tmp_path / "home")
    called = tmp_path / "mvn-was-called"
    (tmp_path / "mvn").write_text(f"#!/bin/sh\ntouch {called}\n")
    (tmp_path / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    with pytest.raises(JavaMissingError):
        start(settings)

    assert not called.exists()


def test_an_old_java_is_said_before_anything_is_downloaded(
    settings: Settings, java: MakeJava
) -> None:
    java("setting", version="11.0.2")

    with pytest.raises(JavaTooOldError):
        start(settings)

    assert not paths_of(settings).password_file.exists()


def test_a_missing_maven_is_said_when_the_server_must_be_fetched(
    tmp_path: Path, java: MakeJava, monkeypatch: pytest.MonkeyPatch
) -> None:
    java("setting")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(MavenMissingError):
        start(read_settings(home=tmp_path / "other"))

    assert not paths_of(read_settings(home=tmp_path / "other")).software.exists()


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")

    with pytest.raises(HomeNotWritableError) as refusal:
        start(read_settings(home=tmp_path / "home"))

    assert "KITH_HOME" in refusal.value.message("en")


def test_a_database_whose_password_is_lost_says_where_it_should_be(
    settings: Settings, java: MakeJava
) -> None:
    java("setting")
    paths = paths_of(settings)
    (paths.database / "data" / "databases" / "system").mkdir(parents=True)

    with pytest.raises(PasswordMissingError) as failure:
        start(settings)

    assert str(paths.password_file) in failure.value.message("en")
    assert not paths.password_file.exists()


def test_the_password_is_made_once_and_readable_by_its_owner_alone(
    settings: Settings, java: MakeJava
) -> None:
    java("setting")
    file = paths_of(settings).password_file
    with pytest.raises(ServerSettingError):
        start(settings)
    first = file.read_text()

    with pytest.raises(ServerSettingError):
        start(settings)

    assert file.read_text() == first
    assert len(first) == 48
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_port_is_remembered(settings: Settings, java: MakeJava) -> None:
    java("setting")
    with pytest.raises(ServerSettingError):
        start(settings)
    first = paths_of(settings).port_file.read_text()

    with pytest.raises(ServerSettingError):
        start(settings)

    assert paths_of(settings).port_file.read_text() == first
    assert f"127.0.0.1:{first}" in paths_of(settings).conf_file.read_text()


def test_a_remembered_port_that_somebody_took_is_changed(
    settings: Settings, java: MakeJava
) -> None:
    java("setting")
    make_folders(paths_of(settings))
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        paths_of(settings).port_file.write_text(str(taken))

        with pytest.raises(ServerSettingError):
            start(settings)

    assert int(paths_of(settings).port_file.read_text()) != taken


def test_a_record_of_a_dead_server_reads_as_dead(settings: Settings) -> None:
    make_folders(paths_of(settings))
    write_record(paths_of(settings), Record(pid=2**22 - 7, port=17700, started=1.0))

    found = status(settings)

    assert found.state == "dead"
    assert found.uri is None


def test_the_database_of_a_home_that_does_not_exist_is_stopped(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path / "home")

    found = status(settings)

    assert (found.state, found.store_bytes) == ("stopped", 0)
    assert stop(settings) is False
    assert not settings.home.exists()


def test_a_database_that_does_not_run_cannot_be_located(settings: Settings) -> None:
    with pytest.raises(NotRunningError) as failure:
        locate(settings)

    assert "kith up" in failure.value.message("en")


def test_nobody_starts_the_database_during_an_import(
    settings: Settings, java: MakeJava, importer: "subprocess.Popen[str]"
) -> None:
    java("setting")

    with pytest.raises(ImportRunningError) as refusal:
        start(settings)

    assert refusal.value.facts["pid"] == importer.pid
    assert status(settings).state == "importing"


def test_readers_are_told_that_an_import_runs(
    settings: Settings, importer: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(ImportRunningError) as refusal:
        locate(settings)

    assert refusal.value.facts["pid"] == importer.pid


def test_wiping_ends_an_importer_whose_command_was_killed(
    settings: Settings, importer: "subprocess.Popen[str]"
) -> None:
    wipe(settings)

    assert not psutil.pid_exists(importer.pid)


def test_an_importer_outlives_the_command_that_was_killed_and_is_known(
    settings: Settings, tmp_path: Path, java: MakeJava
) -> None:
    java("import-done")
    fifo = tmp_path / "never-written"
    os.mkfifo(fifo)
    program = tmp_path / "bin" / "java"
    program.write_text(program.read_text().replace(str(CONSOLES / "import-done.txt"), str(fifo)))
    command = subprocess.Popen(
        [sys.executable, "-c", IMPORT, str(settings.home)], cwd=ROOT, env=os.environ
    )
    while status(settings).state != "importing":
        assert command.poll() is None
    command.kill()
    command.wait()

    between = status(settings).state
    wipe(settings)
    os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))  # ends whoever still reads

    assert between == "importing"
    assert status(settings).state == "stopped"


def test_wiping_removes_the_graph_and_keeps_password_port_and_users(settings: Settings) -> None:
    paths = paths_of(settings)
    make_folders(paths)
    users = paths.database / "data" / "databases" / "system"
    for folder in (*paths.stores, users):
        folder.mkdir(parents=True)
        (folder / "store").write_text("x")
    paths.password_file.write_text("secret")
    paths.port_file.write_text("17700")

    wipe(settings)

    assert [store.exists() for store in paths.stores] == [False, False]
    assert (users / "store").exists()
    assert paths.password_file.read_text() == "secret"
    assert paths.port_file.read_text() == "17700"


def test_wiping_twice_does_no_harm(settings: Settings) -> None:
    wipe(settings)
    wipe(settings)

    assert not any(store.exists() for store in paths_of(settings).stores)


def test_an_import_that_fails_says_which_relationship_led_nowhere(
    settings: Settings, java: MakeJava
) -> None:
    java("import-dangling")

    with pytest.raises(ImportFailedError) as failure:
        run_importer(settings, ["--nodes=Account=a.csv"])

    expected = "a1 (Account)-[KNOWS]->zz (Account) referring to missing node zz"
    assert failure.value.facts["problem"] == expected


def test_an_import_on_a_full_disk_says_so(settings: Settings, java: MakeJava) -> None:
    java("disk")

    with pytest.raises(DiskFullError):
        run_importer(settings, ["--nodes=Account=a.csv"])
