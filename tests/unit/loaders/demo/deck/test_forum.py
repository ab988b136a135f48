"""The deck's forum: the counts that are printed, the names in their order, times that are sound."""

from functools import cache

import networkx as nx
import numpy as np
import pytest

from loaders.demo.deck.forum import FRINGE, Forum, answers, forum_of, nicknames, posts_of
from loaders.demo.draw import Ints
from loaders.demo.profile import CLOSES, DAY
from loaders.demo.text import keys
from tests.deck_figures import LEADERS, printed

SEEDS = (7, 8, 2_026)
EARLY, LATE = CLOSES - 500 * DAY, CLOSES - 10 * DAY
JOINED = np.where(np.arange(3_000) % 3 == 0, LATE, EARLY)


@cache
def forum(seed: int = 7) -> Forum:
    return forum_of(JOINED, seed=seed)


def posts_by_person(of: Forum) -> Ints:
    return np.bincount(of.author, minlength=len(of.member))


def network_of(of: Forum) -> "nx.DiGraph[int]":
    """Return who answered whom among those with more than three posts."""
    is_answer = of.parent >= 0
    by, to = of.author[is_answer], of.author[of.parent[is_answer]]
    active = posts_by_person(of) > 3
    inside = active[by] & active[to]
    network: nx.DiGraph[int] = nx.DiGraph()
    network.add_nodes_from(np.flatnonzero(active).tolist())
    network.add_edges_from(zip(by[inside].tolist(), to[inside].tolist(), strict=True))
    return network


@pytest.mark.parametrize("seed", SEEDS)
def test_175_people_with_more_than_three_posts_share_835_arcs(seed: int) -> None:
    network = network_of(forum(seed))

    assert (network.number_of_nodes(), network.number_of_edges()) == (175, 835)
    assert printed(nx.density(network), places=4) == "0.0274"


@pytest.mark.parametrize("seed", SEEDS)
def test_leaders_stand_in_the_printed_order_of_betweenness(seed: int) -> None:
    found = nx.betweenness_centrality(network_of(forum(seed)), normalized=False)

    foremost = sorted(found, key=found.__getitem__, reverse=True)[: len(LEADERS)]

    assert foremost == list(range(len(LEADERS)))
    # made so; the printed values stay the deck's own
    assert [found[n] for n in foremost] == pytest.approx(list(LEADERS.values()), rel=1e-3)
    assert max(found[n] for n in range(8, 175)) < 0.95 * found[7]


def test_no_leader_is_the_most_answered_by_a_wide_margin_alone() -> None:
    # betweenness is not in-degree: the printed order is not that of people who answer
    _, to = answers()
    repliers = np.bincount(to, minlength=175)

    assert np.argsort(-repliers[:8], kind="stable").tolist() != list(range(8))


def test_nobody_answers_themselves_and_no_pair_stands_twice() -> None:
    by, to = answers()

    assert (by != to).all()
    assert len({*zip(by.tolist(), to.tolist(), strict=True)}) == 835


def test_some_come_back_to_the_same_person() -> None:
    of = forum()
    among = (of.parent >= 0) & (of.author < 175)

    assert among.sum() > 1.2 * 835


def test_people_of_few_posts_are_beside_the_active() -> None:
    n = posts_by_person(forum())

    assert n[:175].min() >= 4
    assert n[175:].tolist() == pytest.approx([2] * FRINGE, abs=1)
    assert {*n[175:].tolist()} == {1, 2, 3}


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_come_after_what_they_answer_within_a_year_of_the_end(seed: int) -> None:
    of = forum(seed)
    is_answer = of.parent >= 0

    assert (np.diff(of.at) >= 0).all()
    assert (of.at[is_answer] > of.at[of.parent[is_answer]]).all()
    assert of.at.min() > CLOSES - 365 * DAY
    assert of.at.max() < CLOSES - 2 * DAY


def test_only_members_of_before_the_forum_write_each_once() -> None:
    of = forum()

    assert (JOINED[of.member] == EARLY).all()
    assert len(np.unique(of.member)) == 175 + FRINGE


def test_another_seed_gives_other_people_the_same_posts() -> None:
    one, other = forum(7), forum(8)

    assert one.member.tolist() != other.member.tolist()
    assert posts_by_person(one).tolist() == posts_by_person(other).tolist()
    assert len(one.at) == len(other.at) == 2_894


def test_nicknames_are_those_of_the_leaders_and_of_nobody_else() -> None:
    of = forum()

    names = nicknames(len(JOINED), forum=of, seed=7).to_pylist()

    assert [names[n] for n in of.member[:8]] == list(LEADERS)
    assert sum(name in LEADERS for name in names) == 8
    assert sum(name is not None for name in names) == 175 + FRINGE


def test_posts_are_exported_with_what_they_answer() -> None:
    of = forum()
    member_no = keys("M", np.arange(len(JOINED)), width=6)

    rows = posts_of(of, member_no=member_no).to_pandas()

    assert rows["post_no"].is_unique
    assert (rows["answers"].notna() == (rows["kind"] == "回复")).all()
    assert rows["answers"].dropna().isin(rows["post_no"]).all()
    assert (rows["member_no"].str[1:].astype(int) == of.member[of.author]).all()
