"""The identity company through the loader: nothing rejected, digests met, money kept."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from graph.staging import committed_files
from loaders.demo import Formats, write
from loaders.demo.vocabulary import words
from tests.demo_reader import Reader
from tests.identity_company import SOURCES
from tests.loading import Shop, Staged

N = 500


def loaded(folder: Path, *, formats: Formats) -> tuple[Shop, Staged]:
    shop = Shop(folder)
    write(shop.data, "identity", customers=N, seed=4, formats=formats)
    return shop, shop.load((shop.data / "company.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, Staged]:
    return loaded(tmp_path_factory.mktemp("identity"), formats="parquet")


def column(shop: Shop, table: str, name: str) -> list[object]:
    return [
        value
        for (_, found), path in committed_files(shop.settings).items()
        if found == table
        for value in pq.read_table(list(path))[name].to_pylist()
    ]


def test_nothing_is_rejected_conflicting_or_cleaned(company: tuple[Shop, Staged]) -> None:
    reports = company[1].prepared.report.tables

    assert {report.source for report in reports} == set(SOURCES)
    for report in reports:
        assert report.read == report.accepted == report.new, (report.source, report.table)
        assert not report.rejected
        assert (report.conflicts, report.cleaned, report.duplicates) == ({}, 0, 0)


def test_every_column_of_the_files_is_read(company: tuple[Shop, Staged]) -> None:
    assert company[1].prepared.report.unread == {}
    assert company[1].prepared.report.empty_tables == []


def test_counts_are_those_of_the_report(company: tuple[Shop, Staged]) -> None:
    shop, staged = company
    report = write(shop.data, "identity", customers=N, seed=4)
    found: Counter[str] = Counter()

    for table in staged.prepared.report.tables:
        found[table.table] += table.new

    assert not report.is_new
    assert found == report.tables


def test_loaded_accounts_are_those_of_the_truth(company: tuple[Shop, Staged]) -> None:
    shop, _ = company
    truth = pq.read_table(shop.data / "truth/accounts.parquet")["account_id"].to_pylist()

    assert sorted(map(str, column(shop, "accounts", "account_id"))) == sorted(truth)


@pytest.mark.slow
def test_both_formats_leave_the_same_home(tmp_path: Path, company: tuple[Shop, Staged]) -> None:
    other, _ = loaded(tmp_path, formats="files")

    assert other.held() == company[0].held()


@pytest.mark.slow
def test_loading_again_changes_nothing(company: tuple[Shop, Staged]) -> None:
    shop, _ = company

    again = shop.load((shop.data / "company.toml").read_text("utf-8"))

    assert not again.prepared.report.changed_anything


def test_a_partners_digest_and_the_clear_number_are_one_identifier(
    company: tuple[Shop, Staged],
) -> None:
    shop, _ = company
    keys: dict[str, set[object]] = {}
    for source in ("crm", "partner"):
        rows = pq.read_table(
            list(committed_files(shop.settings)[source, "identifiers"])
        ).to_pylist()
        keys[source] = {row["identifier_key"] for row in rows if row["kind"] == "phone"}

    met = keys["crm"] & keys["partner"]

    # told to the CRM 42 %, of the 18 % of persons who are with the partner by phone
    assert 0.2 < len(met) / len(keys["partner"]) < 0.5


def test_a_cookie_of_the_partner_is_one_of_the_webs(company: tuple[Shop, Staged]) -> None:
    shop, _ = company
    files = committed_files(shop.settings)

    web, partner = (
        {
            row["identifier_key"]
            for row in pq.read_table(list(files[source, "identifiers"])).to_pylist()
            if row["kind"] == "cookie"
        }
        for source in ("web", "partner")
    )

    assert web & partner
    assert partner - web


def test_only_logged_in_visitors_and_members_are_authenticated(
    company: tuple[Shop, Staged],
) -> None:
    shop, _ = company
    reader = Reader(shop.data, write(shop.data, "identity", customers=N, seed=4))
    logged_in = reader.frame("web", "visitors").to_pandas().set_index("visitor")["logged_in"]

    rows = pq.read_table(list(committed_files(shop.settings)["web", "identifiers"])).to_pandas()

    visitor = rows["account_id"].str.removeprefix("web:")
    assert (rows["is_authenticated"].to_numpy() == logged_in[visitor].to_numpy()).all()
    partner = pq.read_table(
        list(committed_files(shop.settings)["partner", "identifiers"])
    ).to_pandas()
    assert not partner.loc[partner["kind"] == "cookie", "is_authenticated"].any()


def test_money_is_exactly_what_the_files_say(company: tuple[Shop, Staged]) -> None:
    shop, _ = company
    total = Decimal(0)
    for source in ("crm", "shop"):
        amounts = pq.read_table(shop.data / source / "orders.parquet")["amount"].to_pylist()
        total += sum(amounts, Decimal(0))

    staged = [amount for amount in column(shop, "orders", "amount") if isinstance(amount, int)]

    assert sum(staged) == int(total * 10_000)


def test_defaults_that_are_no_numbers_make_no_identifier(company: tuple[Shop, Staged]) -> None:
    shop, _ = company
    cards = pq.read_table(shop.data / "till/cards.parquet").to_pandas().set_index("card_no")
    rows = pq.read_table(list(committed_files(shop.settings)["till", "identifiers"])).to_pandas()
    with_phone = set(rows.loc[rows["kind"] == "phone", "account_id"].str.removeprefix("till:"))

    typed = set(cards.index[cards["phone"].notna()])
    no_numbers = set(
        cards.index[
            cards["phone"].isin([w for w in words("machines", "default_phones") if len(w) != 11])
        ]
    )

    assert with_phone <= typed
    assert not with_phone & no_numbers


def test_no_two_times_are_the_wrong_way_round(company: tuple[Shop, Staged]) -> None:
    for (_, table), path in committed_files(company[0].settings).items():
        if table == "identifiers":
            rows = pq.read_table(list(path)).to_pandas()
            assert rows["first_seen_at"].notna().all()
            assert (rows["first_seen_at"] <= rows["last_seen_at"]).all()


def test_personal_columns_reach_the_vault_alone(company: tuple[Shop, Staged]) -> None:
    shop, _ = company
    names = set(
        pq.read_table(shop.data / "crm/members.parquet")["full_name"].drop_null().to_pylist()
    )

    for path in committed_files(shop.settings).values():
        table = pq.read_table(list(path))
        assert not {"full_name", "birth_date", "address", "value"} & set(table.column_names)
        texts = {
            v for name in table.column_names for v in table[name].to_pylist() if isinstance(v, str)
        }
        assert not names & texts


@pytest.mark.slow
def test_the_partner_can_be_taken_out(company: tuple[Shop, Staged], tmp_path: Path) -> None:
    shop, _ = loaded(tmp_path, formats="parquet")

    shop.unload("partner")

    sources = {source for source, _ in committed_files(shop.settings)}
    assert sources == set(SOURCES) - {"partner"}
    assert len(column(company[0], "accounts", "account_id")) > len(
        column(shop, "accounts", "account_id")
    )
