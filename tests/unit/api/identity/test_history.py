"""Who was whom on any date, put together from links and events."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.identity.history import accounts_as_of, as_of, history, of_customer, periods
from api.identity.parties import PartyNotFoundError
from api.profile import CustomerMovedError, CustomerNotFoundError, CustomerRetiredError
from api.views import Row
from tests.steward_members import NOON, NOON_MS, Graph, event_row

DAY_MS = 86_400_000


def at(day: float) -> datetime:
    return NOON + timedelta(days=day)


def ms(day: float) -> int:
    return NOON_MS + round(day * DAY_MS)


# b:1 came on day 0 to c2, went with c2 into c1 on day 2, and back out as c3 on day 5
MERGED = event_row(2, "merged", customer_id="c1", other_id="c2", accounts=[["b:1", ms(0)]])
SPLIT = event_row(5, "split", customer_id="c1", other_id="c3", accounts=[["b:1", ms(2)]])


def graph_of(
    *events: Row,
    account: Row | None = None,
    customers: dict[str, Row] | None = None,
    aliases: dict[str, str | None] | None = None,
) -> Graph:
    """Return a graph of one account, some customers and their past."""

    def customer(parameters: Row) -> Sequence[Row]:
        held = (customers or {}).get(str(parameters["id"]))
        return [{"customer": held}] if held else []

    def alias(parameters: Row) -> Sequence[Row]:
        known = aliases or {}
        given = str(parameters["id"])
        return [{"survivor": known[given]}] if given in known else []

    return Graph(
        {
            "ResolutionEvent": events,
            "UNWIND $ids AS id": [],
            "MATCH (a:Account {account_id: $id})": [account] if account else [],
            "MATCH (c:Customer {customer_id: $id})": customer,
            "MATCH (alias:CustomerAlias {customer_id: $id})": alias,
        }
    )


def people(*accounts: tuple[str, float], merged: Sequence[str] = ()) -> Row:
    held = [{"account_id": account, "since": ms(since)} for account, since in accounts]
    return {"accounts": held, "merged_ids": list(merged)}


B_NOW: Row = {"customer_id": "c3", "since": ms(5)}


@pytest.mark.parametrize(
    ("day", "customer"),
    [(-1, None), (0, "c2"), (1.99, "c2"), (2, "c1"), (4.99, "c1"), (5, "c3"), (99, "c3")],
)
def test_an_account_was_where_its_links_and_events_say(day: float, customer: str | None) -> None:
    graph = graph_of(MERGED, SPLIT, account=B_NOW)

    assert as_of(graph, "b:1", at=at(day)) == customer


def test_the_periods_of_an_account_leave_no_gap_between_moves() -> None:
    known = periods(graph_of(MERGED, SPLIT, account=B_NOW), "b:1")

    assert [period.customer_id for period in known] == ["c2", "c1", "c3"]
    assert [period.until for period in known[:-1]] == [period.since for period in known[1:]]
    assert known[-1].until is None


def test_an_account_that_has_gone_is_still_known_for_the_time_when_it_moved() -> None:
    graph = graph_of(MERGED)

    assert as_of(graph, "b:1", at=at(1)) == "c2"
    assert as_of(graph, "b:1", at=at(3)) is None


def test_an_account_that_never_was_is_not_found() -> None:
    with pytest.raises(PartyNotFoundError, match="z:9"):
        as_of(graph_of(MERGED), "z:9", at=at(1))


def test_an_account_that_is_not_resolved_yet_has_no_customer() -> None:
    graph = graph_of(account={"customer_id": None, "since": None})

    assert as_of(graph, "b:1", at=at(1)) is None


def test_a_link_without_a_time_holds_for_ever() -> None:
    graph = graph_of(account={"customer_id": "c1", "since": None})

    assert as_of(graph, "b:1", at=datetime(1990, 1, 1, tzinfo=UTC)) == "c1"


@pytest.mark.parametrize(
    ("customer", "day", "accounts"),
    [
        ("c1", -1, []),
        ("c1", 1, ["a:1"]),
        ("c1", 3, ["a:1", "b:1"]),
        ("c1", 6, ["a:1"]),
        ("c2", 1, ["b:1"]),
        ("c2", 3, []),
        ("c3", 4, []),
        ("c3", 6, ["b:1"]),
    ],
)
def test_a_customer_had_the_accounts_that_were_with_it(
    customer: str, day: float, *, accounts: list[str]
) -> None:
    graph = graph_of(
        MERGED,
        SPLIT,
        customers={"c1": people(("a:1", 0)), "c3": people(("b:1", 5))},
        aliases={"c2": "c1"},
    )

    assert accounts_as_of(graph, customer, at=at(day)) == accounts


def test_who_gets_an_id_back_had_left_the_survivor() -> None:
    restored = event_row(5, "restored", customer_id="c1", other_id="c2", accounts=[["b:1", ms(2)]])
    graph = graph_of(MERGED, restored, account={"customer_id": "c2", "since": ms(5)})

    assert [as_of(graph, "b:1", at=at(day)) for day in (1, 3, 6)] == ["c2", "c1", "c2"]


def test_a_customer_that_never_was_had_no_accounts() -> None:
    with pytest.raises(CustomerNotFoundError):
        accounts_as_of(graph_of(), "c9", at=at(1))


def test_a_customers_history_covers_the_ids_merged_into_it() -> None:
    graph = graph_of(MERGED, customers={"c1": people(("a:1", 0), ("b:1", 2), merged=["c2"])})

    found: Any = of_customer(graph, "c1")

    assert found["merged_ids"] == ["c2"]
    assert [account["account_id"] for account in found["accounts"]] == ["a:1", "b:1"]
    needles = [p["needles"] for query, p in graph.asked if "ResolutionEvent" in query]
    assert needles[0] == ['"c1"', '"c2"']


def test_a_history_as_of_a_date_knows_nothing_of_what_came_later() -> None:
    graph = graph_of(MERGED, SPLIT, customers={"c1": people(("a:1", 0), merged=["c2"])})

    found: Any = of_customer(graph, "c1", at=at(3))

    assert [event["kind"] for event in found["events"]] == ["merged"]
    assert [account["account_id"] for account in found["accounts"]] == ["a:1", "b:1"]
    assert found["as_of"] == at(3)


def test_an_event_that_concerns_a_customer_twice_is_told_once() -> None:
    decided = event_row(3, "steward", decision_id="d1", verb="apart", accounts=["a:1", "b:1"])
    graph = graph_of(MERGED, decided, account={"customer_id": "c1", "since": ms(2)})

    found: Any = history(graph, "b:1")

    assert [event["kind"] for event in found["events"]] == ["merged", "steward"]
    assert [period["customer_id"] for period in found["periods"]] == ["c2", "c1"]


def test_a_merged_id_leads_on_unless_a_date_is_asked_for() -> None:
    graph = graph_of(MERGED, aliases={"c2": "c1"})

    with pytest.raises(CustomerMovedError):
        of_customer(graph, "c2")
    found: Any = of_customer(graph, "c2", at=at(1))

    assert [account["account_id"] for account in found["accounts"]] == ["b:1"]


def test_a_retired_id_is_gone_unless_a_date_is_asked_for() -> None:
    graph = graph_of(aliases={"c2": None})

    with pytest.raises(CustomerRetiredError):
        of_customer(graph, "c2")
    assert of_customer(graph, "c2", at=at(1))["accounts"] == []


def test_an_id_that_is_nobodys_may_have_been_meant_as_an_account() -> None:
    with pytest.raises(PartyNotFoundError, match="crm:1001"):
        history(graph_of(), "crm1")
