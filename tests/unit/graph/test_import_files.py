"""The importer's files: what CSV loses is kept, and every label is an id space."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.columns import UndeclaredColumnError
from graph.import_files import ListDelimiterError, write_files
from graph.settings import read_settings
from graph.spec import fact_spec
from tests.graph_rows import all_elements, rows_of, written_to

SPEC = fact_spec()
LOADED_AT = datetime(2026, 4, 1, 12, 0, 0, 5_000, tzinfo=UTC)

Export = Callable[[dict[str, pa.Table]], list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "csv"
    made.mkdir()
    return made


@pytest.fixture
def export(tmp_path: Path, folder: Path) -> Export:
    """Return what writes tables as Parquet and then as the importer's files."""
    settings = read_settings(home=tmp_path / "home")

    def write(rows: dict[str, pa.Table]) -> list[str]:
        files = written_to(tmp_path / "parquet", rows)
        return write_files(settings, SPEC, elements=files, folder=folder, loaded_at=LOADED_AT)

    return write


def cells(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_a_node_file_has_a_typed_header(export: Export, folder: Path) -> None:
    export({"Order": rows_of(SPEC.nodes["Order"])})

    header = (folder / "Order.csv").read_text(encoding="utf-8").splitlines()[0]

    assert header.split(",")[:4] == [
        "order_id:ID(Order)",
        "ordered_at:datetime",
        "currency:string",
        "channel:string",
    ]
    assert "amount:double" in header
    assert header.endswith("loaded_at:datetime")


def test_a_relationship_file_names_the_id_spaces_of_its_ends(export: Export, folder: Path) -> None:
    name = "Order-CONTAINS-Product"

    arguments = export({name: rows_of(SPEC.relationships[name])})

    header = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header.startswith(":START_ID(Order),:END_ID(Product),line_key:string,quantity:double")
    assert arguments[-1] == f"--relationships=CONTAINS={folder / name}.csv"


def test_nothing_and_an_empty_text_are_different(export: Export, folder: Path) -> None:
    export({"Brand": pa.table({"brand_id": ["b"], "sources": [["s"]]})})
    export({"Store": pa.table({"store_id": ["x", "y"], "name": ["", None]})})

    lines = (folder / "Store.csv").read_text(encoding="utf-8").splitlines()

    assert lines[1].startswith('x,"",')
    assert lines[2].startswith("y,,")


def test_money_is_written_in_currency_units(export: Export, folder: Path) -> None:
    amounts = [-12_345, 1, 8_999_999_999_999_999, 0, None]
    export({"Order": pa.table({"order_id": list("abcde"), "amount": amounts})})

    written = [row["amount:double"] for row in cells(folder / "Order.csv")]

    assert [float(value) for value in written[:4]] == [-1.2345, 0.0001, 899_999_999_999.9999, 0.0]
    assert written[4] == ""


def test_numbers_keep_sign_and_what_is_not_finite(export: Export, folder: Path) -> None:
    values = [-0.0, float("nan"), float("inf"), float("-inf"), 1e-7, None]
    keys = [str(i) for i in range(6)]
    export({"Store": pa.table({"store_id": keys, "performance": values})})

    written = [row["performance:double"] for row in cells(folder / "Store.csv")]

    # as the importer's language spells them
    assert written == ["-0.0", "NaN", "Infinity", "-Infinity", "1e-07", ""]


def test_a_time_is_written_in_utc_to_the_millisecond(export: Export, folder: Path) -> None:
    at = pa.array(
        [datetime(2026, 3, 1, 15, 59, 59, 999_000, tzinfo=UTC)], pa.timestamp("ms", "UTC")
    )
    export({"Order": pa.table({"order_id": ["o"], "ordered_at": at})})

    (row,) = cells(folder / "Order.csv")

    assert row["ordered_at:datetime"] == "2026-03-01T15:59:59.999Z"
    assert row["loaded_at:datetime"] == "2026-04-01T12:00:00.005+00:00"


def test_quotes_commas_backslashes_and_line_breaks_survive(export: Export, folder: Path) -> None:
    texts = ['say "no"', "a,b;c", "back\\", "two\nlines", "😀 小明", " padded "]
    keys = [str(i) for i in range(6)]
    export({"Store": pa.table({"store_id": keys, "name": texts})})

    assert [row["name:string"] for row in cells(folder / "Store.csv")] == texts


def test_entries_of_lists_are_parted_by_a_character_that_none_has(
    export: Export, folder: Path
) -> None:
    lists = [["a;b", "c"], ["x\x1fy"], [], [""], None, ["", "z"]]

    arguments = export({"Brand": pa.table({"brand_id": list("abcdef"), "sources": lists})})

    written = [row["sources:string[]"] for row in cells(folder / "Brand.csv")]
    assert "--array-delimiter=U+001E" in arguments
    assert written == ["a;b\x1ec", "x\x1fy", "", "", "", "z"]


def test_lists_that_hold_every_such_character_are_refused(export: Export) -> None:
    with pytest.raises(ListDelimiterError, match=r"Brand.sources"):
        export({"Brand": pa.table({"brand_id": ["b"], "sources": [["\x1c\x1d\x1e\x1f"]]})})


def test_devices_get_a_file_of_their_own(export: Export, folder: Path) -> None:
    kinds = ["device", "phone", None, "device"]
    rows = pa.table({"identifier_key": ["1", "2", "3", "4"], "kind": kinds})

    arguments = export({"Identifier": rows})

    assert f"--nodes=Identifier={folder / 'Identifier.csv'}" in arguments
    assert f"--nodes=Identifier:Device={folder / 'Identifier-Device.csv'}" in arguments
    keys = {
        file.stem: [row["identifier_key:ID(Identifier)"] for row in cells(file)]
        for file in folder.iterdir()
    }
    assert keys == {"Identifier": ["2", "3"], "Identifier-Device": ["1", "4"]}


def test_both_kinds_of_reply_are_imported_under_one_type(export: Export, folder: Path) -> None:
    names = ["Post-REPLIES_TO-Post", "Post-REPLIES_TO-Account"]

    arguments = export({name: rows_of(SPEC.relationships[name]) for name in names})

    assert {f"--relationships=REPLIES_TO={folder / name}.csv" for name in names} <= set(arguments)


def test_an_element_without_rows_has_no_file(export: Export, folder: Path) -> None:
    empty = rows_of(SPEC.nodes["Store"]).slice(0, 0)

    export({"Store": empty, "Brand": rows_of(SPEC.nodes["Brand"])})

    assert [file.name for file in folder.iterdir()] == ["Brand.csv"]


def test_facts_and_computed_properties_from_two_files_are_one_row(
    tmp_path: Path, folder: Path
) -> None:
    facts, computed = tmp_path / "facts.parquet", tmp_path / "computed.parquet"
    pq.write_table(pa.table({"identifier_key": ["i", "j"], "masked": ["1**", "2**"]}), facts)
    pq.write_table(pa.table({"identifier_key": ["i"], "state": ["shared"]}), computed)

    write_files(
        read_settings(home=tmp_path / "home"),
        SPEC,
        elements={"Identifier": [facts, computed]},
        folder=folder,
        loaded_at=LOADED_AT,
    )

    rows = {r["identifier_key:ID(Identifier)"]: r for r in cells(folder / "Identifier.csv")}
    assert (rows["i"]["masked:string"], rows["i"]["state:string"]) == ("1**", "shared")
    assert (rows["j"]["masked:string"], rows["j"]["state:string"]) == ("2**", "")


def test_a_column_that_is_not_declared_is_refused(export: Export) -> None:
    with pytest.raises(UndeclaredColumnError, match=r"Brand.*colour"):
        export({"Brand": pa.table({"brand_id": ["b"], "colour": ["red"]})})


def test_relationships_without_their_key_are_refused(export: Export) -> None:
    with pytest.raises(UndeclaredColumnError, match="line_key"):
        export({"Order-CONTAINS-Product": pa.table({"start_id": ["o"], "end_id": ["p"]})})


def test_every_element_can_be_exported(export: Export, folder: Path) -> None:
    rows = {element.name: rows_of(element) for element in all_elements(SPEC)}

    arguments = export(rows)

    assert sum(len(cells(file)) for file in folder.iterdir()) == 13 * len(rows)
    assert len([a for a in arguments if a.startswith("--relationships=")]) == len(
        SPEC.relationships
    )
