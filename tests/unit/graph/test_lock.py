"""One writer a home, however its process ends."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.lock import LockedError, holder, write_lock, writer, writing
from graph.settings import Settings, read_settings

HOLD = """
import sys, time
from pathlib import Path
from graph.lock import writing
from graph.settings import Settings, read_settings
with writing(read_settings(home=Path(sys.argv[1])), command="kith load shop.toml"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home")


@contextmanager
def another_writer(settings: Settings, *, code: str = HOLD) -> Iterator["subprocess.Popen[str]"]:
    """Run a process that holds the write lock until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(settings.home)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_second_writer_is_told_who_writes_and_what(settings: Settings) -> None:
    with (
        another_writer(settings) as first,
        pytest.raises(LockedError) as refusal,
        writing(settings, command="kith score"),
    ):
        pytest.fail("two writers at once")

    assert refusal.value.facts["pid"] == first.pid
    assert refusal.value.facts["command"] == "kith load shop.toml"
    assert str(first.pid) in refusal.value.message("en")
    assert "kith load shop.toml" in refusal.value.message("zh")


def test_a_refusal_says_since_when_the_other_writes(settings: Settings) -> None:
    with (
        another_writer(settings),
        pytest.raises(LockedError) as refusal,
        writing(settings, command="kith score"),
    ):
        pytest.fail("two writers at once")

    since = str(refusal.value.facts["since"])
    assert since.endswith("Z")
    assert since in refusal.value.message("en")


def test_a_writer_that_was_killed_holds_nothing(settings: Settings) -> None:
    with another_writer(settings) as first:
        first.kill()
        first.wait()

        with writing(settings, command="kith score"):
            now = writer(settings)

    assert now is not None
    assert now.pid == os.getpid()


def test_a_refused_writer_does_not_disturb_the_first(settings: Settings) -> None:
    with another_writer(settings) as first:
        with pytest.raises(LockedError), writing(settings, command="kith score"):
            pytest.fail("two writers at once")

        still = writer(settings)

    assert still is not None
    assert (still.pid, still.command) == (first.pid, "kith load shop.toml")


def test_nobody_writes_into_a_home_that_does_not_exist(settings: Settings) -> None:
    found = writer(settings)

    assert found is None
    assert not settings.home.exists()


def test_nobody_writes_after_the_block(settings: Settings) -> None:
    with writing(settings, command="kith load shop.toml"):
        during = writer(settings)

    assert during is not None
    assert writer(settings) is None


def test_a_block_that_fails_gives_the_lock_back(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), writing(settings, command="kith load shop.toml"):
        raise ZeroDivisionError

    with writing(settings, command="kith score"):
        now = writer(settings)

    assert now is not None
    assert now.command == "kith score"


def test_a_full_disk_does_not_keep_anybody_from_the_lock(settings: Settings) -> None:
    # no file may grow: what a full disk does to a signature
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n{HOLD}"
    settings.home.mkdir()

    with another_writer(settings, code=code):
        found = writer(settings)

    assert found is not None
    assert found.command == "?"


def test_two_homes_have_two_writers(tmp_path: Path) -> None:
    one, two = read_settings(home=tmp_path / "one"), read_settings(home=tmp_path / "two")

    with writing(one, command="kith load a.toml"), writing(two, command="kith load b.toml"):
        found = [writer(one), writer(two)]

    assert [held.command for held in found if held] == ["kith load a.toml", "kith load b.toml"]


def test_the_lock_does_not_open_itself_to_the_same_process(settings: Settings) -> None:
    with (
        writing(settings, command="outer"),
        pytest.raises(LockedError) as refusal,
        writing(settings, command="inner"),
    ):
        pytest.fail("two writers at once")

    assert refusal.value.facts["pid"] == os.getpid()


def test_a_child_started_while_writing_does_not_keep_the_lock(settings: Settings) -> None:
    with writing(settings, command="kith load shop.toml"):
        child = subprocess.Popen(["sleep", "600"])

    try:
        with writing(settings, command="kith score"):
            now = writer(settings)
    finally:
        child.kill()
        child.wait()

    assert now is not None
    assert now.command == "kith score"


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"pid": 1}'])
def test_a_holder_that_did_not_sign_is_still_a_holder(settings: Settings, content: str) -> None:
    with writing(settings, command="kith load shop.toml"):
        write_lock(settings).write_text(content)

        found = holder(write_lock(settings))

    assert found is not None
    assert found.command == "?"


def test_the_signature_is_json_with_pid_command_and_time(settings: Settings) -> None:
    with writing(settings, command="kith load 商店.toml"):
        signed = json.loads(write_lock(settings).read_text(encoding="utf-8"))

    assert signed["pid"] == os.getpid()
    assert signed["command"] == "kith load 商店.toml"
    assert sorted(signed) == ["command", "pid", "since"]
