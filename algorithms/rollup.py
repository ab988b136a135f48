"""Who bought what, who answered whom, and since when a customer is known.

Facts belong to accounts; these are the same facts added up over the accounts of one
customer. Nothing is estimated, so the work is group-bys in the reduction.

Choices where two readers might differ:

- An order counts towards a purchase if it holds a line of the product with a quantity above
  zero. A product that a customer only ever returned was not purchased; such pairs are
  counted in the run's metrics.
- Quantity and spend are net of returns, and over paid orders alone.
- Quantities are added as whole millionths and money as whole ten-thousandths, so that no
  order of addition changes a sum.
- Somebody who answers themselves, be it from another account, is no pair of people; such
  replies are counted in the metrics. An answer to a post that is not known, or whose author
  is not, counts for the account that it names.
- What an anonymous visitor did on a shared device counts for the customer who had logged in
  there last, session by session; what cannot be attributed stays the visitor's.
"""

from typing import Annotated

import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, KnowledgeTable, Result, owned
from algorithms.parameters import DatedParameters
from algorithms.sessions import (
    ATTRIBUTED,
    KEYS,
    LOGINS,
    ON_SHARED,
    VISITED,
    attributed,
    sessions_of,
)
from graph.language import Text
from graph.spec import RelationshipSpec

MILLIONTHS = 1_000_000


class RollupParameters(DatedParameters):
    """Where sessions end; accounts registered after ``as_of`` are not seen yet."""

    session_gap_minutes: Annotated[
        int,
        Text("Longest pause within a session that has no key", "无会话编号时，同一会话的最长间隔"),
    ] = Field(30, ge=1, le=1440)


PURCHASED = """
WITH bought AS (
    SELECT
        o.customer_id, l.product_id, l.order_id,
        MIN(o.ordered_at) AS ordered_at,
        MAX(CASE WHEN COALESCE(l.quantity, 1) > 0 THEN 1 ELSE 0 END) AS is_purchase,
        SUM(CAST(FLOOR(COALESCE(l.quantity, 1) * 1000000 + 0.5) AS BIGINT)) AS millionths,
        SUM(l.amount) AS amount
    FROM order_lines l
    JOIN orders o ON l.order_id = o.order_id
    WHERE COALESCE(o.status, 'paid') = 'paid' AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id, l.product_id, l.order_id
)
SELECT
    customer_id, product_id,
    CAST(SUM(is_purchase) AS BIGINT) AS n_orders,
    CAST(SUM(millionths) AS BIGINT) AS millionths,
    CAST(SUM(amount) AS BIGINT) AS spend,
    MIN(CASE WHEN is_purchase = 1 THEN ordered_at END) AS first_at,
    MAX(CASE WHEN is_purchase = 1 THEN ordered_at END) AS last_at
FROM bought
GROUP BY customer_id, product_id
ORDER BY customer_id, product_id
"""

REPLIED = """
WITH replies AS (
    SELECT
        p.customer_id AS customer_id,
        COALESCE(answered.customer_id, named.customer_id) AS target_id,
        p.posted_at
    FROM posts p
    LEFT JOIN posts answered ON p.reply_to_post_id = answered.post_id
    LEFT JOIN accounts named ON p.reply_to_account_id = named.account_id
)
SELECT
    customer_id, target_id,
    customer_id = target_id AS is_self,
    COUNT(*) AS n,
    MAX(posted_at) AS last_at
FROM replies
WHERE customer_id IS NOT NULL AND target_id IS NOT NULL
GROUP BY customer_id, target_id
ORDER BY customer_id, target_id
"""

