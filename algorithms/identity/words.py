"""A steward's word: which accounts are or are not one, which identifiers are nobody's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import pyarrow as pa

PINS: Final = pa.schema(
    [("account_id", pa.string()), ("other_id", pa.string()), ("is_together", pa.bool_())]
)
RESTORED: Final = pa.schema(
    [("decision_id", pa.string()), ("customer_id", pa.string()), ("account_id", pa.string())]
)

PIN: Final = pa.schema(
    [
        ("start_id", pa.string()),
        ("end_id", pa.string()),
        ("decision_id", pa.string()),
        ("by", pa.string()),
        ("at", pa.timestamp("ms", tz="UTC")),
        ("reason", pa.string()),
    ]
)
SHOWN: Final = ("Account-TOGETHER-Account", "Account-APART-Account")

Verb = Literal["together", "apart", "block", "unblock", "withdraw", "restore"]


@dataclass(frozen=True)
class Word:
    """One decision of a steward, as it stands in the record.

    Attributes
    ----------
    decision_id
        ``d`` and a number that counts on; empty until it is recorded.
    at
        When, as ISO text in UTC.
    actor, reason
        Who decided, and why.
    verb
        What: two ``accounts`` are one (``together``) or not (``apart``), an ``identifier``
        joins nobody (``block``) or may join (``unblock``), the decision ``refers`` no longer
        holds (``withdraw``), a customer gets its ``accounts`` and its id back (``restore``).
    key
        The caller's own name of the request; a second one of the same name is not recorded.
    """

    verb: Verb
    actor: str
    reason: str
    accounts: tuple[str, ...] = ()
    identifier: str = ""
    refers: str = ""
    customer_id: str = ""
    key: str = ""
    decision_id: str = ""
    at: str = ""


@dataclass(frozen=True)
class Words:
    """What stewards decided, as far as it stands.

    ``pins`` has the columns ``PINS``, one row a decision; ``blocked`` and ``unblocked`` are
    keys of identifiers that must not or may join. ``restored`` (columns ``RESTORED``) names
    customers whose merge was undone, with the accounts that they had: they get their ids
    back in the run that first hears of it. ``spoken`` are all decisions, withdrawn ones too,
    in their order.
    """

    pins: pa.Table = field(default_factory=PINS.empty_table)
    blocked: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    unblocked: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    restored: pa.Table = field(default_factory=RESTORED.empty_table)
    spoken: tuple[Word, ...] = ()


NO_WORDS: Final = Words()


def standing(words: Iterable[Word]) -> list[Word]:
    """Return the decisions that hold, in their order: the last word on a pair or key counts."""
    spoken = list(words)
    withdrawn = {word.refers for word in spoken if word.verb == "withdraw"}
    latest = {_subject(word): word for word in spoken if word.decision_id not in withdrawn}
    kept = {word.decision_id for word in latest.values()}
    return [word for word in spoken if word.decision_id in kept and word.verb != "withdraw"]


def words_of(spoken: Sequence[Word]) -> Words:
    """Return what resolution needs to know of all decisions."""
    held = standing(spoken)
    pins = [
        dict(zip(PINS.names, (*sorted(w.accounts), w.verb == "together"), strict=True))
        for w in held
        if w.verb in ("together", "apart")
    ]
    restored = [
        {"decision_id": w.decision_id, "customer_id": w.customer_id, "account_id": account}
        for w in held
        if w.verb == "restore"
        for account in w.accounts
    ]
    keys = {verb: [w.identifier for w in held if w.verb == verb] for verb in ("block", "unblock")}
    return Words(
        pins=pa.Table.from_pylist(pins, PINS),
        blocked=pa.array(keys["block"], pa.string()),
        unblocked=pa.array(keys["unblock"], pa.string()),
        restored=pa.Table.from_pylist(restored, RESTORED),
        spoken=tuple(spoken),
    )


def pins_shown(words: Words, accounts: pa.Array) -> dict[str, pa.Table]:
    """Return the pins that stand, of accounts that exist, as relationships of the graph."""
    known = set(accounts.to_pylist())
    shown: dict[str, list[dict[str, object]]] = {name: [] for name in SHOWN}
    for word in standing(words.spoken):
        name = f"Account-{word.verb.upper()}-Account"
        if name in shown and known.issuperset(word.accounts):
            start, end = sorted(word.accounts)
            at = datetime.fromisoformat(word.at) if word.at else None
            said = {"decision_id": word.decision_id, "by": word.actor, "reason": word.reason}
            shown[name].append({"start_id": start, "end_id": end, "at": at, **said})
    return {name: pa.Table.from_pylist(rows, PIN) for name, rows in shown.items()}


def _subject(word: Word) -> tuple[object, ...]:
    """Return what a decision is about: a later one about the same replaces it."""
    if word.verb in ("together", "apart"):
        return ("pin", *sorted(word.accounts))
    if word.verb in ("block", "unblock"):
        return ("identifier", word.identifier)
    return (word.verb, word.decision_id)
