"""Java and Maven are found, or their absence is said with the command that ends it."""

from pathlib import Path

import pytest

from graph.server.errors import JavaMissingError, JavaTooOldError, MavenMissingError
from graph.server.java import Java, find_java, find_maven, install_command

TEMURIN_21 = 'openjdk version "21.0.5" 2024-10-15 LTS'
DEBIAN_17 = 'openjdk version "17.0.15" 2025-04-15'
ORACLE_8 = 'java version "1.8.0_402"'
EARLY_ACCESS = 'openjdk version "26-ea" 2026-03-17'
MAC_PLACEHOLDER = "The operation couldn't be completed. Unable to locate a Java Runtime."


@pytest.fixture
def bare_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A search path of one empty folder, and no JAVA_HOME."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return folder


def write_program(folder: Path, name: str, *, says: str, code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    quoted = says.replace("'", "")
    program.write_text(f"#!/bin/sh\necho '{quoted}' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


def test_the_java_on_the_path_is_found_with_its_version(bare_path: Path) -> None:
    program = write_program(bare_path, "java", says=DEBIAN_17)

    java = find_java()

    assert java == Java(program, "17.0.15")


def test_java_home_wins_over_the_path(
    bare_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(bare_path, "java", says=DEBIAN_17)
    newer = write_program(tmp_path / "jdk" / "bin", "java", says=TEMURIN_21)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))

    java = find_java()

    assert java == Java(newer, "21.0.5")


def test_a_java_home_without_java_leaves_the_path(
    bare_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = write_program(bare_path, "java", says=DEBIAN_17)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))

    java = find_java()

    assert java.path == program


@pytest.mark.parametrize(
    ("version", "release"),
    [("17.0.15", 17), ("21", 21), ("1.8.0_402", 8), ("11.0.2", 11), ("26-ea", 26)],
)
def test_the_release_is_read_from_old_and_new_forms(version: str, release: int) -> None:
    java = Java(Path("java"), version)

    assert java.release == release


def test_a_java_that_is_not_released_yet_is_new_enough(bare_path: Path) -> None:
    write_program(bare_path, "java", says=EARLY_ACCESS)

    java = find_java()

    assert java.release == 26


@pytest.mark.usefixtures("bare_path")
def test_a_machine_without_java_is_told_the_command_that_installs_it() -> None:
    with pytest.raises(JavaMissingError) as refusal:
        find_java()

    assert install_command("java") in refusal.value.message("en")
    assert install_command("java") in refusal.value.message("zh")


def test_a_placeholder_is_no_java(bare_path: Path) -> None:
    write_program(bare_path, "java", says=MAC_PLACEHOLDER, code=1)

    with pytest.raises(JavaMissingError):
        find_java()


def test_an_old_java_is_named_with_its_version(bare_path: Path) -> None:
    program = write_program(bare_path, "java", says=ORACLE_8)

    with pytest.raises(JavaTooOldError) as refusal:
        find_java()

    assert refusal.value.facts["version"] == "1.8.0_402"
    assert str(program) in refusal.value.message("en")
    assert "17" in refusal.value.message("zh")


@pytest.mark.usefixtures("bare_path")
def test_a_machine_without_maven_is_told_the_command_that_installs_it() -> None:
    with pytest.raises(MavenMissingError) as refusal:
        find_maven()

    assert install_command("maven") in refusal.value.message("en")


def test_maven_is_found_on_the_path(bare_path: Path) -> None:
    program = write_program(bare_path, "mvn", says="")

    found = find_maven()

    assert found == program


@pytest.mark.parametrize(
    ("platform", "command"),
    [("darwin", "brew install maven"), ("linux", "sudo apt-get install maven")],
)
@pytest.mark.usefixtures("bare_path")
def test_the_command_is_that_of_the_machine(
    platform: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph.server.java.sys.platform", platform)

    found = install_command("maven")

    assert found == command


def test_the_command_is_that_of_fedora_where_dnf_is(bare_path: Path) -> None:
    write_program(bare_path, "dnf", says="")

    found = install_command("java")

    assert found == "sudo dnf install java-17-openjdk-headless"
