"""Running algorithms on a real graph: what they write, leave alone, take away and record."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from algorithms.contract import Algorithm, Inputs, Result, owned
from algorithms.parameters import ParameterError, Parameters, parse_overrides
from algorithms.registry import REGISTRY, Registry, computed_spec
from algorithms.run import Record, Request, compute_all, score
from algorithms.session import UnusedOverrideError
from graph.dump import digest
from graph.errors import GraphError
from graph.language import Text
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import fact_spec
from graph.writer import Writer
from tests.shop import ANN, BOB, HAT, LINES, MILK, ORDERS, TEA, at, elements, money, open_shop

pytestmark = pytest.mark.integration

LOW = parse_overrides(["copurchase.minimum_count=2", "copurchase.minimum_lift=0"])


@dataclass(frozen=True)
class Shop:
    """A small shop in a real graph."""

    database: Database
    settings: Settings

    def score(self, request: Request | None = None) -> dict[str, Record]:
        """Run a request and return its records by algorithm."""
        request = request or Request()
        spec = request.registry.spec(fact_spec())
        reader = GraphReader(self.database, spec, settings=self.settings, timezone="UTC")
        runs = score(self.database, reader, request=request, settings=self.settings)
        return {record.algorithm: record for record in runs}

    def digest(self) -> str:
        return digest(self.database, computed_spec())

    def files(self) -> set[Path]:
        return set(self.settings.home.glob("runs/*"))

    def pay(self, order_id: str, *, tea: float, status: str = "paid") -> None:
        """Change what an order says: its state and what was paid for tea."""
        self.database.write(
            "MATCH (o:Order {order_id: $id}) SET o.status = $status "
            "WITH o MATCH (o)-[r:CONTAINS]->(:Product {product_id: 'tea'}) SET r.amount = $tea",
            {"id": order_id, "tea": tea, "status": status},
        )


@pytest.fixture
def shop(database: Database, server_home: Settings) -> Shop:
    open_shop(database)
    return Shop(database, server_home)


def written(record: Record, element: str) -> object:
    """Return the counts of what a run wrote of an element."""
    by_element = record.counts["written"]
    return by_element.get(element) if isinstance(by_element, Mapping) else None


def new(n: int, *, changed: int = 0, unchanged: int = 0) -> dict[str, int]:
    return {"new": n, "changed": changed, "removed": 0, "unchanged": unchanged}


def customers(database: Database) -> dict[str, dict[str, object]]:
    rows = database.read("MATCH (c:Customer) RETURN c.customer_id AS id, properties(c) AS all")
    return {row["id"]: row["all"] for row in rows}


def purchases(database: Database) -> dict[tuple[str, str], dict[str, object]]:
    query = (
        "MATCH (c:Customer)-[r:PURCHASED]->(p:Product) "
        "RETURN c.customer_id AS c, p.product_id AS p, properties(r) AS all"
    )
    return {(row["c"], row["p"]): row["all"] for row in database.read(query)}


def current_runs(database: Database) -> list[str]:
    query = "MATCH (r:AlgorithmRun) WHERE r.is_current RETURN r.algorithm AS name ORDER BY name"
    return [row["name"] for row in database.read(query)]


def test_facts_of_all_accounts_are_rolled_up(shop: Shop) -> None:
    shop.score(Request(names=("rollup",)))

    bought = purchases(shop.database)
    # the hat that Ann only gave back is no purchase; Bob's cancelled one does not count
    assert set(bought) == {(ANN, TEA), (ANN, MILK), (BOB, HAT)}
    assert {k: bought[ANN, TEA][k] for k in ("n_orders", "quantity", "spend")} == {
        "n_orders": 2,
        "quantity": 2.0,
        "spend": 4.0,
    }
    assert bought[BOB, HAT]["spend"] == 20.0


def test_scores_are_written_to_customers(shop: Shop) -> None:
    record = shop.score(Request(names=("rfm",)))["rfm"]

    found = customers(shop.database)
    assert record.as_of == at(9)
    assert (found[ANN]["rfm_recency_days"], found[BOB]["rfm_recency_days"]) == (6.0, 7.0)
    assert (found[ANN]["rfm_spend"], found[BOB]["rfm_spend"]) == (4.0, 20.0)


def test_a_second_run_writes_nothing(shop: Shop) -> None:
    first = shop.score(Request(overrides=LOW))
    before = shop.digest()
    n_runs = shop.database.read("MATCH (r:AlgorithmRun) RETURN count(r) AS n")

    second = shop.score(Request(overrides=LOW))

    assert {record.state for record in second.values()} == {"unchanged"}
    assert second["rfm"].run_id == first["rfm"].run_id
    assert shop.digest() == before
    assert shop.database.read("MATCH (r:AlgorithmRun) RETURN count(r) AS n") == n_runs


def test_only_changed_values_are_written(shop: Shop) -> None:
    shop.score(Request(names=("rollup",)))
    late = {"order_id": "o6", "account_id": "web:bob", "ordered_at": at(8), "status": "paid"}
    more = {"start_id": "o6", "end_id": TEA, "line_key": "1", "quantity": 1.0, "amount": money(2)}
    open_shop(shop.database, elements([*ORDERS, late], [*LINES, more]))

    record = shop.score(Request(names=("rollup",)))["rollup"]

    assert written(record, "Customer-PURCHASED-Product") == new(1, changed=0, unchanged=3)
    assert current_runs(shop.database) == ["rollup"]


def test_what_an_earlier_run_left_is_removed(shop: Shop) -> None:
    shop.score()
    shop.database.write("MATCH (:Account {account_id: 'web:bob'})-[r:PLACED]->() DELETE r")

    shop.score()

    found = customers(shop.database)
    assert not [name for name in found[BOB] if name.startswith("rfm_")]
    assert set(purchases(shop.database)) == {(ANN, TEA), (ANN, MILK)}
    assert found[ANN]["rfm_order_count"] == 2


def test_scores_that_somebody_removed_come_back(shop: Shop) -> None:
    shop.score()
    shop.database.write("MATCH (c:Customer {customer_id: 'c-ann'}) REMOVE c.rfm_r, c.rfm_spend")

    record = shop.score()["rfm"]

    assert record.state == "published"
    assert written(record, "Customer") == new(0, changed=1, unchanged=1)
    assert customers(shop.database)[ANN]["rfm_spend"] == 4.0


def test_a_dry_run_changes_nothing(shop: Shop) -> None:
    before = shop.digest()
    files = shop.files()

    records = shop.score(Request(dry_run=True, overrides=LOW))

    assert {record.state for record in records.values()} == {"dry"}
    assert written(records["rfm"], "Customer") == new(2)
    assert shop.digest() == before
    assert shop.files() == files


def test_an_earlier_instant_goes_to_files_alone(shop: Shop) -> None:
    shop.score(Request(names=("rfm",)))
    before = shop.digest()

    record = shop.score(Request(names=("rfm",), as_of=at(2)))["rfm"]

    folder = shop.settings.home / "runs" / record.run_id
    assert record.state == "filed"
    filed = pq.read_table(folder / "Customer.parquet")
    assert filed["rfm_order_count"].to_pylist() == [1, 1]
    assert shop.digest() == before


def test_an_earlier_instant_is_published_on_demand(shop: Shop) -> None:
    shop.score(Request(names=("rfm",)))

    request = Request(names=("rfm",), as_of=at(2), publish=True)
    record = shop.score(request)["rfm"]

    assert record.state == "published"
    assert customers(shop.database)[ANN]["rfm_recency_days"] == 1.0


def test_a_run_cut_off_in_the_middle_is_made_again(shop: Shop) -> None:
    shop.score(Request(names=("rollup",)))
    good = shop.digest()
    shop.pay("o2", tea=3)
    shop.pay("o3", tea=0, status="cancelled")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "delete_relationships", power_cut)
        with pytest.raises(GraphError):
            shop.score(Request(names=("rollup",)))
    assert purchases(shop.database)[ANN, TEA]["spend"] == 5.0
    shop.pay("o2", tea=2)
    shop.pay("o3", tea=0)

    record = shop.score(Request(names=("rollup",)))["rollup"]

    assert record.state == "published"
    assert shop.digest() == good


def power_cut(*_: object, **__: object) -> int:
    raise GraphError(problem="the power went out")


def test_results_of_a_first_load_are_those_of_a_run(shop: Shop) -> None:
    spec = computed_spec()
    reader = GraphReader(shop.database, spec, settings=shop.settings, timezone="UTC")

    computed = compute_all(reader, request=Request(overrides=LOW), settings=shop.settings)
    writer = Writer(shop.database, spec)
    for name, rows in computed.elements.items():
        if name in spec.relationships:
            writer.write_relationships(spec.relationships[name], rows)
        else:
            writer.write_nodes(spec.nodes[name], rows)

    again = shop.score(Request(overrides=LOW))
    assert {record.state for record in again.values()} == {"unchanged"}
    assert current_runs(shop.database) == sorted(algorithm.name for algorithm in REGISTRY)


def test_a_bad_parameter_is_refused_before_anything_is_read(shop: Shop) -> None:
    overrides = parse_overrides(["copurchase.minimum_count=0"])

    with pytest.raises(ParameterError, match=r"copurchase\.minimum_count cannot be '0'"):
        shop.score(Request(overrides=overrides))

    assert current_runs(shop.database) == []


def test_a_parameter_of_an_algorithm_that_does_not_run_is_refused(shop: Shop) -> None:
    with pytest.raises(UnusedOverrideError, match="only these run: rfm"):
        shop.score(Request(names=("rfm",), overrides=LOW))


class ShareParameters(Parameters):
    """Nothing to set."""


def share(inputs: Inputs, _: ShareParameters) -> Result:
    """Return each customer's share of all spend."""
    frame = inputs["customers"].dropna().sort_values("customer_id").reset_index(drop=True)
    part = frame["rfm_spend"] / frame["rfm_spend"].sum()
    return Result({"Customer": frame[["customer_id"]].assign(share_of_spend=part)})


