"""The vault: readable with the home's secret alone, merged account by account."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph import layers
from graph.secret import Secret, secret_of
from graph.settings import read_settings
from graph.vault import (
    COLUMNS,
    Kept,
    Vault,
    VaultError,
    empty_rows,
    file_name,
    merge,
    open_vault,
)

SECRET = secret_of(bytes(range(32)))
Entry = tuple[str, str, str, str]
ANN: Entry = ("shop:A1", "shop", "full_name", "王芳")


def rows_of(*entries: Entry) -> pa.Table:
    columns = zip(*entries, strict=True) if entries else [[], [], [], []]
    return pa.table(
        {
            name: pa.array(list(values), pa.string())
            for name, values in zip(COLUMNS, columns, strict=True)
        }
    )


def entries_of(table: pa.Table) -> set[Entry]:
    return {tuple(row.values()) for row in table.to_pylist()}


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return open_vault(read_settings(home=tmp_path), SECRET)


def keep(vault: Vault, *entries: Entry, without: tuple[str, ...] = ()) -> dict[str, bool]:
    """Prepare rows and move the files into place, as a commit does; return the files."""
    return kept(vault, *entries, without=without).files


def touched(vault: Vault, *entries: Entry, without: tuple[str, ...] = ()) -> list[str]:
    """Keep rows; return the accounts of whom something else is known then, sorted."""
    accounts: list[str] = kept(vault, *entries, without=without).accounts.to_pylist()
    return sorted(accounts)


def kept(vault: Vault, *entries: Entry, without: tuple[str, ...] = ()) -> Kept:
    folder = vault.folder.parent / "prepared"
    changed = vault.prepare(rows_of(*entries), folder=folder, without=without)
    vault.folder.mkdir(exist_ok=True)
    for name, has_rows in changed.files.items():
        if has_rows:
            (folder / name).replace(vault.folder / name)
        else:
            (vault.folder / name).unlink()
    return changed


def held(vault: Vault) -> set[Entry]:
    return set().union(*(entries_of(table) for table in vault.accounts()))


def test_what_was_kept_is_read_back(vault: Vault) -> None:
    other: Entry = ("till:9", "till", "phone", "13812345678")

    keep(vault, ANN, other)

    assert held(vault) == {ANN, other}


def test_an_empty_vault_has_no_rows(vault: Vault) -> None:
    assert held(vault) == set()
    assert empty_rows().column_names == list(COLUMNS)


def test_no_value_stands_in_the_file_and_no_other_key_opens_it(vault: Vault) -> None:
    (name,) = keep(vault, ANN)

    content = (vault.folder / name).read_bytes()
    assert content[:4] == b"PARE"  # an encrypted footer
    assert "王芳".encode() not in content
    assert b"A1" not in content
    with pytest.raises(OSError, match="encrypted metadata"):
        pq.read_table(vault.folder / name)


@pytest.mark.parametrize("cut", [5, 40])
def test_a_file_that_is_cut_off_is_named_and_stops(vault: Vault, cut: int) -> None:
    (name,) = keep(vault, ANN)
    path = vault.folder / name
    path.write_bytes(path.read_bytes()[:-cut])

    with pytest.raises(VaultError, match=f"The vault file {path} cannot be read"):
        keep(vault, ("till:9", "till", "phone", "1"))


def test_another_secret_is_refused(vault: Vault) -> None:
    keep(vault, ANN)
    stranger = Vault(vault.folder, secret_of(b"x" * 32))

    with pytest.raises(VaultError, match="nothing was overwritten"):
        list(stranger.accounts())


def test_a_file_is_for_its_owner_alone(vault: Vault) -> None:
    (name,) = keep(vault, ANN)

    assert (vault.folder / name).stat().st_mode & 0o777 == 0o600


def test_the_same_rows_again_change_no_file(vault: Vault) -> None:
    keep(vault, ANN)

    assert keep(vault, ANN) == {}


def test_a_later_load_replaces_what_an_account_has_once(vault: Vault) -> None:
    keep(vault, ANN)

    keep(vault, (*ANN[:3], "王方"))

    assert held(vault) == {(*ANN[:3], "王方")}


def test_a_later_load_adds_to_what_an_account_has_several_of(vault: Vault) -> None:
    one: Entry = ("shop:A1", "shop", "phone", "13812345678")
    other: Entry = ("shop:A1", "shop", "phone", "13900001111")

    keep(vault, one)
    keep(vault, other, one)

    assert held(vault) == {one, other}


def test_within_a_load_the_first_in_the_order_of_values_is_kept() -> None:
    merged = merge(empty_rows(), rows_of((*ANN[:3], "b"), (*ANN[:3], "a")))

    assert entries_of(merged) == {(*ANN[:3], "a")}


def test_a_source_that_goes_takes_its_rows_along(vault: Vault) -> None:
    stays: Entry = ("till:A1", "till", "full_name", "李四")
    keep(vault, ANN, stays)

    changed = keep(vault, without=("shop",))

    assert held(vault) == {stays}
    assert list(changed.values()) == [False]


def test_a_source_that_is_replaced_keeps_what_it_states_now(vault: Vault) -> None:
    keep(vault, ANN, ("shop:A1", "shop", "address", "旧址"))

    keep(vault, ANN, without=("shop",))

    assert held(vault) == {ANN}


# ---------------------------------------------------------------------- whom a load concerns


def test_an_account_that_comes_is_one_that_changed(vault: Vault) -> None:
    phones: list[Entry] = [("shop:A1", "shop", "phone", str(n)) for n in range(3)]

    assert touched(vault, ANN, *phones, ("till:9", "till", "phone", "1")) == ["shop:A1", "till:9"]


@pytest.mark.parametrize("field", ["full_name", "birth_date", "address", "national_id"])
def test_an_account_changed_if_what_it_has_once_is_corrected(vault: Vault, field: str) -> None:
    keep(vault, ("shop:A1", "shop", field, "a"), ("shop:A2", "shop", field, "a"))

    assert touched(vault, ("shop:A1", "shop", field, "b"), ("shop:A2", "shop", field, "a")) == [
        "shop:A1"
    ]


@pytest.mark.parametrize("field", ["phone", "email"])
def test_an_account_changed_if_another_of_what_it_has_several_of_came(
    vault: Vault, field: str
) -> None:
    keep(vault, ("shop:A1", "shop", field, "a"))

    assert touched(vault, ("shop:A1", "shop", field, "b")) == ["shop:A1"]
    assert touched(vault, ("shop:A1", "shop", field, "a")) == []


def test_the_same_rows_again_concern_nobody(vault: Vault) -> None:
    keep(vault, ANN)

    assert touched(vault, ANN) == []


def test_who_shares_a_file_with_an_account_that_changed_did_not_change(vault: Vault) -> None:
    many: list[Entry] = [(f"shop:A{n}", "shop", "full_name", "x") for n in range(2000)]
    keep(vault, *many)

    found = kept(vault, ("shop:A7", "shop", "full_name", "y"))

    (name,) = found.files
    assert len(vault.read(int(name[:2], 16))) > 1
    assert found.accounts.to_pylist() == ["shop:A7"]


def test_a_detail_that_is_no_longer_stated_changes_its_account(vault: Vault) -> None:
    keep(vault, ANN, ("shop:A1", "shop", "address", "旧址"), ("shop:A2", "shop", "address", "甲"))

    found = touched(vault, ANN, ("shop:A2", "shop", "address", "甲"), without=("shop",))

    assert found == ["shop:A1"]


def test_an_account_of_whom_nothing_is_left_changed(vault: Vault) -> None:
    keep(vault, ANN, ("till:9", "till", "phone", "1"))

    assert touched(vault, without=("shop",)) == ["shop:A1"]


def test_accounts_are_spread_over_files_by_their_hash(vault: Vault) -> None:
    entries = [(f"shop:A{number}", "shop", "full_name", "x") for number in range(2000)]

    changed = keep(vault, *entries)

    assert len(changed) == 256
    assert file_name(0) == "00.parquet"
    assert len(held(vault)) == 2000


# ------------------------------------------------------------------------------------ layers


@pytest.fixture
def layered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every load but the first lie above what is there."""
    monkeypatch.setattr(layers, "FROM_ROWS", 1)
    monkeypatch.setattr(layers, "MOST_SHARE", 1e9)


