"""Processes of ours are asked to end before they are killed, and learn none of our secrets."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from graph.server.java import Java
from graph.server.process import (
    Launch,
    end,
    environment,
    free_port,
    is_free,
    is_open,
    kill,
    spawn,
)

OBEDIENT = "trap 'echo bye >> farewell; exit 0' TERM; echo up; while :; do sleep 0.05; done"
DEAF = "trap '' TERM; echo up; while :; do sleep 0.05; done"

Begin = Callable[[str], psutil.Process]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Start shells that run a script; it has printed ``up`` before the test goes on."""
    begun: list[subprocess.Popen[str]] = []

    def begin_one(script: str) -> psutil.Process:
        process = subprocess.Popen(
            ["/bin/sh", "-c", script], stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return psutil.Process(process.pid)

    yield begin_one
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def launch(tmp_path: Path) -> Launch:
    """How a server is started whose Java only says what it was given and then waits."""
    program = tmp_path / "java"
    program.write_text('#!/bin/sh\necho "$@"\nenv\npwd\nexec sleep 600\n')
    program.chmod(0o755)
    java = Java(program, "17.0.15")
    return Launch(java, ("-Xmx1g", "-Dmine=1"), "jars/*", tmp_path, tmp_path / "console.log")


def test_a_process_that_obeys_ends_in_order(begin: Begin, tmp_path: Path) -> None:
    process = begin(OBEDIENT)

    in_order = end(process, seconds=20)

    assert in_order is True
    assert (tmp_path / "farewell").read_text() == "bye\n"
    assert not process.is_running()


def test_a_process_that_does_not_hear_is_killed(begin: Begin) -> None:
    process = begin(DEAF)

    in_order = end(process, seconds=0.3)

    assert in_order is False
    assert not process.is_running()


def test_a_kill_does_not_ask(begin: Begin, tmp_path: Path) -> None:
    process = begin(OBEDIENT)

    kill(process)

    assert not process.is_running()
    assert not (tmp_path / "farewell").exists()


def test_ending_what_has_ended_does_no_harm(begin: Begin) -> None:
    process = begin(OBEDIENT)
    kill(process)

    kill(process)

    assert end(process, seconds=1) is True


def test_a_spawned_server_is_collected_when_it_ends(launch: Launch) -> None:
    process = spawn(launch)

    end(process, seconds=20)

    assert not psutil.pid_exists(process.pid)


def test_the_flags_stand_before_the_program_and_its_folders_after(launch: Launch) -> None:
    words = launch.command()

    program = words.index("org.neo4j.server.CommunityEntryPoint")
    assert words.index("-Xmx1g") < words.index("-cp") < program
    assert words[program + 1 :] == [
        f"--home-dir={launch.database}",
        f"--config-dir={launch.database}/conf",
        "--console-mode",
    ]


def test_the_server_works_in_its_own_folder_and_writes_to_its_console(
    launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_NEO4J_PASSWORD", "hush")
    process = spawn(launch)
    while str(launch.database) not in launch.console.read_text().splitlines():
        assert process.is_running()

    console = launch.console.read_text()

    kill(process)
    assert "-Dmine=1" in console
    assert "hush" not in console


def test_a_console_begins_anew_with_each_start(launch: Launch) -> None:
    launch.console.write_text("what the last start said\n")

    kill(spawn(launch))

    assert "what the last start said" not in launch.console.read_text()


def test_the_environment_of_a_server_holds_nothing_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KITH_NEO4J_PASSWORD", "hush")
    monkeypatch.setenv("NEO4J_CONF", "/somewhere/else")
    monkeypatch.setenv("LANG", "C.UTF-8")

    given = environment()

    assert given["LANG"] == "C.UTF-8"
    assert not [name for name in given if name.startswith(("KITH_", "NEO4J_"))]


def test_a_port_on_which_somebody_listens_is_open_and_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        found = (is_open(port), is_free(port))

    assert found == (True, False)


def test_a_free_port_is_free_and_nobody_listens_there() -> None:
    port = free_port()

    assert is_free(port)
    assert not is_open(port)
