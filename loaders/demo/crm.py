"""The CRM: members, consents, balances and campaigns, as GB18030 CSV with Chinese headers.

Old and typed by hand: dates in three forms and some that never were, cells left empty or
filled with 无, cards opened twice, numbers that members have long given up.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.accounts import Register
from loaders.demo.company import Company, Export
from loaders.demo.dirt import (
    a_few,
    as_typed,
    default_mails,
    default_phones,
    doubled,
    names_given,
)
from loaders.demo.draw import Flags, Ints, chance, ragged, scattered, stream, weighted
from loaders.demo.files import Extract
from loaders.demo.people import addresses, cities_of
from loaders.demo.profile import CLOSES, DAY, OPENS
from loaders.demo.text import clock, join, keys, number, overwritten, pick, usable, written_days
from loaders.demo.vocabulary import shares

ENCODING = "gb18030"
TIERS = ("普通卡", "金卡", "白金卡", "钻石卡", "团购")
_TIER_FROM = (500_000, 2_000_000, 6_000_000)  # hundredths of a yuan spent
_IMPOSSIBLE = ("1990-02-31", "1985/2/30", "2026-02-31")
# purpose, channel, share of members who were asked
_CONSENTS = (
    ("营销", "短信", 0.5),
    ("营销", "邮件", 0.2),
    ("个性化推荐", "", 0.4),
    ("信息共享", "", 0.05),
)


def export(company: Company) -> Export:
    """Return the CRM's files and whose each member number is."""
    register = company.registers["crm"]
    member = member_keys(np.arange(len(register)), seed=company.seed)
    members = _members(company, register, member=member)
    consents = _consents(company, member)
    balances = _balances(company, member)
    exposures = _exposures(company, member)
    twice = doubled(len(register), rate=company.profile.doubled_rows, rng=company.stream("twice"))
    tables = {
        "members": members.take(pa.array(twice)),
        "consents": consents,
        "balances": balances,
        "campaigns": company.campaigns.rows,
        "exposures": exposures,
    }
    counts = {name: rows.num_rows for name, rows in tables.items() if name != "members"}
    counts["accounts"] = len(register)
    counts["identifiers"] = sum(usable(members[c]) for c in ("会员号", "手机", "邮箱", "UnionID"))
    extracts = (
        Extract(name, f"crm/{name}.csv", rows, encoding=ENCODING) for name, rows in tables.items()
    )
    return Export("crm", tuple(extracts), member, register.person, counts)


def member_keys(accounts: Ints, *, seed: int) -> pa.Array:
    """Write the member numbers of the CRM's ``accounts``; the till reads them off the card."""
    return keys(
        "M",
        10_000_000 + scattered(accounts, below=90_000_000, seed=seed, subject="members"),
        width=8,
    )


