"""Measures beside the score, and when betweenness is estimated."""

import networkx as nx
import numpy as np
import pytest

from algorithms.influence.columns import columns_of, n_pivots
from algorithms.network.digraph import Digraph, digraph_of


def karate() -> Digraph:
    pairs = np.array(nx.karate_club_graph().edges)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    return digraph_of(both[:, 0], both[:, 1], n=34)


def sized(n: int, m: int) -> Digraph:
    """Return a network of a size; what its arcs are is of no consequence here."""
    nothing = np.zeros(m, np.int32)
    return Digraph(n, nothing, nothing, np.zeros(m))


def test_columns_are_those_of_networkx() -> None:
    network = nx.karate_club_graph().to_directed()
    nx.set_edge_attributes(network, 1, "weight")

    found = columns_of(karate(), seed=0, pivots=None)

    plain = network.to_undirected()
    assert found["betweenness"] == pytest.approx(
        list(nx.betweenness_centrality(network, normalized=False).values())
    )
    assert found["pagerank"] == pytest.approx(
        list(nx.pagerank(network, tol=1e-12).values()), abs=1e-8
    )
    assert found["core"].tolist() == list(nx.core_number(plain).values())
    assert found["authority"].sum() == pytest.approx(1)
    assert found["hub"] == pytest.approx(found["authority"], abs=1e-6)


@pytest.mark.parametrize(
    ("n", "m", "expected"),
    [
        (1_000, 1_000_000, None),
        (10_000, 300_000, 967),
        (50_000, 100_000, 1_024),
        (500_000, 1_500_000, 256),
    ],
)
def test_betweenness_is_exact_where_that_takes_seconds(
    n: int, m: int, expected: int | None
) -> None:
    assert n_pivots(sized(n, m)) == expected


def test_a_wish_for_pivots_holds_only_where_they_are_needed() -> None:
    assert n_pivots(sized(500_000, 1_500_000), wished=64) == 64
    assert n_pivots(sized(1_000, 1_000), wished=64) is None
