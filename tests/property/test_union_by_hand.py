"""Joins by identifiers and their vetoes against a second implementation, one pair at a time.

Here every pair is looked at in order, every group is a set of accounts, and whatever is known
of a group is gathered anew each time it is asked for.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.evidence import Facts, gather
from algorithms.identity.policy import read_policy
from algorithms.identity.sides import REFUSALS
from algorithms.identity.union import Union, united
from algorithms.identity.words import PINS, Words
from tests.identity_world import facts_of

unhurried = settings(deadline=None, max_examples=100)
# every identifier joins and keeps its owner: caps, hubs and epochs have tests of their own
_free = {"cap": None, "hub": None, "window_days": None, "gap_days": None}
_shipped = read_policy()
POLICY = _shipped.model_copy(
    update={
        "kinds": {
            name: kind.model_copy(update=_free if kind.joins else {})
            for name, kind in _shipped.kinds.items()
        }
    }
)
STRENGTHS = {
    "national_id": 0,
    "union_id": 0,
    "card_no": 0,
    "phone": 1,
    "email": 1,
    "cookie": 2,
}
MOST = {"national_id": 1, "union_id": 2}
NEAR = {"1990-04-07", "1990-04-08"}  # one digit apart; the other date has nothing in common
UNDATED = 10_000
GRAVEST = ("steward", "unique", "birth_date", "name")


@dataclass(frozen=True)
class Person:
    """An account: what it tells of its person, and since which day it has which identifiers."""

    birth: str | None
    name: str | None
    keys: Mapping[str, int]

    def line(self, account: str) -> str:
        """Return the account as a line of the small worlds."""
        told = [f"={self.birth}"] * bool(self.birth) + [f"~{self.name}"] * bool(self.name)
        seen = [k if day == UNDATED else f"{k}@{day}-{day}" for k, day in self.keys.items()]
        return " ".join([account, "member", *seen, *told])


Pin = tuple[str, str, bool]


@dataclass(frozen=True)
class World:
    """Accounts and a steward's pins."""

    people: Mapping[str, Person]
    pins: Sequence[Pin] = ()

    @property
    def facts(self) -> Facts:
        """Return what resolution reads."""
        rows = [dict(zip(PINS.names, pin, strict=True)) for pin in self.pins]
        words = Words(pins=pa.Table.from_pylist(rows, PINS))
        lines = (person.line(account) for account, person in self.people.items())
        return replace(facts_of(*lines), words=words)


