"""What a home knows beside its graph: policy, vault, words, model; and what is refused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.decisions import DecisionsError, decisions_file, record
from algorithms.identity.ground import (
    DETAILS,
    adopt_policy,
    described,
    persons_of,
    read_details,
    read_ground,
)
from algorithms.identity.linkage.model import ModelError
from algorithms.identity.persons import PERSONS, cores_of
from algorithms.identity.policy import PolicyError, read_policy
from algorithms.identity.words import NO_WORDS, Word
from graph.secret import SecretError, secret_of
from graph.settings import Settings, read_settings
from graph.vault import COLUMNS, Vault, VaultError, file_name, write_encrypted

SECRET, OTHER_SECRET = "ab" * 32, "cd" * 32
Fact = tuple[str, str, str]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    (folder / "secret").write_text(SECRET)
    return read_settings(home=folder)


def fill(settings: Settings, facts: Sequence[Fact], *, folder: str = "vault") -> Vault:
    """Put facts (account, field, value) into the vault of a home."""
    vault = Vault(settings.home / folder, secret_of(bytes.fromhex(SECRET)))
    rows = [
        dict(zip(COLUMNS, (account, account.split(":")[0], name, value), strict=True))
        for account, name, value in facts
    ]
    table = pa.Table.from_pylist(rows, pa.schema([(name, pa.string()) for name in COLUMNS]))
    vault.prepare(table, folder=vault.folder)
    return vault


def held(settings: Settings) -> dict[str, bytes]:
    files = (path for path in settings.home.rglob("*") if path.is_file())
    return {str(path.relative_to(settings.home)): path.read_bytes() for path in files}


# ------------------------------------------------------------------------ the policy


def test_without_a_home_the_shipped_policy_stands_alone() -> None:
    ground = read_ground(None)

    assert ground.policy == read_policy()
    assert (ground.vault, ground.words, ground.model) == (None, NO_WORDS, None)
    assert not ground.resembles


def test_a_home_without_a_policy_has_the_shipped_one(home: Settings) -> None:
    ground = read_ground(home)

    assert ground.policy == read_policy()
    assert ground.resembles


def test_the_policy_of_a_home_lies_over_the_shipped_one(home: Settings) -> None:
    (home.home / "identity.toml").write_text('[linkage]\nmode = "off"\n')

    ground = read_ground(home)

    assert ground.policy.linkage.mode == "off"
    assert ground.policy.kinds == read_policy().kinds
    assert not ground.resembles


def test_a_policy_that_is_tried_takes_the_place_of_the_home_s(
    home: Settings, tmp_path: Path
) -> None:
    (home.home / "identity.toml").write_text('[linkage]\nmode = "off"\n')
    tried = tmp_path / "tried.toml"
    tried.write_text("[kinds.phone]\ncap = 2\n")

    policy = read_ground(home, policy=tried).policy

    assert (policy.linkage.mode, policy.kinds["phone"].cap) == ("likely", 2)
    assert (home.home / "identity.toml").read_text() == '[linkage]\nmode = "off"\n'


def test_a_policy_that_is_adopted_is_the_home_s_own(home: Settings, tmp_path: Path) -> None:
    wished = tmp_path / "wished.toml"
    wished.write_text('[linkage]\nmode = "careful"\n')

    adopt_policy(home, wished)

    wished.unlink()
    assert read_ground(home).policy.linkage.mode == "careful"
    assert sorted(path.name for path in home.home.iterdir()) == ["identity.toml", "secret"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[kinds.fax]\nstrength = 'weak'\npriority = 11\nconfidence = 0.5\n", "kinds.fax"),
        ("[kinds.phone]\nstrength = 'iron'\n", "kinds.phone.strength"),
        ("[kinds.phone]\ncolour = 'red'\n", "kinds.phone.colour"),
        ("[linkage]\nmode = 'bold'\n", "linkage.mode"),
        ("[weights.others]\nrobot = 1.0\n", "weights.others.robot"),
        ("this is no toml", "file"),
    ],
)
def test_an_impossible_policy_is_refused_by_name(home: Settings, text: str, place: str) -> None:
    (home.home / "identity.toml").write_text(text)

    with pytest.raises(PolicyError) as refused:
        read_ground(home)

    assert place in str(refused.value)
    assert "identity.toml" in str(refused.value)


def test_a_policy_file_that_is_not_there_is_refused(home: Settings) -> None:
    with pytest.raises(PolicyError):
        read_ground(home, policy=home.home / "nowhere.toml")


# ------------------------------------------------------------------------ words and model


def test_words_that_are_tried_count_after_those_recorded(home: Settings) -> None:
    said = Word("together", "anna", "one voice", ("crm:1", "erp:1"))
    record(decisions_file(home), [said])
    tried = Word("apart", "anna", "two voices", ("crm:1", "erp:1"), decision_id="d000002")

    plain, with_tried = read_ground(home), read_ground(home, spoken=(tried,))

    assert plain.words.pins["is_together"].to_pylist() == [True]
    assert with_tried.words.pins["is_together"].to_pylist() == [False]
    assert read_ground(home).words == plain.words


def test_a_damaged_record_of_decisions_is_refused(home: Settings) -> None:
    decisions_file(home).write_text("no json\n")

    with pytest.raises(DecisionsError):
        read_ground(home)


def test_a_damaged_model_is_refused(home: Settings) -> None:
    (home.home / "models").mkdir()
    (home.home / "models" / "linkage.json").write_text("{}")

    with pytest.raises(ModelError):
        read_ground(home)


# ------------------------------------------------------------------------ the vault


def test_details_are_one_row_an_account(home: Settings) -> None:
    vault = fill(
        home,
        [
            ("crm:2", "birth_date", "1990-04-07"),
            ("crm:1", "full_name", "Ann Moss"),
            ("crm:1", "phone", "13900001111"),
            ("crm:1", "phone", "13812345678"),
            ("crm:2", "email", "ann@example.org"),
        ],
    )

    details = read_details(vault)

    assert details.schema == DETAILS
    assert details["account_id"].to_pylist() == ["crm:1", "crm:2"]
    assert details["full_name"].to_pylist() == ["Ann Moss", None]
    assert details["birth_date"].to_pylist() == [None, "1990-04-07"]
    assert details["phone"].to_pylist() == [["13812345678", "13900001111"], None]
    assert details["email"].to_pylist() == [None, ["ann@example.org"]]


def test_details_of_some_are_those_of_all_but_fewer(home: Settings) -> None:
    vault = fill(home, [(f"crm:{n}", "full_name", f"name {n}") for n in range(50)])
    some = pa.array(["crm:7", "crm:41", "web:1"])

    details = read_details(vault, accounts=some)

    everything = read_details(vault).to_pylist()
    assert details.to_pylist() == [r for r in everything if r["account_id"] in ("crm:7", "crm:41")]


def test_of_no_vault_and_of_an_empty_one_nothing_is_known(home: Settings) -> None:
    assert read_details(None).equals(DETAILS.empty_table())
    assert read_details(read_ground(home).vault).equals(DETAILS.empty_table())
    assert read_details(fill(home, []), accounts=pa.array([], pa.string())).num_rows == 0


def test_the_vault_of_a_load_that_is_prepared_is_read_with_the_home_s_secret(
    home: Settings,
) -> None:
    fill(home, [("crm:1", "full_name", "Ann Moss")], folder="staging/.load-1/vault")

    ground = read_ground(home, vault=home.home / "staging/.load-1/vault")

    assert read_details(ground.vault)["full_name"].to_pylist() == ["Ann Moss"]
    assert read_details(read_ground(home).vault).num_rows == 0


def test_with_another_secret_the_vault_is_not_read_and_nothing_is_overwritten(
    home: Settings,
) -> None:
    fill(home, [("crm:1", "full_name", "Ann Moss")])
    (home.home / "secret").write_text(OTHER_SECRET)
    before = held(home)

    with pytest.raises(VaultError) as refused:
        read_details(read_ground(home).vault)

    assert "vault" in str(refused.value)
    assert "Ann Moss" not in str(refused.value)
    assert held(home) == before


def test_a_single_damaged_file_of_the_vault_is_told(home: Settings) -> None:
    vault = fill(home, [("crm:1", "full_name", "Ann Moss")])
    stranger = secret_of(bytes.fromhex(OTHER_SECRET)).vault
    rows = vault.read(0)
    write_encrypted(rows, vault.folder / file_name(0), key=stranger)

    with pytest.raises(VaultError):
        read_details(vault)


def test_a_missing_secret_is_not_made_up_beside_a_vault(home: Settings) -> None:
    fill(home, [("crm:1", "full_name", "Ann Moss")])
    (home.home / "secret").unlink()
    before = held(home)

    with pytest.raises(SecretError):
        read_ground(home)

    assert held(home) == before


# ------------------------------------------------------------------------ persons


def test_what_accounts_say_stands_beside_what_the_vault_knows(home: Settings) -> None:
    vault = fill(home, [("crm:1", "full_name", "Ann Moss"), ("erp:2", "full_name", "Bo Fell")])
    accounts = pa.table(
        {
            "account_id": ["erp:2", "crm:9", "crm:1"],
            "city": ["Hefei", "Wuhan", None],
            "birth_year": pa.array([1990, 1991, None], pa.int64()),
        }
    )

    told = described(read_details(vault), accounts)

    assert told.select(["account_id", "city", "birth_year", "source"]).to_pylist() == [
        {"account_id": "crm:1", "city": None, "birth_year": None, "source": "crm"},
        {"account_id": "erp:2", "city": "Hefei", "birth_year": 1990, "source": "erp"},
    ]


def test_a_name_in_two_parts_is_a_name(home: Settings) -> None:
    vault = fill(
        home,
        [
            ("crm:1", "full_name", "Ann Moss"),
            ("crm:2", "given_name", "Ann"),
            ("crm:2", "family_name", "Moss"),
            ("crm:3", "birth_date", "1990-04-07"),
            ("crm:4", "full_name", "Bodo Fellner"),
        ],
    )

    persons = persons_of(read_details(vault))

    cores = cores_of(persons, pa.array(["crm:1", "crm:2", "crm:3", "crm:4"]))
    ann, moss_ann, nobody, bo = (cores.together(np.array([place])) for place in range(4))
    assert persons.schema == PERSONS
    assert persons["birth_date"].to_pylist() == [None, None, "1990-04-07", None]
    assert cores.contradiction(ann, moss_ann) is None
    assert cores.contradiction(ann, nobody) is None
    assert cores.contradiction(ann, bo) == cores.contradiction(moss_ann, bo) == "name"


def test_a_given_name_alone_is_no_name(home: Settings) -> None:
    vault = fill(home, [("crm:1", "given_name", "Ann")])

    assert persons_of(read_details(vault))["name"].to_pylist() == [None]
