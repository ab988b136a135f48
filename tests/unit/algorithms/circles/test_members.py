"""Core, bridge and edge by hand, and measures of a circle beside networkx."""

import networkx as nx
import numpy as np
import pytest

from algorithms.circles.members import (
    FIRM,
    SPREAD,
    Ties,
    cohesion_of,
    density_of,
    inner_repliers,
    roles_of,
    ties_of,
)
from algorithms.network.digraph import Digraph, Floats, Numbers, digraph_of
from algorithms.network.partitions import NOBODY


def labels_of(*labels: int) -> Numbers:
    return np.array(labels, np.int64)


def floats_of(*values: float) -> Floats:
    return np.array(values, np.float64)


def random_network(seed: int, *, n: int = 30) -> tuple[Digraph, Numbers]:
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, n, (2, 5 * n))
    directed = digraph_of(source, target, n=n, weight=rng.integers(1, 6, 5 * n))
    # the first of each circle, so that no number is left out
    labels = np.concatenate([np.arange(4), rng.integers(-1, 4, n - 4)])
    return directed, labels.astype(np.int64)


def in_networkx(directed: Digraph) -> nx.DiGraph:
    network = nx.DiGraph()
    network.add_nodes_from(range(directed.n))
    columns = (directed.source, directed.target, directed.weight)
    network.add_weighted_edges_from(zip(*(c.tolist() for c in columns), strict=True))
    return network


# ------------------------------------------------------------------ where exchange goes


def test_exchange_is_counted_inside_and_in_all() -> None:
    # 0 and 1 exchange three replies, 1 and 2 one; 0 and 1 are a circle
    directed = digraph_of([0, 1, 1], [1, 0, 2], n=3, weight=[2, 1, 1])

    ties = ties_of(directed.undirected(), labels_of(0, 0, 1))

    assert ties.within.tolist() == [3, 3, 0]
    assert ties.every.tolist() == [3, 4, 1]
    # of 1: three quarters with one circle, one with another: 1 - 9/16 - 1/16
    assert ties.participation.tolist() == pytest.approx([0, 6 / 16, 0])


def test_each_who_is_in_no_circle_counts_as_one_of_their_own() -> None:
    network = digraph_of([0, 0, 0], [1, 2, 3], n=4).undirected()

    alone = ties_of(network, labels_of(0, NOBODY, NOBODY, NOBODY))
    together = ties_of(network, labels_of(0, 1, 1, 1))

    assert alone.participation[0] == pytest.approx(1 - 3 / 9)
    assert together.participation[0] == 0


def test_two_in_no_circle_are_not_inside_one() -> None:
    network = digraph_of([0], [1], n=2).undirected()

    ties = ties_of(network, labels_of(NOBODY, NOBODY))

    assert ties.within.tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_participation_is_that_of_a_walk_over_neighbours(seed: int) -> None:
    directed, labels = random_network(seed)
    network = in_networkx(directed.undirected())

    expected = []
    for person in network:
        share: dict[object, float] = {}
        for other, arc in network[person].items():
            group = int(labels[other]) if labels[other] != NOBODY else f"alone {other}"
            share[group] = share.get(group, 0) + arc["weight"]
        total = sum(share.values())
        expected.append(1 - sum((part / total) ** 2 for part in share.values()))

    assert ties_of(directed.undirected(), labels).participation.tolist() == pytest.approx(expected)


# ------------------------------------------------------------------ roles


def roles(
    within: Floats, labels: Numbers, *, participation: Floats | None = None, strength: float = 1
) -> list[object]:
    spread = np.zeros(len(labels)) if participation is None else participation
    firm = np.full(len(labels), strength)
    return [*roles_of(Ties(within, within, spread), labels, strength=firm)]


def test_the_core_has_at_least_the_mean_of_its_own_circle() -> None:
    # the mean of the first circle is 4, of the second 40
    found = roles(floats_of(2, 4, 6, 30, 50), labels_of(0, 0, 0, 1, 1))

    assert found == ["edge", "core", "core", "edge", "core"]


def test_where_all_write_as_much_all_are_core() -> None:
    assert roles(floats_of(3, 3, 3), labels_of(0, 0, 0)) == ["core"] * 3


@pytest.mark.parametrize(
    ("strength", "role"), [(FIRM, "core"), (FIRM - 0.01, "edge"), (0, "edge"), (1, "core")]
)
def test_the_core_belongs_in_most_runs(strength: float, role: str) -> None:
    assert roles(floats_of(5, 5), labels_of(0, 0), strength=strength) == [role] * 2


def test_a_bridge_has_more_spread_than_the_threshold_however_much_they_write() -> None:
    spread = floats_of(SPREAD, SPREAD + 0.01, 0.9)

    found = roles(floats_of(9, 9, 0), labels_of(0, 0, 0), participation=spread)

    assert found == ["core", "bridge", "bridge"]


def test_who_is_in_no_circle_has_no_role_however_spread() -> None:
    found = roles(floats_of(0, 5, 5), labels_of(NOBODY, 0, 0), participation=floats_of(0.9, 0, 0))

    assert found == [None, "core", "core"]


def test_where_nobody_is_in_a_circle_nobody_has_a_role() -> None:
    assert roles(floats_of(1, 2), labels_of(NOBODY, NOBODY)) == [None, None]


# ------------------------------------------------------------------ a circle as a whole


def test_cohesion_is_the_share_of_ends_inside() -> None:
    # a triangle with two replies to outside: six of eight ends stay
    network = digraph_of([0, 1, 2, 0, 1], [1, 2, 0, 3, 3], n=4).undirected()
    labels = labels_of(0, 0, 0, NOBODY)

    assert cohesion_of(ties_of(network, labels), labels).tolist() == [6 / 8]


def test_a_circle_without_any_exchange_has_no_cohesion() -> None:
    nothing = np.zeros(2)

    assert cohesion_of(Ties(nothing, nothing, nothing), labels_of(0, 0)).tolist() == [0]


@pytest.mark.parametrize("seed", range(5))
def test_density_is_that_of_networkx(seed: int) -> None:
    directed, labels = random_network(seed)
    network = in_networkx(directed)

    expected = [nx.density(network.subgraph(np.flatnonzero(labels == k))) for k in range(4)]

    assert density_of(directed, labels).tolist() == pytest.approx(expected)


def test_a_circle_of_one_has_no_pairs_and_no_density() -> None:
    assert density_of(digraph_of([0], [1], n=2), labels_of(0, 1)).tolist() == [0, 0]


def test_two_people_of_whom_one_answers_are_half_as_dense_as_can_be() -> None:
    assert density_of(digraph_of([0], [1], n=2), labels_of(0, 0)).tolist() == [0.5]


@pytest.mark.parametrize("seed", range(3))
def test_inner_repliers_are_the_degree_within_the_circle(seed: int) -> None:
    directed, labels = random_network(seed)
    network = in_networkx(directed)

    expected = [
        sum(labels[other] == labels[person] for other in network.predecessors(person))
        for person in network
    ]

    assert inner_repliers(directed, labels).tolist() == expected
