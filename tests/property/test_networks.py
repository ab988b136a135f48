"""Any network: ours, igraph and networkx agree, and what does not matter changes nothing."""

from collections.abc import Iterable
from dataclasses import asdict
from random import Random

import igraph as ig
import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from algorithms.network.betweenness import betweenness, dependencies
from algorithms.network.clustering import clustering, directed_clustering, transitivity
from algorithms.network.components import components
from algorithms.network.cores import core_numbers
from algorithms.network.digraph import Digraph, Numbers, digraph_of
from algorithms.network.hits import hits
from algorithms.network.pagerank import pagerank
from algorithms.network.summary import summary
from tests.known_networks import arcs_of, near

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=100)

Replies = tuple[int, list[tuple[int, int, float]]]


@st.composite
def replies(draw: st.DrawFn) -> Replies:
    """Return a number of people and replies among them, to oneself and repeated ones too."""
    n = draw(st.integers(1, 14))
    person = st.integers(0, n - 1)
    weight = st.sampled_from([0.1, 0.25, 1.0, 3.0, 1e-9])
    return n, draw(st.lists(st.tuples(person, person, weight), max_size=50))


def gathered(found: Replies) -> Digraph:
    n, rows = found
    source, target, weight = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return digraph_of(source, target, n=n, weight=weight)


def in_networkx(digraph: Digraph) -> nx.DiGraph:
    network = nx.DiGraph()
    network.add_nodes_from(range(digraph.n))
    network.add_weighted_edges_from(arcs_of(digraph))
    return network


def in_igraph(digraph: Digraph) -> ig.Graph:
    arcs = zip(digraph.source.tolist(), digraph.target.tolist(), strict=True)
    return ig.Graph(n=digraph.n, edges=list(arcs), directed=True)


def ties_in_igraph(digraph: Digraph) -> ig.Graph:
    return in_igraph(digraph).as_undirected(mode="collapse")


def in_order(values: dict[int, float], digraph: Digraph) -> list[float]:
    return [values[person] for person in range(digraph.n)]


def partition(labels: Iterable[int]) -> set[frozenset[int]]:
    listed = list(labels)
    return {frozenset(np.flatnonzero(np.array(listed) == one).tolist()) for one in {*listed}}


# ------------------------------------------------------------------ three that agree


@unhurried
@given(replies())
def test_replies_are_gathered_as_a_dictionary_would(found: Replies) -> None:
    n, rows = found
    weights: dict[tuple[int, int], list[float]] = {}
    for one, other, weight in rows:
        if one != other:
            weights.setdefault((one, other), []).append(weight)

    digraph = gathered((n, rows))

    arcs = {(one, other): weight for one, other, weight in arcs_of(digraph)}
    assert list(arcs) == sorted(weights)
    assert arcs == pytest.approx({pair: sum(w) for pair, w in weights.items()}, rel=1e-14)


@unhurried
@given(replies(), st.sampled_from([0.3, 0.85, 0.99]))
def test_pagerank_agrees(found: Replies, damping: float) -> None:
    digraph = gathered(found)

    shares = pagerank(digraph, damping=damping, tolerance=1e-14)

    theirs = in_igraph(digraph).pagerank(damping=damping, weights=digraph.weight.tolist())
    assert shares == near(theirs)
    by_networkx = nx.pagerank(in_networkx(digraph), alpha=damping, tol=1e-13, max_iter=10_000)
    assert shares == near(in_order(by_networkx, digraph))


@unhurried
@given(replies(), st.lists(st.floats(0, 10), min_size=14, max_size=14))
def test_pagerank_with_a_teleport_agrees(found: Replies, wishes: list[float]) -> None:
    digraph = gathered(found)
    teleport = np.array(wishes[: digraph.n])
    assume(teleport.sum() > 1e-6)

    shares = pagerank(digraph, teleport=teleport, tolerance=1e-14)

    # igraph goes on anywhere from who answers nobody: networkx does as we do
    theirs = nx.pagerank(
        in_networkx(digraph),
        personalization=dict(enumerate(teleport.tolist())),
        tol=1e-13,
        max_iter=10_000,
    )
    assert shares == near(in_order(theirs, digraph))


@unhurried
@given(replies())
def test_betweenness_agrees(found: Replies) -> None:
    digraph = gathered(found)

    ours = betweenness(digraph)

    assert ours == near(in_igraph(digraph).betweenness(directed=True))
    theirs = nx.betweenness_centrality(in_networkx(digraph), normalized=False)
    assert ours == near(in_order(theirs, digraph))


@unhurried
@given(replies(), st.data())
def test_betweenness_from_some_people_agrees(found: Replies, data: st.DataObject) -> None:
    digraph = gathered(found)
    chosen = data.draw(st.sets(st.integers(0, digraph.n - 1), min_size=1))
    pivots = np.array(sorted(chosen), dtype=np.int32)

    ours = dependencies(digraph, pivots)

    theirs = nx.betweenness_centrality_subset(
        in_networkx(digraph), sorted(chosen), list(range(digraph.n))
    )
    assert ours == near(in_order(theirs, digraph))


@unhurried
@given(replies())
def test_clustering_agrees(found: Replies) -> None:
    digraph = gathered(found)
    ties = ties_in_igraph(digraph)

    ours = clustering(digraph)

    assert ours == near(ties.transitivity_local_undirected(mode="zero"))
    undirected = in_networkx(digraph).to_undirected()
    assert ours == near(in_order(nx.clustering(undirected), digraph))
    assert transitivity(digraph) == pytest.approx(ties.transitivity_undirected(mode="zero"))


