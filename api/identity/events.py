"""What happened to customers, read out of the chain of events and told in a sentence each."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from api.identity.members import text
from api.identity.wording import KINDS, STATES, filled, named
from api.views import Ask, Row, View, instant, row_of
from graph.errors import NotFoundError, some
from graph.language import Text

EVENT = """e{.event_id, .kind, .run_id, .actor, .payload, at: e.at.epochMillis} AS event"""
ABOUT: Final = f"""
MATCH (e:ResolutionEvent)
WHERE e.kind IN $kinds AND any(needle IN $needles WHERE e.payload CONTAINS needle)
RETURN {EVENT}
ORDER BY e.event_id
LIMIT $most
"""
ONE: Final = f"""
MATCH (e:ResolutionEvent {{event_id: $id}})
RETURN {EVENT}
"""
OF_DECISIONS: Final = f"""
MATCH (s:ResolutionEvent {{kind: 'steward'}})
WHERE any(needle IN $needles WHERE s.payload CONTAINS needle)
WITH collect(DISTINCT s.run_id) AS runs
MATCH (e:ResolutionEvent)
WHERE e.run_id IN runs
RETURN {EVENT}
ORDER BY e.event_id
LIMIT $most
"""
MOST_EVENTS: Final = 1_000
# accounts move into the survivor of a merge, and out of a customer otherwise
MOVES: Final = ("merged", "split", "restored")
OF_CUSTOMERS: Final = (*MOVES, "retired")
OF_IDENTIFIERS: Final = ("blocked", "unblocked")

TOLD: Final[Mapping[str, Text]] = {
    "created": Text(
        "{n_customers} customer(s) came with {n_accounts} account(s)",
        "新增 {n_customers} 个客户，共 {n_accounts} 个账户",
    ),
    "absorbed": Text(
        "{n_accounts} new account(s) joined {n_customers} known customer(s)",
        "{n_accounts} 个新账户归入 {n_customers} 个已有客户",
    ),
    "merged": Text(
        "{other_id} was merged into {customer_id}, with {accounts}",
        "{other_id} 并入 {customer_id}，带来 {accounts}",
    ),
    "split": Text(
        "{other_id} was split from {customer_id}, with {accounts}",
        "{other_id} 从 {customer_id} 拆出，带走 {accounts}",
    ),
    "retired": Text(
        "{customer_id} was retired: none of its accounts is left",
        "{customer_id} 已停用：其账户均已不存在",
    ),
    "restored": Text(
        "{other_id} was split from {customer_id} and got its id back, with {accounts}",
        "{other_id} 从 {customer_id} 拆出并恢复原编号，带走 {accounts}",
    ),
    "blocked": Text(
        "the {kind} {identifier_key} no longer joins, it is {state} ({n_accounts} accounts)",
        "{kind} {identifier_key} 不再用于合并，状态为{state}（{n_accounts} 个账户）",
    ),
    "unblocked": Text(
        "the {kind} {identifier_key} joins again ({n_accounts} accounts)",
        "{kind} {identifier_key} 重新用于合并（{n_accounts} 个账户）",
    ),
    "steward": Text(
        "{actor} decided {verb} on {what} ({decision_id}): {reason}",
        "{actor} 决定 {verb}：{what}（{decision_id}）：{reason}",
    ),
}
ERASED: Final = Text("what happened was erased", "内容已被抹除")


class EventNotFoundError(NotFoundError):
    """No event and no decision has this id."""

    text = Text(
        "There is no event or decision {given}. kith identity history shows the ids.",
        "没有事件或决定 {given}。编号见 kith identity history。",
    )


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the chain."""

    event_id: str
    at: datetime | None
    kind: str
    run_id: str
    actor: str
    payload: Mapping[str, object]

    @property
    def customer_ids(self) -> frozenset[str]:
        """Return the customers that the event names."""
        held = (self.payload.get(name) for name in ("customer_id", "other_id"))
        return frozenset(str(customer) for customer in held if customer)

    @property
    def moved(self) -> dict[str, int]:
        """Return the accounts that moved, each with the millisecond since it had been there."""
        held = self.payload.get("accounts") if self.kind in MOVES else None
        if not isinstance(held, list):
            return {}
        return {str(account): int(since) for account, since in held}

    @property
    def left_id(self) -> str:
        """Return the customer that the accounts left."""
        return text(self.payload.get("other_id" if self.kind == "merged" else "customer_id"))


def of_customers(ask: Ask, customer_ids: Collection[str]) -> list[Happened]:
    """Return what happened to some customers, oldest first: merges, splits, ends, returns."""
    found = _about(ask, customer_ids, kinds=OF_CUSTOMERS)
    return [event for event in found if event.customer_ids & set(customer_ids)]


