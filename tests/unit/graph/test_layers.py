"""Rows in layers: what a later file says of a key holds, and what is gone stays away."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph import layers
from graph.layers import (
    bears_layer,
    count_rows,
    gone_beside,
    layers_of,
    next_layer,
    rows_of,
    table_of,
)
from graph.staging import NewRows, placed

Rows = list[tuple[str, int]]


def write(path: Path, rows: Rows, *, gone: Sequence[str] = ()) -> Path:
    names, values = [row[0] for row in rows], [row[1] for row in rows]
    pq.write_table(pa.table({"id": pa.array(names, pa.string()), "value": values}), path)
    if gone:
        pq.write_table(pa.table({"id": list(gone)}), gone_beside(path))
    return path


def held(ground: Path) -> Rows:
    with duckdb.connect() as connection:
        rows = rows_of(layers_of(ground), by=["id"])
        return connection.execute(f"SELECT id, value FROM {rows} ORDER BY id").fetchall()


def test_without_a_file_there_are_no_rows(tmp_path: Path) -> None:
    ground = tmp_path / "orders.parquet"

    with duckdb.connect() as connection:
        counted = count_rows(connection, rows_of(layers_of(ground), by=["id"]))

    assert layers_of(ground) == ()
    assert counted == 0


def test_the_rows_of_a_layer_hold_instead_of_those_below(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1), ("b", 1), ("c", 1)])
    write(tmp_path / "orders.0001.parquet", [("b", 2), ("d", 2)])
    write(tmp_path / "orders.0002.parquet", [("b", 3)])

    assert held(ground) == [("a", 1), ("b", 3), ("c", 1), ("d", 2)]


def test_a_key_that_is_gone_is_gone_from_all_layers_below(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1), ("b", 1)])
    write(tmp_path / "orders.0001.parquet", [("b", 2), ("c", 2)], gone=["a"])
    write(tmp_path / "orders.0002.parquet", [], gone=["b"])

    assert held(ground) == [("c", 2)]


def test_a_key_may_come_back_after_it_was_gone(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1)])
    write(tmp_path / "orders.0001.parquet", [], gone=["a"])
    write(tmp_path / "orders.0002.parquet", [("a", 3)])

    assert held(ground) == [("a", 3)]


def test_the_layers_of_another_table_are_not_taken_for_its_own(tmp_path: Path) -> None:
    ground = write(tmp_path / "Order.parquet", [("a", 1)])
    write(tmp_path / "Order-AT-Store.parquet", [("b", 1)])
    write(tmp_path / "Orders.0001.parquet", [("c", 1)])

    assert layers_of(ground) == (ground,)
    assert table_of(tmp_path / "Order-AT-Store.0001.parquet") == "Order-AT-Store"


def test_the_next_layer_stands_above_all_others(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1)])
    first = write(next_layer(ground, layers=layers_of(ground)), [("a", 2)])

    second = next_layer(ground, layers=layers_of(ground))

    assert (first.name, second.name) == ("orders.0001.parquet", "orders.0002.parquet")


@pytest.mark.parametrize(("rows", "bears"), [(12, True), (13, False)])
def test_an_eighth_of_the_rows_may_lie_above_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, bears: bool
) -> None:
    monkeypatch.setattr(layers, "FROM_ROWS", 100)
    ground = write(tmp_path / "orders.parquet", [(str(n), 1) for n in range(100)])

    assert bears_layer([ground], rows=rows) is bears


def test_what_lies_above_already_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "FROM_ROWS", 100)
    ground = write(tmp_path / "orders.parquet", [(str(n), 1) for n in range(100)])
    above = write(tmp_path / "orders.0001.parquet", [(str(n), 2) for n in range(10)])

    assert bears_layer([ground, above], rows=2)
    assert not bears_layer([ground, above], rows=3)


def test_a_small_table_bears_no_layer(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [(str(n), 1) for n in range(100)])

    assert not bears_layer([ground], rows=1)
    assert not bears_layer([], rows=1)


def test_after_many_layers_all_rows_are_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layers, "FROM_ROWS", 100)
    ground = write(tmp_path / "orders.parquet", [(str(n), 1) for n in range(1000)])
    above = [write(tmp_path / f"orders.{n:04}.parquet", [("1", n)]) for n in range(1, 17)]

    assert bears_layer([ground, *above[:15]], rows=1)
    assert not bears_layer([ground, *above], rows=1)


def test_writing_all_rows_again_takes_the_layers_away(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1)])
    above = write(tmp_path / "orders.0001.parquet", [("b", 1)], gone=["a"])
    new = tmp_path / "prepared.parquet"

    moves, gone = placed(ground, below=layers_of(ground), new=NewRows(new))

    assert moves == {new: ground}
    assert gone == [above, gone_beside(above)]


def test_a_table_that_goes_takes_all_its_files_along(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1)])
    above = write(tmp_path / "orders.0001.parquet", [("b", 1)])

    assert placed(ground, below=layers_of(ground), new=None) == ({}, [ground, above])


def test_a_layer_brings_along_what_it_takes_away(tmp_path: Path) -> None:
    ground = write(tmp_path / "orders.parquet", [("a", 1)])
    new = write(tmp_path / "prepared.parquet", [("b", 1)], gone=["a"])
    above = tmp_path / "orders.0001.parquet"

    moves, gone = placed(ground, below=(ground,), new=NewRows(new, is_layer=True))

    assert moves == {new: above, gone_beside(new): gone_beside(above)}
    assert gone == []
