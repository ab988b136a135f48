"""The rates: shares, their hazards, and the three presets in order."""

from dataclasses import asdict, fields, replace

import pytest

from loaders.demo.identity import DEFAULT, PRESETS, Rates
from loaders.demo.identity.rates import (
    HAZARDS,
    HIGHEST,
    KIOSK_PEOPLE,
    OPENS,
    RECYCLING_GAP,
    SCALPER_ACCOUNTS,
)
from loaders.demo.profile import CLOSES, DAY

# the published table, beside which the defaults stand
PUBLISHED = {
    "household_sizes": (0.25, 0.30, 0.21, 0.13, 0.11),
    "registered": 0.70,
    "family_phone": 0.06,
    "couple_mail": 0.05,
    "shared_device": 0.15,
    "shared_browser": 0.10,
    "recycled_phone": 0.03,
    "till_slips": 0.015,
    "call_slips": 0.03,
    "slips_that_hit": 0.15,
    "wrong_birth_date": 0.03,
    "default_accounts": 0.002,
    "default_mails": 0.003,
    "default_tills": 0.01,
    "clerk_tills": 0.008,
    "customers_per_store": 500,
    "kiosks": 1 / 20_000,
    "several_accounts": 0.05,
    "scalpers": 0.0005,
    "second_cookie": 0.10,
    "logged_in": 0.35,
    "in_partner": 0.30,
    "partner_kinds": (0.60, 0.15, 0.25),
}


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_the_default_rates_are_the_published_ones(name: str) -> None:
    assert getattr(DEFAULT, name) == PUBLISHED[name]


def test_birth_dates_are_known_of_sixty_to_ninety_per_cent_of_the_registered() -> None:
    assert 0.6 <= DEFAULT.shop_birth_date <= DEFAULT.crm_birth_date <= 0.9


def test_names_differ_between_two_records_at_a_published_rate() -> None:
    assert all(0.03 <= rates.name_differs <= 0.18 for rates in PRESETS.values())


@pytest.mark.parametrize("name", list(PRESETS))
def test_every_rate_of_a_preset_is_a_share(name: str) -> None:
    values = {
        key: value for key, value in asdict(PRESETS[name]).items() if value.__class__ is float
    }
    shares = {key: value for key, value in values.items() if key != "calls"}

    assert len(shares) > 40
    assert all(0 <= share <= 1 for share in shares.values()), shares


@pytest.mark.parametrize("name", list(PRESETS))
def test_shares_of_a_whole_add_up_to_one(name: str) -> None:
    rates = PRESETS[name]

    for parts in (rates.household_sizes, rates.registered_in, rates.cards, rates.partner_kinds):
        assert sum(parts) == pytest.approx(1.0)


def test_hazards_are_rates_and_named_once() -> None:
    names = {field.name for field in fields(Rates)}

    assert set(HAZARDS) <= names
    assert len(set(HAZARDS)) == len(HAZARDS)
    assert set(HIGHEST) <= set(HAZARDS)


@pytest.mark.parametrize("hazard", HAZARDS)
def test_presets_are_ordered_hazard_by_hazard(hazard: str) -> None:
    mild, default, stress = (
        getattr(PRESETS[name], hazard) for name in ("mild", "default", "stress")
    )

    assert mild < default < stress


@pytest.mark.parametrize("hazard", sorted(set(HAZARDS) - set(HIGHEST) - {"couple_mail"}))
def test_mild_is_three_tenths_and_stress_three_times(hazard: str) -> None:
    default = getattr(DEFAULT, hazard)

    assert getattr(PRESETS["mild"], hazard) == pytest.approx(0.3 * default)
    assert getattr(PRESETS["stress"], hazard) == pytest.approx(3 * default)


def test_under_stress_a_quarter_of_the_couples_shares_a_mailbox() -> None:
    assert PRESETS["stress"].couple_mail == 0.27


def test_scaling_stops_at_the_top_of_the_published_range() -> None:
    wild = DEFAULT.scaled(10)

    assert wild.name_differs == 0.18
    assert wild.wrong_birth_date == 0.05
    assert wild.till_slips == 0.05
    assert wild.recycled_phone == pytest.approx(0.3)
    assert DEFAULT.scaled(100).shared_device == 1.0


def test_what_is_no_hazard_is_left_alone_by_scaling() -> None:
    scaled = asdict(DEFAULT.scaled(2.0))

    same = {name for name, value in asdict(DEFAULT).items() if scaled[name] == value}
    assert same == {field.name for field in fields(Rates)} - set(HAZARDS)


def test_scaling_by_one_changes_nothing() -> None:
    assert DEFAULT.scaled(1.0) == DEFAULT


def test_single_rates_can_be_changed() -> None:
    assert replace(DEFAULT, recycled_phone=0.09).recycled_phone == 0.09


def test_the_files_cover_three_years_and_a_free_number_waits_ninety_days() -> None:
    assert (CLOSES - OPENS) == 3 * 365 * DAY
    assert RECYCLING_GAP == 90 * DAY


def test_sizes_of_scalpers_and_kiosks_are_the_published_ones() -> None:
    assert SCALPER_ACCOUNTS == (20, 300)
    assert KIOSK_PEOPLE == (50, 2000)
