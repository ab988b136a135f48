"""Decisions of stewards on a real graph: what follows, what is only tried, what is undone."""

import pytest

from algorithms.identity.decisions import (
    ContradictionError,
    decisions_file,
    read_decisions,
)
from api.identity.parties import PartyNotFoundError
from api.identity.speaking import (
    IdentifierFixedError,
    IdentifierNotFoundError,
    SameAccountError,
    Wish,
)
from api.identity.undoing import NothingToUndoError, NotUndoableError
from tests.steward_shop import StewardShop, kinds, pin

pytestmark = pytest.mark.integration

ANN = "crm:1 member phone:1"
BEN = "erp:1 member phone:2"
CARD = "pos:1 card phone:1"


def test_a_pin_joins_what_nothing_else_joins(shop: StewardShop) -> None:
    shop.open(ANN, BEN)

    outcome = shop.decide(pin("together", "crm:1", other="erp:1"))

    assert kinds(outcome) == ["merged"]
    assert shop.groups() == {frozenset({"crm:1", "erp:1"})}


def test_a_pin_parts_what_an_identifier_joins_and_outlives_a_full_resolution(
    shop: StewardShop,
) -> None:
    shop.open(ANN, CARD)

    shop.decide(pin("apart", "crm:1", other="pos:1"))
    shop.settle(day=400, full=True)

    assert shop.groups() == {frozenset({"crm:1"}), frozenset({"pos:1"})}


def test_a_customer_is_pinned_by_its_smallest_account(shop: StewardShop) -> None:
    shop.open(ANN, CARD, BEN)
    ids = shop.customers()

    outcome = shop.decide(pin("together", ids["crm:1"], other=ids["erp:1"]))

    assert outcome.words[0].accounts == ("crm:1", "erp:1")
    assert len(set(shop.customers().values())) == 1


def test_a_dry_run_tells_what_the_decision_then_does_and_records_nothing(
    shop: StewardShop,
) -> None:
    shop.open(ANN, BEN)
    before = shop.digest()
    wish = pin("together", "crm:1", other="erp:1")

    foretold = shop.simulate(wish)

    assert shop.digest() == before
    assert read_decisions(decisions_file(shop.settings)) == []
    done = shop.decide(wish)
    assert [e.payload for e in done.events] == [e.payload for e in foretold.events]
    assert kinds(done) == kinds(foretold) == ["merged"]


def test_a_blocked_identifier_joins_nobody_until_it_is_unblocked(shop: StewardShop) -> None:
    shop.open(ANN, CARD)

    blocked = shop.decide(Wish("block", "the shop's own", identifier_key="phone:1"))
    parted = shop.groups()
    unblocked = shop.decide(Wish("unblock", "it is hers", identifier_key="phone:1"))

    assert parted == {frozenset({"crm:1"}), frozenset({"pos:1"})}
    assert "split" in kinds(blocked)
    assert "merged" in kinds(unblocked)
    assert shop.groups() == {frozenset({"crm:1", "pos:1"})}


def test_an_identifier_above_its_cap_joins_once_a_steward_says_so(shop: StewardShop) -> None:
    shop.open(*(f"crm:{n} member phone:1" for n in range(5)))
    assert len(shop.groups()) == 5

    shop.decide(Wish("unblock", "one family account", identifier_key="phone:1"))

    assert len(shop.groups()) == 1


@pytest.mark.parametrize(
    ("verb", "accounts"), [("together", ("crm:1", "erp:1")), ("apart", ("crm:1", "pos:1"))]
)
def test_undoing_a_decision_gives_the_graph_back_as_it_was(
    shop: StewardShop, verb: str, *, accounts: tuple[str, str]
) -> None:
    shop.open(ANN, BEN, CARD)
    before, ids = shop.digest(), shop.customers()
    decided = shop.decide(pin(verb, accounts[0], other=accounts[1]))
    assert shop.digest() != before

    shop.decide(Wish("undo", "", undo=decided.words[0].decision_id))

    assert shop.customers() == ids
    assert shop.digest() == before


def test_undoing_an_undo_brings_the_decision_back(shop: StewardShop) -> None:
    shop.open(ANN, BEN)
    first = shop.decide(pin("together", "crm:1", other="erp:1"))
    undone = shop.decide(Wish("undo", "", undo=first.words[0].decision_id))
    assert len(shop.groups()) == 2

    shop.decide(Wish("undo", "", undo=undone.words[0].decision_id))

    assert len(shop.groups()) == 1


def test_undoing_a_merge_by_the_rules_restores_both_customers_and_their_ids(
    shop: StewardShop,
) -> None:
    shop.open(ANN, BEN, "pos:2 card phone:2")
    before = shop.customers()
    shop.open(f"{ANN} email:a", f"{BEN} email:a", "pos:2 card phone:2", day=1)
    assert len(shop.groups()) == 1
    (merged,) = [e for e in shop.rows("ResolutionEvent") if e["kind"] == "merged"]

    shop.decide(Wish("undo", "two sisters", undo=str(merged["event_id"])))

    assert shop.customers() == before
    assert shop.aliases() == {}


