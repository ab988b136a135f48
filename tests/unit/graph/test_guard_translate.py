"""What the database says, as problems that help."""

import pytest

from graph.endpoint import (
    DatabaseFailedError,
    QueryMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
)
from graph.errors import GuardError, KithError
from graph.guard_errors import (
    CypherFailedError,
    CypherSyntaxError,
    MemoryLimitError,
    ParameterMissingError,
    ParameterTypeError,
    PlanningTimeError,
    ProcedureRefusedError,
    RunawayLeftError,
    TimeLimitError,
    WriteRefusedError,
)
from graph.guard_plan import Operator
from graph.guard_translate import Progress, check_value, too_slow, typed

PLAN = Operator("Sort", "n.x ASC", 5.0, 0, (Operator("AllNodesScan", "n", 9.0, 1),))
STATEMENT = "Neo.ClientError.Statement."


def problem_of(error: KithError, *, cause: Exception | None = None) -> GuardError:
    with pytest.raises(GuardError) as caught, typed(Progress(3, PLAN)):
        raise error from cause
    return caught.value


def refusal(kind: str, problem: str) -> GuardError:
    return problem_of(QueryRefusedError(problem=problem, code=f"{STATEMENT}{kind}"))


def test_a_slip_on_the_first_line_is_placed_without_our_explain() -> None:
    problem = refusal("SyntaxError", "Invalid input 'X' (line 1, column 19 (offset: 18))")

    assert isinstance(problem, CypherSyntaxError)
    assert problem.facts == {"problem": "Invalid input 'X'", "line": 1, "column": 11, "offset": 10}


def test_a_slip_on_a_later_line_keeps_its_column() -> None:
    problem = refusal("SyntaxError", "Invalid input 'X' (line 3, column 2 (offset: 40))")

    assert (problem.facts["line"], problem.facts["column"]) == (3, 2)
    assert problem.facts["offset"] == 32


def test_a_slip_without_a_place_stands_at_the_start() -> None:
    problem = refusal("SyntaxError", "Type mismatch")

    assert (problem.facts["line"], problem.facts["column"]) == (1, 1)


def test_missing_parameters_are_named_as_the_author_wrote_them() -> None:
    problem = refusal("ParameterMissing", "Expected parameter(s): a, b")

    assert isinstance(problem, ParameterMissingError)
    assert problem.facts["names"] == "$a, $b"


def test_an_unknown_procedure_is_refused_like_a_forbidden_one() -> None:
    error = QueryRefusedError(
        problem="There is no procedure with the name `apoc.x` registered",
        code="Neo.ClientError.Procedure.ProcedureNotFound",
    )

    problem = problem_of(error)

    assert isinstance(problem, ProcedureRefusedError)
    assert problem.facts["procedure"] == "apoc.x"


def test_a_write_that_only_the_server_notices_is_a_write() -> None:
    problem = refusal("AccessMode", "Writing in read access mode not allowed")

    assert isinstance(problem, WriteRefusedError)


def test_any_other_refusal_keeps_the_server_s_words() -> None:
    problem = refusal("ArithmeticError", "/ by zero")

    assert isinstance(problem, CypherFailedError)
    assert "/ by zero" in str(problem)
    assert "ArithmeticError" in str(problem)


def test_a_server_confused_by_a_text_is_no_outage() -> None:
    error = DatabaseFailedError(problem="odd", code="Neo.DatabaseError.General.Unknown", log="x")

    assert isinstance(problem_of(error), CypherFailedError)


def test_a_time_limit_names_seconds_and_operator() -> None:
    problem = problem_of(QueryTimeoutError(seconds=3, code="x"))

    assert type(problem) is TimeLimitError
    assert problem.facts == {"seconds": 3, "operator": "AllNodesScan", "details": "n"}


def test_a_time_limit_before_the_plan_is_one_of_planning() -> None:
    problem = too_slow(Progress(3))

    assert isinstance(problem, PlanningTimeError)


def test_a_runaway_before_the_plan_stays_a_runaway() -> None:
    assert type(too_slow(Progress(3), RunawayLeftError)) is RunawayLeftError


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("would use more than the limit 128.0 MiB. Currently using", "128.0 MiB"),
        ("Java heap space", "the server has"),
    ],
)
def test_a_memory_limit_names_its_value_and_operator(words: str, limit: str) -> None:
    problem = problem_of(QueryMemoryError(code="x"), cause=RuntimeError(words))

    assert isinstance(problem, MemoryLimitError)
    assert (problem.facts["limit"], problem.facts["operator"]) == (limit, "Sort")


@pytest.mark.parametrize(
    "value", [None, True, 1, -(2**63), 2**63 - 1, 0.5, "知己", [1, "a"], {"a": [None]}, b"x"]
)
def test_what_cypher_has_may_be_sent(value: object) -> None:
    check_value("x", value)


@pytest.mark.parametrize(
    "value", [2**63, -(2**63) - 1, [2**64], {"a": {"b": 2**64}}, "\ud83d", {"\ud83d": 1}]
)
def test_what_cypher_has_not_is_refused_by_the_parameter_s_name(value: object) -> None:
    with pytest.raises(ParameterTypeError, match=r"\$wish"):
        check_value("wish", value)


def test_lists_without_end_inside_each_other_are_refused() -> None:
    value: object = 1
    for _ in range(100):
        value = [value]

    with pytest.raises(ParameterTypeError, match="32 lists inside each other"):
        check_value("x", value)
