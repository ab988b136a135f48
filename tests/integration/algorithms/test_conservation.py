"""Joining two customers and parting them again loses nothing and doubles nothing.

Two systems know a person each. A third one has a record with the phones of both, which makes
the two one customer; taken out again, it leaves them as they were.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from algorithms.registry import computed_spec
from api.pipeline import graph_reader
from graph.session import Database, connect
from graph.settings import Settings
from tests.in_process import CommandLine, logging_restored
from tests.integration.loaders.conftest import LiveShop, forget
from tests.loading import company, part, source

pytestmark = pytest.mark.integration

HEADS = {
    "people": "id,city,job,since,tel",
    "orders": "no,id,day,sku,paid",
    "posts": "no,id,day",
    "clicks": "no,id,day,sku",
    "consents": "id,day,yes",
}
ROWS = {
    "crm": {
        "people": ["A1,Suzhou,cook,2020-01-01,13812345678", "A2,Hefei,,2021-01-01,13900001111"],
        "orders": [
            "1,A1,2026-01-02,tea,12.5",
            "1,A1,2026-01-02,milk,-2.0001",
            "2,A1,2026-01-09,tea,12.5",
            "3,A2,2026-01-03,tea,0.0007",
            "4,,2026-01-04,hat,9.9",
        ],
        "posts": ["1,A1,2026-01-05"],
        "clicks": ["1,A1,2026-01-01,tea", "2,A2,2026-01-01,tea"],
        "consents": ["A1,2026-01-01,true"],
    },
    "app": {
        "people": ["U1,Shanghai,,2024-01-01,13722223333"],
        "orders": ["1,U1,2026-01-07,tea,0.3", "2,U1,2026-01-08,hat,20"],
        "posts": ["1,U1,2026-01-06", "2,U1,2026-01-06"],
        "clicks": ["1,U1,2026-01-05,hat"],
        "consents": ["U1,2026-01-02,false"],
    },
    "till": {
        "people": ["T1,,,,13812345678", "T1,,,,13722223333"],
        **{name: [] for name in ("orders", "posts", "clicks", "consents")},
    },
}
TABLES = [
    part(
        "accounts",
        "people",
        account_key="id",
        city="city",
        occupation="job",
        registered_at="since",
        kind="'member'",
    ),
    part("identifiers", "people", account_key="id", kind="'phone'", value="tel"),
    part("orders", "orders", order_key="no", account_key="id", ordered_at="day"),
    part("order_lines", "orders", order_key="no", product_key="sku", amount="paid"),
    part("posts", "posts", post_key="no", account_key="id", posted_at="day"),
    part(
        "events",
        "clicks",
        event_key="no",
        account_key="id",
        at="day",
        kind="'viewed'",
        product_key="sku",
    ),
    part("consents", "consents", account_key="id", purpose="'marketing'", at="day", granted="yes"),
]
APART = ("crm", "app")
ANN = frozenset({"crm:A1"})
EVE = frozenset({"app:U1"})
OTHER = frozenset({"crm:A2"})
COUNTED = ("orders", "posts", "events", "consents")


@dataclass
class Holding:
    """What one customer has; money in whole ten-thousandths."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))
    money: int = 0
    learned: dict[str, object] = field(default_factory=dict)
    bought: dict[str, object] = field(default_factory=dict)


class Company(LiveShop):
    """Loads, resolves and scores as a user does, and looks at what each customer has."""

    commands: CommandLine

    def learn(self, *sources: str) -> None:
        """Load some of the systems, and bring everything that is computed up to date."""
        for name in sources:
            for file, rows in ROWS[name].items():
                self.write(f"{name}/{file}.csv", "\n".join([HEADS[file], *rows]) + "\n")
        self.put(company(*(self._source(name) for name in sources)))
        self.commands.run("score")

    def part(self, name: str) -> None:
        """Take a system out, and bring everything that is computed up to date."""
        self.take_out(name)
        self.commands.run("score")

    def _source(self, name: str) -> str:
        files = {file: f"{name}/{file}.csv" for file in HEADS}
        return source(name, files=files, tables=TABLES if name != "till" else TABLES[:2])

    def holdings(self) -> dict[frozenset[str], Holding]:
        """Return what each customer has, by the accounts that are the customer."""
        with connect(self.settings) as database:
            reader = graph_reader(database, self.settings)
            found: dict[str | None, Holding] = {}
            of_order: dict[str, Holding] = {}
            for table in COUNTED:
                for row in reader.table(table).to_pylist():
                    holding = found.setdefault(row["customer_id"], Holding())
                    holding.counts[table] += 1
                    of_order[str(row.get("order_id"))] = holding
            for row in reader.table("order_lines").to_pylist():
                of_order[row["order_id"]].money += row["amount"]
            for row in reader.element("Customer").to_pylist():
                found.setdefault(row.pop("customer_id"), Holding()).learned = row
            for row in reader.element("Customer-PURCHASED-Product").to_pylist():
                found[row.pop("start_id")].bought[row.pop("end_id")] = row
            accounts: dict[str | None, set[str]] = {None: set()}
            for row in reader.table("resolution").to_pylist():
                accounts.setdefault(row["customer_id"], set()).add(row["account_id"])
        return {frozenset(accounts[customer]): held for customer, held in found.items()}


