"""Dividing people into groups: published optima, repeatable, connected, agreed upon by runs."""

import gzip
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from algorithms.network.consensus import (
    Former,
    consensus,
    firmness,
    runs_for,
    shares,
)
from algorithms.network.digraph import Digraph, Numbers, digraph_of
from algorithms.network.leiden import best_of, leiden
from algorithms.network.partitions import (
    NOBODY,
    adjusted_rand,
    connected,
    modularity,
    overlaps,
    ranked,
)

DATA = Path(__file__).parents[5] / "shared" / "data"
DAY = 86_400


def drawn(network: "nx.Graph[object]", *, weight: str | None = None) -> Digraph:
    """Return a network of networkx, people numbered in the order of their names."""
    place = {name: k for k, name in enumerate(sorted(network, key=str))}
    arcs = [
        (place[a], place[b], d.get(weight, 1) if weight else 1)
        for a, b, d in network.edges(data=True)
    ]
    source, target, weights = (np.array(column) for column in zip(*arcs, strict=True))
    return digraph_of(source, target, n=len(place), weight=weights).undirected()


def two_cliques() -> Digraph:
    arcs = [*combinations(range(5), 2), *combinations(range(5, 10), 2), (0, 5)]
    source, target = np.array(arcs).T
    return digraph_of(source, target, n=10).undirected()


def labels_of(*labels: int) -> Numbers:
    return np.array(labels, np.int64)


divisions = st.lists(st.integers(0, 4), min_size=2, max_size=30)


@pytest.mark.parametrize(
    ("network", "optimum"),
    [(nx.karate_club_graph, 0.419790), (nx.les_miserables_graph, 0.5600)],
)
def test_the_best_of_twenty_runs_is_the_published_optimum(
    network: "object", optimum: float
) -> None:
    assert callable(network)

    _, found = best_of(drawn(network()), runs=20)

    assert found == pytest.approx(optimum, abs=5e-5)


def test_the_same_seed_gives_the_same_groups() -> None:
    network = drawn(nx.karate_club_graph())

    assert leiden(network, seed=4).tolist() == leiden(network, seed=4).tolist()


def test_a_run_that_begins_with_the_optimum_stays_there() -> None:
    network = drawn(nx.karate_club_graph())
    best, score = best_of(network, runs=20)

    again = leiden(network, seed=99, start=best)

    assert modularity(network, again) == pytest.approx(score)


def test_who_has_no_arc_is_alone() -> None:
    arcs = np.array([*combinations(range(4), 2)]).T
    network = digraph_of(*arcs, n=6).undirected()

    for start in (None, labels_of(0, 0, 0, 0, 1, 1)):
        assert leiden(network, start=start).tolist() == [0, 0, 0, 0, 1, 2]


def test_a_network_without_arcs_leaves_everybody_alone() -> None:
    network = digraph_of([], [], n=3)

    assert leiden(network).tolist() == [0, 1, 2]
    assert modularity(network, leiden(network)) == 0


def test_a_higher_resolution_makes_more_groups() -> None:
    network = drawn(nx.les_miserables_graph())

    assert leiden(network, resolution=3).max() > leiden(network, resolution=0.5).max()


@pytest.mark.parametrize("weight", [None, "weight"])
@pytest.mark.parametrize("resolution", [1.0, 0.5])
def test_modularity_is_that_of_networkx(weight: str | None, resolution: float) -> None:
    network = nx.les_miserables_graph()
    mine = drawn(network, weight=weight)
    labels = leiden(mine, seed=1)
    names = sorted(network, key=str)
    groups = [
        {names[p] for p in np.flatnonzero(labels == k).tolist()} for k in range(labels.max() + 1)
    ]

    expected = nx.community.modularity(network, groups, weight=weight, resolution=resolution)

    assert modularity(mine, labels, resolution=resolution) == pytest.approx(expected, abs=1e-12)


