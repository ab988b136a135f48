"""Bytes: every file by itself the same for a seed, other for another, alike at any size."""

import hashlib
import json
import re
import struct
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from loaders.demo import DemoReport, write
from loaders.demo.company import Company, company_of
from loaders.demo.files import write_extract
from loaders.demo.profile import RETAIL
from tests.chances import near
from tests.demo_exports import EXPORTS
from tests.demo_reader import Reader

N = 400
# what is the company's own and drawn by nobody's seed
SEEDLESS = {"erp/categories.parquet", "crm/campaigns.csv", "company.toml"}
FEW_PATHS = (
    "company.toml",
    "truth/accounts.parquet",
    "call/tickets.xlsx",
    "community/posts.jsonl",
    "community/users.jsonl",
    "crm/balances.csv",
    "crm/campaigns.csv",
    "crm/consents.csv",
    "crm/exposures.csv",
    "crm/members.csv",
    "erp/categories.parquet",
    "erp/customers.parquet",
    "erp/order_lines.parquet",
    "erp/orders.parquet",
    "erp/products.parquet",
    "erp/stores.parquet",
    "partner/audience.csv",
    "pos/lines_202407.csv",
    "pos/receipts_202606.csv",
    "web/events_202502.jsonl.gz",
    "web/users.jsonl",
    "web/visitors.jsonl.gz",
)


class Shelf:
    """Companies written once a module; ``copy`` tells two equal ones apart."""

    def __init__(self, room: Path) -> None:
        self._room = room

    def __call__(self, copy: int, *, seed: int = 7, customers: int = N) -> tuple[Path, DemoReport]:
        folder = self._room / f"{copy}-{seed}-{customers}"
        return folder, write(folder, customers=customers, seed=seed)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("companies"))


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def clear_values(folder: Path) -> set[bytes]:
    """Return names, numbers, mails and streets of the shop's buyers as they stand in its file."""
    buyers = pq.read_table(folder / "erp/customers.parquet").to_pydict()
    columns = ("receiver", "phone", "email", "address", "open_id", "union_id")
    return {str(value).encode() for name in columns for value in buyers[name] if value}


# ---------------------------------------------------------------- the same seed, file by file


@pytest.mark.parametrize("path", FEW_PATHS)
def test_a_file_has_the_same_bytes_in_two_companies_of_one_seed(shelf: Shelf, path: str) -> None:
    first, second = shelf(1)[0] / path, shelf(2)[0] / path

    assert first.stat().st_size > 100
    assert digest(first) == digest(second)


@pytest.mark.parametrize("path", FEW_PATHS)
def test_a_file_has_other_bytes_for_another_seed_where_anything_is_drawn(
    shelf: Shelf, path: str
) -> None:
    first, second = shelf(1)[0] / path, shelf(1, seed=8)[0] / path

    assert (digest(first) == digest(second)) == (path in SEEDLESS)


def test_both_copies_and_both_seeds_have_the_same_files(shelf: Shelf) -> None:
    paths = [set(shelf(*at)[1].files) for at in ((1,), (2,))]

    assert paths[0] == paths[1] == set(shelf(1, seed=8)[1].files)
    assert {
        path for path in FEW_PATHS if path not in {"company.toml", "truth/accounts.parquet"}
    } <= (paths[0])


def test_the_time_of_writing_is_in_no_gzip_header(shelf: Shelf) -> None:
    packed = sorted(shelf(1)[0].rglob("*.gz"))

    assert len(packed) == 25
    for path in packed:
        magic, method, flags, mtime = struct.unpack("<HBBI", path.read_bytes()[:8])
        assert (magic, method) == (0x8B1F, 8)
        assert (flags, mtime) == (0, 0)


@pytest.mark.parametrize("source", list(EXPORTS))
def test_a_system_exports_the_same_whoever_exported_before_it(source: str, tmp_path: Path) -> None:
    """Streams are named, so no system takes draws away from another."""
    alone, after = company_of(RETAIL, N, seed=7), company_of(RETAIL, N, seed=7)

    for other in EXPORTS:
        EXPORTS[other](after)

    assert _digests(alone, source, tmp_path / "a") == _digests(after, source, tmp_path / "b")


