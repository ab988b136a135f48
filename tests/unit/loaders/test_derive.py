"""The difference between two pictures: what a load writes, leaves alone and takes away."""

import pyarrow.parquet as pq

from graph.apply import REMOVALS, UPSERTS
from graph.staging import picture_file
from loaders.unload import stage_removal
from tests.loading import Row, Shop, Staged, company, part, source

PEOPLE = part("accounts", "people", account_key="id", city="city")
ORDERS = part("orders", "orders", order_key="no", account_key="id", ordered_at="day")
TEXT = company(
    source(files={"people": "people.csv", "orders": "orders.csv"}, tables=[PEOPLE, ORDERS])
)


def write(shop: Shop, *, people: str, orders: str) -> None:
    shop.write("people.csv", f"id,city\n{people}")
    shop.write("orders.csv", f"no,id,day\n{orders}")


def prepared_rows(staged: Staged, part_of_load: str) -> dict[str, list[Row]]:
    """Return what a load upserts or removes, by element."""
    folder = staged.prepared.folder / part_of_load
    return {path.stem: pq.read_table(path).to_pylist() for path in folder.glob("*.parquet")}


def test_a_first_load_upserts_its_whole_picture(shop: Shop) -> None:
    write(shop, people="A1,上海\n", orders="O1,A1,2026-01-02\n")

    staged = shop.stage(TEXT)

    upserts = prepared_rows(staged, UPSERTS)
    assert {name: len(rows) for name, rows in upserts.items()} == {
        "Account": 1,
        "Order": 1,
        "Account-PLACED-Order": 1,
    }
    assert upserts["Account"][0]["city"] == "上海"
    assert prepared_rows(staged, REMOVALS) == {}


def test_a_later_load_upserts_whole_rows_of_what_is_new_or_changed(shop: Shop) -> None:
    write(shop, people="A1,上海\nA2,北京\n", orders="O1,A1,2026-01-02\n")
    shop.load(TEXT)
    write(shop, people="A1,广州\nA2,北京\nA3,\n", orders="O1,A1,2026-01-02\n")

    staged = shop.stage(TEXT)

    upserts = prepared_rows(staged, UPSERTS)
    assert set(upserts) == {"Account"}
    assert {row["account_id"]: row["city"] for row in upserts["Account"]} == {
        "shop:A1": "广州",
        "shop:A3": None,
    }
    assert set(upserts["Account"][0]) >= {"account_id", "kind", "source", "city", "handle"}


def test_an_order_that_changes_hands_loses_one_link_and_gains_another(shop: Shop) -> None:
    write(shop, people="", orders="O1,A1,2026-01-02\nO2,A1,2026-01-02\n")
    shop.load(TEXT)
    write(shop, people="", orders="O1,A2,2026-01-02\n")

    staged = shop.stage(TEXT)

    assert prepared_rows(staged, UPSERTS)["Account-PLACED-Order"] == [
        {"start_id": "shop:A2", "end_id": "shop:O1"}
    ]
    assert prepared_rows(staged, REMOVALS) == {
        "Account-PLACED-Order": [{"start_id": "shop:A1", "end_id": "shop:O1"}]
    }


def test_a_bare_account_goes_with_the_last_fact_that_named_it(shop: Shop) -> None:
    write(shop, people="", orders="O1,A1,2026-01-02\n")
    shop.load(TEXT)
    write(shop, people="", orders="O1,A2,2026-01-02\n")

    staged = shop.stage(TEXT, replace=True)

    assert prepared_rows(staged, REMOVALS)["Account"] == [{"account_id": "shop:A1"}]
    assert staged.prepared.derived.before["Account"] == 1


def test_a_bare_account_that_is_described_later_is_changed_and_not_new(shop: Shop) -> None:
    write(shop, people="", orders="O1,A1,2026-01-02\n")
    shop.load(TEXT)
    write(shop, people="A1,上海\n", orders="O1,A1,2026-01-02\n")

    staged = shop.stage(TEXT)

    assert staged.prepared.report.written == {"Account": 1}
    assert staged.prepared.report.bare == {}
    assert prepared_rows(staged, REMOVALS) == {}


def test_elements_of_tables_that_did_not_change_are_left_alone(shop: Shop) -> None:
    write(shop, people="A1,上海\n", orders="O1,A1,2026-01-02\n")
    shop.load(TEXT)
    before = picture_file(shop.settings, "Order").stat().st_mtime_ns
    write(shop, people="A1,广州\n", orders="O1,A1,2026-01-02\n")

    shop.load(TEXT)

    assert picture_file(shop.settings, "Order").stat().st_mtime_ns == before


def test_removing_a_source_takes_its_last_element_files_away(shop: Shop) -> None:
    write(shop, people="A1,上海\n", orders="O1,A1,2026-01-02\n")
    shop.load(TEXT)
    folder = picture_file(shop.settings, "Order").parent

    shop.unload("shop")

    assert list(folder.iterdir()) == []


def test_a_removal_marks_only_the_tables_of_its_source(shop: Shop) -> None:
    write(shop, people="A1,上海\n", orders="O1,A1,2026-01-02\n")
    files = {"people": "people.csv", "orders": "orders.csv"}
    shop.load(
        company(source(files=files, tables=[PEOPLE]), source("till", files=files, tables=[ORDERS]))
    )
    staged = shop.stage(TEXT)

    stage_removal(shop.settings, "till", prepared=staged.prepared)

    assert staged.prepared.files["till", "orders"] is None
    assert ("till", "accounts") not in staged.prepared.files
    orders = staged.prepared.files["shop", "orders"]
    assert orders is not None
    assert orders.path.exists()
