"""A network in a few numbers, as a page prints them."""

from dataclasses import dataclass

import numpy as np

from algorithms.network.digraph import Digraph


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said of a network as a whole.

    Parameters
    ----------
    n, m
        People and arcs.
    density
        Arcs over n (n - 1), the most there could be: 0 to 1; 0 below two people.
    reciprocity
        Share of the arcs that are answered by one back, 0 to 1; 0 without arcs.
    weak_components, largest_weak
        Components whichever way arcs point, and the people of the largest.
    strong_components, largest_strong
        The same along the arcs and back.
    mean_clustering
        Mean over all people of the share of pairs of neighbours that are neighbours, 0 for who
        has fewer than two.
    transitivity
        Share of the paths of two steps that are closed.
    """

    n: int
    m: int
    density: float
    reciprocity: float
    weak_components: int
    largest_weak: int
    strong_components: int
    largest_strong: int
    mean_clustering: float
    transitivity: float


def summary(digraph: Digraph) -> Summary:
    """Return the figures of a network; all are 0 where there are no people."""
    from algorithms.network.clustering import closure

    ties = digraph.undirected()
    mean_clustering, transitivity = closure(ties)
    weak, strong = (_sizes(digraph, strong=strong) for strong in (False, True))
    return Summary(
        n=digraph.n,
        m=digraph.m,
        density=digraph.m / max(digraph.n * (digraph.n - 1), 1),
        reciprocity=reciprocity(digraph, ties),
        weak_components=weak[0],
        largest_weak=weak[1],
        strong_components=strong[0],
        largest_strong=strong[1],
        mean_clustering=mean_clustering,
        transitivity=transitivity,
    )


def reciprocity(digraph: Digraph, ties: Digraph | None = None) -> float:
    """Return the share of the arcs that have one back, 0 to 1; 0 without arcs.

    Parameters
    ----------
    digraph
        Who answers whom.
    ties
        Its undirected form, if at hand: two arcs each way become two there, and one becomes two.
    """
    ties = ties or digraph.undirected()
    return (2 * digraph.m - ties.m) / max(digraph.m, 1)


def _sizes(digraph: Digraph, *, strong: bool) -> tuple[int, int]:
    """Return how many components there are, and how large the largest is."""
    from algorithms.network.components import parts

    sizes = np.bincount(parts(digraph, strong=strong))
    return len(sizes), int(sizes.max(initial=0))
