"""The pairs of accounts that may be joined, in the one order in which that is tried."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Evidence
from algorithms.identity.links import Flags, Numbers, flat, whole
from algorithms.identity.policy import STRENGTHS, Policy
from algorithms.identity.words import Words

# of an identifier on many accounts, each is paired with so many before it
PAIRED: Final = 32
PINNED: Final = -1  # a steward's word comes before every strength, and has no link


@dataclass(frozen=True)
class Pins:
    """A steward's word as pairs of account numbers, one row a pair, the smaller first."""

    together: Numbers
    apart: Numbers


@dataclass(frozen=True)
class Pairs:
    """Pairs in the order in which they are joined.

    ``strength`` is a place in ``STRENGTHS``, or ``PINNED``; ``account`` came to the
    identifier after ``other``, by the link ``link``.
    """

    strength: Numbers
    account: Numbers
    other: Numbers
    link: Numbers


def pins_of(words: Words, accounts: pa.Array) -> Pins:
    """Return the pins of accounts that are here, in the order of their numbers."""
    named = (flat(words.pins[name]) for name in ("account_id", "other_id"))
    found = [pc.index_in(ids, value_set=accounts) for ids in named]
    here = pc.and_(*(pc.is_valid(ids) for ids in found))
    pairs = np.stack([whole(ids.filter(here)) for ids in found], axis=1)
    pairs = np.sort(pairs, axis=1)
    together = (
        words.pins["is_together"].combine_chunks().filter(here).to_numpy(zero_copy_only=False)
    )
    return Pins(np.unique(pairs[together], axis=0), np.unique(pairs[~together], axis=0))


def pairs_of(evidence: Evidence, policy: Policy, *, pins: Pins, among: Flags) -> Pairs:
    """Return the pairs of the accounts ``among``: by strength, time, smaller accounts.

    The time of a pair is that at which the later account was first seen with the identifier.
    """
    links = evidence.links
    chosen = np.flatnonzero(evidence.linking & among[links.account])
    later, earlier = _neighbours(evidence.unit[chosen])
    link, other = chosen[later], links.account[chosen[earlier]]
    account = links.account[link]
    strengths = np.array([STRENGTHS.index(rule.strength) for rule in policy.rules])
    strength = strengths[evidence.kinds[links.identifier[link]]]
    smaller, larger = np.minimum(account, other), np.maximum(account, other)
    order = np.lexsort((larger, smaller, links.first[link], strength))
    pinned = pins.together[among[pins.together[:, 0]]]
    nothing = np.full(len(pinned), PINNED, dtype=np.int64)
    return Pairs(
        np.concatenate([nothing, strength[order]]),
        np.concatenate([pinned[:, 1], account[order]]),
        np.concatenate([pinned[:, 0], other[order]]),
        np.concatenate([nothing, link[order]]),
    )


def _neighbours(unit: Numbers) -> tuple[Numbers, Numbers]:
    """Return the places of all pairs of one unit that lie at most ``PAIRED`` apart."""
    later: list[Numbers] = [np.zeros(0, dtype=np.int64)]
    earlier = list(later)
    for step in range(1, PAIRED + 1):
        places = np.flatnonzero(unit[step:] == unit[:-step]) if step < len(unit) else later[0]
        if not len(places):
            break
        later.append(places + step)
        earlier.append(places)
    return np.concatenate(later), np.concatenate(earlier)
