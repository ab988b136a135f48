"""The deck's company in a folder: of one size, the same bytes for a seed, its truth apart."""

import hashlib
import tomllib
from pathlib import Path

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from loaders.demo import DemoError, DemoReport, folder_name, write
from tests.deck_figures import GROUPS

TRUTH = "truth/accounts.parquet"
ROWS = {
    "club/members.csv": 9_965,
    "club/orders.csv": 110_110,
    "club/posts.csv": 2_894,
    "counter/articles.csv": 11,
    "counter/categories.csv": 11,
    "counter/lines.csv": 12_432,
    "counter/receipts.csv": 12_419,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("deck")
    write(made, "deck")
    return made


def report(folder: Path) -> DemoReport:
    """Return what lies there already."""
    found = write(folder, "deck")
    assert not found.is_new
    return found


def digests(folder: Path) -> dict[str, str]:
    return {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in [*ROWS, TRUTH]
    }


def test_files_are_comma_separated_with_the_counted_rows(folder: Path) -> None:
    assert report(folder).files == ROWS
    assert {path: pc.read_csv(folder / path).num_rows for path in ROWS} == ROWS


def test_tables_are_those_of_both_sources(folder: Path) -> None:
    assert report(folder).tables == {
        "accounts": 9_965,
        "categories": 11,
        "identifiers": 9_965,
        "order_lines": 12_432,
        "orders": 110_110 + 12_419,
        "posts": 2_894,
        "products": 11,
    }


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path, folder: Path) -> None:
    write(tmp_path, "deck")

    assert digests(tmp_path) == digests(folder)


def test_another_seed_gives_other_members_in_as_many_rows(tmp_path: Path, folder: Path) -> None:
    other = write(tmp_path, "deck", seed=8)

    same = {path for path, digest in digests(tmp_path).items() if digest == digests(folder)[path]}
    assert other.files == ROWS
    assert same == {"counter/articles.csv", "counter/categories.csv"}


def test_parquet_holds_the_same_rows(tmp_path: Path, folder: Path) -> None:
    parquet = write(tmp_path, "deck", formats="parquet")

    assert parquet.tables == report(folder).tables
    assert sum(parquet.files.values()) == sum(ROWS.values())
    assert all(path.endswith(".parquet") for path in parquet.files)


def test_the_truth_names_every_member_once_with_the_printed_group(folder: Path) -> None:
    truth = pq.read_table(folder / TRUTH).to_pandas()

    assert truth.columns.tolist() == ["account_id", "person_id", "household_id", "deck_group"]
    assert truth["account_id"].is_unique
    assert truth["account_id"].is_monotonic_increasing
    assert truth["person_id"].is_unique
    assert truth["household_id"].is_unique
    assert truth["deck_group"].value_counts().to_dict() == {g: row.n for g, row in GROUPS.items()}


def test_no_source_file_tells_the_group(folder: Path) -> None:
    assert not any("group" in (folder / path).read_text("utf-8") for path in ROWS)
    assert TRUTH not in (folder / "company.toml").read_text("utf-8").split("[company]")[1]


def test_the_manifest_says_what_is_printed_and_what_is_constructed(folder: Path) -> None:
    text = (folder / "company.toml").read_text("utf-8")
    comment = text.split("[company]")[0]

    assert "# Printed in the deck" in comment
    assert "# Constructed:" in comment
    for figure in ("9,965", "1,993", "721", "81", "11.05", "13,805.11", "12,419"):
        assert figure in comment
    assert [source["name"] for source in tomllib.loads(text)["source"]] == ["club", "counter"]


@pytest.mark.parametrize("customers", [100, 9_964, 20_000])
def test_no_other_number_of_customers_can_be_asked_for(tmp_path: Path, customers: int) -> None:
    with pytest.raises(DemoError, match="9,965 customers; leave the number out") as refusal:
        write(tmp_path / "none", "deck", customers=customers)

    assert refusal.value.facts["value"] == customers
    assert refusal.value.message("zh").endswith("方案 deck 固定为 9,965 个客户，请去掉此项。")
    assert not (tmp_path / "none").exists()


def test_its_own_number_may_be_asked_for(folder: Path) -> None:
    assert not write(folder, "deck", customers=9_965).is_new


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (folder_name("deck"), "deck-9965-7"),
        (folder_name("deck", seed=3, customers=None), "deck-9965-3"),
        (folder_name("retail"), "retail-20000-7"),
        (folder_name("identity", preset=None, customers=500), "identity-500-7"),
        (folder_name("identity", preset="mild", customers=500), "identity-mild-500-7"),
    ],
)
def test_a_folder_is_named_after_what_was_asked_for(name: str, expected: str) -> None:
    assert name == expected


def test_a_company_that_cannot_be_made_has_no_folder_name() -> None:
    with pytest.raises(DemoError, match="known profiles are retail, identity, deck"):
        folder_name("wholesale")
