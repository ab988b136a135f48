"""Which process serves this home: what we wrote down, and what is true.

A process id alone proves nothing, because ids are used again. So the record also holds
when the process began, and every Java that we start carries its home on its command line:
by that even a server is found whose record was never written, because kith was killed in
between.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from graph.home import write_json
from graph.server.paths import VERSION, Paths

SERVER = "server"
IMPORTER = "importer"
CLOCK_TOLERANCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Record:
    """A server that was started: ``started`` is its first instant in epoch seconds.

    ``http_port`` is None unless it serves Neo4j Browser.
    """

    pid: int
    port: int
    started: float
    http_port: int | None = None
    version: str = VERSION


def marks(paths: Paths, *, role: str) -> list[str]:
    """Return the flags by which a Java of ours is known again."""
    return [f"-Dkith.home={paths.home}", f"-Dkith.role={role}"]


def port_mark(port: int, http_port: int | None) -> str:
    """Return the flag that tells an adopter where the server answers."""
    return f"-Dkith.ports={port},{http_port or ''}"


def record_of(process: psutil.Process) -> Record | None:
    """Return what a server's command line says of it, None if it says nothing."""
    prefix = "-Dkith.ports="
    with suppress(psutil.Error):
        for flag in process.cmdline():
            if flag.startswith(prefix):
                port, _, http_port = flag.removeprefix(prefix).partition(",")
                ports = int(port), int(http_port) if http_port else None
                return Record(process.pid, ports[0], process.create_time(), ports[1])
    return None


def write_record(paths: Paths, record: Record) -> None:
    """Write the record, whole or not at all."""
    write_json(paths.record_file, asdict(record))


def read_record(paths: Paths) -> Record | None:
    """Return the record, None if there is none or it is no record."""
    try:
        return Record(**json.loads(paths.record_file.read_text()))
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
        return None


def forget_record(paths: Paths) -> None:
    """Remove the record."""
    paths.record_file.unlink(missing_ok=True)


def live_server(paths: Paths) -> Record | None:
    """Return the server of this home if it lives, recorded or not."""
    recorded = read_record(paths)
    if recorded is not None and _is_alive(recorded, paths):
        return recorded
    found = find_processes(paths, role=SERVER)
    return record_of(found[0]) if found else None


def live_importer(paths: Paths) -> psutil.Process | None:
    """Return the offline importer that works on this home, or None."""
    found = find_processes(paths, role=IMPORTER)
    return found[0] if found else None


def find_processes(paths: Paths, *, role: str) -> list[psutil.Process]:
    """Return the living Javas of this home in a role, oldest first."""
    wanted = set(marks(paths, role=role))
    found = [process for process in _javas() if wanted <= set(_command_line(process))]
    return sorted(found, key=lambda process: process.pid)


def is_running(process: psutil.Process) -> bool:
    """Return whether a process lives; one that ended and was not yet collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _is_alive(record: Record, paths: Paths) -> bool:
    try:
        process = psutil.Process(record.pid)
        same_start = abs(process.create_time() - record.started) < CLOCK_TOLERANCE_SECONDS
    except psutil.NoSuchProcess:
        return False
    ours = set(marks(paths, role=SERVER)) <= set(_command_line(process))
    return same_start and ours and is_running(process)


def _javas() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        if Path(process.info["name"] or "").stem == "java" and is_running(process):
            yield process


def _command_line(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []
