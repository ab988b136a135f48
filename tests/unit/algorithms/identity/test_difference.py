"""What is written and what is deleted, worked out on small tables."""

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest

from algorithms.identity.events import EVENTS
from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import RESOLVED, Ledger
from algorithms.identity.resolution import Resolution
from algorithms.identity.state import MERGED_INTO, RESOLVED_TO, State
from algorithms.identity.write import (
    Difference,
    absent,
    computed_properties,
    difference,
    different,
)
from graph.language import Text
from graph.spec import PropertySpec, fact_spec
from tests.identity_world import START, customers, facts_of, ledger_after, run

APART = ("crm:1 member phone:1", "erp:1 member phone:2")
TOGETHER = ("crm:1 member phone:1 email:a", "erp:1 member phone:2 email:a")
ENDS = ["start_id", "end_id"]


def state_of(resolution: Resolution, facts: Facts) -> State:
    """Return what a graph would hold that a run has left so."""
    heirs = [row for row in resolution.aliases.to_pylist() if row["merged_into"]]
    pairs = {
        "start_id": pa.array([row["customer_id"] for row in heirs], pa.string()),
        "end_id": pa.array([row["merged_into"] for row in heirs], pa.string()),
    }
    return State(
        facts=facts,
        ledger=ledger_after(resolution),
        identifiers=resolution.identifiers,
        links=resolution.links,
        merged_into=pa.table(pairs),
        torn=pa.array([], pa.string()),
        likely=resolution.likely,
        decided=resolution.pins,
    )


def found_after(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Difference, Resolution]:
    first = run(facts_of(*before))
    state = state_of(first, facts_of(*after))
    second = run(state.facts, state.ledger, day=1)
    return difference(state, second), second


def table(**columns: list[object]) -> pa.Table:
    return pa.table(columns)


def test_rows_that_are_new_or_differ_in_a_value_are_different() -> None:
    held = table(key=["a", "b", "c"], n=[1, 2, None])
    rows = table(key=["c", "b", "a", "d"], n=[3, 2, None, 4])

    found = different(rows, held, on=["key"]).to_pylist()

    assert sorted(found, key=lambda row: row["key"]) == [
        {"key": "a", "n": None},
        {"key": "c", "n": 3},
        {"key": "d", "n": 4},
    ]


def test_nulls_on_both_sides_are_no_difference() -> None:
    held = pa.table({"key": ["a"], "n": pa.array([None], pa.int64())})

    assert len(different(held, held, on=["key"])) == 0


def test_rows_are_told_apart_by_all_their_keys() -> None:
    held = table(start_id=["a", "a"], end_id=["x", "y"])
    rows = table(start_id=["a", "b"], end_id=["x", "y"])

    assert absent(rows, held, on=ENDS).to_pylist() == [{"start_id": "b", "end_id": "y"}]
    assert absent(held, rows, on=ENDS).to_pylist() == [{"start_id": "a", "end_id": "y"}]


def test_without_anything_held_all_rows_are_different() -> None:
    rows = table(key=["a", "b"], n=[1, 2])

    assert different(rows, rows.slice(0, 0), on=["key"]).equals(rows)
    assert len(different(rows.slice(0, 0), rows, on=["key"])) == 0


def test_times_are_compared_as_instants() -> None:
    at = pa.array([START, START + timedelta(days=1)], pa.timestamp("ms", tz="UTC"))
    elsewhere = at.cast(pa.timestamp("us", tz="Asia/Shanghai"))

    held, rows = (pa.table({"key": ["a", "b"], "at": times}) for times in (at, elsewhere))

    assert len(different(rows, held, on=["key"])) == 0


def test_the_same_world_is_no_difference() -> None:
    found, _ = found_after(TOGETHER, TOGETHER)

    assert found.n_rows == 0


def test_a_merge_moves_one_account_and_writes_one_alias() -> None:
    found, second = found_after(APART, TOGETHER)

    survivor = customers(second)["crm:1"]
    (moved,) = [row for row in found.resolved.to_pylist() if row["since"] != START]
    (left,) = found.left.to_pylist()
    assert moved["end_id"] == survivor
    assert left["start_id"] == moved["start_id"]
    assert found.aliases["customer_id"].to_pylist() == second.removed.to_pylist()
    assert found.merged_into.to_pylist() == [
        {"start_id": second.removed[0].as_py(), "end_id": survivor}
    ]
    assert len(found.no_longer_into) == len(found.revived) == 0


