"""An algorithm that gets its own former result back, and one that decides by it."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd
import pytest

from algorithms.contract import Algorithm, Inputs, Result, owned
from algorithms.parameters import DatedParameters
from algorithms.registry import Registry
from algorithms.run import Record, Request, compute_all, score
from graph.ddl import install
from graph.language import Text
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import fact_spec
from tests.shop import at

pytestmark = pytest.mark.integration


class SlowParameters(DatedParameters):
    """Nothing to set."""


def slow(inputs: Inputs, _: SlowParameters) -> Result:
    """Tell who is large: with three accounts, or with two who was large before."""
    frame = inputs["known"].sort_values("customer_id").reset_index(drop=True)
    needed = frame["was"].fillna("no").map({"yes": 2, "no": 3}).astype(int)
    is_large = frame["n_accounts"].astype(int) >= needed
    large = is_large.map({True: "yes", False: "no"})
    columns = {"customer_id": frame["customer_id"], "slow_large": large}
    return Result({"Customer": pd.DataFrame(columns)}, {"remembered": int(frame["was"].count())})


KNOWN = """
SELECT c.customer_id, c.n_accounts, r.slow_large AS was
FROM customers c
LEFT JOIN remembered r ON c.customer_id = r.customer_id
"""
SLOW = Algorithm(
    name="slow",
    version="1",
    about=Text("Tells who is large, and changes its mind late.", "判断大客户,带滞后。"),
    stage="tag",
    source="Made up for these tests.",
    reads={"customers": ("customer_id", "n_accounts")},
    parameters=SlowParameters,
    compute=slow,
    reduce={"known": KNOWN},
    properties={
        "Customer": (owned("slow_large", "code", about=Text("Large", "大"), codes=("yes", "no")),)
    },
    remembers=("slow_large",),
)
REGISTRY = Registry((SLOW,))
SPEC = REGISTRY.spec(fact_spec())


@dataclass(frozen=True)
class Town:
    """One customer whose number of accounts changes."""

    database: Database
    settings: Settings

    def ask(self, accounts: int, *, as_of: datetime) -> tuple[Record, str]:
        """Set the number of accounts, score, and return what the graph then says."""
        query = "MERGE (c:Customer {customer_id: 'ann'}) SET c.n_accounts = $n"
        self.database.write(query, {"n": accounts})
        request = Request(registry=REGISTRY, as_of=as_of)
        (record,) = score(self.database, self.reader, request=request, settings=self.settings)
        (row,) = self.database.read("MATCH (c:Customer) RETURN c.slow_large AS large")
        return record, str(row["large"])

    @property
    def reader(self) -> GraphReader:
        return GraphReader(self.database, SPEC, settings=self.settings, timezone="UTC")


@pytest.fixture
def town(database: Database, server_home: Settings) -> Town:
    install(database, SPEC)
    return Town(database, server_home)


def test_the_former_result_decides_what_lies_between(town: Town) -> None:
    answers = [town.ask(n, as_of=at(day))[1] for day, n in enumerate((2, 3, 2, 1, 2), start=1)]

    assert answers == ["no", "yes", "yes", "no", "no"]


def test_the_same_again_is_unchanged_though_there_is_more_to_remember(town: Town) -> None:
    first, _ = town.ask(3, as_of=at(1))

    again, _ = town.ask(3, as_of=at(1))

    assert (first.state, again.state) == ("published", "unchanged")
    assert first.metrics["remembered"] == 0


def test_an_earlier_instant_does_not_know_what_came_later(town: Town) -> None:
    town.ask(3, as_of=at(5))

    earlier, large = town.ask(2, as_of=at(2))

    assert (earlier.state, earlier.metrics["remembered"]) == ("filed", 0)
    assert large == "yes"


def test_a_first_import_remembers_nothing(town: Town) -> None:
    town.ask(3, as_of=at(1))
    request = Request(registry=REGISTRY, as_of=at(2), dry_run=True)

    found = compute_all(town.reader, request=request, settings=town.settings)

    assert [record.metrics["remembered"] for record in found.runs] == [0]
