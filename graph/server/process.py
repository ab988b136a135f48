"""Start a Java of ours in a session of its own, wait until it answers, end it.

The server must outlive the command that started it and must not get that command's
Ctrl-C, so it leads its own session. It is ended by SIGTERM, and by SIGKILL only after a
stated time: Neo4j recovers from both, but after a kill it has to.
"""

import logging
import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from graph.endpoint import Endpoint, UnreachableError
from graph.server.java import Java
from graph.server.record import is_running
from graph.session import store_problem, verify

logger = logging.getLogger(__name__)

STOP_SECONDS = 30
KILL_SECONDS = 10
POLL_SECONDS = 0.05
LOOPBACK = "127.0.0.1"
SERVER_CLASS = "org.neo4j.server.CommunityEntryPoint"
# Without these the page cache and the network layer fall back to slower ways.
OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
COMMON_FLAGS = (
    "-Dfile.encoding=UTF-8",
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED),
)

# Javas that this process started: they are its children and must be collected by it.
_children: dict[int, subprocess.Popen[bytes]] = {}


class EndedError(Exception):
    """The process ended before it answered; the console says why."""


class UnusableError(Exception):
    """The process answers, but its database does not and will not; the text is its own."""


class SlowError(Exception):
    """The process lives and does not answer."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started: its Java and flags, its jars, its folder and its console."""

    java: Java
    flags: tuple[str, ...]
    class_path: str
    database: Path
    console: Path

    def command(self) -> list[str]:
        """Return the command line."""
        folders = [f"--home-dir={self.database}", f"--config-dir={self.database / 'conf'}"]
        program = ["-cp", self.class_path, SERVER_CLASS, *folders, "--console-mode"]
        return [str(self.java.path), *COMMON_FLAGS, *self.flags, *program]


def spawn(launch: Launch) -> psutil.Process:
    """Start a server; it lives on when this process ends."""
    with launch.console.open("wb") as console:
        child = subprocess.Popen(
            launch.command(),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            cwd=launch.database,
            env=environment(),
            start_new_session=True,
        )
    _children[child.pid] = child
    return psutil.Process(child.pid)


def environment() -> dict[str, str]:
    """Return our environment without what is ours alone, passwords among it."""
    ours = ("KITH_", "NEO4J_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def wait_until_ready(process: psutil.Process, endpoint: Endpoint, *, seconds: float) -> None:
    """Wait until a server answers a query.

    The port is asked first, because the driver's own retries would add seconds.

    Raises
    ------
    EndedError
        If the process ends.
    SlowError
        If it does not answer in time.
    WrongPasswordError
        If it answers and refuses the password.
    UnusableError
        If it answers and says that it could not open its store.
    """
    port = int(endpoint.uri.rpartition(":")[2])
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _has_ended(process):
            raise EndedError
        if is_open(port):
            try:
                verify(endpoint)
            except UnreachableError:
                _refuse_unusable(endpoint)
            else:
                return
        time.sleep(POLL_SECONDS)
    raise SlowError


def end(process: psutil.Process, *, seconds: float = STOP_SECONDS) -> bool:
    """End a process of ours: ask, then, after ``seconds``, kill.

    Returns
    -------
    Whether it ended in order.
    """
    _send(process, signal.SIGTERM)
    if _wait(process, seconds):
        return True
    logger.warning("process %d did not stop within %s s and is killed", process.pid, seconds)
    kill(process)
    return False


def kill(process: psutil.Process) -> None:
    """End a process of ours at once; the next start recovers."""
    _send(process, signal.SIGKILL)
    _wait(process, KILL_SECONDS)


def is_open(port: int) -> bool:
    """Return whether somebody listens on a port of this machine."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Return whether we could listen on a port of this machine."""
    with socket.socket() as probe:
        # As the server will: a port whose last connections still linger is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _refuse_unusable(endpoint: Endpoint) -> None:
    with suppress(UnreachableError):
        problem = store_problem(endpoint)
        if problem:
            raise UnusableError(problem)


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        process.send_signal(number)


def _wait(process: psutil.Process, seconds: float) -> bool:
    child = _children.get(process.pid)
    try:
        if child is None:
            process.wait(timeout=seconds)
        else:
            child.wait(timeout=seconds)
            del _children[process.pid]
    except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
        return False
    return True


def _has_ended(process: psutil.Process) -> bool:
    child = _children.get(process.pid)
    if child is not None and child.poll() is not None:
        del _children[process.pid]
        return True
    return not is_running(process)
