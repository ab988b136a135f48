"""Whom somebody reaches: probabilities along influence, and random sets that measure reach.

Influence goes against replies: who answers has been reached. A *reverse-reachable set* holds
everybody who would have reached one person drawn at random; the share of such sets that
contain one of some seeds, times the number of people, is the reach of the seeds, without bias.

Kempe, D., Kleinberg, J. & Tardos, E. (2003). Maximizing the spread of influence. KDD.
Borgs, C., Brautbar, M., Chayes, J. & Lucier, B. (2014). Maximizing social influence in nearly
optimal time. SODA.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from algorithms.network.digraph import Digraph, Floats, Ints, Numbers
from algorithms.network.models import Model
from algorithms.network.spreading_kernels import (
    cascade_sets,
    drawing_of,
    sort_descending,
    threshold_sets,
)
from graph.errors import ConfigurationError
from graph.language import Text

# 240 MB of people in sets, and as much again to find the sets of a person
MOST_MEMBERS: Final = 60_000_000
# arcs looked at, about half a minute; a trial of so many sets tells what the rest will take
MOST_ARCS: Final = 2_000_000_000
TRIAL: Final = 1_000


class ExplodingError(ConfigurationError):
    """Influence spreads so far that sets which measure it do not fit."""

    text = Text(
        "With these probabilities one person is reached by about {mean:,.0f} others, and "
        "{n_sets:,} such sets would hold {members:,.0f} people; at most {most:,} are drawn. "
        "Lower the probability (the share of replies, 0, never explodes), or draw fewer sets.",
        "在此概率下，平均约 {mean:,.0f} 人可触达同一个人，{n_sets:,} 个集合共含 {members:,.0f} "
        "人，上限为 {most:,}。请降低概率（取 0 即按回复占比，不会爆炸）或减少集合数。",
    )


class WeightsError(ConfigurationError):
    """Weights of the linear threshold that are above 1 in sum."""

    text = Text(
        "The linear threshold needs weights of at most 1 in sum a person; here one has "
        "{largest:.3g}. Take the share of replies (probability 0), or the cascade.",
        "线性阈值模型要求每人权重之和不超过 1，此处最大为 {largest:.3g}。请按回复占比（概率取 0）"
        "或改用级联模型。",
    )


@dataclass(frozen=True, eq=False)
class Spreading:
    """Who can win over whom.

    Parameters
    ----------
    n
        People.
    starts
        Where each person's arcs begin, and behind them where all end: n + 1.
    sources
        Of each arc, who may win the person over.
    probability
        Of each arc, 0 to 1, falling within a person.
    model
        How arcs work together, see `Model`.
    """

    n: int
    starts: Numbers
    sources: Ints
    probability: Floats
    model: Model


@dataclass(frozen=True, eq=False)
class ReachSets:
    """Random reverse-reachable sets over ``n`` people, one after the other.

    ``members`` holds the people of all sets, and ``starts`` where each set begins, and behind
    them where all end.
    """

    n: int
    starts: Numbers
    members: Ints

    def __len__(self) -> int:
        """Return the number of sets."""
        return len(self.starts) - 1


def spreading_of(
    replies: Digraph, *, probability: float | None = None, model: Model = "cascade"
) -> Spreading:
    """Return how influence spreads over who answers whom.

    Parameters
    ----------
    replies
        Arcs from who answers to who is answered, weighted by the number of replies.
    probability
        The same for every arc, 0 to 1; None: the share of a person's replies that went to
        the other, which is *weighted cascade* where each pair has one reply.
    model
        See `Spreading`.

    Raises
    ------
    WeightsError
        If the threshold model gets weights above 1 in sum.
    """
    if probability is None:
        total = np.bincount(replies.source, replies.weight, minlength=replies.n)
        sums = total[replies.source]
        chance = np.divide(replies.weight, sums, out=np.zeros(replies.m), where=sums > 0)
    else:
        chance = np.full(replies.m, float(probability))
    return given(replies, chance, model=model)


def given(replies: Digraph, probability: Floats, *, model: Model = "cascade") -> Spreading:
    """Return how influence spreads with a probability an arc; arguments as `spreading_of`."""
    sources, chance = replies.target.copy(), probability.astype(np.float64)
    sort_descending(replies.starts, sources, probability=chance)
    if model == "threshold":
        sums = np.bincount(replies.source, chance, minlength=1)
        # shares of a whole may be a few roundings above it
        if sums.max(initial=0.0) > 1 + 1e-9:
            raise WeightsError(largest=float(sums.max()))
    return Spreading(replies.n, replies.starts, sources, chance, model)


def reach_sets(spreading: Spreading, n_sets: int, *, seed: int) -> ReachSets:
    """Draw random reverse-reachable sets.

    Parameters
    ----------
    spreading
        At least one person.
    n_sets
        How many, at least 1.
    seed
        Sets of different seeds are independent; those of one seed are always the same.

    Raises
    ------
    ExplodingError
        If the sets would hold too many people, which a trial of the first tells.
    """
    trial = _drawn(spreading, min(n_sets, TRIAL), seed=seed, most=MOST_ARCS // 20)
    mean = len(trial.members) / len(trial)
    if mean * n_sets > MOST_MEMBERS:
        raise _exploding(mean, n_sets)
    if len(trial) == n_sets:
        return trial
    return _drawn(spreading, n_sets, seed=seed, most=MOST_ARCS, room=int(1.25 * mean * n_sets))


def _drawn(spreading: Spreading, n_sets: int, *, seed: int, most: int, room: int = 0) -> ReachSets:
    """Draw sets piece by piece, each as long as the room for its members allows."""
    draw = cascade_sets if spreading.model == "cascade" else threshold_sets
    weights = spreading.probability if spreading.model == "cascade" else _cumulated(spreading)
    arcs = (spreading.starts, spreading.sources, weights)
    pieces: list[Ints] = []
    sizes: list[Numbers] = []
    done = held = 0
    while done < n_sets:
        drawing = drawing_of(arcs, room=max(room, spreading.n, n_sets) + 1_000, seed=seed)
        ends = np.zeros(n_sets - done, np.int64)
        n = draw(drawing, ends, first=done, most=most)
        used = int(ends[n - 1]) if n else 0
        done, held = done + n, held + used
        is_too_much = drawing.looked[0] > most
        if held > MOST_MEMBERS or is_too_much:
            raise _exploding(held / done if done else spreading.n, n_sets)
        pieces.append(drawing.members[:used].copy())
        sizes.append(np.diff(ends[:n], prepend=0))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return ReachSets(spreading.n, starts, np.concatenate(pieces))


def _exploding(mean: float, n_sets: int) -> ExplodingError:
    return ExplodingError(mean=mean, n_sets=n_sets, members=mean * n_sets, most=MOST_MEMBERS)


def _cumulated(spreading: Spreading) -> Floats:
    """Return the running sums of each person's weights, none above 1."""
    sums = np.cumsum(spreading.probability)
    before = np.concatenate([[0.0], sums])[spreading.starts[:-1]]
    within = sums - np.repeat(before, np.diff(spreading.starts))
    clipped: Floats = np.minimum(within, 1.0)
    return clipped
