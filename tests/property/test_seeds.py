"""What must not matter for seeds and for how products spread: order, units, repeats."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.diffusion.bass import Rates, adopted, likeliest
from algorithms.network.cover import affordable, chosen_seeds, reach_of
from algorithms.network.digraph import digraph_of
from algorithms.network.models import Model
from algorithms.network.spreading import ReachSets, reach_sets, spreading_of

N = 12
MODELS: list[Model] = ["cascade", "threshold"]
pairs = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(0, N - 1), st.integers(1, 5)), max_size=60
)
prices = st.lists(st.floats(0.5, 8), min_size=N, max_size=N).map(np.array)


@dataclass(frozen=True)
class Replies:
    """Who answers whom, how often."""

    rows: list[tuple[int, int, int]]

    def sets(self, model: Model = "cascade", *, n_sets: int = 300, seed: int = 1) -> ReachSets:
        by, to, n = ([row[i] for row in self.rows] for i in range(3))
        replies = digraph_of(by, to, n=N, weight=np.array(n, np.float64))
        return reach_sets(spreading_of(replies, model=model), n_sets, seed=seed)


@given(pairs, st.randoms(use_true_random=False), st.sampled_from(MODELS))
@settings(max_examples=40, deadline=None)
def test_the_order_of_replies_does_not_matter(
    rows: list[tuple[int, int, int]], random: np.random.RandomState, model: Model
) -> None:
    turned = list(rows)
    random.shuffle(turned)

    one, other = Replies(rows).sets(model), Replies(turned).sets(model)

    assert one.starts.tolist() == other.starts.tolist()
    assert one.members.tolist() == other.members.tolist()


@given(pairs, st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_everybody_replying_so_many_times_more_changes_nothing(
    rows: list[tuple[int, int, int]], times: int
) -> None:
    more = [(by, to, n * times) for by, to, n in rows]

    assert Replies(rows).sets().members.tolist() == Replies(more).sets().members.tolist()


@given(pairs, prices, st.floats(1, 30), st.sampled_from([0.25, 4.0, 1024.0]))
@settings(max_examples=40, deadline=None)
def test_the_unit_of_costs_does_not_matter(
    rows: list[tuple[int, int, int]],
    cost: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    budget: float,
    unit: float,
) -> None:
    sets = Replies(rows).sets()

    one = chosen_seeds(sets, budget=budget, cost=cost)
    other = chosen_seeds(sets, budget=budget * unit, cost=cost * unit)

    assert one.people.tolist() == other.people.tolist()


@given(pairs, prices, st.floats(0.1, 40))
@settings(max_examples=60, deadline=None)
def test_a_choice_keeps_to_its_budget_and_adds_up(
    rows: list[tuple[int, int, int]],
    cost: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    budget: float,
) -> None:
    sets = Replies(rows).sets()

    choice = chosen_seeds(sets, budget=budget, cost=cost)

    reach = reach_of(choice.people, sets=sets)
    assert cost[choice.people].sum() <= budget + 1e-9
    assert len({*choice.people.tolist()}) == len(choice.people)
    assert (choice.gain > 0).all()
    assert choice.gain.sum() <= choice.spare + 1e-9
    # on the sets on which they were chosen, gains are what the sets say
    assert reach.gain[0] * len(sets) / N == pytest.approx(choice.gain)
    assert (np.diff(reach.total[0]) >= 0).all()


@given(pairs, st.integers(1, N))
@settings(max_examples=40, deadline=None)
def test_no_plain_list_holds_more_sets_than_could_be_spared(
    rows: list[tuple[int, int, int]], k: int
) -> None:
    sets = Replies(rows).sets()
    cost = np.ones(N)
    choice = chosen_seeds(sets, budget=k, cost=cost)

    for seed in range(3):
        order = np.random.default_rng(seed).permutation(N)
        plain = reach_of(affordable(order, budget=k, cost=cost), sets=sets)
        held = plain.total[0, -1] * len(sets) / N
        assert held <= choice.spare + 1e-6
        # greedy is within 1 - 1/e of anything of the same size
        assert choice.gain.sum() >= (1 - 1 / np.e) * held - 1e-6


@given(st.integers(0, 10_000), st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_m_grows_with_the_buyers_and_rates_do_not(seed: int, times: int) -> None:
    expected = 900 * np.diff(adopted(np.arange(31.0), Rates(0.02, 0.25)))
    sales = np.random.default_rng(seed).poisson(expected).astype(np.float64)

    one, many = likeliest(sales), likeliest(times * sales)

    assert many.m == pytest.approx(times * one.m, rel=1e-4)
    assert (many.p, many.q) == pytest.approx((one.p, one.q), rel=1e-3)
