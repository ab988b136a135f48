"""What a steward decided is told, and what was merged can be undone exactly."""

import json
from dataclasses import replace

import pyarrow as pa

from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import Ledger
from algorithms.identity.resolution import Resolution
from algorithms.identity.words import Word, Words, words_of
from tests.identity_world import customers, facts_of, groups, kinds, ledger_after, run

APART = ("crm:1 member phone:1", "erp:1 member phone:2", "pos:1 card phone:2")
TOGETHER = Word("together", "anna", "same voice", ("crm:1", "erp:1"), decision_id="d000001")
WITHDRAWN = Word("withdraw", "anna", "a slip", refers="d000001", decision_id="d000002")


def told(facts: Facts, *words: Word) -> Facts:
    return replace(facts, words=words_of(words))


def payloads(resolution: Resolution, kind: str) -> list[dict[str, object]]:
    rows = resolution.events.to_pylist()
    return [json.loads(row["payload"]) for row in rows if row["kind"] == kind]


def undone(resolution: Resolution) -> Word:
    merged = payloads(resolution, "merged")[0]
    accounts = tuple(account for account, _ in merged["accounts"])  # type: ignore[attr-defined]
    retired = str(merged["other_id"])
    return Word("restore", "anna", "a slip", accounts, customer_id=retired, decision_id="d000003")


def test_a_decision_is_told_once_with_who_made_it() -> None:
    first = run(told(facts_of(*APART), TOGETHER))
    ledger = replace(ledger_after(first), spoken=frozenset({"d000001"}))
    again = run(told(facts_of(*APART), TOGETHER), ledger, day=1)

    row = next(r for r in first.events.to_pylist() if r["kind"] == "steward")
    assert row["actor"] == "anna"
    assert json.loads(row["payload"]) == {
        "decision_id": "d000001",
        "verb": "together",
        "reason": "same voice",
        "accounts": ["crm:1", "erp:1"],
    }
    assert "steward" not in kinds(again)


def test_a_merge_that_is_undone_gives_both_customers_back() -> None:
    before = run(facts_of(*APART))
    merged = run(told(facts_of(*APART), TOGETHER), ledger_after(before), day=1)
    words = (TOGETHER, WITHDRAWN, undone(merged))
    after = run(
        told(facts_of(*APART), *words), ledger_after(merged, before=ledger_after(before)), day=2
    )

    assert len(groups(merged)) == 1
    assert customers(after) == customers(before)
    assert len(after.aliases) == 0
    assert len(payloads(after, "restored")) == 1
    assert len(after.split_from) == 0


def test_an_id_comes_back_to_its_accounts_even_if_the_survivor_has_become_lighter() -> None:
    light = ("crm:1 member phone:1", "erp:1 member phone:2")
    before = run(facts_of(*light))
    merged = run(told(facts_of(*light), TOGETHER), ledger_after(before), day=1)
    lost = undone(merged)
    number = 2 if lost.accounts[0] == "erp:1" else 1
    grown = facts_of(*light, *(f"pos:{i} card phone:{number}" for i in range(3)))

    swollen = run(told(grown, TOGETHER), ledger_after(merged), day=2)
    after = run(told(grown, TOGETHER, WITHDRAWN, lost), ledger_after(swollen), day=3)

    found = customers(after)
    assert {account: found[account] for account in ("crm:1", "erp:1")} == customers(before)


def test_an_identifier_that_becomes_a_hub_parts_whom_it_had_joined() -> None:
    few = [f"crm:{i} member phone:1" for i in range(3)]
    many = [f"crm:{i} member phone:1" for i in range(11)]

    first = run(facts_of(*few))
    second = run(facts_of(*many), ledger_after(first), day=1)

    assert len(groups(first)) == 1
    assert len(groups(second)) == 11
    assert payloads(second, "blocked") == [
        {"identifier_key": "phone:1", "kind": "phone", "state": "blocked", "n_accounts": 11}
    ]
    assert kinds(second).count("split") == 2
    assert len(second.split_from) == 2


def test_an_identifier_that_is_let_through_again_is_told() -> None:
    many = [f"crm:{i} member phone:1" for i in range(4)]
    first = run(facts_of(*many))
    allowed = replace(facts_of(*many), words=Words(unblocked=pa.array(["phone:1"])))

    second = run(allowed, ledger_after(first), day=1)

    assert [p["identifier_key"] for p in payloads(second, "unblocked")] == ["phone:1"]
    assert len(groups(second)) == 1


def test_nothing_is_told_of_identifiers_that_nobody_had_judged() -> None:
    found = run(facts_of(*(f"crm:{i} member phone:1" for i in range(11))), Ledger())

    assert kinds(found) == ["created"]


def test_the_last_word_on_a_pair_counts() -> None:
    later = replace(TOGETHER, verb="apart", decision_id="d000002", accounts=("erp:1", "crm:1"))

    assert len(groups(run(told(facts_of(*APART), TOGETHER, later)))) == 2
    assert words_of([TOGETHER, later]).pins["is_together"].to_pylist() == [False]
    assert len(words_of([TOGETHER, later]).spoken) == 2
