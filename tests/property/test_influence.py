"""What must not change the scores of attention, and what they can never be."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from algorithms.influence.arcs import Floats, Timeline
from algorithms.influence.attention import Rule, attention
from algorithms.influence.columns import reach_of
from algorithms.influence.standing import standing
from algorithms.rankings import average_precision, ndcg, precision, share_drawn
from tests.replies_at_hand import Reply, timeline_of

PEOPLE = 6
replies = st.lists(
    st.tuples(
        st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.integers(0, 999).map(float)
    ).filter(lambda reply: reply[0] != reply[1]),
    min_size=1,
    max_size=60,
)
forms = st.sampled_from(["rule", "strict", "floor"])
NOW, DAYS = 1_000.0, 1_200.0


def scored(given_: list[Reply], form: str, *, shift: float = 0.0) -> Floats:
    moved = [(s, t, at + shift) for s, t, at in given_]
    rule = Rule(DAYS, form=form)  # type: ignore[arg-type]  # one of the three
    return attention(timeline_of(moved, n=PEOPLE).arcs(NOW + shift, days=DAYS), rule).score


@given(replies, forms, st.randoms())
def test_the_order_of_replies_does_not_matter(given_: list[Reply], form: str, rng: object) -> None:
    turned = [*given_]
    rng.shuffle(turned)  # type: ignore[attr-defined]  # Hypothesis' own random

    assert scored(turned, form).tolist() == scored(given_, form).tolist()


@given(replies, forms)
def test_the_same_replies_twice_change_no_decay(given_: list[Reply], form: str) -> None:
    once = attention(timeline_of(given_, n=PEOPLE).arcs(NOW, days=DAYS), Rule(DAYS))
    twice = attention(timeline_of(given_ * 2, n=PEOPLE).arcs(NOW, days=DAYS), Rule(DAYS))

    assert np.array_equal(once.untrusted, twice.untrusted)
    np.testing.assert_allclose(once.score, twice.score, atol=1e-6)


@given(replies, forms, st.integers(-500, 500))
def test_all_at_another_time_is_the_same(given_: list[Reply], form: str, shift: int) -> None:
    np.testing.assert_allclose(
        scored(given_, form, shift=float(shift)), scored(given_, form), atol=1e-9
    )


@given(replies, forms, st.permutations(range(PEOPLE)))
def test_other_names_give_the_same_scores(given_: list[Reply], form: str, names: list[int]) -> None:
    renamed = [(names[s], names[t], at) for s, t, at in given_]

    np.testing.assert_allclose(scored(renamed, form)[names], scored(given_, form), atol=1e-7)


@given(replies, forms)
def test_scores_lie_between_none_and_twice_the_repliers(given_: list[Reply], form: str) -> None:
    arcs = timeline_of(given_, n=PEOPLE).arcs(NOW, days=DAYS)
    found = attention(arcs, Rule(DAYS, form=form))  # type: ignore[arg-type]  # one of the three

    assert (found.score >= 0).all()
    assert (found.untrusted <= arcs.repliers).all()
    assert np.isfinite(found.score).all()
    assert 0 <= found.share <= 1


@given(replies)
def test_ranks_are_one_to_n_and_less_than_the_whole_stands_no_higher(given_: list[Reply]) -> None:
    arcs = timeline_of(given_, n=PEOPLE).arcs(NOW, days=DAYS)
    held = standing(arcs, attention(arcs, Rule(DAYS, form="floor")))

    ranked = held.rank[held.rank > 0]
    assert sorted(ranked) == list(range(1, held.n + 1))
    assert (held.rank_without_top[held.rank > 0] <= held.n).all()
    assert ((held.top_share >= 0) & (held.top_share <= 1)).all()


@given(replies, st.integers(0, 999), st.integers(1, 400))
def test_arcs_are_those_of_a_plain_count(given_: list[Reply], cut: int, days: int) -> None:
    arcs = timeline_of(given_, n=PEOPLE).arcs(float(cut), days=days)

    by_pair: dict[tuple[int, int], list[float]] = {}
    for s, t, at in given_:
        if cut - days <= at < cut:
            by_pair.setdefault((s, t), []).append(cut - at)
    rows = zip(arcs.source, arcs.target, arcs.count, arcs.first, arcs.last, strict=True)
    assert [tuple(map(float, row)) for row in rows] == [
        (*pair, len(ages), max(ages), min(ages)) for pair, ages in sorted(by_pair.items())
    ]


@given(replies, st.integers(0, 999), st.integers(1, 400))
def test_drawn_are_the_different_people_after_a_cut(
    given_: list[Reply], cut: int, days: int
) -> None:
    found = timeline_of(given_, n=PEOPLE).drawn(float(cut), days=days)

    after = {(s, t) for s, t, at in given_ if cut <= at < cut + days}
    assert found.tolist() == [sum(t == i for _, t in after) for i in range(PEOPLE)]


@given(replies)
def test_reach_is_that_of_a_walk_of_two_steps(given_: list[Reply]) -> None:
    network = timeline_of(given_, n=PEOPLE).arcs(NOW, days=DAYS).network()
    shares = np.zeros((PEOPLE, PEOPLE))
    shares[network.source, network.target] = network.weight
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1)
    two = shares.T @ shares.T
    np.fill_diagonal(two, 0)

    np.testing.assert_allclose(reach_of(network), (shares.T + two).sum(axis=1), atol=1e-9)


gains = npst.arrays(np.float64, 8, elements=st.integers(0, 5).map(float))


@given(gains, gains, st.integers(1, 10))
@settings(max_examples=50)
def test_grades_are_shares_and_the_truth_is_the_best_ranking(
    score: Floats, gain: Floats, k: int
) -> None:
    for grade in (ndcg, precision, share_drawn):
        assert -1e-9 <= grade(score, gain, k=k) <= grade(gain, gain, k=k) + 1e-9 <= 1 + 1e-8


@given(gains, gains)
def test_average_precision_rewards_no_more_than_the_truth(score: Floats, gain: Floats) -> None:
    positive = (gain > 2).astype(float)
    found = average_precision(score, positive)

    assert found is None or 0 < found <= 1
    assert found is None or average_precision(positive, positive) == 1


def test_an_empty_timeline_has_no_arcs() -> None:
    nobody = np.empty(0, np.int64)
    timeline = Timeline(0, nobody, nobody, np.empty(0), np.empty(0))

    assert timeline.arcs(1.0, days=1).count.tolist() == []
    assert timeline.drawn(1.0, days=1).tolist() == []
