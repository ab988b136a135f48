"""The tills' cards and the call centre's callers: numbers typed by somebody else.

A clerk mistypes, takes a number that is nobody's or the shop's own; an agent mishears. Some
of the wrong numbers are other people's.
"""

import numpy as np

from loaders.demo.dirt import slipped
from loaders.demo.draw import Flags, Ints, chance
from loaders.demo.identity import cells, traits
from loaders.demo.identity.cells import Cells, Records, Told, records_of, together
from loaders.demo.identity.links import links
from loaders.demo.identity.members import keys_of, member_keys
from loaders.demo.identity.phones import STORES, Held
from loaders.demo.identity.world import World
from loaders.demo.people import mobiles
from loaders.demo.text import instants, keys, overwritten, pick


def till(world: World) -> Told:
    """Return the cards that shops handed out."""
    rates, records = world.rates, records_of(world, "till")
    rng, n = records.stream("typed"), len(records)
    store = rng.integers(0, world.n_stores, n)
    is_clerks = _apart(rates.default_tills, rates.clerk_tills, records=records)
    typed = chance(rng, rates.till_phone, n=n) & ~is_clerks
    numbers = _mistyped(records, typed, rate=rates.till_slips)
    key = keys_of(world, np.arange(n), source="till", prefix="C")
    phone = cells.phones(records, numbers, known=typed, defaults=rates.default_tills)
    parts = (
        Cells({"card_no": key, "store": keys("D", store, width=6)}, (), n),
        _clerks(records, phone, store=store, is_clerks=is_clerks),
        _members(records),
        traits.names(records, known=rates.till_name, spelled=True),
        cells.times(records, first="opened_at", last="last_used_at"),
    )
    return cells.told(records, key, cell=together(parts), relation="cards")


def call(world: World) -> Told:
    """Return the calls, a record each."""
    rates, records = world.rates, records_of(world, "call")
    knows = records.draw("phones", rates.call_phone)
    numbers = _mistyped(records, knows, rate=rates.call_slips)
    key = keys_of(world, np.arange(len(records)), source="call", prefix="T")
    phone = cells.phones(records, numbers, known=knows)
    parts = (
        Cells({"call_id": key}),
        Cells({"phone": phone.columns["phone"]}, phone.links, phone.identifiers),
        traits.names(records, known=rates.call_name),
        traits.places(records, known=0.5),
        Cells({"called_at": instants(records.span.first)}),
    )
    return cells.told(records, key, cell=together(parts), relation="calls")


def _apart(defaults: float, share: float, *, records: Records) -> Flags:
    """Flag ``share`` of all records among those that have no default number."""
    is_default = records.draw("default phones", defaults)
    flags: Flags = ~is_default & records.draw("clerks", share / (1.0 - defaults))
    return flags


def _mistyped(records: Records, typed: Flags, *, rate: float) -> Held:
    """Return the numbers of all records, wrong in some of those typed."""
    right, rng = cells.numbers_held(records), records.stream("slips")
    number: Ints = right.number.copy()
    hits = records.world.rates.slips_that_hit
    number[typed] = slipped(right.number[typed], rate=rate, hits=hits, rng=rng)
    return Held(number, right.until, right.new, right.since)


def _clerks(records: Records, phone: Cells, *, store: Ints, is_clerks: Flags) -> Cells:
    """Put the shop's own number on the cards flagged."""
    world = records.world
    own = mobiles(STORES * len(world.people) + store, seed=world.seed)
    number = cells.number_cells(own, where=is_clerks)
    columns = {
        "phone": overwritten(phone.columns["phone"], is_clerks, by=number),
        "phone_until": overwritten(
            phone.columns["phone_until"], is_clerks, by=instants(records.span.last)
        ),
    }
    return Cells(columns, phone.links, phone.identifiers + int(is_clerks.sum()))


def _members(records: Records) -> Cells:
    """Read a member number off the CRM's card on some of the till's."""
    crm, world = records.world.registers["crm"], records.world
    has_card = crm.holds(records.person) & records.draw("members", world.rates.till_member)
    account = np.zeros(len(records), dtype=np.int64)
    account[has_card] = crm.one_of(records.stream("which"), records.person[has_card])
    column = pick(member_keys(world, np.arange(len(crm))), account, missing=~has_card)
    linked = links("member_no", account, where=has_card)
    return Cells({"member_no": column}, (linked,), int(has_card.sum()))
