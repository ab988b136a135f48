"""What must not change circles, and what they can never be."""

from collections import Counter
from random import Random

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from algorithms.circles.members import ROLES, roles_of, ties_of
from algorithms.circles.tracking import FEWEST_KNOWN, born_at, named
from algorithms.contract import NothingToSayError, Result
from algorithms.network.consensus import Former, consensus
from algorithms.network.digraph import digraph_of
from algorithms.network.partitions import NOBODY, adjusted_rand, connected, modularity, ranked
from tests.circle_forum import MEMBERSHIP, Pair, circles, forum, groups
from tests.pure import Rows, rows_of, utc

few = settings(deadline=None, max_examples=12)
many = settings(deadline=None, max_examples=60)
LEAST = 3
DAY = pd.Timedelta(days=1)


@st.composite
def talks(draw: st.DrawFn) -> list[Pair]:
    """Return replies mostly within three groups, and some across."""
    sizes = draw(st.lists(st.integers(2, 6), min_size=1, max_size=3))
    people = [f"{group}{k}" for group, size in enumerate(sizes) for k in range(size)]
    inside = [(a, b) for a in people for b in people if a != b and a[0] == b[0]]
    across = st.tuples(st.sampled_from(people), st.sampled_from(people))
    kept = draw(st.lists(st.sampled_from(inside), min_size=4, max_size=60))
    return kept + [pair for pair in draw(st.lists(across, max_size=8)) if pair[0] != pair[1]]


def quick(rows: dict[str, Rows], *, at: str = "2026-02-01", before: Result | None = None) -> Result:
    return circles(rows, before=before, as_of=at, least_size=str(LEAST), runs="5")


def found(pairs: list[Pair]) -> Result:
    """Return the circles of a forum, if it has any."""
    try:
        return quick(forum(pairs))
    except NothingToSayError:
        assume(False)
        raise


def same(one: Result, other: Result) -> None:
    assert one.metrics == other.metrics
    for name, frame in one.frames.items():
        pd.testing.assert_frame_equal(other.frames[name], frame)


# ------------------------------------------------------------------ what changes nothing


