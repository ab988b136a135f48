"""Settings: a flag wins over the environment, that over the file, that over the default."""

from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.settings import GIGABYTE, PREFIX, SettingError, Settings, _share, read_settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / "kith.toml").write_text(text, encoding="utf-8")


def test_without_a_file_the_defaults_hold(home: Path) -> None:
    settings = read_settings()

    assert settings.home == home
    assert (settings.lang, settings.api_host, settings.api_port) == ("en", "127.0.0.1", 8000)
    assert settings.neo4j_uri is None
    assert (settings.cypher_seconds, settings.cypher_rows) == (10.0, 1000)


def test_the_file_wins_over_the_default(home: Path) -> None:
    write(home, "api_port = 9001\nlang = 'zh'\n")

    settings = read_settings()

    assert (settings.api_port, settings.lang) == (9001, "zh")


def test_the_environment_wins_over_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "api_port = 9001\nlang = 'zh'\n")
    monkeypatch.setenv("KITH_API_PORT", "9002")

    settings = read_settings()

    assert (settings.api_port, settings.lang) == (9002, "zh")


def test_a_flag_wins_over_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "api_port = 9001\n")
    monkeypatch.setenv("KITH_API_PORT", "9002")

    assert read_settings(api_port=9003).api_port == 9003


@pytest.mark.usefixtures("home")
def test_a_variable_that_nobody_reads_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_API_PROT", "9002")

    with pytest.raises(SettingError, match="KITH_API_PROT: nobody reads it"):
        read_settings()


@pytest.mark.usefixtures("home")
def test_variables_of_others_are_none_of_our_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITHARA", "strings")

    assert read_settings().api_port == 8000


def test_a_key_of_the_file_that_nobody_reads_is_an_error(home: Path) -> None:
    write(home, "api_prot = 9001\n")

    with pytest.raises(SettingError) as caught:
        read_settings()

    assert caught.value.facts["name"] == "api_prot"
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["lang = \n", "lang = 'zh", "[", "lang = 'en'\nlang = 'zh'\n"])
def test_a_file_that_is_no_toml_is_named_with_the_place(home: Path, text: str) -> None:
    write(home, text)

    with pytest.raises(SettingError, match=r"Setting kith\.toml: .* \(at ") as caught:
        read_settings()

    assert caught.value.facts["name"] == "kith.toml"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lang", "fr"),
        ("bolt_port", 65536),
        ("bolt_port", -1),
        ("api_port", 0),
        ("heap", "2"),
        ("heap", "2GB"),
        ("memory", "2g"),
        ("cypher_seconds", 0),
        ("cypher_seconds", 601),
        ("cypher_rows", 0),
        ("cypher_rows", 1_000_001),
        ("log_format", "xml"),
    ],
)
def test_a_value_out_of_range_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(SettingError) as caught:
        read_settings(**{name: value})

    assert caught.value.facts["name"] == name


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("name", "value"),
    [("bolt_port", 0), ("bolt_port", 65535), ("cypher_seconds", 600), ("cypher_rows", 1_000_000)],
)
def test_the_ends_of_a_range_belong_to_it(name: str, value: int) -> None:
    assert getattr(read_settings(**{name: value}), name) == value


@pytest.mark.usefixtures("home")
def test_a_password_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_NEO4J_PASSWORD", "hush-hush")

    settings = read_settings()

    assert "hush" not in repr(settings)
    assert "hush" not in str(settings.neo4j_password)
    assert settings.neo4j_password is not None
    assert settings.neo4j_password.get_secret_value() == "hush-hush"


@pytest.mark.usefixtures("home")
def test_settings_stay_as_they_were_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().api_port = 1


def test_the_folder_for_what_spills_is_made_for_its_owner_alone(home: Path) -> None:
    folder = read_settings().tmp

    assert folder == home / "tmp"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_every_setting_says_what_it_means() -> None:
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []
    assert all(f"{PREFIX}{name}".isascii() for name in Settings.model_fields)


@given(st.integers(min_value=1, max_value=2000), st.integers(min_value=1, max_value=20))
def test_a_share_of_memory_stays_within_its_bounds(gigabytes: int, part: int) -> None:
    class Memory:
        total = gigabytes * GIGABYTE + GIGABYTE // 2

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psutil, "virtual_memory", Memory)
        share = _share(part, least=1, most=4)

    assert share == sorted([1, gigabytes // part, 4])[1]
