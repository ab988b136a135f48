"""Every command against a loaded company: what it prints, and how it ends."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from tests.e2e.conftest import Kith, KithMaker

pytestmark = pytest.mark.e2e

ANY_CUSTOMER = "MATCH (c:Customer) WHERE c.rfm_spend > 0 RETURN c.customer_id AS id ORDER BY id"


@pytest.fixture(scope="module")
def customer_id(loaded: Kith) -> str:
    return str(loaded.json("cypher", ANY_CUSTOMER, "--limit", "1")["rows"][0][0])


def test_status_says_where_an_analyst_can_connect(loaded: Kith) -> None:
    status = loaded.json("status")

    assert status["uri"].startswith("bolt://127.0.0.1:")
    assert status["user"] == "neo4j"
    assert Path(status["password_file"]).stat().st_mode & 0o777 == 0o600


def test_doctor_finds_nothing_wrong(loaded: Kith) -> None:
    checks = loaded.json("doctor")

    assert [check["name"] for check in checks if not check["ok"]] == []


def test_config_masks_secrets_and_shows_the_rest(loaded: Kith) -> None:
    shown = loaded.json("config")

    assert shown["home"] == str(loaded.home)


def test_an_unknown_setting_is_an_error(loaded: Kith, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_HAEP", "1g")

    refused = loaded.run("status", code=2)

    assert "KITH_HAEP" in refused.stderr


def test_customer_shows_accounts_and_scores(loaded: Kith, customer_id: str) -> None:
    found = loaded.json("customer", customer_id)

    assert found["customer_id"] == customer_id
    assert "rfm" in json.dumps(found)


def test_an_unknown_customer_is_not_found(loaded: Kith) -> None:
    refused = loaded.run("customer", "C0000", code=4)

    assert "C0000" in refused.stderr


def test_a_query_that_writes_is_refused_by_the_guard(loaded: Kith) -> None:
    loaded.run("cypher", "MATCH (n) DETACH DELETE n", code=5)

    assert loaded.json("cypher", "MATCH (n) RETURN count(n) > 0 AS any")["rows"] == [[True]]


def test_a_query_takes_parameters(loaded: Kith) -> None:
    query = "RETURN $words AS words, $n + 1 AS n"

    answer = loaded.json("cypher", query, "--param", "words=知己", "--param", "n=41")

    assert answer["rows"] == [["知己", 42]]


def test_rows_beyond_the_limit_are_cut_and_said_so(loaded: Kith) -> None:
    answer = loaded.json("cypher", "UNWIND [1, 2, 3] AS x RETURN x", "--limit", "2")

    assert answer["rows"] == [[1], [2]]
    assert answer["truncated"] is True


def test_csv_goes_to_stdout_alone(loaded: Kith) -> None:
    done = loaded.run("cypher", "RETURN 'a,b' AS text, 1 AS n", "--format", "csv")

    assert done.stdout == 'text,n\n"a,b",1\n'


def test_named_queries_run_by_name(loaded: Kith) -> None:
    name = loaded.json("queries")[0]["name"]

    answer = loaded.json("cypher", name)

    assert answer["columns"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "xlsx"])
def test_export_writes_every_format_with_the_same_rows(
    loaded: Kith, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"products.{ending}"

    loaded.run("export", "products", "--output", str(path))

    expected = loaded.json("cypher", "MATCH (p:Product) RETURN count(p) AS n")["rows"][0][0]
    assert rows_in(path) == expected


def rows_in(path: Path) -> int:
    if path.suffix == ".parquet":
        return int(pq.read_metadata(path).num_rows)
    if path.suffix == ".xlsx":
        book = CalamineWorkbook.from_path(str(path))
        return len(book.get_sheet_by_index(0).to_python()) - 1
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.DictReader(file))
    return len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])


@pytest.mark.parametrize("table", ["customers", "resolution", "also_bought", "runs", "orders"])
def test_knowledge_and_facts_export_alike(loaded: Kith, tmp_path: Path, table: str) -> None:
    path = tmp_path / f"{table}.csv"

    loaded.run("export", table, "--output", str(path))

    assert rows_in(path) > 0


def test_money_is_exported_in_currency_units(loaded: Kith, tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"

    loaded.run("export", "customers", "--output", str(path))

    spend = pq.read_table(path).column("rfm_spend").to_pylist()
    query = "MATCH (c:Customer) RETURN sum(c.rfm_spend) AS s"
    total = loaded.json("cypher", query)["rows"][0][0]
    assert float(sum(value for value in spend if value is not None)) == pytest.approx(total)


def test_an_unknown_table_or_format_is_refused(loaded: Kith, tmp_path: Path) -> None:
    loaded.run("export", "secrets", "--output", str(tmp_path / "x.csv"), code=4)
    loaded.run("export", "orders", "--output", str(tmp_path / "x.doc"), code=2)


def test_keys_are_shown_once_and_can_be_taken_back(make_kith: KithMaker) -> None:
    kith = make_kith("keys")
    made = kith.json("keys", "create", "notebook", "--role", "analyst")

    listed = kith.json("keys", "list")
    kith.run("keys", "revoke", listed[0]["key_id"])

    assert made["token"].startswith("kith_")
    assert made["token"] not in json.dumps(listed)
    assert kith.json("keys", "list")[0]["revoked_at"]


def test_scores_as_of_an_earlier_day_stay_out_of_the_graph(loaded: Kith) -> None:
    query = "MATCH (c:Customer) RETURN sum(c.rfm_recency_days) AS s"
    before = loaded.json("cypher", query)["rows"]

    loaded.run("score", "rfm", "--as-of", "2025-06-30")

    assert loaded.json("cypher", query)["rows"] == before


def test_a_parameter_out_of_bounds_is_refused_by_name(loaded: Kith) -> None:
    refused = loaded.run("score", "copurchase", "--set", "copurchase.minimum_count=0", code=2)

    assert "copurchase.minimum_count" in refused.stderr


def test_messages_follow_the_language(loaded: Kith, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    refused = loaded.run("customer", "C0000", code=4)

    assert "没有客户" in refused.stderr


def test_errors_are_json_where_json_was_asked_for(loaded: Kith) -> None:
    refused = loaded.run("customer", "C0000", "--json", code=4)

    assert json.loads(refused.stderr)["code"] == "customer-not-found-error"


def test_a_manifest_with_a_slip_stops_before_the_first_write(loaded: Kith, tmp_path: Path) -> None:
    path = tmp_path / "slip.toml"
    path.write_text('[company]\nname = "A"\ncurency = "CNY"\n', encoding="utf-8")

    refused = loaded.run("load", str(path), code=2)

    assert "curency" in refused.stderr
    assert "currency" in refused.stderr


def test_a_table_that_keeps_no_row_ends_with_three(make_kith: KithMaker, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\n\n", encoding="utf-8")
    manifest = tmp_path / "company.toml"
    manifest.write_text(
        '[company]\nname = "A"\ncurrency = "CNY"\ntimezone = "Asia/Shanghai"\n'
        'phone_region = "CN"\n[[source]]\nname = "crm"\nparty = "first"\n'
        'legal_basis = "contract"\n[source.files]\npeople = "people.csv"\n'
        '[[source.table]]\nfills = "accounts"\nfrom = "people"\n'
        '[source.table.columns]\naccount_key = "id"\n',
        encoding="utf-8",
    )
    kith = make_kith("empty")

    refused = kith.run("load", str(manifest), code=3)

    assert "crm.accounts" in refused.stderr
