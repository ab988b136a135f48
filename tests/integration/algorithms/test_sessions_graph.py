"""Anonymous sessions on a shared device, from a company's files to its customers."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from algorithms.identity.run import resolve_graph
from algorithms.registry import computed_spec
from algorithms.run import Record, Request, score
from api.pipeline import graph_reader
from graph.session import Database, connect
from graph.settings import Settings
from tests.integration.loaders.conftest import LiveShop, forget
from tests.loading import company, part, source

pytestmark = pytest.mark.integration

SPEC = computed_spec()
TABLES = [
    part("accounts", "seen", account_key="id", kind="kind"),
    part(
        "identifiers",
        "seen",
        account_key="id",
        kind="'device'",
        value="device",
        first_seen_at="since",
        last_seen_at="until",
        is_authenticated="kind = 'member'",
    ),
    part("events", "clicks", account_key="id", at="clock", kind="'viewed'", product_key="sku"),
]
TEXT = company(source("web", files={"seen": "seen.csv", "clicks": "clicks.csv"}, tables=TABLES))
SEEN = [
    "ann,member,tablet-77,2026-01-02,2026-01-10",
    "bob,member,tablet-77,2026-01-05,2026-01-20",
    "v,visitor,tablet-77,2026-01-01,2026-01-31",
]
CLICKS = [
    "v,2026-01-01 20:00,tea",
    "v,2026-01-03 20:00,tea",
    "v,2026-01-03 20:10,milk",
    "v,2026-01-12 20:00,tea",
    "bob,2026-01-13 20:00,tea",
]


class Sofa(LiveShop):
    """A tablet that two members and a visitor use."""

    def put_files(self, *, clicks: list[str]) -> None:
        self.write("seen.csv", "\n".join(["id,kind,device,since,until", *SEEN]) + "\n")
        self.write("clicks.csv", "\n".join(["id,clock,sku", *clicks]) + "\n")
        self.put(TEXT)

    def roll_up(self) -> Record:
        """Resolve, and roll up what is known."""
        with connect(self.settings) as database:
            resolve_graph(database, spec=SPEC, settings=self.settings)
            (record,) = score(
                database,
                graph_reader(database, self.settings),
                request=Request(names=("rollup",)),
                settings=self.settings,
            )
        return record

    def events(self) -> dict[str, int]:
        """Return the number of events of each account's customer."""
        query = (
            "MATCH (a:Account)-[:RESOLVED_TO]->(c) WHERE c.rollup_n_events IS NOT NULL "
            "RETURN a.account_id AS id, c.rollup_n_events AS n"
        )
        with connect(self.settings) as database:
            return {row["id"]: row["n"] for row in database.read(query)}

    def file(self, record: Record) -> Path:
        return self.settings.home / "runs" / record.run_id / "attributed_sessions.parquet"


@pytest.fixture
def sofa(tmp_path: Path, database: Database, server_home: Settings) -> Iterator[Sofa]:
    yield Sofa(tmp_path, server_home)
    forget(server_home)


def test_sessions_go_to_who_had_logged_in_and_the_visitor_stays_alone(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)

    record = sofa.roll_up()

    assert sofa.events() == {"web:v": 1, "web:ann": 2, "web:bob": 2}
    with connect(sofa.settings) as database:
        customers = database.read("MATCH (c:Customer) RETURN count(c) AS n")[0]["n"]
        viewed = database.read("MATCH (:Account {account_id: 'web:v'})-[r:VIEWED]->() RETURN r.n")
    assert customers == 3
    assert sorted(row["r.n"] for row in viewed) == [1, 3]
    rows = pq.read_table(sofa.file(record)).to_pylist()
    assert [(row["login_id"], row["n_events"]) for row in rows] == [("web:ann", 2), ("web:bob", 1)]


def test_the_file_names_customers_of_the_graph(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)

    record = sofa.roll_up()

    with connect(sofa.settings) as database:
        resolution = graph_reader(database, sofa.settings).table("resolution").to_pylist()
    who = {row["account_id"]: row["customer_id"] for row in resolution}
    rows = pq.read_table(sofa.file(record)).to_pylist()
    assert [row["customer_id"] for row in rows] == [who["web:ann"], who["web:bob"]]


def test_nothing_is_rolled_up_again_if_nothing_changed(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)
    first = sofa.roll_up()

    again = sofa.roll_up()

    assert (again.state, again.run_id) == ("unchanged", first.run_id)


def test_a_lost_file_is_written_again(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)
    first = sofa.roll_up()
    sofa.file(first).unlink()

    again = sofa.roll_up()

    assert again.state == "published"
    assert pq.read_table(sofa.file(again)).num_rows == 2


def test_a_later_click_is_attributed_when_it_comes(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)
    sofa.roll_up()

    sofa.put_files(clicks=[*CLICKS, "v,2026-01-25 20:00,tea"])
    record = sofa.roll_up()

    assert record.state == "published"
    assert sofa.events() == {"web:v": 1, "web:ann": 2, "web:bob": 3}


def test_once_somebody_else_has_left_the_device_nothing_is_attributed(sofa: Sofa) -> None:
    sofa.put_files(clicks=CLICKS)
    sofa.roll_up()

    alone = [line.replace("tablet-77", "phone-88") if "bob" in line else line for line in SEEN]
    sofa.write("seen.csv", "\n".join(["id,kind,device,since,until", *alone]) + "\n")
    sofa.put(TEXT, replace=True)
    sofa.roll_up()

    # what is Ann's alone joins the visitor to her
    assert sofa.events() == {"web:v": 4, "web:ann": 4, "web:bob": 1}