# without what visitors did on shared devices, which is attributed first
SEEN = f"""
WITH {ON_SHARED}, facts AS (
    SELECT customer_id, ordered_at AS seen_at, 0 AS is_event FROM orders
    UNION ALL SELECT customer_id, posted_at, 0 FROM posts
    UNION ALL SELECT customer_id, opened_at, 0 FROM tickets
    UNION ALL
    SELECT e.customer_id, e.at, 1
    FROM events e LEFT JOIN visitors v ON e.account_id = v.account_id
    WHERE v.account_id IS NULL
    UNION ALL SELECT x.customer_id, x.at, 0 FROM exposures x
    UNION ALL SELECT c.customer_id, c.at, 0 FROM consents c
    UNION ALL SELECT customer_id, registered_at, 0 FROM accounts
    UNION ALL SELECT customer_id, first_seen_at, 0 FROM identifiers
    UNION ALL SELECT customer_id, last_seen_at, 0 FROM identifiers
)
SELECT
    customer_id, MIN(seen_at) AS first_seen_at, MAX(seen_at) AS last_seen_at,
    NULLIF(CAST(SUM(is_event) AS BIGINT), 0) AS rollup_n_events
FROM facts CROSS JOIN parameters
WHERE customer_id IS NOT NULL AND seen_at <= as_of
GROUP BY customer_id
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: RollupParameters) -> Result:
    """Name the rolled-up columns and leave out what is no purchase and no pair of people.

    Parameters
    ----------
    inputs
        ``purchased``, ``replied``, ``seen``: one row a pair, or customer, as reduced;
        ``visited`` and ``logins``: see `sessions_of` and `attributed`.
    params
        ``session_gap_minutes``; the instant is used by the reduction alone.

    Returns
    -------
    ``Customer-PURCHASED-Product`` (``n_orders`` >= 1; ``spend`` in ten-thousandths, below
    zero where returns outweigh), ``Customer-REPLIED_TO-Customer`` (two different customers)
    and ``Customer`` (first and last fact).
    """
    purchased, replied = inputs["purchased"], inputs["replied"]
    is_purchase, is_self = purchased["n_orders"] > 0, replied["is_self"]
    sessions = sessions_of(inputs["visited"], gap_minutes=params.session_gap_minutes)
    given = attributed(sessions, inputs["logins"])
    frames = {
        "Customer": _seen(inputs["seen"], _whose(sessions, given)),
        "Customer-PURCHASED-Product": _purchases(purchased[is_purchase]),
        "Customer-REPLIED_TO-Customer": _replies(replied[~is_self]),
        ATTRIBUTED.name: given,
    }
    metrics = {
        "returned_only": int((~is_purchase).sum()),
        "self_replies": int(replied["n"][is_self].sum()),
        "sessions_on_shared_devices": len(sessions),
        "sessions_attributed": len(given),
    }
    return Result(frames, metrics)


def _whose(sessions: pd.DataFrame, given: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions, each of the customer that it is attributed to, or else the visitor."""
    others = given[[*KEYS, "customer_id"]].rename(columns={"customer_id": "given"})
    told = sessions.merge(others, on=KEYS, how="left", validate="one_to_one")
    columns = {
        "customer_id": told["given"].where(told["given"].notna(), told["customer_id"]),
        "first_seen_at": told["from_at"],
        "last_seen_at": told["to_at"],
        "rollup_n_events": told["n_events"],
    }
    return pd.DataFrame(columns)


