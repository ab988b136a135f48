"""The people: homes of the census's sizes, mailboxes of couples, an address a home."""

import numpy as np
import pandas as pd

from loaders.demo.draw import stream
from loaders.demo.identity import DEFAULT
from loaders.demo.identity.people import People, addresses_of, people_of, place_names
from loaders.demo.vocabulary import shares, table
from tests.chances import misfit, near
from tests.identity_company import N, made


def people() -> People:
    return made().world.people


def test_households_have_the_sizes_of_the_census() -> None:
    sizes = np.bincount(np.bincount(people().homes.household))[1:]

    assert len(sizes) == 5
    assert misfit(sizes, DEFAULT.household_sizes) < 2.5


def test_everybody_lives_in_one_household_of_the_truth() -> None:
    assert made().truth.groupby("person")["household"].nunique().max() == 1


def test_a_member_comes_right_behind_the_head_of_the_home() -> None:
    homes = people().homes

    assert (homes.head + homes.place == np.arange(N)).all()
    assert (homes.household[homes.head] == homes.household).all()


def test_couples_write_from_one_mailbox_at_the_stated_rate() -> None:
    homes, mail = people().homes, people().mail
    is_spouse = homes.place == 1

    from_heads = mail != np.arange(N)

    assert from_heads[is_spouse].mean() == near(0.05, n=int(is_spouse.sum()))
    assert not from_heads[~is_spouse].any()
    assert (mail[from_heads] == homes.head[from_heads]).all()


def test_mailboxes_are_each_anothers_and_reach_nobody() -> None:
    mails = pd.Series(people().mails.to_pylist())

    assert mails.is_unique
    assert mails.str.fullmatch(r"u\d{9}@(example\.(com|net|org)|(mail|inbox)\.example)").all()


def test_a_home_has_one_address_and_another_home_another() -> None:
    homes, addresses = people().homes, people().addresses
    written = pd.Series(addresses.written().to_pylist())

    assert written.groupby(homes.household).nunique().max() == 1
    n_homes = int(homes.household[-1]) + 1
    assert written.nunique() > 0.99 * n_homes


def test_an_address_names_province_city_road_house_block_and_room() -> None:
    written = pd.Series(people().addresses.written().to_pylist())

    assert written.str.fullmatch(r"\D+(市|自治区|省)\D+市\D+路\d+号\d+栋\d+室").all()


def test_cities_are_as_large_as_they_are() -> None:
    homes = people().homes
    heads = homes.place == 0

    counts = np.bincount(people().addresses.city[heads], minlength=len(table("places", "cities")))

    assert misfit(counts, shares("places", "cities")[1]) < 1.7


def test_a_city_lies_in_its_province() -> None:
    rows = table("places", "cities")
    everywhere = np.arange(len(rows))

    found = zip(
        place_names(everywhere, column=0).to_pylist(),
        place_names(everywhere, column=1).to_pylist(),
        strict=True,
    )

    assert list(found) == [(row[0], row[1]) for row in rows]


def test_addresses_are_replaced_where_asked() -> None:
    one, other = (addresses_of(4, rng=stream(seed, "addresses")) for seed in (1, 2))
    where = np.array([True, False, False, True])

    mixed = one.replaced(where, by=other).written().to_pylist()

    ones, others = one.written().to_pylist(), other.written().to_pylist()
    assert mixed == [others[0], ones[1], ones[2], others[3]]


def test_ages_are_those_of_customers() -> None:
    years = 2026 - pd.to_datetime(pd.Series(people().birth_day), unit="D").dt.year

    assert years.min() >= 13
    assert years.max() <= 93
    assert 25 < years.median() < 55


def test_couples_are_a_woman_and_a_man() -> None:
    homes, is_female = people().homes, people().is_female
    spouse = homes.place == 1

    assert (is_female[spouse] != is_female[homes.head[spouse]]).all()


def test_another_seed_makes_other_people_and_the_same_one_the_same() -> None:
    one, again, other = (people_of(DEFAULT, 500, seed=seed) for seed in (1, 1, 2))

    assert one.mails.equals(again.mails)
    assert one.phones.first.tolist() == again.phones.first.tolist()
    assert one.phones.first.tolist() != other.phones.first.tolist()


def test_more_sharing_leaves_homes_and_names_as_they_are() -> None:
    wild = people_of(DEFAULT.scaled(3.0), 500, seed=1)
    calm = people_of(DEFAULT, 500, seed=1)

    assert wild.homes.household.tolist() == calm.homes.household.tolist()
    assert wild.names.surname.tolist() == calm.names.surname.tolist()
    assert wild.birth_day.tolist() == calm.birth_day.tolist()
