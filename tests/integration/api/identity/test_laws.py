"""Laws of deciding: whoever takes back all decisions is where he was, and a cut-off one ends."""

import random

import pytest

from algorithms.identity.decisions import DecisionsError, decisions_file, read_decisions
from api.identity import deciding
from api.identity.deciding import decide
from api.identity.speaking import Wish
from tests.steward_shop import ACTOR, StewardShop, pin

pytestmark = pytest.mark.integration

PEOPLE = (
    "crm:1 member phone:1",
    "crm:2 member phone:2",
    "erp:1 member phone:1 email:a",
    "erp:2 member email:b",
    "pos:1 card email:a",
    "web:1 member card_no:7",
    "web:2 member card_no:7 email:b",
)
ACCOUNTS = [line.split()[0] for line in PEOPLE]
IDENTIFIERS = ("phone:1", "email:a", "email:b", "card_no:7")


class _CutOff(Exception):  # noqa: N818 -- it stands for no error, but for kill -9
    """The process ended here."""


def wishes_of(rng: random.Random, n: int) -> list[Wish]:
    """Return decisions that do not contradict each other: each account is pinned once."""
    accounts = rng.sample(ACCOUNTS, len(ACCOUNTS))
    pairs = list(zip(accounts[::2], accounts[1::2], strict=False))
    pins = [pin(rng.choice(["together", "apart"]), one, other=other) for one, other in pairs]
    blocks = [Wish("block", "", identifier_key=key) for key in rng.sample(IDENTIFIERS, 2)]
    return rng.sample([*pins, *blocks], n)


@pytest.mark.parametrize("seed", range(6))
def test_decisions_taken_back_the_latest_first_leave_everybody_the_id_he_had(
    shop: StewardShop, seed: int
) -> None:
    shop.open(*PEOPLE)
    before = shop.customers()
    made = [shop.decide(wish) for wish in wishes_of(random.Random(seed), 3)]

    for outcome in reversed(made):
        shop.decide(Wish("undo", "", undo=outcome.words[0].decision_id))

    assert shop.customers() == before


@pytest.mark.parametrize("seed", range(6))
def test_decisions_taken_back_in_any_order_leave_the_groups_that_were(
    shop: StewardShop, seed: int
) -> None:
    rng = random.Random(seed)
    shop.open(*PEOPLE)
    before = shop.groups()
    made = [shop.decide(wish).words[0].decision_id for wish in wishes_of(rng, 3)]

    for decision_id in rng.sample(made, len(made)):
        shop.decide(Wish("undo", "", undo=decision_id))

    assert shop.groups() == before
    assert shop.settle(day=400, full=True).is_unchanged


@pytest.mark.parametrize("seed", range(3))
def test_what_is_decided_step_by_step_is_what_a_full_resolution_finds(
    shop: StewardShop, seed: int
) -> None:
    shop.open(*PEOPLE)
    for wish in wishes_of(random.Random(seed), 4):
        shop.decide(wish)
    step_by_step = shop.digest()

    report = shop.settle(day=400, full=True)

    assert report.is_unchanged
    assert shop.digest() == step_by_step


def test_a_decision_that_was_cut_off_before_the_graph_was_touched_is_finished_by_the_next_run(
    shop: StewardShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.open(*PEOPLE)
    wish = pin("together", "crm:1", other="crm:2")

    def cut_off(*_: object, **__: object) -> None:
        raise _CutOff

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "_resolved", cut_off)
        with pytest.raises(_CutOff):
            shop.decide(wish)
    untouched = shop.customers()
    shop.settle(day=400)

    assert untouched["crm:1"] != untouched["crm:2"]
    assert shop.customers()["crm:1"] == shop.customers()["crm:2"]


def test_a_request_that_was_cut_off_is_finished_when_it_is_sent_again(
    shop: StewardShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.open(*PEOPLE)
    wish = pin("together", "crm:1", other="crm:2")

    def cut_off(*_: object, **__: object) -> None:
        raise _CutOff

    def attempt() -> object:
        return decide(shop.database, shop.settings, wish=wish, actor=ACTOR, key="once")

    with monkeypatch.context() as patch:
        patch.setattr(deciding, "_resolved", cut_off)
        with pytest.raises(_CutOff):
            attempt()
    first, again = attempt(), attempt()

    assert first == again
    assert shop.customers()["crm:1"] == shop.customers()["crm:2"]
    assert len(read_decisions(decisions_file(shop.settings))) == 1


def test_a_damaged_record_stops_a_decision_before_anything_is_written(shop: StewardShop) -> None:
    shop.open(*PEOPLE)
    shop.decide(pin("together", "crm:1", other="crm:2"))
    record = decisions_file(shop.settings)
    record.write_text(record.read_text().replace("together", "toge\nther"))
    before, damaged = shop.digest(), record.read_bytes()

    with pytest.raises(DecisionsError):
        shop.decide(pin("apart", "erp:1", other="erp:2"))

    assert (shop.digest(), record.read_bytes()) == (before, damaged)
