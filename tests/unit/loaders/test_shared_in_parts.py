"""A picture drawn in parts: what several rows or sources share is what all of them say of it."""

import pyarrow.parquet as pq
import pytest

from graph import parts
from tests.layered_shop import above, column, let_lie_above, text_of, write
from tests.loading import Shop

DAY = "2026-01-02"
PHONE, OTHER = "13812345678", "13900001111"


@pytest.fixture(autouse=True)
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    let_lie_above(monkeypatch)
    monkeypatch.setattr(parts, "MOST_SHARE", 1e9)


# ------------------------------------------------------------------------ what sources share


def test_an_identifier_of_two_sources_names_both(shop: Shop) -> None:
    write(shop, phones=f"A1,{PHONE},,")
    shop.load(text_of({"phones": ""}, "shop", "till"))
    write(shop, phones=f"A2,{PHONE},,")

    staged = shop.load(text_of({"phones": ""}, "till"))

    # the identifier is what it was, and has one more account
    assert staged.prepared.report.written == {"Account": 1, "Account-HAS_IDENTIFIER-Identifier": 1}
    ((sources,),) = column(shop.held()["Identifier"], "sources")
    assert sources == ["shop", "till"]


def test_a_source_that_comes_to_an_identifier_is_named_on_it(shop: Shop) -> None:
    shop.load(write(shop, phones=f"A1,{PHONE},, A2,{OTHER},,"))
    write(shop, phones=f"A1,{PHONE},,")

    staged = shop.load(text_of({"phones": ""}, "till"))

    assert staged.prepared.report.written["Identifier"] == 1
    known = {str(row["masked"]): row["sources"] for row in shop.held()["Identifier"]}
    assert known == {"138****5678": ["shop", "till"], "139****1111": ["shop"]}


def test_an_identifier_goes_with_the_last_source_that_knew_it(shop: Shop) -> None:
    shop.load(write(shop, phones=f"A1,{PHONE},, A2,{OTHER},,"))
    write(shop, phones=f"A1,{PHONE},,")
    shop.load(text_of({"phones": ""}, "till"))

    shop.unload("shop")

    (identifier,) = shop.held()["Identifier"]
    assert (identifier["masked"], identifier["sources"]) == ("138****5678", ["till"])
    assert column(shop.held()["Account"], "account_id") == [("till:A1",)]


def test_a_store_that_all_sources_share_is_drawn_whole(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1 O2,A1,{DAY},S2"))

    shop.load(write(shop, orders=f"O3,A1,{DAY},S3"))

    assert not above(shop, "Store").exists()
    assert column(shop.held()["Store"], "store_id") == [("S1",), ("S2",), ("S3",)]


def test_a_product_that_a_changed_line_no_longer_names_is_removed(shop: Shop) -> None:
    shop.load(write(shop, orders=f"O1,A1,{DAY},S1", lines="O1,T1,5 O1,T2,5"))

    staged = shop.load(write(shop, orders=f"O1,A1,{DAY},S1", lines="O1,T1,5"))

    assert staged.prepared.report.removed == {"Order-CONTAINS-Product": 1, "Product": 1}
    assert staged.prepared.report.written == {}
    assert column(shop.held()["Product"], "product_id") == [("T1",)]


# ------------------------------------------------------------------------ posts and visits


def test_a_post_that_answers_another_is_linked_though_that_one_was_there_before(shop: Shop) -> None:
    shop.load(write(shop, posts="P1,A1,, P9,A9,,"))

    staged = shop.load(write(shop, posts="P2,A2,P1,"))

    assert column(shop.held()["Post-REPLIES_TO-Post"], "start_id", "end_id") == [
        ("shop:P2", "shop:P1")
    ]
    # P1 is in the part that is drawn, and is not different
    assert pq.read_table(above(shop, "Post"))["post_id"].to_pylist() == ["shop:P2"]
    assert staged.prepared.report.written["Account"] == 1


def test_a_post_that_is_only_answered_is_there_until_it_is_described(shop: Shop) -> None:
    shop.load(write(shop, posts="P2,A2,P1,"))

    staged = shop.load(write(shop, posts="P1,A1,,"))

    assert staged.prepared.report.bare == {"Account": 2}
    assert staged.prepared.report.removed == {}
    assert column(shop.held()["Post"], "post_id") == [("shop:P1",), ("shop:P2",)]
    assert column(shop.held()["Account-WROTE-Post"], "start_id", "end_id") == [
        ("shop:A1", "shop:P1"),
        ("shop:A2", "shop:P2"),
    ]


def test_a_reply_to_somebody_becomes_one_to_a_post_once_that_is_known(shop: Shop) -> None:
    shop.load(write(shop, posts="P1,A1,, P2,A2,,A1"))
    assert len(shop.held()["Post-REPLIES_TO-Account"]) == 1

    staged = shop.load(write(shop, posts="P2,A2,P1,A1"))

    assert staged.prepared.report.written == {"Post-REPLIES_TO-Post": 1}
    assert staged.prepared.report.removed == {"Post-REPLIES_TO-Account": 1}
    assert shop.held().get("Post-REPLIES_TO-Account", []) == []


def test_visits_of_earlier_loads_count_with_the_new_one(shop: Shop) -> None:
    shop.load(write(shop, visits="A1,2026-01-02,T1 A1,2026-01-03,T1 A2,2026-01-03,T1"))

    shop.load(write(shop, visits="A1,2026-01-05,T1"))

    viewed = column(shop.held()["Account-VIEWED-Product"], "start_id", "n", "days")
    assert viewed == [("shop:A1", 3, 3), ("shop:A2", 1, 1)]
