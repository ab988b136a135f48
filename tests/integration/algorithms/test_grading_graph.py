"""A score is published with its grade, and kept back where the grade is too low."""

from dataclasses import dataclass, replace

import pandas as pd
import pytest

from algorithms.contract import Algorithm, Graded, Inputs, Result, owned
from algorithms.evaluation import Evaluation, Plan, recorded
from algorithms.floors import UNGRADED
from algorithms.parameters import DatedParameters
from algorithms.purchases import PAID, READS
from algorithms.records import Record
from algorithms.registry import Registry
from algorithms.run import Request, score
from graph.language import Text
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import fact_spec
from tests.shop import elements, open_shop, order

pytestmark = pytest.mark.integration

ABOUT = Text("made up", "虚构")
BUYERS = f"WITH {PAID} SELECT customer_id, COUNT(*) AS n FROM paid GROUP BY 1 ORDER BY 1"


def says(ann: float, bob: float) -> Algorithm:
    """Return an algorithm that gives Ann and Bob these chances of buying within a day."""

    def compute(inputs: Inputs, _params: DatedParameters) -> Result:
        ids = inputs["buyers"]["customer_id"]
        chance = ids.astype(str).map({"c-ann": ann, "c-bob": bob}).to_numpy(float)
        return Result({"Customer": pd.DataFrame({"customer_id": ids, "guess_buys": chance})})

    return Algorithm(
        name="guess",
        version=f"{ann} {bob}",
        about=ABOUT,
        stage="model",
        source="made up",
        reads=READS,
        parameters=DatedParameters,
        compute=compute,
        reduce={"buyers": BUYERS},
        properties={
            "Customer": (owned("guess_buys", "number", about=ABOUT, minimum=0, maximum=1),)
        },
        graded=(Graded("guess_buys", "buys", 1),),
    )


@dataclass(frozen=True)
class Shop:
    """A shop in which Ann buys every day, and Bob bought once."""

    database: Database
    settings: Settings

    def reader(self, algorithm: Algorithm) -> GraphReader:
        spec = Registry((algorithm,)).spec(fact_spec())
        return GraphReader(self.database, spec, settings=self.settings, timezone="UTC")

    def evaluate(self, algorithm: Algorithm) -> tuple[Evaluation, Record]:
        plan = Plan("guess", cuts=3, registry=Registry((algorithm,)))
        reader = self.reader(algorithm)
        return recorded(self.database, plan, reader=reader, settings=self.settings)

    def score(self, algorithm: Algorithm, *, force: bool = False) -> Record:
        request = Request(registry=Registry((algorithm,)), force=force)
        reader = self.reader(algorithm)
        (record,) = score(self.database, reader, request=request, settings=self.settings)
        return record

    def chances(self) -> dict[str, float]:
        query = "MATCH (c:Customer) WHERE c.guess_buys IS NOT NULL RETURN c.customer_id AS id, "
        return {row["id"]: row["p"] for row in self.database.read(f"{query}c.guess_buys AS p")}


@pytest.fixture
def shop(database: Database, server_home: Settings) -> Shop:
    daily = [order(f"a{day}", "web:ann", day=day) for day in range(1, 9)]
    rows = elements([*daily, order("b1", "web:bob", day=1)], [])
    open_shop(database, {name: table for name, table in rows.items() if table})
    return Shop(database, server_home)


def test_a_score_that_was_never_graded_is_published_and_says_so(shop: Shop) -> None:
    record = shop.score(says(0.9, 0.1))

    assert record.state == "published"
    assert record.notes == [UNGRADED]
    assert shop.chances() == {"c-ann": 0.9, "c-bob": 0.1}


def test_a_good_score_is_published_with_its_grade(shop: Shop) -> None:
    found, evaluation = shop.evaluate(says(1.0, 0.0))

    record = shop.score(says(1.0, 0.0))

    assert found.means()["guess_buys"]["auc"] == 1.0
    assert (record.state, record.notes) == ("published", [])
    held = shop.database.read(
        "MATCH (r:AlgorithmRun {is_current: true}) WHERE r.kind = 'score' "
        "RETURN r.evaluation AS evaluation"
    )
    assert evaluation.run_id in held[0]["evaluation"]


def test_a_score_below_the_floors_is_kept_back_with_the_reasons(shop: Shop) -> None:
    shop.evaluate(says(0.1, 0.9))

    record = shop.score(says(0.1, 0.9))

    assert record.state == "withheld"
    assert [note.en.split(" is ")[0] for note in record.notes[:2]] == [
        "guess_buys: AUC 0.000",
        "guess_buys: Brier skill -2.240",
    ]
    assert shop.chances() == {}
    assert (shop.settings.home / "runs" / record.run_id).is_dir()


def test_it_is_published_all_the_same_for_whoever_insists(shop: Shop) -> None:
    shop.evaluate(says(0.1, 0.9))

    record = shop.score(says(0.1, 0.9), force=True)

    assert record.state == "published"
    assert len(record.notes) == 3
    assert shop.chances() == {"c-ann": 0.1, "c-bob": 0.9}


def test_the_grade_of_another_version_does_not_count(shop: Shop) -> None:
    shop.evaluate(says(0.1, 0.9))

    record = shop.score(replace(says(0.1, 0.9), version="another"))

    assert (record.state, record.notes) == ("published", [UNGRADED])


def test_a_new_grade_is_noted_with_scores_that_stand_and_the_same_one_changes_nothing(
    shop: Shop,
) -> None:
    first = shop.score(says(1.0, 0.0))
    shop.evaluate(says(1.0, 0.0))

    second = shop.score(says(1.0, 0.0))
    third = shop.score(says(1.0, 0.0))

    assert (first.state, second.state, third.state) == ("published", "published", "unchanged")
    assert second.notes == []


def test_only_the_latest_evaluation_is_current(shop: Shop) -> None:
    shop.evaluate(says(1.0, 0.0))
    _, latest = shop.evaluate(says(1.0, 0.0))

    rows = shop.database.read(
        "MATCH (r:AlgorithmRun {kind: 'evaluation', is_current: true}) RETURN r.run_id AS id"
    )
    assert [row["id"] for row in rows] == [latest.run_id]
