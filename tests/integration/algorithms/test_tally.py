"""Counting what the graph holds of an algorithm's results."""

import pytest

from algorithms.registry import computed_spec
from graph.session import Database
from graph.tally import count_properties, count_relationships

pytestmark = pytest.mark.integration

SPEC = computed_spec()
PRODUCT = SPEC.nodes["Product"]
OWN = [p for p in PRODUCT.properties if p.owner == "copurchase"]


def test_an_empty_graph_holds_nothing(database: Database) -> None:
    found = count_properties(database, PRODUCT, properties=OWN)

    assert found == {
        "copurchase_partners": 0,
        "copurchase_best_lift": 0,
        "copurchase_best_partner_id": 0,
    }
    assert count_relationships(database, SPEC.relationships["Product-ALSO_BOUGHT-Product"]) == 0


def test_values_are_counted_and_absent_ones_are_not(database: Database) -> None:
    database.write(
        "CREATE (:Product {product_id: 'a', copurchase_partners: 1, copurchase_best_lift: 2.0}) "
        "CREATE (:Product {product_id: 'b', copurchase_partners: 1}) "
        "CREATE (:Product {product_id: 'c'})"
    )

    found = count_properties(database, PRODUCT, properties=OWN)

    assert found["copurchase_partners"] == 2
    assert found["copurchase_best_lift"] == 1


def test_relationships_are_counted_between_their_labels_alone(database: Database) -> None:
    database.write(
        "CREATE (a:Product {product_id: 'a'})-[:ALSO_BOUGHT]->(b:Product {product_id: 'b'}) "
        "CREATE (a)<-[:ALSO_BOUGHT]-(b) "
        "CREATE (:Brand {brand_id: 'x'})-[:ALSO_BOUGHT]->(:Brand {brand_id: 'y'})"
    )

    counts = {
        label: count_relationships(database, SPEC.relationships[f"{label}-ALSO_BOUGHT-{label}"])
        for label in ("Product", "Brand", "Category")
    }

    assert counts == {"Product": 2, "Brand": 1, "Category": 0}
