"""What the graph must hold, told from the staged tables alone."""

from pathlib import Path

import pytest

from graph.columns import identity_of
from graph.picture import (
    element_queries,
    staged_types,
    tables_of,
)
from graph.spec import fact_spec
from tests.loading import Row, Shop, Staged, company, part, source


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def stage(shop: Shop, *tables: str, **contents: str) -> Staged:
    files = {}
    for name, content in contents.items():
        files[name] = f"{name}.csv"
        shop.write(f"{name}.csv", content)
    return shop.stage(company(source(files=files, tables=list(tables))))


def ends(rows: list[Row]) -> list[tuple[str, str]]:
    return sorted((str(row["start_id"]), str(row["end_id"])) for row in rows)


CATEGORIES = part("categories", "tree", category_key="key", name="label", parent_key="up")
PRODUCTS = part("products", "goods", product_key="sku", category_key="cat", brand="brand")

# ---------------------------------------------------------------------------- bare nodes


def test_a_node_that_a_fact_names_and_nobody_describes_is_bare(shop: Shop) -> None:
    lines = part("order_lines", "lines", order_key="no", product_key="sku", amount="paid")

    staged = stage(shop, lines, lines="no,sku,paid\nO1,S1,5\nO1,S2,5\n")

    assert [row["product_id"] for row in staged.picture("Product")] == ["S1", "S2"]
    assert [row["ordered_at"] for row in staged.picture("Order")] == [None]
    assert staged.prepared.report.bare == {"Order": 1, "Product": 2}


def test_a_described_node_is_not_bare(shop: Shop) -> None:
    lines = part("order_lines", "lines", order_key="no", product_key="sku", amount="paid")
    goods = part("products", "lines", product_key="sku", name="'Tea'", distinct_="true")

    staged = stage(shop, lines, goods, lines="no,sku,paid\nO1,S1,5\nO1,S1,5\n")

    assert [row["name"] for row in staged.picture("Product")] == ["Tea"]
    assert staged.prepared.report.bare == {"Order": 1}


@pytest.mark.parametrize(
    ("table", "label"),
    [
        (part("categories", "f", category_key="k", parent_key="'x'"), "Category"),
        (part("products", "f", product_key="k", category_key="'x'"), "Category"),
        (part("orders", "f", order_key="k", ordered_at="d", store_key="'x'"), "Store"),
        (part("orders", "f", order_key="k", ordered_at="d", account_key="'x'"), "Account"),
        (
            part(
                "posts",
                "f",
                post_key="k",
                account_key="'a'",
                posted_at="d",
                reply_to_post_key="'x'",
            ),
            "Post",
        ),
        (
            part(
                "tickets",
                "f",
                ticket_key="k",
                account_key="'a'",
                opened_at="d",
                kind="'return'",
                order_key="'x'",
            ),
            "Order",
        ),
        (
            part("events", "f", account_key="'a'", at="d", kind="'viewed'", campaign_key="'x'"),
            "Campaign",
        ),
    ],
)
def test_every_reference_makes_its_node(shop: Shop, table: str, label: str) -> None:
    staged = stage(shop, table, f="k,d\nK1,2026-01-02\n")

    key = fact_spec().nodes[label].key
    prefix = "" if label in ("Category", "Store", "Campaign") else "shop:"
    assert f"{prefix}x" in {row[key] for row in staged.picture(label)}


def test_every_end_of_a_relationship_is_a_node(shop: Shop) -> None:
    lines = part("order_lines", "f", order_key="no", product_key="sku", amount="1")
    events = part("events", "f", account_key="who", at="d", kind="'carted'", product_key="sku")
    posts = part(
        "posts", "f", post_key="no", account_key="who", posted_at="d", reply_to_account_key="sku"
    )

    staged = stage(shop, lines, events, posts, f="no,sku,who,d\nO1,S1,A1,2026-01-02\n")

    spec = fact_spec()
    for name in staged.prepared.report.written:
        if name in spec.relationships:
            link = spec.relationships[name]
            for end, label in (("start_id", link.start), ("end_id", link.end)):
                known = {row[spec.nodes[label].key] for row in staged.picture(label)}
                assert {row[end] for row in staged.picture(name)} <= known


