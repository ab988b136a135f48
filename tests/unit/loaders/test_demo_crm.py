"""The CRM: gaps, dates that never were, tiers, consents and control groups."""

import pandas as pd
import phonenumbers
import pytest

from loaders.demo.dirt import default_phones
from loaders.demo.draw import stream
from tests.demo_exports import company, export_of, person_of, rows_of


def test_members_lack_what_members_do_not_tell() -> None:
    members = rows_of("crm", "members")

    missing = members.isna().mean()

    assert missing["性别"] == pytest.approx(0.08, abs=0.01)
    assert missing["生日"] == pytest.approx(0.25, abs=0.015)
    assert missing["手机"] == pytest.approx(0.08, abs=0.01)
    assert missing["会员号"] == 0


def test_members_are_written_twice_now_and_then() -> None:
    members = rows_of("crm", "members")

    assert members["会员号"].nunique() == export_of("crm").counts["accounts"]
    assert 0 < members["会员号"].duplicated().sum() < 0.004 * len(members)
    assert members.duplicated().sum() == members["会员号"].duplicated().sum()


def test_one_column_of_dates_mixes_three_forms_and_dates_that_never_were() -> None:
    born = rows_of("crm", "members")["生日"].dropna()

    slashed = born.str.fullmatch(r"\d{4}/\d{1,2}/\d{1,2}").mean()
    dashed = born.str.fullmatch(r"\d{4}-\d{2}-\d{2}").mean()
    spelled = born.str.fullmatch(r"\d{4}年\d{1,2}月\d{1,2}日").mean()

    assert (slashed, dashed, spelled) == pytest.approx((0.7, 0.2, 0.1), abs=0.02)
    never = born[born.str.contains(r"[/-]0?2[/-]3[01]")]
    assert 1 <= len(never) < 0.001 * len(born)


def test_default_numbers_stand_in_for_real_ones_at_the_stated_rate() -> None:
    phones = rows_of("crm", "members")["手机"].dropna()

    is_default = phones.isin(default_phones(20_000, rng=stream(1, "x")).to_pylist())

    # 无 is among the defaults, and also what 0.3 % of the clerks write
    assert is_default.mean() == pytest.approx((0.002 + 0.003) / 0.92, abs=0.002)


def test_members_numbers_are_real_numbers_otherwise() -> None:
    phones = rows_of("crm", "members")["手机"].dropna().head(400)

    for phone in phones[phones.str.len() >= 11]:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone, "CN"))


def test_a_members_number_is_mostly_their_own() -> None:
    members, owner = rows_of("crm", "members"), person_of("crm")
    told = members.dropna(subset=["手机"])
    known = told[told["手机"].str.fullmatch(r"1\d{10}")]

    own = company().people.phone[[owner[key] for key in known["会员号"]]]

    share = (known["手机"].astype("int64").to_numpy() == own).mean()
    # outdated numbers (half of 3 %) and second numbers (half of the second accounts)
    assert 0.93 < share < 0.98


def test_card_tiers_follow_what_was_spent() -> None:
    members, owner = rows_of("crm", "members"), person_of("crm")
    spend = company().spend()[[owner[key] for key in members["会员号"]]]

    mean = pd.Series(spend).groupby(members["卡等级"].to_numpy()).mean()

    assert set(mean.index) == {"普通卡", "金卡", "白金卡", "钻石卡", "团购"}
    assert mean["普通卡"] < mean["金卡"] < mean["白金卡"] < mean["钻石卡"]


def test_a_withdrawal_comes_after_the_consent() -> None:
    consents = rows_of("crm", "consents")
    asked = consents.groupby(["会员号", "用途", "渠道"])

    first, last, count = asked["时间"].min(), asked["时间"].max(), asked.size()

    assert (last[count == 2] > first[count == 2]).all()
    assert count.max() == 2
    assert (count == 2).mean() == pytest.approx(0.05, abs=0.006)
    assert set(consents["用途"]) == {"营销", "个性化推荐", "信息共享"}


def test_a_control_group_is_held_back() -> None:
    exposures = rows_of("crm", "exposures")

    held_back = exposures["对照组"] == "是"

    assert held_back.mean() == pytest.approx(0.1, abs=0.01)
    assert exposures.loc[held_back, "动作"].isna().all()
    assert exposures.loc[~held_back, "动作"].notna().all()
