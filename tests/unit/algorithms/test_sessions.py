"""Whose anonymous sessions on a shared device were, and what that adds to a customer.

On the device ``d`` sit Ann (seen from the 2nd to the 10th), Bob (from the 5th to the 20th) and
the visitor ``web:v``, who is a customer of their own.
"""

from datetime import datetime

import pytest

from algorithms.contract import Result
from algorithms.parameters import ParameterError
from algorithms.rollup import ALGORITHM
from tests.pure import Rows, result_of, rows_of, utc

Row = dict[str, object]

NAME = "attributed_sessions"
VISITOR: Row = {"account_id": "web:v", "customer_id": "c-v", "kind": "visitor"}
ANN: Row = {"account_id": "crm:ann", "customer_id": "c-ann", "kind": "member"}
BOB: Row = {"account_id": "crm:bob", "customer_id": "c-bob", "kind": "member"}
PEOPLE = (VISITOR, ANN, BOB)


def day(number: int, clock: str = "00:00") -> datetime:
    return utc(f"2026-01-{number:02d}T{clock}")


def on(account: Row, *, key: str = "d", seen: tuple[int, int] | None = None, **more: object) -> Row:
    """Return a row of ``identifiers``: an account on a shared device."""
    times = {} if seen is None else {"first_seen_at": day(seen[0]), "last_seen_at": day(seen[1])}
    link: Row = {
        "account_id": account["account_id"],
        "customer_id": account["customer_id"],
        "identifier_key": key,
        "kind": "device",
        "state": "shared",
        "linking": False,
    }
    return link | times | more


DEVICE = (on(VISITOR), on(ANN, seen=(2, 10)), on(BOB, seen=(5, 20)))


def event(at: datetime, session: str | None = None, *, by: Row = VISITOR) -> Row:
    return {
        "account_id": by["account_id"],
        "customer_id": by["customer_id"],
        "at": at,
        "session_key": session,
    }


def rolled_up(
    *events: Row,
    device: tuple[Row, ...] = DEVICE,
    people: tuple[Row, ...] = PEOPLE,
    **settings: str,
) -> Result:
    rows: dict[str, Rows] = {
        "accounts": list(people),
        "identifiers": list(device),
        "events": list(events),
    }
    return result_of(ALGORITHM, rows, settings=settings)


def sessions(result: Result) -> list[tuple[object, ...]]:
    return rows_of(result.frames[NAME], "from_at", "to_at", "n_events", "customer_id")


def whose(
    *events: Row, device: tuple[Row, ...] = DEVICE, people: tuple[Row, ...] = PEOPLE
) -> list[object]:
    """Return the account of each attributed session, in the order of keys and times."""
    return list(rolled_up(*events, device=device, people=people).frames[NAME]["login_id"])


def told(result: Result, column: str) -> dict[object, object]:
    """Return what a column says of each customer of whom it says something."""
    frame = result.frames["Customer"].dropna(subset=[column])
    return dict(zip(frame["customer_id"], frame[column], strict=True))


def counted(result: Result) -> dict[object, object]:
    return told(result, "rollup_n_events")


# ------------------------------------------------------------------------------ whose it was


def test_a_session_goes_to_who_was_last_seen_on_the_device_before_it() -> None:
    assert whose(event(day(12))) == ["crm:bob"]


def test_nobody_gets_a_session_that_began_before_anybody_logged_in() -> None:
    assert whose(event(day(1))) == []
    assert whose(event(day(3))) == ["crm:ann"]


def test_a_login_at_the_very_start_counts() -> None:
    assert whose(event(day(2))) == ["crm:ann"]


def test_of_two_who_came_before_and_after_the_later_comer_gets_it() -> None:
    # on the 8th both were seen before and after: both were last seen "now"
    assert whose(event(day(8))) == ["crm:bob"]


def test_what_came_after_the_start_does_not_count() -> None:
    # on the 12th both sat there before and after; that Ann stayed on for longer says nothing
    device = (on(VISITOR), on(ANN, seen=(2, 25)), on(BOB, seen=(5, 20)))

    assert whose(event(day(12)), device=device) == ["crm:bob"]


