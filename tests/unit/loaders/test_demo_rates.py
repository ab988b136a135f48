"""The customers' rates over the whole of their distributions, not at one value of each."""

import math
from collections import Counter

import numpy as np
import pytest

from loaders.demo.draw import Flags
from loaders.demo.people import People
from loaders.demo.profile import DAY, LAST_DAY, OPENS, RETAIL
from loaders.demo.vocabulary import shares, table, words
from tests.chances import concentration, misfit, near, tail_index
from tests.demo_exports import N, company

SYSTEMS = tuple(RETAIL.joined)


def people() -> People:
    return company().people


def heads() -> Flags:
    is_head: Flags = people().homes.place == 0
    return is_head


# ---------------------------------------------------------------- the measures themselves


def test_a_share_may_lie_five_standard_errors_off() -> None:
    # the standard error of 10,000 throws of a coin is 0.005
    assert near(0.5, n=10_000) == 0.5249
    assert near(0.5, n=10_000) != 0.5251


def test_counts_as_expected_fit_and_others_do_not() -> None:
    assert misfit([20, 30, 50], [2, 3, 5]) == 0
    # (10^2 / 20 + 10^2 / 30) / 2 degrees of freedom
    assert misfit([30, 20, 50], [2, 3, 5]) == pytest.approx((5 + 10 / 3) / 2)


def test_concentration_is_nothing_among_equals_and_much_where_one_has_all() -> None:
    assert concentration([3, 3, 3, 3]) == 0
    assert concentration([0, 0, 0, 8]) == 0.75


def test_the_tail_of_a_power_law_has_its_exponent() -> None:
    # quantiles of a Pareto distribution of exponent 1.5
    values = (np.arange(1, 100_001) / 100_000) ** (-1 / 1.5) * 1e6

    assert tail_index(values.astype(np.int64), top=1_000) == pytest.approx(1.5, abs=0.02)


# ---------------------------------------------------------------- names


def test_surnames_fit_the_countrys_frequencies_from_the_first_to_the_last() -> None:
    names, weights = shares("people", "surnames")
    homes = people().homes
    # children carry the head's name, so only heads are independent draws
    counts = Counter(np.array(people().surname.to_pylist())[homes.place == 0].tolist())

    assert set(counts) <= set(names)
    assert misfit([counts[name] for name in names], weights) < 1.6


def test_a_reversed_list_of_surnames_would_be_noticed() -> None:
    names, weights = shares("people", "surnames")
    counts = Counter(np.array(people().surname.to_pylist())[heads()].tolist())

    assert misfit([counts[name] for name in names], weights[::-1]) > 100


def test_given_names_use_each_character_of_their_sex_about_equally_often() -> None:
    full, surname = people().full_name.to_pylist(), people().surname.to_pylist()
    is_female = people().is_female.tolist()
    first = [name.removeprefix(s)[0] for name, s in zip(full, surname, strict=True)]

    for sex, flag in (("female", True), ("male", False)):
        drawn = Counter(c for c, f in zip(first, is_female, strict=True) if f is flag)
        pool = Counter(words("people", sex))
        assert set(drawn) == set(pool)
        assert misfit([drawn[c] for c in pool], [float(pool[c]) for c in pool]) < 1.7


def test_couples_keep_their_own_surnames_at_least_mostly() -> None:
    homes, surname = people().homes, np.array(people().surname.to_pylist())
    spouse = np.flatnonzero(homes.place == 1)
    _, weights = shares("people", "surnames")
    by_accident = sum((w / sum(weights)) ** 2 for w in weights)

    same = (surname[spouse] == surname[homes.head[spouse]]).mean()

    assert same == near(by_accident, n=len(spouse))


# ---------------------------------------------------------------- homes


def test_the_mean_household_is_that_of_the_census() -> None:
    sizes = np.bincount(people().homes.household)[:-1]

    # 0.25 + 2 * 0.30 + 3 * 0.21 + 4 * 0.13 + 5 * 0.11
    assert sizes.mean() == pytest.approx(2.55, abs=5 * sizes.std() / math.sqrt(len(sizes)))


def test_household_sizes_fit_their_shares_together() -> None:
    sizes = np.bincount(people().homes.household)[:-1]

    assert misfit(np.bincount(sizes, minlength=6)[1:], RETAIL.household_sizes) < 4


