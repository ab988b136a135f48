"""A small load upon a large table lies above it, and everything reads as if all were one file."""

import pyarrow.parquet as pq
import pytest

from graph import layers
from graph.spec import fact_spec
from graph.staged_reader import StagedReader
from graph.staging import committed_files, staging_folder
from tests.layered_shop import column, files_of, let_lie_above, text_of, write
from tests.loading import Shop


@pytest.fixture(autouse=True)
def _layered(monkeypatch: pytest.MonkeyPatch) -> None:
    let_lie_above(monkeypatch)


# ------------------------------------------------------------------------ what lies above


def test_a_small_change_lies_above_and_leaves_the_ground_as_it_was(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1 O2,A1,2026-01-02,S1"))
    (ground,) = committed_files(shop.settings)["shop", "orders"]
    before = ground.read_bytes()

    staged = shop.load(write(shop, orders="O2,A1,2026-01-09,S1 O3,A2,2026-01-03,S1"))

    assert files_of(shop, "orders") == ["orders.parquet", "orders.0001.parquet"]
    assert ground.read_bytes() == before
    assert column(staged.rows("orders"), "order_id") == [("shop:O1",), ("shop:O2",), ("shop:O3",)]


def test_only_what_changes_lies_above(shop: Shop) -> None:
    same = "O1,A1,2026-01-02,S1 O2,A1,2026-01-02,S1"
    shop.load(write(shop, orders=f"{same} O3,A1,2026-01-02,S1"))

    shop.load(write(shop, orders=f"{same} O3,A2,2026-01-02,S1"))

    layer = staging_folder(shop.settings) / "shop" / "orders.0001.parquet"
    assert pq.read_table(layer)["order_id"].to_pylist() == ["shop:O3"]


def test_the_same_rows_again_add_no_layer(shop: Shop) -> None:
    text = write(shop, orders="O1,A1,2026-01-02,S1", lines="O1,T1,5")
    shop.load(text)

    staged = shop.load(text)

    assert files_of(shop, "orders") == ["orders.parquet"]
    assert files_of(shop, "order_lines") == ["order_lines.parquet"]
    assert not staged.prepared.report.changed_anything


def test_the_newest_layer_holds(shop: Shop) -> None:
    for day in ("02", "03", "04"):
        shop.load(write(shop, orders=f"O1,A{day},2026-01-{day},S1"))

    assert len(files_of(shop, "orders")) == 3
    assert column(shop.held()["shop.orders"], "account_id") == [("shop:A04",)]


def test_what_a_later_load_leaves_blank_is_not_forgotten_in_a_layer(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))

    staged = shop.load(write(shop, orders="O1,,2026-01-03,"))

    ((account, store, day),) = column(staged.rows("orders"), "account_id", "store_id", "ordered_at")
    assert (account, store) == ("shop:A1", "S1")
    assert str(day).startswith("2026-01-02 16:00")  # midnight in Shanghai


def test_first_and_last_seen_only_widen_in_a_layer(shop: Shop) -> None:
    shop.load(write(shop, phones="A1,13812345678,2026-01-05,2026-01-06"))

    narrow = shop.load(write(shop, phones="A1,13812345678,2026-01-06,2026-01-05"))
    wide = shop.load(write(shop, phones="A1,13812345678,2026-01-01,2026-01-09"))

    assert narrow.report("identifiers").unchanged == 1
    ((first, last),) = column(wide.rows("identifiers"), "first_seen_at", "last_seen_at")
    assert (str(first)[:10], str(last)[:10]) == ("2025-12-31", "2026-01-08")
    assert files_of(shop, "identifiers") == ["identifiers.parquet", "identifiers.0001.parquet"]


# ------------------------------------------------------------------------ orders and their lines


def test_an_order_that_comes_again_brings_all_its_lines_also_in_a_layer(shop: Shop) -> None:
    orders = "O1,A1,2026-01-02,S1 O2,A1,2026-01-02,S1"
    shop.load(write(shop, orders=orders, lines="O1,T1,5 O1,T2,6 O2,T1,7"))

    staged = shop.load(write(shop, orders=orders, lines="O1,T2,6"))

    assert files_of(shop, "order_lines") == ["order_lines.parquet", "order_lines.0001.parquet"]
    held = column(staged.rows("order_lines"), "order_id", "product_id", "amount")
    assert held == [("shop:O1", "T2", 60_000), ("shop:O2", "T1", 70_000)]
    assert staged.report("order_lines").removed == 1


