"""The web shop and the app: users, visitors and behaviour as JSON lines, one log a month.

Most visitors never log in and are known by a cookie alone. Planted for identity resolution:
cookies that were used before the login, browsers and devices shared at home, and a kiosk's
cookie that hundreds of customers log in on.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.calendar import ONLINE, busyness_at, day_of, intensity, months, seconds_in
from loaders.demo.company import Company, Export
from loaders.demo.draw import Flags, Ints, chance, mixed, ragged, scattered, weighted
from loaders.demo.files import Extract
from loaders.demo.profile import CLOSES, DAY, OPENS
from loaders.demo.text import clock, hexadecimal, join, keys, number, overwritten, pick, usable
from loaders.demo.vocabulary import table

_KINDS = ("view", "search", "fav", "cart", "share")
_KIND_SHARES = (74, 11, 6, 7, 2)
_KEPT_TRACE = 0.3  # of logged-in people: a cookie that also came without login
_LED_TO = 0.4  # of online orders: seen and carted in the two days before


@dataclass(frozen=True)
class Visitors:
    """Accounts of the web shop (users first), and the cookies seen on them, row by row."""

    key: pa.Array
    person: Ints
    n_users: int
    cookie_account: Ints
    cookie: pa.Array
    device: Ints  # by person of the register; -1: no app


@dataclass(frozen=True)
class Visits:
    """Visits of accounts; ``article`` is the one that the visit is about, or -1."""

    account: Ints
    at: Ints
    article: Ints


def export(company: Company) -> Export:
    """Return the web shop's files and who each user and cookie is."""
    visitors = visitors_of(company)
    visits = _visits(company, visitors)
    users = _user_rows(company, visitors)
    cookies = _cookie_rows(company, visitors, visits=visits)
    at, events = _events(company, visitors, visits=visits)
    has_app = pc.is_valid(cookies["device"].combine_chunks().field("id"))
    with_device = pc.count_distinct(cookies["visitor"].filter(has_app)).as_py()
    counts = {
        "accounts": len(visitors.person),
        "events": len(at),
        "identifiers": sum(usable(users[name]) for name in ("phone", "email", "union_id"))
        + cookies.num_rows
        + with_device,
    }
    extracts = (
        Extract("users", "web/users.jsonl", users),
        Extract("visitors", "web/visitors.jsonl.gz", cookies),
        Extract("events", "web/events_*.jsonl.gz", events, month=months(at)),
    )
    return Export("web", extracts, visitors.key, visitors.person, counts)


def cookies_of(places: Ints, *, seed: int) -> pa.Array:
    """Write the first cookie of each of the register's people, by place in the register."""
    return join("ck.", hexadecimal(mixed(places, seed=seed, subject="cookie")))


def visitors_of(company: Company) -> Visitors:
    """Draw who logs in, which cookies they have and what they share."""
    register, rng = company.registers["web"], company.stream("visitors")
    logs_in = chance(rng, company.profile.logged_in, n=len(register))
    n_users = int(logs_in.sum())
    user_of = np.cumsum(logs_in) - 1
    seen_by, place, is_shared = _cookies_seen(company, logs_in, rng=rng)
    # a user's cookie hangs on the user; everybody else's cookie is an account of its own,
    # and so is a user's that also came without login
    bare = np.flatnonzero(~logs_in[seen_by])
    named = np.flatnonzero(logs_in[seen_by])
    trace = np.flatnonzero(logs_in & ~is_shared & chance(rng, _KEPT_TRACE, n=len(register)))
    visitor_place = np.concatenate([place[bare], trace])
    visitor_person = np.concatenate([seen_by[bare], trace])
    kiosk_user, kiosk_place = _kiosks(company, n_users, rng=rng)
    visitor = n_users + np.arange(len(visitor_place))
    places = np.concatenate([place[named], visitor_place, 2 * len(register) + kiosk_place])
    return Visitors(
        key=pa.concat_arrays(
            [_user_keys(n_users, seed=company.seed), cookies_of(visitor_place, seed=company.seed)]
        ),
        person=register.person[np.concatenate([np.flatnonzero(logs_in), visitor_person])],
        n_users=n_users,
        cookie_account=np.concatenate([user_of[seen_by[named]], visitor, kiosk_user]),
        cookie=cookies_of(places, seed=company.seed),
        device=_devices(company, logs_in, rng=rng),
    )


