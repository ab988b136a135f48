"""The CRM's members and the shop's buyers: who registered, some of them more than once.

A scalper's accounts are ordinary accounts of the shop to look at: one WeChat behind most of
them, a SIM card for two or three, an address each.
"""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from loaders.demo.catalogue import money
from loaders.demo.draw import Flags, Ints, chance, ragged, scattered
from loaders.demo.files import Extract
from loaders.demo.identity import cells, traits
from loaders.demo.identity.browsing import Browsing, cookies
from loaders.demo.identity.cells import Cells, Records, Told, records_of, together
from loaders.demo.identity.links import KINDS, Links, joined, links
from loaders.demo.identity.phones import SIMS, Held
from loaders.demo.identity.rates import OPENS
from loaders.demo.identity.world import World, sims_of
from loaders.demo.people import mobiles
from loaders.demo.text import instants, keys, pick

_SECOND_NUMBER = 0.5  # of further accounts of one person: given with the second number
_MEAN_LOG, _SPREAD_LOG = 9.6, 0.9  # of an order's amount, in hundredths of a yuan


def keys_of(world: World, records: Ints, *, source: str, prefix: str) -> pa.Array:
    """Write the keys of a system's ``records``, which follow no visible order."""
    places = scattered(records, below=90_000_000, seed=world.seed, subject=f"identity {source}")
    return keys(prefix, 10_000_000 + places, width=8)


def member_keys(world: World, accounts: Ints) -> pa.Array:
    """Write the member numbers of the CRM's ``accounts``; the till reads them off the card."""
    return keys_of(world, accounts, source="crm", prefix="M")


def crm(world: World) -> Told:
    """Return the CRM's files: members, and their orders."""
    rates, records = world.rates, records_of(world, "crm", old=True)
    key = member_keys(world, np.arange(len(records)))
    knows_phone = records.draw("phones", rates.crm_phone)
    knows_wechat = records.draw("wechat", rates.wechat)
    number = links("member_no", np.arange(len(records)), where=_all(records))
    parts = (
        Cells({"member_no": key}, (number,), len(records)),
        *_contacts(records, _numbers(records), known=knows_phone, mail=rates.crm_mail),
        cells.union_ids(records, knows=knows_wechat),
        traits.names(records, known=0.95),
        *_traits(records, birth_date=rates.crm_birth_date),
        traits.addresses(records, known=rates.crm_address),
    )
    return _told(records, key, cell=together(parts), relation="members")


def shop(world: World, browsing: Browsing) -> Told:
    """Return the shop's files: buyers, the cookies they logged in on, and their orders."""
    rates, records = world.rates, records_of(world, "shop", old=True)
    key = keys_of(world, np.arange(len(records)), source="shop", prefix="S")
    is_scalpers = world.is_scalpers
    knows_phone = records.draw("phones", rates.shop_phone)
    through_wechat = records.draw("scalpers", rates.scalper_wechat)
    knows_wechat = np.where(is_scalpers, through_wechat, records.draw("wechat", rates.wechat))
    numbers = _with_sims(records, _numbers(records))
    parts = (
        Cells({"user_id": key}),
        *_contacts(records, numbers, known=knows_phone, mail=rates.shop_mail),
        cells.open_ids(records, knows=records.draw("open ids", rates.shop_open_id)),
        cells.union_ids(records, knows=knows_wechat),
        traits.names(records, known=0.9, spelled=True),
        *_traits(records, birth_date=rates.shop_birth_date),
        traits.addresses(records, known=rates.shop_address, elsewhere=is_scalpers),
    )
    told = _told(records, key, cell=together(parts), relation="users")
    return _with_logins(told, records, key=key, browsing=browsing)


def _all(records: Records) -> Flags:
    return np.ones(len(records), dtype=np.bool_)


def _numbers(records: Records) -> Held:
    """Return what number each account has; further accounts often have the second one."""
    numbers, people = cells.numbers_held(records), records.world.people
    register = records.world.registers[records.source]
    is_second = ~register.is_first & records.draw("second numbers", _SECOND_NUMBER)
    return replace(
        numbers,
        number=np.where(is_second, people.phones.second(records.person), numbers.number),
        until=np.where(is_second, records.span.last, numbers.until),
        new=np.where(is_second, 0, numbers.new),
    )


def _with_sims(records: Records, numbers: Held) -> Held:
    """Give the accounts of scalpers the numbers of their SIM cards."""
    world, sim = records.world, sims_of(records.world)
    is_sim = sim >= 0
    cards = mobiles(SIMS * len(world.people) + np.maximum(sim, 0), seed=world.seed)
    return replace(
        numbers,
        number=np.where(is_sim, cards, numbers.number),
        until=np.where(is_sim, records.span.last, numbers.until),
        new=np.where(is_sim, 0, numbers.new),
    )


def _contacts(
    records: Records, numbers: Held, *, known: Flags, mail: float
) -> tuple[Cells, Cells, Cells, Cells]:
    defaults = records.world.rates.default_accounts
    return (
        cells.phones(records, numbers, known=known, defaults=defaults),
        cells.new_phones(records, numbers, known=known),
        cells.mails(records, known=mail),
        cells.times(records, first="registered_at", last="last_seen_at"),
    )


def _traits(records: Records, *, birth_date: float) -> tuple[Cells, Cells, Cells]:
    return (
        traits.genders(records, known=0.9),
        traits.birth_dates(records, known=birth_date),
        traits.places(records, known=0.95),
    )


def _told(records: Records, key: pa.Array, *, cell: Cells, relation: str) -> Told:
    bare, orders = cells.told(records, key, cell=cell, relation=relation), _orders(records, key)
    extract = Extract("orders", f"{records.source}/orders.csv.gz", orders)
    counts = {**bare.counts, "orders": orders.num_rows}
    return replace(bare, extracts=(*bare.extracts, extract), counts=counts)


def _orders(records: Records, key: pa.Array) -> pa.Table:
    """Draw one or two orders an account, each with an amount and no lines."""
    rng, span = records.stream("orders"), records.span
    account, _ = ragged(1 + chance(rng, records.world.rates.ordered_again, n=len(records)))
    start = np.maximum(span.first[account], OPENS)
    length = np.maximum(span.last[account] - start, 1)
    at = start + (rng.random(len(account)) * length).astype(np.int64)
    cents = np.exp(rng.normal(_MEAN_LOG, _SPREAD_LOG, len(account))).astype(np.int64) + 100
    return pa.table(
        {
            "order_no": keys(f"{records.source[0].upper()}O", np.arange(len(account)), width=9),
            "buyer": pick(key, account),
            "ordered_at": instants(at),
            "amount": money(cents),
        }
    )


def _with_logins(told: Told, records: Records, *, key: pa.Array, browsing: Browsing) -> Told:
    account, span = browsing.login, browsing.login_span
    rows = pa.table(
        {
            "user_id": pick(key, account),
            "cookie": cookies(records.world, browsing.login_cookie),
            "first_login_at": instants(np.maximum(span.first, records.span.first[account])),
            "last_login_at": instants(np.maximum(span.last, records.span.first[account])),
        }
    )
    own = np.flatnonzero(~browsing.login_is_kiosks)
    kind = np.full(len(own), KINDS.index("cookie"))
    found = Links(account[own], kind, browsing.login_cookie[own])
    counts = {**told.counts, "identifiers": told.counts["identifiers"] + rows.num_rows}
    return replace(
        told,
        extracts=(*told.extracts, Extract("logins", "shop/logins.csv.gz", rows)),
        counts=counts,
        links=joined((told.links, found)),
    )
