"""What can be decided: the shape of a decision, its words, and the name of its request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from algorithms.identity.decisions import decisions_file, record
from api.identity.deciding import Outcome, decided
from api.identity.events import of_report
from api.identity.models import DecisionAnswer, DecisionQuery, DecisionRequest
from api.identity.parties import PartyNotFoundError, parted, party
from api.identity.requests import IdempotencyKeyReusedError, name_of_request
from api.identity.speaking import (
    IdentifierFixedError,
    IdentifierNotFoundError,
    SameAccountError,
    Voice,
    Wish,
    judged,
    pinned,
)
from api.profile import CustomerRetiredError
from api.views import Row
from graph.settings import Settings, read_settings
from tests.steward_members import Graph, event_row

VOICE = Voice("ann", "r1", "same card shown")


def graph_of(**customers: Sequence[str]) -> Graph:
    """Return a graph of customers with accounts; ``old`` was merged into ``c1``."""

    def account(parameters: Row) -> Sequence[Row]:
        found = [c for c, accounts in customers.items() if parameters["id"] in accounts]
        return [{"customer_id": found[0]}] if found else []

    def customer(parameters: Row) -> Sequence[Row]:
        accounts = customers.get(str(parameters["id"]))
        return [{"accounts": sorted(accounts)}] if accounts else []

    def alias(parameters: Row) -> Sequence[Row]:
        known = {"old": "c1", "gone": None}
        given = str(parameters["id"])
        return [{"survivor": known[given]}] if given in known else []

    payload = event_row(1, "merged", customer_id="c1", other_id="old", accounts=[["b:1", 0]])
    return Graph(
        {
            "kind: 'merged'": [{"payload": payload["event"]["payload"]}],  # type: ignore[index]
            "CustomerAlias": alias,
            "MATCH (a:Account {account_id: $id})": account,
            "MATCH (c:Customer {customer_id: $id})": customer,
        }
    )


def asked(one: str, other: str, *, verb: Any = "together") -> Wish:
    return Wish(verb, VOICE.reason, accounts=(one, other))


# ---------------------------------------------------------------- whom an id means


def test_an_account_means_itself_and_a_customer_all_of_its_accounts() -> None:
    graph = graph_of(c1=["a:1", "b:1"])

    assert party(graph, "a:1").accounts == ("a:1",)
    assert party(graph, "a:1").customer_id == "c1"
    assert party(graph, "c1").accounts == ("a:1", "b:1")


def test_a_merged_id_means_what_it_brought_along_as_far_as_it_is_still_there() -> None:
    assert party(graph_of(c1=["a:1", "b:1"]), "old").accounts == ("b:1",)
    # nothing of it is left there: then whoever answers for it
    assert party(graph_of(c1=["a:1"]), "old").accounts == ("a:1",)
    assert party(graph_of(c1=["a:1"]), "old").customer_id == "c1"


def test_an_id_of_nobody_is_not_found_and_a_retired_one_is_gone() -> None:
    with pytest.raises(PartyNotFoundError, match="nobody"):
        party(graph_of(c1=["a:1"]), "nobody")
    with pytest.raises(CustomerRetiredError):
        party(graph_of(c1=["a:1"]), "gone")


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ("a:1", "b:1", (["a:1"], ["b:1"])),
        ("a:1", "c1", (["a:1"], ["b:1"])),
        ("c1", "b:1", (["a:1"], ["b:1"])),
        ("c1", "old", (["a:1"], ["b:1"])),
        ("c1", "c1", (["a:1", "b:1"], ["a:1", "b:1"])),
    ],
)
def test_two_ids_are_parted_into_their_own_accounts(
    one: str, other: str, *, found: tuple[list[str], list[str]]
) -> None:
    graph = graph_of(c1=["a:1", "b:1"])

    assert parted(party(graph, one), party(graph, other)) == found


# ---------------------------------------------------------------- pins and identifiers


@pytest.mark.parametrize(
    ("wish", "accounts"),
    [
        (asked("z:1", "a:1"), ("a:1", "z:1")),
        (asked("c1", "c2"), ("a:1", "z:1")),
        (asked("c1", "z:1", verb="apart"), ("a:1", "z:1")),
        (asked("b:1", "c1", verb="apart"), ("a:1", "b:1")),
    ],
)
def test_a_pin_is_about_the_smallest_account_of_each_side(
    wish: Wish, accounts: tuple[str, str]
) -> None:
    (word,) = pinned(graph_of(c1=["a:1", "b:1"], c2=["z:1"]), wish, voice=VOICE)

    assert (word.verb, word.accounts) == (wish.verb, accounts)
    assert (word.actor, word.key, word.reason) == ("ann", "r1", "same card shown")
    assert word.decision_id == ""


@pytest.mark.parametrize(("one", "other"), [("a:1", "a:1"), ("c2", "z:1"), ("c2", "c2")])
def test_a_pin_needs_two_accounts(one: str, other: str) -> None:
    with pytest.raises(SameAccountError):
        pinned(graph_of(c1=["a:1", "b:1"], c2=["z:1"]), asked(one, other), voice=VOICE)


@pytest.mark.parametrize("verb", ["block", "unblock"])
def test_an_identifier_is_spoken_of_by_its_key(verb: Any) -> None:
    graph = Graph({"Identifier": [{"state": "shared", "reason": "cap", "never_links": None}]})

    (word,) = judged(graph, Wish(verb, "", identifier_key="k1"), voice=VOICE)

    assert (word.verb, word.identifier, word.accounts) == (verb, "k1", ())


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"reason": "kind", "never_links": None}, "this kind of identifier never joins"),
        ({"reason": "listed", "never_links": True}, "its value stands for nobody"),
        ({"reason": "steward", "never_links": True}, "its value stands for nobody"),
    ],
)
def test_what_never_joins_can_be_blocked_and_not_unblocked(held: Row, said: str) -> None:
    graph = Graph({"Identifier": [{"state": "blocked", **held}]})

    with pytest.raises(IdentifierFixedError, match=said):
        judged(graph, Wish("unblock", "", identifier_key="k1"), voice=VOICE)
    assert judged(graph, Wish("block", "", identifier_key="k1"), voice=VOICE)


def test_an_identifier_that_nobody_has_is_not_found() -> None:
    with pytest.raises(IdentifierNotFoundError, match="k1"):
        judged(Graph({}), Wish("block", "", identifier_key="k1"), voice=VOICE)


# ---------------------------------------------------------------- over HTTP


@pytest.mark.parametrize(
    "about",
    [
        {"verb": "together", "accounts": ["a:1", "b:1"]},
        {"verb": "apart", "accounts": ["a:1", "b:1"]},
        {"verb": "block", "identifier": "k1"},
        {"verb": "unblock", "identifier": "k1"},
        {"verb": "undo", "undo": "d000001"},
    ],
)
def test_a_decision_names_what_its_verb_needs(about: dict[str, Any]) -> None:
    request = DecisionRequest.model_validate({**about, "reason": "x"})
    tried = {("identifier_key" if k == "identifier" else k): v for k, v in about.items()}

    assert request.wish("x") == DecisionQuery.model_validate(tried).wish("x")
    assert request.wish("x").verb == about["verb"]


@pytest.mark.parametrize(
    "about",
    [
        {"verb": "together"},
        {"verb": "together", "accounts": ["a:1"]},
        {"verb": "together", "accounts": ["a:1", "b:1", "c:1"]},
        {"verb": "together", "accounts": ["a:1", ""]},
        {"verb": "apart", "accounts": ["a:1", "b:1"], "identifier": "k1"},
        {"verb": "block"},
        {"verb": "block", "identifier": "k1", "undo": "d000001"},
        {"verb": "undo", "accounts": ["a:1", "b:1"]},
        {"verb": "undo", "undo": "d000001", "accounts": ["a:1", "b:1"]},
        {"verb": "erase", "accounts": ["a:1", "b:1"]},
        {"verb": "undo", "undo": "d000001", "colour": "red"},
        {"verb": "undo", "undo": "d000001", "reason": ""},
        {"verb": "undo", "undo": "d000001", "reason": "x" * 501},
    ],
)
def test_a_decision_that_names_something_else_is_refused(about: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DecisionRequest.model_validate({"reason": "x", **about})


def test_an_answer_fits_its_model() -> None:
    (word,) = pinned(graph_of(c1=["a:1"], c2=["z:1"]), asked("a:1", "z:1"), voice=VOICE)
    event = event_row(1, "merged", customer_id="c1", other_id="c2", accounts=[["z:1", 0]])
    outcome = Outcome((word,), tuple(of_report([event["event"]])))  # type: ignore[list-item]

    answer = DecisionAnswer.model_validate(outcome.shown())

    assert answer.decisions[0].accounts == ["a:1", "z:1"]
    assert answer.decisions[0].identifier_key is None
    assert answer.events[0].text.startswith("c2 was merged into c1")


# ---------------------------------------------------------------- requests sent twice


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def request_of(**about: Any) -> DecisionRequest:
    said = {"verb": "undo", "undo": "d000001", "reason": "x", **about}
    return DecisionRequest.model_validate(said)


def test_a_request_has_one_name_and_another_request_another(home: Settings) -> None:
    first = name_of_request(home, "a", wanted=request_of(), actor="k1")

    assert name_of_request(home, "a", wanted=request_of(), actor="k1") == first
    assert name_of_request(home, "b", wanted=request_of(), actor="k1") != first
    assert name_of_request(home, "a", wanted=request_of(), actor="k2") != first


def test_a_name_is_not_used_for_two_requests(home: Settings) -> None:
    name = name_of_request(home, "a", wanted=request_of(), actor="k1")
    voice = Voice("k1", name, "x")
    record(decisions_file(home), [voice.word("apart", accounts=("a:1", "b:1"))])

    assert name_of_request(home, "a", wanted=request_of(), actor="k1") == name
    with pytest.raises(IdempotencyKeyReusedError):
        name_of_request(home, "a", wanted=request_of(reason="y"), actor="k1")
    name_of_request(home, "a", wanted=request_of(reason="y"), actor="k2")


def test_a_recorded_decision_is_shown_without_the_name_of_its_request(home: Settings) -> None:
    spoken = VOICE.word("restore", customer_id="c2", accounts=("b:1",))
    (word,) = record(decisions_file(home), [spoken])

    view = decided(word)

    assert view["customer_id"] == "c2"
    assert "key" not in view
    assert view["decision_id"] == "d000001"
