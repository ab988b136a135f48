"""How good the score is: ranked by what came before a cut, judged by who was answered after.

At each cut everybody seen in the window before it is ranked, with the half-life that the
window itself speaks for; the judge is by how many different people each is then answered.
Beside the score stand the number of repliers, which is hard to beat, PageRank, betweenness,
and chance. Cuts without anybody to rank or to judge by are passed over.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Final

import numpy as np

from algorithms.contract import NothingToSayError
from algorithms.influence.arcs import Arcs, Flags, Floats, Timeline
from algorithms.influence.attention import Rule, attention
from algorithms.influence.columns import brokerage
from algorithms.influence.fading import half_life_of
from algorithms.influence.standing import list_length
from algorithms.rankings import ListGrade, average_precision, grade_list, paired_p
from graph.language import Text

OURS, BASELINE = "score", "in_degree"
RISING_HORIZONS: Final = 3
"""Over how many horizons rising people have to arrive: a quarter of a year for a month."""
PIVOTS: Final = 256  # a grade needs the middle of many cuts, not the last place of one list


class NoCutError(NothingToSayError):
    """There are too few replies to look back from any cut, and forward from it."""

    text = Text(
        "The replies span {span:.0f} days: too few to rank by {window} days before a cut and "
        "to judge by {horizon} days after it. Lower influence.window_days or the horizon.",
        "回复仅跨 {span:.0f} 天：不足以按截断点前 {window} 天排名并按其后 {horizon} 天检验。"
        "请减小 influence.window_days 或评估天数。",
    )


@dataclass(frozen=True, slots=True)
class CutGrade:
    """All measures at one cut: how good their lists were, and their calls of who is rising.

    ``half_life`` is that of the score, in days. ``rising`` is None where no time is left to
    see who rose, or nobody did.
    """

    cut: float
    n: int
    n_drawn: int
    lists: Mapping[str, ListGrade]
    rising: Mapping[str, float] | None
    half_life: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The score against one baseline over all cuts, by NDCG@50: mean gain, wins, p-value."""

    baseline: str
    gain: float
    wins: int
    cuts: int
    p_value: float | None


def grade_cuts(
    timeline: Timeline, rule: Rule, *, cuts: list[float], horizon: float
) -> list[CutGrade]:
    """Grade the score at past cuts.

    Parameters
    ----------
    timeline
        All replies that count.
    rule
        The window, and how attention is measured; without a half-life, each cut chooses its
        own by what came before it.
    cuts
        In days since the timeline's zero.
    horizon
        Days after a cut that judge.
    """
    end = float(timeline.at.max(initial=0.0))
    graded = (_graded(timeline, rule, cut=cut, horizon=horizon, end=end) for cut in cuts)
    return [grade for grade in graded if grade]


def rolling_cuts(timeline: Timeline, *, window: float, horizon: float, n: int) -> list[float]:
    """Return the latest ``n`` cuts, a horizon apart, that have replies on both sides; ascending.

    Raises
    ------
    NoCutError
        If there is none.
    """
    at = np.sort(timeline.at)
    begin, end = (float(at[0]), float(at[-1])) if len(at) else (0.0, 0.0)
    found: list[float] = []
    # the last reply has to lie within the horizon of the last cut, not at its end
    cut = end + INSTANT - horizon
    while len(found) < n and cut >= begin + min(window, horizon):
        edges = np.searchsorted(at, [cut - window, cut, cut + horizon])
        if edges[0] < edges[1] < edges[2]:
            found.append(cut)
        cut -= horizon
    if not found:
        raise NoCutError(span=end - begin, window=int(window), horizon=int(horizon))
    return found[::-1]


INSTANT: Final = 1 / 86_400_000


def _graded(
    timeline: Timeline, rule: Rule, *, cut: float, horizon: float, end: float
) -> CutGrade | None:
    arcs = timeline.arcs(cut, days=rule.window_days)
    gain = timeline.drawn(cut, days=horizon)
    seen = arcs.seen
    if not gain[seen].any():
        return None
    half_life = half_life_of(timeline, rule, cut=cut, horizon=horizon).days
    scores = measures_of(arcs, replace(rule, half_life_days=half_life))
    lists = {name: grade_list(score[seen], gain[seen]) for name, score in scores.items()}
    rising = None
    span = RISING_HORIZONS * horizon
    if cut + span <= end + 1:
        before, later = (timeline.drawn(since, days=span) for since in (cut - span, cut))
        called = {**scores, "growth": _growth(arcs)}
        rising = _rising(called, before=before[seen], after=later[seen], seen=seen)
    n_drawn = int((gain[seen] > 0).sum())
    return CutGrade(cut, int(seen.sum()), n_drawn, lists, rising, half_life)


