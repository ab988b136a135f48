"""Statements about every declared label, relationship and property."""

import re

import pytest

from graph.codes import ACCOUNT_KINDS, EVENT_KINDS, IDENTIFIER_KINDS, STATES
from graph.spec import Element, NodeSpec, PropertySpec, RelationshipSpec, fact_spec

SPEC = fact_spec()
ELEMENTS: list[Element] = [*SPEC.nodes.values(), *SPEC.relationships.values()]
PROPERTIES = [(e.name, p) for e in ELEMENTS for p in e.properties]


def each(nodes: list[NodeSpec]) -> list[object]:
    return [pytest.param(node, id=node.label) for node in nodes]


@pytest.mark.parametrize("node", each(list(SPEC.nodes.values())))
def test_a_label_is_a_singular_noun_with_one_unique_key(node: NodeSpec) -> None:
    unique = [p.name for p in node.properties if p.unique]

    assert re.fullmatch(r"([A-Z][a-z]+)+", node.label)
    assert unique == [node.key]
    assert node.about.en


@pytest.mark.parametrize("link", [pytest.param(x, id=n) for n, x in SPEC.relationships.items()])
def test_a_relationship_joins_declared_labels(link: RelationshipSpec) -> None:
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", link.type)
    assert {link.start, link.end} <= set(SPEC.nodes)
    assert link.key in {"", *(p.name for p in link.properties)}


def test_every_property_is_explained_in_both_languages() -> None:
    unexplained = [
        f"{element}.{p.name}"
        for element, p in PROPERTIES
        if not p.about.en.strip() or not any(letter >= "\u2e80" for letter in p.about.zh)
    ]

    assert unexplained == []


def test_every_name_is_in_small_letters() -> None:
    assert [p.name for _, p in PROPERTIES if not re.fullmatch(r"[a-z][a-z0-9_]*", p.name)] == []


def test_a_range_has_its_ends_in_order() -> None:
    upside_down = [
        f"{element}.{p.name}"
        for element, p in PROPERTIES
        if p.minimum is not None and p.maximum is not None and p.minimum > p.maximum
    ]

    assert upside_down == []


def test_a_code_names_its_words_and_nothing_else_does() -> None:
    assert [f"{e}.{p.name}" for e, p in PROPERTIES if bool(p.codes) != (p.kind == "code")] == []


def test_a_default_is_a_value_that_the_property_may_take() -> None:
    wrong = [f"{e}.{p.name}" for e, p in PROPERTIES if p.default is not None and not _takes(p)]

    assert wrong == []


def _takes(p: PropertySpec) -> bool:
    if p.codes:
        return p.default in p.codes
    if isinstance(p.default, bool):
        return p.kind == "boolean"
    if isinstance(p.default, int | float):
        low = p.minimum is None or p.default >= p.minimum
        return low and (p.maximum is None or p.default <= p.maximum)
    return p.kind in ("text", "key")


def test_a_probability_lies_between_nought_and_one() -> None:
    sure = [p for _, p in PROPERTIES if p.name in ("confidence", "probability")]

    assert sure
    assert {(p.minimum, p.maximum) for p in sure} == {(0, 1)}


def test_every_kind_of_event_leads_to_products_and_categories() -> None:
    wanted = {f"Account-{k.upper()}-{end}" for k in EVENT_KINDS for end in ("Product", "Category")}

    assert wanted <= set(SPEC.relationships)


def test_the_words_are_told_apart() -> None:
    for words in (ACCOUNT_KINDS, IDENTIFIER_KINDS, STATES, EVENT_KINDS):
        assert len(set(words)) == len(words)


def test_nothing_personal_is_a_property_of_the_graph() -> None:
    personal = {c.name for t in SPEC.tables.values() for c in t.columns if c.personal}
    # of an identifier the value itself is personal; a campaign or a tag may have that word too
    personal -= {"value"}

    assert personal
    assert [f"{e}.{p.name}" for e, p in PROPERTIES if p.name in personal] == []
