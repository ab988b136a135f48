"""Opens source files as DuckDB views, and nothing else of this machine.

Before a user's expression runs, the connection is locked to exactly the files of its
manifest: DuckDB then refuses every other path, network address, attachment and extension.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import quoted
from graph.engine import engine
from graph.settings import Settings
from loaders.errors import FileError
from loaders.files import Relation, SourceFile
from loaders.values import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

LINE_LIMIT = 100_000_000  # bytes of one record; a longer one is rejected with its number
NO_SEPARATOR = "\x1f"  # JSON text cannot hold it, so a line stays one column


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that could not be split into columns."""

    file: str
    line: int
    rule: str


@contextmanager
def opened(
    settings: Settings, relations: Sequence[Relation], *, timezone: str
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open a connection that sees these relations as views and can reach nothing else."""
    with engine(settings, timezone=timezone) as connection:
        _register_workbooks(connection, relations)
        paths = ", ".join(literal(str(p)) for p in _readable(relations))
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute(f"SET allowed_directories = [{literal(str(settings.tmp))}]")
        connection.execute("SET enable_external_access = false")
        for relation in relations:
            connection.execute(_view(connection, relation))
        connection.execute("SET lock_configuration = true")
        yield connection


def malformed(
    connection: "duckdb.DuckDBPyConnection", relations: Sequence[Relation]
) -> list[Malformed]:
    """Return the records of these relations that the last scan could not split."""
    found = []
    for relation in relations:
        for number, file in enumerate(relation.files):
            if file.form == "csv":
                found += _malformed_csv(connection, file, table=_rejects(relation, number))
            if file.form in ("json", "jsonl"):
                found += _malformed_json(connection, file, lines=_lines(relation, number))
    return found


class Shift:
    """Finds the record number of a row among records that could not be split.

    DuckDB numbers only the good records: a row lies as much further down as there are
    broken ones above it.

    >>> Shift([3]).true_line(2), Shift([3]).true_line(3)
    (2, 4)
    """

    def __init__(self, broken: Sequence[int]) -> None:
        self._good_before = [line - number for number, line in enumerate(sorted(broken))]

    def true_line(self, line: int) -> int:
        """Return the record number of the row that DuckDB numbered ``line``."""
        return line + bisect_right(self._good_before, line)


def _readable(relations: Sequence[Relation]) -> list[Path]:
    return [f.readable for relation in relations for f in relation.files if f.form != "xlsx"]


def _view(connection: "duckdb.DuckDBPyConnection", relation: Relation) -> str:
    parts = [
        _reading(connection, relation, file=file, number=number)
        for number, file in enumerate(relation.files)
    ]
    union = " UNION ALL BY NAME ".join(parts)
    return f'CREATE TEMP VIEW "{relation.name}" AS {union}'


def _reading(
    connection: "duckdb.DuckDBPyConnection", relation: Relation, *, file: SourceFile, number: int
) -> str:
    name = f"{literal(file.path.name)} AS _file"
    if file.form == "csv":
        rows = _csv(file, rejects=_rejects(relation, number))
        first = 2 if file.header else 1
        return f"SELECT *, {name}, row_number() OVER () + {first - 1} AS _line FROM {rows}"
    if file.form == "parquet":
        rows = f"read_parquet('{quoted(file.readable)}', file_row_number = true)"
        return f"SELECT * EXCLUDE file_row_number, {name}, file_row_number + 1 AS _line FROM {rows}"
    if file.form == "xlsx":
        return f'SELECT * FROM "{_workbook(relation, number)}"'
    return _json(connection, file, name=name, lines=_lines(relation, number))


def _csv(file: SourceFile, *, rejects: str) -> str:
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in file.columns)
    return (
        f"read_csv('{quoted(file.readable)}', columns = {{{columns}}}, auto_detect = false, "
        f"header = {str(file.header).lower()}, delim = {literal(file.delimiter)}, quote = '\"', "
        f"escape = '\"', nullstr = '', ignore_errors = true, store_rejects = true, "
        f"max_line_size = {LINE_LIMIT}, rejects_table = '{rejects}', "
        f"rejects_scan = '{rejects}_scan', rejects_limit = 0)"
    )


def _json(
    connection: "duckdb.DuckDBPyConnection", file: SourceFile, *, name: str, lines: str
) -> str:
    """Read JSON lines as text first, so that a broken one can be rejected by number."""
    connection.execute(f'CREATE TEMP VIEW "{lines}" AS {_raw_lines(file)}')
    query = (
        f'SELECT json_group_structure(line::JSON)::VARCHAR FROM "{lines}" WHERE json_valid(line)'
    )
    found = connection.execute(query).fetchone()
    structure = found[0] if found else None
    if structure is None or not structure.startswith("{"):
        problem = "no line of it is a JSON object"
        raise FileError(file=file.path.name, problem=problem, remedy="Write one object a line.")
    # an object without members has no type of its own
    structure = structure.replace("{}", '"JSON"').replace('"NULL"', '"VARCHAR"')
    return (
        f"SELECT unnest(json_transform(line, {literal(structure)})), {name}, _line "
        f'FROM "{lines}" WHERE json_valid(line)'
    )


def _raw_lines(file: SourceFile) -> str:
    path = f"'{quoted(file.readable)}'"
    if file.form == "json":
        return (
            "SELECT line::VARCHAR AS line, row_number() OVER () AS _line FROM (SELECT unnest("
            f"json_extract(content::JSON, '$[*]')) AS line FROM read_text({path}))"
        )
    return (
        "SELECT line, row_number() OVER () AS _line FROM "
        f"read_csv({path}, columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, "
        f"delim = '{NO_SEPARATOR}', quote = '', escape = '', max_line_size = {LINE_LIMIT})"
    )


def _malformed_csv(
    connection: "duckdb.DuckDBPyConnection", file: SourceFile, *, table: str
) -> list[Malformed]:
    rows = connection.execute(
        f'SELECT line, min(error_type::VARCHAR) FROM "{table}" GROUP BY line ORDER BY line'
    ).fetchall()
    return [Malformed(file.path.name, line, rule.lower().replace(" ", "-")) for line, rule in rows]


def _malformed_json(
    connection: "duckdb.DuckDBPyConnection", file: SourceFile, *, lines: str
) -> list[Malformed]:
    rows = connection.execute(
        f'SELECT _line FROM "{lines}" WHERE NOT json_valid(line) ORDER BY _line'
    ).fetchall()
    return [Malformed(file.path.name, line, "not-json") for (line,) in rows]


def _register_workbooks(
    connection: "duckdb.DuckDBPyConnection", relations: Sequence[Relation]
) -> None:
    for relation in relations:
        for number, file in enumerate(relation.files):
            if file.form == "xlsx":
                connection.register(_workbook(relation, number), _sheets(file))


def _sheets(file: SourceFile) -> "pa.Table":
    """Read one sheet, or all sheets where they share a header, as text."""
    import pyarrow as pa
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        names = [file.sheet] if file.sheet else book.sheet_names
        sheets = {name: book.get_sheet_by_name(name).to_python() for name in names}
    except (CalamineError, OSError):
        known = f"The sheet {file.sheet!r} or the file" if file.sheet else "The file"
        problem = f"{known} cannot be read as Excel"
        raise FileError(file=file.path.name, problem=problem, remedy="Save it again.") from None
    tables = [_sheet(file, name, rows=rows) for name, rows in sheets.items() if rows]
    if len({tuple(table.column_names) for table in tables}) != 1:
        problem = f"its sheets {', '.join(sheets)} have different columns"
        remedy = "Name one in the manifest: { path = ..., sheet = ... }."
        raise FileError(file=file.path.name, problem=problem, remedy=remedy)
    return pa.concat_tables(tables)


def _sheet(file: SourceFile, name: str, *, rows: Iterable[Sequence[object]]) -> "pa.Table":
    import pyarrow as pa

    rows = list(rows)
    header = [_cell(value) for value in rows[0]]
    if None in header or len(set(header)) < len(header):
        problem = f"the header of sheet {name} has an empty or repeated name"
        raise FileError(file=file.path.name, problem=problem, remedy="Correct the header.")
    columns = {
        str(title): pa.array([_cell(row[i]) for row in rows[1:]], pa.string())
        for i, title in enumerate(header)
    }
    count = len(rows) - 1
    place = pa.array([f"{file.path.name}[{name}]"] * count, pa.string())
    return pa.table({**columns, "_file": place, "_line": pa.array(range(2, count + 2), pa.int64())})


def _cell(value: object) -> str | None:
    """Return a cell as text: whole numbers without a point, times as ISO 8601."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text or None


def _rejects(relation: Relation, number: int) -> str:
    return f"_rejects_{relation.name}_{number}"


def _lines(relation: Relation, number: int) -> str:
    return f"_lines_{relation.name}_{number}"


def _workbook(relation: Relation, number: int) -> str:
    return f"_workbook_{relation.name}_{number}"
