"""Birth dates, genders, places: mostly right, at known rates wrong or missing."""

import numpy as np
import pandas as pd
import pytest

from loaders.demo.identity.people import place_names
from tests.chances import near
from tests.identity_company import made

SYSTEMS = [("crm", "members"), ("shop", "users")]


def dated() -> pd.DataFrame:
    """Return accounts with a birth date, beside the right one."""
    rows = pd.concat([made().rows(*system) for system in SYSTEMS], ignore_index=True)
    rows = rows.dropna(subset=["birth_date"])
    days = made().world.people.birth_day[rows["person"]]
    right = pd.Series(pd.to_datetime(days, unit="D"), index=rows.index)
    written = pd.to_datetime(rows["birth_date"])
    return pd.DataFrame({"right": right, "written": written, "off": (right - written).dt.days})


def wrong() -> pd.DataFrame:
    rows = dated()
    return rows.loc[rows["off"] != 0]


def test_birth_dates_are_wrong_at_the_stated_rate() -> None:
    rows = dated()

    # one in a thousand of the wrong ones is right by chance: January 1st
    assert (rows["off"] != 0).mean() == near(0.03, n=len(rows))


def test_a_wrong_date_is_days_off_or_years_off_or_a_year_alone() -> None:
    rows = wrong()
    is_days = rows["off"].between(1, 28)
    is_years = (rows["off"] / 365.25).round().between(1, 10) & (rows["off"] % 365.25).between(0, 1)
    is_january = (rows["written"].dt.dayofyear == 1) & (
        rows["written"].dt.year == rows["right"].dt.year
    )

    is_years |= (-rows["off"] % 365.25) <= 1
    assert (is_days | is_years | is_january).all()
    assert (is_january & ~is_days).mean() == pytest.approx(0.3, abs=0.1)


def test_no_date_lies_in_the_future() -> None:
    assert dated()["written"].max() < pd.Timestamp("2026-07-01")


@pytest.mark.parametrize("system", SYSTEMS)
def test_genders_are_right_where_they_are_known(system: tuple[str, str]) -> None:
    rows = made().rows(*system).dropna(subset=["gender"])

    is_female = made().world.people.is_female[rows["person"]]

    assert (rows["gender"] == np.where(is_female, "female", "male")).all()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_few_records_have_the_city_of_somewhere_else(system: tuple[str, str]) -> None:
    rows = made().rows(*system).dropna(subset=["city"])
    city = made().world.people.addresses.city[rows["person"]]

    moved = rows["city"] != np.array(place_names(city, column=0).to_pylist())

    # 3 %, of which one in fifty moved within a city
    assert moved.mean() == near(0.03 * 0.98, n=len(rows))


@pytest.mark.parametrize("system", [*SYSTEMS, ("community", "users"), ("call", "calls")])
def test_city_and_province_come_together_and_fit(system: tuple[str, str]) -> None:
    rows = made().rows(*system)

    assert (rows["city"].notna() == rows["province"].notna()).all()
    assert rows.groupby("city")["province"].nunique().max() == 1


def test_an_address_begins_with_its_province() -> None:
    rows = made().rows("crm", "members").dropna(subset=["address", "province"])

    begins = [a.startswith(p) for a, p in zip(rows["address"], rows["province"], strict=True)]

    # but for records that moved
    assert 0.95 < np.mean(begins) < 1.0
