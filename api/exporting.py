"""Writes any table, fact or knowledge, to a file: CSV, JSON lines, Parquet or Excel.

Keys only, no personal values: those are in no table. Rows are sorted by all their columns,
first to last, so that the same graph gives the same bytes. Money is shown in currency units.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

from api.views import Row, maps
from graph.difference import quoted
from graph.elements import UnknownTableError
from graph.engine import engine
from graph.errors import ConfigurationError
from graph.home import read_home
from graph.language import Text
from graph.session import Database
from graph.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from graph.reader import GraphReader

RUNS = "runs"
SHEET_ROWS = 1_048_575  # rows of an Excel sheet below its header
CELL_LETTERS = 32_767  # of an Excel cell; what is longer would be left out without a word
# the one time that a workbook states of itself: the same graph gives the same bytes
WRITTEN_AT = datetime(2000, 1, 1)  # noqa: DTZ001 - Excel knows no time zones
FORMULA_SIGNS = "('=', '+', '-', '@', chr(9), chr(13))"
BOM = b"\xef\xbb\xbf"


class FormatError(ConfigurationError):
    """The file's ending names no format that kith writes."""

    text = Text(
        "{path}: the ending names no format. Use one of: {known}.",
        "{path}：无法从扩展名判断格式。可用：{known}。",
    )


def export_table(
    database: Database, settings: Settings, *, table: str, to: Path, bom: bool = False
) -> int:
    """Write one table and return its number of rows.

    Parameters
    ----------
    database, settings
        Which graph.
    table
        A fact table, ``resolution``, ``customers``, ``runs`` or a knowledge table.
    to
        The file; its ending chooses the format. It appears whole or not at all.
    bom
        Whether a CSV starts with a byte-order mark, which Excel needs for Chinese.

    Raises
    ------
    UnknownTableError
        If there is no such table.
    FormatError
        If the ending names no format.
    """
    _writer(to)
    return write_rows(read_table(database, settings, name=table), settings, to=to, bom=bom)


def write_rows(rows: "pa.Table", settings: Settings, *, to: Path, bom: bool = False) -> int:
    """Write rows as `export_table` does, and return their number; raises `FormatError`."""
    write = _writer(to)
    with _whole(to) as draft, engine(settings) as connection:
        connection.register("rows", rows)
        write(connection, draft)
        if bom and to.suffix.lower() == ".csv":
            draft.write_bytes(BOM + draft.read_bytes())
    return int(rows.num_rows)


def write_people(
    items: Sequence[Row], columns: Sequence[str], *, to: Path, settings: Settings
) -> int:
    """Write people, a row each, with what each agrees to; return how many, as `write_rows`."""
    import pyarrow as pa

    rows: dict[str, list[object]] = {c: [item[c] for item in items] for c in columns}
    rows["consents"] = [agreed(item["consents"]) for item in items]
    return write_rows(pa.table(rows), settings, to=to)


def agreed(statements: object) -> str:
    """Write what a person agrees to: ``marketing:sms, profiling``; empty: to nothing."""
    held = [row for row in maps(statements) if row["granted"]]
    named = (f"{s['purpose']}:{s['channel']}" if s["channel"] else str(s["purpose"]) for s in held)
    return ", ".join(sorted(named))


def _writer(to: Path) -> "Write":
    """Return what writes the format that a file's ending names; raises `FormatError`."""
    write = _WRITERS.get(to.suffix.lower())
    if write is None:
        raise FormatError(path=to, known=", ".join(_WRITERS))
    return write


@contextmanager
def _whole(to: Path) -> Iterator[Path]:
    """Give a file to write beside ``to``, which takes its place once all is written."""
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.part")
    try:
        yield draft
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)


def table_names() -> list[str]:
    """Return the names of all tables that can be exported."""
    from algorithms.registry import REGISTRY
    from graph.spec import fact_spec

    return [*fact_spec().tables, "resolution", "customers", *REGISTRY.tables, RUNS]


def read_table(database: Database, settings: Settings, *, name: str) -> "pa.Table":
    """Return a table as people take it away: sorted, money as exact decimals."""
    from algorithms.registry import REGISTRY, computed_spec
    from graph.reader import GraphReader

    if name not in table_names():
        raise UnknownTableError(name=name, known=", ".join(table_names()))
    zone = read_home(settings).timezone
    reader = GraphReader(database=database, spec=computed_spec(), settings=settings, timezone=zone)
    known = REGISTRY.tables.get(name)
    with engine(settings) as connection:
        if known is not None:
            for element in known.elements:
                connection.register(element, reader.element(element))
            connection.register("rows", connection.sql(known.query).to_arrow_table())
        elif name == RUNS:
            connection.register("rows", reader.element("AlgorithmRun"))
        else:
            connection.register("rows", reader.table(name))
        return connection.sql(
            _shown(connection, money=_money_columns(reader, name))
        ).to_arrow_table()


