"""The demo company as it truly is, and what one of its systems shows of it."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.accounts import Register, registers
from loaders.demo.baskets import Lines, lines_of
from loaders.demo.catalogue import (
    Campaigns,
    Catalogue,
    Stores,
    campaigns_of,
    catalogue_of,
    stores_of,
)
from loaders.demo.draw import Flags, Ints, stream
from loaders.demo.files import Extract
from loaders.demo.people import People, people_of
from loaders.demo.profile import Profile
from loaders.demo.purchases import Market, Orders, orders_of
from loaders.demo.tastes import Tastes, tastes_of


@dataclass(frozen=True)
class Company:
    """People, their accounts, what is sold and what was bought."""

    profile: Profile
    seed: int
    people: People
    registers: dict[str, Register]
    tastes: Tastes
    stores: Stores
    campaigns: Campaigns
    orders: Orders
    lines: Lines

    @property
    def catalogue(self) -> Catalogue:
        """The articles."""
        return self.tastes.catalogue

    def stream(self, subject: str) -> np.random.Generator:
        """Return the generator of ``subject``."""
        return stream(self.seed, subject)

    def spend(self) -> Ints:
        """Return what each person paid in all, in hundredths of a yuan."""
        buyer = self.orders.person[self.lines.order]
        known = buyer >= 0
        paid = np.bincount(buyer[known], self.lines.amount[known], len(self.people))
        return paid.astype(np.int64)


@dataclass(frozen=True)
class Export:
    """What one system exports, and the truth about its accounts, which it does not know.

    Parameters
    ----------
    source
        The system's name in the manifest.
    extracts
        Its files.
    account_keys, persons
        Every account that the manifest makes of the files, once, and who it is. Numbers past
        the last person are nobody's: a shop's own phone.
    counts
        Rows by fact table, repeated ones counted once.
    """

    source: str
    extracts: tuple[Extract, ...]
    account_keys: pa.Array
    persons: Ints
    counts: dict[str, int]


def company_of(profile: Profile, n: int, *, seed: int) -> Company:
    """Make a company of ``n`` customers, the same for the same seed."""
    people = people_of(profile, n, seed=seed)
    known_in = registers(profile, n, seed=seed)
    stores, campaigns = stores_of(seed), campaigns_of()
    tastes = tastes_of(people, catalogue_of(seed), seed=seed)
    orders = orders_of(people, Market(profile, known_in, stores, campaigns), seed=seed)
    lines = lines_of(profile, orders, people=people, tastes=tastes, seed=seed)
    return Company(
        profile, seed, people, known_in, tastes, stores, campaigns, orders=orders, lines=lines
    )


def first_owners(key: pa.Array, person: Ints, *, is_slip: Flags) -> tuple[pa.Array, Ints]:
    """Return each key once, in order, with its person.

    A key that several people use belongs to the first of them (in a household the head); who
    only mistyped it comes after everybody who uses it.
    """
    mistyped = 1 << 40
    rows = pa.table({"key": key, "person": person + is_slip * mistyped})
    owners = rows.group_by("key", use_threads=False).aggregate([("person", "min")]).sort_by("key")
    return owners["key"].combine_chunks(), owners["person_min"].to_numpy() % mistyped
