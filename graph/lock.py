"""One writer a home: who writes, since when, and how a second one is told.

The lock is the operating system's (``flock``), so it vanishes with its process however
that ends. The file's content only says who holds it; its presence means nothing, and it is
never removed, because a writer that opened a removed file would lock nothing.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from graph.errors import BusyError
from graph.language import Text
from graph.settings import Settings

# Looking who holds a lock takes it for a moment, and a holder needs a moment to sign:
# neither may look like a competing writer.
PATIENCE_SECONDS = 0.5
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a lock; ``since`` is UTC, ISO 8601 to the second."""

    pid: int
    command: str
    since: str


UNKNOWN = Holder(pid=0, command="?", since="?")


class LockedError(BusyError):
    """Another process is doing what only one may do at a time."""

    text = Text(
        "Process {pid} ({command}) has been writing here since {since}. Wait until it ends, or "
        "end it, then try again; readers are not affected. The lock is {path}.",
        "进程 {pid}（{command}）自 {since} 起正在写入。请等待其结束，或终止该进程后重试；"
        "读取不受影响。锁文件：{path}。",
    )


@contextmanager
def writing(settings: Settings, *, command: str) -> Iterator[None]:
    """Be the one writer of a home while the block runs.

    Parameters
    ----------
    settings
        Names the home.
    command
        What a second writer is told: the command as its user typed it.

    Raises
    ------
    LockedError
        If another process, or this one, is already writing.
    """
    with held(write_lock(settings), command=command):
        yield


def writer(settings: Settings) -> Holder | None:
    """Return who is writing into this home, or None."""
    return holder(write_lock(settings))


def write_lock(settings: Settings) -> Path:
    """Return the file on which writers lock."""
    return settings.home / "write.lock"


@contextmanager
def held(path: Path, *, command: str, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the lock on ``path`` while the block runs, after waiting ``patience`` seconds at most.

    Raises
    ------
    LockedError
        If somebody else still holds it then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("ab", buffering=0) as file:
        _acquire(file, path, patience=patience)
        _sign(file, command)
        try:
            yield
        finally:
            file.truncate(0)


def holder(path: Path) -> Holder | None:
    """Return who holds the lock on ``path``, or None if nobody does."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        if not _try_lock(file, fcntl.LOCK_SH):
            return _signature(path)
    return None


def _acquire(file: IO[bytes], path: Path, *, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not _try_lock(file, fcntl.LOCK_EX):
        if time.monotonic() >= deadline:
            raise LockedError(path=path, **asdict(_signature(path)))
        time.sleep(POLL_SECONDS)


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(file: IO[bytes], command: str) -> None:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = json.dumps(asdict(Holder(os.getpid(), command, since)), ensure_ascii=False)
    file.truncate(0)
    # On a full disk the lock still holds, and whoever frees the disk needs it.
    with suppress(OSError):
        file.write(signature.encode())


def _signature(path: Path) -> Holder:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return UNKNOWN
