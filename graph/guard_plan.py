"""Whether a query may run, decided on the plan that the server made of it.

The plan says what will be done, whatever the text looks like: comments, escapes, spellings
and quotes are gone, and every expression is printed in one form. The server classes reading
a file, reaching another host and killing another client's query as reads, so its own word
that a query reads is needed but is not enough: operators, procedures and functions outside
lists of reviewed ones are refused (``graph/guard.toml``).

Three more things can only be judged here. A loop inside one expression (``reduce``, ``range``
outside UNWIND, lists inside lists) runs out of reach of the time limit, and EXPLAIN hides its
bounds, so its form is refused. Parts that nothing connects are multiplied. And what the
database expects to need minutes is refused before it takes them; not so where a path of open
length stands below, because estimates of those mean nothing.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graph.errors import some
from graph.guard_errors import (
    CrossProductRefusedError,
    EstimateRefusedError,
    FunctionRefusedError,
    LoopRefusedError,
    OperatorRefusedError,
    ProcedureRefusedError,
    WriteRefusedError,
)

LISTS = Path(__file__).with_name("guard.toml")
CALL = "ProcedureCall"
RESULTS = "ProduceResults"
OPEN_PATHS = ("VarLengthExpand", "Repeat", "BidirectionalRepeat", "Shortest", "StatefulShortest")
# Keep all their rows before they give the first, so memory goes there.
KEEPERS = ("EagerAggregation", "Sort", "Top", "Distinct", "Hash", "Eager", "Collect")

# The plan prints a function as its first author spelled it, and keeps that in its cache, so
# all of these ignore case.
# What the planner itself writes for a predicate on the steps of a shortest path:
STEPS = re.compile(r"range\(0, size\([^()]*\) - 1\)")
REDUCE = re.compile(r"\b(?:all)?reduce\(", re.IGNORECASE)
RANGE = re.compile(r"\brange\(", re.IGNORECASE)
# A row for each number: range( ), closed by its own bracket, and nothing around it.
RANGE_OF_ROWS = re.compile(
    r"range(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\) AS (?:`(?:``|[^`])*`|\w+))", re.IGNORECASE
)
DOTTED_CALL = re.compile(r"(?<![\w`.$])([A-Za-z_]\w*(?:\.\w+)+)\(")
QUOTED = re.compile(r"`(?:``|[^`])*`")
# [x IN ..., any(x IN ...: the bracket, the variable; a quoted name is masked by zeros.
LOOP = re.compile(r"(\[|\b(?:all|any|none|single)\()([\w\0]+) IN ", re.IGNORECASE)
# Lists that are never long: parts of one node or path, and what the caller sent.
SHORT = re.compile(r"(?:labels|keys|nodes|relationships)\(|\$", re.IGNORECASE)
SOURCE = re.compile(r"\w+")
# Loops inside each other, however short their lists.
MOST_LOOPS = 2


@dataclass(frozen=True, slots=True)
class PlanLimits:
    """What a plan may expect to cost.

    Parameters
    ----------
    pairs
        Rows of a product of parts that nothing connects: what about ten seconds make.
    rows
        Rows that any one operator is expected to make. Estimates are often ten times too
        high, and a second makes some ten million; more than this takes minutes.
    """

    pairs: float = 1e7
    rows: float = 1e9


@dataclass(frozen=True, slots=True)
class Operator:
    """A step of a plan; ``depth`` 0 is the last one, which gives the answer."""

    name: str
    details: str
    rows: float
    depth: int
    children: tuple["Operator", ...] = ()

    def walk(self) -> Iterator["Operator"]:
        """Yield this operator and everything below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def brief(self) -> str:
        """Return what the operator works on, shortened for a sentence."""
        line = " ".join(self.details.split())
        return line if len(line) <= 120 else f"{line[:117]}..."


@dataclass(frozen=True, slots=True)
class Allowed:
    """The reviewed lists."""

    operators: frozenset[str]
    procedures: tuple[str, ...]
    families: tuple[str, ...]


@cache
def allowed() -> Allowed:
    """Return the reviewed lists of ``graph/guard.toml``."""
    lists = tomllib.loads(LISTS.read_text(encoding="utf-8"))
    operators = frozenset(name for group in lists["operators"].values() for name in group)
    return Allowed(
        operators, tuple(lists["procedures"]["names"]), tuple(lists["functions"]["families"])
    )


def read_plan(plan: Mapping[str, object], depth: int = 0) -> Operator:
    """Read a plan as the driver gives it: operator names lose their ``@database``."""
    args, below = plan.get("args"), plan.get("children")
    details = args if isinstance(args, Mapping) else {}
    children = below if isinstance(below, Sequence) else ()
    return Operator(
        name=str(plan.get("operatorType", "")).partition("@")[0],
        details=str(details.get("Details") or ""),
        rows=float(details.get("EstimatedRows") or 0.0),
        depth=depth,
        children=tuple(read_plan(child, depth + 1) for child in children),
    )


