"""Who is behind which cookie: homes share a browser, shops have a kiosk, a third logs in."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.draw import Flags, Floats, Ints, chance, ragged
from loaders.demo.identity.cells import opaque
from loaders.demo.identity.phones import Span
from loaders.demo.identity.rates import KIOSK_PEOPLE
from loaders.demo.identity.world import World, span_of
from loaders.demo.text import join

_PARETO = 1.2  # exponent of how many people use a kiosk
# where in the space of cookies each use begins, in times the number of persons
FIRST, SECOND, KIOSKS, STRANGE = range(4)


@dataclass(frozen=True)
class Browsing:
    """Visitors, a cookie each, and the accounts of the shop that logged in on cookies.

    ``cookie`` is a number; it is nobody's where ``is_kiosks``. ``login`` are accounts of the
    shop with the cookie and times of the visitor they were, or of the kiosk.
    """

    person: Ints
    cookie: Ints
    span: Span
    logged_in: Flags
    is_kiosks: Flags
    login: Ints
    login_cookie: Ints
    login_span: Span
    login_is_kiosks: Flags


def cookies(world: World, codes: Ints) -> pa.Array:
    """Write cookies."""
    return join("ck.", opaque(codes, seed=world.seed, subject="identity cookie"))


def first_cookies(world: World) -> Ints:
    """Return the cookie that each person is first known by: some members have the head's."""
    homes, n = world.people.homes, len(world.people)
    borrows = chance(world.stream("browsers"), world.rates.shared_browser, n=n)
    return np.where(borrows & (homes.place > 0), homes.head, np.arange(n)) + FIRST * n


def browsing_of(world: World) -> Browsing:
    """Draw visitors and logins; at a kiosk people log in, some after looking around first."""
    n, shop = len(world.people), world.registers["shop"]
    kiosk_user, kiosk_cookie = _kiosks(world)
    lingers = chance(world.stream("lingers"), world.rates.kiosk_visitors, n=len(kiosk_user))
    second = np.flatnonzero(chance(world.stream("cookies"), world.rates.second_cookie, n=n))
    person = np.concatenate([np.arange(n), second, shop.person[kiosk_user[lingers]]])
    own = np.concatenate([first_cookies(world), SECOND * n + second])
    cookie = np.concatenate([own, kiosk_cookie[lingers]])
    is_kiosks = np.arange(len(person)) >= len(own)
    logged_in = _logged_in(world, person) & ~is_kiosks
    span = span_of(len(person), rng=world.stream("visits"))
    at_kiosk = span_of(len(kiosk_user), rng=world.stream("kiosk visits"))
    return Browsing(
        person=person,
        cookie=cookie,
        span=span,
        logged_in=logged_in,
        is_kiosks=is_kiosks,
        login=np.concatenate([shop.first[person[logged_in]], kiosk_user]),
        login_cookie=np.concatenate([cookie[logged_in], kiosk_cookie]),
        login_span=Span(
            np.concatenate([span.first[logged_in], at_kiosk.first]),
            np.concatenate([span.last[logged_in], at_kiosk.last]),
        ),
        login_is_kiosks=np.arange(logged_in.sum() + len(kiosk_user)) >= logged_in.sum(),
    )


def _logged_in(world: World, person: Ints) -> Flags:
    """Flag visitors who log in: the stated share of all, drawn from those who have an account."""
    has_account = world.registers["shop"].holds(person)
    share = min(world.rates.logged_in / max(has_account.mean(), 1e-9), 1.0)
    flags: Flags = has_account & chance(world.stream("logins"), share, n=len(person))
    return flags


def _kiosks(world: World) -> tuple[Ints, Ints]:
    """Return who used a kiosk, as accounts of the shop, and its cookie; a person once each."""
    rng, shop, n = world.stream("kiosks"), world.registers["shop"], len(world.people)
    users = np.flatnonzero(shop.is_first)
    sizes = np.minimum(kiosk_sizes(int(world.rates.kiosks * n), rng=rng), len(users))
    # a loop over kiosks, not people: strangers meet by chance at two of them, as in any town
    drawn = [rng.choice(users, size, replace=False) for size in sizes.tolist()]
    kiosk, _ = ragged(sizes)
    return np.concatenate([users[:0], *drawn]), KIOSKS * n + kiosk


def kiosk_sizes(n: int, *, rng: np.random.Generator) -> Ints:
    """Draw how many people use each of ``n`` kiosks: most a few dozen, some two thousand."""
    fewest, most = KIOSK_PEOPLE
    drawn: Floats = fewest * (1.0 + rng.pareto(_PARETO, n))
    return np.minimum(drawn, most).astype(np.int64)
