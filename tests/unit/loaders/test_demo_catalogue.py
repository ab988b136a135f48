"""What the demo company sells: a whole tree, sane prices, planted partners, shops that close."""

import json
from datetime import date

import numpy as np
import pytest

from loaders.demo.calendar import (
    IN_SHOP,
    ONLINE,
    busyness_at,
    day_of,
    intensity,
    months,
    seconds_in,
)
from loaders.demo.catalogue import (
    N_STORES,
    PER_LEAF,
    Campaigns,
    Catalogue,
    Stores,
    campaigns_of,
    catalogue_of,
    money,
    stores_of,
)
from loaders.demo.draw import stream
from loaders.demo.profile import DAY, FIRST_DAY, LAST_DAY, OPENS
from loaders.demo.vocabulary import assortment


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogue_of(7)


@pytest.fixture(scope="module")
def stores() -> Stores:
    return stores_of(7)


@pytest.fixture(scope="module")
def campaigns() -> Campaigns:
    return campaigns_of()


def day(text: str) -> int:
    return int((date.fromisoformat(text) - date(1970, 1, 1)).days)


def test_the_two_years_are_what_they_say() -> None:
    assert day("2024-07-01") == FIRST_DAY
    assert day("2026-06-30") == LAST_DAY


def test_categories_are_a_tree_of_three_levels(catalogue: Catalogue) -> None:
    parent = {row["code"]: row["parent_code"] for row in catalogue.categories.to_pylist()}

    def depth(code: str | None) -> int:
        return 0 if code is None else 1 + depth(parent[code])

    depths = [depth(code) for code in parent]
    assert (depths.count(1), depths.count(2), depths.count(3)) == (8, 18, 44)


def test_every_article_lies_in_a_leaf(catalogue: Catalogue) -> None:
    rows = catalogue.categories.to_pylist()
    leaves = {row["code"] for row in rows} - {row["parent_code"] for row in rows}

    used = catalogue.products["category_code"].to_pylist()

    assert set(used) == leaves
    assert len(used) == 44 * PER_LEAF == 308


def test_articles_are_named_after_their_leaf_and_brand(catalogue: Catalogue) -> None:
    for row, leaf in zip(catalogue.products.to_pylist(), catalogue.leaf.tolist(), strict=True):
        assert row["title"].startswith(row["brand"])
        assert row["title"].endswith(catalogue.leaf_names[leaf])


def test_keys_are_all_different(catalogue: Catalogue) -> None:
    assert len(set(catalogue.keys.to_pylist())) == 308
    assert len(set(catalogue.categories["code"].to_pylist())) == 70


def test_prices_lie_between_the_leafs_ends_and_above_cost(catalogue: Catalogue) -> None:
    ends = {
        name: (low, high)
        for department in assortment()["department"]
        for leaves in department["groups"].values()
        for name, low, high in leaves
    }

    for row, leaf in zip(catalogue.products.to_pylist(), catalogue.leaf.tolist(), strict=True):
        low, high = ends[catalogue.leaf_names[leaf]]
        assert low <= row["price"] < high + 1
        assert 0 < row["cost"] < row["price"]


def test_attributes_are_json_with_at_least_five_entries(catalogue: Catalogue) -> None:
    attributes = [json.loads(text) for text in catalogue.products["attributes"].to_pylist()]

    assert all(len(one) >= 5 and {"产地", "用户评价", "重量"} <= set(one) for one in attributes)
    names = {name for one in attributes for name in one}
    assert {"颜色", "尺码", "材质", "场景", "口味", "香型", "成分", "规格", "款式"} <= names


def test_planted_pairs_join_articles_of_the_named_leaves(catalogue: Catalogue) -> None:
    named = {tuple(pair) for pair in assortment()["pairs"]}
    has_partner = np.flatnonzero(catalogue.partner >= 0)

    found = {
        (catalogue.leaf_names[catalogue.leaf[a]], catalogue.leaf_names[catalogue.leaf[b]])
        for a, b in zip(has_partner.tolist(), catalogue.partner[has_partner].tolist(), strict=True)
    }

    assert found == named


def test_a_leafs_best_seller_was_there_before_the_files(catalogue: Catalogue) -> None:
    assert (catalogue.listed_day[::PER_LEAF] < FIRST_DAY).all()
    assert (catalogue.listed_day > FIRST_DAY).any()


