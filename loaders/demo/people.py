"""The demo company's customers: households of people with names, numbers and mails.

Truth lives here. Systems show people through dirty glass (a mistyped number, a missing cell);
what is planted on purpose is what identity resolution has to cope with: a member who gives the
head's number, couples with one mailbox, a number that had another owner before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.draw import Flags, Ints, chance, mixed, ragged, scattered, stream, weighted
from loaders.demo.profile import CLOSES, DAY, LAST_DAY, OPENS, Profile
from loaders.demo.text import hexadecimal, join, keys, number, overwritten, pick
from loaders.demo.vocabulary import shares, table, words

_YEAR = 365.25


@dataclass(frozen=True)
class Households:
    """Who lives with whom: per person the household, the place in it (0: head) and the head."""

    household: Ints
    place: Ints
    head: Ints

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.household)


@dataclass(frozen=True)
class People:
    """One entry a person, by person number. Numbers are 0 and mails null where there is none."""

    homes: Households
    is_female: Flags
    birth_day: Ints  # days since 1970
    city: Ints  # index into the list of cities
    joined_at: Ints  # local seconds since 1970: first contact with the company
    full_name: pa.Array
    surname: pa.Array
    phone: Ints
    second_phone: Ints
    former_phone: Ints  # 0: never changed it
    mail: pa.Array
    union_id: pa.Array
    prefers_discount: Flags
    is_reseller: Flags

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.homes)


def people_of(profile: Profile, n: int, *, seed: int) -> People:
    """Make ``n`` persons in households, the same for the same seed."""
    rng = stream(seed, "people")
    homes = households(profile.household_sizes, n, rng=stream(seed, "households"))
    is_female = genders(homes, rng)
    birth_day = birth_days(homes, rng)
    surname = _surnames(homes, rng)
    phone = _phones(profile, homes, seed=seed)
    return People(
        homes=homes,
        is_female=is_female,
        birth_day=birth_day,
        city=weighted(rng, shares("places", "cities")[1], n=n)[homes.head],
        joined_at=_joined(n, rng),
        full_name=full_names(surname, is_female, rng=rng),
        surname=surname,
        phone=phone,
        second_phone=mobiles(np.arange(n, 2 * n), seed=seed),
        former_phone=_former_phones(profile, phone, rng=rng),
        mail=_mails(profile, homes, seed=seed),
        union_id=_union_ids(n, seed=seed),
        prefers_discount=chance(rng, profile.price_sensitive, n=n),
        is_reseller=chance(rng, profile.resellers, n=n),
    )


def households(sizes: Sequence[float], n: int, *, rng: np.random.Generator) -> Households:
    """Divide ``n`` persons into households: ``sizes`` are the shares of those of 1, 2, ...

    The last household may be cut short.
    """
    counts = weighted(rng, sizes, n=n) + 1
    household, place = (part[:n] for part in ragged(counts))
    return Households(household, place, np.arange(n) - place)


def mobiles(places: Ints, *, seed: int) -> Ints:
    """Return valid mainland mobile numbers, a different one for each of ``places``."""
    prefixes = np.array([int(prefix) for prefix in words("machines", "mobile_prefixes")])
    spots = scattered(places, below=len(prefixes) * 100_000_000, seed=seed, subject="mobiles")
    numbers: Ints = prefixes[spots // 100_000_000] * 100_000_000 + spots % 100_000_000
    return numbers


def full_names(surname: pa.Array, is_female: Flags, *, rng: np.random.Generator) -> pa.Array:
    """Put a given name of one or two characters behind each surname."""
    female, male = words("people", "female"), words("people", "male")
    first, second = (
        np.where(is_female, 0, len(female))
        + (rng.random(len(surname)) * np.where(is_female, len(female), len(male))).astype(np.int64)
        for _ in range(2)
    )
    is_short = chance(rng, 0.18, n=len(surname))
    pool = female + male
    return join(surname, pick(pool, first), overwritten(pick(pool, second), is_short, by=""))


def genders(homes: Households, rng: np.random.Generator) -> Flags:
    """Draw who is a woman; a couple is a woman and a man."""
    is_female = chance(rng, 0.5, n=len(homes))
    spouse = homes.place == 1
    return np.where(spouse, ~is_female[homes.head], is_female)


def birth_days(homes: Households, rng: np.random.Generator) -> Ints:
    """Draw ages: a spouse's near the head's, the others a generation below or above."""
    age = np.clip(rng.normal(42.0, 12.0, len(homes)), 22.0, 75.0)
    age = np.where(homes.place == 1, age[homes.head] + rng.normal(-1.0, 3.0, len(homes)), age)
    generation = rng.normal(27.0, 3.0, len(homes))
    child, parent = age[homes.head] - generation, age[homes.head] + generation
    other = np.where(child >= 14.0, child, parent)  # small children are nobody's customers
    age = np.clip(np.where(homes.place >= 2, other, age), 14.0, 92.0)
    born: Ints = LAST_DAY - (age * _YEAR).astype(np.int64)
    return born


def _surnames(homes: Households, rng: np.random.Generator) -> pa.Array:
    names, weights = shares("people", "surnames")
    own = weighted(rng, weights, n=len(homes))
    takes_heads = (homes.place >= 2) & chance(rng, 0.9, n=len(homes))
    return pick(names, np.where(takes_heads, own[homes.head], own))


def _phones(profile: Profile, homes: Households, *, seed: int) -> Ints:
    own = mobiles(np.arange(len(homes)), seed=seed)
    is_shared = chance(stream(seed, "phones"), profile.family_phone, n=len(homes))
    return np.where(is_shared & (homes.place > 0), own[homes.head], own)


def _former_phones(profile: Profile, phone: Ints, *, rng: np.random.Generator) -> Ints:
    """Let some persons have given up a number that is another one's today."""
    has_changed = chance(rng, profile.recycled_phone, n=len(phone))
    return np.where(has_changed, phone[rng.integers(0, len(phone), len(phone))], 0)


