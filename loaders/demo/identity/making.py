"""Makes the identity company system by system, and the truth about all of its records."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.demo.company import Export
from loaders.demo.draw import Ints
from loaders.demo.identity import audience, counters, members, online
from loaders.demo.identity.browsing import browsing_of
from loaders.demo.identity.cells import Told
from loaders.demo.identity.links import Links, joined, oracle
from loaders.demo.identity.rates import Rates
from loaders.demo.identity.world import world_of
from loaders.demo.people import person_keys
from loaders.demo.text import join, keys


class Identity:
    """The making of a company whose records are hard to tell apart.

    Parameters
    ----------
    rates
        How its people behave; ``PRESETS`` has three.
    customers
        Persons, up to ten million.
    seed
        The same seed gives the same company.
    """

    manifest = "identity.toml"

    def __init__(self, rates: Rates, customers: int, *, seed: int) -> None:
        self.world = world_of(rates, customers, seed=seed)
        self._accounts: list[pa.Array] = []
        self._persons: list[Ints] = []
        self._links: list[Links] = []

    def exports(self) -> Iterator[Export]:
        """Make one system after the other."""
        for told in self._told():
            self._accounts.append(join(f"{told.source}:", told.account_keys))
            self._persons.append(told.persons)
            self._links.append(told.links)
            yield told

    def _told(self) -> Iterator[Told]:
        world, browsing = self.world, browsing_of(self.world)
        yield members.crm(world)
        yield members.shop(world, browsing)
        yield counters.till(world)
        yield counters.call(world)
        yield online.web(world, browsing)
        yield online.app(world)
        yield online.community(world)
        yield audience.partner(world)

    def truth(self) -> pa.Table:
        """Return each account's person and household, and its ``oracle``.

        Accounts of one oracle are what identifiers alone can link: see ``links``. They stand
        in the order of the systems and their files.
        """
        person = np.concatenate(self._persons)
        starts = np.cumsum([0, *(len(p) for p in self._persons[:-1])]).tolist()
        group = oracle(person, joined(self._links, starts=starts))
        household = self.world.people.homes.household[person]
        return pa.table(
            {
                "account_id": pa.concat_arrays(self._accounts),
                "person": person_keys(person),
                "household": keys("H", household, width=8),
                "oracle": keys("O", group, width=8),
            }
        )
