"""The orders of the deck's customers, what they post, and the baskets of its guests.

The customers' orders have an amount and no lines, the guests' have lines and no customer:
baskets do not move a score, and customers do not add to the baskets that rules count.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from loaders.demo.catalogue import money
from loaders.demo.company import Export
from loaders.demo.deck.figures import BASKETS, PRICES
from loaders.demo.deck.forum import forum_of, nicknames, posts_of
from loaders.demo.deck.population import Members, apportioned
from loaders.demo.draw import Ints, ragged, stream
from loaders.demo.files import Extract
from loaders.demo.profile import CLOSES, OPENS
from loaders.demo.text import instants, keys, number, pick

_SPREAD = 0.5  # deviation of the logarithm of an order's amount


@dataclass(frozen=True)
class Orders:
    """Orders by member and time; ``amount`` in hundredths of a yuan, at least one of them."""

    member: Ints
    at: Ints
    amount: Ints


def orders_of(members: Members, *, seed: int) -> Orders:
    """Draw every member's orders: the last at its time, the others at any time before."""
    rng = stream(seed, "deck orders")
    member, place = ragged(members.n_orders)
    last = members.last_at[member]
    is_last = place == members.n_orders[member] - 1
    drawn = OPENS + (rng.random(len(member)) * (last - OPENS)).astype(np.int64)
    at = np.where(is_last, last, drawn)
    weights = rng.lognormal(sigma=_SPREAD, size=len(member))
    rest = members.spend - members.n_orders
    amount = 1 + apportioned(rest, weights, counts=members.n_orders)
    return Orders(member, at[np.lexsort((at, member))], amount)


def club(members: Members, *, seed: int) -> Export:
    """Return the member files, and that every member is a person of their own."""
    orders = orders_of(members, seed=seed)
    # numbers in no order, or a member's would tell the group
    numbers = stream(seed, "deck members").permutation(len(members)) + 1
    member_no = keys("M", numbers, width=6)
    joined = orders.at[np.flatnonzero(np.diff(orders.member, prepend=-1))]
    forum = forum_of(joined, seed=seed)
    people = pa.table(
        {
            "member_no": member_no,
            "joined_at": instants(joined),
            "nickname": nicknames(len(members), forum=forum, seed=seed),
        }
    )
    sold = pa.table(
        {
            "order_no": keys("SO", np.arange(len(orders.at)) + 1, width=7),
            "member_no": pick(member_no, orders.member),
            "ordered_at": instants(orders.at),
            "amount": money(orders.amount),
        }
    )
    extracts = (
        Extract("members", "club/members.csv", people.sort_by("member_no")),
        Extract("orders", "club/orders.csv", sold),
        Extract("posts", "club/posts.csv", posts_of(forum, member_no=member_no)),
    )
    counts = {
        "accounts": len(members),
        "identifiers": len(members),
        "orders": sold.num_rows,
        "posts": len(forum.at),
    }
    return Export("club", extracts, member_no, np.arange(len(members)), counts)


def counter(*, seed: int) -> Export:
    """Return the files of the guests' baskets; nobody in them has an account."""
    rng = stream(seed, "deck baskets")
    tables = {
        "categories": _categories(),
        "articles": _articles(),
        "receipts": _receipts(rng),
        "lines": _lines(rng),
    }
    extracts = (Extract(name, f"counter/{name}.csv", rows) for name, rows in tables.items())
    facts = dict(zip(("categories", "products", "orders", "order_lines"), tables, strict=True))
    counts = {fact: tables[name].num_rows for fact, name in facts.items()}
    nobody = np.zeros(0, np.int64)
    return Export("counter", tuple(extracts), pa.array([], pa.string()), nobody, counts)


def _categories() -> pa.Table:
    return pa.table({"code": _codes("C"), "name": pa.array(list(PRICES))})


def _articles() -> pa.Table:
    """Return one article a category, called like it."""
    price = money(100 * np.array(list(PRICES.values())))
    names = pa.array(list(PRICES))
    return pa.table({"sku": _codes("A"), "title": names, "category": _codes("C"), "price": price})


def _codes(prefix: str) -> pa.Array:
    return keys(prefix, np.arange(len(PRICES)) + 1, width=2)


def _receipts(rng: np.random.Generator) -> pa.Table:
    times = np.sort(rng.integers(OPENS, CLOSES, sum(BASKETS.values())))
    return pa.table({"receipt_no": _receipt_no(np.arange(len(times))), "sold_at": instants(times)})


def _lines(rng: np.random.Generator) -> pa.Table:
    """Return what lies in each basket, kinds of baskets coming in no order."""
    place = {name: article for article, name in enumerate(PRICES)}
    held = [[place[name] for name in names] for names in BASKETS]
    kind = rng.permutation(np.repeat(np.arange(len(held)), list(BASKETS.values())))
    size = np.array([len(articles) for articles in held])
    basket, line = ragged(size[kind])
    starts = np.cumsum(size) - size
    article = np.concatenate(held)[starts[kind[basket]] + line]
    return pa.table(
        {
            "receipt_no": _receipt_no(basket),
            "line_no": number(line + 1),
            "sku": pick(_codes("A"), article),
            "amount": money(100 * np.array(list(PRICES.values()))[article]),
        }
    )


def _receipt_no(baskets: Ints) -> pa.Array:
    return keys("R", baskets + 1, width=6)
