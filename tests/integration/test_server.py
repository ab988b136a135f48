"""Kith's own database is started, found again, stopped and brought back after a kill."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from graph.endpoint import Endpoint, WrongPasswordError
from graph.errors import KithError
from graph.server import doctor, locate, restart, start, status, stop
from graph.server.errors import HomeLockedError, NotRunningError
from graph.server.launch import choose_port
from graph.server.paths import paths_of
from graph.server.process import is_free
from graph.server.record import Record, forget_record, read_record, write_record
from graph.session import Database, connect, verify
from graph.settings import Settings, read_settings
from tests.conftest import HomeMaker

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
from graph.server import start
from graph.settings import Settings, read_settings
flags = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
home = read_settings(home=Path(sys.argv[1]), heap="512m", page_cache="256m", java_flags=flags)
print(start(home).uri, flush=True)
"""


@pytest.fixture(scope="module")
def home(make_home: HomeMaker) -> Settings:
    """A home whose database these tests may kill; each begins by starting it."""
    return make_home("killed")


def pid_of(settings: Settings) -> int:
    pid = status(settings).pid
    assert pid is not None
    return pid


def kill_server(settings: Settings) -> None:
    process = psutil.Process(pid_of(settings))
    process.kill()
    process.wait(timeout=10)


def start_in_another_process(settings: Settings) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", START, str(settings.home)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_a_start_gives_an_endpoint_that_answers(home: Settings) -> None:
    endpoint = start(home)

    verify(endpoint)
    assert endpoint.uri.startswith("bolt://127.0.0.1:")
    assert (endpoint.user, endpoint.is_own) == ("neo4j", True)


def test_a_second_start_adopts_the_same_server(home: Settings) -> None:
    start(home)
    first = pid_of(home)

    adopted = start(home)

    assert pid_of(home) == first
    assert adopted.was_started is False


def test_a_stopped_server_starts_on_the_same_port_with_its_data(home: Settings) -> None:
    first = start(home)
    with connect(home) as database:
        database.write("MERGE (:Kept {key: 'across a stop'})")

    stopped = stop(home)
    second = start(home)

    assert stopped is True
    assert (second.uri, second.was_started) == (first.uri, True)
    assert count_kept(home, "across a stop") == 1


def test_a_stopped_server_leaves_neither_process_nor_record(home: Settings) -> None:
    start(home)
    process = psutil.Process(pid_of(home))

    stop(home)

    assert not process.is_running()
    assert read_record(paths_of(home)) is None
    assert status(home).state == "stopped"
    assert stop(home) is False


def test_status_names_what_an_analyst_needs(home: Settings) -> None:
    endpoint = start(home)

    found = status(home)

    assert (found.state, found.uri, found.user) == ("running", endpoint.uri, "neo4j")
    assert (found.version, found.browser) == ("5.26.30", None)
    assert found.uptime_seconds is not None
    assert found.uptime_seconds > 0
    assert found.store_bytes is not None
    assert 0 < found.store_bytes < 100 * 1024**2


def test_status_says_where_the_password_lies_and_never_what_it_is(home: Settings) -> None:
    endpoint = start(home)

    found = status(home)

    assert found.password_file is not None
    assert found.password_file.read_text() == endpoint.password
    assert found.password_file.stat().st_mode & 0o777 == 0o600
    assert endpoint.password not in repr(found) + repr(endpoint)


def test_the_password_is_on_no_command_line(home: Settings) -> None:
    endpoint = start(home)

    words = psutil.Process(pid_of(home)).cmdline()

    assert not [word for word in words if endpoint.password in word]


