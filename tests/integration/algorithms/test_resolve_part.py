"""A load is resolved where it touches the graph, and the whole comes out as if it were new."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from algorithms.identity import situation
from algorithms.identity.local import read_local
from algorithms.identity.run import Options, ResolveReport, resolve_graph
from algorithms.identity.words import Word
from algorithms.registry import computed_spec
from graph.session import Database
from tests.identity_world import START
from tests.resolved_shop import Shop

pytestmark = pytest.mark.integration

SPEC = computed_spec()


@pytest.fixture
def shop(database: Database) -> Shop:
    return Shop(database, SPEC)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the sizes of the parts that were resolved."""
    sizes: list[int] = []
    read = read_local

    def noted(*args: object, **more: object) -> object:
        state = read(*args, **more)  # type: ignore[arg-type]
        sizes.append(len(state.facts.accounts))
        return state

    monkeypatch.setattr(situation, "read_local", noted)
    return sizes


def account(rng: random.Random, number: int) -> str:
    source = rng.choice(["crm", "erp", "web"])
    kind = "visitor" if source == "web" else rng.choice(["member", "card", "-"])
    numbers = {"phone": 60, "email": 60, "cookie": 40, "card_no": 80, "address": 5}
    held = rng.sample(sorted(numbers), k=rng.choice([0, 1, 1, 2, 2, 3]))
    keys = [f"{kind}:{rng.randrange(numbers[kind])}" for kind in held]
    return f"{source}:{number} {kind} {' '.join(keys)}"


def whole(shop: Shop, day: int) -> ResolveReport:
    """Look what resolving everything anew would change."""
    return shop.resolve(day=day, full=True, dry_run=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_part_comes_out_as_the_whole_would(shop: Shop, parts: list[int], seed: int) -> None:
    rng = random.Random(seed)
    lines = [account(rng, number) for number in range(150)]
    shop.load(*lines[:100], day=0)
    shop.resolve(day=0)

    for day, start in enumerate(range(100, 150, 10), start=1):
        shop.add(*lines[start : start + 10], day=day)
        partly = shop.resolve(day=day)
        anew = whole(shop, day)
        assert anew.is_unchanged, anew.events.to_pylist()
        assert dict(partly.counts) == dict(anew.counts) | {
            name: partly.counts[name] for name in ("merged", "split", "restored", "retired")
        }

    assert len(parts) == 5
    assert max(parts) < 140


def test_only_what_a_load_touches_is_resolved(shop: Shop, parts: list[int]) -> None:
    shop.load("crm:1 member phone:1", "erp:1 member phone:1", "crm:2 member phone:2", day=0)
    shop.resolve(day=0)

    shop.add("pos:1 card phone:1", day=1)
    report = shop.resolve(day=1)

    assert parts == [3]
    assert report.counts["accounts"] == 4
    assert report.counts["customers"] == 2
    assert len(set(shop.customers().values())) == 2


def test_what_becomes_a_hub_parts_whom_it_had_joined(shop: Shop, parts: list[int]) -> None:
    shop.load(*(f"crm:{i} member phone:1" for i in range(3)), "crm:9 member phone:2", day=0)
    shop.resolve(day=0)

    shop.add(*(f"crm:1{i} member phone:1" for i in range(9)), day=1)
    report = shop.resolve(day=1)

    assert parts == [12]
    assert report.events["kind"].to_pylist().count("split") == 2
    assert "blocked" in report.events["kind"].to_pylist()
    assert len(set(shop.customers().values())) == 13
    assert whole(shop, 2).is_unchanged


def test_a_hub_is_counted_and_not_followed(shop: Shop, parts: list[int]) -> None:
    shop.load(*(f"crm:{i} member phone:1" for i in range(250)), day=0)
    shop.resolve(day=0)

    shop.add("crm:999 member phone:1 phone:2", day=1)
    shop.resolve(day=1)

    assert parts == [1]
    held = {row["identifier_key"]: row["n_accounts"] for row in shop.rows("Identifier")}
    assert held == {"phone:1": 251, "phone:2": 1}
    assert whole(shop, 2).is_unchanged


def test_a_million_visitors_of_a_till_are_followed_no_further_than_the_till(
    shop: Shop, parts: list[int]
) -> None:
    shop.load(
        *(f"web:{i} visitor cookie:1" for i in range(300)),
        *(f"crm:{i} member cookie:1" for i in "12"),
        day=0,
    )
    shop.resolve(day=0)

    shop.add("web:999 visitor cookie:1", day=1)
    shop.resolve(day=1)

    assert parts == [1]
    assert whole(shop, 2).is_unchanged


def test_where_links_went_everything_is_resolved(shop: Shop, parts: list[int]) -> None:
    shop.load(*(f"crm:{i} member phone:1" for i in range(4)), day=0)
    shop.resolve(day=0)
    shop.database.write("MATCH (:Account {account_id: 'crm:3'})-[h:HAS_IDENTIFIER]->() DELETE h")
    shop.touch(["crm:3"], day=1)

    report = shop.resolve(day=1)

    assert report.counts["linking"] == 1
    assert len(set(shop.customers().values())) == 2


def test_a_word_is_resolved_where_it_is_spoken(shop: Shop, parts: list[int]) -> None:
    shop.load("crm:1 member", "erp:1 member", "crm:2 member phone:2", day=0)
    shop.resolve(day=0)
    word = Word("together", "anna", "same voice", ("crm:1", "erp:1"), decision_id="d000001")
    options = Options(at=START + timedelta(days=1), spoken=(word,))

    report = resolve_graph(shop.database, spec=SPEC, options=options)
    undone = replace(word, verb="withdraw", accounts=(), refers="d000001", decision_id="d000002")
    options = Options(at=START + timedelta(days=2), spoken=(word, undone))
    again = resolve_graph(shop.database, spec=SPEC, options=options)

    assert parts == [2, 2]
    assert report.events["kind"].to_pylist() == ["steward", "merged"]
    assert again.events["kind"].to_pylist() == ["steward", "split"]


def test_an_identifier_that_a_steward_blocks_parts_its_accounts(
    shop: Shop, parts: list[int]
) -> None:
    shop.load("crm:1 member phone:1", "erp:1 member phone:1", "crm:2 member phone:2", day=0)
    shop.resolve(day=0)
    word = Word("block", "anna", "the shop's", identifier="phone:1", decision_id="d000001")

    options = Options(at=START + timedelta(days=1), spoken=(word,))
    resolve_graph(shop.database, spec=SPEC, options=options)

    assert parts == [2]
    assert len(set(shop.customers().values())) == 3


def test_a_dry_run_tells_what_the_run_then_does(shop: Shop) -> None:
    shop.load("crm:1 member phone:1", "erp:1 member phone:2", day=0)
    shop.resolve(day=0)
    shop.add("pos:1 card phone:1 phone:2", day=1)

    tried = shop.resolve(day=1, dry_run=True)
    before = shop.customers()
    done = shop.resolve(day=1)

    assert before["crm:1"] != before["erp:1"]
    assert tried.events.equals(done.events)
    assert tried.written == done.written
