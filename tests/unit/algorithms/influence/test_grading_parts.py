"""Pieces of a grade: which cuts, verdicts against baselines, calls of who is rising, attacks."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import wilcoxon

from algorithms.influence.attacks import ATTACKS, Attack, Moved, attacked, tried
from algorithms.influence.attention import Rule
from algorithms.influence.grading import (
    CutGrade,
    as_metrics,
    grade_cuts,
    means_of,
    measures_of,
    rolling_cuts,
    verdicts,
)
from algorithms.rankings import ListGrade
from tests.replies_at_hand import Reply, arcs_of, timeline_of


def list_grade(level: float) -> ListGrade:
    return ListGrade(ndcg_50=level, precision_20=level / 2, share_50=level / 4)


def cut_grade(cut: float, ours: float, theirs: float, *, rising: float | None = None) -> CutGrade:
    lists = {"score": list_grade(ours), "in_degree": list_grade(theirs)}
    return CutGrade(cut, 100, 10, lists, None if rising is None else {"score": rising}, 60.0)


GRADED = [
    cut_grade(10, 0.6, 0.5, rising=0.2),
    cut_grade(20, 0.7, 0.65),
    cut_grade(30, 0.5, 0.52, rising=0.4),
]


def test_means_of_the_score_stand_plain_and_of_others_by_name() -> None:
    means = means_of(GRADED)

    assert means["ndcg_50"] == pytest.approx(0.6)
    assert means["in_degree_ndcg_50"] == pytest.approx(1.67 / 3)
    assert means["in_degree_share_50"] == pytest.approx(1.67 / 12)
    # of the two cuts alone that had time to see who rose
    assert means["rising_average_precision"] == pytest.approx(0.3)


def test_no_cuts_have_no_means_and_no_verdicts() -> None:
    assert means_of([]) == {}
    assert list(verdicts([])) == []


def test_a_verdict_pairs_the_cuts() -> None:
    (verdict,) = verdicts(GRADED)

    assert (verdict.baseline, verdict.wins, verdict.cuts) == ("in_degree", 2, 3)
    assert verdict.gain == pytest.approx(0.13 / 3)
    assert verdict.p_value == pytest.approx(wilcoxon([0.1, 0.05, -0.02]).pvalue)


def test_equal_lists_are_no_win_and_have_no_p_value() -> None:
    (verdict,) = verdicts([cut_grade(float(i), 0.5, 0.5) for i in range(6)])

    assert (verdict.gain, verdict.wins, verdict.p_value) == (0.0, 0, None)


def test_metrics_show_each_cut_as_the_caller_writes_it() -> None:
    kept = json.loads(json.dumps(as_metrics(GRADED, shown=lambda cut: f"day {cut:g}")))

    assert [one["cut"] for one in kept["cuts"]] == ["day 10", "day 20", "day 30"]
    assert kept["cuts"][1]["rising"] is None
    assert kept["means"]["influence_score"]["precision_20"] == pytest.approx(0.3)


def everyday(days: int) -> list[Reply]:
    return [(day % 3 + 1, 0, float(day)) for day in range(days)]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_no_more_cuts_than_asked_for(n: int) -> None:
    cuts = rolling_cuts(timeline_of(everyday(100), n=4), window=30, horizon=10, n=n)

    assert len(cuts) == n
    assert cuts == sorted(cuts)


def test_no_cut_lies_before_there_is_a_window_or_a_horizon_to_look_back() -> None:
    cuts = rolling_cuts(timeline_of(everyday(100), n=4), window=30, horizon=10, n=1_000)

    # a horizon is the shorter of the two: the last reply is of day 99, and day 9 is too early
    assert [round(cut) for cut in cuts] == [19, 29, 39, 49, 59, 69, 79, 89]


def test_the_last_reply_of_all_still_judges() -> None:
    timeline = timeline_of([(1, 0, 0.0), (2, 0, 10.0)], n=3)

    (cut,) = rolling_cuts(timeline, window=30, horizon=5, n=1)

    assert timeline.drawn(cut, days=5).tolist() == [1.0, 0.0, 0.0]


def test_a_cut_after_which_nobody_known_is_answered_is_passed_over() -> None:
    replies: list[Reply] = [(1, 0, 5.0), (2, 0, 6.0), (1, 3, 11.0)]
    timeline = timeline_of(replies, n=4)

    assert grade_cuts(timeline, Rule(10), cuts=[10.0], horizon=5) == []
    assert grade_cuts(timeline, Rule(10), cuts=[100.0], horizon=5) == []


# 0 leads; 1 and 2 are answered once each; later as many answer 1 as answer 0
BEFORE: list[Reply] = [*((10 + i, 0, 5.0) for i in range(6)), (10, 1, 8.0), (11, 2, 2.0)]
AFTER: list[Reply] = [(10 + i, who, 12.0 + i) for i in range(6) for who in (0, 1)]


@pytest.mark.parametrize(("end", "is_judged"), [(38.9, False), (39.0, True)])
def test_rising_people_are_judged_only_where_three_horizons_are_left(
    end: float, *, is_judged: bool
) -> None:
    timeline = timeline_of([*BEFORE, *AFTER, (10, 0, end)], n=16)

    (graded,) = grade_cuts(timeline, Rule(10), cuts=[10.0], horizon=10)

    assert (graded.rising is not None) == is_judged


def test_who_comes_onto_the_list_is_called_by_whoever_saw_it_coming() -> None:
    timeline = timeline_of([*BEFORE, *AFTER, (10, 0, 40.0)], n=16)

    (graded,) = grade_cuts(timeline, Rule(10, form="floor"), cuts=[10.0], horizon=10)

    assert graded.rising is not None
    assert set(graded.rising) == {*graded.lists, "growth"}
    # by the score 1 is the first of those below the list, and so it is by growth
    assert graded.rising["score"] == 1.0
    assert graded.rising["growth"] == 1.0
    assert graded.rising["in_degree"] == pytest.approx(1 / 2)


def test_measures_are_of_everybody_and_chance_tells_nobody_apart() -> None:
    arcs = arcs_of([(1, 0, 1.0), (2, 0, 2.0), (0, 1, 3.0)], n=5, now=10.0, days=10)

    found = measures_of(arcs, Rule(10))

    assert {len(values) for values in found.values()} == {5}
    assert set(found["random"]) == {0.0}
    assert found["in_degree"].tolist() == [2.0, 1.0, 0.0, 0.0, 0.0]


def test_pagerank_as_a_baseline_hears_people_and_not_replies() -> None:
    few: list[Reply] = [(1, 0, 1.0), (1, 2, 2.0)]
    many = [*few, *((1, 2, 3.0 + i / 100) for i in range(90))]

    found = [
        measures_of(arcs_of(replies, n=3, now=10.0, days=10), Rule(10))["pagerank"]
        for replies in (few, many)
    ]

    assert found[0].tolist() == found[1].tolist()
    assert found[1][0] == found[1][2]


# ---------------------------------------------------------------- attacks


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.code)
def test_an_attack_leaves_who_was_there_before_as_they_were(attack: Attack) -> None:
    timeline = timeline_of(everyday(60), n=4)

    staged = attacked(timeline, attack, target=2, cut=50.0, days=30)

    own = staged.source < 4
    assert staged.n == 4 + attack.accounts
    assert staged.since[:4].tolist() == timeline.since.tolist()
    assert staged.source[own].tolist() == timeline.source.tolist()
    assert int((~own).sum()) == attack.accounts * (attack.replies + attack.each_other)


def test_names_of_attacks_are_their_own_in_both_languages() -> None:
    for names in zip(*((a.code, a.about.en, a.about.zh) for a in ATTACKS), strict=True):
        assert len({*names}) == len(ATTACKS)


@pytest.mark.parametrize(("after", "change"), [(50.0, 0.0), (25.0, 0.5), (1.0, 0.98), (60.0, 0.2)])
def test_a_change_is_a_share_of_the_former_rank(after: float, change: float) -> None:
    moved = Moved(ATTACKS[0], 99, {"strict": 50.0}, {"strict": after})

    assert moved.change("strict") == pytest.approx(change)


def test_cuts_without_anybody_are_not_attacked() -> None:
    timeline = timeline_of(everyday(30), n=4)

    one, *_ = tried(timeline, Rule(10), cuts=[5.0, 500.0])

    alone, *_ = tried(timeline, Rule(10), cuts=[5.0])
    assert (one.before, one.after) == (alone.before, alone.after)


def test_a_floor_of_one_can_be_bought_and_a_strict_form_cannot() -> None:
    talk: list[Reply] = [
        (s, t, day + s / 10) for day in (1.0, 20.0, 40.0) for s in range(6) for t in range(6)
    ]
    timeline = timeline_of([one for one in talk if one[0] != one[1]], n=6)
    rule = replace(Rule(60), floor=1.0)

    moved = {one.attack.code: one for one in tried(timeline, rule, cuts=[50.0])}

    assert moved["thirty_1"].change("strict") == 0.0
    assert moved["thirty_1"].after["floor"] == 1.0
    assert np.isfinite([one.change("rule") for one in moved.values()]).all()


def test_the_list_that_people_rise_onto_is_by_how_many_answered_them() -> None:
    # of twenty people two make the list: 0 and 1 by the last thirty days, 0 and 2 by the score
    early: list[Reply] = [(6 + i, 2, 265.0) for i in range(14)]
    late: list[Reply] = [(6 + i, 0, 290.0) for i in range(14)] + [(6 + i, 1, 285.0) for i in (0, 1)]
    after: list[Reply] = [(6 + i, who, 301.0 + i) for i in range(9) for who in (0, 2)]
    timeline = timeline_of([*early, *late, *after, (7, 0, 340.0), (2, 3, 200.0)], n=20)

    (graded,) = grade_cuts(timeline, Rule(300, form="floor"), cuts=[300.0], horizon=10)

    # 2 was silent of late and arrives; all who look further back than that have seen it coming
    assert graded.rising is not None
    assert graded.rising["score"] == graded.rising["in_degree"] == 1.0
    assert graded.rising["random"] == pytest.approx(1 / 16)
