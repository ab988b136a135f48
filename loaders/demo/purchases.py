"""Who bought what, when and at which price: all orders of the company, before any system saw them.

Buyers differ in how often they come (gamma) and in how soon they stay away for good
(exponential with a gamma rate), so that models of repeat buying have something true to fit.
Price-sensitive people wait for actions, resellers buy one article by the dozen.
"""

from dataclasses import dataclass

import numpy as np

from loaders.demo.accounts import Register
from loaders.demo.calendar import IN_SHOP, ONLINE, busyness_at, day_of, intensity, seconds_in
from loaders.demo.catalogue import Campaigns, Stores
from loaders.demo.draw import Flags, Ints, chance, ragged, stream
from loaders.demo.people import People
from loaders.demo.profile import CLOSES, DAY, FIRST_DAY, LAST_DAY, OPENS, Profile

_PATIENCE = 30  # days that a price-sensitive person waits for an action
_RATE_SHAPE = 0.9  # of orders a day: below 1, many come once
_LEAVING_SHAPE, _MEAN_STAY = 1.6, 240.0  # days


@dataclass(frozen=True)
class Orders:
    """Orders in the order of time. A guest's person is -1, an online order's store is -1."""

    person: Ints
    at: Ints  # local seconds since 1970
    store: Ints
    discount: Ints  # per cent

    def __len__(self) -> int:
        """Return the number of orders."""
        return len(self.person)

    @property
    def at_till(self) -> Flags:
        """Whether each order was rung up in a shop."""
        return self.store >= 0

    def of(self, chosen: Flags) -> "Orders":
        """Return the orders flagged in ``chosen``."""
        return Orders(*(column[chosen] for column in self.columns()))

    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the four columns, for work on all of them."""
        return self.person, self.at, self.store, self.discount


@dataclass(frozen=True)
class Market:
    """What orders depend on besides the people."""

    profile: Profile
    registers: dict[str, Register]
    stores: Stores
    campaigns: Campaigns


def orders_of(people: People, market: Market, *, seed: int) -> Orders:
    """Draw all orders of the two years, guests included."""
    person, day = _visits(people, market, rng=stream(seed, "visits"))
    rng = stream(seed, "orders")
    day = _waited(people.prefers_discount[person], day, rng=rng, campaigns=market.campaigns)
    in_shop = _goes_to_shop(person, market, rng=rng)
    guest_day = _guests(in_shop, market, rng=rng)
    person = np.concatenate([person, np.full(len(guest_day), -1)])
    day = np.concatenate([day, guest_day])
    in_shop = np.concatenate([in_shop, np.ones(len(guest_day), dtype=np.bool_)])
    city = np.where(person >= 0, people.city[person], rng.choice(market.stores.city, len(person)))
    store = np.where(in_shop, _stores(city, day, stores=market.stores, rng=rng), -1)
    at = np.where(
        in_shop, seconds_in(day, hours=IN_SHOP, rng=rng), seconds_in(day, hours=ONLINE, rng=rng)
    )
    hunts = (person >= 0) & people.prefers_discount[person]
    discount = _discounts(hunts, day, campaigns=market.campaigns, rng=rng)
    order = np.argsort(at, kind="stable")
    return Orders(*(column[order] for column in (person, at, store, discount)))


def _visits(people: People, market: Market, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Draw buyers' orders: person and day."""
    everybody = np.arange(len(people))
    buys = market.registers["erp"].holds(everybody) | market.registers["pos"].holds(everybody)
    buyer = np.flatnonzero(buys)
    cumulated = intensity(market.campaigns)
    begin = np.maximum(people.joined_at[buyer], OPENS)
    opened = busyness_at(begin, cumulated)
    length = busyness_at(_last_times(begin, rng), cumulated) - opened
    is_new = people.joined_at[buyer] >= OPENS
    expected = rng.gamma(_RATE_SHAPE, 1.0, len(buyer)) * length
    expected *= np.where(people.is_reseller[buyer], 6.0, 1.0)
    wanted = _orders_of_customers(market.profile, len(people)) - int(is_new.sum())
    scale = max(wanted, 0.0) / max(float(expected.sum()), 1e-9)
    counts = rng.poisson(expected * scale) + is_new
    owner, place = ragged(counts)
    spread = opened[owner] + length[owner] * rng.random(len(owner))
    is_joining = (place == 0) & is_new[owner]  # a new customer joins by buying
    day = np.where(is_joining, begin[owner] // DAY, day_of(spread, cumulated))
    return buyer[owner], day


def _last_times(begin: Ints, rng: np.random.Generator) -> Ints:
    """Draw when each buyer stays away for good; the end of the files at the latest."""
    leaving = rng.gamma(_LEAVING_SHAPE, 1.0 / (_LEAVING_SHAPE * _MEAN_STAY), len(begin))
    stay = np.minimum(rng.exponential(1.0, len(begin)) / leaving, 10_000.0)
    last: Ints = np.minimum(begin + (stay * DAY).astype(np.int64), CLOSES - 1)
    return last


def _orders_of_customers(profile: Profile, n: int) -> float:
    """Return how many of ``n`` customers' orders are not a guest's; two in five are at a till."""
    return profile.orders_per_customer * n * (1 - profile.guest_receipts * 0.4)


def _waited(
    is_patient: Flags, day: Ints, *, rng: np.random.Generator, campaigns: Campaigns
) -> Ints:
    """Move half of the price-sensitive people's orders to the next action within a month."""
    actions = campaigns.first_day[campaigns.discount > 0]
    place = np.searchsorted(actions, day)
    following = np.append(actions, LAST_DAY + 10_000)[place] + rng.integers(0, 3, len(day))
    moves = is_patient & chance(rng, 0.5, n=len(day)) & (following - day <= _PATIENCE)
    return np.where(moves & (following <= LAST_DAY), following, day)


def _goes_to_shop(person: Ints, market: Market, *, rng: np.random.Generator) -> Flags:
    """Send people who know both worlds to a shop in two of five orders."""
    online, till = (market.registers[system].holds(person) for system in ("erp", "pos"))
    return till & (~online | chance(rng, 0.4, n=len(person)))


def _guests(in_shop: Flags, market: Market, *, rng: np.random.Generator) -> Ints:
    """Draw the days of receipts without a customer: the profile's share of all receipts."""
    share = market.profile.guest_receipts
    n = int(in_shop.sum() * share / (1 - share))
    cumulated = intensity(market.campaigns)
    return day_of(rng.random(n) * cumulated[-1], cumulated)


def _stores(city: Ints, day: Ints, *, stores: Stores, rng: np.random.Generator) -> Ints:
    """Choose a shop in or near each city; where it has closed, the next one that is open."""
    n = len(stores.city)
    first = np.searchsorted(stores.city, city, side="left")
    after = np.searchsorted(stores.city, city, side="right")
    nearby = first + (rng.random(len(city)) * np.maximum(after - first, 1)).astype(np.int64)
    store = np.minimum(nearby, n - 1)
    for _ in range(3):  # three shops close: at most three steps to an open one
        store = np.where(day > stores.last_day[store], (store + 1) % n, store)
    open_stores: Ints = store
    return open_stores


def _discounts(hunts: Flags, day: Ints, *, campaigns: Campaigns, rng: np.random.Generator) -> Ints:
    """Take the action's discount, else now and then a coupon; some people collect them."""
    has_coupon = chance(rng, np.where(hunts, 0.35, 0.06), n=len(day))
    coupon = np.where(has_coupon, rng.choice([5, 10], len(day)), 0)
    best: Ints = np.maximum(campaigns.discount_on(day), coupon)
    return best


def order_days(orders: Orders) -> Ints:
    """Return the day of each order, in days since 1970."""
    days: Ints = np.clip(orders.at // DAY, FIRST_DAY, LAST_DAY)
    return days
