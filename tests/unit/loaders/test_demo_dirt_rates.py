"""Dirty values: each at the rate that the profile states, in the system that makes them."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from loaders.demo.dirt import as_typed, default_mails, doubled, slipped
from loaders.demo.draw import stream
from loaders.demo.profile import CLOSES, LAST_DAY, RETAIL
from loaders.demo.vocabulary import shares, words
from tests.chances import misfit, near
from tests.demo_exports import N, company, person_of, rows_of

WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
HABITS = {
    "plain": r"1\d{10}",
    "spaced": r"1\d{2} \d{4} \d{4}",
    "hyphened": r"1\d{2}-\d{4}-\d{4}",
    "abroad": r"\+86 1\d{10}",
    "wide": "１[０-９]{10}",
}


def members() -> pd.DataFrame:
    return rows_of("crm", "members").drop_duplicates("会员号")


def habits(phones: "pd.Series[str]") -> dict[str, int]:
    # Python's \d knows full-width digits too
    return {
        name: int(phones.str.fullmatch(re.compile(form, re.ASCII)).sum())
        for name, form in HABITS.items()
    }


def national(phones: "pd.Series[str]") -> "pd.Series[str]":
    plain = phones.str.translate(WIDE).str.replace(r"[^0-9]", "", regex=True)
    return plain.str.slice(-11)


# ---------------------------------------------------------------- CRM


@pytest.mark.parametrize(
    ("column", "rate"),
    [
        ("性别", 0.08),
        ("生日", 0.25),
        ("详细地址", 0.40),
        ("城市", 0.05),
        ("职业", 0.20),
        ("来源渠道", 0.10),
    ],
)
def test_cells_of_a_member_are_empty_at_their_rate(column: str, rate: float) -> None:
    empty = members()[column].isna()

    assert empty.mean() == near(rate, n=len(empty))


def test_a_members_province_and_card_are_always_told() -> None:
    told = members()[["会员号", "姓名", "省份", "卡等级", "注册时间"]].notna()

    assert told.all(axis=None)


def test_occupations_and_channels_fit_their_shares() -> None:
    rows = members()

    for column, name in (("职业", "occupations"), ("来源渠道", "channels")):
        among, weights = shares("people", name)
        counts = rows[column].value_counts()
        assert misfit([int(counts[word]) for word in among], weights) < 3


def test_members_numbers_are_typed_in_four_habits_and_never_in_wide_digits() -> None:
    counts = habits(members()["手机"].dropna())

    assert counts["wide"] == 0
    typed = [counts[name] for name in ("plain", "spaced", "hyphened", "abroad")]
    assert misfit(typed, (0.96, 0.01, 0.02, 0.01)) < 5


def test_invented_mails_stand_in_at_their_rate() -> None:
    mails = members()["邮箱"].dropna()
    invented = set(words("machines", "default_mails"))

    n = len(members())
    # of all members, told or not
    assert mails.isin(invented).sum() / n == near(RETAIL.default_mails, n=n)
    assert mails[~mails.isin(invented)].str.fullmatch(r"[uU]\d+@[a-z.]+").all()


def test_a_mail_begins_with_a_capital_now_and_then() -> None:
    mails = members()["邮箱"].dropna()
    real = mails[~mails.isin(words("machines", "default_mails"))]

    assert real.str.startswith("U").mean() == near(0.03, n=len(real))


def test_a_mail_is_the_members_own_but_for_its_case() -> None:
    owner, true = person_of("crm"), company().people.mail.to_pylist()
    rows = members().dropna(subset=["邮箱"])
    real = rows[~rows["邮箱"].isin(words("machines", "default_mails"))]

    own = [true[owner[key]] for key in real["会员号"]]

    assert real["邮箱"].str.lower().tolist() == own


def test_birth_dates_are_wrong_at_their_rate_and_by_little() -> None:
    owner, born = person_of("crm"), company().people.birth_day
    rows = members().dropna(subset=["生日"])
    parts = rows["生日"].str.extract(r"(\d+)[/年-](\d+)[/月-](\d+)").astype(int)
    never = (parts[1] == 2) & (parts[2] > 29)
    told = [
        (date(*row) - date(1970, 1, 1)).days
        for row in parts[~never].itertuples(index=False, name=None)
    ]

    off = np.array(told) - born[[owner[key] for key in rows.loc[~never, "会员号"]]]

    # one wrong date in eight hundred is right by accident
    assert (off != 0).mean() == near(RETAIL.wrong_birth_date, n=len(off))
    assert -400 <= off.min() < off.max() < 400


def test_a_stranger_name_shares_the_surname() -> None:
    owner, people = person_of("crm"), company().people
    rows = members()
    persons = [owner[key] for key in rows["会员号"]]
    true, surname = np.array(people.full_name.to_pylist()), people.surname.to_pylist()

    differs = rows["姓名"].to_numpy() != true[persons]

    assert differs.mean() == near(RETAIL.name_differs / 2, n=len(rows))
    assert all(n.startswith(surname[p]) for n, p in zip(rows["姓名"], persons, strict=True))


def test_rows_are_written_twice_side_by_side() -> None:
    keys = rows_of("crm", "members")["会员号"].tolist()
    twice = [place for place in range(1, len(keys)) if keys[place] == keys[place - 1]]

    assert len(twice) == len(keys) - len(set(keys))
    assert len(twice) / len(set(keys)) == near(RETAIL.doubled_rows, n=len(set(keys)))


def test_points_and_coupons_are_held_at_their_rates_and_expire_after_the_files_end() -> None:
    balances = rows_of("crm", "balances")
    n = len(members())

    held = balances["类型"].value_counts()

    assert held["积分"] / n == near(0.7, n=n)
    assert held["优惠券"] / n == near(0.2, n=n)
    assert (pd.to_datetime(balances["有效期至"]) > pd.Timestamp(CLOSES, unit="s")).all()
    assert balances.loc[balances["类型"] == "优惠券", "数量"].astype(int).isin([1, 2, 3]).all()


@pytest.mark.parametrize(
    ("purpose", "channel", "rate"),
    [("营销", "短信", 0.5), ("营销", "邮件", 0.2), ("个性化推荐", "", 0.4), ("信息共享", "", 0.05)],
)
def test_members_were_asked_for_consent_at_its_rate(
    purpose: str, *, channel: str, rate: float
) -> None:
    consents = rows_of("crm", "consents")
    asked = consents[(consents["用途"] == purpose) & (consents["渠道"] == channel)]

    n = len(members())
    assert asked["会员号"].nunique() / n == near(rate, n=n)


# ---------------------------------------------------------------- tills and calls


def test_default_numbers_and_the_clerks_own_are_typed_at_their_rates() -> None:
    receipts = rows_of("pos", "receipts").drop_duplicates("小票号")
    invented = receipts["手机号"].isin(words("machines", "default_phones"))

    assert invented.mean() == near(RETAIL.default_receipts, n=len(receipts))


def test_a_number_typed_at_the_till_is_the_customers_but_for_slips() -> None:
    owner, phone = person_of("pos"), company().people.phone
    keys = [key for key in owner if not key.startswith("M") and owner[key] < N]

    strange = [key for key in keys if int(key) != phone[owner[key]]]

    # a slip makes a new key each time, a right number the same key again: so above the rate
    assert RETAIL.till_slips < len(strange) / len(keys) < 6 * RETAIL.till_slips


def test_calls_are_written_down_in_five_habits() -> None:
    phones = rows_of("call", "tickets")["来电号码"]

    counts = habits(phones)

    assert sum(counts.values()) == len(phones)
    assert misfit(list(counts.values()), (0.5, 0.2, 0.1, 0.12, 0.08)) < 4


def test_callers_numbers_are_right_but_for_slips() -> None:
    tickets = rows_of("call", "tickets")
    real = set(company().people.phone[company().registers["call"].person].tolist())

    right = national(tickets["来电号码"]).astype(int).isin(real)

    # of the slips, those that hit another's number look right
    rate = 1 - RETAIL.call_slips * (1 - RETAIL.slips_that_hit)
    assert right.mean() == near(rate, n=len(tickets))


@pytest.mark.parametrize(
    ("column", "rate"),
    [("客户姓名", 0.30), ("商品编码", 0.25), ("完结时间", 0.06), ("满意度", 0.40)],
)
def test_cells_of_a_ticket_are_empty_at_their_rate(column: str, rate: float) -> None:
    empty = rows_of("call", "tickets")[column].isna()

    assert empty.mean() == near(rate, n=len(empty))


def test_complaints_leave_worse_marks() -> None:
    tickets = rows_of("call", "tickets").dropna(subset=["满意度"])
    mark = tickets["满意度"].astype(int)

    is_complaint = tickets["工单类型"] == "投诉"

    assert mark.between(0, 100).all()
    assert mark[~is_complaint].mean() - mark[is_complaint].mean() == pytest.approx(26, abs=5)


# ---------------------------------------------------------------- shop, web, partner


@pytest.mark.parametrize(
    ("source", "name", "column", "rate"),
    [
        ("erp", "customers", "phone", 0.05),
        ("erp", "customers", "open_id", 0.60),
        ("web", "users", "phone", 0.30),
    ],
)
def test_identifiers_are_withheld_at_their_rate(
    source: str, name: str, *, column: str, rate: float
) -> None:
    missing = rows_of(source, name)[column].isna()

    assert missing.mean() == near(rate, n=len(missing))


def test_a_suppliers_digests_are_in_capitals_in_one_row_of_five() -> None:
    audience = rows_of("partner", "audience")
    digest = audience["phone_md5"].fillna(audience["email_md5"]).dropna()

    shouted = digest.str.fullmatch(r"[0-9A-F]{32}") & digest.str.contains("[A-F]")

    assert digest.str.fullmatch(r"[0-9A-F]{32}|[0-9a-f]{32}").all()
    assert shouted.mean() == near(0.2, n=len(digest))


def test_a_partners_age_band_is_the_persons() -> None:
    audience = rows_of("partner", "audience")
    age = (LAST_DAY - company().people.birth_day) // 365
    bands = pd.cut(
        pd.Series(age), [0, 25, 35, 45, 60, 200], right=False,
        labels=["18-24", "25-34", "35-44", "45-59", "60+"],
    )  # fmt: skip

    person = company().registers["partner"].person

    assert audience["age_band"].tolist() == bands[person].astype(str).tolist()


# ---------------------------------------------------------------- the makers of dirt by themselves


@pytest.mark.parametrize("rate", [0.0, 0.015, 0.5, 1.0])
def test_slips_come_at_any_rate(rate: float) -> None:
    phones = np.arange(13_800_000_000, 13_800_000_000 + 40_000)

    typed = slipped(phones, rate=rate, hits=0.0, rng=stream(1, "x"))

    if rate in (0.0, 1.0):
        assert (typed != phones).all() == bool(rate)
        assert (typed != phones).any() == bool(rate)
    else:
        assert (typed != phones).mean() == near(rate, n=len(phones))


def test_a_slip_keeps_eleven_digits_and_the_prefix() -> None:
    phones = np.full(5_000, 13_900_000_009)

    typed = slipped(phones, rate=1.0, hits=0.0, rng=stream(2, "x"))

    assert set((typed // 100_000_000).tolist()) == {139}


def test_every_habit_reads_back_as_the_number() -> None:
    phones = np.arange(13_700_000_000, 13_700_000_400)

    typed = as_typed(phones, weights=(1, 1, 1, 1, 1), rng=stream(5, "x")).to_pylist()

    assert national(pd.Series(typed)).astype(int).tolist() == phones.tolist()
    assert all(habits(pd.Series(typed)).values())


def test_the_commonest_invented_mail_leads() -> None:
    drawn = pd.Series(default_mails(10_000, rng=stream(1, "x")).to_pylist()).value_counts()

    # Zipf over 5 values: 1 / (1 + 1/2 + 1/3 + 1/4 + 1/5) = 60 / 137
    assert drawn.index[0] == "test@test.com"
    assert drawn.iloc[0] / 10_000 == near(60 / 137, n=10_000)


def test_doubled_rows_keep_every_row_once_at_least_and_twice_at_most() -> None:
    rows = doubled(20_000, rate=0.1, rng=stream(4, "x"))

    counts = np.bincount(rows)
    assert (np.diff(rows) >= 0).all()
    assert set(counts.tolist()) == {1, 2}
    assert (counts == 2).mean() == near(0.1, n=20_000)
