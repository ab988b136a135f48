"""Kith's own database is found again and brought back, whatever was killed or lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from graph.errors import KithError
from graph.server import locate, restart, start, status, stop
from graph.server.errors import HomeLockedError, NotRunningError
from graph.server.paths import paths_of
from graph.server.process import end
from graph.server.record import Record, forget_record, read_record, write_record
from graph.session import Database, connect, verify
from graph.settings import Settings
from tests.conftest import HomeMaker

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
START = """
import sys
from pathlib import Path
from graph.server import start
from graph.settings import read_settings
flags = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
home = read_settings(home=Path(sys.argv[1]), heap="512m", page_cache="256m", java_flags=flags)
print(start(home).uri, flush=True)
"""


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


def test_the_server_outlives_the_command_that_started_it(spare_home: Settings) -> None:
    stop(spare_home)
    starter = start_in_another_process(spare_home)
    said, _ = starter.communicate()

    adopted = start(spare_home)

    assert adopted.uri == said.strip()
    assert adopted.was_started is False


def test_two_commands_that_start_at_once_share_one_server(spare_home: Settings) -> None:
    stop(spare_home)
    first, second = start_in_another_process(spare_home), start_in_another_process(spare_home)

    said = [first.communicate()[0].strip(), second.communicate()[0].strip()]

    assert said[0] == said[1] == locate(spare_home).uri
    javas = [p for p in psutil.process_iter() if f"-Dkith.home={spare_home.home}" in words_of(p)]
    assert len(javas) == 1


def test_a_server_that_was_killed_is_dead_and_comes_back_with_its_data(
    spare_home: Settings,
) -> None:
    start(spare_home)
    with connect(spare_home) as database:
        database.write("MERGE (:Kept {key: 'across a kill'})")
    kill_server(spare_home)
    between = status(spare_home).state

    start(spare_home)

    assert between == "dead"
    assert count_kept(spare_home, "across a kill") == 1


def test_a_dead_server_cannot_be_located(spare_home: Settings) -> None:
    start(spare_home)
    kill_server(spare_home)

    with pytest.raises(NotRunningError):
        locate(spare_home)


def test_no_acknowledged_write_is_lost_by_a_kill_under_load(spare_home: Settings) -> None:
    start(spare_home)
    acknowledged = write_until_killed(spare_home)

    start(spare_home)

    with connect(spare_home) as database:
        (found,) = database.read("MATCH (n:Load) RETURN collect(n.n) AS kept")
    assert acknowledged
    assert set(acknowledged) <= set(found["kept"])


def test_a_record_that_is_gone_does_not_hide_the_server(spare_home: Settings) -> None:
    start(spare_home)
    first = pid_of(spare_home)
    forget_record(paths_of(spare_home))

    adopted = start(spare_home)

    assert adopted.was_started is False
    assert pid_of(spare_home) == first
    assert read_record(paths_of(spare_home)) is not None


def test_a_record_that_is_no_record_does_not_hide_the_server(spare_home: Settings) -> None:
    start(spare_home)
    first = pid_of(spare_home)
    paths_of(spare_home).record_file.write_text("half a rec")

    start(spare_home)

    assert pid_of(spare_home) == first


def test_a_stale_record_does_not_keep_a_server_from_starting(spare_home: Settings) -> None:
    start(spare_home)
    stop(spare_home)
    write_record(paths_of(spare_home), Record(pid=os.getpid(), port=17700, started=1.0))

    endpoint = start(spare_home)

    verify(endpoint)
    assert pid_of(spare_home) != os.getpid()


def test_a_restart_kills_and_starts_again(spare_home: Settings) -> None:
    start(spare_home)
    first = pid_of(spare_home)

    endpoint = restart(spare_home)

    verify(endpoint)
    assert endpoint.was_started is True
    assert pid_of(spare_home) != first


def test_files_that_another_process_uses_are_not_opened_twice(
    spare_home: Settings, make_home: HomeMaker
) -> None:
    start(spare_home)
    # the same folder by another name: neither record nor command line tells them alike
    other = make_home("alias")
    (other.home / "database").symlink_to(paths_of(spare_home).database)
    record = paths_of(spare_home).record_file.read_text()

    with pytest.raises(HomeLockedError):
        start(other)

    (other.home / "database").unlink()
    paths_of(spare_home).record_file.write_text(record)
    verify(start(spare_home))


def test_a_start_that_failed_can_be_tried_again(spare_home: Settings) -> None:
    stop(spare_home)
    wrong = spare_home.model_copy(update={"java_flags": "-XX:+NoSuchFlag"})
    with pytest.raises(KithError):
        start(wrong)

    endpoint = start(spare_home)

    verify(endpoint)


def test_a_server_that_ignores_a_request_to_stop_is_killed(
    spare_home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(spare_home)
    process = psutil.Process(pid_of(spare_home))
    monkeypatch.setattr("graph.server.lifecycle.end", server_end_at_once)
    process.suspend()

    stop(spare_home)

    assert not process.is_running()
    assert status(spare_home).state == "stopped"


def server_end_at_once(process: psutil.Process) -> bool:
    return end(process, seconds=0.2)


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
