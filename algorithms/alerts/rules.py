"""The rules: from purchases, complaints and balances to spells in which a condition held.

A spell begins at the instant from which its condition held and ends at the instant from which
it no longer did; both follow from the facts alone, so a later run finds the same spells again,
and the same facts give the same alerts on whatever day they are looked at.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.alerts.settings import DAY, AlertParameters

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER: Final = np.iinfo(np.int64).max

RULES: Final = (
    "frequency_down",
    "complaint_unanswered",
    "sleeping",
    "points_expiring",
    "coupon_expiring",
)


class Facts(NamedTuple):
    """Instants in milliseconds by customer, customers as places in the order of their ids.

    ``customers`` and ``times`` are of purchases, in the order of both.
    """

    customers: Integers
    times: Integers
    now: int


@dataclass(frozen=True)
class Spells:
    """Spells of one rule: whose, from when, until when (`NEVER`: it holds), and the evidence.

    ``evidence`` has a column a count, and those that end in ``_at`` are instants.
    """

    rule: str
    customers: Integers
    opened: Integers
    closed: Integers
    evidence: pd.DataFrame

    def at(self, rows: Flags | Integers) -> "Spells":
        """Return some of them."""
        return Spells(
            self.rule,
            self.customers[rows],
            self.opened[rows],
            self.closed[rows],
            self.evidence.iloc[np.arange(len(self.opened))[rows]].reset_index(drop=True),
        )

    def seen(self, now: int, *, keep: int) -> "Spells":
        """Return those that hold, or ended less than ``keep`` milliseconds ago.

        What has not begun is left out, what has not ended yet is taken as holding.
        """
        closed = np.where(self.closed > now, NEVER, self.closed)
        alike = Spells(self.rule, self.customers, self.opened, closed, self.evidence)
        return alike.at((self.opened <= now) & (closed > now - keep))


def frequency_down(facts: Facts, params: AlertParameters) -> Spells:
    """Find when purchases of the last window fell below a share of those of the one before.

    The counts change only when a purchase is made, leaves the recent window or leaves the
    earlier one: these instants are looked at, and no others.
    """
    window = params.window_days * DAY
    frequent = _with_at_least(facts, params.minimum_count)
    marks = np.concatenate([frequent.times + k * window for k in (0, 1, 2)])
    owners = np.tile(frequent.customers, 3)
    order = np.lexsort((marks, owners))
    order = order[marks[order] <= facts.now]
    owners, marks = owners[order], marks[order]
    upto = [_bought_by(frequent, owners, at=marks - k * window) for k in (0, 1, 2)]
    recent, before = upto[0] - upto[1], upto[1] - upto[2]
    holds = (before >= params.minimum_count) & (
        100 * recent <= (100 - params.drop_percent) * before
    )
    # several purchases of one instant are one mark
    last = np.append((np.diff(owners) != 0) | (np.diff(marks) != 0), True)[: len(marks)]
    owners, marks, holds = owners[last], marks[last], holds[last]
    begins, ends = _runs(owners, holds)
    closed = np.where(ends < 0, NEVER, marks[ends] if len(marks) else 0)
    counts = {"purchases_before": before[last][begins], "purchases_since": recent[last][begins]}
    evidence = pd.DataFrame({**counts, "window_days": params.window_days})
    return Spells("frequency_down", owners[begins], marks[begins], closed, evidence)


def complaint_unanswered(
    facts: Facts, params: AlertParameters, *, customers: Integers, times: Integers
) -> Spells:
    """Find complaints of buyers who have not bought within so many days since.

    ``customers`` and ``times`` are of complaints. Complaints that one purchase would answer are
    one spell, from the first of them.
    """
    place = np.searchsorted(
        _keys(facts, facts.customers, at=facts.times),
        _keys(facts, customers, at=times),
        side="right",
    )
    bought_before = _same(facts.customers, place - 1, customers=customers)
    has_next = _same(facts.customers, place, customers=customers)
    following = np.where(has_next, _taken(facts.times, place), NEVER)
    opened = times + params.complaint_days * DAY
    kept = bought_before & (opened < following) & (opened <= facts.now)
    found = pd.DataFrame(
        {"customer": customers[kept], "closed": following[kept], "at": times[kept]}
    )
    spells = found.groupby(["customer", "closed"])["at"].agg(["min", "max", "size"]).reset_index()
    evidence = pd.DataFrame(
        {
            "complaints": spells["size"],
            "first_complaint_at": spells["min"],
            "last_complaint_at": spells["max"],
            "days": params.complaint_days,
        }
    )
    return Spells(
        "complaint_unanswered",
        spells["customer"].to_numpy(np.int64),
        spells["min"].to_numpy(np.int64) + params.complaint_days * DAY,
        spells["closed"].to_numpy(np.int64),
        evidence,
    )


def sleeping(facts: Facts, params: AlertParameters) -> Spells:
    """Find when customers had not bought for long, and not yet for so long that they are lost."""
    is_last = np.append(np.diff(facts.customers) != 0, True)[: len(facts.times)]
    following = np.where(is_last, NEVER, np.append(facts.times[1:], 0)[: len(facts.times)])
    opened = facts.times + params.sleeping_from_days * DAY
    closed = np.minimum(following, facts.times + params.sleeping_to_days * DAY)
    kept = opened < following
    purchases = np.arange(len(facts.times)) - np.searchsorted(facts.customers, facts.customers) + 1
    evidence = pd.DataFrame(
        {
            "last_purchase_at": facts.times[kept],
            "purchases": purchases[kept],
            "days": params.sleeping_from_days,
        }
    )
    return Spells("sleeping", facts.customers[kept], opened[kept], closed[kept], evidence)


def expiring(balances: pd.DataFrame, params: AlertParameters, *, kind: str) -> Spells:
    """Find points or coupons that run out soon.

    ``balances`` has a row a customer, kind and instant: ``customer`` (a place),
    ``expires`` (milliseconds), ``hundredths`` held and the number of ``holdings``.
    """
    rows = balances[balances["kind"] == kind].reset_index(drop=True)
    expires = rows["expires"].to_numpy(np.int64)
    evidence = pd.DataFrame(
        {
            "amount": rows["hundredths"] / 100,
            "holdings": rows["holdings"],
            "expires_at": expires,
        }
    )
    opened = expires - params.notice_days * DAY
    customers = rows["customer"].to_numpy(np.int64)
    return Spells(f"{kind}_expiring", customers, opened, expires, evidence)


def _with_at_least(facts: Facts, minimum: int) -> Facts:
    """Return the purchases of customers who made so many."""
    counts = np.bincount(facts.customers)
    kept = counts[facts.customers] >= minimum if len(counts) else np.zeros(0, np.bool_)
    return Facts(facts.customers[kept], facts.times[kept], facts.now)


def _keys(facts: Facts, customers: Integers, *, at: Integers) -> Integers:
    """Return numbers that order instants by customer, then by time."""
    first = int(facts.times.min(initial=facts.now))
    size = facts.now - first + 3
    return customers * size + np.clip(at - first, -1, facts.now - first + 1)


def _bought_by(facts: Facts, customers: Integers, *, at: Integers) -> Integers:
    """Return how many purchases lie before each customer's instant, or on it, from the first."""
    bought = _keys(facts, facts.customers, at=facts.times)
    return np.searchsorted(bought, _keys(facts, customers, at=at), side="right")


def _runs(owners: Integers, holds: Flags) -> tuple[Integers, Integers]:
    """Return where runs begin in which a condition holds, and the mark that ends each; -1: none."""
    same = np.diff(owners, prepend=-1) == 0
    before = np.append(False, holds[:-1])[: len(holds)] & same
    begins = np.flatnonzero(holds & ~before)
    stops = np.flatnonzero(~holds)
    place = np.searchsorted(stops, begins)
    ends = np.append(stops, -1)[place]
    is_own = (ends >= 0) & (owners[ends] == owners[begins])
    return begins, np.where(is_own, ends, -1)


def _same(owners: Integers, place: Integers, *, customers: Integers) -> Flags:
    """Tell whether the purchase at a place is there and the customer's own."""
    inside = (place >= 0) & (place < len(owners))
    return np.asarray(inside & (_taken(owners, place) == customers), np.bool_)


def _taken(values: Integers, place: Integers) -> Integers:
    """Return values at places, whatever at those beyond the ends."""
    if not len(values):
        return np.full(len(place), -1, np.int64)
    return values[np.clip(place, 0, len(values) - 1)]
