"""What changed in who is whom, as a chain that only grows and cannot be rewritten unseen.

New customers, and new accounts of known ones, are one event a run with counts: when each
account joined stands on its ``RESOLVED_TO``. Every merge, split and retirement is an event
of its own and lists the accounts that moved and since when they had been where they left, so
that links and events together tell which customer an account was on any date.

Each event's digest covers the digest of its payload and the digest before it. A payload can
therefore be erased later, leaving its digest, and the chain still holds.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pyarrow as pa

from algorithms.identity.ledger import TIME, Chain

EVENTS: Final = pa.schema(
    [
        ("event_id", pa.string()),
        ("at", TIME),
        ("kind", pa.string()),
        ("run_id", pa.string()),
        ("actor", pa.string()),
        ("payload", pa.string()),
        ("digest", pa.string()),
    ]
)
ERASED: Final = "erased"
SUBJECT: Final = ("customer_id", "other_id", "identifier_key", "decision_id")


@dataclass(frozen=True)
class Change:
    """One event before it has a place in the chain.

    ``subject`` names what the event is about and not how far it has come, so that a run
    that goes on where another was cut off does not announce it again.
    """

    kind: str
    payload: Mapping[str, object]
    actor: str | None = None

    @property
    def subject(self) -> str:
        """Return the kind and whom or what it concerns."""
        return subject_of(self.kind, self.payload)


def subject_of(kind: str, payload: Mapping[str, object]) -> str:
    """Return the subject of an event that stands in the chain already."""
    return " ".join([kind, *(str(payload[name]) for name in SUBJECT if name in payload)])


def chained(changes: Iterable[Change], chain: Chain, *, at: datetime, run_id: str) -> pa.Table:
    """Append changes to the chain.

    Parameters
    ----------
    changes
        In the order in which they are told.
    chain
        Where the chain ends so far.
    at, run_id
        When, and which run decided them.

    Returns
    -------
    The new events with the columns ``EVENTS``; ``event_id`` goes on counting.
    """
    rows, digest = [], chain.digest
    for number, change in enumerate(changes, start=chain.number + 1):
        row: dict[str, object] = {
            "event_id": f"{number:012d}",
            "at": at,
            "kind": change.kind,
            "run_id": run_id,
            "actor": change.actor,
            "payload": json.dumps(change.payload, sort_keys=True, ensure_ascii=False),
        }
        digest = _digest(row, digest)
        rows.append({**row, "digest": digest})
    return pa.Table.from_pylist(rows, schema=EVENTS)


def first_broken(events: Sequence[Mapping[str, object]]) -> str | None:
    """Return the id of the first event that does not fit the chain, or None.

    Parameters
    ----------
    events
        All events as mappings with the names of ``EVENTS``, in any order.
    """
    digest = ""
    for number, event in enumerate(sorted(events, key=lambda e: str(e["event_id"])), start=1):
        digest = _digest(event, digest)
        if event["digest"] != digest or event["event_id"] != f"{number:012d}":
            return str(event["event_id"])
    return None


def n_standing(event_ids: Sequence[str], run_ids: Sequence[str], *, known: Collection[str]) -> int:
    """Return how many events of the chain stand; those after them were cut off while told.

    Parameters
    ----------
    event_ids, run_ids
        Of all events, in the order of their ids.
    known
        The runs that have a record. A run leaves its first record once it has told all its
        events and before it does anything about them.
    """
    for place, (event_id, run_id) in enumerate(zip(event_ids, run_ids, strict=True)):
        if int(event_id) != place + 1 or run_id not in known:
            return place
    return len(event_ids)


def erased(payload: str) -> str:
    """Return what stays of a payload once it is erased: its digest."""
    return json.dumps({ERASED: _payload_digest(payload)})


def _digest(event: Mapping[str, object], before: str) -> str:
    at = event["at"]
    milliseconds = round(at.timestamp() * 1000) if isinstance(at, datetime) else None
    named = [event[name] for name in ("event_id", "kind", "run_id", "actor")]
    parts = [before, milliseconds, *named]
    text = json.dumps([*parts, _payload_digest(str(event["payload"]))])
    return hashlib.sha256(text.encode()).hexdigest()


def _payload_digest(payload: str) -> str:
    held = json.loads(payload)
    if set(held) == {ERASED}:
        return str(held[ERASED])
    return hashlib.sha256(payload.encode()).hexdigest()
