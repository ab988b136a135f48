"""Which identifiers may join accounts, counted by hand."""

import pytest

from algorithms.identity.evidence import REASONS, STATES, gather
from algorithms.identity.policy import read_policy
from algorithms.identity.resolution import Resolution
from graph.codes import IDENTIFIER_KINDS
from graph.spec import fact_spec
from tests.identity_world import POLICY, facts_of, groups, run


def members(n: int, *keys: str, source: str = "crm") -> list[str]:
    return [f"{source}:{i} member {' '.join(keys)}" for i in range(n)]


def judged(resolution: Resolution, key: str) -> tuple[str, str | None, int]:
    rows = {row["identifier_key"]: row for row in resolution.identifiers.to_pylist()}
    return rows[key]["state"], rows[key]["reason"], rows[key]["n_accounts"]


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_three_accounts_of_one_source_may_share_a_phone_or_mailbox(kind: str) -> None:
    found = run(facts_of(*members(3, f"{kind}:1")))

    assert judged(found, f"{kind}:1") == ("linking", None, 3)
    assert len(groups(found)) == 1


@pytest.mark.parametrize("kind", ["phone", "email"])
def test_a_fourth_account_makes_it_shared_and_joins_nobody(kind: str) -> None:
    found = run(facts_of(*members(4, f"{kind}:1")))

    assert judged(found, f"{kind}:1") == ("shared", "cap", 4)
    assert len(groups(found)) == 4


def test_more_than_ten_accounts_make_a_hub() -> None:
    assert judged(run(facts_of(*members(10, "phone:1"))), "phone:1") == ("shared", "cap", 10)
    assert judged(run(facts_of(*members(11, "phone:1"))), "phone:1") == ("blocked", "hub", 11)


def test_accounts_are_counted_in_the_source_that_has_most() -> None:
    lines = [*members(3, "phone:1"), *members(2, "phone:1", source="erp")]

    found = run(facts_of(*lines))

    assert judged(found, "phone:1") == ("linking", None, 3)
    assert len(groups(found)) == 1


def test_visitors_calls_and_partner_rows_do_not_count() -> None:
    lines = [f"web:{i} {kind} phone:1" for i, kind in enumerate(["visitor", "call", "partner"] * 5)]

    found = run(facts_of("crm:1 member phone:1", *lines))

    assert judged(found, "phone:1") == ("linking", None, 1)
    assert len(groups(found)) == 1


def test_an_account_whose_kind_is_not_stated_is_registered() -> None:
    found = run(facts_of(*(f"crm:{i} - phone:1" for i in range(4))))

    assert judged(found, "phone:1") == ("shared", "cap", 4)


def test_an_account_that_only_the_identifiers_name_is_registered_too() -> None:
    bare = facts_of(*members(4, "phone:1"))
    known = facts_of(*members(2)).accounts

    found = run(type(bare)(known, bare.identifiers))

    assert judged(found, "phone:1") == ("shared", "cap", 4)
    assert len(found.resolved) == 4


@pytest.mark.parametrize("kind", ["national_id", "union_id", "open_id", "member_no", "card_no"])
def test_strong_kinds_have_no_cap(kind: str) -> None:
    found = run(facts_of(*members(30, f"{kind}:1")))

    assert judged(found, f"{kind}:1") == ("linking", None, 30)
    assert len(groups(found)) == 1


def test_an_address_joins_nobody() -> None:
    found = run(facts_of(*members(2, "address:1")))

    assert judged(found, "address:1") == ("blocked", "kind", 2)
    assert len(groups(found)) == 2


@pytest.mark.parametrize("kind", ["cookie", "device"])
def test_anonymous_visitors_join_the_one_account_of_their_device(kind: str) -> None:
    found = run(facts_of(f"crm:1 member {kind}:1", *(f"web:{i} visitor {kind}:1" for i in "123")))

    assert judged(found, f"{kind}:1") == ("linking", None, 1)
    assert len(groups(found)) == 1


@pytest.mark.parametrize("kind", ["cookie", "device"])
def test_a_device_of_two_accounts_is_shared_and_joins_no_visitor(kind: str) -> None:
    found = run(facts_of(*members(2, f"{kind}:1"), f"web:1 visitor {kind}:1"))

    assert judged(found, f"{kind}:1") == ("shared", "cap", 2)
    assert len(groups(found)) == 3


def test_a_value_that_is_nobodys_is_blocked_however_few_have_it() -> None:
    found = run(facts_of("crm:1 member !phone:13800138000", "erp:1 member phone:13800138000"))

    assert judged(found, "phone:13800138000") == ("blocked", "listed", 1)
    assert len(groups(found)) == 2


def test_links_say_whether_their_identifier_joins() -> None:
    found = run(facts_of("crm:1 member phone:1 address:9", "erp:1 member phone:1"))

    rows = {tuple(row.values()) for row in found.links.to_pylist()}
    assert rows == {
        ("crm:1", "phone:1", True, None, None),
        ("crm:1", "address:9", False, None, None),
        ("erp:1", "phone:1", True, None, None),
    }


def test_a_row_that_repeats_counts_once() -> None:
    found = run(facts_of("crm:1 member phone:1 phone:1", "crm:1 member phone:1"))

    assert judged(found, "phone:1") == ("linking", None, 1)
    assert len(found.links) == 1
    assert len(found.resolved) == 1


def test_nothing_is_resolved_to_nothing() -> None:
    found = run(facts_of())

    assert len(found.customers) == len(found.resolved) == len(found.identifiers) == 0
    assert len(found.events) == 0


def test_the_policy_and_the_declarations_name_the_same_words() -> None:
    identifier = {p.name: p for p in fact_spec().nodes["Identifier"].properties}

    assert set(read_policy().order) == set(IDENTIFIER_KINDS)
    assert identifier["state"].codes == STATES
    assert len(set(REASONS)) == len(REASONS)


def test_evidence_numbers_accounts_by_their_ids() -> None:
    evidence = gather(facts_of("erp:1 call phone:1", "crm:2 visitor", "crm:10 member"), POLICY)

    assert evidence.accounts.to_pylist() == ["crm:10", "crm:2", "erp:1"]
    assert evidence.weights.tolist() == [100, 1, 30]
    assert evidence.links.account.tolist() == [2]
    assert [evidence.order[kind] for kind in evidence.kinds] == ["phone"]


def test_links_are_ordered_by_identifier_time_and_account() -> None:
    lines = ("erp:1 call phone:2 phone:1@4", "crm:1 call phone:2", "pos:1 call phone:1@2-9")
    links = gather(facts_of(*lines, "crm:9 call phone:2@3"), POLICY).links

    columns = (links.identifier, links.first, links.account)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert rows == sorted(rows)
    assert len(rows) == 5


def test_a_key_with_colons_belongs_to_the_source_before_the_first() -> None:
    found = run(facts_of(*(f"crm:a:{i} member phone:1" for i in range(4))))

    assert judged(found, "phone:1") == ("shared", "cap", 4)
