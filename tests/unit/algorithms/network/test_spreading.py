"""Reach sets against every case gone through, and what makes them refuse."""

import numpy as np
import pytest

from algorithms.network.digraph import Digraph, digraph_of
from algorithms.network.models import Model
from algorithms.network.spreading import (
    ExplodingError,
    ReachSets,
    Spreading,
    WeightsError,
    given,
    reach_sets,
    spreading_of,
)
from tests.live_arcs import Arcs, answers, exact_reach, random_arcs

N_SETS = 100_000


def spreading(arcs: Arcs, *, n: int, model: Model = "cascade") -> Spreading:
    replies = answers(arcs, n=n)
    return given(replies, replies.weight, model=model)


def share_with(sets: ReachSets, *people: int) -> float:
    """Return the share of the sets that hold one of some people."""
    number = np.repeat(np.arange(len(sets)), np.diff(sets.starts))
    return len(np.unique(number[np.isin(sets.members, people)])) / len(sets)


def error_of(share: float, n: int) -> float:
    return float(4 * np.sqrt(share * (1 - share) / n))


def star(probabilities: list[float]) -> Digraph:
    """Return a network in which person 0 answers everybody else."""
    n = len(probabilities)
    return digraph_of(np.zeros(n, int), np.arange(1, n + 1), n=n + 1, weight=probabilities)


# ------------------------------------------------------------------ probabilities


def test_influence_goes_against_replies_by_the_share_of_them() -> None:
    # 0 wrote three replies to 1 and one to 2; 1 wrote two to 2
    replies = digraph_of([0, 0, 0, 0, 1, 1], [1, 1, 1, 2, 2, 2], n=3)

    found = spreading_of(replies)

    assert found.starts.tolist() == [0, 2, 3, 3]
    assert found.sources.tolist() == [1, 2, 2]
    assert found.probability.tolist() == [0.75, 0.25, 1.0]


def test_arcs_of_a_person_stand_by_falling_probability() -> None:
    found = spreading_of(star([0.1, 0.6, 0.3]))

    assert found.sources.tolist() == [2, 3, 1]
    assert found.probability.tolist() == pytest.approx([0.6, 0.3, 0.1])


def test_one_probability_can_be_given_to_all() -> None:
    assert spreading_of(star([5, 1]), probability=0.2).probability.tolist() == [0.2, 0.2]


def test_the_replies_are_left_as_they_were() -> None:
    replies = star([0.1, 0.6, 0.3])

    spreading_of(replies)

    assert replies.target.tolist() == [1, 2, 3]
    assert replies.weight.tolist() == [0.1, 0.6, 0.3]


# ------------------------------------------------------------------ against every case


@pytest.mark.parametrize("seed", range(4))
def test_sets_of_a_cascade_measure_reach_as_every_case_does(seed: int) -> None:
    arcs = random_arcs(6, 10, seed=seed)
    sets = reach_sets(spreading(arcs, n=6), N_SETS, seed=seed)

    for seeds in ([0], [1, 2], [3, 4, 5]):
        exact = exact_reach(arcs, seeds) / 6
        assert share_with(sets, *seeds) == pytest.approx(exact, abs=error_of(exact, N_SETS))


@pytest.mark.parametrize("sum_to", [0.7, 1.0])
def test_sets_of_the_threshold_model_measure_reach_as_every_case_does(sum_to: float) -> None:
    arcs = random_arcs(6, 12, seed=5, sum_to=sum_to)
    sets = reach_sets(spreading(arcs, n=6, model="threshold"), N_SETS, seed=5)

    for seeds in ([0], [1, 2], [3, 4, 5]):
        exact = exact_reach(arcs, seeds, model="threshold") / 6
        assert share_with(sets, *seeds) == pytest.approx(exact, abs=error_of(exact, N_SETS))


def test_jumping_over_many_arcs_keeps_each_ones_probability() -> None:
    # so many that they are jumped over, of all sizes, some certain and some impossible
    chances = [1.0, 0.7, 0.5, *np.geomspace(0.49, 0.001, 60).tolist(), 0.0]
    replies = star(chances)

    sets = reach_sets(given(replies, replies.weight), 400_000, seed=1)

    # of the sets that begin with person 0, a share of p holds the other
    number = np.repeat(np.arange(len(sets)), np.diff(sets.starts))
    at_centre = sets.members[sets.starts[:-1]] == 0
    n = int(at_centre.sum())
    held = np.bincount(sets.members[at_centre[number]], minlength=len(chances) + 1)[1:] / n
    allowed = 4.5 * np.sqrt(np.array(chances) * (1 - np.array(chances)) / n) + 1e-12
    assert (np.abs(held - chances) <= allowed).all()


