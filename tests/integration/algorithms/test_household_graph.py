"""Households in a real graph: made, left alone, changed and taken away again."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from algorithms.registry import computed_spec
from algorithms.run import Record, Request, compute_all, score
from graph.columns import properties_by_column
from graph.dump import digest
from graph.elements import read_element
from graph.importer import import_all
from graph.reader import GraphReader
from graph.server import start
from graph.session import Database, connect
from graph.settings import Settings
from tests.conftest import HomeMaker
from tests.graph_rows import plain, written_to
from tests.identity_world import START
from tests.resolved_shop import Shop

pytestmark = pytest.mark.integration

SPEC = computed_spec()
FAMILY = ("crm:ann member device:1", "crm:bob member device:1", "erp:eve member device:2")
ELEMENTS = ("Household", "Customer-IN_HOUSEHOLD-Household")


@dataclass(frozen=True)
class Street:
    """A shop whose customers are resolved and put into households day by day."""

    shop: Shop
    settings: Settings

    def live(self, *lines: str, day: int = 0) -> Record:
        """Load and resolve, then find households."""
        self.shop.load(*lines, day=day)
        self.shop.resolve(day=day)
        return self.settle()

    def settle(self, *, dry_run: bool = False) -> Record:
        request = Request(names=("household",), as_of=START, dry_run=dry_run)
        database = self.shop.database
        (record,) = score(database, self.reader, request=request, settings=self.settings)
        return record

    @property
    def reader(self) -> GraphReader:
        return GraphReader(self.shop.database, SPEC, settings=self.settings, timezone="UTC")

    def homes(self) -> dict[str, tuple[int, list[str]]]:
        """Return size and accounts of every household in the graph."""
        query = (
            "MATCH (h:Household) "
            "OPTIONAL MATCH (h)<-[:IN_HOUSEHOLD]-()<-[:RESOLVED_TO]-(a:Account) "
            "WITH h, a.account_id AS id ORDER BY id "
            "RETURN h.household_id AS home, h.size AS size, collect(id) AS accounts"
        )
        rows = self.shop.database.read(query)
        return {row["home"]: (row["size"], row["accounts"]) for row in rows}


@pytest.fixture
def street(database: Database, server_home: Settings) -> Street:
    return Street(Shop(database, SPEC), server_home)


def written(record: Record) -> dict[str, dict[str, int]]:
    counts = record.counts["written"]
    assert set(counts) == set(ELEMENTS)
    return {
        name: {what: n for what, n in told.items() if n}
        for name, told in counts.items()
        if isinstance(told, dict)
    }


def test_customers_of_one_device_get_a_household(street: Street) -> None:
    record = street.live(*FAMILY)

    ((size, accounts),) = street.homes().values()
    assert (size, accounts) == (2, ["crm:ann", "crm:bob"])
    basis = street.shop.database.read("MATCH ()-[r:IN_HOUSEHOLD]->() RETURN r.basis AS basis")
    assert [row["basis"] for row in basis] == [["device"], ["device"]]
    assert written(record) == {"Household": {"new": 1}, ELEMENTS[1]: {"new": 2}}


def test_the_same_again_writes_nothing(street: Street) -> None:
    first = street.live(*FAMILY)
    before = digest(street.shop.database, SPEC)

    again = street.settle()

    assert (again.state, again.run_id) == ("unchanged", first.run_id)
    assert digest(street.shop.database, SPEC) == before


def test_a_dry_run_makes_no_household(street: Street) -> None:
    street.shop.load(*FAMILY, day=0)
    street.shop.resolve(day=0)

    record = street.settle(dry_run=True)

    assert written(record)["Household"] == {"new": 1}
    assert street.homes() == {}


def test_a_household_that_grows_keeps_its_id(street: Street) -> None:
    street.live(*FAMILY)
    (before,) = street.homes()

    record = street.live(*FAMILY, "crm:kim member device:1", day=1)

    assert street.homes() == {before: (3, ["crm:ann", "crm:bob", "crm:kim"])}
    assert written(record) == {
        "Household": {"changed": 1},
        ELEMENTS[1]: {"new": 1, "unchanged": 2},
    }


def test_a_household_that_is_no_more_goes_with_its_links(street: Street) -> None:
    street.live(*FAMILY)

    record = street.live("crm:ann member device:1", "crm:bob member device:9", day=1)

    assert street.homes() == {}
    assert written(record) == {"Household": {"removed": 1}, ELEMENTS[1]: {"removed": 2}}


def test_what_resolution_took_back_is_found_again(street: Street) -> None:
    street.live(*FAMILY)
    (before,) = street.homes()

    lines = [*FAMILY[1:], "crm:ann member device:1 card_no:1", "erp:ann2 member card_no:1"]
    street.live(*lines, day=1)

    assert street.homes() == {before: (2, ["crm:ann", "crm:bob", "erp:ann2"])}


def test_a_run_that_was_cut_off_is_made_again(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    street.live(*FAMILY)
    street.shop.load(*FAMILY, "crm:kim member device:1", day=1)
    street.shop.resolve(day=1)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("graph.writer.Writer.write_relationships", killed)
        with pytest.raises(KeyboardInterrupt):
            street.settle()
    street.settle()

    ((size, accounts),) = street.homes().values()
    assert (size, accounts) == (3, ["crm:ann", "crm:bob", "crm:kim"])


def test_an_import_writes_the_same_households(
    street: Street, make_home: HomeMaker, tmp_path: Path
) -> None:
    street.live(*FAMILY)
    request = Request(names=("household",), as_of=START, dry_run=True)
    found = compute_all(street.reader, request=request, settings=street.settings)
    whole = {
        name: read_element(street.shop.database, SPEC, name=name)
        for name in ("Account", "Customer", "Account-RESOLVED_TO-Customer")
    }
    rows = {name: found.elements[name] for name in ELEMENTS} | whole
    home = make_home("imported-households")
    import_all(home, SPEC, elements=written_to(tmp_path, rows), loaded_at=START)
    start(home)

    with connect(home) as imported:
        for name in ELEMENTS:
            columns = list(properties_by_column(SPEC.element(name)))
            here = read_element(street.shop.database, SPEC, name=name, columns=columns)
            assert plain(read_element(imported, SPEC, name=name, columns=columns)) == plain(here)
