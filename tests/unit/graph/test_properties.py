"""A declared property keeps what people need to know, and is neomodel's property still."""

from typing import Any

import neomodel
import pytest

from graph.language import Text
from graph.properties import (
    Code,
    Day,
    Described,
    Flag,
    Integer,
    Json,
    Key,
    Money,
    Number,
    String,
    Strings,
    Time,
)
from graph.relations import Contains

KINDS: list[tuple[type[Described], str]] = [
    (Key, "key"),
    (String, "text"),
    (Code, "code"),
    (Strings, "texts"),
    (Time, "time"),
    (Day, "date"),
    (Integer, "integer"),
    (Number, "number"),
    (Money, "money"),
    (Flag, "boolean"),
    (Json, "json"),
]


class Cup(neomodel.StructuredNode):
    """A node of the tests; never written to any graph."""

    __abstract_node__ = True

    cup_id = Key("Which cup", "哪个杯子", unique_index=True, required=True)
    warmth = Number(
        "How warm it is", "温度", unit="degrees", minimum=0, maximum=100, owner="thermometer"
    )
    colour = Code("Its colour", "颜色", codes=("white", "blue"), default="white")


@pytest.mark.parametrize(("made", "kind"), KINDS)
def test_a_property_knows_its_kind_and_both_meanings(made: type[Described], kind: str) -> None:
    declared = made("A meaning", "含义")

    assert declared.kind == kind
    assert declared.about == Text("A meaning", "含义")


def test_no_kind_is_declared_twice() -> None:
    assert len({kind for _, kind in KINDS}) == len(KINDS)


def test_meaning_unit_range_and_owner_survive_the_class_body() -> None:
    found = Cup.defined_properties(aliases=False, rels=False)["warmth"]

    assert found.about == Text("How warm it is", "温度")
    assert (found.unit, found.minimum, found.maximum) == ("degrees", 0, 100)
    assert found.computed_by == "thermometer"


def test_neomodels_own_options_go_through() -> None:
    found = Cup.defined_properties(aliases=False, rels=False)

    assert found["cup_id"].unique_index
    assert found["cup_id"].required
    assert found["colour"].default == "white"


def test_what_is_not_said_is_empty_and_unbounded() -> None:
    declared = Integer("Number of cups", "杯数")

    assert (declared.unit, declared.codes, declared.computed_by) == ("", (), "")
    assert (declared.minimum, declared.maximum) == (None, None)


def test_an_object_takes_values_and_defaults() -> None:
    said: Any = {"amount": 4.5}  # neomodel's own hints take a keyword's value for all of them

    line = Contains(**said)

    found = [getattr(line, name) for name in ("amount", "quantity", "list_amount")]
    assert found == [4.5, 1, None]
