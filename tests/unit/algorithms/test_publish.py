"""What differs between results and the graph: new, changed, unchanged, gone."""

from datetime import UTC, datetime

import duckdb
import pyarrow as pa
import pytest

from algorithms.publish import Change, change_of, held_by
from graph.language import Text
from graph.spec import GraphSpec, NodeSpec, PropertySpec, RelationshipSpec

TEXT = Text("", "")
KEY = PropertySpec("customer_id", "key", TEXT)
PERSON = NodeSpec(
    "Customer",
    "customer_id",
    TEXT,
    (
        KEY,
        PropertySpec("x", "integer", TEXT),
        PropertySpec("y", "number", TEXT),
        PropertySpec("at", "time", TEXT),
    ),
)
LIKES = RelationshipSpec("LIKES", "Customer", "Customer", (PropertySpec("n", "integer", TEXT),))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
AT = pa.timestamp("ms", tz="UTC")


def people(*rows: tuple[str, int | None, float | None]) -> pa.Table:
    ids, x, y = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "customer_id": pa.array(ids, pa.string()),
            "x": pa.array(x, pa.int64()),
            "y": pa.array(y, pa.float64()),
            "at": pa.array([None] * len(rows), AT),
        }
    )


def likes(*rows: tuple[str, str, int]) -> pa.Table:
    starts, ends, n = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table(
        {
            "start_id": pa.array(starts, pa.string()),
            "end_id": pa.array(ends, pa.string()),
            "n": pa.array(n, pa.int64()),
        }
    )


def difference(new: pa.Table, *, old: pa.Table) -> Change:
    element = LIKES if "start_id" in new.column_names else PERSON
    with duckdb.connect() as connection:
        return change_of(element, new, old=old, connection=connection)


def counts(
    *, new: int = 0, changed: int = 0, removed: int = 0, unchanged: int = 0
) -> dict[str, int]:
    return {"new": new, "changed": changed, "removed": removed, "unchanged": unchanged}


def test_equal_rows_are_not_written() -> None:
    rows = people(("a", 1, 0.1), ("b", None, None))

    change = difference(rows, old=rows)

    assert (change.rows.num_rows, change.gone.num_rows) == (0, 0)


def test_a_node_without_values_gets_new_ones() -> None:
    change = difference(people(("a", 1, 0.5)), old=people(("a", None, None)))

    assert change.counts == counts(new=1)
    assert change.rows["x"].to_pylist() == [1]


@pytest.mark.parametrize("old", [("a", 2, 0.5), ("a", 1, 0.25), ("a", 1, None)])
def test_one_changed_value_writes_the_row(old: tuple[str, int, float | None]) -> None:
    change = difference(people(("a", 1, 0.5), ("b", 1, 1.0)), old=people(old, ("b", 1, 1.0)))

    assert change.counts == counts(changed=1, unchanged=1)
    assert change.rows["customer_id"].to_pylist() == ["a"]


def test_a_value_that_became_null_is_written_as_null() -> None:
    change = difference(people(("a", 1, None)), old=people(("a", 1, 0.5)))

    assert change.rows["y"].to_pylist() == [None]


def test_a_node_that_is_no_longer_found_loses_all_values() -> None:
    change = difference(people(), old=people(("a", 1, 0.5), ("b", None, None)))

    # b has nothing to lose
    assert change.counts == counts(removed=1)
    assert change.gone.to_pylist() == [{"customer_id": "a", "x": None, "y": None, "at": None}]
    assert change.gone.schema.field("at").type == AT


def test_a_time_is_compared_to_the_millisecond() -> None:
    old = people(("a", 1, 0.5)).set_column(3, "at", pa.array([NOON], AT))
    later = NOON.replace(microsecond=1000)
    new = people(("a", 1, 0.5)).set_column(3, "at", pa.array([later], AT))

    change = difference(new, old=old)

    assert change.rows["at"].to_pylist() == [later]


def test_relationships_are_told_apart_by_both_ends() -> None:
    change = difference(
        likes(("a", "b", 1), ("b", "a", 3)), old=likes(("a", "b", 1), ("b", "a", 2), ("b", "c", 1))
    )

    assert change.counts == counts(changed=1, removed=1, unchanged=1)
    assert change.rows.to_pylist() == [{"start_id": "b", "end_id": "a", "n": 3}]
    assert change.gone.to_pylist() == [{"start_id": "b", "end_id": "c"}]


def test_what_results_hold_is_counted_by_property_and_relationship() -> None:
    spec = GraphSpec({"Customer": PERSON}, {LIKES.name: LIKES}, {})
    tables = {"Customer": people(("a", 1, None), ("b", 2, None)), LIKES.name: likes(("a", "b", 1))}

    assert held_by(tables, spec=spec) == {
        "Customer": {"x": 2, "y": 0, "at": 0},
        LIKES.name: {"": 1},
    }


# ------------------------------------------------------------- nodes that an algorithm has made


def made(new: pa.Table, *, old: pa.Table) -> Change:
    with duckdb.connect() as connection:
        return change_of(PERSON, new, old=old, connection=connection, is_made=True)


def test_a_made_node_without_values_counts_too() -> None:
    rows = people(("a", None, None))

    assert made(rows, old=people()).counts == counts(new=1)
    assert made(rows, old=rows).counts == counts(unchanged=1)


def test_a_made_node_that_is_no_longer_found_goes_by_its_key() -> None:
    change = made(people(("a", 1, None)), old=people(("a", 1, None), ("b", None, None)))

    assert change.counts == counts(removed=1, unchanged=1)
    assert change.gone.to_pylist() == [{"customer_id": "b"}]


def test_a_made_node_with_another_value_is_changed_and_not_new() -> None:
    change = made(people(("a", 2, None)), old=people(("a", None, None)))

    assert change.counts == counts(changed=1)
    assert change.rows["x"].to_pylist() == [2]
