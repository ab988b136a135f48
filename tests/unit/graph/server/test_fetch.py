"""The jars come whole or not at all. Maven is replaced by a script: the network is not ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from graph.server.errors import FetchError, MavenMissingError
from graph.server.fetch import fetch_browser, fetch_server
from graph.server.paths import Paths

# Finds the folder that it is asked to copy into, as Maven does.
FIND_TARGET = """#!/bin/sh
for argument in "$@"; do
  case "$argument" in -DoutputDirectory=*) target="${argument#-DoutputDirectory=}" ;; esac
  case "$argument" in *.xml) pom="$argument" ;; esac
done
echo "$@" >> "$0.calls"
mkdir -p "$target"
"""
COPY = FIND_TARGET + 'echo jar > "$target/neo4j-5.26.30.jar"\necho jar > "$target/other.jar"\n'
COPY_BROWSER = FIND_TARGET + 'echo jar > "$target/neo4j-browser-5.24.0.jar"\n'
BREAK_OFF = FIND_TARGET + (
    'echo jar > "$target/neo4j-5.26.30.jar"\n'
    'echo "[INFO] Scanning for projects"\n'
    'echo "[ERROR] Could not transfer artifact org.neo4j:neo4j:pom:5.26.30: unknown host"\n'
    'echo "[ERROR] To see the full stack trace, use -e"\n'
    "exit 1\n"
)
COPY_NOTHING = FIND_TARGET
DIE = FIND_TARGET + 'echo jar > "$target/neo4j-5.26.30.jar"\nkill -9 $$\n'
STALL = FIND_TARGET + 'echo jar > "$target/neo4j-5.26.30.jar"\nexec sleep 5\n'
FETCH = """
import sys
from pathlib import Path
from graph.server.fetch import fetch_server
from graph.server.paths import Paths
fetch_server(Paths(Path(sys.argv[1])))
"""
ROOT = Path(__file__).parents[4]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "home")


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Maven that copies two jars; tests may give it other manners."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    program.write_text(COPY)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return program


def calls(maven: Path) -> list[str]:
    log = maven.with_name("mvn.calls")
    return log.read_text().splitlines() if log.exists() else []


@pytest.mark.usefixtures("maven")
def test_a_fetch_leaves_the_jars_and_nothing_else(paths: Paths) -> None:
    fetch_server(paths)

    assert sorted(jar.name for jar in paths.jars.iterdir()) == ["neo4j-5.26.30.jar", "other.jar"]
    assert [folder.name for folder in paths.software.iterdir()] == ["lib"]


def test_what_is_there_is_not_fetched_again(paths: Paths, maven: Path) -> None:
    fetch_server(paths)
    fetch_server(paths)

    assert len(calls(maven)) == 1


def test_maven_is_asked_for_a_pinned_plugin_in_batch_mode(paths: Paths, maven: Path) -> None:
    fetch_server(paths)

    (call,) = calls(maven)
    assert "maven-dependency-plugin:2.8:copy-dependencies" in call
    assert "-B" in call.split()
    assert "-DincludeScope=runtime" in call.split()


@pytest.mark.parametrize("manners", [BREAK_OFF, COPY_NOTHING, DIE])
def test_a_fetch_that_fails_keeps_nothing(paths: Paths, maven: Path, manners: str) -> None:
    maven.write_text(manners)

    with pytest.raises(FetchError):
        fetch_server(paths)

    assert not paths.jars.exists()
    assert list(paths.software.iterdir()) == []


def test_a_failed_fetch_says_what_maven_says_first(paths: Paths, maven: Path) -> None:
    maven.write_text(BREAK_OFF)

    with pytest.raises(FetchError) as failure:
        fetch_server(paths)

    expected = "Could not transfer artifact org.neo4j:neo4j:pom:5.26.30: unknown host"
    assert failure.value.facts["problem"] == expected
    assert "settings.xml" in failure.value.message("zh")


def test_a_fetch_after_a_failed_one_succeeds(paths: Paths, maven: Path) -> None:
    maven.write_text(BREAK_OFF)
    with pytest.raises(FetchError):
        fetch_server(paths)
    maven.write_text(COPY)

    fetch_server(paths)

    assert (paths.jars / "neo4j-5.26.30.jar").exists()


def test_a_kill_in_the_middle_leaves_no_server(paths: Paths, maven: Path) -> None:
    maven.write_text(STALL)
    command = subprocess.Popen([sys.executable, "-c", FETCH, str(paths.home)], cwd=ROOT)
    while not list(paths.software.glob(".fetch-*/jars/neo4j-5.26.30.jar")):
        assert command.poll() is None

    command.kill()
    command.wait()

    assert not paths.jars.exists()
    maven.write_text(COPY)
    fetch_server(paths)
    assert [folder.name for folder in paths.software.iterdir()] == ["lib"]


@pytest.mark.usefixtures("maven")
def test_what_a_killed_fetch_left_is_removed(paths: Paths) -> None:
    left = paths.software / ".fetch-99999" / "jars"
    left.mkdir(parents=True)
    (left / "neo4j-5.26.30.jar").write_text("half")

    fetch_server(paths)

    assert not left.exists()
    assert (paths.jars / "neo4j-5.26.30.jar").read_text() == "jar\n"


def test_browser_is_fetched_beside_the_server(paths: Paths, maven: Path) -> None:
    fetch_server(paths)
    maven.write_text(COPY_BROWSER)

    fetch_browser(paths)

    assert [jar.name for jar in paths.browser_jars.iterdir()] == ["neo4j-browser-5.24.0.jar"]
    assert (paths.jars / "neo4j-5.26.30.jar").exists()


def test_without_maven_nothing_is_made(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(MavenMissingError):
        fetch_server(paths)

    assert not paths.home.exists()


def test_jars_that_are_there_need_no_maven(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths.jars.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))

    fetch_server(paths)

    assert list(paths.jars.iterdir()) == []
