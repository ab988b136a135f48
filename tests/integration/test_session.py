"""Reading, writing, streaming and guarding on a real Neo4j."""

import logging
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from neomodel import StringProperty, StructuredNode

from graph.endpoint import (
    ConstraintBrokenError,
    QueryMemoryError,
    QueryRefusedError,
    QueryTimeoutError,
)
from graph.session import Database, connect
from graph.settings import Settings

pytestmark = pytest.mark.integration


class Shelf(StructuredNode):
    """A node that only these tests know."""

    __label__ = "SessionShelf"
    key = StringProperty(required=True)


@pytest.fixture
def unique_key(database: Database) -> Iterator[str]:
    """A label whose ``key`` is unique while the test runs."""
    database.run_auto(
        "CREATE CONSTRAINT session_key IF NOT EXISTS FOR (n:SessionKey) REQUIRE n.key IS UNIQUE"
    )
    yield "SessionKey"
    database.run_auto("DROP CONSTRAINT session_key")


def count(database: Database) -> int:
    (row,) = database.read("MATCH (n) RETURN count(n) AS n")
    return int(row["n"])


def test_the_graph_of_a_test_is_empty(database: Database) -> None:
    assert count(database) == 0


def test_rows_come_as_names_and_values_in_the_order_of_the_query(database: Database) -> None:
    rows = database.read("UNWIND [3, 1, 2] AS n RETURN n, toString(n) AS text ORDER BY n")

    assert rows == [
        {"n": 1, "text": "1"},
        {"n": 2, "text": "2"},
        {"n": 3, "text": "3"},
    ]


def test_a_query_without_rows_gives_none(database: Database) -> None:
    assert database.read("MATCH (n:Nobody) RETURN n") == []


def test_values_travel_as_parameters(database: Database) -> None:
    hostile = "'}) DETACH DELETE n //"

    database.write("CREATE (:Shop {name: $name})", {"name": hostile})

    assert database.read("MATCH (n:Shop) RETURN n.name AS name") == [{"name": hostile}]


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(QueryRefusedError):
        database.read("CREATE (:Shop)")

    assert count(database) == 0


def test_a_write_returns_rows_and_what_it_changed(database: Database) -> None:
    written = database.write(
        "UNWIND $keys AS key CREATE (n:Shop {key: key}) RETURN key", {"keys": ["a", "b"]}
    )

    assert written.rows == [{"key": "a"}, {"key": "b"}]
    assert written.counts == {"nodes_created": 2, "properties_set": 2, "labels_added": 2}


def test_a_write_that_changes_nothing_counts_nothing(database: Database) -> None:
    database.write("MERGE (:Shop {key: 'a'})")

    again = database.write("MERGE (:Shop {key: 'a'})")

    assert again.counts == {}


def test_statements_written_together_happen_together(database: Database) -> None:
    written = database.write_together(
        [("CREATE (:Shop {key: $key})", {"key": "a"}), ("CREATE (:Till) RETURN 1 AS one", {})]
    )

    assert [part.rows for part in written] == [[], [{"one": 1}]]
    assert count(database) == 2


def test_of_statements_written_together_none_stays_if_one_fails(
    database: Database, unique_key: str
) -> None:
    create = f"CREATE (:{unique_key} {{key: $key}})"

    with pytest.raises(ConstraintBrokenError):
        database.write_together([(create, {"key": "a"}), (create, {"key": "a"})])

    assert count(database) == 0


def test_a_broken_constraint_names_the_key(database: Database, unique_key: str) -> None:
    database.write(f"CREATE (:{unique_key} {{key: 'a'}})")

    with pytest.raises(ConstraintBrokenError) as failure:
        database.write(f"CREATE (:{unique_key} {{key: 'a'}})")

    assert "key" in failure.value.message("en")


def test_writers_that_meet_are_retried_until_both_have_written(database: Database) -> None:
    database.write("UNWIND range(0, 9) AS k CREATE (:Shop {key: k, n: 0})")
    # each transaction locks the same nodes, in opposite order: without a retry one would fail
    ways = [list(range(10)), list(reversed(range(10)))]
    writers = [threading.Thread(target=add_one_often, args=(database, way)) for way in ways]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert database.read("MATCH (n:Shop) RETURN DISTINCT n.n AS n") == [{"n": 40}]


def add_one_often(database: Database, keys: list[int]) -> None:
    step = "MATCH (n:Shop {key: $key}) SET n.n = n.n + 1"
    for _ in range(20):
        database.write_together([(step, {"key": key}) for key in keys])


def test_a_stream_gives_columns_in_chunks(database: Database) -> None:
    database.write("UNWIND range(0, 99) AS k CREATE (:Shop {key: k})")
    query = (
        "UNWIND range(0, size($b) - 2) AS i "
        "CALL (i) { MATCH (n:Shop) WHERE n.key >= $b[i] AND n.key < $b[i + 1] "
        "RETURN collect(n.key) AS keys } "
        "RETURN keys"
    )

    chunks = [row["keys"] for row in database.stream(query, {"b": [0, 30, 60, 100]})]

    assert [len(chunk) for chunk in chunks] == [30, 30, 40]
    assert sorted(key for chunk in chunks for key in chunk) == list(range(100))


def test_a_stream_can_be_left_before_its_end(database: Database) -> None:
    stream = database.stream("UNWIND range(1, 100000) AS n RETURN n", fetch_size=1)

    first = next(stream)
    stream.close()  # type: ignore[attr-defined]  # a generator behind an iterator

    assert first == {"n": 1}
    assert count(database) == 0


