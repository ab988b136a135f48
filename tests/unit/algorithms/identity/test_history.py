"""Ids through merges, splits and removals, each followed step by step by hand."""

import json
from collections import Counter
from datetime import timedelta

import pyarrow as pa
import pytest

from algorithms.identity.events import subject_of
from algorithms.identity.evidence import Facts
from algorithms.identity.ids import mint
from algorithms.identity.ledger import ALIASES, RESOLVED, Ledger
from algorithms.identity.resolution import Resolution
from tests.identity_world import START, customers, facts_of, kinds, ledger_after, run

APART = ("crm:1 member phone:1", "erp:1 member phone:2")
TOGETHER = ("crm:1 member phone:1 email:a", "erp:1 member phone:2 email:a")


def aliases(resolution: Resolution) -> dict[str, str | None]:
    rows = resolution.aliases.to_pylist()
    return {row["customer_id"]: row["merged_into"] for row in rows}


def payloads(resolution: Resolution, kind: str) -> list[dict[str, object]]:
    rows = resolution.events.to_pylist()
    return [json.loads(row["payload"]) for row in rows if row["kind"] == kind]


def row_of(resolution: Resolution, account_id: str) -> dict[str, object]:
    rows = {row["start_id"]: row for row in resolution.resolved.to_pylist()}
    found: dict[str, object] = rows[account_id]
    return found


def test_an_id_comes_from_the_smallest_account_alone() -> None:
    alone = run(facts_of("crm:1 member"))
    joined = run(facts_of("erp:9 member phone:1", "crm:1 member phone:1"))

    assert customers(alone)["crm:1"] == customers(joined)["crm:1"] == customers(joined)["erp:9"]
    assert customers(alone)["crm:1"] == mint(["crm:1"], used=())[0]


def test_a_second_run_keeps_every_row() -> None:
    first = run(facts_of(*TOGETHER))

    again = run(facts_of(*TOGETHER), ledger_after(first), day=1)

    assert again.resolved.equals(first.resolved)
    assert again.customers.equals(first.customers)
    assert len(again.events) == len(again.changed) == len(again.removed) == 0


def test_the_first_run_tells_of_new_customers_in_one_event() -> None:
    first = run(facts_of(*TOGETHER, "pos:1 card"))

    assert kinds(first) == ["created"]
    assert payloads(first, "created") == [{"n_accounts": 3, "n_customers": 2}]
    assert len(first.changed) == 0


def test_a_new_account_is_absorbed_and_changes_its_customer() -> None:
    first = run(facts_of("crm:1 member phone:1", "pos:9 card"))

    second = run(
        facts_of("crm:1 member phone:1", "pos:9 card", "erp:1 member phone:1"),
        ledger_after(first),
        day=1,
    )

    known = customers(first)["crm:1"]
    assert customers(second)["erp:1"] == known
    assert kinds(second) == ["absorbed"]
    assert second.changed.to_pylist() == [known]
    assert row_of(second, "crm:1")["since"] == START
    assert row_of(second, "erp:1")["since"] == START + timedelta(days=1)


def test_a_merge_keeps_the_heavier_id_and_leaves_an_alias() -> None:
    first = run(facts_of("call:1 call phone:1", "erp:1 member phone:2"))

    second = run(
        facts_of("call:1 call phone:1 email:a", "erp:1 member phone:2 email:a"),
        ledger_after(first),
        day=1,
    )

    # a registered account weighs 10, a call 3
    light, heavy = customers(first)["call:1"], customers(first)["erp:1"]
    assert set(customers(second).values()) == {heavy}
    assert aliases(second) == {light: heavy}
    assert second.removed.to_pylist() == [light]
    assert second.changed.to_pylist() == [heavy]
    assert kinds(second) == ["merged"]


def test_a_merge_tells_which_accounts_moved_and_since_when_they_were_where_they_left() -> None:
    first = run(facts_of(*APART))

    second = run(facts_of(*TOGETHER), ledger_after(first), day=1)

    survivor, other = (customers(second)["crm:1"], next(iter(aliases(second))))
    moved = next(a for a, customer in customers(first).items() if customer == other)
    assert payloads(second, "merged") == [
        {
            "customer_id": survivor,
            "other_id": other,
            "kept": next(a for a, c in customers(first).items() if c == survivor),
            "accounts": [[moved, int(START.timestamp() * 1000)]],
        }
    ]


def test_of_equal_weights_the_older_customer_survives() -> None:
    first = run(facts_of("erp:1 member phone:2"))
    second = run(facts_of(*APART), ledger_after(first), day=1)

    third = run(facts_of(*TOGETHER), ledger_after(second), day=2)

    assert set(customers(third).values()) == {customers(first)["erp:1"]}