accounts = st.tuples(st.sampled_from(["crm", "erp", "web"]), st.integers(0, 4)).map(
    lambda pair: f"{pair[0]}:{pair[1]}"
)
keys = st.tuples(st.sampled_from(sorted(STRENGTHS)), st.integers(0, 2)).map(
    lambda pair: f"{pair[0]}:{pair[1]}"
)
persons = st.builds(
    Person,
    birth=st.sampled_from([None, None, "1990-04-07", "1990-04-08", "1961-12-30"]),
    name=st.sampled_from([None, None, "anna", "berta"]),
    keys=st.dictionaries(keys, st.sampled_from([1, 2, 3, UNDATED]), max_size=3),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    people = draw(st.dictionaries(accounts, persons, max_size=12))
    pins: dict[tuple[str, str], bool] = {}
    if len(people) > 1:
        pair = st.sampled_from(list(combinations(sorted(people), 2)))
        pins = draw(st.dictionaries(pair, st.booleans(), max_size=3))
    return World(people, [(*pair, together) for pair, together in pins.items()])


def resolved(facts: Facts) -> tuple[list[str], Union]:
    evidence = gather(facts, POLICY)
    return evidence.accounts.to_pylist(), united(evidence, POLICY, words=facts.words)


def groups_of(facts: Facts) -> set[frozenset[str]]:
    ids, union = resolved(facts)
    found: dict[int, set[str]] = {}
    for account, group in zip(ids, union.group.tolist(), strict=True):
        found.setdefault(group, set()).add(account)
    return {frozenset(group) for group in found.values()}


def told(facts: Facts) -> dict[tuple[str, str], str]:
    """Return the refused links with their reasons."""
    evidence = gather(facts, POLICY)
    union = united(evidence, POLICY, words=facts.words)
    ids, keys_ = evidence.accounts.to_pylist(), evidence.identifiers.to_pylist()
    links = evidence.links
    return {
        (ids[links.account[link]], keys_[links.identifier[link]]): REFUSALS[reason]
        for link, reason in zip(union.refused.tolist(), union.reason.tolist(), strict=True)
    }


# ------------------------------------------------------------------------ by hand


Try = tuple[int, int, str, str, str]


def tries(world: World) -> list[Try]:
    """Return the pairs to try: strength, day, smaller and larger account, key; best first."""
    found: list[Try] = [
        (-1, 0, min(one, other), max(one, other), "")
        for one, other, together in world.pins
        if together
    ]
    for one, other in combinations(sorted(world.people), 2):
        held, others = world.people[one].keys, world.people[other].keys
        found += [
            (STRENGTHS[key.split(":")[0]], max(held[key], others[key]), one, other, key)
            for key in held
            if key in others
        ]
    return sorted(found)


def by_hand(world: World) -> tuple[set[frozenset[str]], list[tuple[Try, str]]]:
    """Return the groups, and the refusals in their order."""
    groups = [{account} for account in world.people]
    refused = []
    for attempt in tries(world):
        left, right = (next(g for g in groups if account in g) for account in attempt[2:4])
        if left is right:
            continue
        reason = _reason(world, left, others=right, strength=attempt[0])
        if reason:
            refused.append((attempt, reason))
        else:
            groups = [g for g in groups if g is not left and g is not right] + [left | right]
    return {frozenset(group) for group in groups}, refused


def refusals_by_hand(world: World) -> dict[tuple[str, str], str]:
    """Return for each link the gravest reason for which it did not join two that stay apart.

    A refusal stands at the account that came to the identifier later.
    """
    groups, refused = by_hand(world)
    found: dict[tuple[str, str], str] = {}
    for (_, _, one, other, key), reason in refused:
        if key and not any({one, other} <= group for group in groups):
            later = max((one, other), key=lambda a: (world.people[a].keys[key], a))
            found[later, key] = min(reason, found.get((later, key), reason), key=GRAVEST.index)
    return found


def _reason(world: World, some: set[str], *, others: set[str], strength: int) -> str | None:
    apart = [{one, other} for one, other, together in world.pins if not together]
    if any(pair & some and pair & others for pair in apart):
        return "steward"
    if strength < 0:
        return None
    held = {key for account in some | others for key in world.people[account].keys}
    kinds = [key.split(":")[0] for key in held]
    if any(kinds.count(kind) > most for kind, most in MOST.items()):
        return "unique"
    return _contradiction(world, some, others=others) if strength > 0 else None


def _contradiction(world: World, some: set[str], *, others: set[str]) -> str | None:
    births, names = (
        [
            {told for a in side if (told := getattr(world.people[a], what))}
            for side in (some, others)
        ]
        for what in ("birth", "name")
    )
    if births[0] & births[1]:
        return None
    if all(births) and not (births[0] & NEAR and births[1] & NEAR):
        return "birth_date"
    return "name" if all(names) and not names[0] & names[1] else None


def components(world: World) -> list[set[str]]:
    """Return whom identifiers and pins connect, vetoes aside."""
    groups = [{account} for account in world.people]
    for _, _, one, other, _ in tries(world):
        left, right = (next(g for g in groups if account in g) for account in (one, other))
        groups = [g for g in groups if g is not left and g is not right] + [left | right]
    return groups


# ------------------------------------------------------------------------ what holds


@unhurried
@given(worlds())
def test_groups_are_those_joined_by_hand(world: World) -> None:
    assert groups_of(world.facts) == by_hand(world)[0]


@unhurried
@given(worlds())
def test_every_refusal_is_told_where_it_was_made_by_hand(world: World) -> None:
    assert told(world.facts) == refusals_by_hand(world)


def test_of_several_reasons_the_gravest_is_told() -> None:
    one, two, three = (
        Person(birth, name, {"phone:1": day})
        for day, (birth, name) in enumerate(
            [(None, "anna"), ("1961-12-30", "berta"), ("1990-04-07", "carola")], start=1
        )
    )

    world = World({"crm:1": one, "crm:2": two, "crm:3": three})

    # the third is refused by the first for its name, then by the second for its birth date
    assert told(world.facts) == {
        ("crm:2", "phone:1"): "name",
        ("crm:3", "phone:1"): "birth_date",
    }


@unhurried
@given(worlds(), st.integers(0, 1000))
def test_the_order_of_rows_changes_nothing(world: World, seed: int) -> None:
    facts = world.facts
    order = list(range(len(facts.identifiers)))
    random.Random(seed).shuffle(order)
    people = list(world.people.items())
    random.Random(seed).shuffle(people)
    turned = World(dict(people), list(reversed(world.pins))).facts
    turned = replace(turned, identifiers=facts.identifiers.take(pa.array(order, pa.int64())))

    one, other = (resolved(known)[1] for known in (facts, turned))

    assert one.group.tolist() == other.group.tolist()
    assert told(facts) == told(turned)


@unhurried
@given(worlds(), worlds())
def test_unrelated_people_change_no_group(world: World, others: World) -> None:
    strangers = {
        f"new_{account}": replace(person, keys={f"{k}0": day for k, day in person.keys.items()})
        for account, person in others.people.items()
    }
    pins = [(f"new_{one}", f"new_{other}", together) for one, other, together in others.pins]

    beside = groups_of(World({**world.people, **strangers}, [*world.pins, *pins]).facts)

    assert groups_of(world.facts) <= beside


@unhurried
@given(worlds())
def test_a_component_alone_is_resolved_as_among_the_others(world: World) -> None:
    whole = groups_of(world.facts)

    for component in components(world):
        alone = World(_only(world, component), _among(world.pins, component))
        assert groups_of(alone.facts) <= whole


@unhurried
@given(worlds())
def test_vetoes_only_split(world: World) -> None:
    silent = {account: replace(p, birth=None, name=None) for account, p in world.people.items()}
    together = [pin for pin in world.pins if pin[2]]

    cautious = groups_of(world.facts)
    connected = components(world)

    assert all(any(part <= component for component in connected) for part in cautious)
    unlimited = {
        account: replace(p, keys={k: d for k, d in p.keys.items() if k.split(":")[0] not in MOST})
        for account, p in silent.items()
    }
    free = World(unlimited, together)
    assert groups_of(free.facts) == {frozenset(group) for group in components(free)}


def _only(world: World, chosen: Iterable[str]) -> dict[str, Person]:
    return {account: world.people[account] for account in chosen}


def _among(pins: Sequence[Pin], chosen: set[str]) -> list[Pin]:
    return [pin for pin in pins if {*pin[:2]} <= chosen]
