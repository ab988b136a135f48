"""Tables of a command: read once, cut at its instant, topped up with fresh results."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from algorithms import rfm
from algorithms.contract import Algorithm, KnowledgeTable
from algorithms.inputs import BEFORE_EVERYTHING, Dating, Inputs, dating_of
from algorithms.registry import computed_spec
from graph.language import Text
from tests.pure import Rows, Shelf, utc


def order(key: str, when: str, customer: str = "a") -> dict[str, object]:
    return {"order_id": key, "ordered_at": utc(when), "customer_id": customer}


SHOP: dict[str, Rows] = {
    "orders": [order("o1", "2026-01-01"), order("o2", "2026-01-05")],
    "order_lines": [{"order_id": "o1", "amount": 1}, {"order_id": "o2", "amount": 2}],
    "events": [{"at": utc("2026-01-03")}],
}


def reading(name: str, **tables: tuple[str, ...]) -> Algorithm:
    return replace(rfm.ALGORITHM, name=name, reads=tables)


LINES = reading("lines", order_lines=("amount",))


Make = Callable[..., Inputs]


@pytest.fixture
def inputs() -> Iterator[Make]:
    """Return what makes the inputs of some algorithms, read from a shelf."""
    with duckdb.connect() as connection:

        def make(
            shelf: Shelf,
            *algorithms: Algorithm,
            as_of: datetime | None = None,
            knowledge: dict[str, KnowledgeTable] | None = None,
        ) -> Inputs:
            spec = computed_spec()
            return Inputs(shelf, list(algorithms), spec, connection, knowledge or {}, as_of=as_of)

        yield make


def test_the_instant_is_that_of_the_latest_order_event_or_post(inputs: Make) -> None:
    posts: Rows = [{"posted_at": utc("2026-01-09")}]

    assert inputs(Shelf(SHOP), rfm.ALGORITHM).date() == utc("2026-01-05")
    assert inputs(Shelf({**SHOP, "posts": posts}), rfm.ALGORITHM).date() == utc("2026-01-09")


def test_a_company_without_those_is_dated_by_its_other_facts(inputs: Make) -> None:
    tickets: Rows = [{"opened_at": utc("2025-12-24")}]

    assert inputs(Shelf({"tickets": tickets}), rfm.ALGORITHM).date() == utc("2025-12-24")
    assert inputs(Shelf({}), rfm.ALGORITHM).date() == BEFORE_EVERYTHING


def test_rows_after_the_instant_are_left_out(inputs: Make) -> None:
    found = inputs(Shelf(SHOP), rfm.ALGORITHM, as_of=utc("2026-01-04"))

    assert found.tables_for(rfm.ALGORITHM)["orders"]["order_id"].to_pylist() == ["o1"]


def test_a_row_at_the_instant_counts(inputs: Make) -> None:
    found = inputs(Shelf(SHOP), rfm.ALGORITHM, as_of=utc("2026-01-05"))

    assert found.tables_for(rfm.ALGORITHM)["orders"].num_rows == 2


def test_lines_follow_their_order(inputs: Make) -> None:
    found = inputs(Shelf(SHOP), LINES, as_of=utc("2026-01-04"))

    assert found.tables_for(LINES)["order_lines"].to_pylist() == [{"amount": 1}]


def test_a_table_is_read_once_with_the_columns_of_all(inputs: Make) -> None:
    shelf = Shelf(SHOP)
    first, second = reading("a", orders=("order_id",)), reading("b", orders=("customer_id",))
    found = inputs(shelf, first, second, as_of=utc("2026-02-01"))

    tables = [found.tables_for(first), found.tables_for(second)]

    assert [t["orders"].column_names for t in tables] == [["order_id"], ["customer_id"]]
    assert shelf.asked == [("orders", ("customer_id", "order_id", "ordered_at"))]


def test_a_table_is_dropped_when_nobody_waits_for_it(inputs: Make) -> None:
    shelf = Shelf(SHOP)
    first, second = reading("a", orders=("order_id",)), reading("b", events=("at",))
    found = inputs(shelf, first, second, as_of=utc("2026-02-01"))

    found.tables_for(first)
    found.done(first)
    found.tables_for(second)

    assert found.tables_for(second)["events"].num_rows == 1
    assert [name for name, _ in shelf.asked] == ["orders", "events"]


def test_the_window_is_that_of_the_rows_that_count(inputs: Make) -> None:
    found = inputs(Shelf(SHOP), rfm.ALGORITHM, as_of=utc("2026-01-04"))

    tables = found.tables_for(rfm.ALGORITHM)

    day = "2026-01-01T00:00:00+00:00"
    assert found.window(tables) == {"orders": [day, day]}


def test_scores_of_this_command_stand_before_those_of_the_graph(inputs: Make) -> None:
    reader = reading("a", customers=("customer_id", "rfm_r", "rfm_f"))
    stored: Rows = [
        {"customer_id": "a", "rfm_r": 1, "rfm_f": 4},
        {"customer_id": "b", "rfm_r": 2, "rfm_f": 5},
    ]
    found = inputs(Shelf({"customers": stored}), reader)
    found.learn({"Customer": pa.table({"customer_id": ["a"], "rfm_r": [3]})})

    rows = found.tables_for(reader)["customers"].sort_by("customer_id").to_pylist()

    # b has lost the score that this command did not find again
    assert rows == [
        {"customer_id": "a", "rfm_r": 3, "rfm_f": 4},
        {"customer_id": "b", "rfm_r": None, "rfm_f": 5},
    ]


def test_a_knowledge_table_comes_from_this_command_or_else_from_the_graph(inputs: Make) -> None:
    table = KnowledgeTable("pairs", Text("", ""), ("n",), ("A-B-C",), 'SELECT n FROM "A-B-C"')
    reader = reading("a", pairs=("n",))
    shelf = Shelf({}, elements={"A-B-C": pa.table({"n": [1]})})
    found = inputs(shelf, reader, knowledge={"pairs": table})

    before = found.tables_for(reader)["pairs"].to_pylist()
    found.learn({"A-B-C": pa.table({"n": [2]})})

    assert before == [{"n": 1}]
    assert found.tables_for(reader)["pairs"].to_pylist() == [{"n": 2}]


def test_tables_are_dated_by_their_own_time_or_that_of_the_row_they_name() -> None:
    spec = computed_spec()

    assert dating_of(spec, "posts") == Dating("posted_at")
    assert dating_of(spec, "order_lines") == Dating("ordered_at", "orders", "order_id")
    assert dating_of(spec, "products") is None
    assert dating_of(spec, "customers") is None


def test_customers_are_read_once_without_what_the_command_computes(inputs: Make) -> None:
    first = replace(reading("a", customers=("customer_id", "first_seen_at")), properties={})
    second = replace(reading("b", customers=("customer_id", "rfm_r")), properties={})
    shelf = Shelf({"customers": [{"customer_id": "a", "rfm_r": 1}]})
    found = inputs(shelf, rfm.ALGORITHM, first, second)

    found.tables_for(first)
    found.learn({"Customer": pa.table({"customer_id": ["a"], "rfm_r": [3]})})
    rows = found.tables_for(second)["customers"].to_pylist()

    assert rows == [{"customer_id": "a", "rfm_r": 3}]
    assert shelf.asked == [("customers", ("customer_id", "first_seen_at"))]


def test_what_the_command_did_not_compute_again_is_read_after_all(inputs: Make) -> None:
    reader = replace(reading("b", customers=("customer_id", "rfm_r")), properties={})
    shelf = Shelf({"customers": [{"customer_id": "a", "rfm_r": 1}]})
    found = inputs(shelf, rfm.ALGORITHM, reader)

    rows = found.tables_for(reader)["customers"].to_pylist()

    assert rows == [{"customer_id": "a", "rfm_r": 1}]
