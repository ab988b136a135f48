"""Tell the ways in which the server's start fails apart, by what it prints.

Its exit code is 1 for nearly all of them. The texts were recorded from 5.26.30; the tests
keep them.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from graph.endpoint import DiskFullError
from graph.errors import KithError
from graph.server.errors import (
    HomeLockedError,
    HomeNotWritableError,
    JavaTooOldError,
    PortTakenError,
    ServerFailedError,
    ServerMemoryError,
    ServerSettingError,
)
from graph.server.java import install_command
from graph.server.paths import Paths
from graph.settings import Settings

MEGABYTE = 1024**2
# An empty database preallocates some of this; the rest lets it stop in order.
NEEDED_MEGABYTES = 512

# The order matters: a full disk and a refused folder also break the lock file, and each of
# these also fails the server's life cycle.
_SIGNS = {
    "disk": r"No space left on device|Disk quota exceeded",
    "denied": r"AccessDeniedException|Permission denied|Read-only file system",
    "locked": r"FileLockException",
    "port": r"PortBindException|Address already in use",
    "java": r"UnsupportedClassVersionError",
    "memory": r"exceeds physical memory|Could not reserve enough space|insufficient memory"
    r"|Cannot allocate memory",
    "setting": r"Unrecognized setting.*|Error evaluating value.*|Unrecognized VM option.*"
    r"|Unrecognized option.*|Invalid (?:initial|maximum) heap size.*"
    r"|Initial heap size set to .*|Conflicting collector.*|Too small .*heap.*",
}


def failure_of(console: str, *, settings: Settings, paths: Paths, port: int) -> KithError:
    """Return the error that a console's text stands for."""
    heap, page_cache = settings.heap, settings.page_cache
    sign, problem = sign_of(console)
    install = install_command("java")
    errors: dict[str, Callable[[], KithError]] = {
        "disk": lambda: disk_full(paths.database),
        "denied": lambda: HomeNotWritableError(path=paths.database),
        "locked": lambda: HomeLockedError(path=paths.database),
        "port": lambda: PortTakenError(port=port),
        "java": lambda: JavaTooOldError(path="java", version="< 17", command=install),
        "memory": lambda: ServerMemoryError(heap=heap, page_cache=page_cache),
        "setting": lambda: ServerSettingError(problem=problem),
        "other": lambda: ServerFailedError(problem=problem, log=paths.console_log),
    }
    return errors[sign]()


def sign_of(console: str) -> tuple[str, str]:
    """Return what kind of failure a console shows, and the words that show it."""
    for sign, pattern in _SIGNS.items():
        found = re.search(pattern, console)
        if found:
            return sign, found[0]
    return "other", last_words(console)


def disk_full(folder: Path) -> DiskFullError:
    """Return the error of a full disk, with the room that is left in ``folder``."""
    return DiskFullError(path=folder, free_mb=free_megabytes(folder), needed_mb=NEEDED_MEGABYTES)


def check_disk(folder: Path) -> None:
    """Refuse to start where the database would soon stop for want of room.

    Raises
    ------
    DiskFullError
        If less than 512 MB are free.
    """
    if free_megabytes(folder) < NEEDED_MEGABYTES:
        raise disk_full(folder)


def free_megabytes(folder: Path) -> int:
    """Return the room that is left on the disk of ``folder``, in megabytes."""
    return shutil.disk_usage(folder).free // MEGABYTE


def last_words(console: str) -> str:
    """Return the deepest cause that a Java program printed, else its last error or line."""
    lines = [line.strip() for line in console.splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    errors = [line.partition(" ERROR ")[2] for line in lines if " ERROR " in line]
    return (causes[-1:] or errors[-1:] or lines[-1:] or ["it printed nothing"])[0]
