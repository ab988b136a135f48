"""The tills: receipts and their lines, a pair of files a month, as shops' software writes them.

CSV with a byte-order mark and Windows line ends. A receipt knows its customer by the member
card or by a number typed at the till, sometimes mistyped, sometimes the clerk's own, often not
at all. Goods brought back are receipts of their own with negative quantities.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.demo.baskets import Lines
from loaders.demo.calendar import months
from loaders.demo.catalogue import N_STORES, money
from loaders.demo.company import Company, Export, first_owners
from loaders.demo.crm import member_keys
from loaders.demo.dirt import default_phones, doubled, slipped
from loaders.demo.draw import Flags, Ints, chance, weighted
from loaders.demo.erp import totals
from loaders.demo.files import Extract
from loaders.demo.people import mobiles
from loaders.demo.profile import CLOSES, DAY
from loaders.demo.purchases import Orders
from loaders.demo.text import clock, join, keys, number, overwritten, pick


@dataclass(frozen=True)
class Typed:
    """What the clerk entered on each receipt, and who it was: -1 where nobody is named."""

    card: pa.Array
    phone: pa.Array
    owner: Ints
    is_slip: Flags


def export(company: Company) -> Export:
    """Return the tills' files and who stands behind each card and number."""
    profile, at_till = company.profile, company.orders.at_till
    orders, lines = with_returns(
        company.orders.of(at_till),
        company.lines.of(at_till),
        rate=profile.returned,
        rng=company.stream("returns"),
    )
    typed = _typed(company, orders)
    receipt = _receipt_numbers(company, orders)
    heads = _heads(company, orders, lines=lines, typed=typed, receipt=receipt)
    twice = doubled(len(orders), rate=profile.doubled_rows, rng=company.stream("till twice"))
    extracts = (
        _till_files("receipts", heads.take(pa.array(twice)), at=orders.at[twice]),
        _till_files(
            "lines", _line_rows(company, lines, receipt=receipt), at=orders.at[lines.order]
        ),
    )
    account_keys, persons = _accounts(typed)
    counts = {"accounts": len(persons), "identifiers": len(persons)}
    counts |= {"orders": len(orders), "order_lines": len(lines)}
    return Export("pos", extracts, account_keys, persons, counts)


def _till_files(name: str, rows: pa.Table, *, at: Ints) -> Extract:
    return Extract(name, f"pos/{name}_*.csv", rows, "utf-8-sig", "\r\n", month=months(at))


def _receipt_numbers(company: Company, orders: Orders) -> pa.Array:
    store = pick(company.stores.rows["store_code"].combine_chunks(), orders.store)
    return join(store, "-", number(np.arange(len(orders)) + 1, width=8))


def with_returns(
    orders: Orders, lines: Lines, *, rate: float, rng: np.random.Generator
) -> tuple[Orders, Lines]:
    """Add a receipt for each line that is brought back within three weeks, in order of time."""
    back = np.flatnonzero(chance(rng, rate, n=len(lines)))
    sold = lines.order[back]
    at = np.minimum(orders.at[sold] // DAY + rng.integers(1, 21, len(back)), CLOSES // DAY - 1)
    at = at * DAY + rng.integers(10 * 3600, 20 * 3600, len(back))
    columns = (orders.person, orders.at, orders.store, orders.discount)
    added = (orders.person[sold], at, orders.store[sold], orders.discount[sold])
    merged = [np.concatenate(pair) for pair in zip(columns, added, strict=True)]
    by_time = np.argsort(merged[1], kind="stable")
    new_place = np.empty(len(by_time), dtype=np.int64)
    new_place[by_time] = np.arange(len(by_time))
    order = new_place[np.concatenate([lines.order, len(orders) + np.arange(len(back))])]
    by_order = np.argsort(order, kind="stable")
    numbers = (lines.quantity, lines.amount, lines.list_amount)
    quantity, amount, listed = (np.concatenate([c, -c[back]])[by_order] for c in numbers)
    article = np.concatenate([lines.article, lines.article[back]])[by_order]
    # a list amount states a price, which is never negative
    kept = Lines(order[by_order], article, quantity, amount, np.abs(listed))
    return Orders(*(column[by_time] for column in merged)), kept


def _typed(company: Company, orders: Orders) -> Typed:
    people, profile, rng = company.people, company.profile, company.stream("till")
    n, person = len(orders), np.maximum(orders.person, 0)
    says_nothing = (orders.person < 0) | chance(rng, 0.05, n=n)
    crm = company.registers["crm"]
    carries_card = crm.holds(np.arange(len(people))) & chance(rng, 0.6, n=len(people))
    shows_card = carries_card[person] & ~says_nothing
    card = member_keys(crm.first[person], seed=company.seed)
    right = people.phone[person]
    phone = slipped(right, rate=profile.till_slips, hits=profile.slips_that_hit, rng=rng)
    is_slip = (phone != right) & ~shows_card
    owner = np.where(says_nothing, -1, orders.person)
    written = overwritten(number(phone), shows_card | says_nothing, by=None)
    # a guest is who gets the clerk's or an invented number
    trouble = rng.random(n)
    is_clerk = trouble < profile.clerk_receipts
    is_default = ~is_clerk & (trouble < profile.clerk_receipts + profile.default_receipts)
    own_numbers = mobiles(2 * len(people) + np.arange(N_STORES), seed=company.seed)
    written = overwritten(written, is_clerk, by=number(own_numbers[orders.store]))
    written = overwritten(written, is_default, by=default_phones(n, rng=rng))
    owner = np.where(is_clerk, len(people) + orders.store, np.where(is_default, -1, owner))
    no_card = ~shows_card | is_clerk | is_default
    return Typed(overwritten(card, no_card, by=None), written, owner, is_slip & ~is_clerk)


def _accounts(typed: Typed) -> tuple[pa.Array, Ints]:
    """Return each card or number once, with its person."""
    named = np.flatnonzero(typed.owner >= 0)
    key = pc.coalesce(typed.card, typed.phone).take(pa.array(named))
    return first_owners(key, typed.owner[named], is_slip=typed.is_slip[named])


def _heads(
    company: Company, orders: Orders, *, lines: Lines, typed: Typed, receipt: pa.Array
) -> pa.Table:
    rng, n = company.stream("receipts"), len(orders)
    paid, listed = totals(lines, n=n)
    store = pick(company.stores.rows["store_code"].combine_chunks(), orders.store)
    payment = pick(
        ("微信", "支付宝", "现金", "银行卡", "储值卡"), weighted(rng, (45, 30, 8, 12, 5), n=n)
    )
    return pa.table(
        {
            "小票号": receipt,
            "门店编号": store,
            "收银员": keys("C", orders.store * 10 + rng.integers(0, 6, n), width=4),
            "交易时间": clock(orders.at),
            "会员卡号": typed.card,
            "手机号": typed.phone,
            "支付方式": payment,
            "优惠金额": money(np.maximum(listed - paid, 0) * (paid > 0)),
            "实收金额": money(paid),
        }
    )


def _line_rows(company: Company, lines: Lines, *, receipt: pa.Array) -> pa.Table:
    article = pick(company.catalogue.keys, lines.article)
    return pa.table(
        {
            "小票号": pick(receipt, lines.order),
            "行号": lines.place,
            "商品编码": article,
            "商品名称": pick(company.catalogue.names, lines.article),
            "数量": lines.quantity,
            "标价金额": money(lines.list_amount),
            "实付金额": money(lines.amount),
        }
    )
