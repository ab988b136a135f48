"""Keys: shown once, kept as a digest, refused when wrong, over or taken back."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.keys import (
    FLUSH_SECONDS,
    LONGEST_NAME,
    ExpiredKeyError,
    KeyFileError,
    KeyLifetimeError,
    KeyNameError,
    KeyStore,
    NoSuchKeyError,
    RevokedKeyError,
    UnknownKeyError,
    opened_keys,
)
from api.roles import Role
from graph.settings import read_settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys.sqlite"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[KeyStore]:
    with closing(KeyStore(path, clock=clock)) as opened:
        yield opened


def stored(path: Path, column: str) -> list[object]:
    """Return a column of the file, as another process sees it."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute(f"SELECT {column} FROM keys")]


def test_a_new_key_is_the_one_that_verifies(store: KeyStore) -> None:
    made = store.create("nightly export", Role.ANALYST)

    assert store.verify(made.token) == made.key
    assert made.key.name == "nightly export"
    assert made.key.role is Role.ANALYST
    assert made.key.created_at == NOON


def test_a_key_carries_its_prefix_its_id_and_256_bits(store: KeyStore) -> None:
    made = store.create("x", Role.VIEWER)

    prefix, key_id, secret = made.token.split("_", 2)
    assert (prefix, key_id) == ("kith", made.key.key_id)
    assert len(secret) == 43  # 256 bits, six a letter


def test_no_two_keys_are_alike(store: KeyStore) -> None:
    tokens = {store.create("same name", Role.VIEWER).token for _ in range(20)}

    assert len(tokens) == 20


def test_the_file_does_not_hold_the_secret(store: KeyStore, path: Path) -> None:
    token = store.create("x", Role.ADMIN).token
    store.verify(token)
    store.close()

    held = b"".join(file.read_bytes() for file in path.parent.iterdir())

    assert token.encode() not in held
    assert token.split("_", 2)[2].encode() not in held


def test_the_file_is_readable_by_its_owner_alone(store: KeyStore, path: Path) -> None:
    store.create("x", Role.VIEWER)

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda token: token[:-1], id="cut"),
        pytest.param(lambda token: f"{token}x", id="longer"),
        pytest.param(lambda token: token.replace("kith_", "", 1), id="without prefix"),
        pytest.param(lambda token: token.upper(), id="other case"),
        pytest.param(lambda token: f"kith_{token}", id="prefixed twice"),
        pytest.param(lambda _: "kith_", id="prefix alone"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "kith_0000000000_" + "A" * 43, id="unknown id"),
        pytest.param(lambda token: token.rpartition("_")[0], id="without secret"),
        pytest.param(lambda token: token + "' OR '1'='1", id="with SQL"),
    ],
)
def test_what_is_not_exactly_the_key_is_unknown(
    store: KeyStore, spoil: Callable[[str], str]
) -> None:
    token = store.create("x", Role.ADMIN).token

    with pytest.raises(UnknownKeyError):
        store.verify(spoil(token))


def test_the_secret_of_one_key_does_not_open_another(store: KeyStore) -> None:
    first, second = store.create("a", Role.VIEWER), store.create("b", Role.ADMIN)
    secret = first.token.split("_", 2)[2]

    with pytest.raises(UnknownKeyError):
        store.verify(f"kith_{second.key.key_id}_{secret}")


def test_a_key_works_until_the_instant_at_which_it_expires(store: KeyStore, clock: Clock) -> None:
    token = store.create("demo", Role.ANALYST, lifetime=timedelta(hours=24)).token

    clock.move(24 * 3600 - 1)
    assert store.verify(token).expires_at == NOON + timedelta(hours=24)
    clock.move(1)
    with pytest.raises(ExpiredKeyError) as caught:
        store.verify(token)
    assert "2026-03-02T12:00:00Z" in str(caught.value)


def test_a_key_without_a_lifetime_does_not_expire(store: KeyStore, clock: Clock) -> None:
    token = store.create("x", Role.VIEWER).token

    clock.move(10 * 365 * 86400)

    assert store.verify(token).expires_at is None


def test_a_revoked_key_opens_nothing(store: KeyStore) -> None:
    made = store.create("x", Role.ADMIN)

    store.revoke(made.key.key_id)

    with pytest.raises(RevokedKeyError):
        store.verify(made.token)


def test_revoking_again_keeps_the_first_time(store: KeyStore, clock: Clock) -> None:
    made = store.create("x", Role.ADMIN)
    store.revoke(made.key.key_id)
    clock.move(60)

    again = store.revoke(made.key.key_id)

    assert again.revoked_at == NOON


