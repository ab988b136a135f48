"""What the database says of an analyst's query, as problems that help its author.

The server's own words are kept where they are exact (the place of a slip, the name of a
parameter); what it does not say, which part of the plan to blame, is added.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from graph.endpoint import (
    DatabaseFailedError,
    QueryMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
)
from graph.errors import KithError
from graph.guard_errors import (
    CypherFailedError,
    CypherSyntaxError,
    MemoryLimitError,
    ParameterMissingError,
    ParameterTypeError,
    PlanningTimeError,
    ProcedureRefusedError,
    TimeLimitError,
    WriteRefusedError,
)
from graph.guard_plan import Operator, allowed, blamed_for_memory, blamed_for_time

PLACE = re.compile(r" \(line (\d+), column (\d+) \(offset: (\d+)\)\)$")
LIMIT = re.compile(r"limit ([\d.]+ \w+)")
EXPLAIN_LENGTH = len("EXPLAIN ")
UNKNOWN = Operator(name="EXPLAIN", details="", rows=0.0, depth=0)
LARGEST = 2**63
DEEPEST = 32


@dataclass
class Progress:
    """How far a query has come; its plan is to blame for what comes later."""

    seconds: float
    plan: Operator = UNKNOWN

    @property
    def is_planned(self) -> bool:
        """Tell whether the query was judged and may run."""
        return self.plan is not UNKNOWN


@contextmanager
def typed(progress: Progress) -> Iterator[None]:
    """Raise a problem that names limit, operator and remedy for what the database says."""
    try:
        yield
    except QueryTimeoutError as error:
        raise too_slow(progress) from error
    except QueryMemoryError as error:
        raise _too_greedy(error, progress) from error
    except QueryRefusedError as error:
        raise _refused(str(error.facts["code"]), str(error.facts["problem"])) from error
    except RecursionError as error:
        raise _too_greedy(error, progress) from error
    except DatabaseFailedError as error:
        # A text that confuses the server's parser: an error of the query, not of the server.
        code = str(error.facts["code"]).rpartition(".")[2]
        raise CypherFailedError(problem=error.facts["problem"], code=code) from error


def too_slow(progress: Progress, problem: type[TimeLimitError] = TimeLimitError) -> TimeLimitError:
    """Return the ``problem`` of a query that took too long, with the operator to blame."""
    to_blame = blamed_for_time(progress.plan)
    if problem is TimeLimitError and not progress.is_planned:
        problem = PlanningTimeError
    return problem(seconds=progress.seconds, operator=to_blame.name, details=to_blame.brief)


def _too_greedy(error: Exception, progress: Progress) -> MemoryLimitError:
    stated = LIMIT.search(str(error.__cause__ or ""))
    to_blame = blamed_for_memory(progress.plan)
    limit = stated[1] if stated else "the server has"
    return MemoryLimitError(limit=limit, operator=to_blame.name, details=to_blame.brief)


def _refused(code: str, problem: str) -> KithError:
    kind = code.rpartition(".")[2]
    if kind == "SyntaxError":
        return _syntax_error(problem)
    if kind == "ParameterMissing":
        names = problem.rpartition(":")[2].split(",")
        return ParameterMissingError(names=", ".join(f"${name.strip()}" for name in names))
    if kind == "AccessMode":
        return WriteRefusedError(operator=kind)
    if kind == "ProcedureNotFound":
        return _unknown_procedure(problem)
    return CypherFailedError(problem=problem, code=kind)


def _unknown_procedure(problem: str) -> ProcedureRefusedError:
    named = re.search(r"`([^`]+)`", problem)
    possible = ", ".join(allowed().procedures)
    return ProcedureRefusedError(procedure=named[1] if named else "?", allowed=possible)


def _syntax_error(problem: str) -> CypherSyntaxError:
    """Keep the server's own position, less the EXPLAIN that we put before the first line."""
    place = PLACE.search(problem)
    line, column, offset = (int(n) for n in place.groups()) if place else (1, EXPLAIN_LENGTH + 1, 0)
    return CypherSyntaxError(
        problem=PLACE.sub("", problem),
        line=max(1, line),
        column=max(1, column - (EXPLAIN_LENGTH if line == 1 else 0)),
        offset=max(0, offset - EXPLAIN_LENGTH),
    )


def check_value(name: str, value: object, *, depth: int = 0) -> None:
    """Refuse what the driver cannot send, by the parameter's name.

    Raises
    ------
    ParameterTypeError
        If it holds a whole number of over 64 bits, half a surrogate pair, or lists within
        lists to no end.
    """
    parts = _inside(value)
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise ParameterTypeError(name=name, problem="a whole number of over 64 bits")
    if isinstance(value, str) and not is_sendable(value):
        raise ParameterTypeError(name=name, problem="half of a surrogate pair")
    if parts and depth == DEEPEST:
        raise ParameterTypeError(name=name, problem=f"over {DEEPEST} lists inside each other")
    for part in parts:
        check_value(name, part, depth=depth + 1)


def is_sendable(text: str) -> bool:
    """Tell whether ``text`` can be written as UTF-8: JSON lets half a surrogate pair through."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _inside(value: object) -> Sequence[object]:
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    return value if isinstance(value, list | tuple) else ()
