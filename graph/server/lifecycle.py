"""Start, adopt, stop, restart and find kith's own database.

Only one process at a time changes whether the server runs; the others wait for it and
then find a running server, which they adopt. During an import nobody may start it.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psutil

from graph.endpoint import Endpoint
from graph.lock import LockedError, held
from graph.server.errors import (
    HomeNotWritableError,
    ImportRunningError,
    NotOurServerError,
    NotRunningError,
)
from graph.server.launch import (
    START_SECONDS,
    await_server,
    endpoint_of,
    launch,
    refuse_during_import,
)
from graph.server.paths import Paths, make_folders, paths_of
from graph.server.process import EndedError, end, kill
from graph.server.record import forget_record, live_server, read_record, write_record
from graph.session import verify
from graph.settings import Settings

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
IMPORT = "import"


def start(settings: Settings, *, browser: bool = False) -> Endpoint:
    """Make sure that the database runs and answers.

    A server that already runs for this home is adopted. For ``KITH_NEO4J_URI`` nothing is
    started; that it answers is checked.

    Parameters
    ----------
    settings
        Name the home, the memory and, if set, the port.
    browser
        Also serve Neo4j Browser; a server that runs without it is restarted.

    Raises
    ------
    KithError
        Each cause has its own class; `graph.server.errors` and `graph.endpoint` list them.
    """
    if settings.neo4j_uri is not None:
        endpoint = _external(settings)
        verify(endpoint)
        return endpoint
    with managing(settings, command="start") as paths:
        adopted = _adopt(paths, browser=browser)
        return adopted or _start_anew(settings, paths, browser=browser)


def stop(settings: Settings) -> bool:
    """Stop kith's own database; one at ``KITH_NEO4J_URI`` is left alone.

    It is asked to stop, and killed after 30 s.

    Returns
    -------
    Whether a server was running.
    """
    if settings.neo4j_uri is not None or not paths_of(settings).database.is_dir():
        return False
    with managing(settings, command="stop") as paths:
        return end_server(paths)


def restart(settings: Settings) -> Endpoint:
    """Kill kith's own database and start it again: the end of a query that nothing else ends.

    Raises
    ------
    NotOurServerError
        If ``KITH_NEO4J_URI`` is set.
    """
    refuse_external(settings, action="restart")
    with managing(settings, command="restart") as paths:
        running = live_server(paths)
        if running is not None:
            _kill(running.pid)
        browser = running is not None and running.http_port is not None
        return _start_anew(settings, paths, browser=browser)


def locate(settings: Settings) -> Endpoint:
    """Return where the database answers, without asking it.

    Raises
    ------
    NotRunningError
        If kith's own database does not run.
    ImportRunningError
        If it cannot run, because an import has it to itself.
    """
    if settings.neo4j_uri is not None:
        return _external(settings)
    paths = paths_of(settings)
    running = live_server(paths)
    if running is None:
        refuse_during_import(paths)
        raise NotRunningError(path=paths.home)
    return endpoint_of(paths, running)


def refuse_external(settings: Settings, *, action: str) -> None:
    """Refuse what only kith's own database can do.

    Raises
    ------
    NotOurServerError
        If ``KITH_NEO4J_URI`` is set.
    """
    if settings.neo4j_uri is not None:
        raise NotOurServerError(uri=settings.neo4j_uri, action=action)


@contextmanager
def managing(settings: Settings, *, command: str) -> Iterator[Paths]:
    """Be the one process that starts, stops or imports; wait for another that does.

    Raises
    ------
    ImportRunningError
        If the other one imports, which takes too long to wait for.
    HomeNotWritableError
        If the home's folders cannot be made.
    """
    paths = paths_of(settings)
    try:
        make_folders(paths)
    except (PermissionError, NotADirectoryError, FileExistsError):
        raise HomeNotWritableError(path=paths.home) from None
    with ExitStack() as stack:
        _enter(stack, paths, command=command)
        yield paths


def end_server(paths: Paths) -> bool:
    """Stop the server of a home, if it runs, and forget it; the caller holds the home's lock."""
    running = live_server(paths)
    if running is not None:
        began = time.monotonic()
        end(psutil.Process(running.pid))
        logger.info("database stopped after %.1f s", time.monotonic() - began)
    forget_record(paths)
    return running is not None


def _external(settings: Settings) -> Endpoint:
    password = settings.neo4j_password.get_secret_value() if settings.neo4j_password else ""
    return Endpoint(settings.neo4j_uri or "", settings.neo4j_user, password, is_own=False)


def _enter(stack: ExitStack, paths: Paths, *, command: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            stack.enter_context(held(paths.lock_file, command=command))
        except LockedError as error:
            if error.facts["command"] == IMPORT:
                raise ImportRunningError(pid=error.facts["pid"]) from None
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def _adopt(paths: Paths, *, browser: bool) -> Endpoint | None:
    """Return the endpoint of a server that already runs as wanted, else None."""
    running = live_server(paths)
    if running is None:
        return None
    if browser and running.http_port is None:
        end_server(paths)
        return None
    try:
        await_server(paths, running)
    except EndedError:
        return None
    if read_record(paths) != running:
        write_record(paths, running)
    return endpoint_of(paths, running)


def _start_anew(settings: Settings, paths: Paths, *, browser: bool) -> Endpoint:
    running = launch(settings, paths, browser=browser)
    return replace(endpoint_of(paths, running), was_started=True)


def _kill(pid: int) -> None:
    try:
        kill(psutil.Process(pid))
    except psutil.NoSuchProcess:
        logger.debug("process %d had already ended", pid)
