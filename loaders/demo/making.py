"""The kinds of demo company: what each can be asked for, and how it is made system by system."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
import pyarrow as pa

from loaders.demo import call, community, crm, erp, partner, pos, web
from loaders.demo.company import Company, Export, company_of
from loaders.demo.deck import CUSTOMERS, Deck
from loaders.demo.draw import Ints
from loaders.demo.files import Formats
from loaders.demo.identity.making import Identity
from loaders.demo.identity.rates import PRESETS
from loaders.demo.people import person_keys
from loaders.demo.profile import RETAIL
from loaders.demo.text import join, keys

SYSTEMS: tuple[Callable[[Company], Export], ...] = (
    erp.export,
    crm.export,
    pos.export,
    web.export,
    call.export,
    community.export,
    partner.export,
)


class Making(Protocol):
    """A company being made, so that only one system's rows need to be in memory."""

    @property
    def manifest(self) -> str:
        """The name of the manifest's template."""

    def exports(self) -> Iterator[Export]:
        """Make one system after the other."""

    def truth(self) -> pa.Table:
        """Return who every account is, once all exports were taken."""


class Retail:
    """The making of a shop with seven systems."""

    manifest = "company.toml"

    def __init__(self, customers: int, *, seed: int) -> None:
        self._company = company_of(RETAIL, customers, seed=seed)
        self._truth: list[pa.Table] = []

    def exports(self) -> Iterator[Export]:
        """Make one system after the other."""
        for export_of in SYSTEMS:
            export = export_of(self._company)
            self._truth.append(self._who(export))
            yield export

    def truth(self) -> pa.Table:
        """Return every account's person and household, in the order of the accounts' ids."""
        return pa.concat_tables(self._truth).sort_by("account_id")

    def _who(self, export: Export) -> pa.Table:
        return pa.table(
            {
                "account_id": join(f"{export.source}:", export.account_keys),
                "person_id": person_keys(export.persons),
                "household_id": keys("H", self._households(export.persons), width=8),
            }
        )

    def _households(self, persons: Ints) -> Ints:
        """Return each person's household; who is no person (a shop's phone) is one alone."""
        household = self._company.people.homes.household
        n, last = len(household), int(household[-1])
        homes: Ints = np.where(
            persons < n, household[np.minimum(persons, n - 1)], last + 1 + persons - n
        )
        return homes


class Wish(Protocol):
    """What is asked for; ``preset`` is None where the profile has none."""

    @property
    def customers(self) -> int:
        """The number of persons."""

    @property
    def seed(self) -> int:
        """At least 0."""

    @property
    def preset(self) -> str | None:
        """One of the profile's presets."""


@dataclass(frozen=True)
class Demo:
    """A kind of company that can be asked for.

    Parameters
    ----------
    make
        Makes what was asked for.
    formats
        What its files are unless asked otherwise.
    presets
        Named sets of rates; none where there is nothing to choose.
    customers
        Persons unless asked otherwise.
    has_one_size
        Whether nothing else can be asked for.
    """

    make: Callable[[Wish], Making]
    formats: Formats
    presets: tuple[str, ...] = ()
    customers: int = 20_000
    has_one_size: bool = False


def _retail(wish: Wish) -> Making:
    return Retail(wish.customers, seed=wish.seed)


def _identity(wish: Wish) -> Making:
    return Identity(PRESETS[wish.preset or "default"], wish.customers, seed=wish.seed)


def _deck(wish: Wish) -> Making:
    return Deck(seed=wish.seed)


PROFILES: Mapping[str, Demo] = MappingProxyType(
    {
        "retail": Demo(_retail, "files"),
        "identity": Demo(_identity, "parquet", tuple(PRESETS)),
        "deck": Demo(_deck, "files", customers=CUSTOMERS, has_one_size=True),
    }
)
