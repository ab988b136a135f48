"""What undoes what: words that lead back, and what nothing leads back from."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest

from algorithms.identity.words import Word, standing
from api.identity.events import EventNotFoundError
from api.identity.members import Member
from api.identity.speaking import Voice
from api.identity.undoing import (
    MOST_PINS,
    NothingToUndoError,
    NotUndoableError,
    Record,
    undone,
)
from api.views import Row
from tests.steward_members import NOON_MS, Graph, event_row, member, members_of

VOICE = Voice("ben", "r9", "two sisters")


def word(number: int, verb: str, *accounts: str, **said: str) -> Word:
    """Return a decision as it stands in the record; each is a request of its own."""
    spoken = VOICE.word("together", accounts=accounts)
    known = replace(spoken, decision_id=f"d{number:06d}", key=said.pop("key", f"r{number}"))
    return replace(known, verb=verb, **said)  # type: ignore[arg-type]  # by name


def graph_of(
    *events: Row, customers: dict[str, Sequence[str | Member]] | None = None, state: str = "linking"
) -> Graph:
    held = {
        account_id: (account, customer)
        for customer, those in (customers or {}).items()
        for account_id, account in members_of(*those).items()
    }

    def of_customer(parameters: Row) -> Sequence[Row]:
        those = (customers or {}).get(str(parameters["id"]))
        return [] if those is None else [{"accounts": sorted(members_of(*those))}]

    def expanded(parameters: Row) -> Sequence[Row]:
        ids = parameters["ids"]
        assert isinstance(ids, list)
        return [_row(*held[account]) for account in ids if account in held]

    return Graph(
        {
            "collect(DISTINCT s.run_id)": [],
            "ResolutionEvent {event_id": events,
            "UNWIND $ids AS id": expanded,
            "MATCH (i:Identifier": [{"state": state, "reason": None, "never_links": None}],
            "MATCH (c:Customer {customer_id: $id})": of_customer,
        }
    )


def _row(held: Member, customer: str) -> Row:
    links = [
        {**asdict(link), "linking": link.is_linking, "first": None, "last": None}
        for link in held.links
    ]
    known = {**asdict(held), "customer_id": customer, "since": NOON_MS, "by_field": None}
    return {"member": {**known, "links": links, "pins": []}}


def record_of(*words: Word) -> Record:
    return Record(words, VOICE)


def said(words: Sequence[Word]) -> list[tuple[str, object]]:
    """Return what words say and about what."""
    return [(w.verb, w.refers or w.identifier or w.customer_id or w.accounts) for w in words]


MERGED = event_row(
    7, "merged", customer_id="c1", other_id="c2", kept="a:1", accounts=[["b:1", 0], ["b:2", 0]]
)
SPLIT = event_row(8, "split", customer_id="c1", other_id="c2", kept="a:2", accounts=[["b:1", 0]])


# ---------------------------------------------------------------- decisions


def test_a_decision_is_withdrawn() -> None:
    record = record_of(word(1, "apart", "a:1", "b:1"), word(2, "together", "a:1", "c:1"))

    assert said(undone(graph_of(), "d000001", record=record)) == [("withdraw", "d000001")]


def test_everything_decided_in_one_request_is_withdrawn_with_it() -> None:
    record = record_of(
        word(1, "apart", "a:1", "b:1", key="r1"),
        word(2, "restore", "b:1", customer_id="c2", key="r1"),
        word(3, "apart", "a:1", "z:1", key="r3"),
    )

    words = undone(graph_of(), "d000001", record=record)

    assert said(words) == [("withdraw", "d000001"), ("withdraw", "d000002")]


def test_withdrawing_a_withdrawal_says_the_decision_again() -> None:
    record = record_of(word(1, "apart", "a:1", "b:1"), word(2, "withdraw", refers="d000001"))

    (again,) = undone(graph_of(), "d000002", record=record)

    assert (again.verb, again.accounts) == ("apart", ("a:1", "b:1"))
    assert (again.decision_id, again.actor, again.key) == ("", "ben", "r9")
    spoken = [*record.spoken, replace(again, decision_id="d000003")]
    assert [w.decision_id for w in standing(spoken)] == ["d000003"]


def test_a_decision_that_a_later_one_replaced_no_longer_holds() -> None:
    record = record_of(word(1, "apart", "a:1", "b:1"), word(2, "together", "b:1", "a:1"))

    with pytest.raises(NothingToUndoError, match="d000001"):
        undone(graph_of(), "d000001", record=record)


def test_a_decision_withdrawn_before_no_longer_holds() -> None:
    record = record_of(word(1, "apart", "a:1", "b:1"), word(2, "withdraw", refers="d000001"))

    with pytest.raises(NothingToUndoError):
        undone(graph_of(), "d000001", record=record)


def test_the_event_of_a_decision_stands_for_the_decision() -> None:
    event = event_row(4, "steward", decision_id="d000001", verb="apart")
    record = record_of(word(1, "apart", "a:1", "b:1"))

    words = undone(graph_of(event), "000000000004", record=record)

    assert said(words) == [("withdraw", "d000001")]


def test_the_event_of_a_decision_that_the_record_lost_is_not_found() -> None:
    event = event_row(4, "steward", decision_id="d000001", verb="apart")

    with pytest.raises(EventNotFoundError, match="d000001"):
        undone(graph_of(event), "000000000004", record=record_of())


# ---------------------------------------------------------------- merges


def test_a_merge_by_an_identifier_is_undone_by_keeping_its_two_accounts_apart() -> None:
    graph = graph_of(
        MERGED, customers={"c1": ["a:1 phone:1", "b:1 phone:1 email:x", "b:2 email:x"]}
    )

    words = undone(graph, "000000000007", record=record_of())

    assert said(words) == [("apart", ("a:1", "b:1")), ("restore", "c2")]
    assert words[-1].accounts == ("b:1", "b:2")
    assert {w.key for w in words} == {"r9"}


def test_every_pair_that_evidence_ties_across_the_merge_is_kept_apart() -> None:
    graph = graph_of(
        MERGED,
        customers={
            "c1": [
                "a:1 phone:1",
                member("a:2 phone:1", linked_to="b:2"),
                "b:1 phone:1",
                "b:2 -phone:1 email:y",
            ]
        },
    )

    words = undone(graph, "000000000007", record=record_of())

    assert [w.accounts for w in words if w.verb == "apart"] == [
        ("a:1", "b:1"),
        ("a:2", "b:1"),
        ("a:2", "b:2"),
    ]


def test_accounts_that_were_joined_as_one_because_they_resemble_are_kept_apart_as_one() -> None:
    alike = [member(f"b:{n} email:y", linked_to="a:1") for n in (1, 2)]
    graph = graph_of(MERGED, customers={"c1": ["a:1", *alike]})

    words = undone(graph, "000000000007", record=record_of())

    assert [w.accounts for w in words if w.verb == "apart"] == [("a:1", "b:1")]


def test_a_crowd_on_one_identifier_is_kept_apart_by_one_pair() -> None:
    left = [f"a:{n:03} phone:1" for n in range(MOST_PINS)]
    graph = graph_of(MERGED, customers={"c1": [*left, "b:1 phone:1", "b:2 phone:1"]})

    words = undone(graph, "000000000007", record=record_of())

    assert [w.accounts for w in words if w.verb == "apart"] == [("a:000", "b:1")]


def test_a_merge_by_a_pin_is_undone_by_withdrawing_it() -> None:
    graph = graph_of(MERGED, customers={"c1": ["a:1", "b:1", "b:2"]})
    inside, across = word(1, "together", "b:1", "b:2"), word(2, "together", "a:1", "b:2")

    words = undone(graph, "000000000007", record=record_of(inside, across))

    assert said(words) == [("withdraw", "d000002"), ("restore", "c2")]


def test_a_merge_by_a_pin_and_an_identifier_needs_both_answered() -> None:
    graph = graph_of(MERGED, customers={"c1": ["a:1 phone:1", "b:1 phone:1", "b:2"]})

    words = undone(graph, "000000000007", record=record_of(word(1, "together", "a:1", "b:2")))

    assert [w.verb for w in words] == ["withdraw", "apart", "restore"]


def test_a_merge_whose_evidence_has_gone_keeps_the_one_who_stayed_apart() -> None:
    graph = graph_of(MERGED, customers={"c1": ["0:0", "a:1", "b:1", "b:2"]})

    words = undone(graph, "000000000007", record=record_of())

    assert words[0].accounts == ("a:1", "b:1")


@pytest.mark.parametrize(
    "customers",
    [
        pytest.param({"c1": ["a:1"], "c2": ["b:1", "b:2"]}, id="they left again"),
        pytest.param({"c1": ["b:1", "b:2"]}, id="the others left"),
        pytest.param({}, id="nobody is left"),
    ],
)
def test_a_merge_that_no_longer_stands_cannot_be_undone(
    customers: dict[str, Sequence[str | Member]],
) -> None:
    with pytest.raises(NothingToUndoError):
        undone(graph_of(MERGED, customers=customers), "000000000007", record=record_of())


# ---------------------------------------------------------------- splits and identifiers


def test_a_split_by_the_rules_is_undone_by_putting_together() -> None:
    graph = graph_of(SPLIT, customers={"c1": ["a:1", "a:2"], "c2": ["b:1"]})

    assert said(undone(graph, "000000000008", record=record_of())) == [("together", ("a:2", "b:1"))]


def test_a_split_by_a_pin_is_undone_by_withdrawing_it() -> None:
    graph = graph_of(SPLIT, customers={"c1": ["a:1", "a:2"], "c2": ["b:1"]})
    record = record_of(word(1, "apart", "a:1", "b:1"), word(2, "apart", "a:1", "z:1"))

    assert said(undone(graph, "000000000008", record=record)) == [("withdraw", "d000001")]


def test_a_split_that_came_together_again_cannot_be_undone() -> None:
    graph = graph_of(SPLIT, customers={"c1": ["a:1", "b:1"], "c2": ["d:1"]})

    with pytest.raises(NothingToUndoError):
        undone(graph, "000000000008", record=record_of())


@pytest.mark.parametrize(
    ("kind", "state", "verb"), [("blocked", "shared", "unblock"), ("unblocked", "linking", "block")]
)
def test_an_identifier_is_said_the_opposite_of(kind: str, state: str, *, verb: str) -> None:
    event = event_row(3, kind, identifier_key="k1")

    words = undone(graph_of(event, state=state), "000000000003", record=record_of())

    assert said(words) == [(verb, "k1")]


@pytest.mark.parametrize(
    ("kind", "state", "verb"),
    [("blocked", "blocked", "block"), ("unblocked", "linking", "unblock")],
)
def test_a_stewards_word_on_an_identifier_is_withdrawn(kind: str, state: str, *, verb: str) -> None:
    event = event_row(3, kind, identifier_key="k1")
    record = record_of(word(1, verb, identifier="k1"), word(2, verb, identifier="k2"))

    words = undone(graph_of(event, state=state), "000000000003", record=record)

    assert said(words) == [("withdraw", "d000001")]


def test_an_identifier_that_joins_again_needs_no_undoing() -> None:
    event = event_row(3, "blocked", identifier_key="k1")

    with pytest.raises(NothingToUndoError):
        undone(graph_of(event, state="linking"), "000000000003", record=record_of())


# ---------------------------------------------------------------- what cannot be undone


@pytest.mark.parametrize("kind", ["created", "absorbed", "retired", "restored"])
def test_what_came_by_itself_cannot_be_undone(kind: str) -> None:
    event = event_row(3, kind, customer_id="c1", other_id="c2", accounts=[["b:1", 0]])

    with pytest.raises(NotUndoableError) as caught:
        undone(graph_of(event), "000000000003", record=record_of())

    assert caught.value.facts == {"event_id": "000000000003", "kind": kind}


@pytest.mark.parametrize("kind", ["merged", "split", "blocked", "steward"])
def test_what_was_erased_cannot_be_undone(kind: str) -> None:
    event = event_row(3, kind, erased="0" * 64)

    with pytest.raises(NotUndoableError):
        undone(graph_of(event), "000000000003", record=record_of())


def test_an_id_that_is_no_events_and_no_decisions_is_not_found() -> None:
    with pytest.raises(EventNotFoundError, match="d000099"):
        undone(graph_of(), "d000099", record=record_of())
