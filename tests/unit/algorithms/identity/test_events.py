"""The chain of events: it grows, it cannot be rewritten unseen, payloads can be erased."""

from datetime import UTC, datetime

import pytest

from algorithms.identity.events import Change, chained, erased, first_broken, n_standing
from algorithms.identity.ledger import Chain

AT = datetime(2026, 3, 1, tzinfo=UTC)
CHANGES = [
    Change("created", {"n_customers": 2, "n_accounts": 3}),
    Change("merged", {"customer_id": "c1", "other_id": "c2", "accounts": [["crm:1", 0]]}),
    Change("retired", {"customer_id": "c3"}),
]

Event = dict[str, object]


def chain() -> list[Event]:
    events: list[Event] = chained(CHANGES, Chain(), at=AT, run_id="run-1").to_pylist()
    return events


def test_events_are_numbered_in_the_order_they_are_told() -> None:
    events = chain()

    assert [event["event_id"] for event in events] == [
        "000000000001",
        "000000000002",
        "000000000003",
    ]
    assert [event["kind"] for event in events] == ["created", "merged", "retired"]
    assert first_broken(events) is None


def test_a_later_run_goes_on_where_the_chain_ends() -> None:
    events = chain()

    end = Chain(3, str(events[-1]["digest"]))
    more = chained(CHANGES[:1], end, at=AT, run_id="run-2").to_pylist()

    assert more[0]["event_id"] == "000000000004"
    assert first_broken([*more, *events]) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("payload", '{"customer_id": "c9"}'),
        ("kind", "split"),
        ("run_id", "run-9"),
        ("at", datetime(2026, 3, 2, tzinfo=UTC)),
        ("digest", "0" * 64),
    ],
)
def test_a_rewritten_event_breaks_the_chain_there(*, column: str, value: object) -> None:
    events = chain()

    events[1] = {**events[1], column: value}

    assert first_broken(events) == "000000000002"


def test_a_forged_event_with_a_right_digest_breaks_the_chain_after_it() -> None:
    events = chain()

    start = Chain(1, str(events[0]["digest"]))
    events[1] = chained(CHANGES[2:], start, at=AT, run_id="run-1").to_pylist()[0]

    assert first_broken(events) == "000000000003"


def test_a_missing_event_breaks_the_chain() -> None:
    events = chain()

    assert first_broken([events[0], events[2]]) == "000000000003"
    assert first_broken(events[1:]) == "000000000002"


def test_an_erased_payload_leaves_the_chain_whole() -> None:
    events = chain()

    events[1] = {**events[1], "payload": erased(str(events[1]["payload"]))}

    assert "crm:1" not in str(events[1]["payload"])
    assert first_broken(events) is None


def test_no_changes_are_no_events() -> None:
    assert len(chained([], Chain(), at=AT, run_id="run-1")) == 0
    assert first_broken([]) is None


@pytest.mark.parametrize(
    ("event_ids", "run_ids", "standing"),
    [
        ([], [], 0),
        (["01", "02", "03"], ["a", "a", "b"], 3),
        (["01", "02", "04"], ["a", "a", "b"], 2),
        (["01", "02", "03"], ["a", "x", "x"], 1),
        (["02"], ["a"], 0),
    ],
)
def test_events_after_a_gap_or_of_a_run_without_record_do_not_stand(
    event_ids: list[str], run_ids: list[str], *, standing: int
) -> None:
    assert n_standing(event_ids, run_ids, known={"a", "b"}) == standing
