"""The ERP of the online shop: buyers, orders and lines as typed Parquet, and the master data."""

import numpy as np
import pyarrow as pa

from loaders.demo.accounts import Register
from loaders.demo.baskets import Lines
from loaders.demo.catalogue import money
from loaders.demo.company import Company, Export
from loaders.demo.dirt import names_given
from loaders.demo.draw import Ints, chance, mixed, scattered, weighted
from loaders.demo.files import Extract
from loaders.demo.people import addresses, cities_of
from loaders.demo.profile import CLOSES, DAY, OPENS
from loaders.demo.purchases import Orders
from loaders.demo.text import hexadecimal, instants, join, keys, overwritten, pick, usable

_CHANNELS = (("官网", 20), ("小程序", 40), ("APP", 30), ("直播间", 10))
_PAYMENTS = (("微信支付", 50), ("支付宝", 38), ("银行卡", 8), ("货到付款", 4))


def export(company: Company) -> Export:
    """Return the ERP's files and whose each buyer number is."""
    register = company.registers["erp"]
    buyer = keys(
        "U",
        100_000_000
        + scattered(
            np.arange(len(register)), below=800_000_000, seed=company.seed, subject="buyers"
        ),
        width=9,
    )
    is_online = ~company.orders.at_till
    orders, lines = company.orders.of(is_online), company.lines.of(is_online)
    order_no = keys("SO", np.arange(len(orders)) + 1, width=9)
    tables = {
        "customers": _customers(company, register, buyer=buyer),
        "orders": _orders(company, orders, lines=lines, keys_of=(order_no, buyer)),
        "order_lines": line_rows(lines, order_no, skus=company.catalogue.keys),
        "categories": company.catalogue.categories,
        "products": company.catalogue.products,
        "stores": company.stores.rows,
    }
    counts = {name: rows.num_rows for name, rows in tables.items() if name != "customers"}
    identified = [tables["customers"][name] for name in ("phone", "email", "open_id", "union_id")]
    counts |= {"accounts": len(register), "identifiers": sum(usable(c) for c in identified)}
    extracts = (Extract(name, f"erp/{name}.parquet", rows) for name, rows in tables.items())
    return Export("erp", tuple(extracts), buyer, register.person, counts)


def _customers(company: Company, register: Register, *, buyer: pa.Array) -> pa.Table:
    people, person, profile = company.people, register.person, company.profile
    rng, n = company.stream("buyers"), len(register)
    city, province = cities_of(people, person)
    is_second = ~register.is_first & chance(rng, 0.5, n=n)
    phone = np.where(is_second, people.second_phone[person], people.phone[person])
    open_id = join("o", hexadecimal(mixed(np.arange(n), seed=company.seed, subject="open id")))
    joined = np.maximum(people.joined_at[person], OPENS - 4 * 365 * DAY)
    return pa.table(
        {
            "buyer_id": buyer,
            "receiver": names_given(people, person, differs=profile.name_differs, rng=rng),
            "phone": overwritten(
                pa.array(phone).cast(pa.string()), chance(rng, 0.05, n=n), by=None
            ),
            "email": overwritten(
                people.mail.take(pa.array(person)), chance(rng, 0.5, n=n), by=None
            ),
            "open_id": overwritten(open_id, chance(rng, 0.6, n=n), by=None),
            "union_id": overwritten(
                people.union_id.take(pa.array(person)), chance(rng, 0.5, n=n), by=None
            ),
            "province": province,
            "city": city,
            "address": addresses(people, person, seed=company.seed),
            "created_at": instants(np.minimum(joined // DAY * DAY + 8 * 3600, CLOSES - DAY)),
        }
    )


def _orders(
    company: Company, orders: Orders, *, lines: Lines, keys_of: tuple[pa.Array, pa.Array]
) -> pa.Table:
    order_no, buyer = keys_of
    rng, n, profile = company.stream("shop orders"), len(orders), company.profile
    account = company.registers["erp"].one_of(rng, orders.person)
    paid, listed = totals(lines, n=n)
    usual = 1.0 - profile.cancelled - profile.refunded
    status = weighted(rng, (usual, profile.cancelled, profile.refunded), n=n)
    is_coupon = (orders.discount == 5) | (orders.discount == 10)
    return pa.table(
        {
            "order_no": order_no,
            "buyer_id": pick(buyer, account),
            "order_time": instants(orders.at),
            "channel": _drawn(_CHANNELS, n=n, rng=rng),
            "status": pick(("PAID", "CANCELLED", "REFUNDED"), status),
            "pay_type": _drawn(_PAYMENTS, n=n, rng=rng),
            "currency": pick(("CNY",), np.zeros(n, dtype=np.int64)),
            "coupon": overwritten(keys("CP", orders.discount, width=2), ~is_coupon, by=None),
            "discount": money(listed - paid),
            "total": money(paid),
        }
    )


def _drawn(among: tuple[tuple[str, int], ...], *, n: int, rng: np.random.Generator) -> pa.Array:
    choices, weights = zip(*among, strict=True)
    return pick(choices, weighted(rng, weights, n=n))


def totals(lines: Lines, *, n: int) -> tuple[Ints, Ints]:
    """Sum what was paid and what was listed over the lines of each of ``n`` orders."""
    sums = (np.bincount(lines.order, column, n) for column in (lines.amount, lines.list_amount))
    paid, listed = (column.astype(np.int64) for column in sums)  # exact: far below 2**53
    return paid, listed


def line_rows(lines: Lines, order_keys: pa.Array, *, skus: pa.Array) -> pa.Table:
    """Return order lines as the ERP exports them."""
    return pa.table(
        {
            "order_no": pick(order_keys, lines.order),
            "line_no": pa.array(lines.place.astype(np.int32)),
            "sku": pick(skus, lines.article),
            "qty": pa.array(lines.quantity.astype(np.int32)),
            "list_amount": money(lines.list_amount),
            "paid_amount": money(lines.amount),
        }
    )