def _members(company: Company, register: Register, *, member: pa.Array) -> pa.Table:
    people, person, profile = company.people, register.person, company.profile
    rng, n = company.stream("members"), len(register)
    city, province = cities_of(people, person)
    told = np.where(chance(rng, 0.02, n=n), 2, people.is_female[person])
    gender = pick(("男", "女", "未知"), told)
    registered = _registered(company, person)
    return pa.table(
        {
            "会员号": member,
            "姓名": names_given(people, person, differs=profile.name_differs / 2, rng=rng),
            "性别": overwritten(gender, chance(rng, 0.08, n=n), by=None),
            "生日": _birth_dates(company, person, rng=rng),
            "手机": _phones(company, register, rng=rng),
            "邮箱": _mails(company, register, rng=rng),
            "省份": province,
            "城市": overwritten(city, chance(rng, 0.05, n=n), by=None),
            "详细地址": overwritten(
                addresses(people, person, seed=company.seed), chance(rng, 0.4, n=n), by=None
            ),
            "职业": _drawn("occupations", 0.2, n=n, rng=rng),
            "卡等级": _tiers(company, person),
            "注册时间": join(
                written_days(registered // DAY, weighted(rng, (7, 2, 1), n=n)), " 10:30"
            ),
            "来源渠道": _drawn("channels", 0.1, n=n, rng=rng),
            "UnionID": overwritten(
                people.union_id.take(pa.array(person)), chance(rng, 0.5, n=n), by=None
            ),
        }
    )


def _drawn(name: str, missing: float, *, n: int, rng: np.random.Generator) -> pa.Array:
    among, weights = shares("people", name)
    return pick(among, weighted(rng, weights, n=n), missing=chance(rng, missing, n=n))


def _registered(company: Company, person: Ints) -> Ints:
    """Return when each account was opened: within two months of the first contact."""
    lag = stream(company.seed, "registered").integers(0, 60 * DAY, len(person))
    opened: Ints = np.minimum(company.people.joined_at[person] + lag, CLOSES - DAY)
    return opened


def _birth_dates(company: Company, person: Ints, *, rng: np.random.Generator) -> pa.Array:
    n = len(person)
    is_wrong = chance(rng, company.profile.wrong_birth_date, n=n)
    day = company.people.birth_day[person] + np.where(is_wrong, rng.integers(-400, 400, n), 0)
    written = written_days(day, weighted(rng, (7, 2, 1), n=n))
    written = overwritten(written, chance(rng, 0.25, n=n), by=None)
    never_was = pick(_IMPOSSIBLE, rng.integers(0, len(_IMPOSSIBLE), n))
    return overwritten(written, a_few(n, rate=0.0002, rng=rng), by=never_was)


def _phones(company: Company, register: Register, *, rng: np.random.Generator) -> pa.Array:
    people, person, n = company.people, register.person, len(register)
    gave_second = ~register.is_first & chance(rng, 0.5, n=n)
    phone = np.where(gave_second, people.second_phone[person], people.phone[person])
    is_outdated = (people.former_phone[person] > 0) & chance(rng, 0.5, n=n)
    phone = np.where(is_outdated, people.former_phone[person], phone)
    written = as_typed(phone, weights=(0.96, 0.01, 0.02, 0.01, 0.0), rng=rng)
    written = overwritten(written, chance(rng, 0.08, n=n), by=None)
    written = overwritten(written, chance(rng, 0.003, n=n), by="无")
    is_default = chance(rng, company.profile.default_accounts, n=n)
    return overwritten(written, is_default, by=default_phones(n, rng=rng))


def _mails(company: Company, register: Register, *, rng: np.random.Generator) -> pa.Array:
    n = len(register)
    mail = company.people.mail.take(pa.array(register.person))
    mail = overwritten(mail, chance(rng, 0.3, n=n), by=None)
    upper = chance(rng, 0.03, n=n)  # phones write the first letter large
    mail = pc.if_else(pa.array(upper), pc.utf8_capitalize(mail), mail)
    is_default = chance(rng, company.profile.default_mails, n=n)
    return overwritten(mail, is_default, by=default_mails(n, rng=rng))


def _tiers(company: Company, person: Ints) -> pa.Array:
    tier = np.searchsorted(_TIER_FROM, company.spend(), side="right")
    return pick(TIERS, np.where(company.people.is_reseller, len(TIERS) - 1, tier)[person])


def _consents(company: Company, member: pa.Array) -> pa.Table:
    rng = company.stream("consents")
    asked = [np.flatnonzero(chance(rng, share, n=len(member))) for _, _, share in _CONSENTS]
    account = np.concatenate(asked)
    question = np.repeat(np.arange(len(_CONSENTS)), [len(who) for who in asked])
    at = OPENS + rng.integers(0, 600 * DAY, len(account))
    withdrawn = np.flatnonzero(chance(rng, 0.05, n=len(account)))
    answer = pick(("是", "否"), chance(rng, 0.12, n=len(account)).astype(np.int64))
    row = np.concatenate([np.arange(len(account)), withdrawn])
    purpose, channel, _ = zip(*_CONSENTS, strict=True)
    later = rng.integers(DAY, 120 * DAY, len(withdrawn))
    return pa.table(
        {
            "会员号": pick(member, account[row]),
            "用途": pick(purpose, question[row]),
            "渠道": pick(channel, question[row]),
            "是否同意": pa.concat_arrays([answer, pa.array(["否"] * len(withdrawn), pa.string())]),
            "时间": clock(np.concatenate([at, at[withdrawn] + later])),
            "版本": pick(("v1.0", "v2.0"), (at[row] > OPENS + 365 * DAY).astype(np.int64)),
        }
    )


def _balances(company: Company, member: pa.Array) -> pa.Table:
    rng = company.stream("balances")
    has_points, has_coupons = (chance(rng, share, n=len(member)) for share in (0.7, 0.2))
    account = np.concatenate([np.flatnonzero(has_points), np.flatnonzero(has_coupons)])
    is_coupon = np.arange(len(account)) >= has_points.sum()
    points = rng.gamma(0.8, 900.0, len(account)).astype(np.int64) + 1
    amount = np.where(is_coupon, rng.integers(1, 4, len(account)), points)
    expires = CLOSES + np.where(is_coupon, 30, 184) * DAY - 1
    return pa.table(
        {
            "会员号": pick(member, account),
            "类型": pick(("积分", "优惠券"), is_coupon.astype(np.int64)),
            "数量": number(amount),
            "有效期至": clock(expires),
        }
    )


def _exposures(company: Company, member: pa.Array) -> pa.Table:
    """Send every action to a tenth of the members and hold back a tenth of those."""
    rng, campaigns = company.stream("exposures"), company.campaigns
    counts = rng.binomial(len(member), 0.1, len(campaigns.first_day))
    action, _ = ragged(counts)
    n = len(action)
    is_control = chance(rng, 0.1, n=n)
    response = pick(("发送", "打开", "点击", "转化"), weighted(rng, (70, 20, 7, 3), n=n))
    at = campaigns.first_day[action] * DAY + rng.integers(9 * 3600, 11 * 3600, n)
    return pa.table(
        {
            "会员号": pick(member, rng.integers(0, len(member), n)),
            "活动编号": pick(campaigns.rows["活动编号"].combine_chunks(), action),
            "渠道": pick(campaigns.rows["渠道"].combine_chunks(), action),
            "时间": clock(at),
            "动作": overwritten(response, is_control, by=None),
            "对照组": _yes_no(is_control),
            "费用": overwritten(pick(("0.05",), np.zeros(n, dtype=np.int64)), is_control, by="0"),
        }
    )


def _yes_no(flags: Flags) -> pa.Array:
    return pick(("否", "是"), flags.astype(np.int64))
