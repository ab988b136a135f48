"""The deck's customers: their values give the planned scores, and the printed means."""

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.demo.deck.population import Members, apportioned, members_of
from loaders.demo.draw import Ints
from loaders.demo.profile import CLOSES, DAY, OPENS
from tests.deck_figures import ALL, GROUPS, Group, printed

SEEDS = (7, 8, 2_026)


@cache
def made(seed: int = 7) -> Members:
    return members_of(seed)


def scored(values: Ints) -> Ints:
    """Score by quintile with numpy's own quantiles, equal values together."""
    edges = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
    return np.asarray(1 + (values[:, None] > edges).sum(axis=1))


# ------------------------------------------------------------------------------------ scores


@pytest.mark.parametrize("seed", SEEDS)
def test_values_give_the_planned_scores(seed: int) -> None:
    members = made(seed)

    assert (scored(members.last_at) == members.recency).all()
    assert (scored(members.n_orders) == members.frequency).all()
    assert (scored(members.spend) == members.money).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_printed_cells_have_their_customers(seed: int) -> None:
    m = made(seed)

    lapsed = (m.recency == 1) & (m.frequency == 3)
    best = (m.recency == 5) & (m.frequency == 5) & (m.money == 5)

    assert (lapsed.sum(), best.sum()) == (721, 81)
    assert np.bincount(m.money[lapsed])[1:].tolist() == [144, 144, 145, 144, 144]


def test_scores_of_a_block_are_paired_anew_by_another_seed() -> None:
    first, second = made(7), made(8)

    assert (first.frequency == second.frequency).all()
    assert 0 < (first.money != second.money).mean() < 1


def test_frequency_and_money_are_unrelated_within_a_group() -> None:
    m = made()
    # of group 2, a single block of nearly two thousand
    frequency, money = m.frequency[m.group == 2], m.money[m.group == 2]

    correlation = np.corrcoef(frequency, money)[0, 1]

    # three standard errors of a correlation of 1,916 unrelated pairs
    assert abs(correlation) < 3 / np.sqrt(1_916)


# ------------------------------------------------------------------------------------- means


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("group", "row"), GROUPS.items(), ids=str)
def test_a_group_prints_its_number_mean_orders_and_mean_spend(
    group: int, row: Group, *, seed: int
) -> None:
    m = made(seed)
    mine = m.group == group

    assert mine.sum() == row.n
    assert printed(m.n_orders[mine].mean(), places=2) == row.orders
    assert m.spend[mine].sum() == row.n * int(row.spend.replace(".", ""))


@pytest.mark.parametrize("seed", SEEDS)
def test_all_customers_print_the_totals(seed: int) -> None:
    m = made(seed)

    assert len(m) == ALL.n
    assert printed(m.n_orders.mean(), places=2) == ALL.orders
    assert printed(m.spend.mean() / 100, places=2) == ALL.spend


def test_heavy_buyers_have_forty_per_cent_of_the_money() -> None:
    m = made()

    share = m.spend[m.group == 3].sum() / m.spend.sum()

    assert share == pytest.approx(0.404, abs=0.001)


def test_nobody_of_a_lower_score_has_more_than_somebody_of_a_higher_one() -> None:
    m = made()

    for score, values in ((m.frequency, m.n_orders), (m.money, m.spend), (m.recency, m.last_at)):
        for level in range(1, 5):
            assert values[score == level].max() < values[score == level + 1].min()


def test_the_best_differ_from_each_other() -> None:
    m = made()
    best = m.group == 3

    assert len(np.unique(m.n_orders[best])) > 100
    assert m.n_orders[best].max() > 3 * m.n_orders[best].mean()


# ------------------------------------------------------------------------------------- times


@pytest.mark.parametrize("seed", SEEDS)
def test_no_two_customers_ordered_last_at_the_same_second(seed: int) -> None:
    last_at = made(seed).last_at

    assert len(np.unique(last_at)) == len(last_at)
    assert last_at.min() > OPENS
    assert last_at.max() < CLOSES


def test_the_latest_buyers_came_within_a_month() -> None:
    m = made()

    days = (CLOSES - m.last_at) / DAY

    assert days[m.recency == 5].max() <= 30
    assert days[m.recency == 1].min() > 364


def test_the_same_seed_gives_the_same_customers() -> None:
    first, second = members_of(3), members_of(3)

    assert all((vars(first)[name] == vars(second)[name]).all() for name in vars(first))


def test_another_seed_gives_other_values() -> None:
    first, second = made(7), made(8)

    assert (first.last_at != second.last_at).mean() > 0.9
    assert (first.spend != second.spend).mean() > 0.9


# ------------------------------------------------------------------------------ apportioning


def test_a_total_is_shared_out_by_weight() -> None:
    # a quarter of 10 reaches 2.5, half of it 5
    shares = apportioned(np.array([10]), np.array([1.0, 1.0, 2.0]), counts=np.array([3]))

    assert shares.tolist() == [2, 3, 5]


def test_groups_share_out_their_own_totals() -> None:
    weights = np.array([1.0, 3.0, 5.0, 2.0, 2.0])

    shares = apportioned(np.array([8, 7, 4]), weights, counts=np.array([2, 1, 2]))

    assert shares.tolist() == [2, 6, 7, 2, 2]


def test_nothing_to_share_is_nothing_for_everybody() -> None:
    shares = apportioned(np.array([0]), np.array([0.3, 0.7]), counts=np.array([2]))

    assert shares.tolist() == [0, 0]


@given(
    groups=st.lists(
        st.tuples(st.integers(0, 10**9), st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20)),
        min_size=1,
        max_size=10,
    )
)
def test_shares_sum_up_to_the_total_and_none_is_negative(
    groups: list[tuple[int, list[float]]],
) -> None:
    totals = np.array([total for total, _ in groups])
    counts = np.array([len(weights) for _, weights in groups])
    weights = np.concatenate([weights for _, weights in groups])

    shares = apportioned(totals, weights, counts=counts)

    assert np.add.reduceat(shares, np.cumsum(counts) - counts).tolist() == totals.tolist()
    assert shares.min() >= 0
