"""Tables that reductions share: each may read those before it, and none outlives the block."""

from dataclasses import replace

import duckdb
import pytest

from algorithms.parameters import parameters_of
from algorithms.preparing import prepared
from algorithms.reduction import one_row, registered
from algorithms.replies import PEOPLE, READS, REPLIES, ReplyParameters, prepared_for
from algorithms.reply_network import ALGORITHM
from tests.forum_rows import people, post, thread
from tests.pure import Rows, tables_of, utc

READING = replace(ALGORITHM, reads=READS)
TWO = {"small": "SELECT 1 AS n UNION ALL SELECT 2", "sums": "SELECT SUM(n) AS total FROM small"}

Found = list[tuple[object, ...]]


def names_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {str(name) for (name,) in connection.sql("SHOW TABLES").fetchall()}


def test_a_table_may_read_those_before_it() -> None:
    with duckdb.connect() as connection, prepared(connection, TWO):
        assert connection.sql("SELECT total FROM sums").fetchall() == [(3,)]
        assert names_in(connection) == {"small", "sums"}


def test_a_table_may_not_read_those_behind_it() -> None:
    backwards = dict(reversed(TWO.items()))

    with (
        duckdb.connect() as connection,
        pytest.raises(duckdb.CatalogException, match="small"),
        prepared(connection, backwards),
    ):
        pass


def test_nothing_outlives_the_block() -> None:
    with duckdb.connect() as connection:
        with prepared(connection, TWO):
            pass

        assert names_in(connection) == set()


def test_nothing_outlives_a_failure() -> None:
    with duckdb.connect() as connection:
        with (
            pytest.raises(duckdb.CatalogException, match="nowhere"),
            prepared(connection, {**TWO, "failing": "SELECT * FROM nowhere"}),
        ):
            pass

        assert names_in(connection) == set()


def test_the_same_tables_can_be_made_again() -> None:
    with duckdb.connect() as connection:
        for _ in range(2):
            with prepared(connection, TWO):
                assert connection.sql("SELECT COUNT(*) FROM small").fetchall() == [(2,)]


# ------------------------------------------------------------------ what methods on replies share


def asked(rows: dict[str, Rows], query: str, **settings: str) -> Found:
    """Return what a query finds in the tables that methods on replies share."""
    params = parameters_of(ReplyParameters, settings, algorithm="replies", as_of=utc("2026-03-02"))
    tables = {**tables_of(READING, rows), "parameters": one_row(params)}
    with duckdb.connect() as connection, registered(connection, tables):
        connection.execute("SET TimeZone = 'UTC'")
        with prepared(connection, prepared_for()):
            return connection.sql(query).fetchall()


def forum() -> dict[str, Rows]:
    """Return replies of which some do not count: of a brand, to oneself, to nobody known."""
    posts = thread(("b", "c", 1), ("d", "b", 2), ("b", "c", 3), ("shop", "c", 3), ("c", "c", 4))
    lost = post("lost", "a", day=5, to="nowhere")
    return {
        "posts": [*posts, lost],
        **people("a", "b", "c", "d", "shop", shop={"is_official": True}),
    }


def test_people_are_numbered_in_the_order_of_their_ids() -> None:
    assert asked(forum(), PEOPLE) == [("b", 0), ("c", 1), ("d", 2)]


def test_arcs_are_the_replies_that_count_by_numbers() -> None:
    found = asked(forum(), "SELECT source, target FROM arcs ORDER BY source, target")

    assert found == [(0, 1), (0, 1), (2, 0)]


def test_what_does_not_count_is_gathered_with_its_reason() -> None:
    query = (
        "SELECT excluded, customer_id FROM gathered WHERE excluded IS NOT NULL ORDER BY excluded"
    )

    assert asked(forum(), query) == [("missing", "a"), ("official", "shop"), ("self", "c")]


def test_of_whom_everything_counts_no_verdict_is_kept() -> None:
    assert asked(forum(), "SELECT * FROM standing") == [("shop", 1, 0, 0)]


@pytest.mark.parametrize("settings", [{}, {"window_days": "59"}, {"topic": "lens"}])
def test_shared_replies_are_those_that_a_single_question_finds(settings: dict[str, str]) -> None:
    rows = forum()
    rows["posts"][0]["topic"] = "lens"
    columns = "customer_id, target_id, replied_at, kind, topic, excluded"
    alone = f"WITH {REPLIES} SELECT {columns} FROM replies ORDER BY ALL"

    shared = asked(rows, f"SELECT {columns} FROM gathered ORDER BY ALL", **settings)

    assert shared == asked(rows, alone, **settings)


def test_a_forum_without_replies_has_nobody() -> None:
    rows = {"posts": [post("p", "a", day=1)], **people("a")}

    assert asked(rows, PEOPLE) == []
    assert asked(rows, "SELECT * FROM arcs") == []
