"""Any partition against any truth: the measures are those of looking at every pair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.evaluation import Grades, Labels, Pairs, Share, grade
from algorithms.identity.slices import by_sources, by_word
from tests import partitions
from tests.partitions import labels, members, numbered, pairs_in

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=150)

groups = st.integers(0, 5)
maybe = st.one_of(st.none(), groups)
# customer, person, household, oracle, source of each account
accounts = st.lists(st.tuples(groups, groups, maybe, maybe, st.integers(0, 2)), min_size=1)
Account = tuple[int, int, int | None, int | None, int]


def columns(rows: list[Account]) -> list[list[int | None]]:
    return [[row[place] for row in rows] for place in range(5)]


def graded(rows: list[Account]) -> tuple[Grades, list[list[int | None]]]:
    found = columns(rows)
    customer, person, household, oracle, _ = found
    return grade(labels(customer, person, household=household, oracle=oracle)), found


@unhurried
@given(accounts)
def test_pairs_are_those_of_looking_at_every_pair(rows: list[Account]) -> None:
    grades, (customer, person, household, oracle, _) = graded(rows)

    assert grades.pairs == Pairs(
        true=pairs_in(person),
        predicted=pairs_in(customer),
        common=pairs_in(customer, person),
    )
    assert grades.oracle == Share(pairs_in(customer, person, oracle), pairs_in(person, oracle))
    known = [(c, h) for c, h in zip(customer, household or [], strict=True) if h is not None]
    of_known = [c for c, _ in known]
    assert grades.household == Share(
        pairs_in(of_known, [h for _, h in known]) if known else 0,
        pairs_in(of_known) if known else 0,
    )


@unhurried
@given(accounts)
def test_bcubed_is_that_of_every_account(rows: list[Account]) -> None:
    grades, (customer, person, *_) = graded(rows)

    precision, recall = partitions.bcubed(customer, person)
    assert grades.bcubed is not None
    assert grades.bcubed.precision == pytest.approx(float(precision), abs=1e-12)
    assert grades.bcubed.recall == pytest.approx(float(recall), abs=1e-12)


@unhurried
@given(accounts)
def test_persons_and_clusters_are_those_of_going_through_them(rows: list[Account]) -> None:
    grades, (customer, person, *_) = graded(rows)

    n_persons, n_clusters = len(set(person)), len(set(customer))
    assert grades.over_merged == Share(partitions.over_merged(customer, person), n_persons)
    scattered = sum(len(clusters) > 1 for clusters in members(person, customer))
    assert grades.fragmented == Share(scattered, n_persons)
    of_person = {frozenset(i for i, p in enumerate(person) if p == q) for q in set(person)}
    of_cluster = {frozenset(i for i, c in enumerate(customer) if c == d) for d in set(customer)}
    assert grades.exact == Share(len(of_person & of_cluster), n_clusters)
    assert grades.largest is not None
    found = (grades.largest.n_accounts, grades.largest.n_persons)
    assert found == partitions.largest(customer, person)


@unhurried
@given(accounts)
def test_slices_by_source_add_up_to_the_whole(rows: list[Account]) -> None:
    customer, person, _, _, source = columns(rows)
    names = [f"s{n}" for n in range(3)]

    found = by_sources(labels(customer, person), np.array(source), names=names)

    whole = grade(labels(customer, person)).pairs
    for what in ("true", "predicted", "common"):
        assert sum(getattr(slice_.pairs, what) for slice_ in found) == getattr(whole, what)
    for slice_ in found:
        one, other = (int(name[1:]) for name in slice_.name.split(" + "))
        kept = [i for i, s in enumerate(source) if s in (one, other)]
        across = [source[i] == one for i in kept]
        expected = pairs_in([customer[i] for i in kept])
        if one != other:
            inside = [
                [customer[i] for i, a in zip(kept, across, strict=True) if a is flag]
                for flag in (True, False)
            ]
            expected -= sum(pairs_in(part) for part in inside if part)
        assert slice_.pairs.predicted == expected


@unhurried
@given(accounts)
def test_slices_by_word_meet_every_pair_from_both_ends(rows: list[Account]) -> None:
    customer, person, _, _, word = columns(rows)

    found = by_word(labels(customer, person), numbered(word), names=["a", "b", "c"])

    whole = grade(labels(customer, person)).pairs
    assert sum(slice_.n_accounts or 0 for slice_ in found) == len(rows)
    for what in ("true", "predicted", "common"):
        assert sum(getattr(s.pairs, what) for s in found) == 2 * getattr(whole, what)


@unhurried
@given(accounts)
def test_sides_change_places_with_the_groupings(rows: list[Account]) -> None:
    customer, person, *_ = columns(rows)

    one, other = grade(labels(customer, person)), grade(labels(person, customer))

    assert (one.pairs.true, one.pairs.predicted) == (other.pairs.predicted, other.pairs.true)
    assert one.bcubed is not None
    assert other.bcubed is not None
    assert (one.bcubed.precision, one.bcubed.recall) == (
        other.bcubed.recall,
        other.bcubed.precision,
    )


@unhurried
@given(accounts, st.integers(0, 2**16))
def test_neither_names_nor_order_matter(rows: list[Account], seed: int) -> None:
    customer, person, *_ = columns(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    renamed = Labels(97 - numbered(customer)[order], numbered(person)[order])

    assert grade(renamed) == grade(labels(customer, person))
