"""``kith keys``: a key is shown once, listed without itself, and taken back."""

from datetime import datetime

import pytest

from api.keys import ApiKey, RevokedKeyError, opened_keys
from api.roles import Role
from graph.settings import read_settings
from tests.in_process import CommandLine


def made(kith: CommandLine, *options: str) -> dict[str, object]:
    key = kith.run("keys", "create", "till", "--role", "viewer", *options, "--json").json
    assert isinstance(key, dict)
    return key


def listed(kith: CommandLine) -> list[dict[str, object]]:
    keys = kith.run("keys", "list", "--json").json
    assert isinstance(keys, list)
    return keys


def verified(token: object) -> ApiKey:
    with opened_keys(read_settings()) as store:
        return store.verify(str(token))


def test_a_key_stands_alone_on_stdout(kith: CommandLine) -> None:
    said = kith.run("keys", "create", "the till", "--role", "analyst")

    assert said.out.startswith("kith_")
    assert len(said.out.splitlines()) == 1
    assert "only time" in said.err
    assert verified(said.out.strip()).role is Role.ANALYST


def test_a_new_key_opens_what_its_role_says(kith: CommandLine) -> None:
    key = made(kith)

    assert verified(key["token"]).key_id == key["key_id"]
    assert (key["name"], key["role"], key["expires_at"]) == ("till", "viewer", None)


def test_a_lifetime_is_counted_in_days(kith: CommandLine) -> None:
    key = made(kith, "--days", "30")

    lives = datetime.fromisoformat(str(key["expires_at"])) - datetime.fromisoformat(
        str(key["created_at"])
    )
    assert lives.days == 30


def test_keys_are_listed_without_their_secret(kith: CommandLine) -> None:
    first, second = made(kith), made(kith)

    said = kith.run("keys", "list")

    assert {key["key_id"] for key in listed(kith)} == {first["key_id"], second["key_id"]}
    assert str(first["key_id"]) in said.out
    assert str(first["token"]).rsplit("_", 1)[1] not in said.out


def test_a_home_without_keys_lists_none(kith: CommandLine) -> None:
    assert listed(kith) == []


def test_a_key_that_was_taken_back_opens_nothing(kith: CommandLine) -> None:
    key = made(kith)

    said = kith.run("keys", "revoke", str(key["key_id"]))

    assert said.out == ""
    assert f"key {key['key_id']} is revoked" in said.err
    assert listed(kith)[0]["revoked_at"] is not None
    with pytest.raises(RevokedKeyError):
        verified(key["token"])


def test_taking_back_a_key_that_nobody_has_is_not_found(kith: CommandLine) -> None:
    assert "There is no key 0123456789" in kith.run("keys", "revoke", "0123456789", code=4).err


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 101])
def test_a_key_needs_a_name_that_can_be_read(kith: CommandLine, name: str) -> None:
    kith.run("keys", "create", name, "--role", "viewer", code=2)

    assert listed(kith) == []


@pytest.mark.parametrize(
    "options", [["--role", "king"], [], ["--role", "viewer", "--days", "0"]], ids=str
)
def test_wrong_options_are_wrong_usage(kith: CommandLine, options: list[str]) -> None:
    kith.run("keys", "create", "till", *options, code=2)

    assert listed(kith) == []
