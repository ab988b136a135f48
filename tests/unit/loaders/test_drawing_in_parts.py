"""A picture drawn in parts: what a small load says appears, vanishes and moves as in the whole."""

import pyarrow.parquet as pq
import pytest

from graph import layers, parts
from graph.apply import REMOVALS, UPSERTS
from graph.layers import gone_beside
from graph.staging import picture_file
from tests.layered_shop import above, column, different, let_lie_above, write
from tests.loading import Shop

DAY = "2026-01-02"


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    let_lie_above(monkeypatch)
    monkeypatch.setattr(parts, "MOST_SHARE", 1e9)


# ------------------------------------------------------------------------ bare accounts


def test_a_bare_account_appears_with_the_order_that_names_it(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1"))

    staged = shop.stage(write(shop, orders=f"O2,A2,{DAY},S1"))

    assert staged.prepared.report.written == {
        "Account": 1,
        "Order": 1,
        "Account-PLACED-Order": 1,
        "Order-SOLD_AT-Store": 1,
    }
    assert column(different(staged, UPSERTS, "Account"), "account_id") == [("shop:A2",)]


def test_a_bare_account_vanishes_with_its_last_order_and_can_come_back(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A2,{DAY},S1"))

    shop.load(write(shop, orders=f"O1,A2,{DAY},S1"))

    assert column(shop.held()["Account"], "account_id") == [("shop:A2",)]
    gone = pq.read_table(gone_beside(above(shop, "Account"))).to_pylist()
    assert gone == [{"account_id": "shop:A1"}]

    shop.load(write(shop, orders=f"O1,A1,{DAY},S1"))

    assert column(shop.held()["Account"], "account_id") == [("shop:A1",), ("shop:A2",)]


def test_an_account_that_another_table_still_names_stays(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1", visits=f"A1,{DAY},T1"))

    staged = shop.load(write(shop, orders=f"O1,A2,{DAY},S1", visits=""))

    assert staged.prepared.report.removed == {"Account-PLACED-Order": 1}
    assert column(shop.held()["Account"], "account_id") == [("shop:A1",), ("shop:A2",)]


def test_an_order_that_changes_hands_leaves_one_link_for_another(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A1,{DAY},S1"))

    staged = shop.load(write(shop, orders=f"O1,A2,{DAY},S1"))

    placed = column(shop.held()["Account-PLACED-Order"], "start_id", "end_id")
    assert placed == [("shop:A1", "shop:O2"), ("shop:A2", "shop:O1")]
    # A1 still has the other order
    assert staged.prepared.report.written == {"Account": 1, "Account-PLACED-Order": 1}
    assert staged.prepared.report.removed == {"Account-PLACED-Order": 1}
    assert staged.prepared.derived.before == {"Account-PLACED-Order": 2}


def test_how_many_are_bare_is_counted_over_all_rows(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A2,{DAY},S2"))

    staged = shop.stage(write(shop, orders=f"O3,A3,{DAY},S3"))

    assert staged.prepared.report.bare == {"Account": 3, "Store": 3}


# ------------------------------------------------------------------------ replaced, and the files


def test_a_source_that_is_replaced_in_parts_forgets_what_it_no_longer_states(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A2,{DAY},S1 O3,A3,{DAY},S1"))

    staged = shop.load(write(shop, orders=f"O2,A2,{DAY},S1"), replace=True)

    assert staged.prepared.report.removed == {
        "Account": 2,
        "Account-PLACED-Order": 2,
        "Order": 2,
        "Order-SOLD_AT-Store": 2,
    }
    assert column(shop.held()["Order"], "order_id") == [("shop:O2",)]
    assert column(shop.held()["Store"], "store_id") == [("S1",)]


def test_what_is_different_is_laid_above_and_the_ground_is_not_written(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1"))
    ground = picture_file(shop.settings, "Order")
    before = ground.stat().st_ino

    shop.load(write(shop, orders=f"O2,A1,{DAY},S1"))

    assert ground.stat().st_ino == before
    assert pq.read_metadata(above(shop, "Order")).num_rows == 1


def test_what_bears_no_layer_is_written_whole_though_a_part_was_drawn(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MOST_SHARE", -1.0)
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A1,{DAY},S1"))

    staged = shop.stage(write(shop, orders=f"O1,A2,{DAY},S1 O3,A3,{DAY},S1"))
    removed = different(staged, REMOVALS, "Account-PLACED-Order")
    shop.commit(staged)

    assert removed == [{"start_id": "shop:A1", "end_id": "shop:O1"}]
    assert not above(shop, "Account-PLACED-Order").exists()
    assert column(shop.held()["Account-PLACED-Order"], "start_id", "end_id") == [
        ("shop:A1", "shop:O2"),
        ("shop:A2", "shop:O1"),
        ("shop:A3", "shop:O3"),
    ]


def test_the_last_row_of_an_element_takes_its_file_along(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "MOST_SHARE", -1.0)
    shop.load(write(shop, posts="P1,A1,, P2,A2,,A1"))

    shop.load(write(shop, posts="P2,A2,P1,A1"))

    assert not picture_file(shop.settings, "Post-REPLIES_TO-Account").exists()