# ------------------------------------------------------------------------- shared nodes

TWO_SHOPS = """id,name,price,brand
S1,{name},{price},{brand}
"""


def two_shops(shop: Shop, *rows: str) -> Staged:
    table = part("products", "goods", product_key="id", name="name", price="price", brand="brand")
    sources = []
    for name, row in zip(("first", "second"), rows, strict=True):
        shop.write(f"{name}.csv", f"id,name,price,brand\n{row}\n")
        sources.append(source(name, files={"goods": f"{name}.csv"}, tables=[table]))
    return shop.load(company(*sources))


def test_a_product_of_two_sources_takes_the_first_value_by_their_order(shop: Shop) -> None:
    staged = two_shops(shop, "S1,,12.5,", "S1,Tea,99,Lantern")

    (product,) = staged.picture("Product")
    assert (product["name"], product["price"]) == ("Tea", 125_000)
    assert product["sources"] == ["first", "second"]
    assert ends(staged.picture("Product-OF_BRAND-Brand")) == [("S1", "Lantern")]


def test_unloading_a_source_gives_the_other_ones_values(shop: Shop) -> None:
    two_shops(shop, "S1,Tee,12.5,Lantern", "S1,Tea,99,")

    staged = shop.unload("first")

    (product,) = staged.picture("Product")
    assert (product["name"], product["price"], product["sources"]) == ("Tea", 990_000, ["second"])
    assert "Brand" not in shop.held()


def test_a_source_with_its_own_catalogue_shares_nothing(shop: Shop) -> None:
    table = part("products", "goods", product_key="id")
    shop.write("goods.csv", "id\nS1\n")
    files = {"goods": "goods.csv"}
    text = company(
        source("till", files=files, tables=[table]),
        source("mall", files=files, tables=[table], catalogue="own"),
    )

    staged = shop.stage(text)

    assert [row["product_id"] for row in staged.picture("Product")] == ["S1", "mall:S1"]


# ------------------------------------------------------------------------- relationships


def test_a_tree_of_categories(shop: Shop) -> None:
    staged = stage(shop, CATEGORIES, tree="key,label,up\nroot,Root,\na,A,root\nb,B,a\n")

    assert ends(staged.picture("Category-PART_OF-Category")) == [("a", "root"), ("b", "a")]


def test_a_category_above_itself_is_not_drawn(shop: Shop) -> None:
    staged = stage(shop, CATEGORIES, tree="key,label,up\nroot,Root,root\n")

    assert staged.picture("Category-PART_OF-Category") == []


def test_a_post_that_answers_a_post_points_at_the_post_alone(shop: Shop) -> None:
    posts = part(
        "posts",
        "p",
        post_key="id",
        account_key="who",
        posted_at="d",
        reply_to_post_key="post",
        reply_to_account_key="person",
    )

    staged = stage(
        shop,
        posts,
        p="id,who,d,post,person\nP1,A1,2026-01-02,,\nP2,A2,2026-01-02,P1,A1\nP3,A3,2026-01-02,,A1\n",
    )

    assert ends(staged.picture("Post-REPLIES_TO-Post")) == [("shop:P2", "shop:P1")]
    assert ends(staged.picture("Post-REPLIES_TO-Account")) == [("shop:P3", "shop:A1")]


def test_a_guests_order_is_placed_by_nobody(shop: Shop) -> None:
    orders = part("orders", "o", order_key="no", account_key="who", ordered_at="d")

    staged = stage(shop, orders, o="no,who,d\nO1,,2026-01-02\nO2,A1,2026-01-02\n")

    assert len(staged.picture("Order")) == 2
    assert ends(staged.picture("Account-PLACED-Order")) == [("shop:A1", "shop:O2")]


def test_defaults_stand_where_a_row_says_nothing(shop: Shop) -> None:
    orders = part("orders", "o", order_key="no", ordered_at="d")
    lines = part("order_lines", "o", order_key="no", product_key="no", amount="1")

    staged = stage(shop, orders, lines, o="no,d\nO1,2026-01-02\n")

    assert [row["status"] for row in staged.picture("Order")] == ["paid"]
    assert [row["quantity"] for row in staged.picture("Order-CONTAINS-Product")] == [1.0]


