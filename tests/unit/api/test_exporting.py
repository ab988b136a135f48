"""A table taken away: whole, sorted, exact, and harmless to a spreadsheet."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from algorithms.registry import REGISTRY, computed_spec
from api import exporting
from api.exporting import (
    BOM,
    CELL_LETTERS,
    FormatError,
    export_table,
    read_table,
    table_names,
)
from graph import reader
from graph.elements import UnknownTableError
from graph.session import Database
from graph.settings import Settings, read_settings
from graph.spec import GraphSpec, fact_spec

NO_DATABASE = cast("Database", None)
ENDINGS = (".csv", ".jsonl", ".parquet", ".xlsx")
Export = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path / "home", memory="1GB")


@pytest.fixture
def export(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Export:
    """Return what writes a table of Arrow as if it came from the graph."""

    def write(table: pa.Table, name: str, *, bom: bool = False) -> Path:
        monkeypatch.setattr(exporting, "read_table", lambda *_, **__: table)
        target = tmp_path / name
        written = export_table(NO_DATABASE, settings, table="orders", to=target, bom=bom)
        assert written == table.num_rows
        return target

    return write


def csv_rows(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))


def sheets(path: Path) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_path(str(path))
    found = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return [[list[object](row) for row in sheet] for sheet in found]


# ---------------------------------------------------------------------------- all formats


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_else_is_left_beside_the_file(export: Export, ending: str) -> None:
    path = export(pa.table({"name": ["tea"]}), f"cups{ending}")

    assert [p.name for p in path.parent.iterdir() if p.is_file()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_rows_give_the_same_bytes(export: Export, ending: str) -> None:
    rows = pa.table({"name": ["茶", None, "b"], "n": [1, 2, None]})

    first, second = export(rows, f"a{ending}"), export(rows, f"b{ending}")

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_is_there_is_replaced_whole(export: Export, ending: str) -> None:
    target = export(pa.table({"n": list(range(2000))}), f"cups{ending}")
    longer = target.stat().st_size

    export(pa.table({"n": [1]}), f"cups{ending}")

    assert target.stat().st_size < longer


def test_the_folder_of_the_file_is_made(export: Export) -> None:
    assert export(pa.table({"n": [1]}), "new/folder/cups.csv").read_text() == "n\n1\n"


def test_an_ending_in_capitals_is_the_same_format(export: Export) -> None:
    assert export(pa.table({"n": [1]}), "CUPS.CSV").read_text() == "n\n1\n"


@pytest.mark.parametrize("name", ["cups", "cups.xls", "cups.csv.gz"])
def test_an_unknown_ending_is_refused_before_anything_is_read(
    name: str, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(FormatError, match=r"\.csv, \.jsonl, \.parquet, \.xlsx") as caught:
        export_table(NO_DATABASE, settings, table="orders", to=tmp_path / name)

    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_old_file_and_no_draft(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = export(pa.table({"n": [1]}), "cups.csv")

    def broken(_connection: object, to: Path) -> None:
        to.write_text("half a")
        raise OSError("disk full")  # noqa: EM101

    monkeypatch.setitem(exporting._WRITERS, ".csv", broken)

    with pytest.raises(OSError, match="disk full"):
        export(pa.table({"n": [2]}), "cups.csv")

    assert target.read_text() == "n\n1\n"
    assert [p.name for p in target.parent.iterdir() if p.is_file()] == ["cups.csv"]


# ----------------------------------------------------------------------------------- CSV


def test_csv_quotes_what_needs_it(export: Export) -> None:
    values = ["a,b", 'say "tea"', "two\nlines", "茶", "", None]

    path = export(pa.table({"name": values, "n": range(6)}), "cups.csv")

    assert csv_rows(path) == [
        ["name", "n"],
        ["a,b", "0"],
        ['say "tea"', "1"],
        ["two\nlines", "2"],
        ["茶", "3"],
        ["", "4"],
        ["", "5"],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 138", "-5", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("x","y")']
)
def test_a_text_that_looks_like_a_formula_is_no_formula(export: Export, text: str) -> None:
    path = export(pa.table({"name": [text, "tea"]}), "cups.csv")

    content = path.read_bytes().decode()
    read = list(csv.reader(io.StringIO(content, newline="")))
    assert read == [["name"], [f"'{text}"], ["tea"]]


def test_a_sign_within_a_text_stays_as_it_is(export: Export) -> None:
    path = export(pa.table({"name": ["1=1", "a-b", "x@y"]}), "cups.csv")

    assert csv_rows(path)[1:] == [["1=1"], ["a-b"], ["x@y"]]


def test_a_negative_number_is_a_number(export: Export) -> None:
    path = export(pa.table({"n": [-5], "x": [-0.5], "d": [Decimal("-1.2500")]}), "cups.csv")

    assert csv_rows(path)[1] == ["-5", "-0.5", "-1.2500"]


def test_a_mark_for_excel_is_put_before_a_csv(export: Export) -> None:
    rows = pa.table({"name": ["茶"]})

    assert export(rows, "cups.csv", bom=True).read_bytes() == BOM + "name\n茶\n".encode()
    assert not export(rows, "cups.csv").read_bytes().startswith(BOM)


def test_other_formats_have_no_mark(export: Export) -> None:
    path = export(pa.table({"n": [1]}), "cups.jsonl", bom=True)

    assert path.read_bytes() == b'{"n":1}\n'


def test_a_table_without_rows_is_a_header(export: Export) -> None:
    empty = pa.table({"name": pa.array([], pa.string())})

    assert csv_rows(export(empty, "cups.csv")) == [["name"]]
    assert sheets(export(empty, "cups.xlsx")) == [[["name"]]]
    assert pq.read_table(export(empty, "cups.parquet")).schema.names == ["name"]


# ------------------------------------------------------------------- JSON lines, Parquet


def test_json_lines_keep_types_lists_and_formulas(export: Export) -> None:
    rows = pa.table({"name": ["=1+1"], "n": [-5], "tags": [["a", "b"]], "none": [None]})

    (line,) = export(rows, "cups.jsonl").read_text().splitlines()

    assert json.loads(line) == {"name": "=1+1", "n": -5, "tags": ["a", "b"], "none": None}


def test_parquet_keeps_every_type(export: Export) -> None:
    rows = pa.table(
        {
            "name": ["=1+1", None],
            "amount": pa.array([Decimal("0.1000"), None], pa.decimal128(22, 4)),
            "tags": [["a"], []],
        }
    )

    assert pq.read_table(export(rows, "cups.parquet")).to_pylist() == rows.to_pylist()


# --------------------------------------------------------------------------------- Excel


def test_excel_has_numbers_texts_and_lists(export: Export) -> None:
    at = datetime(2026, 3, 31, 18, 5, tzinfo=UTC)
    rows = pa.table(
        {
            "name": ["=1+1"],
            "n": [-5],
            "amount": [Decimal("12.5000")],
            "ok": [True],
            "tags": [["a", "b"]],
            "at": pa.array([at], pa.timestamp("ms", "UTC")),
        }
    )

    ((head, row),) = sheets(export(rows, "cups.xlsx"))

    assert head == ["name", "n", "amount", "ok", "tags", "at"]
    assert row == ["=1+1", -5, 12.5, True, "a; b", "2026-03-31 18:05:00+00:00"]


@pytest.mark.parametrize("text", ["=1+1", "{=1+1}", "http://example.com", "internal:A1", "0012"])
def test_a_text_stays_a_text_in_excel(export: Export, text: str) -> None:
    assert sheets(export(pa.table({"name": [text]}), "cups.xlsx")) == [[["name"], [text]]]


def test_numbers_that_excel_does_not_know_are_texts(export: Export) -> None:
    values = [float("inf"), float("-inf"), float("nan")]

    assert sheets(export(pa.table({"lift": values}), "cups.xlsx")) == [
        [["lift"], ["inf"], ["-inf"], ["nan"]]
    ]


def test_a_text_longer_than_a_cell_is_cut_and_not_lost(export: Export) -> None:
    path = export(pa.table({"text": ["x" * (CELL_LETTERS + 1)]}), "cups.xlsx")

    assert sheets(path) == [[["text"], ["x" * CELL_LETTERS]]]


@pytest.mark.parametrize(
    ("n_rows", "sizes"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])]
)
def test_rows_beyond_a_full_sheet_go_to_the_next(
    export: Export, monkeypatch: pytest.MonkeyPatch, n_rows: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(exporting, "SHEET_ROWS", 2)

    found = sheets(export(pa.table({"n": pa.array(range(n_rows), pa.int64())}), "cups.xlsx"))

    assert [sheet[0] for sheet in found] == [["n"]] * len(sizes)
    assert [len(sheet) - 1 for sheet in found] == sizes
    assert [row[0] for sheet in found for row in sheet[1:]] == list(range(n_rows))


def test_a_workbook_does_not_tell_when_it_was_written(export: Export) -> None:
    with zipfile.ZipFile(export(pa.table({"n": [1]}), "cups.xlsx")) as book:
        core = book.read("docProps/core.xml").decode()

    assert core.count("2000-01-01T00:00:00Z") == 2


# ------------------------------------------------------------------------ reading a table


@dataclass(frozen=True)
class Held:
    """A graph that holds the same rows whatever is asked for."""

    rows: pa.Table
    spec: GraphSpec = field(default_factory=computed_spec)

    def table(self, _name: str) -> pa.Table:
        return self.rows

    element = table


def taken(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, rows: pa.Table
) -> pa.Table:
    monkeypatch.setattr(reader, "GraphReader", lambda **_: Held(rows))
    return read_table(NO_DATABASE, settings, name=name)


def test_rows_are_sorted_by_all_columns(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    rows = [(1, 1, 1, 2), (1, 1, 1, 1), (0, 9, 9, 9), (1, 0, 5, 5)]
    table = pa.table(
        {name: list(column) for name, column in zip("abcd", zip(*rows, strict=True), strict=True)}
    )

    found = taken(monkeypatch, settings, "stores", table)

    assert [tuple(row.values()) for row in found.to_pylist()] == sorted(rows)


def test_money_leaves_in_currency_units_and_exact(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    amounts = [1, -12345, 10**17 + 1]
    table = pa.table({"order_id": ["a", "b", "c"], "amount": amounts, "n": amounts})

    found = taken(monkeypatch, settings, "orders", table)

    assert found.column("amount").to_pylist() == [
        Decimal("0.0001"),
        Decimal("-1.2345"),
        Decimal("10000000000000.0001"),
    ]
    assert found.column("n").to_pylist() == amounts


def test_spend_of_customers_is_money_too(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    table = pa.table({"customer_id": ["c"], "rfm_spend": [125000], "rfm_order_count": [3]})

    found = taken(monkeypatch, settings, "customers", table)

    assert found.to_pylist() == [
        {"customer_id": "c", "rfm_spend": Decimal("12.5000"), "rfm_order_count": 3}
    ]


def test_a_knowledge_table_is_told_by_its_own_query(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    table = pa.table({"start_id": ["b", "a"], "end_id": ["x", "y"], "n": [1, 2], "last_at": [0, 0]})

    found = taken(monkeypatch, settings, "reply_edges", table)

    assert found.column_names == ["customer_id", "target_id", "n", "last_at"]
    assert found.column("customer_id").to_pylist() == ["a", "b"]


def test_an_unknown_table_is_not_found(settings: Settings) -> None:
    with pytest.raises(UnknownTableError, match="'teapots'") as caught:
        read_table(NO_DATABASE, settings, name="teapots")

    assert "reply_edges" in str(caught.value.facts["known"])
    assert caught.value.http_status == 404


def test_every_table_can_be_taken_away_under_one_name() -> None:
    names = table_names()

    assert set(names) == {*fact_spec().tables, *REGISTRY.tables, "resolution", "customers", "runs"}
    assert len(names) == len(set(names))
