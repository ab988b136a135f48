"""The tills and the call centre: wrong digits, invented numbers, the shop's own."""

import numpy as np
import pandas as pd
import pytest

from loaders.demo.vocabulary import words
from tests.chances import near
from tests.identity_company import Made, default_phones, made, quiet, store_phones


def cards() -> pd.DataFrame:
    return made().rows("till", "cards")


def calls() -> pd.DataFrame:
    return made().rows("call", "calls")


def is_wrong(company: Made, rows: pd.DataFrame) -> "pd.Series[bool]":
    """Tell whether a typed number is none of those that its person has."""
    own = [
        phone in company.phones_of(person)
        for phone, person in zip(rows["phone"], rows["person"], strict=True)
    ]
    return ~pd.Series(own, index=rows.index)


def typed(company: Made, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose number was meant to be the customer's."""
    is_nobodys = rows["phone"].isin(default_phones() | store_phones(company))
    return rows[rows["phone"].notna() & ~is_nobodys]


def test_a_number_of_a_card_is_typed_at_the_stated_rate() -> None:
    rows = cards()
    rest = rows[~rows["phone"].isin(default_phones() | store_phones(made()))]

    # defaults are drawn over all cards
    assert rest["phone"].notna().mean() == near(0.55, n=len(rest))


@pytest.mark.parametrize(("rows", "rate"), [(cards, 0.015), (calls, 0.03)], ids=["till", "call"])
def test_digits_are_wrong_at_the_stated_rate(rows: object, rate: float) -> None:
    assert callable(rows)
    found = typed(made(), rows())

    assert is_wrong(made(), found).mean() == near(rate, n=len(found))


def test_one_wrong_number_in_seven_is_somebody_elses() -> None:
    found = pd.concat([typed(made(), cards()), typed(made(), calls())], ignore_index=True)
    wrong = found[is_wrong(made(), found)]
    phones = made().world.people.phones
    everybodys = set(phones.first.tolist()) | set(phones.later.tolist())
    everybodys |= set(phones.second(np.arange(len(phones.first))).tolist())

    hits = wrong["phone"].astype(np.int64).isin(everybodys)

    assert len(wrong) > 200
    assert hits.mean() == near(0.15, n=len(wrong))


def test_a_wrong_number_is_still_a_number() -> None:
    found = typed(made(), cards())["phone"]

    assert found.str.fullmatch("1[3-9][0-9]{9}").all()


def test_nobody_mistypes_where_the_rates_say_so() -> None:
    for source, relation in (("till", "cards"), ("call", "calls")):
        rows = quiet().rows(source, relation).dropna(subset=["phone"])
        assert not is_wrong(quiet(), rows).any()


def test_defaults_stand_on_one_card_in_a_hundred() -> None:
    rows = cards()

    assert rows["phone"].isin(default_phones()).mean() == near(0.01, n=len(rows))


def test_a_few_defaults_are_far_commoner_than_the_others() -> None:
    pool = words("machines", "default_phones")
    counts = cards()["phone"].value_counts().reindex(pool, fill_value=0)

    # Zipf: the first of thirty has a quarter, the first three 46 %
    assert len(pool) == 30
    n = int(counts.sum())
    harmonic = sum(1 / rank for rank in range(1, 31))
    assert counts.iloc[0] / n == near(1 / harmonic, n=n)
    assert counts.iloc[:3].sum() / n == near((1 + 1 / 2 + 1 / 3) / harmonic, n=n)


def test_the_shops_own_number_stands_on_eight_cards_in_a_thousand() -> None:
    rows = cards()

    is_clerks = rows["phone"].isin(store_phones(made()))

    assert is_clerks.mean() == near(0.008, n=len(rows))


def test_a_clerk_types_the_number_of_the_shop_that_opened_the_card() -> None:
    rows = cards()
    clerks = rows[rows["phone"].isin(store_phones(made()))]

    assert clerks.groupby("phone")["store"].nunique().max() == 1
    assert clerks.groupby("store")["phone"].nunique().max() == 1
    assert clerks["phone_until"].notna().all()


def test_the_shops_number_is_of_strangers() -> None:
    clerks = cards()[lambda rows: rows["phone"].isin(store_phones(made()))]

    assert clerks.groupby("phone")["household"].nunique().max() >= 3


def test_a_number_of_a_shop_is_no_customers() -> None:
    phones = made().world.people.phones

    assert not store_phones(made()) & set(map(str, phones.first.tolist()))


def test_member_numbers_are_read_off_the_holders_own_card() -> None:
    members = made().rows("crm", "members").set_index("member_no")["person"]
    rows = cards()
    read = rows.dropna(subset=["member_no"])

    assert (members[read["member_no"]].to_numpy() == read["person"].to_numpy()).all()
    has_card = rows["person"].isin(members)
    assert rows.loc[has_card, "member_no"].notna().mean() == near(0.25, n=int(has_card.sum()))


def test_a_card_is_opened_before_it_is_last_used() -> None:
    rows = cards()

    assert (rows["opened_at"] <= rows["last_used_at"]).all()
    assert (rows["phone_until"].dropna() <= rows["last_used_at"][rows["phone"].notna()]).all()


def test_a_call_is_a_record_of_its_own() -> None:
    rows = calls()

    assert rows["call_id"].is_unique
    assert rows["phone"].notna().mean() == near(0.70, n=len(rows))
    assert rows["city"].notna().mean() == near(0.5, n=len(rows))


def test_keys_show_no_order() -> None:
    keys = cards()["card_no"].str[1:].astype(int)

    assert keys.is_unique
    assert abs(keys.corr(pd.Series(range(len(keys))))) < 0.05
