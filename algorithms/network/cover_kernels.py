"""Compiled loops of choosing seeds: the most sets for the money, greedily and lazily."""

from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Flags, Floats, Ints, Numbers


class Sets(NamedTuple):
    """Sets and who is in them, and people and in which sets they are: both ways in one.

    Set ``s`` holds ``members[starts[s]:starts[s + 1]]``; person ``v`` is in
    ``sets[begins[v]:begins[v + 1]]``. ``held`` tells which sets are held already, and ``left``
    how many that are not each person is in.
    """

    starts: Numbers
    members: Ints
    begins: Numbers
    sets: Ints
    held: Flags
    left: Numbers


def sets_of(starts: Numbers, members: Ints, *, n: int) -> Sets:
    """Return sets of ``n`` people of which none is held."""
    begins, sets = inverted(starts, members, n=n)
    return Sets(starts, members, begins, sets, np.zeros(len(starts) - 1, np.bool_), np.diff(begins))


@compiled
def inverted(starts: Numbers, members: Ints, *, n: int) -> tuple[Numbers, Ints]:
    """Return where each person's sets begin (n + 1), and the sets."""
    begins = np.zeros(n + 1, np.int64)
    for member in members:
        begins[member + 1] += 1
    begins = np.cumsum(begins)
    filled = begins[:-1].copy()
    sets = np.empty(len(members), np.int32)
    for number in range(len(starts) - 1):
        for member in members[starts[number] : starts[number + 1]]:
            sets[filled[member]] = number
            filled[member] += 1
    return begins, sets


@compiled
def greedy(sets: Sets, cost: Floats, *, weight: Floats, budget: float) -> tuple[Numbers, Numbers]:
    """Choose people until the budget is spent or nobody adds a set.

    Each time the one with the most sets not yet held, by ``weight``, among those whose
    ``cost`` is left; of equals the first. What a person would add is known exactly, and only
    falls; a heap holds what it was, and is put right where it is looked at.

    Returns the chosen in order and the sets that each adds; the sets are held then.
    """
    left = sets.left
    heap = [(-left[v] / weight[v], v) for v in range(len(left)) if left[v] and cost[v] <= budget]
    chosen = np.empty(len(heap), np.int64)
    gains = np.empty(len(heap), np.int64)
    k = 0
    heapify(heap)
    while len(heap) > 0:
        value, person = heap[0]
        now = -left[person] / weight[person]
        if left[person] == 0 or cost[person] > budget:
            heappop(heap)
        elif now != value:
            heapreplace(heap, (now, person))
        else:
            heappop(heap)
            chosen[k], gains[k] = person, left[person]
            k += 1
            budget -= cost[person]
            _hold(sets, person)
    return chosen[:k], gains[:k]


@compiled
def _hold(sets: Sets, person: int) -> None:
    """Take all sets of a person, and take them off from what others would add."""
    for number in sets.sets[sets.begins[person] : sets.begins[person + 1]]:
        if not sets.held[number]:
            sets.held[number] = True
            for member in sets.members[sets.starts[number] : sets.starts[number + 1]]:
                sets.left[member] -= 1


@compiled
def first_places(starts: Numbers, members: Ints, *, place: Ints) -> Ints:
    """Return of each set the least place of its members."""
    first = np.empty(len(starts) - 1, np.int32)
    for number in range(len(starts) - 1):
        first[number] = place[members[starts[number]]]
        for member in members[starts[number] + 1 : starts[number + 1]]:
            first[number] = min(first[number], place[member])
    return first
