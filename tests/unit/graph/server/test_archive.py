"""The class-data archive is made once, whole or not at all. Java is a script here."""

from pathlib import Path

import pytest

from graph.server.archive import archive_file, archive_flags, class_path
from graph.server.java import Java
from graph.server.paths import Paths

# Says that it was called, begins an archive, and dies before it answers.
DIES = """#!/bin/sh
echo called >> "$0.calls"
for word in "$@"; do
  case "$word" in -XX:ArchiveClassesAtExit=*) echo half > "${word#*=}" ;; esac
done
exit 1
"""


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    made.jars.mkdir(parents=True)
    return made


@pytest.fixture
def java(tmp_path: Path) -> Java:
    program = tmp_path / "java"
    program.write_text(DIES)
    program.chmod(0o755)
    return Java(program, "17.0.15")


def calls(java: Java) -> int:
    log = java.path.with_name("java.calls")
    return len(log.read_text().splitlines()) if log.exists() else 0


def test_an_archive_that_is_there_is_used_and_not_made_again(paths: Paths, java: Java) -> None:
    archive = archive_file(paths, java)
    archive.write_text("whole")

    flags = archive_flags(paths, java)

    assert flags == (f"-XX:SharedArchiveFile={archive}",)
    assert calls(java) == 0


def test_a_server_that_dies_while_it_is_trained_leaves_no_archive(paths: Paths, java: Java) -> None:
    flags = archive_flags(paths, java)

    assert flags == ()
    assert not archive_file(paths, java).exists()
    assert sorted(left.name for left in paths.software.iterdir()) == ["classes-17.0.15.none", "lib"]


def test_what_could_not_be_made_is_tried_once(paths: Paths, java: Java) -> None:
    archive_flags(paths, java)
    archive_flags(paths, java)

    assert calls(java) == 1


def test_another_java_gets_an_archive_of_its_own(paths: Paths, java: Java) -> None:
    archive_flags(paths, java)

    archive_flags(paths, Java(java.path, "21.0.5"))

    assert calls(java) == 2


def test_what_a_killed_training_left_is_removed(paths: Paths, java: Java) -> None:
    left = paths.software / ".training-99999"
    left.mkdir()
    (left / "classes.jsa").write_text("half")

    archive_flags(paths, java)

    assert not left.exists()


def test_the_class_path_of_browser_begins_with_that_of_the_archive(paths: Paths) -> None:
    plain, browser = class_path(paths), class_path(paths, browser=True)

    assert plain == f"{paths.jars}/*"
    assert browser == f"{plain}:{paths.browser_jars}/*"


def test_a_linked_server_has_the_class_path_of_the_place_it_links_to(
    paths: Paths, tmp_path: Path
) -> None:
    other = Paths(tmp_path / "other")
    other.software.parent.mkdir(parents=True)
    other.software.symlink_to(paths.software)

    assert class_path(other) == class_path(paths)
