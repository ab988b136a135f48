"""How a raw value becomes a typed one, as SQL: one expression and one rule a kind.

In two steps: the raw value (text from CSV and Excel, or the type that Parquet or JSON gave
it) is made plain and cast, then it is null where it does not fit. A row whose value is
present but does not fit is rejected under the kind's rule.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from graph.spec import ColumnSpec

if TYPE_CHECKING:
    from graph.properties import Kind

MONEY_BOUND = 900_000_000_000  # below it a float holds four decimal places exactly
KEY_LENGTH = 256
# Neo4j refuses to index a value of more than 8,167 bytes; a character has at most four
INDEXED_LENGTH = 2000
BLANKS = " \t\r\n\u00a0\u3000"
CONTROLS = r"[\x00-\x08\x0B-\x1F\x7F]"  # all but tab and newline
WIDE = "".join(chr(code + 0xFEE0) for code in range(0x21, 0x7F)) + "\u3000"
NARROW = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
YES = ("true", "t", "yes", "y", "1", "是")
NO = ("false", "f", "no", "n", "0", "否")

# facts lie in the past; these say what is planned
PLANNED = frozenset({"started_at", "ended_at", "expires_at", "listed_at", "opened_on", "closed_on"})
_LAST = "TIMESTAMPTZ '9999-12-31 00:00:00+00'"  # the last day that Python and pandas can say

RULES: Mapping["Kind", str] = {
    "key": "not-a-key",
    "text": "too-long",
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
    text = f"{raw}::VARCHAR"
    plain = f"translate({text}, {literal(WIDE)}, {literal(NARROW)})"
    # translating costs ten times as much as reading: only where a character is not ASCII
    return trimmed(f"CASE WHEN strlen({text}) = length({text}) THEN {text} ELSE {plain} END")


def prepared(column: ColumnSpec, raw: str, *, sql_type: str) -> str:
    """Return the SQL of a raw value made plain: trimmed, half-width, cast to its type.

    Parameters
    ----------
    column
        The column to fill.
    raw
        SQL of the raw value.
    sql_type
        The DuckDB type of ``raw``.
    """
    return _PREPARED[column.kind](raw, sql_type)


def fitting(column: ColumnSpec, value: str) -> str:
    """Return the SQL of a column's typed value, null where the prepared value does not fit.

    ``value`` names a prepared value; it stands here several times and is worked out once.
    """
    if column.kind == "code":
        codes = ", ".join(literal(code) for code in column.codes)
        return f"CASE WHEN {value} IN ({codes}) THEN {value} END"
    if column.kind == "text":
        limit = longest(column)
        return value if limit is None else f"CASE WHEN length({value}) <= {limit} THEN {value} END"
    return _FITTING[column.kind].format(value)


def longest(column: ColumnSpec) -> int | None:
    """Return how many characters a text may have; None where there is no limit."""
    if column.refers:
        return KEY_LENGTH
    return INDEXED_LENGTH if column.indexed else None


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
        # registers hold the dead: birth dates of any age that a year of four digits can say
        first = "1000" if column.personal else "1900"
        return [f"{value} < DATE '{first}-01-01'", f"{value} > {_latest(column)}::DATE"]
    if column.kind == "time":
        return [f"{value} < TIMESTAMPTZ '1900-01-01 00:00:00+00'", f"{value} > {_latest(column)}"]
    return []


def _latest(column: ColumnSpec) -> str:
    return _LAST if column.name in PLANNED else "$now::TIMESTAMPTZ"


def _key(raw: str, sql_type: str) -> str:
    if sql_type in ("DOUBLE", "FLOAT"):
        # spreadsheets and data frames turn a column of whole numbers with gaps into floats
        whole = f"TRY_CAST(CASE WHEN {raw} = floor({raw}) THEN {raw} END AS HUGEINT)::VARCHAR"
        raw = f"CASE WHEN isfinite({raw}) THEN coalesce({whole}, {raw}::VARCHAR) END"
    return f"nfc_normalize({trimmed(raw)})"


def _text(raw: str, _: str) -> str:
    return trimmed(f"regexp_replace({raw}::VARCHAR, '{CONTROLS}', '', 'g')")


def _word(raw: str, _: str) -> str:
    return f"lower({half_width(raw)})"


def _cast(sql_type: str) -> Callable[[str, str], str]:
    """Cast by way of text, so that a float counts as the shortest decimal that denotes it."""
    return lambda raw, given: f"TRY_CAST({_plain(raw, given)} AS {sql_type})"


def _plain(raw: str, sql_type: str) -> str:
    return half_width(raw) if sql_type == "VARCHAR" else f"{raw}::VARCHAR"


def _written_date(raw: str) -> str:
    """Return the SQL of a date or time as people write it, with 年月日 as dashes."""
    text = half_width(raw)
    return f"replace(replace(replace({text}, '年', '-'), '月', '-'), '日', '')"


def _date(raw: str, sql_type: str) -> str:
    if _is_time(sql_type):
        return f"TRY_CAST({raw} AS DATE)"
    text = _written_date(raw)
    digits = f"try_strptime(nullif(regexp_extract({text}, '^\\d{{8}}$'), ''), '%Y%m%d')::DATE"
    return f"coalesce(TRY_CAST({text} AS DATE), {digits})"


def _time(raw: str, sql_type: str) -> str:
    """Naive times are read in the session's zone, which is the company's."""
    return f"TRY_CAST({raw if _is_time(sql_type) else _written_date(raw)} AS TIMESTAMPTZ)"


def _is_time(sql_type: str) -> bool:
    return sql_type == "DATE" or sql_type.startswith("TIMESTAMP")


def _json(raw: str, sql_type: str) -> str:
    """Return a map, because a JSON path cannot name every key; null members state nothing."""
    parsed = f"TRY_CAST({raw} AS JSON)" if sql_type == "VARCHAR" else f"to_json({raw})"
    whole = f"CASE WHEN json_type({parsed}) = 'OBJECT' THEN json_merge_patch('{{}}', {parsed}) END"
    return f"TRY_CAST({whole} AS MAP(VARCHAR, JSON))"


_PREPARED: Mapping["Kind", Callable[[str, str], str]] = {
    "key": _key,
    "text": _text,
    "code": _word,
    "boolean": _word,
    "integer": _cast("DECIMAL(38, 9)"),
    "number": _cast("DOUBLE"),
    "money": _cast("DECIMAL(38, 18)"),
    "date": _date,
    "time": _time,
    "json": _json,
}

_YES, _NO = (", ".join(literal(word) for word in words) for words in (YES, NO))
_MEMBERS = "list_transform(list_sort(map_entries({0})), lambda e: to_json(e.key) || ':' || e.value)"

# {0} is a prepared value; a whole amount of money is counted in ten-thousandths
_FITTING: Mapping["Kind", str] = {
    "key": (
        f"CASE WHEN length({{0}}) <= {KEY_LENGTH} "
        r"AND NOT regexp_matches({0}, '\p{{Cc}}') THEN {0} END"
    ),
    "boolean": f"CASE WHEN {{0}} IN ({_YES}) THEN true WHEN {{0}} IN ({_NO}) THEN false END",
    "integer": "CASE WHEN {0} = floor({0}) THEN TRY_CAST({0} AS BIGINT) END",
    "number": "CASE WHEN isfinite({0}) THEN {0} END",
    "money": (
        f"CASE WHEN abs({{0}}) < {MONEY_BOUND} AND {{0}} = round({{0}}, 4) "
        "THEN CAST(round({0}, 4) * 10000 AS BIGINT) END"
    ),
    "date": "CASE WHEN isfinite({0}) THEN {0} END",
    "time": "CASE WHEN isfinite({0}) THEN date_trunc('millisecond', {0}) END",
    # an object of nothing states nothing
    "json": f"nullif('{{{{' || array_to_string({_MEMBERS}, ',') || '}}}}', '{{{{}}}}')",
}
