"""What a record says of its person beside identifiers: name, birth date, gender, place.

None of it is one person's alone, and some of it is wrong or missing; together it is what a
probabilistic method compares.
"""

import numpy as np

from loaders.demo.draw import Flags, chance, weighted
from loaders.demo.identity.cells import Cells, Records
from loaders.demo.identity.names import as_given, styles, written
from loaders.demo.identity.people import addresses_of, place_names
from loaders.demo.text import dates, overwritten, pick

_DATE_MISTAKES = (0.4, 0.3, 0.3)  # some days off, some years off, only the year known
_DAYS, _YEARS, _YEAR_ONLY = range(3)
_YEAR = 365.25
_MOVED = 0.03  # of records: the city of somewhere else


def names(records: Records, *, known: float = 1.0, spelled: bool = False) -> Cells:
    """Write names as given; ``spelled``: some in traditional characters or in pinyin."""
    people, rates, n = records.world.people, records.world.rates, len(records)
    rng = records.stream("names")
    given = as_given(
        people.names.of(records.person),
        people.is_female[records.person],
        differs=rates.name_differs / 2,
        rng=rng,
    )
    shares = (rates.traditional, rates.pinyin) if spelled else (0.0, 0.0)
    style = styles(n, traditional=shares[0], pinyin=shares[1], rng=rng)
    column = overwritten(written(given, style), ~chance(rng, known, n=n), by=None)
    return Cells({"full_name": column})


def birth_dates(records: Records, *, known: float) -> Cells:
    """Write birth dates, some of them wrong."""
    rng, n = records.stream("birth dates"), len(records)
    right = records.world.people.birth_day[records.person]
    mistake = weighted(rng, _DATE_MISTAKES, n=n)
    years = (_YEAR * rng.integers(1, 11, n)).astype(np.int64)
    off = np.where(mistake == _YEARS, years, rng.integers(1, 29, n))
    january = right.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[D]")
    wrong = np.where(mistake == _YEAR_ONLY, january.astype(np.int64), right - off)
    is_wrong = chance(rng, records.world.rates.wrong_birth_date, n=n)
    day = np.where(is_wrong, wrong, right)
    return Cells({"birth_date": dates(day, missing=~chance(rng, known, n=n))})


def genders(records: Records, *, known: float) -> Cells:
    """Write female and male."""
    is_female = records.world.people.is_female[records.person]
    unknown = ~records.draw("genders", known)
    return Cells({"gender": pick(("male", "female"), is_female.astype(np.int64), missing=unknown)})


def places(records: Records, *, known: float) -> Cells:
    """Write province and city, now and then those of somewhere else."""
    city = records.world.people.addresses.city[records.person]
    rng = records.stream("places")
    moved = chance(rng, _MOVED, n=len(records))
    city = np.where(moved, city[rng.integers(0, max(len(city), 1), len(city))], city)
    unknown = ~chance(rng, known, n=len(records))
    province, name = (overwritten(place_names(city, column=c), unknown, by=None) for c in (1, 0))
    return Cells({"province": province, "city": name})


def addresses(records: Records, *, known: float, elsewhere: Flags | None = None) -> Cells:
    """Write home addresses; those flagged ``elsewhere`` are an address each, of anybody."""
    homes = records.world.people.addresses.of(records.person)
    if elsewhere is not None:
        strange = addresses_of(len(records), rng=records.stream("strange addresses"))
        homes = homes.replaced(elsewhere, by=strange)
    unknown = ~records.draw("addresses", known)
    return Cells({"address": overwritten(homes.written(), unknown, by=None)})
