"""Who can reach whom, whichever way and along the arcs."""

import pytest

from algorithms.network.components import components
from algorithms.network.digraph import digraph_of
from tests.known_networks import LDBC_DIRECTED, alone, ldbc, nobody, star

# Graphalytics' graph for components
PARTS = "1 2 3 | 2 1 3 4 | 3 | 4 2 | 5 | 6 7 8 | 7 6 | 8 | 9 3"


def test_components_are_numbered_by_their_smallest_members() -> None:
    digraph = digraph_of([5, 3], [2, 0], n=6)

    assert components(digraph).tolist() == [0, 1, 2, 0, 3, 2]


def test_the_parts_of_graphalytics() -> None:
    parts = ldbc(PARTS)

    found = components(parts.digraph)

    smallest = [parts.names[found.tolist().index(label)] for label in found]
    assert smallest == [1, 1, 1, 1, 5, 6, 6, 6, 1]


def test_the_directed_example_of_graphalytics_is_one() -> None:
    assert components(ldbc(LDBC_DIRECTED).digraph).tolist() == [0] * 10


def test_along_the_arcs_there_has_to_be_a_way_back() -> None:
    # 0, 1 and 2 answer in a ring; 3 answers 0 and nobody answers 3
    digraph = digraph_of([0, 1, 2, 3], [1, 2, 0, 0], n=4)

    assert components(digraph, strong=True).tolist() == [0, 0, 0, 1]
    assert components(digraph).tolist() == [0, 0, 0, 0]


def test_a_star_falls_apart_along_the_arcs() -> None:
    assert components(star(5), strong=True).tolist() == [0, 1, 2, 3, 4]


def test_an_arc_without_weight_is_an_arc() -> None:
    assert components(digraph_of([0], [1], n=2, weight=[0.0])).tolist() == [0, 0]


@pytest.mark.parametrize("strong", [False, True])
def test_nobody_and_one_person(*, strong: bool) -> None:
    assert components(nobody(), strong=strong).tolist() == []
    assert components(alone(), strong=strong).tolist() == [0]
