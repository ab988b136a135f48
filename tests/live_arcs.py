"""Spreading worked out by going through every case: slow, exact, and independent of kith."""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import product
from math import prod
from operator import or_

import numpy as np

from algorithms.network.digraph import Digraph, digraph_of

# who may win over whom, with what probability
Arcs = dict[tuple[int, int], float]


def answers(arcs: Arcs, *, n: int) -> Digraph:
    """Return the replies along which influence goes the other way, weighted by probability."""
    by = [won for _, won in arcs]
    to = [winner for winner, _ in arcs]
    return digraph_of(by, to, n=n, weight=list(arcs.values()))


def cases(arcs: Arcs, *, model: str) -> Iterator[tuple[float, list[tuple[int, int]]]]:
    """Return every set of arcs that may carry, with its probability."""
    if model == "cascade":
        for kept in product((False, True), repeat=len(arcs)):
            marked = list(zip(arcs.items(), kept, strict=True))
            chance = prod(p if keeps else 1 - p for (_, p), keeps in marked)
            yield chance, [arc for (arc, _), keeps in marked if keeps]
        return
    won = sorted({to for _, to in arcs})
    into = [[(arc, p) for arc, p in arcs.items() if arc[1] == person] for person in won]
    one_each = [[*ways, (None, 1 - sum(p for _, p in ways))] for ways in into]
    for chosen in product(*one_each):
        yield prod(p for _, p in chosen), [arc for arc, _ in chosen if arc is not None]


def reached_by(arcs: Arcs, *, n: int, model: str) -> Iterator[tuple[float, list[int]]]:
    """Return for every case its probability, and whom each person reaches as bits of a number."""
    for chance, kept in cases(arcs, model=model):
        reached = [1 << person for person in range(n)]
        for _ in range(n):
            for a, b in kept:
                reached[a] |= reached[b]
        yield chance, reached


def exact_reaches(
    arcs: Arcs, choices: Iterable[Sequence[int]], *, model: str = "cascade"
) -> list[float]:
    """Return how many people each choice of seeds reaches in the mean, themselves included."""
    asked = list(choices)
    n = 1 + max(person for pair in [*arcs, *asked] for person in pair)
    totals = [0.0] * len(asked)
    for chance, reached in reached_by(arcs, n=n, model=model):
        for place, seeds in enumerate(asked):
            together = reduce(or_, (reached[seed] for seed in seeds), 0)
            totals[place] += chance * together.bit_count()
    return totals


def exact_reach(arcs: Arcs, seeds: Sequence[int], *, model: str = "cascade") -> float:
    """Return how many people seeds reach in the mean, themselves included."""
    return exact_reaches(arcs, [seeds], model=model)[0]


def best_of(arcs: Arcs, choices: Iterable[Sequence[int]]) -> float:
    """Return the reach of the best choice of all."""
    return max(exact_reaches(arcs, choices))


def random_arcs(n: int, m: int, *, seed: int, sum_to: float | None = None) -> Arcs:
    """Draw arcs; ``sum_to`` makes the probabilities of those who win over one add up to it."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(n) for b in range(n) if a != b]
    drawn = [pairs[i] for i in rng.choice(len(pairs), m, replace=False)]
    arcs = {pair: float(rng.uniform(0.05, 0.9)) for pair in drawn}
    if sum_to is None:
        return arcs
    sums = {to: sum(p for (_, end), p in arcs.items() if end == to) for _, to in arcs}
    return {(a, b): sum_to * p / sums[b] for (a, b), p in arcs.items()}
