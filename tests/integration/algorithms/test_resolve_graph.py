"""Resolution on a real graph: what is written, what is taken back, and what survives a kill."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from algorithms.identity.events import first_broken
from algorithms.identity.policy import read_policy
from algorithms.identity.run import Options, resolve_graph, resolve_staged
from algorithms.identity.state import HAS_IDENTIFIER, RESOLVED_TO
from graph.ddl import install
from graph.dump import digest
from graph.language import Text
from graph.reader import GraphReader
from graph.session import Database
from graph.settings import Settings
from graph.spec import PropertySpec, RelationshipSpec, fact_spec
from graph.writer import Writer
from tests.identity_world import START
from tests.resolved_shop import Shop

pytestmark = pytest.mark.integration

ANY = Text("For this test", "测试用")
PURCHASED = RelationshipSpec("PURCHASED", "Customer", "Product")
REPLIED_TO = RelationshipSpec("REPLIED_TO", "Customer", "Customer")
SPEC = fact_spec().with_computed(
    {"Customer": [PropertySpec("rfm_order_count", "integer", ANY, owner="rfm")]},
    [PURCHASED, REPLIED_TO],
)

APART = ("crm:1 member phone:1", "erp:1 member phone:2", "pos:1 card phone:3 cookie:1")
TOGETHER = ("crm:1 member phone:1 email:a", "erp:1 member phone:2 email:a", APART[2])


@pytest.fixture
def shop(database: Database) -> Shop:
    install(database, SPEC)
    return Shop(database, SPEC)


def test_every_account_gets_its_customer_with_rule_and_reason(shop: Shop) -> None:
    shop.load(*TOGETHER, day=0)

    report = shop.resolve(day=0)

    assert report.counts["customers"] == 2
    assert shop.customers()["crm:1"] == shop.customers()["erp:1"] != shop.customers()["pos:1"]
    states = {
        row["identifier_key"]: (row["state"], row["reason"], row["n_accounts"])
        for row in shop.rows("Identifier")
    }
    assert states["email:a"] == ("linking", None, 1)
    assert states["cookie:1"] == ("linking", None, 1)
    linking = {(r["start_id"], r["end_id"]): r["linking"] for r in shop.rows(HAS_IDENTIFIER)}
    assert linking["crm:1", "email:a"] is True
    assert linking["pos:1", "cookie:1"] is True


def test_a_run_leaves_its_record(shop: Shop) -> None:
    shop.load(*TOGETHER, day=0)

    report = shop.resolve(day=0)

    (record,) = shop.rows("AlgorithmRun")
    assert record["run_id"] == report.run_id
    assert (record["algorithm"], record["kind"], record["is_current"]) == (
        "identity",
        "resolve",
        True,
    )
    said = json.loads(str(record["parameters"]))
    assert said == {**read_policy().model_dump(mode="json"), "decisions": 0, "model": ""}
    assert record["started_at"] == START


@pytest.mark.parametrize("full", [False, True])
def test_a_second_run_writes_nothing(shop: Shop, full: bool) -> None:
    shop.load(*TOGETHER, day=0)
    first = shop.resolve(day=0)
    before = digest(shop.database, SPEC), shop.rows("AlgorithmRun"), shop.rows("ResolutionEvent")

    again = shop.resolve(day=1, full=full)

    assert again.is_unchanged
    assert again.written == 0
    assert first.written > 0
    after = digest(shop.database, SPEC), shop.rows("AlgorithmRun"), shop.rows("ResolutionEvent")
    assert after == before


def test_an_empty_graph_stays_empty(shop: Shop) -> None:
    report = shop.resolve(day=0)

    assert report.is_unchanged
    assert shop.rows("AlgorithmRun") == []


def test_a_load_without_consequence_is_noted_so_that_the_next_run_is_quick(shop: Shop) -> None:
    shop.load(*TOGETHER, day=0)
    shop.resolve(day=0)
    shop.touch(["crm:1"], day=1)

    report = shop.resolve(day=1)

    current = [row for row in shop.rows("AlgorithmRun") if row["is_current"]]
    assert report.written == 0
    assert [row["started_at"] for row in current] == [START + timedelta(days=1)]


def test_a_merge_takes_back_what_was_computed_about_both(shop: Shop) -> None:
    shop.load(*APART, day=0)
    shop.resolve(day=0)
    apart = shop.customers()
    _score_everybody(shop)
    shop.load(*TOGETHER, day=1)

    shop.resolve(day=1)

    survivor, other = shop.customers()["crm:1"], apart["pos:1"]
    scores = {row["customer_id"]: row["rfm_order_count"] for row in shop.rows("Customer")}
    assert scores == {survivor: None, other: 7}
    assert [row["start_id"] for row in shop.rows("Customer-PURCHASED-Product")] == [other]
    assert shop.rows("Customer-REPLIED_TO-Customer") == []
    changed = {row["customer_id"]: row["customer_changed_at"] for row in shop.rows("Customer")}
    assert changed == {survivor: START + timedelta(days=1), other: None}


def test_a_merged_id_answers_for_ever(shop: Shop) -> None:
    shop.load(*APART, day=0)
    shop.resolve(day=0)
    apart = shop.customers()
    shop.load(*TOGETHER, day=1)
    shop.resolve(day=1)
    survivor = shop.customers()["crm:1"]
    lost = ({apart["crm:1"], apart["erp:1"]} - {survivor}).pop()

    # the card's customer has grown by two and is now the heavier one
    grown = ("pos:2 card phone:3", "pos:3 card phone:3")
    shop.load(*TOGETHER, *grown, day=2)
    shop.resolve(day=2)
    shop.load(*TOGETHER[:2], f"{TOGETHER[2]} email:a", *grown, day=3)
    shop.resolve(day=3)

    last = apart["pos:1"]
    assert set(shop.customers().values()) == {last}
    assert shop.aliases() == {lost: last, survivor: last}


def test_what_a_removal_takes_apart_splits_and_no_id_is_reused(shop: Shop) -> None:
    shop.load(*APART, "partner:1 partner phone:1 phone:2", day=0)
    shop.resolve(day=0)
    together = shop.customers()["crm:1"]
    shop.load(*APART, day=1)

    shop.resolve(day=1)

    ids = shop.customers()
    assert together in (ids["crm:1"], ids["erp:1"])
    assert ids["crm:1"] != ids["erp:1"]
    assert [row["kind"] for row in shop.rows("ResolutionEvent", "kind")] == ["created", "split"]


def test_a_customer_whose_last_account_goes_is_retired(shop: Shop) -> None:
    shop.load(*APART, day=0)
    shop.resolve(day=0)
    gone = shop.customers()["pos:1"]
    shop.load(*APART[:2], day=1)

    shop.resolve(day=1)

    assert gone not in {row["customer_id"] for row in shop.rows("Customer", "customer_id")}
    assert shop.aliases() == {gone: None}


def test_a_dry_run_tells_what_the_run_then_does_and_writes_nothing(shop: Shop) -> None:
    shop.load(*APART, day=0)
    shop.resolve(day=0)
    shop.load(*TOGETHER, day=1)
    before = digest(shop.database, SPEC), shop.rows("AlgorithmRun"), shop.rows("ResolutionEvent")

    foretold = shop.resolve(day=1, dry_run=True)

    after = digest(shop.database, SPEC), shop.rows("AlgorithmRun"), shop.rows("ResolutionEvent")
    assert after == before
    done = shop.resolve(day=1)
    assert done.events.equals(foretold.events)
    assert done.written == foretold.written > 0


def test_the_chain_of_events_holds_over_many_runs(shop: Shop) -> None:
    for day, lines in enumerate([APART, TOGETHER, APART, TOGETHER[:2]]):
        shop.load(*lines, day=day)
        shop.resolve(day=day)

    events = shop.rows("ResolutionEvent")

    assert len(events) >= 4
    assert first_broken(events) is None


# A run makes sixteen writes: events 2, record 3, aliases 4 to 7, customers 9, accounts leave
# 10 and join 11, customers go 12, identifiers 14, records 16.
KILLED_AFTER = (2, 3, 5, 7, 9, 10, 11, 13, 15)


def test_an_identifier_that_turns_into_a_hub_takes_apart_what_it_had_joined(shop: Shop) -> None:
    crowd = [f"crm:{i:02} member phone:1" for i in range(11)]
    shop.load(*crowd[:2], day=0)
    shop.resolve(day=0)
    together = shop.customers()["crm:00"]
    shop.load(*crowd, day=1)

    shop.resolve(day=1)

    ids = shop.customers()
    assert len(set(ids.values())) == 11
    assert ids["crm:00"] == together
    (phone,) = shop.rows("Identifier", "identifier_key", "state", "reason", "n_accounts")
    assert tuple(phone.values()) == ("phone:1", "blocked", "hub", 11)
    assert {row["linking"] for row in shop.rows(HAS_IDENTIFIER, "linking")} == {False}


def test_another_policy_is_another_run(shop: Shop, tmp_path: Path) -> None:
    shop.load(*TOGETHER, day=0)
    shop.resolve(day=0)
    cautious = tmp_path / "policy.toml"
    cautious.write_text('[kinds.email]\nstrength = "none"\n')
    options = Options(policy=cautious, at=START + timedelta(days=1))

    report = resolve_graph(shop.database, spec=SPEC, options=options)

    assert shop.customers()["crm:1"] != shop.customers()["erp:1"]
    assert report.events["kind"].to_pylist() == ["blocked", "split"]
    current = [row["parameters"] for row in shop.rows("AlgorithmRun") if row["is_current"]]
    assert [json.loads(str(said))["kinds"]["email"]["strength"] for said in current] == ["none"]


def test_facts_of_accounts_and_identifiers_stay_as_they_were(shop: Shop) -> None:
    shop.load("crm:1 member device:1 phone:1", "web:1 visitor device:1", day=0)
    facts = shop.rows("Account"), shop.rows("Identifier", "identifier_key", "kind", "never_links")

    shop.resolve(day=0)

    after = shop.rows("Account"), shop.rows("Identifier", "identifier_key", "kind", "never_links")
    assert after == facts
    devices = shop.database.read("MATCH (d:Identifier:Device) RETURN d.identifier_key AS key")
    assert [row["key"] for row in devices] == ["device:1"]


def test_two_homes_with_the_same_facts_have_the_same_customers(shop: Shop) -> None:
    shop.load(*TOGETHER, day=0)
    shop.resolve(day=0)
    ids = shop.customers()
    shop.database.write("MATCH (n) DETACH DELETE n")
    shop.load(*reversed(TOGETHER), day=5)

    shop.resolve(day=5)

    assert shop.customers() == ids


class _Killed(Exception):  # noqa: N818 -- it stands for no error, but for kill -9
    """The process ended here."""


STEPS = (
    "write_nodes",
    "write_relationships",
    "set_properties",
    "delete_nodes",
    "delete_relationships",
)


def _kill_after(n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ``n``-th write of the next run be the last."""
    done: list[str] = []

    def counted(name: str) -> Callable[..., int]:
        original: Callable[..., int] = getattr(Writer, name)

        def step(self: Writer, *args: object, **options: object) -> int:
            if len(done) >= n:
                raise _Killed
            done.append(name)
            return original(self, *args, **options)

        return step

    for name in STEPS:
        monkeypatch.setattr(Writer, name, counted(name))


