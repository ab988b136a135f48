"""Replies of a window as arcs: bounds of the window, ages, people without an arc."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from algorithms.influence.arcs import Arcs, Timeline
from algorithms.influence.model import arcs_of as arcs_from_rows
from tests.replies_at_hand import Reply, arcs_of, timeline_of

TALK: list[Reply] = [
    (2, 0, 90.0),
    (1, 0, 50.0),
    (1, 0, 95.0),
    (1, 0, 70.0),
    (0, 1, 60.0),
    (3, 2, 10.0),
]


def talk(days: float = 50) -> Arcs:
    return arcs_of(TALK, n=5, now=100.0, days=days)


def test_an_arc_holds_the_number_and_the_ages_of_the_first_and_the_last_reply() -> None:
    arcs = talk()

    rows = zip(arcs.source, arcs.target, arcs.count, arcs.first, arcs.last, strict=True)
    assert [tuple(map(float, row)) for row in rows] == [
        (0, 1, 1, 40, 40),
        (1, 0, 3, 50, 5),
        (2, 0, 1, 10, 10),
    ]


@pytest.mark.parametrize(
    ("at", "inside"), [(49.999, False), (50.0, True), (99.999, True), (100.0, False)]
)
def test_a_window_holds_its_first_instant_and_not_its_cut(at: float, inside: bool) -> None:
    arcs = arcs_of([(0, 1, at)], n=2, now=100.0, days=50)

    assert (len(arcs.count) == 1) == inside


def test_repliers_are_people_and_replies_are_posts() -> None:
    arcs = talk()

    assert arcs.repliers.tolist() == [2, 1, 0, 0, 0]
    assert arcs.replies.tolist() == [4, 1, 0, 0, 0]


def test_who_only_answers_is_seen_and_who_is_silent_is_not() -> None:
    assert talk().seen.tolist() == [True, True, True, False, False]


def test_a_longer_window_sees_who_spoke_before() -> None:
    assert talk(days=95).seen.tolist() == [True, True, True, True, False]


def test_sums_add_what_leads_to_each() -> None:
    assert talk().sums(np.array([1.0, 10.0, 100.0])).tolist() == [110.0, 1.0, 0.0, 0.0, 0.0]


def test_the_network_has_the_weights_of_networkx_from_single_replies() -> None:
    expected: nx.DiGraph[int] = nx.DiGraph()
    for source, target, at in TALK:
        if at >= 50:
            weight = expected.get_edge_data(source, target, {"weight": 0})["weight"]
            expected.add_edge(source, target, weight=weight + 1)

    network = talk().network()

    found = zip(network.source.tolist(), network.target.tolist(), network.weight, strict=True)
    assert {(s, t): w for s, t, w in found} == {
        (s, t): w for s, t, w in expected.edges(data="weight")
    }
    assert network.n == 5


def test_people_are_known_since_their_first_fact_and_never_before_none() -> None:
    timeline = timeline_of(TALK, n=6, since={4: 30.0, 5: 140.0})

    known = timeline.arcs(100.0, days=50).known

    assert known.tolist() == [50.0, 50.0, 90.0, 90.0, 70.0, 0.0]


def test_of_whom_nothing_is_known_is_known_for_no_time() -> None:
    assert talk().known[4] == 0.0


def test_a_window_without_replies_has_people_and_no_arcs() -> None:
    arcs = timeline_of(TALK, n=5).arcs(5.0, days=3)

    assert (arcs.n, len(arcs.source)) == (5, 0)
    assert arcs.repliers.tolist() == arcs.replies.tolist() == [0] * 5
    assert not arcs.seen.any()


def test_the_arcs_of_nobody_have_no_person() -> None:
    nobody, never = np.empty(0, np.int64), np.empty(0)

    arcs = Timeline(0, nobody, nobody, never, never).arcs(10.0, days=5)

    assert arcs.repliers.tolist() == []
    assert arcs.network().n == 0


def test_what_is_drawn_counts_people_from_the_cut_on() -> None:
    replies: list[Reply] = [
        (1, 0, 9.9),
        (1, 0, 10.0),
        (1, 0, 12.0),
        (2, 0, 14.9),
        (3, 0, 15.0),
        (0, 3, 11.0),
    ]

    drawn = timeline_of(replies, n=5).drawn(10.0, days=5)

    assert drawn.tolist() == [2.0, 0.0, 0.0, 1.0, 0.0]


def test_before_and_after_a_cut_share_no_reply() -> None:
    timeline = timeline_of(TALK, n=5)

    before = [timeline.arcs(cut, days=1_000).replies.sum() for cut in (50.0, 90.0, 95.0)]
    after = [timeline.arcs(1_000.0, days=1_000 - cut).replies.sum() for cut in (50.0, 90.0, 95.0)]

    assert [b + a for b, a in zip(before, after, strict=True)] == [len(TALK)] * 3


def test_people_of_large_numbers_are_not_mistaken_for_one_another() -> None:
    # a pair is kept as one number: source * n + target
    n = 100_000
    replies: list[Reply] = [(n - 1, 0, 1.0), (0, n - 1, 2.0), (n - 1, n - 2, 3.0), (1, 0, 4.0)]

    arcs = arcs_of(replies, n=n, now=10.0)

    assert list(zip(arcs.source.tolist(), arcs.target.tolist(), strict=True)) == [
        (0, n - 1),
        (1, 0),
        (n - 1, 0),
        (n - 1, n - 2),
    ]


def test_who_is_only_answered_is_known_since_they_first_were() -> None:
    as_of = pd.Timestamp("2026-03-01", tz="UTC")
    ago = pd.Series(as_of - pd.to_timedelta([40, 9], unit="D"))
    pairs = pd.DataFrame(
        {"source": [0, 1], "target": [1, 0], "n": [1, 1], "first_at": ago, "last_at": ago}
    )
    since = pd.Series([as_of - pd.Timedelta(days=20)])
    known = pd.DataFrame({"number": [0], "since": since})

    arcs = arcs_from_rows(pairs, n=2, known=known, as_of=as_of.to_pydatetime())

    # 0 is known by a row of their own, 1 since the reply of forty days ago
    assert arcs.known.tolist() == [20.0, 40.0]
