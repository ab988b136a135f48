"""``kith config``, ``status``, ``down`` and ``doctor`` where no database runs."""

import pytest

from graph import server
from graph.language import Text
from graph.lock import writing
from graph.server import Check
from graph.settings import Settings, read_settings
from tests.in_process import CommandLine


def test_config_shows_every_setting(kith: CommandLine) -> None:
    shown = kith.run("config", "--json").json

    assert isinstance(shown, dict)
    assert set(shown) == set(Settings.model_fields)
    assert shown["home"] == str(kith.home)


def test_config_masks_the_password(kith: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_NEO4J_PASSWORD", "hush-hush")

    said = kith.run("config")

    assert "hush" not in said.out + said.err
    assert "**********" in said.out


def test_config_shows_what_the_file_says_and_speaks_its_language(kith: CommandLine) -> None:
    (kith.home / "kith.toml").write_text('api_port = 9001\nlang = "zh"\n')

    shown = kith.run("config", "--json").json
    refusal = kith.run("algorithms", "tea_leaves", code=4)
    settled = kith.run("keys", "revoke", "0123456789", code=4)

    assert isinstance(shown, dict)
    assert (shown["api_port"], shown["lang"]) == ("9001", "zh")
    assert refusal.err
    assert "没有密钥 0123456789" in settled.err


def test_a_slip_in_a_setting_stops_every_command_that_reads_them(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_API_PROT", "1")

    assert "KITH_API_PROT: nobody reads it" in kith.run("config", code=2).err


def test_a_database_that_does_not_run_is_stopped(kith: CommandLine) -> None:
    found = kith.run("status", "--json").json

    assert isinstance(found, dict)
    assert (found["state"], found["uri"], found["writer"]) == ("stopped", None, None)


def test_status_for_people_leaves_out_what_there_is_not(kith: CommandLine) -> None:
    said = kith.run("status").out

    assert "state            stopped" in said
    assert "uri" not in said
    assert "None" not in said


def test_status_names_whoever_writes(kith: CommandLine) -> None:
    with writing(read_settings(), command="kith load company.toml"):
        found = kith.run("status", "--json").json

    assert isinstance(found, dict)
    assert str(found["writer"]).startswith("kith load company.toml (process ")


def test_stopping_what_does_not_run_is_no_error(kith: CommandLine) -> None:
    said = kith.run("down")

    assert said.out == ""
    assert "the database was not running" in said.err


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_doctor_leaves_with_one_where_something_is_wrong(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch, *, ok: bool, code: int
) -> None:
    checks = [Check("java", True, Text("21", "21")), Check("disk", ok, Text("room", "空间"))]
    monkeypatch.setattr(server, "doctor", lambda _: checks)

    said = kith.run("doctor", "--json", code=code)

    assert said.json == [
        {"name": "java", "ok": True, "text": "21"},
        {"name": "disk", "ok": ok, "text": "room"},
    ]


def test_doctor_marks_what_is_wrong(kith: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "doctor", lambda _: [Check("disk", False, Text("full", "满"))])

    lines = kith.run("doctor", code=1).out.splitlines()

    assert any("disk" in line and "!" in line and "full" in line for line in lines)
