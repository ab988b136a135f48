"""Groups at risk: planted ones are found, chance is not, and simpler ones are told first."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from algorithms.churn.cohorts import NAMES
from algorithms.churn.sentences import subgroup_sentence
from algorithms.churn.subgroups import Found, Subgroup, at_risk

N = 6_000


def customers(seed: int, *, worse: float = 3.0) -> pd.DataFrame:
    """Draw customers of whom young men with a platinum card leave ``worse`` times as often."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "sex": rng.choice(["female", "male"], N),
            "age_band": rng.choice(["20-29", "30-39", "40-49"], N),
            "card": rng.choice(["gold", "plain", "platinum"], N),
        }
    )
    planted = (frame == ["male", "20-29", "platinum"]).all(axis=1)
    days = np.ceil(rng.exponential(300, N) / np.where(planted, worse, 1))
    return frame.assign(duration=np.minimum(days, 180).astype(int), event=days <= 180)


def found_in(frame: pd.DataFrame, *, smallest: int = 50) -> Found:
    factors = frame[["sex", "age_band", "card"]]
    return at_risk(factors, duration=frame["duration"], event=frame["event"], smallest=smallest)


def test_young_men_with_a_platinum_card_are_found_first() -> None:
    frame = customers(1)

    worst = found_in(frame).groups[0]

    assert dict(worst.levels) == {"sex": "male", "age_band": "20-29", "card": "platinum"}
    members = frame[(frame["sex"] == "male") & (frame["age_band"] == "20-29")]
    members = members[members["card"] == "platinum"]
    assert (worst.n, worst.events) == (len(members), members["event"].sum())
    assert worst.rate == pytest.approx(members["event"].mean())
    assert worst.ratio == pytest.approx(3, abs=0.5)
    assert worst.q < 1e-6


def test_customers_who_are_alike_seldom_have_a_group_at_risk() -> None:
    found = [bool(found_in(customers(seed, worse=1.0)).groups) for seed in range(60)]

    # one in twenty would be as promised; nine or more of sixty come by chance once in 500
    assert sum(found) < 9


def test_all_combinations_are_counted_as_tried() -> None:
    # one covariate: 2 + 3 + 3, two: 6 + 6 + 9, three: 18
    assert found_in(customers(1)).tried == 8 + 21 + 18


def test_small_groups_are_not_tried() -> None:
    assert found_in(customers(1), smallest=N).tried == 0


def test_a_group_no_worse_than_a_simpler_one_is_not_told_apart() -> None:
    rng = np.random.default_rng(3)
    frame = customers(3, worse=1.0)
    days = np.ceil(rng.exponential(300, N) / np.where(frame["sex"] == "male", 3, 1))
    frame = frame.assign(duration=np.minimum(days, 180).astype(int), event=days <= 180)

    groups = found_in(frame).groups

    assert (("sex", "male"),) in [group.levels for group in groups]
    by_levels = {group.levels: group.ratio for group in groups}
    alone = by_levels[("sex", "male"),]
    assert all(ratio > alone for levels, ratio in by_levels.items() if len(levels) > 1)


def test_the_test_is_of_events_beyond_those_expected() -> None:
    # four leave on day 1, four others stay: all have the hazard 1/2
    frame = pd.DataFrame({"card": ["gold"] * 4 + ["plain"] * 4})

    found = at_risk(frame, duration=[1] * 8, event=[True] * 4 + [False] * 4, smallest=1)

    assert found.tried == 2
    assert found.groups == ()  # four against two expected: p 0.14
    gold = poisson.sf(3, 2.0)
    assert gold == pytest.approx(0.1429, abs=1e-4)


def test_the_unknown_make_no_group() -> None:
    frame = customers(1)
    frame.loc[frame["card"] == "platinum", "card"] = None

    levels = [level for group in found_in(frame).groups for level in group.levels]

    assert ("card", "nan") not in levels
    assert all(name != "card" or level in ("gold", "plain") for name, level in levels)


def test_nobody_has_no_groups() -> None:
    empty = pd.DataFrame({"sex": pd.Series(dtype=object)})

    assert at_risk(empty, duration=[], event=[], smallest=1) == Found((), 0)


def test_the_order_of_rows_does_not_matter() -> None:
    frame = customers(1)

    groups = found_in(frame).groups

    shuffled = found_in(frame.sample(frac=1, random_state=1)).groups
    assert [(g.levels, g.n, g.events) for g in shuffled] == [
        (g.levels, g.n, g.events) for g in groups
    ]
    assert [g.ratio for g in shuffled] == pytest.approx([g.ratio for g in groups])


def test_a_group_in_words() -> None:
    levels = (("sex", "male"), ("age_band", "20-29"), ("card", "platinum"))
    group = Subgroup(levels, 320, 240, 120.0, 0.75, 2.35, 1e-9, 1e-8)

    said = subgroup_sentence(group, names=NAMES)

    assert said.en == (
        "sex male, age band 20-29, card tier platinum: 240 of 320 fell silent (75%), 2.35 times "
        "the hazard of the others."
    )
    assert said.zh.startswith(
        "性别（男）、年龄段（20-29）、会员卡等级（platinum）：320 人中 240 人沉默（75%）"
    )
