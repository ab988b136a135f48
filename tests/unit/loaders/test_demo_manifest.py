"""The demo's manifest, read by a small reader of the tests: it must say what the files hold."""

import json
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest

from loaders.demo import Formats, write
from loaders.demo.vocabulary import words
from tests.demo_reader import Reader

N = 3_000


@pytest.fixture(scope="module", params=["files", "parquet"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    formats: Formats = request.param
    folder = tmp_path_factory.mktemp("demo")
    return Reader(folder, write(folder, customers=N, formats=formats))


def test_the_manifest_passes_the_loaders_own_check(reader: Reader) -> None:
    from loaders.manifest import read_manifest

    manifest = read_manifest(reader.folder / "company.toml")

    assert [source.name for source in manifest.source] == list(reader.sources)
    assert (manifest.company.currency, manifest.company.timezone) == ("CNY", "Asia/Shanghai")


def test_every_file_is_named_and_every_name_is_a_file(reader: Reader) -> None:
    named = [
        path
        for source in reader.manifest["source"]
        for entry in source["files"].values()
        for path in reader.paths(entry)
    ]

    on_disk = set(reader.report.files)
    assert {str(path.relative_to(reader.folder)) for path in named} == on_disk
    assert len(named) == len(on_disk)


def test_the_truth_is_never_named(reader: Reader) -> None:
    assert "truth" not in (reader.folder / "company.toml").read_text("utf-8")


def test_no_mark_is_left_unfilled(reader: Reader) -> None:
    text = (reader.folder / "company.toml").read_text("utf-8")

    assert not re.findall(r"# (?:files of|caller|default phones)", text)


def test_third_party_data_rests_on_consent_and_hides_its_keys(reader: Reader) -> None:
    partner = reader.sources["partner"]

    assert (partner["party"], partner["legal_basis"]) == ("third", "consent")
    hidden = {name for name, source in reader.sources.items() if source["personal_key"]}
    assert hidden == {"pos", "call", "partner"}
    assert reader.sources["community"]["text"] == "public"


@pytest.mark.parametrize("personal", [False, True])
def test_keys_that_look_personal_are_declared_so(reader: Reader, *, personal: bool) -> None:
    pattern = re.compile(r"1[3-9]\d{9}|\S+@\S+|[0-9a-f]{32}", re.IGNORECASE)

    for source, rows in reader.tables("accounts"):
        if reader.sources[source]["personal_key"] is personal:
            share = rows["account_key"].map(lambda key: bool(pattern.fullmatch(key))).mean()
            assert bool(share > 0.2) is personal, source


def test_accounts_are_exactly_those_of_the_truth(reader: Reader) -> None:
    found = {
        f"{source}:{key}"
        for source, rows in reader.tables("accounts")
        for key in rows["account_key"]
    }

    truth = pq.read_table(reader.folder / "truth/accounts.parquet")["account_id"].to_pylist()

    assert found == set(truth)


@pytest.mark.parametrize(
    "table", ["identifiers", "orders", "events", "posts", "tickets", "exposures", "consents"]
)
def test_facts_name_only_accounts_of_the_truth(reader: Reader, table: str) -> None:
    truth = set(pq.read_table(reader.folder / "truth/accounts.parquet")["account_id"].to_pylist())

    for source, rows in reader.tables(table):
        named = {f"{source}:{key}" for key in rows["account_key"].dropna()}
        assert named
        assert named <= truth


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("orders", "order_key"),
        ("events", "event_key"),
        ("posts", "post_key"),
        ("tickets", "ticket_key"),
        ("products", "product_key"),
        ("categories", "category_key"),
        ("stores", "store_key"),
        ("campaigns", "campaign_key"),
        ("accounts", "account_key"),
    ],
)
def test_the_report_counts_what_the_manifest_finds(reader: Reader, *, table: str, key: str) -> None:
    keys = {(source, k) for source, rows in reader.tables(table) for k in rows[key]}

    assert len(keys) == reader.report.tables[table]


@pytest.mark.parametrize("table", ["balances", "consents", "exposures", "order_lines"])
def test_the_report_counts_the_rows_of_keyless_tables(reader: Reader, table: str) -> None:
    assert sum(len(rows) for _, rows in reader.tables(table)) == reader.report.tables[table]


def test_the_report_counts_pairs_of_account_and_identifier(reader: Reader) -> None:
    pairs = set()
    for source, rows in reader.tables("identifiers"):
        value = rows["value"] if "value" in rows else rows["value_md5"]
        # a caller's number is written in many ways, and is the key
        value = rows["account_key"] if source == "call" else value
        pairs |= set(
            zip([source] * len(rows), rows["account_key"], rows["kind"], value, strict=True)
        )

    assert len(pairs) == reader.report.tables["identifiers"]


