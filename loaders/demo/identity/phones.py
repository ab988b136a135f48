"""Whose number a person uses, and when it becomes another's.

A number that somebody gives up comes back on the market and gets a new owner, months later.
Records keep the old number unless their owner updates it, so both owners are on file under
one number, at different times.
"""

from dataclasses import dataclass

import numpy as np

from loaders.demo.draw import Flags, Ints, chance, stream
from loaders.demo.identity.rates import OPENS, RECYCLING_GAP, Rates
from loaders.demo.people import Households, mobiles
from loaders.demo.profile import CLOSES, DAY

NEVER = CLOSES + 100 * 365 * DAY
_MEAN_WAIT = 60 * DAY  # beyond the gap, until a free number finds its next owner
_LONGEST_WAIT = 240 * DAY
_UPDATES_WITHIN = 60 * DAY
# where in the space of numbers each use begins, in times the number of persons
OWN, SECOND, NEXT, SIMS, STORES = range(5)


@dataclass(frozen=True)
class Recycled:
    """Numbers that changed hands, pair by pair: who gave one up, who took it over, and when."""

    giver: Ints
    taker: Ints
    given_up_at: Ints
    taken_over_at: Ints

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.giver)


@dataclass(frozen=True)
class Phones:
    """Numbers by person; ``later`` replaces ``first`` at ``changes_at``, for most ``NEVER``.

    ``holder`` is whose number a person uses: their own, or the head's.
    """

    seed: int
    holder: Ints
    first: Ints
    later: Ints
    changes_at: Ints
    has_second: Flags
    recycled: Recycled

    def at(self, person: Ints, seconds: Ints) -> Ints:
        """Return the number that each of ``person`` uses at a time."""
        holder = self.holder[person]
        has_changed = seconds >= self.changes_at[holder]
        return np.where(has_changed, self.later[holder], self.first[holder])

    def second(self, person: Ints) -> Ints:
        """Return the second number of each of ``person``, who may not have one."""
        return mobiles(SECOND * len(self.first) + person, seed=self.seed)


def phones_of(rates: Rates, homes: Households, *, seed: int) -> Phones:
    """Give everybody a number, let some share the head's and some change it."""
    rng, n = stream(seed, "identity phones"), len(homes)
    everybody = np.arange(n)
    is_familys = chance(rng, rates.family_phone, n=n) & (homes.place > 0)
    holder = np.where(is_familys, homes.head, everybody)
    first = mobiles(OWN * n + everybody, seed=seed)
    recycled = _recycled(rates, np.flatnonzero(~is_familys), n=n, rng=rng)
    later, changes_at = first.copy(), np.full(n, NEVER)
    later[recycled.giver] = mobiles(NEXT * n + recycled.giver, seed=seed)
    changes_at[recycled.giver] = recycled.given_up_at
    later[recycled.taker] = first[recycled.giver]
    changes_at[recycled.taker] = recycled.taken_over_at
    has_second = chance(rng, rates.second_phone, n=n)
    return Phones(seed, holder, first, later, changes_at, has_second, recycled)


def _recycled(rates: Rates, holders: Ints, *, n: int, rng: np.random.Generator) -> Recycled:
    k = min(int(rates.recycled_phone * n), len(holders) // 2)
    both = rng.permutation(holders)[: 2 * k]
    latest = CLOSES - RECYCLING_GAP - _LONGEST_WAIT - 30 * DAY
    given_up = rng.integers(OPENS + 30 * DAY, latest, k)
    wait = np.minimum(rng.exponential(_MEAN_WAIT, k), _LONGEST_WAIT).astype(np.int64)
    return Recycled(both[:k], both[k:], given_up, given_up + RECYCLING_GAP + wait)


@dataclass(frozen=True)
class Span:
    """When each record was first and last seen, in local seconds since 1970."""

    first: Ints
    last: Ints


@dataclass(frozen=True)
class Held:
    """The numbers of records: ``number`` until ``until``, then ``new`` since ``since``.

    0 is no number. A record whose owner changed the number and never said so keeps the old
    one, last confirmed before the change.
    """

    number: Ints
    until: Ints
    new: Ints
    since: Ints


def held(
    phones: Phones, person: Ints, *, span: Span, rates: Rates, rng: np.random.Generator
) -> Held:
    """Return what the records of ``person`` would know if every one knew a number."""
    n = len(person)
    is_second = phones.has_second[person] & chance(rng, rates.gives_second, n=n)
    number = np.where(is_second, phones.second(person), phones.at(person, span.first))
    changes_at = phones.changes_at[phones.holder[person]]
    changes = (span.first < changes_at) & (changes_at < span.last) & ~is_second
    until = np.where(changes, np.maximum(span.first, changes_at - DAY), span.last)
    updates = changes & chance(rng, rates.updates_phone, n=n)
    new = np.where(updates, phones.at(person, changes_at), 0)
    lag = np.minimum(rng.integers(0, _UPDATES_WITHIN, n), np.maximum(span.last - changes_at, 0))
    return Held(number, until, new, np.where(updates, changes_at + lag, span.last))