def test_households_live_in_cities_by_the_cities_shares() -> None:
    _, weights = shares("places", "cities")

    counts = np.bincount(people().city[heads()], minlength=len(weights))

    assert misfit(counts, weights) < 1.7


def test_every_province_of_the_list_has_customers() -> None:
    provinces = {str(row[1]) for row in table("places", "cities")}
    of_city = [str(row[1]) for row in table("places", "cities")]

    assert {of_city[city] for city in people().city.tolist()} == provinces


def test_heads_are_of_either_sex_and_of_working_age_at_the_middle() -> None:
    is_head = heads()
    age = (LAST_DAY - people().birth_day[is_head]) / 365.25

    assert people().is_female[is_head].mean() == near(0.5, n=int(is_head.sum()))
    assert np.median(age) == pytest.approx(42, abs=0.6)
    assert age.min() >= 21.9
    assert age.max() <= 75.1


# ---------------------------------------------------------------- numbers and mails


def test_half_a_percent_at_most_of_all_first_numbers_is_anybody_elses_second() -> None:
    first, second = set(people().phone.tolist()), people().second_phone.tolist()

    assert not first & set(second)
    assert len(set(second)) == N


def test_the_prefixes_of_numbers_are_all_in_use_about_equally() -> None:
    known = np.array([int(prefix) for prefix in words("machines", "mobile_prefixes")])
    prefix = np.unique(people().phone) // 100_000_000

    counts = np.array([(prefix == each).sum() for each in known])

    assert counts.sum() == len(prefix)
    assert misfit(counts, np.ones(len(known))) < 2.5


def test_two_in_five_have_no_union_id_and_no_two_have_the_same() -> None:
    known = people().union_id.drop_null().to_pylist()

    assert 1 - len(known) / N == near(0.4, n=N)
    assert len(set(known)) == len(known)


def test_mail_hosts_are_used_by_their_shares() -> None:
    hosts, weights = shares("people", "mail_hosts")
    counts = Counter(mail.split("@")[1] for mail in set(people().mail.drop_null().to_pylist()))

    assert misfit([counts[host] for host in hosts], weights) < 4


def test_only_couples_share_a_mail() -> None:
    homes, mails = people().homes, people().mail.to_pylist()
    users: dict[str, list[int]] = {}
    for person, mail in enumerate(mails):
        if mail is not None:
            users.setdefault(mail, []).append(person)

    for persons in users.values():
        if len(persons) > 1:
            assert homes.place[persons].tolist() == [0, 1]
            assert len(set(homes.household[persons].tolist())) == 1


# ---------------------------------------------------------------- who is where


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_system_knows_its_share_of_people_and_those_whom_nobody_else_knows(
    system: str,
) -> None:
    nowhere = math.prod(1 - p for p in RETAIL.joined.values())
    refuge = RETAIL.only.get(system, 0) / sum(RETAIL.only.values())

    known = company().registers[system].holds(np.arange(N)).mean()

    assert known == near(RETAIL.joined[system] + nowhere * refuge, n=N)


def test_people_join_systems_independently_of_each_other() -> None:
    everybody = np.arange(N)
    call, community = (company().registers[s].holds(everybody) for s in ("call", "community"))

    # neither takes in those whom nobody else knows
    both = RETAIL.joined["call"] * RETAIL.joined["community"]
    assert (call & community).mean() == near(both, n=N)


@pytest.mark.parametrize("system", ["pos", "web", "call", "community", "partner"])
def test_only_crm_and_shop_hold_a_person_twice(system: str) -> None:
    person = company().registers[system].person

    assert len(np.unique(person)) == len(person)


@pytest.mark.parametrize("system", ["crm", "erp"])
def test_accounts_opened_again_are_one_two_or_three(system: str) -> None:
    counts = np.bincount(company().registers[system].person)
    again = np.bincount(counts)[2:]

    assert len(again) == 3
    assert misfit(again, (0.80, 0.15, 0.05)) < 5


def test_first_contacts_before_the_files_go_back_five_years() -> None:
    before = OPENS - people().joined_at[people().joined_at < OPENS]

    assert before.max() <= 5 * 365 * DAY
    assert before.mean() / DAY == pytest.approx(5 * 365 / 2, rel=0.02)
