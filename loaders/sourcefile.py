"""What is known of a source file once it has been examined."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from graph.language import Text
from loaders.errors import FileError

if TYPE_CHECKING:
    import pyarrow as pa

OURS = frozenset({"_file", "_line"})  # columns that every relation gets
PACKED = ".gz"
EXPORT_AGAIN = Text("Export it again", "请重新导出")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a relation: where it lies and how it is read.

    ``readable`` is the path that DuckDB reads: the file itself, or its plain UTF-8 copy in
    the home's temporary folder. ``name`` is what reports call the file: its path below the
    data folder. A JSON file has its common ``structure`` and the numbers of its ``broken``
    records, a workbook its ``rows``.
    """

    path: Path
    readable: Path
    form: str
    name: str
    columns: tuple[str, ...] = ()
    delimiter: str = ","
    header: bool = True
    structure: str = ""
    broken: tuple[int, ...] = ()
    rows: "pa.Table | None" = None


@dataclass(frozen=True, slots=True)
class Relation:
    """The files behind one name of a manifest; ``repeated`` are equal to another file."""

    name: str
    files: tuple[SourceFile, ...]
    repeated: tuple[str, ...] = field(default=())


def check_names(columns: Sequence[str], *, file: str) -> None:
    """Refuse columns without a name, with the same name, or with one of ours.

    Raises
    ------
    FileError
        Naming the first such column.
    """
    seen: set[str] = set()
    for column in columns:
        problem = _problem_of(column, seen)
        if problem:
            remedy = Text("Correct the header", "请更正表头")
            raise FileError(file=file, problem=problem, remedy=remedy)
        seen.add(column.casefold())


def _problem_of(column: str, seen: set[str]) -> Text | None:
    if not column:
        return Text("a column has no name", "有一列没有列名")
    if column.casefold() in OURS:
        return Text(f"kith adds a column {column!r} itself", f"列 {column!r} 由 kith 添加")
    # SQL does not tell ID from id
    if column.casefold() in seen:
        return Text(f"the header names {column!r} twice", f"表头中 {column!r} 重复出现")
    return None
