"""Statements about every table: its columns, its identity and its picture fit together."""

import pytest

from graph.language import Text
from graph.models import Order
from graph.relations import ExposedTo
from graph.shapes import element_of
from graph.spec import TableSpec, fact_spec
from graph.tables import BOOKKEEPING, TABLES, account, facts, key, personal

SPEC = fact_spec()
ALL = [pytest.param(table, id=table.name) for table in TABLES]


@pytest.mark.parametrize("table", ALL)
def test_a_table_says_what_a_row_is_in_both_languages(table: TableSpec) -> None:
    assert table.about.en
    assert any(letter >= "\u2e80" for letter in table.about.zh)


@pytest.mark.parametrize("table", ALL)
def test_no_column_is_declared_or_stored_twice(table: TableSpec) -> None:
    names, stored = [c.name for c in table.columns], [c.stored for c in table.stored]

    assert len(set(names)) == len(names)
    assert len(set(stored)) == len(stored)


@pytest.mark.parametrize("table", ALL)
def test_a_column_names_a_label_that_exists(table: TableSpec) -> None:
    assert {c.refers for c in table.columns} <= {"", *SPEC.nodes}


@pytest.mark.parametrize("table", ALL)
def test_loads_keep_their_own_columns_to_themselves(table: TableSpec) -> None:
    assert BOOKKEEPING.isdisjoint(c.name for c in table.columns)


@pytest.mark.parametrize("table", ALL)
def test_a_rows_identity_is_stored_or_a_digest(table: TableSpec) -> None:
    stored = {c.stored for c in table.stored}
    made = set(table.identity) - stored

    # of an identifier the hash stands in for the value, of a keyless row a digest of it all
    assert not made or table.keyless or table.name in ("identifiers", "events")


@pytest.mark.parametrize("table", [t for t in ALL if t.values[0].node])  # type: ignore[union-attr]
def test_a_row_that_is_a_node_has_its_key_and_its_facts(table: TableSpec) -> None:
    node = SPEC.nodes[table.node]
    stored = {c.stored for c in table.stored}

    assert table.identity == (node.key,)
    assert {p.name for p in node.facts} - BOOKKEEPING <= stored


@pytest.mark.parametrize("table", ALL)
def test_every_link_of_a_row_is_a_declared_relationship(table: TableSpec) -> None:
    for link in table.links:
        assert element_of(table, link) in SPEC.relationships
        assert table.column(link.column).refers == link.label


def test_money_is_measured_as_money_and_times_as_times() -> None:
    orders = SPEC.tables["orders"]

    assert orders.column("amount").kind == "money"
    assert orders.column("ordered_at").kind == "time"


def test_a_person_is_named_in_the_vault_alone() -> None:
    accounts = SPEC.tables["accounts"]

    assert accounts.column("full_name").personal
    assert "full_name" not in [c.stored for c in accounts.stored]


def test_facts_leave_out_what_is_computed_kept_or_excluded() -> None:
    names = [c.name for c in facts(ExposedTo, without=("exposure_key",))]

    assert names == ["at", "channel", "action", "cost", "is_control"]
    assert "order_id" not in [c.name for c in facts(Order)]


def test_a_column_taken_from_the_model_keeps_its_range() -> None:
    cost = next(c for c in facts(ExposedTo) if c.name == "cost")

    assert (cost.kind, cost.minimum, cost.about.en) == ("money", 0, "Cost of the contact")
    assert not cost.personal


def test_a_key_refers_and_a_personal_column_does_not() -> None:
    cup = key("cup_key", Text("Cup", "杯"), refers="Cup", required=True)
    name = personal("name", Text("Name", "姓名"))

    assert (cup.stored, cup.required, cup.personal) == ("cup_id", True, False)
    assert (name.stored, name.required, name.personal) == ("name", False, True)
    assert account(required=False).stored == "account_id"