def _changed_world(shop: Shop) -> None:
    """Load a world, resolve and score it, and load one that merges, splits and retires."""
    shop.load(*APART, "call:1 call phone:3", "web:1 visitor phone:8", "web:2 visitor", day=0)
    shop.resolve(day=0)
    _score_everybody(shop)
    shop.load(*TOGETHER, "call:1 call", "web:1 visitor phone:8", "app:1 member phone:8", day=1)


def _picture(shop: Shop) -> tuple[object, ...]:
    """Return everything that a run leaves, except when it ran."""
    customers = shop.rows("Customer", "customer_id", "n_accounts", "rfm_order_count")
    events = shop.rows("ResolutionEvent", "event_id", "kind", "payload")
    links = [shop.rows(link.name) for link in (PURCHASED, REPLIED_TO)]
    identifiers = shop.rows("Identifier", "identifier_key", "state"), shop.rows(HAS_IDENTIFIER)
    return shop.customers(), shop.aliases(), customers, events, links, identifiers


@pytest.fixture(scope="module")
def meant() -> list[tuple[object, ...]]:
    """Return what an undisturbed run leaves, once one of the tests has found out."""
    return []


@pytest.mark.parametrize("n_writes", KILLED_AFTER)
def test_a_run_that_was_killed_anywhere_is_finished_by_the_next(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    *,
    meant: list[tuple[object, ...]],
    n_writes: int,
) -> None:
    if not meant:
        _changed_world(shop)
        shop.resolve(day=1)
        meant.append(_picture(shop))
        shop.database.write("MATCH (n) DETACH DELETE n")
    _changed_world(shop)
    with monkeypatch.context() as patch:
        _kill_after(n_writes, patch)
        with pytest.raises(_Killed):
            shop.resolve(day=1)

    shop.resolve(day=1)

    assert _picture(shop) == meant[0]
    assert first_broken(shop.rows("ResolutionEvent")) is None
    assert [row["is_current"] for row in shop.rows("AlgorithmRun")].count(True) == 1
    assert shop.resolve(day=2, full=True).is_unchanged


