"""Why and why not, told from what the graph answers: pins, likeness, vetoes, owners in turn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from api.identity.members import MOST_ACCOUNTS, Link, Member
from api.identity.why import why
from api.identity.why_not import why_not
from api.views import Row
from graph.language import speaking
from tests.steward_members import NOON_MS, Graph, link, member, members_of, pin


def row_of(held: Member, *, customer_id: str) -> Row:
    """Return an account as the database returns it."""
    links = [
        {
            **{k: v for k, v in asdict(carried).items() if not k.endswith("_seen_at")},
            "linking": carried.is_linking,
            "first": NOON_MS,
            "last": None,
        }
        for carried in held.links
    ]
    pins = [{**asdict(said), "at": NOON_MS} for said in held.pins]
    known = {**asdict(held), "since": NOON_MS, "by_field": _json(held.by_field)}
    return {"member": {**known, "customer_id": customer_id, "links": links, "pins": pins}}


def _json(by_field: Mapping[str, float]) -> str | None:
    return json.dumps(dict(by_field)) if by_field else None


def graph_of(
    customers: Mapping[str, Sequence[str | Member]], *, likely: Sequence[Row] = ()
) -> Graph:
    """Return a graph of customers with their accounts."""
    accounts = {
        account_id: (held, customer)
        for customer, those in customers.items()
        for account_id, held in members_of(*those).items()
    }

    def account(parameters: Row) -> Sequence[Row]:
        held = accounts.get(str(parameters["id"]))
        return [{"customer_id": held[1] or None}] if held else []

    def customer(parameters: Row) -> Sequence[Row]:
        those = customers.get(str(parameters["id"]))
        return [] if those is None else [{"accounts": sorted(members_of(*those))}]

    def expanded(parameters: Row) -> Sequence[Row]:
        ids = parameters["ids"]
        assert isinstance(ids, list)
        found = [accounts[account_id] for account_id in ids if account_id in accounts]
        return [row_of(held, customer_id=customer) for held, customer in found]

    return Graph(
        {
            "UNWIND $ids AS id": expanded,
            "LIKELY_SAME": likely,
            "MATCH (a:Account {account_id: $id})": account,
            "MATCH (c:Customer {customer_id: $id})": customer,
        }
    )


def carried_as(account: str, word: str, said: Mapping[str, Any]) -> Member:
    links: tuple[Link, ...] = (link(word, **said),)
    return replace(member(account), links=links)


def reasons(found: Any) -> list[str]:
    return [reason["reason"] for reason in found["reasons"]]


# ---------------------------------------------------------------- why


def test_a_stewards_word_is_told_with_decision_day_and_reason() -> None:
    graph = graph_of({"c1": [member("a:1", pins=[pin("together", "b:1")]), "b:1"]})

    found: Any = why(graph, "a:1", other="b:1")

    (step,) = found["steps"]
    assert step["text"] == "ann put a:1 and b:1 together on 2026-03-01 (d000001): seen in the shop"
    assert step["decision"]["decision_id"] == "d000001"
    assert (step["identifier"], step["fields"]) == (None, [])


@pytest.mark.parametrize(("one", "other"), [("a:1", "b:1"), ("b:1", "a:1")])
def test_likeness_is_told_from_either_end(one: str, other: str) -> None:
    alike = member("a:1", linked_to="b:1", by_field={"birth": 9.1}, confidence=0.955)
    graph = graph_of({"c1": [alike, "b:1"]})

    found: Any = why(graph, one, other=other)

    (step,) = found["steps"]
    assert (step["from"], step["to"], step["confidence"]) == (one, other, 0.955)
    assert step["text"] == (
        f"{one} resembles {other}, 95.5% sure: birth date agrees: strong evidence (+9.1)"
    )


def test_likeness_without_weights_says_so() -> None:
    graph = graph_of({"c1": [member("a:1", linked_to="b:1"), "b:1"]})

    found: Any = why(graph, "a:1", other="b:1")

    assert found["steps"][0]["text"].endswith("the weights of its fields were not kept")


def test_an_explanation_speaks_chinese_too() -> None:
    graph = graph_of({"c1": ["a:1 phone:1", "b:1 phone:1"]})

    with speaking("zh"):
        found: Any = why(graph, "a:1", other="b:1")

    assert found["text"] == "a:1 与 b:1 是同一客户 c1，共 1 步。"
    assert "共有手机号 ***1" in found["steps"][0]["text"]


def test_an_account_that_is_not_resolved_yet_stands_alone() -> None:
    graph = graph_of({"": ["a:1 phone:1"]})

    found: Any = why(graph, "a:1")

    assert found["customer_id"] is None
    assert found["text"].startswith("a:1 is the only account")


def test_the_same_id_twice_is_the_whole_customer() -> None:
    graph = graph_of({"c1": ["a:1 phone:1", "b:1 phone:1"]})

    assert why(graph, "c1", other="c1") == why(graph, "c1")


def test_a_part_of_a_customer_is_explained_to_the_rest_of_it() -> None:
    graph = graph_of({"c1": ["a:1 phone:1", "b:1 phone:1"]})

    found: Any = why(graph, "b:1", other="c1")

    assert [(s["from"], s["to"]) for s in found["steps"]] == [("b:1", "a:1")]


def test_of_a_very_large_customer_a_part_is_read_with_both_ends_in_it() -> None:
    many = [f"a:{n:05} phone:1" for n in range(MOST_ACCOUNTS + 5)]
    graph = graph_of({"c1": many})

    found: Any = why(graph, "a:00000", other=f"a:{MOST_ACCOUNTS + 4:05}")

    assert found["truncated"]
    assert len(found["steps"]) == 1
    (read,) = [asked for query, asked in graph.asked if "UNWIND $ids" in query]
    assert isinstance(read["ids"], list)
    assert len(read["ids"]) == MOST_ACCOUNTS


# ---------------------------------------------------------------- why not


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("steward", "a steward keeps them apart"),
        ("unique", "too many identifiers of a kind"),
        ("birth_date", "their birth dates differ"),
        ("name", "their names differ, and no birth date agrees"),
    ],
)
def test_a_refusal_on_the_link_of_either_account_is_told(code: str, said: str) -> None:
    here = graph_of({"c1": [f"a:1 phone:1!{code}"], "c2": ["b:1 phone:1"]})
    there = graph_of({"c1": ["a:1 phone:1"], "c2": [f"b:1 phone:1!{code}"]})

    for graph in (here, there):
        found: Any = why_not(graph, "a:1", other="b:1")
        assert reasons(found) == [code]
        assert said in found["reasons"][0]["text"]


@pytest.mark.parametrize("code", ["cap", "hub", "listed", "kind", "steward"])
def test_an_identifier_that_joins_nobody_is_told_with_its_state(code: str) -> None:
    shared = {"state": "blocked", "reason": code, "n_accounts": 12}
    graph = graph_of(
        {
            "c1": [carried_as("a:1", "-phone:1", shared)],
            "c2": [carried_as("b:1", "-phone:1", shared)],
        }
    )

    found: Any = why_not(graph, "c1", other="c2")

    assert reasons(found) == [code]
    assert found["reasons"][0]["identifier"]["n_accounts"] == 12


def test_owners_in_turn_do_not_join() -> None:
    graph = graph_of({"c1": ["a:1 phone:1#1"], "c2": ["b:1 phone:1#2"]})

    found: Any = why_not(graph, "a:1", other="b:1")

    assert reasons(found) == ["epoch"]
    assert "another owner at another time" in found["reasons"][0]["text"]


def test_one_owner_with_too_many_accounts_is_a_matter_of_the_cap() -> None:
    graph = graph_of({"c1": ["a:1 -phone:1#2"], "c2": ["b:1 -phone:1#2"]})

    assert reasons(why_not(graph, "a:1", other="b:1")) == ["cap"]


def test_facts_that_nobody_has_resolved_yet_are_told_apart_from_refusals() -> None:
    graph = graph_of({"c1": ["a:1 phone:1"], "c2": ["b:1 phone:1"]})

    found: Any = why_not(graph, "a:1", other="b:1")

    assert reasons(found) == ["unsettled"]
    assert "kith resolve" in found["reasons"][0]["text"]


def test_of_several_pairs_on_one_identifier_a_veto_says_more_than_another_owner() -> None:
    graph = graph_of({"c1": ["a:1 phone:1#1", "a:2 phone:1#2"], "c2": ["b:1 phone:1#2!birth_date"]})

    found: Any = why_not(graph, "a:1", other="b:1")

    assert reasons(found) == ["birth_date"]
    assert found["reasons"][0]["accounts"] == ["a:2", "b:1"]


def test_every_identifier_that_both_have_is_a_reason_and_a_pin_comes_first() -> None:
    apart = member("a:1 phone:1!name email:x", pins=[pin("apart", "b:1")])
    graph = graph_of({"c1": [apart], "c2": ["b:1 phone:1 email:x!name"]})

    found: Any = why_not(graph, "a:1", other="b:1")

    assert reasons(found) == ["steward", "name", "name"]
    assert found["text"] == "a:1 and b:1 are two customers, for 3 reason(s)."


def test_a_pin_between_other_accounts_is_no_reason() -> None:
    graph = graph_of({"c1": [member("a:1", pins=[pin("apart", "z:9")])], "c2": ["b:1"]})

    assert reasons(why_not(graph, "a:1", other="b:1")) == []


@pytest.mark.parametrize(
    ("kept_apart", "said"),
    [
        ("careful", "only sure joins are made in the careful mode"),
        ("size", "would be too large"),
        ("veto", "contradicts itself"),
        ("steward", "a steward keeps them apart"),
        (None, "the join was not made"),
    ],
)
def test_likeness_is_told_with_why_it_did_not_join(kept_apart: str | None, said: str) -> None:
    likely = {"probability": 0.87, "weight": 2.7, "by_field": None, "kept_apart": kept_apart}
    graph = graph_of({"c1": ["a:1"], "c2": ["b:1"]}, likely=[likely])

    found: Any = why_not(graph, "a:1", other="b:1")

    assert reasons(found) == ["likely-same"]
    assert said in found["reasons"][0]["text"]
    assert "87.0%" in found["reasons"][0]["text"]


def test_an_account_is_not_kept_from_itself() -> None:
    graph = graph_of({"": ["a:1"]})

    assert why_not(graph, "a:1", other="a:1")["is_one"]


def test_two_accounts_that_are_not_resolved_yet_are_two() -> None:
    graph = graph_of({"": ["a:1", "b:1"]})

    found: Any = why_not(graph, "a:1", other="b:1")

    assert not found["is_one"]
    assert found["customers"] == [None, None]
