"""Every form of file, read back by other software than wrote it, cell by cell and byte by byte."""

import codecs
import csv
import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.demo.files import Extract, csv_chunks, json_chunks, write_extract
from tests.demo_exports import export_of, rows_of

AWKWARD = [
    "plain",
    "a,b",
    'say "hi"',
    "line\nbreak",
    "tab\there",
    " spaces ",
    "'quote'",
    "北京",
    "",
]


def extract(source: str, name: str) -> Extract:
    """Return the first few thousand rows of an exported relation."""
    whole = next(each for each in export_of(source).extracts if each.name == name)
    month = None if whole.month is None else whole.month[:2_000]
    return Extract(
        whole.name, whole.path, whole.rows.slice(0, 2_000), whole.encoding, whole.line_end, month
    )


def as_text(rows: pa.Table) -> list[list[str]]:
    """Return cells as a CSV file shows them: what is missing is empty."""
    columns = [["" if v is None else str(v) for v in c.to_pylist()] for c in rows.columns]
    return [list(line) for line in zip(*columns, strict=True)]


def read_csv(octets: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(octets.decode(encoding), newline="")))


def written(made: Extract, folder: Path) -> list[Path]:
    return [folder / path for path in sorted(write_extract(made, folder))]


# ---------------------------------------------------------------- CSV in the CRM's encoding


@pytest.mark.parametrize("name", ["members", "consents", "balances", "campaigns", "exposures"])
def test_the_crms_files_read_back_in_gb18030(name: str, tmp_path: Path) -> None:
    made = extract("crm", name)
    (path,) = written(made, tmp_path)

    header, *lines = read_csv(path.read_bytes(), "gb18030")

    assert header == made.rows.column_names
    assert lines == as_text(made.rows)


def test_the_crms_files_end_lines_plainly_and_have_no_mark(tmp_path: Path) -> None:
    (path,) = written(extract("crm", "members"), tmp_path)

    octets = path.read_bytes()

    assert b"\r" not in octets
    assert octets.endswith(b"\n")
    assert not octets.startswith((codecs.BOM_UTF8, b"\x84\x31\x95\x33"))  # its mark in GB18030


def test_a_character_beyond_two_bytes_survives_gb18030(tmp_path: Path) -> None:
    rows = pa.table({"名": ["𠮷野", "€", "🐱", "Ａ"]})
    (path,) = written(Extract("x", "x.csv", rows, "gb18030"), tmp_path)

    assert read_csv(path.read_bytes(), "gb18030")[1:] == [["𠮷野"], ["€"], ["🐱"], ["Ａ"]]


# ---------------------------------------------------------------- CSV of the tills


@pytest.mark.parametrize("name", ["receipts", "lines"])
def test_a_tills_file_is_a_mark_then_windows_lines(name: str, tmp_path: Path) -> None:
    for path in written(extract("pos", name), tmp_path):
        octets = path.read_bytes()

        assert octets.startswith(codecs.BOM_UTF8)
        assert octets.count(codecs.BOM_UTF8) == 1
        assert octets.count(b"\n") == octets.count(b"\r\n")
        assert octets.endswith(b"\r\n")


@pytest.mark.parametrize("name", ["receipts", "lines"])
def test_the_tills_months_together_are_all_rows_in_order(name: str, tmp_path: Path) -> None:
    made = extract("pos", name)

    lines: list[list[str]] = []
    for path in written(made, tmp_path):
        header, *month = read_csv(path.read_bytes(), "utf-8-sig")
        assert header == made.rows.column_names
        lines += month

    assert lines == as_text(made.rows)


def test_a_receipt_lies_in_the_file_of_its_month(tmp_path: Path) -> None:
    for path in written(extract("pos", "receipts"), tmp_path):
        header, *lines = read_csv(path.read_bytes(), "utf-8-sig")

        at = header.index("交易时间")
        months = {line[at][:7].replace("-", "") for line in lines}
        assert months == {path.stem.removeprefix("receipts_")}


def test_amounts_are_written_with_two_places_and_no_exponent() -> None:
    rows = rows_of("pos", "receipts")

    assert {str(amount)[-3] for amount in rows["实收金额"]} == {"."}
    assert all(isinstance(amount, Decimal) for amount in rows["优惠金额"].head(100))


# ---------------------------------------------------------------- awkward cells, every encoding


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_awkward_cells_come_back_whole(encoding: str, line_end: str) -> None:
    rows = pa.table({"一": AWKWARD, "two": AWKWARD[::-1]})

    octets = b"".join(csv_chunks(rows, Extract("x", "x.csv", rows, encoding, line_end)))

    assert read_csv(octets, encoding)[1:] == as_text(rows)


def test_a_missing_cell_and_an_empty_one_look_alike_in_csv() -> None:
    rows = pa.table({"a": pa.array([None, ""]), "b": ["x", "y"]})

    assert b"".join(csv_chunks(rows, Extract("x", "x.csv", rows))) == b"a,b\n,x\n,y\n"


def test_only_awkward_cells_wear_quotes() -> None:
    rows = pa.table({"a": ["x y", 'q"q', "c,c"]})

    assert b"".join(csv_chunks(rows, Extract("x", "x.csv", rows))) == b'a\nx y\n"q""q"\n"c,c"\n'


# ---------------------------------------------------------------- JSON lines


