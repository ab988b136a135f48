"""Why two accounts or customers are not one: every refusal between them, with its reason."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from algorithms.identity.policy import Policy
from api.identity.in_force import policy_in_force
from api.identity.members import Link, Member, members, real, weights
from api.identity.parties import Party, accounts_of, party
from api.identity.steps import decision, identifier
from api.identity.wording import BLOCKS, KEPT_APART, KINDS, REFUSALS, day, filled, named, weighed
from api.views import Ask, Row, View
from graph.language import Text

LIKENESS = """
MATCH (:Customer {customer_id: $one})-[l:LIKELY_SAME]-(:Customer {customer_id: $other})
RETURN l.weight AS weight, l.probability AS probability, l.by_field AS by_field,
       l.kept_apart AS kept_apart
ORDER BY probability DESC
LIMIT 1
"""

ONE = Text(
    "{one} and {other} are one customer, {customer}; kith identity why tells how.",
    "{one} 与 {other} 是同一客户 {customer}；依据见 kith identity why。",
)
TWO = Text(
    "{one} and {other} are two customers, for {n} reason(s).",
    "{one} 与 {other} 是两个客户，理由 {n} 条。",
)
NOTHING = Text(
    "Nothing connects {one} and {other}: they share no identifier, and do not resemble each other "
    "as one person does.",
    "{one} 与 {other} 之间没有任何联系：没有共同的标识，相似程度也不足以判定为同一人。",
)
PINNED = Text(
    "{by} keeps {one} and {other} apart since {at} ({decision}): {reason}",
    "{by} 自 {at} 起将 {one} 与 {other} 分开（{decision}）：{reason}",
)
SHARED = Text(
    "Both have the {kind} {masked}, which joins nobody: {reason} ({n} accounts, at most {cap}).",
    "双方都有{kind} {masked}，但它不用于合并：{reason}（{n} 个账户，上限 {cap}）。",
)
BLOCKED = Text(
    "Both have the {kind} {masked}, which joins nobody: {reason}.",
    "双方都有{kind} {masked}，但它不用于合并：{reason}。",
)
REFUSED = Text(
    "Both have the {kind} {masked}, and were not joined by it: {reason}.",
    "双方都有{kind} {masked}，但未据此合并：{reason}。",
)
ALIKE = Text(
    "They resemble each other, {probability:.1%} likely one person, and were kept apart: {reason}. "
    "{fields}",
    "双方相似，为同一人的概率 {probability:.1%}，但未合并：{reason}。{fields}",
)
UNMADE = Text("the join was not made", "未做合并")


@dataclass(frozen=True, slots=True)
class Carried:
    """One identifier on an account of either side."""

    one: Member
    here: Link
    other: Member
    there: Link


def why_not(ask: Ask, one: str, *, other: str) -> View:
    """Explain why two ids are not one customer.

    Parameters
    ----------
    one, other
        Ids of accounts or customers. What is looked at are the whole customers behind them,
        for these would become one.

    Returns
    -------
    ``is_one``, ``customers``, ``reasons`` and ``text``; a steward's word comes first, then
    identifiers that both have, then likeness. No reason: nothing connects them.

    Raises
    ------
    PartyNotFoundError, CustomerRetiredError
        If an id is nobody's.
    """
    first, second = party(ask, one), party(ask, other)
    customers = [first.customer_id, second.customer_id]
    answer: View = {"customers": [customer or None for customer in customers], "reasons": []}
    if one == other or (first.customer_id and first.customer_id == second.customer_id):
        text = filled(ONE, one=one, other=other, customer=first.customer_id)
        return {**answer, "is_one": True, "text": text}
    reasons = list(_reasons(ask, first, second=second))
    told = filled(TWO if reasons else NOTHING, one=one, other=other, n=len(reasons))
    return {**answer, "is_one": False, "reasons": reasons, "text": told}


def _reasons(ask: Ask, first: Party, *, second: Party) -> Iterator[View]:
    policy = policy_in_force(ask)
    here, there = (members(ask, _whole(ask, side)) for side in (first, second))
    yield from _pins(here, there)
    for carried in _in_common(here, there).values():
        yield _of_identifier(carried, policy)
    both = {"one": first.customer_id, "other": second.customer_id}
    for row in ask(LIKENESS, both):
        yield _of_likeness(row)


def _whole(ask: Ask, side: Party) -> tuple[str, ...]:
    held = accounts_of(ask, side.customer_id) if side.customer_id else None
    return held or side.accounts


def _reason(code: str, text: str, *accounts: str, **facts: object) -> View:
    nothing: View = {"identifier": None, "decision": None, "probability": None, "fields": []}
    return {"reason": code, "accounts": list(accounts), **nothing, **facts, "text": text}


def _pins(here: Mapping[str, Member], there: Mapping[str, Member]) -> Iterator[View]:
    for member in here.values():
        for pin in member.pins:
            if pin.verb == "apart" and pin.other_id in there:
                text = filled(
                    PINNED,
                    by=pin.by,
                    one=member.account_id,
                    other=pin.other_id,
                    at=day(pin.at),
                    decision=pin.decision_id,
                    reason=pin.reason,
                )
                ends = (member.account_id, pin.other_id)
                yield _reason("steward", text, *ends, decision=decision(pin))


def _in_common(here: Mapping[str, Member], there: Mapping[str, Member]) -> dict[str, list[Carried]]:
    """Return what both sides carry, by identifier: each link here beside each link there."""
    carriers: dict[str, list[tuple[Member, Link]]] = {}
    for other in there.values():
        for link in other.links:
            carriers.setdefault(link.identifier_key, []).append((other, link))
    found: dict[str, list[Carried]] = {}
    for one in here.values():
        for link in one.links:
            for other, beside in carriers.get(link.identifier_key, ()):
                carried = Carried(one, link, other, beside)
                found.setdefault(link.identifier_key, []).append(carried)
    return found


def _of_identifier(carried: list[Carried], policy: Policy) -> View:
    """Tell the one reason why an identifier did not join: of several pairs the nearest miss."""
    code, pair = min(
        ((_code(pair), pair) for pair in carried),
        key=lambda held: (_nearness(held[0]), held[1].one.account_id, held[1].other.account_id),
    )
    ends = (pair.one.account_id, pair.other.account_id)
    return _reason(
        code, _in_words(code, pair.here, policy=policy), *ends, identifier=identifier(pair.here)
    )


def _code(pair: Carried) -> str:
    """Return why the identifier does not join these two accounts."""
    if pair.here.state != "linking":
        return pair.here.reason or "kind"
    if pair.here.unit != pair.there.unit:
        return "epoch"
    if not (pair.here.is_linking and pair.there.is_linking):
        return "cap"
    return pair.there.refused or pair.here.refused or "unsettled"


def _nearness(code: str) -> int:
    """Order reasons: a veto between two accounts says more than what holds for all of them."""
    codes = ["steward", "unique", "birth_date", "name", "cap", "epoch", "unsettled"]
    return codes.index(code) if code in codes else len(codes)


def _in_words(code: str, link: Link, *, policy: Policy) -> str:
    facts = {"kind": named(KINDS, link.kind), "masked": link.shown, "n": link.n_accounts}
    caps = {str(kind): rule for kind, rule in policy.kinds.items()}
    rule = caps.get(link.kind)
    if code in ("cap", "hub") and rule:
        most = rule.cap if code == "cap" else rule.hub
        return filled(SHARED, **facts, reason=named(BLOCKS, code), cap=most)
    if link.state != "linking":
        return filled(BLOCKED, **facts, reason=named(BLOCKS, code))
    return filled(REFUSED, **facts, reason=named(REFUSALS, code))


def _of_likeness(row: Row) -> View:
    fields = weighed(weights(row["by_field"]))
    code = str(row["kept_apart"] or "")
    text = filled(
        ALIKE,
        probability=real(row["probability"]),
        reason=KEPT_APART.get(code, UNMADE),
        fields="; ".join(str(field["text"]) for field in fields),
    )
    return _reason("likely-same", text, probability=row["probability"], fields=fields)
