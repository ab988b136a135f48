"""Who is answered by people who are answered themselves: PageRank.

A reader moves from person to person: with probability ``damping`` to one whom the person
answers, in proportion to the weights, else to anybody by ``teleport``. From somebody who answers
nobody it always goes on by ``teleport``. The score is the share of time spent with each.

Brin, S. & Page, L. (1998). The anatomy of a large-scale hypertextual Web search engine.
"""

from math import ceil, log
from typing import TYPE_CHECKING

import numpy as np

from algorithms.network.digraph import Digraph, Flags, Floats

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def pagerank(
    digraph: Digraph,
    *,
    damping: float = 0.85,
    teleport: Floats | None = None,
    tolerance: float = 1e-9,
    iterations: int | None = None,
) -> Floats:
    """Return each person's share of a reader's time.

    Parameters
    ----------
    digraph
        Arcs from who answers to who is answered; what flows along one is in proportion to its
        weight.
    damping
        Probability of following an arc, 0 to 1; below 1 unless ``iterations`` is given.
    teleport
        Of each person, >= 0: how likely the reader is to go on there, in proportion; None: all
        alike. It is also where the reader begins.
    tolerance
        Stop when the shares change by less in sum; > 0.
    iterations
        Take exactly so many steps instead, as published reference figures do.

    Returns
    -------
    ``n`` shares >= 0 with sum 1; none where there are no people.

    Raises
    ------
    ValueError
        If ``teleport`` is negative somewhere or 0 everywhere, or nothing would end the steps.
    """
    if digraph.n == 0:
        return np.empty(0)
    steps = _longest(damping, tolerance) if iterations is None else iterations
    jump = _shares(digraph.n, teleport)
    follow, dangling = _transitions(digraph)
    shares = jump
    for _ in range(steps):
        lost = shares[dangling].sum()
        moved = damping * (follow @ shares) + (damping * lost + 1 - damping) * jump
        change = np.abs(moved - shares).sum()
        shares = moved
        if iterations is None and change < tolerance:
            break
    found: Floats = shares / shares.sum()
    return found


def _longest(damping: float, tolerance: float) -> int:
    """Return after how many steps the shares cannot change by ``tolerance`` any more."""
    if not (0 <= damping < 1 and tolerance > 0):
        problem = "steps end where damping is in [0, 1) and tolerance above 0"
        raise ValueError(problem)
    # two distributions differ by 2 at most, and a step shrinks that by the damping
    return 1 if damping == 0 else max(1, ceil(log(tolerance / 2) / log(damping)))


def _shares(n: int, teleport: Floats | None) -> Floats:
    if teleport is None:
        return np.full(n, 1 / n)
    if (teleport < 0).any() or not teleport.sum() > 0:
        problem = "teleport is negative for somebody, or 0 for everybody"
        raise ValueError(problem)
    return np.asarray(teleport / teleport.sum(), dtype=np.float64)


def _transitions(digraph: Digraph) -> tuple["csr_array", Flags]:
    """Return the matrix of one step, a column a person, and who leads nowhere."""
    matrix = digraph.outward()
    strength = np.asarray(matrix.sum(axis=1))
    dangling: Flags = strength == 0
    matrix.data = digraph.weight / np.where(dangling, 1, strength)[digraph.source]
    return matrix.T.tocsr(), dangling
