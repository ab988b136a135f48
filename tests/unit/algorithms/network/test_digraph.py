"""A network as arrays: sorted, single, and the same whatever the order of what came."""

import numpy as np
import pytest

from algorithms.network.digraph import digraph_of
from tests.known_networks import alone, arcs_of, nobody

# each of these is lost if it is added to 1.0 first
TINY = [1e-16] * 8


def test_arcs_are_sorted_and_repeated_ones_counted() -> None:
    digraph = digraph_of([2, 0, 2, 0, 2], [1, 2, 1, 1, 0], n=3)

    assert arcs_of(digraph) == [(0, 1, 1.0), (0, 2, 1.0), (2, 0, 1.0), (2, 1, 2.0)]
    assert (digraph.n, digraph.m) == (3, 4)
    assert digraph.source.dtype == digraph.target.dtype == np.int32


def test_who_answers_oneself_leaves_no_arc() -> None:
    digraph = digraph_of([0, 1, 1], [0, 1, 0], n=2)

    assert arcs_of(digraph) == [(1, 0, 1.0)]


def test_weights_of_repeated_arcs_are_added_from_the_smallest() -> None:
    first = digraph_of([0] * 9, [1] * 9, n=2, weight=[1.0, *TINY])
    last = digraph_of([0] * 9, [1] * 9, n=2, weight=[*TINY, 1.0])

    assert first.weight.tolist() == last.weight.tolist()
    assert first.weight[0] > 1.0


def test_degrees_count_people_not_replies() -> None:
    digraph = digraph_of([0, 0, 0, 2], [1, 1, 2, 1], n=4)

    assert digraph.out_degree.tolist() == [2, 0, 1, 0]
    assert digraph.in_degree.tolist() == [0, 2, 1, 0]
    assert digraph.starts.tolist() == [0, 2, 2, 3, 3]


def test_both_matrices_hold_the_weights() -> None:
    digraph = digraph_of([0, 2, 2], [2, 0, 1], n=3, weight=[0.5, 2.0, 3.0])

    expected = np.array([[0, 0, 0.5], [0, 0, 0], [2.0, 3.0, 0]])
    assert digraph.outward().toarray().tolist() == expected.tolist()
    assert digraph.inward().toarray().tolist() == expected.T.tolist()


def test_reversed_arcs_are_sorted_anew() -> None:
    digraph = digraph_of([0, 1, 2], [2, 0, 0], n=3, weight=[1.0, 2.0, 3.0])

    backward = digraph.reversed()

    assert arcs_of(backward) == [(0, 1, 2.0), (0, 2, 3.0), (2, 0, 1.0)]
    assert arcs_of(backward.reversed()) == arcs_of(digraph)


def test_an_undirected_tie_weighs_what_both_directions_do() -> None:
    digraph = digraph_of([0, 1, 1], [1, 0, 2], n=3, weight=[1.0, 2.0, 4.0])

    ties = digraph.undirected()

    assert arcs_of(ties) == [(0, 1, 3.0), (1, 0, 3.0), (1, 2, 4.0), (2, 1, 4.0)]


def test_a_network_of_some_people_numbers_them_anew() -> None:
    digraph = digraph_of([0, 1, 3, 3], [1, 3, 0, 1], n=4, weight=[1.0, 2.0, 3.0, 4.0])

    among = digraph.among(np.array([False, True, True, True]))

    assert arcs_of(among) == [(0, 2, 2.0), (2, 0, 4.0)]
    assert among.n == 3


def test_a_network_may_have_nobody_or_nothing() -> None:
    for digraph, n in ((nobody(), 0), (alone(), 1)):
        assert (digraph.n, digraph.m) == (n, 0)
        assert digraph.starts.tolist() == [0] * (n + 1)
        assert arcs_of(digraph.undirected()) == arcs_of(digraph.reversed()) == []
        assert digraph.outward().shape == digraph.inward().shape == (n, n)


@pytest.mark.parametrize(("source", "target"), [([-1], [0]), ([0], [2]), ([0, 5], [1, 1])])
def test_somebody_out_of_range_is_refused(source: list[int], target: list[int]) -> None:
    with pytest.raises(ValueError, match="numbered 0 to 1"):
        digraph_of(source, target, n=2)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_no_amount_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="negative or not finite"):
        digraph_of([0], [1], n=2, weight=[weight])


def test_a_loop_may_not_hide_a_bad_weight() -> None:
    with pytest.raises(ValueError, match="negative or not finite"):
        digraph_of([0, 0], [0, 1], n=2, weight=[-1.0, 1.0])


def test_one_account_with_a_million_replies_is_one_arc() -> None:
    digraph = digraph_of(np.zeros(1_000_000), np.ones(1_000_000), n=2)

    assert arcs_of(digraph) == [(0, 1, 1_000_000.0)]


def test_numbers_of_people_may_be_large() -> None:
    # source times people is beyond 32 bits
    digraph = digraph_of([99_999, 99_999], [0, 99_998], n=100_000)

    assert arcs_of(digraph) == [(99_999, 0, 1.0), (99_999, 99_998, 1.0)]