@given(divisions, st.integers(0, 4))
def test_the_adjusted_rand_index_is_that_of_scikit_learn(first: list[int], shift: int) -> None:
    second = [(label + k % 3 + shift) % 4 for k, label in enumerate(first)]
    pair = np.array(first, np.int64), np.array(second, np.int64)

    assert adjusted_rand(*pair) == pytest.approx(adjusted_rand_score(*pair), abs=1e-12)


def test_one_person_agrees_with_themselves() -> None:
    assert adjusted_rand(labels_of(3), labels_of(0)) == 1


def test_overlaps_count_people_of_each_pair_of_groups() -> None:
    first, second, n = overlaps(labels_of(0, 0, 1, 1, 1), labels_of(2, 2, 2, 0, 0))

    assert [*zip(first, second, n, strict=True)] == [(0, 2, 2), (1, 0, 2), (1, 2, 1)]


def test_groups_are_numbered_by_size_and_small_ones_are_none() -> None:
    labels = labels_of(7, 3, 3, 9, 9, 3, NOBODY)

    assert ranked(labels).tolist() == [2, 0, 0, 1, 1, 0, NOBODY]
    assert ranked(labels, least=2).tolist() == [NOBODY, 0, 0, 1, 1, 0, NOBODY]


def test_a_group_in_two_parts_is_split() -> None:
    network = digraph_of([0, 2, 4], [1, 3, 2], n=5).undirected()

    parts = connected(network, labels_of(0, 0, 0, 0, 0))

    assert parts.tolist() == [1, 1, 0, 0, 0]


def test_nobody_is_no_group_that_could_be_connected() -> None:
    network = digraph_of([0, 1], [1, 2], n=3).undirected()

    assert connected(network, labels_of(0, NOBODY, 0)).tolist() == [0, NOBODY, 1]


def test_runs_agree_on_what_is_clear() -> None:
    shared = consensus(two_cliques(), runs=10)

    assert shared.labels.tolist() == [0] * 5 + [1] * 5
    assert shared.agreement == 1


def test_the_share_of_an_arc_is_that_of_runs_with_both_ends_together() -> None:
    network = digraph_of([0, 1], [1, 2], n=3).undirected()
    runs = np.array([[0, 0, 1], [0, 1, 1], [0, 0, 0], [0, 1, 2]])

    # arcs 0-1, 1-0, 1-2, 2-1
    assert shares(network, runs).tolist() == [0.5, 0.5, 0.5, 0.5]


def test_firmness_is_how_often_a_group_and_its_people_are_found_again() -> None:
    labels = labels_of(0, 0, 0, 1, 1, NOBODY)
    runs = np.array([[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 1, 1]])

    group, person = firmness(labels, runs)

    # the first group: whole, then two of three; the second: two of three, then two of four
    assert group.tolist() == [pytest.approx((1 + 2 / 3) / 2), pytest.approx((2 / 3 + 1 / 2) / 2)]
    assert person.tolist() == [1, 1, 0.5, 1, 1, 0]


def test_a_large_network_gets_fewer_runs_and_never_none() -> None:
    small = two_cliques()
    many = np.arange(200_000)
    large = digraph_of(many, (many + 1) % 200_000, n=200_000).undirected()

    assert runs_for(small, most=200) == 200
    assert runs_for(large, most=200) == 10
    assert runs_for(large, most=4) == 4