def test_who_was_seen_last_wins_over_who_came_later() -> None:
    device = (on(VISITOR), on(ANN, seen=(2, 15)), on(BOB, seen=(5, 6)))

    assert whose(event(day(12)), device=device) == ["crm:ann"]


def test_a_tie_goes_to_the_smaller_account() -> None:
    device = (on(VISITOR), on(BOB, seen=(2, 20)), on(ANN, seen=(2, 20)))

    assert whose(event(day(12)), device=device) == ["crm:ann"]


def test_a_login_that_was_seen_once_was_last_seen_then() -> None:
    once = on(BOB, seen=(11, 11)) | {"last_seen_at": None}

    assert whose(event(day(12)), device=(on(VISITOR), on(ANN, seen=(2, 10)), once)) == ["crm:bob"]


def test_an_undated_login_says_nothing() -> None:
    assert whose(event(day(12)), device=(on(VISITOR), on(ANN), on(BOB))) == []


def test_who_was_there_without_a_login_is_not_asked() -> None:
    device = (on(VISITOR), on(ANN, seen=(2, 10)), on(BOB, seen=(5, 20), is_authenticated=False))

    assert whose(event(day(12)), device=device) == ["crm:ann"]


def test_another_visitor_or_a_partners_row_is_no_login() -> None:
    partner = BOB | {"kind": "partner"}
    people = (VISITOR, ANN, partner)
    device = (on(VISITOR), on(ANN, seen=(2, 10)), on(partner, seen=(5, 20)))

    assert whose(event(day(12)), device=device, people=people) == ["crm:ann"]


def test_an_account_without_a_kind_is_a_registered_one() -> None:
    people = (VISITOR, ANN, BOB | {"kind": None})

    assert whose(event(day(12)), people=people) == ["crm:bob"]


def test_all_shared_devices_of_a_visitor_are_looked_at() -> None:
    device = (
        on(VISITOR),
        on(ANN, seen=(2, 10)),
        on(VISITOR, key="e", kind="cookie"),
        on(BOB, key="e", kind="cookie", seen=(3, 11)),
    )

    assert whose(event(day(9)), event(day(12)), device=device) == ["crm:bob", "crm:bob"]


def test_an_owner_in_turn_gets_no_sessions_of_another_turn() -> None:
    device = (
        on(VISITOR, epoch=2, state="linking"),
        on(ANN, seen=(2, 10), epoch=2, state="linking"),
        on(BOB, seen=(5, 20), epoch=1, state="linking"),
    )

    assert whose(event(day(12)), device=device) == ["crm:ann"]


# ---------------------------------------------------------------------------- whose it is not


@pytest.mark.parametrize("state", ["blocked", "linking"])
def test_on_a_kiosk_or_on_somebodys_own_device_nothing_is_attributed(state: str) -> None:
    device = tuple(row | {"state": state, "linking": state == "linking"} for row in DEVICE)

    result = rolled_up(event(day(12)), device=device)

    assert sessions(result) == []
    assert counted(result) == {"c-v": 1}


def test_a_phone_is_no_device() -> None:
    assert whose(event(day(12)), device=tuple(row | {"kind": "phone"} for row in DEVICE)) == []


def test_a_visitor_who_is_known_keeps_their_sessions() -> None:
    eve: Row = {"account_id": "crm:eve", "customer_id": "c-v", "kind": "member"}

    result = rolled_up(event(day(12)), people=(*PEOPLE, eve))

    assert sessions(result) == []
    assert counted(result) == {"c-v": 1}


def test_what_registered_accounts_did_stays_theirs() -> None:
    result = rolled_up(event(day(12), by=ANN))

    assert sessions(result) == []
    assert counted(result) == {"c-ann": 1}


# ------------------------------------------------------------------------------ what a session is


def test_events_with_one_key_are_one_session_whatever_the_pause() -> None:
    result = rolled_up(event(day(12), "s"), event(day(14), "s"), event(day(13), "s"))

    assert sessions(result) == [(day(12), day(14), 3, "c-bob")]


