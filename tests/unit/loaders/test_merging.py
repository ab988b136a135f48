"""Rows of one key, rows without a key, and what a later load says of them."""

import pytest

from graph.engine import engine
from graph.spec import fact_spec
from loaders.merge import merge_parts
from tests.loading import Shop, Staged, company, part, source

ACCOUNTS = part("accounts", "people", account_key="id", city="city", occupation="work")


def people(shop: Shop, *rows: str) -> str:
    shop.write("people.csv", "\n".join(["id,city,work", *rows]) + "\n")
    return company(source(files={"people": "people.csv"}, tables=[ACCOUNTS]))


def lines(shop: Shop, *rows: str, line_key: bool = False) -> str:
    shop.write("lines.csv", "\n".join(["no,sku,qty,paid,nr", *rows]) + "\n")
    columns = {"line_key": "nr"} if line_key else {}
    table = part(
        "order_lines",
        "lines",
        order_key="no",
        product_key="sku",
        quantity="qty",
        amount="paid",
        **columns,
    )
    return company(source(files={"lines": "lines.csv"}, tables=[table]))


def cities(staged: Staged) -> dict[object, object]:
    return {row["account_id"]: row["city"] for row in staged.rows("accounts")}


# ------------------------------------------------------------------------- rows of one key


def test_rows_of_one_key_merge_column_by_column(shop: Shop) -> None:
    staged = shop.stage(people(shop, "A1,上海,", "A1,,医生"))

    (row,) = staged.rows("accounts")
    assert (row["city"], row["occupation"]) == ("上海", "医生")
    assert (staged.report("accounts").duplicates, staged.report("accounts").conflicts) == (1, {})


def test_of_two_values_the_first_in_their_order_is_kept_and_the_conflict_counted(
    shop: Shop,
) -> None:
    staged = shop.stage(people(shop, "A1,b,x", "A1,a,x", "A1,c,x", "A2,b,x"))

    assert cities(staged) == {"shop:A1": "a", "shop:A2": "b"}
    assert staged.report("accounts").conflicts == {"city": 1}
    assert staged.report("accounts").duplicates == 2


def test_the_first_five_keys_in_conflict_are_named(shop: Shop) -> None:
    rows = [f"A{number},{city}," for number in range(7, 0, -1) for city in ("a", "b")]

    staged = shop.stage(people(shop, *rows, "A8,c,x", "A8,c,y"))

    report = staged.report("accounts")
    assert report.conflicts == {"city": 7, "occupation": 1}
    assert report.conflicting == {
        "city": [f"shop:A{number}" for number in range(1, 6)],
        "occupation": ["shop:A8"],
    }


def test_a_conflict_of_a_line_is_named_by_order_and_number(shop: Shop) -> None:
    staged = shop.stage(lines(shop, "O1,a,1,2,7", "O1,a,1,3,7", line_key=True))

    assert staged.report("order_lines").conflicting == {"amount": ["shop:O1 7"]}


def test_keys_that_differ_in_case_are_two(shop: Shop) -> None:
    assert len(shop.stage(people(shop, "A1,,", "a1,,")).rows("accounts")) == 2


# --------------------------------------------------------------------------- a later load


def test_a_later_load_replaces_what_it_states_and_nothing_else(shop: Shop) -> None:
    shop.load(people(shop, "A1,上海,医生", "A2,北京,"))

    staged = shop.load(people(shop, "A1,广州,", "A3,成都,"))

    assert cities(staged) == {"shop:A1": "广州", "shop:A2": "北京", "shop:A3": "成都"}
    (first, *_) = staged.rows("accounts")
    assert first["occupation"] == "医生"
    report = staged.report("accounts")
    assert (report.new, report.changed, report.unchanged, report.removed) == (1, 1, 1, 0)


def test_the_same_file_again_changes_nothing(shop: Shop) -> None:
    text = people(shop, "A1,上海,医生", "A2,北京,")
    shop.load(text)
    before = shop.held()

    staged = shop.load(text)

    assert not staged.prepared.report.changed_anything
    assert staged.report("accounts").unchanged == 2
    assert shop.held() == before


