"""Favourites, patience, shops and discounts: the small rules behind what is bought."""

import numpy as np
import pytest

from loaders.demo.catalogue import PER_LEAF, Catalogue, campaigns_of, catalogue_of, stores_of
from loaders.demo.draw import Ints, stream
from loaders.demo.people import people_of
from loaders.demo.profile import FIRST_DAY, LAST_DAY, RETAIL
from loaders.demo.purchases import _discounts, _stores, _waited
from loaders.demo.tastes import LOYALTY, Tastes, tastes_of

N = 20_000


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(7)


def chosen_leaves(catalogue: Catalogue, person: Ints) -> Ints:
    favourites = np.array([[3, 9]])
    tastes = Tastes(favourites, catalogue)
    days = np.full(len(person), LAST_DAY)
    return tastes.choose(stream(1, "x"), person, days=days) // PER_LEAF


def test_favourites_get_their_share_of_the_lines(catalogue: Catalogue) -> None:
    leaf = chosen_leaves(catalogue, np.zeros(N, dtype=np.int64))

    popularity = catalogue.appeal.sum(axis=0) / catalogue.appeal.sum()
    first = LOYALTY * 0.7 + (1 - LOYALTY) * popularity[3]
    second = LOYALTY * 0.3 + (1 - LOYALTY) * popularity[9]
    assert (leaf == 3).mean() == pytest.approx(first, abs=0.015)
    assert (leaf == 9).mean() == pytest.approx(second, abs=0.015)


def test_a_guest_has_no_favourites(catalogue: Catalogue) -> None:
    leaf = chosen_leaves(catalogue, np.full(N, -1))

    popularity = catalogue.appeal.sum(axis=0) / catalogue.appeal.sum()
    assert (leaf == 3).mean() == pytest.approx(popularity[3], abs=0.01)


def test_the_first_of_a_leaf_sells_best(catalogue: Catalogue) -> None:
    tastes = Tastes(np.array([[3, 9]]), catalogue)

    article = tastes.choose(stream(1, "x"), np.full(N, -1), days=np.full(N, LAST_DAY))

    ranks = np.bincount(article % PER_LEAF)
    assert ranks.argmax() == 0
    # rank weights r ** -0.8: the first against the second is 2 ** 0.8 = 1.74
    assert ranks[0] / ranks[1] == pytest.approx(2**0.8, abs=0.2)


def test_before_it_is_listed_an_article_gives_way_to_the_leafs_first(catalogue: Catalogue) -> None:
    tastes = Tastes(np.array([[3, 9]]), catalogue)

    early = tastes.choose(stream(1, "x"), np.full(N, -1), days=np.full(N, FIRST_DAY))

    assert (catalogue.listed_day[early] <= FIRST_DAY).all()
    assert set(early // PER_LEAF) == set(range(len(catalogue.leaf_names)))


def test_everybody_has_two_favourites(catalogue: Catalogue) -> None:
    people = people_of(RETAIL, 500, seed=7)

    favourites = tastes_of(people, catalogue, seed=7).favourites

    assert favourites.shape == (500, 2)
    assert favourites.min() >= 0
    assert favourites.max() < len(catalogue.leaf_names)


def test_the_patient_wait_for_an_action_within_a_month() -> None:
    campaigns = campaigns_of()
    start = int(campaigns.first_day[0])
    day = np.full(4_000, start - 10)

    moved = _waited(np.ones(4_000, dtype=bool), day, rng=stream(1, "x"), campaigns=campaigns)

    assert set(moved.tolist()) == {start - 10, start, start + 1, start + 2}
    assert (moved != day).mean() == pytest.approx(0.5, abs=0.04)


def test_the_impatient_and_the_far_too_early_do_not_wait() -> None:
    campaigns = campaigns_of()
    day = np.full(500, int(campaigns.first_day[0]) - 60)
    everybody, nobody = np.ones(500, dtype=bool), np.zeros(500, dtype=bool)

    too_early = _waited(everybody, day, rng=stream(1, "x"), campaigns=campaigns)
    impatient = _waited(nobody, day + 55, rng=stream(1, "x"), campaigns=campaigns)

    assert (too_early == day).all()
    assert (impatient == day + 55).all()


def test_nobody_waits_past_the_last_day() -> None:
    day = np.full(500, LAST_DAY)

    moved = _waited(np.ones(500, dtype=bool), day, rng=stream(1, "x"), campaigns=campaigns_of())

    assert (moved == LAST_DAY).all()


def test_a_closed_shops_customers_go_to_an_open_one() -> None:
    stores = stores_of(7)
    closed = int(np.flatnonzero(stores.last_day <= LAST_DAY)[0])
    city = np.full(300, stores.city[closed])
    after = np.full(300, int(stores.last_day[closed]) + 1)

    store = _stores(city, after, stores=stores, rng=stream(1, "x"))

    assert closed not in store
    assert (stores.last_day[store] >= after).all()


def test_people_spread_over_their_citys_shops() -> None:
    stores = stores_of(7)
    cities, counts = np.unique(stores.city, return_counts=True)
    city = int(cities[counts.argmax()])

    store = _stores(np.full(500, city), np.full(500, FIRST_DAY), stores=stores, rng=stream(1, "x"))

    assert set(store.tolist()) == set(np.flatnonzero(stores.city == city).tolist())


def test_an_actions_discount_beats_a_coupon() -> None:
    campaigns = campaigns_of()
    day = np.full(2_000, int(campaigns.first_day[0]))

    discounts = _discounts(np.ones(2_000, dtype=bool), day, campaigns=campaigns, rng=stream(1, "x"))

    assert set(discounts.tolist()) == {20}


def test_coupons_are_for_those_who_hunt_them() -> None:
    day, n = np.full(20_000, FIRST_DAY), 20_000
    hunts = np.arange(n) % 2 == 0

    discounts = _discounts(hunts, day, campaigns=campaigns_of(), rng=stream(1, "x"))

    assert set(discounts.tolist()) == {0, 5, 10}
    assert (discounts[hunts] > 0).mean() == pytest.approx(0.35, abs=0.02)
    assert (discounts[~hunts] > 0).mean() == pytest.approx(0.06, abs=0.01)
