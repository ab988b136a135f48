"""What was bought: the volumes of the profile, and the structure that algorithms should find."""

import numpy as np
import pytest

from loaders.demo.baskets import ATTRACTION, Lines
from loaders.demo.catalogue import PER_LEAF
from loaders.demo.company import Company, company_of, first_owners
from loaders.demo.draw import Flags, Ints, stream
from loaders.demo.pos import with_returns
from loaders.demo.profile import CLOSES, LAST_DAY, OPENS, RETAIL
from loaders.demo.purchases import Orders, order_days

N = 40_000


@pytest.fixture(scope="module")
def company() -> Company:
    return company_of(RETAIL, N, seed=7)


def buyers(company: Company) -> Flags:
    everybody = np.arange(N)
    return company.registers["erp"].holds(everybody) | company.registers["pos"].holds(everybody)


def orders_by_person(company: Company) -> Ints:
    person = company.orders.person
    return np.bincount(person[person >= 0], minlength=N)


def test_a_customer_has_about_three_orders_and_ten_lines(company: Company) -> None:
    assert len(company.orders) / N == pytest.approx(3.0, abs=0.06)
    assert len(company.lines) / N == pytest.approx(10.0, abs=0.4)


def test_orders_stand_in_the_order_of_time_within_the_two_years(company: Company) -> None:
    at = company.orders.at

    assert (np.diff(at) >= 0).all()
    assert at.min() >= OPENS
    assert at.max() < CLOSES


def test_only_people_with_an_account_buy_under_their_name(company: Company) -> None:
    assert (orders_by_person(company)[~buyers(company)] == 0).all()


def test_an_order_is_placed_where_the_person_has_an_account(company: Company) -> None:
    orders = company.orders
    known = orders.person >= 0

    online = known & ~orders.at_till
    till = known & orders.at_till

    assert company.registers["erp"].holds(orders.person[online]).all()
    assert company.registers["pos"].holds(orders.person[till]).all()


def test_guests_are_a_share_of_the_till_receipts(company: Company) -> None:
    orders = company.orders

    assert (orders.person[orders.at_till] < 0).mean() == pytest.approx(
        RETAIL.guest_receipts, abs=0.005
    )
    assert (orders.person[~orders.at_till] >= 0).all()


def test_buyers_differ_far_more_than_by_chance(company: Company) -> None:
    counts = orders_by_person(company)[buyers(company)]

    # equal buyers would be Poisson: variance equal to the mean
    assert counts.var() / counts.mean() > 5
    assert (counts == 0).mean() > 0.05


def test_new_customers_join_by_buying(company: Company) -> None:
    is_new = buyers(company) & (company.people.joined_at >= OPENS)

    assert (orders_by_person(company)[is_new] >= 1).all()