def measures_of(arcs: Arcs, rule: Rule) -> dict[str, Floats]:
    """Return every measure of each person that is compared; chance gives all the same."""
    from algorithms.network.digraph import digraph_of
    from algorithms.network.pagerank import pagerank

    found = attention(arcs, rule)
    # as others use it: who answers whom, however often
    network = digraph_of(arcs.source, arcs.target, n=arcs.n)
    return {
        OURS: found.score,
        "untrusted": found.untrusted,
        BASELINE: arcs.repliers.astype(np.float64),
        "pagerank": pagerank(network),
        "betweenness": _betweenness(arcs),
        "random": np.zeros(arcs.n),
    }


def _betweenness(arcs: Arcs) -> Floats:
    from algorithms.network.betweenness import betweenness, chosen_pivots

    network = arcs.network()
    if network.n * network.m < CHEAP:
        return brokerage(network, seed=0)
    return betweenness(network, pivots=chosen_pivots(network, PIVOTS, seed=0))


CHEAP: Final = 50_000_000
"""People times arcs up to which betweenness is exact at every cut."""


def _growth(arcs: Arcs) -> Floats:
    """Return repliers of the later half of the window who are new, less those of the first."""
    span = float(arcs.first.max(initial=0.0)) / 2
    newer = arcs.first <= span
    return arcs.sums(np.where(newer, 1.0, -1.0))


def _rising(
    scores: Mapping[str, Floats], *, before: Floats, after: Floats, seen: Flags
) -> dict[str, float] | None:
    """Return how well each measure calls who will be most answered and is not yet.

    Both lists are by how many people answered each, ``before`` the cut and ``after`` it. A list
    by one of the measures would leave it the people of whom it thinks little, and the others
    those of whom they think much.
    """
    length = list_length(len(before), wished=100)
    outside = np.argsort(-before, kind="stable")[length:]
    least = max(float(np.sort(after)[-length]), 1.0)
    arrived = (after >= least)[outside].astype(np.float64)
    found = {name: average_precision(s[seen][outside], arrived) for name, s in scores.items()}
    told = {name: value for name, value in found.items() if value is not None}
    return told or None


def verdicts(graded: list[CutGrade]) -> Iterator[Verdict]:
    """Compare the score with each other measure, cut by cut."""
    ours = np.array([one.lists[OURS].ndcg_50 for one in graded])
    for name in graded[0].lists if graded else ():
        if name != OURS:
            theirs = np.array([one.lists[name].ndcg_50 for one in graded])
            gain, wins = float((ours - theirs).mean()), int((ours > theirs).sum())
            yield Verdict(name, gain, wins, len(graded), paired_p(ours, theirs))


def means_of(graded: list[CutGrade]) -> dict[str, float]:
    """Return the mean of every figure over the cuts: of the score plain, of others by name."""
    found: dict[str, list[float]] = {}
    for one in graded:
        for name, grade in one.lists.items():
            for figure, value in asdict(grade).items():
                found.setdefault(_named(name, figure), []).append(value)
        for name, value in (one.rising or {}).items():
            found.setdefault(_named(name, "rising_average_precision"), []).append(value)
    return {name: fmean(values) for name, values in found.items()}


def _named(measure: str, figure: str) -> str:
    return figure if measure == OURS else f"{measure}_{figure}"


Show = Callable[[float], str]


def as_metrics(graded: list[CutGrade], *, shown: Show) -> dict[str, object]:
    """Return the grades as the metrics of a run; ``shown`` writes a cut as a date."""
    cuts = [{**asdict(one), "cut": shown(one.cut)} for one in graded]
    return {
        "cuts": cuts,
        "means": {"influence_score": means_of(graded)},
        "paired": [asdict(verdict) for verdict in verdicts(graded)],
    }