# ------------------------------------------------------------------------------- events

EVENTS = part(
    "events",
    "e",
    account_key="who",
    at='"when"',
    kind="kind",
    product_key="sku",
    category_key="cat",
)


def test_events_are_rolled_up_by_account_kind_and_target(shop: Shop) -> None:
    staged = stage(
        shop,
        EVENTS,
        e="who,when,kind,sku,cat\n"
        "A1,2026-01-02 10:00,viewed,S1,C1\n"
        "A1,2026-01-02 11:00,viewed,S1,C1\n"
        "A1,2026-01-04 09:00,viewed,S1,C1\n"
        "A1,2026-01-05 09:00,carted,S1,\n"
        "A1,2026-01-05 09:00,viewed,,C1\n"
        "A2,2026-01-05 09:00,logged_in,,\n",
    )

    (viewed,) = staged.picture("Account-VIEWED-Product")
    assert (viewed["n"], viewed["days"]) == (3, 2)
    assert str(viewed["first_at"]) == "2026-01-02 02:00:00+00:00"
    assert str(viewed["last_at"]) == "2026-01-04 01:00:00+00:00"
    assert ends(staged.picture("Account-CARTED-Product")) == [("shop:A1", "S1")]
    assert [row["n"] for row in staged.picture("Account-VIEWED-Category")] == [1]
    assert len(staged.rows("events")) == 6


def test_a_day_is_the_companys(shop: Shop) -> None:
    staged = stage(
        shop,
        EVENTS,
        # 23:30 and 00:30 in Shanghai, one day in UTC
        e="who,when,kind,sku,cat\n"
        "A1,2026-01-02T15:30:00Z,viewed,S1,\nA1,2026-01-02T16:30:00Z,viewed,S1,\n",
    )

    assert [row["days"] for row in staged.picture("Account-VIEWED-Product")] == [2]


# -------------------------------------------------------------------------- declarations


def test_every_element_of_the_facts_has_a_query_of_its_own_columns(shop: Shop) -> None:
    spec, queries = fact_spec(), element_queries(fact_spec(), timezone="UTC")
    written_by_others = {"Circle", "Customer", "CustomerAlias", "AlgorithmRun", "ResolutionEvent"}
    written_by_others |= {"LoadReport", "Home", "Household", "Alert", "Segment"}

    assert set(spec.nodes) - set(queries) == written_by_others
    assert {name for name in spec.relationships if name not in queries} == {
        "Account-RESOLVED_TO-Customer",
        "Account-TOGETHER-Account",
        "Account-APART-Account",
        "Customer-IN_SEGMENT-Segment",
        "Customer-LIKELY_SAME-Customer",
        "Customer-SPLIT_FROM-Customer",
        "CustomerAlias-MERGED_INTO-Customer",
    }


def test_a_query_tells_the_tables_that_it_reads() -> None:
    queries = element_queries(fact_spec(), timezone="UTC")

    assert tables_of(queries["Order-SOLD_AT-Store"], fact_spec()) == {"orders"}
    assert tables_of(queries["Identifier"], fact_spec()) == {"identifiers"}
    assert tables_of(queries["Store"], fact_spec()) == {"stores", "orders"}
    assert "order_lines" in tables_of(queries["Product"], fact_spec())


def test_rows_are_identified_by_key_or_by_ends_and_key() -> None:
    spec = fact_spec()

    assert identity_of(spec.nodes["Order"]) == ("order_id",)
    assert identity_of(spec.relationships["Account-PLACED-Order"]) == ("start_id", "end_id")
    contains = spec.relationships["Order-CONTAINS-Product"]
    assert identity_of(contains) == ("start_id", "end_id", "line_key")


def test_no_staged_table_has_a_personal_column() -> None:
    for table in fact_spec().tables.values():
        personal = {column.name for column in table.columns if column.personal}
        assert personal.isdisjoint(staged_types(table))
