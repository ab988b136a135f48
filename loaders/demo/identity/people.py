"""The identity company's customers as they truly are: homes, names, numbers, mails, addresses."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.draw import Flags, Ints, chance, scattered, stream, weighted
from loaders.demo.identity.names import Names, names_of
from loaders.demo.identity.phones import Phones, phones_of
from loaders.demo.identity.rates import Rates
from loaders.demo.people import Households, birth_days, genders, households
from loaders.demo.text import join, number, pick
from loaders.demo.vocabulary import shares, table, words

_TOPS = (300, 20, 2500)  # house, block, room


@dataclass(frozen=True)
class Addresses:
    """Street addresses as numbers, to be written: a row each of road, house, block, room."""

    city: Ints
    parts: Ints

    def of(self, chosen: Ints) -> "Addresses":
        """Return the addresses at places."""
        return Addresses(self.city[chosen], self.parts[:, chosen])

    def replaced(self, where: Flags, *, by: "Addresses") -> "Addresses":
        """Return these with those of ``by`` in the places flagged."""
        return Addresses(np.where(where, by.city, self.city), np.where(where, by.parts, self.parts))

    def written(self) -> pa.Array:
        """Write them from the province to the room."""
        road, house, block, room = self.parts
        return join(
            place_names(self.city, column=1),
            place_names(self.city, column=0),
            pick(words("people", "roads"), road),
            number(house),
            "号",
            number(block),
            "栋",
            number(room),
            "室",
        )


@dataclass(frozen=True)
class People:
    """One entry a person; ``mail`` is whose mailbox a person writes from, ``mails`` its text."""

    homes: Households
    is_female: Flags
    birth_day: Ints  # days since 1970
    names: Names
    phones: Phones
    mail: Ints
    mails: pa.Array
    addresses: Addresses  # by person: a household has one

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.homes)


def people_of(rates: Rates, n: int, *, seed: int) -> People:
    """Make ``n`` persons in households, the same for the same seed."""
    rng = stream(seed, "identity people")
    sizes = stream(seed, "identity households")
    homes = households(rates.household_sizes, n, rng=sizes)
    is_female = genders(homes, rng)
    return People(
        homes=homes,
        is_female=is_female,
        birth_day=birth_days(homes, rng),
        names=names_of(homes, is_female, rng=rng),
        phones=phones_of(rates, homes, seed=seed),
        mail=_mailboxes(rates, homes, rng=rng),
        mails=_mails(n, seed=seed),
        addresses=addresses_of(n, rng=rng).of(homes.head),
    )


def _mailboxes(rates: Rates, homes: Households, *, rng: np.random.Generator) -> Ints:
    is_couples = (homes.place == 1) & chance(rng, rates.couple_mail, n=len(homes))
    return np.where(is_couples, homes.head, np.arange(len(homes)))


def _mails(n: int, *, seed: int) -> pa.Array:
    hosts, weights = shares("people", "mail_hosts")
    host = weighted(stream(seed, "identity mails"), weights, n=n)
    places = scattered(np.arange(n), below=900_000_000, seed=seed, subject="identity mails")
    return join("u", number(places + 100_000_000), "@", pick(hosts, host))


def addresses_of(n: int, *, rng: np.random.Generator) -> Addresses:
    """Draw ``n`` addresses anywhere in the country, more of them in larger cities."""
    city = weighted(rng, shares("places", "cities")[1], n=n)
    road = rng.integers(0, len(words("people", "roads")), n)
    return Addresses(city, np.stack([road, *(rng.integers(1, top, n) for top in _TOPS)]))


def place_names(city: Ints, *, column: int) -> pa.Array:
    """Write the city (column 0) or the province (column 1) of each number of a city."""
    return pick([str(row[column]) for row in table("places", "cities")], city)