def test_of_equal_weights_and_ages_the_smaller_id_survives() -> None:
    first = run(facts_of(*APART))

    second = run(facts_of(*TOGETHER), ledger_after(first), day=1)

    assert set(customers(second).values()) == {min(customers(first).values())}


def test_a_split_keeps_the_id_with_the_heavier_part() -> None:
    first = run(
        facts_of("crm:1 call phone:1", "crm:2 member phone:1 phone:2", "crm:3 member phone:2")
    )

    second = run(
        facts_of("crm:1 call phone:1", "crm:2 member phone:2", "crm:3 member phone:2"),
        ledger_after(first),
        day=1,
    )

    known = customers(first)["crm:1"]
    assert customers(second)["crm:2"] == customers(second)["crm:3"] == known
    assert kinds(second) == ["split"]
    assert set(second.changed.to_pylist()) == set(customers(second).values())
    # the founder of the part that leaves minted the old id once: it is not given away again
    assert customers(second)["crm:1"] == f"{known}-2"


def test_a_removed_account_takes_apart_what_it_had_joined() -> None:
    lines = ("crm:1 member phone:1", "erp:1 member phone:2")
    first = run(facts_of(*lines, "partner:5 partner phone:1 phone:2"))

    second = run(facts_of(*lines), ledger_after(first, gone=("partner:5",)), day=1)

    known = customers(first)["crm:1"]
    assert customers(second)["crm:1"] == known
    assert customers(second)["erp:1"] != known
    assert kinds(second) == ["split"]


def test_a_customer_who_only_lost_an_account_has_changed() -> None:
    first = run(facts_of(*TOGETHER))

    second = run(
        facts_of("crm:1 member phone:1 email:a"), ledger_after(first, gone=("erp:1",)), day=1
    )

    assert second.changed.to_pylist() == [customers(first)["crm:1"]]
    changed_at = second.customers["customer_changed_at"].to_pylist()
    assert changed_at == [START + timedelta(days=1)]
    assert len(second.events) == 0


def test_a_customer_without_accounts_goes_and_its_id_stays_retired() -> None:
    first = run(facts_of("crm:1 member", "erp:1 member"))
    gone = customers(first)["crm:1"]

    second = run(facts_of("erp:1 member"), ledger_after(first, gone=("crm:1",)), day=1)
    third = run(facts_of("crm:1 member", "erp:1 member"), ledger_after(second), day=2)

    assert second.removed.to_pylist() == [gone]
    assert aliases(second) == {gone: None}
    assert kinds(second) == ["retired"]
    assert customers(third)["crm:1"] == f"{gone}-2"
    assert aliases(third) == {gone: None}


def test_an_alias_follows_its_heir_through_further_merges() -> None:
    first = run(facts_of("crm:1 call phone:1", "crm:2 call phone:2", "crm:3 member phone:3"))
    pair = ("crm:1 call phone:1 email:a", "crm:2 call phone:2 email:a")
    second = run(facts_of(*pair, "crm:3 member phone:3"), ledger_after(first), day=1)

    third = run(facts_of(*pair, "crm:3 member phone:3 phone:1"), ledger_after(second), day=2)

    last = customers(first)["crm:3"]
    assert set(customers(third).values()) == {last}
    assert aliases(third) == {
        customers(first)["crm:1"]: last,
        customers(first)["crm:2"]: last,
    }


def test_ids_swap_places_with_nobody_when_accounts_change_sides() -> None:
    first = run(
        facts_of(
            "crm:1 member phone:1",
            "crm:2 member phone:1",
            "crm:3 call phone:1",
            "crm:4 member phone:2",
            "crm:5 member phone:2",
        )
    )

    second = run(
        facts_of(
            "crm:1 member phone:1",
            "crm:2 member phone:1",
            "crm:3 call phone:2",
            "crm:4 member phone:2",
            "crm:5 member phone:2",
        ),
        ledger_after(first),
        day=1,
    )

    one, two = customers(first)["crm:1"], customers(first)["crm:4"]
    assert customers(second) == {
        "crm:1": one,
        "crm:2": one,
        "crm:3": two,
        "crm:4": two,
        "crm:5": two,
    }
    assert kinds(second) == ["split"]
    assert set(second.changed.to_pylist()) == {one, two}
    assert len(second.removed) == 0


