"""Who is answered by good answerers, and who answers the good: hubs and authorities.

A hub is good if it answers good authorities, an authority if good hubs answer it. Beginning
with everybody alike makes the answer unique, also where separate circles would each do.

Kleinberg, J. (1999). Authoritative sources in a hyperlinked environment. J. ACM 46(5).
"""

from typing import NamedTuple

import numpy as np

from algorithms.network.digraph import Digraph, Floats


class Hits(NamedTuple):
    """Of each person, how good a hub and how good an authority; each sums to 1.

    Both are 0 for everybody where nobody answers anybody.
    """

    hubs: Floats
    authorities: Floats


def hits(digraph: Digraph, *, tolerance: float = 1e-9, iterations: int = 1_000) -> Hits:
    """Return hubs and authorities, weighted.

    Parameters
    ----------
    digraph
        Arcs from who answers to who is answered.
    tolerance
        Stop when the authorities change by less in sum.
    iterations
        Stop after so many steps at the latest: where two circles are almost equally dense the
        last digits take very long.
    """
    outward, inward = digraph.outward(), digraph.inward()
    authorities = np.full(digraph.n, 1 / max(digraph.n, 1))
    for _ in range(iterations):
        moved = _shares(inward @ (outward @ authorities))
        change = np.abs(moved - authorities).sum()
        authorities = moved
        if change < tolerance:
            break
    return Hits(_shares(outward @ authorities), authorities)


def _shares(values: Floats) -> Floats:
    total = values.sum()
    shares: Floats = values / (total if total > 0 else 1)
    return shares
