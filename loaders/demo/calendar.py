"""When things happen: years with seasons, days with hours, actions that draw people in."""

import numpy as np

from loaders.demo.catalogue import Campaigns
from loaders.demo.draw import Floats, Ints, weighted
from loaders.demo.profile import DAY, FIRST_DAY, LAST_DAY, OPENS

_MONTHS = (0.95, 0.75, 0.95, 0.95, 1.0, 1.15, 0.9, 0.9, 1.0, 1.05, 1.3, 1.15)  # January first
_WEEKEND = 1.35
_ACTION = 1.5
# an hour's share, from midnight: a lunch break and an evening online, opening hours in a shop
ONLINE = (2, 1, 1, 0, 0, 0, 1, 2, 3, 4, 5, 5, 7, 6, 5, 5, 5, 5, 5, 7, 9, 10, 8, 4)
IN_SHOP = (0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 6, 7, 6, 6, 7, 7, 8, 9, 9, 7, 3, 0, 0)


def intensity(campaigns: Campaigns) -> Floats:
    """Return how busy each day is, the average day about 1, cumulated; 0 before the first day."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    is_weekend = (days + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    is_action = campaigns.discount_on(days) > 0
    busy = np.array(_MONTHS)[month]
    busy = busy * np.where(is_weekend, _WEEKEND, 1.0) * np.where(is_action, _ACTION, 1.0)
    return np.concatenate([[0.0], np.cumsum(busy)])


def busyness_at(seconds: Ints, cumulated: Floats) -> Floats:
    """Return the cumulated busyness from the first day to each time."""
    edges = OPENS + DAY * np.arange(len(cumulated), dtype=np.float64)
    return np.interp(seconds.astype(np.float64), edges, cumulated)


def day_of(busyness: Floats, cumulated: Floats) -> Ints:
    """Return the day on which each cumulated busyness is reached, in days since 1970."""
    place = np.searchsorted(cumulated, busyness, side="right") - 1
    return FIRST_DAY + np.clip(place, 0, len(cumulated) - 2)


def months(seconds: Ints) -> Ints:
    """Return the month of each time, in months since 1970."""
    days = (seconds // DAY).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(np.int64)


def seconds_in(days: Ints, *, hours: tuple[int, ...], rng: np.random.Generator) -> Ints:
    """Draw a time on each of ``days``, by an hour's share: ``ONLINE`` or ``IN_SHOP``."""
    hour = weighted(rng, hours, n=len(days))
    times: Ints = days * DAY + hour * 3600 + rng.integers(0, 3600, len(days))
    return times