def test_required_columns_are_filled_but_for_impossible_dates(reader: Reader) -> None:
    required = {
        "orders": ["order_key", "ordered_at"],
        "order_lines": ["order_key", "product_key", "amount"],
        "events": ["account_key", "at", "kind"],
        "posts": ["post_key", "account_key", "posted_at"],
        "tickets": ["ticket_key", "account_key", "opened_at", "kind"],
        "exposures": ["account_key", "at", "channel"],
        "balances": ["account_key", "kind", "amount"],
        "consents": ["account_key", "purpose", "granted", "at"],
        "accounts": ["account_key", "kind"],
        "identifiers": ["account_key", "kind"],
    }

    for table, columns in required.items():
        for source, rows in reader.tables(table):
            assert rows[columns].notna().all(axis=None), (source, table)


def test_dates_in_three_forms_are_read_and_impossible_ones_fail(reader: Reader) -> None:
    members = reader.frame("crm", "members").to_pandas()
    source = next(t for t in reader.sources["crm"]["table"] if t["fills"] == "accounts")

    accounts = reader.rows("crm", source)

    impossible = members["生日"].fillna("").str.contains(r"[/-]0?2[/-]3[01]$")
    assert impossible.any()
    assert accounts["birth_date"].isna().tolist() == (members["生日"].isna() | impossible).tolist()
    assert accounts["registered_at"].notna().all()
    spelled = members["生日"].fillna("").str.endswith("日")
    year = members.loc[spelled, "生日"].str[:4].astype(int)
    assert accounts.loc[spelled, "birth_year"].tolist() == year.tolist()


def test_no_fact_lies_outside_the_two_years(reader: Reader) -> None:
    for table, column in (("orders", "ordered_at"), ("events", "at"), ("posts", "posted_at"),
                          ("tickets", "opened_at"), ("exposures", "at")):  # fmt: skip
        for _, rows in reader.tables(table):
            at = pd.to_datetime(rows[column])
            assert at.min() >= pd.Timestamp("2024-07-01")
            assert at.max() < pd.Timestamp("2026-07-01")


def test_facts_name_only_what_the_catalogue_describes(reader: Reader) -> None:
    products = {key for _, rows in reader.tables("products") for key in rows["product_key"]}
    stores = {key for _, rows in reader.tables("stores") for key in rows["store_key"]}

    for table in ("order_lines", "events", "tickets"):
        for _, rows in reader.tables(table):
            assert set(rows["product_key"].dropna()) <= products
    till = dict(reader.tables("orders"))["pos"]
    assert set(till["store_key"]) <= stores


def test_lines_belong_to_orders(reader: Reader) -> None:
    orders = {
        (source, key) for source, rows in reader.tables("orders") for key in rows["order_key"]
    }

    lines = {
        (source, key) for source, rows in reader.tables("order_lines") for key in rows["order_key"]
    }

    assert lines == orders


def test_numbers_that_clerks_invent_make_no_account(reader: Reader) -> None:
    receipts = reader.frame("pos", "receipts").to_pandas()
    orders = dict(reader.tables("orders"))["pos"]

    invented = receipts["手机号"].isin(words("machines", "default_phones"))

    assert invented.any()
    assert orders.loc[invented.to_numpy(), "account_key"].isna().all()


def test_codes_are_words_of_the_tables(reader: Reader) -> None:
    codes = {
        ("accounts", "kind"): {"member", "visitor", "card", "community", "call", "partner"},
        ("accounts", "gender"): {"female", "male", "unknown"},
        ("orders", "status"): {"paid", "cancelled", "refunded"},
        ("events", "kind"): {"viewed", "searched", "favourited", "carted", "shared"},
        ("tickets", "kind"): {"question", "complaint", "suggestion", "repair", "return"},
        ("exposures", "action"): {"sent", "opened", "clicked", "converted"},
        ("balances", "kind"): {"points", "coupon"},
        ("consents", "purpose"): {"profiling", "marketing", "sharing"},
    }

    for (table, column), allowed in codes.items():
        found = {
            code
            for _, rows in reader.tables(table)
            if column in rows
            for code in rows[column].dropna()
        }
        assert found == allowed, (table, column)


def test_partner_attributes_are_objects(reader: Reader) -> None:
    accounts = dict(reader.tables("accounts"))["partner"]

    parsed = [json.loads(text) for text in accounts["attributes"]]

    assert all(set(one) == {"age_band", "income", "interest"} for one in parsed)
