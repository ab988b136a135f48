"""Accounts beside the truth: who is graded, who is left out, and what a run moved."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.evaluation import Pairs, Share
from algorithms.identity.grading import (
    NothingInCommonError,
    evaluate,
    evaluate_graph,
    last_moves,
    read_resolved,
)
from algorithms.identity.slices import Slice
from algorithms.identity.truth import Truth
from graph.columns import TIME
from graph.secret import secret_of
from tests.pure import Rows, Shelf

SECRET = secret_of(bytes(range(32)))
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


def truth_of(persons: Mapping[str, str], **more: list[str | None]) -> Truth:
    columns = {"account_id": list(persons), "person": list(persons.values()), **more}
    return Truth(Path("truth.csv"), pa.table(columns))


def accounts_of(customers: Mapping[str, str | None], **more: list[str | None]) -> pa.Table:
    ids = pa.array(list(customers.values()), pa.string())
    return pa.table({"account_id": list(customers), "customer_id": ids, **more})


TRUTH = truth_of({"crm:1": "A", "pos:1": "A", "crm:2": "B", "web:2": "B", "web:9": "C"})


def test_accounts_are_matched_by_id_whatever_their_order() -> None:
    accounts = accounts_of({"web:2": "y", "crm:2": "x", "pos:1": "x", "crm:1": "x", "web:9": "z"})

    found = evaluate(accounts, TRUTH)

    # joined: crm:1 pos:1 crm:2; of persons: crm:1 pos:1, and crm:2 web:2
    assert found.grades.pairs == Pairs(true=2, predicted=3, common=1)
    assert found.source_pairs == [
        Slice("crm + crm", Pairs(true=0, predicted=1, common=0)),
        Slice("crm + pos", Pairs(true=1, predicted=2, common=1)),
        Slice("crm + web", Pairs(true=1, predicted=0, common=0)),
    ]


def test_only_accounts_that_both_know_are_graded_and_the_others_are_counted() -> None:
    customers = {"crm:1": "x", "pos:1": "x", "crm:2": None, "erp:5": "x"}

    found = evaluate(accounts_of(customers), TRUTH)

    assert found.grades.pairs == Pairs(true=1, predicted=1, common=1)
    coverage = found.coverage
    assert coverage.n_graded == 2
    assert coverage.n_without_person == 1
    assert coverage.n_unresolved == 1
    assert (coverage.n_unknown, coverage.unknown) == (2, "web:2, web:9")


def test_an_array_of_groups_can_be_graded() -> None:
    # what layer 1 decides: numbers beside the accounts, before anybody has an id
    groups = np.array([0, 0, 1, 1, 2])
    accounts = pa.table({"account_id": TRUTH.rows["account_id"], "customer_id": groups})

    found = evaluate(accounts, TRUTH)

    assert found.grades.pairs == Pairs(2, 2, 2)
    assert found.rules == ()


def test_rules_are_sliced_by_name() -> None:
    customers = {"crm:1": "x", "pos:1": "x", "crm:2": "y", "web:2": "z"}
    rules: list[str | None] = ["phone", "email", "alone", None]

    found = evaluate(accounts_of(customers, rule=rules), TRUTH)

    assert found.rules == [
        Slice("alone", Pairs(1, 0, 0), 1),
        Slice("email", Pairs(1, 1, 1), 1),
        Slice("phone", Pairs(1, 1, 1), 1),
    ]


def test_the_form_of_the_columns_does_not_matter() -> None:
    accounts = accounts_of({"crm:1": "x", "pos:1": "x", "crm:2": "y", "web:2": "y"})
    chunked = pa.concat_tables([accounts.slice(i, 1) for i in range(4)])
    encoded = accounts.set_column(1, "customer_id", accounts["customer_id"].dictionary_encode())

    expected = evaluate(accounts, TRUTH)

    assert evaluate(chunked, TRUTH) == expected
    assert evaluate(encoded, TRUTH) == expected


def test_household_and_oracle_come_from_the_truth() -> None:
    truth = truth_of(
        {"crm:1": "A", "pos:1": "A", "crm:2": "B"},
        household=["h", "h", "h"],
        oracle=["p", "p", None],
    )

    found = evaluate(accounts_of({"crm:1": "x", "pos:1": "y", "crm:2": "x"}), truth)

    assert found.grades.household == Share(1, 1)
    assert found.grades.oracle == Share(0, 1)
    assert found.household_sizes == [Slice("2", Pairs(2, 2, 0), 3)]


def test_nothing_in_common_says_how_accounts_are_named() -> None:
    with pytest.raises(NothingInCommonError, match="source:key") as refused:
        evaluate(accounts_of({"erp:1": "x", "crm:2": None}), TRUTH)

    facts = refused.value.facts
    assert (facts["n_truth"], facts["n_known"]) == (5, 1)
    assert facts["accounts"] == "crm:1, pos:1, crm:2, web:2, web:9"


def graph_of(resolved: Mapping[str, str], *, others: tuple[str, ...] = ()) -> Shelf:
    resolution: Rows = [
        {"account_id": a, "customer_id": c, "rule": "phone"} for a, c in resolved.items()
    ]
    accounts: Rows = [{"account_id": a} for a in (*others, *resolved)]
    return Shelf({"resolution": resolution, "accounts": accounts})


def test_the_graph_is_read_with_customers_and_rules() -> None:
    rows = read_resolved(graph_of({"crm:1": "x"}, others=("crm:2",))).to_pylist()

    assert rows == [
        {"account_id": "crm:2", "customer_id": None, "rule": None},
        {"account_id": "crm:1", "customer_id": "x", "rule": "phone"},
    ]


def test_the_graph_is_graded_with_personal_keys_under_their_hash() -> None:
    hashed = f"call:{SECRET.account_key('call', '13812345678')}"
    graph = graph_of({"crm:1": "x", hashed: "x"}, others=("crm:2",))
    truth = truth_of({"crm:1": "A", "call:13812345678": "A", "crm:7": "B"})

    found = evaluate_graph(graph, truth, secret=SECRET)

    assert found.grades.pairs == Pairs(1, 1, 1)
    assert (found.coverage.n_unresolved, found.coverage.unknown) == (1, "crm:7")


def runs_of(*accounts: int) -> pa.Table:
    n = len(accounts)
    at = [START + timedelta(days=day) for day in range(n)]
    return pa.table(
        {
            "run_id": [f"identity-{day}" for day in range(n)],
            "kind": pa.array(["resolve"] * n, pa.string()),
            "started_at": pa.array(at, TIME),
            "counts": [json.dumps({"accounts": count}) for count in accounts],
        }
    )


def events_of(*events: tuple[str, str, object]) -> pa.Table:
    return pa.table(
        {
            "run_id": pa.array([run for run, _, _ in events], pa.string()),
            "kind": pa.array([kind for _, kind, _ in events], pa.string()),
            "payload": pa.array([json.dumps(payload) for _, _, payload in events], pa.string()),
        }
    )


def moves(runs: pa.Table, events: pa.Table) -> Share | None:
    moved = last_moves(Shelf(elements={"AlgorithmRun": runs, "ResolutionEvent": events}))
    return moved.churn if moved else None


def test_the_last_run_tells_whose_id_changed() -> None:
    left = {"accounts": [["crm:1", 0], ["crm:2", 0]]}
    events = events_of(
        ("identity-0", "merged", {"accounts": [["crm:9", 0]]}),
        ("identity-1", "created", {"n_accounts": 4}),
        ("identity-1", "merged", left),
        ("identity-1", "split", {"accounts": [["crm:3", 0]]}),
        ("identity-1", "merged", {"erased": "0a"}),
    )

    assert moves(runs_of(10, 14), events) == Share(3, 10)


def test_an_account_that_moves_twice_in_a_run_counts_once() -> None:
    twice = [("identity-1", kind, {"accounts": [["crm:1", 0]]}) for kind in ("split", "merged")]

    assert moves(runs_of(10, 10), events_of(*twice)) == Share(1, 10)


def test_a_first_run_moves_nobody() -> None:
    churn = moves(runs_of(10), events_of())

    assert churn == Share(0, 0)


def test_without_a_run_there_is_nothing_to_tell() -> None:
    assert moves(runs_of(), events_of()) is None


def test_runs_of_algorithms_are_no_runs_of_resolution() -> None:
    runs = runs_of(10, 12)
    scored = runs.set_column(1, "kind", pa.array(["resolve", "score"]))

    moved = last_moves(Shelf(elements={"AlgorithmRun": scored, "ResolutionEvent": events_of()}))

    assert moved is not None
    assert (moved.run_id, moved.at) == ("identity-0", START)