def ring_of_pairs() -> tuple[Digraph, Numbers]:
    """Return thirty cliques in a ring, and the division into pairs of neighbours, one of two."""
    ring = nx.ring_of_cliques(30, 5)
    arcs = np.array([*ring.edges])
    network = digraph_of(arcs[:, 0], arcs[:, 1], n=150).undirected()
    return network, ((np.arange(150) // 5 + 1) % 30 // 2).astype(np.int64)


def test_former_groups_stay_where_another_division_is_as_good() -> None:
    network, former = ring_of_pairs()

    kept = consensus(network, runs=20, former=Former(former, 0.01))

    assert adjusted_rand(kept.labels, former) >= 0.85
    assert kept.memory > 0
    assert adjusted_rand(consensus(network, runs=20).labels, former) < 0.85


def test_former_groups_give_way_to_much_better_ones() -> None:
    former = np.array([0, 1] * 5, np.int64)

    found = consensus(two_cliques(), runs=20, former=Former(former, 0.05))

    assert found.labels.tolist() == [0] * 5 + [1] * 5


@given(st.integers(0, 10_000))
def test_groups_of_any_network_are_connected(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source, target = rng.integers(0, 25, (2, 60))
    network = digraph_of(source, target, n=25).undirected()

    labels = consensus(network, runs=3, seed=seed).labels

    plain = nx.Graph(zip(network.source.tolist(), network.target.tolist(), strict=True))
    plain.add_nodes_from(range(25))
    for label in range(int(labels.max()) + 1):
        assert nx.is_connected(plain.subgraph(np.flatnonzero(labels == label).tolist()))


def messages(name: str, file: str) -> Numbers:
    path = DATA / name / file
    if not path.exists():
        pytest.skip(f"{path} is not there")
    with gzip.open(path, "rt") as lines:
        return np.array([[int(word) for word in line.split()] for line in lines], np.int64)


def core(rows: Numbers, *, least: int = 4) -> tuple[Digraph, Numbers]:
    """Return the network among who has some messages, and who they are."""
    rows = rows[rows[:, 0] != rows[:, 1]]
    n = int(rows[:, :2].max()) + 1
    active = np.bincount(rows[:, :2].ravel(), minlength=n) >= least
    network = digraph_of(rows[:, 0], rows[:, 1], n=n).among(active).undirected()
    return network, np.flatnonzero(active).astype(np.int64)


@pytest.mark.slow
def test_two_divisions_of_real_messages_agree() -> None:
    network, _ = core(messages("college_msg", "CollegeMsg.txt.gz"))

    first, second = (consensus(network, seed=seed) for seed in (1, 2))

    assert adjusted_rand(first.labels, second.labels) >= 0.85
    # what single runs would have given
    assert first.agreement < 0.5
    single = modularity(network, leiden(network, seed=1))
    assert modularity(network, first.labels) > 0.98 * single


@pytest.mark.slow
def test_circles_of_real_messages_stay_from_month_to_month() -> None:
    rows = messages("college_msg", "CollegeMsg.txt.gz")
    cuts = rows[:, 2].min() + DAY * np.array([90, 120, 150, 180])
    former, found = np.full(int(rows[:, :2].max()) + 1, NOBODY, np.int64), []

    for cut in cuts:
        network, who = core(rows[rows[:, 2] <= cut])
        before = former[who]
        given = Former(before, 0.05) if (before != NOBODY).any() else None
        labels = consensus(network, runs=100, former=given).labels
        known = before != NOBODY
        found += [adjusted_rand(before[known], labels[known])] if known.any() else []
        former[:] = NOBODY
        former[who] = labels

    assert min(found) >= 0.8


@pytest.mark.slow
def test_circles_of_mail_are_nearer_to_departments_than_chance_by_far() -> None:
    rows = messages_of_departments()
    labels_path = DATA / "email_eu_core" / "email-Eu-core-department-labels.txt"
    lines = labels_path.read_text(encoding="utf-8").splitlines()[1:]
    pairs = (line.split() for line in lines)
    department = {int(person): int(label) for person, label in pairs}
    network, who = core(rows, least=1)

    found = consensus(network, runs=50)

    truth = np.array([department[int(person)] for person in who], np.int64)
    # departments are 42 and circles about 8, so they cannot agree wholly: a check of direction
    assert adjusted_rand(found.labels, truth) > 0.3


def messages_of_departments() -> Numbers:
    path = DATA / "email_eu_core" / "email-Eu-core.txt.gz"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    with gzip.open(path, "rt") as lines:
        rows = [line.replace(",", " ").split() for line in lines]
    return np.array([[int(a), int(b)] for a, b in rows[1:]], np.int64)
