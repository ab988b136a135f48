"""Why and why not: explanations read out of a real graph."""

from datetime import timedelta
from typing import Any

import pytest

from algorithms.identity.policy import read_policy
from api.identity.parties import PartyNotFoundError
from api.identity.speaking import Wish
from api.identity.why import why
from api.identity.why_not import why_not
from tests.identity_world import START
from tests.steward_shop import ALIKE, LIKELY, StewardShop, pin, texts

pytestmark = pytest.mark.integration

MEMBER = "crm:1 member phone:1@0-20 email:a"
CARD = "pos:1 card phone:1@5"
WEB = "web:1 member email:a"
BEN = "erp:1 member phone:2"


def reasons(found: Any) -> list[tuple[str, list[str]]]:
    return [(reason["reason"], reason["accounts"]) for reason in found["reasons"]]


# ---------------------------------------------------------------- why


def test_the_way_between_two_accounts_leads_over_what_they_share(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD, WEB)

    found: Any = why(shop.database.read, "pos:1", other="web:1")

    assert found["is_one"]
    assert [(s["from"], s["to"], s["rule"]) for s in found["steps"]] == [
        ("pos:1", "crm:1", "phone"),
        ("crm:1", "web:1", "email"),
    ]
    phone = found["steps"][0]
    assert phone["identifier"]["identifier_key"] == "phone:1"
    assert phone["confidence"] == read_policy().kinds["phone"].confidence
    assert [(s["account_id"], s["source"], s["last_seen_at"]) for s in phone["seen"]] == [
        ("pos:1", "pos", START + timedelta(days=5)),
        ("crm:1", "crm", START + timedelta(days=20)),
    ]
    assert "seen on pos:1 2026-03-06, on crm:1 2026-03-01 to 2026-03-21" in phone["text"]


def test_a_whole_customer_is_a_tree_from_the_account_asked_about(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD, WEB)
    (customer,) = set(shop.customers().values())

    of_account: Any = why(shop.database.read, "web:1")
    of_customer: Any = why(shop.database.read, customer)

    assert [(s["from"], s["to"]) for s in of_account["steps"]] == [
        ("web:1", "crm:1"),
        ("crm:1", "pos:1"),
    ]
    assert {s["from"] for s in of_customer["steps"]} == {"crm:1"}
    assert of_customer["customer_id"] == customer


