"""A made-up forum, in which people answer earlier posts of one another.

Rows that are drawn one by one hardly ever make a reply that counts: its parent has to exist,
to be older, and to be somebody else's.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from algorithms.contract import Algorithm
from tests.pure import Rows, tables_of

PEOPLE, POSTS, DAYS = 20, 240, 80
LAST = datetime(2026, 3, 1, tzinfo=UTC)
TOPICS, KINDS = ("camera", "phone", None), ("post", "comment", None)
TABLES = ("posts", "accounts", "customers")


def forum_for(algorithm: Algorithm, *, seed: int) -> dict[str, pa.Table]:
    """Return the tables of the forum that ``algorithm`` reads: posts, accounts, customers."""
    made = tables_of(algorithm, forum(algorithm, seed=seed))
    return {name: made[name] for name in TABLES if name in made}


def forum(algorithm: Algorithm, *, seed: int = 0) -> dict[str, Rows]:
    """Return the rows of the forum, with no more columns than ``algorithm`` reads."""
    rng = np.random.default_rng(seed)
    rows = {"posts": _posts(rng), "accounts": _accounts(), "customers": _customers()}
    return {
        name: [{c: row[c] for c in algorithm.reads[name] if c in row} for row in table]
        for name, table in rows.items()
        if name in algorithm.reads
    }


def _accounts() -> Rows:
    return [
        {
            "account_id": f"account-{i:03d}",
            "customer_id": f"customer-{i:03d}",
            "is_official": i == 0,
            "handle": f"nick {i}",
            "registered_at": LAST - timedelta(days=300 + i),
        }
        for i in range(PEOPLE)
    ]


def _customers() -> Rows:
    return [
        {"customer_id": f"customer-{i:03d}", "reseller_suspected": i == 1} for i in range(PEOPLE)
    ]


def _posts(rng: np.random.Generator) -> Rows:
    """Return posts in the order of their times; two of three answer an earlier one."""
    posts: Rows = []
    for i in range(POSTS):
        # the small numbers write more, so that people differ
        who = int(PEOPLE * rng.random() ** 2)
        parent = int(rng.integers(0, i)) if i and rng.random() < 2 / 3 else None
        at = LAST - timedelta(days=DAYS * (1 - i / (POSTS - 1)))
        posts.append(
            {
                "post_id": f"post-{i:03d}",
                "account_id": f"account-{who:03d}",
                "customer_id": f"customer-{who:03d}",
                "posted_at": at,
                "posted_day": at.date(),
                "kind": KINDS[i % 3],
                "topic": TOPICS[int(rng.integers(0, 3))],
                "reply_to_post_id": None if parent is None else f"post-{parent:03d}",
                "n_likes": int(rng.integers(0, 9)),
            }
        )
    return posts
