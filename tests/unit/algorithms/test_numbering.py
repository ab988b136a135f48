"""Keys as numbers: they join and group as the texts do, or the texts stay."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa
import pytest

from algorithms.numbering import NUMBER, numbered
from algorithms.reduction import registered

ORDERS = pa.table({"order_id": ["shop:1", "shop:2", "shop:3"], "status": ["paid", "paid", None]})
LINES = pa.table({"order_id": ["shop:2", "shop:1", "shop:2", None], "amount": [5, 7, 11, 13]})
COLUMNS = {"orders": ("order_id", "status"), "order_lines": ("order_id", "amount")}
SUMS = """
SELECT o.status, SUM(l.amount) AS amount
FROM orders o
LEFT JOIN order_lines l ON o.order_id = l.order_id
GROUP BY o.order_id, o.status
ORDER BY amount
"""
# every key has the same number
ONE = "CASE WHEN {column} IS NOT NULL THEN 1 END"

Connection = duckdb.DuckDBPyConnection


@contextmanager
def reading(
    orders: pa.Table = ORDERS,
    lines: pa.Table = LINES,
    *,
    joins: dict[str, str] | None = None,
    number: str = NUMBER,
) -> Iterator[Connection]:
    """Open DuckDB over two tables whose common key comes as a number."""
    tables = {"orders given": orders, "order_lines given": lines}
    with duckdb.connect() as connection, registered(connection, tables):
        chosen = {"order_id": "orders"} if joins is None else joins
        with numbered(connection, COLUMNS, joins=chosen, number=number):
            yield connection


def kind_of(connection: Connection, column: str, table: str = "orders") -> str:
    """Return the type in which a column is seen."""
    return str(connection.sql(f'SELECT "{column}" FROM {table}').types[0])


def test_a_key_that_joins_is_seen_as_a_number_in_every_table() -> None:
    with reading() as connection:
        kinds = [kind_of(connection, "order_id", table) for table in COLUMNS]

    assert kinds == ["UBIGINT", "UBIGINT"]


def test_other_columns_stay_as_they_are() -> None:
    with reading() as connection:
        kinds = kind_of(connection, "status"), kind_of(connection, "amount", "order_lines")

    assert kinds == ("VARCHAR", "BIGINT")


def test_rows_join_and_group_as_by_the_texts() -> None:
    with reading() as connection:
        by_number = connection.sql(SUMS).fetchall()
    with reading(joins={}) as connection:
        by_text = connection.sql(SUMS).fetchall()

    assert by_number == by_text == [("paid", 7), ("paid", 16), (None, None)]


def test_missing_keys_do_not_find_each_other() -> None:
    nobody = pa.table({"order_id": pa.array([None], pa.string()), "status": ["paid"]})

    with reading(nobody) as connection:
        joined = connection.sql("SELECT 1 FROM orders JOIN order_lines USING (order_id)").fetchall()

    assert joined == []


def test_where_two_keys_have_one_number_the_texts_are_used() -> None:
    with reading(number=ONE) as connection:
        kind, sums = kind_of(connection, "order_id"), connection.sql(SUMS).fetchall()

    assert kind == "VARCHAR"
    assert sums == [("paid", 7), ("paid", 16), (None, None)]


def test_a_key_that_stands_twice_stays_a_text() -> None:
    doubled = pa.concat_tables([ORDERS, ORDERS.slice(0, 1)])

    with reading(doubled) as connection:
        kind = kind_of(connection, "order_id")

    assert kind == "VARCHAR"


def test_tables_without_rows_are_read_too() -> None:
    with reading(ORDERS.slice(0, 0), LINES.slice(0, 0)) as connection:
        found = connection.sql(SUMS).fetchall()

    assert found == []


def test_names_are_gone_behind_the_block_also_after_a_failure() -> None:
    with duckdb.connect() as connection, registered(connection, {"orders given": ORDERS}):
        columns = {"orders": COLUMNS["orders"]}
        with pytest.raises(duckdb.Error), numbered(connection, columns, joins={}):
            connection.execute("SELECT nothing_like_it FROM orders")

        with pytest.raises(duckdb.CatalogException, match="orders"):
            connection.execute("SELECT 1 FROM orders")
