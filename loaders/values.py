"""How a raw value becomes a typed one, as SQL: one expression and one rule a kind.

Each function takes the SQL of a raw value (text from CSV and Excel, or the type that
Parquet or JSON gave it) and returns the SQL of the typed value, null where it does not
fit. A row whose value is present but does not fit is rejected under the kind's rule.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from graph.spec import ColumnSpec

if TYPE_CHECKING:
    from graph.properties import Kind

MONEY_BOUND = 900_000_000_000  # below it a float holds four decimal places exactly
KEY_LENGTH = 256
BLANKS = " \t\r\n\u00a0\u3000"
CONTROLS = r"[\x00-\x08\x0B-\x1F\x7F]"  # all but tab and newline
WIDE = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F)) + "\u3000"
NARROW = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
YES = ("true", "t", "yes", "y", "1", "是")
NO = ("false", "f", "no", "n", "0", "否")

# facts lie in the past; these say what is planned
PLANNED = frozenset({"started_at", "ended_at", "expires_at", "listed_at", "opened_on", "closed_on"})

RULES: Mapping["Kind", str] = {
    "key": "not-a-key",
    "text": "not-text",
    "code": "unknown-code",
    "time": "not-a-time",
    "date": "not-a-date",
    "integer": "not-an-integer",
    "number": "not-a-number",
    "money": "not-money-of-four-decimals",
    "boolean": "not-a-boolean",
    "json": "not-an-object",
}


def literal(text: str) -> str:
    """Return ``text`` as a SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def trimmed(raw: str) -> str:
    """Return the SQL of a text without blanks around it; an empty one is null."""
    return f"nullif(trim({raw}::VARCHAR, {literal(BLANKS)}), '')"


def half_width(raw: str) -> str:
    """Return the SQL of a trimmed text with full-width letters and digits made plain."""
    return trimmed(f"translate({raw}::VARCHAR, {literal(WIDE)}, {literal(NARROW)})")


def typed(column: ColumnSpec, raw: str, *, sql_type: str) -> str:
    """Return the SQL of a column's typed value, null where the raw value does not fit.

    Parameters
    ----------
    column
        The column to fill.
    raw
        SQL of the raw value.
    sql_type
        The DuckDB type of ``raw``.
    """
    if column.kind == "code":
        return _code(column, raw)
    return _TYPED[column.kind](raw, sql_type)


def present(raw: str, *, sql_type: str) -> str:
    """Return the SQL of whether a raw value states anything."""
    return f"{trimmed(raw)} IS NOT NULL" if sql_type == "VARCHAR" else f"{raw} IS NOT NULL"


def out_of_range(column: ColumnSpec, value: str) -> str:
    """Return the SQL of whether a typed value is outside the column's range; '' if unbounded.

    ``$now`` stands for the load's instant.
    """
    bounds = []
    scale = 10_000 if column.kind == "money" else 1
    if column.minimum is not None:
        bounds.append(f"{value} < {column.minimum * scale:.0f}")
    if column.maximum is not None:
        bounds.append(f"{value} > {column.maximum * scale:.0f}")
    bounds += _time_bounds(column, value)
    return " OR ".join(bounds)


def _time_bounds(column: ColumnSpec, value: str) -> list[str]:
    if column.name == "birth_year":
        return [f"{value} > year($now::TIMESTAMPTZ)"]
    if column.kind == "date":
        late = [] if column.name in PLANNED else [f"{value} > $now::TIMESTAMPTZ::DATE"]
        # registers hold the dead: birth dates of any age
        early = [] if column.personal else [f"{value} < DATE '1900-01-01'"]
        return early + late
    if column.kind == "time":
        late = [] if column.name in PLANNED else [f"{value} > $now::TIMESTAMPTZ"]
        return [f"{value} < TIMESTAMPTZ '1900-01-01 00:00:00+00'", *late]
    return []


