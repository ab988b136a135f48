"""A partner's audience list: a row a person, keyed by the MD5 of a phone or mail, or a cookie."""

import numpy as np

from loaders.demo.draw import Flags, Ints, weighted
from loaders.demo.identity import cells
from loaders.demo.identity.browsing import STRANGE, cookies, first_cookies
from loaders.demo.identity.cells import Cells, Records, Told, records_of, together
from loaders.demo.identity.links import links
from loaders.demo.identity.members import keys_of
from loaders.demo.identity.world import World
from loaders.demo.text import instants, md5, overwritten, pick

_BY_PHONE, _BY_MAIL, _BY_COOKIE = range(3)


def partner(world: World) -> Told:
    """Return the audience list."""
    records = records_of(world, "partner")
    key = keys_of(world, np.arange(len(records)), source="partner", prefix="R")
    kind = weighted(records.stream("kinds"), world.rates.partner_kinds, n=len(records))
    parts = (
        Cells({"row_id": key}),
        _phones(records, where=kind == _BY_PHONE),
        _mails(records, where=kind == _BY_MAIL),
        _cookies(records, where=kind == _BY_COOKIE),
        Cells({"seen_at": instants(records.span.first)}),
    )
    return cells.told(records, key, cell=together(parts), relation="audience")


def _phones(records: Records, *, where: Flags) -> Cells:
    number = records.world.people.phones.at(records.person, records.span.first)
    column = md5(cells.number_cells(number, where=where))
    return Cells({"phone_md5": column}, (links("phone", number, where=where),), int(where.sum()))


def _mails(records: Records, *, where: Flags) -> Cells:
    people = records.world.people
    code = people.mail[records.person]
    column = md5(pick(people.mails, code, missing=~where))
    return Cells({"email_md5": column}, (links("email", code, where=where),), int(where.sum()))


def _cookies(records: Records, *, where: Flags) -> Cells:
    """Write the web shop's cookie where the partner has matched it, else one of its own."""
    world = records.world
    is_matched = records.draw("matched", world.rates.partner_cookie_known)
    strange: Ints = STRANGE * len(world.people) + records.person
    code = np.where(is_matched, first_cookies(world)[records.person], strange)
    column = overwritten(cookies(world, code), ~where, by=None)
    return Cells({"cookie": column}, (links("cookie", code, where=where),), int(where.sum()))