def test_events_of_a_run_that_was_cut_off_while_telling_are_told_again(shop: Shop) -> None:
    _changed_world(shop)
    foretold = shop.resolve(day=1, dry_run=True)
    whole = foretold.events
    with pytest.MonkeyPatch.context() as patch:
        _kill_after(2, patch)
        with pytest.raises(_Killed):
            shop.resolve(day=1)
    # two writers: the second half of the events arrived, a part of the first did not
    lost = whole["event_id"][1].as_py()
    shop.writer.delete_nodes(SPEC.nodes["ResolutionEvent"], [lost])

    shop.resolve(day=1)

    events = shop.rows("ResolutionEvent")
    assert first_broken(events) is None
    assert [e["payload"] for e in events[-len(whole) :]] == whole["payload"].to_pylist()


def test_a_first_load_gives_what_the_graph_would(shop: Shop, server_home: Settings) -> None:
    shop.load(*TOGETHER, day=0)
    reader = GraphReader(shop.database, SPEC, settings=server_home, timezone="UTC")
    staged = resolve_staged(reader, at=START)

    for name in ("Customer", "ResolutionEvent", "AlgorithmRun"):
        shop.writer.write_nodes(SPEC.nodes[name], staged[name])
    shop.writer.set_properties(SPEC.nodes["Identifier"], staged["Identifier"])
    for name in (RESOLVED_TO, HAS_IDENTIFIER):
        shop.writer.write_relationships(SPEC.relationships[name], staged[name])

    assert shop.resolve(day=1).is_unchanged
    assert shop.resolve(day=1, full=True).is_unchanged
    assert shop.customers()["crm:1"] == shop.customers()["erp:1"]


def _score_everybody(shop: Shop) -> None:
    ids = [str(row["customer_id"]) for row in shop.rows("Customer", "customer_id")]
    scores = pa.table({"customer_id": ids, "rfm_order_count": [7] * len(ids)})
    shop.writer.set_properties(SPEC.nodes["Customer"], scores)
    shop.writer.write_nodes(SPEC.nodes["Product"], pa.table({"product_id": ["p"]}))
    bought = pa.table({"start_id": ids, "end_id": ["p"] * len(ids)})
    shop.writer.write_relationships(PURCHASED, bought)
    replies = pa.table({"start_id": ids[:1] * (len(ids) - 1), "end_id": ids[1:]})
    shop.writer.write_relationships(REPLIED_TO, replies)
