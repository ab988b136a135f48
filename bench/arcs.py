"""Made networks of who answers whom: skewed as forums are, or without any form."""

import numpy as np

from algorithms.network.digraph import Digraph, Numbers, digraph_of

# the usual quadrants of R-MAT: few draw most of the arcs
QUADRANTS = (0.57, 0.19, 0.19, 0.05)
ARCS_PER_PLACE = 8


def skewed(m: int, *, seed: int) -> Digraph:
    """Return ``m`` arcs by R-MAT among people who all have one.

    Chakrabarti, D., Zhan, Y. & Faloutsos, C. (2004). R-MAT: a recursive model for graph mining.
    """
    random = np.random.default_rng(seed)
    levels = max(int(np.ceil(np.log2(m / ARCS_PER_PLACE))), 1)
    found = digraph_of([], [], n=2**levels)
    while found.m < m:
        source, target = _drawn(2 * m, levels=levels, random=random)
        source, target = np.append(found.source, source), np.append(found.target, target)
        found = digraph_of(source, target, n=2**levels)
    kept = np.sort(random.permutation(found.m)[:m])
    ends = np.concatenate([found.source[kept], found.target[kept]])
    people, place = np.unique(ends, return_inverse=True)
    return digraph_of(place[:m], place[m:], n=len(people))


def _drawn(n: int, *, levels: int, random: np.random.Generator) -> tuple[Numbers, Numbers]:
    source, target = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    bounds = np.cumsum(QUADRANTS)[:3]
    for _ in range(levels):
        quadrant = np.searchsorted(bounds, random.random(n), side="right")
        source, target = 2 * source + quadrant // 2, 2 * target + quadrant % 2
    return source, target


def formless(n: int, *, m: int, seed: int) -> Digraph:
    """Return about ``m`` arcs among ``n`` people, each pair as likely: the worst for caches."""
    random = np.random.default_rng(seed)
    return digraph_of(random.integers(0, n, m), random.integers(0, n, m), n=n)
