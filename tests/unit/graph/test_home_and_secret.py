"""What a home remembers: its secret, its company, its sources, an unfinished load."""

import hashlib
import hmac
from pathlib import Path

import duckdb
import pytest

from graph.engine import engine, unspilling
from graph.home import (
    Company,
    CompanyError,
    SchemaVersionError,
    Source,
    home_file,
    read_home,
    write_home,
)
from graph.journal import (
    Journal,
    begin,
    commit,
    discard_abandoned,
    folder_of,
    journal_file,
    unfinished,
)
from graph.language import speaking
from graph.secret import SecretError, hmac_pads, hmac_sql, read_secret, secret_of
from graph.settings import Settings, read_settings
from graph.staging import NewRows, after_load, committed_files, staged_file

LANTERN = Company("Lantern", "CNY", "Asia/Shanghai", "CN")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home")


# ------------------------------------------------------------------------------- secret


def test_a_new_home_gets_a_secret_of_its_own_that_only_its_owner_reads(settings: Settings) -> None:
    made = read_secret(settings)

    path = settings.home / "secret"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(bytes.fromhex(path.read_text())) == 32
    assert read_secret(settings) == made


@pytest.mark.parametrize("folder", ["staging", "vault"])
def test_a_secret_that_is_gone_is_not_made_again_beside_what_it_locked(
    settings: Settings, folder: str
) -> None:
    (settings.home / folder).mkdir(parents=True)

    with pytest.raises(
        SecretError, match=r"the file is missing\. Restore this file from its backup"
    ):
        read_secret(settings)


@pytest.mark.parametrize("content", [b"", b"abc", b"g" * 64, b"\xff" * 64, b"a" * 63])
def test_a_damaged_secret_is_refused(settings: Settings, content: bytes) -> None:
    settings.home.mkdir()
    (settings.home / "secret").write_bytes(content)

    with pytest.raises(SecretError, match="64 hexadecimal digits") as caught:
        read_secret(settings)

    with speaking("zh"):
        assert "内容不是 64 位十六进制数" in str(caught.value)


def test_the_sub_keys_differ_and_depend_on_the_secret_alone() -> None:
    one, other = secret_of(b"a" * 32), secret_of(b"b" * 32)

    keys = [
        one.identifiers,
        one.accounts,
        one.vault,
        other.identifiers,
        other.accounts,
        other.vault,
    ]
    assert len(set(keys)) == 6
    assert secret_of(b"a" * 32) == one
    assert one.fingerprint != other.fingerprint


def test_an_identifier_key_is_the_hash_of_kind_and_md5() -> None:
    secret = secret_of(b"a" * 32)
    digest = hashlib.md5(b"13812345678", usedforsecurity=False).hexdigest()
    expected = hmac.new(secret.identifiers, f"phone:{digest}".encode(), "sha256").hexdigest()[:40]

    assert secret.identifier_key("phone", "13812345678") == expected


@pytest.mark.parametrize("message", ["", "phone:x", "账户:1", "x" * 500])
def test_the_sql_of_the_hash_equals_pythons(message: str) -> None:
    key = b"k" * 32
    query = f"SELECT {hmac_sql('$message', pads='p')}"

    with duckdb.connect() as connection:
        parameters = {"message": message, **hmac_pads(key, pads="p")}
        ((found,),) = connection.execute(query, parameters).fetchall()

    assert found == hmac.new(key, message.encode(), "sha256").hexdigest()


# --------------------------------------------------------------------------------- home


def test_a_home_keeps_its_id(settings: Settings) -> None:
    assert read_home(settings).home_id == read_home(settings).home_id


def test_what_a_home_remembers_is_read_back(settings: Settings) -> None:
    home = (
        read_home(settings).of_company(LANTERN).with_sources([Source("till", "first", "contract")])
    )

    write_home(settings, home)

    assert read_home(settings) == home
    assert home_file(settings).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("found", "part"),
    [
        (Company("Other", "CNY", "Asia/Shanghai", "CN"), "name"),
        (Company("Lantern", "EUR", "Asia/Shanghai", "CN"), "currency"),
        (Company("Lantern", "CNY", "UTC", "CN"), "time zone"),
        (Company("Lantern", "CNY", "Asia/Shanghai", "GB"), "phone region"),
    ],
)
def test_a_home_holds_one_company(settings: Settings, found: Company, part: str) -> None:
    home = read_home(settings).of_company(LANTERN)

    with pytest.raises(CompanyError, match=rf"\({part}\)\. One home holds one company: set KITH"):
        home.of_company(found)


def test_the_same_company_again_is_welcome(settings: Settings) -> None:
    home = read_home(settings).of_company(LANTERN)

    assert home.of_company(LANTERN) == home


