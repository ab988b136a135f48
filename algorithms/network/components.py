"""Who can reach whom: weak and strong components.

Tarjan, R. (1972). Depth-first search and linear graph algorithms. SIAM J. Comput. 1(2).
"""

import numpy as np

from algorithms.network.digraph import Digraph, Ints, Numbers


def components(digraph: Digraph, *, strong: bool = False) -> Numbers:
    """Return the component of each person, numbered in the order of their smallest members.

    Parameters
    ----------
    digraph
        Arcs; weights are of no consequence.
    strong
        Along the arcs and back; else whichever way they point.
    """
    labels = parts(digraph, strong=strong)
    _, founder, group = np.unique(labels, return_index=True, return_inverse=True)
    number: Numbers = np.argsort(np.argsort(founder))[group].astype(np.int64)
    return number


def parts(digraph: Digraph, *, strong: bool) -> Ints:
    """Return the component of each person, in no promised order; arguments as `components`."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    if digraph.n == 0:
        return np.empty(0, np.int32)
    ties = np.ones(digraph.m, np.int8), digraph.target, digraph.starts.astype(np.int32)
    matrix = csr_array(ties, shape=(digraph.n, digraph.n))
    labels: Ints = connected_components(matrix, connection="strong" if strong else "weak")[1]
    return labels
