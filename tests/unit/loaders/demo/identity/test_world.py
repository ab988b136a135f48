"""Who is in which system how often: the registered, their further accounts, the scalpers."""

from dataclasses import replace

import numpy as np
import pytest

from loaders.demo.draw import Flags, Ints, stream
from loaders.demo.identity import DEFAULT, PRESETS
from loaders.demo.identity.rates import OPENS
from loaders.demo.identity.world import World, scalper_sizes, sims_of, span_of, world_of
from loaders.demo.profile import CLOSES, DAY
from tests.chances import misfit, near
from tests.identity_company import N, made


def world() -> World:
    return made().world


def counts(source: str) -> Ints:
    found: Ints = np.diff(world().registers[source].first)
    return found


def ordinary() -> Flags:
    """Flag everybody who is no scalper."""
    flags: Flags = ~np.isin(np.arange(N), world().scalpers)
    return flags


# ---------------------------------------------------------------- registered accounts


def test_seven_in_ten_have_an_account_in_the_crm_or_the_shop() -> None:
    has_one = (counts("crm") + counts("shop"))[ordinary()] > 0

    assert has_one.mean() == near(0.70, n=len(has_one))


def test_the_registered_are_in_one_system_or_both_at_their_shares() -> None:
    crm, shop = counts("crm")[ordinary()] > 0, counts("shop")[ordinary()] > 0

    cells = [(crm & ~shop).sum(), (shop & ~crm).sum(), (crm & shop).sum()]

    assert misfit(cells, DEFAULT.registered_in) < 4


def test_one_in_twenty_has_two_to_four_accounts_in_one_system() -> None:
    most = np.maximum(counts("crm"), counts("shop"))[ordinary()]

    assert (most > 1).mean() == near(0.05, n=len(most))
    assert set(np.unique(most).tolist()) == {0, 1, 2, 3, 4}


def test_only_one_of_two_systems_was_registered_in_again() -> None:
    again = (counts("crm") > 1) & (counts("shop") > 1) & ordinary()

    assert not again.any()


# ---------------------------------------------------------------- the other systems


def test_cards_are_one_two_or_three_a_person() -> None:
    cards = np.bincount(counts("till"))

    assert 1 - cards[0] / N == near(0.75, n=N)
    assert misfit(cards[1:], DEFAULT.cards) < 4


def test_few_call_and_some_of_them_often() -> None:
    calls = counts("call")

    # mean 0.7, variance 0.7 + 0.7^2 / 0.7 = 1.4
    assert calls.mean() == pytest.approx(0.7, abs=5 * np.sqrt(1.4 / N))
    assert calls.var() == pytest.approx(1.4, rel=0.15)


@pytest.mark.parametrize(
    ("source", "share"), [("app", 0.60), ("community", 0.20), ("partner", 0.30)]
)
def test_other_systems_know_a_person_once_or_not_at_all(source: str, share: float) -> None:
    found = counts(source)

    assert set(np.unique(found).tolist()) == {0, 1}
    assert found.mean() == near(share, n=N)


def test_there_is_a_shop_to_five_hundred_customers() -> None:
    assert world().n_stores == N // 500
    assert world_of(DEFAULT, 100, seed=1).n_stores == 1


# ---------------------------------------------------------------- scalpers


def test_scalpers_are_five_in_ten_thousand_and_have_twenty_to_three_hundred_accounts() -> None:
    sizes = counts("shop")[world().scalpers]

    assert len(sizes) == 10
    assert sizes.min() >= 20
    assert sizes.max() <= 300


def test_half_of_the_scalpers_have_fewer_than_seventy_eight_accounts() -> None:
    sizes = scalper_sizes(20_000, rng=stream(1, "sizes"))

    # the geometric mean of 20 and 301
    assert (sizes < np.sqrt(20 * 301)).mean() == pytest.approx(0.5, abs=0.02)
    assert (sizes.min(), sizes.max()) == (20, 300)


def test_a_scalper_has_a_sim_card_for_every_two_accounts() -> None:
    sim, is_scalpers = sims_of(world()), world().is_scalpers

    per_card = np.bincount(sim[is_scalpers])

    assert (sim[~is_scalpers] == -1).all()
    assert per_card.min() >= 1
    assert per_card.max() == 2
    assert (sim >= 0).sum() == is_scalpers.sum()


def test_no_two_scalpers_share_a_sim_card() -> None:
    sim, person = sims_of(world()), world().registers["shop"].person
    is_scalpers = sim >= 0

    owners = {(card, who) for card, who in zip(sim[is_scalpers], person[is_scalpers], strict=True)}

    assert len(owners) == len({card for card, _ in owners})


@pytest.mark.parametrize(("preset", "scalpers"), [("mild", 3), ("default", 10), ("stress", 30)])
def test_presets_have_more_scalpers_the_harder_they_are(preset: str, scalpers: int) -> None:
    assert len(world_of(PRESETS[preset], N, seed=1).scalpers) == scalpers


def test_a_company_may_have_no_scalpers() -> None:
    small = world_of(replace(DEFAULT, scalpers=0.0), 500, seed=1)

    assert len(small.scalpers) == 0
    assert (sims_of(small) == -1).all()


# ---------------------------------------------------------------- times


def test_records_are_seen_within_the_three_years() -> None:
    span = span_of(5_000, rng=stream(1, "span"))

    assert span.first.min() >= OPENS
    assert span.last.max() < CLOSES
    assert (span.first <= span.last).all()


def test_two_in_five_old_records_are_older_than_the_files_and_still_seen_in_them() -> None:
    span = span_of(20_000, old=True, rng=stream(1, "span"))

    assert (span.first < OPENS).mean() == near(0.4, n=20_000)
    assert span.first.min() >= OPENS - 5 * 365 * DAY
    assert span.last.min() >= OPENS


def test_no_records_have_no_times() -> None:
    span = span_of(0, rng=stream(1, "span"))

    assert (len(span.first), len(span.last)) == (0, 0)


def test_streams_of_two_subjects_differ_and_of_one_are_the_same() -> None:
    draws = [world().stream(name).random() for name in ("one", "one", "two")]

    assert draws[0] == draws[1] != draws[2]