@pytest.mark.usefixtures("layered")
def test_a_small_load_writes_one_file_above_the_others(vault: Vault) -> None:
    keep(vault, *[(f"shop:A{n}", "shop", "full_name", "x") for n in range(2000)])

    assert keep(vault, ("shop:A7", "shop", "full_name", "y")) == {"above.0001.parquet": True}
    assert ("shop:A7", "shop", "full_name", "y") in held(vault)
    assert len(held(vault)) == 2000


@pytest.mark.usefixtures("layered")
def test_the_file_above_is_encrypted_like_the_others(vault: Vault) -> None:
    keep(vault, ("till:9", "till", "phone", "1"))
    (name,) = keep(vault, ANN)

    content = (vault.folder / name).read_bytes()
    assert content[:4] == b"PARE"
    assert "王芳".encode() not in content


@pytest.mark.usefixtures("layered")
def test_nothing_lies_above_where_nothing_is_new(vault: Vault) -> None:
    keep(vault, ANN)

    assert keep(vault, ANN) == {}
    assert touched(vault, ANN) == []


@pytest.mark.parametrize("share", [1e9, -1.0])
def test_the_same_rows_again_change_nothing_above_others_either(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    other: Entry = ("till:9", "till", "phone", "1")
    keep(vault, ANN)
    monkeypatch.setattr(layers, "FROM_ROWS", 1)
    monkeypatch.setattr(layers, "MOST_SHARE", 1e9)
    keep(vault, other)
    monkeypatch.setattr(layers, "MOST_SHARE", share)

    assert keep(vault, ANN, other) == {}
    assert keep(vault, ANN, other, without=("shop", "till")) == {}
    assert held(vault) == {ANN, other}


@pytest.mark.usefixtures("layered")
def test_what_lies_above_goes_when_a_source_goes(vault: Vault) -> None:
    stays: Entry = ("till:A1", "till", "full_name", "李四")
    keep(vault, stays)
    keep(vault, ANN)

    changed = keep(vault, without=("shop",))

    assert changed["above.0001.parquet"] is False
    assert held(vault) == {stays}


def test_vaults_in_layers_and_without_hold_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(5)
    loads = [
        [
            (f"{source}:A{draw.randrange(9)}", source, field, str(draw.randrange(3)))
            for _ in range(draw.randrange(8))
            for source in draw.sample(["shop", "till"], 1)
            for field in draw.sample(["full_name", "address", "phone"], 1)
        ]
        for _ in range(24)
    ]
    results = []
    for folder, share in (("whole", -1.0), ("layers", 1e9)):
        monkeypatch.setattr(layers, "FROM_ROWS", 1)
        monkeypatch.setattr(layers, "MOST_SHARE", share)
        vault = open_vault(read_settings(home=tmp_path / folder), SECRET)
        told = [(touched(vault, *rows), held(vault)) for rows in loads]
        results.append(told)
        assert bool(list(vault.folder.glob("above*"))) == (folder == "layers")

    assert results[0] == results[1]


def test_the_secret_is_never_shown() -> None:
    assert SECRET.vault.hex() not in repr(SECRET)
    assert repr(SECRET.vault) not in repr(Vault(Path(), SECRET))
    assert isinstance(SECRET, Secret)
