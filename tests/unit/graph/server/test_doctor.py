"""The doctor names what is wrong and what to do, and changes nothing."""

import socket
from pathlib import Path

import pytest

from graph.server import Check, doctor
from graph.server.paths import make_folders, paths_of
from graph.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home", heap="512m", page_cache="256m")


def checks(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in doctor(settings)}


def test_every_check_speaks_both_languages(settings: Settings) -> None:
    found = doctor(settings)

    assert all(check.text.en and check.text.zh for check in found)


def test_the_checks_come_in_the_order_of_a_start(settings: Settings) -> None:
    names = [check.name for check in doctor(settings)]

    assert names == ["java", "maven", "memory", "home", "disk", "port", "server", "connection"]


def test_looking_changes_nothing(settings: Settings) -> None:
    doctor(settings)

    assert not settings.home.exists()


def test_a_machine_without_java_and_maven_is_told_both(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    found = checks(settings)

    assert not found["java"].ok
    assert "Java 17" in found["java"].text.en
    assert not found["maven"].ok
    assert "mvn" in found["maven"].text.zh


def test_maven_is_not_missed_once_the_server_is_fetched(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths_of(settings).jars.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = checks(settings)

    assert found["maven"].ok


def test_a_heap_beyond_the_machine_is_found(settings: Settings) -> None:
    greedy = settings.model_copy(update={"heap": "9000g"})

    found = checks(greedy)["memory"]

    assert not found.ok
    assert "KITH_HEAP" in found.text.en


def test_a_home_that_others_may_enter_is_found(settings: Settings) -> None:
    settings.home.mkdir(mode=0o755)
    settings.home.chmod(0o755)

    found = checks(settings)["home"]

    assert not found.ok
    assert f"chmod 700 {settings.home}" in found.text.en


def test_a_home_that_is_a_file_is_found(settings: Settings) -> None:
    settings.home.write_text("a file")

    found = checks(settings)["home"]

    assert not found.ok


@pytest.mark.parametrize("name", ["password", "secret"])
def test_a_secret_that_others_may_read_is_found_and_not_shown(
    settings: Settings, name: str
) -> None:
    paths = paths_of(settings)
    make_folders(paths)
    file = {"password": paths.password_file, "secret": paths.home / "secret"}[name]
    file.write_text("hush")
    file.chmod(0o644)

    found = checks(settings)[name]

    assert not found.ok
    assert f"chmod 600 {file}" in found.text.en
    assert "hush" not in found.text.en + found.text.zh


def test_a_secret_of_its_owner_alone_is_well(settings: Settings) -> None:
    paths = paths_of(settings)
    make_folders(paths)
    paths.password_file.write_text("hush")
    paths.password_file.chmod(0o600)

    found = checks(settings)["password"]

    assert found.ok


def test_a_full_disk_is_found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 5 * 1024**2

    monkeypatch.setattr("graph.server.failure.shutil.disk_usage", lambda _: Usage())

    found = checks(settings)["disk"]

    assert not found.ok
    assert "5 MB" in found.text.en


def test_a_port_of_somebody_else_is_found(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        found = checks(settings.model_copy(update={"bolt_port": port}))["port"]

    assert not found.ok
    assert str(port) in found.text.zh


def test_a_database_that_does_not_run_is_found(settings: Settings) -> None:
    found = checks(settings)

    assert not found["server"].ok
    assert not found["connection"].ok
    assert "kith up" in found["connection"].text.zh


def test_another_database_needs_neither_java_nor_memory(settings: Settings) -> None:
    external = settings.model_copy(update={"neo4j_uri": "bolt://127.0.0.1:1"})

    found = checks(external)

    assert sorted(found) == ["connection", "disk", "home"]
    assert "bolt://127.0.0.1:1" in found["connection"].text.en
