"""How fast a reply fades: by what would have foretold best who was answered before.

Some networks change by the week and some hardly at all. Earlier cuts inside the window judge
a few half-lives, each by the replies before a cut and the month after it; nothing later than
the window is looked at. The usual half-life stays where nothing is clear, and a reply never
fades by a choice that new accounts could have made: they are left out of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from algorithms.influence.arcs import Flags, Floats, Numbers, Timeline
from algorithms.influence.attention import SETTLED, Rule, decayed
from algorithms.rankings import ndcg

MOST_CUTS: Final = 6
FEWEST_CUTS: Final = 3
LEAST_WINDOW: Final = 1 / 2
"""Share of the window that has to lie before an earlier cut."""
LEAST_DRAWN: Final = 20
"""So many people have to be answered after a cut for it to judge."""
TIMES: Final = (1 / 4, 1 / 2, 1.0, 2.0, 4.0)
"""Half-lives that are compared, in usual ones; and one that hardly fades at all."""
UNFADING: Final = 10.0
"""Windows in the longest half-life: the oldest reply keeps more than nine tenths."""
CLEARLY: Final = 0.005
"""NDCG@50: half-lives of 30 to 90 days differed by no more than this on a year's window."""

DIGITS: Final = 9
"""Scores that differ beyond these are equal: sums in another order would part them."""

Reason = Literal["given", "back-test", "too little data"]


@dataclass(frozen=True, slots=True)
class HalfLife:
    """The half-life of a run, and what spoke for it.

    Parameters
    ----------
    days
        After which a reply counts half.
    usual
        What it would be without a back-test.
    reason
        Given by who asked, chosen by a back-test, or the usual for want of data.
    cuts
        Earlier cuts that judged.
    grades
        Of each half-life compared, in days: the mean NDCG@50 of the cuts.
    """

    days: float
    usual: float
    reason: Reason
    cuts: int = 0
    grades: Mapping[float, float] | None = None

    def as_metrics(self) -> dict[str, object]:
        """Return the choice as metrics of a run."""
        grades = {f"{days:g}": grade for days, grade in (self.grades or {}).items()}
        return {"usual": self.usual, "reason": self.reason, "cuts": self.cuts, "grades": grades}


@dataclass(frozen=True, eq=False)
class Heard:
    """The replies of a window that have a say, sorted by who answers, who is answered, and when.

    Parameters
    ----------
    n
        People.
    source, target, at
        Of each reply: who, to whom, and when in days.
    again
        Whether the next reply is of the same two.
    """

    n: int
    source: Numbers
    target: Numbers
    at: Floats
    again: Flags

    def seen(self, cut: float) -> Flags:
        """Tell who answered anybody or was answered before ``cut``."""
        found, before = np.zeros(self.n, bool), self.at < cut
        found[self.source[before]] = found[self.target[before]] = True
        return found

    def last(self, cut: float) -> Flags:
        """Tell which replies are the latest of two people before ``cut``."""
        before = self.at < cut
        later: Flags = np.append(before[1:], False)
        return np.asarray(before & ~(self.again & later))

    def drawn(self, cut: float, *, days: float) -> Numbers:
        """Return by how many people each was answered within ``days`` from ``cut`` on."""
        latest = self.last(cut + days) & (self.at >= cut)
        return np.bincount(self.target[latest], minlength=self.n)


def half_life_of(timeline: Timeline, rule: Rule, *, cut: float, horizon: float) -> HalfLife:
    """Return the half-life that is given, else the one that a back-test chooses.

    Parameters
    ----------
    timeline
        Replies; those outside the window before ``cut`` are not looked at.
    rule
        The window, and the half-life if it is given.
    cut
        The instant to choose for, in days since the timeline's zero.
    horizon
        Days that judge an earlier cut.

    Notes
    -----
    Against the usual half-life, a shorter one has to do better by `CLEARLY` and by one standard
    error of the paired differences; a longer one, which rests on more replies, on the mean. And
    whatever fades has to do better by one standard error than what hardly fades, for where
    nothing changes the number of repliers is hard to beat. Where the window is so short that
    earlier cuts overlap, a longer one needs as much as a shorter one, and the last rule rests.
    """
    if rule.half_life_days is not None:
        return HalfLife(rule.half_life_days, rule.half_life, "given")
    days, step = candidates(rule), step_days(rule.window_days, horizon)
    cuts = _earlier(cut, window=rule.window_days, horizon=horizon)
    held = _heard(timeline, cut, window=rule.window_days)
    grades = np.array([*_graded(held, days, cuts=cuts, horizon=horizon)])
    if len(grades) < FEWEST_CUTS:
        return HalfLife(rule.half_life, rule.half_life, "too little data", len(grades))
    best = _chosen(grades, usual=days.index(rule.half_life), overlap=horizon / step)
    means = dict(zip(days, grades.mean(axis=0).tolist(), strict=True))
    return HalfLife(days[best], rule.half_life, "back-test", len(grades), means)


