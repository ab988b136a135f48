"""The query of one mapped table: raw values, typed values, and what is wrong with a row.

Four layers, each a plain SELECT: the user's expressions inside ``TRY``; the same values
made plain and cast; null where they do not fit their column; and for each row the first
rule that it breaks. Nothing here touches data: the functions return SQL.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.secret import ACCOUNT_DIGITS, hmac_sql
from graph.spec import COMPANY_LABELS, ColumnSpec, TableSpec
from loaders.manifest import SourcePart, TablePart
from loaders.values import RULES, fitting, literal, out_of_range, prepared, present, trimmed

ACCOUNT_PADS = "account"
RAW, FAILED, READY = "r_", "f_", "p_"


@dataclass(frozen=True, slots=True)
class MappedTable:
    """One mapped table of one source, with the types that DuckDB gives its expressions."""

    source: SourcePart
    part: TablePart
    table: TableSpec
    types: Mapping[str, str]

    @property
    def columns(self) -> tuple[ColumnSpec, ...]:
        """Return the table's columns that this part fills, in declared order."""
        return tuple(c for c in self.table.columns if c.name in self.part.columns)


def raw_query(part: TablePart, *, place: str) -> str:
    """Return the query of the user's expressions, each as ``r_<column>``.

    ``f_<column>`` tells whether the expression fails on the row: a null that it states and
    a null that ``TRY`` made of an error are two things. ``place`` is the SQL of the row's
    file and line.
    """
    values = [place]
    for name, expression in part.columns.items():
        values += guarded(name, expression)
    where = f" WHERE {part.where}" if part.where else ""
    query = f"SELECT {', '.join(values)} FROM {part.from_}{where}"
    if not part.distinct:
        return query
    stated = ", ".join(f'"{RAW}{name}"' for name in part.columns)
    return f"SELECT DISTINCT ON ({stated}) * FROM ({query})"


def guarded(name: str, expression: str) -> tuple[str, str]:
    """Return the SQL of one expression's value and of whether it fails."""
    if is_plain(expression):
        return f'({expression}) AS "{RAW}{name}"', f'false AS "{FAILED}{name}"'
    return (
        f'TRY({expression}) AS "{RAW}{name}"',
        f'TRY(({expression}) IS NULL) IS NULL AS "{FAILED}{name}"',
    )


def is_plain(expression: str) -> bool:
    """Tell whether an expression is only a column's name or a literal, which cannot fail."""
    return bool(re.fullmatch(r"\w+|\"[^\"]+\"|'[^']*'", expression.strip()))


def typed_query(mapping: MappedTable, *, raw: str) -> str:
    """Return the query of typed columns, ``_file``, ``_line`` and ``_problem``.

    ``_problem`` is null or ``column|rule|value``, the value hidden where it is personal;
    ``_cleaned`` counts texts that lost control characters. Parameters: ``$now``, the load's
    instant, and the two pads of the account hash where account keys are personal.
    """
    ready = [f'{_prepared(mapping, c)} AS "{READY}{c.name}"' for c in mapping.columns]
    values = [f'{fitting(c, _ready(c))} AS "{c.name}"' for c in mapping.columns]
    layer = f"SELECT *, {', '.join(values)} FROM (SELECT *, {', '.join(ready)} FROM ({raw}))"
    stored = ", ".join(_stored(mapping, c) for c in mapping.columns)
    problem = _problem(mapping)
    return (
        f"SELECT _file, _line, {stored}, {problem} AS _problem, {_cleaned(mapping)} AS _cleaned "
        f"FROM ({layer})"
    )


def _prepared(mapping: MappedTable, column: ColumnSpec) -> str:
    if column.name == "text" and mapping.source.text == "none":
        return "NULL::VARCHAR"
    return prepared(column, _raw(column), sql_type=mapping.types[column.name])


def _ready(column: ColumnSpec) -> str:
    return f'"{READY}{column.name}"'


def _raw(column: ColumnSpec) -> str:
    return f'"{RAW}{column.name}"'


def _stored(mapping: MappedTable, column: ColumnSpec) -> str:
    """Return the SQL of a column as staging keeps it: keys become ids."""
    value = f'"{column.name}"'
    if not column.is_id:
        return f'{value} AS "{column.stored}"'
    return f'{id_sql(mapping.source, column, value=value)} AS "{column.stored}"'


def id_sql(source: SourcePart, column: ColumnSpec, *, value: str) -> str:
    """Return the SQL of a node's id: the company's own key, or the source and its key."""
    if column.refers in COMPANY_LABELS and source.catalogue == "company":
        return value
    prefix = literal(f"{source.name}:")
    if column.refers == "Account" and source.personal_key is True:
        message = f"{literal(f'account:{source.name}:')} || {value}"
        hashed = f"substr({hmac_sql(message, pads=ACCOUNT_PADS)}, 1, {ACCOUNT_DIGITS})"
        return f"{prefix} || {hashed}"
    return f"{prefix} || {value}"


def _problem(mapping: MappedTable) -> str:
    cases = [case for column in mapping.columns for case in _cases(mapping, column)]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::VARCHAR"


def _cases(mapping: MappedTable, column: ColumnSpec) -> Sequence[str]:
    """Return the rules of one column, in the order in which they are told."""
    raw, value = _raw(column), f'"{column.name}"'
    hidden = column.personal or is_personal_key(mapping.source, column)
    shown = "'<hidden>'" if hidden else f"coalesce(left({raw}::VARCHAR, 80), '')"
    if column.name == "text" and mapping.source.text == "none":
        return ()
    stated = present(raw, sql_type=mapping.types[column.name])
    if column.kind == "text":
        # one of nothing but control characters states nothing
        stated = f"{_ready(column)} IS NOT NULL"
    if column.kind == "json":
        stated += f" AND {_ready(column)} IS NULL"
    fits = f"{stated} AND {value} IS NULL"
    rules = [(f'"{FAILED}{column.name}"', "expression-fails"), (fits, _rule(column))]
    if column.required:
        rules.append((f"{value} IS NULL", "missing"))
    if bounds := out_of_range(column, value):
        rules.append((bounds, "out-of-range"))
    return [f"WHEN {test} THEN '{column.name}|{rule}|' || {shown}" for test, rule in rules]


def is_personal_key(source: SourcePart, column: ColumnSpec) -> bool:
    """Tell whether a column's keys are hashed, so that no report may show them."""
    return column.refers == "Account" and source.personal_key is True


def _rule(column: ColumnSpec) -> str:
    return RULES[column.kind]


def _cleaned(mapping: MappedTable) -> str:
    """Return the SQL that counts the row's texts that lost control characters."""
    dropped = {"text"} if mapping.source.text == "none" else set()
    texts = [
        column
        for column in mapping.columns
        if column.kind == "text" and not column.personal and column.name not in dropped
    ]
    changed = [f'({trimmed(_raw(c))} IS DISTINCT FROM "{c.name}")::INT' for c in texts]
    return " + ".join(changed) if changed else "0"
