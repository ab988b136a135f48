"""Where people stand by their scores: ranks, bands, who is rising, whose rank looks bought.

Ranks are of the people somebody answered. Equal scores are told apart by repliers, then by
replies, then by the order of ids, so that a list is the same every time.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from algorithms.influence.arcs import Arcs, Flags, Floats, Numbers
from algorithms.influence.attention import Attention

Names = npt.NDArray[np.object_]

DIGITS: Final = 12  # sums of equal parts in another order differ beyond these
TOP_REPLIERS: Final = 5
LARGEST_SHARE: Final = 0.1
"""A list holds a tenth of the people at most: of thirty people, twenty are no leaders."""
BOOSTED, FEW = "boosted_by_new_accounts", "rests_on_few"
NEW_SHARE: Final = 0.5
DROP: Final = 2
"""How many times further down the trusted rank lies where the plain one looks bought."""
WITHIN_LISTS: Final = 5
"""So many lists from the top: further down it is of no consequence who is boosted."""


@dataclass(frozen=True, eq=False)
class Standing:
    """Where each person stands; ranks are 0 for whom nobody answered."""

    rank: Numbers
    plain_rank: Numbers
    rank_without_top: Numbers
    top_share: Floats
    n: int


def standing(arcs: Arcs, found: Attention) -> Standing:
    """Rank everybody who was answered, by score, by untrusted score, and without the top five.

    Returns
    -------
    Ranks from 1 on. ``rank_without_top`` is where a person's score would stand among the
    unchanged scores of all others without the five repliers who wrote to them most;
    ``top_share`` is the share of the score that these five give, 0 to 1.
    """
    repliers = arcs.repliers
    is_ranked = repliers > 0
    rank = ranks(found.score, arcs=arcs)
    rest = arcs.sums(np.where(_of_top_repliers(arcs, found.parts), 0.0, found.parts))
    score = np.round(found.score, DIGITS)
    ordered = np.sort(score[is_ranked])
    above = len(ordered) - np.searchsorted(ordered, np.round(rest, DIGITS), side="right")
    # a person's own whole score stands above what is left of it, and is not another's
    above -= score > np.round(rest, DIGITS)
    share = 1 - rest / np.where(found.score > 0, found.score, 1.0)
    return Standing(
        rank=rank,
        plain_rank=ranks(found.untrusted, arcs=arcs),
        rank_without_top=np.where(is_ranked, above + 1, 0),
        top_share=np.where(found.score > 0, np.clip(share, 0.0, 1.0), 0.0),
        n=int(is_ranked.sum()),
    )


def ranks(score: Floats, *, arcs: Arcs) -> Numbers:
    """Return the rank by ``score`` of everybody who was answered, from 1; 0 for the others."""
    people = np.flatnonzero(arcs.repliers > 0)
    keys = (people, -arcs.replies[people], -arcs.repliers[people], -np.round(score, DIGITS)[people])
    rank = np.zeros(arcs.n, np.int64)
    rank[people[np.lexsort(keys)]] = np.arange(1, len(people) + 1)
    return rank


def _of_top_repliers(arcs: Arcs, parts: Floats) -> Flags:
    """Tell which arcs are of the five who wrote most to a person, ties by what they add."""
    order = np.lexsort((arcs.source, -parts, -arcs.count, arcs.target))
    target = arcs.target[order]
    start = np.flatnonzero(np.diff(target, prepend=-1))
    place = np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    is_top = np.zeros(len(order), bool)
    is_top[order] = place < TOP_REPLIERS
    return is_top


def list_length(n: int, *, wished: int) -> int:
    """Return how many of ``n`` ranked people stand on a list: a tenth of them at most."""
    return min(wished, int(np.ceil(n * LARGEST_SHARE)))


def bands_of(held: Standing, *, score: Floats, growth: Numbers, lists: tuple[int, int]) -> Names:
    """Return leader, rising, regular or quiet for each person.

    Parameters
    ----------
    held, score
        Ranks, and the scores that they are by.
    growth
        Recent repliers less those of as many days before.
    lists
        The lengths of the lists of leaders and of rising people.

    Notes
    -----
    Rising is who stands highest by score outside the list and did not shrink: the growth is
    the explanation, not the rule, for the fastest growing are a bad forecast.
    """
    band = np.full(len(score), "quiet", dtype=object)
    band[score > 0] = "regular"
    leads = (held.rank > 0) & (held.rank <= lists[0]) & (score > 0)
    band[leads] = "leader"
    open_ = np.flatnonzero((held.rank > 0) & ~leads & (score > 0) & (growth >= 0))
    rises = open_[np.argsort(held.rank[open_], kind="stable")][: lists[1]]
    band[rises] = "rising"
    return band


def flags_of(arcs: Arcs, held: Standing, *, new: Flags, length: int) -> dict[str, Flags]:
    """Tell whose rank looks boosted by new accounts, and whose rests on few repliers.

    Parameters
    ----------
    arcs, held
        Replies, and ranks.
    new
        Of each person: an account known for less than a quarter of the window, without trust.
    length
        Of the list of leaders.
    """
    from_new = arcs.sums(new[arcs.source].astype(np.float64))
    repliers = np.maximum(arcs.repliers, 1)
    is_high = (held.plain_rank > 0) & (held.plain_rank <= WITHIN_LISTS * length)
    fell = held.rank >= DROP * held.plain_rank + 1
    few = (held.rank > 0) & (held.rank <= length) & (held.top_share > HALF) & (repliers > 0)
    return {BOOSTED: is_high & fell & (from_new >= NEW_SHARE * repliers), FEW: few}


HALF: Final = 0.5