def candidates(rule: Rule) -> list[float]:
    """Return the half-lives that are compared, in days, ascending."""
    return [*(rule.half_life * times for times in TIMES), rule.window_days * UNFADING]


def step_days(window: float, horizon: float) -> float:
    """Return the days between earlier cuts: a horizon, or half of one in a short window."""
    enough = window * (1 - LEAST_WINDOW) >= FEWEST_CUTS * horizon
    return horizon if enough else horizon / 2


def _earlier(cut: float, *, window: float, horizon: float) -> list[float]:
    """Return the earlier cuts, latest first: a horizon back or more, and half a window at most."""
    step = step_days(window, horizon)
    backs = horizon + step * np.arange(MOST_CUTS)
    return [cut - back for back in backs[backs <= window * (1 - LEAST_WINDOW)].tolist()]


def _heard(timeline: Timeline, cut: float, *, window: float) -> Heard:
    """Return the replies of the window by people who are not too new to have a say."""
    is_old = np.maximum(cut - timeline.since, 0.0) >= window * SETTLED
    inside = (timeline.at >= cut - window) & (timeline.at < cut) & is_old[timeline.source]
    source, target = timeline.source[inside], timeline.target[inside]
    at = timeline.at[inside]
    pair = source * timeline.n + target
    # a run reads its replies in this order, and a million are not sorted for nothing
    if not ((pair[1:] > pair[:-1]) | ((pair[1:] == pair[:-1]) & (at[1:] >= at[:-1]))).all():
        order = np.lexsort((at, pair))
        source, target, at, pair = source[order], target[order], at[order], pair[order]
    again = np.append(pair[1:] == pair[:-1], False)[: len(at)]
    return Heard(timeline.n, source, target, at, again)


def _graded(
    held: Heard, days: Sequence[float], *, cuts: Sequence[float], horizon: float
) -> Iterator[list[float]]:
    """Return the NDCG@50 of each half-life at each cut that can judge."""
    for cut in cuts:
        seen, last = held.seen(cut), held.last(cut)
        gain = held.drawn(cut, days=horizon)[seen].astype(np.float64)
        if (gain > 0).sum() >= LEAST_DRAWN:
            target, age = held.target[last], cut - held.at[last]
            faded = (decayed(age, half_life=half_life) for half_life in days)
            scores = (np.bincount(target, left, held.n)[seen] for left in faded)
            yield [ndcg(np.round(score, DIGITS), gain, k=50) for score in scores]


def _chosen(grades: Floats, *, usual: int, overlap: float) -> int:
    """Return the place of the half-life to take, given grades by cut and half-life.

    ``overlap`` is how many cuts share a day: their standard error is that of so many fewer.
    """
    mean, error = _gains(grades, over=usual, overlap=overlap)
    asked = np.maximum(error, CLEARLY)
    if overlap <= 1:
        asked[usual + 1 :] = 0.0
    best = int(np.argmax(np.where(mean > asked, mean, 0.0))) if (mean > asked).any() else usual
    mean, error = _gains(grades, over=-1, overlap=overlap)
    fades = overlap > 1 or mean[best] > error[best]
    return best if fades else grades.shape[1] - 1


def _gains(grades: Floats, *, over: int, overlap: float) -> tuple[Floats, Floats]:
    """Return by how much each does better than one of them on the mean, and its standard error."""
    gains = grades - grades[:, [over]]
    error = gains.std(axis=0, ddof=1) / np.sqrt(len(gains) / overlap)
    return gains.mean(axis=0), error
