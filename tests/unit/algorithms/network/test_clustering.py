"""Clustering by hand and against published figures, in both definitions."""

import networkx as nx
import pytest

from algorithms.network.clustering import (
    closure,
    clustering,
    directed_clustering,
    transitivity,
)
from algorithms.network.digraph import Digraph, digraph_of
from algorithms.network.interchange import network_of
from tests.known_networks import (
    LDBC_DIRECTED,
    LDBC_UNDIRECTED,
    alone,
    ldbc,
    near,
    nobody,
    star,
)


def triangle_with_a_tail() -> Digraph:
    return digraph_of([0, 1, 2, 3], [1, 2, 0, 0], n=4)


def test_a_triangle_with_a_tail() -> None:
    digraph = triangle_with_a_tail()

    # of the three pairs of 0's neighbours one is a pair of neighbours
    assert clustering(digraph) == near([1 / 3, 1, 1, 0], within=1e-15)
    # a triangle closes three paths, two more lead from 3 through 0
    assert transitivity(digraph) == pytest.approx(3 / 5)


def test_of_the_arcs_that_could_be_there_half_are() -> None:
    # between 1 and 2 there is one arc of two
    found = directed_clustering(triangle_with_a_tail())

    assert found == near([1 / 6, 1 / 2, 1 / 2, 0], within=1e-15)


def test_both_directions_between_neighbours_count() -> None:
    both = digraph_of([0, 0, 1, 2], [1, 2, 2, 1], n=3)

    assert directed_clustering(both) == near([1, 1 / 2, 1 / 2], within=1e-15)
    assert clustering(both).tolist() == [1.0, 1.0, 1.0]


def test_weights_do_not_matter() -> None:
    digraph = triangle_with_a_tail()
    heavy = digraph_of(digraph.source, digraph.target, n=4, weight=[5.0, 0.5, 2.0, 9.0])

    assert clustering(heavy).tolist() == clustering(digraph).tolist()
    assert directed_clustering(heavy).tolist() == directed_clustering(digraph).tolist()
    assert transitivity(heavy) == transitivity(digraph)


def test_an_arc_without_weight_closes_a_triangle() -> None:
    digraph = digraph_of([0, 1, 2], [1, 2, 0], n=3, weight=[0.0, 0.0, 0.0])

    assert clustering(digraph).tolist() == [1.0, 1.0, 1.0]


def test_a_star_has_no_triangle() -> None:
    assert clustering(star(1_000)).tolist() == [0.0] * 1_000
    assert transitivity(star(1_000)) == 0.0


def test_where_everybody_knows_everybody_all_is_closed() -> None:
    everybody = network_of(nx.complete_graph(12)).digraph

    assert clustering(everybody).tolist() == [1.0] * 12
    assert directed_clustering(everybody).tolist() == [1.0] * 12
    assert transitivity(everybody) == 1.0


def test_nobody_one_and_two() -> None:
    for few, n in ((nobody(), 0), (alone(), 1), (digraph_of([0], [1], n=2), 2)):
        assert clustering(few).tolist() == directed_clustering(few).tolist() == [0.0] * n
        assert transitivity(few) == 0.0


# ------------------------------------------------------------------ published figures


def test_the_directed_example_of_graphalytics() -> None:
    found = directed_clustering(ldbc(LDBC_DIRECTED).digraph)

    published = [2 / 3, 1 / 6, 3 / 20, 1 / 20, 1 / 4, 0, 0, 5 / 6, 0, 0]
    assert found == near(published, within=1e-12)


def test_the_undirected_example_of_graphalytics() -> None:
    example = ldbc(LDBC_UNDIRECTED).digraph

    published = [1, 1 / 3, 1, 2 / 3, 1 / 5, 1, 2 / 3, 1, 0]
    assert clustering(example) == near(published, within=1e-12)
    assert directed_clustering(example) == near(published, within=1e-12)


def test_the_karate_club() -> None:
    club = network_of(nx.karate_club_graph()).digraph

    assert transitivity(club) == pytest.approx(0.2557, abs=5e-5)
    assert clustering(club).mean() == pytest.approx(0.5706, abs=5e-5)


def test_the_mean_and_the_transitivity_come_from_one_pass() -> None:
    # by hand as above: (1/3 + 1 + 1 + 0) / 4, and 3 of 5 paths
    assert closure(triangle_with_a_tail().undirected()) == pytest.approx((7 / 12, 3 / 5))


@pytest.mark.parametrize("seed", range(5))
def test_one_pass_finds_what_networkx_finds_in_two(seed: int) -> None:
    plain = nx.gnp_random_graph(40, 0.15, seed=seed)
    ties = network_of(plain).digraph.undirected()

    assert closure(ties) == pytest.approx((nx.average_clustering(plain), nx.transitivity(plain)))


def test_of_nobody_nothing_is_closed() -> None:
    assert closure(digraph_of([], [], n=0)) == (0.0, 0.0)
