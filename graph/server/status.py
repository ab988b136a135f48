"""What an operator or an analyst wants to know of the database, without changing it."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graph.endpoint import Endpoint
from graph.errors import KithError
from graph.server.admin import USER
from graph.server.lifecycle import locate
from graph.server.paths import Paths, paths_of
from graph.server.process import LOOPBACK
from graph.server.record import Record, live_importer, live_server, read_record
from graph.session import server_version
from graph.settings import Settings

State = Literal["running", "stopped", "dead", "importing", "external"]
BLOCK_BYTES = 512


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the database and how to reach it.

    Attributes
    ----------
    state
        ``dead``: it ended without being stopped, and the next start recovers.
    uri, user
        Where it answers and who may enter; ``uri`` is None while it does not run.
    password_file
        Where the password lies; None for a database that kith does not run.
    browser
        Address of Neo4j Browser, None unless it is served.
    pid, uptime_seconds
        None unless kith's own server runs.
    version
        Version of Neo4j; None for an external one that does not answer.
    store_bytes
        Room that the graph takes on disk; None for an external one.
    """

    state: State
    uri: str | None
    user: str
    password_file: Path | None = None
    browser: str | None = None
    pid: int | None = None
    uptime_seconds: float | None = None
    version: str | None = None
    store_bytes: int | None = None


def status(settings: Settings) -> Status:
    """Return the state of the database; nothing is started."""
    if settings.neo4j_uri is not None:
        endpoint = locate(settings)
        return Status("external", endpoint.uri, endpoint.user, version=_version(endpoint))
    paths = paths_of(settings)
    running = live_server(paths)
    if running is not None:
        return _running(paths, running)
    return Status(
        _state_at_rest(paths), None, USER, paths.password_file, store_bytes=_store_bytes(paths)
    )


def _running(paths: Paths, running: Record) -> Status:
    browser = f"http://{LOOPBACK}:{running.http_port}/browser/" if running.http_port else None
    return Status(
        state="running",
        uri=f"bolt://{LOOPBACK}:{running.port}",
        user=USER,
        password_file=paths.password_file,
        browser=browser,
        pid=running.pid,
        uptime_seconds=time.time() - running.started,
        version=running.version,
        store_bytes=_store_bytes(paths),
    )


def _state_at_rest(paths: Paths) -> State:
    if live_importer(paths) is not None:
        return "importing"
    return "stopped" if read_record(paths) is None else "dead"


def _version(endpoint: Endpoint) -> str | None:
    try:
        return server_version(endpoint)
    except KithError:
        return None


def _store_bytes(paths: Paths) -> int:
    """Return the room taken; files are counted by blocks, since logs are laid out in advance."""
    files = (file for store in paths.stores for file in store.rglob("*"))
    return sum(_bytes_of(file) for file in files)


def _bytes_of(file: Path) -> int:
    try:
        return file.lstat().st_blocks * BLOCK_BYTES
    except FileNotFoundError:  # a log that was rotated away while we looked
        return 0
