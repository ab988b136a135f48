"""What algorithms should find again in the orders and posts, and what must not be there."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from loaders.demo.baskets import ATTRACTION, lines_of
from loaders.demo.catalogue import PER_LEAF, catalogue_of
from loaders.demo.company import company_of
from loaders.demo.draw import Ints
from loaders.demo.profile import DAY, LAST_DAY, RETAIL
from loaders.demo.purchases import order_days
from loaders.demo.vocabulary import assortment
from tests.chances import concentration, near, tail_index
from tests.demo_exports import N, company, rows_of


def partners() -> list[tuple[int, int]]:
    """Return every article with its planted partner."""
    planted = company().catalogue.partner
    return [(int(a), int(planted[a])) for a in np.flatnonzero(planted >= 0)]


def lift(one: int, other: int) -> float:
    """Return how much oftener two articles share a basket than if they were independent."""
    lines = company().lines
    baskets = [set(lines.order[lines.article == article].tolist()) for article in (one, other)]
    n = len(company().orders)
    return len(baskets[0] & baskets[1]) * n / (len(baskets[0]) * len(baskets[1]))


def buyer() -> Ints:
    """Return the person behind each line, -1 for a guest."""
    orders, lines = company().orders, company().lines
    found: Ints = orders.person[lines.order]
    return found


# ---------------------------------------------------------------- articles that belong together


@pytest.mark.parametrize("rank", range(3))
def test_the_best_sellers_of_planted_leaves_are_bought_together_ten_times_as_often(
    rank: int,
) -> None:
    chosen = [pair for pair in partners() if pair[0] % PER_LEAF == rank]

    lifts = [lift(one, other) for one, other in chosen]

    assert len(lifts) >= 10
    assert np.median(lifts) > 10
    assert min(lifts) > 4


def test_articles_of_strange_leaves_are_bought_together_as_by_chance() -> None:
    planted = set(partners()) | {(b, a) for a, b in partners()}
    best = [leaf * PER_LEAF for leaf in range(0, len(company().catalogue.leaf_names), 3)]

    lifts = [
        lift(one, other)
        for place, one in enumerate(best)
        for other in best[place + 1 :]
        if (one, other) not in planted
    ]

    # people keep to their leaves, so strangers meet a little less or more often, never ten times
    assert len(lifts) > 50
    assert 0.5 < np.median(lifts) < 1.6
    assert np.quantile(lifts, 0.95) < 5


def test_a_partner_lands_in_the_basket_at_the_stated_chance() -> None:
    lines, catalogue = company().lines, company().catalogue
    has_partner = catalogue.partner[lines.article] >= 0
    partner = catalogue.partner[lines.article[has_partner]]
    # the pair counts only where the partner was listed by then
    days = order_days(company().orders)[lines.order[has_partner]]
    was_listed = catalogue.listed_day[partner] <= days
    cells = set((lines.order * 1024 + lines.article).tolist())

    wanted = (lines.order[has_partner] * 1024 + partner)[was_listed]
    joined = np.mean([cell in cells for cell in wanted.tolist()])

    # a few would have been there anyway
    assert ATTRACTION < joined < ATTRACTION + 0.06


def test_partners_stand_at_the_same_rank_of_their_leaf_and_never_in_the_same_leaf() -> None:
    for one, other in partners():
        assert one % PER_LEAF == other % PER_LEAF
        assert one // PER_LEAF != other // PER_LEAF


def test_every_pair_of_the_list_is_planted_in_that_direction() -> None:
    names = company().catalogue.leaf_names
    planted = {(names[one // PER_LEAF], names[other // PER_LEAF]) for one, other in partners()}

    assert planted == {(pair[0], pair[1]) for pair in assortment()["pairs"]}


def test_without_lines_beyond_the_first_a_basket_holds_an_article_and_its_partner_at_most() -> None:
    from dataclasses import replace

    lonely = replace(RETAIL, lines_per_order=1.0)
    small = company_of(RETAIL, 2_000, seed=7)

    lines = lines_of(lonely, small.orders, people=small.people, tastes=small.tastes, seed=7)

    counts = np.bincount(lines.order)
    assert set(counts.tolist()) == {1, 2}
    for order in np.flatnonzero(counts == 2).tolist()[:200]:
        one, other = sorted(lines.article[lines.order == order].tolist())
        assert (one, other) in partners() or (other, one) in partners()


# ---------------------------------------------------------------- money


def test_the_price_sensitive_pay_less_of_the_list_price() -> None:
    lines, who = company().lines, buyer()
    hunts = (who >= 0) & company().people.prefers_discount[who]
    plain = (who >= 0) & ~hunts

    saved = [
        1 - lines.amount[flag].sum() / lines.list_amount[flag].sum() for flag in (hunts, plain)
    ]

    assert saved[0] > 1.5 * saved[1]
    assert saved[1] > 0


def test_outside_actions_only_coupons_of_five_and_ten_per_cent_are_given() -> None:
    orders = company().orders
    calm = company().campaigns.discount_on(order_days(orders)) == 0

    assert set(np.unique(orders.discount[calm]).tolist()) == {0, 5, 10}


def test_coupons_are_redeemed_at_the_stated_rates_on_calm_days() -> None:
    orders = company().orders
    calm = company().campaigns.discount_on(order_days(orders)) == 0
    hunts = (orders.person >= 0) & company().people.prefers_discount[orders.person]

    for flag, rate in ((hunts, 0.35), (~hunts, 0.06)):
        used = orders.discount[calm & flag] > 0
        assert used.mean() == near(rate, n=len(used))


def test_nobody_gets_less_than_the_action_of_the_day() -> None:
    orders = company().orders

    assert (orders.discount >= company().campaigns.discount_on(order_days(orders))).all()


def test_resellers_come_six_times_as_often_and_take_three_dozen_of_an_article() -> None:
    lines, who = company().lines, buyer()
    is_bulk = (who >= 0) & company().people.is_reseller[who]
    per_order = np.bincount(company().orders.person[company().orders.person >= 0], minlength=N)
    resells = company().people.is_reseller

    # 12 to 59, each as likely: the mean is 35.5
    taken = lines.quantity[is_bulk]
    assert len(taken) > 200
    assert taken.mean() == pytest.approx(35.5, abs=5 * 13.9 / np.sqrt(len(taken)))
    assert (taken.min(), taken.max()) == (12, 59)
    assert per_order[resells].mean() > 2 * per_order[~resells].mean()


def test_units_of_one_article_a_day_tell_resellers_from_everybody_else() -> None:
    lines, who = company().lines, buyer()
    rows = pd.DataFrame(
        {
            "person": who,
            "article": lines.article,
            "day": order_days(company().orders)[lines.order],
            "units": lines.quantity,
        }
    )
    known = rows[rows["person"] >= 0]

    units = known.groupby(["person", "article", "day"])["units"].sum().groupby("person").max()

    is_reseller = company().people.is_reseller[units.index.to_numpy()]
    assert units[is_reseller].min() >= 12
    # only somebody who comes several times on one day could come near
    assert units[~is_reseller].max() < 12


def test_most_lines_are_of_one_piece() -> None:
    lines, who = company().lines, buyer()
    is_bulk = (who >= 0) & company().people.is_reseller[who]

    quantity = lines.quantity[~is_bulk]

    # 1, and 1 more at 15 %, and 2 more at 3 %
    assert (quantity == 1).mean() == near(0.85 * 0.97, n=len(quantity))
    assert (quantity == 4).mean() == near(0.15 * 0.03, n=len(quantity))
    assert set(np.unique(quantity).tolist()) == {1, 2, 3, 4}


def test_a_fifth_of_the_buyers_brings_more_than_half_of_the_money() -> None:
    spend = company().spend()
    positive = np.sort(spend[spend > 0])[::-1]

    top = positive[: len(positive) // 5].sum() / positive.sum()

    assert 0.5 < top < 0.95


# ---------------------------------------------------------------- shops that close


def test_three_shops_close_and_their_trade_stops_on_their_last_day() -> None:
    orders, stores = company().orders, company().stores
    closed = np.flatnonzero(stores.last_day <= LAST_DAY)
    days = order_days(orders)

    assert len(closed) == 3
    for store in closed.tolist():
        last = int(stores.last_day[store])
        sold = days[orders.store == store]
        assert (sold > last).sum() == 0
        # and it was a living shop in the quarter before
        assert (sold > last - 90).sum() > 0


def test_every_open_shop_still_sells_in_the_last_two_months() -> None:
    orders, stores = company().orders, company().stores
    late = orders.store[orders.at_till & (order_days(orders) > LAST_DAY - 61)]

    busy_stores = set(late.tolist())

    assert busy_stores == set(np.flatnonzero(stores.last_day > LAST_DAY).tolist())


def test_a_closed_shop_has_a_closing_date_and_the_lowest_score() -> None:
    stores = company().stores.rows.to_pandas()

    is_closed = stores["closed_on"].notna()

    assert is_closed.sum() == 3
    assert set(stores.loc[is_closed, "score"]) == {30.0}
    assert stores.loc[~is_closed, "score"].between(50.0, 98.0).all()


# ---------------------------------------------------------------- who is answered


def received() -> "pd.Series[int]":
    posts = rows_of("community", "posts")
    author = posts.set_index("id")["user"]
    counts = posts["parent"].dropna().map(author).value_counts()
    return counts.reindex(author.unique(), fill_value=0)


def test_answers_are_far_less_equally_shared_than_posts_are_written() -> None:
    answers = received().to_numpy()
    posts = rows_of("community", "posts")["user"].value_counts().to_numpy()

    assert concentration(answers) > 0.75
    assert concentration(answers) > concentration(posts) + 0.1


def test_the_number_of_answers_has_a_heavy_tail() -> None:
    answers = received()

    # an exponential tail would show an index of 5 and more
    assert 0.6 < tail_index(answers.to_numpy(), top=100) < 2.5
    assert answers.max() > 30 * answers.mean()


def test_most_members_are_never_answered() -> None:
    assert (received() == 0).mean() > 0.4


def test_likes_follow_the_same_pull_as_answers() -> None:
    posts = rows_of("community", "posts")
    likes = posts.groupby("user")["likes"].mean()

    leaders = received().nlargest(50).index

    assert likes[leaders].median() > 5 * likes.median()


def test_a_leader_is_mostly_a_leader_of_one_topic() -> None:
    posts = rows_of("community", "posts")
    opening = posts[posts["parent"].isna()]
    leaders = received().nlargest(100).index
    shares = [
        topics.value_counts(normalize=True).iloc[0]
        for _, topics in opening[opening["user"].isin(leaders)].groupby("user")["topic"]
        if len(topics) >= 10
    ]

    assert len(shares) > 5
    assert np.median(shares) > 0.6


# ---------------------------------------------------------------- the assortment


def test_prices_rise_in_no_order_within_a_leaf_and_end_as_shops_like_it() -> None:
    price = company().catalogue.price.reshape(-1, PER_LEAF)
    ordered = [all(a <= b for a, b in pairwise(leaf.tolist())) for leaf in price]

    assert np.mean(ordered) < 0.2
    assert set((price % 100).ravel().tolist()) == {0, 90}


def test_the_first_article_of_a_leaf_outsells_its_last() -> None:
    counts = np.bincount(company().lines.article, minlength=len(company().catalogue.price))

    by_rank = counts.reshape(-1, PER_LEAF).sum(axis=0)

    assert by_rank.argmax() == 0
    assert by_rank[0] > 2 * by_rank[-1]


def test_another_seed_prices_the_same_articles_otherwise() -> None:
    one, other = catalogue_of(7), catalogue_of(8)

    assert one.leaf_names == other.leaf_names
    assert one.price.tolist() != other.price.tolist()
    assert one.partner.tolist() == other.partner.tolist()


def test_order_days_are_those_of_the_clock() -> None:
    orders = company().orders

    assert (order_days(orders) == orders.at // DAY).all()