def test_the_server_listens_on_loopback_alone(home: Settings) -> None:
    start(home)

    listening = [
        connection.laddr.ip
        for connection in psutil.Process(pid_of(home)).net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_the_server_leads_a_session_of_its_own(home: Settings) -> None:
    start(home)

    assert os.getsid(pid_of(home)) == pid_of(home)


def test_the_server_outlives_the_command_that_started_it(home: Settings) -> None:
    stop(home)
    starter = start_in_another_process(home)
    said, _ = starter.communicate()

    adopted = start(home)

    assert adopted.uri == said.strip()
    assert adopted.was_started is False


def test_two_commands_that_start_at_once_share_one_server(home: Settings) -> None:
    stop(home)
    first, second = start_in_another_process(home), start_in_another_process(home)

    said = [first.communicate()[0].strip(), second.communicate()[0].strip()]

    assert said[0] == said[1] == locate(home).uri
    javas = [p for p in psutil.process_iter() if f"-Dkith.home={home.home}" in words_of(p)]
    assert len(javas) == 1


def test_a_server_that_was_killed_is_dead_and_comes_back_with_its_data(home: Settings) -> None:
    start(home)
    with connect(home) as database:
        database.write("MERGE (:Kept {key: 'across a kill'})")
    kill_server(home)
    between = status(home).state

    start(home)

    assert between == "dead"
    assert count_kept(home, "across a kill") == 1


def test_a_dead_server_cannot_be_located(home: Settings) -> None:
    start(home)
    kill_server(home)

    with pytest.raises(NotRunningError):
        locate(home)


def test_no_acknowledged_write_is_lost_by_a_kill_under_load(home: Settings) -> None:
    start(home)
    acknowledged = write_until_killed(home)

    start(home)

    with connect(home) as database:
        (found,) = database.read("MATCH (n:Load) RETURN collect(n.n) AS kept")
    assert acknowledged
    assert set(acknowledged) <= set(found["kept"])


def test_a_record_that_is_gone_does_not_hide_the_server(home: Settings) -> None:
    start(home)
    first = pid_of(home)
    forget_record(paths_of(home))

    adopted = start(home)

    assert adopted.was_started is False
    assert pid_of(home) == first
    assert read_record(paths_of(home)) is not None


def test_a_record_that_is_no_record_does_not_hide_the_server(home: Settings) -> None:
    start(home)
    first = pid_of(home)
    paths_of(home).record_file.write_text("half a rec")

    start(home)

    assert pid_of(home) == first


def test_a_stale_record_does_not_keep_a_server_from_starting(home: Settings) -> None:
    start(home)
    stop(home)
    write_record(paths_of(home), Record(pid=os.getpid(), port=17700, started=1.0))

    endpoint = start(home)

    verify(endpoint)
    assert pid_of(home) != os.getpid()


def test_a_restart_kills_and_starts_again(home: Settings) -> None:
    start(home)
    first = pid_of(home)

    endpoint = restart(home)

    verify(endpoint)
    assert endpoint.was_started is True
    assert pid_of(home) != first


def test_a_wrong_password_is_said_with_the_file_that_holds_it(home: Settings) -> None:
    start(home)
    file = paths_of(home).password_file
    right = file.read_text()
    file.write_text("0" * 48)

    try:
        with pytest.raises(WrongPasswordError) as refusal:
            start(home)
    finally:
        file.write_text(right)

    assert str(file) in refusal.value.message("en")
    verify(start(home))


def test_a_remembered_port_that_was_taken_meanwhile_is_changed(home: Settings) -> None:
    first = start(home)
    stop(home)
    port = int(first.uri.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        second = start(home)

    assert second.uri != first.uri
    assert start(home).uri == second.uri


def test_a_port_taken_after_we_looked_is_changed_too(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop(home)
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = iter([taken])
        monkeypatch.setattr(
            "graph.server.launch.choose_port",
            lambda settings, paths: next(ports, None) or choose_port(settings, paths),
        )

        endpoint = start(home)

    verify(endpoint)
    assert endpoint.uri != f"bolt://127.0.0.1:{taken}"


def test_files_that_another_process_uses_are_not_opened_twice(
    home: Settings, make_home: HomeMaker
) -> None:
    start(home)
    # the same folder by another name: neither record nor command line tells them alike
    other = make_home("alias")
    (other.home / "database").symlink_to(paths_of(home).database)
    record = paths_of(home).record_file.read_text()

    with pytest.raises(HomeLockedError):
        start(other)

    (other.home / "database").unlink()
    paths_of(home).record_file.write_text(record)
    verify(start(home))


def test_a_start_that_failed_can_be_tried_again(home: Settings) -> None:
    stop(home)
    wrong = home.model_copy(update={"java_flags": "-XX:+NoSuchFlag"})
    with pytest.raises(KithError):
        start(wrong)

    endpoint = start(home)

    verify(endpoint)


def test_all_is_well_with_a_database_that_runs(home: Settings) -> None:
    start(home)

    checks = doctor(home)

    assert [check.name for check in checks if not check.ok] == []
    assert "password" in [check.name for check in checks]


def test_kith_can_use_its_server_as_if_it_were_another(home: Settings) -> None:
    own = start(home)
    external = external_settings(home, own)

    endpoint = start(external)

    assert (endpoint.uri, endpoint.is_own, endpoint.was_started) == (own.uri, False, False)
    assert status(external).version == "5.26.30"
    assert stop(external) is False
    assert status(home).state == "running"


def test_another_database_with_a_wrong_password_names_the_setting(home: Settings) -> None:
    own = start(home)
    wrong = external_settings(home, own).model_copy(update={"neo4j_password": None})

    with pytest.raises(WrongPasswordError) as refusal:
        start(wrong)

    assert "KITH_NEO4J_PASSWORD" in refusal.value.message("en")


def test_a_server_that_ignores_a_request_to_stop_is_killed(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(home)
    process = psutil.Process(pid_of(home))
    monkeypatch.setattr("graph.server.lifecycle.end", server_end_at_once)
    process.suspend()

    stop(home)

    assert not process.is_running()
    assert status(home).state == "stopped"


def test_a_fixed_port_is_used(home: Settings) -> None:
    stop(home)
    port = next(port for port in range(17710, 17800) if is_free(port))
    fixed = home.model_copy(update={"bolt_port": port})

    endpoint = start(fixed)

    assert endpoint.uri == f"bolt://127.0.0.1:{port}"
    stop(home)


def server_end_at_once(process: psutil.Process) -> bool:
    from graph.server.process import end

    return end(process, seconds=0.2)


def external_settings(home: Settings, own: Endpoint) -> Settings:
    return read_settings(home=home.home, neo4j_uri=own.uri, neo4j_password=own.password)


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def count_kept(settings: Settings, key: str) -> int:
    with connect(settings) as database:
        (row,) = database.read("MATCH (n:Kept {key: $key}) RETURN count(n) AS n", {"key": key})
    return int(row["n"])


def write_until_killed(settings: Settings) -> list[int]:
    """Write one node after the other, kill the server meanwhile, return what it acknowledged."""
    acknowledged: list[int] = []
    with connect(settings) as database:
        writer = threading.Thread(target=write_on, args=(database, acknowledged))
        writer.start()
        while len(acknowledged) < 50:
            time.sleep(0.01)
        os.kill(pid_of(settings), signal.SIGKILL)
        writer.join()
    return acknowledged


def write_on(database: Database, acknowledged: list[int]) -> None:
    for n in range(1_000_000):
        try:
            database.run_auto("CREATE (:Load {n: $n})", {"n": n})
        except KithError:
            return
        acknowledged.append(n)
