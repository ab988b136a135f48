"""Tables read from staged files: what a first load analyses before there is a graph."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.elements import UnknownColumnError, UnknownTableError
from graph.language import Text
from graph.settings import Settings, read_settings
from graph.shapes import RESOLVED, day_name, shape_of
from graph.spec import PropertySpec, fact_spec
from graph.staged_reader import StagedReader
from graph.staging import staging_folder
from tests.small_company import EARLY, JUDGED, LATE, RESOLUTION, TIMEZONE, stage

SPEC = fact_spec()
Row = dict[str, object]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = read_settings(home=tmp_path_factory.mktemp("small"))
    stage(settings, SPEC)
    return settings


@pytest.fixture
def reader(settings: Settings) -> StagedReader:
    return StagedReader(settings, SPEC, timezone=TIMEZONE, resolution=RESOLUTION)


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> StagedReader:
    settings = read_settings(home=tmp_path_factory.mktemp("empty"))
    return StagedReader(settings, SPEC, timezone=TIMEZONE)


def by_first(rows: pa.Table) -> dict[object, Row]:
    """Return rows by their first column."""
    return {row[rows.column_names[0]]: row for row in rows.to_pylist()}


def test_an_order_names_its_account_store_customer_and_day(reader: StagedReader) -> None:
    orders = by_first(reader.table("orders"))

    assert orders["shop:O1"] == {
        "order_id": "shop:O1",
        "account_id": "shop:A1",
        "ordered_at": LATE,
        "currency": "CNY",
        "channel": "app",
        "status": "paid",
        "payment_type": "card",
        "amount": -99_999,
        "discount": 0,
        "coupon": "10% off; once",
        "store_id": "S1",
        "source": "shop",
        "customer_id": "C-li",
        "ordered_day": date(2026, 3, 1),
    }


def test_a_day_begins_at_midnight_of_the_company(reader: StagedReader) -> None:
    orders = by_first(reader.table("orders", ["order_id", "ordered_at", "ordered_day"]))

    assert orders["shop:O2"]["ordered_at"] == EARLY
    assert orders["shop:O2"]["ordered_day"] == date(2026, 3, 2)


def test_a_guests_order_has_no_account_and_no_customer(reader: StagedReader) -> None:
    guest = by_first(reader.table("orders"))["shop:O3"]

    assert (guest["account_id"], guest["customer_id"]) == (None, None)


def test_an_account_that_is_not_resolved_has_no_customer(reader: StagedReader) -> None:
    order = by_first(reader.table("orders"))["shop:O2"]

    assert (order["account_id"], order["customer_id"]) == ("shop:A9", None)


def test_an_account_that_only_a_fact_names_is_there(reader: StagedReader) -> None:
    accounts = by_first(reader.table("accounts", ["account_id", "kind", "source"]))

    assert accounts["shop:A9"] == {"account_id": "shop:A9", "kind": None, "source": "shop"}
    assert accounts["forum:u2"]["source"] == "forum"


def test_shared_rows_are_merged_and_name_their_sources(reader: StagedReader) -> None:
    categories = by_first(reader.table("categories"))

    assert categories["tea"] == {
        "category_id": "tea",
        "name": "茶; 叶",
        "parent_id": "drinks",
        "sources": ["forum", "shop"],
    }


def test_an_identifier_shows_its_mask_and_no_value(reader: StagedReader) -> None:
    identifiers = reader.table("identifiers")
    phone = next(row for row in identifiers.to_pylist() if row["account_id"] == "shop:A1")

    assert "value" not in identifiers.column_names
    assert (phone["identifier_key"], phone["masked"]) == ("f" * 40, "138****5678")
    assert (phone["kind"], phone["source"], phone["customer_id"]) == ("phone", "shop", "C-li")
    assert (phone["first_seen_day"], phone["last_seen_day"]) == (date(2026, 3, 1), date(2026, 3, 2))


def test_two_lines_of_one_product_stay_two(reader: StagedReader) -> None:
    lines = reader.table("order_lines", ["order_id", "product_id", "line_key", "amount", "source"])

    assert sorted(tuple(row.values()) for row in lines.to_pylist()) == [
        ("shop:O1", "P/1", "1", 20_001, "shop"),
        ("shop:O1", "P/1", "2", -120_000, "shop"),
        ("shop:O2", "P7", "1", 0, "shop"),
    ]


def test_a_post_names_what_it_answers(reader: StagedReader) -> None:
    posts = by_first(reader.table("posts"))

    assert posts["forum:p2"]["reply_to_post_id"] == "forum:p1"
    assert posts["forum:p2"]["reply_to_account_id"] is None
    assert posts["forum:p3"]["reply_to_account_id"] == "forum:u1"
    assert posts["forum:p1"]["text"] == "好喝!\nvery; good"


def test_a_ticket_names_product_and_order(reader: StagedReader) -> None:
    ticket = by_first(reader.table("tickets"))["shop:T1"]

    assert (ticket["product_id"], ticket["order_id"]) == ("P/1", "shop:O1")
    assert (ticket["opened_day"], ticket["closed_day"]) == (date(2026, 3, 1), date(2026, 3, 2))


def test_events_are_read_from_staging_row_by_row(reader: StagedReader) -> None:
    events = by_first(reader.table("events"))

    assert sorted(events, key=str) == ["shop:e1", "shop:e2", "shop:e3"]
    assert events["shop:e1"]["day"] == date(2026, 3, 1)
    assert events["shop:e1"]["customer_id"] == "C-li"
    assert events["shop:e3"]["customer_id"] == "C-visitor"


def test_files_of_a_load_that_is_being_prepared_are_not_read(settings: Settings) -> None:
    committed = staging_folder(settings) / "shop" / "events.parquet"
    prepared = staging_folder(settings) / ".load-x" / "events.parquet"
    prepared.parent.mkdir(exist_ok=True)
    prepared.write_bytes(committed.read_bytes())

    events = StagedReader(settings, SPEC, timezone=TIMEZONE).table("events", ["event_id"])

    assert events.num_rows == 3


def test_columns_come_in_the_order_they_were_asked_for(reader: StagedReader) -> None:
    orders = reader.table("orders", ["ordered_day", "customer_id", "order_id"])

    assert orders.column_names == ["ordered_day", "customer_id", "order_id"]
    assert orders.num_rows == 3


def test_one_column_of_a_linked_node_keeps_every_row(reader: StagedReader) -> None:
    stores = reader.table("orders", ["store_id"])["store_id"].to_pylist()

    assert sorted(stores, key=str) == [None, None, "S1"]


def test_the_resolution_is_the_table_that_was_given(reader: StagedReader) -> None:
    resolution = reader.table("resolution", RESOLUTION.column_names)

    assert sorted(map(str, resolution.to_pylist())) == sorted(map(str, RESOLUTION.to_pylist()))


def test_customers_are_those_of_the_resolution_without_scores(reader: StagedReader) -> None:
    customers = by_first(reader.table("customers", ["customer_id", "n_accounts"]))

    assert sorted(customers, key=str) == ["C-li", "C-visitor"]
    assert customers["C-li"]["n_accounts"] is None


def test_computed_elements_stand_in_for_the_pictures(settings: Settings) -> None:
    scored = PropertySpec("rfm_spend", "money", Text("", ""), owner="rfm")
    reader = StagedReader(
        settings,
        SPEC.with_computed({"Customer": [scored]}),
        timezone=TIMEZONE,
        computed={
            RESOLVED: pa.table({"start_id": ["shop:A9"], "end_id": ["C-nine"]}),
            "Customer": pa.table({"customer_id": ["C-nine"], "rfm_spend": [5]}),
        },
    )

    customers = reader.table("customers", ["customer_id", "rfm_spend"])
    orders = by_first(reader.table("orders"))

    assert customers.to_pylist() == [{"customer_id": "C-nine", "rfm_spend": 5}]
    assert orders["shop:O2"]["customer_id"] == "C-nine"
    assert orders["shop:O1"]["customer_id"] is None


def test_an_element_is_read_in_the_form_of_the_picture(reader: StagedReader) -> None:
    placed = reader.element("Account-PLACED-Order")

    assert sorted(placed.to_pylist(), key=str) == [
        {"start_id": "shop:A1", "end_id": "shop:O1"},
        {"start_id": "shop:A9", "end_id": "shop:O2"},
    ]


def test_events_are_rolled_up_by_account_kind_and_product(reader: StagedReader) -> None:
    (viewed,) = reader.element("Account-VIEWED-Product").to_pylist()

    assert viewed == {
        "start_id": "shop:A1",
        "end_id": "P/1",
        "n": 2,
        "days": 2,
        "first_at": LATE,
        "last_at": EARLY,
    }


@pytest.mark.parametrize("name", [*SPEC.tables, "resolution", "customers"])
def test_an_empty_home_has_every_table_with_its_columns(empty: StagedReader, name: str) -> None:
    rows = empty.table(name)

    assert rows.num_rows == 0
    assert rows.column_names == list(shape_of(SPEC, name).fields)


def test_a_column_that_a_file_lacks_is_null(settings: Settings) -> None:
    folder = settings.home / "older"
    folder.mkdir(exist_ok=True)
    pq.write_table(pa.table({"store_id": ["S9"]}), folder / "Store.parquet")
    reader = StagedReader(settings, SPEC, timezone=TIMEZONE, picture=folder)

    (store,) = reader.table("stores", ["store_id", "opened_on", "sources"]).to_pylist()

    assert store == {"store_id": "S9", "opened_on": None, "sources": None}


def test_an_unknown_table_is_named_with_those_there_are(reader: StagedReader) -> None:
    with pytest.raises(UnknownTableError, match=r"'purchases'.*orders"):
        reader.table("purchases")


def test_an_unknown_column_is_named_with_those_there_are(reader: StagedReader) -> None:
    with pytest.raises(UnknownColumnError, match=r"full_name.*account_id"):
        reader.table("accounts", ["account_id", "full_name"])


def test_an_unknown_element_is_refused(reader: StagedReader) -> None:
    with pytest.raises(UnknownTableError, match="Account-PLACED-Store"):
        reader.element("Account-PLACED-Store")


def test_no_personal_column_is_in_any_table() -> None:
    for name, table in SPEC.tables.items():
        personal = {column.name for column in table.columns if column.personal}
        assert personal & set(shape_of(SPEC, name).fields) == set()


def test_every_stored_column_of_every_table_is_read_back() -> None:
    for name, table in SPEC.tables.items():
        stored = {column.stored for column in table.stored}
        assert stored <= set(shape_of(SPEC, name).fields)


def test_every_time_has_its_day_and_nothing_else_has() -> None:
    for name in SPEC.tables:
        fields = shape_of(SPEC, name).fields
        times = [column for column, f in fields.items() if f.kind == "time"]
        days = [column for column in fields if column == "day" or column.endswith("_day")]
        assert days == [day_name(column) for column in times]


def test_what_resolution_says_of_identifiers_stands_beside_what_was_loaded(
    settings: Settings,
) -> None:
    reader = StagedReader(settings, SPEC, timezone=TIMEZONE, resolution=RESOLUTION, computed=JUDGED)
    columns = ["account_id", "kind", "customer_id", "state", "reason", "linking", "epoch"]

    found = by_first(reader.table("identifiers", [*columns, "refused_reason"]))

    assert found["forum:u1"] == {
        "account_id": "forum:u1",
        "kind": "phone",
        "customer_id": "C-li",
        "state": "linking",
        "reason": None,
        "linking": True,
        "epoch": 2,
        "refused_reason": "name",
    }
    assert (found["shop:A2"]["state"], found["shop:A2"]["reason"]) == ("shared", "cap")
    assert found["shop:A2"]["linking"] is False


def test_an_element_of_which_only_some_rows_were_judged_keeps_the_others(
    settings: Settings,
) -> None:
    judged = {"Identifier": JUDGED["Identifier"].slice(1)}
    reader = StagedReader(settings, SPEC, timezone=TIMEZONE, computed=judged)

    found = by_first(reader.element("Identifier", ["identifier_key", "masked", "state"]))

    assert found["f" * 40] == {
        "identifier_key": "f" * 40,
        "masked": "138****5678",
        "state": None,
    }
    assert found["d" * 40]["state"] == "shared"


def test_what_nobody_judged_is_null(reader: StagedReader) -> None:
    rows = reader.table("identifiers", ["linking", "epoch", "refused_reason", "state", "reason"])

    assert rows.num_rows == 3
    assert {value for row in rows.to_pylist() for value in row.values()} == {None}


def test_columns_of_resolution_cannot_be_loaded() -> None:
    for table in SPEC.tables.values():
        assert not {*table.judged} & {column.name for column in table.columns}
        assert {*table.judged} <= {*shape_of(SPEC, table.name).fields}
