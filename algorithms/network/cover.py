"""Whom to seed under a budget, how far they reach together, and how much better could be.

Who is in many reverse-reachable sets reaches many, so the best seeds hold the most sets. A
greedy choice is within 1 - 1/e of the best; of costs that differ, the better of a greedy choice
by sets a unit of cost and one by sets alone. What was chosen on some sets looks too good on
them: reach is measured on others, which took no part.

Nemhauser, G., Wolsey, L. & Fisher, M. (1978). An analysis of approximations for maximizing
submodular set functions. Math. Programming 14. Khuller, S., Moss, A. & Naor, J. (1999). The
budgeted maximum coverage problem. Leskovec, J. et al. (2007). Cost-effective outbreak detection.
Tang, J. et al. (2018). Online processing algorithms for influence maximization (OPIM-C).
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import Final

import numpy as np

from algorithms.network.cover_kernels import first_places, greedy, sets_of
from algorithms.network.digraph import Floats, Numbers
from algorithms.network.spreading import ReachSets

Z: Final = 1.959963984540054
"""Of a normal law, 95 % lies within so many deviations."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Seeds in the order in which they were chosen.

    ``gain`` is the number of sets that each added; ``spare`` is how many sets seeds of the
    same budget could hold at most (on these sets, for certain).
    """

    people: Numbers
    gain: Numbers
    spare: float


@dataclass(frozen=True, eq=False)
class Reach:
    """How far seeds reach, as independent sets say it, in people.

    ``first`` is the place of the first seed in each set, the number of seeds where there is
    none; ``total`` the reach of the first 0, 1, ... seeds, ``gain`` what each adds, both with
    the ends of 95 % intervals: rows value, low, high.
    """

    first: Numbers
    total: Floats
    gain: Floats


def chosen_seeds(sets: ReachSets, *, budget: float, cost: Floats) -> Chosen:
    """Choose people who hold the most sets under a budget.

    Parameters
    ----------
    sets
        As `reach_sets` draws them.
    budget
        Above 0, in units of ``cost``; more than everybody costs is as much as they cost.
    cost
        Of each person, above 0; infinite for who must not be chosen.

    Returns
    -------
    The choice; it ends where nobody else holds a set, even if money is left.
    """
    free = np.isfinite(cost)
    weights = [np.where(free, cost, 1.0)]
    if len(np.unique(cost[free])) > 1:
        weights.append(np.ones(sets.n))
    choices = [_greedy(sets, cost, weight=weight, budget=budget) for weight in weights]
    return max(choices, key=lambda choice: int(choice.gain.sum()))


def affordable(people: Numbers, *, budget: float, cost: Floats) -> Numbers:
    """Return whom of an ordered list the budget buys, going down the list."""
    kept, left = [], budget
    for person in people.tolist():
        if cost[person] <= left:
            kept.append(person)
            left -= cost[person]
        if left <= 0:
            break
    return np.array(kept, np.int64)


def reach_of(people: Numbers, *, sets: ReachSets) -> Reach:
    """Measure how far seeds reach on sets that took no part in choosing them.

    Parameters
    ----------
    people
        Seeds in order, none twice.
    sets
        Independent ones.
    """
    k, n_sets = len(people), len(sets)
    place = np.full(sets.n, k, np.int32)
    place[people] = np.arange(k, dtype=np.int32)
    first = first_places(sets.starts, sets.members, place=place).astype(np.int64)
    added = np.bincount(first, minlength=k + 1)[:k]
    total = np.concatenate([[0], np.cumsum(added)])
    return Reach(first, interval(total, n_sets) * sets.n, interval(added, n_sets) * sets.n)


def interval(counts: Numbers, n: int) -> Floats:
    """Return shares with the ends of their 95 % intervals (Wilson 1927): rows value, low, high."""
    share = counts / n
    middle = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    width = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    low = np.where(counts > 0, np.maximum(middle - width, 0), 0.0)
    high = np.where(counts < n, np.minimum(middle + width, 1), 1.0)
    return np.array([share, low, high])


def difference(ours: Reach, theirs: Reach, *, n: int) -> tuple[float, float, float]:
    """Return how many people more ``ours`` reach on the same sets, with a 95 % interval.

    Sets that both hold, or neither, say nothing of the difference, so it is known far more
    exactly than either reach.
    """
    us = ours.first < ours.total.shape[1] - 1
    them = theirs.first < theirs.total.shape[1] - 1
    n_sets = len(us)
    plus, minus = int((us & ~them).sum()), int((them & ~us).sum())
    mean = (plus - minus) / n_sets
    deviation = sqrt(max((plus + minus) / n_sets - mean**2, 0.0) / n_sets)
    return n * mean, n * (mean - Z * deviation), n * (mean + Z * deviation)


def certificate(choice: Chosen, held: int, *, n_chosen_on: int, n_checked_on: int) -> float:
    """Return what share of the best possible reach the seeds surely have, 0 to 1.

    Parameters
    ----------
    choice
        What was chosen, on ``n_chosen_on`` sets.
    held
        Of ``n_checked_on`` independent sets, how many the seeds hold.

    Notes
    -----
    True with probability 0.999 and, as Tang et al. (2018) show, from below: martingale bounds
    on both samples. A good bound does not make good seeds; compare with plain lists.
    """
    a = log(2 / 0.001)
    low = max((sqrt(held + 2 * a / 9) - sqrt(a / 2)) ** 2 - a / 18, 0.0) / n_checked_on
    high = (sqrt(choice.spare + a / 2) + sqrt(a / 2)) ** 2 / n_chosen_on
    return min(low / high, 1.0)


def _greedy(sets: ReachSets, cost: Floats, *, weight: Floats, budget: float) -> Chosen:
    held = sets_of(sets.starts, sets.members, n=sets.n)
    people, gain = greedy(held, cost, weight=weight, budget=float(budget))
    spare = float(gain.sum()) + _most_in_reserve(held.left, cost, budget=budget)
    return Chosen(people, gain, min(spare, float(len(sets))))


def _most_in_reserve(left: Numbers, cost: Floats, *, budget: float) -> float:
    """Return how many sets the budget could add at most if no two people shared one."""
    order = np.argsort(-left / cost, kind="stable")
    order = order[left[order] > 0]
    spent = np.cumsum(cost[order])
    whole = int(np.searchsorted(spent, budget, side="right"))
    reserve = float(left[order[:whole]].sum())
    if whole < len(order) and np.isfinite(spent[whole]):
        rest = budget - (float(spent[whole - 1]) if whole else 0.0)
        reserve += float(left[order[whole]]) * rest / float(cost[order[whole]])
    return reserve
