"""Communities of scored pairs."""

from itertools import combinations

import igraph
import numpy as np
import pyarrow as pa
import pytest

from algorithms.identity.linkage.cluster import communities, too_large

Pairs = dict[tuple[int, int], float]


def table_of(pairs: Pairs) -> pa.Table:
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    return pa.table(
        {
            "left": pa.array(left, pa.int64()),
            "right": pa.array(right, pa.int64()),
            "probability": pa.array(list(pairs.values()), pa.float64()),
        }
    )


def parted(pairs: Pairs, n: int, *, resolution: float = 0.25) -> list[int]:
    return [int(label) for label in communities(table_of(pairs), n, resolution=resolution)]


def clique(*units: int, probability: float = 0.9) -> Pairs:
    return dict.fromkeys(combinations(units, 2), probability)


def worth(labels: list[int], pairs: Pairs, *, resolution: float) -> float:
    inside = sum(p for (a, b), p in pairs.items() if labels[a] == labels[b])
    together = sum(a == b for a, b in combinations(labels, 2))
    return inside - resolution * together


def test_units_without_pairs_stay_alone() -> None:
    assert parted({}, 3) == [0, 1, 2]


def test_nobody_is_no_error() -> None:
    assert parted({}, 0) == []


@pytest.mark.parametrize(("probability", "labels"), [(0.26, [0, 0]), (0.24, [0, 1])])
def test_two_are_one_if_likelier_than_the_resolution(probability: float, labels: list[int]) -> None:
    assert parted({(0, 1): probability}, 2) == labels


@pytest.mark.parametrize(
    ("second", "labels"),
    # all three gain p + q - 0.75, the likelier two gain 0.9 - 0.25: three if q > 0.5
    [(0.51, [0, 0, 0]), (0.49, [0, 0, 1])],
)
def test_a_chain_of_three_holds_if_its_weaker_link_pays_for_the_missing_one(
    second: float, labels: list[int]
) -> None:
    assert parted({(0, 1): 0.9, (1, 2): second}, 3) == labels


def test_two_groups_that_one_doubtful_pair_ties_stay_two() -> None:
    pairs = clique(0, 1, 2, 3) | clique(4, 5, 6, 7) | {(3, 4): 0.95}

    assert parted(pairs, 8) == [0] * 4 + [1] * 4


def test_a_large_complete_group_stays_whole() -> None:
    assert parted(clique(*range(40), probability=0.3), 40) == [0] * 40


def test_labels_follow_each_community_s_smallest_unit() -> None:
    pairs = {(1, 6): 0.9, (0, 5): 0.9, (2, 4): 0.9}

    assert parted(pairs, 7) == [0, 1, 2, 3, 2, 0, 1]


@pytest.mark.parametrize("seed", range(30))
def test_no_partition_of_a_few_is_better(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(3, 6))
    pairs = {
        pair: float(random.random()) for pair in combinations(range(n), 2) if random.random() < 0.8
    }
    labels = parted(pairs, n, resolution=0.3)

    every = [[int(sign) for sign in np.base_repr(code, n).zfill(n)] for code in range(n**n)]
    best = max(worth(other, pairs, resolution=0.3) for other in every)

    assert worth(labels, pairs, resolution=0.3) == pytest.approx(best)


def test_a_search_is_as_good_as_many_runs_over_the_whole_graph() -> None:
    random = np.random.default_rng(5)
    of = random.integers(0, 12, 60)
    pairs = {
        (a, b): float(random.uniform(0.3, 1.0) if of[a] == of[b] else random.uniform(0.1, 0.4))
        for a, b in combinations(range(60), 2)
        if random.random() < (0.7 if of[a] == of[b] else 0.03)
    }
    network = igraph.Graph(n=60, edges=list(pairs))

    labels = parted(pairs, 60)

    runs = [
        network.community_leiden(
            objective_function="CPM", weights=list(pairs.values()), resolution=0.25, n_iterations=-1
        ).membership
        for _ in range(20)
    ]
    best = max(worth(run, pairs, resolution=0.25) for run in runs)
    assert worth(labels, pairs, resolution=0.25) == pytest.approx(best, rel=0.01)


def test_communities_above_a_size_are_named() -> None:
    labels = np.array([0, 1, 1, 1, 2, 2])

    assert too_large(labels, most=2).tolist() == [1]
    assert too_large(labels, most=1).tolist() == [1, 2]
    assert too_large(labels, most=3).tolist() == []