def test_a_new_reason_for_the_same_customer_is_written_without_moving_anybody() -> None:
    stronger = tuple(f"{line} union_id:u" for line in TOGETHER)

    found, second = found_after(TOGETHER, stronger)

    rows = found.resolved.to_pylist()
    assert {row["rule"] for row in rows} == {"union_id"}
    assert {row["since"] for row in rows} == {START}
    assert {row["run_id"] for row in rows} == {"run-1"}
    assert len(found.left) == len(found.customers) == len(second.changed) == 0


def test_an_identifier_that_turns_into_a_hub_changes_its_state_and_its_links() -> None:
    crowd = tuple(f"crm:{i} member phone:1" for i in range(11))

    found, second = found_after(crowd[:2], crowd)

    (phone,) = found.identifiers.to_pylist()
    assert (phone["state"], phone["reason"], phone["n_accounts"]) == ("blocked", "hub", 11)
    assert found.links["linking"].to_pylist() == [False] * 11
    assert len(second.customers) == 11
    assert second.events["kind"].to_pylist() == ["blocked", "created", "split"]


def test_an_alias_is_pointed_from_its_dead_heir_to_the_living_one() -> None:
    first = run(facts_of(*APART, "pos:1 card phone:3", "pos:2 card phone:3", "pos:3 card phone:3"))
    pair = run(
        facts_of(*TOGETHER, "pos:1 card phone:3", "pos:2 card phone:3", "pos:3 card phone:3"),
        ledger_after(first),
        day=1,
    )
    everybody = facts_of(
        *TOGETHER, "pos:1 card phone:3 email:a", "pos:2 card phone:3", "pos:3 card phone:3"
    )

    state = state_of(pair, everybody)
    third = run(everybody, state.ledger, day=2)
    found = difference(state, third)

    last, dead = customers(first)["pos:1"], customers(pair)["crm:1"]
    (older,) = [row["customer_id"] for row in pair.aliases.to_pylist()]
    into = {(row["start_id"], row["end_id"]) for row in found.merged_into.to_pylist()}
    assert into == {(older, last), (dead, last)}
    assert found.no_longer_into.to_pylist() == [{"start_id": older, "end_id": dead}]


def test_an_account_with_two_customers_loses_the_wrong_one() -> None:
    facts = facts_of(*APART, "erp:2 member phone:2")
    first = run(facts)
    wrong = {**first.resolved.to_pylist()[0], "end_id": customers(first)["erp:1"]}
    doubled = pa.concat_tables(
        [first.resolved, pa.Table.from_pylist([wrong], first.resolved.schema)]
    )
    ledger = Ledger(doubled.rename_columns(RESOLVED.names), first.customers)

    state = replace(state_of(first, facts), ledger=ledger)
    found = difference(state, run(facts, ledger, day=1))

    (left,) = found.left.to_pylist()
    assert (left["start_id"], left["end_id"]) == ("crm:1", customers(first)["erp:1"])


@pytest.mark.parametrize("owner", ["rfm", "churn"])
def test_what_other_algorithms_own_is_taken_back(owner: str) -> None:
    score = PropertySpec(f"{owner}_score", "number", Text("A score", "分数"), owner=owner)

    spec = fact_spec().with_computed({"Customer": [score]})

    assert computed_properties(spec) == [f"{owner}_score"]
    assert computed_properties(fact_spec()) == []


def test_tables_have_the_columns_of_their_elements() -> None:
    found = run(facts_of(*TOGETHER))
    spec = fact_spec()
    owned = {
        "Customer": found.customers,
        RESOLVED_TO: found.resolved,
        "Identifier": found.identifiers,
        "ResolutionEvent": found.events,
    }

    for name, rows in owned.items():
        declared = {p.name for p in spec.element(name).properties} | set(ENDS)
        assert set(rows.column_names) <= declared, name
    assert found.events.schema == EVENTS
    assert MERGED_INTO in spec.relationships