def test_replace_removes_what_the_source_no_longer_has(shop: Shop) -> None:
    shop.load(people(shop, "A1,上海,医生", "A2,北京,"))

    staged = shop.load(people(shop, "A1,上海,"), replace=True)

    (row,) = staged.rows("accounts")
    assert (row["account_id"], row["occupation"]) == ("shop:A1", None)
    assert staged.report("accounts").removed == 1
    assert staged.prepared.report.removed == {"Account": 1}


def test_replace_removes_a_table_that_the_source_no_longer_fills(shop: Shop) -> None:
    text = people(shop, "A1,上海,")
    stores = part("stores", "people", store_key="city")
    shop.load(company(source(files={"people": "people.csv"}, tables=[ACCOUNTS, stores])))

    staged = shop.load(text, replace=True)

    assert staged.report("stores").removed == 1
    assert "shop.stores" not in shop.held()
    assert "Store" not in shop.held()


# ------------------------------------------------------------------------- lines of an order


def test_lines_without_a_number_are_numbered_by_their_values(shop: Shop) -> None:
    one = shop.stage(lines(shop, "O1,b,1,2,", "O1,a,1,3,", "O1,a,1,2,", "O2,a,1,1,"))
    other = shop.stage(lines(shop, "O2,a,1,1,", "O1,a,1,2,", "O1,b,1,2,", "O1,a,1,3,"))

    assert one.rows("order_lines") == other.rows("order_lines")
    assert {row["line_key"] for row in one.rows("order_lines")} == {"#1", "#2", "#3"}


def test_several_equal_lines_of_one_order_stay_several(shop: Shop) -> None:
    staged = shop.stage(lines(shop, "O1,a,1,2,", "O1,a,1,2,"))

    assert len(staged.rows("order_lines")) == 2
    assert len(staged.picture("Order-CONTAINS-Product")) == 2


def test_lines_of_one_number_are_one_line(shop: Shop) -> None:
    staged = shop.stage(lines(shop, "O1,a,1,2,1", "O1,a,1,2,1", "O1,a,1,2,2", line_key=True))

    assert [row["line_key"] for row in staged.rows("order_lines")] == ["1", "2"]


def test_an_order_that_comes_again_brings_all_its_lines(shop: Shop) -> None:
    shop.load(lines(shop, "O1,a,1,2,", "O1,b,1,2,", "O2,a,1,1,"))

    staged = shop.load(lines(shop, "O1,c,1,9,"))

    found = sorted(
        (str(row["order_id"]), str(row["product_id"])) for row in staged.rows("order_lines")
    )
    assert found == [("shop:O1", "c"), ("shop:O2", "a")]


def test_an_order_without_its_lines_keeps_them(shop: Shop) -> None:
    shop.load(lines(shop, "O1,a,1,2,"))
    shop.write("orders.csv", "no,day\nO1,2026-01-02\n")
    orders = part("orders", "orders", order_key="no", ordered_at="day")

    shop.load(company(source(files={"orders": "orders.csv"}, tables=[orders])))

    assert len(shop.held()["Order-CONTAINS-Product"]) == 1


# ---------------------------------------------------------------------- rows without a key


def exposures(shop: Shop, *rows: str) -> str:
    shop.write("contacts.csv", "\n".join(["who,day,by,campaign", *rows]) + "\n")
    table = part(
        "exposures",
        "contacts",
        account_key="who",
        at='"day"',
        channel='"by"',
        campaign_key="campaign",
    )
    return company(source(files={"contacts": "contacts.csv"}, tables=[table]))


def test_equal_rows_without_a_key_are_several(shop: Shop) -> None:
    staged = shop.stage(exposures(shop, *["A1,2026-01-02,sms,K1"] * 3))

    assert len(staged.rows("exposures")) == 3
    assert len({row["exposure_key"] for row in staged.rows("exposures")}) == 3


