"""Phones: the head's number, second numbers, and numbers that get a new owner."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from loaders.demo.draw import Ints, stream
from loaders.demo.identity.phones import NEVER, Held, Phones, Recycled, Span, held, phones_of
from loaders.demo.identity.rates import DEFAULT, OPENS, RECYCLING_GAP, Rates
from loaders.demo.people import Households, households
from loaders.demo.profile import CLOSES, DAY
from tests.chances import near
from tests.identity_company import each_phone, made, quiet, second_numbers, seconds

N = 20_000
CHANGE = OPENS + 500 * DAY


def homes(n: int = N) -> Households:
    return households(DEFAULT.household_sizes, n, rng=stream(3, "homes"))


def phones(rates: Rates = DEFAULT) -> Phones:
    return phones_of(rates, homes(), seed=3)


def empty() -> Ints:
    return np.array([], dtype=np.int64)


def two_people() -> Phones:
    """Return a person who gives a number up at ``CHANGE`` and one who never changes."""
    nobody = Recycled(empty(), empty(), empty(), empty())
    return Phones(
        seed=1,
        holder=np.array([0, 1]),
        first=np.array([13000000001, 13000000002]),
        later=np.array([13000000003, 13000000002]),
        changes_at=np.array([CHANGE, NEVER]),
        has_second=np.array([False, False]),
        recycled=nobody,
    )


def one_record(first: int, last: int, *, person: int = 0, updates: float = 1.0) -> Held:
    rates = replace(DEFAULT, updates_phone=updates)
    span = Span(np.array([first]), np.array([last]))
    return held(two_people(), np.array([person]), span=span, rates=rates, rng=stream(1, "held"))


# ---------------------------------------------------------------- whose number


def test_everybody_has_a_mobile_number_of_the_mainland() -> None:
    texts = pd.Series(phones().first).astype(str)

    assert texts.str.fullmatch("1[3-9][0-9]{9}").all()


def test_own_numbers_are_each_somebodys_alone() -> None:
    found = phones()

    assert len(np.unique(found.first)) == N
    assert not set(found.first.tolist()) & set(found.second(np.arange(N)).tolist())


def test_members_use_the_heads_number_at_the_stated_rate() -> None:
    found, living = phones(), homes()
    is_member = living.place > 0

    uses_heads = found.holder != np.arange(N)

    assert uses_heads[is_member].mean() == near(0.06, n=int(is_member.sum()))
    assert not uses_heads[~is_member].any()
    assert (found.holder[uses_heads] == living.head[uses_heads]).all()


def test_a_third_carries_a_second_number() -> None:
    assert phones().has_second.mean() == near(0.35, n=N)


# ---------------------------------------------------------------- recycled numbers


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.09])
def test_numbers_change_hands_at_the_stated_rate(rate: float) -> None:
    found = phones(replace(DEFAULT, recycled_phone=rate)).recycled

    assert len(found) == int(rate * N)


def test_at_no_rate_no_number_changes_hands() -> None:
    found = phones(replace(DEFAULT, recycled_phone=0.0))

    assert len(found.recycled) == 0
    assert (found.changes_at == NEVER).all()


def test_nobody_gives_up_or_takes_over_twice_or_both() -> None:
    found = phones().recycled

    both = np.concatenate([found.giver, found.taker])
    assert len(np.unique(both)) == len(both)


def test_a_free_number_waits_ninety_days_and_most_wait_longer() -> None:
    found = phones().recycled

    wait = found.taken_over_at - found.given_up_at

    assert wait.min() >= RECYCLING_GAP
    assert wait.max() <= RECYCLING_GAP + 240 * DAY
    # 60 days more on average, less what the longest wait cuts off
    assert 50 < (wait - RECYCLING_GAP).mean() / DAY < 65


def test_both_owners_have_their_time_within_the_files() -> None:
    found = phones().recycled

    assert found.given_up_at.min() >= OPENS + 30 * DAY
    assert found.taken_over_at.max() <= CLOSES - 30 * DAY


def test_the_taker_gets_the_givers_number_and_the_giver_a_new_one() -> None:
    found = phones()
    pair = found.recycled

    before = found.at(pair.giver, pair.given_up_at - 1)
    after = found.at(pair.taker, pair.taken_over_at)

    assert (before == after).all()
    assert (found.at(pair.taker, pair.taken_over_at - 1) == found.first[pair.taker]).all()
    fresh = found.at(pair.giver, pair.given_up_at)
    assert not set(fresh.tolist()) & set(found.first.tolist())


def test_between_two_owners_a_number_is_nobodys() -> None:
    found = phones()
    pair = found.recycled
    everybody = np.arange(N)

    for place in range(5):
        free = int(pair.given_up_at[place]) + 45 * DAY
        in_use = found.at(everybody, np.full(N, free))
        assert found.first[pair.giver[place]] not in in_use


def test_a_member_with_the_heads_number_changes_with_the_head() -> None:
    living = homes()
    found = phones_of(replace(DEFAULT, family_phone=1.0, recycled_phone=0.2), living, seed=3)
    pair = found.recycled

    member = np.flatnonzero(np.isin(found.holder, pair.giver) & (living.place > 0))

    late = np.full(len(member), CLOSES)
    assert len(member) > 100
    assert (found.at(member, late) == found.at(living.head[member], late)).all()


# ---------------------------------------------------------------- what a record knows


def test_a_record_that_ends_before_the_change_has_the_old_number() -> None:
    record = one_record(OPENS, CHANGE - DAY)

    assert (record.number[0], record.new[0]) == (13000000001, 0)
    assert record.until[0] == CHANGE - DAY


def test_a_record_that_begins_after_the_change_has_the_new_number_alone() -> None:
    record = one_record(CHANGE + DAY, CLOSES)

    assert (record.number[0], record.new[0]) == (13000000003, 0)
    assert record.until[0] == CLOSES


def test_a_record_across_the_change_has_both_in_turn_if_it_was_updated() -> None:
    record = one_record(OPENS, CLOSES, updates=1.0)

    assert (record.number[0], record.new[0]) == (13000000001, 13000000003)
    assert OPENS <= record.until[0] <= CHANGE
    assert CHANGE <= record.since[0] <= CHANGE + 60 * DAY


def test_a_record_that_was_not_updated_keeps_a_number_that_ended() -> None:
    record = one_record(OPENS, CLOSES, updates=0.0)

    assert (record.number[0], record.new[0]) == (13000000001, 0)
    assert record.until[0] <= CHANGE


def test_a_record_opened_on_the_eve_of_the_change_was_seen_no_earlier_than_it_was_opened() -> None:
    record = one_record(CHANGE - 60, CLOSES)

    assert record.until[0] == CHANGE - 60


def test_an_update_comes_before_the_record_ends() -> None:
    record = one_record(OPENS, CHANGE + 100, updates=1.0)

    assert CHANGE <= record.since[0] <= CHANGE + 100


def test_who_never_changes_has_one_number_all_along() -> None:
    record = one_record(OPENS, CLOSES, person=1)

    assert (record.number[0], record.new[0], record.until[0]) == (13000000002, 0, CLOSES)


def test_second_numbers_are_given_at_the_stated_rate() -> None:
    found, everybody = phones(), np.arange(N)
    span = Span(np.full(N, OPENS), np.full(N, CLOSES))

    record = held(found, everybody, span=span, rates=DEFAULT, rng=stream(1, "held"))

    is_second = record.number == found.second(everybody)
    assert not is_second[~found.has_second].any()
    n_second = int(found.has_second.sum())
    assert is_second[found.has_second].mean() == near(DEFAULT.gives_second, n=n_second)
    assert (record.new[is_second] == 0).all()


# ---------------------------------------------------------------- in the files


def all_phones() -> pd.DataFrame:
    return pd.concat(each_phone(quiet()), ignore_index=True)


def test_on_file_two_owners_of_a_number_are_ninety_days_apart() -> None:
    pair, phones = quiet().world.people.phones.recycled, quiet().world.people.phones
    rows, both = all_phones(), 0

    for giver, taker in zip(pair.giver.tolist(), pair.taker.tolist(), strict=True):
        of_number = rows[rows["phone"] == str(phones.first[giver])]
        # a family that uses the owner's number changes with the owner
        owner = phones.holder[of_number["person"].to_numpy()]
        before, after = of_number[owner == giver], of_number[owner == taker]
        assert len(before) + len(after) == len(of_number)
        if len(before) and len(after):
            both += 1
            gap = after["first"].min() - before["last"].max()
            assert gap >= pd.Timedelta(days=90)
    # not every number was told to some system by both of its owners
    assert both > 0.2 * len(pair)


def test_no_number_is_first_seen_after_it_was_last_seen() -> None:
    rows = pd.concat(each_phone(made()), ignore_index=True)

    assert len(rows) > N
    assert (rows["first"] <= rows["last"]).all()
    assert rows["last"].max() < pd.Timestamp("2026-07-01")


def test_a_number_on_file_is_one_that_its_person_used_at_the_time() -> None:
    phones, rows = quiet().world.people.phones, all_phones()
    seconds_of_scalpers = set(quiet().world.scalpers.tolist())
    rows = rows[~rows["person"].isin(seconds_of_scalpers)]
    person = rows["person"].to_numpy()

    at_first = phones.at(person, seconds(rows["first"]))

    is_own = rows["phone"].astype(np.int64).to_numpy() == at_first
    is_second = rows["phone"].isin(second_numbers(quiet())).to_numpy()
    assert (is_own | is_second).all()
    assert is_own.mean() > 0.7


def test_an_updated_account_has_two_numbers_in_turn() -> None:
    members = quiet().rows("crm", "members").dropna(subset=["new_phone"])

    assert len(members) > 10
    assert (members["phone"] != members["new_phone"]).all()
    assert (members["phone_until"] < members["new_phone_since"]).all()
    assert (members["new_phone_since"] <= members["last_seen_at"]).all()


def test_times_stand_only_beside_a_number() -> None:
    for source, relation in (("crm", "members"), ("shop", "users"), ("till", "cards")):
        rows = made().rows(source, relation)
        assert (rows["phone"].notna() == rows["phone_until"].notna()).all()
        if "new_phone" in rows:
            assert (rows["new_phone"].notna() == rows["new_phone_since"].notna()).all()


def test_families_share_a_number_in_the_files_too() -> None:
    rows = all_phones()
    household = quiet().world.people.homes.household
    rows["household"] = household[rows["person"].to_numpy()]

    per_number = rows.groupby("phone").agg(
        persons=("person", "nunique"), homes=("household", "nunique")
    )

    shared = per_number[per_number["persons"] > 1]
    # all but recycled numbers stay in the house
    recycled = set(
        map(str, quiet().world.people.phones.first[quiet().world.people.phones.recycled.giver])
    )
    at_home = shared[~shared.index.isin(recycled)]
    assert len(at_home) > 100
    assert (at_home["homes"] == 1).all()
