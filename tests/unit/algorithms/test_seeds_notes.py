"""Caveats of a plan and the reason for a seed: where each begins to be said, in both tongues."""

from dataclasses import replace
from typing import Final

import numpy as np
import pytest

from algorithms.network.cover import Reach
from algorithms.parameters import ParameterError, parameters_of
from algorithms.seeds import ALGORITHM
from algorithms.seeds.planning import DEGREE, SEARCHED, Plan
from algorithms.seeds.settings import SeedsParameters
from algorithms.seeds.words import FEW_PEOPLE, Told, explain, notes_on
from graph.language import Text
from tests.pure import utc

TOLD: Final = Told(
    people=FEW_PEOPLE,
    pairs=400,
    replies=1_000_000,
    days=30.0,
    unpriced=0,
    unwanted=0,
    unknown=0,
    left_out={},
)
SEED: Final = {
    "seeds_order": 2,
    "seeds_gain": 1234.56,
    "seeds_gain_low": 1200.0,
    "seeds_gain_high": 1300.04,
    "seeds_alone": 2000.0,
    "seeds_reach": 3456.0,
    "seeds_overlap": 0.384,
}


def reach(*gains: tuple[float, float, float]) -> Reach:
    """Return a reach of which each seed's gain is given: value, low and high."""
    gain = np.array(gains, np.float64).T
    total = np.concatenate([np.zeros((3, 1)), np.cumsum(gain, axis=1)], axis=1)
    return Reach(np.zeros(0, np.int64), total, gain)