def test_events_without_a_key_part_after_half_an_hour() -> None:
    times = ["10:00", "10:30", "11:00", "11:31"]

    result = rolled_up(*(event(day(12, clock)) for clock in times))

    assert sessions(result) == [
        (day(12, "10:00"), day(12, "11:00"), 3, "c-bob"),
        (day(12, "11:31"), day(12, "11:31"), 1, "c-bob"),
    ]


def test_the_pause_can_be_set_and_is_checked() -> None:
    events = [event(day(12, "10:00")), event(day(12, "10:20"))]

    assert len(sessions(rolled_up(*events, session_gap_minutes="20"))) == 1
    assert len(sessions(rolled_up(*events, session_gap_minutes="19"))) == 2
    with pytest.raises(ParameterError, match="session_gap_minutes"):
        rolled_up(session_gap_minutes="0")


def test_a_keyed_event_between_two_others_does_not_bridge_their_pause() -> None:
    events = [event(day(12, "10:00")), event(day(12, "10:25"), "s"), event(day(12, "10:50"))]

    assert [found[2] for found in sessions(rolled_up(*events))] == [1, 1, 1]


def test_the_start_decides_for_the_whole_session() -> None:
    # Bob came on the 5th: what began on the 4th is Ann's to its end
    result = rolled_up(event(day(4), "s"), event(day(8), "s"))

    assert sessions(result) == [(day(4), day(8), 2, "c-ann")]


def test_two_visitors_at_the_same_time_have_two_sessions() -> None:
    other = VISITOR | {"account_id": "web:w", "customer_id": "c-w"}
    events = [event(day(12, "10:00")), event(day(12, "10:05"), by=other)]

    result = rolled_up(*events, people=(*PEOPLE, other), device=(*DEVICE, on(other)))

    assert rows_of(result.frames[NAME], "account_id", "n_events") == [("web:v", 1), ("web:w", 1)]


def test_events_at_one_instant_are_all_counted() -> None:
    result = rolled_up(event(day(12)), event(day(12)), event(day(12), "s"))

    assert [found[2] for found in sessions(result)] == [2, 1]
    assert counted(result) == {"c-bob": 3}


# ------------------------------------------------------------------------- what it adds up to


def test_events_are_counted_where_they_are_attributed_and_nowhere_else() -> None:
    mine = [event(day(6), by=ANN), event(day(7), by=ANN)]
    result = rolled_up(event(day(1)), event(day(3)), event(day(12)), event(day(12)), *mine)

    assert counted(result) == {"c-v": 1, "c-ann": 3, "c-bob": 2}
    assert result.metrics["sessions_on_shared_devices"] == 3
    assert result.metrics["sessions_attributed"] == 2


def test_a_session_is_a_fact_of_its_customers_time() -> None:
    result = rolled_up(event(day(25)))

    assert told(result, "last_seen_at") == {"c-ann": day(10), "c-bob": day(25)}


def test_customers_stay_in_order_when_sessions_are_added() -> None:
    others = [event(day(3), by={"account_id": f"app:{n}", "customer_id": n}) for n in "zak"]

    frame = rolled_up(event(day(12)), event(day(1)), *others).frames["Customer"]

    ids = frame["customer_id"].tolist()
    assert ids == sorted(ids)
    assert set(ids) == {"a", "k", "z", "c-ann", "c-bob", "c-v"}


def test_without_events_nothing_is_counted() -> None:
    result = rolled_up()

    assert sessions(result) == []
    assert counted(result) == {}
    assert list(result.frames[NAME].columns) == [c.name for c in ALGORITHM.files[0].columns]


def test_the_order_of_rows_does_not_matter() -> None:
    events = [event(day(12, f"10:{minute:02d}")) for minute in range(0, 60, 7)]
    events += [event(day(9), "s"), event(day(3), "s"), event(day(1))]

    one = rolled_up(*events)
    other = rolled_up(*reversed(events), device=DEVICE[::-1], people=PEOPLE[::-1])

    assert one.frames[NAME].equals(other.frames[NAME])
    assert one.frames["Customer"].equals(other.frames["Customer"])
