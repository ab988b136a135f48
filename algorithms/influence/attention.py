"""The score: how many different people answered somebody lately, weighted by their trust.

One replier counts once, however often they wrote; the age of their latest reply decides how
much. Trust flows from established accounts alone, so that accounts made for the purpose add
nothing: nobody established answers them. Where few accounts are established, that would
silence honest people too: whoever is not new weighs three quarters at least, the new a
floor, and nobody more than 1.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from algorithms.influence.arcs import Arcs, Flags, Floats

Form = Literal["rule", "strict", "floor"]

LONGEST_HALF_LIFE: Final = 60.0
"""Days. Of 15 to 365 days, 60 foretold best who draws replies in the month that follows."""
HALF_LIVES: Final = 4
"""How many half-lives a window holds at least; short windows need a shorter memory."""
OLD_ENOUGH: Final = 1 / 4
"""Share of the window since which an established account is known, at least."""
SETTLED: Final = 1 / 6
"""Share of the window, its end, that makes nobody established: attacks are sudden."""
LEAST_REPLIERS: Final = 2
MOST_TRUST: Final = 2.0
OLD_WEIGHT: Final = 3 / 4
"""Least weight, in the form with a floor, of who is not new: asleep for long, or a lurker."""
HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rule:
    """How attention is measured.

    Parameters
    ----------
    window_days
        Days that the arcs are of.
    half_life_days
        Days after which a reply counts half; None: 60, or a quarter of a shorter window.
    form
        Whether repliers without trust count nothing (strict) or a little (floor); by the rule
        it is strict where at least half of the people are established.
    floor
        Least weight of a new replier in the form with a floor, 0 to 1.
    """

    window_days: float
    half_life_days: float | None = None
    form: Form = "rule"
    floor: float = 0.25

    @property
    def half_life(self) -> float:
        """Return the days after which a reply counts half."""
        return self.half_life_days or min(LONGEST_HALF_LIFE, self.window_days / HALF_LIVES)


@dataclass(frozen=True, eq=False)
class Attention:
    """What the replies say of each person.

    Parameters
    ----------
    score
        Sum over repliers of decay times weight: D.
    untrusted
        The same with weight 1: A.
    parts
        Of each arc, what it adds to the score of who is answered.
    trust
        Of each person, the weight of what they reply before any floor, 0 to about 2, 1 on
        the mean over established accounts.
    established
        Who is.
    share
        Share of the people who are not too new to be, that are established.
    is_strict
        Whether who has no trust counts nothing.
    """

    score: Floats
    untrusted: Floats
    parts: Floats
    trust: Floats
    established: Flags
    share: float
    is_strict: bool


def attention(arcs: Arcs, rule: Rule) -> Attention:
    """Measure the attention that each person draws.

    Parameters
    ----------
    arcs
        Replies of the window.
    rule
        Half-life, and how trust counts.

    Notes
    -----
    Accounts younger than the last sixth of the window do not count in the share that decides
    between the forms: who makes accounts could choose the form.

    In the form with a floor weights lie closer together: where a fifth of the people are
    established, trust from nothing to three tells repliers apart by noise, and costs 0.02
    NDCG@50 on a network whose popularity does not change.
    """
    decay = decayed(arcs.last, half_life=rule.half_life)
    is_known = established(arcs, window_days=rule.window_days)
    settled = arcs.seen & (arcs.known >= rule.window_days * SETTLED)
    share = float(is_known.sum()) / max(int(settled.sum()), 1)
    is_strict = rule.form == "strict" or (rule.form == "rule" and share >= HALF)
    trust = trust_of(arcs, is_known)
    weight = (
        trust if is_strict else np.clip(trust, floors(arcs, rule, is_established=is_known), 1.0)
    )
    parts = decay * weight[arcs.source]
    return Attention(arcs.sums(parts), arcs.sums(decay), parts, trust, is_known, share, is_strict)


def floors(arcs: Arcs, rule: Rule, *, is_established: Flags) -> Floats:
    """Return the least weight of each person: 3/4, or of the new the floor.

    Where nobody is established yet the whole network is new, and age tells nothing.
    """
    is_old = (arcs.known >= rule.window_days * OLD_ENOUGH) & is_established.any()
    return np.where(is_old, max(OLD_WEIGHT, rule.floor), rule.floor)


def decayed(ages: Floats, *, half_life: float) -> Floats:
    """Return what is left of 1 after so many days, if half is left after each half-life."""
    left: Floats = np.exp2(-ages / half_life)
    return left


def established(arcs: Arcs, *, window_days: float) -> Flags:
    """Tell who is known for a quarter of the window and had two repliers before its last sixth."""
    early = arcs.first > window_days * SETTLED
    before = np.bincount(arcs.target[early], minlength=arcs.n)
    old = arcs.known >= window_days * OLD_ENOUGH
    return np.asarray(old & (before >= LEAST_REPLIERS))


def trust_of(arcs: Arcs, is_established: Flags) -> Floats:
    """Return how much a reply of each person weighs: 0 where no trust arrives.

    With r the PageRank that teleports to established accounts only, the weight is
    ``min(2, log(1 + r / median r))``, scaled to a mean of 1 over the established accounts.
    """
    from algorithms.network.pagerank import pagerank

    if not is_established.any():
        return np.zeros(arcs.n)
    r = pagerank(arcs.network(), teleport=is_established.astype(np.float64))
    typical = float(np.median(r[is_established]))
    weight = np.minimum(MOST_TRUST, np.log1p(r / typical))
    scaled: Floats = weight / weight[is_established].mean()
    return scaled