def _user_keys(n: int, *, seed: int) -> pa.Array:
    return keys(
        "W",
        10_000_000 + scattered(np.arange(n), below=90_000_000, seed=seed, subject="users"),
        width=8,
    )


def _cookies_seen(
    company: Company, logs_in: Flags, *, rng: np.random.Generator
) -> tuple[Ints, Ints, Flags]:
    """Return cookies row by row: who had it, which it is; and by person whether it is lent.

    Cookie i is the first of the register's i-th person, n + i the second, that one in ten has.
    """
    n = len(logs_in)
    share = company.profile.shared_browser
    is_shared, lender = _shared(company, logs_in, share=share, rng=rng)
    has_second = np.flatnonzero(chance(rng, 0.1, n=n))
    first = np.where(is_shared, lender, np.arange(n))
    everybody = np.concatenate([np.arange(n), has_second])
    return everybody, np.concatenate([first, n + has_second]), is_shared


def _shared(
    company: Company, logs_in: Flags, *, share: float, rng: np.random.Generator
) -> tuple[Flags, Ints]:
    """Let some logged-in members use the machine of a head who logs in too: who, and whose."""
    register, homes = company.registers["web"], company.people.homes
    head = homes.head[register.person]
    lender = register.first[head]
    is_lent = register.holds(head) & logs_in & (homes.place[register.person] > 0)
    lender = np.minimum(lender, len(register) - 1)
    return is_lent & logs_in[lender] & chance(rng, share, n=len(register)), lender