def _key(raw: str, sql_type: str) -> str:
    if sql_type in ("DOUBLE", "FLOAT"):
        # spreadsheets and data frames turn a column of whole numbers with gaps into floats
        raw = f"CASE WHEN {raw} = floor({raw}) THEN {raw}::HUGEINT::VARCHAR ELSE {raw}::VARCHAR END"
    text = f"nfc_normalize({trimmed(raw)})"
    fits = f"length({text}) <= {KEY_LENGTH} AND NOT regexp_matches({text}, '[\\x00-\\x1F\\x7F]')"
    return f"CASE WHEN {fits} THEN {text} END"


def _text(raw: str, _: str) -> str:
    return trimmed(f"regexp_replace({raw}::VARCHAR, '{CONTROLS}', '', 'g')")


def _code(column: ColumnSpec, raw: str) -> str:
    text = f"lower({half_width(raw)})"
    codes = ", ".join(literal(code) for code in column.codes)
    return f"CASE WHEN {text} IN ({codes}) THEN {text} END"


def _integer(raw: str, sql_type: str) -> str:
    number = f"TRY_CAST({_plain(raw, sql_type)} AS DECIMAL(38, 9))"
    return f"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS BIGINT) END"


def _number(raw: str, sql_type: str) -> str:
    number = f"TRY_CAST({_plain(raw, sql_type)} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _money(raw: str, sql_type: str) -> str:
    """Whole ten-thousandths; a float counts as the shortest decimal that denotes it."""
    exact = f"TRY_CAST({_plain(raw, sql_type)} AS DECIMAL(38, 18))"
    four = f"TRY_CAST({exact} AS DECIMAL(22, 4))"
    fits = f"{four} = {exact} AND abs({four}) < {MONEY_BOUND}"
    return f"CASE WHEN {fits} THEN CAST({four} * 10000 AS BIGINT) END"


def _plain(raw: str, sql_type: str) -> str:
    return half_width(raw) if sql_type == "VARCHAR" else f"{raw}::VARCHAR"


def _boolean(raw: str, sql_type: str) -> str:
    if sql_type == "BOOLEAN":
        return raw
    text = f"lower({half_width(raw)})"
    yes, no = (", ".join(literal(word) for word in words) for words in (YES, NO))
    return f"CASE WHEN {text} IN ({yes}) THEN true WHEN {text} IN ({no}) THEN false END"


def _written_date(raw: str) -> str:
    """Return the SQL of a date or time as people write it, with 年月日 as dashes."""
    text = half_width(raw)
    return f"replace(replace(replace({text}, '年', '-'), '月', '-'), '日', '')"


def _date(raw: str, sql_type: str) -> str:
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return f"TRY_CAST({raw} AS DATE)"
    text = _written_date(raw)
    digits = f"strptime(nullif(regexp_extract({text}, '^\\d{{8}}$'), ''), '%Y%m%d')"
    return f"coalesce(TRY_CAST({text} AS DATE), TRY({digits})::DATE)"


def _time(raw: str, sql_type: str) -> str:
    """Naive times are read in the session's zone, which is the company's."""
    value = raw
    if sql_type == "VARCHAR":
        value = _written_date(raw)
    return f"date_trunc('millisecond', TRY_CAST({value} AS TIMESTAMPTZ))"


def _json(raw: str, sql_type: str) -> str:
    """Return an object as text with sorted keys; members that are null state nothing."""
    parsed = f"TRY_CAST({raw} AS JSON)" if sql_type == "VARCHAR" else f"to_json({raw})"
    whole = f"CASE WHEN json_type({parsed}) = 'OBJECT' THEN json_merge_patch('{{}}', {parsed}) END"
    member = (
        "to_json(k)::VARCHAR || ':' || "
        f"json_extract({whole}, '$.\"' || replace(k, '\"', '\\\"') || '\"')::VARCHAR"
    )
    members = f"list_transform(list_sort(json_keys({whole})), lambda k: {member})"
    return f"'{{' || array_to_string({members}, ',') || '}}'"


_TYPED: Mapping["Kind", Callable[[str, str], str]] = {
    "key": _key,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
    "json": _json,
}
