"""Core numbers by hand and against published figures."""

import networkx as nx
import numpy as np

from algorithms.network.cores import core_numbers
from algorithms.network.digraph import digraph_of
from algorithms.network.interchange import network_of
from tests.known_networks import LDBC_FIFTY, alone, arcs_of, ldbc, nobody, star


def test_a_square_with_a_tail() -> None:
    # four who all talk with each other, 4 talks with 0, 5 with 4, 6 with nobody
    ends = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3), (4, 0), (5, 4)]
    digraph = digraph_of([one for one, _ in ends], [other for _, other in ends], n=7)

    assert core_numbers(digraph).tolist() == [3, 3, 3, 3, 1, 1, 0]


def test_who_answers_back_is_one_neighbour() -> None:
    assert core_numbers(digraph_of([0, 1, 1], [1, 0, 2], n=3)).tolist() == [1, 1, 1]


def test_neither_direction_nor_weight_matters() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph
    heavy = digraph_of(digraph.target, digraph.source, n=digraph.n, weight=[7.0] * digraph.m)

    assert core_numbers(heavy).tolist() == core_numbers(digraph).tolist()


def test_many_neighbours_who_know_nobody_else_make_no_core() -> None:
    assert core_numbers(star(1_000)).tolist() == [1] * 1_000


def test_the_innermost_of_the_karate_club_have_four() -> None:
    found = core_numbers(network_of(nx.karate_club_graph()).digraph)

    assert found.max() == 4
    # members 1, 2, 3, 4, 8, 9, 14, 31, 33 and 34
    assert np.flatnonzero(found == 4).tolist() == [0, 1, 2, 3, 7, 8, 13, 30, 32, 33]


def test_in_its_core_everybody_has_enough_neighbours() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph.undirected()
    found = core_numbers(digraph)

    for k in range(1, int(found.max()) + 1):
        inside = digraph.among(found >= k)
        assert inside.out_degree.min() >= k


def test_asking_leaves_the_network_as_it_was() -> None:
    digraph = star(4)
    before = arcs_of(digraph)

    core_numbers(digraph)

    assert arcs_of(digraph) == before
    assert digraph.in_degree.tolist() == [3, 0, 0, 0]


def test_nobody_and_one_person() -> None:
    assert core_numbers(nobody()).tolist() == []
    assert core_numbers(alone()).tolist() == [0]