def plan_of(**changes: object) -> Plan:
    """Return a plan of two seeds that is worth its search: there is nothing to say of it."""
    two = reach((60, 55, 65), (40, 35, 45))
    usual = Plan(
        people=np.array([3, 7]),
        chosen_by=SEARCHED,
        lists={SEARCHED: two, DEGREE: two},
        alone=np.array([60.0, 50.0]),
        gain=(5.0, 4.0, 6.0),
        certain=0.8,
        is_saturated=False,
        course=None,
        adoption=None,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # fields by name


def settings(**wished: str) -> SeedsParameters:
    found = parameters_of(
        SeedsParameters, wished, algorithm=ALGORITHM.name, as_of=utc("2026-02-01")
    )
    assert isinstance(found, SeedsParameters)
    return found


def said(plan: Plan | None = None, told: Told = TOLD, **wished: str) -> list[Text]:
    return list(notes_on(plan or plan_of(), told, params=settings(**wished)))


def one(notes: list[Text]) -> Text:
    (note,) = notes
    return note


# ------------------------------------------------------------------ of the gain


def test_of_a_plan_that_is_worth_it_nothing_is_said() -> None:
    assert said() == []


@pytest.mark.parametrize(("gain", "is_said"), [(1.9, True), (2.0, False), (-3.0, True)])
def test_a_gain_below_two_in_a_hundred_is_no_better(gain: float, *, is_said: bool) -> None:
    notes = said(plan_of(gain=(gain, gain - 1, gain + 1)))

    assert any(note.en.startswith("No better than top degree") for note in notes) is is_said


def test_how_little_the_search_was_worth_is_said_with_sign_and_ends() -> None:
    note = one(said(plan_of(gain=(0.5, -0.25, 1.25))))

    assert "reaches +0.5 % people (-0.2 to +1.2 %)" in note.en
    assert "多触达 +0.5%（95% 区间 -0.2% 至 +1.2%）" in note.zh


def test_that_the_most_answered_are_proposed_is_said() -> None:
    note = one(said(plan_of(chosen_by=DEGREE)))

    assert note.en.startswith("The most answered people reach more")
    assert note.zh.startswith("被回复最多者触达更多")


@pytest.mark.parametrize(("low", "place"), [((1.0, 0.9), 1), ((1.01, 1.0), 2), ((1.1, 1.1), None)])
def test_a_seed_that_may_reach_only_itself_is_the_first_below_the_noise(
    low: tuple[float, float], place: int | None
) -> None:
    of = reach((60, low[0], 65), (40, low[1], 45))

    plan = plan_of(lists={SEARCHED: of, DEGREE: of})

    assert plan.first_below_noise == place
    texts = [note.en for note in said(plan)]
    assert texts == (
        []
        if place is None
        else [f"From seed {place} on it is not sure that a seed reaches anybody but itself."]
    )


def test_the_reach_of_a_plan_is_that_of_the_list_it_took() -> None:
    better, worse = reach((9, 8, 10)), reach((5, 4, 6))
    lists = {SEARCHED: worse, DEGREE: better}

    assert plan_of(lists=lists, chosen_by=DEGREE).reach is better
    assert plan_of(lists=lists).reach is worse


# ------------------------------------------------------------------ of the end and the data


def test_money_that_is_left_is_said() -> None:
    note = one(said(plan_of(is_saturated=True), budget="1000000"))

    assert note.en == "The budget of 1e+06 buys more: after 2 seeds nobody adds anything."
    assert "选出 2 位种子后" in note.zh


@pytest.mark.parametrize(
    ("changes", "en", "zh"),
    [
        ({"people": FEW_PEOPLE - 1}, "Only 99 people answer each other", "仅有 99 人"),
        ({"days": 0.99}, "within one day", "集中在一天内"),
        ({"unknown": 1_200}, "1,200 of the excluded customers", "1,200 位客户"),
    ],
)
def test_what_the_data_lack_is_said(changes: dict[str, float], en: str, zh: str) -> None:
    note = one(said(told=replace(TOLD, **changes)))  # type: ignore[arg-type]  # by name

    assert en in note.en
    assert zh in note.zh


def test_a_whole_day_and_a_hundred_people_are_enough() -> None:
    assert said(told=replace(TOLD, days=1.0, people=FEW_PEOPLE)) == []


def test_people_without_a_cost_are_counted_with_its_name() -> None:
    note = one(said(told=replace(TOLD, unpriced=3_000), cost="rfm_spend"))

    assert note.en == "3,000 people without a rfm_spend above 0 are not proposed."
    assert note.zh == "3,000 人没有大于 0 的 rfm_spend，不予建议。"


def test_a_probability_that_was_given_is_called_assumed_and_a_share_is_not() -> None:
    note = one(said(probability="0.05"))

    assert "probability 0.05, which is assumed" in note.en
    assert "0.05，为假设而非实测" in note.zh


def test_every_caveat_speaks_both_tongues_and_gives_the_same_numbers() -> None:
    every = said(
        plan_of(gain=(0.0, 0.0, 0.0), chosen_by=DEGREE, is_saturated=True),
        replace(TOLD, people=7, days=0.0, unpriced=4, unknown=5, left_out={"self": 6}),
        cost="x",
        probability="0.5",
    )

    assert len(every) >= 8
    assert all(note.en != note.zh and note.en.isascii() for note in every)


# ------------------------------------------------------------------ of one seed


def test_a_later_seed_is_told_with_overlap_and_sum() -> None:
    text = explain(SEED, {"seeds": 40})

    assert text.en == (
        "Seed 2 of 40: adds about 1,234.6 people (95 %: 1,200.0 to 1,300.0) to those whom the "
        "seeds before reach, 3,456.0 together. Alone it reaches 2,000.0, of whom they reach "
        "38 % too."
    )
    assert text.zh.startswith("第 2 位种子（共 40 位）：约新增触达 1,234.6 人")
    assert "其中 38% 与前序种子重叠" in text.zh


def test_the_first_seed_has_nobody_before_it() -> None:
    text = explain({**SEED, "seeds_order": 1}, {"seeds": 1})

    assert text.en == "Seed 1 of 1: adds about 1,234.6 people (95 %: 1,200.0 to 1,300.0)."
    assert text.zh.endswith("1,300.0）。")


def test_what_is_not_known_of_a_seed_is_a_question_mark() -> None:
    text = explain({"seeds_order": 3}, {})

    assert text.en.startswith("Seed 3 of None: adds about ? people (95 %: ? to ?)")
    assert "they reach 0 % too" in text.en


# ------------------------------------------------------------------ what may be asked for


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("budget", "0"),
        ("budget", "-1"),
        ("budget", "2e12"),
        ("budget", "nan"),
        ("model", "voting"),
        ("probability", "-0.1"),
        ("probability", "1.0001"),
        ("sets", "999"),
        ("sets", "2000001"),
        ("simulations", "-1"),
        ("innovation", "1.1"),
        ("imitation", "-0.1"),
        ("periods", "0"),
        ("periods", "521"),
        ("seed", "-1"),
        ("seed", "half"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ParameterError) as told:
        settings(**{name: value})

    assert told.value.facts["parameter"] == name


def test_the_ends_of_the_bounds_are_allowed() -> None:
    found = settings(budget="1e12", probability="1", sets="1000", simulations="0", periods="520")

    assert (found.budget, found.probability, found.periods) == (1e12, 1.0, 520)
