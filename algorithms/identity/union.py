"""Joins accounts along linking identifiers, one pair after the other, unless a veto stops it.

Where nothing in a component contradicts itself, every order of joins gives the component:
arrays do that in one step. In the others pairs are joined in one fixed order, by strength,
then time, then the smaller accounts, and a join is refused where the two sides cannot be one
person. What happens in a component depends on nothing outside it.
"""

from dataclasses import dataclass

import numpy as np

from algorithms.identity.evidence import BLOCKED, Evidence
from algorithms.identity.links import NEVER, Flags, Numbers
from algorithms.identity.pairs import Pairs, Pins, pairs_of, pins_of
from algorithms.identity.persons import UNKNOWN
from algorithms.identity.policy import Policy
from algorithms.identity.sides import Sides, Unique
from algorithms.identity.words import Words


@dataclass(frozen=True)
class Union:
    """Groups of accounts, and the links on which a join was refused.

    ``group`` is each account's group, numbered by its smallest account. ``refused`` are
    links, ``reason`` the places of their reasons in ``REFUSALS``. ``pinned`` are accounts that
    a steward put together. ``pins`` and ``unique`` are what vetoes beyond identifiers heed too.
    """

    group: Numbers
    pins: Pins
    unique: Unique
    pinned: Numbers
    refused: Numbers
    reason: Numbers

    @property
    def founder(self) -> Numbers:
        """Return each group's smallest account, ascending."""
        return np.unique(self.group, return_index=True)[1].astype(np.int64)


def united(evidence: Evidence, policy: Policy, *, words: Words) -> Union:
    """Join accounts.

    Parameters
    ----------
    evidence
        What ``gather`` found.
    policy
        Strengths, and which kinds are unique.
    words
        A steward's pins: *together* is joined first, *apart* is never joined.
    """
    pins = pins_of(words, evidence.accounts)
    component = _components(evidence, pins)
    unique = _unique_identifiers(evidence, policy)
    unsure = _unsure(evidence, unique, component=component, pins=pins)[component]
    pairs = pairs_of(evidence, policy, pins=pins, among=unsure)
    sides = Sides(evidence.cores, np.flatnonzero(unsure))
    sides.learn(unique, foes=pins.apart, limits=[rule.limit for rule in policy.rules])
    refusals = sides.join(pairs)
    group = component.copy()
    group[unsure] = len(component) + sides.roots()
    group = numbered(group)
    kept = pins.together[group[pins.together[:, 0]] == group[pins.together[:, 1]]]
    refused, reason = _refused(group, pairs, refusals=refusals)
    return Union(group, pins, unique, kept.ravel(), refused, reason)


def numbered(labels: Numbers) -> Numbers:
    """Return the groups numbered by their smallest member."""
    _, founder, group = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(founder))
    return rank[group].astype(np.int64)


def connected(one: Numbers, other: Numbers, *, n: int) -> Numbers:
    """Return the component of each of ``n`` things that pairs connect."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ties = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(n, n))
    _, labels = connected_components(ties, directed=False)
    components: Numbers = labels.astype(np.int64)
    return components


def _components(evidence: Evidence, pins: Pins) -> Numbers:
    """Return what linking identifiers and a steward's word connect, vetoes aside."""
    account, unit = evidence.links.account[evidence.linking], evidence.unit[evidence.linking]
    # links are ordered by unit: each account is tied to the one before it
    same = unit[1:] == unit[:-1]
    one = np.concatenate([account[:-1][same], pins.together[:, 0]])
    other = np.concatenate([account[1:][same], pins.together[:, 1]])
    return connected(one, other, n=len(evidence.accounts))


def _unique_identifiers(evidence: Evidence, policy: Policy) -> Unique:
    """Return the links to identifiers of which a person has few, as numbers of kind and key."""
    is_unique = np.array([rule.unique for rule in policy.rules])
    of_nobody = (evidence.states == BLOCKED)[evidence.links.identifier]
    chosen = is_unique[evidence.kinds][evidence.links.identifier] & ~of_nobody
    identifier = evidence.links.identifier[chosen]
    return Unique(evidence.links.account[chosen], identifier, evidence.kinds[identifier])


def _unsure(evidence: Evidence, unique: Unique, *, component: Numbers, pins: Pins) -> Flags:
    """Tell which components hold something that might contradict itself."""
    n = int(component.max(initial=-1)) + 1
    unsure = np.zeros(n, dtype=np.bool_)
    for codes in (evidence.cores.birth, evidence.cores.name):
        known = codes != UNKNOWN
        unsure |= _differ(component[known], codes[known], n=n)
    kinds = unique.kind.max(initial=0) + 1
    of_kind = _differ(component[unique.account] * kinds + unique.kind, unique.key, n=n * kinds)
    unsure |= of_kind.reshape(n, kinds).any(axis=1)
    one, other = component[pins.apart[:, 0]], component[pins.apart[:, 1]]
    unsure[one[one == other]] = True
    return unsure


def _differ(place: Numbers, values: Numbers, *, n: int) -> Flags:
    """Tell at which of ``n`` places two values differ."""
    least, most = np.full(n, NEVER), np.full(n, UNKNOWN, dtype=np.int64)
    np.minimum.at(least, place, values)
    np.maximum.at(most, place, values)
    differ: Flags = least < most
    return differ


def _refused(
    group: Numbers, pairs: Pairs, *, refusals: list[tuple[int, int]]
) -> tuple[Numbers, Numbers]:
    """Keep the gravest refusal of each link that others have not joined after all."""
    found = np.array(refusals, dtype=np.int64).reshape(-1, 2)
    place, reason = found[:, 0], found[:, 1]
    apart = (group[pairs.account[place]] != group[pairs.other[place]]) & (pairs.link[place] >= 0)
    place, reason = place[apart], reason[apart]
    order = np.lexsort((place, reason, pairs.link[place]))
    first = order[np.diff(pairs.link[place][order], prepend=-1) != 0]
    return pairs.link[place][first], reason[first]
