"""Spreading played forward: by hand, against every case, and against the model of Bass."""

import networkx as nx
import numpy as np
import pytest

from algorithms.network.cover import reach_of
from algorithms.network.digraph import digraph_of
from algorithms.network.models import Model
from algorithms.network.simulation import Appeal, adoption, course
from algorithms.network.spreading import Spreading, given, reach_sets, spreading_of
from tests.live_arcs import Arcs, answers, exact_reach, random_arcs

NOBODY = np.array([], np.int32)


def spreading(arcs: Arcs, *, n: int, model: Model = "cascade") -> Spreading:
    replies = answers(arcs, n=n)
    return given(replies, replies.weight, model=model)


def everybody_follows_everybody(n: int) -> Spreading:
    by, to = np.nonzero(~np.eye(n, dtype=bool))
    return spreading_of(digraph_of(by, to, n=n))


def people(*numbers: int) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array(numbers, np.int32)


@pytest.mark.parametrize("model", ["cascade", "threshold"])
def test_certain_arcs_are_followed_a_step_at_a_time(model: Model) -> None:
    path = spreading({(i, i + 1): 1.0 for i in range(4)}, n=6, model=model)

    played = course(path, people(1), runs=3, seed=0, steps=5)

    assert played.mean.tolist() == [1, 2, 3, 4, 4, 4]
    assert played.low.tolist() == played.high.tolist() == played.mean.tolist()


def test_steps_beyond_the_last_are_not_played() -> None:
    path = spreading({(i, i + 1): 1.0 for i in range(9)}, n=10)

    assert course(path, people(0), runs=2, seed=0, steps=3).mean.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize("model", ["cascade", "threshold"])
def test_runs_agree_with_every_case(model: Model) -> None:
    arcs = random_arcs(6, 11, seed=7, sum_to=0.9)

    played = course(spreading(arcs, n=6, model=model), people(0, 3), runs=40_000, seed=1)

    exact = exact_reach(arcs, [0, 3], model=model)
    assert played.mean[-1] == pytest.approx(exact, abs=0.03)
    assert played.low[-1] - 0.01 <= exact <= played.high[-1] + 0.01


@pytest.mark.parametrize("model", ["cascade", "threshold"])
def test_playing_forward_and_drawing_sets_backward_agree(model: Model) -> None:
    network = nx.gnp_random_graph(200, 0.04, seed=3, directed=True)
    by, to = zip(*network.edges, strict=True)
    spread = spreading_of(digraph_of(by, to, n=200), model=model)
    seeds = people(4, 90, 150)

    played = course(spread, seeds, runs=20_000, seed=1)
    reach = reach_of(seeds.astype(np.int64), sets=reach_sets(spread, 200_000, seed=1))

    _, low, high = reach.total[:, -1]
    assert played.low[-1] < high
    assert low < played.high[-1]


def test_the_same_seed_gives_the_same_runs() -> None:
    spread = spreading(random_arcs(8, 30, seed=1), n=8)

    one, same, other = (course(spread, people(0), runs=50, seed=s).mean for s in (1, 1, 2))

    assert one.tolist() == same.tolist()
    assert one.tolist() != other.tolist()


def test_one_run_says_nothing_of_how_much_runs_differ() -> None:
    played = course(spreading({(0, 1): 0.5}, n=2), people(0), runs=1, seed=0, steps=1)

    assert played.high[-1] == np.inf


# ------------------------------------------------------------------ adoption


def test_where_all_follow_all_adoption_is_the_model_of_bass() -> None:
    n, p, q = 400, 0.03, 0.4
    expected = [0.0]
    for _ in range(20):
        now = expected[-1]
        expected.append(now + (n - now) * (p + q * now / (n - 1)))

    played = adoption(
        everybody_follows_everybody(n), NOBODY, appeal=Appeal(p, q, steps=20), runs=300
    )

    # the mean of a random course lags a little behind the course of the mean
    assert played.mean == pytest.approx(np.array(expected), rel=0.05, abs=2)


def test_without_imitation_a_share_adopts_each_step() -> None:
    played = adoption(
        everybody_follows_everybody(300), NOBODY, appeal=Appeal(0.1, 0, steps=4), runs=400
    )

    assert played.mean == pytest.approx(300 * (1 - 0.9 ** np.arange(5)), abs=2)


def test_seeds_bring_a_product_that_nobody_takes_up_alone() -> None:
    chain = spreading({(i, i + 1): 1.0 for i in range(5)}, n=6)

    without = adoption(chain, NOBODY, appeal=Appeal(0, 1, steps=6), runs=5)
    with_one = adoption(chain, people(0), appeal=Appeal(0, 1, steps=6), runs=5)

    assert without.mean.tolist() == [0] * 7
    assert with_one.mean.tolist() == [1, 2, 3, 4, 5, 6, 6]


def test_seeds_bring_adoption_forward() -> None:
    spread = everybody_follows_everybody(200)

    early, late = (
        adoption(spread, seeds, appeal=Appeal(0.01, 0.5, steps=12), runs=200)
        for seeds in (people(*range(10)), NOBODY)
    )

    assert (early.mean[1:11] > late.mean[1:11]).all()
