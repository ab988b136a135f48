"""The web shop: cookies, users, lent machines, kiosks and events."""

import numpy as np
import pandas as pd
import pytest

from loaders.demo.profile import RETAIL
from tests.demo_exports import N, company, person_of, rows_of


def test_a_visitor_without_login_is_a_cookie() -> None:
    visitors = rows_of("web", "visitors")

    bare = visitors[~visitors["logged_in"]]

    assert (bare["visitor"] == bare["cookie"]).all()
    assert visitors.loc[visitors["logged_in"], "visitor"].str.startswith("W").all()


def test_a_third_of_the_visitors_log_in() -> None:
    users = rows_of("web", "users")

    share = len(users) / len(company().registers["web"])

    assert share == pytest.approx(RETAIL.logged_in, abs=0.015)


def test_some_cookies_came_with_and_without_login() -> None:
    visitors, owner = rows_of("web", "visitors"), person_of("web")
    bare = set(visitors.loc[~visitors["logged_in"], "cookie"])

    both = visitors[visitors["logged_in"] & visitors["cookie"].isin(bare)]

    assert len(both) > 300
    same = [owner[v] == owner[c] for v, c in zip(both["visitor"], both["cookie"], strict=True)]
    assert np.mean(same) > 0.9  # but for those who borrow a browser


def test_a_kiosk_gathers_many_users_on_one_cookie() -> None:
    visitors = rows_of("web", "visitors")

    users = visitors.groupby("cookie")["visitor"].nunique().sort_values(ascending=False)

    n_kiosks = N // RETAIL.kiosk_per
    assert users.iloc[:n_kiosks].min() >= 45
    assert users.iloc[n_kiosks] < 10


def test_machines_are_lent_at_home_only() -> None:
    visitors, owner = rows_of("web", "visitors"), person_of("web")
    homes = company().people.homes.household
    devices = pd.Series([cell["id"] for cell in visitors["device"]])
    home = pd.Series([homes[owner[key]] for key in visitors["visitor"]])

    assert home.groupby(devices).nunique().max() == 1
    persons = pd.Series([owner[key] for key in visitors["visitor"]])
    assert persons.groupby(devices).nunique().max() >= 2


def test_events_are_of_known_visitors_and_kinds() -> None:
    events = rows_of("web", "events")

    assert set(events["visitor"]) <= set(person_of("web"))
    assert set(events["type"]) == {"view", "search", "fav", "cart", "share"}
    is_search = events["type"] == "search"
    assert events.loc[is_search, "sku"].isna().all()
    assert events.loc[is_search, "keyword"].notna().all()
    assert events.loc[~is_search, "sku"].notna().all()
    assert events["event_id"].is_unique


def test_what_is_bought_online_was_often_in_a_cart_before() -> None:
    events, owner = rows_of("web", "events"), person_of("web")
    carted = events[events["type"] == "cart"]
    carts = set(zip([owner[v] for v in carted["visitor"]], carted["sku"], strict=True))
    buyers, orders = person_of("erp"), rows_of("erp", "orders")
    person_by_order = dict(zip(orders["order_no"], orders["buyer_id"].map(buyers), strict=True))
    first = rows_of("erp", "order_lines").query("line_no == 1")
    visits = set(owner.values())
    pairs = [(person_by_order[o], s) for o, s in zip(first["order_no"], first["sku"], strict=True)]
    pairs = [pair for pair in pairs if pair[0] in visits]

    assert np.mean([pair in carts for pair in pairs]) > 0.35