def test_loads_of_rows_without_a_key_merge_by_the_largest_number(shop: Shop) -> None:
    shop.load(exposures(shop, *["A1,2026-01-02,sms,K1"] * 2))

    fewer = shop.load(exposures(shop, "A1,2026-01-02,sms,K1"))
    more = shop.load(exposures(shop, *["A1,2026-01-02,sms,K1"] * 3, "A1,2026-01-03,sms,K1"))

    assert not fewer.prepared.report.changed_anything
    assert len(more.rows("exposures")) == 4


def test_an_exposure_without_a_campaign_belongs_to_one_named_after_its_channel(
    shop: Shop,
) -> None:
    staged = shop.stage(exposures(shop, "A1,2026-01-02,sms,"))

    assert [row["campaign_id"] for row in staged.picture("Campaign")] == ["sms"]
    assert staged.prepared.report.bare == {"Account": 1, "Campaign": 1}


def test_events_with_a_key_are_one_and_without_one_are_many(shop: Shop) -> None:
    shop.write(
        "events.csv",
        "id,who,day,sku\nE1,A1,2026-01-02,a\nE1,A1,2026-01-02,a\n,A1,2026-01-02,a\n,A1,2026-01-02,a\n",
    )
    table = part(
        "events",
        "events",
        event_key="id",
        account_key="who",
        at='"day"',
        kind="'viewed'",
        product_key="sku",
    )

    staged = shop.stage(company(source(files={"events": "events.csv"}, tables=[table])))

    assert len(staged.rows("events")) == 3
    (rolled,) = staged.picture("Account-VIEWED-Product")
    assert (rolled["n"], rolled["days"]) == (3, 1)


def test_a_balance_is_known_by_account_kind_and_expiry(shop: Shop) -> None:
    table = part("balances", "b", account_key="who", kind="'points'", amount="n", expires_at="ends")
    text = company(source(files={"b": "b.csv"}, tables=[table]))
    shop.write("b.csv", "who,n,ends\nA1,100,2030-01-01\nA1,5,\n")
    shop.load(text)
    shop.write("b.csv", "who,n,ends\nA1,80,2030-01-01\n")

    staged = shop.load(text)

    assert {row["amount"] for row in staged.rows("balances")} == {5.0, 80.0}
    assert staged.report("balances").changed == 1


def test_a_null_and_a_missing_column_give_a_row_without_a_key_the_same_identity(
    shop: Shop,
) -> None:
    with_column = shop.stage(exposures(shop, "A1,2026-01-02,sms,"))
    table = part("exposures", "contacts", account_key="who", at='"day"', channel='"by"')

    without = shop.stage(company(source(files={"contacts": "contacts.csv"}, tables=[table])))

    assert with_column.rows("exposures") == without.rows("exposures")


# -------------------------------------------------------------------------- several parts


def test_two_parts_of_one_table_are_one_table(shop: Shop) -> None:
    shop.write("old.csv", "id,town\nA1,上海\nA2,北京\n")
    people(shop, "A1,,医生")
    old = part("accounts", "old", account_key="id", city="town")
    files = {"people": "people.csv", "old": "old.csv"}

    staged = shop.stage(company(source(files=files, tables=[ACCOUNTS, old])))

    assert cities(staged) == {"shop:A1": "上海", "shop:A2": "北京"}
    assert (staged.report("accounts").read, staged.report("accounts").duplicates) == (3, 1)


@pytest.mark.parametrize("table", sorted(fact_spec().tables))
def test_every_table_merges_no_rows_into_no_rows(shop: Shop, table: str) -> None:
    to = shop.data / "merged.parquet"

    with engine(shop.settings) as connection:
        merged = merge_parts(connection, fact_spec().tables[table], parts=[], source="shop", to=to)

    assert (merged.rows, merged.duplicates, merged.conflicts) == (0, 0, {})
    assert to.exists()
