"""The identity company as it truly is: its people, and who is how often in which system."""

from dataclasses import dataclass

import numpy as np

from loaders.demo.accounts import Register, register
from loaders.demo.draw import Flags, Ints, chance, ragged, stream, weighted
from loaders.demo.identity.people import People, people_of
from loaders.demo.identity.phones import Span
from loaders.demo.identity.rates import OPENS, SCALPER_ACCOUNTS, Rates
from loaders.demo.profile import CLOSES, DAY

_MORE = (0.80, 0.15, 0.05)  # of people with several accounts: one, two, three more
_OFTEN = 0.7  # shape of how often people call: the smaller, the more unequal
_OLD = 0.4  # of accounts: older than the files
_OLDEST = 5 * 365 * DAY  # before the files begin


@dataclass(frozen=True)
class World:
    """People and their records; ``scalpers`` are persons, ascending."""

    rates: Rates
    seed: int
    people: People
    scalpers: Ints
    registers: dict[str, Register]

    def stream(self, subject: str) -> np.random.Generator:
        """Return the generator of ``subject``."""
        return stream(self.seed, f"identity {subject}")

    @property
    def n_stores(self) -> int:
        """The number of shops, each with a phone of its own."""
        return max(len(self.people) // self.rates.customers_per_store, 1)

    @property
    def is_scalpers(self) -> Flags:
        """Whether each account of the shop is a scalper's."""
        flags: Flags = np.isin(self.registers["shop"].person, self.scalpers)
        return flags


def world_of(rates: Rates, n: int, *, seed: int) -> World:
    """Make ``n`` customers and the records that systems have of them."""
    rng = stream(seed, "identity registers")
    scalpers = np.sort(rng.permutation(n)[: round(rates.scalpers * n)])
    crm, shop = _registered(rates, scalpers, n=n, rng=rng)
    counts = {
        "crm": crm,
        "shop": shop,
        "till": chance(rng, rates.carded, n=n) * (1 + weighted(rng, rates.cards, n=n)),
        "call": rng.poisson(rates.calls * rng.gamma(_OFTEN, 1.0 / _OFTEN, n)),
        "app": chance(rng, rates.in_app, n=n).astype(np.int64),
        "community": chance(rng, rates.in_community, n=n).astype(np.int64),
        "partner": chance(rng, rates.in_partner, n=n).astype(np.int64),
    }
    registers = {source: register(count) for source, count in counts.items()}
    return World(rates, seed, people_of(rates, n, seed=seed), scalpers, registers)


def _registered(
    rates: Rates, scalpers: Ints, *, n: int, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    """Return how many accounts each person has in the CRM and in the shop."""
    is_registered = chance(rng, rates.registered, n=n)
    where = weighted(rng, rates.registered_in, n=n)
    crm, shop = (is_registered & (where != alone) for alone in (1, 0))
    # of persons, but only who has one account can have more
    has_several = is_registered & chance(rng, rates.several_accounts / rates.registered, n=n)
    more = has_several * (1 + weighted(rng, _MORE, n=n))
    is_crms = np.where(crm & shop, chance(rng, 0.5, n=n), crm)
    n_crm, n_shop = crm + more * is_crms, shop + more * ~is_crms
    n_shop[scalpers] = scalper_sizes(len(scalpers), rng=rng)
    return n_crm, n_shop


def scalper_sizes(n: int, *, rng: np.random.Generator) -> Ints:
    """Draw how many accounts each of ``n`` scalpers has: as often 20 to 77 as 78 to 300."""
    fewest, most = SCALPER_ACCOUNTS
    drawn: Ints = np.exp(rng.uniform(np.log(fewest), np.log(most + 1), n)).astype(np.int64)
    return drawn


def sims_of(world: World) -> Ints:
    """Return which of the scalpers' SIM cards each account of the shop has; -1: no scalper's."""
    shop, is_scalpers = world.registers["shop"], world.is_scalpers
    counts = np.diff(shop.first)[world.scalpers]
    cards = -(-counts // world.rates.accounts_per_sim)
    scalper, place = ragged(counts)
    sim = np.full(len(shop), -1)
    starts = np.cumsum(cards) - cards
    sim[is_scalpers] = starts[scalper] + place // world.rates.accounts_per_sim
    return sim


def span_of(n: int, *, old: bool = False, rng: np.random.Generator) -> Span:
    """Draw when each of ``n`` records was first and last seen; ``old`` ones before the files."""
    first = rng.integers(OPENS, CLOSES - DAY, n)
    if old:
        first = np.where(chance(rng, _OLD, n=n), OPENS - rng.integers(1, _OLDEST, n), first)
    start = np.maximum(first, OPENS)
    last = start + (rng.random(n) * (CLOSES - 1 - start)).astype(np.int64)
    return Span(first, last)