def test_a_leaked_key_can_be_revoked_as_it_was_found(store: KeyStore) -> None:
    made = store.create("x", Role.ADMIN)

    assert store.revoke(made.token).key_id == made.key.key_id


def test_revoking_an_unknown_id_names_it(store: KeyStore) -> None:
    with pytest.raises(NoSuchKeyError, match="feed"):
        store.revoke("feed")


def test_revoking_an_unknown_key_does_not_repeat_its_secret(store: KeyStore) -> None:
    with pytest.raises(NoSuchKeyError) as caught:
        store.revoke("kith_feed_secret-part")

    assert "secret-part" not in str(caught.value)


def test_another_process_sees_a_revocation_at_once(store: KeyStore, path: Path) -> None:
    made = store.create("x", Role.ADMIN)
    store.verify(made.token)

    with closing(KeyStore(path)) as elsewhere:
        elsewhere.revoke(made.key.key_id)

    with pytest.raises(RevokedKeyError):
        store.verify(made.token)


@pytest.mark.parametrize("name", ["", "   ", "a" * (LONGEST_NAME + 1), "two\nlines", "nul\0"])
def test_a_name_that_says_nothing_is_refused(store: KeyStore, name: str) -> None:
    with pytest.raises(KeyNameError):
        store.create(name, Role.VIEWER)


def test_a_name_may_be_chinese(store: KeyStore) -> None:
    assert store.create("夜间导出", Role.VIEWER).key.name == "夜间导出"


@pytest.mark.parametrize("lifetime", [timedelta(), timedelta(hours=-1)])
def test_a_lifetime_must_be_positive(store: KeyStore, lifetime: timedelta) -> None:
    with pytest.raises(KeyLifetimeError):
        store.create("x", Role.VIEWER, lifetime=lifetime)


def test_all_keys_are_listed_oldest_first_also_those_that_no_longer_work(
    store: KeyStore, clock: Clock
) -> None:
    for name in ("first", "second", "third"):
        clock.move(1)
        store.create(name, Role.VIEWER)
    store.revoke(store.keys()[0].key_id)

    listed = store.keys()

    assert [key.name for key in listed] == ["first", "second", "third"]
    assert [key.revoked_at is not None for key in listed] == [True, False, False]


def test_last_use_is_written_once_a_minute(store: KeyStore, path: Path, *, clock: Clock) -> None:
    token = store.create("x", Role.VIEWER).token

    clock.move(FLUSH_SECONDS - 1)
    store.verify(token)
    assert stored(path, "last_used_at") == [None]
    clock.move(1)
    store.verify(token)
    assert stored(path, "last_used_at") == [(NOON + timedelta(seconds=60)).timestamp()]


def test_last_use_is_written_when_the_store_is_closed(path: Path, clock: Clock) -> None:
    with closing(KeyStore(path, clock=clock)) as opened:
        token = opened.create("x", Role.VIEWER).token
        clock.move(5)
        opened.verify(token)

    assert stored(path, "last_used_at") == [(NOON + timedelta(seconds=5)).timestamp()]


def test_a_refused_key_does_not_count_as_used(store: KeyStore) -> None:
    made = store.create("x", Role.VIEWER)
    store.revoke(made.key.key_id)

    with pytest.raises(RevokedKeyError):
        store.verify(made.token)

    assert store.keys()[0].last_used_at is None


def test_a_key_lives_on_when_the_store_is_opened_again(path: Path) -> None:
    with closing(KeyStore(path)) as first:
        token = first.create("x", Role.COMMUNITY).token

    with closing(KeyStore(path)) as second:
        assert second.verify(token).role is Role.COMMUNITY


def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite"
    path.write_bytes(b"not a database, but long enough to be taken for one" * 20)

    with pytest.raises(KeyFileError, match=r"keys\.sqlite"):
        KeyStore(path)

    assert path.read_bytes().startswith(b"not a database")


def test_the_keys_of_a_home_lie_in_it(tmp_path: Path) -> None:
    with opened_keys(read_settings(home=tmp_path)) as keys:
        keys.create("x", Role.VIEWER)

    assert stored(tmp_path / "keys.sqlite", "name") == ["x"]


def test_a_key_is_not_shown_by_its_record(store: KeyStore) -> None:
    made = store.create("x", Role.VIEWER)

    assert made.token.split("_", 2)[2] not in repr(made.key)
