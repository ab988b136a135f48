"""The half-life that the window itself speaks for, and what it brings after the window."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from algorithms.influence.arcs import Flags, Numbers, Timeline
from algorithms.influence.attention import Rule, attention
from algorithms.influence.fading import HalfLife, candidates, half_life_of, step_days
from algorithms.influence.grading import CutGrade, grade_cuts, means_of, verdicts
from algorithms.influence.words import Facts, notes_on
from tests.made_forums import DAYS, drifting, stationary
from tests.replies_at_hand import Reply, arcs_of, public, timeline_of

YEAR, MONTH = Rule(365), 30.0
CUTS = [DAYS - MONTH * (i + 1) for i in range(12)][::-1]


def test_half_lives_run_from_a_quarter_of_the_usual_to_what_hardly_fades() -> None:
    assert candidates(YEAR) == [15, 30, 60, 120, 240, 3_650]
    assert candidates(Rule(60)) == [3.75, 7.5, 15, 30, 60, 600]


@pytest.mark.parametrize(("window", "expected"), [(365, 30), (180, 30), (179, 15), (60, 15)])
def test_cuts_overlap_where_the_window_is_short(window: float, expected: float) -> None:
    assert step_days(window, 30) == expected


def test_a_given_half_life_is_not_put_to_the_test() -> None:
    held = half_life_of(stationary(seed=0), Rule(365, 45), cut=400.0, horizon=MONTH)

    assert (held.days, held.usual, held.reason, held.grades) == (45, 45, "given", None)


@pytest.mark.parametrize(
    "replies",
    [
        [(1, 0, 5.0)],
        [(i, 0, i * 9.0) for i in range(1, 40)],
        [(i, i - 1, 300.0) for i in range(1, 40)],
        [(1, 0, i / 100) for i in range(36_000)],
    ],
    ids=["one reply", "one person answered", "all on one day", "one loud account"],
)
def test_too_few_people_choose_nothing(replies: list[Reply]) -> None:
    held = half_life_of(timeline_of(replies, n=40), YEAR, cut=365.0, horizon=MONTH)

    assert (held.days, held.reason, held.cuts) == (60, "too little data", 0)


def fashion(*, lasts: int) -> Timeline:
    """Return a year in which sixty people draw all replies for some days, then sixty others."""
    rng, rows = np.random.default_rng(1), []
    for day in range(365):
        first = 60 * (day // lasts % 10)
        rows += [(600 + int(i), first + int(i) % 60, day + 0.5) for i in rng.choice(300, 40)]
    return timeline_of(rows, n=900)


def test_where_fashions_last_a_month_what_is_older_counts_little() -> None:
    held = half_life_of(fashion(lasts=40), YEAR, cut=365.0, horizon=MONTH)

    assert held.reason == "back-test"
    assert held.days == 15
    assert held.grades is not None
    assert held.grades[15] > held.grades[60] > held.grades[3_650]


def test_where_nothing_changes_replies_hardly_fade() -> None:
    held = half_life_of(stationary(seed=3), YEAR, cut=500.0, horizon=MONTH)

    assert held.days == 3_650
    assert held.cuts == 6


def with_replies(timeline: Timeline, chosen: Flags | Numbers) -> Timeline:
    """Return the timeline with some of its replies, or all in another order."""
    source, target = timeline.source[chosen], timeline.target[chosen]
    return Timeline(timeline.n, source, target, timeline.at[chosen], timeline.since)


def test_nothing_outside_the_window_speaks_for_a_half_life() -> None:
    timeline = drifting(seed=2)
    inside = (timeline.at >= 135) & (timeline.at < 500)
    cut = with_replies(timeline, inside)

    found = [half_life_of(t, YEAR, cut=500.0, horizon=MONTH) for t in (timeline, cut)]

    assert found[0] == found[1]


def test_the_order_of_replies_changes_no_grade() -> None:
    timeline = stationary(seed=4)
    order = np.random.default_rng(0).permutation(len(timeline.at))
    mixed = with_replies(timeline, order)

    found = [half_life_of(t, YEAR, cut=600.0, horizon=MONTH) for t in (timeline, mixed)]

    assert found[0] == found[1]


def test_accounts_made_lately_have_no_say() -> None:
    timeline = stationary(seed=5)
    made = timeline.n + np.arange(500)
    crowd = replace(
        timeline,
        n=timeline.n + 500,
        source=np.concatenate([timeline.source, made]),
        target=np.concatenate([timeline.target, made % 40]),
        at=np.concatenate([timeline.at, np.linspace(570, 599, 500)]),
        since=np.concatenate([timeline.since, np.full(500, 560.0)]),
    )

    found = [half_life_of(t, YEAR, cut=600.0, horizon=MONTH) for t in (timeline, crowd)]

    assert found[0] == found[1]


def gain_over_in_degree(graded: list[CutGrade]) -> float:
    return next(v.gain for v in verdicts(graded) if v.baseline == "in_degree")


def graded(timeline: Timeline, rule: Rule) -> list[CutGrade]:
    return grade_cuts(timeline, rule, cuts=CUTS[::2], horizon=MONTH)


@pytest.mark.slow
@pytest.mark.parametrize("made", [stationary, drifting])
def test_on_the_mean_the_score_is_not_below_the_number_of_repliers(
    made: Callable[..., Timeline],
) -> None:
    gains = [gain_over_in_degree(graded(made(seed=seed), YEAR)) for seed in range(4)]

    # what chance does to four draws of six cuts; the usual half-life loses 0.01 where all stays
    assert np.mean(gains) > -0.003


@pytest.mark.slow
def test_the_choice_gains_on_either_kind_of_forum() -> None:
    chosen, fixed = Rule(365), Rule(365, 60)

    for made in (stationary(seed=1), drifting(seed=1)):
        ours, usual = (means_of(graded(made, rule))["ndcg_50"] for rule in (chosen, fixed))
        assert ours > usual


@pytest.mark.slow
def test_months_of_messages_gain_by_a_shorter_memory() -> None:
    timeline, cuts = public("college_msg/CollegeMsg.txt.gz"), [60.0 + 14 * i for i in range(9)]

    found = grade_cuts(timeline, Rule(60), cuts=cuts, horizon=14)

    # with the usual 15 days 0.566
    assert means_of(found)["ndcg_50"] >= 0.62
    assert np.median([one.half_life for one in found]) < 15


# ---------------------------------------------------------------- what is said and kept


def told(held: HalfLife) -> str:
    arcs = arcs_of([(1, 0, 1.0), (2, 0, 2.0)], n=3, now=10.0)
    facts = Facts(
        n=99,
        n_people=99,
        share=0.7,
        is_strict=True,
        half_life=held,
        leaders=9,
        recent_days=90,
        pivots=None,
    )
    notes = [*notes_on(facts, attention(arcs, YEAR), None)]
    return next((note.en for note in notes if "NDCG" in note.en or "half-life" in note.en), "")


def test_the_choice_is_told_with_its_grade_beside_the_usual() -> None:
    grades = {15.0: 0.4, 30.0: 0.61, 60.0: 0.6, 3650.0: 0.59}

    shorter = told(HalfLife(30.0, 60.0, "back-test", 6, grades))
    usual = told(HalfLife(60.0, 60.0, "back-test", 6, grades))
    hardly = told(HalfLife(3650.0, 60.0, "back-test", 6, grades))

    assert shorter.startswith("A reply counts half after 30 days, not the usual 60")
    assert "0.610 against 0.600 on the mean of 6" in shorter
    assert usual.startswith("The usual half-life of 60 days holds: at 6 earlier cuts")
    assert hardly.startswith("Replies hardly fade")
    assert "0.590; with the usual 60 days 0.600" in hardly


def test_want_of_data_is_told_and_a_given_half_life_is_not() -> None:
    few = told(HalfLife(60.0, 60.0, "too little data", 1))

    assert few.startswith("Too few replies to choose a half-life by earlier cuts (1 could judge")
    assert told(HalfLife(45.0, 45.0, "given")) == ""


def test_the_alternatives_are_kept_with_their_grades() -> None:
    held = HalfLife(30.0, 60.0, "back-test", 6, {7.5: 0.4, 30.0: 0.61})

    assert held.as_metrics() == {
        "usual": 60.0,
        "reason": "back-test",
        "cuts": 6,
        "grades": {"7.5": 0.4, "30": 0.61},
    }
