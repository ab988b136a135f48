"""Accounts and their identifiers as numbers: one link a pair, in one order."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.links import LINKS, NEVER, Links, ascending, links_of
from tests.identity_world import START

unhurried = settings(deadline=None, max_examples=100)
ACCOUNTS = ["crm:1", "crm:2", "erp:1"]
KEYS = ["phone:1", "phone:2"]
Row = tuple[str, str, int | None, int | None]


def day(number: int | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


def epoch_ms(number: int) -> int:
    return int((START + timedelta(days=number)).timestamp() * 1000)


def linked(rows: list[Row]) -> Links:
    columns = ("account_id", "identifier_key", "first_seen_at", "last_seen_at")
    table = pa.Table.from_pylist(
        [
            dict.fromkeys(LINKS.names)
            | dict(zip(columns, (account, key, day(first), day(last)), strict=True))
            for account, key, first, last in rows
        ],
        LINKS,
    )
    codes = np.array([KEYS.index(key) for _, key, *_ in rows], dtype=np.int64)
    return links_of(table, accounts=pa.array(ACCOUNTS), codes=codes)


def listed(links: Links) -> list[tuple[str, str, int, int]]:
    columns = (links.account, links.identifier, links.first, links.last)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(ACCOUNTS[a], KEYS[i], first, last) for a, i, first, last in rows]


def test_the_same_link_twice_was_seen_from_the_first_to_the_last_time() -> None:
    found = linked([("crm:1", "phone:1", 5, 6), ("crm:1", "phone:1", 2, 3)])

    assert listed(found) == [("crm:1", "phone:1", epoch_ms(2), epoch_ms(6))]


def test_of_two_times_the_missing_one_is_the_other() -> None:
    found = linked([("crm:1", "phone:1", 5, None), ("crm:1", "phone:2", None, 7)])

    assert listed(found) == [
        ("crm:1", "phone:1", epoch_ms(5), epoch_ms(5)),
        ("crm:1", "phone:2", epoch_ms(7), epoch_ms(7)),
    ]


def test_a_time_outweighs_none() -> None:
    found = linked([("crm:1", "phone:1", None, None), ("crm:1", "phone:1", 5, 6)])

    assert listed(found) == [("crm:1", "phone:1", epoch_ms(5), epoch_ms(6))]


def test_links_without_a_time_stand_last() -> None:
    found = linked([("crm:1", "phone:1", None, None), ("erp:1", "phone:1", 5, 6)])

    assert [row[0] for row in listed(found)] == ["erp:1", "crm:1"]
    assert (found.first[1], found.last[1]) == (NEVER, NEVER)


def test_of_equal_times_the_smaller_account_comes_first() -> None:
    found = linked([("erp:1", "phone:1", 5, 6), ("crm:2", "phone:1", 5, 9)])

    assert [row[0] for row in listed(found)] == ["crm:2", "erp:1"]


def test_no_rows_are_no_links() -> None:
    assert listed(linked([])) == []


def test_accounts_are_counted_once_and_in_order() -> None:
    columns = [pa.chunked_array([["b", "a"], ["c"]]), pa.chunked_array([["a", "d"]])]

    assert ascending(columns).to_pylist() == ["a", "b", "c", "d"]


days = st.none() | st.integers(0, 30)
rows_drawn = st.lists(
    st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(KEYS), days, days), max_size=15
)


@unhurried
@given(rows_drawn)
def test_links_are_those_gathered_by_hand(rows: list[Row]) -> None:
    found = linked(rows)

    expected = []
    for key in KEYS:
        for account in ACCOUNTS:
            times = [row[2:] for row in rows if row[:2] == (account, key)]
            firsts = [last if first is None else first for first, last in times]
            lasts = [first if last is None else last for first, last in times]
            if times:
                first = min((epoch_ms(d) for d in firsts if d is not None), default=NEVER)
                last = max((epoch_ms(d) for d in lasts if d is not None), default=NEVER)
                expected.append((account, key, first, last))
    expected.sort(key=lambda row: (KEYS.index(row[1]), row[2], ACCOUNTS.index(row[0])))
    assert listed(found) == expected
