"""Segments in a real graph: the groups, who changed between them, and runs that are cut off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import pandas as pd
import pytest

from algorithms.contract import Algorithm, Group, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import Parameters
from algorithms.registry import Registry, computed_spec
from algorithms.run import Record, Request, compute_all, score
from graph.ddl import install
from graph.dump import digest
from graph.errors import GraphError
from graph.language import Text
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import fact_spec
from graph.writer import Writer
from tests.shop import at, open_shop

pytestmark = pytest.mark.integration

BANDS = ("few", "some", "many")
Links = dict[tuple[str, str], tuple[datetime, str | None]]


class BandParameters(Parameters):
    """Nothing to set."""


class NobodyError(NothingToSayError):
    """There is no customer with accounts."""

    text = Text("Nobody has accounts.", "没有客户有账户。")


def band(inputs: Inputs, _: BandParameters) -> Result:
    """Place customers by their number of accounts: few, some, many; without one: nowhere."""
    frame = inputs["customers"].dropna().sort_values("customer_id").reset_index(drop=True)
    if frame.empty:
        raise NobodyError
    accounts = frame["n_accounts"].astype(int).clip(1, 3)
    columns = {
        "customer_id": frame["customer_id"].astype(str),
        "band_name": [BANDS[n - 1] for n in accounts],
        "band_number": accounts,
    }
    groups = {"band_name": {"many": Group(Text("Many", "多"), {"accounts": 3})}}
    return Result({"Customer": pd.DataFrame(columns)}, groups=groups)


BAND = Algorithm(
    name="band",
    version="1",
    about=Text("Places customers by their accounts.", "按账户数分群。"),
    stage="tag",
    source="Made up for these tests.",
    reads={"customers": ("customer_id", "n_accounts")},
    parameters=BandParameters,
    compute=band,
    properties={
        "Customer": (
            owned("band_name", "code", about=Text("Band", "分群"), codes=BANDS, indexed=True),
            owned("band_number", "integer", about=Text("Band", "分群"), minimum=1, maximum=3),
        )
    },
    segments=("band_name", "band_number"),
)
REGISTRY = Registry((BAND,))
SPEC = REGISTRY.spec(fact_spec())


@dataclass(frozen=True)
class Town:
    """Customers with numbers of accounts, placed in bands on one day after the other."""

    database: Database
    settings: Settings

    def have(self, **accounts: int | None) -> None:
        """Say how many accounts each customer has; None: nobody knows."""
        self.database.write(
            "UNWIND keys($accounts) AS id MERGE (c:Customer {customer_id: id}) "
            "SET c.n_accounts = $accounts[id]",
            {"accounts": accounts},
        )

    def place(self, *, day: int, dry_run: bool = False) -> Record:
        request = Request(registry=REGISTRY, as_of=at(day), dry_run=dry_run)
        (record,) = score(self.database, self.reader, request=request, settings=self.settings)
        return record

    @property
    def reader(self) -> GraphReader:
        return GraphReader(self.database, SPEC, settings=self.settings, timezone="UTC")

    def sizes(self, scheme: str = "band_name") -> dict[str, int]:
        query = "MATCH (s:Segment {scheme: $scheme}) RETURN s.name AS name, s.n AS n"
        return {row["name"]: row["n"] for row in self.database.read(query, {"scheme": scheme})}

    def links(self, scheme: str = "band_name") -> Links:
        """Return since when and from where each customer is in the segment that they are in."""
        query = (
            "MATCH (c:Customer)-[r:IN_SEGMENT]->(s:Segment {scheme: $scheme}) RETURN "
            "c.customer_id AS c, s.name AS s, r.since.epochMillis AS since, r.previous AS before"
        )
        rows = self.database.read(query, {"scheme": scheme})
        return {(row["c"], row["s"]): (moment(row["since"]), row["before"]) for row in rows}

    def digest(self) -> str:
        return digest(self.database, SPEC)


def moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, tz=at(1).tzinfo)


def written(record: Record, element: str) -> dict[str, int]:
    """Return what a run wrote of an element, without zeros."""
    counts = record.counts["written"][element]
    assert isinstance(counts, dict)
    return {what: n for what, n in counts.items() if n}


NODE, LINK = "Segment", "Customer-IN_SEGMENT-Segment"


@pytest.fixture
def town(database: Database, server_home: Settings) -> Iterator[Town]:
    install(database, SPEC)
    town = Town(database, server_home)
    town.have(ann=1, bob=2, kim=3)
    yield town
    database.write("MATCH (s:Segment) DETACH DELETE s")


def test_the_first_publication_writes_groups_and_no_links(town: Town) -> None:
    record = town.place(day=1)

    assert town.sizes() == {"few": 1, "some": 1, "many": 1}
    assert town.sizes("band_number") == {"1": 1, "2": 1, "3": 1}
    assert town.links() == {}
    assert written(record, NODE) == {"new": 6}
    assert written(record, LINK) == {}


def test_groups_carry_what_the_algorithm_says_of_them(town: Town) -> None:
    town.place(day=1)

    query = (
        "MATCH (s:Segment {segment_id: $id}) "
        "RETURN s.label_en AS en, s.label_zh AS zh, s.profile AS profile"
    )
    (many,) = town.database.read(query, {"id": "band_name:many"})
    (few,) = town.database.read(query, {"id": "band_name:few"})
    assert many == {"en": "Many", "zh": "多", "profile": '{"accounts": 3}'}
    # what nobody described is called by its code
    assert few == {"en": "few", "zh": "few", "profile": "{}"}


def test_whoever_changes_gets_a_link_that_knows_since_when_and_from_where(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)

    record = town.place(day=2)

    assert town.links() == {("ann", "many"): (at(2), "few")}
    assert town.links("band_number") == {("ann", "3"): (at(2), "1")}
    assert town.sizes() == {"few": 0, "some": 1, "many": 2}
    assert written(record, LINK) == {"new": 2}
    # of numbers nobody says which there might be, so an empty one goes
    assert written(record, NODE) == {"changed": 3, "removed": 1, "unchanged": 2}


def test_the_next_change_replaces_the_link(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    town.place(day=2)
    town.have(ann=2, bob=1)

    record = town.place(day=3)

    assert town.links() == {("ann", "some"): (at(3), "many"), ("bob", "few"): (at(3), "some")}
    assert written(record, LINK) == {"new": 4, "removed": 2}


def test_going_back_is_a_change_too(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    town.place(day=2)
    town.have(ann=1)

    town.place(day=3)

    assert town.links() == {("ann", "few"): (at(3), "many")}


def test_a_customer_who_comes_later_has_not_moved(town: Town) -> None:
    town.place(day=1)
    town.have(eve=1)

    town.place(day=2)

    assert town.links() == {}


def test_whoever_is_in_no_group_any_more_loses_the_link(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    town.place(day=2)
    town.have(ann=None)

    town.place(day=3)

    assert town.links() == {}
    assert town.sizes() == {"few": 0, "some": 1, "many": 1}


def test_the_same_again_writes_nothing(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    first = town.place(day=2)
    before = town.digest()

    again = town.place(day=9)

    assert (again.state, again.run_id) == ("unchanged", first.run_id)
    assert town.digest() == before


def test_a_run_that_finds_the_same_leaves_links_as_they_are(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    town.place(day=2)
    town.have(bob=2, zoe=None)

    record = town.place(day=3)

    assert record.state == "published"
    assert town.links() == {("ann", "many"): (at(2), "few")}
    assert written(record, LINK) == {}


def test_a_dry_run_counts_and_changes_nothing(town: Town) -> None:
    town.place(day=1)
    town.have(ann=3)
    before = town.digest()

    record = town.place(day=2, dry_run=True)

    assert written(record, LINK) == {"new": 2}
    assert town.digest() == before


def test_groups_that_somebody_removed_come_back(town: Town) -> None:
    town.place(day=1)
    town.database.write("MATCH (s:Segment {name: 'few'}) DETACH DELETE s")

    record = town.place(day=1)

    assert record.state == "published"
    assert town.sizes() == {"few": 1, "some": 1, "many": 1}


def test_with_nothing_to_say_the_groups_go_and_whoever_comes_back_has_not_changed(
    town: Town,
) -> None:
    town.place(day=1)
    town.have(ann=3)
    town.place(day=2)
    town.have(ann=None, bob=None, kim=None)

    town.place(day=3)
    emptied = town.sizes()
    town.have(ann=1)
    town.place(day=4)

    assert emptied == {}
    assert town.sizes() == {"few": 1, "some": 0, "many": 0}
    assert town.links() == {}


STEPS = ("write_nodes", "write_relationships", "set_properties", "delete_relationships")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("later", [{"ann": 2}, {"ann": 3}, {"ann": 1}])
def test_a_run_cut_off_anywhere_can_be_repeated(
    town: Town, *, step: str, later: dict[str, int]
) -> None:
    town.place(day=1)
    town.have(kim=1)
    town.place(day=2)
    town.have(ann=2, kim=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, step, power_cut_after(getattr(Writer, step), calls=1))
        cut_off(town, day=3)
    town.have(**later)

    town.place(day=4)

    query = "MATCH (c:Customer) RETURN c.customer_id AS c, c.band_name AS s"
    now = {row["c"]: row["s"] for row in town.database.read(query)}
    links = town.links()
    # whatever was cut off: at most one link a customer, and to the segment they are in
    assert all(now[customer] == segment for customer, segment in links)
    assert links["kim", "many"][1] == "few"
    assert town.sizes() == {name: list(now.values()).count(name) for name in BANDS}
    assert town.place(day=4).state == "unchanged"


def test_a_first_publication_that_was_cut_off_is_still_the_first(town: Town) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "write_nodes", power_cut_after(Writer.write_nodes, calls=0))
        cut_off(town, day=1)

    town.place(day=2)

    assert town.links() == {}
    assert town.sizes() == {"few": 1, "some": 1, "many": 1}


def cut_off(town: Town, *, day: int) -> None:
    """Place customers until the power goes out, if it does."""
    try:
        town.place(day=day)
    except GraphError as error:
        assert "the power went out" in str(error)  # noqa: PT017 -- a step may not be reached


def power_cut_after(work: Callable[..., int], *, calls: int) -> Callable[..., int]:
    """Return ``work`` that fails after some calls; the run's own record is no work of it."""
    done = count()

    def cut(writer: Writer, element: object, *rest: object, **more: object) -> int:
        if getattr(element, "name", "") == "AlgorithmRun" or next(done) < calls:
            return work(writer, element, *rest, **more)
        raise GraphError(problem="the power went out")

    return cut


def test_a_first_import_brings_the_groups_of_all_algorithms(town: Town) -> None:
    open_shop(town.database)
    spec = computed_spec()
    reader = GraphReader(town.database, spec, settings=town.settings, timezone="UTC")

    found = compute_all(reader, request=Request(dry_run=True), settings=town.settings)

    rows = found.elements[NODE].to_pylist()
    assert {row["scheme"] for row in rows} >= {"rfm_class", "rfm_segment"}
    keys = [row["segment_id"] for row in rows]
    assert len(keys) == len(set(keys))
    of_class = {row["name"]: row["n"] for row in rows if row["scheme"] == "rfm_class"}
    assert sum(of_class.values()) == 2
    assert set(of_class) == {"keep", "develop", "ordinary", "low_value"}