def judge(root: Operator, query_type: str, *, limits: PlanLimits) -> None:
    """Refuse a query whose plan is not known to be harmless.

    Parameters
    ----------
    root
        The plan's last operator.
    query_type
        What the server says the query does: ``r``, ``rw``, ``w`` or ``s``.
    limits
        What it may expect to cost.

    Raises
    ------
    WriteRefusedError, ProcedureRefusedError, OperatorRefusedError, FunctionRefusedError,
    LoopRefusedError, CrossProductRefusedError, EstimateRefusedError
        The first reason found, in this order.
    """
    operators = list(root.walk())
    if query_type in {"w", "rw"}:
        raise WriteRefusedError(operator=_writer(operators).name)
    for check in (_check_procedure, _check_operator):
        for operator in operators:
            check(operator)
    if query_type != "r":
        raise WriteRefusedError(operator=f"{root.name}, {query_type or '?'}")
    # From the first step on, so that the one to blame is named and not what repeats its text.
    for operator in reversed(operators):
        _check_functions(operator)
        _check_loops(operator)
    for operator in operators:
        _check_pairs(operator, limits)
    for operator in reversed(operators):
        _check_rows(operator, limits)


def blamed_for_time(root: Operator) -> Operator:
    """Return the operator that is expected to make the most rows, the earliest of equals."""
    works = [o for o in root.walk() if o.name != RESULTS] or [root]
    return max(reversed(works), key=lambda operator: operator.rows)


def blamed_for_memory(root: Operator) -> Operator:
    """Return the operator that keeps the most rows; without one, that of the most rows."""
    keepers = [o for o in root.walk() if any(word in o.name for word in KEEPERS)]
    return max(keepers, key=_fed, default=blamed_for_time(root))


def _fed(operator: Operator) -> float:
    return max((child.rows for child in operator.children), default=0.0)


def _writer(operators: Sequence[Operator]) -> Operator:
    strange = [o for o in operators if o.name not in allowed().operators or o.name == CALL]
    return strange[0] if strange else operators[0]


def _check_procedure(operator: Operator) -> None:
    name = operator.details.partition("(")[0].strip()
    if operator.name == CALL and name not in allowed().procedures:
        raise ProcedureRefusedError(procedure=name, allowed=", ".join(allowed().procedures))


def _check_operator(operator: Operator) -> None:
    if operator.name not in allowed().operators:
        raise OperatorRefusedError(operator=operator.name, details=operator.brief)


def _check_functions(operator: Operator) -> None:
    # A procedure's own name was judged above; what stands in its brackets was not.
    skip = operator.details.find("(") if operator.name == CALL else 0
    for name in DOTTED_CALL.findall(operator.details[skip:]):
        if not name.lower().startswith(allowed().families):
            families = ", ".join(f"{family}*" for family in allowed().families)
            raise FunctionRefusedError(function=name, operator=operator.name, allowed=families)


def _check_loops(operator: Operator) -> None:
    details = STEPS.sub("steps", operator.details)
    of_rows = RANGE_OF_ROWS.fullmatch(details) if operator.name == "Unwind" else None
    details = of_rows[1] if of_rows else details
    if REDUCE.search(details):
        raise LoopRefusedError(loop="reduce(...)", operator=operator.name)
    if RANGE.search(details):
        raise LoopRefusedError(loop="range(...)", operator=operator.name)
    nested = _nested(details)
    if nested:
        raise LoopRefusedError(loop=f"{nested} IN [... IN ...]", operator=operator.name)


def _nested(details: str) -> str:
    """Return the variable of a loop that multiplies another loop's length, or nothing.

    One loop over a long list may hold others over short ones: the labels of a node, a list
    that the outer loop's variable is or has.
    """
    text = QUOTED.sub(lambda match: "\0" * len(match[0]), details)
    loops = {match.end(1) - 1: match for match in LOOP.finditer(text)}
    opened: list[tuple[str, bool]] = []  # per open bracket: its loop's variable, is it long
    for position, mark in enumerate(text):
        if mark in "([{":
            loop = _loop(loops.get(position), outer=[name for name, _ in opened])
            if loop[0] and _multiplies(loop, opened):
                return loop[0].replace("\0", "`")
            opened.append(loop)
        elif mark in ")]}" and opened:
            opened.pop()
    return ""


def _loop(match: re.Match[str] | None, *, outer: Sequence[str]) -> tuple[str, bool]:
    """Return a loop's variable and whether its list may be long; no variable: no loop."""
    if match is None:
        return "", False
    source = SOURCE.match(match.string, match.end())
    is_short = SHORT.match(match.string, match.end()) or (source and source[0] in outer)
    return match[2], not is_short


def _multiplies(loop: tuple[str, bool], opened: Sequence[tuple[str, bool]]) -> bool:
    outer = [is_long for name, is_long in opened if name]
    return (loop[1] and any(outer)) or len(outer) >= MOST_LOOPS


def _check_pairs(operator: Operator, limits: PlanLimits) -> None:
    if operator.name == "CartesianProduct" and operator.rows > limits.pairs:
        parts = " × ".join(_part(child) for child in operator.children)
        raise CrossProductRefusedError(parts=parts, rows=operator.rows, limit=limits.pairs)


def _check_rows(operator: Operator, limits: PlanLimits) -> None:
    if operator.rows > limits.rows and not _is_open(operator):
        raise EstimateRefusedError(
            operator=operator.name, details=operator.brief, rows=operator.rows, limit=limits.rows
        )


def _part(operator: Operator) -> str:
    """Name one side of a product by where its rows come from."""
    leaves = [o.brief for o in operator.walk() if not o.children and o.details]
    return f"({some(leaves)})"


def _is_open(operator: Operator) -> bool:
    return any(o.name.startswith(OPEN_PATHS) for o in operator.walk())
