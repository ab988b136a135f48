"""Tables, schema and algorithms as declared: complete, in the language asked for."""

from collections.abc import Mapping

import pytest

from algorithms.registry import REGISTRY, computed_spec
from api.declared import (
    TableNotFoundError,
    algorithm_view,
    property_view,
    schema_view,
    table_names,
    table_view,
)
from api.models import AlgorithmView, PropertyView, SchemaView, TableView
from api.views import Row
from graph.language import Text, speaking
from graph.spec import PropertySpec

SPEC = computed_spec()
TABLES = [*SPEC.tables, *REGISTRY.tables]


def no_nodes(query: str, parameters: Mapping[str, object]) -> list[Row]:
    """Answer a count as an empty graph does."""
    assert "count(n)" in query
    assert parameters == {}
    return []


def test_every_table_is_named_once_with_who_fills_it() -> None:
    listed = table_names(SPEC, REGISTRY.tables)

    assert [table["name"] for table in listed] == TABLES
    origins = {str(table["name"]): table["origin"] for table in listed}
    assert origins["orders"] == "sources"
    assert origins["also_bought"] == "algorithms"


@pytest.mark.parametrize("name", TABLES)
def test_every_table_can_be_shown_as_promised(name: str) -> None:
    shown = TableView.model_validate(table_view(SPEC, REGISTRY.tables, name=name))

    assert shown.name == name
    assert shown.columns
    assert all(column.about for column in shown.columns)


def test_a_table_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(TableNotFoundError, match="accounts"):
        table_view(SPEC, REGISTRY.tables, name="nonsense")


def test_columns_that_never_enter_the_graph_are_marked() -> None:
    shown = TableView.model_validate(table_view(SPEC, REGISTRY.tables, name="identifiers"))

    personal = {column.name for column in shown.columns if column.personal}
    assert {"value", "value_md5"} <= personal


def test_a_key_column_says_what_it_names() -> None:
    shown = TableView.model_validate(table_view(SPEC, REGISTRY.tables, name="orders"))

    refers = {column.name: column.refers for column in shown.columns}
    assert (refers["account_key"], refers["store_key"]) == ("Account", "Store")
    assert refers["coupon"] == ""


def test_the_schema_is_whole_for_an_empty_graph() -> None:
    shown = SchemaView.model_validate(schema_view(no_nodes, spec=SPEC))

    assert {node.label for node in shown.nodes} == set(SPEC.nodes)
    assert {node.n for node in shown.nodes} == {0}
    assert len(shown.relationships) == len(SPEC.relationships)


def test_the_schema_tells_facts_from_knowledge() -> None:
    shown = SchemaView.model_validate(schema_view(no_nodes, spec=SPEC))

    product = next(node for node in shown.nodes if node.label == "Product")
    basis = {p.name: (p.basis, p.owner) for p in product.properties}
    assert basis["price"] == ("observed", "")
    assert basis["copurchase_partners"] == ("inferred", "copurchase")


@pytest.mark.parametrize("name", [algorithm.name for algorithm in REGISTRY])
def test_every_algorithm_can_be_shown_as_promised(name: str) -> None:
    algorithm = REGISTRY.named(name)

    shown = AlgorithmView.model_validate(algorithm_view(algorithm, None))

    assert shown.name == name
    assert set(shown.reads) == set(algorithm.reads)
    assert {p.owner for properties in shown.writes.values() for p in properties} == {name}
    assert shown.run is None


def test_meanings_follow_the_language_and_names_do_not() -> None:
    price = PropertySpec("price", "money", Text("List price", "标价"), minimum=0)

    english = PropertyView.model_validate(property_view(price))
    with speaking("zh"):
        chinese = PropertyView.model_validate(property_view(price))

    assert (english.about, chinese.about) == ("List price", "标价")
    assert english.name == chinese.name
    assert (english.minimum, english.maximum) == (0, None)


def test_codes_are_listed() -> None:
    status = PropertySpec("status", "code", Text("State", "状态"), codes=("paid", "cancelled"))

    assert PropertyView.model_validate(property_view(status)).codes == ["paid", "cancelled"]
