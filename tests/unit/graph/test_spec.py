"""What is read off the declarations is what they say."""

import pytest

from graph.language import Text
from graph.properties import Code, Integer
from graph.relations import Contains
from graph.spec import (
    COMPANY_LABELS,
    ColumnSpec,
    GraphSpec,
    NodeSpec,
    PropertySpec,
    RelationshipSpec,
    TableSpec,
    fact_spec,
    properties_of,
    property_of,
)

ABOUT = Text("about", "关于")


def column(name: str, *, refers: str = "", personal: bool = False) -> ColumnSpec:
    return ColumnSpec(name, "key", ABOUT, refers=refers, personal=personal)


def table(*columns: ColumnSpec, node: str = "") -> TableSpec:
    return TableSpec("cups", ABOUT, columns, identity=("cup_id",), node=node)


def prop(name: str, *, owner: str = "") -> PropertySpec:
    return PropertySpec(name, "integer", ABOUT, owner=owner)


# ------------------------------------------------------------------------------ columns


@pytest.mark.parametrize(
    ("name", "refers", "stored"),
    [
        ("cup_key", "Cup", "cup_id"),
        ("reply_to_cup_key", "Cup", "reply_to_cup_id"),
        ("line_key", "", "line_key"),
        ("brand", "Brand", "brand"),
        ("colour", "", "colour"),
    ],
)
def test_a_key_of_a_node_is_stored_as_its_id(name: str, refers: str, stored: str) -> None:
    assert column(name, refers=refers).stored == stored


def test_personal_columns_are_not_stored() -> None:
    cups = table(column("cup_key", refers="Cup"), column("drinker", personal=True))

    assert [c.name for c in cups.stored] == ["cup_key"]


def test_a_column_is_found_by_its_name_in_a_manifest() -> None:
    cups = table(column("cup_key", refers="Cup"), column("colour"))

    assert cups.column("cup_key").stored == "cup_id"


@pytest.mark.parametrize(
    ("node", "is_shared"), [("Product", True), ("Identifier", True), ("Order", False), ("", False)]
)
def test_a_catalogue_is_shared_and_an_order_is_not(node: str, is_shared: bool) -> None:
    assert table(node=node).is_shared is is_shared


# ----------------------------------------------------------------------------- elements


def test_facts_are_what_a_load_writes() -> None:
    properties = (prop("cup_id"), prop("size"), prop("loaded_at"), prop("warmth", owner="tea"))

    node = NodeSpec("Cup", "cup_id", ABOUT, properties)

    assert [p.name for p in node.facts] == ["size"]


def test_a_relationship_is_named_after_its_ends_and_keeps_its_key() -> None:
    properties = (prop("line_key"), prop("weight", owner="tea"))

    link = RelationshipSpec("HOLDS", "Tray", "Cup", properties, key="line_key")

    assert link.name == "Tray-HOLDS-Cup"
    assert [p.name for p in link.facts] == ["line_key"]


def test_what_algorithms_add_stands_beside_the_facts_and_changes_nothing_else() -> None:
    cup = NodeSpec("Cup", "cup_id", ABOUT, (prop("cup_id"),))
    tray = NodeSpec("Tray", "tray_id", ABOUT, (prop("tray_id"),))
    facts = GraphSpec({"Cup": cup, "Tray": tray}, {}, {})
    link = RelationshipSpec("NEAR", "Cup", "Cup")

    joined = facts.with_computed({"Cup": [prop("warmth", owner="tea")]}, [link])

    assert [p.name for p in joined.nodes["Cup"].properties] == ["cup_id", "warmth"]
    assert joined.element("Cup-NEAR-Cup") is link
    assert joined.element("Tray") is tray
    assert facts.nodes["Cup"] is cup
    assert not facts.relationships


def test_a_property_of_an_unknown_label_is_a_slip() -> None:
    with pytest.raises(KeyError, match="Cup"):
        GraphSpec({}, {}, {}).with_computed({"Cup": [prop("warmth")]})


# ------------------------------------------------------------------- reading the classes


def test_a_declared_property_is_read_whole() -> None:
    declared = Integer("Size", "大小", unit="ml", minimum=1, maximum=9, owner="tea", index=True)

    assert property_of("size", declared) == PropertySpec(
        name="size",
        kind="integer",
        about=Text("Size", "大小"),
        unit="ml",
        minimum=1,
        maximum=9,
        owner="tea",
        indexed=True,
    )


def test_codes_defaults_and_requirement_are_read_too() -> None:
    colour = property_of("c", Code("Colour", "颜色", codes=("white", "blue"), default="blue"))
    needed = property_of("c", Code("Colour", "颜色", codes=("white",), required=True))

    assert (colour.codes, colour.default, colour.required) == (("white", "blue"), "blue", False)
    assert (needed.default, needed.required) == (None, True)


def test_properties_come_in_the_order_of_the_class() -> None:
    assert [p.name for p in properties_of(Contains)] == [
        "line_key",
        "quantity",
        "amount",
        "list_amount",
    ]


def test_the_facts_are_read_once() -> None:
    assert fact_spec() is fact_spec()


def test_an_order_is_placed_by_an_account_and_contains_products() -> None:
    links = fact_spec().relationships

    assert links["Account-PLACED-Order"].start == "Account"
    assert links["Order-CONTAINS-Product"].key == "line_key"
    assert "Order-PLACED-Account" not in links


@pytest.mark.parametrize("label", sorted(COMPANY_LABELS))
def test_what_the_company_shares_is_declared_and_names_its_sources(label: str) -> None:
    node = fact_spec().nodes[label]

    assert node.key == f"{label.lower()}_id"
    assert "sources" in [p.name for p in node.facts]
