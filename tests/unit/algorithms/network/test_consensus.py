"""What many runs share: its limits, what the past may cost, and how firm groups are."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from algorithms.network.consensus import (
    EFFORT,
    FEWEST,
    MEMORIES,
    Consensus,
    Former,
    consensus,
    firmness,
    runs_for,
    shares,
)
from algorithms.network.digraph import Digraph, Numbers, digraph_of
from algorithms.network.leiden import best_of, leiden
from algorithms.network.partitions import NOBODY, adjusted_rand, modularity


def labels_of(*labels: int) -> Numbers:
    return np.array(labels, np.int64)


def friends() -> Digraph:
    arcs = np.array([*nx.karate_club_graph().edges])
    return digraph_of(arcs[:, 0], arcs[:, 1], n=34).undirected()


def square() -> tuple[Digraph, Numbers, Numbers]:
    """Return four triangles in a ring, and two divisions into halves that are equally good."""
    ring = nx.ring_of_cliques(4, 3)
    arcs = np.array([*ring.edges])
    network = digraph_of(arcs[:, 0], arcs[:, 1], n=12).undirected()
    clique = np.arange(12) // 3
    return network, (clique // 2).astype(np.int64), ((clique + 1) // 2 % 2).astype(np.int64)


def test_the_same_seed_gives_the_same_consensus() -> None:
    one, other = (consensus(friends(), runs=10, seed=3) for _ in range(2))

    assert one.labels.tolist() == other.labels.tolist()
    assert one.runs.tolist() == other.runs.tolist()


def test_single_runs_have_seeds_of_their_own() -> None:
    rng = np.random.default_rng(0)
    network = digraph_of(*rng.integers(0, 60, (2, 150)), n=60).undirected()

    found = consensus(network, runs=10)

    assert found.runs.shape == (10, 60)
    assert found.agreement < 1


def test_one_run_agrees_with_itself() -> None:
    assert consensus(friends(), runs=1).agreement == 1


def test_agreement_is_the_mean_over_pairs_of_the_first_six() -> None:
    runs = np.array([[0, 0, 1, 1]] * 5 + [[0, 1, 0, 1]] + [[0, 1, 2, 3]] * 4)

    # ten pairs agree by 1, five by -1/2; what comes behind is not looked at
    agreement = Consensus(runs[0], runs).agreement
    assert agreement == pytest.approx((10 * 1 + 5 * -0.5) / 15)


def test_a_network_without_arcs_leaves_everybody_alone() -> None:
    found = consensus(digraph_of([], [], n=4), runs=5)

    assert found.labels.tolist() == [0, 1, 2, 3]
    assert found.agreement == 1


def test_two_people_who_talk_are_together() -> None:
    found = consensus(digraph_of([0], [1], n=2).undirected(), runs=5)

    assert found.labels.tolist() == [0, 0]


@pytest.mark.parametrize("which", [0, 1])
def test_of_two_divisions_as_good_the_former_one_stays(which: int) -> None:
    network, *halves = square()
    assert modularity(network, halves[0]) == pytest.approx(modularity(network, halves[1]))

    found = consensus(network, runs=5, resolution=0.4, former=Former(halves[which], 0.01))

    assert adjusted_rand(found.labels, halves[which]) == 1


def test_without_a_former_division_nothing_is_kept_to() -> None:
    assert consensus(friends(), runs=5).memory == 0


def test_former_groups_that_are_found_anyway_need_no_memory() -> None:
    free = consensus(friends(), runs=10)

    held = consensus(friends(), runs=10, former=Former(free.labels, 1.0))

    assert held.memory == 0
    assert held.labels.tolist() == free.labels.tolist()


def test_the_past_may_weigh_all_where_it_may_cost_all() -> None:
    former = (np.arange(34) % 2).astype(np.int64)

    held = consensus(friends(), runs=5, former=Former(former, 1.0))

    assert held.memory == MEMORIES[-1]


def test_newcomers_alone_leave_the_division_free() -> None:
    nobody = Former(np.full(34, NOBODY, np.int64), 0.5)

    held = consensus(friends(), runs=10, former=nobody)

    assert held.labels.tolist() == consensus(friends(), runs=10).labels.tolist()


def test_a_higher_resolution_makes_smaller_groups() -> None:
    few, more = (consensus(friends(), runs=10, resolution=r).labels.max() for r in (0.5, 2))

    assert few < more


def test_the_consensus_is_nearly_as_good_as_the_best_of_many_runs() -> None:
    _, best = best_of(friends(), runs=20)

    assert modularity(friends(), consensus(friends(), runs=50).labels) >= 0.97 * best


# ------------------------------------------------------------------ effort and shares


@pytest.mark.parametrize(("most", "runs"), [(1, 1), (FEWEST, FEWEST), (10_000, 10_000)])
def test_a_network_without_arcs_gets_all_the_runs_asked_for(most: int, runs: int) -> None:
    assert runs_for(digraph_of([], [], n=1), most=most) == runs


def test_runs_are_as_many_as_the_effort_allows() -> None:
    network = friends()

    # behind them come three runs and one of two rounds at least
    assert runs_for(network, most=10**9) == EFFORT // network.m - 5


def first_seed() -> int:
    """Return the seed that the first single run gets."""
    return int(np.random.default_rng(0).integers(0, 2**31, size=1)[0])


def message_board() -> Digraph:
    """Return a network on which a second round finds more than the first."""
    rng = np.random.default_rng(1)
    return digraph_of(*rng.integers(0, 300, (2, 900)), n=300).undirected()


def test_where_all_runs_are_affordable_each_goes_over_the_network_twice() -> None:
    network = message_board()

    found = consensus(network, runs=1)

    twice = leiden(network, seed=first_seed(), rounds=2)
    assert found.runs[0].tolist() == twice.tolist()
    assert twice.tolist() != leiden(network, seed=first_seed(), rounds=1).tolist()


def test_where_runs_are_scarce_each_goes_over_the_network_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = message_board()
    monkeypatch.setattr("algorithms.network.consensus.EFFORT", 0)

    found = consensus(network, runs=FEWEST + 1)

    assert len(found.runs) == FEWEST
    first = int(np.random.default_rng(0).integers(0, 2**31, size=FEWEST)[0])
    assert found.runs[0].tolist() == leiden(network, seed=first, rounds=1).tolist()


def test_where_many_of_the_runs_are_affordable_they_go_over_the_network_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = message_board()
    monkeypatch.setattr("algorithms.network.consensus.EFFORT", 25 * network.m)

    found = consensus(network, runs=21)

    # 25 times over the network, five of them behind the single runs
    assert len(found.runs) == 20
    first = int(np.random.default_rng(0).integers(0, 2**31, size=20)[0])
    assert found.runs[0].tolist() == leiden(network, seed=first, rounds=2).tolist()


def test_shares_of_real_runs_are_the_same_either_way() -> None:
    network = friends()
    runs = np.array([leiden(network, seed=seed) for seed in range(8)])

    share = shares(network, runs)

    ends = zip(network.source.tolist(), network.target.tolist(), strict=True)
    found = dict(zip(ends, share.tolist(), strict=True))
    expected = {
        (a, b): sum(int(run[a] == run[b]) for run in runs) / 8
        for a, b in combinations(range(34), 2)
        if (a, b) in found
    }
    assert {pair: found[pair] for pair in expected} == pytest.approx(expected)
    assert all(found[b, a] == found[a, b] for a, b in expected)


# ------------------------------------------------------------------ firmness


def test_a_group_that_all_runs_find_is_firm() -> None:
    labels = labels_of(0, 0, 0, 1, 1)

    group, person = firmness(labels, np.array([labels[::1], labels + 5, 1 - labels]))

    assert group.tolist() == [1, 1]
    assert person.tolist() == [1] * 5


def test_of_two_groups_as_like_the_first_counts() -> None:
    # the run divides the group in halves: 0 and 1 are in the first of them
    group, person = firmness(labels_of(0, 0, 0, 0), np.array([[0, 0, 1, 1]]))

    assert group.tolist() == [0.5]
    assert person.tolist() == [1, 1, 0, 0]


def test_where_nobody_is_in_a_group_nothing_is_firm() -> None:
    group, person = firmness(labels_of(NOBODY, NOBODY), np.array([[0, 0]]))

    assert (group.tolist(), person.tolist()) == ([], [0, 0])


@pytest.mark.parametrize("seed", range(3))
def test_firmness_is_what_comparing_sets_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, runs = rng.integers(0, 3, 20), rng.integers(0, 4, (6, 20))

    def likest(members: set[int], run: Numbers) -> tuple[float, list[int]]:
        sets = [{*np.flatnonzero(run == k).tolist()} for k in range(int(run.max()) + 1)]
        index = [len(members & other) / len(members | other) for other in sets]
        best = int(np.argmax(index))
        return index[best], sorted(members & sets[best])

    group, person = firmness(labels, runs)

    for k in range(3):
        members = {*np.flatnonzero(labels == k).tolist()}
        found = [likest(members, run) for run in runs]
        assert group[k] == pytest.approx(np.mean([index for index, _ in found]))
        for p in members:
            assert person[p] == pytest.approx(np.mean([p in inside for _, inside in found]))