def _money_columns(reader: "GraphReader", name: str) -> set[str]:
    """Return the columns of a table that hold money."""
    from algorithms.registry import REGISTRY

    spec = reader.spec
    if name in spec.tables:
        return {c.stored for c in spec.tables[name].columns if c.kind == "money"}
    if known := REGISTRY.tables.get(name):
        elements = [spec.element(element) for element in known.elements]
        return {p.name for element in elements for p in element.properties if p.kind == "money"}
    if name == "customers":
        return {p.name for p in spec.nodes["Customer"].properties if p.kind == "money"}
    return set()


def _shown(connection: "duckdb.DuckDBPyConnection", *, money: set[str]) -> str:
    described = connection.execute("DESCRIBE rows").fetchall()
    columns = [
        f'("{name}"::DECIMAL(22,0) * 0.0001)::DECIMAL(22,4) AS "{name}"'
        if name in money
        else f'"{name}"'
        for name, *_ in described
    ]
    return f"SELECT {', '.join(columns)} FROM rows ORDER BY ALL"


Write = Callable[["duckdb.DuckDBPyConnection", Path], None]


def _write_csv(connection: "duckdb.DuckDBPyConnection", to: Path) -> None:
    """Write RFC 4180; a text that a spreadsheet would take for a formula gets a quote."""
    kinds = {row[0]: row[1] for row in connection.execute("DESCRIBE rows").fetchall()}
    columns = ", ".join(
        f'CASE WHEN left("{n}", 1) IN {FORMULA_SIGNS} THEN chr(39) || "{n}" ELSE "{n}" END AS "{n}"'
        if kinds[n] == "VARCHAR"
        else f'"{n}"'
        for n in kinds
    )
    connection.execute(
        f"COPY (SELECT {columns} FROM rows) TO '{quoted(to)}' (FORMAT csv, HEADER true)"
    )


def _write_json_lines(connection: "duckdb.DuckDBPyConnection", to: Path) -> None:
    connection.execute(f"COPY (SELECT * FROM rows) TO '{quoted(to)}' (FORMAT json)")


def _write_parquet(connection: "duckdb.DuckDBPyConnection", to: Path) -> None:
    connection.execute(f"COPY (SELECT * FROM rows) TO '{quoted(to)}' (FORMAT parquet)")


def _write_excel(connection: "duckdb.DuckDBPyConnection", to: Path) -> None:
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = Workbook(str(to), options)
    book.set_properties({"created": WRITTEN_AT})
    try:
        reader = connection.sql("SELECT * FROM rows").to_arrow_reader(10_000)
        names = reader.schema.names
        rows = (row.values() for batch in reader for row in batch.to_pylist())
        _write_sheets(book, names, rows=rows)
    finally:
        book.close()


def _write_sheets(book: "object", names: Sequence[str], *, rows: Iterator[object]) -> None:
    """Write rows, starting another sheet where one is full."""
    from xlsxwriter import Workbook

    assert isinstance(book, Workbook)
    sheet, line = None, SHEET_ROWS + 1
    for row in rows:
        if line > SHEET_ROWS:
            sheet, line = book.add_worksheet(), 1
            sheet.write_row(0, 0, names)
        assert sheet is not None
        sheet.write_row(line, 0, [_cell(value) for value in row])  # type: ignore[attr-defined]
        line += 1
    if sheet is None:
        book.add_worksheet().write_row(0, 0, names)


def _cell(value: object) -> object:
    """Return a value that Excel has a form for."""
    from decimal import Decimal

    if isinstance(value, Decimal):
        return float(value)
    if value is None or (isinstance(value, bool | int | float) and isfinite(value)):
        return value
    text = "; ".join(str(v) for v in value) if isinstance(value, list) else str(value)
    return text[:CELL_LETTERS]


_WRITERS: Mapping[str, Write] = {
    ".csv": _write_csv,
    ".jsonl": _write_json_lines,
    ".parquet": _write_parquet,
    ".xlsx": _write_excel,
}