def _seen(seen: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Add sessions to what is known of their customers; ordered by customer."""
    if sessions.empty:
        return seen.copy()
    concerned = seen["customer_id"].isin(set(sessions["customer_id"]))
    both = pd.concat([seen[concerned].astype({"customer_id": str}), sessions])
    every = both.groupby("customer_id", as_index=False)
    added = every.agg({"first_seen_at": "min", "last_seen_at": "max"})
    added["rollup_n_events"] = every["rollup_n_events"].sum()["rollup_n_events"]
    whole = pd.concat([seen[~concerned].astype({"customer_id": str}), added])
    return whole.sort_values("customer_id", ignore_index=True)


def _purchases(bought: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "start_id": bought["customer_id"],
        "end_id": bought["product_id"],
        "n_orders": bought["n_orders"],
        "quantity": bought["millionths"] / MILLIONTHS,
        "spend": bought["spend"],
        "first_at": bought["first_at"],
        "last_at": bought["last_at"],
    }
    return pd.DataFrame(columns).reset_index(drop=True)


def _replies(pairs: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "start_id": pairs["customer_id"],
        "end_id": pairs["target_id"],
        "n": pairs["n"],
        "last_at": pairs["last_at"],
    }
    return pd.DataFrame(columns).reset_index(drop=True)


PURCHASED_LINK = RelationshipSpec(
    type="PURCHASED",
    start="Customer",
    end="Product",
    about=Text("What a customer bought, over all accounts", "客户在所有账户上购买的商品"),
    properties=(
        owned(
            "n_orders", "integer", about=Text("Orders with it", "订单数"), minimum=1, owner="rollup"
        ),
        owned("quantity", "number", about=Text("Units, net of returns", "净数量"), owner="rollup"),
        owned(
            "spend",
            "money",
            about=Text("Paid for it, net of returns", "净消费额"),
            unit="currency",
            owner="rollup",
        ),
        owned("first_at", "time", about=Text("First purchase", "首次购买时间"), owner="rollup"),
        owned("last_at", "time", about=Text("Latest purchase", "最近购买时间"), owner="rollup"),
    ),
)

REPLIED_TO_LINK = RelationshipSpec(
    type="REPLIED_TO",
    start="Customer",
    end="Customer",
    about=Text("Who answered whom, over all accounts", "客户之间的回复，跨账户汇总"),
    properties=(
        owned("n", "integer", about=Text("Replies", "回复次数"), minimum=1, owner="rollup"),
        owned("last_at", "time", about=Text("Latest reply", "最近回复时间"), owner="rollup"),
    ),
)

ALGORITHM = Algorithm(
    name="rollup",
    version="2",
    about=Text(
        "Adds up what the accounts of one customer bought and answered, and when they were seen.",
        "汇总同一客户各账户的购买、回复以及首末出现时间。",
    ),
    stage="resolve",
    source="Definition: sums over RESOLVED_TO; see the module's choices.",
    reads={
        "orders": ("order_id", "customer_id", "ordered_at", "status"),
        "order_lines": ("order_id", "product_id", "quantity", "amount"),
        "posts": (
            "post_id",
            "customer_id",
            "posted_at",
            "reply_to_post_id",
            "reply_to_account_id",
        ),
        "accounts": ("account_id", "customer_id", "kind", "registered_at"),
        "identifiers": (
            "account_id",
            "customer_id",
            "identifier_key",
            "kind",
            "state",
            "linking",
            "epoch",
            "first_seen_at",
            "last_seen_at",
            "is_authenticated",
        ),
        "tickets": ("customer_id", "opened_at"),
        "events": ("account_id", "customer_id", "at", "session_key"),
        "exposures": ("customer_id", "at"),
        "consents": ("customer_id", "at"),
    },
    parameters=RollupParameters,
    compute=compute,
    reduce={
        "purchased": PURCHASED,
        "replied": REPLIED,
        "seen": SEEN,
        "visited": VISITED,
        "logins": LOGINS,
    },
    properties={
        "Customer": (
            owned(
                "first_seen_at", "time", about=Text("Earliest fact", "最早出现时间"), owner="rollup"
            ),
            owned(
                "last_seen_at", "time", about=Text("Latest fact", "最近出现时间"), owner="rollup"
            ),
            owned(
                "rollup_n_events",
                "integer",
                about=Text("Events, those of attributed sessions included", "行为数，含归属会话"),
                minimum=1,
            ),
        )
    },
    files=(ATTRIBUTED,),
    links=(PURCHASED_LINK, REPLIED_TO_LINK),
    tables=(
        KnowledgeTable(
            name="reply_edges",
            about=Text("Replies from one person to another", "一人对另一人的回复"),
            columns=("customer_id", "target_id", "n", "last_at"),
            elements=("Customer-REPLIED_TO-Customer",),
            query="""
SELECT start_id AS customer_id, end_id AS target_id, n, last_at
FROM "Customer-REPLIED_TO-Customer"
""",
        ),
    ),
)
