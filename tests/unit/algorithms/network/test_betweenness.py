"""Betweenness by hand, against published figures, and as an estimate."""

from itertools import combinations
from math import comb

import networkx as nx
import numpy as np
import pytest

from algorithms.network import betweenness as module
from algorithms.network.betweenness import (
    betweenness,
    chosen_pivots,
    dependencies,
    is_affordable,
)
from algorithms.network.digraph import Digraph, digraph_of
from algorithms.network.interchange import network_of
from tests.known_networks import (
    FOLLOWERS,
    LDBC_FIFTY,
    alone,
    known,
    ldbc,
    near,
    nobody,
    star,
    written,
)


def ring(n: int) -> Digraph:
    return digraph_of(np.arange(n), (np.arange(n) + 1) % n, n=n)


def grid(side: int) -> Digraph:
    return network_of(nx.grid_2d_graph(side, side)).digraph


def test_who_stands_between_two() -> None:
    assert betweenness(digraph_of([0, 1], [1, 2], n=3)).tolist() == [0.0, 1.0, 0.0]


def test_two_shortest_paths_share() -> None:
    # 0 reaches 3 by 1 and by 2
    assert betweenness(digraph_of([0, 0, 1, 2], [1, 2, 3, 3], n=4)).tolist() == [0, 0.5, 0.5, 0]


def test_a_shortcut_takes_all() -> None:
    assert betweenness(digraph_of([0, 1, 0], [1, 2, 2], n=3)).tolist() == [0.0, 0.0, 0.0]


def test_distance_does_not_heed_weights() -> None:
    heavy = digraph_of([0, 0, 1, 2], [1, 2, 3, 3], n=4, weight=[9.0, 0.1, 5.0, 0.0])

    assert betweenness(heavy).tolist() == [0, 0.5, 0.5, 0]


def test_on_a_directed_ring_all_are_alike() -> None:
    # through each lead the paths from d behind to up to n - 1 - d ahead: (n - 1)(n - 2) / 2
    assert betweenness(ring(9)).tolist() == [28.0] * 9


def test_who_is_in_the_middle_of_a_star_links_all_pairs() -> None:
    n = 7
    middle = digraph_of([0] * 6 + [*range(1, n)], [*range(1, n)] + [0] * 6, n=n)

    assert betweenness(middle).tolist() == [(n - 1) * (n - 2), *[0.0] * (n - 1)]


def test_of_an_undirected_network_both_orders_count() -> None:
    path = digraph_of([0, 1, 1, 2], [1, 0, 2, 1], n=3)

    assert betweenness(path).tolist() == [0.0, 2.0, 0.0]


def test_numbers_of_paths_may_be_large() -> None:
    # corner to corner of the grid there are 155,117,520 shortest paths
    side = 16

    shares = betweenness(grid(side), pivots=np.array([0], dtype=np.int32))

    # whom 0 reaches through (0, 1): the part of all paths that begin so
    expected = sum(
        comb(down + right - 1, down) / comb(down + right, down)
        for down in range(side)
        for right in range(1, side)
    )
    assert shares[1] / side**2 == pytest.approx(expected - 1, rel=1e-12)


def test_in_networks_of_nobody_one_and_two_nobody_is_between() -> None:
    assert betweenness(nobody()).tolist() == []
    assert betweenness(alone()).tolist() == [0.0]
    assert betweenness(digraph_of([0, 1], [1, 0], n=2)).tolist() == [0.0, 0.0]
    assert betweenness(star(100)).tolist() == [0.0] * 100


def test_parts_do_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    digraph = ldbc(LDBC_FIFTY).digraph

    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(module, "cpu_count", lambda cores=cores: cores)
        found.append(betweenness(digraph).tolist())

    assert found[0] == found[1] == found[2]


# ------------------------------------------------------------------ published figures


def test_the_followers_of_the_gds_manual() -> None:
    followers = written(FOLLOWERS)

    assert followers.by_name(betweenness(followers.digraph)) == {
        "Alice": 0.0,
        "Bob": 0.0,
        "Carol": 8.0,
        "Dan": 3.0,
        "Eve": 3.0,
        "Frank": 5.0,
        "Gale": 0.0,
    }