def test_the_heir_of_a_customer_who_is_dissolved_has_most_of_the_accounts() -> None:
    members = ("crm:1 member phone:1", "crm:2 member phone:2")
    calls = ("call:1 call phone:3", "call:2 call phone:3", "call:3 call phone:3")
    first = run(facts_of(*members, *calls))

    calls = ("call:1 call phone:1", "call:2 call phone:2", "call:3 call phone:2")
    second = run(facts_of(*members, *calls), ledger_after(first), day=1)

    dissolved, heir = customers(first)["call:1"], customers(first)["crm:2"]
    assert customers(second)["call:1"] == customers(first)["crm:1"]
    assert aliases(second) == {dissolved: heir}
    assert sorted(kinds(second)) == ["merged", "split"]


def test_a_clash_of_hashes_gives_the_smaller_account_the_plain_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("algorithms.identity.ids.hashed", lambda _: "c1")

    assert mint(["a:1", "a:2", "a:3"], used=()) == ["c1", "c1-2", "c1-3"]
    assert mint(["a:1"], used=("c1", "c1-2")) == ["c1-3"]


def test_a_run_that_was_cut_off_after_making_customers_gets_the_same_ids() -> None:
    facts = facts_of(*TOGETHER, "pos:1 card")
    whole = run(facts)

    # the customers were written, the accounts had not joined them yet
    cut_off = Ledger(customers=whole.customers)
    again = run(facts, cut_off)

    assert customers(again) == customers(whole)
    assert len(again.removed) == len(again.aliases) == len(again.changed) == 0


@pytest.mark.parametrize("n_moved", range(5))
def test_a_merge_that_was_cut_off_ends_as_it_was_meant(n_moved: int) -> None:
    before = run(facts_of(*(f"crm:{i} member phone:{i // 4} phone:x{i}" for i in range(8))))
    split_up = ledger_after(before)
    facts = facts_of(*(f"crm:{i} member phone:{i // 4} union_id:u" for i in range(8)))
    meant = run(facts, split_up, day=1)

    told = frozenset(_subjects(meant))
    moving = [a for a, c in customers(before).items() if customers(meant)[a] != c][:n_moved]
    rows = [
        {**row, "customer_id": customers(meant)[row["account_id"]]}
        if row["account_id"] in moving
        else row
        for row in before.resolved.rename_columns(RESOLVED.names).to_pylist()
    ]
    resolved = pa.Table.from_pylist(rows, split_up.resolved.schema)
    half = Ledger(resolved, before.customers, meant.aliases, announced=told)
    resumed = run(facts, half, day=1)

    assert customers(resumed) == customers(meant)
    assert aliases(resumed) == aliases(meant)
    assert resumed.removed.equals(meant.removed)
    assert len(resumed.events) == 0


def _subjects(resolution: Resolution) -> list[str]:
    rows = resolution.events.to_pylist()
    return [subject_of(row["kind"], json.loads(row["payload"])) for row in rows]


def test_an_alias_that_was_left_without_its_heir_gets_it() -> None:
    first = run(facts_of(*APART))
    whole = run(facts_of(*TOGETHER), ledger_after(first), day=1)
    lost = next(iter(aliases(whole)))

    orphan = pa.Table.from_pylist([{"customer_id": lost, "merged_into": None}], ALIASES)
    cut_off = Ledger(ledger_after(first).resolved, first.customers, orphan)
    again = run(facts_of(*TOGETHER), cut_off, day=1)

    assert aliases(again) == aliases(whole)


def test_an_alias_of_a_customer_who_lives_after_all_goes() -> None:
    first = run(facts_of(*APART))
    known = customers(first)["erp:1"]

    early = pa.Table.from_pylist([{"customer_id": known, "merged_into": None}], ALIASES)
    again = run(facts_of(*APART), Ledger(ledger_after(first).resolved, first.customers, early))

    assert customers(again) == customers(first)
    assert aliases(again) == {}


def test_counts_say_what_there_is_and_what_happened() -> None:
    first = run(facts_of(*APART, "web:1 visitor cookie:1"))

    second = run(facts_of(*TOGETHER, "web:1 visitor cookie:1"), ledger_after(first), day=1)

    assert Counter(second.counts) == Counter(
        accounts=3,
        customers=2,
        identifiers=4,
        linking=4,
        blocked=0,
        merged=1,
        shared=0,
        refused=0,
        resembling=0,
        likely=0,
        split=0,
        retired=0,
    )


def test_facts_of_another_order_give_the_same_tables() -> None:
    facts = facts_of(*TOGETHER, "pos:1 card phone:1", "web:1 visitor")
    backwards = Facts(
        facts.accounts.take(pa.array(range(len(facts.accounts) - 1, -1, -1))),
        facts.identifiers.take(pa.array(range(len(facts.identifiers) - 1, -1, -1))),
    )

    one, other = run(facts), run(backwards)

    assert one.resolved.equals(other.resolved)
    assert one.customers.equals(other.customers)
    assert one.events.equals(other.events)