def _kiosks(company: Company, n_users: int, *, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Let 50 to 2,000 users each log in at a shop's kiosk: the user, and the kiosk."""
    n = len(company.people) // company.profile.kiosk_per if n_users else 0
    sizes = np.minimum(50 * (1 + rng.pareto(1.2, n)), 2000).astype(np.int64)
    kiosk, _ = ragged(np.minimum(sizes, n_users))
    pairs = np.sort(kiosk * (1 << 32) + rng.integers(0, max(n_users, 1), len(kiosk)))
    pairs = pairs[np.diff(pairs, prepend=-1) > 0]
    return pairs % (1 << 32), pairs >> 32


def _devices(company: Company, logs_in: Flags, *, rng: np.random.Generator) -> Ints:
    n = len(logs_in)
    has_app = chance(rng, 0.4, n=n)
    shared, lender = _shared(company, logs_in, share=company.profile.shared_device, rng=rng)
    own = np.where(has_app, np.arange(n), -1)
    return np.where(shared & has_app[lender], lender, own)


def _user_rows(company: Company, visitors: Visitors) -> pa.Table:
    people, rng, n = company.people, company.stream("web users"), visitors.n_users
    person = visitors.person[:n]
    registered = np.minimum(people.joined_at[person] // DAY * DAY + 12 * 3600, CLOSES - DAY)
    told = {
        "phone": (number(people.phone[person]), 0.3),
        "email": (people.mail.take(pa.array(person)), 0.6),
        "union_id": (people.union_id.take(pa.array(person)), 0.5),
    }
    columns = {
        name: overwritten(column, chance(rng, missing, n=n), by=None)
        for name, (column, missing) in told.items()
    }
    user = visitors.key.slice(0, n)
    return pa.table({"user_id": user, **columns, "registered_at": clock(registered)})


def _cookie_rows(company: Company, visitors: Visitors, *, visits: Visits) -> pa.Table:
    """Return what the shop's own statistics say of each cookie on each account."""
    account = visitors.cookie_account
    first = np.full(len(visitors.person), CLOSES - 1)
    last = np.full(len(visitors.person), OPENS)
    np.minimum.at(first, visits.account, visits.at)
    np.maximum.at(last, visits.account, visits.at)
    is_user = account < visitors.n_users
    place = company.registers["web"].first[visitors.person[account]]
    return pa.table(
        {
            "visitor": pick(visitors.key, account),
            "cookie": visitors.cookie,
            "logged_in": pa.array(is_user),
            "device": _device_cells(company, np.where(is_user, visitors.device[place], -1)),
            "first_seen": clock(first[account]),
            "last_seen": clock(last[account]),
        }
    )


def _device_cells(company: Company, device: Ints) -> pa.Array:
    models = table("machines", "phones")
    kind = weighted(
        company.stream("models"),
        [float(row[-1]) for row in models],
        n=len(company.registers["web"]),
    )
    no_app, known = device < 0, np.maximum(device, 0)
    codes = hexadecimal(mixed(known, seed=company.seed, subject="device"))
    cells = [overwritten(join("dv.", codes), no_app, by=None)]
    cells += [pick([str(row[at]) for row in models], kind[known], missing=no_app) for at in (0, 1)]
    return pa.StructArray.from_arrays(cells, names=["id", "os", "model"])


def _visits(company: Company, visitors: Visitors) -> Visits:
    """Draw each account's visits, and those that led to an online order."""
    rng, n = company.stream("web visits"), len(visitors.person)
    account, _ = ragged(1 + rng.poisson(rng.gamma(0.7, 2.5 / 0.7, n)))
    cumulated = intensity(company.campaigns)
    start = busyness_at(np.maximum(company.people.joined_at[visitors.person], OPENS), cumulated)
    start = start[account]
    day = day_of(start + (cumulated[-1] - start) * rng.random(len(account)), cumulated)
    at = seconds_in(day, hours=ONLINE, rng=rng)
    led = _led_to_orders(company, visitors, rng=rng)
    return Visits(
        np.concatenate([account, led.account]),
        np.concatenate([at, led.at]),
        np.concatenate([np.full(len(account), -1), led.article]),
    )


def _led_to_orders(company: Company, visitors: Visitors, *, rng: np.random.Generator) -> Visits:
    orders, lines = company.orders, company.lines
    account_of = np.full(len(company.people), -1)
    account_of[visitors.person[::-1]] = np.arange(len(visitors.person))[::-1]
    account = np.where(orders.person >= 0, account_of[orders.person], -1)
    is_led = ~orders.at_till & (account >= 0) & chance(rng, _LED_TO, n=len(orders))
    chosen = np.flatnonzero(is_led)
    first_line = np.searchsorted(lines.order, chosen)
    at = np.maximum(orders.at[chosen] - rng.integers(300, 2 * DAY, len(chosen)), OPENS)
    return Visits(account[chosen], at, lines.article[first_line])


def _events(company: Company, visitors: Visitors, *, visits: Visits) -> tuple[Ints, pa.Table]:
    """Unroll visits into what happened in them, in order of time."""
    rng = company.stream("events")
    visit, place = ragged(2 + rng.poisson(1.5, len(visits.at)))
    at = np.minimum(visits.at[visit] + place * 45 + rng.integers(0, 40, len(visit)), CLOSES - 1)
    by_time = np.argsort(at, kind="stable")
    visit, place, at = visit[by_time], place[by_time], at[by_time]
    about = visits.article[visit]
    person = visitors.person[visits.account[visit]]
    article = company.tastes.choose(rng, person, days=at // DAY)
    article = np.where(about >= 0, about, article)
    kind = np.where((about >= 0) & (place == 1), 3, weighted(rng, _KIND_SHARES, n=len(at)))
    is_search, is_view = kind == 1, kind == 0
    leaf = company.catalogue.leaf[article]
    platform = np.where(
        visitors.device[company.registers["web"].first[person]] >= 0,
        0,
        1 + weighted(rng, (4, 3, 3), n=len(at)),
    )
    return at, pa.table(
        {
            "event_id": keys("E", np.arange(len(at)) + 1, width=9),
            "time": clock(at),
            "type": pick(_KINDS, kind),
            "visitor": pick(visitors.key, visits.account[visit]),
            "session": keys("s", visit, width=8),
            "sku": pick(company.catalogue.keys, article, missing=is_search),
            "keyword": pick(company.catalogue.leaf_names, leaf, missing=~is_search),
            "seconds": pa.array(rng.integers(3, 180, len(at)), mask=~is_view),
            "platform": pick(("APP", "H5", "PC", "小程序"), platform),
        }
    )
