"""The other measures of a person's place, each a column with a meaning of its own.

None of them foretells attention better than the number of repliers; they are read for what
they are: who links circles, who is answered by the answered, how deep in the core, how far
what somebody says may travel.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from algorithms.influence.arcs import Floats
    from algorithms.network.digraph import Digraph

MOST_PIVOTS, FEWEST_PIVOTS = 1_024, 256
"""People to search from where all would take minutes: of the true first hundred these find
nine in ten, and two in three."""
WORK: Final = 300_000_000
"""Steps that a search from all pivots may take, one a person and one an arc: ten seconds."""


def columns_of(network: "Digraph", *, seed: int, pivots: int | None) -> "dict[str, Floats]":
    """Measure each person.

    Parameters
    ----------
    network
        Arcs from who answers to who is answered, weighing replies.
    seed, pivots
        Of an estimated betweenness: see `brokerage`.

    Returns
    -------
    ``pagerank`` (sums to 1), ``hub`` and ``authority`` (each sums to 1), ``core`` (>= 0),
    ``betweenness`` (unnormalised, directed) and ``reach`` (people).
    """
    from algorithms.network.cores import core_numbers
    from algorithms.network.hits import hits
    from algorithms.network.pagerank import pagerank

    hubs, authorities = hits(network)
    return {
        "pagerank": pagerank(network),
        "hub": hubs,
        "authority": authorities,
        "core": core_numbers(network).astype(np.float64),
        "betweenness": brokerage(network, seed=seed, pivots=pivots),
        "reach": reach_of(network),
    }


def brokerage(network: "Digraph", *, seed: int, pivots: int | None = None) -> "Floats":
    """Return the betweenness: estimated from so many people as `n_pivots` says, else exact."""
    from algorithms.network.betweenness import betweenness, chosen_pivots

    n = n_pivots(network, wished=pivots)
    drawn = None if n is None else chosen_pivots(network, n, seed=seed)
    return betweenness(network, pivots=drawn)


def n_pivots(network: "Digraph", *, wished: int | None = None) -> int | None:
    """Return from how many people betweenness is estimated; None: from all, exactly.

    Parameters
    ----------
    network
        Its size decides.
    wished
        Take so many where exact would take minutes; None: as many as ten seconds allow.
    """
    from algorithms.network.betweenness import is_affordable

    if is_affordable(network):
        return None
    return wished or min(MOST_PIVOTS, max(FEWEST_PIVOTS, WORK // (network.n + network.m)))


def reach_of(network: "Digraph") -> "Floats":
    """Return how many people hear of it within two steps, on the mean, if a person speaks.

    Each person passes on what somebody says with the share of their replies that went there;
    paths are counted as if they did not meet, those that come back are left out.
    """
    from scipy.sparse import csr_array

    strength = np.bincount(network.source, network.weight, network.n)
    share = network.weight / np.where(strength > 0, strength, 1.0)[network.source]
    starts = network.starts.astype(np.int32)
    shares = csr_array((share, network.target, starts), shape=(network.n, network.n))
    heard = shares.T.tocsr()
    near = heard @ np.ones(network.n)
    back = np.asarray((shares * heard).sum(axis=0)).ravel()
    found: Floats = near + heard @ near - back
    return np.maximum(found, 0.0)
