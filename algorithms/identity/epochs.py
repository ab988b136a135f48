"""One identifier, several owners in turn: recycled numbers and long unseen devices.

An identifier that was not seen for long is taken for another one from then on: a cookie or a
device always, a phone only where the persons before and after contradict each other. The
periods between are its *epochs*, numbered from 1; accounts of different epochs share nothing.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from algorithms.identity.links import NEVER, Flags, Links, Numbers
from algorithms.identity.persons import UNKNOWN, Cores
from algorithms.identity.policy import Policy

DAY_MS: Final = 86_400_000
# in whole seconds the times of ten centuries and a hundred million identifiers fit one number
SECOND_MS: Final = 1_000
NOWHERE: Final = -1


def epochs(links: Links, cores: Cores, *, kinds: Numbers, policy: Policy) -> Numbers:
    """Return the epoch of each link.

    Parameters
    ----------
    links
        In their order: by identifier, then by the time first seen.
    cores
        Of the accounts.
    kinds
        The kind of each identifier, as a place in the policy's order.
    policy
        ``window_days`` and ``gap_days`` of each kind.
    """
    kind = kinds[links.identifier]
    gap = _gaps(links)
    window = _days([rule.window_days for rule in policy.rules])[kind]
    recycled = _days([rule.gap_days for rule in policy.rules])[kind]
    begins = gap > window
    # where an epoch has begun anyway, whoever was there before says nothing any more
    turn = np.cumsum(begins | (np.diff(links.identifier, prepend=-1) != 0))
    begins |= _contradicted(links, cores, maybe=(gap > recycled) & ~begins, turn=turn)
    return _counted(begins, links)


def _days(limits: list[int | None]) -> Numbers:
    return np.array([NEVER if days is None else days * DAY_MS for days in limits], dtype=np.int64)


def _gaps(links: Links) -> Numbers:
    """Return for how long the identifier had not been seen before each link, in ms."""
    gap = np.zeros(len(links.account), dtype=np.int64)
    latest = _latest(links)
    same = links.identifier[1:] == links.identifier[:-1]
    known = np.flatnonzero(same & (links.first[1:] != NEVER))
    gap[known + 1] = links.first[known + 1] - latest[known]
    return gap


def _latest(links: Links) -> Numbers:
    """Return when the identifier was last seen, up to and with each link, in ms."""
    # links without a time stand last, so what they say here is never read
    last = np.where(links.last == NEVER, 0, links.last) // SECOND_MS
    low = last.min(initial=0)
    step = last.max(initial=0) - low + 1
    rank = np.cumsum(np.diff(links.identifier, prepend=links.identifier[:1]) != 0)
    # a step up at each identifier makes the running maximum start anew there
    running = np.maximum.accumulate(last - low + rank * step) - rank * step
    latest: Numbers = (running + low) * SECOND_MS
    return latest


def _contradicted(links: Links, cores: Cores, *, maybe: Flags, turn: Numbers) -> Flags:
    """Tell which of the gaps in question part persons who contradict each other.

    ``turn`` numbers the stretches of links within which gaps are looked at.
    """
    found = np.zeros(len(maybe), dtype=np.bool_)
    start, end = _spans(turn)
    gaps = np.flatnonzero(maybe & _differ(links, cores, start=start))
    begin = NOWHERE
    for gap, following in pairwise([*gaps.tolist(), NOWHERE]):
        begin = max(begin, int(start[gap]))
        stop = int(end[gap]) if following == NOWHERE else min(int(end[gap]), following)
        before, after = links.account[begin:gap], links.account[gap:stop]
        if cores.contradiction(cores.together(before), cores.together(after)):
            found[gap] = True
            begin = gap
    return found


def _spans(label: Numbers) -> tuple[Numbers, Numbers]:
    """Return for each link where the links of its label begin, and where they end."""
    begins = np.flatnonzero(np.diff(label, prepend=-1) != 0)
    lengths = np.diff(begins, append=len(label))
    return np.repeat(begins, lengths), np.repeat(begins + lengths, lengths)


def _differ(links: Links, cores: Cores, *, start: Numbers) -> Flags:
    """Tell for each link whether the accounts of its stretch know two birth dates or names."""
    differ = np.zeros(len(start), dtype=np.bool_)
    for codes in (cores.birth[links.account], cores.name[links.account]):
        known = np.flatnonzero(codes != UNKNOWN)
        least = np.full(len(start), NEVER)
        most = np.full(len(start), UNKNOWN, dtype=np.int64)
        np.minimum.at(least, start[known], codes[known])
        np.maximum.at(most, start[known], codes[known])
        differ |= (least < most)[start]
    return differ


def _counted(begins: Flags, links: Links) -> Numbers:
    """Return the epoch of each link, counted from 1 at each identifier."""
    start, _ = _spans(links.identifier)
    passed = np.cumsum(begins)
    epoch: Numbers = (1 + passed - passed[start]).astype(np.int64)
    return epoch
