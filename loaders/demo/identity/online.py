"""The web shop's visitors, the app's installations and the community's users."""

import numpy as np
import pyarrow as pa

from loaders.demo.community import handles
from loaders.demo.draw import Flags, Ints, weighted
from loaders.demo.identity import cells, traits
from loaders.demo.identity.browsing import Browsing, cookies
from loaders.demo.identity.cells import Cells, Records, Told, opaque, records_of, together
from loaders.demo.identity.links import links
from loaders.demo.identity.members import keys_of
from loaders.demo.identity.world import World
from loaders.demo.text import overwritten, pick
from loaders.demo.vocabulary import table, words


def web(world: World, browsing: Browsing) -> Told:
    """Return the visitors, a cookie each; most never logged in."""
    records = Records(world, "web", browsing.person, browsing.span)
    key = keys_of(world, np.arange(len(records)), source="web", prefix="V")
    linked = links("cookie", browsing.cookie, where=~browsing.is_kiosks)
    parts = (
        Cells({"visitor": key}),
        Cells({"cookie": cookies(world, browsing.cookie)}, (linked,), len(records)),
        Cells({"logged_in": pa.array(browsing.logged_in)}),
        cells.times(records, first="first_visit_at", last="last_visit_at"),
    )
    return cells.told(records, key, cell=together(parts), relation="visitors")


def app(world: World) -> Told:
    """Return the app's users by installation: some are members, the others a device only."""
    rates, records = world.rates, records_of(world, "app")
    key = keys_of(world, np.arange(len(records)), source="app", prefix="A")
    is_member = records.draw("members", rates.app_members)
    knows_open_id = is_member & records.draw("open ids", rates.app_open_id)
    knows_wechat = is_member & records.draw("wechat", rates.wechat)
    knows_phone = is_member & records.draw("phones", rates.app_phone)
    parts = (
        Cells({"user_id": key, "kind": pick(("visitor", "member"), is_member.astype(np.int64))}),
        _devices(records),
        cells.open_ids(records, knows=knows_open_id),
        cells.union_ids(records, knows=knows_wechat),
        cells.phones(records, cells.numbers_held(records), known=knows_phone),
        _members_only(traits.names(records, known=rates.app_name, spelled=True), is_member),
        cells.times(records, first="installed_at", last="last_opened_at"),
    )
    return cells.told(records, key, cell=together(parts), relation="users")


def community(world: World) -> Told:
    """Return the community's users, who go by a nickname."""
    rates, records = world.rates, records_of(world, "community")
    key = keys_of(world, np.arange(len(records)), source="community", prefix="U")
    knows_phone = records.draw("phones", rates.community_phone)
    knows_wechat = records.draw("wechat", rates.wechat)
    nickname = handles(len(records), rng=records.stream("nicknames"))
    parts = (
        Cells({"user_id": key, "nickname": nickname}),
        cells.open_ids(records, knows=records.draw("open ids", rates.community_open_id)),
        cells.union_ids(records, knows=knows_wechat),
        cells.phones(records, cells.numbers_held(records), known=knows_phone),
        cells.mails(records, known=rates.community_mail),
        traits.places(records, known=0.6),
        cells.times(records, first="joined_at", last="last_seen_at"),
    )
    return cells.told(records, key, cell=together(parts), relation="users")


def _devices(records: Records) -> Cells:
    """Write devices: some members of a home use the head's, a few report none of their own."""
    world, rng, n = records.world, records.stream("devices"), len(records)
    code = device_codes(records)
    is_default = records.draw("default devices", world.rates.default_devices)
    pool = words("machines", "default_devices")
    typed = pick(pool, rng.integers(0, len(pool), n))
    written = opaque(code, seed=world.seed, subject="identity device")
    phones = table("machines", "phones")
    shares = [float(row[2]) for row in phones]
    model_of = weighted(world.stream("models"), shares, n=len(world.people))[code]
    os, model = (pick([str(row[column]) for row in phones], model_of) for column in (0, 1))
    columns = {"device": overwritten(written, is_default, by=typed), "os": os, "model": model}
    return Cells(columns, (links("device", code, where=~is_default),), n)


def device_codes(records: Records) -> Ints:
    """Return whose device each user of the app has: their own or the head's, who has the app."""
    homes, person = records.world.people.homes, records.person
    head = homes.head[person]
    borrows = records.draw("borrowed devices", records.world.rates.shared_device)
    can_borrow = (homes.place[person] > 0) & records.world.registers["app"].holds(head)
    return np.where(borrows & can_borrow, head, person)


def _members_only(cell: Cells, is_member: Flags) -> Cells:
    columns = {name: overwritten(c, ~is_member, by=None) for name, c in cell.columns.items()}
    return Cells(columns, cell.links, cell.identifiers)
