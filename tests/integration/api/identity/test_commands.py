"""``kith identity`` against a real graph: every command, its exit codes, both languages."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from algorithms.identity.decisions import decisions_file, read_decisions
from api.lookup import identifier_key
from api.models import LookupRequest
from graph.lock import writing
from tests.in_process import CommandLine, Said, logging_restored
from tests.steward_shop import StewardShop

pytestmark = pytest.mark.integration

REASON = ("--reason", "same card shown")


@pytest.fixture
def kith(
    shop: StewardShop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[CommandLine]:
    """Return a command line in a home with three accounts of two customers."""
    shop.open("crm:1 member phone:1", "pos:1 card phone:1", "erp:1 member phone:2")
    settings = shop.settings
    monkeypatch.setenv("KITH_HOME", str(settings.home))
    for name in ("heap", "page_cache", "import_heap", "java_flags"):
        monkeypatch.setenv(f"KITH_{name.upper()}", str(getattr(settings, name)))
    with logging_restored():
        yield CommandLine(settings.home, monkeypatch, capsys)


def run(kith: CommandLine, *arguments: str, code: int = 0) -> Said:
    return kith.run("identity", *arguments, code=code)


def told(kith: CommandLine, *arguments: str) -> Any:
    """Return what a command answers as JSON."""
    return run(kith, *arguments, "--json").json


def test_why_prints_the_evidence_and_its_sentence(kith: CommandLine) -> None:
    said = run(kith, "why", "crm:1", "pos:1")
    found = told(kith, "why", "crm:1", "pos:1")

    assert said.out.startswith("crm:1 and pos:1 are one customer")
    assert "phone" in said.out
    assert [step["rule"] for step in found["steps"]] == ["phone"]


def test_why_speaks_chinese(kith: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    assert "是同一客户" in run(kith, "why", "crm:1", "pos:1").out


def test_why_not_prints_the_reasons(kith: CommandLine) -> None:
    run(kith, "pin", "crm:1", "pos:1", "--apart", *REASON)

    said = run(kith, "why-not", "crm:1", "pos:1")
    found = told(kith, "why-not", "crm:1", "pos:1")

    assert "are two customers" in said.out
    assert "keeps crm:1 and pos:1 apart since" in said.out
    assert found["reasons"][0]["decision"]["reason"] == "same card shown"


@pytest.mark.parametrize("command", ["why", "history", "why-not"])
def test_an_unknown_id_is_not_found(kith: CommandLine, command: str) -> None:
    others = ("crm:1",) if command == "why-not" else ()

    said = run(kith, command, "crm:99", *others, code=4)

    assert "crm:99" in said.err
    assert said.out == ""


def test_a_pin_is_tried_made_and_undone(kith: CommandLine, shop: StewardShop) -> None:
    before = shop.customers()
    pinned = ("pin", "crm:1", "erp:1", "--together", *REASON)

    tried = told(kith, *pinned, "--dry-run")
    unchanged = shop.customers()
    made = told(kith, *pinned)
    joined = shop.customers()
    undone = told(kith, "undo", made["decisions"][0]["decision_id"])

    assert tried["dry_run"]
    assert unchanged == before
    assert [e["kind"] for e in made["events"]] == [e["kind"] for e in tried["events"]]
    assert len(set(joined.values())) == 1
    assert shop.customers() == before
    assert [word["verb"] for word in undone["decisions"]] == ["withdraw", "restore"]


def test_a_merge_is_undone_by_the_event_that_history_shows(
    kith: CommandLine, shop: StewardShop
) -> None:
    before = shop.customers()
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)
    events = told(kith, "history", shop.customers()["crm:1"])["events"]
    (merged,) = [event for event in events if event["kind"] == "merged"]

    said = run(kith, "undo", merged["event_id"], "--reason", "a slip")

    assert "got its id back" in said.out
    assert shop.customers() == before


def test_every_call_is_a_request_of_its_own(kith: CommandLine, shop: StewardShop) -> None:
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)

    words = read_decisions(decisions_file(shop.settings))

    assert len({word.key for word in words}) == 2


def test_contradictory_pins_end_with_a_sentence_and_no_trace(
    kith: CommandLine, shop: StewardShop
) -> None:
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)
    run(kith, "pin", "erp:1", "pos:1", "--together", *REASON)

    said = run(kith, "pin", "crm:1", "pos:1", "--apart", *REASON, code=2)

    assert "d000001" in said.err
    assert len(read_decisions(decisions_file(shop.settings))) == 2


def test_an_event_that_cannot_be_undone_says_what_can(kith: CommandLine) -> None:
    said = run(kith, "undo", "000000000001", code=2)

    assert "cannot be undone" in said.err
    run(kith, "undo", "d000077", code=4)


def test_another_writer_is_named_and_readers_go_on(kith: CommandLine, shop: StewardShop) -> None:
    with writing(shop.settings, command="kith load tea.toml"):
        said = run(kith, "pin", "crm:1", "erp:1", "--together", *REASON, code=1)
        run(kith, "why", "crm:1")

    assert "kith load tea.toml" in said.err


def test_an_identifier_is_blocked_by_its_key(kith: CommandLine, shop: StewardShop) -> None:
    made = told(kith, "block", "phone:1", "--reason", "the shop's own")

    assert {"blocked", "split"} <= {event["kind"] for event in made["events"]}
    assert shop.customers()["crm:1"] != shop.customers()["pos:1"]
    run(kith, "unblock", "phone:1")
    assert shop.customers()["crm:1"] == shop.customers()["pos:1"]


def test_an_identifier_is_blocked_by_its_value_which_is_never_an_argument(
    kith: CommandLine, shop: StewardShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = LookupRequest(kind="phone", value="13812345678", scope=None)
    key = identifier_key(wanted, settings=shop.settings)
    shop.database.write(
        "MATCH (i:Identifier {identifier_key: 'phone:1'}) SET i.identifier_key = $key",
        {"key": key},
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("138 1234 5678\n"))

    made = told(kith, "block", "--kind", "phone")

    assert made["decisions"][0]["identifier_key"] == key
    assert shop.customers()["crm:1"] != shop.customers()["pos:1"]
    assert "1234" not in json.dumps(made)


def test_history_answers_for_a_past_date(kith: CommandLine, shop: StewardShop) -> None:
    before = shop.customers()
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)

    then = told(kith, "history", "erp:1", "--as-of", "2026-03-02")
    now = told(kith, "history", "erp:1")
    unborn = told(kith, "history", "erp:1", "--as-of", "2020-01-01")

    assert [p["customer_id"] for p in then["periods"]] == [before["erp:1"]]
    assert then["events"] == []
    assert now["periods"][-1]["customer_id"] == shop.customers()["erp:1"]
    assert unborn["periods"] == []


def test_a_merged_id_leads_to_its_survivor(kith: CommandLine, shop: StewardShop) -> None:
    run(kith, "pin", "crm:1", "erp:1", "--together", *REASON)
    ((lost, survivor),) = shop.aliases().items()

    said = run(kith, "history", lost, "--json")

    assert f"{lost} is now {survivor}" in said.err
    assert isinstance(said.json, dict)
    assert said.json["id"] == survivor


def test_the_queue_and_the_counts_are_printed(kith: CommandLine) -> None:
    queue, counts = told(kith, "review"), told(kith, "stats")

    assert queue == {"items": []}
    assert "nothing to review" in run(kith, "review").out
    assert counts["sizes"] == [
        {"n_accounts": "1", "n_customers": 1},
        {"n_accounts": "2", "n_customers": 1},
    ]
    assert "largest customers" in run(kith, "stats").out
