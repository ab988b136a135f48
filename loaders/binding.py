"""Holds a table's expressions against its files, before any of them runs.

DuckDB binds the whole query first. Where it refuses, the expressions are tried one by one,
so that the error names the one at fault and the columns that there are.
"""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from graph.language import Text
from loaders.errors import ExpressionError
from loaders.manifest import SourcePart, TablePart
from loaders.mapping import RAW, guarded, raw_query
from loaders.sourcefile import Relation
from loaders.textfiles import delimiter_hint
from loaders.values import literal

if TYPE_CHECKING:
    import duckdb

MORE_THAN_ONE = Text("it is not one expression", "它不是单个表达式")


def used_by(part: TablePart, relations: Sequence[Relation]) -> list[Relation]:
    """Return the relations that a mapped table names, or all where it seems to name none."""
    words = set(re.findall(r"\w+", _expressions(part)))
    return [r for r in relations if r.name.casefold() in words] or list(relations)


def unread_columns(source: SourcePart, relations: Sequence[Relation]) -> dict[str, list[str]]:
    """Return the columns that no expression of a source mentions, by ``source.file``."""
    said = "\n".join(_expressions(part) for part in source.table)
    found = {
        f"{source.name}.{relation.name}": [
            name for name in _columns(relation) if not _mentions(said, name.casefold())
        ]
        for relation in relations
    }
    return {name: columns for name, columns in found.items() if columns}


def _expressions(part: TablePart) -> str:
    return "\n".join((part.from_, part.where or "", *part.columns.values())).casefold()


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _columns(relation: Relation) -> list[str]:
    return list(dict.fromkeys(name for file in relation.files for name in file.columns))


def bound(
    connection: "duckdb.DuckDBPyConnection",
    part: TablePart,
    *,
    source: SourcePart,
    relations: Sequence[Relation],
) -> tuple[str, dict[str, str]]:
    """Return the query of a table's expressions, and their types by column.

    Raises
    ------
    ExpressionError
        If DuckDB refuses one of them.
    """
    used = used_by(part, relations)
    # a join or an aggregate has no single file and line: number its rows instead
    names = literal("+".join(relation.name for relation in used))
    places = ("_file, _line", f"{names} AS _file, row_number() OVER () AS _line")
    for place in places:
        query = raw_query(part, place=place)
        if _refusal(connection, query) is None:
            types = _types(connection, query)
            return query, {name: types[f"{RAW}{name}"] for name in part.columns}
    where, expression, problem = _culprit(connection, part, query=query)
    raise ExpressionError(
        source=source.name,
        table=part.fills,
        place=where,
        expression=expression,
        problem=problem,
        columns=_at_hand(used),
    )


def _types(connection: "duckdb.DuckDBPyConnection", query: str) -> dict[str, str]:
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {query}").fetchall()}


def _refusal(connection: "duckdb.DuckDBPyConnection", query: str) -> object:
    """Return why DuckDB refuses a query, or None."""
    import duckdb

    try:
        if len(connection.extract_statements(query)) != 1:
            return MORE_THAN_ONE
        _types(connection, query)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None


def _culprit(
    connection: "duckdb.DuckDBPyConnection", part: TablePart, *, query: str
) -> tuple[Text, str, object]:
    """Find which of a table's expressions DuckDB refuses, and why."""
    for place, expression, attempt in _attempts(part):
        problem = _refusal(connection, attempt)
        if problem is not None:
            return place, expression, problem
    return Text("its expressions together", "各表达式合用"), part.from_, _refusal(connection, query)


def _attempts(part: TablePart) -> Iterator[tuple[Text, str, str]]:
    yield Text("from", "from"), part.from_, f"SELECT * FROM {part.from_}"
    for name, expression in part.columns.items():
        value = ", ".join(guarded(name, expression))
        place = Text(f"column {name!r}", f"列 {name!r}")
        yield place, expression, f"SELECT {value} FROM {part.from_}"
    if part.where:
        query = f"SELECT 1 FROM {part.from_} WHERE {part.where}"
        yield Text("where", "where"), part.where, query


def _at_hand(relations: Sequence[Relation]) -> Text:
    """Name the columns of each relation, and the separator that a header seems to have."""
    shown = [_shown(relation) for relation in relations]
    return Text("; ".join(text.en for text in shown), "; ".join(text.zh for text in shown))


def _shown(relation: Relation) -> Text:
    names = ", ".join(_columns(relation))
    hints = sorted({delimiter_hint(file) for file in relation.files})
    en, zh = "".join(hint.en for hint in hints), "".join(hint.zh for hint in hints)
    return Text(f"{relation.name}: {names}{en}", f"{relation.name}: {names}{zh}")
