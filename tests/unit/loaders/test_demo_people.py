"""The customers of the demo company: rates near what the profile states, numbers that exist."""

import numpy as np
import phonenumbers
import pytest

from loaders.demo.accounts import register, registers
from loaders.demo.draw import stream
from loaders.demo.people import (
    People,
    addresses,
    cities_of,
    full_names,
    households,
    mobiles,
    people_of,
    person_keys,
)
from loaders.demo.profile import CLOSES, LAST_DAY, OPENS, RETAIL
from loaders.demo.vocabulary import shares, table

N = 100_000


@pytest.fixture(scope="module")
def people() -> People:
    return people_of(RETAIL, N, seed=7)


def test_household_sizes_follow_the_census() -> None:
    homes = households(RETAIL.household_sizes, N, rng=stream(7, "households"))

    sizes = np.bincount(homes.household)[:-1]  # the last one may be cut short
    for size, share in zip(range(1, 6), RETAIL.household_sizes, strict=True):
        assert (sizes == size).mean() == pytest.approx(share, abs=0.01)


def test_a_household_numbers_its_members_and_points_at_its_head() -> None:
    homes = households((0.0, 0.0, 1.0), 7, rng=stream(1, "h"))

    assert homes.household.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert homes.place.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert homes.head.tolist() == [0, 0, 0, 3, 3, 3, 6]


def test_mobiles_are_valid_mainland_numbers() -> None:
    numbers = mobiles(np.arange(500), seed=7)

    for digits in numbers.tolist():
        parsed = phonenumbers.parse(str(digits), "CN")
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def test_mobiles_are_all_different() -> None:
    assert len(set(mobiles(np.arange(3 * N), seed=7).tolist())) == 3 * N


def test_family_members_share_the_heads_number_at_the_stated_rate(people: People) -> None:
    is_member = people.homes.place > 0

    shared = people.phone[is_member] == people.phone[people.homes.head[is_member]]

    assert shared.mean() == pytest.approx(RETAIL.family_phone, abs=0.005)


def test_nobody_shares_a_number_outside_the_household(people: People) -> None:
    pairs = {
        (phone, home)
        for phone, home in zip(people.phone.tolist(), people.homes.household.tolist(), strict=True)
    }

    assert len(pairs) == len(set(people.phone.tolist()))


def test_recycled_numbers_are_somebody_elses_today(people: People) -> None:
    has_changed = people.former_phone > 0

    assert has_changed.mean() == pytest.approx(RETAIL.recycled_phone, abs=0.003)
    assert set(people.former_phone[has_changed].tolist()) <= set(people.phone.tolist())


def test_couples_share_a_mail_at_the_stated_rate(people: People) -> None:
    spouse = np.flatnonzero(people.homes.place == 1)
    mail = np.array(people.mail.to_pylist(), dtype=object)

    own = mail[spouse] != None  # noqa: E711 element by element
    same = (mail[spouse] == mail[people.homes.head[spouse]]) & own

    # seen only where both have a mail at all
    both = own & (mail[people.homes.head[spouse]] != None)  # noqa: E711
    assert 0.02 < same.sum() / both.sum() < 0.12


def test_mails_are_addresses_that_reach_nobody(people: People) -> None:
    hosts = {mail.split("@")[1] for mail in people.mail.drop_null().to_pylist()}

    assert hosts == {"example.com", "example.net", "example.org", "mail.example", "inbox.example"}
    assert 0.4 < people.mail.null_count / N < 0.5


def test_spouses_are_of_two_sexes_and_near_in_age(people: People) -> None:
    spouse = people.homes.place == 1
    head = people.homes.head[spouse]

    assert (people.is_female[spouse] != people.is_female[head]).all()
    years = np.abs(people.birth_day[spouse] - people.birth_day[head]) / 365.25
    assert np.median(years) < 4
    assert people.is_female.mean() == pytest.approx(0.5, abs=0.01)


def test_other_members_are_a_generation_away(people: People) -> None:
    other = people.homes.place >= 2

    years = np.abs(people.birth_day[other] - people.birth_day[people.homes.head[other]]) / 365.25

    assert 22 < np.median(years) < 32


def test_everybody_is_of_an_age_to_buy(people: People) -> None:
    age = (LAST_DAY - people.birth_day) / 365.25

    assert age.min() >= 13.9
    assert age.max() <= 92.1


