"""Divisions at their limits: nobody, one, all alone, all together; and beside networkx."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest

from algorithms.network.digraph import Digraph, Numbers, digraph_of
from algorithms.network.partitions import (
    NOBODY,
    adjusted_rand,
    connected,
    modularity,
    overlaps,
    ranked,
)


def labels_of(*labels: int) -> Numbers:
    return np.array(labels, np.int64)


def barbell() -> Digraph:
    """Return two triangles with one reply between them."""
    return digraph_of([0, 1, 2, 3, 4, 5, 2], [1, 2, 0, 4, 5, 3, 3], n=6).undirected()


def test_modularity_of_two_triangles_by_hand() -> None:
    # six of seven ties inside, half of the ends in each
    assert modularity(barbell(), labels_of(0, 0, 0, 1, 1, 1)) == pytest.approx(6 / 7 - 1 / 2)


def test_all_together_is_what_chance_would_have() -> None:
    assert modularity(barbell(), np.zeros(6, np.int64)) == pytest.approx(0)
    assert modularity(barbell(), np.zeros(6, np.int64), resolution=2) == pytest.approx(-1)


def test_all_alone_is_below_chance() -> None:
    # degrees 2, 2, 3, 3, 2, 2 of 14
    assert modularity(barbell(), np.arange(6)) == pytest.approx(-(4 * 4 + 2 * 9) / 14**2)


def test_modularity_of_the_worst_division_is_minus_a_half() -> None:
    pair = digraph_of([0], [1], n=2).undirected()

    assert modularity(pair, labels_of(0, 1)) == -0.5


def test_a_weight_counts_as_so_many_replies() -> None:
    twice = digraph_of([0, 0, 1], [1, 1, 2], n=3).undirected()
    heavy = digraph_of([0, 1], [1, 2], n=3, weight=[2, 1]).undirected()

    assert modularity(twice, labels_of(0, 0, 1)) == modularity(heavy, labels_of(0, 0, 1))


@pytest.mark.parametrize(
    ("first", "second", "index"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1), 1),
        ((0, 0, 1, 1), (1, 1, 0, 0), 1),
        ((0, 0, 0, 0), (0, 1, 2, 3), 0),
        ((0, 1, 2, 3), (0, 1, 2, 3), 1),
        ((0, 0, 0, 0), (5, 5, 5, 5), 1),
        # pairs 2 and 2 of 6, none together in both: (0 - 4/6) / (2 - 4/6)
        ((0, 0, 1, 1), (0, 1, 0, 1), -1 / 2),
        ((), (), 1),
    ],
)
def test_likeness_of_two_divisions_by_hand(
    first: tuple[int, ...], second: tuple[int, ...], index: float
) -> None:
    assert adjusted_rand(labels_of(*first), labels_of(*second)) == pytest.approx(index)


def test_likeness_of_many_people_does_not_overflow() -> None:
    half = np.repeat([0, 1], 200_000).astype(np.int64)

    assert adjusted_rand(half, half) == pytest.approx(1)
    assert adjusted_rand(half, np.tile([0, 1], 200_000).astype(np.int64)) == pytest.approx(
        0, abs=1e-5
    )


@pytest.mark.parametrize("seed", range(3))
def test_overlaps_are_a_plain_count_in_order(seed: int) -> None:
    first, second = np.random.default_rng(seed).integers(-1, 4, (2, 50))

    found = list(zip(*(x.tolist() for x in overlaps(first, second)), strict=True))

    count = Counter(zip(first.tolist(), second.tolist(), strict=True))
    assert found == [(*pair, count[pair]) for pair in sorted(count)]


def test_nobody_meets_nobody() -> None:
    assert [x.tolist() for x in overlaps(labels_of(), labels_of())] == [[], [], []]


def test_equal_groups_stand_in_the_order_of_their_first_people() -> None:
    assert ranked(labels_of(9, 4, 4, 9, 2, 2)).tolist() == [0, 1, 1, 0, 2, 2]


def test_groups_of_the_least_size_stay() -> None:
    assert ranked(labels_of(0, 0, 1, 1, 1), least=2).tolist() == [1, 1, 0, 0, 0]
    assert ranked(labels_of(0, 0, 1, 1, 1), least=3).tolist() == [NOBODY, NOBODY, 0, 0, 0]
    assert ranked(labels_of(0, 0, 1, 1, 1), least=4).tolist() == [NOBODY] * 5


def test_where_everybody_is_nobody_there_is_no_group() -> None:
    assert ranked(labels_of(NOBODY, NOBODY)).tolist() == [NOBODY, NOBODY]
    assert ranked(labels_of()).tolist() == []


@pytest.mark.parametrize("seed", range(5))
def test_parts_of_groups_are_the_components_of_networkx(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = digraph_of(*rng.integers(0, 40, (2, 45)), n=40).undirected()
    labels = rng.integers(0, 3, 40).astype(np.int64)
    plain = nx.Graph(list(zip(network.source.tolist(), network.target.tolist(), strict=True)))
    plain.add_nodes_from(range(40))

    parts = connected(network, labels)

    expected = {
        frozenset(part)
        for label in range(3)
        for part in nx.connected_components(plain.subgraph(np.flatnonzero(labels == label)))
    }
    found = {frozenset(np.flatnonzero(parts == k)) for k in range(int(parts.max()) + 1)}
    assert found == expected
    sizes = np.bincount(parts)
    assert (np.diff(sizes) <= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_of_any_labels_are_counted_pair_by_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(-1, 5, 50), rng.integers(1_000_000, 1_000_004, 50)

    found = [*zip(*(part.tolist() for part in overlaps(first, second)), strict=True)]

    counted = Counter(zip(first.tolist(), second.tolist(), strict=True))
    assert found == [(a, b, n) for (a, b), n in sorted(counted.items())]


def test_nobody_overlaps_with_nobody() -> None:
    assert [part.tolist() for part in overlaps(labels_of(), labels_of())] == [[], [], []]