SHARE = Algorithm(
    name="share",
    version="1",
    about=Text("Tells each customer's share of spend.", "计算每个客户的消费占比。"),
    stage="report",
    source="Made up for this test.",
    reads={"customers": ("customer_id", "rfm_spend")},
    parameters=ShareParameters,
    compute=share,
    properties={
        "Customer": (owned("share_of_spend", "number", about=Text("Share", "占比"), maximum=1),)
    },
)


def test_an_algorithm_reads_what_the_one_before_it_found(shop: Shop) -> None:
    registry = Registry((SHARE, *REGISTRY.algorithms))
    request = Request(names=("share", "rfm"), registry=registry, dry_run=True)

    records = shop.score(request)

    assert list(records) == ["rfm", "share"]
    assert written(records["share"], "Customer") == new(2)


def test_each_run_keeps_its_window_and_parameters(shop: Shop) -> None:
    shop.score(Request(names=("copurchase",), overrides=LOW))

    (row,) = shop.database.read("MATCH (r:AlgorithmRun) RETURN properties(r) AS run")

    assert '"minimum_count": 2' in row["run"]["parameters"]
    assert '"n_baskets": 4' in row["run"]["metrics"]
    assert row["run"]["kind"] == "score"


def test_together_means_tea_and_milk(shop: Shop) -> None:
    shop.score(Request(names=("copurchase",), overrides=LOW))

    rules = shop.database.read(
        "MATCH (a:Product)-[r:ALSO_BOUGHT]->(b:Product) "
        "RETURN a.product_id AS a, b.product_id AS b, r.n AS n, r.lift AS lift ORDER BY a"
    )
    # three of four baskets hold both, the guest's among them
    assert rules == [
        {"a": MILK, "b": TEA, "n": 3, "lift": 4 / 3},
        {"a": TEA, "b": MILK, "n": 3, "lift": 4 / 3},
    ]


def test_versions_tell_runs_apart(shop: Shop) -> None:
    shop.score(Request(names=("rfm",)))
    newer = Registry((replace(REGISTRY.named("rfm"), version="next"),))

    record = shop.score(Request(names=("rfm",), registry=newer))["rfm"]

    assert (record.state, record.version) == ("published", "next")
