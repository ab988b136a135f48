"""Which person is known to which system, and how often: the skeleton of the truth."""

from dataclasses import dataclass

import numpy as np

from loaders.demo.draw import Flags, Ints, chance, ragged, stream, weighted
from loaders.demo.profile import Profile

_MORE_THAN_ONCE = ("crm", "erp")


@dataclass(frozen=True)
class Register:
    """The accounts of one system: their persons, ascending, and each person's first account."""

    person: Ints
    first: Ints  # by person number; one entry more than persons

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self.person)

    @property
    def is_first(self) -> Flags:
        """Whether an account is its person's first in this system."""
        flags: Flags = self.first[self.person] == np.arange(len(self.person))
        return flags

    def holds(self, persons: Ints) -> Flags:
        """Return whether each of ``persons`` has an account here."""
        flags: Flags = self.first[persons + 1] > self.first[persons]
        return flags

    def one_of(self, rng: np.random.Generator, persons: Ints) -> Ints:
        """Draw one of the accounts of each of ``persons``, who must have one."""
        counts = self.first[persons + 1] - self.first[persons]
        chosen: Ints = self.first[persons] + (rng.random(len(persons)) * counts).astype(np.int64)
        return chosen


def registers(profile: Profile, n: int, *, seed: int) -> dict[str, Register]:
    """Draw who of ``n`` persons is in which system; everybody is in at least one."""
    rng = stream(seed, "registers")
    is_in = {system: chance(rng, p, n=n) for system, p in profile.joined.items()}
    nowhere = np.flatnonzero(~np.logical_or.reduce(list(is_in.values())))
    systems, weights = list(profile.only), list(profile.only.values())
    refuge = weighted(rng, weights, n=len(nowhere))
    for place, system in enumerate(systems):
        is_in[system][nowhere[refuge == place]] = True
    return {
        system: register(_times(profile, flags, system=system, seed=seed))
        for system, flags in is_in.items()
    }


def register(counts: Ints) -> Register:
    """Build a register from the number of accounts of each person."""
    person, _ = ragged(counts)
    return Register(person, np.concatenate([[0], np.cumsum(counts)]))


def _times(profile: Profile, flags: Flags, *, system: str, seed: int) -> Ints:
    """Return how many accounts each person has: some registered again, up to three times more."""
    counts = flags.astype(np.int64)
    if system not in _MORE_THAN_ONCE:
        return counts
    rng = stream(seed, f"again {system}")
    again = chance(rng, profile.registered_again, n=len(flags))
    return counts + flags * again * (1 + weighted(rng, (0.8, 0.15, 0.05), n=len(flags)))