@pytest.fixture
def shop(
    tmp_path: Path,
    database: Database,
    server_home: Settings,
    *,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Company]:
    shop = Company(tmp_path, server_home)
    monkeypatch.setenv("KITH_HOME", str(server_home.home))
    shop.commands = CommandLine(server_home.home, monkeypatch, capsys)
    with logging_restored():
        yield shop
    forget(server_home)


def test_a_merge_adds_up_and_its_undoing_takes_apart(shop: Company) -> None:
    shop.learn(*APART)
    before = shop.holdings()

    shop.learn(*APART, "till")
    together = shop.holdings()
    shop.part("till")
    after = shop.holdings()

    both = ANN | EVE | {"till:T1"}
    # the guest's order belongs to nobody
    assert set(before) == {ANN, EVE, OTHER, frozenset()}
    assert set(together) == {both, OTHER, frozenset()}
    for what in COUNTED:
        counts = (before[who].counts[what] for who in (ANN, EVE))
        assert together[both].counts[what] == sum(counts), what
    assert (before[ANN].money, before[EVE].money) == (229_999, 203_000)
    assert together[both].money == 229_999 + 203_000
    assert {who: held.counts for who, held in after.items()} == {
        who: held.counts for who, held in before.items()
    }
    assert {who: held.money for who, held in after.items()} == {
        who: held.money for who, held in before.items()
    }


def test_what_is_computed_adds_up_and_comes_back(shop: Company) -> None:
    shop.learn(*APART)
    before = shop.holdings()

    shop.learn(*APART, "till")
    merged = shop.holdings()[ANN | EVE | {"till:T1"}]
    shop.part("till")
    after = shop.holdings()

    tea = {who: before[who].bought["tea"] for who in (ANN, EVE)}
    assert [held["spend"] for held in tea.values() if isinstance(held, dict)] == [250_000, 3_000]
    of_both = merged.bought["tea"]
    assert isinstance(of_both, dict)
    assert (of_both["spend"], of_both["n_orders"]) == (253_000, 3)
    assert set(merged.bought) == {"tea", "milk", "hat"}
    assert merged.learned["rfm_spend"] == 432_999
    assert merged.learned["rfm_order_count"] == 4
    for who in (ANN, EVE, OTHER):
        assert _undated(after[who].learned) == _undated(before[who].learned)
        assert after[who].bought == before[who].bought


def test_all_that_customers_have_is_the_same_before_during_and_after(shop: Company) -> None:
    shop.learn(*APART)
    before = _sums(shop)

    shop.learn(*APART, "till")
    during = _sums(shop)
    shop.part("till")

    assert before == during == _sums(shop)
    # 12.5 - 2.0001 + 12.5 + 0.0007 + 9.9 of the guest + 0.3 + 20
    assert before["money"] == 532_006
    assert {what: before[what] for what in COUNTED} == {
        "orders": 6,
        "posts": 3,
        "events": 3,
        "consents": 2,
    }


def test_the_golden_record_takes_from_both_and_gives_back(shop: Company) -> None:
    shop.learn(*APART)
    apart = shop.holdings()

    shop.learn(*APART, "till")
    merged = shop.holdings()[ANN | EVE | {"till:T1"}].learned
    shop.part("till")
    after = shop.holdings()

    # she lives where the later account says; her work only the earlier one knows
    assert (merged["golden_city"], merged["golden_occupation"]) == ("Shanghai", "cook")
    assert merged["golden_sources"] == ["city=app:U1", "occupation=crm:A1"]
    assert merged["golden_conflicts"] == ["city"]
    for holdings in (apart, after):
        assert holdings[ANN].learned["golden_city"] == "Suzhou"
        assert holdings[EVE].learned["golden_city"] == "Shanghai"
        assert holdings[EVE].learned["golden_occupation"] is None
        assert holdings[ANN].learned["golden_conflicts"] is None
        assert holdings[ANN].learned["golden_sources"] is None


def test_the_run_after_an_undoing_has_nothing_to_write(shop: Company) -> None:
    shop.learn(*APART)
    shop.learn(*APART, "till")
    shop.part("till")

    again = shop.commands.run("score", "--json").json

    assert isinstance(again, list)
    assert {run["state"] for run in again} == {"unchanged"}
    assert {run["algorithm"] for run in again} >= {"golden", "rollup", "rfm"}


def _sums(shop: Company) -> dict[str, int]:
    holdings = shop.holdings().values()
    counts = {what: sum(held.counts[what] for held in holdings) for what in COUNTED}
    return {**counts, "money": sum(held.money for held in holdings)}


def _undated(learned: dict[str, object]) -> dict[str, object]:
    """Leave out when accounts came and went: that has happened, and stays so."""
    owners = {p.name: p.owner for p in computed_spec().nodes["Customer"].properties}
    return {name: value for name, value in learned.items() if owners.get(name) != "identity"}
