"""Which SQL a reduction may be written in: what means the same in DuckDB and on Spark.

Checked on the text, by an allow-list of functions and a few shapes: what is not known to
agree is refused, so that a reduction can move to a cluster without a second look. Engines
differ silently far more often than they fail.
"""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

FUNCTIONS = frozenset(
    {
        "ABS",
        "ARG_MAX",
        "ARG_MIN",
        "AVG",
        "CAST",
        "COALESCE",
        "COUNT",
        "DATE_DIFF",
        "DENSE_RANK",
        "EXP",
        "FLOOR",
        "GREATEST",
        "LAG",
        "LEAD",
        "LEAST",
        "LIST",
        "LIST_SORT",
        "LN",
        "MAX",
        "MD5",
        "MEDIAN",
        "MIN",
        "NTILE",
        "NULLIF",
        "QUANTILE_CONT",
        "RANK",
        "REGEXP_REPLACE",
        "ROW_NUMBER",
        "SHA256",
        "SQRT",
        "STRING_AGG",
        "STRUCT_PACK",
        "SUM",
    }
)
# words that may stand before a parenthesis without being a function
WORDS = frozenset(
    {
        "ALL",
        "AND",
        "AS",
        "BY",
        "CASE",
        "DISTINCT",
        "ELSE",
        "EXISTS",
        "FILTER",
        "FROM",
        "IN",
        "JOIN",
        "NOT",
        "ON",
        "OR",
        "OVER",
        "SELECT",
        "THEN",
        "UNION",
        "USING",
        "VALUES",
        "WHEN",
        "WHERE",
    }
)
ELSEWHERE_UNKNOWN = frozenset(
    {
        "ASOF",
        "ATTACH",
        "COPY",
        "EXCLUDE",
        "EXTRACT",
        "LATERAL",
        "PIVOT",
        "POSITIONAL",
        "PRAGMA",
        "QUALIFY",
        "REPLACE",
        "SAMPLE",
        "SET",
        "SIMILAR",
        "TABLESAMPLE",
        "TRY_CAST",
        "UNPIVOT",
    }
)
WHOLE = frozenset({"BIGINT", "INT", "INTEGER", "SMALLINT", "TINYINT"})

LITERAL = re.compile(r"'(?:[^']|'')*'")
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")
# shapes that are refused wherever they stand, with the reason
SHAPES = (
    (r"::", "a cast is written CAST(x AS type)"),
    (r";", "a reduction is one statement"),
    (r"\[", "lists are neither indexed nor sliced"),
    (r"(?<!/)/(?!/)(?!\s*NULLIF\s*\()", "a divisor stands under NULLIF"),
    (r"//(?!\s*(NULLIF\s*\(|[1-9]))", "a whole divisor is a number or stands under NULLIF"),
    (r"\b(FROM|JOIN)\s+'", "a reduction reads tables, not files"),
    (r"\bDISTINCT\s+ON\b", "DISTINCT ON lets the engine choose a row"),
    (r"(?<!THEN )\b(LN|SQRT)\s*\(", "LN and SQRT stand behind CASE ... THEN"),
)


class Call(NamedTuple):
    """A function with the texts of its arguments."""

    function: str
    arguments: tuple[str, ...]
    before: str


def violations(sql: str) -> list[str]:
    """Return why ``sql`` is not in the dialect; empty if it is.

    Only the text is looked at. Types are not known, so two rules of the dialect rest on
    the author: sums are of integers, and dates are not subtracted.
    """
    text = COMMENT.sub(" ", sql)
    masked = LITERAL.sub(lambda literal: "'" + "_" * (len(literal[0]) - 2) + "'", text)
    found = [] if re.match(r"\s*(SELECT|WITH)\b", masked) else ["it must be a SELECT or WITH"]
    found += [reason for shape, reason in SHAPES if re.search(shape, masked)]
    words = set(re.findall(r"\b[A-Z_]+\b", masked))
    found += [f"{word} is not in the dialect" for word in sorted(words & ELSEWHERE_UNKNOWN)]
    for call in _calls(text, masked):
        found += _objections(call)
    return sorted(set(found))


def _calls(text: str, masked: str) -> Iterator[Call]:
    for match in CALL.finditer(masked):
        name = match[1].upper()
        if name not in WORDS:
            end = _closing(masked, match.end())
            cuts = _commas(masked, (match.end(), end))
            parts = (text[a:b].strip().lstrip(",").strip() for a, b in pairwise(cuts))
            yield Call(name, tuple(parts), text[: match.start()])


def _closing(masked: str, start: int) -> int:
    """Return where the parenthesis closes that was opened before ``start``."""
    depth = 1
    for at in range(start, len(masked)):
        depth += {"(": 1, ")": -1}.get(masked[at], 0)
        if depth == 0:
            return at
    return len(masked)


def _commas(masked: str, span: tuple[int, int]) -> list[int]:
    """Return where the arguments inside ``span`` begin and end."""
    depth, cuts = 0, [span[0]]
    for at in range(*span):
        depth += {"(": 1, ")": -1}.get(masked[at], 0)
        if masked[at] == "," and depth == 0:
            cuts.append(at)
    return [*cuts, span[1]]


def _objections(call: Call) -> list[str]:
    if call.function not in FUNCTIONS:
        return [f"{call.function} is not on the list of functions"]
    check = CHECKS.get(call.function)
    reason = check(call) if check else None
    return [reason] if reason else []


def _cast(call: Call) -> str | None:
    value, _, kind = call.arguments[0].rpartition(" AS ")
    if kind.upper() in WHOLE and not re.match(r"(FLOOR|SUM)\s*\(", value.strip(), re.IGNORECASE):
        return "a cast to a whole number is of FLOOR(x), or of a SUM of integers"
    return None


def _average(call: Call) -> str | None:
    is_double = re.match(r"CAST\s*\(.* AS DOUBLE\s*\)$", call.arguments[0], re.DOTALL)
    return None if is_double else "an average is AVG(CAST(x AS DOUBLE))"


def _chosen(call: Call) -> str | None:
    ties = len(call.arguments) == 2 and call.arguments[1].startswith("STRUCT_PACK(")
    return None if ties else f"{call.function} breaks ties by STRUCT_PACK(value, key)"


def _listed(call: Call) -> str | None:
    is_sorted = re.search(r"LIST_SORT\s*\(\s*$", call.before)
    if is_sorted and call.arguments[0].startswith("STRUCT_PACK("):
        return None
    return "a list is LIST_SORT(LIST(STRUCT_PACK(...)))"


def _difference(call: Call) -> str | None:
    dates = [a for a in call.arguments[1:] if re.match(r"CAST\s*\(.* AS DATE\s*\)$", a)]
    if len(dates) == 2 and call.arguments[0] == "'day'":
        return None
    return "a difference of days is DATE_DIFF('day', CAST(a AS DATE), CAST(b AS DATE))"


def _replaced(call: Call) -> str | None:
    if len(call.arguments) == 4 and call.arguments[3] == "'g'":
        return None
    return "REGEXP_REPLACE replaces all matches: the fourth argument is 'g'"


CHECKS: dict[str, Callable[[Call], str | None]] = {
    "CAST": _cast,
    "AVG": _average,
    "ARG_MAX": _chosen,
    "ARG_MIN": _chosen,
    "LIST": _listed,
    "DATE_DIFF": _difference,
    "REGEXP_REPLACE": _replaced,
}
