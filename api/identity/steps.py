"""One step of an explanation: a piece of evidence with its dates, its source and its rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from algorithms.identity.policy import Policy
from api.identity.members import Link, Member, Pin
from api.identity.paths import LINKAGE, STEWARD, Tie
from api.identity.wording import KINDS, day, filled, named, span, weighed
from api.views import View
from graph.language import Text

SHARED = Text(
    "{one} and {other} have the {kind} {masked} in common: seen on {one} {seen}, "
    "on {other} {seen_there}",
    "{one} 与 {other} 共有{kind} {masked}：在 {one} 上见于 {seen}，在 {other} 上见于 {seen_there}",
)
PINNED = Text(
    "{by} put {one} and {other} together on {at} ({decision}): {reason}",
    "{by} 于 {at} 将 {one} 与 {other} 归为一人（{decision}）：{reason}",
)
ALIKE = Text(
    "{one} resembles {other}, {confidence:.1%} sure: {fields}",
    "{one} 与 {other} 相似，把握 {confidence:.1%}：{fields}",
)
NO_FIELDS = Text("the weights of its fields were not kept", "未保留各字段的权重")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a step needs to be told: the accounts by id, and the policy in force."""

    members: Mapping[str, Member]
    policy: Policy


def step(tie: Tie, telling: Telling) -> View:
    """Tell one tie: its accounts, rule, confidence, evidence, and all that as a sentence."""
    if tie.rule == STEWARD:
        return _pinned(tie, telling)
    if tie.rule == LINKAGE:
        return _alike(tie, telling)
    return _shared(tie, telling)


def identifier(link: Link) -> View:
    """Show an identifier without the account that carries it."""
    return {
        "identifier_key": link.identifier_key,
        "kind": link.kind,
        "masked": link.masked or None,
        "state": link.state or None,
        "reason": link.reason or None,
        "n_accounts": link.n_accounts,
    }


def _step(tie: Tie, *, confidence: float, text: str, **evidence: object) -> View:
    nothing: View = {"identifier": None, "seen": [], "decision": None, "fields": []}
    ends = {"from": tie.one, "to": tie.other, "rule": tie.rule, "confidence": confidence}
    return {**ends, **nothing, **evidence, "text": text}


def _shared(tie: Tie, telling: Telling) -> View:
    here, there = (_link_of(telling.members[end], tie) for end in (tie.one, tie.other))
    confidence = {str(k): rule.confidence for k, rule in telling.policy.kinds.items()}
    text = filled(
        SHARED,
        one=tie.one,
        other=tie.other,
        kind=named(KINDS, here.kind),
        masked=here.shown,
        seen=span(here.first_seen_at, here.last_seen_at),
        seen_there=span(there.first_seen_at, there.last_seen_at),
    )
    return _step(
        tie,
        confidence=confidence.get(here.kind, 0.0),
        text=text,
        identifier=identifier(here),
        seen=[_seen(telling.members[tie.one], here), _seen(telling.members[tie.other], there)],
    )


def _link_of(member: Member, tie: Tie) -> Link:
    return next(link for link in member.links if link.is_linking and link.unit == tie.unit)


def _seen(member: Member, link: Link) -> View:
    times = {"first_seen_at": link.first_seen_at, "last_seen_at": link.last_seen_at}
    return {"account_id": member.account_id, "source": member.source, **times}


def _pinned(tie: Tie, telling: Telling) -> View:
    pins = telling.members[tie.one].pins
    pin = next(held for held in pins if held.decision_id == tie.decision_id)
    return _step(tie, confidence=1.0, text=_in_words(pin, tie), decision=decision(pin))


def _in_words(pin: Pin, tie: Tie) -> str:
    return filled(
        PINNED,
        by=pin.by,
        one=tie.one,
        other=tie.other,
        at=day(pin.at),
        decision=pin.decision_id,
        reason=pin.reason,
    )


def decision(pin: Pin) -> View:
    """Show a steward's word on two accounts."""
    return {
        "decision_id": pin.decision_id,
        "verb": pin.verb,
        "by": pin.by,
        "at": pin.at,
        "reason": pin.reason,
    }


def _alike(tie: Tie, telling: Telling) -> View:
    # the link stands on the one that was joined, whichever way it is gone
    one, other = (telling.members[end] for end in (tie.one, tie.other))
    joined = one if one.linked_to == other.account_id else other
    fields = weighed(joined.by_field)
    said = "; ".join(str(field["text"]) for field in fields) or str(NO_FIELDS)
    text = filled(ALIKE, one=tie.one, other=tie.other, confidence=joined.confidence, fields=said)
    return _step(tie, confidence=joined.confidence, text=text, fields=fields)