def test_a_stewards_word_is_a_step_with_who_when_and_why(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    shop.decide(pin("together", "crm:1", other="erp:1"))

    found: Any = why(shop.database.read, "crm:1", other="erp:1")

    (step,) = found["steps"]
    assert (step["rule"], step["confidence"]) == ("steward", 1.0)
    assert (step["decision"]["decision_id"], step["decision"]["by"]) == ("d000001", "k1")
    assert step["text"].startswith("k1 put crm:1 and erp:1 together on ")
    assert step["text"].endswith("(d000001): seen in the shop")


def test_likeness_is_a_step_with_the_weight_of_each_field_in_words(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    shop.database.write(ALIKE, {"one": "erp:1", "other": "crm:1"})

    found: Any = why(shop.database.read, "crm:1", other="erp:1")

    (step,) = found["steps"]
    assert (step["rule"], step["confidence"]) == ("linkage", 0.93)
    assert texts(step["fields"]) == [
        "birth date agrees: strong evidence (+9.1)",
        "given name differs: weak evidence against it (-2.3)",
        "city says nothing (0.0)",
    ]


def test_a_merged_id_stands_for_the_accounts_that_it_brought_along(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    before = shop.customers()
    shop.decide(pin("together", "crm:1", other="erp:1"))
    now = shop.customers()["crm:1"]
    (merged,) = {*before.values()} - {now}

    found: Any = why(shop.database.read, merged, other=now)

    brought = next(account for account, customer in before.items() if customer == merged)
    assert found["steps"][0]["from"] == brought
    assert found["customer_id"] == now


def test_two_customers_have_no_why_and_an_only_account_needs_none(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)

    apart: Any = why(shop.database.read, "crm:1", other="erp:1")
    alone: Any = why(shop.database.read, "erp:1")

    assert (apart["is_one"], apart["steps"]) == (False, [])
    assert "why-not" in apart["text"]
    assert (alone["is_one"], alone["steps"]) == (True, [])


def test_evidence_that_has_gone_since_is_said_to_be_gone(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD)
    shop.database.write("MATCH ({account_id: 'pos:1'})-[h:HAS_IDENTIFIER]->() DELETE h")

    found: Any = why(shop.database.read, "crm:1")
    between: Any = why(shop.database.read, "crm:1", other="pos:1")

    assert found["unexplained"] == ["pos:1"]
    assert between["unexplained"] == ["crm:1", "pos:1"]
    assert "kith resolve" in between["text"]


def test_an_id_that_nobody_has_is_not_found(shop: StewardShop) -> None:
    shop.open(MEMBER)

    with pytest.raises(PartyNotFoundError, match="nobody"):
        why(shop.database.read, "nobody")
    with pytest.raises(PartyNotFoundError):
        why_not(shop.database.read, "crm:1", other="crm:2")


# ---------------------------------------------------------------- why not


@pytest.mark.parametrize(
    ("lines", "reason", "said"),
    [
        (
            [f"crm:{n} member phone:1" for n in range(1, 6)],
            "cap",
            "(5 accounts, at most 3)",
        ),
        (
            [f"crm:{n:02} member phone:1" for n in range(1, 13)],
            "hub",
            "(12 accounts, at most 10)",
        ),
        (["crm:1 member !phone:0", "crm:2 member !phone:0"], "listed", "stands for nobody"),
        (["crm:1 member address:x", "crm:2 member address:x"], "kind", "never joins"),
        (
            ["crm:1 member phone:1 national_id:1", "crm:2 member phone:1 national_id:2"],
            "unique",
            "too many identifiers",
        ),
    ],
    ids=["cap", "hub", "listed", "kind", "unique"],
)
def test_a_shared_identifier_that_does_not_join_says_why(
    shop: StewardShop, lines: list[str], *, reason: str, said: str
) -> None:
    shop.open(*lines)
    one, other = (line.split()[0] for line in lines[:2])

    found: Any = why_not(shop.database.read, one, other=other)

    assert not found["is_one"]
    assert reasons(found) == [(reason, [one, other])]
    assert said in found["reasons"][0]["text"]


def test_a_cookie_unseen_for_a_quarter_had_another_owner(shop: StewardShop) -> None:
    shop.open("crm:1 member cookie:1@0-2", "web:2 visitor cookie:1@700-702")

    found: Any = why_not(shop.database.read, "crm:1", other="web:2")

    assert reasons(found) == [("epoch", ["crm:1", "web:2"])]


def test_a_blocked_identifier_and_a_pin_name_the_steward(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD)
    shop.decide(Wish("block", "the shop's own", identifier_key="phone:1"))
    shop.decide(pin("apart", "crm:1", other="pos:1"))

    found: Any = why_not(shop.database.read, "crm:1", other="pos:1")

    assert [code for code, _ in reasons(found)] == ["steward", "steward"]
    pinned, blocked = found["reasons"]
    assert pinned["decision"]["reason"] == "seen in the shop"
    assert blocked["identifier"]["identifier_key"] == "phone:1"
    assert "a steward blocked it" in blocked["text"]


def test_likeness_that_did_not_join_says_how_likely_and_why_not(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    shop.database.write(LIKELY, {"one": "crm:1", "other": "erp:1"})

    found: Any = why_not(shop.database.read, "erp:1", other="crm:1")

    (reason,) = found["reasons"]
    assert (reason["reason"], reason["probability"]) == ("likely-same", 0.9)
    assert "90.0% likely one person" in reason["text"]
    assert "would be too large" in reason["text"]


def test_where_nothing_connects_two_that_is_said(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)

    found: Any = why_not(shop.database.read, "crm:1", other="erp:1")

    assert found["reasons"] == []
    assert found["text"].startswith("Nothing connects crm:1 and erp:1")


def test_one_customer_has_no_why_not(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD)

    found: Any = why_not(shop.database.read, "crm:1", other="pos:1")

    assert found["is_one"]
    assert found["reasons"] == []
