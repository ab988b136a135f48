"""What holds for every world: components, order, stability, and a life of changes."""

import random

import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.events import first_broken
from algorithms.identity.evidence import Facts
from algorithms.identity.ledger import Ledger
from algorithms.identity.policy import read_policy
from algorithms.identity.resolution import Resolution
from tests.identity_world import customers, facts_of, groups, ledger_after, run

pytestmark = pytest.mark.slow

# a loaded machine is no failure; worlds are small, so fewer of them say as much
unhurried = settings(deadline=None, max_examples=50)
UNCAPPED = ("card_no", "open_id", "member_no")
KINDS = ("member", "visitor", "call", "-")

World = dict[str, tuple[str, frozenset[str]]]

account_ids = st.tuples(st.sampled_from(["crm", "erp", "web"]), st.integers(0, 9)).map(
    lambda pair: f"{pair[0]}:{pair[1]}"
)


def keys_of(kinds: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    key = st.tuples(st.sampled_from(kinds), st.integers(0, 6)).map(lambda k: f"{k[0]}:{k[1]}")
    return st.frozensets(key, max_size=3)


def worlds(kinds: tuple[str, ...]) -> st.SearchStrategy[World]:
    account = st.tuples(st.sampled_from(KINDS), keys_of(kinds))
    return st.dictionaries(account_ids, account, max_size=12)


def facts(world: World) -> Facts:
    return facts_of(*(f"{a} {kind} {' '.join(sorted(keys))}" for a, (kind, keys) in world.items()))


def components(world: World) -> set[frozenset[str]]:
    network: nx.Graph[str] = nx.Graph()
    for account_id, (_, keys) in world.items():
        network.add_node(account_id)
        network.add_edges_from((account_id, key) for key in keys)
    parts = ({node for node in part if node in world} for part in nx.connected_components(network))
    return {frozenset(part) for part in parts if part}


def shuffled(rows: pa.Table, seed: int) -> pa.Table:
    order = list(range(len(rows)))
    random.Random(seed).shuffle(order)
    return rows.take(pa.array(order, pa.int64()))


def is_sound(resolution: Resolution, world: World) -> None:
    """Check what must hold of every state of the graph."""
    living = set(resolution.customers["customer_id"].to_pylist())
    retired = resolution.aliases["customer_id"].to_pylist()
    assert set(customers(resolution)) == set(world)
    assert set(customers(resolution).values()) == living
    assert not living & set(retired)
    assert len(retired) == len(set(retired))
    assert {t for t in resolution.aliases["merged_into"].to_pylist() if t} <= living


@unhurried
@given(worlds(UNCAPPED))
def test_without_caps_customers_are_the_components(world: World) -> None:
    assert groups(run(facts(world))) == components(world)


@unhurried
@given(worlds(("phone", "email", "cookie", "union_id")))
def test_with_caps_customers_are_parts_of_components(world: World) -> None:
    found = groups(run(facts(world)))

    whole = components(world)
    assert all(any(part <= component for component in whole) for part in found)


@unhurried
@given(worlds(("phone", "union_id", "cookie")), st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(world: World, seed: int) -> None:
    known = facts(world)

    one = run(known)
    other = run(Facts(shuffled(known.accounts, seed), shuffled(known.identifiers, seed)))

    assert one.resolved.equals(other.resolved)
    assert one.customers.equals(other.customers)
    assert one.events.equals(other.events)


@unhurried
@given(worlds(("phone", "union_id")), worlds(("phone", "union_id")))
def test_unrelated_people_change_no_customer(world: World, others: World) -> None:
    strangers = {
        f"new_{account}": (kind, frozenset(f"{key}0" for key in keys))
        for account, (kind, keys) in others.items()
    }

    alone, beside = customers(run(facts(world))), customers(run(facts({**world, **strangers})))

    assert alone == {account: beside[account] for account in alone}


@unhurried
@given(worlds(("phone", "union_id")))
def test_a_second_run_changes_nothing(world: World) -> None:
    first = run(facts(world))

    again = run(facts(world), ledger_after(first), day=1)

    assert again.resolved.equals(first.resolved)
    assert len(again.events) == len(again.changed) == len(again.removed) == 0


@unhurried
@given(st.lists(worlds(("phone", "union_id")), min_size=2, max_size=6))
def test_through_a_life_of_changes_ids_are_sound_and_never_reused(lives: list[World]) -> None:
    ledger, events, owners = Ledger(), [], dict[str, int]()
    for day, world in enumerate(lives):
        found = run(facts(world), ledger, day=day)

        is_sound(found, world)
        assert set(found.aliases["customer_id"].to_pylist()) >= {
            customer_id
            for customer_id, last in owners.items()
            if customer_id not in set(found.customers["customer_id"].to_pylist())
        }
        assert not any(
            owners.get(customer_id, day - 1) < day - 1
            for customer_id in found.customers["customer_id"].to_pylist()
        )
        owners.update(dict.fromkeys(found.customers["customer_id"].to_pylist(), day))
        events += found.events.to_pylist()
        gone = tuple(set(world) - set(lives[min(day + 1, len(lives) - 1)]))
        ledger = ledger_after(found, gone=gone, before=ledger)
    assert first_broken(events) is None


@unhurried
@given(worlds(("phone", "union_id")), worlds(("phone", "union_id")))
def test_customers_whose_accounts_came_or_went_are_exactly_the_changed(
    before: World, after: World
) -> None:
    first = run(facts(before))

    gone = tuple(set(before) - set(after))
    second = run(facts(after), ledger_after(first, gone=gone), day=1)

    held = _accounts_by_customer(first)
    now = _accounts_by_customer(second)
    fresh = {c for c, accounts in now.items() if c not in held and not accounts & set(before)}
    expected = {c for c, accounts in now.items() if held.get(c) != accounts} - fresh
    assert set(second.changed.to_pylist()) == expected


def _accounts_by_customer(resolution: Resolution) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for account_id, customer_id in customers(resolution).items():
        found.setdefault(customer_id, set()).add(account_id)
    return found


@unhurried
@given(worlds(("phone", "email")))
def test_more_caution_only_splits(world: World) -> None:
    policy = read_policy()
    phone = policy.kinds["phone"].model_copy(update={"cap": 1})
    strict = policy.model_copy(update={"kinds": {**policy.kinds, "phone": phone}})

    loose, tight = groups(run(facts(world))), groups(run(facts(world), policy=strict))

    assert all(any(part <= group for group in loose) for part in tight)
