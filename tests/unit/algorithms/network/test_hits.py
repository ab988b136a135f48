"""Hubs and authorities by hand, and where they are not defined by themselves."""

from math import sqrt

import networkx as nx
import numpy as np
import pytest

from algorithms.network.digraph import digraph_of
from algorithms.network.hits import hits
from tests.known_networks import LDBC_FIFTY, alone, arcs_of, ldbc, near, nobody, star


def test_all_answer_one() -> None:
    hubs, authorities = hits(star(5))

    assert authorities.tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert hubs == near([0.0, 0.25, 0.25, 0.25, 0.25], within=1e-15)


def test_a_better_hub_makes_a_better_authority() -> None:
    # 0 answers 2 and 3, 1 answers 2: authorities are the golden ratio apart
    hubs, authorities = hits(digraph_of([0, 0, 1], [2, 3, 2], n=4), tolerance=1e-14)

    golden = (1 + sqrt(5)) / 2
    assert authorities[2] / authorities[3] == pytest.approx(golden, abs=1e-12)
    assert hubs[0] / hubs[1] == pytest.approx(golden, abs=1e-12)


def test_weights_count() -> None:
    # two stars do not meet: the heavier one takes all
    hubs, authorities = hits(digraph_of([0, 1], [2, 3], n=4, weight=[2.0, 1.0]))

    assert authorities == near([0, 0, 1, 0])
    assert hubs == near([1, 0, 0, 0])


def test_circles_that_are_equally_dense_share() -> None:
    hubs, authorities = hits(digraph_of([0, 1], [2, 3], n=4))

    assert authorities.tolist() == [0, 0, 0.5, 0.5]
    assert hubs.tolist() == [0.5, 0.5, 0, 0]


def test_each_is_what_the_other_makes_of_it() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph

    hubs, authorities = hits(digraph, tolerance=1e-14)

    matrix = digraph.outward().toarray()
    largest = np.linalg.svd(matrix, compute_uv=False)[0] ** 2
    assert matrix.T @ matrix @ authorities == near(largest * authorities, within=1e-10)
    assert matrix @ matrix.T @ hubs == near(largest * hubs, within=1e-10)
    assert (hubs.sum(), authorities.sum()) == pytest.approx((1, 1), abs=1e-12)


def test_networkx_finds_the_same() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph
    network = nx.DiGraph()
    network.add_nodes_from(range(digraph.n))
    network.add_weighted_edges_from(arcs_of(digraph))

    hubs, authorities = hits(digraph, tolerance=1e-13)

    theirs = nx.hits(network, tol=1e-14)
    assert hubs == near([theirs[0][person] for person in range(digraph.n)])
    assert authorities == near([theirs[1][person] for person in range(digraph.n)])


def test_where_nobody_answers_nobody_is_good() -> None:
    assert hits(nobody()).hubs.tolist() == []
    assert hits(alone()).authorities.tolist() == [0.0]
    assert hits(digraph_of([], [], n=3)).hubs.tolist() == [0.0, 0.0, 0.0]


def test_steps_may_be_limited() -> None:
    digraph = digraph_of([0, 0, 1], [2, 3, 2], n=4)

    # from equal shares: 2 gets 2 + 1 hubs' worth, 3 gets 2
    assert hits(digraph, iterations=1).authorities.tolist() == [0, 0, 0.6, 0.4]
