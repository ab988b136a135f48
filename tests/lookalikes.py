"""Made people of whom several accounts tell, with slips: for tests of joins by resemblance.

Every world is drawn from a seed. Names are syllables; some accounts share a phone, a few of
those phones are a family's, so that groups, vetoes and resemblance all have something to do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import Final

import pyarrow as pa

from algorithms.identity.evidence import Evidence, Facts, gather
from algorithms.identity.ground import DETAILS, persons_of
from algorithms.identity.linkage.model import Model
from algorithms.identity.linker import Linked
from algorithms.identity.links import LINKS
from algorithms.identity.memory import Memory
from algorithms.identity.policy import Policy
from algorithms.identity.resemblance import Resemblance
from algorithms.identity.union import Union, united
from algorithms.identity.weighing import Means
from algorithms.identity.words import PINS, Words
from tests.identity_world import ACCOUNTS, POLICY

SYLLABLES: Final = ("ka", "lo", "mi", "ren", "tu", "sa", "vel", "do")


@dataclass(frozen=True)
class Record:
    """One account: whose it is, what it knows of the person, what identifiers it has."""

    account_id: str
    person: int
    details: Mapping[str, str]
    identifiers: tuple[str, ...] = ()


@dataclass(frozen=True)
class World:
    """Accounts, and pins of stewards: ``(one, other, is_together)``."""

    records: tuple[Record, ...]
    pins: tuple[tuple[str, str, bool], ...] = ()

    @property
    def ids(self) -> frozenset[str]:
        """Return the ids of all accounts."""
        return frozenset(record.account_id for record in self.records)

    def only(self, accounts: Iterable[str]) -> "World":
        """Return the part of these accounts."""
        kept = frozenset(accounts)
        return replace(self, records=tuple(r for r in self.records if r.account_id in kept))

    def also(self, *records: Record) -> "World":
        """Return the world with more accounts."""
        return replace(self, records=(*self.records, *records))

    @property
    def details(self) -> pa.Table:
        """Return what the vault knows, ascending, with each account's source."""
        told = sorted((r for r in self.records if r.details), key=lambda r: r.account_id)
        rows = [{"account_id": r.account_id, **r.details} for r in told]
        table = pa.Table.from_pylist(rows, DETAILS)
        sources = [r.account_id.split(":")[0] for r in told]
        return table.append_column("source", pa.array(sources, pa.string()))

    @property
    def facts(self) -> Facts:
        """Return what resolution reads."""
        accounts = [{"account_id": r.account_id, "kind": "member"} for r in self.records]
        links = [
            {"account_id": r.account_id, "identifier_key": key, "kind": key.split(":")[0]}
            for r in self.records
            for key in r.identifiers
        ]
        pins = [dict(zip(PINS.names, pin, strict=True)) for pin in self.pins]
        return Facts(
            pa.Table.from_pylist(accounts, ACCOUNTS),
            pa.Table.from_pylist(
                [dict.fromkeys(LINKS.names) | link for link in links], schema=LINKS
            ),
            persons_of(self.details),
            Words(pins=pa.Table.from_pylist(pins, PINS)),
        )


@dataclass
class Maker:
    """Draws people, and writes them down with slips."""

    rng: Random
    slips: float = 0.25
    n_written: int = field(default=0)

    def person(self) -> dict[str, str]:
        """Return somebody."""
        name = "".join(self.rng.choices(SYLLABLES, k=2))
        family = "".join(self.rng.choices(SYLLABLES[:6], k=2))
        born = date.fromordinal(self.rng.randrange(720_000, 721_000)).isoformat()
        return {"given_name": name, "family_name": family, "birth_date": born}

    def record(self, number: int, person: Mapping[str, str]) -> Record:
        """Return an account of a person."""
        self.n_written += 1
        source = self.rng.choice(["crm", "erp", "web"])
        known = {name: value for name, value in person.items() if self.rng.random() > 0.1}
        told = {name: self._slipped(name, value) for name, value in known.items()}
        return Record(f"{source}:{self.rng.randrange(1000):03d}-{self.n_written}", number, told)

    def _slipped(self, name: str, value: str) -> str:
        if self.rng.random() >= self.slips:
            return value
        at = self.rng.randrange(len(value))
        if name == "birth_date":
            at = len(value) - 1
        sign = self.rng.choice("0123456789" if value[at].isdigit() else "abcdefghij")
        return value[:at] + sign + value[at + 1 :]


