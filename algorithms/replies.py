"""What counts as a reply from one person to another, once for all methods of influence.

A reply goes from who wrote it to who is answered: the author of the post it answers or,
where that post is not known, the account that it names. What is left out keeps its reason:
who answers themselves, brands and moderators, accounts that are gone, resellers, and rows
whose parent is missing or younger than they are.
"""

from typing import Annotated, Final

from pydantic import Field

from algorithms.parameters import DatedParameters
from graph.language import Text

READS: Final = {
    "posts": (
        "post_id",
        "customer_id",
        "posted_at",
        "kind",
        "topic",
        "reply_to_post_id",
        "reply_to_account_id",
    ),
    "accounts": ("account_id", "customer_id", "is_official", "handle", "registered_at"),
    "customers": ("customer_id", "reseller_suspected"),
}
"""What a reduction that begins with `REPLIES` has to declare as read."""

EXCLUDED: Final = {
    "missing": Text("what it answers is not known", "所回复的内容未知"),
    "before_parent": Text("dated before the post that it answers", "时间早于所回复的帖子"),
    "self": Text("to oneself", "回复自己"),
    "official": Text("from or to a brand, moderator or shop account", "涉及官方账户"),
    "deleted": Text("from or to an account that is gone", "涉及已注销账户"),
    "reseller": Text("from or to a suspected reseller", "涉及疑似黄牛"),
}
"""Why a reply does not count, in the order in which the reasons are looked for."""

# what platforms put in the place of the name of who left
GONE: Final = (
    "[deleted]",
    "deleted",
    "[removed]",
    "已注销",
    "用户已注销",
    "帐号已注销",
    "账号已注销",
)


class ReplyParameters(DatedParameters):
    """Which replies a method looks at."""

    window_days: Annotated[int, Text("Days before as_of", "统计时点前的天数")] = Field(
        365, ge=1, le=36_500
    )
    topic: Annotated[str, Text("Only this topic; empty: all", "仅此话题；空为全部")] = ""
    kind: Annotated[str, Text("Only replies of this form; empty: all", "仅此类回复；空为全部")] = ""


STANDING: Final = f"""
gone AS (
    SELECT customer_id
    FROM accounts
    WHERE customer_id IN (SELECT customer_id FROM accounts WHERE handle IN {GONE})
    GROUP BY customer_id
    HAVING MIN(CASE WHEN handle IN {GONE} THEN 1 ELSE 0 END) = 1
), verdicts AS (
    SELECT customer_id, 1 AS official, 0 AS gone, 0 AS reseller FROM accounts WHERE is_official
    UNION ALL
    SELECT customer_id, 0 AS official, 1 AS gone, 0 AS reseller FROM gone
    UNION ALL
    SELECT customer_id, 0 AS official, 0 AS gone, 1 AS reseller
    FROM customers
    WHERE reseller_suspected
), standing AS (
    SELECT
        customer_id, MAX(official) AS official, MAX(gone) AS gone, MAX(reseller) AS reseller
    FROM verdicts
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
)
"""
"""Common table expressions; ``standing`` has one row a customer of whom nothing counts: few
among many, so that replies are not joined to everybody."""

# to a millisecond: `as_of` itself is inside, the instant that opens the window is not
FOUND: Final = """
answers AS (
    SELECT
        p.post_id, p.customer_id, COALESCE(a.customer_id, n.customer_id) AS target_id,
        p.posted_at AS replied_at, a.posted_at AS answered_at, p.kind,
        COALESCE(p.topic, a.topic) AS topic
    FROM posts p
    LEFT JOIN posts a ON p.reply_to_post_id = a.post_id
    LEFT JOIN accounts n ON p.reply_to_account_id = n.account_id
    CROSS JOIN parameters q
    WHERE (p.reply_to_post_id IS NOT NULL OR p.reply_to_account_id IS NOT NULL)
        AND p.customer_id IS NOT NULL
        AND p.posted_at > q.as_of - q.window_days * INTERVAL '24' HOUR
        AND (q.topic = '' OR q.topic = COALESCE(p.topic, a.topic))
        AND (q.kind = '' OR q.kind = p.kind)
), replies AS (
    SELECT
        r.post_id, r.customer_id, r.target_id, r.replied_at, r.kind, r.topic,
        CASE
            WHEN r.target_id IS NULL THEN 'missing'
            WHEN r.answered_at > r.replied_at THEN 'before_parent'
            WHEN r.customer_id = r.target_id THEN 'self'
            WHEN s.official = 1 OR t.official = 1 THEN 'official'
            WHEN s.gone = 1 OR t.gone = 1 THEN 'deleted'
            WHEN s.reseller = 1 OR t.reseller = 1 THEN 'reseller'
        END AS excluded
    FROM answers r
    LEFT JOIN standing s ON r.customer_id = s.customer_id
    LEFT JOIN standing t ON r.target_id = t.customer_id
)
"""
"""Common table expressions that read ``standing``, as `REPLIES` has them."""
REPLIES: Final = f"{STANDING}, {FOUND}"
"""Common table expressions; ``replies`` has one row a reply: ``post_id``, who wrote it
(``customer_id``), to whom (``target_id``, null if not known), ``replied_at``, ``kind``,
``topic`` and ``excluded``, null where it counts. Write ``WITH`` before it, and
``, more AS (...)`` or ``SELECT`` after it."""

# a table of its own: that it is short is known then, and the join is not built the other way
# round, over all replies
VERDICTS: Final = f"WITH {STANDING} SELECT customer_id, official, gone, reseller FROM standing"
GATHERED: Final = f"""
WITH {FOUND}
SELECT customer_id, target_id, replied_at, kind, topic, excluded
FROM replies
"""
TALKING: Final = """
SELECT customer_id FROM gathered WHERE excluded IS NULL
UNION
SELECT target_id FROM gathered WHERE excluded IS NULL
"""
ARCS: Final = """
SELECT s.number AS source, t.number AS target, g.replied_at, g.kind, g.topic
FROM gathered g
JOIN people s ON g.customer_id = s.customer_id
JOIN people t ON g.target_id = t.customer_id
WHERE g.excluded IS NULL
"""
PEOPLE: Final = "SELECT customer_id, number FROM people ORDER BY number"
LEFT_OUT: Final = """
SELECT excluded AS reason, COUNT(*) AS n
FROM gathered
WHERE excluded IS NOT NULL
GROUP BY excluded
ORDER BY reason
"""


def prepared_for(people: str = TALKING) -> dict[str, str]:
    """Return the tables that the reductions of a method on replies share.

    Parameters
    ----------
    people
        SQL with the ``customer_id`` of everybody who is to get a number, each once; those who
        answer or are answered have to be among them.

    Returns
    -------
    ``standing``, and ``gathered``: replies as in `REPLIES`, without ``post_id``. ``people``:
    ``number`` counts them from 0 in the order of ``customer_id``. ``arcs``: one row a reply
    that counts, its ends as numbers ``source`` and ``target``.
    """
    numbered = f"""
WITH named AS ({people})
SELECT customer_id, ROW_NUMBER() OVER (ORDER BY customer_id) - 1 AS number
FROM named
"""
    return {"standing": VERDICTS, "gathered": GATHERED, "people": numbered, "arcs": ARCS}
