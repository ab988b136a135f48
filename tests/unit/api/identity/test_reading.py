"""What is read of accounts, a customer and the whole, and that nothing personal is asked for."""

from typing import Any

import pytest

from algorithms.registry import computed_spec
from api.identity import customer, events, history, members, parties, risks, stats, why_not
from api.identity.customer import identity
from api.identity.members import MEMBERS, weights
from api.identity.models import Identity
from api.identity.stats import stats as counted
from api.profile import CustomerMovedError, CustomerNotFoundError
from tests.steward_members import NOON, NOON_MS, Graph

MODULES = (customer, events, history, members, parties, risks, stats, why_not)
QUERIES = [
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, str) and "MATCH" in value
]
LINK = {
    "identifier_key": "k1",
    "kind": "phone",
    "masked": "138****5678",
    "state": "linking",
    "reason": None,
    "n_accounts": 2,
    "first": NOON_MS,
    "last": None,
    "linking": True,
    "epoch": None,
    "refused": None,
}
MEMBER = {
    "account_id": "a:1",
    "source": "a",
    "customer_id": "c1",
    "rule": "phone",
    "confidence": 0.99,
    "since": NOON_MS,
    "run_id": "r1",
    "linked_to": None,
    "by_field": None,
    "links": [LINK],
    "pins": [],
}


def read(**said: object) -> members.Member:
    graph = Graph({"UNWIND": [{"member": {**MEMBER, **said}}]})
    return members.members(graph, ["a:1"])["a:1"]


def test_there_are_queries_to_look_at() -> None:
    assert len(QUERIES) > 12


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_writes_or_asks_for_a_personal_column(query: str) -> None:
    personal = {c.name for t in computed_spec().tables.values() for c in t.columns if c.personal}
    personal -= {"value"}

    assert not any(f".{name}" in query for name in personal)
    assert not any(word in query for word in ("CREATE", "MERGE ", "DELETE", "SET "))


def test_accounts_are_expanded_and_identifiers_never_are() -> None:
    # a device that a million accounts share has a million links of its own
    assert "(i:Identifier)<-" not in MEMBERS
    assert "<-[:HAS_IDENTIFIER]" not in MEMBERS


def test_no_more_accounts_are_asked_for_than_are_shown() -> None:
    graph = Graph({})

    members.members(graph, [f"a:{n}" for n in range(members.MOST_ACCOUNTS + 1)])

    ((_, asked),) = graph.asked
    assert isinstance(asked["ids"], list)
    assert len(asked["ids"]) == members.MOST_ACCOUNTS


def test_an_account_is_read_with_its_evidence() -> None:
    found = read(links=[LINK, {**LINK, "identifier_key": "k2", "epoch": 2, "linking": False}])

    assert (found.rule, found.since, found.linked_to) == ("phone", NOON, "")
    assert [link.unit for link in found.links] == [("k1", 1), ("k2", 2)]
    assert [link.is_linking for link in found.links] == [True, False]
    assert found.links[0].last_seen_at is None


def test_an_account_before_its_first_resolution_has_nothing() -> None:
    unknown = {"customer_id": None, "rule": None, "confidence": None, "since": None}
    found = read(**unknown, run_id=None, links=[{**LINK, "linking": None, "state": None}])

    assert (found.customer_id, found.rule, found.confidence, found.since) == ("", "", 0.0, None)
    assert found.links[0].is_linking is False


def test_an_identifier_without_a_mask_is_named_by_its_key() -> None:
    (link,) = read(links=[{**LINK, "masked": None, "identifier_key": "0123456789abcdef"}]).links

    assert link.shown == "01234567..."


@pytest.mark.parametrize(
    ("text", "found"),
    [(None, {}), ("", {}), ('{"given": 2, "city": -0.5}', {"given": 2.0, "city": -0.5})],
)
def test_weights_are_numbers_by_field(text: str | None, found: dict[str, float]) -> None:
    assert weights(text) == found


def graph_of(*rows: dict[str, object], likely: list[dict[str, object]] | None = None) -> Graph:
    return Graph(
        {
            "UNWIND": [{"member": row} for row in rows],
            "LIKELY_SAME": likely or [],
            "AlgorithmRun": [],
            "RETURN accounts": [{"accounts": [row["account_id"] for row in rows]}] if rows else [],
            "CustomerAlias": [{"survivor": "c9"}],
        }
    )


def test_a_customers_identity_fits_its_model() -> None:
    pins = [
        {
            "verb": "apart",
            "other_id": "z:1",
            "decision_id": "d000001",
            "by": "ann",
            "at": NOON_MS,
            "reason": "x",
        }
    ]
    refused = {**LINK, "identifier_key": "k2", "refused": "name"}
    shared = {**LINK, "identifier_key": "k3", "linking": False, "state": "shared", "reason": "cap"}
    other = {**MEMBER, "account_id": "b:1", "links": [LINK, refused, shared], "pins": pins}
    likely: dict[str, object] = {
        "customer_id": "c2",
        "probability": 0.9,
        "weight": 3.0,
        "by_field": '{"given": 3.0}',
        "kept_apart": "size",
        "model_version": "m1",
    }

    found = Identity.model_validate(identity(graph_of(MEMBER, other, likely=[likely]), "c1"))

    assert [step.to for step in found.steps] == ["b:1"]
    assert found.steps[0].from_ == "a:1"
    said = {link.identifier_key: link.text for link in found.accounts[1].identifiers}
    assert said["k1"] == "it joins"
    assert said["k2"] == "their names differ, and no birth date agrees"
    assert "more registered accounts of one source" in said["k3"]
    assert found.accounts[1].decisions[0].account_id == "z:1"
    assert found.likely_same[0].text == "the customer would be too large"
    assert not found.truncated


def test_a_very_large_customer_is_shown_in_part() -> None:
    rows = [{**MEMBER, "account_id": f"a:{n:03}"} for n in range(customer.MOST_SHOWN + 1)]

    found: Any = identity(graph_of(*rows), "c1")

    assert found["truncated"]
    assert found["n_accounts"] == 201
    assert len(found["accounts"]) == 200
    assert len(found["steps"]) == 199


def test_a_merged_customers_identity_is_its_survivors() -> None:
    with pytest.raises(CustomerMovedError, match="c9"):
        identity(graph_of(), "c1")
    with pytest.raises(CustomerNotFoundError):
        identity(Graph({}), "c1")


def test_counts_are_shown_as_the_graph_gives_them() -> None:
    graph = Graph(
        {
            "AS size": [{"n_accounts": "1", "n_customers": 4, "least": 1}],
            "i.state AS state": [{"kind": "phone", "state": "shared", "reason": "cap", "n": 2}],
            "refused_reason IS NOT NULL": [{"reason": "name", "n": 3}],
            "r.rule AS rule": [{"rule": "alone", "n": 4}],
            "LIMIT 10": [{"customer_id": "c1", "n_accounts": 9}],
            "n_aliases": [{"n_aliases": 1, "n_likely_same": 2}],
        }
    )

    found = counted(graph)

    assert found["sizes"] == [{"n_accounts": "1", "n_customers": 4}]
    assert found["refused"] == [{"reason": "name", "n": 3}]
    assert found["largest"] == [{"customer_id": "c1", "n_accounts": 9}]
    assert (found["n_aliases"], found["n_likely_same"]) == (1, 2)