def test_the_karate_club() -> None:
    club = network_of(nx.karate_club_graph()).digraph

    found = betweenness(club) / 2

    # members are numbered from 1 where these figures are printed
    assert found[0] == pytest.approx(231.0714, abs=5e-5)
    assert found[33] == pytest.approx(160.5516, abs=5e-5)
    assert found[32] == pytest.approx(76.6905, abs=5e-5)


def test_the_people_of_les_miserables() -> None:
    people = network_of(nx.les_miserables_graph())
    n = len(people)

    found = people.named(betweenness(people.digraph) / ((n - 1) * (n - 2)))

    assert (n, people.digraph.m) == (77, 2 * 254)
    assert found["Valjean"] == pytest.approx(0.5700, abs=5e-5)
    assert found["Myriel"] == pytest.approx(0.1768, abs=5e-5)
    assert found["Gavroche"] == pytest.approx(0.1651, abs=5e-5)


# ------------------------------------------------------------------ estimates


def test_pivots_are_people_who_answer_somebody() -> None:
    digraph = digraph_of([3, 5, 5, 7], [0, 1, 2, 1], n=9)

    assert chosen_pivots(digraph, 10, seed=1).tolist() == [3, 5, 7]
    for seed in range(20):
        drawn = chosen_pivots(digraph, 2, seed=seed)
        assert set(drawn.tolist()) < {3, 5, 7}
        assert drawn[0] < drawn[1]


def test_the_same_seed_draws_the_same_pivots() -> None:
    fifty = ldbc(LDBC_FIFTY).digraph

    one, again, other = (chosen_pivots(fifty, 10, seed=seed).tolist() for seed in (1, 1, 2))

    assert one == again
    assert one != other


def test_from_all_pivots_the_estimate_is_exact() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph

    pivots = chosen_pivots(digraph, 1_000, seed=1)

    assert betweenness(digraph, pivots=pivots).tolist() == betweenness(digraph).tolist()


def test_the_estimate_has_no_bias() -> None:
    # 1, 2 and 3 answer 4, who answers 5; 0 and 5 answer nobody
    digraph = digraph_of([1, 2, 3, 4], [4, 4, 4, 5], n=6)

    draws = [np.array(pair, dtype=np.int32) for pair in combinations(range(1, 5), 2)]
    estimates = [betweenness(digraph, pivots=pivots) for pivots in draws]

    assert np.mean(estimates, axis=0) == near(betweenness(digraph), within=1e-12)
    assert betweenness(digraph).tolist() == [0, 0, 0, 0, 3.0, 0]


def test_what_begins_at_each_person_adds_up_to_all() -> None:
    digraph = ldbc(LDBC_FIFTY).digraph
    everybody = np.arange(digraph.n, dtype=np.int32)

    alone_each = [dependencies(digraph, everybody[place : place + 1]) for place in everybody]

    assert np.sum(alone_each, axis=0) == near(betweenness(digraph), within=1e-10)


def test_without_pivots_nothing_is_said() -> None:
    none = np.empty(0, dtype=np.int32)

    assert betweenness(ring(4), pivots=none).tolist() == [0.0] * 4


@pytest.mark.parametrize(("n", "affordable"), [(44_721, True), (44_722, False)])
def test_exactness_is_affordable_below_two_thousand_million(n: int, *, affordable: bool) -> None:
    # a ring has as many arcs as people
    assert is_affordable(ring(n)) is affordable


def test_half_of_the_pivots_find_the_head_of_the_list() -> None:
    club = network_of(nx.karate_club_graph()).digraph

    found = betweenness(club, pivots=chosen_pivots(club, 17, seed=3))

    assert set(np.argsort(-found)[:2].tolist()) == {0, 33}


def test_names_do_not_matter() -> None:
    arcs = [("é", "小明"), ("小明", "🙂"), ("🙂", "")]

    found = known(arcs, names=["🙂", "", "é", "小明"])

    assert found.by_name(betweenness(found.digraph)) == {"🙂": 2.0, "": 0.0, "é": 0.0, "小明": 2.0}
