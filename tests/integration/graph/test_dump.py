"""The dump tells graphs apart by what they state, and by nothing else."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from graph.ddl import expected, install
from graph.dump import canonical, digest
from graph.spec import fact_spec
from graph.writer import Writer

pytestmark = pytest.mark.integration

SPEC = fact_spec()
ACCOUNT, ORDER = SPEC.nodes["Account"], SPEC.nodes["Order"]
PLACED = SPEC.relationships["Account-PLACED-Order"]
EARLY, LATE = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def fill(writer: Writer, *, orders: list[str], at: datetime) -> None:
    writer.write_nodes(ACCOUNT, pa.table({"account_id": ["a"]}), stamp={"loaded_at": at})
    rows = pa.table({"order_id": orders, "amount": [12_345] * len(orders)})
    writer.write_nodes(ORDER, rows, stamp={"loaded_at": at})
    links = pa.table({"start_id": ["a"] * len(orders), "end_id": orders})
    writer.write_relationships(PLACED, links)


def clear(writer: Writer) -> None:
    writer.database.write("MATCH (n) DETACH DELETE n")


def test_the_dump_is_one_line_a_thing(writer: Writer) -> None:
    fill(writer, orders=["o"], at=EARLY)

    assert list(canonical(writer.database, SPEC)) == [
        "count Account 1",
        "count Account-PLACED-Order 1",
        "count Order 1",
        'Account {"account_id": "a"}',
        'Account-PLACED-Order {"start_id": "a", "end_id": "o"}',
        'Order {"order_id": "o", "amount": 12345}',
    ]


def test_order_and_time_of_writing_do_not_matter(writer: Writer) -> None:
    fill(writer, orders=["o1", "o2"], at=EARLY)
    before = digest(writer.database, SPEC)
    clear(writer)

    fill(writer, orders=["o2", "o1"], at=LATE)

    assert digest(writer.database, SPEC) == before


def test_runs_reports_ledger_aliases_and_home_do_not_matter(writer: Writer) -> None:
    fill(writer, orders=["o"], at=EARLY)
    before = digest(writer.database, SPEC)

    writer.database.write(
        "CREATE (:AlgorithmRun {run_id: 'r'}), (:LoadReport {report_id: 'l'}), "
        "(:ResolutionEvent {event_id: 'e'}), (:Home {home_id: 'h'}), "
        "(:CustomerAlias {customer_id: 'c1'})-[:MERGED_INTO]->(c:Customer {customer_id: 'c2'}) "
        "DETACH DELETE c"
    )

    assert digest(writer.database, SPEC) == before


CHANGES = {
    "a value": "MATCH (o:Order) SET o.amount = 1.2346",
    "a value's type": "MATCH (o:Order) SET o.channel = ''",
    "a label": "MATCH (o:Order) SET o:Return",
    "an undeclared label": "CREATE (:Person {name: 'x'})",
    "an undeclared property": "MATCH (o:Order) SET o.phone = '1'",
    "an undeclared relationship": "MATCH (a:Account), (o:Order) CREATE (a)-[:KNOWS]->(o)",
    "a second relationship": "MATCH (a:Account), (o:Order) CREATE (a)-[:PLACED]->(o)",
    "an undeclared property of a relationship": "MATCH ()-[r:PLACED]->() SET r.x = 1",
    "a relationship gone": "MATCH ()-[r:PLACED]->() DELETE r",
    "a node without a key": "CREATE (:Order {channel: 'app'})",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_any_change_shows(writer: Writer, change: str) -> None:
    fill(writer, orders=["o"], at=EARLY)
    before = digest(writer.database, SPEC)

    writer.database.write(change)

    assert digest(writer.database, SPEC) != before


def test_negative_zero_shows(writer: Writer) -> None:
    store = SPEC.nodes["Store"]
    writer.write_nodes(store, pa.table({"store_id": ["s"], "performance": [0.0]}))
    before = digest(writer.database, SPEC)
    clear(writer)

    writer.write_nodes(store, pa.table({"store_id": ["s"], "performance": [-0.0]}))

    assert digest(writer.database, SPEC) != before


def test_installing_twice_adds_nothing(writer: Writer) -> None:
    assert install(writer.database, SPEC) == 0


def test_everything_expected_is_installed_and_online(writer: Writer) -> None:
    rows = writer.database.run_auto("SHOW INDEXES YIELD name, state").rows

    states = {row["name"]: row["state"] for row in rows}
    assert {name: states[name] for name in expected(SPEC)} == dict.fromkeys(
        expected(SPEC), "ONLINE"
    )
