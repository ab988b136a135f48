"""Every key has its constraint and every indexed property its index."""

from graph.ddl import expected
from graph.language import Text
from graph.spec import PropertySpec, RelationshipSpec, fact_spec

SPEC = fact_spec()


def test_every_label_has_a_constraint_on_its_key() -> None:
    statements = expected(SPEC)

    for node in SPEC.nodes.values():
        statement = statements[f"{node.label.lower()}_{node.key}"]
        assert statement.endswith(f"FOR (n:{node.label}) REQUIRE n.{node.key} IS UNIQUE")


def test_an_indexed_time_has_a_range_index() -> None:
    assert expected(SPEC)["order_ordered_at"] == (
        "CREATE INDEX order_ordered_at IF NOT EXISTS FOR (n:Order) ON (n.ordered_at)"
    )


def test_an_indexed_text_has_an_index_that_takes_long_texts() -> None:
    assert expected(SPEC)["product_name"] == (
        "CREATE TEXT INDEX product_name IF NOT EXISTS FOR (n:Product) ON (n.name)"
    )


def test_every_statement_may_be_repeated() -> None:
    assert all("IF NOT EXISTS" in statement for statement in expected(SPEC).values())


def test_a_property_that_an_algorithm_adds_is_indexed() -> None:
    stage = PropertySpec("lifecycle_stage", "code", Text("", ""), owner="lifecycle", indexed=True)

    statements = expected(SPEC.with_computed({"Customer": [stage]}))

    assert set(statements) - set(expected(SPEC)) == {"customer_lifecycle_stage"}


def test_an_indexed_property_of_a_relationship_is_indexed_for_its_type() -> None:
    at = PropertySpec("at", "time", Text("", ""), indexed=True)
    link = RelationshipSpec("KNOWS", "Customer", "Customer", properties=(at,))

    assert expected(SPEC.with_computed({}, [link]))["knows_at"] == (
        "CREATE INDEX knows_at IF NOT EXISTS FOR ()-[r:KNOWS]-() ON (r.at)"
    )
