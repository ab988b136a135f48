"""What a reduction sees, and what ``compute`` gets of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import Field

from algorithms import rfm
from algorithms.contract import Algorithm, Inputs, MissingColumnError, Result
from algorithms.parameters import DatedParameters
from algorithms.reduction import one_row, reduced, run_pure
from graph.language import Text
from tests.pure import utc

ORDERS = pa.table({"order_id": ["o1", "o2"], "amount": [1, 2], "channel": ["app", "till"]})


class Threshold(DatedParameters):
    least: Annotated[int, Text("Least amount", "最小金额")] = Field(2, ge=0)


AS_OF = utc("2026-01-01")
SET = Threshold(as_of=AS_OF, least=2)


def keep(inputs: Inputs, _: Threshold) -> Result:
    return Result(dict(inputs))


def toy(**reduce: str) -> Algorithm:
    return replace(
        rfm.ALGORITHM,
        reads={"orders": ("order_id", "amount")},
        parameters=Threshold,
        compute=keep,
        reduce=reduce,
        joins={},
    )


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_without_a_reduction_compute_gets_the_declared_columns(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    frames = reduced(toy(), {"orders": ORDERS}, parameters=SET, connection=connection)

    assert list(frames["orders"].columns) == ["order_id", "amount"]
    assert frames["orders"]["amount"].tolist() == [1, 2]


def test_with_one_it_gets_the_reduced_frames_alone(connection: duckdb.DuckDBPyConnection) -> None:
    algorithm = toy(sums="SELECT SUM(amount) AS total FROM orders")

    frames = reduced(algorithm, {"orders": ORDERS}, parameters=SET, connection=connection)

    assert set(frames) == {"sums"}
    assert frames["sums"]["total"].tolist() == [3]


def test_parameters_reach_the_reduction_as_values(connection: duckdb.DuckDBPyConnection) -> None:
    algorithm = toy(large="SELECT order_id FROM orders CROSS JOIN parameters WHERE amount >= least")

    frames = reduced(algorithm, {"orders": ORDERS}, parameters=SET, connection=connection)

    assert frames["large"]["order_id"].tolist() == ["o2"]


def test_a_column_that_is_not_declared_is_not_seen(connection: duckdb.DuckDBPyConnection) -> None:
    algorithm = toy(channels="SELECT channel FROM orders")

    with pytest.raises(duckdb.BinderException, match="channel"):
        reduced(algorithm, {"orders": ORDERS}, parameters=SET, connection=connection)


def test_tables_are_gone_afterwards_also_after_a_failure(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(duckdb.Error):
        reduced(
            toy(x="SELECT z FROM orders"), {"orders": ORDERS}, parameters=SET, connection=connection
        )

    with pytest.raises(duckdb.CatalogException, match="orders"):
        connection.sql("SELECT 1 FROM orders").fetchall()


def test_a_table_that_is_missing_is_named_with_its_first_column(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    with pytest.raises(MissingColumnError, match="table orders has no column order_id"):
        run_pure(toy(), {}, parameters=SET, engine=connection)


def test_compute_gets_the_parameters(connection: duckdb.DuckDBPyConnection) -> None:
    def least(_: Inputs, given: Threshold) -> Result:
        return Result({"x": pd.DataFrame({"least": [given.least]})})

    algorithm = replace(toy(), compute=least)

    result = run_pure(algorithm, {"orders": ORDERS}, parameters=SET, engine=connection)

    assert result.frames["x"]["least"].tolist() == [2]


@pytest.mark.parametrize("reduce", [{}, {"orders": "SELECT order_id, amount FROM orders"}])
def test_a_parquet_file_is_read_like_the_table_that_it_holds(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, reduce: dict[str, str]
) -> None:
    file = tmp_path / "it's.parquet"
    pq.write_table(ORDERS, file)

    frames = reduced(toy(**reduce), {"orders": file}, parameters=SET, connection=connection)

    assert list(frames["orders"].columns) == ["order_id", "amount"]
    assert frames["orders"]["order_id"].tolist() == ["o1", "o2"]


def test_a_column_that_a_file_lacks_is_named(tmp_path: Path) -> None:
    file = tmp_path / "orders.parquet"
    pq.write_table(ORDERS.select(["order_id"]), file)

    with pytest.raises(MissingColumnError, match="table orders has no column amount"):
        run_pure(toy(), {"orders": file}, parameters=SET, engine=duckdb.connect())


def test_the_engine_is_closed_before_anything_is_computed(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    def ask(_: Inputs, __: Threshold) -> Result:
        connection.execute("SELECT 1")
        return Result({})

    with pytest.raises(duckdb.ConnectionException, match="closed"):
        run_pure(replace(toy(), compute=ask), {"orders": ORDERS}, parameters=SET, engine=connection)


def test_parameters_are_a_table_of_one_row() -> None:
    (row,) = one_row(SET).to_pylist()

    assert row == {"as_of": AS_OF, "least": 2}
