"""Pair counts against counting by hand, whatever the size of a block."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from algorithms import pairs
from algorithms.pairs import Pairs, count_pairs

Basket = set[int]
N_ITEMS = 6

baskets_of_items = st.lists(st.sets(st.integers(0, N_ITEMS - 1)), min_size=1, max_size=25)


def matrix(baskets: list[Basket], *, n_items: int = N_ITEMS) -> csr_array:
    rows = [row for row, basket in enumerate(baskets) for _ in basket]
    columns = [item for basket in baskets for item in sorted(basket)]
    ones = np.ones(len(rows), np.int32)
    return csr_array((ones, (rows, columns)), shape=(len(baskets), n_items))


def found(result: Pairs) -> dict[tuple[int, int], int]:
    first, second, n = (column.tolist() for column in result.met)
    return {(a, b): count for a, b, count in zip(first, second, n, strict=True)}


def by_hand(baskets: list[Basket]) -> dict[tuple[int, int], int]:
    counts: dict[tuple[int, int], int] = {}
    for basket in baskets:
        for pair in combinations(sorted(basket), 2):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@settings(deadline=None)
@given(baskets_of_items)
def test_counts_are_those_of_counting_by_hand(baskets: list[Basket]) -> None:
    result = count_pairs(matrix(baskets), least=1, n_baskets=len(baskets))

    assert found(result) == by_hand(baskets)
    assert result.n_met == len(by_hand(baskets))


@settings(deadline=None)
@given(baskets_of_items, st.integers(1, 30))
def test_blocks_do_not_show(baskets: list[Basket], block: int) -> None:
    expected = count_pairs(matrix(baskets), least=1, n_baskets=len(baskets))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "BLOCK", block)
        result = count_pairs(matrix(baskets), least=1, n_baskets=len(baskets))

    assert found(result) == found(expected)
    assert np.array_equal(result.q, expected.q)


@settings(deadline=None)
@given(baskets_of_items)
def test_the_minimum_hides_pairs_and_changes_no_probability(baskets: list[Basket]) -> None:
    everything = count_pairs(matrix(baskets), least=1, n_baskets=len(baskets))

    result = count_pairs(matrix(baskets), least=2, n_baskets=len(baskets))

    often = everything.met.n >= 2
    assert found(result) == {pair: n for pair, n in found(everything).items() if n >= 2}
    assert np.array_equal(result.p, everything.p[often])
    assert np.array_equal(result.q, everything.q[often])


def test_related_items_are_no_pair_and_no_test() -> None:
    related = csr_array(([1, 1], ([0, 1], [1, 0])), shape=(3, 3))

    result = count_pairs(
        matrix([{0, 1, 2}, {0, 1}], n_items=3), least=1, n_baskets=2, related=related
    )

    assert found(result) == {(0, 2): 1, (1, 2): 1}
    assert result.tested == 2


def test_every_pair_of_items_that_were_sold_is_a_test() -> None:
    # items 0, 1 and 2 were sold, 3 was not: three pairs, of which one met
    result = count_pairs(matrix([{0, 1}, {2}], n_items=4), least=1, n_baskets=2)

    assert (result.tested, result.n_met) == (3, 1)


def test_no_items_make_no_pairs() -> None:
    result = count_pairs(matrix([], n_items=0), least=1, n_baskets=0)

    assert (found(result), result.tested) == ({}, 0)