def test_nobody_buys_before_joining(company: Company) -> None:
    known = company.orders.person >= 0
    joined = company.people.joined_at[company.orders.person[known]] // 86_400

    assert (company.orders.at[known] // 86_400 >= joined).all()


def test_a_closed_shop_sells_nothing(company: Company) -> None:
    orders, stores = company.orders, company.stores
    closed = np.flatnonzero(stores.last_day <= LAST_DAY)

    for store in closed.tolist():
        days = order_days(orders)[orders.store == store]
        assert len(days) > 0
        assert days.max() <= stores.last_day[store]


def test_people_shop_in_their_own_city_where_there_is_a_shop(company: Company) -> None:
    orders, stores = company.orders, company.stores
    at_till = orders.at_till & (orders.person >= 0)
    home = company.people.city[orders.person[at_till]]
    has_shop = np.isin(home, stores.city[stores.last_day > LAST_DAY])

    same = stores.city[orders.store[at_till]] == home

    # a city's closed shop may send people on to another city
    assert same[has_shop].mean() > 0.9


def test_november_is_the_busiest_month_and_february_a_quiet_one(company: Company) -> None:
    month = company.orders.at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12

    counts = np.bincount(month)

    assert counts[[10, 5]].min() > counts[[0, 1, 2, 3, 4, 6, 7, 8, 9]].max()
    assert counts.argmin() == 1


def test_the_price_sensitive_buy_at_a_discount(company: Company) -> None:
    known = company.orders.person >= 0
    hunts = company.people.prefers_discount[company.orders.person[known]]
    is_cheap = company.orders.discount[known] > 0

    assert is_cheap[hunts].mean() > 2.5 * is_cheap[~hunts].mean()


def test_resellers_take_dozens_of_an_article(company: Company) -> None:
    buyer = company.orders.person[company.lines.order]
    is_bulk = (buyer >= 0) & company.people.is_reseller[buyer]

    assert company.lines.quantity[is_bulk].min() >= 12
    assert company.lines.quantity[~is_bulk].max() <= 4


def test_every_order_has_a_line_and_no_article_twice(company: Company) -> None:
    lines = company.lines

    assert len(set(lines.order.tolist())) == len(company.orders)
    pairs = set(zip(lines.order.tolist(), lines.article.tolist(), strict=True))
    assert len(pairs) == len(lines)


def test_a_line_costs_price_times_quantity_less_the_discount(company: Company) -> None:
    lines, orders = company.lines, company.orders

    for line in range(0, 2_000, 97):
        price = int(company.catalogue.price[lines.article[line]])
        listed = price * int(lines.quantity[line])
        per_cent = 100 - int(orders.discount[lines.order[line]])
        assert lines.list_amount[line] == listed
        assert lines.amount[line] == listed * per_cent // 100


def test_lines_are_numbered_from_one_in_each_order() -> None:
    column = np.zeros(4, dtype=np.int64)
    lines = Lines(np.array([0, 0, 1, 3]), column, column, column, column)

    assert lines.place.tolist() == [1, 2, 1, 1]


def test_chosen_orders_keep_their_lines_under_new_numbers() -> None:
    article = np.array([5, 6, 7, 8])
    lines = Lines(np.array([0, 1, 1, 2]), article, article, article, article)

    kept = lines.of(np.array([False, True, True]))

    assert kept.order.tolist() == [0, 0, 1]
    assert kept.article.tolist() == [6, 7, 8]


def test_an_unlisted_article_does_not_sell(company: Company) -> None:
    lines = company.lines

    listed = company.catalogue.listed_day[lines.article]

    assert (order_days(company.orders)[lines.order] >= listed).all()


def test_planted_partners_share_baskets(company: Company) -> None:
    lines, catalogue = company.lines, company.catalogue
    article = int(np.flatnonzero(catalogue.partner >= 0)[0])
    with_article = set(lines.order[lines.article == article].tolist())
    with_partner = set(lines.order[lines.article == catalogue.partner[article]].tolist())

    together = len(with_article & with_partner) / len(with_article)

    lift = together / (len(with_partner) / len(company.orders))
    assert together > 0.8 * ATTRACTION
    assert lift > 10


def test_people_come_back_to_their_favourite_leaves(company: Company) -> None:
    lines = company.lines
    person = company.orders.person[lines.order]
    known = person >= 0
    leaf = lines.article[known] // PER_LEAF

    favourites = company.tastes.favourites[person[known]]

    assert (leaf[:, None] == favourites).any(axis=1).mean() > 0.4


def test_women_and_men_lean_differently(company: Company) -> None:
    lipstick = company.catalogue.leaf_names.index("口红")
    likes = (company.tastes.favourites == lipstick).any(axis=1)

    assert likes[company.people.is_female].mean() > 3 * likes[~company.people.is_female].mean()


def test_spend_is_the_sum_of_the_amounts_of_known_buyers(company: Company) -> None:
    buyer = company.orders.person[company.lines.order]
    who = int(buyer[buyer >= 0][0])

    assert company.spend()[who] == company.lines.amount[buyer == who].sum()


def returned_company() -> tuple[Orders, Lines]:
    orders = Orders(
        np.array([4, 9]), np.array([OPENS + 40_000, OPENS + 90_000]), np.array([1, 2]),
        np.array([0, 10]),
    )  # fmt: skip
    lines = Lines(
        np.array([0, 1]), np.array([3, 5]), np.array([1, 2]), np.array([100, 180]),
        np.array([100, 200]),
    )  # fmt: skip
    return orders, lines


def test_goods_brought_back_are_a_later_receipt_with_negative_lines() -> None:
    orders, lines = with_returns(*returned_company(), rate=1.0, rng=stream(1, "returns"))

    assert len(orders) == 4
    assert sorted(orders.person.tolist()) == [4, 4, 9, 9]
    back = lines.quantity < 0
    assert sorted(lines.amount[back].tolist()) == [-180, -100]
    assert (lines.list_amount > 0).all()
    sold_at = {4: OPENS + 40_000, 9: OPENS + 90_000}
    for place in lines.order[back].tolist():
        later = orders.at[place] - sold_at[int(orders.person[place])]
        assert 0 < later < 22 * 86_400


def test_receipts_stay_in_the_order_of_time_with_their_own_lines() -> None:
    orders, lines = with_returns(*returned_company(), rate=1.0, rng=stream(2, "returns"))

    assert (np.diff(orders.at) >= 0).all()
    assert (np.diff(lines.order) >= 0).all()
    article_of = {4: 3, 9: 5}
    assert [article_of[int(orders.person[at])] for at in lines.order] == lines.article.tolist()


def test_without_returns_nothing_changes() -> None:
    orders, lines = returned_company()

    same_orders, same_lines = with_returns(orders, lines, rate=0.0, rng=stream(1, "returns"))

    assert same_orders.at.tolist() == orders.at.tolist()
    assert same_lines.amount.tolist() == lines.amount.tolist()


def test_a_shared_key_belongs_to_the_first_who_uses_it_not_to_a_slip() -> None:
    import pyarrow as pa

    keys, persons = first_owners(
        pa.array(["b", "a", "a", "b", "c"]),
        np.array([8, 5, 3, 2, 9]),
        is_slip=np.array([False, False, False, True, True]),
    )

    # a: 3 before 5; b: 2 only mistyped it; c: nobody else has it
    assert dict(zip(keys.to_pylist(), persons.tolist(), strict=True)) == {"a": 3, "b": 8, "c": 9}