def test_a_stream_cannot_write(database: Database) -> None:
    with pytest.raises(QueryRefusedError):
        list(database.stream("CREATE (n:Shop) RETURN 1 AS one"))


def test_queries_with_transactions_of_their_own_run(database: Database) -> None:
    query = "UNWIND range(1, 2500) AS k CALL (k) { CREATE (:Shop {key: k}) } IN TRANSACTIONS"

    written = database.run_auto(query)

    assert written.counts["nodes_created"] == 2500
    assert count(database) == 2500


@pytest.fixture
def limits_sent(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what tells the time limits, in milliseconds, that were sent to the server."""
    caplog.set_level(logging.DEBUG, logger="neo4j.io")
    return lambda: re.findall(r"C: (?:BEGIN|RUN) .*?'tx_timeout': (\d+)", caplog.text)


def test_our_own_work_is_not_under_the_servers_time_limit(
    database: Database, limits_sent: Callable[[], list[str]]
) -> None:
    database.read("RETURN 1 AS one")
    list(database.stream("RETURN 1 AS one"))
    database.write("RETURN 1 AS one")
    database.run_auto("RETURN 1 AS one")

    # 0 means none; without it the server's own limit would hold
    assert limits_sent() == ["0", "0", "0", "0"]


def test_a_guarded_session_is_under_its_own_limit(
    database: Database, limits_sent: Callable[[], list[str]]
) -> None:
    with database.guarded_session(seconds=7) as guarded:
        answer = guarded.run("UNWIND [1, 2] AS n RETURN n, n * n AS square")
        rows = list(answer.rows)

    assert limits_sent() == ["7000"]
    assert answer.columns == ("n", "square")
    assert rows == [(1, 1), (2, 4)]


def test_a_guarded_session_refuses_a_write_and_changes_nothing(database: Database) -> None:
    with pytest.raises(QueryRefusedError), database.guarded_session(seconds=5) as guarded:
        list(guarded.run("MERGE (n:Shop {key: 'a'}) RETURN n.key AS key").rows)

    assert count(database) == 0


def test_a_guarded_session_explains_without_running(database: Database) -> None:
    with database.guarded_session(seconds=5) as guarded:
        reading = guarded.explain("MATCH (n:Shop) RETURN n.key AS key")
        writing = guarded.explain("CREATE (n:Shop) RETURN n")

    assert (reading.query_type, writing.query_type) == ("r", "rw")
    assert str(reading.plan["operatorType"]).startswith("ProduceResults")
    assert count(database) == 0


def test_a_query_beyond_its_time_is_stopped_and_the_limit_named(database: Database) -> None:
    endless = "UNWIND range(1, 2000000000) AS n WITH n WHERE n % 7 = 8 RETURN n"

    with (
        pytest.raises(QueryTimeoutError) as failure,
        database.guarded_session(seconds=0.5) as guarded,
    ):
        list(guarded.run(endless).rows)

    assert failure.value.facts["seconds"] == 0.5
    assert database.read("RETURN 1 AS one") == [{"one": 1}]


def test_a_query_beyond_its_memory_is_stopped_and_the_server_lives(database: Database) -> None:
    greedy = "UNWIND range(1, 50000000) AS n RETURN collect(n + 1000) AS all"

    with pytest.raises(QueryMemoryError), database.guarded_session(seconds=60) as guarded:
        list(guarded.run(greedy).rows)

    assert database.read("RETURN 1 AS one") == [{"one": 1}]


def test_a_guarded_session_whose_rows_are_not_taken_ends(database: Database) -> None:
    with database.guarded_session(seconds=5, fetch_size=1) as guarded:
        answer = guarded.run("UNWIND range(1, 1000000) AS n RETURN n")
        first = next(answer.rows)

    assert first == (1,)
    assert database.read("RETURN 1 AS one") == [{"one": 1}]


def test_a_query_that_is_none_is_refused_with_what_is_wrong(database: Database) -> None:
    with pytest.raises(QueryRefusedError) as failure:
        database.read("RETUR 1")

    assert "RETUR" in failure.value.message("en")


@pytest.mark.parametrize(
    "query",
    [
        "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
        "LOAD CSV FROM 'http://127.0.0.1:9/x' AS line RETURN line",
    ],
)
def test_load_csv_reads_neither_files_nor_the_network(database: Database, query: str) -> None:
    with pytest.raises(QueryRefusedError):
        database.run_auto(query)


def test_objects_are_read_and_edited_on_the_same_connection(database: Database) -> None:
    database.write("CREATE (:SessionShelf {key: 'a'})")

    with database.objects():
        shelf = Shelf.nodes.get(key="a")
        shelf.key = "b"
        shelf.save()

    assert database.read("MATCH (n:SessionShelf) RETURN n.key AS key") == [{"key": "b"}]


def test_objects_belong_to_the_database_that_was_asked_last(
    database: Database, server_home: Settings
) -> None:
    database.write("CREATE (:SessionShelf {key: 'a'})")

    with connect(server_home) as other, other.objects():
        first = Shelf.nodes.get(key="a").key
    with database.objects():
        second = Shelf.nodes.get(key="a").key

    assert (first, second) == ("a", "a")


def test_sessions_of_several_threads_share_a_database(database: Database) -> None:
    found: list[int] = []

    def read_often() -> None:
        for _ in range(25):
            found.extend(row["n"] for row in database.read("RETURN 1 AS n"))

    threads = [threading.Thread(target=read_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [1] * 100