def test_a_layer_has_the_lines_of_a_changed_order_that_did_not_change(shop: Shop) -> None:
    orders = "O1,A1,2026-01-02,S1"
    shop.load(write(shop, orders=orders, lines="O1,T1,5 O1,T2,6"))

    staged = shop.load(write(shop, orders=orders, lines="O1,T1,5 O1,T2,9"))

    counts = staged.report("order_lines")
    assert (counts.new, counts.changed, counts.unchanged, counts.removed) == (0, 1, 1, 0)
    layer = staging_folder(shop.settings) / "shop" / "order_lines.0001.parquet"
    assert sorted(pq.read_table(layer)["amount"].to_pylist()) == [50_000, 90_000]


def test_a_line_that_comes_again_with_a_blank_is_blank(shop: Shop) -> None:
    def priced(lines: str) -> str:
        text = write(shop, orders="O1,A1,2026-01-02,S1", lines=lines)
        return text.replace('amount = "paid"', 'amount = "5"\nlist_amount = "paid"')

    shop.load(priced("O1,T1,9"))

    staged = shop.load(priced("O1,T1,"))

    # not so the order itself: its blanks state nothing
    assert column(staged.rows("order_lines"), "product_id", "list_amount") == [("T1", None)]


def test_an_order_that_lost_a_line_can_get_it_back(shop: Shop) -> None:
    for lines in ("O1,T1,5 O1,T2,6", "O1,T1,5", "O1,T1,5 O1,T2,8"):
        shop.load(write(shop, orders="O1,A1,2026-01-02,S1", lines=lines))

    held = column(shop.held()["shop.order_lines"], "product_id", "amount")
    assert held == [("T1", 50_000), ("T2", 80_000)]


# ------------------------------------------------------------------------ one file again


def test_after_as_many_layers_as_there_may_be_all_is_written_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MOST_LAYERS", 1)
    counted = []
    for n in range(3):
        shop.load(write(shop, orders=f"O{n},A1,2026-01-02,S1"))
        counted.append(len(files_of(shop, "orders")))

    assert counted == [1, 2, 1]
    assert len(shop.held()["shop.orders"]) == 3


def test_a_source_that_is_replaced_is_written_again_without_its_layers(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    shop.load(write(shop, orders="O2,A1,2026-01-02,S1"))

    staged = shop.load(write(shop, orders="O2,A1,2026-01-02,S1"), replace=True)

    assert files_of(shop, "orders") == ["orders.parquet"]
    assert column(staged.rows("orders"), "order_id") == [("shop:O2",)]
    counts = staged.report("orders")
    assert (counts.unchanged, counts.removed) == (1, 1)


def test_unloading_removes_ground_and_layers_of_that_source_alone(shop: Shop) -> None:
    for lines in ("O1,A1,2026-01-02,S1", "O2,A1,2026-01-02,S1"):
        write(shop, orders=lines)
        shop.load(text_of({"orders": ""}, "shop", "till"))

    shop.unload("shop")

    assert not list((staging_folder(shop.settings) / "shop").glob("*"))
    assert files_of(shop, "orders", "till") == ["orders.parquet", "orders.0001.parquet"]
    assert column(shop.held()["Order"], "order_id") == [("till:O1",), ("till:O2",)]


# ------------------------------------------------------------------------ who reads layers


def test_a_report_counts_all_rows_of_a_table_in_layers(shop: Shop) -> None:
    shop.load(write(shop, orders=" ".join(f"O{n},A1,2026-01-02,S1" for n in range(5))))
    shop.load(write(shop, orders="O5,A1,2026-01-02,S1"))

    staged = shop.load(
        write(shop, orders="O0,A1,2026-01-02,S1 O5,A2,2026-01-02,S1 O6,A1,2026-01-02,S1")
    )

    counts = staged.report("orders")
    # of six only O5 changes, and O6 comes
    assert (counts.read, counts.new, counts.changed) == (3, 1, 1)
    assert (counts.unchanged, counts.removed) == (5, 0)


def test_the_staged_reader_reads_events_of_all_layers(shop: Shop) -> None:
    shop.load(write(shop, visits="A1,2026-01-02,T1 A2,2026-01-02,T1"))
    shop.load(write(shop, visits="A1,2026-01-03,T2"))
    reader = StagedReader(shop.settings, fact_spec(), timezone="Asia/Shanghai")

    events = reader.table("events", ["account_id", "product_id"]).to_pylist()

    assert len(files_of(shop, "events")) == 2
    assert column(events, "account_id", "product_id") == [
        ("shop:A1", "T1"),
        ("shop:A1", "T2"),
        ("shop:A2", "T1"),
    ]


def test_the_staged_reader_does_not_read_what_a_layer_replaced(shop: Shop) -> None:
    shop.load(write(shop, orders="O1,A1,2026-01-02,S1"))
    shop.load(write(shop, orders="O1,A2,2026-01-02,S1"))
    reader = StagedReader(shop.settings, fact_spec(), timezone="Asia/Shanghai")

    assert reader.table("orders", ["account_id"]).to_pylist() == [{"account_id": "shop:A2"}]
