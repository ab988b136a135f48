"""Excel workbooks as relations of text columns, each row with its sheet and row number."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graph.language import Text
from loaders.errors import FileError
from loaders.manifest import FilePart
from loaders.sourcefile import SourceFile, check_names

if TYPE_CHECKING:
    import pyarrow as pa

Rows = Sequence[Sequence[object]]
Sheets = Sequence[tuple[str, int, Rows]]


def examine_workbook(file: SourceFile, part: FilePart) -> SourceFile:
    """Return the file with the rows of one sheet, or of all where they share a header.

    Raises
    ------
    FileError
        If the workbook or the sheet cannot be read, or the sheets have different columns.
    """
    import pyarrow as pa

    sheets = _sheets(file, part.sheet)
    tables = [_table(file, name, start=start, rows=rows) for name, start, rows in sheets]
    if not tables:
        problem = Text("its sheets hold nothing", "其中的工作表都是空的")
        remedy = Text("Export it again", "请重新导出")
        raise FileError(file=file.name, problem=problem, remedy=remedy)
    if len({tuple(table.column_names) for table in tables}) > 1:
        names = ", ".join(name for name, _, _ in sheets)
        problem = Text(f"its sheets {names} have different columns", f"工作表 {names} 的列不一致")
        remedy = Text(
            "Name one in the manifest: { path = ..., sheet = ... }",
            "请在清单中指定其一：{ path = ..., sheet = ... }",
        )
        raise FileError(file=file.name, problem=problem, remedy=remedy)
    rows = pa.concat_tables(tables)
    return replace(file, rows=rows, columns=tuple(rows.column_names[:-2]))


def _sheets(file: SourceFile, only: str | None) -> Sheets:
    """Return name, number of the first row and rows of each sheet that holds something."""
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        names = [only] if only else book.sheet_names
        sheets = [(name, book.get_sheet_by_name(name)) for name in names]
        held = [
            (n, s.start[0] + 1, s.to_python(skip_empty_area=True)) for n, s in sheets if s.start
        ]
    except WorksheetNotFound:
        problem = Text(f"it has no sheet {only!r}", f"没有工作表 {only!r}")
        known = ", ".join(book.sheet_names)
        remedy = Text(f"Its sheets are: {known}", f"现有工作表：{known}")
        raise FileError(file=file.name, problem=problem, remedy=remedy) from None
    except (CalamineError, OSError):
        problem = Text("it cannot be read as Excel", "无法按 Excel 读取")
        remedy = Text("Save it again", "请重新保存")
        raise FileError(file=file.name, problem=problem, remedy=remedy) from None
    return held


def _table(file: SourceFile, sheet: str, *, start: int, rows: Rows) -> "pa.Table":
    """Return a sheet as text columns; rows without any cell are left out."""
    import pyarrow as pa

    name = f"{file.name}[{sheet}]"
    header = [_cell(value) or "" for value in rows[0]]
    check_names(header, file=name)
    numbered = [
        (start + number, row) for number, row in enumerate(rows) if number and any_cell(row)
    ]
    columns = {
        title: pa.array([_cell(row[i]) for _, row in numbered], pa.string())
        for i, title in enumerate(header)
    }
    place = pa.array([name] * len(numbered), pa.string())
    lines = pa.array([number for number, _ in numbered], pa.int64())
    return pa.table({**columns, "_file": place, "_line": lines})


def any_cell(row: Iterable[object]) -> bool:
    """Tell whether a row holds anything."""
    return any(_cell(value) is not None for value in row)


def _cell(value: object) -> str | None:
    """Return a cell as text: whole numbers without a point, times as ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None