def test_the_catalogue_depends_on_the_seed_alone(catalogue: Catalogue) -> None:
    assert catalogue_of(7).products.equals(catalogue.products)
    assert not catalogue_of(8).products.equals(catalogue.products)


def test_money_is_exact_also_below_zero() -> None:
    cents = np.array([0, 1, -1, 123_456_789_012, -5_000])

    assert [str(value) for value in money(cents).to_pylist()] == [
        "0.00", "0.01", "-0.01", "1234567890.12", "-50.00",
    ]  # fmt: skip


def test_three_shops_close_and_say_so(stores: Stores) -> None:
    closed = [row for row in stores.rows.to_pylist() if row["closed_on"] is not None]

    assert (stores.rows.num_rows, len(closed)) == (N_STORES, 3)
    assert all(date(2024, 7, 1) < row["closed_on"] < date(2026, 6, 30) for row in closed)
    assert all(row["score"] == 30.0 for row in closed)


def test_shops_have_a_region_and_a_score_between_0_and_100(stores: Stores) -> None:
    rows = stores.rows.to_pylist()

    regions = {row["region"] for row in rows}
    assert regions <= {"华北", "东北", "华东", "华中", "华南", "西南", "西北"}
    assert len(regions) >= 5
    assert all(0 <= row["score"] <= 100 and row["opened_on"] < date(2024, 7, 1) for row in rows)


@pytest.mark.parametrize(
    ("text", "discount"),
    [
        ("2024-10-31", 0),
        ("2024-11-01", 20),
        ("2024-11-11", 20),
        ("2024-11-12", 0),
        ("2025-04-19", 10),
        ("2025-08-26", 0),  # an action without a price
        ("2026-06-18", 20),
        ("2024-07-01", 0),
    ],
)
def test_the_discount_of_a_day_is_its_actions(
    campaigns: Campaigns, *, text: str, discount: int
) -> None:
    assert campaigns.discount_on(np.array([day(text)])).tolist() == [discount]


def test_actions_do_not_overlap_and_lie_in_the_two_years(campaigns: Campaigns) -> None:
    assert (campaigns.first_day[1:] > campaigns.last_day[:-1]).all()
    assert campaigns.first_day.min() >= FIRST_DAY
    assert campaigns.last_day.max() <= LAST_DAY
    assert campaigns.rows["结束日期"].to_pylist()[0] == "2024-11-11"


def test_a_weekend_and_an_action_are_busier(campaigns: Campaigns) -> None:
    busy = np.diff(intensity(campaigns))

    friday, saturday = day("2024-07-05") - FIRST_DAY, day("2024-07-06") - FIRST_DAY
    assert busy[saturday] / busy[friday] == pytest.approx(1.35)
    before, during = day("2025-04-17") - FIRST_DAY, day("2025-04-18") - FIRST_DAY
    assert busy[during] / busy[before] == pytest.approx(1.5)  # a Thursday and a Friday


def test_busyness_and_days_are_inverse(campaigns: Campaigns) -> None:
    cumulated = intensity(campaigns)
    noons = np.arange(FIRST_DAY, LAST_DAY + 1) * DAY + DAY // 2

    days = day_of(busyness_at(noons, cumulated), cumulated)

    assert days.tolist() == list(range(FIRST_DAY, LAST_DAY + 1))


def test_days_stay_inside_the_two_years(campaigns: Campaigns) -> None:
    cumulated = intensity(campaigns)

    days = day_of(np.array([0.0, cumulated[-1]]), cumulated)

    assert days.tolist() == [FIRST_DAY, LAST_DAY]


def test_shops_sell_in_opening_hours_only() -> None:
    days = np.full(20_000, FIRST_DAY)

    in_shop = seconds_in(days, hours=IN_SHOP, rng=stream(1, "x")) % DAY // 3600
    online = seconds_in(days, hours=ONLINE, rng=stream(1, "x")) % DAY // 3600

    assert (in_shop.min(), in_shop.max()) == (9, 21)
    assert set(range(9, 24)) <= set(online.tolist())


def test_months_are_counted_from_1970() -> None:
    assert months(np.array([0, OPENS, OPENS - 1])).tolist() == [0, 654, 653]
