"""Start a server that does not run yet: jars, archive, password, port, configuration, Java."""

import logging
import shutil
import time
from pathlib import Path

import psutil

from graph.endpoint import Endpoint, WrongPasswordError
from graph.server.admin import USER, ensure_password, read_password
from graph.server.archive import archive_flags, class_path
from graph.server.config import as_file, embedded_settings
from graph.server.errors import (
    ImportRunningError,
    PortTakenError,
    ServerSlowError,
    StoreUnusableError,
)
from graph.server.failure import check_disk, failure_of
from graph.server.fetch import fetch_browser, fetch_server
from graph.server.java import Java, find_java
from graph.server.paths import Paths
from graph.server.process import (
    LOOPBACK,
    EndedError,
    Launch,
    SlowError,
    UnusableError,
    end,
    free_port,
    is_free,
    spawn,
    wait_until_ready,
)
from graph.server.record import (
    SERVER,
    Record,
    forget_record,
    live_importer,
    marks,
    port_mark,
    read_record,
    write_record,
)
from graph.settings import Settings

logger = logging.getLogger(__name__)

# Recovery after a kill took 13 s at most when tried; a large store may need minutes.
START_SECONDS = 300
BROWSER_PORT = 7474


def launch(settings: Settings, paths: Paths, *, browser: bool) -> Record:
    """Start the server and wait until it answers; the caller holds the home's lock.

    Raises
    ------
    KithError
        Each cause has its own class.
    """
    began = time.monotonic()
    java = prepare(settings, paths, browser=browser)
    _drop_half_imported(paths)
    flags = archive_flags(paths, java)
    try:
        running = _spawn(settings, paths, browser=browser, flags=flags, java=java)
        _await(settings, paths, running=running)
    except PortTakenError:
        # Between our look and the server's, another program took the port.
        if settings.bolt_port:
            raise
        running = _spawn(settings, paths, browser=browser, flags=flags, java=java)
        _await(settings, paths, running=running)
    logger.info("database started after %.1f s", time.monotonic() - began)
    return running


def prepare(settings: Settings, paths: Paths, *, browser: bool = False) -> Java:
    """Bring all that the server's programs need: Java, room, jars, configuration, password.

    What the machine lacks is said before anything is downloaded.
    """
    java = find_java()
    refuse_during_import(paths)
    check_disk(paths.database)
    fetch_server(paths)
    if browser:
        fetch_browser(paths)
    if read_record(paths) is not None:
        logger.warning("the database did not stop in order; it recovers")
        forget_record(paths)
    _write_config(settings, paths)
    ensure_password(paths, java)
    return java


def endpoint_of(paths: Paths, running: Record) -> Endpoint:
    """Return the endpoint of a running server of ours."""
    return Endpoint(
        uri=f"bolt://{LOOPBACK}:{running.port}",
        user=USER,
        password=read_password(paths),
        is_own=True,
        origin=str(paths.password_file),
    )


def await_server(paths: Paths, running: Record) -> None:
    """Wait until a server of ours answers.

    Raises
    ------
    EndedError
        If it ends instead.
    ServerSlowError
        If it lives but does not answer. It is left alone: it may be recovering.
    StoreUnusableError
        If it answers, but could not open the graph's files.
    """
    try:
        process = psutil.Process(running.pid)
        wait_until_ready(process, endpoint_of(paths, running), seconds=START_SECONDS)
    except psutil.NoSuchProcess:
        raise EndedError from None
    except UnusableError as error:
        raise StoreUnusableError(
            problem=error, store=paths.stores[0], log=paths.debug_log
        ) from None
    except SlowError:
        raise ServerSlowError(
            pid=running.pid, seconds=START_SECONDS, log=paths.console_log
        ) from None


def remove_store(paths: Paths) -> None:
    """Remove the graph's files so that a kill in the middle leaves none at their place."""
    for store in paths.stores:
        doomed = store.with_name(f".{store.name}-wiped")
        shutil.rmtree(doomed, ignore_errors=True)
        if store.exists():
            store.replace(doomed)
            shutil.rmtree(doomed)
    paths.import_mark.unlink(missing_ok=True)


def refuse_during_import(paths: Paths) -> None:
    """Refuse to touch a store on which the offline importer works.

    Raises
    ------
    ImportRunningError
        If one does, even where the command that started it was killed.
    """
    importer = live_importer(paths)
    if importer is not None:
        raise ImportRunningError(pid=importer.pid)


def choose_port(settings: Settings, paths: Paths) -> int:
    """Return the port that is set, else the remembered one, else a free one, remembered.

    Raises
    ------
    PortTakenError
        If a port is set and another program has it.
    """
    if settings.bolt_port:
        if not is_free(settings.bolt_port):
            raise PortTakenError(port=settings.bolt_port)
        return settings.bolt_port
    remembered = _remembered(paths.port_file)
    if remembered is not None and is_free(remembered):
        return remembered
    port = free_port()
    paths.port_file.write_text(str(port))
    return port


def _spawn(
    settings: Settings, paths: Paths, *, browser: bool, flags: tuple[str, ...], java: Java
) -> Record:
    port = choose_port(settings, paths)
    http_port = _browser_port() if browser else None
    _write_config(settings, paths, port=port, http_port=http_port)
    marked = (*marks(paths, role=SERVER), port_mark(port, http_port))
    memory = (f"-Xms{settings.heap}", f"-Xmx{settings.heap}")
    every = (*memory, *marked, *flags, *settings.java_flags.split())
    jars = class_path(paths, browser=browser)
    process = spawn(Launch(java, every, jars, paths.database, paths.console_log))
    running = Record(process.pid, port, process.create_time(), http_port)
    write_record(paths, running)
    return running


def _drop_half_imported(paths: Paths) -> None:
    """Begin with an empty store where an import did not end: it replaced all that was there."""
    if paths.import_mark.exists():
        logger.warning("the last import did not end; the graph is empty until the next load")
        remove_store(paths)


def _await(settings: Settings, paths: Paths, *, running: Record) -> None:
    """Wait for a server just started; one that is of no use leaves neither process nor record."""
    try:
        await_server(paths, running)
    except EndedError:
        forget_record(paths)
        console = paths.console_log.read_text(errors="replace")
        raise failure_of(console, settings=settings, paths=paths, port=running.port) from None
    except (WrongPasswordError, StoreUnusableError):
        end(psutil.Process(running.pid))
        forget_record(paths)
        raise


def _write_config(
    settings: Settings, paths: Paths, *, port: int = 7687, http_port: int | None = None
) -> None:
    """Write ``neo4j.conf``; the offline tools ask for one too, and use no port of it."""
    configured = embedded_settings(settings, port=port, http_port=http_port)
    paths.conf_file.write_text(as_file(configured), encoding="iso-8859-1")


def _browser_port() -> int:
    return BROWSER_PORT if is_free(BROWSER_PORT) else free_port()


def _remembered(path: Path) -> int | None:
    try:
        port = int(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return port if 0 < port <= 65535 else None
