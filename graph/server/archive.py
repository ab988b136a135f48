"""A class-data archive: the server starts in half the time.

Java can write the classes that it loaded into an archive when it ends, and read them from
there at the next start. The archive is made once for each version of Java, by a server
that is started on an empty folder and stopped again: a server that works is not the one to
try this on, because writing takes seconds that a stop should not take, and a kill in the
middle would leave an archive that Java reads halfway.
"""

import logging
import os
import shutil
from pathlib import Path

import psutil

from graph.endpoint import Endpoint
from graph.errors import KithError
from graph.server.config import SETTINGS, as_file
from graph.server.java import Java
from graph.server.paths import Paths
from graph.server.process import (
    EndedError,
    Launch,
    SlowError,
    end,
    free_port,
    kill,
    spawn,
    wait_until_ready,
)

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 120
DRAFT = ".training-"


def archive_flags(paths: Paths, java: Java) -> tuple[str, ...]:
    """Return the flags that make the server start from the archive, making it if it is missing.

    Where it cannot be made there are no flags and the server starts more slowly; that is
    remembered beside the jars, so that it is tried once.
    """
    archive = archive_file(paths, java)
    failed = archive.with_suffix(".none")
    if not archive.exists() and not failed.exists() and not _make(paths, java):
        failed.touch()
    return (f"-XX:SharedArchiveFile={archive}",) if archive.exists() else ()


def archive_file(paths: Paths, java: Java) -> Path:
    """Return the archive for one version of Java; another version would ignore it."""
    return paths.software.resolve() / f"classes-{java.version}.jsa"


def class_path(paths: Paths, *, browser: bool = False) -> str:
    """Return the class path of the server.

    The server's own jars stand first, under the path at which the archive saw them; with
    any other beginning Java would ignore the archive.
    """
    folders = [paths.jars, paths.browser_jars] if browser else [paths.jars]
    return ":".join(f"{folder.resolve()}/*" for folder in folders)


def _make(paths: Paths, java: Java) -> bool:
    folder = paths.software.resolve() / f"{DRAFT}{os.getpid()}"
    for old in folder.parent.glob(f"{DRAFT}*"):
        shutil.rmtree(old, ignore_errors=True)
    try:
        draft = _train(paths, java, folder=folder)
        draft.replace(archive_file(paths, java))
    except (OSError, KithError, EndedError, SlowError) as error:
        logger.info("no class-data archive, the server starts more slowly: %r", error)
        return False
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return True


def _train(paths: Paths, java: Java, *, folder: Path) -> Path:
    """Run a server on an empty folder once and return the archive that it left."""
    (folder / "conf").mkdir(parents=True)
    port, archive = free_port(), folder / "classes.jsa"
    here = {
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.memory.pagecache.size": "16m",
        # empty, on loopback, for seconds
        "dbms.security.auth_enabled": "false",
    }
    (folder / "conf" / "neo4j.conf").write_text(as_file({**SETTINGS, **here}))
    flags = ("-Xmx512m", f"-XX:ArchiveClassesAtExit={archive}")
    process = spawn(Launch(java, flags, class_path(paths), folder, folder / "console.log"))
    _run_once(process, port)
    return archive


def _run_once(process: psutil.Process, port: int) -> None:
    nobody = Endpoint(f"bolt://127.0.0.1:{port}", "neo4j", "", is_own=True)
    try:
        wait_until_ready(process, nobody, seconds=LIMIT_SECONDS)
        if not end(process, seconds=LIMIT_SECONDS):
            raise SlowError
    finally:
        kill(process)
