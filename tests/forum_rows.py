"""Forums written down in a test: posts, accounts and customers as an algorithm reads them."""

from datetime import datetime, timedelta

import pyarrow as pa

from tests.pure import Rows, utc

START = utc("2026-01-01")


def people(*names: str, **more: dict[str, object]) -> dict[str, Rows]:
    """Return an account for each name, registered long ago; ``more`` adds columns by name."""
    accounts: Rows = [
        {
            "account_id": f"a:{name}",
            "customer_id": name,
            "handle": name,
            "registered_at": utc("2020-01-01"),
            **more.get(name, {}),
        }
        for name in names
    ]
    return {"accounts": accounts, "customers": [{"customer_id": name} for name in names]}


def post(
    key: str, who: str, *, day: float, to: str | None = None, **more: object
) -> dict[str, object]:
    """Return a post on a day of the year 2026; ``to`` is the post that it answers."""
    at = START + timedelta(days=day)
    return {
        "post_id": key,
        "account_id": f"a:{who}",
        "customer_id": who,
        "posted_at": at,
        "posted_day": at.date(),
        "reply_to_post_id": to,
        **more,
    }


def thread(*repliers: tuple[str, str, float]) -> Rows:
    """Return a first post of everybody answered, on day 0, and the replies ``(who, whom, day)``."""
    answered = sorted({whom for _, whom, _ in repliers})
    first = [post(f"p:{whom}", whom, day=0) for whom in answered]
    replies = enumerate(repliers)
    return first + [post(f"r{i}", who, day=d, to=f"p:{whom}") for i, (who, whom, d) in replies]


def listed(as_of: datetime, *, rank: int = 1, score: float | None = 1.0) -> pa.Table:
    """Return what a run of influence filed of one person, ``a``."""
    columns = {
        "customer_id": ["a"],
        "influence_score": pa.array([score], pa.float64()),
        "influence_rank": [rank],
        "influence_repliers": [1],
        "influence_as_of": pa.array([as_of], pa.timestamp("ms", tz="UTC")),
        "influence_band": ["leader"],
    }
    return pa.table(columns)
