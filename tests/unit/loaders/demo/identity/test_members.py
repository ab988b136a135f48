"""CRM and shop: what is filled, what is invented, scalpers' accounts, orders and logins."""

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from loaders.demo.identity import DEFAULT
from loaders.demo.vocabulary import words
from tests.chances import near
from tests.identity_company import default_phones, made

SYSTEMS = [("crm", "members", "member_no"), ("shop", "users", "user_id")]


def rows_of(source: str) -> pd.DataFrame:
    relation = {"crm": "members", "shop": "users"}[source]
    return made().rows(source, relation)


def scalpers_accounts() -> pd.DataFrame:
    rows = rows_of("shop")
    return rows[rows["person"].isin(made().world.scalpers)]


@pytest.mark.parametrize(("source", "relation", "key"), SYSTEMS)
def test_keys_are_unique_and_show_no_order(source: str, relation: str, key: str) -> None:
    keys = made().rows(source, relation)[key]

    assert keys.str.fullmatch(r"[MS]\d{8}").all()
    assert keys.is_unique
    assert abs(keys.str[1:].astype(int).corr(pd.Series(range(len(keys))))) < 0.05


@pytest.mark.parametrize(
    ("source", "column", "share"),
    [
        ("crm", "phone", DEFAULT.crm_phone),
        ("crm", "email", DEFAULT.crm_mail),
        ("crm", "birth_date", DEFAULT.crm_birth_date),
        ("crm", "address", DEFAULT.crm_address),
        ("crm", "union_id", DEFAULT.wechat),
        ("crm", "gender", 0.9),
        ("crm", "city", 0.95),
        ("shop", "phone", DEFAULT.shop_phone),
        ("shop", "email", DEFAULT.shop_mail),
        ("shop", "birth_date", DEFAULT.shop_birth_date),
        ("shop", "address", DEFAULT.shop_address),
        ("shop", "open_id", DEFAULT.shop_open_id),
    ],
)
def test_cells_are_filled_at_their_rates(source: str, column: str, share: float) -> None:
    cells = rows_of(source)[column]

    assert cells.notna().mean() == near(share, n=len(cells))


def test_defaults_are_typed_on_two_accounts_in_a_thousand() -> None:
    phones = pd.concat([rows_of("crm")["phone"], rows_of("shop")["phone"]])

    assert phones.isin(default_phones()).mean() == near(0.002, n=len(phones))


def test_three_mails_in_a_thousand_are_placeholders() -> None:
    mails = pd.concat([rows_of("crm")["email"], rows_of("shop")["email"]]).dropna()

    is_placeholder = mails.isin(words("machines", "placeholder_mails"))

    assert is_placeholder.mean() == near(0.003, n=len(mails))


def test_thirty_different_placeholders_are_in_use() -> None:
    pool = words("machines", "placeholder_mails")

    assert (len(pool), len(set(pool))) == (30, 30)
    assert pool[0] == "test@test.com"


def test_a_mail_that_is_none_of_them_is_the_persons_or_the_partners() -> None:
    mails = rows_of("crm").dropna(subset=["email"])
    mails = mails[~mails["email"].isin(words("machines", "placeholder_mails"))]
    people = made().world.people

    right = np.array(people.mails.to_pylist())[people.mail[mails["person"]]]

    assert (mails["email"] == right).all()


def test_a_union_id_is_one_persons_and_an_open_id_one_accounts() -> None:
    both = pd.concat([rows_of("crm"), rows_of("shop")]).dropna(subset=["union_id"])
    open_ids = rows_of("shop")["open_id"].dropna()

    assert both.groupby("union_id")["person"].nunique().max() == 1
    assert both.groupby("person")["union_id"].nunique().max() == 1
    assert open_ids.is_unique


def test_further_accounts_are_often_under_the_second_number() -> None:
    members = rows_of("crm").dropna(subset=["phone"])
    members = members[~members["phone"].isin(default_phones())]
    again = members[members.duplicated("person")]
    phones = made().world.people.phones

    is_second = again["phone"] == phones.second(again["person"].to_numpy()).astype(str)

    # half of them anyway, and two in five of those who carry two
    expected = 0.5 + 0.5 * 0.35 * DEFAULT.gives_second
    assert len(again) > 200
    assert is_second.mean() == near(expected, n=len(again))


