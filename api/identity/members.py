"""Everything that resolution had before it about some accounts, read by their keys.

Only the accounts asked about are expanded, never an identifier: a device that a million
accounts share costs as little here as any other.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.views import Ask, Row, instant, maps, row_of, whole

# enough for every person; of a customer that is larger a part is shown, and said so
MOST_ACCOUNTS: Final = 5_000
MOST_LINKS: Final = 500

MEMBERS = """
UNWIND $ids AS id
MATCH (a:Account {account_id: id})
OPTIONAL MATCH (a)-[r:RESOLVED_TO]->(c:Customer)
CALL (a) {
  MATCH (a)-[h:HAS_IDENTIFIER]->(i:Identifier)
  WITH h, i ORDER BY i.kind, i.identifier_key LIMIT $most_links
  RETURN collect(i{.identifier_key, .kind, .masked, .state, .reason, .n_accounts,
                   first: h.first_seen_at.epochMillis, last: h.last_seen_at.epochMillis,
                   linking: h.linking, epoch: h.epoch, refused: h.refused_reason}) AS links
}
CALL (a) {
  MATCH (a)-[p:TOGETHER|APART]-(b:Account)
  RETURN collect({verb: toLower(type(p)), other_id: b.account_id, decision_id: p.decision_id,
                  by: p.by, at: p.at.epochMillis, reason: p.reason}) AS pins
}
RETURN {account_id: a.account_id, source: coalesce(a.source, split(a.account_id, ':')[0]),
        customer_id: c.customer_id, rule: r.rule, confidence: r.confidence,
        since: r.since.epochMillis, run_id: r.run_id, linked_to: r.linked_to,
        by_field: r.by_field, links: links, pins: pins} AS member
"""

Unit = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Link:
    """An identifier as it stands on one account."""

    identifier_key: str
    kind: str
    masked: str
    state: str
    reason: str
    n_accounts: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    is_linking: bool
    epoch: int | None
    refused: str

    @property
    def unit(self) -> Unit:
        """Return the identifier and its owner in turn: what accounts must share to be joined."""
        return self.identifier_key, self.epoch or 1

    @property
    def shown(self) -> str:
        """Return the mask, or the start of the key where there is none."""
        return self.masked or f"{self.identifier_key[:8]}..."


@dataclass(frozen=True, slots=True)
class Pin:
    """A steward's word on an account and another one."""

    verb: str
    other_id: str
    decision_id: str
    by: str
    at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Member:
    """An account, its place with its customer and the evidence on it.

    ``rule`` and ``customer_id`` are empty before the first resolution; ``linked_to`` is the
    account that it resembles where it was joined so, ``by_field`` the weights in bits.
    """

    account_id: str
    source: str
    customer_id: str
    rule: str
    confidence: float
    since: datetime | None
    run_id: str
    linked_to: str
    by_field: Mapping[str, float]
    links: tuple[Link, ...]
    pins: tuple[Pin, ...]


def members(ask: Ask, account_ids: Sequence[str]) -> dict[str, Member]:
    """Read accounts with their evidence.

    Parameters
    ----------
    account_ids
        Of these at most ``MOST_ACCOUNTS`` are read, the first ones.

    Returns
    -------
    By account id, in the order given; accounts that are not there are absent.
    """
    asked = list(account_ids[:MOST_ACCOUNTS])
    rows = ask(MEMBERS, {"ids": asked, "most_links": MOST_LINKS})
    return {held.account_id: held for held in (_member(row_of(row["member"])) for row in rows)}


def weights(text: object) -> dict[str, float]:
    """Return the weight of each field out of JSON text; nothing where there is none."""
    return {str(k): float(v) for k, v in json.loads(str(text)).items()} if text else {}


def real(value: object) -> float:
    """Return a number out of a row, typed; 0 where there is none."""
    return float(value) if isinstance(value, int | float) else 0.0


def text(value: object) -> str:
    """Return a text out of a row, typed; "" where there is none."""
    return "" if value is None else str(value)


def _member(held: Row) -> Member:
    return Member(
        account_id=text(held["account_id"]),
        source=text(held["source"]),
        customer_id=text(held["customer_id"]),
        rule=text(held["rule"]),
        confidence=real(held["confidence"]),
        since=instant(held["since"]),
        run_id=text(held["run_id"]),
        linked_to=text(held["linked_to"]),
        by_field=weights(held["by_field"]),
        links=tuple(_link(link) for link in maps(held["links"])),
        pins=tuple(_pin(pin) for pin in maps(held["pins"])),
    )


def _link(held: Row) -> Link:
    epoch = held["epoch"]
    return Link(
        identifier_key=text(held["identifier_key"]),
        kind=text(held["kind"]),
        masked=text(held["masked"]),
        state=text(held["state"]),
        reason=text(held["reason"]),
        n_accounts=whole(held["n_accounts"]),
        first_seen_at=instant(held["first"]),
        last_seen_at=instant(held["last"]),
        is_linking=held["linking"] is True,
        epoch=epoch if isinstance(epoch, int) else None,
        refused=text(held["refused"]),
    )


def _pin(held: Row) -> Pin:
    return Pin(
        verb=text(held["verb"]),
        other_id=text(held["other_id"]),
        decision_id=text(held["decision_id"]),
        by=text(held["by"]),
        at=instant(held["at"]),
        reason=text(held["reason"]),
    )
