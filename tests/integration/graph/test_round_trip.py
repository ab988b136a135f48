"""What is written is what is read back: every element, every kind of value, both ways in."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from graph.dump import canonical
from graph.elements import read_element
from graph.importer import import_all
from graph.session import Database, connect
from graph.spec import fact_spec
from graph.writer import Writer
from tests.conftest import HomeMaker
from tests.graph_rows import all_elements, plain, rows_of, written_to

pytestmark = pytest.mark.integration

SPEC = fact_spec()
NOW = datetime(2026, 4, 1, 12, 0, 0, 5_000, tzinfo=UTC)
ROWS = {element.name: rows_of(element) for element in all_elements(SPEC)}


# Lists that CSV cannot tell from nothing, so that nothing is what they state.
HOLLOW_LISTS = pa.table(
    {"brand_id": list("abcd"), "sources": [["x", "", "y"], [""], [], None]},
)


def write_everything(writer: Writer, rows: Mapping[str, pa.Table]) -> None:
    for name, node in SPEC.nodes.items():
        writer.write_nodes(node, rows[name])
    for name, link in SPEC.relationships.items():
        writer.write_relationships(link, rows[name])


def test_every_element_reads_back_as_it_was_written(writer: Writer) -> None:
    write_everything(writer, ROWS)

    read = {name: read_element(writer.database, SPEC, name=name) for name in ROWS}

    assert {name: plain(rows) for name, rows in read.items()} == {
        name: plain(rows) for name, rows in ROWS.items()
    }
    assert {name: rows.schema for name, rows in read.items()} == {
        name: rows.schema for name, rows in ROWS.items()
    }


def test_the_importer_makes_the_same_graph_as_batches(
    writer: Writer, make_home: HomeMaker, *, tmp_path: Path
) -> None:
    # blanks and brackets: the importer takes file names for regular expressions
    folder = tmp_path / "a load (1+1) [x]"
    imported = make_home("im ported (2)")
    rows = {**ROWS, "Brand": pa.concat_tables([ROWS["Brand"].drop(["loaded_at"]), HOLLOW_LISTS])}
    write_everything(writer, rows)

    counts = import_all(imported, SPEC, elements=written_to(folder, rows), loaded_at=NOW)

    with connect(imported) as database:
        assert list(canonical(database, SPEC)) == list(canonical(writer.database, SPEC))
        for place in (database, writer.database):
            assert lists_of(place) == {"a": ["x", "y"], "b": None, "c": None, "d": None}
    assert counts.nodes == 13 * len(SPEC.nodes) + 4
    assert counts.relationships == 13 * len(SPEC.relationships)
    assert list(imported.tmp.iterdir()) == []


def lists_of(database: Database) -> dict[str, list[str] | None]:
    rows = read_element(database, SPEC, name="Brand", columns=["brand_id", "sources"])
    return {
        row["brand_id"]: row["sources"] for row in rows.to_pylist() if row["brand_id"] in "abcd"
    }