def test_arcs_that_are_jumped_over_are_independent_of_each_other() -> None:
    replies = star([0.3] * 40)
    sets = reach_sets(given(replies, replies.weight), 400_000, seed=2)

    sizes = np.diff(sets.starts)[sets.members[sets.starts[:-1]] == 0] - 1

    # binomial: 40 x .3 with variance 40 x .3 x .7
    assert sizes.mean() == pytest.approx(12, abs=0.15)
    assert sizes.var() == pytest.approx(8.4, rel=0.08)


def test_a_set_begins_with_anybody_alike() -> None:
    sets = reach_sets(spreading({}, n=8), 80_000, seed=3)

    assert len(sets.members) == len(sets)
    assert np.bincount(sets.members, minlength=8) == pytest.approx(10_000, abs=450)


def test_certain_arcs_reach_everybody_who_is_linked() -> None:
    ring: Arcs = {(i, (i + 1) % 5): 1.0 for i in range(5)}

    sets = reach_sets(spreading(ring, n=7), 500, seed=0)

    assert {*np.diff(sets.starts).tolist()} == {1, 5}


def test_nobody_is_twice_in_a_set() -> None:
    arcs = random_arcs(9, 60, seed=1)
    sets = reach_sets(spreading(arcs, n=9), 2_000, seed=0)

    pieces = np.split(sets.members, sets.starts[1:-1])

    assert all(len(np.unique(piece)) == len(piece) for piece in pieces)


# ------------------------------------------------------------------ repeatable


@pytest.mark.parametrize("model", ["cascade", "threshold"])
def test_a_set_does_not_depend_on_how_many_are_drawn(model: Model) -> None:
    spread = spreading(random_arcs(9, 30, seed=1, sum_to=0.9), n=9, model=model)

    few, many = reach_sets(spread, 700, seed=4), reach_sets(spread, 5_000, seed=4)

    assert many.starts[:701].tolist() == few.starts.tolist()
    assert many.members[: len(few.members)].tolist() == few.members.tolist()


def test_sets_do_not_depend_on_the_room_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    spread = spreading(random_arcs(300, 2_000, seed=1, sum_to=1.0), n=300)
    expected = reach_sets(spread, 4_000, seed=4)

    import algorithms.network.spreading as module

    def without_a_guess(*asked: Spreading | int, room: int = 1, **more: int) -> ReachSets:
        assert room > 0
        return drawn(*asked, **more)  # type: ignore[arg-type]  # as it was called

    drawn = module._drawn
    monkeypatch.setattr(module, "_drawn", without_a_guess)
    found = module.reach_sets(spread, 4_000, seed=4)

    assert found.members.tolist() == expected.members.tolist()


def test_other_seeds_give_other_sets() -> None:
    spread = spreading(random_arcs(9, 30, seed=1), n=9)

    one, other = (reach_sets(spread, 100, seed=seed).members.tolist() for seed in (1, 2))

    assert one != other


# ------------------------------------------------------------------ refused


def test_probabilities_that_explode_are_refused_with_the_reason() -> None:
    rng = np.random.default_rng(1)
    replies = digraph_of(rng.integers(0, 4_000, 90_000), rng.integers(0, 4_000, 90_000), n=4_000)

    with pytest.raises(ExplodingError) as refused:
        reach_sets(spreading_of(replies, probability=0.5), 200_000, seed=1)

    assert "Lower the probability" in refused.value.message("en")
    assert "概率" in refused.value.message("zh")
    # with half of 22 arcs each nearly everybody is reached by nearly everybody
    assert refused.value.facts["mean"] == pytest.approx(4_000, rel=0.05)


def test_the_share_of_replies_never_explodes_on_the_same_network() -> None:
    rng = np.random.default_rng(1)
    replies = digraph_of(rng.integers(0, 4_000, 90_000), rng.integers(0, 4_000, 90_000), n=4_000)

    sets = reach_sets(spreading_of(replies), 20_000, seed=1)

    assert len(sets.members) / len(sets) < 200


def test_work_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    import algorithms.network.spreading as module

    monkeypatch.setattr(module, "MOST_ARCS", 20_000)
    spread = spreading(random_arcs(30, 600, seed=1), n=30)

    with pytest.raises(ExplodingError):
        module.reach_sets(spread, 5_000, seed=1)


def test_weights_above_a_whole_are_refused_for_the_threshold() -> None:
    with pytest.raises(WeightsError, match=r"1\.5"):
        spreading_of(star([1, 1, 1]), probability=0.5, model="threshold")


def test_a_network_of_one_person_is_reached_by_that_person() -> None:
    sets = reach_sets(spreading({}, n=1), 10, seed=0)

    assert sets.members.tolist() == [0] * 10
