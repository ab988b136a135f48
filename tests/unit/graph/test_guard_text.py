"""The bounds on a query's text."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import GuardError
from graph.guard_errors import BoundRefusedError, CypherSyntaxError, TextRefusedError
from graph.guard_text import TextLimits, check_text

LIMITS = TextLimits(characters=200, brackets=5, braces=2)


def refused(query: str) -> GuardError:
    with pytest.raises(GuardError) as caught:
        check_text(query, LIMITS)
    return caught.value


@pytest.mark.parametrize(
    "query",
    [
        "",
        "RETURN 1 AS x" + " " * 187,
        "RETURN (((((1)))))",
        "MATCH (a) WHERE EXISTS { MATCH (a) WHERE EXISTS { (a)--() } } RETURN a",
        "RETURN '((((((((((' AS x, \"[[[[[[[[[[\" AS y",
        "RETURN 1 AS `((((((((((`",
        "RETURN 1 // ((((((((((((",
        "RETURN 1 /* (((((((((((( */ AS x",
        "RETURN 'it\\'s ((((((((' AS x",
        "RETURN () + () + () + () + () + () + ()",
    ],
)
def test_a_small_flat_text_passes(query: str) -> None:
    check_text(query, LIMITS)


@pytest.mark.parametrize(
    ("query", "measure", "amount"),
    [
        ("x" * 201, "characters", 201),
        ("RETURN " + "(" * 6, "brackets inside each other", 6),
        ("RETURN " + "([" * 3, "brackets inside each other", 6),
        ("RETURN " + "\\u0028" * 6, "brackets inside each other", 6),
        ("RETURN " + "\\uu005B" * 6, "brackets inside each other", 6),
        ("RETURN " + "(/*)*/" * 6, "brackets inside each other", 6),
        ("RETURN " + "(//)\n" * 6, "brackets inside each other", 6),
        ("RETURN " + "(//)\r" * 6, "brackets inside each other", 6),
        ("RETURN " + "(')'+" * 6, "brackets inside each other", 6),
        ("RETURN " + "(`)`+" * 6, "brackets inside each other", 6),
        ("RETURN " + "(]" * 6, "brackets inside each other", 6),
        ("RETURN {a: {a: {a: 1}}}", "braces inside each other", 3),
    ],
)
def test_a_text_beyond_a_limit_names_the_limit(query: str, measure: str, amount: int) -> None:
    problem = refused(query)

    assert isinstance(problem, TextRefusedError)
    assert (problem.facts["measure_en"], problem.facts["amount"]) == (measure, amount)


@pytest.mark.parametrize(
    "query",
    [
        "RETURN x LIMIT 10",
        "RETURN x ORDER BY x SKIP $skip LIMIT $limit",
        "RETURN x SKIP 5 + 5 LIMIT toInteger($n) * 2",
        "RETURN x LIMIT (3)",
        "MATCH (n) WITH n LIMIT 5 MATCH (m) WHERE size(labels(m)) > 1 RETURN [m]",
        "CALL { MATCH (n) RETURN n LIMIT 1 } RETURN size(labels(n)) AS x",
        "RETURN n.limit, size(labels(n)) AS x",
        "WITH {limit: [1]} AS m RETURN m",
        "WITH $limit AS l RETURN size(l)",
        "WITH 1 AS limit RETURN limit, size(labels(n))",
        "RETURN 'LIMIT size(x)' AS text",
        "RETURN 1 // LIMIT size(x)",
        "RETURN 1 AS `LIMIT` ORDER BY size(x)",
    ],
)
def test_a_plain_bound_passes(query: str) -> None:
    check_text(query, LIMITS)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("RETURN 1 LIMIT size(l)", "LIMIT"),
        ("RETURN 1 limit size(l)", "LIMIT"),
        ("RETURN 1 SKIP [1, 2][0] LIMIT 5", "SKIP"),
        ("RETURN 1 OFFSET 1 + reduce(a = 0, x IN l | a)", "OFFSET"),
        ("RETURN 1 LIMIT COUNT { MATCH (n) }", "LIMIT"),
        ("RETURN 1 LIMIT /* 5 */ size /* */ (l)", "LIMIT"),
        ("RETURN 1 LIMIT `size`(l)", "LIMIT"),
        ("RETURN 1 L\\u0049MIT size(l)", "LIMIT"),
        ("RETURN 1 LIMIT toInteger(size(l))", "LIMIT"),
        ("RETURN 1 LIMIT 5 + (1 + (size(l)))", "LIMIT"),
        ("CALL { RETURN 1 AS x LIMIT size(l) } RETURN x", "LIMIT"),
        ("RETURN 1 LIMIT '5' + size(l)", "LIMIT"),
    ],
)
def test_a_bound_that_would_be_worked_out_is_refused(query: str, word: str) -> None:
    problem = refused(query)

    assert isinstance(problem, BoundRefusedError)
    assert problem.facts["word"] == word


def test_half_of_a_surrogate_pair_is_placed() -> None:
    problem = refused(json.loads('"RETURN\\n  \\ud83d"'))

    assert isinstance(problem, CypherSyntaxError)
    assert (problem.facts["line"], problem.facts["column"]) == (2, 3)


@given(st.text(alphabet="(){}[]'\"`/*\\\n LIMITuns09$", max_size=300))
def test_any_text_is_read_or_refused_by_a_guard_error(query: str) -> None:
    with contextlib.suppress(GuardError):
        check_text(query, LIMITS)

    with contextlib.suppress(GuardError):
        check_text(query + query, TextLimits())


@given(st.text(max_size=100))
def test_a_text_in_quotes_never_counts(text: str) -> None:
    quoted = text.replace("\\", "").replace("'", "")
    sendable = quoted.encode("utf-8", "ignore").decode()

    with pytest.raises(TextRefusedError) as caught:
        check_text(f"RETURN '{sendable}' AS x, {'(' * 6}", LIMITS)

    assert caught.value.facts["amount"] == 6
