"""The oracle: what identifiers alone can link, worked out here by other means."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.demo.draw import Ints
from loaders.demo.identity.links import KINDS, Links, joined, links, oracle

Row = tuple[int, int, int]


def made_of(rows: list[Row]) -> Links:
    record, kind, code = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Links(record, kind, code)


def group(persons: list[int], rows: list[Row]) -> list[int]:
    found: list[int] = oracle(np.array(persons), made_of(rows)).tolist()
    return found


def by_networkx(persons: list[int], rows: list[Row]) -> list[int]:
    network: nx.Graph[object] = nx.Graph()
    network.add_nodes_from(range(len(persons)))
    for record, kind, code in rows:
        network.add_edge(record, ("identifier", kind, code, persons[record]))
    first: dict[int, int] = {}
    for component in nx.connected_components(network):
        records = [node for node in component if isinstance(node, int)]
        first |= dict.fromkeys(records, min(records))
    return [first[record] for record in range(len(persons))]


def test_two_records_of_one_person_under_one_number_are_linked() -> None:
    assert group([5, 5], [(0, 0, 13000000001), (1, 0, 13000000001)]) == [0, 0]


def test_two_people_under_one_number_are_not() -> None:
    assert group([5, 6], [(0, 0, 13000000001), (1, 0, 13000000001)]) == [0, 1]


def test_the_same_code_of_two_kinds_links_nothing() -> None:
    assert group([5, 5], [(0, 0, 7), (1, 1, 7)]) == [0, 1]


def test_links_carry_on_from_one_identifier_to_the_next() -> None:
    rows = [(0, 0, 1), (1, 0, 1), (1, 2, 9), (2, 2, 9), (3, 2, 8)]

    assert group([4, 4, 4, 4], rows) == [0, 0, 0, 3]


def test_a_stranger_between_two_records_does_not_link_them() -> None:
    # records 0 and 2 are one person's, but only a stranger's record has both numbers
    rows = [(0, 0, 1), (1, 0, 1), (1, 0, 2), (2, 0, 2)]

    assert group([4, 5, 4], rows) == [0, 1, 2]


def test_a_record_without_identifiers_stays_alone() -> None:
    assert group([1, 1, 1], [(0, 0, 3), (2, 0, 3)]) == [0, 1, 0]


def test_the_same_identifier_twice_on_a_record_changes_nothing() -> None:
    assert group([1, 1], [(0, 0, 3), (0, 0, 3)]) == [0, 1]


def test_the_largest_persons_and_numbers_fit() -> None:
    person, number = 10_000_000, 19_999_999_999
    kind = len(KINDS) - 1

    assert group([person, person, person - 1], [(r, kind, number) for r in range(3)]) == [0, 0, 2]


@given(
    persons=st.lists(st.integers(0, 3), min_size=1, max_size=12),
    cells=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 5), st.integers(0, 4)), min_size=1),
)
@settings(max_examples=200, deadline=None)
def test_components_are_those_of_networkx(persons: list[int], cells: list[Row]) -> None:
    rows = [(record % len(persons), kind, code) for record, kind, code in cells]

    assert group(persons, rows) == by_networkx(persons, rows)


@given(
    cells=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 5), st.integers(0, 4)), min_size=1),
    seed=st.integers(0, 10),
)
@settings(max_examples=50, deadline=None)
def test_the_order_of_links_does_not_matter(cells: list[Row], seed: int) -> None:
    persons = [0, 0, 0, 1, 1, 2, 2, 2]
    shuffled = [cells[place] for place in np.random.default_rng(seed).permutation(len(cells))]

    assert group(persons, cells) == group(persons, shuffled)


def test_a_group_is_named_after_its_first_record() -> None:
    assert group([9, 9, 9], [(2, 0, 1), (1, 0, 1)]) == [0, 1, 1]


def test_only_flagged_records_are_linked() -> None:
    found = links("email", np.array([7, 8, 9]), where=np.array([True, False, True]))

    assert found.record.tolist() == [0, 2]
    assert found.code.tolist() == [7, 9]
    assert set(found.kind.tolist()) == {KINDS.index("email")}
    assert len(found) == 2


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        links("open_id", np.array([1]), where=np.array([True]))


def test_parts_are_put_together_with_their_records_counted_on() -> None:
    one, other = made_of([(0, 0, 1), (1, 0, 2)]), made_of([(0, 1, 3)])

    both = joined([one, other], starts=[0, 10])

    assert both.record.tolist() == [0, 1, 10]
    assert both.code.tolist() == [1, 2, 3]
    assert joined([one, other]).record.tolist() == [0, 1, 0]


def test_nothing_is_changed_in_the_links_given() -> None:
    rows = made_of([(1, 0, 5), (0, 0, 5)])
    before: list[Ints] = [rows.record.copy(), rows.kind.copy(), rows.code.copy()]

    oracle(np.array([1, 1]), rows)

    assert [column.tolist() for column in before] == [
        column.tolist() for column in (rows.record, rows.kind, rows.code)
    ]
