"""Networks as networkx sees them: names of any kind, an order, and answers by name."""

import networkx as nx
import numpy as np
import pytest

from algorithms.network.digraph import digraph_of
from algorithms.network.interchange import Network, graph_of, network_of
from tests.known_networks import arcs_of

ODD = ("", "同名", "مرحبا", "🌸", 0, ("a", 1), 2.5)


def ring(*names: object) -> nx.DiGraph:
    return nx.DiGraph(list(zip(names, [*names[1:], names[0]], strict=True)))


def test_whatever_can_be_hashed_is_a_name() -> None:
    network = network_of(ring(*ODD))

    assert [*network] == [*ODD]
    assert all(name in network for name in ODD)
    assert "nobody" not in network
    assert [*network.place.values()] == [*range(len(ODD))]


def test_values_come_back_by_name_as_plain_numbers() -> None:
    network = network_of(ring("b", "a"))

    assert network.named(np.array([1.5, 2.5])) == {"b": 1.5, "a": 2.5}
    assert [type(v) for v in network.named(np.array([1, 2])).values()] == [int, int]


def test_too_few_values_are_no_answer() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        network_of(ring("a", "b")).named(np.array([1.0]))


def test_nodes_without_an_edge_are_there() -> None:
    graph = nx.Graph([("a", "b")])
    graph.add_node("c")

    network = network_of(graph)

    assert (len(network), network.digraph.n, network.digraph.m) == (3, 3, 2)


def test_a_network_of_nobody_goes_there_and_back() -> None:
    network = network_of(nx.Graph())

    assert (len(network), [*network], network.named(np.array([]))) == (0, [], {})
    assert len(graph_of(network)) == 0


def test_a_weight_of_none_asked_for_is_one() -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", weight=7.0)

    assert arcs_of(network_of(graph, default=3).digraph) == [(0, 1, 1), (1, 0, 1)]


def test_a_weight_of_zero_is_an_arc() -> None:
    graph = nx.DiGraph()
    graph.add_edge("a", "b", weight=0.0)

    assert arcs_of(network_of(graph, weight="weight").digraph) == [(0, 1, 0)]


def test_arcs_both_ways_stay_two_with_their_own_weights() -> None:
    network = Network(["x", "y"], digraph_of([0, 1], [1, 0], n=2, weight=[2, 5]), directed=True)

    back = graph_of(network)

    assert {*back.edges(data="weight")} == {("x", "y", 2.0), ("y", "x", 5.0)}


def test_an_infinite_weight_is_refused_as_beyond_the_engine() -> None:
    graph = nx.Graph([("a", "b", {"weight": float("inf")})])

    with pytest.raises(NotImplementedError, match="engine of kith does not take"):
        network_of(graph, weight="weight")