def _digests(company: Company, source: str, folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for extract in EXPORTS[source](company).extracts:
        found |= {path: digest(folder / path) for path in write_extract(extract, folder)}
    return found


# ---------------------------------------------------------------- any size is like any other


def per_customer(shelf: Shelf, customers: int) -> dict[str, float]:
    report = shelf(1, customers=customers)[1]
    return {name: n / customers for name, n in report.tables.items()}


@pytest.mark.parametrize(
    "table",
    [
        "accounts",
        "identifiers",
        "orders",
        "order_lines",
        "events",
        "consents",
        "balances",
    ],
)
def test_a_customer_has_as_many_rows_in_a_small_company_as_in_a_larger_one(
    shelf: Shelf, table: str
) -> None:
    small, large = per_customer(shelf, 500)[table], per_customer(shelf, 5_000)[table]

    assert small == pytest.approx(large, rel=0.15)


@pytest.mark.parametrize("customers", [500, 5_000])
def test_each_of_twelve_actions_reaches_a_tenth_of_the_members(
    shelf: Shelf, customers: int
) -> None:
    folder, report = shelf(1, customers=customers)
    truth = pq.read_table(folder / "truth/accounts.parquet")["account_id"].to_pylist()
    n_members = sum(key.startswith("crm:") for key in truth)

    sent = report.tables["exposures"] / (12 * n_members)

    assert sent == near(0.1, n=12 * n_members)


@pytest.mark.parametrize("table", ["categories", "products", "stores", "campaigns"])
def test_the_company_itself_does_not_grow_with_its_customers(shelf: Shelf, table: str) -> None:
    small, large = (shelf(1, customers=n)[1].tables[table] for n in (500, 5_000))

    assert small == large


@pytest.mark.parametrize(
    "path", ["erp/products.parquet", "erp/stores.parquet", "erp/categories.parquet", "company.toml"]
)
def test_the_assortment_has_the_same_bytes_at_any_size(shelf: Shelf, path: str) -> None:
    small, large = (shelf(1, customers=n)[0] / path for n in (500, 5_000))

    assert digest(small) == digest(large)


def test_the_shares_of_systems_in_the_truth_are_the_same_at_any_size(shelf: Shelf) -> None:
    shares = []
    for customers in (500, 5_000):
        truth = pq.read_table(shelf(1, customers=customers)[0] / "truth/accounts.parquet")
        sources = [key.partition(":")[0] for key in truth["account_id"].to_pylist()]
        shares.append({name: sources.count(name) / len(sources) for name in EXPORTS})

    for name in EXPORTS:
        assert shares[0][name] == pytest.approx(shares[1][name], abs=0.04)


def test_a_smaller_company_is_not_the_beginning_of_a_larger_one() -> None:
    """Draws are by column: the first persons of two sizes are different people."""
    few, many = company_of(RETAIL, 200, seed=7), company_of(RETAIL, 400, seed=7)

    assert few.people.surname.to_pylist() != many.people.surname.to_pylist()[:200]
    assert few.catalogue.price.tolist() == many.catalogue.price.tolist()


# ---------------------------------------------------------------- the truth holds no person


def test_no_personal_value_stands_in_the_truth(shelf: Shelf) -> None:
    folder = shelf(1)[0]
    truth = pq.read_table(folder / "truth/accounts.parquet").to_pydict()
    # a till's or caller's account is the number that was typed: the key itself, nothing beside it
    keyed_by_number = ("pos:", "call:")
    cells = {
        str(cell)
        for name, column in truth.items()
        for cell in column
        if not (name == "account_id" and str(cell).startswith(keyed_by_number))
    }

    text = "\n".join(sorted(cells)).encode()

    assert len(clear_values(folder)) > 300
    assert not [value for value in clear_values(folder) if value in text]


def test_the_truth_has_three_columns_of_keys_and_nothing_else(shelf: Shelf) -> None:
    truth = pq.read_table(shelf(1)[0] / "truth/accounts.parquet").to_pydict()

    assert list(truth) == ["account_id", "person_id", "household_id"]
    assert all(re.fullmatch(r"P\d{8}", key) for key in truth["person_id"])
    assert all(re.fullmatch(r"H\d{8}", key) for key in truth["household_id"])
    assert truth["account_id"] == sorted(truth["account_id"])


def test_neither_manifest_nor_marker_holds_a_personal_value(shelf: Shelf) -> None:
    folder = shelf(1)[0]
    text = (folder / "company.toml").read_bytes() + (folder / ".demo.json").read_bytes()

    assert not [value for value in clear_values(folder) if value in text]


def test_the_partner_gets_neither_name_nor_number_nor_mail(shelf: Shelf) -> None:
    folder = shelf(1)[0]
    audience = (folder / "partner/audience.csv").read_bytes()

    assert not [value for value in clear_values(folder) if value in audience]


@pytest.mark.parametrize(
    "path", ["community/posts.jsonl", "erp/orders.parquet", "erp/order_lines.parquet"]
)
def test_facts_hold_no_name_number_mail_or_street(shelf: Shelf, path: str) -> None:
    folder = shelf(1)[0]
    buyers = pq.read_table(folder / "erp/customers.parquet").to_pydict()
    personal = {str(v) for c in ("phone", "email", "address") for v in buyers[c] if v}

    if path.endswith(".parquet"):
        cells = {
            str(v) for column in pq.read_table(folder / path).columns for v in column.to_pylist()
        }
        assert not cells & personal
    else:
        text = (folder / path).read_text("utf-8")
        assert not [value for value in personal if value in text]


# ---------------------------------------------------------------- counts and marker


def test_the_report_counts_the_rows_that_a_reader_finds_file_by_file(shelf: Shelf) -> None:
    folder, report = shelf(1)
    reader = Reader(folder, report)

    for source in reader.sources.values():
        for name, entry in source["files"].items():
            paths = [str(path.relative_to(folder)) for path in reader.paths(entry)]
            counted = sum(report.files[path] for path in paths)
            assert reader.frame(source["name"], name).num_rows == counted, name


def test_the_marker_repeats_the_report_and_lists_every_file_sorted(shelf: Shelf) -> None:
    folder, report = shelf(1)
    marker = json.loads((folder / ".demo.json").read_text("utf-8"))

    assert marker["report"]["files"] == dict(report.files)
    assert marker["report"]["tables"] == dict(report.tables)
    assert marker["paths"] == sorted([*report.files, "company.toml", "truth/accounts.parquet"])
    assert re.fullmatch(r"[0-9a-f]{64}", marker["digest"])


def test_the_digest_of_the_marker_is_over_the_digests_of_the_files(shelf: Shelf) -> None:
    folder, _ = shelf(1)
    marker = json.loads((folder / ".demo.json").read_text("utf-8"))

    total = hashlib.sha256()
    for path in marker["paths"]:
        total.update(hashlib.sha256((folder / path).read_bytes()).digest())

    assert marker["digest"] == total.hexdigest()
