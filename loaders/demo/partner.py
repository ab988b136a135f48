"""A third party's audience list: people known by the MD5 of a phone or mail, or by a cookie."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.company import Company, Export, first_owners
from loaders.demo.draw import Ints, chance, weighted
from loaders.demo.files import Extract
from loaders.demo.profile import LAST_DAY
from loaders.demo.text import md5, number, overwritten, pick, usable, written_days
from loaders.demo.web import cookies_of

_BY_PHONE, _BY_MAIL, _BY_COOKIE = range(3)
_KIND_SHARES = (60, 15, 25)


def export(company: Company) -> Export:
    """Return the audience list and who stands behind each digest and cookie."""
    people, rng = company.people, company.stream("partner")
    person = company.registers["partner"].person
    n = len(person)
    mail = people.mail.take(pa.array(person))
    kind = weighted(rng, _KIND_SHARES, n=n)
    kind = np.where(
        (kind == _BY_MAIL) & ~pc.is_valid(mail).to_numpy(zero_copy_only=False), _BY_PHONE, kind
    )
    identifiers = {
        "phone_md5": overwritten(md5(number(people.phone[person])), kind != _BY_PHONE, by=None),
        "email_md5": overwritten(md5(mail), kind != _BY_MAIL, by=None),
        "cookie": overwritten(_cookies(company, person), kind != _BY_COOKIE, by=None),
    }
    key = pc.coalesce(*identifiers.values())
    account_keys, persons = first_owners(key, person, is_slip=np.zeros(n, dtype=np.bool_))
    counts = {"accounts": len(persons), "identifiers": usable(account_keys)}
    # a supplier's digests come in either case
    shouted = pa.array(chance(rng, 0.2, n=n))
    for name in ("phone_md5", "email_md5"):
        column = identifiers[name]
        identifiers[name] = pc.if_else(shouted, pc.utf8_upper(column), column)
    rows = pa.table({**identifiers, **_attributes(company, person, rng=rng)})
    extracts = (Extract("audience", "partner/audience.csv", rows),)
    return Export("partner", extracts, account_keys, persons, counts)


def _cookies(company: Company, person: Ints) -> pa.Array:
    """Return the web shop's cookie where the person has one there, else one of the partner's."""
    register = company.registers["web"]
    strange = 3 * len(company.people) + person
    place = np.where(register.holds(person), register.first[person], strange)
    return cookies_of(place, seed=company.seed)


def _attributes(company: Company, person: Ints, *, rng: np.random.Generator) -> dict[str, pa.Array]:
    n = len(person)
    age = (LAST_DAY - company.people.birth_day[person]) // 365
    band = np.searchsorted((25, 35, 45, 60), age, side="right")
    leaves = company.catalogue.leaf_names
    return {
        "age_band": pick(("18-24", "25-34", "35-44", "45-59", "60+"), band),
        "income": pick(("低", "中", "高"), weighted(rng, (30, 50, 20), n=n)),
        "interest": pick(leaves, company.tastes.favourites[person, 0]),
        "updated_on": written_days(LAST_DAY - rng.integers(0, 300, n), np.ones(n, dtype=np.int64)),
    }
