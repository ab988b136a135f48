"""Alerts in a real graph: they open, close, stay in sight for a while, and go."""

import json

import pytest

from algorithms.registry import computed_spec
from algorithms.run import Record, Request, score
from graph.ddl import install
from graph.session import Database
from graph.settings import Settings
from tests.pure import Rows, Shelf, money, utc

pytestmark = pytest.mark.integration

SPEC = computed_spec()
ALERTS = (
    "MATCH (c:Customer)-[:HAS_ALERT]->(a:Alert) "
    "RETURN c.customer_id AS customer, a.alert_id AS alert, a.rule AS rule, "
    "a.is_open AS open, a.opened_at.epochMillis AS opened, a.closed_at.epochMillis AS closed, "
    "a.evidence AS evidence ORDER BY alert"
)


def bought(*days: str) -> Rows:
    return [
        {"order_id": day, "customer_id": "ann", "ordered_at": utc(day), "amount": money(5)}
        for day in days
    ]


def run(database: Database, settings: Settings, *, orders: Rows, as_of: str) -> Record:
    reader = Shelf({"orders": orders, "customers": [{"customer_id": "ann"}]})
    request = Request(names=("alerts",), as_of=utc(as_of))
    (record,) = score(database, reader, request=request, settings=settings)
    return record


@pytest.fixture
def graph(database: Database) -> Database:
    install(database, SPEC)
    database.write("CREATE (:Customer {customer_id: 'ann'})")
    return database


def test_an_alert_opens_closes_and_goes(graph: Database, server_home: Settings) -> None:
    orders = bought("2026-01-01")
    run(graph, server_home, orders=orders, as_of="2026-04-10")
    (opened,) = graph.read(ALERTS)

    orders += bought("2026-04-20")
    run(graph, server_home, orders=orders, as_of="2026-04-25")
    (closed,) = graph.read(ALERTS)
    run(graph, server_home, orders=orders, as_of="2026-06-01")
    later = graph.read(ALERTS)

    assert (opened["customer"], opened["rule"], opened["open"]) == ("ann", "sleeping", True)
    assert opened["opened"] == utc("2026-04-01").timestamp() * 1000
    assert opened["closed"] is None
    assert json.loads(opened["evidence"])["last_purchase_at"] == "2026-01-01T00:00:00Z"
    assert (closed["alert"], closed["open"]) == (opened["alert"], False)
    assert closed["closed"] == utc("2026-04-20").timestamp() * 1000
    assert later == []


def test_nothing_of_an_alert_that_went_is_left(graph: Database, server_home: Settings) -> None:
    run(graph, server_home, orders=bought("2026-01-01"), as_of="2026-04-10")

    run(graph, server_home, orders=bought("2026-04-09"), as_of="2026-04-11")

    assert graph.read("MATCH (a:Alert) RETURN a.alert_id AS alert") == []
