"""From replies to seeds: chosen on some random sets, checked on others beside plain lists.

The check decides: where the most answered people reach as many, they are the proposal, and it
is said how little the search was worth.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from algorithms.seeds.settings import SeedsParameters

if TYPE_CHECKING:
    from algorithms.network.cover import Chosen, Reach
    from algorithms.network.digraph import Digraph
    from algorithms.network.simulation import Course
    from algorithms.network.spreading import ReachSets, Spreading

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]

SEARCHED: Final = "search"
DEGREE: Final = "degree"
ADOPTION_DRAWS: Final = 200_000_000
"""Draws for each course of adoption, some seconds; of large crowds few runs tell enough."""
STEPS: Final = 30
"""Steps of spreading that are shown; along shares of replies hardly any run goes on longer."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Seeds, and what there is to know of them.

    Parameters
    ----------
    people
        The proposed, by number, in order.
    chosen_by
        The list that was taken: ``search`` or ``degree``.
    lists
        How far each list reaches on the same independent sets.
    alone
        How far each of the proposed reaches without the others.
    gain
        How many people more the search reaches than the most answered people: value and the
        ends of the 95 % interval.
    certain
        What share of the best possible reach the search has for sure.
    is_saturated
        Whether nobody else would have added anything.
    course
        The proposed played step by step; None: not asked for.
    adoption
        A product played period by period, with the proposed as its first owners and with
        nobody; None: not asked for.
    """

    people: Numbers
    chosen_by: str
    lists: "Mapping[str, Reach]"
    alone: Floats
    gain: tuple[float, float, float]
    certain: float
    is_saturated: bool
    course: "Course | None"
    adoption: "tuple[Course, Course] | None"

    @property
    def reach(self) -> "Reach":
        """Return how far the proposed reach."""
        return self.lists[self.chosen_by]

    @property
    def first_below_noise(self) -> int | None:
        """Return the first place, from 1, whose seed is not sure to reach anybody else."""
        below = np.flatnonzero(self.reach.gain[1] <= 1)
        return int(below[0]) + 1 if len(below) else None


@dataclass(frozen=True, eq=False)
class Candidates:
    """Whom one may seed.

    Parameters
    ----------
    replies
        Who answers whom, weighted by the number of replies.
    cost
        Of each person, above 0; infinite for who is not to be seeded.
    attention
        Of each person; NaN for whom none is known.
    """

    replies: "Digraph"
    cost: Floats
    attention: Floats


def planned(candidates: Candidates, params: SeedsParameters) -> Plan:
    """Propose seeds.

    Parameters
    ----------
    candidates
        At least one whom the budget buys.
    params
        Budget, model and sizes.

    Raises
    ------
    ExplodingError, WeightsError
        If the probabilities do not suit.
    """
    from algorithms.network.cover import certificate, chosen_seeds, difference, reach_of
    from algorithms.network.spreading import reach_sets, spreading_of

    replies, cost = candidates.replies, candidates.cost
    given = params.probability or None
    spreading = spreading_of(replies, probability=given, model=params.model)
    # even seeds choose and odd ones check, so that no run checks on what another chose on
    sets = reach_sets(spreading, params.sets, seed=2 * params.seed)
    choice = chosen_seeds(sets, budget=params.budget, cost=cost)
    check = reach_sets(spreading, params.sets, seed=2 * params.seed + 1)
    people = {SEARCHED: choice.people, **_plain(candidates, choice, params=params)}
    lists = {name: reach_of(of, sets=check) for name, of in people.items()}
    gain = difference(lists[SEARCHED], lists[DEGREE], n=replies.n)
    best = SEARCHED if gain[0] >= 0 else DEGREE
    held = int((lists[SEARCHED].first < len(choice.people)).sum())
    return Plan(
        people=people[best],
        chosen_by=best,
        lists=lists,
        alone=_alone(check, people[best]),
        gain=gain,
        certain=certificate(choice, held, n_chosen_on=len(sets), n_checked_on=len(check)),
        is_saturated=_is_saturated(choice),
        course=_played(spreading, people[best], params=params),
        adoption=_adopted(replies, people[best], params=params),
    )


def _plain(
    candidates: Candidates, choice: "Chosen", *, params: SeedsParameters
) -> dict[str, Numbers]:
    """Return the lists that anybody could write down, each as far as the same money goes."""
    from algorithms.network.cover import affordable

    replies, cost, attention = candidates.replies, candidates.cost, candidates.attention
    # where nobody adds anything any more, plain lists get no more than was spent
    spent = float(cost[choice.people].sum())
    budget = spent if _is_saturated(choice) else params.budget
    orders = {
        DEGREE: np.argsort(-replies.in_degree, kind="stable"),
        "random": np.random.default_rng(params.seed).permutation(replies.n),
    }
    if np.isfinite(attention).any():
        known = np.nan_to_num(attention, nan=-np.inf)
        orders["attention"] = np.argsort(-known, kind="stable")
    return {
        name: affordable(order, budget=budget, cost=cost) for name, order in sorted(orders.items())
    }


def _is_saturated(choice: "Chosen") -> bool:
    return choice.spare <= float(choice.gain.sum())


def _alone(sets: "ReachSets", people: Numbers) -> Floats:
    """Return how far each person reaches alone: nobody is twice in a set."""
    held = np.bincount(sets.members, minlength=sets.n)[people].astype(np.float64)
    return held * sets.n / len(sets)


def _played(spreading: "Spreading", people: Numbers, *, params: SeedsParameters) -> "Course | None":
    from algorithms.network.simulation import course

    if not params.simulations:
        return None
    seeds = people.astype(np.int32)
    return course(spreading, seeds, runs=params.simulations, seed=params.seed, steps=STEPS)


def _adopted(
    replies: "Digraph", people: Numbers, *, params: SeedsParameters
) -> "tuple[Course, Course] | None":
    """Play a product along shares of replies, which is what Bass's q is spread over."""
    from algorithms.network.simulation import Appeal, adoption
    from algorithms.network.spreading import spreading_of

    if params.innovation + params.imitation == 0 or not params.simulations:
        return None
    most = ADOPTION_DRAWS // (replies.n * params.periods)
    runs = max(min(params.simulations, most), 2)
    appeal = Appeal(params.innovation, params.imitation, params.periods)
    spreading = spreading_of(replies)
    seeds, nobody = people.astype(np.int32), np.zeros(0, np.int32)
    with_seeds, without = (
        adoption(spreading, first, appeal=appeal, runs=runs, seed=params.seed)
        for first in (seeds, nobody)
    )
    return with_seeds, without
