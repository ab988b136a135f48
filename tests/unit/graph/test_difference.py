"""Which rows of a file are new, changed or gone."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.difference import Difference, compare, copy_query, quoted, rows_in

Rows = list[dict[str, object]]
SCHEMA = pa.schema([("id", pa.string()), ("line", pa.string()), ("value", pa.int64())])


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


class Pair:
    """Two files, one before and one after, and where their difference goes."""

    def __init__(self, folder: Path) -> None:
        self.old, self.new = folder / "old.parquet", folder / "it's new.parquet"
        self.out = (folder / "out" / "changed.parquet", folder / "out" / "gone.parquet")

    def write(self, old: Rows | None, new: Rows | None) -> "Pair":
        for path, rows in ((self.old, old), (self.new, new)):
            if rows is not None:
                pq.write_table(pa.Table.from_pylist(rows, SCHEMA), path)
        return self

    def compared(self, connection: duckdb.DuckDBPyConnection) -> Difference:
        old, new = rows_in(self.old), rows_in(self.new)
        return compare(connection, ("id", "line"), old=old, new=new, out=self.out)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def row(key: str, value: int | None, line: str = "1") -> dict[str, object]:
    return {"id": key, "line": line, "value": value}


def read(path: Path) -> Rows:
    rows: Rows = pq.read_table(path).to_pylist() if path.exists() else []
    return sorted(rows, key=str)


def test_rows_are_new_changed_unchanged_or_gone(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write(
        [row("a", 1), row("b", 1), row("c", 1), row("d", None)],
        [row("a", 1), row("b", 2), row("d", 4), row("e", 1)],
    )

    difference = pair.compared(connection)

    assert difference == Difference(new=1, changed=2, unchanged=1, removed=1, old=4)
    assert read(pair.out[0]) == [row("b", 2), row("d", 4), row("e", 1)]
    assert read(pair.out[1]) == [{"id": "c", "line": "1"}]


def test_a_value_that_becomes_null_is_a_change(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write([row("a", 1)], [row("a", None)])

    assert pair.compared(connection).changed == 1


def test_every_column_of_the_identity_counts(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write([row("a", 1, line="1")], [row("a", 1, line="2")])

    difference = pair.compared(connection)

    assert (difference.new, difference.removed, difference.changed) == (1, 1, 0)


def test_equal_files_are_no_difference_and_leave_no_files(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write([row("a", 1), row("b", None)], [row("b", None), row("a", 1)])

    difference = pair.compared(connection)

    assert difference.is_empty
    assert not any(path.exists() for path in pair.out)


def test_without_an_older_file_everything_is_new(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write(None, [row("a", 1)])

    assert pair.compared(connection) == Difference(1, 0, 0, 0, 0)
    assert read(pair.out[0]) == [row("a", 1)]


def test_without_a_newer_file_everything_is_gone(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    pair.write([row("a", 1)], None)

    assert pair.compared(connection) == Difference(0, 0, 0, 1, 1)
    assert read(pair.out[1]) == [{"id": "a", "line": "1"}]


def test_without_any_file_there_is_no_difference(
    connection: duckdb.DuckDBPyConnection, pair: Pair
) -> None:
    assert pair.compared(connection).is_empty


def test_a_copy_tells_its_rows_and_makes_its_folder(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    target = tmp_path / "it's here" / "rows.parquet"

    assert copy_query(connection, "SELECT * FROM range(3)", to=target) == 3
    assert connection.sql(f"SELECT * FROM '{quoted(target)}'").fetchall() == [(0,), (1,), (2,)]
    assert target.parent.stat().st_mode & 0o077 == 0