def test_surnames_are_as_common_as_in_the_country(people: People) -> None:
    names, weights = shares("people", "surnames")
    surnames = people.surname.to_pylist()

    for name in ("王", "李", "赵"):
        expected = weights[names.index(name)] / sum(weights)
        assert surnames.count(name) / N == pytest.approx(expected, abs=0.006)


def test_names_are_a_surname_and_one_or_two_characters(people: People) -> None:
    pairs = zip(people.full_name.to_pylist(), people.surname.to_pylist(), strict=True)

    given = [name.removeprefix(surname) for name, surname in pairs]

    assert {len(name) for name in given} == {1, 2}
    assert sum(len(name) == 1 for name in given) / N == pytest.approx(0.18, abs=0.01)


def test_given_names_come_from_the_characters_of_their_sex() -> None:
    import pyarrow as pa

    names = full_names(
        pa.array(["王"] * 400), np.arange(400) % 2 == 0, rng=stream(1, "names")
    ).to_pylist()

    assert not {c for name in names[::2] for c in name[1:]} & set("伟强磊军")
    assert not {c for name in names[1::2] for c in name[1:]} & set("芳娜敏静")


def test_two_in_five_were_there_before_the_files_begin(people: People) -> None:
    assert (people.joined_at < OPENS).mean() == pytest.approx(0.4, abs=0.01)
    assert people.joined_at.max() < CLOSES


def test_a_household_lives_in_one_city_at_one_address(people: People) -> None:
    home = people.homes.household
    members = np.flatnonzero(home == home[np.flatnonzero(people.homes.place == 2)[0]])

    written = addresses(people, members, seed=7).to_pylist()

    assert len(set(people.city[members].tolist())) == 1
    assert len(members) >= 3
    assert len(set(written)) == 1


def test_an_address_starts_with_its_province_and_city(people: People) -> None:
    persons = np.arange(50)
    known = {str(row[0]): str(row[1]) for row in table("places", "cities")}

    city, province = (column.to_pylist() for column in cities_of(people, persons))

    assert [known[name] for name in city] == province
    lines = addresses(people, persons, seed=7).to_pylist()
    pairs = zip(lines, province, city, strict=True)
    assert all(line.startswith(f"{p}{c}") for line, p, c in pairs)


def test_resellers_and_the_price_sensitive_are_as_many_as_stated(people: People) -> None:
    assert people.prefers_discount.mean() == pytest.approx(RETAIL.price_sensitive, abs=0.01)
    assert 20 <= people.is_reseller.sum() <= 90  # 50 expected of 100,000


def test_people_depend_on_the_seed() -> None:
    first, again, other = (people_of(RETAIL, 50, seed=seed) for seed in (1, 1, 2))

    assert first.full_name.equals(again.full_name)
    assert first.phone.tolist() == again.phone.tolist()
    assert not set(first.phone.tolist()) & set(other.phone.tolist())


def test_person_keys_have_eight_digits() -> None:
    assert person_keys(np.array([0, 12])).to_pylist() == ["P00000000", "P00000012"]


def test_everybody_is_known_to_some_system() -> None:
    known = registers(RETAIL, 5_000, seed=7)

    present = np.zeros(5_000, dtype=bool)
    for one in known.values():
        present |= one.holds(np.arange(5_000))

    assert present.all()
    assert set(known) == {"crm", "erp", "pos", "web", "call", "community", "partner"}


def test_seven_in_ten_have_an_account_in_crm_or_shop() -> None:
    known, everybody = registers(RETAIL, N, seed=7), np.arange(N)

    share = (known["crm"].holds(everybody) | known["erp"].holds(everybody)).mean()

    assert share == pytest.approx(0.70, abs=0.01)


def test_some_register_again_up_to_three_times() -> None:
    crm = registers(RETAIL, N, seed=7)["crm"]

    counts = np.bincount(np.bincount(crm.person))[1:]

    assert len(counts) == 4
    assert counts[1:].sum() / counts.sum() == pytest.approx(RETAIL.registered_again, abs=0.005)


def test_a_register_finds_the_accounts_of_a_person() -> None:
    book = register(np.array([2, 0, 1]))

    assert book.person.tolist() == [0, 0, 2]
    assert book.holds(np.array([0, 1, 2])).tolist() == [True, False, True]
    assert book.is_first.tolist() == [True, False, True]
    assert len(book) == 3


def test_one_of_a_persons_accounts_is_drawn() -> None:
    book = register(np.array([2, 0, 1]))

    drawn = book.one_of(stream(1, "x"), np.repeat([0, 2], 200))

    assert set(drawn[:200].tolist()) == {0, 1}
    assert set(drawn[200:].tolist()) == {2}
