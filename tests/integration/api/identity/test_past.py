"""Since when, what to look at, how it stands: read out of a real graph."""

from datetime import timedelta
from typing import Any

import pytest

from api.identity.customer import identity
from api.identity.history import accounts_as_of, as_of, history
from api.identity.review import review
from api.identity.speaking import Wish
from api.identity.stats import stats
from api.pages import Page
from api.profile import CustomerMovedError, CustomerNotFoundError, CustomerRetiredError
from tests.identity_world import START
from tests.steward_shop import ALIKE, LIKELY, StewardShop, pin, texts

pytestmark = pytest.mark.integration

MEMBER = "crm:1 member phone:1@0-20 email:a"
CARD = "pos:1 card phone:1@5"
WEB = "web:1 member email:a"
BEN = "erp:1 member phone:2"


# ---------------------------------------------------------------- history


def test_an_accounts_customer_is_known_for_every_past_date(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    first = shop.customers()
    shop.open(MEMBER, f"{BEN} email:a", day=10)
    merged = shop.customers()
    shop.open(MEMBER, BEN, day=20)
    ask = shop.database.read

    def on(account: str, day: int) -> str | None:
        return as_of(ask, account, at=START + timedelta(days=day))

    for account in ("crm:1", "erp:1"):
        assert on(account, -1) is None
        assert on(account, 0) == on(account, 9) == first[account]
        assert on(account, 10) == on(account, 19) == merged[account]
        assert on(account, 20) == on(account, 99) == shop.customers()[account]


def test_a_customers_accounts_are_known_for_every_past_date(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    first = shop.customers()
    shop.open(MEMBER, f"{BEN} email:a", day=10)
    survivor = shop.customers()["crm:1"]
    (lost,) = {*first.values()} - {survivor}

    def on(customer: str, day: int) -> list[str]:
        return accounts_as_of(shop.database.read, customer, at=START + timedelta(days=day))

    assert on(lost, 5) == [account for account, held in first.items() if held == lost]
    assert on(lost, 15) == []
    assert on(survivor, 15) == ["crm:1", "erp:1"]
    with pytest.raises(CustomerNotFoundError):
        on("nobody", 5)


def test_a_customers_history_tells_of_those_merged_into_it(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN, "pos:9 card phone:9")
    shop.open(MEMBER, f"{BEN} email:a", "pos:9 card phone:9", day=10)
    (customer,) = {shop.customers()[account] for account in ("crm:1", "erp:1")}
    (lost,) = shop.aliases()

    found: Any = history(shop.database.read, customer)

    assert found["merged_ids"] == [lost]
    assert [a["account_id"] for a in found["accounts"]] == ["crm:1", "erp:1"]
    assert [event["kind"] for event in found["events"]] == ["merged"]
    assert found["events"][0]["text"].startswith(f"{lost} was merged into {customer}, with ")


def test_decisions_and_blocks_are_part_of_the_history(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD, "pos:9 card phone:9")
    shop.decide(Wish("block", "the shop's own", identifier_key="phone:1"))
    customer = shop.customers()["crm:1"]

    of_customer: Any = history(shop.database.read, customer)
    of_other: Any = history(shop.database.read, shop.customers()["pos:9"])

    assert {e["kind"] for e in of_customer["events"]} == {"steward", "blocked", "split"}
    assert any("the phone phone:1 no longer joins" in text for text in texts(of_customer["events"]))
    assert of_other["events"] == []


def test_a_decision_that_was_undone_is_part_of_the_history_with_its_end(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    decided = shop.decide(pin("together", "crm:1", other="erp:1"))
    shop.decide(Wish("undo", "a slip", undo=decided.words[0].decision_id))

    found: Any = history(shop.database.read, "erp:1")

    said = [event["payload"]["verb"] for event in found["events"] if event["kind"] == "steward"]
    assert said[:2] == ["together", "withdraw"]


def test_an_accounts_history_names_its_customers_in_turn(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    first = shop.customers()
    shop.open(MEMBER, f"{BEN} email:a", day=10)
    moved = next(a for a, customer in first.items() if customer != shop.customers()[a])

    found: Any = history(shop.database.read, moved)
    then: Any = history(shop.database.read, moved, at=START + timedelta(days=3))

    assert [p["customer_id"] for p in found["periods"]] == [first[moved], shop.customers()[moved]]
    assert found["periods"][0]["until"] == found["periods"][1]["since"]
    assert [p["customer_id"] for p in then["periods"]] == [first[moved]]
    assert then["events"] == []


def test_a_merged_id_leads_on_and_a_retired_one_is_gone(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN)
    first = shop.customers()
    shop.open(MEMBER, f"{BEN} email:a", day=10)
    survivor = shop.customers()["crm:1"]
    (lost,) = {*first.values()} - {survivor}

    with pytest.raises(CustomerMovedError):
        history(shop.database.read, lost)
    then: Any = history(shop.database.read, lost, at=START + timedelta(days=5))
    shop.open("pos:9 card phone:9", day=20)
    with pytest.raises(CustomerRetiredError):
        history(shop.database.read, survivor)

    assert [a["account_id"] for a in then["accounts"]] != []


# ---------------------------------------------------------------- the customer, queue, counts


def test_the_identity_of_a_customer_shows_what_joins_and_what_does_not(shop: StewardShop) -> None:
    shop.open(MEMBER, CARD, *(f"crm:{n} member device:1" for n in (7, 8)), f"{WEB} device:1")
    shop.database.write(LIKELY, {"one": "crm:1", "other": "crm:7"})

    found: Any = identity(shop.database.read, shop.customers()["crm:1"])

    assert [a["account_id"] for a in found["accounts"]] == ["crm:1", "pos:1", "web:1"]
    carried = {i["identifier_key"]: i for a in found["accounts"] for i in a["identifiers"]}
    assert carried["phone:1"]["linking"] is True
    assert (carried["device:1"]["linking"], carried["device:1"]["reason"]) == (False, "cap")
    assert [s["to"] for s in found["steps"]] == ["pos:1", "web:1"]
    assert [other["probability"] for other in found["likely_same"]] == [0.9]


def test_the_queue_ranks_what_may_be_wrong(shop: StewardShop) -> None:
    crowd = [f"crm:{n:02} member card_no:7" for n in range(12)]
    shop.open(MEMBER, BEN, *crowd, "pos:9 card phone:9")
    shop.database.write(ALIKE, {"one": "erp:1", "other": "crm:1"})
    shop.database.write(LIKELY, {"one": "crm:1", "other": "pos:9"})

    items: Any = review(shop.database.read, page=Page(10)).items

    assert [(i["kind"], round(i["risk"], 3)) for i in items] == [
        ("likely-same", 0.9),
        ("large", round(12 / 22, 3)),
        ("doubtful-join", 0.07),
    ]
    assert items[2]["account_ids"] == ["erp:1", "crm:1"]


def test_accounts_that_were_joined_as_one_are_one_doubtful_join(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN, "erp:2 member phone:2")
    for account in ("erp:1", "erp:2"):
        shop.database.write(ALIKE, {"one": account, "other": "crm:1"})

    items: Any = review(shop.database.read, page=Page(10), kind="doubtful-join").items

    (item,) = items
    assert item["account_ids"] == ["erp:1", "crm:1"]
    assert "with 2 account(s)" in item["text"]


def test_the_queue_goes_on_page_by_page_without_gap_or_repeat(shop: StewardShop) -> None:
    shop.open(MEMBER, BEN, CARD, *(f"pos:{n} card phone:{n}" for n in range(10, 16)))
    for n in range(10, 16):
        shop.database.write(LIKELY, {"one": "crm:1", "other": f"pos:{n}"})
    whole = review(shop.database.read, page=Page(50)).items

    paged, cursor = [], None
    for _ in range(4):
        part = review(shop.database.read, page=Page(2, cursor))
        paged += part.items
        cursor = part.cursor
        if cursor is None:
            break

    assert len(whole) == 6
    assert paged == whole


def test_more_identifiers_than_one_person_has_stand_in_the_queue(shop: StewardShop) -> None:
    phones = " ".join(f"phone:{n}" for n in range(6))
    shop.open(f"crm:1 member card_no:1 {phones}", "pos:1 card card_no:1")

    items: Any = review(shop.database.read, page=Page(10), kind="limit").items

    (item,) = items
    assert item["risk"] == pytest.approx(6 / 11)
    assert item["text"].endswith("has 6 identifiers of the kind phone; one person has 5 at most.")


def test_one_phone_between_two_parts_is_a_bridge(shop: StewardShop) -> None:
    left = [f"crm:{n} member member_no:1" for n in range(3)]
    right = [f"erp:{n} member member_no:2" for n in range(4)]
    shop.open(f"{left[0]} phone:1", *left[1:], f"{right[0]} phone:1", *right[1:])

    items: Any = review(shop.database.read, page=Page(10), kind="bridge").items

    (item,) = items
    assert item["identifier"]["identifier_key"] == "phone:1"
    assert item["risk"] == pytest.approx(3 / 7)
    assert item["account_ids"] == ["crm:0", "erp:0"]


def test_stats_count_customers_identifiers_and_refusals(shop: StewardShop) -> None:
    shop.open(
        MEMBER,
        CARD,
        BEN,
        "crm:8 member phone:8 national_id:1",
        "pos:8 card phone:8 national_id:2",
        "crm:9 member !phone:0",
    )

    found: Any = stats(shop.database.read)

    assert found["sizes"] == [
        {"n_accounts": "1", "n_customers": 4},
        {"n_accounts": "2", "n_customers": 1},
    ]
    assert {"kind": "phone", "state": "blocked", "reason": "listed", "n": 1} in found["identifiers"]
    assert found["refused"] == [{"reason": "unique", "n": 1}]
    assert found["largest"][0]["n_accounts"] == 2
    assert {row["rule"]: row["n"] for row in found["rules"]} == {"alone": 4, "phone": 2}
