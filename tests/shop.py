"""A shop small enough to count by hand, as rows of the graph's elements.

Ann has two accounts; Bob has one; an order of nobody's is a guest's. Tea and milk go
together.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import pyarrow as pa

from algorithms.registry import computed_spec
from graph.columns import fitted
from graph.ddl import install
from graph.session import Database
from graph.spec import NodeSpec
from graph.writer import Writer

ANN, BOB = "c-ann", "c-bob"
TEA, MILK, HAT = "tea", "milk", "hat"

Rows = list[dict[str, object]]


def at(day: int, hour: int = 0) -> datetime:
    """Return an instant in January 2026."""
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def money(units: float) -> int:
    """Return an amount as whole ten-thousandths."""
    return round(units * 10_000)


def order(key: str, account: str, *, day: int, status: str = "paid") -> dict[str, object]:
    return {"order_id": key, "account_id": account, "ordered_at": at(day), "status": status}


def line(key: str, product: str, *, amount: float, quantity: float = 1) -> dict[str, object]:
    return {
        "start_id": key,
        "end_id": product,
        "line_key": f"{key}-{product}-{quantity}",
        "quantity": quantity,
        "amount": money(amount),
    }


ORDERS: Rows = [
    order("o1", "web:ann", day=1),
    order("o2", "pos:ann", day=3),
    order("o3", "web:bob", day=2),
    order("o4", "web:bob", day=9, status="cancelled"),
    order("o5", "", day=4),
]
LINES: Rows = [
    line("o1", TEA, amount=2),
    line("o1", MILK, amount=1.5),
    line("o2", TEA, amount=2),
    line("o2", MILK, amount=1.5),
    line("o2", HAT, amount=-3, quantity=-1),
    line("o3", HAT, amount=20),
    line("o4", HAT, amount=20),
    line("o5", TEA, amount=2),
    line("o5", MILK, amount=1.5),
]
ACCOUNTS = {"web:ann": ANN, "pos:ann": ANN, "web:bob": BOB}


def elements(orders: Rows = ORDERS, lines: Rows = LINES) -> dict[str, Rows]:
    """Return the elements of the shop with these orders and lines."""
    known = {str(row["order_id"]) for row in orders}
    return {
        "Account": [{"account_id": key, "source": key[:3]} for key in ACCOUNTS],
        "Customer": [{"customer_id": key} for key in (ANN, BOB)],
        "Product": [{"product_id": key} for key in (TEA, MILK, HAT)],
        "Order": [{k: v for k, v in row.items() if k != "account_id"} for row in orders],
        "Account-RESOLVED_TO-Customer": _links(ACCOUNTS.items()),
        "Account-PLACED-Order": _links(
            (str(row["account_id"]), str(row["order_id"])) for row in orders if row["account_id"]
        ),
        "Order-CONTAINS-Product": [row for row in lines if row["start_id"] in known],
    }


def open_shop(database: Database, rows: Mapping[str, Rows] | None = None) -> None:
    """Write the shop into an empty graph."""
    spec = computed_spec()
    install(database, spec)
    writer = Writer(database, spec)
    for name, table in (rows or elements()).items():
        element = spec.element(name)
        fit = fitted(element, pa.Table.from_pylist(table))
        if isinstance(element, NodeSpec):
            writer.write_nodes(element, fit)
        else:
            writer.write_relationships(element, fit)


def _links(pairs: Iterable[tuple[str, str]]) -> Rows:
    return [{"start_id": start, "end_id": end} for start, end in pairs]
