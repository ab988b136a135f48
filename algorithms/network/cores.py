"""How deep inside the network a person is: core numbers.

The k-core is what stays when everybody with fewer than k neighbours is taken away, again and
again; a person's core number is the largest k whose core the person is in.

Batagelj, V. & Zaversnik, M. (2003). An O(m) algorithm for cores decomposition of networks.
"""

from typing import NamedTuple

import numpy as np

from algorithms.network.compiled import compiled
from algorithms.network.digraph import Digraph, Ints, Numbers


def core_numbers(digraph: Digraph) -> Numbers:
    """Return each person's core number, >= 0, whichever way arcs point and whatever they weigh."""
    ties = digraph.undirected()
    return _peeled(ties.starts, ties.target, degree=ties.out_degree)


class _Queue(NamedTuple):
    """People by degree: who stands where, where each stands, and where each degree begins."""

    people: Numbers
    place: Numbers
    begins: Numbers
    degree: Numbers


@compiled
def _peeled(starts: Numbers, targets: Ints, *, degree: Numbers) -> Numbers:
    """Take away people in the order of what is left of their degree; return that degree."""
    queue = _queued(degree.copy())
    left = queue.degree
    for person in queue.people:
        for other in targets[starts[person] : starts[person + 1]]:
            if left[other] > left[person]:
                _move_up(queue, other)
    return left


@compiled
def _queued(degree: Numbers) -> _Queue:
    n = len(degree)
    begins = np.zeros(n + 1, np.int64)
    for one in degree:
        begins[one + 1] += 1
    begins = np.cumsum(begins)
    people, place, free = np.empty(n, np.int64), np.empty(n, np.int64), begins.copy()
    for person in range(n):
        place[person] = free[degree[person]]
        free[degree[person]] += 1
        people[place[person]] = person
    return _Queue(people, place, begins, degree)


@compiled
def _move_up(queue: _Queue, person: int) -> None:
    """Take one from a person's degree: change places with the first of the same degree."""
    people, place, begins, degree = queue
    here, there = place[person], begins[degree[person]]
    first = people[there]
    people[here], people[there] = first, person
    place[first], place[person] = here, there
    begins[degree[person]] += 1
    degree[person] -= 1