@unhurried
@given(replies())
def test_directed_clustering_is_what_going_through_neighbours_finds(found: Replies) -> None:
    digraph = gathered(found)
    network = in_networkx(digraph)

    expected = []
    for person in range(digraph.n):
        around = {*network.predecessors(person), *network.successors(person)}
        arcs = network.subgraph(around).number_of_edges()
        expected.append(arcs / max(len(around) * (len(around) - 1), 1))

    assert directed_clustering(digraph) == near(expected, within=1e-12)


@unhurried
@given(replies())
def test_core_numbers_agree(found: Replies) -> None:
    digraph = gathered(found)

    ours = core_numbers(digraph).tolist()

    assert ours == ties_in_igraph(digraph).coreness()
    theirs = nx.core_number(in_networkx(digraph).to_undirected())
    assert ours == in_order(theirs, digraph)


@unhurried
@given(found=replies(), strong=st.booleans())
def test_components_agree(found: Replies, *, strong: bool) -> None:
    digraph = gathered(found)

    labels = components(digraph, strong=strong).tolist()

    way = "strong" if strong else "weak"
    assert partition(labels) == partition(in_igraph(digraph).connected_components(way).membership)
    ways = {"strong": nx.strongly_connected_components, "weak": nx.weakly_connected_components}
    assert partition(labels) == {frozenset(part) for part in ways[way](in_networkx(digraph))}
    # numbered in the order in which they are met
    assert list(dict.fromkeys(labels)) == list(range(len({*labels})))


@unhurried
@given(replies())
def test_hubs_and_authorities_lie_in_the_leading_space(found: Replies) -> None:
    digraph = gathered(found)
    matrix = digraph.outward().toarray()
    assume(digraph.m > 0)
    values = np.linalg.svd(matrix, compute_uv=False)
    # where the next is almost as large, the last digits would take very many steps
    assume(all(value > 0.999999 * values[0] or value < 0.9 * values[0] for value in values))

    hubs, authorities = hits(digraph, tolerance=1e-14)

    assert (hubs >= 0).all()
    assert (authorities >= 0).all()
    if values[1:].max(initial=0) < 0.9 * values[0]:
        assert matrix.T @ matrix @ authorities == near(values[0] ** 2 * authorities)
        assert hubs == near(matrix @ authorities / (matrix @ authorities).sum())


@unhurried
@given(replies())
def test_the_summary_agrees(found: Replies) -> None:
    digraph = gathered(found)
    network = in_networkx(digraph)

    ours = asdict(summary(digraph))

    undirected = network.to_undirected()
    strong = [len(part) for part in nx.strongly_connected_components(network)]
    weak = [len(part) for part in nx.weakly_connected_components(network)]
    assert ours == pytest.approx(
        {
            "n": len(network),
            "m": network.number_of_edges(),
            "density": nx.density(network),
            "reciprocity": nx.overall_reciprocity(network) if network.edges else 0,
            "weak_components": len(weak),
            "largest_weak": max(weak),
            "strong_components": len(strong),
            "largest_strong": max(strong),
            "mean_clustering": nx.average_clustering(undirected),
            "transitivity": nx.transitivity(undirected),
        }
    )


# ------------------------------------------------------------------ what does not matter


@unhurried
@given(replies(), st.randoms(use_true_random=False))
def test_the_order_of_replies_changes_no_bit(found: Replies, random: Random) -> None:
    n, rows = found
    shuffled = random.sample(rows, len(rows))

    one, other = gathered((n, rows)), gathered((n, shuffled))

    assert arcs_of(one) == arcs_of(other)
    for measure in (pagerank, betweenness, clustering, lambda d: hits(d).hubs):
        assert measure(one).tobytes() == measure(other).tobytes()


@unhurried
@given(replies(), st.randoms(use_true_random=False))
def test_people_may_be_numbered_otherwise(found: Replies, random: Random) -> None:
    digraph = gathered(found)
    number: Numbers = np.array(random.sample(range(digraph.n), digraph.n), dtype=np.int64)
    renamed = digraph_of(
        number[digraph.source], number[digraph.target], n=digraph.n, weight=digraph.weight
    )

    for measure in (pagerank, betweenness, clustering, directed_clustering, core_numbers):
        assert measure(renamed)[number] == near(measure(digraph).tolist())
    assert asdict(summary(renamed)) == pytest.approx(asdict(summary(digraph)))


@unhurried
@given(replies())
def test_turned_round_twice_it_is_the_same(found: Replies) -> None:
    digraph = gathered(found)

    backward = digraph.reversed()

    assert arcs_of(backward.reversed()) == arcs_of(digraph)
    assert sorted((b, a, w) for a, b, w in arcs_of(backward)) == arcs_of(digraph)
    # a shortest path is one from either end
    assert betweenness(backward) == near(betweenness(digraph).tolist())
    assert core_numbers(backward).tolist() == core_numbers(digraph).tolist()


@unhurried
@given(replies())
def test_a_stranger_changes_nothing_for_the_others(found: Replies) -> None:
    n, rows = found
    alone, together = gathered((n, rows)), gathered((n + 1, rows))

    for measure in (betweenness, clustering, core_numbers, components):
        assert measure(together)[:n].tolist() == measure(alone).tolist()
