"""The public grocery baskets through a real graph: written, read back, and read as tables."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from algorithms.parameters import parse_overrides
from algorithms.registry import REGISTRY, computed_spec
from algorithms.run import Request, compute_all, score
from graph.columns import fitted
from graph.ddl import install
from graph.elements import read_element
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import NodeSpec
from graph.writer import Writer

pytestmark = pytest.mark.integration

DATA = Path(__file__).parents[4] / "shared" / "data" / "groceries"
SPEC = computed_spec()
RULES = "Product-ALSO_BOUGHT-Product"
LOW = Request(names=("copurchase",), overrides=parse_overrides(["copurchase.minimum_lift=0"]))

ELEMENTS = {
    "Category": "SELECT DISTINCT level2 AS category_id FROM items "
    "UNION SELECT DISTINCT 'all ' || level1 FROM items",
    "Product": "SELECT item AS product_id FROM items",
    "Order": "SELECT DISTINCT 'till:' || basket_id AS order_id, "
    "TIMESTAMPTZ '2026-01-31 12:00:00Z' AS ordered_at, 'paid' AS status FROM baskets",
    "Category-PART_OF-Category": "SELECT DISTINCT level2 AS start_id, "
    "'all ' || level1 AS end_id FROM items",
    "Product-IN_CATEGORY-Category": "SELECT item AS start_id, level2 AS end_id FROM items",
    "Order-CONTAINS-Product": "SELECT 'till:' || basket_id AS start_id, item AS end_id, "
    "item AS line_key, 1.0 AS quantity, 10000 AS amount FROM baskets",
}


# what wipes the graph between tests is made for small ones
EMPTY = "MATCH ()-[r]->() CALL (r) { DELETE r } IN TRANSACTIONS OF 5000 ROWS"


@pytest.fixture
def shop(database: Database) -> Iterator[Database]:
    if not DATA.exists():
        pytest.skip("the public data set groceries is not beside the repository")
    install(database, SPEC)
    writer = Writer(database, SPEC)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, path in (("baskets", "baskets.csv.gz"), ("items", "items.csv")):
            connection.execute(
                f"CREATE VIEW {name} AS SELECT * FROM read_csv('{DATA / path}', all_varchar = true)"
            )
        for name, query in ELEMENTS.items():
            element = SPEC.element(name)
            rows = fitted(element, connection.sql(query).to_arrow_table())
            if isinstance(element, NodeSpec):
                writer.write_nodes(element, rows)
            else:
                writer.write_relationships(element, rows)
    yield database
    database.run_auto(EMPTY)


def test_rules_come_back_as_they_were_computed(shop: Database, server_home: Settings) -> None:
    reader = GraphReader(shop, SPEC, settings=server_home, timezone="UTC")
    expected = compute_all(reader, request=LOW, settings=server_home).elements

    (record,) = score(shop, reader, request=LOW, settings=server_home)

    ends = [("start_id", "ascending"), ("end_id", "ascending")]
    stored = read_element(shop, SPEC, name=RULES).sort_by(ends)
    assert record.metrics["n_baskets"] == 9_835
    assert stored.num_rows == 2 * 2_981
    # to the last bit of every measure
    assert stored.equals(expected[RULES])
    products = read_element(shop, SPEC, name="Product", columns=expected["Product"].column_names)
    assert products.drop_null().sort_by("product_id").equals(expected["Product"])
    # a category and one above it are on one path, which is no pair
    above = shop.read(
        "MATCH (a:Category)-[:ALSO_BOUGHT]->(b:Category) "
        "WHERE (a)-[:PART_OF]->(b) OR (b)-[:PART_OF]->(a) RETURN count(*) AS n"
    )
    assert above == [{"n": 0}]
    assert REGISTRY.tables["also_bought"].elements[0] == RULES

    (again,) = score(shop, reader, request=LOW, settings=server_home)
    assert again.state == "unchanged"