def _mails(profile: Profile, homes: Households, *, seed: int) -> pa.Array:
    """Write mails, a different one a person; 45 % have none, and some couples share one."""
    rng, n = stream(seed, "mails"), len(homes)
    hosts, weights = shares("people", "mail_hosts")
    name = number(
        scattered(np.arange(n), below=900_000_000, seed=seed, subject="mails") + 100_000_000
    )
    own = join("u", name, "@", pick(hosts, weighted(rng, weights, n=n)))
    shares_heads = (homes.place == 1) & chance(rng, profile.couple_mail, n=n)
    has_none = chance(rng, 0.45, n=n)
    return own.take(pa.array(np.where(shares_heads, homes.head, np.arange(n)), mask=has_none))


def _union_ids(n: int, *, seed: int) -> pa.Array:
    ids = join("oU_", hexadecimal(mixed(np.arange(n), seed=seed, subject="union")))
    return overwritten(ids, chance(stream(seed, "union"), 0.4, n=n), by=None)


def _joined(n: int, rng: np.random.Generator) -> Ints:
    """Draw first contacts: two in five were there before the files begin."""
    is_old = chance(rng, 0.4, n=n)
    before = OPENS - rng.integers(1, 5 * 365 * DAY, n)
    return np.where(is_old, before, rng.integers(OPENS, CLOSES - DAY, n))


def cities_of(people: People, persons: Ints) -> tuple[pa.Array, pa.Array]:
    """Return the city and the province of each of ``persons``."""
    rows = table("places", "cities")
    city, province = ([str(row[place]) for row in rows] for place in (0, 1))
    where = people.city[persons]
    return pick(city, where), pick(province, where)


def addresses(people: People, persons: Ints, *, seed: int) -> pa.Array:
    """Write the street address of each of ``persons``; a household has one."""
    rng, n = stream(seed, "addresses"), len(people)
    road = pick(words("people", "roads"), rng.integers(0, len(words("people", "roads")), n))
    house, block, room = (number(rng.integers(1, top, n)) for top in (300, 20, 2500))
    homes = join(road, house, "号", block, "栋", room, "室")
    city, province = cities_of(people, persons)
    return join(province, city, homes.take(pa.array(people.homes.head[persons])))


def person_keys(persons: Ints) -> pa.Array:
    """Write the person numbers of the truth file."""
    return keys("P", persons, width=8)