@pytest.mark.parametrize(
    ("source", "name"), [("web", "users"), ("community", "users"), ("community", "posts")]
)
def test_json_lines_read_back_as_the_rows(source: str, name: str, tmp_path: Path) -> None:
    made = extract(source, name)
    (path,) = written(made, tmp_path)

    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    assert lines == made.rows.to_pylist()


@pytest.mark.parametrize("name", ["visitors", "events"])
def test_packed_json_lines_read_back_as_the_rows(name: str, tmp_path: Path) -> None:
    made = extract("web", name)

    lines = [
        json.loads(line)
        for path in written(made, tmp_path)
        for line in gzip.decompress(path.read_bytes()).decode().splitlines()
    ]

    assert len(lines) == made.rows.num_rows
    assert lines == made.rows.to_pylist()


def test_a_visitor_without_the_app_has_a_device_of_nothing() -> None:
    visitors = rows_of("web", "visitors")["device"]

    bare = [cell for cell in visitors if cell["id"] is None]

    assert bare
    assert all(cell == {"id": None, "os": None, "model": None} for cell in bare)


def test_json_escapes_what_it_must_and_leaves_chinese_alone() -> None:
    rows = pa.table({"t": ['a"b', "c\\d", "中文🐱", None]})

    octets = b"".join(json_chunks(rows))

    assert "中文🐱".encode() in octets
    assert [json.loads(line)["t"] for line in octets.splitlines()] == [
        'a"b',
        "c\\d",
        "中文🐱",
        None,
    ]


def test_numbers_and_booleans_stay_bare_in_json() -> None:
    rows = pa.table({"n": [1, -2], "x": [0.5, 1.25], "b": [True, False]})

    assert b"".join(json_chunks(rows)).splitlines() == [
        b'{"n":1,"x":0.5,"b":true}',
        b'{"n":-2,"x":1.25,"b":false}',
    ]


# ---------------------------------------------------------------- Parquet


@pytest.mark.parametrize(
    "name", ["customers", "orders", "order_lines", "categories", "products", "stores"]
)
def test_the_shops_files_keep_their_types(name: str, tmp_path: Path) -> None:
    made = extract("erp", name)
    (path,) = written(made, tmp_path)

    read = pq.read_table(path)

    assert read.column_names == made.rows.column_names
    for column in read.column_names:
        kept, given = read.schema.field(column).type, made.rows.schema.field(column).type
        # Parquet knows no seconds: instants come back in milliseconds
        assert kept == given or (pa.types.is_timestamp(kept) and kept.unit == "ms")
        assert read[column].to_pylist() == made.rows[column].to_pylist()


@pytest.mark.parametrize(
    ("name", "column"),
    [("orders", "total"), ("order_lines", "paid_amount"), ("products", "price")],
)
def test_money_is_exact_in_parquet(name: str, column: str) -> None:
    made = extract("erp", name)

    assert made.rows.schema.field(column).type == pa.decimal128(18, 2)
    assert all(v == v.quantize(Decimal("0.01")) for v in made.rows[column].to_pylist())


@pytest.mark.parametrize(
    ("source", "name"),
    [("crm", "members"), ("pos", "lines"), ("web", "visitors"), ("call", "tickets")],
)
def test_in_parquet_a_relation_has_the_same_cells_as_in_its_own_form(
    source: str, name: str, tmp_path: Path
) -> None:
    made = extract(source, name)

    (path,) = written(made.in_format("parquet"), tmp_path)

    assert path.suffix == ".parquet"
    assert pq.read_table(path).to_pylist() == made.rows.to_pylist()


# ---------------------------------------------------------------- Excel


def sheet(path: Path) -> list[Sequence[object]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True)
    lines: list[Sequence[object]] = [tuple(line) for line in book.worksheets[0].values]
    book.close()
    return lines


def test_the_call_centres_workbook_reads_back_by_other_software(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="reads workbooks; calamine reads them elsewhere")
    made = extract("call", "tickets")
    (path,) = written(made, tmp_path)

    header, *lines = sheet(path)

    assert list(header) == made.rows.column_names
    found = [["" if cell is None else str(cell) for cell in line] for line in lines]
    assert found == as_text(made.rows)


def test_full_width_digits_reach_the_workbook_as_typed(tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    made = extract("call", "tickets")
    (path,) = written(made, tmp_path)

    header, *lines = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()

    at = header.index("来电号码")
    cells = [line[at] for line in lines]
    assert cells == made.rows["来电号码"].to_pylist()
    assert any(str(cell)[0] == "１" for cell in cells)
    # numbers are text: none has become a float
    assert all(isinstance(cell, str) for cell in cells)


def test_every_part_of_the_workbook_is_dated_by_nothing_but_the_company(tmp_path: Path) -> None:
    (path,) = written(extract("call", "tickets"), tmp_path)

    with zipfile.ZipFile(path) as book:
        times = {part.date_time for part in book.infolist()}
        core = book.read("docProps/core.xml").decode()

    # XlsxWriter's own constant; the clock of the machine would give another one
    assert times == {(1980, 1, 31, 0, 0, 0)}
    assert "2026-07-01T00:00:00Z" in core


# ---------------------------------------------------------------- months


def test_months_without_rows_have_no_file(tmp_path: Path) -> None:
    rows = pa.table({"a": ["x", "y", "z"]})
    # January and March 2025, in months since 1970
    made = Extract("x", "x_*.csv", rows, month=np.array([660, 660, 662]))

    counts = write_extract(made, tmp_path)

    assert counts == {"x_202501.csv": 2, "x_202503.csv": 1}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(counts)
