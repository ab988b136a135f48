"""A company of two sources, staged by hand: every table, every column that staging keeps.

Small enough to work out by hand what any table must hold. Li (shop A1) and the forum's u1
are one customer, the visitor A2 is another, A9 is named by an order alone.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from graph.columns import ARROW_TYPES
from graph.difference import copy_query
from graph.picture import element_queries, register_staging
from graph.settings import Settings
from graph.spec import GraphSpec, TableSpec
from graph.staging import picture_file, staged_file

TIMEZONE = "Asia/Shanghai"
RANKS = {"shop": 0, "forum": 1}
# The last millisecond of the 1st of March in Shanghai, and the first of the 2nd.
LATE = datetime(2026, 3, 1, 15, 59, 59, 999_000, tzinfo=UTC)
EARLY = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 1, 1, tzinfo=UTC)

Rows = list[dict[str, object]]

STAGED: Mapping[tuple[str, str], Rows] = {
    ("shop", "accounts"): [
        {
            "account_id": "shop:A1",
            "kind": "member",
            "registered_at": EARLY,
            "gender": "female",
            "birth_year": 1988,
            "region": "上海",
            "city": "上海",
            "occupation": "teacher, retired",
            "card_tier": "gold",
            "acquisition_channel": 'the "app"',
            "handle": "小李 😀",
            "is_official": False,
            "attributes": '{"hobby": "tea; go", "pet": "cat"}',
        },
        {"account_id": "shop:A2", "kind": "visitor", "handle": "two\nlines\\"},
    ],
    ("forum", "accounts"): [{"account_id": "forum:u1", "kind": "community", "is_official": True}],
    ("shop", "identifiers"): [
        {
            "account_id": "shop:A1",
            "kind": "phone",
            "first_seen_at": LATE,
            "last_seen_at": EARLY,
            "is_authenticated": True,
            "identifier_key": "f" * 40,
            "masked": "138****5678",
            "never_links": False,
        },
        {
            "account_id": "shop:A2",
            "kind": "device",
            "is_authenticated": False,
            "os": "HarmonyOS",
            "model": "P50, Pro",
            "identifier_key": "d" * 40,
            "masked": "d1****99",
            "never_links": False,
        },
    ],
    ("forum", "identifiers"): [
        {
            "account_id": "forum:u1",
            "kind": "phone",
            "app": "wechat",
            "identifier_key": "f" * 40,
            "masked": "138****5678",
            "never_links": False,
        },
    ],
    ("shop", "categories"): [
        {"category_id": "drinks", "name": "饮料"},
        {"category_id": "tea", "name": None, "parent_id": "drinks"},
    ],
    ("forum", "categories"): [{"category_id": "tea", "name": "茶; 叶"}],
    ("shop", "products"): [
        {
            "product_id": "P/1",
            "name": 'Tea "Spring"',
            "price": 1_234_500,
            "cost": 1,
            "listed_at": LATE,
            "attributes": '{"colour": "green", "size": "L;XL"}',
            "category_id": "tea",
            "brand": "龙井",
        },
        {"product_id": "P2"},
    ],
    ("shop", "stores"): [
        {
            "store_id": "S1",
            "name": "Bund",
            "region": "East",
            "city": "上海",
            "sector": "tea house",
            "opened_on": date(1969, 12, 31),
            "closed_on": date(2026, 2, 28),
            "performance": 99.5,
        }
    ],
    ("shop", "orders"): [
        {
            "order_id": "shop:O1",
            "account_id": "shop:A1",
            "ordered_at": LATE,
            "currency": "CNY",
            "channel": "app",
            "status": "paid",
            "payment_type": "card",
            "amount": -99_999,
            "discount": 0,
            "coupon": "10% off; once",
            "store_id": "S1",
        },
        {"order_id": "shop:O2", "account_id": "shop:A9", "ordered_at": EARLY, "status": "refunded"},
        {"order_id": "shop:O3", "account_id": None, "ordered_at": EARLY},
    ],
    ("shop", "order_lines"): [
        {
            "order_id": "shop:O1",
            "product_id": "P/1",
            "line_key": "1",
            "quantity": 2.0,
            "amount": 20_001,
            "list_amount": 30_000,
        },
        {
            "order_id": "shop:O1",
            "product_id": "P/1",
            "line_key": "2",
            "quantity": -1.0,
            "amount": -120_000,
        },
        {"order_id": "shop:O2", "product_id": "P7", "line_key": "1", "amount": 0},
    ],
    ("shop", "events"): [
        {
            "account_id": "shop:A1",
            "at": LATE,
            "kind": "viewed",
            "product_id": "P/1",
            "category_id": "tea",
            "query": "green, tea",
            "value": 4.5,
            "channel": "web",
            "session_key": "s1",
            "post_id": "forum:p1",
            "campaign_id": "C1",
            "event_key": "e1",
            "event_id": "shop:e1",
        },
        {
            "account_id": "shop:A1",
            "at": EARLY,
            "kind": "viewed",
            "product_id": "P/1",
            "event_id": "shop:e2",
        },
        {"account_id": "shop:A2", "at": EARLY, "kind": "searched", "event_id": "shop:e3"},
    ],
    ("forum", "posts"): [
        {
            "post_id": "forum:p1",
            "account_id": "forum:u1",
            "posted_at": LATE,
            "topic": "tea",
            "kind": "post",
            "text": "好喝!\nvery; good",
            "n_likes": 3,
        },
        {
            "post_id": "forum:p2",
            "account_id": "forum:u2",
            "posted_at": EARLY,
            "reply_to_post_id": "forum:p1",
            "reply_to_account_id": None,
        },
        {
            "post_id": "forum:p3",
            "account_id": "forum:u2",
            "posted_at": EARLY,
            "reply_to_account_id": "forum:u1",
        },
    ],
    ("shop", "tickets"): [
        {
            "ticket_id": "shop:T1",
            "account_id": "shop:A1",
            "opened_at": LATE,
            "kind": "complaint",
            "closed_at": EARLY,
            "satisfaction": 0.0,
            "product_id": "P/1",
            "order_id": "shop:O1",
        },
        {
            "ticket_id": "shop:T2",
            "account_id": "shop:A2",
            "opened_at": EARLY,
            "kind": "question",
        },
    ],
    ("shop", "campaigns"): [
        {
            "campaign_id": "C1",
            "name": "Spring",
            "channel": "sms",
            "started_at": LATE,
            "ended_at": EARLY,
            "cost": 5_000_000,
        }
    ],
    ("shop", "exposures"): [
        {
            "account_id": "shop:A1",
            "at": EARLY,
            "channel": "sms",
            "action": "opened",
            "cost": 450,
            "is_control": False,
            "campaign_id": "C1",
            "exposure_key": "x1",
        },
        {
            "account_id": "shop:A1",
            "at": EARLY,
            "channel": "sms",
            "campaign_id": "C1",
            "exposure_key": "x2",
        },
    ],
    ("shop", "balances"): [
        {
            "account_id": "shop:A1",
            "kind": "points",
            "amount": 120.5,
            "expires_at": NEXT_YEAR,
            "balance_id": "shop:b1",
        }
    ],
    ("forum", "consents"): [
        {
            "account_id": "forum:u1",
            "purpose": "marketing",
            "channel": "email",
            "granted": False,
            "at": EARLY,
            "text_version": "v2",
            "consent_id": "forum:c1",
        }
    ],
}

RESOLUTION = pa.table(
    {
        "account_id": ["shop:A1", "forum:u1", "shop:A2"],
        "customer_id": ["C-li", "C-li", "C-visitor"],
        "rule": ["phone", "phone", "alone"],
        "confidence": [0.99, 0.99, 1.0],
        "since": pa.array([EARLY, EARLY, None], ARROW_TYPES["time"]),
    }
)

# what resolution says of identifiers, in the columns that it owns
JUDGED: Mapping[str, pa.Table] = {
    "Identifier": pa.table(
        {
            "identifier_key": ["f" * 40, "d" * 40],
            "state": ["linking", "shared"],
            "reason": [None, "cap"],
            "n_accounts": [1, 2],
        }
    ),
    "Account-HAS_IDENTIFIER-Identifier": pa.table(
        {
            "start_id": ["forum:u1", "shop:A1", "shop:A2"],
            "end_id": ["f" * 40, "f" * 40, "d" * 40],
            "linking": [True, True, False],
            "epoch": [2, 1, None],
            "refused_reason": ["name", None, None],
        }
    ),
}


def stage(settings: Settings, spec: GraphSpec) -> list[str]:
    """Write the staged files and the picture into a home; return the picture's elements."""
    for (source, name), rows in STAGED.items():
        path = staged_file(settings, source, table=name)
        path.parent.mkdir(parents=True, exist_ok=True)
        stated = [{"source": source, **row} for row in rows]
        pq.write_table(pa.Table.from_pylist(stated, schema_of(spec.tables[name])), path)
    return _draw(settings, spec)


def schema_of(table: TableSpec) -> pa.Schema:
    """Return the columns that staging keeps of a table."""
    kinds = {column.stored: ARROW_TYPES[column.kind] for column in table.stored}
    if table.name == "identifiers":
        kinds |= {"masked": pa.string(), "never_links": pa.bool_()}
    keys = dict.fromkeys(table.identity, pa.string())
    return pa.schema([*(keys | kinds).items(), ("source", pa.string())])


def _draw(settings: Settings, spec: GraphSpec) -> list[str]:
    files = {key: (staged_file(settings, key[0], table=key[1]),) for key in STAGED}
    queries = element_queries(spec, timezone=TIMEZONE)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        register_staging(connection, spec, files=files, ranks=RANKS)
        for name, query in queries.items():
            copy_query(connection, query, to=Path(picture_file(settings, name)))
    return list(queries)
