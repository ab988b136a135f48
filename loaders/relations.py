"""Opens source files as DuckDB views, and nothing else of this machine.

Before a user's expression runs, the connection is locked to exactly the files of its
manifest: DuckDB then refuses every other path, network address, attachment and extension.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.difference import quoted
from graph.engine import engine
from graph.errors import some
from graph.language import Text
from graph.settings import Settings
from loaders.errors import FileError
from loaders.jsonfiles import LINE_LIMIT, records
from loaders.sourcefile import Relation, SourceFile
from loaders.values import literal

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Malformed:
    """A record that could not be split into columns.

    ``counted`` tells whether DuckDB's numbers of the other rows count it.
    """

    file: str
    line: int
    rule: str
    counted: bool = False


@contextmanager
def opened(
    settings: Settings, relations: Sequence[Relation], *, timezone: str
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """Open a connection that sees these relations as views and can reach nothing else."""
    with engine(settings, timezone=timezone) as connection:
        _register_workbooks(connection, relations)
        paths = ", ".join(literal(str(p)) for p in _readable(relations))
        connection.execute(f"SET allowed_paths = [{paths}]")
        connection.execute("SET enable_external_access = false")
        # DuckDB 2.0 lifts an expression that occurs twice out of its TRY, and then it raises
        connection.execute("SET disabled_optimizers = 'common_subexpressions'")
        for relation in relations:
            _create_view(connection, relation)
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
            found += [Malformed(file.name, n, "not-an-object", counted=True) for n in file.broken]
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


def _create_view(connection: "duckdb.DuckDBPyConnection", relation: Relation) -> None:
    import duckdb

    parts = [_reading(relation, file, number=n) for n, file in enumerate(relation.files)]
    union = " UNION ALL BY NAME ".join(parts)
    try:
        connection.execute(f'CREATE TEMP VIEW "{relation.name}" AS {union}')
    except duckdb.Error:
        names = some([file.name for file in relation.files])
        problem = Text("it cannot be read as a table", "无法作为表读取")
        remedy = Text(
            "Its columns must have the same types in every file and names that differ",
            "各文件中同名列的类型须一致，列名不得重复",
        )
        raise FileError(file=names, problem=problem, remedy=remedy) from None


def _reading(relation: Relation, file: SourceFile, *, number: int) -> str:
    name = f"{literal(file.name)} AS _file"
    if file.form == "csv":
        rows = _csv(file, rejects=_rejects(relation, number))
        first = 2 if file.header else 1
        return f"SELECT *, {name}, row_number() OVER () + {first - 1} AS _line FROM {rows}"
    if file.form == "parquet":
        rows = f"read_parquet('{quoted(file.readable)}', file_row_number = true)"
        return f"SELECT * EXCLUDE file_row_number, {name}, file_row_number + 1 AS _line FROM {rows}"
    if file.form == "xlsx":
        return f'SELECT * FROM "{_workbook(relation, number)}"'
    return (
        f"SELECT unnest(json_transform(json, {literal(file.structure)})), {name}, _line "
        f"FROM ({records(file)}) WHERE json_type(json) = 'OBJECT'"
    )


def _csv(file: SourceFile, *, rejects: str) -> str:
    columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in file.columns)
    return (
        f"read_csv('{quoted(file.readable)}', columns = {{{columns}}}, auto_detect = false, "
        f"header = {str(file.header).lower()}, delim = {literal(file.delimiter)}, quote = '\"', "
        f"escape = '\"', nullstr = '', ignore_errors = true, store_rejects = true, "
        f"max_line_size = {LINE_LIMIT}, rejects_table = '{rejects}', "
        f"rejects_scan = '{rejects}_scan', rejects_limit = 0)"
    )


def _malformed_csv(
    connection: "duckdb.DuckDBPyConnection", file: SourceFile, *, table: str
) -> list[Malformed]:
    known = "SELECT 1 FROM duckdb_tables() WHERE table_name = $table"
    if not connection.execute(known, {"table": table}).fetchall():
        return []  # the query never scanned it
    rows = connection.execute(
        f'SELECT line, min(error_type::VARCHAR) FROM "{table}" GROUP BY line ORDER BY line'
    ).fetchall()
    return [Malformed(file.name, line, rule.lower().replace(" ", "-")) for line, rule in rows]


def _register_workbooks(
    connection: "duckdb.DuckDBPyConnection", relations: Sequence[Relation]
) -> None:
    for relation in relations:
        for number, file in enumerate(relation.files):
            if file.rows is not None:
                connection.register(_workbook(relation, number), file.rows)


def _rejects(relation: Relation, number: int) -> str:
    return f"_rejects_{relation.name}_{number}"


def _workbook(relation: Relation, number: int) -> str:
    return f"_workbook_{relation.name}_{number}"
