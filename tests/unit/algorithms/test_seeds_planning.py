"""From replies to a plan: which plain lists stand beside it, and how long a product is played."""

import numpy as np
import pytest

from algorithms.network.digraph import Digraph, digraph_of
from algorithms.parameters import parameters_of
from algorithms.seeds import ALGORITHM, planning
from algorithms.seeds.planning import DEGREE, SEARCHED, Candidates, Floats, Plan, planned
from algorithms.seeds.settings import SeedsParameters
from tests.pure import utc

EVERYBODY = 8
NOT_KNOWN = np.full(EVERYBODY, np.nan)


def replies() -> Digraph:
    """Return replies of 1, 2 and 3 to 0, of 5 to 4, and of 6 to 4 and 7 alike."""
    return digraph_of([1, 2, 3, 5, 6, 6], [0, 0, 0, 4, 4, 7], n=EVERYBODY)


def plan(*, cost: Floats | None = None, attention: Floats = NOT_KNOWN, **wished: str) -> Plan:
    settings = {"sets": "20000", "simulations": "10", **wished}
    params = parameters_of(
        SeedsParameters, settings, algorithm=ALGORITHM.name, as_of=utc("2026-02-01")
    )
    assert isinstance(params, SeedsParameters)
    costs = np.ones(EVERYBODY) if cost is None else cost
    return planned(Candidates(replies(), costs, attention), params)


def reached(of: Plan, name: str) -> float:
    return float(of.lists[name].total[0, -1])


# ------------------------------------------------------------------ lists


def test_the_best_are_those_whom_most_follow_for_certain() -> None:
    found = plan(budget="2")

    # 0 reaches 4; 4 reaches itself, 5, and 6 by half
    assert found.people.tolist() == [0, 4]
    assert found.alone == pytest.approx([4.0, 2.5], abs=0.15)
    assert reached(found, SEARCHED) == pytest.approx(6.5, abs=0.15)


def test_lists_by_replies_and_at_random_always_stand_beside() -> None:
    found = plan(budget="2")

    assert set(found.lists) == {SEARCHED, DEGREE, "random"}
    assert reached(found, DEGREE) == reached(found, SEARCHED)
    assert found.gain == (0.0, 0.0, 0.0)
    assert found.chosen_by == SEARCHED


def test_who_has_no_attention_comes_last_in_that_list() -> None:
    attention = NOT_KNOWN.copy()
    attention[7], attention[4] = -2.0, -5.0

    found = plan(budget="1", attention=attention)

    # 7 reaches 6 by half; had nothing counted for more than -2, it would be 0 with its 4
    assert reached(found, "attention") == pytest.approx(1.5, abs=0.1)


def test_lists_leave_out_whom_nobody_may_seed() -> None:
    cost = np.ones(EVERYBODY)
    cost[0] = np.inf

    found = plan(budget="1", cost=cost)

    assert found.people.tolist() == [4]
    assert reached(found, DEGREE) == pytest.approx(2.5, abs=0.15)


def test_where_all_are_reached_the_plain_lists_get_only_what_was_spent() -> None:
    found = plan(budget="100")

    assert found.is_saturated
    spent = len(found.people)
    assert {of.gain.shape[1] for of in found.lists.values()} == {spent}


def test_an_even_seed_and_the_next_do_not_share_their_sets() -> None:
    firsts = [plan(budget="1", seed=str(seed)).reach.first for seed in range(3)]

    assert not any(np.array_equal(firsts[0], other) for other in firsts[1:])
    assert np.array_equal(firsts[0], plan(budget="1", seed="0").reach.first)


def test_the_certain_share_is_a_little_less_than_what_is_held_of_what_there_is() -> None:
    # 7 and 6 could add all that is left, so the best possible is all eight
    assert 0.75 < plan(budget="2").certain < 6.5 / EVERYBODY


# ------------------------------------------------------------------ played


def test_without_runs_neither_steps_nor_a_product_are_played() -> None:
    found = plan(budget="1", simulations="0", innovation="0.1", imitation="0.1")

    assert found.course is None
    assert found.adoption is None


def test_steps_begin_with_the_seeds_and_end_with_the_reach() -> None:
    found = plan(budget="1")

    assert found.course is not None
    assert found.course.mean.tolist()[:3] == [1, 4, 4]
    assert len(found.course.mean) == planning.STEPS + 1


@pytest.mark.parametrize(("innovation", "imitation"), [("0.2", "0"), ("0", "0.2")])
def test_one_rate_is_enough_to_play_a_product(innovation: str, imitation: str) -> None:
    found = plan(budget="1", periods="5", innovation=innovation, imitation=imitation)

    assert found.adoption is not None
    with_seeds, without = found.adoption
    assert (with_seeds.mean[0], without.mean[0]) == (1, 0)
    assert len(with_seeds.mean) == len(without.mean) == 6


def test_without_seeds_and_innovation_nobody_ever_adopts() -> None:
    found = plan(budget="1", imitation="1", periods="5")

    assert found.adoption is not None
    with_seeds, without = found.adoption
    assert without.mean.tolist() == [0] * 6
    # 1, 2 and 3 follow 0 alone, and do so at once
    assert with_seeds.mean.tolist() == [1, 4, 4, 4, 4, 4]


def test_a_product_among_very_many_is_played_at_least_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "ADOPTION_DRAWS", 1)

    found = plan(budget="1", innovation="0.5", periods="3")

    assert found.adoption is not None
    # of a single run the interval would have no end
    assert np.isfinite(found.adoption[0].high).all()
    # two runs of whole people have means in halves
    assert {float(mean) % 0.5 for mean in found.adoption[0].mean} == {0.0}
