"""Borders of quadrants and of RFM clusters: exact values, ties, and customers counted twice."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import rfm_clusters_fit
from algorithms.rfm_clusters import _numbered
from algorithms.rfm_clusters_fit import Points, best_k, fitted, rand_index, silhouette, stability_of
from algorithms.rfm_names import CELLS
from algorithms.value_potential import QUADRANTS, Axis, _placed, _side

unhurried = settings(deadline=None, max_examples=30)


def everybody(n: int) -> npt.NDArray[np.bool_]:
    return np.ones(n, dtype=np.bool_)


def axis(*amounts: float, cut: float) -> Axis:
    return Axis(np.array(amounts, np.float64), cut)


# a cut of 100 with a margin of a tenth: borders at 90 and 110
@pytest.mark.parametrize(
    ("amount", "was", "is_high"),
    [
        (100, 0, False),
        (100.0001, 0, True),
        (90, 1, True),
        (89.9999, 1, False),
        (500, 1, True),
        (110, -1, False),
        (110.0001, -1, True),
        (0, -1, False),
    ],
)
def test_borders_belong_to_the_side_on_which_somebody_was(
    amount: float, *, was: int, is_high: bool
) -> None:
    found = axis(amount, cut=100).is_high(np.array([was]), margin=0.1)

    assert found.tolist() == [is_high]


@pytest.mark.parametrize(
    ("amount", "was", "is_high"),
    [(-110, 1, True), (-110.01, 1, False), (-90, -1, False), (-89.99, -1, True), (-100, 0, False)],
)
def test_a_margin_lies_on_both_sides_of_a_cut_below_zero_too(
    amount: float, *, was: int, is_high: bool
) -> None:
    found = axis(amount, cut=-100).is_high(np.array([was]), margin=0.1)

    assert found.tolist() == [is_high]


def test_around_a_cut_of_nothing_there_is_no_margin() -> None:
    found = axis(0, 0, 0.01, cut=0).is_high(np.array([1, -1, -1]), margin=0.5)

    assert found.tolist() == [True, False, True]


@pytest.mark.parametrize(("quantile", "cut"), [(0, 0), (0.5, 15), (0.75, 22.5), (1, 30)])
def test_cuts_are_linear_between_neighbours(quantile: float, cut: float) -> None:
    assert Axis.of(pd.Series([30, 0, 20, 10]), quantile=quantile, among=everybody(4)).cut == cut


def test_an_axis_is_flat_where_nobody_lies_above() -> None:
    assert axis(5, 5, cut=5).is_flat
    assert not axis(5, 6, cut=5).is_flat


def test_places_go_by_value_and_then_by_potential() -> None:
    high = np.array([True, True, False, False])
    promising = np.array([True, False, True, False])

    assert [QUADRANTS[place] for place in _placed(high, promising)] == [
        "core",
        "keep",
        "promising",
        "at_risk",
    ]


def test_whoever_was_nowhere_has_no_side() -> None:
    was = pd.Series(["core", "at_risk", None], dtype=object)

    assert _side(was, ("core", "keep")).tolist() == [1, -1, 0]


amounts = st.lists(st.integers(-50, 200), min_size=1, max_size=25)


@unhurried
@given(amounts, st.sampled_from([0.0, 0.1, 0.4]))
def test_a_wider_margin_lets_nobody_leave_who_stayed_before(
    found: list[int], margin: float
) -> None:
    one = Axis.of(pd.Series(found), quantile=0.5, among=everybody(len(found)))
    ones = np.ones(len(found), np.int64)

    for sign in (1, -1):
        narrow = one.is_high(sign * ones, margin=margin)
        wide = one.is_high(sign * ones, margin=margin + 0.3)
        stayed = narrow if sign > 0 else ~narrow
        assert ((wide if sign > 0 else ~wide) | ~stayed).all()


# ---------------------------------------------------------------- clusters


def points_of(members: Mapping[tuple[int, int, int], int], *, times: int = 1) -> Points:
    counts = np.zeros(len(CELLS), np.int64)
    for (r, f, m), n in members.items():
        counts[(r - 1) * 25 + (f - 1) * 5 + (m - 1)] = n * times
    return Points.of(counts, CELLS)


HEAPS = {(1, 1, 1): 30, (1, 1, 2): 10, (5, 5, 5): 20, (5, 5, 4): 10, (5, 1, 1): 25}
cells = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
crowds = st.dictionaries(cells, st.integers(1, 9), min_size=3, max_size=12)


def test_points_know_their_cells_and_nobody_elses() -> None:
    points = points_of({(1, 1, 1): 3, (5, 5, 5): 1})

    assert points.weight.tolist() == [3, 1]
    assert np.flatnonzero(points.place >= 0).tolist() == [0, 124]
    # the mean lies a quarter of the way up: 3 customers at -1/sqrt(3), one at sqrt(3)
    np.testing.assert_allclose(points.at, [[-(3**-0.5)] * 3, [3**0.5] * 3])


@unhurried
@given(crowds)
def test_the_inertia_is_the_sum_of_squares_within_groups(
    members: dict[tuple[int, int, int], int],
) -> None:
    points = points_of(members)

    fit = fitted(points, k=3, seed=0, restarts=3)

    at, total = points.at, 0.0
    for group in range(len(fit.centres)):
        inside = fit.label == group
        own, weight = at[inside], points.weight[inside]
        centre = weight @ own / weight.sum()
        np.testing.assert_allclose(centre, fit.centres[group], atol=1e-9)
        total += float(weight @ ((own - centre) ** 2).sum(axis=1))
    assert total == pytest.approx(fit.inertia, abs=1e-8)
    assert sorted(set(fit.label.tolist())) == list(range(len(fit.centres)))


def test_every_customer_twice_makes_the_same_groups() -> None:
    once, twice = (fitted(points_of(HEAPS, times=n), k=3, seed=0) for n in (1, 2))

    assert rand_index(once.label, twice.label, weight=points_of(HEAPS).weight) == 1
    assert twice.inertia == pytest.approx(2 * once.inertia)


@unhurried
@given(crowds)
def test_a_grouping_agrees_with_itself_and_with_its_other_numbers(
    members: dict[tuple[int, int, int], int],
) -> None:
    points = points_of(members)
    label = np.arange(len(points.weight)) % 3

    assert rand_index(label, label, weight=points.weight) == pytest.approx(1)
    assert rand_index(label, 2 - label, weight=points.weight) == pytest.approx(1)
    assert -1 <= silhouette(points, label) <= 1


def test_of_equal_silhouettes_the_fewest_groups_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # apart by less than is told apart: 5 groups are no better than 3, and 4 are worse
    heights = {2: 0.1, 3: 0.5, 4: 0.2, 5: 0.5 + 1e-12}
    monkeypatch.setattr(
        rfm_clusters_fit, "silhouette", lambda _points, label: heights[int(label.max()) + 1]
    )

    best, found = best_k(points_of(HEAPS), range(2, 6), seed=0)

    assert best == 3
    assert found == {str(k): height for k, height in heights.items()}


def test_where_nothing_can_be_tried_there_is_one_group() -> None:
    assert best_k(points_of(HEAPS), [], seed=0) == (1, {})


def test_a_single_group_does_not_stand_apart() -> None:
    points = points_of(HEAPS)

    assert silhouette(points, np.zeros(len(points.weight), np.int64)) == 0


def test_whoever_is_alone_in_a_group_counts_as_nothing() -> None:
    points = points_of({(1, 1, 1): 1, (5, 5, 5): 1})

    assert silhouette(points, np.array([0, 1])) == 0


def test_resamples_agree_on_heaps_and_are_the_same_every_time() -> None:
    points = points_of(HEAPS)
    fit = fitted(points, k=3, seed=0)

    one, other = (stability_of(points, fit, n=4, seed=9) for _ in range(2))

    assert one == other
    assert one["resamples"] == 4
    assert one["least"] <= one["mean"] <= 1
    assert one["mean"] > 0.9


def members(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return customers from spend and scores m, f, r."""
    columns = ["rfm_spend", "rfm_m", "rfm_f", "rfm_r"]
    return pd.DataFrame([list(row) for row in rows], columns=columns)


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        # by mean spend: 10, 30 and 20
        ([(10, 5, 5, 5), (30, 1, 1, 1), (20, 3, 3, 3)], [3, 1, 2]),
        # equal spend: by money, then frequency, then recency
        ([(9, 1, 5, 5), (9, 2, 1, 1), (9, 1, 5, 4)], [2, 1, 3]),
        ([(9, 1, 2, 5), (9, 1, 3, 1), (9, 1, 1, 5)], [2, 1, 3]),
        # below zero is least
        ([(-5, 5, 5, 5), (0, 1, 1, 1), (-1, 1, 1, 1)], [3, 1, 2]),
    ],
)
def test_groups_are_numbered_by_what_their_members_spend_and_then_by_scores(
    rows: list[tuple[int, int, int, int]], *, numbers: list[int]
) -> None:
    found = _numbered(members(*rows), np.array([0, 1, 2]), is_meant=everybody(3))

    assert found.tolist() == numbers


def test_a_group_without_anybody_who_is_meant_comes_last() -> None:
    rows = members((90, 5, 5, 5), (10, 1, 1, 1), (20, 1, 1, 1))

    found = _numbered(rows, np.array([0, 1, 2]), is_meant=np.array([False, True, True]))

    assert found.tolist() == [3, 2, 1]


def test_numbers_go_by_the_mean_and_not_by_the_sum() -> None:
    many = [(10, 1, 1, 1)] * 9

    group = np.array([0] * 9 + [1])

    found = _numbered(members(*many, (50, 1, 1, 1)), group, is_meant=everybody(10))

    assert found.tolist() == [2] * 9 + [1]
