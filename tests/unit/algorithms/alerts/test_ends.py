"""When alerts ended: an open one has no end, and no number stands for that on the way."""

import numpy as np
import pandas as pd

from algorithms.alerts.declaration import _closed_at
from algorithms.alerts.rules import NEVER

DAY_BREAK = 1_767_225_600_000  # 2026-01-01, in milliseconds


def test_an_open_alert_has_no_end_and_a_closed_one_its_instant() -> None:
    closed = np.array([NEVER, DAY_BREAK, NEVER], dtype=np.int64)

    with np.errstate(all="raise"):
        ends = _closed_at(closed, is_open=closed == NEVER)

    assert ends.isna().tolist() == [True, False, True]
    assert ends[1] == pd.Timestamp("2026-01-01", tz="UTC")


def test_where_all_are_open_or_none_is_the_kind_is_the_same() -> None:
    ends = [
        _closed_at(np.array(closed, np.int64), is_open=np.array(closed) == NEVER)
        for closed in ([NEVER], [DAY_BREAK], [])
    ]

    assert len({str(found.dtype) for found in ends}) == 1
