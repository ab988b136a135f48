"""The demo company's purchases as algorithms read them, each person as one customer."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa

from graph.columns import TIME
from loaders.demo.catalogue import PER_LEAF
from loaders.demo.purchases import order_days
from tests.demo_exports import company

DAY_MILLISECONDS = 86_400_000


@cache
def demo_tables() -> dict[str, pa.Table]:
    """Return orders, lines (guests' too) and products; no identifiers, no scores."""
    orders, lines = company().orders, company().lines
    known = orders.person >= 0
    days = np.asarray(order_days(orders), np.int64)[known]
    ids = pd.Series(np.arange(len(orders))).map("o{:07d}".format).to_numpy()
    articles = len(company().catalogue.leaf_names) * PER_LEAF
    bought = {
        "order_id": pa.array(ids[known], pa.string()),
        "customer_id": pa.array([customer_of(p) for p in orders.person[known]], pa.string()),
        "ordered_at": pa.array(days * DAY_MILLISECONDS, pa.int64()).cast(TIME),
        "ordered_day": pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32()),
        "status": pa.nulls(int(known.sum()), pa.string()),
        "amount": pa.nulls(int(known.sum()), pa.int64()),
    }
    # the company counts in hundredths
    sold = {
        "order_id": pa.array(ids[lines.order], pa.string()),
        "product_id": pa.array([f"p{article:05d}" for article in lines.article], pa.string()),
        "quantity": pa.array(lines.quantity.astype(np.float64)),
        "amount": pa.array(lines.amount.astype(np.int64) * 100),
        "list_amount": pa.array(lines.list_amount.astype(np.int64) * 100),
    }
    products = {
        "product_id": [f"p{article:05d}" for article in range(articles)],
        "category_id": [f"k{article // PER_LEAF:03d}" for article in range(articles)],
    }
    texts = ("customer_id", "identifier_key", "kind", "state", "reason")
    nobody = {name: pa.array([], pa.string()) for name in texts}
    return {
        "orders": pa.table(bought),
        "order_lines": pa.table(sold),
        "products": pa.table(products),
        "customers": pa.table(
            {"customer_id": nobody["customer_id"], "reseller_suspected": pa.array([], pa.bool_())}
        ),
        "identifiers": pa.table({**nobody, "epoch": pa.array([], pa.int64())}),
    }


def customer_of(person: int) -> str:
    """Return the id of a person's customer."""
    return f"c{person:06d}"


def person_of(customer: object) -> int:
    """Return the person whom `customer_of` named."""
    return int(str(customer)[1:])
