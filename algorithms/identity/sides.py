"""The two sides of a join: what is known of each, and why they may not become one."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from algorithms.identity.links import Numbers
from algorithms.identity.pairs import Pairs
from algorithms.identity.persons import BIRTH_DATE, NAME, UNKNOWN, Core, Cores
from algorithms.identity.policy import STRENGTHS

# why a join is refused, the gravest first
REFUSALS: Final = ("steward", "unique", BIRTH_DATE, NAME)
STRONG: Final = STRENGTHS.index("strong")


@dataclass(frozen=True)
class Unique:
    """Identifiers of which a person has few: the account, the number and the kind of each."""

    account: Numbers
    key: Numbers
    kind: Numbers


class Sides:
    """Disjoint groups of some accounts, each with what is known of its person.

    A side keeps only what it knows: most know one name, one date and nothing else, and sets
    are merged from the smaller to the larger.
    """

    def __init__(self, cores: Cores, accounts: Numbers) -> None:
        self._cores = cores
        self._place = {account: place for place, account in enumerate(accounts.tolist())}
        self._parent = list(range(len(accounts)))
        self._size = [1] * len(accounts)
        known = zip(cores.birth[accounts].tolist(), cores.name[accounts].tolist(), strict=True)
        self._core = [Core({birth} - {UNKNOWN}, {name} - {UNKNOWN}) for birth, name in known]
        self._foes: dict[int, set[int]] = {}
        self._unique: dict[int, set[tuple[int, int]]] = {}
        self._limits: list[int | None] = []

    def learn(self, unique: Unique, *, foes: Numbers, limits: list[int | None]) -> None:
        """Note unique identifiers and who is to stay apart; other accounts are passed over."""
        self._limits = limits
        columns = (unique.account, unique.kind, unique.key)
        for account, *number in zip(*(column.tolist() for column in columns), strict=True):
            if account in self._place:
                held = self._unique.setdefault(self._place[account], set())
                held.add((number[0], number[1]))
        for pair in foes.tolist():
            one, other = (self._place.get(account) for account in pair)
            if one is not None and other is not None:
                self._foes.setdefault(one, set()).add(other)
                self._foes.setdefault(other, set()).add(one)

    def join(self, pairs: Pairs) -> list[tuple[int, int]]:
        """Join pairs in their order; return the place and the reason of each that is refused."""
        refusals = []
        columns = (pairs.strength, pairs.account, pairs.other)
        for at, (strength, account, other) in enumerate(
            zip(*(column.tolist() for column in columns), strict=True)
        ):
            one, two = self._root(self._place[account]), self._root(self._place[other])
            if one == two:
                continue
            reason = self._refusal(one, two, strength=strength)
            if reason is None:
                self._merge(one, two)
            else:
                refusals.append((at, REFUSALS.index(reason)))
        return refusals

    def roots(self) -> Numbers:
        """Return the group of each account, in their order."""
        return np.array([self._root(p) for p in range(len(self._parent))], dtype=np.int64)

    def _root(self, place: int) -> int:
        parent = self._parent
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    def _refusal(self, one: int, two: int, *, strength: int) -> str | None:
        if self._foes and self._are_foes(one, two):
            return "steward"
        if strength < STRONG:  # a steward's own word: joined whatever it contradicts
            return None
        if self._unique and self._has_too_many(one, two):
            return "unique"
        if strength == STRONG:
            return None
        return self._cores.contradiction(self._core[one], self._core[two])

    def _are_foes(self, one: int, two: int) -> bool:
        foes = self._foes.get(one, set())
        return any(self._root(foe) == two for foe in foes)

    def _has_too_many(self, one: int, two: int) -> bool:
        both = self._unique.get(one, set()) | self._unique.get(two, set())
        kinds = [kind for kind, _ in both]
        limits = self._limits
        return any(kinds.count(kind) > (limits[kind] or len(kinds)) for kind in set(kinds))

    def _merge(self, one: int, two: int) -> None:
        large, small = (one, two) if self._size[one] >= self._size[two] else (two, one)
        self._parent[small] = large
        self._size[large] += self._size[small]
        core, other = self._core[large], self._core[small]
        self._core[large] = Core(core.births | other.births, core.names | other.names)
        if small in self._unique:
            self._unique[large] = self._unique.get(large, set()) | self._unique.pop(small)
        if small in self._foes:
            self._foes[large] = self._foes.get(large, set()) | self._foes.pop(small)
