"""How fast rows get into the graph and out of it again, in rows a second.

Run it on an empty home of its own, whose graph it replaces:

    KITH_HOME=/tmp/bench python bench/graph_io.py --orders 1000000

Elements are generated, imported, read, written back and added to; every figure is the
median of the repeats. Other work on the machine shows in the spread, which is printed too.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from graph.difference import copy_query
from graph.engine import engine
from graph.importer import import_all
from graph.language import Text
from graph.reader import GraphReader
from graph.server import stop
from graph.session import Database, connect
from graph.settings import Settings, read_settings
from graph.spec import GraphSpec, PropertySpec, RelationshipSpec, fact_spec
from graph.writer import Writer

PRODUCTS = 20_000
LINES_PER_ORDER = 3.3
NEW_RELATIONSHIPS = 400_000
PURCHASED = RelationshipSpec(
    "PURCHASED",
    "Customer",
    "Product",
    properties=(PropertySpec("n_orders", "integer", Text("Orders", "订单数"), owner="bench"),),
)
ELEMENTS = {
    "Account": "SELECT 'shop:a' || i AS account_id, 'member' AS kind, 'shop' AS source "
    "FROM range({accounts}) t(i)",
    "Customer": "SELECT 'C' || lpad(i::VARCHAR, 8, '0') AS customer_id "
    "FROM range({customers}) t(i)",
    "Product": "SELECT 'p' || i AS product_id, 'Product ' || i AS name, 19900 AS price "
    "FROM range({products}) t(i)",
    "Order": "SELECT 'shop:o' || i AS order_id, to_timestamp(1.6e9 + i * 7) AS ordered_at, "
    "'app' AS channel, 'paid' AS status, (i * 37) % 100000 AS amount, 'shop' AS source "
    "FROM range({orders}) t(i)",
    "Account-PLACED-Order": "SELECT 'shop:a' || ((i * 7919) % {accounts}) AS start_id, "
    "'shop:o' || i AS end_id FROM range({orders}) t(i)",
    "Account-RESOLVED_TO-Customer": "SELECT 'shop:a' || i AS start_id, "
    "'C' || lpad((i % {customers})::VARCHAR, 8, '0') AS end_id, 'phone' AS rule, "
    "1.0 AS confidence FROM range({accounts}) t(i)",
    "Order-CONTAINS-Product": "SELECT 'shop:o' || (i % {orders}) AS start_id, "
    "'p' || ((i * 7919) % {products}) AS end_id, (i // {orders})::VARCHAR AS line_key, "
    "(1 + i % 3)::DOUBLE AS quantity, (i * 37) % 100000 AS amount FROM range({lines}) t(i)",
}


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--orders", type=int, default=500_000)
    options.add_argument("--repeats", type=int, default=3)
    chosen = options.parse_args()
    settings = read_settings()
    spec = fact_spec().with_computed({}, [PURCHASED])
    try:
        measure_import(settings, spec, n_orders=chosen.orders)
        with connect(settings) as database:
            reader = GraphReader(database, spec, settings=settings, timezone="Asia/Shanghai")
            measure_reads(reader, repeats=chosen.repeats)
            measure_writes(database, spec, repeats=chosen.repeats)
    finally:
        stop(settings)


def measure_import(settings: Settings, spec: GraphSpec, *, n_orders: int) -> None:
    """Import generated elements into the home, replacing its graph."""
    counts = {
        "orders": n_orders,
        "accounts": n_orders // 2,
        "customers": n_orders // 3,
        "products": PRODUCTS,
        "lines": int(n_orders * LINES_PER_ORDER),
    }
    files: dict[str, list[Path]] = {}
    n_rows = 0
    with engine(settings) as connection:
        for name, query in ELEMENTS.items():
            files[name] = [settings.tmp / f"{name}.parquet"]
            n_rows += copy_query(connection, query.format(**counts), to=files[name][0])
    began = time.perf_counter()
    import_all(settings, spec, elements=files, loaded_at=datetime.now(UTC))
    show("import, files to constraints", [n_rows / (time.perf_counter() - began)])


def measure_reads(reader: GraphReader, *, repeats: int) -> None:
    """Read relationships with keys, node properties and a table."""
    element, table = reader.element, reader.table
    lines = ["start_id", "end_id", "amount"]
    reads: dict[str, Callable[[], pa.Table]] = {
        "read relationships, keys and amount": lambda: element("Order-CONTAINS-Product", lines),
        "read nodes, three properties": lambda: element(
            "Order", ["order_id", "ordered_at", "amount"]
        ),
        "read the table orders, all columns": lambda: table("orders"),
    }
    for name, read in reads.items():
        show(name, [timed(read) for _ in range(repeats)])


def measure_writes(database: Database, spec: GraphSpec, *, repeats: int) -> None:
    """Set a property of every customer, and add relationships that were not there."""
    writer, customer = Writer(database, spec), spec.nodes["Customer"]
    (row,) = database.read("MATCH (c:Customer) RETURN collect(c.customer_id) AS keys")
    keys = pa.array(row["keys"])
    scores = [
        pa.table({"customer_id": keys, "n_accounts": np.arange(len(keys)) + repeat})
        for repeat in range(repeats)
    ]
    rates = [timed(partial(writer.set_properties, customer, rows)) for rows in scores]
    show("set one property of every customer", rates)
    links = purchases(keys, repeats=repeats)
    rates = [timed(partial(writer.write_relationships, PURCHASED, rows)) for rows in links]
    show("add relationships", rates)


def purchases(keys: pa.Array, *, repeats: int) -> Iterator[pa.Table]:
    """Yield distinct pairs of a customer and a product, new ones every time."""
    random = np.random.default_rng(7)
    starts = random.integers(0, len(keys), NEW_RELATIONSHIPS)
    ends = random.integers(0, PRODUCTS // repeats, NEW_RELATIONSHIPS)
    for repeat in range(repeats):
        products = [f"p{end + repeat * (PRODUCTS // repeats)}" for end in ends]
        n_orders = [1] * NEW_RELATIONSHIPS
        yield pa.table({"start_id": keys.take(starts), "end_id": products, "n_orders": n_orders})


def timed(work: Callable[[], pa.Table | int]) -> float:
    """Return the rows a second of work that returns rows or their number."""
    began = time.perf_counter()
    done = work()
    n_rows = done if isinstance(done, int) else done.num_rows
    return float(n_rows / (time.perf_counter() - began))


def show(name: str, rates: list[float]) -> None:
    """Print a line of the table."""
    spread = f"{min(rates):>10,.0f} to {max(rates):,.0f}" if len(rates) > 1 else ""
    print(f"{name:<40}{statistics.median(rates):>12,.0f}/s {spread}", flush=True)


if __name__ == "__main__":
    main()
