"""``kith identity``: what is refused before a database is asked, and what people are shown."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from api.commands import identity
from api.commands.identity import _followed, _key_of_value, _typed
from api.commands.telling import (
    show_events,
    show_history,
    show_queue,
    show_reasons,
    show_stats,
    show_steps,
)
from api.identity.speaking import Wish
from api.lookup import IdentifierValueError
from api.profile import CustomerMovedError
from api.views import View
from graph.language import speaking
from tests.in_process import CommandLine

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STEP: View = {"from": "a:1", "to": "b:1", "rule": "phone", "confidence": 0.99, "text": "so it is"}
EVENT: View = {
    "event_id": "000000000007",
    "at": NOON,
    "kind": "merged",
    "text": "c2 was merged into c1, with b:1",
}
DECISION: View = {
    "decision_id": "d000001",
    "verb": "apart",
    "accounts": ["a:1", "b:1"],
    "identifier_key": None,
    "refers": None,
    "customer_id": None,
    "reason": "two sisters",
}


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Wish, bool]]:
    """Return the decisions that commands come to, instead of carrying them out."""
    heard: list[tuple[Wish, bool]] = []

    def hear(wish: Wish, *, dry_run: bool, as_json: bool) -> None:
        heard.append((wish, dry_run))

    monkeypatch.setattr(identity, "_decide", hear)
    return heard


# ---------------------------------------------------------------- decisions


@pytest.mark.parametrize("verb", ["together", "apart"])
def test_a_pin_names_two_accounts_a_verb_and_a_reason(
    kith: CommandLine, wishes: list[tuple[Wish, bool]], verb: Any
) -> None:
    kith.run("identity", "pin", "a:1", "b:1", f"--{verb}", "--reason", "two sisters")

    assert wishes == [(Wish(verb, "two sisters", accounts=("a:1", "b:1")), False)]


@pytest.mark.parametrize("verbs", [(), ("--together", "--apart")])
def test_a_pin_is_one_or_the_other(
    kith: CommandLine, wishes: list[tuple[Wish, bool]], verbs: tuple[str, ...]
) -> None:
    said = kith.run("identity", "pin", "a:1", "b:1", *verbs, "--reason", "x", code=2)

    assert "--together or --apart" in said.err
    assert wishes == []


def test_a_pin_needs_a_reason(kith: CommandLine, wishes: list[tuple[Wish, bool]]) -> None:
    assert "--reason" in kith.run("identity", "pin", "a:1", "b:1", "--apart", code=2).err
    kith.run("identity", "pin", "a:1", "b:1", "--apart", "--reason", " ", code=2)

    assert wishes == []


def test_a_reason_with_a_number_of_a_person_is_refused_without_repeating_it(
    kith: CommandLine, wishes: list[tuple[Wish, bool]]
) -> None:
    reason = "her number is 138 1234 5678"

    said = kith.run("identity", "pin", "a:1", "b:1", "--apart", "--reason", reason, code=2)

    assert "<hidden>" in said.err
    assert "1234" not in said.err
    assert wishes == []


@pytest.mark.parametrize("verb", ["block", "unblock"])
def test_an_identifier_is_named_by_its_key(
    kith: CommandLine, wishes: list[tuple[Wish, bool]], verb: Any
) -> None:
    kith.run("identity", verb, "k1", "--reason", "the shop's own", "--dry-run")

    assert wishes == [(Wish(verb, "the shop's own", identifier_key="k1"), True)]


def test_an_identifier_is_named_one_way_or_the_other(kith: CommandLine) -> None:
    assert "--kind" in kith.run("identity", "block", code=2).err


def test_undo_names_an_event(kith: CommandLine, wishes: list[tuple[Wish, bool]]) -> None:
    kith.run("identity", "undo", "000000000007", "--dry-run")

    assert wishes == [(Wish("undo", "", undo="000000000007"), True)]


def test_a_clear_value_comes_from_standard_input_and_becomes_a_key(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch, wishes: list[tuple[Wish, bool]]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(" 138 1234 5678 \nand more\n"))

    kith.run("identity", "block", "--kind", "phone")

    ((wish, _),) = wishes
    assert len(wish.identifier_key) == 40
    assert "1234" not in wish.identifier_key


@pytest.mark.parametrize(("kind", "value"), [("phone", "12"), ("shoe", "38"), ("phone", "")])
def test_a_value_that_cannot_be_of_its_kind_is_refused_without_repeating_it(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch, *, kind: str, value: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{value}\n"))

    with pytest.raises(IdentifierValueError) as caught:
        _key_of_value(kind, None)

    assert caught.value.facts == {"kind": kind}


def test_who_sits_at_a_terminal_is_asked_and_sees_nothing_of_what_is_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, object] = {}

    def prompt(text: str, **options: object) -> str:
        asked.update(options, text=text)
        return " 138 1234 5678 "

    monkeypatch.setattr(identity, "is_interactive", lambda: True)
    monkeypatch.setattr("typer.prompt", prompt)

    assert _typed("phone") == "138 1234 5678"
    assert asked == {"text": "phone", "hide_input": True, "err": True}


def test_no_option_takes_a_clear_value(kith: CommandLine) -> None:
    for command in ("block", "unblock"):
        assert "--value" not in kith.run("identity", command, "--help").out


def test_the_queue_knows_its_kinds(kith: CommandLine) -> None:
    said = kith.run("identity", "review", "--kind", "strange", code=2)

    assert "doubtful-join, likely-same, large, limit, bridge" in said.err


def test_the_group_alone_says_what_it_can(kith: CommandLine) -> None:
    said = kith.run("identity", "--help")

    for name in ("why", "why-not", "history", "review", "pin", "block", "undo", "stats"):
        assert f" {name} " in said.out


def test_a_merged_id_is_followed_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def tell(given: str) -> View:
        if given == "old":
            raise CustomerMovedError(customer_id="old", survivor="c1")
        return {"id": given}

    assert _followed(tell, "old") == {"id": "c1"}
    assert "old is now c1" in capsys.readouterr().err


# ---------------------------------------------------------------- what is shown


def printed(
    capsys: pytest.CaptureFixture[str], show: Callable[[View], None], **found: object
) -> str:
    show(dict(found))
    return capsys.readouterr().out


def test_steps_are_printed_with_rule_and_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, show_steps, steps=[STEP], truncated=False)

    assert all(part in out for part in ("a:1", "b:1", "phone", "0.99", "so it is"))
    assert "more accounts" not in out


def test_a_part_of_a_customer_is_said_to_be_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "more accounts" in printed(capsys, show_steps, steps=[], truncated=True)


def test_reasons_are_printed_and_none_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, show_reasons, reasons=[{"reason": "cap", "text": "too many"}])

    assert "cap" in out
    assert "too many" in out
    assert printed(capsys, show_reasons, reasons=[]) == ""


def test_a_history_prints_what_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    period = {"customer_id": "c2", "since": NOON, "until": None}
    account = {"account_id": "a:1", "since": NOON}

    of_account = printed(capsys, show_history, periods=[period], accounts=[], events=[EVENT])
    of_customer = printed(capsys, show_history, periods=[], accounts=[account], events=[])

    assert "c2" in of_account
    assert "000000000007" in of_account
    assert "merged into c1" in of_account
    assert "2026-03-01 12:00:00 " in of_account
    assert "a:1" in of_customer
    assert "event" not in of_customer


def test_the_queue_prints_risks_or_that_it_is_empty(capsys: pytest.CaptureFixture[str]) -> None:
    item = {"risk": 0.75, "kind": "limit", "text": "too many phones"}

    assert "0.75" in printed(capsys, show_queue, items=[item])
    assert "nothing to review" in printed(capsys, show_queue, items=[])


def test_a_decision_prints_what_followed_and_a_trial_says_that_it_is_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = {**EVENT, "kind": "steward", "text": "ann decided"}
    found: dict[str, object] = {"decisions": [DECISION], "events": [own, EVENT]}

    done = printed(capsys, show_events, **found, dry_run=False)
    tried = printed(capsys, show_events, **found, dry_run=True)

    assert "a:1, b:1" in done
    assert "Recorded" in done
    assert "ann decided" not in done
    assert "Nothing was recorded" in tried
    assert "merged into c1" in tried


def test_a_decision_without_consequence_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    withdrawal = {**DECISION, "verb": "withdraw", "accounts": [], "refers": "d000007"}

    out = printed(capsys, show_events, decisions=[withdrawal], events=[], dry_run=False)

    assert "d000007" in out
    assert "Nobody merges or splits." in out


def test_counts_are_printed_under_titles_in_the_readers_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found: dict[str, object] = {
        "sizes": [{"n_accounts": "6-10", "n_customers": 12345}],
        "identifiers": [{"kind": "phone", "state": "shared", "reason": "cap", "n": 2}],
        "refused": [],
        "rules": [{"rule": "alone", "n": 4}],
        "largest": [{"customer_id": "c1", "n_accounts": 9}],
        **dict.fromkeys(("n_aliases", "n_likely_same", "n_together", "n_apart", "n_events"), 0),
    }

    english = printed(capsys, show_stats, **found)
    with speaking("zh"):
        chinese = printed(capsys, show_stats, **found)

    assert "12,345" in english
    assert "customers by size" in english
    assert "客户规模" in chinese
