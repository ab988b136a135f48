"""Kith's own database is started, adopted, described and stopped."""

import os
import socket
from pathlib import Path

import psutil
import pytest

from graph.endpoint import Endpoint, WrongPasswordError
from graph.server import doctor, start, status, stop
from graph.server.launch import choose_port
from graph.server.paths import paths_of
from graph.server.process import is_free
from graph.server.record import read_record
from graph.session import connect, verify
from graph.settings import Settings, read_settings

pytestmark = pytest.mark.integration


def pid_of(settings: Settings) -> int:
    pid = status(settings).pid
    assert pid is not None
    return pid


def test_a_start_gives_an_endpoint_that_answers(spare_home: Settings) -> None:
    endpoint = start(spare_home)

    verify(endpoint)
    assert endpoint.uri.startswith("bolt://127.0.0.1:")
    assert (endpoint.user, endpoint.is_own) == ("neo4j", True)


def test_a_second_start_adopts_the_same_server(spare_home: Settings) -> None:
    start(spare_home)
    first = pid_of(spare_home)

    adopted = start(spare_home)

    assert pid_of(spare_home) == first
    assert adopted.was_started is False


def test_a_stopped_server_starts_on_the_same_port_with_its_data(spare_home: Settings) -> None:
    first = start(spare_home)
    with connect(spare_home) as database:
        database.write("MERGE (:Kept {key: 'across a stop'})")

    stopped = stop(spare_home)
    second = start(spare_home)

    assert stopped is True
    assert (second.uri, second.was_started) == (first.uri, True)
    assert count_kept(spare_home, "across a stop") == 1


def test_a_stopped_server_leaves_neither_process_nor_record(spare_home: Settings) -> None:
    start(spare_home)
    process = psutil.Process(pid_of(spare_home))

    stop(spare_home)

    assert not process.is_running()
    assert read_record(paths_of(spare_home)) is None
    assert status(spare_home).state == "stopped"
    assert stop(spare_home) is False


def test_status_names_what_an_analyst_needs(spare_home: Settings) -> None:
    endpoint = start(spare_home)

    found = status(spare_home)

    assert (found.state, found.uri, found.user) == ("running", endpoint.uri, "neo4j")
    assert (found.version, found.browser) == ("5.26.30", None)
    assert found.uptime_seconds is not None
    assert found.uptime_seconds > 0
    assert found.store_bytes is not None
    assert 0 < found.store_bytes < 100 * 1024**2


def test_status_says_where_the_password_lies_and_never_what_it_is(spare_home: Settings) -> None:
    endpoint = start(spare_home)

    found = status(spare_home)

    assert found.password_file is not None
    assert found.password_file.read_text() == endpoint.password
    assert found.password_file.stat().st_mode & 0o777 == 0o600
    assert endpoint.password not in repr(found) + repr(endpoint)


def test_the_password_is_on_no_command_line(spare_home: Settings) -> None:
    endpoint = start(spare_home)

    words = psutil.Process(pid_of(spare_home)).cmdline()

    assert not [word for word in words if endpoint.password in word]


def test_the_server_listens_on_loopback_alone(spare_home: Settings) -> None:
    start(spare_home)

    listening = [
        connection.laddr.ip
        for connection in psutil.Process(pid_of(spare_home)).net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_the_server_reads_its_classes_from_an_archive_made_once(
    spare_home: Settings, server_software: Path
) -> None:
    start(spare_home)

    (archive,) = server_software.glob("classes-*.jsa")
    assert f"-XX:SharedArchiveFile={archive}" in psutil.Process(pid_of(spare_home)).cmdline()
    assert list(server_software.glob(".training-*")) == []


def test_the_server_leads_a_session_of_its_own(spare_home: Settings) -> None:
    start(spare_home)

    assert os.getsid(pid_of(spare_home)) == pid_of(spare_home)


def test_a_wrong_password_is_said_with_the_file_that_holds_it(spare_home: Settings) -> None:
    start(spare_home)
    file = paths_of(spare_home).password_file
    right = file.read_text()
    file.write_text("0" * 48)

    try:
        with pytest.raises(WrongPasswordError) as refusal:
            start(spare_home)
    finally:
        file.write_text(right)

    assert str(file) in refusal.value.message("en")
    verify(start(spare_home))


def test_a_remembered_port_that_was_taken_meanwhile_is_changed(spare_home: Settings) -> None:
    first = start(spare_home)
    stop(spare_home)
    port = int(first.uri.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        second = start(spare_home)

    assert second.uri != first.uri
    assert start(spare_home).uri == second.uri


def test_a_port_taken_after_we_looked_is_changed_too(
    spare_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(spare_home)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = iter([taken])
        monkeypatch.setattr(
            "graph.server.launch.choose_port",
            lambda settings, paths: next(ports, None) or choose_port(settings, paths),
        )

        endpoint = start(spare_home)

    verify(endpoint)
    assert endpoint.uri != f"bolt://127.0.0.1:{taken}"


def test_all_is_well_with_a_database_that_runs(spare_home: Settings) -> None:
    start(spare_home)

    checks = doctor(spare_home)

    assert [check.name for check in checks if not check.ok] == []
    assert "password" in [check.name for check in checks]


def test_kith_can_use_its_server_as_if_it_were_another(spare_home: Settings) -> None:
    own = start(spare_home)
    external = external_settings(spare_home, own)

    endpoint = start(external)

    assert (endpoint.uri, endpoint.is_own, endpoint.was_started) == (own.uri, False, False)
    assert status(external).version == "5.26.30"
    assert stop(external) is False
    assert status(spare_home).state == "running"


def test_another_database_with_a_wrong_password_names_the_setting(spare_home: Settings) -> None:
    own = start(spare_home)
    wrong = external_settings(spare_home, own).model_copy(update={"neo4j_password": None})

    with pytest.raises(WrongPasswordError) as refusal:
        start(wrong)

    assert "KITH_NEO4J_PASSWORD" in refusal.value.message("en")


def test_a_fixed_port_is_used(spare_home: Settings) -> None:
    stop(spare_home)
    port = next(port for port in range(17710, 17800) if is_free(port))
    fixed = spare_home.model_copy(update={"bolt_port": port})

    endpoint = start(fixed)

    assert endpoint.uri == f"bolt://127.0.0.1:{port}"
    stop(spare_home)


def external_settings(spare_home: Settings, own: Endpoint) -> Settings:
    return read_settings(home=spare_home.home, neo4j_uri=own.uri, neo4j_password=own.password)


def count_kept(settings: Settings, key: str) -> int:
    with connect(settings) as database:
        (row,) = database.read("MATCH (n:Kept {key: $key}) RETURN count(n) AS n", {"key": key})
    return int(row["n"])