def test_known_sources_keep_their_place_and_new_ones_follow(settings: Settings) -> None:
    home = read_home(settings).with_sources(
        [Source("till", "first", "contract"), Source("shop", "first", "contract")]
    )

    later = home.with_sources(
        [Source("mall", "third", "consent"), Source("shop", "second", "contract")]
    )

    assert [source.name for source in later.sources] == ["till", "shop", "mall"]
    assert later.sources[1].party == "second"
    assert [s.name for s in later.without_source("till").sources] == ["shop", "mall"]


def test_a_home_of_another_form_is_refused(settings: Settings) -> None:
    read_home(settings)
    path = home_file(settings)
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))

    with pytest.raises(SchemaVersionError, match="has form 99, this kith reads form 1"):
        read_home(settings)


def test_a_home_without_a_company_counts_days_in_utc(settings: Settings) -> None:
    assert read_home(settings).timezone == "UTC"
    assert read_home(settings).of_company(LANTERN).timezone == "Asia/Shanghai"


# ------------------------------------------------------------------------------ journal


def journal_of(settings: Settings) -> Journal:
    folder = folder_of(settings, "L1")
    folder.mkdir(parents=True)
    (folder / "new.parquet").write_text("new")
    (settings.home / "gone.parquet").write_text("old")
    moves = {"staging/.load-L1/new.parquet": "staging/shop/orders.parquet"}
    return Journal("L1", "writing", 1_767_000_000_000, moves, ("gone.parquet",))


def test_a_journal_is_read_back(settings: Settings) -> None:
    journal = journal_of(settings)

    begin(settings, journal)

    assert unfinished(settings) == journal


def test_without_a_journal_nothing_is_unfinished(settings: Settings) -> None:
    assert unfinished(settings) is None


def test_a_commit_moves_removes_and_forgets(settings: Settings) -> None:
    journal = journal_of(settings)
    begin(settings, journal)

    commit(settings, journal)

    assert staged_file(settings, "shop", table="orders").read_text() == "new"
    assert not (settings.home / "gone.parquet").exists()
    assert not journal_file(settings).exists()
    assert not folder_of(settings, "L1").exists()


def test_a_commit_that_was_cut_off_can_be_done_again(settings: Settings) -> None:
    journal = journal_of(settings)
    begin(settings, journal)
    target = staged_file(settings, "shop", table="orders")
    target.parent.mkdir()
    (folder_of(settings, "L1") / "new.parquet").replace(target)

    commit(settings, journal)

    assert target.read_text() == "new"
    assert unfinished(settings) is None


def test_what_was_prepared_and_never_written_is_removed(settings: Settings) -> None:
    begin(settings, journal_of(settings))
    folder_of(settings, "L0").mkdir()

    assert discard_abandoned(settings) == ["L0"]
    assert folder_of(settings, "L1").exists()


def test_committed_files_are_those_of_sources_alone(settings: Settings) -> None:
    for folder in ("shop", ".load-L1"):
        (settings.home / "staging" / folder).mkdir(parents=True)
        (settings.home / "staging" / folder / "orders.parquet").touch()

    assert list(committed_files(settings)) == [("shop", "orders")]


def test_a_load_replaces_adds_and_takes_away_tables() -> None:
    kept, new = (Path("kept"),), NewRows(Path("new"))
    before = {("shop", "orders"): kept, ("shop", "posts"): kept, ("shop", "stores"): kept}

    after = after_load(
        before, prepared={("shop", "orders"): new, ("shop", "posts"): None, ("till", "orders"): new}
    )

    all_new = (Path("new"),)
    assert after == {
        ("shop", "orders"): all_new,
        ("shop", "stores"): kept,
        ("till", "orders"): all_new,
    }


def test_a_load_may_lay_rows_above_those_of_a_table() -> None:
    before = {("shop", "orders"): (Path("kept"),)}

    after = after_load(before, prepared={("shop", "orders"): NewRows(Path("new"), is_layer=True)})

    assert after == {("shop", "orders"): (Path("kept"), Path("new"))}


# ------------------------------------------------------------------------------- engine


def setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    ((value,),) = connection.execute("SELECT current_setting($name)", {"name": name}).fetchall()
    return value


def test_the_engine_is_silent_bounded_and_spills_into_the_home(settings: Settings) -> None:
    with engine(settings, timezone="Asia/Shanghai") as connection:
        assert setting(connection, "enable_progress_bar") is False
        assert setting(connection, "temp_directory") == str(settings.home / "tmp")
        assert setting(connection, "TimeZone") == "Asia/Shanghai"

    assert (settings.home / "tmp").stat().st_mode & 0o077 == 0


def test_a_home_may_have_a_quote_in_its_name(tmp_path: Path) -> None:
    with engine(read_settings(home=tmp_path / "it's mine")) as connection:
        assert connection.execute("SELECT 1").fetchall() == [(1,)]


def test_what_is_personal_never_spills() -> None:
    with unspilling() as connection:
        assert setting(connection, "temp_directory") == ""
        assert setting(connection, "enable_progress_bar") is False
