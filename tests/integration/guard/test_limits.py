"""Each limit of the guard stops at its value and says so."""

import pytest

from graph.errors import GuardError
from graph.guard import Limits, guarded
from graph.guard_errors import (
    CrossProductRefusedError,
    CypherFailedError,
    CypherSyntaxError,
    EstimateRefusedError,
    MemoryLimitError,
    ParameterMissingError,
    ParameterTypeError,
    TimeLimitError,
)
from graph.guard_plan import PlanLimits
from graph.session import Database
from graph.settings import read_settings

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("n_rows", "n_given", "truncated_by"), [(9, 9, ""), (10, 10, ""), (11, 10, "rows")]
)
def test_an_answer_is_truncated_from_the_first_row_beyond_the_limit(
    shop: Database, *, n_rows: int, n_given: int, truncated_by: str
) -> None:
    query = "UNWIND range(1, $n) AS x RETURN x"

    answer = guarded(shop, query, parameters={"n": n_rows}, limits=Limits(rows=10))

    assert [row[0] for row in answer.rows] == list(range(1, n_given + 1))
    assert answer.truncated_by == truncated_by
    assert answer.truncated == bool(truncated_by)


@pytest.mark.parametrize(("size", "n_given", "truncated_by"), [(36, 3, ""), (35, 2, "size")])
def test_an_answer_is_truncated_at_the_row_that_passes_its_size(
    shop: Database, *, size: int, n_given: int, truncated_by: str
) -> None:
    # ["abcdefgh"] is twelve bytes of JSON
    query = "UNWIND range(1, 3) AS x RETURN 'abcdefgh' AS text"

    answer = guarded(shop, query, limits=Limits(size=size))

    assert len(answer.rows) == n_given
    assert answer.truncated_by == truncated_by


def test_a_value_that_is_too_long_is_cut_and_counted(shop: Database) -> None:
    query = "UNWIND ['short', 'a' + 'bcdefghijkl'] AS text RETURN text, 1 AS n"

    answer = guarded(shop, query, limits=Limits(cell=10))

    assert answer.rows == [["short", 1], ["abcdefghij…", 1]]
    assert answer.n_cut_cells == 1
    assert not answer.truncated


def test_the_limits_of_seconds_and_rows_are_settings() -> None:
    limits = Limits.of(read_settings(cypher_seconds=2.5, cypher_rows=7))

    assert (limits.seconds, limits.rows) == (2.5, 7)
    assert limits.size == Limits().size


def test_a_row_without_end_is_left_behind(shop: Database) -> None:
    answer = guarded(shop, "UNWIND range(1, 2000000000) AS x RETURN x", limits=Limits(rows=3))

    assert answer.rows == [[1], [2], [3]]
    assert answer.truncated


def test_the_time_limit_names_its_seconds_and_the_operator(shop: Database) -> None:
    query = "UNWIND range(1, 2000000000) AS x RETURN sum(x) AS n"

    with pytest.raises(TimeLimitError) as caught:
        guarded(shop, query, limits=Limits(seconds=1, grace=60))

    assert caught.value.facts["seconds"] == 1
    assert caught.value.facts["operator"] == "Unwind"
    assert "1 s" in caught.value.message("en")
    assert "1 秒" in caught.value.message("zh")


def test_the_memory_limit_names_its_value_and_the_operator(shop: Database) -> None:
    query = "UNWIND range(1, 2000000000) AS x RETURN collect(x) AS list"

    with pytest.raises(MemoryLimitError) as caught:
        guarded(shop, query, limits=Limits(seconds=60, grace=60))

    # a quarter of the test server's heap of 512 MB
    assert caught.value.facts["limit"] == "128.0 MiB"
    assert caught.value.facts["operator"] == "EagerAggregation"


def test_a_product_names_the_parts_that_nothing_connects(shop: Database) -> None:
    query = "MATCH (s:Store), (p:Product) RETURN s.name, p.name"

    with pytest.raises(CrossProductRefusedError) as caught:
        guarded(shop, query, limits=Limits(plan=PlanLimits(pairs=5)))

    assert "s:Store" in str(caught.value.facts["parts"])
    assert "p:Product" in str(caught.value.facts["parts"])
    assert caught.value.facts["limit"] == 5


def test_a_product_below_the_limit_runs(shop: Database) -> None:
    query = "MATCH (s:Store), (p:Product) RETURN s.name, p.name"

    answer = guarded(shop, query, limits=Limits(plan=PlanLimits(pairs=100)))

    assert len(answer.rows) == 6


def test_expected_rows_beyond_the_limit_are_refused_by_operator(shop: Database) -> None:
    with pytest.raises(EstimateRefusedError) as caught:
        guarded(shop, "MATCH (n) RETURN n", limits=Limits(plan=PlanLimits(rows=5)))

    assert caught.value.facts["operator"] == "AllNodesScan"


def test_a_path_of_open_length_is_left_to_the_time_limit(shop: Database) -> None:
    limits = Limits(plan=PlanLimits(rows=11))  # of a small label ten are expected

    answer = guarded(shop, "MATCH (c:Customer)-[*1..9]-(n) RETURN count(*) > 5", limits=limits)
    with pytest.raises(EstimateRefusedError):
        guarded(shop, "MATCH (c:Customer)--()--()--(n) RETURN count(*)", limits=limits)

    assert max(operator.rows for operator in answer.plan.walk()) > 11
    assert answer.rows == [[True]]


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("RETRN 1", 1, 1),
        ("MATCH (n) RETRN n", 1, 11),
        ("MATCH (n)\n  RETRN n", 2, 3),
        ("MATCH (c:Customer)\nRETURN d", 2, 8),
        ("RETURN 1 AS x; RETURN 2 AS y", 1, 1),
    ],
)
def test_a_slip_is_placed_where_its_author_sees_it(
    shop: Database, *, query: str, line: int, column: int
) -> None:
    with pytest.raises(CypherSyntaxError) as caught:
        guarded(shop, query)

    assert (caught.value.facts["line"], caught.value.facts["column"]) == (line, column)
    assert "offset" not in caught.value.message("en")


def test_missing_parameters_are_named(shop: Database) -> None:
    with pytest.raises(ParameterMissingError) as caught:
        guarded(shop, "RETURN $one AS one, $two AS two, $three AS three", parameters={"two": 2})

    assert caught.value.facts["names"] == "$one, $three"


def test_a_number_of_over_64_bits_is_refused_by_its_name(shop: Database) -> None:
    with pytest.raises(ParameterTypeError, match=r"\$id"):
        guarded(shop, "RETURN $id AS x", parameters={"id": [2**63]})


def test_what_the_server_cannot_compute_is_told_in_its_words(shop: Database) -> None:
    with pytest.raises(CypherFailedError, match="by zero"):
        guarded(shop, "MATCH (c:Customer) RETURN 1 / (c.rfm_r - c.rfm_r) AS x")


def test_a_refused_query_leaves_no_transaction_behind(shop: Database) -> None:
    with pytest.raises(GuardError):
        guarded(shop, "SHOW TRANSACTIONS")
    guarded(shop, "UNWIND range(1, 2000000000) AS x RETURN x", limits=Limits(rows=1))

    open_ones = shop.read("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery")

    assert len(open_ones) == 1
