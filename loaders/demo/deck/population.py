"""The deck's customers: scores as planned, and values that kith scores just so.

Frequency and money come in ranges that do not touch, a range a score, and no two customers
ordered last at the same second; with 1,993 customers a score, every quintile edge falls
between two ranges. What the ranges of a group leave open to its printed means is borne by
those of score 5, whose range has no upper end.
"""

from dataclasses import dataclass

import numpy as np

from loaders.demo.deck.figures import (
    BLOCKS,
    LEAST_ORDERS,
    LEAST_SPEND,
    MEAN_ORDERS,
    MEAN_SPEND,
    PER_LEVEL,
    RECENCY_DAYS,
)
from loaders.demo.draw import Floats, Ints, stream
from loaders.demo.profile import CLOSES, DAY

_LEVELS = np.arange(1, 6)
_TAIL = 2.0  # gamma shape of what the best have beyond the least: a few have several times the mean


@dataclass(frozen=True)
class Members:
    """Customers, a row each, in the order of their groups.

    ``group`` is 1 to 6; ``recency``, ``frequency`` and ``money`` are the planned scores, 1 to 5;
    ``n_orders``; ``spend`` in hundredths of a yuan; ``last_at`` in local seconds since 1970.
    """

    group: Ints
    recency: Ints
    frequency: Ints
    money: Ints
    n_orders: Ints
    spend: Ints
    last_at: Ints

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.group)


def members_of(seed: int) -> Members:
    """Make the customers; their figures are the same for every seed."""
    group = np.repeat([block.group for block in BLOCKS], [sum(b.money) for b in BLOCKS])
    recency = np.repeat([block.recency for block in BLOCKS], [sum(b.money) for b in BLOCKS])
    frequency, money = _paired(stream(seed, "deck scores"))
    n = np.bincount(group)[1:]
    # half up, as the deck rounds: the mean of whole orders comes near enough to print the same
    orders, spend = (n * np.array(MEAN_ORDERS) + 50) // 100, n * np.array(MEAN_SPEND)
    rng = stream(seed, "deck values")
    return Members(
        group,
        recency,
        frequency,
        money,
        _values(frequency, LEAST_ORDERS, group=group, totals=orders, rng=rng),
        _values(money, LEAST_SPEND, group=group, totals=spend, rng=rng),
        _last_times(recency, rng=rng),
    )


def apportioned(totals: Ints, weights: Floats, *, counts: Ints) -> Ints:
    """Share out whole totals over groups of members, about in proportion to their weights.

    Parameters
    ----------
    totals
        At least 0, one a group.
    weights
        Above 0, one a member, group after group.
    counts
        The members of each group, at least one.

    Returns
    -------
    A share at least 0 a member; those of a group sum up to its total.
    """
    reached = np.cumsum(weights)
    ends = np.cumsum(counts)
    before = np.repeat(np.concatenate([[0.0], reached[ends[:-1] - 1]]), counts)
    all_of_group = np.repeat(reached[ends - 1], counts) - before
    # the last member's quotient is exactly 1: the same difference stands above and below
    whole = np.floor((reached - before) / all_of_group * np.repeat(totals, counts))
    shares: Ints = np.diff(whole, prepend=0.0).astype(np.int64)
    shares[ends[:-1]] = whole[ends[:-1]].astype(np.int64)
    return shares


def _paired(rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return scores of frequency and of money: within a block, any with any."""
    frequency = [np.repeat(_LEVELS, block.frequency) for block in BLOCKS]
    money = [rng.permutation(np.repeat(_LEVELS, block.money)) for block in BLOCKS]
    return np.concatenate(frequency), np.concatenate(money)


def _values(
    score: Ints,
    least: tuple[int, ...],
    *,
    group: Ints,
    totals: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Draw a value in the range of each score, such that each group has its total."""
    is_open = score == _LEVELS[-1]
    low = np.array(least)[score - 1]
    high = np.array([*least[1:], least[-1] + 1])[score - 1]
    values: Ints = rng.integers(low, high)
    rest = totals - np.bincount(group, values)[1:].astype(np.int64)
    weights = rng.gamma(_TAIL, size=int(is_open.sum()))
    values[is_open] += apportioned(rest, weights, counts=np.bincount(group[is_open])[1:])
    return values


def _last_times(recency: Ints, *, rng: np.random.Generator) -> Ints:
    """Draw when each customer ordered last: in slots of their own, so that no two agree."""
    begins = CLOSES - DAY * np.array(RECENCY_DAYS)
    slot = np.diff(begins) // PER_LEVEL
    place = np.empty(len(recency), np.int64)
    for level in _LEVELS:
        place[recency == level] = rng.permutation(PER_LEVEL)
    width = slot[recency - 1]
    times: Ints = begins[recency - 1] + place * width + rng.integers(0, width)
    return times
