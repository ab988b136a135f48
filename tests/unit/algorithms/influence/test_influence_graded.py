"""Lists judged at past cuts, on hand-made and on public replies; and five attacks on them."""

import numpy as np
import pytest

from algorithms.influence.attacks import ATTACKS, attacked, tried
from algorithms.influence.attention import Rule
from algorithms.influence.grading import (
    NoCutError,
    grade_cuts,
    means_of,
    measures_of,
    rolling_cuts,
    verdicts,
)
from tests.replies_at_hand import Reply, public, timeline_of

COLLEGE = ("college_msg/CollegeMsg.txt.gz", 60, 14, 9)
EMAIL = ("email_eu_core/email-Eu-core-temporal.txt.gz", 120, 30, 14)


def from_the_start(window: int, horizon: int, n: int) -> list[float]:
    return [float(window + horizon * i) for i in range(n)]


@pytest.mark.parametrize(
    ("data", "least", "in_degree", "wins"),
    [(COLLEGE, 0.54, 0.418, 9), (EMAIL, 0.89, 0.873, 12)],
    ids=["college_msg", "email_eu_core"],
)
def test_attention_foretells_better_than_the_number_of_repliers(
    data: tuple[str, int, int, int], least: float, in_degree: float, wins: int
) -> None:
    name, window, horizon, n = data
    rule, cuts = Rule(window), from_the_start(window, horizon, n)

    graded = grade_cuts(public(name), rule, cuts=cuts, horizon=horizon)

    means = means_of(graded)
    against = next(v for v in verdicts(graded) if v.baseline == "in_degree")
    assert len(graded) == n
    assert means["ndcg_50"] >= least
    assert means["in_degree_ndcg_50"] == pytest.approx(in_degree, abs=0.004)
    assert against.wins >= wins
    assert against.p_value is not None
    assert against.p_value < 0.01


@pytest.mark.parametrize("data", [COLLEGE, EMAIL], ids=["college_msg", "email_eu_core"])
def test_no_attack_moves_anybody_in_the_strict_form(data: tuple[str, int, int, int]) -> None:
    name, window, horizon, n = data
    cuts = from_the_start(window, horizon, n)[::3]

    moved = list(tried(public(name), Rule(window), cuts=cuts))

    assert [one.attack.code for one in moved] == [attack.code for attack in ATTACKS]
    assert all(one.change("strict") < 0.05 for one in moved)
    # what is defended against: the same attacks bring the others to the top
    assert all(one.after["untrusted"] < one.before["untrusted"] for one in moved)
    assert all(one.after["in_degree"] <= 50 for one in moved if one.attack.accounts >= 30)


def test_an_attack_adds_what_it_says_and_nothing_else() -> None:
    timeline = timeline_of([(1, 0, 1.0), (0, 1, 90.0)], n=2)
    attack = next(a for a in ATTACKS if a.each_other)

    staged = attacked(timeline, attack, target=0, cut=100.0, days=60)

    added = slice(2, None)
    aimed = staged.target[added] == 0
    assert staged.n == 32
    assert int(aimed.sum()) == 600
    assert set(staged.source[added]) == set(range(2, 32))
    assert (staged.source[added][~aimed] != staged.target[added][~aimed]).all()
    assert staged.at[added].min() >= 95.0
    assert staged.at[added].max() < 100.0


def test_nothing_after_a_cut_tells_of_it() -> None:
    before: list[Reply] = [(1, 0, 5.0), (2, 0, 6.0), (0, 1, 7.0)]
    after: list[Reply] = [(2, 1, 12.0), (0, 1, 13.0)]
    rule = Rule(10)

    known = measures_of(timeline_of(before, n=3).arcs(10.0, days=10), rule)
    told = measures_of(timeline_of(before + after, n=3).arcs(10.0, days=10), rule)

    assert all(np.array_equal(known[name], told[name]) for name in known)


def test_a_grade_is_of_the_people_seen_before_the_cut() -> None:
    # 3 is answered after the cut alone, and nobody could have listed them
    replies: list[Reply] = [(1, 0, 5.0), (2, 0, 6.0), (0, 1, 6.0), (2, 0, 11.0), (1, 3, 11.0)]

    (graded,) = grade_cuts(timeline_of(replies, n=4), Rule(10), cuts=[10.0], horizon=5)

    assert (graded.n, graded.n_drawn) == (3, 1)
    assert graded.lists["in_degree"].ndcg_50 == 1.0
    assert graded.lists["random"].ndcg_50 == pytest.approx((1 + 1 / np.log2(3) + 0.5) / 3)


def test_cuts_roll_back_from_the_end_past_silence() -> None:
    replies: list[Reply] = [(0, 1, float(d)) for d in (*range(100), *range(200, 220))]

    cuts = rolling_cuts(timeline_of(replies, n=2), window=30, horizon=10, n=4)

    # no cut lies in the silence from day 100 to 200, where nobody could be judged
    assert len(cuts) == 4
    assert all(c < 100 or c > 200 for c in cuts)
    assert cuts[-1] == pytest.approx(209.0)


def test_too_few_replies_for_any_cut_are_said_with_a_remedy() -> None:
    with pytest.raises(NoCutError, match=r"Lower influence\.window_days"):
        rolling_cuts(timeline_of([(0, 1, 1.0)], n=2), window=30, horizon=10, n=3)
