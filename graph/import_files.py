"""The offline importer's files: CSV that keeps what CSV loses.

CSV knows neither nothing from an empty text nor lists. DuckDB writes the files so that both
survive: nothing is an empty field, an empty text a quoted one, and a list's entries are
parted by a control character that occurs in none of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph.columns import (
    END,
    START,
    UndeclaredColumnError,
    identity_of,
    properties_by_column,
)
from graph.difference import quoted
from graph.engine import engine
from graph.errors import SourceError, some
from graph.language import Text
from graph.properties import Kind
from graph.settings import Settings
from graph.spec import MONEY_SCALE, Element, GraphSpec, NodeSpec, PropertySpec
from graph.statements import EXTRA_LABELS

if TYPE_CHECKING:
    import duckdb

LOADED_AT: Final = "loaded_at"
# Unit, record, group and file separators: what such characters are for.
LIST_DELIMITERS: Final = ("\x1f", "\x1e", "\x1d", "\x1c")
_HEADER_TYPES: Mapping[Kind, str] = {
    "time": "datetime",
    "date": "date",
    "integer": "long",
    "number": "double",
    "money": "double",
    "boolean": "boolean",
    "texts": "string[]",
}
# What writes a value as the importer reads it, which has words of its own for a number that
# is not finite.
_VALUES: Mapping[Kind, str] = {
    "time": "strftime({0}, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "money": f"{{0}}::DOUBLE / {MONEY_SCALE}",
    "number": "CASE WHEN isfinite({0}) THEN {0}::VARCHAR WHEN isnan({0}) THEN 'NaN' "
    "WHEN {0} > 0 THEN 'Infinity' WHEN {0} < 0 THEN '-Infinity' END",
    "texts": "nullif(array_to_string(list_filter({0}, lambda t: t <> ''), $delimiter), '')",
}
_CSV = "(FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULL '')"


class ListDelimiterError(SourceError):
    """Lists hold every character that could part their entries."""

    text = Text(
        "The lists of {columns} hold all of the control characters U+001C to U+001F, one of "
        "which must part their entries. Take one out of the source.",
        "{columns} 的列表中含有 U+001C 至 U+001F 的全部控制字符，而其中之一须用作分隔符。"
        "请在来源数据中去除其一。",
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """One element's rows on their way to the importer: SQL over files, and its columns."""

    element: Element
    rows: str
    columns: tuple[PropertySpec, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What all files of one import share."""

    folder: Path
    loaded_at: datetime
    delimiter: str


def write_files(
    settings: Settings,
    spec: GraphSpec,
    *,
    elements: Mapping[str, Sequence[Path]],
    folder: Path,
    loaded_at: datetime,
) -> list[str]:
    """Write the importer's files and return the arguments that name them.

    Parameters
    ----------
    settings
        How much memory may be used, and where it spills.
    spec
        The declared nodes and relationships.
    elements
        The Parquet files of each element in the form of the picture. Several files of one
        element are merged column by column, by what identifies a row.
    folder
        Where to; empty.
    loaded_at
        Set on every node whose label declares it.

    Raises
    ------
    UndeclaredColumnError
        If a file has a column that its element does not declare, or lacks its identity.
    ListDelimiterError
        If no character is left to part the entries of lists.
    """
    with engine(settings) as connection:
        origins = [
            origin
            for name, files in sorted(elements.items())
            if (origin := _origin(connection, spec.element(name), files=files))
        ]
        form = Form(folder, loaded_at, _delimiter(connection, origins))
        written = [a for o in origins for a in _write(connection, spec, origin=o, form=form)]
    options = ["--id-type=string", f"--array-delimiter=U+{ord(form.delimiter):04X}"]
    # texts may have line breaks
    return [*options, "--multiline-fields=true", *written]


def _origin(
    connection: "duckdb.DuckDBPyConnection", element: Element, *, files: Sequence[Path]
) -> Origin | None:
    """Return an element's rows, None where there are none."""
    paths = ", ".join(f"'{quoted(path)}'" for path in files)
    rows = f"read_parquet([{paths}], union_by_name = true)"
    if not files or not connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone():
        return None
    described = connection.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()
    names = [row[0] for row in described]
    known, identity = properties_by_column(element), identity_of(element)
    if wrong := {*names} - {*known} | {*identity} - {*names}:
        raise UndeclaredColumnError(
            element=element.name, columns=some(sorted(wrong)), declared=", ".join(known)
        )
    if len(files) > 1:
        rows = _merged(rows, identity, names=names)
    return Origin(element, rows, tuple(known[name] for name in names if name != LOADED_AT))


def _merged(rows: str, identity: Sequence[str], *, names: Sequence[str]) -> str:
    """Return the rows of one identity as one, each column by its first value."""
    keys = ", ".join(f'"{name}"' for name in identity)
    values = "".join(f', any_value("{n}") AS "{n}"' for n in names if n not in identity)
    return f"(SELECT {keys}{values} FROM {rows} GROUP BY {keys})"


def _delimiter(connection: "duckdb.DuckDBPyConnection", origins: Sequence[Origin]) -> str:
    """Return a character that occurs in no list."""
    lists = [(o, p.name) for o in origins for p in o.columns if p.kind == "texts"]
    for character in LIST_DELIMITERS:
        used = (
            f"SELECT 1 FROM {origin.rows} "
            f"WHERE contains(array_to_string(\"{name}\", ''), $character) LIMIT 1"
            for origin, name in lists
        )
        if not any(connection.execute(q, {"character": character}).fetchone() for q in used):
            return character
    raise ListDelimiterError(columns=some([f"{o.element.name}.{name}" for o, name in lists]))


def _write(
    connection: "duckdb.DuckDBPyConnection", spec: GraphSpec, *, origin: Origin, form: Form
) -> Iterator[str]:
    """Write an element's files and yield the argument of each."""
    columns = ", ".join(_values(spec, origin, form=form))
    name = origin.element.name
    if not isinstance(origin.element, NodeSpec):
        file = form.folder / f"{name}.csv"
        _copy(connection, f"SELECT {columns} FROM {origin.rows}", file=file)
        yield f"--relationships={origin.element.type}={file}"
        return
    for labels, where in _by_labels(origin):
        file = form.folder / f"{'-'.join(labels)}.csv"
        _copy(connection, f"SELECT {columns} FROM {origin.rows} {where}", file=file)
        yield f"--nodes={':'.join(labels)}={file}"


def _by_labels(origin: Origin) -> list[tuple[list[str], str]]:
    """Return the labels that nodes of an element have, and which of them have those."""
    label = origin.element.name
    extra = EXTRA_LABELS.get(label)
    if extra is None or extra.column not in [p.name for p in origin.columns]:
        return [([label], "")]
    has_it = f"\"{extra.column}\" IS NOT DISTINCT FROM '{extra.value}'"
    return [([label], f"WHERE NOT ({has_it})"), ([label, extra.label], f"WHERE {has_it}")]


def _values(spec: GraphSpec, origin: Origin, *, form: Form) -> Iterator[str]:
    """Yield the columns of a file: each value as it is written, under its header."""
    for p in origin.columns:
        value = _VALUES.get(p.kind, "{0}").format(f'"{p.name}"')
        value = value.replace("$delimiter", f"chr({ord(form.delimiter)})")
        yield f'{value} AS "{_header(spec, origin.element, p=p)}"'
    if any(p.name == LOADED_AT for p in origin.element.properties):
        instant = form.loaded_at.astimezone(UTC).isoformat(timespec="milliseconds")
        yield f"'{instant}' AS \"{LOADED_AT}:datetime\""


def _header(spec: GraphSpec, element: Element, *, p: PropertySpec) -> str:
    """Return a column's header; each label is an id space of its own."""
    if isinstance(element, NodeSpec):
        is_key = p.name == element.key
        return f"{p.name}:ID({element.label})" if is_key else f"{p.name}:{_type(p)}"
    if p.name == START:
        return f":START_ID({spec.nodes[element.start].label})"
    return f":END_ID({element.end})" if p.name == END else f"{p.name}:{_type(p)}"


def _type(p: PropertySpec) -> str:
    return _HEADER_TYPES.get(p.kind, "string")


def _copy(connection: "duckdb.DuckDBPyConnection", query: str, *, file: Path) -> None:
    connection.execute(f"COPY ({query}) TO '{quoted(file)}' {_CSV}")
