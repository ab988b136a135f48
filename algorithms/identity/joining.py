"""Joins customers who resemble each other: communities, made one pair at a time.

A community is joined along its most probable pairs, so that every join has a probability and
somebody it rests on. Unique identifiers and a steward's word veto here as they do below. In
a community that is too large, and everywhere in careful mode, only sure pairs join.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from algorithms.identity.links import Flags, Numbers
from algorithms.identity.policy import LinkagePolicy

Floats = npt.NDArray[np.float64]
NOBODY: Final = -1
# why two who resemble each other were not joined
APART: Final = ("steward", "unique", "size", "careful", "community")
STEWARD, UNIQUE, SIZE, CAREFUL, COMMUNITY = range(5)


@dataclass(frozen=True)
class Units:
    """Customers of layer 1, numbered by their smallest account: what joins must heed.

    ``n_accounts`` counts; ``foes`` are pairs of units that a steward
    keeps apart, one row a pair; ``unique`` holds rows of unit, kind and identifier;
    ``limits`` how many of each kind one person has at most.
    """

    n_accounts: Numbers
    foes: Numbers
    unique: Numbers
    limits: tuple[int | None, ...]


@dataclass(frozen=True)
class Candidates:
    """Pairs of units that resemble each other: ``left`` < ``right``, each pair once."""

    left: Numbers
    right: Numbers
    probability: Floats


@dataclass(frozen=True)
class Joined:
    """Who was joined to whom.

    ``label`` is each unit's customer, named by its smallest unit. ``via`` is for each unit
    that was joined to a smaller one the pair that it rests on, ``NOBODY`` for the others.
    ``apart`` are pairs that were not joined, ``reason`` the places of why in ``APART``.
    """

    label: Numbers
    via: Numbers
    apart: Numbers
    reason: Numbers


def joined(
    candidates: Candidates, community: Numbers, *, units: Units, policy: LinkagePolicy
) -> Joined:
    """Join units.

    Parameters
    ----------
    candidates
        The pairs that were scored.
    community
        Each unit's community.
    units
        What is known of them.
    policy
        The mode, what is sure, and what is too large.
    """
    inside = community[candidates.left] == community[candidates.right]
    needs = _must_be_sure(community, units, policy=policy)[community[candidates.left]]
    usable = inside & (~needs | (candidates.probability >= policy.sure))
    order = np.flatnonzero(usable)
    order = order[
        np.lexsort(
            (candidates.right[order], candidates.left[order], -candidates.probability[order])
        )
    ]
    forest = _Forest(units)
    refused = dict(forest.grow(candidates, order))
    label = forest.labels()
    via = _rooted(candidates, forest.branches, label=label)
    apart = np.flatnonzero(label[candidates.left] != label[candidates.right])
    apart = apart[candidates.probability[apart] >= policy.review]
    large = needs & (policy.mode == "likely")
    kept = np.where(large, SIZE, np.where(needs, CAREFUL, COMMUNITY))
    kept = np.where(inside, kept, COMMUNITY)[apart]
    told = zip(apart.tolist(), kept.tolist(), strict=True)
    reason = np.array([refused.get(pair, usual) for pair, usual in told], dtype=np.int64)
    return Joined(label, via, apart, reason)


def _must_be_sure(community: Numbers, units: Units, *, policy: LinkagePolicy) -> Flags:
    """Tell in which communities only sure pairs join."""
    accounts = np.bincount(community, units.n_accounts)
    if policy.mode == "careful":
        return np.ones(len(accounts), dtype=np.bool_)
    too_large: Flags = accounts > policy.max_accounts
    return too_large


class _Forest:
    """Disjoint groups of units that grow along pairs, unless a veto stops them."""

    def __init__(self, units: Units) -> None:
        self._parent = list(range(len(units.n_accounts)))
        self._limits = units.limits
        self._foes: dict[int, set[int]] = {}
        self._unique: dict[int, set[tuple[int, int]]] = {}
        self.branches: list[int] = []
        for one, other in units.foes.tolist():
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)
        for unit, kind, identifier in units.unique.tolist():
            self._unique.setdefault(unit, set()).add((kind, identifier))

    def grow(self, candidates: Candidates, order: Numbers) -> Iterator[tuple[int, int]]:
        """Join pairs in their order; yield each that is refused, with the reason."""
        ends = zip(candidates.left[order].tolist(), candidates.right[order].tolist(), strict=True)
        for pair, (left, right) in zip(order.tolist(), ends, strict=True):
            one, two = self._root(left), self._root(right)
            if one == two:
                continue
            reason = self._refusal(one, two)
            if reason is None:
                self._merge(min(one, two), max(one, two))
                self.branches.append(pair)
            else:
                yield pair, reason

    def labels(self) -> Numbers:
        """Return the smallest unit of each unit's group."""
        return np.array([self._root(unit) for unit in range(len(self._parent))], dtype=np.int64)

    def _root(self, unit: int) -> int:
        parent = self._parent
        while parent[unit] != unit:
            parent[unit] = unit = parent[parent[unit]]
        return unit

    def _refusal(self, one: int, two: int) -> int | None:
        if any(self._root(foe) == two for foe in self._foes.get(one, ())):
            return STEWARD
        both = self._unique.get(one, set()) | self._unique.get(two, set())
        kinds = [kind for kind, _ in both]
        limits = self._limits
        if any(kinds.count(kind) > (limits[kind] or len(kinds)) for kind in set(kinds)):
            return UNIQUE
        return None

    def _merge(self, kept: int, gone: int) -> None:
        self._parent[gone] = kept
        for held in (self._foes, self._unique):
            if gone in held:
                held[kept] = held.get(kept, set()) | held.pop(gone)  # type: ignore[operator, assignment]


def _rooted(candidates: Candidates, branches: list[int], *, label: Numbers) -> Numbers:
    """Return for each unit the pair that leads towards the smallest unit of its group."""
    via = np.full(len(label), NOBODY, dtype=np.int64)
    next_to: dict[int, list[tuple[int, int]]] = {}
    for pair in branches:
        left, right = int(candidates.left[pair]), int(candidates.right[pair])
        next_to.setdefault(left, []).append((right, pair))
        next_to.setdefault(right, []).append((left, pair))
    edge = [unit for unit in next_to if label[unit] == unit]
    while edge:
        here = edge.pop()
        for there, pair in next_to[here]:
            if there != label[there] and via[there] == NOBODY:
                via[there] = pair
                edge.append(there)
    return via
