"""A server is known by more than its process id. The Javas here are scripts of that name."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph.server.paths import Paths, make_folders
from graph.server.record import (
    IMPORTER,
    SERVER,
    Record,
    find_processes,
    forget_record,
    is_running,
    live_importer,
    live_server,
    marks,
    port_mark,
    read_record,
    record_of,
    write_record,
)

Begin = Callable[..., psutil.Process]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path / "home")
    make_folders(made)
    return made


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start processes named ``java`` that do nothing, with the given flags."""
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho up\nread forever\n")
    program.chmod(0o755)
    begun: list[subprocess.Popen[str]] = []

    def begin_one(*flags: str) -> psutil.Process:
        process = subprocess.Popen(
            [str(program), *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return psutil.Process(process.pid)

    yield begin_one
    for process in begun:
        process.kill()
        process.communicate()


def record_for(process: psutil.Process, *, port: int = 17700) -> Record:
    return Record(process.pid, port, process.create_time())


def test_a_record_is_read_as_it_was_written(paths: Paths) -> None:
    written = Record(pid=4711, port=17700, started=1.5, http_port=7474)

    write_record(paths, written)

    assert read_record(paths) == written


def test_a_record_is_its_owners_alone(paths: Paths) -> None:
    write_record(paths, Record(pid=4711, port=17700, started=1.5))

    mode = paths.record_file.stat().st_mode & 0o777

    assert mode == 0o600


@pytest.mark.parametrize("content", ["", "{", "[1]", '{"pid": 1}', '{"process": 1}'])
def test_what_is_no_record_is_none(paths: Paths, content: str) -> None:
    paths.record_file.write_text(content)

    found = read_record(paths)

    assert found is None


def test_forgetting_twice_does_no_harm(paths: Paths) -> None:
    write_record(paths, Record(pid=4711, port=17700, started=1.5))

    forget_record(paths)
    forget_record(paths)

    assert read_record(paths) is None


def test_a_recorded_server_that_lives_is_found(paths: Paths, begin: Begin) -> None:
    process = begin(*marks(paths, role=SERVER), port_mark(17700, None))
    write_record(paths, record_for(process))

    found = live_server(paths)

    assert found == record_for(process)


def test_a_process_id_used_again_is_not_our_server(paths: Paths, begin: Begin) -> None:
    stranger = begin("-Dsome.thing=else")
    write_record(paths, record_for(stranger))

    found = live_server(paths)

    assert found is None


def test_a_record_of_another_start_is_not_believed(paths: Paths, begin: Begin) -> None:
    process = begin(*marks(paths, role=SERVER))
    write_record(paths, Record(process.pid, 17700, process.create_time() - 3600))

    found = live_server(paths)

    assert found is None


def test_a_server_without_a_record_is_found_by_its_command_line(paths: Paths, begin: Begin) -> None:
    process = begin(*marks(paths, role=SERVER), port_mark(17755, 7474))

    found = live_server(paths)

    assert found is not None
    assert (found.pid, found.port, found.http_port) == (process.pid, 17755, 7474)


def test_a_server_of_another_home_is_not_ours(paths: Paths, begin: Begin, tmp_path: Path) -> None:
    other = Paths(tmp_path / "home-2")
    begin(*marks(other, role=SERVER), port_mark(17700, None))

    found = live_server(paths)

    assert found is None


def test_a_server_that_was_killed_does_not_live(paths: Paths, begin: Begin) -> None:
    process = begin(*marks(paths, role=SERVER))
    write_record(paths, record_for(process))

    process.kill()
    # ended, but not collected by its parent: it still has an entry among the processes
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)

    assert live_server(paths) is None
    assert psutil.pid_exists(process.pid)
    assert not is_running(process)


def test_an_importer_is_no_server(paths: Paths, begin: Begin) -> None:
    process = begin(*marks(paths, role=IMPORTER))

    importer = live_importer(paths)

    assert importer is not None
    assert importer.pid == process.pid
    assert live_server(paths) is None
    assert find_processes(paths, role=SERVER) == []


def test_a_command_line_without_ports_tells_nothing(begin: Begin) -> None:
    process = begin("-Dkith.home=/somewhere")

    found = record_of(process)

    assert found is None
