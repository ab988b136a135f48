"""API keys: made here, shown once, kept only as a digest.

A key is ``kith_<id>_<secret>``. The id is public and finds the row; the secret is 256
random bits, of which the file holds the SHA-256. So a stolen key file opens nothing, and
a look-up takes the same time whether or not the id exists.
"""

import hashlib
import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.roles import Role
from graph.errors import ConfigurationError, ForbiddenError, NotFoundError
from graph.language import Text
from graph.settings import Settings

PREFIX = "kith_"
FLUSH_SECONDS = 60  # last_used need not be finer, and a write a request would be the slowest part
LONGEST_NAME = 100
# compared when no row has the id, so that a wrong id costs what a wrong secret costs
NO_DIGEST = "0" * 64

SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    key_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    digest TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL,
    revoked_at REAL,
    last_used_at REAL
) STRICT
"""
COLUMNS = "key_id, name, role, created_at, expires_at, revoked_at, last_used_at"
INSERT = """
INSERT INTO keys (key_id, name, role, digest, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
"""


class KeyRefusedError(ForbiddenError):
    """The request carries no key that opens anything."""

    http_status = 401


class MissingKeyError(KeyRefusedError):
    """The request carries no key."""

    text = Text(
        "This address needs a key: send 'Authorization: Bearer kith_...' or "
        "'X-API-Key: kith_...'. 'kith keys create' makes one.",
        "此地址需要密钥：请发送 'Authorization: Bearer kith_...' 或 "
        "'X-API-Key: kith_...'。可用 'kith keys create' 创建。",
    )


class UnknownKeyError(KeyRefusedError):
    """Nobody was given this key."""

    text = Text(
        "The key is not known here. Check that it is whole, and that it was made for this "
        "KITH_HOME.",
        "未知的密钥。请检查密钥是否完整，以及是否为此 KITH_HOME 创建。",
    )


class ExpiredKeyError(KeyRefusedError):
    """The key's time is over."""

    text = Text(
        "Key {key_id} expired at {expires_at}. Ask for a new one.",
        "密钥 {key_id} 已于 {expires_at} 过期。请申请新的密钥。",
    )


class RevokedKeyError(KeyRefusedError):
    """The key was taken back."""

    text = Text(
        "Key {key_id} was revoked at {revoked_at}. Ask for a new one.",
        "密钥 {key_id} 已于 {revoked_at} 撤销。请申请新的密钥。",
    )


class NoSuchKeyError(NotFoundError):
    """No key has this id."""

    text = Text(
        "There is no key {key_id}. 'kith keys list' shows the ids.",
        "没有密钥 {key_id}。可用 'kith keys list' 查看编号。",
    )


class KeyNameError(ConfigurationError):
    """A key cannot be called this."""

    text = Text(
        "The name of a key has 1 to {longest} printable characters: say who or what uses it.",
        "密钥名称须为 1 至 {longest} 个可打印字符：请写明使用者或用途。",
    )


class KeyLifetimeError(ConfigurationError):
    """A key cannot live for less than no time."""

    text = Text(
        "A key's lifetime must be longer than nothing, not {lifetime}.",
        "密钥的有效期必须大于零，而不是 {lifetime}。",
    )


class KeyFileError(ConfigurationError):
    """The file of keys cannot be read as one."""

    text = Text(
        "{path} is not a file of keys. Restore it from a backup, or move it away: kith then "
        "starts a new one and every key must be made again.",
        "{path} 不是密钥文件。请从备份恢复，或将其移走：kith 会新建一个，所有密钥须重新创建。",
    )


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key; the key itself is not."""

    key_id: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key at the one moment when its ``token`` can be read."""

    token: str
    key: ApiKey


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class KeyStore:
    """The keys of one home, in a SQLite file that several processes may use.

    Parameters
    ----------
    path
        The file; made on first use, readable by its owner alone.
    clock
        Tells the present instant, UTC.

    Raises
    ------
    KeyFileError
        If the file is there and holds something else.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        self._clock = clock
        self._lock = threading.Lock()
        self._used: dict[str, float] = {}
        self._flushed_at = clock()
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=10)
        try:
            self._write("PRAGMA journal_mode = WAL")
            self._write(SCHEMA)
        except sqlite3.DatabaseError:
            self._connection.close()
            raise KeyFileError(path=path) from None

    def create(self, name: str, role: Role, *, lifetime: timedelta | None = None) -> NewKey:
        """Make a key.

        Parameters
        ----------
        name
            Who or what uses it.
        role
            What it may do.
        lifetime
            How long it works; None is until revoked.

        Raises
        ------
        KeyNameError
            If ``name`` is blank, too long or holds control characters.
        KeyLifetimeError
            If ``lifetime`` is not positive.
        """
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            raise KeyNameError(longest=LONGEST_NAME)
        if lifetime is not None and lifetime <= timedelta():
            raise KeyLifetimeError(lifetime=lifetime)
        key_id, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
        now = self._clock()
        expires = (now + lifetime).timestamp() if lifetime else None
        self._write(INSERT, key_id, name, role.value, _digest(secret), now.timestamp(), expires)
        return NewKey(token=f"{PREFIX}{key_id}_{secret}", key=self._get(key_id))

    def keys(self) -> list[ApiKey]:
        """Return every key ever made, oldest first."""
        self.flush()
        rows = self._read(f"SELECT {COLUMNS} FROM keys ORDER BY created_at, key_id")
        return [_key_of(row) for row in rows]

    def revoke(self, key_id: str) -> ApiKey:
        """Take a key back; a second time changes nothing.

        Parameters
        ----------
        key_id
            Its id; a whole key, as found where it leaked, will do.

        Raises
        ------
        NoSuchKeyError
            If no key has this id.
        """
        key_id = _parts(key_id)[0]
        self._get(key_id)
        now = self._clock().timestamp()
        self._write(
            "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE key_id = ?", now, key_id
        )
        return self._get(key_id)

    def verify(self, token: str) -> ApiKey:
        """Return the key that ``token`` is.

        Raises
        ------
        UnknownKeyError
            If it is none of ours, whether the id or the secret is wrong.
        RevokedKeyError
            If it was taken back.
        ExpiredKeyError
            If its time is over.
        """
        key_id, secret = _parts(token)
        rows = self._read(f"SELECT {COLUMNS}, digest FROM keys WHERE key_id = ?", key_id)
        digest = str(rows[0][-1]) if rows else NO_DIGEST
        if not (hmac.compare_digest(_digest(secret), digest) and token.startswith(PREFIX)):
            raise UnknownKeyError
        key = _key_of(rows[0])
        self._refuse_ended(key)
        self._note_use(key_id)
        return key

    def flush(self) -> None:
        """Write when keys were last used."""
        with self._lock:
            used, self._used = self._used, {}
            self._flushed_at = self._clock()
        if used:
            with self._lock, self._connection:
                update = "UPDATE keys SET last_used_at = ? WHERE key_id = ?"
                self._connection.executemany(update, [(at, key_id) for key_id, at in used.items()])

    def close(self) -> None:
        """Write what is to be written and let go of the file."""
        self.flush()
        self._connection.close()

    def _refuse_ended(self, key: ApiKey) -> None:
        if key.revoked_at:
            raise RevokedKeyError(key_id=key.key_id, revoked_at=_shown(key.revoked_at))
        if key.expires_at and key.expires_at <= self._clock():
            raise ExpiredKeyError(key_id=key.key_id, expires_at=_shown(key.expires_at))

    def _note_use(self, key_id: str) -> None:
        now = self._clock()
        with self._lock:
            self._used[key_id] = now.timestamp()
            is_due = (now - self._flushed_at).total_seconds() >= FLUSH_SECONDS
        if is_due:
            self.flush()

    def _get(self, key_id: str) -> ApiKey:
        rows = self._read(f"SELECT {COLUMNS} FROM keys WHERE key_id = ?", key_id)
        if not rows:
            raise NoSuchKeyError(key_id=key_id)
        return _key_of(rows[0])

    def _read(self, query: str, *values: str) -> list[tuple[object, ...]]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def _write(self, statement: str, *values: str | float | None) -> None:
        with self._lock, self._connection:
            self._connection.execute(statement, values)


@contextmanager
def opened_keys(settings: Settings) -> Iterator[KeyStore]:
    """Open the keys of the home for the length of a block."""
    with closing(KeyStore(settings.home / "keys.sqlite")) as store:
        yield store


def _parts(token: str) -> tuple[str, str]:
    key_id, _, secret = token.removeprefix(PREFIX).partition("_")
    return key_id, secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _shown(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _key_of(row: tuple[object, ...]) -> ApiKey:
    key_id, name, role, created, expires, revoked, used = row[:7]
    created_at = _time(created)
    assert created_at is not None  # the column is NOT NULL
    return ApiKey(
        key_id=str(key_id),
        name=str(name),
        role=Role(str(role)),
        created_at=created_at,
        expires_at=_time(expires),
        revoked_at=_time(revoked),
        last_used_at=_time(used),
    )


def _time(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, float) else None
