"""Who asked what, in a file that shows when it was altered.

Each record carries the digest of the one before it, so a record that is changed, removed
or moved breaks the chain from there on. A record never holds what was asked: it holds a
keyed digest, by which an auditor who knows the question finds who put it, while nobody
can try phone numbers until one fits.

A cut at the very end breaks nothing that a later record names. ``verify`` therefore returns
the head, and is given the one noted last time.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from api.keys import utc_now
from graph.errors import GraphError, KithError
from graph.language import Text

FIRST = "0" * 64
FIRST_FILE = "000001.jsonl"
# a full file is left alone and the next one begun, so that retention can remove whole files
LARGEST_FILE = 64 * 1024 * 1024
# every field is short or a digest, and the purpose is cut: far less than this
LONGEST_RECORD = 4096
LONGEST_PURPOSE = 200

Record = Mapping[str, str | int | None]


class AuditWriteError(GraphError):
    """The audit file cannot be written, so nothing may be answered."""

    text = Text(
        "The audit file in {folder} cannot be written ({problem}); nothing is answered until it "
        "can. Free space on the disk or mend the rights of the folder.",
        "{folder} 中的审计文件无法写入（{problem}），在恢复之前不会作答。"
        "请释放磁盘空间或修复目录权限。",
    )


class AuditBrokenError(KithError):
    """The audit file is not what was written."""

    text = Text(
        "{file} line {line}: {problem}. The audit file was altered after it was written; compare "
        "with a backup.",
        "{file} 第 {line} 行：{problem}。审计文件在写入后被改动，请与备份比对。",
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One answered or refused request."""

    key_id: str
    role: str
    method: str
    route: str
    status: int
    parameters: str
    rows: int | None
    purpose: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found intact: records, torn lines of a killed writer, and the last digest."""

    n_records: int
    n_torn: int
    head: str


class AuditLog:
    """The audit files of one home; several processes may append.

    Parameters
    ----------
    folder
        ``KITH_HOME/audit``; made on first use, readable by its owner alone.
    clock
        Tells the present instant, UTC.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._folder = folder
        self._clock = clock
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked():
            self._key = _key_in(folder)

    def digest(self, asked: object) -> str:
        """Return the keyed digest of what was asked, whatever the order of its keys.

        Parameters
        ----------
        asked
            Anything that JSON can say.
        """
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
        return hmac.digest(self._key, text.encode(), "sha256").hex()

    def append(self, entry: Entry) -> None:
        """Add a record; it is in the file when this returns.

        Raises
        ------
        AuditWriteError
            If it cannot be written; the caller must not answer then.
        """
        try:
            with self._locked():
                path = _current(self._folder)
                number, previous = _tail(path)
                self._write(path, self._line(entry, number=number + 1, previous=previous))
        except OSError as error:
            problem = error.strerror or type(error).__name__
            raise AuditWriteError(folder=self._folder, problem=problem) from None

    def _line(self, entry: Entry, *, number: int, previous: str) -> bytes:
        at = self._clock().isoformat(timespec="milliseconds")
        record: dict[str, str | int | None] = {"number": number, "at": at, **asdict(entry)}
        record["purpose"] = entry.purpose[:LONGEST_PURPOSE]
        record["previous"] = previous
        record["digest"] = _digest(record)
        return json.dumps(record, ensure_ascii=True).encode() + b"\n"

    @staticmethod
    def _write(path: Path, line: bytes) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            # a writer killed half way left a line without an end: it stays, and is counted
            is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            whole = b"\n" + line if is_torn else line
            if os.write(descriptor, whole) != len(whole):
                raise OSError(0, "the disk took only part of a record")
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def verify(folder: Path, *, head: str = "") -> Verified:
    """Check every record of the audit files against the one before it.

    Parameters
    ----------
    folder
        ``KITH_HOME/audit``.
    head
        The head that an earlier check returned: it must still be there.

    Raises
    ------
    AuditBrokenError
        If a record was altered, removed or moved, naming the first such line.
    """
    before: Record | None = None
    n_records = n_torn = 0
    seen = not head or head == FIRST
    for file, line, record in _records(folder):
        if record is None:
            n_torn += 1
            continue
        _check(record, before, file=file, line=line)
        seen = seen or record["digest"] == head
        before, n_records = record, n_records + 1
    if not seen:
        raise AuditBrokenError(file=folder, line=0, problem="the record noted last time is gone")
    return Verified(n_records, n_torn, str(before["digest"]) if before else FIRST)


def _check(record: Record, before: Record | None, *, file: Path, line: int) -> None:
    if record.get("digest") != _digest(record):
        raise AuditBrokenError(file=file, line=line, problem="the record does not fit its digest")
    # the oldest files may have been removed for good: what is left then begins with a whole file
    is_start = before is None and line == 1 and file.name != FIRST_FILE
    previous = before["digest"] if before else FIRST
    if record["previous"] != previous and not is_start:
        problem = "the record does not follow the one before it"
        raise AuditBrokenError(file=file, line=line, problem=problem)


def _records(folder: Path) -> Iterator[tuple[Path, int, Record | None]]:
    for path in sorted(folder.glob("*.jsonl")):
        with path.open("rb") as file:
            for line, text in enumerate(file, start=1):
                yield path, line, _record(text)


def _record(line: bytes) -> Record | None:
    """Return the record on ``line``, or None where a writer was killed half way."""
    try:
        held = json.loads(line)
    except ValueError:
        return None
    return held if isinstance(held, dict) and "digest" in held else None


def _digest(record: Record) -> str:
    said = {name: value for name, value in record.items() if name != "digest"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _current(folder: Path) -> Path:
    """Return the file to append to, beginning a new one where the last is full."""
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        return folder / FIRST_FILE
    last = files[-1]
    if last.stat().st_size < LARGEST_FILE:
        return last
    return folder / f"{int(last.stem) + 1:06d}.jsonl"


def _tail(path: Path) -> tuple[int, str]:
    """Return the number and digest of the last whole record before the next one on ``path``."""
    for candidate in sorted(path.parent.glob("*.jsonl"), reverse=True):
        with candidate.open("rb") as file:
            file.seek(max(0, candidate.stat().st_size - 4 * LONGEST_RECORD))
            lines = file.read().splitlines()
        for line in reversed(lines):
            record = _record(line)
            if record:
                return int(record["number"] or 0), str(record["digest"])
    return 0, FIRST


def _key_in(folder: Path) -> bytes:
    path = folder / "key"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return bytes.fromhex(path.read_text())