@pytest.mark.slow
@few
@given(talks(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(pairs: list[Pair], random: Random) -> None:
    first, rows = found(pairs), forum(pairs)
    for table in rows.values():
        random.shuffle(table)

    same(first, quick(rows))


@pytest.mark.slow
@few
@given(talks(), st.integers(-1_000, 1_000))
def test_all_at_another_time_is_the_same_but_for_dates(pairs: list[Pair], days: int) -> None:
    first = found(pairs)
    posted, as_of = (str((utc(day) + days * DAY).date()) for day in ("2026-01-15", "2026-02-01"))

    other = quick(forum(pairs, when=posted), at=as_of)

    assert groups(other) == groups(first)
    figures = ["size", "density", "cohesion", "stability", "leaders", "about_zh"]
    assert other.frames["Circle"][figures].equals(first.frames["Circle"][figures])
    assert {*(other.frames["Circle"]["born_at"] - first.frames["Circle"]["born_at"])} == {
        days * DAY
    }


@pytest.mark.slow
@few
@given(talks())
def test_where_nothing_changes_every_circle_keeps_its_id(pairs: list[Pair]) -> None:
    first = found(pairs)

    second = quick(forum(pairs), at="2026-03-01", before=first)

    held = ["customer_id", "circle_id"]
    assert second.frames["Customer"][held].equals(first.frames["Customer"][held])
    assert second.frames["circle_events"].empty


@pytest.mark.slow
@few
@given(talks(), st.integers(1, 3))
def test_people_whom_nobody_knows_change_no_circle(pairs: list[Pair], n: int) -> None:
    first, rows = found(pairs), forum(pairs)
    for k in range(n):
        # before all others, between them and after them
        name = f"{k * 4} stranger"
        rows["customers"].append({"customer_id": name})
        rows["accounts"].append({"account_id": name, "customer_id": name, "handle": "同名"})
        rows["posts"].append(
            {"post_id": name, "customer_id": name, "posted_at": utc("2026-01-20"), "topic": "hi"}
        )

    same(first, quick(rows))


# ------------------------------------------------------------------ what always holds


@pytest.mark.slow
@few
@given(talks())
def test_every_circle_is_connected_and_large_enough(pairs: list[Pair]) -> None:
    result, network = found(pairs), nx.Graph(pairs)

    for group in groups(result):
        assert nx.is_connected(network.subgraph(group))
        assert len(group) >= LEAST


@pytest.mark.slow
@few
@given(talks())
def test_everybody_is_in_one_circle_at_most_and_all_tables_agree(pairs: list[Pair]) -> None:
    frames = found(pairs).frames

    members, people = frames[MEMBERSHIP], frames["Customer"]
    assert members["start_id"].is_unique
    # the first month: who is told of is in a circle
    told = rows_of(people, "customer_id", "circle_id", "circles_role", "circles_strength")
    assert rows_of(members, "start_id", "end_id", "role", "strength") == told
    sizes = frames["Circle"].set_index("circle_id")["size"].to_dict()
    assert sizes == dict(Counter(members["end_id"]))


@pytest.mark.slow
@few
@given(talks())
def test_shares_are_shares_and_roles_are_known(pairs: list[Pair]) -> None:
    frames = found(pairs).frames

    shares = frames["Circle"][["density", "cohesion", "stability"]].to_numpy()
    strength = frames[MEMBERSHIP]["strength"].to_numpy()
    assert ((shares > 0) & (shares <= 1)).all()
    assert ((strength >= 0) & (strength <= 1)).all()
    assert {*frames[MEMBERSHIP]["role"]} <= {*ROLES}


# ------------------------------------------------------------------ ids and events

letters = st.sampled_from("xyzw")
month = st.lists(st.tuples(st.none() | letters, st.integers(NOBODY, 4)), max_size=40)
NOON = utc("2026-03-01T12:00")


@many
@given(month)
def test_every_circle_is_accounted_for_once(people: list[tuple[str | None, int]]) -> None:
    former = np.array([before for before, _ in people], dtype=object)
    labels = ranked(np.array([now for _, now in people], np.int64))

    ids, events = named(labels, former, as_of=NOON)

    known = {name for name in former if name is not None}
    kept, told = known & {*ids}, {event.circle_id for event in events}
    assert len({*ids}) == len(ids) == labels.max(initial=NOBODY) + 1
    assert {*ids} - kept == {e.circle_id for e in events if e.event in ("born", "split")}
    assert known - kept == {e.circle_id for e in events if e.event in ("merged", "ended")}
    assert not kept & told
    assert all(born_at(str(name)) == NOON for name in {*ids} - kept)
    assert len({(e.circle_id, e.event, e.other_id) for e in events}) == len(events)


@many
@given(month)
def test_an_id_is_kept_by_people_who_had_it(people: list[tuple[str | None, int]]) -> None:
    former = np.array([before for before, _ in people], dtype=object)
    labels = ranked(np.array([now for _, now in people], np.int64))

    ids, events = named(labels, former, as_of=NOON)

    meet = Counter(zip(former.tolist(), labels.tolist(), strict=True))
    for label, name in enumerate(ids.tolist()):
        assert name not in {*"xyzw"} or meet[name, label] >= FEWEST_KNOWN
    number = {name: label for label, name in enumerate(ids.tolist())}
    for event in events:
        if event.event == "split":
            assert event.people == meet[event.other_id, number[event.circle_id]]
        if event.event == "merged":
            assert event.people == meet[event.circle_id, number[event.other_id]]


@many
@given(month, st.randoms(use_true_random=False))
def test_the_order_of_people_gives_the_same_ids(
    people: list[tuple[str | None, int]], random: Random
) -> None:
    # numbered as they stand: only people change places
    labels = sorted({now for _, now in people if now != NOBODY})
    numbered = [(a, labels.index(b) if b != NOBODY else NOBODY) for a, b in people]
    turned = random.sample(numbered, len(numbered))

    one, other = (
        named(
            np.array([now for _, now in rows], np.int64),
            np.array([before for before, _ in rows], dtype=object),
            as_of=NOON,
        )
        for rows in (numbered, turned)
    )

    assert one[0].tolist() == other[0].tolist()
    assert one[1] == other[1]


# ------------------------------------------------------------------ divisions

divisions = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30)


@many
@given(divisions, st.permutations(range(5)))
def test_likeness_is_of_divisions_and_not_of_their_names(
    people: list[tuple[int, int]], names: list[int]
) -> None:
    first, second = np.array(people, np.int64).T

    renamed = np.array(names, np.int64)[second]

    assert adjusted_rand(first, renamed) == pytest.approx(adjusted_rand(second, first))
    assert adjusted_rand(first, np.array(names, np.int64)[first]) == 1
    assert ranked(ranked(first)).tolist() == ranked(first).tolist()


@many
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_past_never_costs_more_than_it_may(seed: int, cost: float) -> None:
    rng = np.random.default_rng(seed)
    network = digraph_of(*rng.integers(0, 15, (2, 40)), n=15).undirected()
    former = Former(rng.integers(-1, 3, 15).astype(np.int64), cost)

    free, held = consensus(network, runs=3), consensus(network, runs=3, former=former)

    score = modularity(network, held.labels)
    assert score >= modularity(network, free.labels) * (1 - cost) - 1e-12
    assert connected(network, held.labels).tolist() == held.labels.tolist()


@many
@given(st.integers(0, 10_000))
def test_members_have_a_role_and_others_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = digraph_of(*rng.integers(0, 12, (2, 30)), n=12).undirected()
    labels = ranked(rng.integers(-1, 3, 12).astype(np.int64))

    ties = ties_of(network, labels)
    roles = roles_of(ties, labels, strength=rng.random(12))

    assert [role is None for role in roles] == (labels == NOBODY).tolist()
    assert (ties.within <= ties.every).all()
    assert ((ties.participation >= -1e-12) & (ties.participation <= 1)).all()
