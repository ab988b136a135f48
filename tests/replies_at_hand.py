"""Replies written down in a test, and those of public data sets, as arrays."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from algorithms.influence.arcs import Arcs, Timeline

DATA = Path(__file__).parents[2] / "shared" / "data"
DAY = 86_400

Reply = tuple[int, int, float]


def timeline_of(replies: list[Reply], *, n: int, since: dict[int, float] | None = None) -> Timeline:
    """Return replies ``(who, to whom, when in days)``; nobody is known before their first act."""
    source, target, at = (np.array(column) for column in zip(*replies, strict=True))
    known = np.full(n, np.inf)
    np.minimum.at(known, source, at)
    np.minimum.at(known, target, at)
    for person, when in (since or {}).items():
        known[person] = when
    return Timeline(n, source.astype(np.int64), target.astype(np.int64), at.astype(float), known)


def arcs_of(replies: list[Reply], *, n: int, now: float, days: float = 365) -> Arcs:
    """Return the arcs of the ``days`` before ``now``."""
    return timeline_of(replies, n=n).arcs(now, days=days)


def public(name: str) -> Timeline:
    """Return a data set of rows SRC TGT UNIXTIME, in days from its first; skips without it."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    with gzip.open(path) as file:
        rows = np.loadtxt(file, dtype=np.int64)
    rows = rows[rows[:, 0] != rows[:, 1]]
    ids, number = np.unique(rows[:, :2], return_inverse=True)
    number = number.reshape(-1, 2)
    at = (rows[:, 2] - rows[:, 2].min()) / DAY
    since = np.full(len(ids), np.inf)
    np.minimum.at(since, number[:, 0], at)
    np.minimum.at(since, number[:, 1], at)
    return Timeline(len(ids), number[:, 0], number[:, 1], at, since)
