"""Whose an anonymous visit on a shared device was: the last who had logged in there.

A device or cookie that several registered accounts have joins nobody, so a visitor on it stays
a customer of its own. But somebody sat there. Each session of such a visitor goes to the
account that was last seen logged in on that device when the session began, as a statement
about the session and never about who the visitor is.

Choices where two readers might differ:

- A session is what shares a session key. Without keys it is what no pause of more than half an
  hour parts.
- An account was last seen on a device when it last was, or, if that is later, at the session's
  start: it was there before and after. Ties go to whoever came to the device later, then to
  the smaller account. Who was not yet on the device is nobody's last login.
- A visitor whom other evidence joins to a registered account is known. Sessions of one stay
  with that customer.
"""

from typing import Final

import numpy as np
import pandas as pd

from algorithms.contract import FiledTable, owned
from graph.language import Text

MINUTE: Final = pd.Timedelta(minutes=1)
KEYS: Final = ["account_id", "session_key", "from_at"]

# who is on a device that is not one person's: of a device with several owners in turn only of
# that turn; `kind` is the account's
ON_SHARED: Final = """
registered AS (
    SELECT DISTINCT customer_id
    FROM accounts
    WHERE customer_id IS NOT NULL AND COALESCE(kind, '') NOT IN ('visitor', 'call', 'partner')
), held AS (
    SELECT
        a.account_id, a.customer_id, COALESCE(a.kind, '') AS kind,
        i.identifier_key, COALESCE(i.epoch, 1) AS epoch,
        i.first_seen_at, COALESCE(i.last_seen_at, i.first_seen_at) AS last_seen_at,
        COALESCE(i.is_authenticated, TRUE) AS is_authenticated
    FROM identifiers i
    JOIN accounts a ON i.account_id = a.account_id
    WHERE i.kind IN ('device', 'cookie') AND a.customer_id IS NOT NULL
        AND (i.state = 'shared' OR i.state = 'linking' AND NOT i.linking)
), visits AS (
    SELECT h.account_id, h.customer_id, h.identifier_key, h.epoch
    FROM held h
    LEFT JOIN registered r ON h.customer_id = r.customer_id
    WHERE h.kind = 'visitor' AND r.customer_id IS NULL
), visitors AS (
    SELECT DISTINCT account_id, customer_id FROM visits
)
"""
# of events without a session's key one row an instant: what is near in time is joined later
VISITED: Final = f"""
WITH {ON_SHARED}
SELECT
    v.account_id, v.customer_id, COALESCE(e.session_key, '') AS session_key,
    MIN(e.at) AS from_at, MAX(e.at) AS to_at, COUNT(*) AS n_events
FROM events e
JOIN visitors v ON e.account_id = v.account_id
GROUP BY
    v.account_id, v.customer_id, COALESCE(e.session_key, ''),
    CASE WHEN e.session_key IS NULL THEN e.at END
"""
LOGINS: Final = f"""
WITH {ON_SHARED}
SELECT DISTINCT
    v.account_id, k.account_id AS login_id, k.customer_id, k.first_seen_at, k.last_seen_at
FROM visits v
JOIN held k ON v.identifier_key = k.identifier_key AND v.epoch = k.epoch
WHERE k.kind NOT IN ('visitor', 'call', 'partner') AND k.is_authenticated
    AND k.first_seen_at IS NOT NULL
"""


def sessions_of(visited: pd.DataFrame, *, gap_minutes: int) -> pd.DataFrame:
    """Join visits to sessions.

    Parameters
    ----------
    visited
        One row a session's key, or an instant where there is none, in any order: the
        visitor's ``account_id`` and ``customer_id``, ``session_key`` (empty: none),
        ``from_at``, ``to_at``, ``n_events``.
    gap_minutes
        The longest pause within a session without a key.

    Returns
    -------
    The same columns, one row a session, ordered by account, key and start.
    """
    texts = {name: visited[name].astype(str) for name in ("account_id", "customer_id")}
    rows = visited.assign(**texts, session_key=visited["session_key"].astype(str))
    rows = rows.sort_values(KEYS, ignore_index=True)
    before = rows.shift(1)
    is_keyed = rows["session_key"] != ""
    goes_on = (rows["account_id"] == before["account_id"]) & (
        rows["session_key"] == before["session_key"]
    )
    goes_on &= is_keyed | (rows["from_at"] - before["to_at"] <= gap_minutes * MINUTE)
    number = (~goes_on).cumsum().to_numpy()
    told = {name: (name, "first") for name in ("account_id", "customer_id", "session_key")}
    sums = {"from_at": ("from_at", "min"), "to_at": ("to_at", "max")}
    found = rows.groupby(number).agg(**told, **sums, n_events=("n_events", "sum"))
    return found.reset_index(drop=True)


def attributed(sessions: pd.DataFrame, logins: pd.DataFrame) -> pd.DataFrame:
    """Say whose each session was, of those that began after a login.

    Parameters
    ----------
    sessions
        As `sessions_of` returns them.
    logins
        The visitor's ``account_id``, and ``login_id``, ``customer_id``, ``first_seen_at`` and
        ``last_seen_at`` of every registered account that logged in on a device of theirs.

    Returns
    -------
    The columns of ``attributed_sessions``, in the order of its keys. ``customer_id`` is that
    of the account that logged in.
    """
    own = sessions.drop(columns="customer_id").reset_index(names="place")
    names = ("account_id", "login_id", "customer_id")
    known = logins.assign(**{name: logins[name].astype(str) for name in names})
    pairs = own.merge(known, on="account_id")
    pairs = pairs[pairs["first_seen_at"] <= pairs["from_at"]]
    until = np.minimum(pairs["last_seen_at"], pairs["from_at"])
    latest = pairs.assign(until=until).sort_values(
        ["place", "until", "first_seen_at", "login_id"], ascending=[True, False, False, True]
    )
    found = latest.drop_duplicates("place").sort_values(KEYS, ignore_index=True)
    return found[[p.name for p in ATTRIBUTED.columns]]


ATTRIBUTED: Final = FiledTable(
    name="attributed_sessions",
    about=Text(
        "An anonymous session on a shared device, and whose it was", "共用设备上的匿名会话及其归属"
    ),
    identity=("account_id", "session_key", "from_at"),
    columns=(
        owned("account_id", "key", about=Text("The visitor", "访客账户"), owner="rollup"),
        owned(
            "session_key",
            "key",
            about=Text("Its key; empty: parted by pauses", "会话编号；空为按间隔划分"),
            owner="rollup",
        ),
        owned("from_at", "time", about=Text("First event", "首次事件时间"), owner="rollup"),
        owned("to_at", "time", about=Text("Last event", "最近事件时间"), owner="rollup"),
        owned("n_events", "integer", about=Text("Events", "事件数"), minimum=1, owner="rollup"),
        owned(
            "login_id",
            "key",
            about=Text("Account last logged in there", "此前最后登录的账户"),
            owner="rollup",
        ),
        owned(
            "customer_id",
            "key",
            about=Text("Customer of that account", "该账户的客户"),
            owner="rollup",
        ),
    ),
)
