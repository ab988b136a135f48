"""Accounts, identifiers and what joins them as numbers: the ground of every later step.

Accounts are numbered in the order of their ids and links stand in an order that no order of
rows and no secret changes, so that whatever follows can break ties by numbers.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER: Final = np.iinfo(np.int64).max  # the time of what nobody dates: after everything
LINKS: Final = pa.schema(
    [
        ("account_id", pa.string()),
        ("identifier_key", pa.string()),
        ("kind", pa.string()),
        ("never_links", pa.bool_()),
        ("first_seen_at", pa.timestamp("ms", tz="UTC")),
        ("last_seen_at", pa.timestamp("ms", tz="UTC")),
    ]
)


@dataclass(frozen=True)
class Links:
    """Which account has which identifier: one entry a pair, by identifier, time, account.

    ``first`` and ``last`` tell when it was seen there, in epoch milliseconds; ``NEVER`` where
    nobody says. Both are given or neither is.
    """

    account: Numbers
    identifier: Numbers
    first: Numbers
    last: Numbers


def flat(column: pa.ChunkedArray) -> pa.Array:
    """Return a column of text in one piece."""
    return column.cast(pa.string()).combine_chunks()


def whole(column: pa.Array) -> Numbers:
    """Return a column of whole numbers without nulls as an array."""
    numbers: Numbers = column.to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def ascending(columns: list[pa.ChunkedArray]) -> pa.Array:
    """Return the distinct values of some columns, in order."""
    distinct = pc.unique(pa.concat_arrays([flat(column) for column in columns]))
    return distinct.take(pc.sort_indices(distinct))


def links_of(rows: pa.Table, *, accounts: pa.Array, codes: Numbers) -> Links:
    """Return the distinct links of ``rows``, each with its first and last time.

    Parameters
    ----------
    rows
        Columns ``LINKS``, in any order; a link may come more than once.
    accounts
        Every account id, ascending.
    codes
        The number of each row's identifier.
    """
    named = whole(pc.index_in(flat(rows["account_id"]), value_set=accounts))
    first, last = _seen(rows)
    order = np.argsort(codes * len(accounts) + named, kind="stable")
    pairs = (codes * len(accounts) + named)[order]
    # numpy 2.4 finds distinct numbers by hashing, five times slower than this on millions
    starts = np.flatnonzero(np.diff(pairs, prepend=-1) > 0)
    if not len(starts):
        return Links(*(np.zeros(0, dtype=np.int64) for _ in range(4)))
    earliest = np.minimum.reduceat(first[order], starts)
    latest = np.maximum.reduceat(np.where(last == NEVER, -NEVER, last)[order], starts)
    latest = np.where(latest == -NEVER, NEVER, latest)
    return _sorted(pairs[starts], (earliest, latest), n=len(accounts))


def _sorted(pairs: Numbers, times: tuple[Numbers, Numbers], *, n: int) -> Links:
    first, last = times
    account, identifier = pairs % n, pairs // n
    order = np.lexsort((account, first, identifier))
    return Links(account[order], identifier[order], first[order], last[order])


def _seen(rows: pa.Table) -> tuple[Numbers, Numbers]:
    """Return first and last time of each row; one that is missing is the other."""
    first, last = (_times(rows, name) for name in ("first_seen_at", "last_seen_at"))
    first, last = pc.coalesce(first, last), pc.coalesce(last, first)
    return whole(pc.fill_null(first, NEVER)), whole(pc.fill_null(last, NEVER))


def _times(rows: pa.Table, name: str) -> pa.Array:
    return rows[name].cast(LINKS.field(name).type).cast(pa.int64()).combine_chunks()
