"""Who is joined to whom of those who resemble each other, and why not the others."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.joining import APART, NOBODY, Candidates, Joined, Units, joined
from algorithms.identity.policy import LinkagePolicy
from tests.identity_world import POLICY

unhurried = settings(deadline=None, max_examples=150)
LIKELY = POLICY.linkage
CAREFUL = LIKELY.model_copy(update={"mode": "careful"})
SURE, DOUBTFUL, WEAK = 0.995, 0.9, 0.5
Pairs = Mapping[tuple[int, int], float]


def candidates(pairs: Pairs) -> Candidates:
    ends = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    probability = [pairs[one, other] for one, other in ends.tolist()]
    return Candidates(ends[:, 0], ends[:, 1], np.array(probability, dtype=np.float64))


def units(
    n: int,
    *,
    n_accounts: Sequence[int] = (),
    foes: Iterable[tuple[int, int]] = (),
    unique: Iterable[tuple[int, int, int]] = (),
    limits: tuple[int | None, ...] = (1, 2, None),
) -> Units:
    counts = np.array(n_accounts or [1] * n, dtype=np.int64)
    return Units(
        n_accounts=counts,
        foes=np.array(list(foes), dtype=np.int64).reshape(-1, 2),
        unique=np.array(list(unique), dtype=np.int64).reshape(-1, 3),
        limits=limits,
    )


def join(
    pairs: Pairs,
    people: Units,
    *,
    policy: LinkagePolicy = LIKELY,
    community: Sequence[int] = (),
) -> Joined:
    n = len(people.n_accounts)
    labels = np.array(community or [0] * n, dtype=np.int64)
    return joined(candidates(pairs), labels, units=people, policy=policy)


def reasons(pairs: Pairs, found: Joined) -> dict[tuple[int, int], str]:
    order = sorted(pairs)
    told = zip(found.apart.tolist(), found.reason.tolist(), strict=True)
    return {order[pair]: APART[reason] for pair, reason in told}


def test_a_community_is_joined_whatever_its_pairs_are_worth() -> None:
    pairs = {(0, 1): SURE, (1, 2): WEAK}

    found = join(pairs, units(3))

    assert found.label.tolist() == [0, 0, 0]
    assert reasons(pairs, found) == {}


def test_pairs_between_communities_join_nobody() -> None:
    pairs = {(0, 1): SURE, (1, 2): DOUBTFUL, (2, 3): SURE, (0, 3): WEAK}

    found = join(pairs, units(4), community=(0, 0, 1, 1))

    assert found.label.tolist() == [0, 0, 2, 2]
    # of those who stay apart, only the likely ones are told
    assert reasons(pairs, found) == {(1, 2): "community"}


def test_a_careful_house_joins_only_what_is_sure() -> None:
    pairs = {(0, 1): SURE, (1, 2): DOUBTFUL, (0, 2): WEAK}

    found = join(pairs, units(3), policy=CAREFUL)

    assert found.label.tolist() == [0, 0, 2]
    assert reasons(pairs, found) == {(1, 2): "careful"}


def test_a_community_that_is_too_large_joins_only_what_is_sure() -> None:
    pairs = {(0, 1): SURE, (1, 2): DOUBTFUL, (3, 4): DOUBTFUL}
    people = units(5, n_accounts=[30, 20, 1, 25, 25])

    found = join(pairs, people, community=(0, 0, 0, 1, 1))

    assert found.label.tolist() == [0, 0, 2, 3, 3]
    assert reasons(pairs, found) == {(1, 2): "size"}


def test_a_community_as_large_as_allowed_is_joined() -> None:
    pairs = {(0, 1): DOUBTFUL}

    whole = join(pairs, units(2, n_accounts=[25, 25]))
    over = join(pairs, units(2, n_accounts=[25, 26]))

    assert whole.label.tolist() == [0, 0]
    assert over.label.tolist() == [0, 1]


def test_whom_a_steward_keeps_apart_nobody_joins() -> None:
    pairs = {(0, 1): SURE, (1, 2): DOUBTFUL}

    found = join(pairs, units(3, foes=[(2, 0)]))

    assert found.label.tolist() == [0, 0, 2]
    assert reasons(pairs, found) == {(1, 2): "steward"}


@pytest.mark.parametrize("foes", [(0, 2), (0, 3), (1, 2), (1, 3), (3, 1)])
def test_a_steward_s_word_holds_for_all_that_joined_the_two(foes: tuple[int, int]) -> None:
    pairs = {(0, 1): 0.99, (2, 3): 0.98, (1, 2): 0.97}

    found = join(pairs, units(4, foes=[foes]))

    assert found.label.tolist() == [0, 0, 2, 2]
    assert reasons(pairs, found) == {(1, 2): "steward"}


def test_two_unique_identifiers_are_two_people() -> None:
    pairs = {(0, 1): SURE, (1, 2): DOUBTFUL, (0, 2): DOUBTFUL}
    people = units(3, unique=[(0, 0, 77), (2, 0, 78)])

    found = join(pairs, people)

    assert found.label.tolist() == [0, 0, 2]
    assert reasons(pairs, found) == {(0, 2): "unique", (1, 2): "unique"}


@pytest.mark.parametrize(
    ("unique", "label"),
    [
        ([(0, 0, 77), (1, 0, 77)], [0, 0]),  # the same one
        ([(0, 0, 77), (1, 1, 78)], [0, 0]),  # of two kinds
        ([(0, 1, 77), (1, 1, 78)], [0, 0]),  # two, where two are allowed
        ([(0, 1, 77), (0, 1, 78), (1, 1, 79)], [0, 1]),  # three
        ([(0, 2, 77), (1, 2, 78)], [0, 0]),  # of a kind without a limit
    ],
)
def test_as_many_unique_identifiers_as_a_person_has_are_one_person(
    unique: list[tuple[int, int, int]], label: list[int]
) -> None:
    assert join({(0, 1): DOUBTFUL}, units(2, unique=unique)).label.tolist() == label


def test_the_likeliest_pairs_join_first() -> None:
    pairs = {(0, 2): 0.91, (1, 2): 0.92}

    found = join(pairs, units(3, foes=[(0, 1)]))

    assert found.label.tolist() == [0, 1, 1]


def test_of_equally_likely_pairs_the_smaller_units_come_first() -> None:
    pairs = {(0, 2): 0.9, (1, 2): 0.9}

    found = join(pairs, units(3, foes=[(0, 1)]))

    assert found.label.tolist() == [0, 1, 0]


def test_everybody_rests_on_the_pair_that_leads_to_the_smallest() -> None:
    # joined in the order 2-3, 1-3, 0-1; 0-2 closes a ring and joins nobody
    pairs = {(0, 1): 0.91, (0, 2): 0.90, (1, 3): 0.95, (2, 3): 0.97}

    found = join(pairs, units(4))

    order = sorted(pairs)
    rests = [None if pair == NOBODY else order[pair] for pair in found.via.tolist()]
    assert rests == [None, (0, 1), (2, 3), (1, 3)]


def test_nobody_at_all_is_joined_to_nobody() -> None:
    found = joined(candidates({}), np.zeros(0, dtype=np.int64), units=units(0), policy=LIKELY)

    assert len(found.label) == len(found.via) == len(found.apart) == len(found.reason) == 0


# ------------------------------------------------------------- against a second implementation

probabilities = st.sampled_from([0.3, 0.8, 0.9, 0.99, 0.999])
graphs = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda p: (min(p), max(p))),
    probabilities,
    max_size=20,
).map(lambda pairs: {pair: p for pair, p in pairs.items() if pair[0] != pair[1]})
crowds = st.builds(
    units,
    st.just(9),
    n_accounts=st.lists(st.integers(1, 30), min_size=9, max_size=9),
    foes=st.lists(
        st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda p: p[0] != p[1]), max_size=4
    ),
    unique=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 2), st.integers(0, 4)), max_size=6),
)
communities = st.lists(st.integers(0, 2), min_size=9, max_size=9)
policies = st.sampled_from([LIKELY, CAREFUL])


def by_hand(
    pairs: Pairs, people: Units, *, policy: LinkagePolicy, community: Sequence[int]
) -> set[frozenset[int]]:
    """Join one pair at a time, and look at every group anew each time."""
    groups = [{unit} for unit in range(9)]
    for (one, other), p in sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])):
        crowd = [unit for unit in range(9) if community[unit] == community[one]]
        is_large = sum(int(people.n_accounts[unit]) for unit in crowd) > policy.max_accounts
        must_be_sure = is_large or policy.mode == "careful"
        if community[one] != community[other] or (must_be_sure and p < policy.sure):
            continue
        both = next(g for g in groups if one in g) | next(g for g in groups if other in g)
        before = [g for g in groups if g & both]
        if len(before) == 2 and _may_be_one(before, both, people=people):
            groups = [g for g in groups if not g & both] + [both]
    return {frozenset(group) for group in groups}


def _may_be_one(parts: Sequence[set[int]], both: set[int], *, people: Units) -> bool:
    for one, other in people.foes.tolist():
        if {one, other} <= both and not any({one, other} <= part for part in parts):
            return False
    held = {(kind, key) for unit, kind, key in people.unique.tolist() if unit in both}
    counts = [sum(kind == k for kind, _ in held) for k in range(3)]
    return all(limit is None or n <= limit for n, limit in zip(counts, people.limits, strict=True))


def groups_of(found: Joined) -> set[frozenset[int]]:
    labels = found.label.tolist()
    return {
        frozenset(unit for unit, label in enumerate(labels) if label == wanted)
        for wanted in set(labels)
    }


@unhurried
@given(graphs, crowds, policies, communities)
def test_groups_are_those_joined_by_hand(
    pairs: Pairs, people: Units, policy: LinkagePolicy, community: list[int]
) -> None:
    found = join(pairs, people, policy=policy, community=community)

    assert groups_of(found) == by_hand(pairs, people, policy=policy, community=community)
    assert found.label.tolist() == [min(g) for u in range(9) for g in groups_of(found) if u in g]


@unhurried
@given(graphs, crowds, communities)
def test_more_caution_only_splits(pairs: Pairs, people: Units, community: list[int]) -> None:
    policies = [
        LIKELY,
        LIKELY.model_copy(update={"max_accounts": 40}),
        LIKELY.model_copy(update={"max_accounts": 40, "sure": 0.999}),
        CAREFUL.model_copy(update={"sure": 0.999}),
    ]

    found = [groups_of(join(pairs, people, policy=p, community=community)) for p in policies]

    for looser, stricter in pairwise(found):
        assert all(any(part <= group for group in looser) for part in stricter)


@unhurried
@given(graphs, crowds, policies, communities)
def test_everybody_but_the_smallest_is_joined_along_a_way_to_the_smallest(
    pairs: Pairs, people: Units, policy: LinkagePolicy, community: list[int]
) -> None:
    found = join(pairs, people, policy=policy, community=community)

    order = sorted(pairs)
    for unit, (label, via) in enumerate(zip(found.label.tolist(), found.via.tolist(), strict=True)):
        assert (via == NOBODY) == (unit == label)
        way = [unit]
        while way[-1] != label:
            (there,) = {*order[found.via[way[-1]]]} - {way[-1]}
            assert there not in way
            way.append(there)


@unhurried
@given(graphs, crowds, policies, communities)
def test_every_likely_pair_that_stays_apart_is_told_once_with_a_reason(
    pairs: Pairs, people: Units, policy: LinkagePolicy, community: list[int]
) -> None:
    found = join(pairs, people, policy=policy, community=community)

    label = found.label.tolist()
    apart = {pair: p for pair, p in pairs.items() if p >= 0.8 and label[pair[0]] != label[pair[1]]}
    told = reasons(pairs, found)
    assert set(told) == set(apart)
    assert len(found.apart) == len(told)
    for (one, other), reason in told.items():
        assert (reason == "community") == (community[one] != community[other])
        assert reason not in ("size", "careful") or apart[one, other] < policy.sure