def test_an_undone_merge_stays_undone_whichever_pair_is_joined_first(shop: StewardShop) -> None:
    # the e-mail ties each of two accounts on one side to each of two on the other
    left = [f"crm:{n} member member_no:7" for n in (1, 2)]
    right = [f"erp:{n} member member_no:8" for n in (1, 2)]
    shop.open(*left, *right)
    before = shop.customers()
    shop.open(*(f"{line} email:a@{day}" for day, line in enumerate([*right, *left])), day=9)
    (merged,) = [e for e in shop.rows("ResolutionEvent") if e["kind"] == "merged"]

    shop.decide(Wish("undo", "", undo=str(merged["event_id"])))
    shop.settle(day=400, full=True)

    assert shop.customers() == before


def test_undoing_a_merge_that_a_pin_made_withdraws_the_pin(shop: StewardShop) -> None:
    shop.open(ANN, BEN)
    before = shop.customers()
    decided = shop.decide(pin("together", "crm:1", other="erp:1"))
    (merged,) = [e for e in decided.events if e.kind == "merged"]

    undone = shop.decide(Wish("undo", "", undo=merged.event_id))

    assert [word.verb for word in undone.words] == ["withdraw", "restore"]
    assert shop.customers() == before


def test_undoing_a_split_by_the_rules_puts_together_what_it_parted(shop: StewardShop) -> None:
    shop.open(ANN, CARD)
    shop.open(ANN, "pos:1 card phone:9", day=1)
    (split,) = [e for e in shop.rows("ResolutionEvent") if e["kind"] == "split"]

    undone = shop.decide(Wish("undo", "", undo=str(split["event_id"])))

    assert [word.verb for word in undone.words] == ["together"]
    assert shop.groups() == {frozenset({"crm:1", "pos:1"})}


def test_undoing_a_split_that_a_pin_made_withdraws_the_pin(shop: StewardShop) -> None:
    shop.open(ANN, CARD)
    decided = shop.decide(pin("apart", "crm:1", other="pos:1"))
    (split,) = [e for e in decided.events if e.kind == "split"]

    undone = shop.decide(Wish("undo", "", undo=split.event_id))

    assert [word.verb for word in undone.words] == ["withdraw"]
    assert shop.groups() == {frozenset({"crm:1", "pos:1"})}


def test_what_came_by_itself_cannot_be_undone(shop: StewardShop) -> None:
    shop.open(ANN)
    (created,) = shop.rows("ResolutionEvent")

    with pytest.raises(NotUndoableError) as caught:
        shop.decide(Wish("undo", "", undo=str(created["event_id"])))

    assert caught.value.facts == {"event_id": created["event_id"], "kind": "created"}
    assert read_decisions(decisions_file(shop.settings)) == []


def test_nothing_is_undone_twice(shop: StewardShop) -> None:
    shop.open(ANN, BEN)
    decided = shop.decide(pin("together", "crm:1", other="erp:1"))
    wish = Wish("undo", "", undo=decided.words[0].decision_id)
    shop.decide(wish)

    with pytest.raises(NothingToUndoError):
        shop.decide(wish)


def test_contradictory_pins_are_refused_and_nothing_changes(shop: StewardShop) -> None:
    shop.open(ANN, BEN, CARD)
    shop.decide(pin("together", "crm:1", other="erp:1"))
    shop.decide(pin("together", "erp:1", other="pos:1"))
    before = shop.digest()

    for attempt in (shop.decide, shop.simulate):
        with pytest.raises(ContradictionError):
            attempt(pin("apart", "crm:1", other="pos:1"))

    assert shop.digest() == before
    assert len(read_decisions(decisions_file(shop.settings))) == 2


def test_the_same_request_decides_once_and_is_answered_alike(shop: StewardShop) -> None:
    shop.open(ANN, BEN)
    wish = pin("together", "crm:1", other="erp:1")
    first = shop.decide(wish)
    shop.n_requests -= 1

    again = shop.decide(wish)

    assert again == first
    assert len(read_decisions(decisions_file(shop.settings))) == 1


def test_who_or_what_is_not_there_is_named_and_nothing_is_recorded(shop: StewardShop) -> None:
    shop.open(ANN)

    with pytest.raises(PartyNotFoundError, match="crm:2"):
        shop.decide(pin("together", "crm:1", other="crm:2"))
    with pytest.raises(IdentifierNotFoundError, match="phone:7"):
        shop.decide(Wish("block", "", identifier_key="phone:7"))
    with pytest.raises(SameAccountError):
        shop.decide(pin("apart", "crm:1", other=shop.customers()["crm:1"]))

    assert not decisions_file(shop.settings).exists()


def test_a_value_that_is_nobodys_cannot_be_let_join(shop: StewardShop) -> None:
    shop.open("crm:1 member !phone:0 phone:1", "crm:2 member !phone:0 phone:2")

    with pytest.raises(IdentifierFixedError, match="stands for nobody"):
        shop.decide(Wish("unblock", "", identifier_key="phone:0"))


def test_a_decision_stands_in_the_chain_with_who_took_it(shop: StewardShop) -> None:
    shop.open(ANN, BEN)

    shop.decide(pin("together", "crm:1", other="erp:1"))

    (told,) = [e for e in shop.rows("ResolutionEvent") if e["kind"] == "steward"]
    assert told["actor"] == "k1"
    assert "seen in the shop" in str(told["payload"])
