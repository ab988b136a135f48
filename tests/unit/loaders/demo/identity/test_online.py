"""App and community: devices shared at home, members and strangers, WeChat's ids."""

import numpy as np
import pandas as pd
import pytest

from loaders.demo.identity import DEFAULT
from loaders.demo.identity.cells import records_of
from loaders.demo.identity.online import device_codes
from loaders.demo.vocabulary import table, words
from tests.chances import misfit, near
from tests.identity_company import made


def users() -> pd.DataFrame:
    return made().rows("app", "users")


def members() -> pd.DataFrame:
    rows = users()
    return rows.loc[rows["kind"] == "member"]


def default_devices() -> list[str]:
    return words("machines", "default_devices")


def real_devices() -> pd.DataFrame:
    rows = users()
    return rows.loc[~rows["device"].isin(default_devices())]


# ---------------------------------------------------------------- app


def test_half_of_the_apps_users_are_members() -> None:
    kinds = users()["kind"]

    assert set(kinds) == {"visitor", "member"}
    assert (kinds == "member").mean() == near(0.5, n=len(kinds))


def test_other_members_use_the_heads_device_at_the_stated_rate() -> None:
    records, homes = records_of(made().world, "app"), made().world.people.homes
    person = records.person
    head = homes.head[person]
    could = (homes.place[person] > 0) & made().world.registers["app"].holds(head)

    borrows = device_codes(records) != person

    assert borrows[could].mean() == near(0.15, n=int(could.sum()))
    assert not borrows[~could].any()
    assert (device_codes(records)[borrows] == head[borrows]).all()


def test_a_device_is_shared_within_one_home_only() -> None:
    rows = real_devices()

    per_device = rows.groupby("device").agg(
        homes=("household", "nunique"), models=("model", "nunique")
    )

    assert (per_device["homes"] == 1).all()
    assert (per_device["models"] == 1).all()


def test_a_few_devices_report_a_number_that_is_none() -> None:
    devices = users()["device"]

    assert devices.isin(default_devices()).mean() == near(0.002, n=len(devices))
    assert devices.notna().all()


def test_models_are_as_common_as_sold() -> None:
    models = table("machines", "phones")
    rows = real_devices()
    own = rows.drop_duplicates("device")["model"].value_counts()

    assert misfit([own[str(row[1])] for row in models], [float(row[2]) for row in models]) < 2.5


@pytest.mark.parametrize(
    ("column", "share"),
    [
        ("phone", DEFAULT.app_phone),
        ("open_id", DEFAULT.app_open_id),
        ("union_id", DEFAULT.wechat),
        ("full_name", DEFAULT.app_name),
    ],
)
def test_members_tell_more_of_themselves_and_visitors_nothing(column: str, share: float) -> None:
    rows = users()

    assert rows.loc[rows["kind"] == "visitor", column].isna().all()
    assert members()[column].notna().mean() == near(share, n=len(members()))


def test_a_union_id_is_the_same_person_in_every_system() -> None:
    parts = [
        made().rows(source, relation)[["person", "union_id"]]
        for source, relation in (
            ("crm", "members"),
            ("shop", "users"),
            ("app", "users"),
            ("community", "users"),
        )
    ]
    rows = pd.concat(parts).dropna()

    assert rows.groupby("union_id")["person"].nunique().max() == 1
    assert rows.groupby("person")["union_id"].nunique().max() == 1
    assert (rows.groupby("union_id").size() > 1).sum() > 500


def test_open_ids_of_two_apps_never_meet() -> None:
    one, other = (set(made().rows(s, "users")["open_id"].dropna()) for s in ("app", "shop"))

    assert one
    assert not one & other


# ---------------------------------------------------------------- community


@pytest.mark.parametrize(
    ("column", "share"),
    [
        ("open_id", DEFAULT.community_open_id),
        ("union_id", DEFAULT.wechat),
        ("phone", DEFAULT.community_phone),
        ("email", DEFAULT.community_mail),
        ("city", 0.6),
    ],
)
def test_the_community_knows_little(column: str, share: float) -> None:
    cells = made().rows("community", "users")[column]

    assert cells.notna().mean() == near(share, n=len(cells))


def test_nicknames_are_no_names() -> None:
    rows = made().rows("community", "users")

    assert rows["nickname"].notna().all()
    assert rows["nickname"].nunique() > 0.5 * len(rows)
    assert "full_name" not in rows


def test_numbers_of_app_and_community_are_those_of_the_person() -> None:
    for source in ("app", "community"):
        rows = made().rows(source, "users").dropna(subset=["phone"])
        own = [
            p in made().phones_of(who) for p, who in zip(rows["phone"], rows["person"], strict=True)
        ]
        assert np.all(own)


def test_users_are_seen_after_they_joined() -> None:
    community = made().rows("community", "users")

    assert (users()["installed_at"] <= users()["last_opened_at"]).all()
    assert (community["joined_at"] <= community["last_seen_at"]).all()
