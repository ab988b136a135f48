"""Cookies: shared at home, logged in on by a third, and everybody's at a kiosk."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loaders.demo.draw import stream
from loaders.demo.identity import DEFAULT
from loaders.demo.identity.browsing import browsing_of, first_cookies, kiosk_sizes
from loaders.demo.identity.world import world_of
from tests.chances import near, tail_index
from tests.identity_company import Made, N, made


def visitors() -> pd.DataFrame:
    return made().rows("web", "visitors")


def kiosk_cookies(company: Made) -> set[str]:
    """Return the cookies that people of more than two homes share."""
    logins = company.rows("shop", "logins")
    users = company.rows("shop", "users").set_index("user_id")["household"]
    homes = logins.assign(home=users[logins["user_id"]].to_numpy()).groupby("cookie")["home"]
    counts = homes.nunique()
    return set(counts[counts > 2].index)


def test_a_person_has_eleven_cookies_in_ten() -> None:
    own = visitors()[lambda rows: ~rows["cookie"].isin(kiosk_cookies(made()))]

    per_person = own.groupby("person").size()

    assert len(per_person) == N
    assert set(per_person.unique()) == {1, 2}
    assert (per_person == 2).mean() == near(0.10, n=N)


def test_other_members_use_the_heads_browser_at_the_stated_rate() -> None:
    world = made().world
    is_member = world.people.homes.place > 0

    borrows = first_cookies(world) != np.arange(N)

    assert borrows[is_member].mean() == near(0.10, n=int(is_member.sum()))
    assert not borrows[~is_member].any()


def test_a_browser_is_shared_within_one_home_only() -> None:
    own = visitors()[lambda rows: ~rows["cookie"].isin(kiosk_cookies(made()))]

    per_cookie = own.groupby("cookie").agg(
        homes=("household", "nunique"), persons=("person", "nunique")
    )

    assert (per_cookie["homes"] == 1).all()
    assert (per_cookie["persons"] > 1).sum() > 500


def test_a_third_of_the_visitors_logged_in_and_every_one_has_an_account() -> None:
    rows = visitors()
    shop = made().world.registers["shop"]

    assert rows["logged_in"].mean() == near(0.35, n=len(rows))
    assert shop.holds(rows.loc[rows["logged_in"], "person"].to_numpy()).all()


def test_more_cannot_log_in_than_have_an_account() -> None:
    world = world_of(replace(DEFAULT, logged_in=0.9), 2_000, seed=1)

    browsing = browsing_of(world)

    has_account = world.registers["shop"].holds(browsing.person)
    assert (browsing.logged_in == has_account).all()


def test_visits_begin_before_they_end_and_lie_in_the_three_years() -> None:
    rows = visitors()

    assert (rows["first_visit_at"] <= rows["last_visit_at"]).all()
    assert rows["first_visit_at"].min() >= pd.Timestamp("2023-07-01")
    assert rows["last_visit_at"].max() < pd.Timestamp("2026-07-01")


# ---------------------------------------------------------------- kiosks


def test_there_is_one_kiosk_to_twenty_thousand_customers() -> None:
    assert len(kiosk_cookies(made())) == N // 20_000


def test_fifty_to_two_thousand_people_log_in_at_a_kiosk() -> None:
    logins = made().rows("shop", "logins")
    users = made().rows("shop", "users").set_index("user_id")["person"]
    at_kiosk = logins[logins["cookie"].isin(kiosk_cookies(made()))]

    persons = users[at_kiosk["user_id"]]

    assert 50 <= persons.nunique() <= 2000
    assert persons.is_unique


def test_some_look_around_at_the_kiosk_before_they_log_in() -> None:
    company = Made(replace(DEFAULT, kiosks=10 / 4_000), 4_000, seed=2)
    cookies = kiosk_cookies(company)
    rows = company.rows("web", "visitors")
    lingers = rows[rows["cookie"].isin(cookies)]
    n_logins = company.rows("shop", "logins")["cookie"].isin(cookies).sum()

    assert len(cookies) == 10
    assert len(lingers) / n_logins == near(0.30, n=int(n_logins))
    assert not lingers["logged_in"].any()


def test_kiosks_sizes_are_those_of_a_pareto_distribution() -> None:
    sizes = kiosk_sizes(20_000, rng=stream(1, "kiosks"))

    assert (sizes.min(), sizes.max()) == (50, 2000)
    # P(size > 100) = 2 ** -1.2
    assert (sizes >= 100).mean() == near(2**-1.2, n=20_000)
    assert tail_index(sizes[sizes < 1000], top=4_000) == pytest.approx(1.2, rel=0.5)


def test_a_small_company_has_no_kiosk() -> None:
    browsing = browsing_of(world_of(DEFAULT, 500, seed=1))

    assert not browsing.is_kiosks.any()
    assert not browsing.login_is_kiosks.any()


def test_a_kiosk_never_serves_more_people_than_there_are() -> None:
    world = world_of(replace(DEFAULT, kiosks=0.2), 100, seed=1)

    browsing = browsing_of(world)

    users = int(world.registers["shop"].is_first.sum())
    per_kiosk = np.unique(browsing.login_cookie[browsing.login_is_kiosks], return_counts=True)[1]
    assert len(per_kiosk) == 20
    assert per_kiosk.max() <= users


def test_a_kiosks_cookie_is_nobodys_in_the_oracle() -> None:
    company = Made(replace(DEFAULT, kiosks=10 / 4_000), 4_000, seed=2)
    cookies = kiosk_cookies(company)
    rows = company.rows("web", "visitors")
    accounts = "web:" + rows.loc[rows["cookie"].isin(cookies), "visitor"]

    truth = company.truth
    groups = truth.loc[truth["account_id"].isin(accounts), "oracle"]

    # such a visitor has no other identifier, so nothing may link it
    assert (truth["oracle"].value_counts()[groups] == 1).all()
