"""Accounts and answers of a database for tests of stewardship that need no database.

``crm:1 phone:1 email:a`` is an account with two identifiers that may join it. ``phone:1#2``
is the second owner in turn, ``-phone:1`` does not join here, ``phone:1!name`` was refused.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from api.identity.members import Link, Member, Pin
from api.views import Row

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOON_MS = 1_772_366_400_000


def member(
    line: str,
    *,
    linked_to: str = "",
    pins: Sequence[Pin] = (),
    by_field: Mapping[str, float] | None = None,
    confidence: float = 1.0,
) -> Member:
    """Return one account, written as a line."""
    account_id, *words = line.split()
    return Member(
        account_id=account_id,
        source=account_id.split(":")[0],
        customer_id="c1",
        rule="linkage" if linked_to else "phone",
        confidence=confidence,
        since=NOON,
        run_id="run-1",
        linked_to=linked_to,
        by_field=dict(by_field or {}),
        links=tuple(link(word) for word in words),
        pins=tuple(pins),
    )


def members_of(*accounts: str | Member) -> dict[str, Member]:
    """Return accounts by their ids."""
    held = [member(account) if isinstance(account, str) else account for account in accounts]
    return {account.account_id: account for account in held}


def link(word: str, *, state: str = "linking", reason: str = "", n_accounts: int = 1) -> Link:
    """Return an identifier on an account, written as a word."""
    named, _, refused = word.partition("!")
    named, _, epoch = named.partition("#")
    key = named.removeprefix("-")
    return Link(
        identifier_key=key,
        kind=key.partition(":")[0],
        masked=f"***{key.partition(':')[2]}",
        state=state,
        reason=reason,
        n_accounts=n_accounts,
        first_seen_at=NOON,
        last_seen_at=None,
        is_linking=not named.startswith("-"),
        epoch=int(epoch) if epoch else None,
        refused=refused,
    )


def pin(verb: str, other_id: str, *, decision_id: str = "d000001") -> Pin:
    """Return a steward's word on an account."""
    return Pin(verb, other_id, decision_id, "ann", NOON, "seen in the shop")


def event_row(event_id: int, kind: str, /, *, actor: str | None = None, **payload: object) -> Row:
    """Return an event as the database returns it."""
    held = {
        "event_id": f"{event_id:012d}",
        "kind": kind,
        "run_id": f"run-{event_id}",
        "actor": actor,
        "payload": json.dumps(payload, sort_keys=True, ensure_ascii=False),
        "at": NOON_MS + event_id * 86_400_000,
    }
    return {"event": held}


class Graph:
    """Answers each question by its text: the first entry that the question contains."""

    def __init__(self, answers: Mapping[str, Sequence[Row] | Callable[[Row], Sequence[Row]]]):
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def __call__(self, query: str, parameters: Mapping[str, object]) -> Sequence[Row]:
        self.asked.append((query, parameters))
        for part, answer in self.answers.items():
            if part in query:
                return answer(parameters) if callable(answer) else answer
        return []