def test_accounts_are_seen_from_the_day_that_they_were_opened() -> None:
    for source in ("crm", "shop"):
        rows = rows_of(source)
        assert (rows["registered_at"] <= rows["last_seen_at"]).all()
        known = rows.dropna(subset=["phone_until"])
        assert (known["registered_at"] <= known["phone_until"]).all()
        assert (known["phone_until"] <= known["last_seen_at"]).all()


# ---------------------------------------------------------------- scalpers


def test_a_scalper_opened_nearly_all_accounts_through_one_wechat() -> None:
    accounts = scalpers_accounts()

    assert accounts["union_id"].notna().mean() == near(0.98, n=len(accounts))
    assert accounts.groupby("person")["union_id"].nunique().max() == 1


def test_a_scalpers_sim_card_serves_two_accounts_at_most() -> None:
    phones = scalpers_accounts()["phone"].dropna()
    per_phone = phones[~phones.isin(default_phones())].value_counts()

    assert per_phone.max() == 2


def test_a_scalper_sends_parcels_to_hundreds_of_places() -> None:
    accounts = scalpers_accounts().dropna(subset=["address"])

    per_scalper = accounts.groupby("person")["address"].agg(["nunique", "size"])

    assert (per_scalper["nunique"] == per_scalper["size"]).all()
    assert per_scalper["nunique"].max() > 100


def test_everybody_elses_address_is_that_of_the_home() -> None:
    rows = rows_of("shop").dropna(subset=["address"])
    rows = rows[~rows["person"].isin(made().world.scalpers)]

    assert rows.groupby("household")["address"].nunique().max() == 1


# ---------------------------------------------------------------- orders


@pytest.mark.parametrize(("source", "key"), [("crm", "member_no"), ("shop", "user_id")])
def test_an_account_has_one_order_or_two(source: str, key: str) -> None:
    orders = made().rows(source, "orders")

    per_account = orders["buyer"].value_counts()

    assert set(per_account.index) == set(rows_of(source)[key])
    assert set(per_account.unique()) == {1, 2}
    assert (per_account == 2).mean() == near(0.5, n=len(per_account))


@pytest.mark.parametrize(("source", "key"), [("crm", "member_no"), ("shop", "user_id")])
def test_an_order_is_placed_while_the_account_is_in_use(source: str, key: str) -> None:
    accounts = rows_of(source).set_index(key)
    orders = made().rows(source, "orders")
    opened, seen = (
        accounts.loc[orders["buyer"], c].to_numpy() for c in ("registered_at", "last_seen_at")
    )

    assert orders["order_no"].is_unique
    assert (orders["ordered_at"].to_numpy() >= opened).all()
    assert (orders["ordered_at"].to_numpy() <= seen).all()


def test_amounts_are_exact_and_positive() -> None:
    amounts = made().rows("shop", "orders")["amount"]

    assert all(isinstance(a, Decimal) and a == a.quantize(Decimal("0.01")) for a in amounts)
    assert 1 < amounts.min() < amounts.astype(float).median() < amounts.max()
    # exp(9.6) hundredths and one yuan
    assert float(amounts.astype(float).median()) == pytest.approx(148.6, rel=0.05)


# ---------------------------------------------------------------- logins


def test_who_logged_in_is_an_account_of_the_visitors_person() -> None:
    logins = made().rows("shop", "logins")
    visitors = made().rows("web", "visitors")
    person = rows_of("shop").set_index("user_id")["person"]
    known = visitors[visitors["logged_in"]]

    pairs = set(zip(known["person"], known["cookie"], strict=True))
    found = set(zip(person[logins["user_id"]], logins["cookie"], strict=True))

    assert pairs <= found


def test_nobody_logs_in_before_the_account_was_opened() -> None:
    logins = made().rows("shop", "logins")
    opened = rows_of("shop").set_index("user_id")["registered_at"]

    assert (logins["first_login_at"].to_numpy() >= opened[logins["user_id"]].to_numpy()).all()
    assert (logins["first_login_at"] <= logins["last_login_at"]).all()
    assert logins["last_login_at"].max() < pd.Timestamp("2026-07-01")