def of_account(ask: Ask, account_id: str) -> list[Happened]:
    """Return the merges and splits in which an account moved, oldest first."""
    found = _about(ask, [account_id], kinds=MOVES)
    return [event for event in found if account_id in event.moved]


def of_evidence(
    ask: Ask, *, accounts: Collection[str], identifiers: Collection[str]
) -> list[Happened]:
    """Return decisions on some accounts or identifiers, their withdrawals, changes of state."""
    kinds = (*OF_IDENTIFIERS, "steward")
    found = _about(ask, [*accounts, *identifiers], kinds=kinds)
    held = [e for e in found if _names(e, accounts=accounts, identifiers=identifiers)]
    decisions = {text(e.payload.get("decision_id")) for e in held if e.kind == "steward"}
    later = _about(ask, decisions, kinds=("steward",))
    return [*held, *(e for e in later if text(e.payload.get("refers")) in decisions)]


def of_decisions(ask: Ask, decision_ids: Collection[str]) -> list[Happened]:
    """Return everything that the runs did which carried out some decisions."""
    return [_happened(row) for row in _read(ask, OF_DECISIONS, needles=_quoted(decision_ids))]


def one(ask: Ask, event_id: str) -> Happened | None:
    """Return one event, None if there is no such."""
    rows = ask(ONE, {"id": event_id})
    return _happened(rows[0]) if rows else None


def of_report(rows: Iterable[Row]) -> list[Happened]:
    """Return the events of a run's report, which has their columns and their times."""
    return [
        Happened(
            event_id=text(row["event_id"]),
            at=at if isinstance(at := row["at"], datetime) else None,
            kind=text(row["kind"]),
            run_id=text(row["run_id"]),
            actor=text(row.get("actor")),
            payload=json.loads(text(row["payload"]) or "{}"),
        )
        for row in rows
    ]


def shown(event: Happened) -> View:
    """Show an event: its place in the chain, what it says, and that as a sentence."""
    return {
        "event_id": event.event_id,
        "at": event.at,
        "kind": event.kind,
        "run_id": event.run_id,
        "actor": event.actor or None,
        "payload": dict(event.payload),
        "text": sentence(event),
    }


def sentence(event: Happened) -> str:
    """Say what happened."""
    template = TOLD.get(event.kind)
    if template is None or "erased" in event.payload:
        return str(ERASED)
    said = {str(name): value for name, value in event.payload.items()}
    facts = {
        **dict.fromkeys(("customer_id", "other_id", "identifier_key", "decision_id"), "?"),
        **dict.fromkeys(("n_accounts", "n_customers", "verb", "reason"), "?"),
        **said,
        "actor": event.actor or text(said.get("actor")) or "?",
        "accounts": some(list(event.moved)),
        "what": _what(said),
        "kind": named(KINDS, said.get("kind", "identifier")),
        "state": named(STATES, said.get("state", "blocked")),
    }
    return filled(template, **facts)


def _what(said: Mapping[str, object]) -> str:
    """Name what a decision is about."""
    accounts = said.get("accounts")
    if isinstance(accounts, list) and accounts:
        return some([str(account) for account in accounts])
    return text(said.get("identifier_key")) or text(said.get("refers")) or "-"


def _about(ask: Ask, ids: Collection[str], *, kinds: Sequence[str]) -> list[Happened]:
    return [_happened(row) for row in _read(ask, ABOUT, needles=_quoted(ids), kinds=list(kinds))]


def _read(ask: Ask, query: str, **parameters: object) -> Sequence[Row]:
    if not parameters["needles"]:
        return []
    return ask(query, {**parameters, "most": MOST_EVENTS})


def _quoted(ids: Collection[str]) -> list[str]:
    """Return ids as they stand in a payload; quotes keep c1 from finding c10."""
    return [json.dumps(given, ensure_ascii=False) for given in sorted(ids)]


def _names(event: Happened, *, accounts: Collection[str], identifiers: Collection[str]) -> bool:
    named_accounts = event.payload.get("accounts")
    if text(event.payload.get("identifier_key")) in identifiers:
        return True
    return isinstance(named_accounts, list) and bool(set(map(str, named_accounts)) & set(accounts))


def _happened(row: Row) -> Happened:
    held = row_of(row["event"])
    return Happened(
        event_id=text(held["event_id"]),
        at=instant(held["at"]),
        kind=text(held["kind"]),
        run_id=text(held["run_id"]),
        actor=text(held["actor"]),
        payload=json.loads(text(held["payload"]) or "{}"),
    )