def people(n: int, *, seed: int, most: int = 3, shared: float = 0.3) -> World:
    """Return ``n`` persons with up to ``most`` accounts each, in random order.

    A share of the accounts has a phone that another one of the person has too; about a tenth
    of the phones are also somebody else's.
    """
    rng = Random(seed)
    maker = Maker(rng)
    records: list[Record] = []
    for number in range(n):
        person = maker.person()
        for _ in range(rng.randint(1, most)):
            record = maker.record(number, person)
            owner = rng.randrange(n) if rng.random() < 0.1 else number
            keys = (f"phone:{owner}",) if rng.random() < shared else ()
            records.append(replace(record, identifiers=keys))
    rng.shuffle(records)
    return World(tuple(records))


# ------------------------------------------------------------------------ joining them


@dataclass(frozen=True)
class Found:
    """What layer 2 made of a world; units are named by their smallest accounts."""

    evidence: Evidence
    union: Union
    resemblance: Resemblance
    linked: Linked | None

    @property
    def model(self) -> Model:
        """Return the model by which was weighed."""
        weighed = self.resemblance._weighed
        assert weighed is not None
        assert weighed.model is not None
        return weighed.model

    @property
    def joins(self) -> list[dict[str, object]]:
        """Return the joins as rows."""
        assert self.linked is not None
        rows: list[dict[str, object]] = self.linked.joins.to_pylist()
        return rows

    @property
    def likely(self) -> set[tuple[object, ...]]:
        """Return the pairs kept apart, each with everything that is told of it."""
        assert self.linked is not None
        founders = self.evidence.accounts.take(pa.array(self.union.founder)).to_pylist()
        return {
            (founders[row.pop("one")], founders[row.pop("other")], *row.values())
            for row in self.linked.likely.to_pylist()
        }

    @property
    def groups(self) -> set[frozenset[str]]:
        """Return the accounts of each customer."""
        label = self.union.group if self.linked is None else self.linked.label[self.union.group]
        found: dict[int, set[str]] = {}
        for account, group in zip(self.evidence.accounts.to_pylist(), label.tolist(), strict=True):
            found.setdefault(group, set()).add(account)
        return {frozenset(group) for group in found.values()}

    @property
    def memory(self) -> Memory:
        """Return what the next run will be told."""
        weighed, joins = self.resemblance._weighed, self.resemblance._joins
        assert weighed is not None
        assert joins is not None
        return weighed.memory(joins)


def find(
    world: World,
    *,
    model: Model | None = None,
    memory: Memory | None = None,
    policy: Policy = POLICY,
) -> Found:
    """Join the accounts of a world by identifiers, then by resemblance."""
    facts = world.facts
    evidence = gather(facts, policy)
    union = united(evidence, policy, words=facts.words)
    resemblance = Resemblance(policy, world.details, Means(model), memory)
    return Found(evidence, union, resemblance, resemblance(evidence, union))


def reached(world: World, accounts: Iterable[str], *, groups: Iterable[frozenset[str]]) -> World:
    """Return the part that identifiers, pins and former customers reach from some accounts."""
    ties: list[frozenset[str]] = [*groups, *(frozenset(pin[:2]) for pin in world.pins)]
    by_key: dict[str, set[str]] = {}
    for record in world.records:
        for key in record.identifiers:
            by_key.setdefault(key, set()).add(record.account_id)
    ties += [frozenset(held) for held in by_key.values()]
    found, n_before = set(accounts), -1
    while len(found) != n_before:
        n_before = len(found)
        found |= {account for tie in ties if tie & found for account in tie}
    return world.only(found & world.ids)


def in_part(
    world: World,
    accounts: Iterable[str],
    *,
    before: Found,
    model: Model,
    policy: Policy = POLICY,
) -> Found:
    """Join what changes concern, as a run does: more of the world where that was too little."""
    touched = set(accounts)
    while True:
        part = reached(world, touched, groups=before.groups)
        found = find(part, model=model, memory=before.memory, policy=policy)
        if found.linked is None or not found.linked.missing:
            return found
        assert not found.linked.missing <= part.ids
        touched |= found.linked.missing


def rows_of(table: pa.Table, *, key: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of a table ordered by some columns; nulls are as good as absent."""
    rows = [
        {name: value for name, value in row.items() if value is not None}
        for row in table.to_pylist()
    ]
    return sorted(rows, key=lambda row: [str(row[name]) for name in key])
