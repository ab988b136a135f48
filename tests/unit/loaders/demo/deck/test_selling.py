"""The deck's orders and baskets as files: money kept, times in order, guests apart."""

from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pytest

from loaders.demo.company import Export
from loaders.demo.deck.figures import BASKETS, PRICES
from loaders.demo.deck.population import Members, members_of
from loaders.demo.deck.selling import Orders, club, counter, orders_of
from loaders.demo.profile import CLOSES, OPENS

SEED = 5


@cache
def members() -> Members:
    return members_of(SEED)


@cache
def orders() -> Orders:
    return orders_of(members(), seed=SEED)


@cache
def of_club() -> Export:
    return club(members(), seed=SEED)


@cache
def of_counter() -> Export:
    return counter(seed=SEED)


def rows(export: Export, name: str) -> pd.DataFrame:
    (extract,) = (extract for extract in export.extracts if extract.name == name)
    frame: pd.DataFrame = extract.rows.to_pandas()
    return frame


# ---------------------------------------------------------------------------- members' orders


def test_every_member_has_as_many_orders_as_planned() -> None:
    assert (np.bincount(orders().member) == members().n_orders).all()


def test_orders_of_a_member_sum_up_to_the_spend() -> None:
    paid = np.zeros(len(members()), np.int64)

    np.add.at(paid, orders().member, orders().amount)

    assert (paid == members().spend).all()


def test_every_order_is_worth_something() -> None:
    assert orders().amount.min() > 0


def test_the_last_order_of_a_member_is_at_the_planned_time() -> None:
    latest = np.zeros(len(members()), np.int64)

    np.maximum.at(latest, orders().member, orders().at)

    assert (latest == members().last_at).all()


def test_orders_of_a_member_stand_in_the_order_of_their_times() -> None:
    same = np.diff(orders().member) == 0

    assert (np.diff(orders().member) >= 0).all()
    assert (np.diff(orders().at)[same] >= 0).all()
    assert orders().at.min() >= OPENS


def test_amounts_of_a_member_differ() -> None:
    busiest = int(np.argmax(members().n_orders))

    amounts = orders().amount[orders().member == busiest]

    assert amounts.std() > 0.3 * amounts.mean()


def test_the_club_exports_what_was_drawn() -> None:
    sold = rows(of_club(), "orders")

    assert sold["order_no"].is_unique
    assert (sold["amount"].map(lambda yuan: int(yuan * 100)) == orders().amount).all()
    seconds = sold["ordered_at"].astype("datetime64[s]").astype("int64")
    assert (seconds == orders().at).all()
    assert of_club().counts == {
        "accounts": 9_965,
        "identifiers": 9_965,
        "orders": 110_110,
        "posts": 2_894,
    }


def test_a_member_joins_with_the_first_order() -> None:
    joined = rows(of_club(), "members").set_index("member_no")["joined_at"]

    first = rows(of_club(), "orders").groupby("member_no")["ordered_at"].min()

    assert (joined.sort_index() == first.sort_index()).all()


def test_members_are_numbered_in_no_order_of_groups() -> None:
    numbers = of_club().account_keys.to_pandas().str[1:].astype(int)

    assert sorted(numbers) == list(range(1, 9_966))
    assert numbers[members().group == 1].between(1, 9_965 // 2).mean() == pytest.approx(
        0.5, abs=0.05
    )


def test_members_stand_in_the_file_by_number() -> None:
    assert rows(of_club(), "members")["member_no"].is_monotonic_increasing


# ----------------------------------------------------------------------------- guests' baskets


def held() -> Counter[tuple[str, ...]]:
    """Count baskets by the categories in them, read from the files alone."""
    lines, articles, categories = (
        rows(of_counter(), name) for name in ("lines", "articles", "categories")
    )
    names = articles.merge(categories, left_on="category", right_on="code").set_index("sku")
    by_basket = lines.assign(name=lines["sku"].map(names["name"])).groupby("receipt_no")["name"]
    return Counter(tuple(sorted(basket)) for basket in by_basket.agg(list))


def test_baskets_hold_what_the_rules_need() -> None:
    assert held() == {tuple(sorted(names)): n for names, n in BASKETS.items()}


def test_every_receipt_has_lines_and_every_line_a_receipt() -> None:
    receipts, lines = rows(of_counter(), "receipts"), rows(of_counter(), "lines")

    assert receipts["receipt_no"].is_unique
    assert set(lines["receipt_no"]) == set(receipts["receipt_no"])
    assert not lines.duplicated(["receipt_no", "line_no"]).any()
    assert set(lines["line_no"]) == {"1", "2"}


def test_baskets_of_interest_come_at_no_special_time() -> None:
    lines = rows(of_counter(), "lines")
    sku = rows(of_counter(), "articles").set_index("title")["sku"]
    number = lines["receipt_no"].str[1:].astype(int)

    shoes = number[lines["sku"] == sku["鞋帽类/女鞋"]]

    # of 775 numbers below 12,420, five standard errors
    assert shoes.mean() == pytest.approx(6_210, abs=650)


def test_guests_have_no_account() -> None:
    assert len(of_counter().account_keys) == len(of_counter().persons) == 0
    assert "accounts" not in of_counter().counts
    assert rows(of_counter(), "receipts").columns.tolist() == ["receipt_no", "sold_at"]


def test_guests_buy_while_members_do() -> None:
    seconds = rows(of_counter(), "receipts")["sold_at"].astype("datetime64[s]").astype("int64")

    assert seconds.is_monotonic_increasing
    assert seconds.min() >= OPENS
    assert seconds.max() < CLOSES


def test_a_line_costs_the_price_of_its_article() -> None:
    articles = rows(of_counter(), "articles").set_index("sku")
    lines = rows(of_counter(), "lines")

    assert (lines["amount"] == lines["sku"].map(articles["price"])).all()
    assert dict(zip(articles["title"], articles["price"].astype(int), strict=True)) == PRICES


def test_each_category_is_called_like_its_one_article() -> None:
    categories = rows(of_counter(), "categories").set_index("code")["name"]
    articles = rows(of_counter(), "articles")

    assert (articles["category"].map(categories) == articles["title"]).all()
    assert articles["category"].is_unique


def test_counts_are_those_of_the_files() -> None:
    assert of_counter().counts == {
        "categories": 11,
        "products": 11,
        "orders": 12_419,
        "order_lines": 12_419 + 13,  # thirteen baskets hold two things
    }


def test_order_numbers_of_members_and_receipts_never_meet() -> None:
    assert not set(rows(of_club(), "orders")["order_no"]) & set(
        rows(of_counter(), "receipts")["receipt_no"]
    )
