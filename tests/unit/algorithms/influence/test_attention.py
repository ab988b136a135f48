"""The score: distinct people, faded, weighted by trust that flows from the established."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from algorithms.influence.attention import (
    Rule,
    attention,
    decayed,
    established,
    trust_of,
)
from tests.replies_at_hand import Reply, arcs_of, timeline_of

# 0 and 1 have been talking with 2 and 3 for half a year; 4 answers 0 and nobody answers 4
OLD: list[Reply] = [
    (2, 0, 10.0),
    (3, 0, 20.0),
    (0, 1, 30.0),
    (2, 1, 40.0),
    (3, 1, 300.0),
    (1, 0, 350.0),
    (4, 0, 360.0),
]
RULE = Rule(window_days=365)


def test_a_reply_counts_half_after_each_half_life() -> None:
    assert decayed(np.array([0.0, 60.0, 120.0]), half_life=60).tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize(
    ("window", "expected"), [(365, 60.0), (240, 60.0), (120, 30.0), (60, 15.0)]
)
def test_a_short_window_has_a_short_memory(window: float, expected: float) -> None:
    assert Rule(window).half_life == expected


def test_a_given_half_life_stands() -> None:
    assert Rule(60, half_life_days=45).half_life == 45


def test_one_replier_counts_once_and_by_their_latest_reply() -> None:
    many = [(1, 0, 305.0 - i / 1000) for i in range(600)]

    found = attention(arcs_of([*many, (2, 0, 365.0 - 120)], n=3, now=365.0), RULE)

    assert found.untrusted[0] == pytest.approx(0.5 + 0.25)


def test_nobody_is_established_by_one_replier_or_by_the_end_of_the_window() -> None:
    # 0: two before the last sixth; 1: two, one of them in it; 2: two, known for too short
    replies: list[Reply] = [
        (3, 0, 10.0),
        (4, 0, 20.0),
        (3, 1, 30.0),
        (4, 1, 310.0),
        (3, 2, 280.0),
        (4, 2, 290.0),
    ]
    arcs = arcs_of(replies, n=5, now=365.0)

    assert established(arcs, window_days=365).tolist() == [True, False, False, False, False]


def test_an_account_known_from_before_is_old_though_it_was_silent() -> None:
    replies: list[Reply] = [(1, 0, 280.0), (2, 0, 290.0)]
    arcs = timeline_of(replies, n=3, since={0: -1000.0}).arcs(365.0, days=365)

    assert established(arcs, window_days=365).tolist() == [True, False, False]


def test_trust_is_that_of_a_pagerank_from_the_established() -> None:
    arcs = arcs_of(OLD, n=5, now=365.0)
    network = nx.DiGraph()
    network.add_nodes_from(range(5))
    network.add_weighted_edges_from((s, t, 1.0) for s, t, _ in OLD)
    r = nx.pagerank(
        network, personalization={0: 1, 1: 1}, dangling={0: 1, 1: 1}, tol=1e-12, max_iter=500
    )
    typical = (r[0] + r[1]) / 2
    weight = [min(2.0, np.log1p(r[i] / typical)) for i in range(5)]
    expected = np.array(weight) / ((weight[0] + weight[1]) / 2)

    found = trust_of(arcs, established(arcs, window_days=365))

    assert found == pytest.approx(expected, abs=1e-7)
    assert found[4] == 0
    assert found[[0, 1]].mean() == pytest.approx(1)


def test_the_score_is_the_sum_of_trust_times_decay() -> None:
    arcs = arcs_of(OLD, n=5, now=365.0)

    found = attention(arcs, replace(RULE, form="strict"))

    trust = found.trust
    by_hand = (
        trust[2] * 2 ** (-355 / 60)
        + trust[3] * 2 ** (-345 / 60)
        + trust[1] * 2 ** (-15 / 60)
        + trust[4] * 2 ** (-5 / 60)
    )
    assert found.score[0] == pytest.approx(by_hand)
    assert found.parts[arcs.target == 0].sum() == pytest.approx(by_hand)


def test_with_a_floor_the_new_weigh_it_and_others_three_quarters_to_one() -> None:
    arcs = arcs_of([*OLD, (5, 0, 100.0)], n=6, now=365.0)

    found = attention(arcs, replace(RULE, form="floor", floor=0.25))

    # 4 first answered five days ago, 5 in spring and never since; nobody answers either
    assert found.trust[4:].tolist() == [0.0, 0.0]
    weight = np.append(np.clip(found.trust[:4], 0.75, 1.0), [0.25, 0.75])
    expected = weight[arcs.source] * decayed(arcs.last, half_life=60)
    assert found.parts == pytest.approx(expected)
    assert not found.is_strict


@pytest.mark.parametrize(("strangers", "is_strict"), [(0, True), (3, False)])
def test_the_strict_form_holds_where_half_are_established(strangers: int, is_strict: bool) -> None:
    # four people, two established; each stranger is known long enough to count
    early: list[Reply] = [(5 + i, 0, 5.0) for i in range(strangers)]

    found = attention(arcs_of(OLD[:-1] + early, n=9, now=365.0), RULE)

    assert found.share == 2 / (4 + strangers)
    assert found.is_strict == is_strict


def test_accounts_made_at_the_end_do_not_choose_the_form() -> None:
    made: list[Reply] = [(5 + i, 0, 350.0) for i in range(20)]

    found = attention(arcs_of(OLD[:-1] + made, n=25, now=365.0), RULE)

    assert found.is_strict


def test_without_anybody_established_all_weigh_the_floor() -> None:
    found = attention(arcs_of([(1, 0, 1.0), (2, 0, 1.0)], n=3, now=2.0, days=365), RULE)

    assert (found.share, found.is_strict) == (0.0, False)
    assert found.score[0] == pytest.approx(0.25 * found.untrusted[0])


def test_all_on_one_day_and_two_people_are_no_fault() -> None:
    found = attention(arcs_of([(0, 1, 5.0), (1, 0, 5.0)], n=2, now=65.0, days=365), RULE)

    assert found.untrusted.tolist() == [0.5, 0.5]
    assert np.isfinite(found.score).all()
