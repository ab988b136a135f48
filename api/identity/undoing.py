"""What undoes an event or a decision: the words that lead back to how it was.

What a steward decided is withdrawn. What the rules did is not undone by pretending that it
never happened, but by a decision against it: the accounts that moved are kept apart from
those that they moved to, and the id that was lost is given back.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from algorithms.identity.words import Word, standing
from api.identity.events import EventNotFoundError, Happened, of_decisions, one
from api.identity.members import Member, Unit, members, text
from api.identity.parties import accounts_of, party
from api.identity.speaking import Voice, known_identifier
from api.views import Ask
from graph.errors import ConfigurationError, NotFoundError
from graph.language import Text

# pairs that one identifier ties and that are kept apart one by one; of more, one speaks for all
MOST_PINS: Final = 200


class NotUndoableError(ConfigurationError):
    """An event is of a kind that nothing leads back from."""

    text = Text(
        "Event {event_id} cannot be undone: it tells that something was {kind}. Undo a merge, a "
        "split, a blocked identifier or a steward's decision; where this followed from a decision, "
        "undo that.",
        "事件 {event_id} 无法撤销：其类型为 {kind}。可撤销的是合并、拆分、标识屏蔽或管理员的决定；"
        "若它由某项决定引起，请撤销该决定。",
    )


class NothingToUndoError(ConfigurationError):
    """What is to be undone no longer holds."""

    http_status = 409
    text = Text(
        "{given} no longer holds: it was undone already, or later changes went past it.",
        "{given} 已不再有效：已被撤销，或已被后来的变动取代。",
    )


@dataclass(frozen=True, slots=True)
class Record:
    """The record of decisions as it stands, and the voice that speaks next."""

    spoken: tuple[Word, ...]
    voice: Voice

    @property
    def standing(self) -> list[Word]:
        """Return the decisions that hold."""
        return standing(self.spoken)

    def withdrawing(self, words: Collection[Word]) -> list[Word]:
        """Return the words that take some decisions back, with all that was said with them."""
        keys = {word.key for word in words} - {""}
        ids = {word.decision_id for word in words}
        taken = [w for w in self.standing if w.decision_id in ids or w.key in keys]
        return [self.voice.word("withdraw", refers=word.decision_id) for word in taken]


def undone(ask: Ask, given: str, *, record: Record) -> list[Word]:
    """Return the words that undo an event or a decision.

    Parameters
    ----------
    given
        The id of an event or of a decision.

    Raises
    ------
    EventNotFoundError
        If there is no such event or decision.
    NotUndoableError
        If it tells of something from which no decision leads back.
    NothingToUndoError
        If it no longer holds.
    """
    if any(word.decision_id == given for word in record.spoken):
        return _of_decision(ask, given, record=record)
    event = one(ask, given)
    if event is None:
        raise EventNotFoundError(given=given)
    words = _of_event(ask, event, record=record)
    if not words:
        raise NothingToUndoError(given=given)
    return words


def _of_event(ask: Ask, event: Happened, *, record: Record) -> list[Word]:
    if event.kind == "steward" and "decision_id" in event.payload:
        return _of_decision(ask, text(event.payload["decision_id"]), record=record)
    if event.kind == "merged" and event.moved:
        return _of_merge(ask, event, record=record)
    if event.kind == "split" and event.moved:
        return _of_split(ask, event, record=record)
    if event.kind in ("blocked", "unblocked") and "identifier_key" in event.payload:
        return _of_identifier(ask, event, record=record)
    raise NotUndoableError(event_id=event.event_id, kind=event.kind)


def _of_decision(ask: Ask, decision_id: str, *, record: Record) -> list[Word]:
    """Take back everything that was decided in one request; what it took back holds again."""
    said = next((w for w in record.spoken if w.decision_id == decision_id), None)
    if said is None:
        raise EventNotFoundError(given=decision_id)
    request = [w for w in record.spoken if w is said or (w.key and w.key == said.key)]
    by_id = {word.decision_id: word for word in record.spoken}
    again = [by_id[w.refers] for w in request if w.verb == "withdraw" and w.refers in by_id]
    standing_ids = {word.decision_id for word in record.standing}
    held = [word for word in request if word.decision_id in standing_ids]
    words = record.withdrawing(held) + _restoring(ask, held, voice=record.voice)
    words += [_repeated(w, record.voice) for w in again if not _holds(w, record.standing)]
    if not words:
        raise NothingToUndoError(given=decision_id)
    return words


def _restoring(ask: Ask, words: Sequence[Word], *, voice: Voice) -> list[Word]:
    """Give the customers whom some decisions merged their ids back."""
    found = []
    for event in of_decisions(ask, [word.decision_id for word in words]):
        now = _accounts_now(ask, text(event.payload.get("customer_id")))
        moved = [account for account in now if account in event.moved]
        if event.kind == "merged" and moved and any(_joined(ask, w, moved=moved) for w in words):
            other = text(event.payload["other_id"])
            found.append(voice.word("restore", customer_id=other, accounts=moved))
    return found


def _joined(ask: Ask, word: Word, *, moved: Sequence[str]) -> bool:
    """Tell whether a decision brought some accounts to others: its run may have done more."""
    if word.verb == "together":
        return len(set(word.accounts) & set(moved)) == 1
    held = members(ask, moved) if word.verb == "unblock" else {}
    return any(link.identifier_key == word.identifier for m in held.values() for link in m.links)


def _repeated(word: Word, voice: Voice) -> Word:
    unspoken = replace(word, decision_id="", at="", key=voice.key)
    return replace(unspoken, actor=voice.actor, reason=voice.reason)


def _holds(word: Word, words: Sequence[Word]) -> bool:
    """Tell whether the same is already said by a decision that stands."""
    about = (word.verb, sorted(word.accounts), word.identifier, word.customer_id)
    return any((w.verb, sorted(w.accounts), w.identifier, w.customer_id) == about for w in words)


def _of_merge(ask: Ask, event: Happened, *, record: Record) -> list[Word]:
    """Keep apart what the merge joined, and give the merged customer its id back."""
    now = _accounts_now(ask, text(event.payload["customer_id"]))
    moved = [account for account in now if account in event.moved]
    kept = [account for account in now if account not in event.moved]
    if not moved or not kept:
        return []
    words = record.withdrawing(_crossing(record.standing, moved, kept=kept, verb="together"))
    pairs = _pairs(members(ask, now), moved=moved, kept=kept)
    if not pairs and not words:
        pairs = [(moved[0], _first_kept(event, kept))]
    words += [record.voice.word("apart", accounts=sorted(pair)) for pair in pairs]
    other = text(event.payload["other_id"])
    return [*words, record.voice.word("restore", customer_id=other, accounts=moved)]


def _of_split(ask: Ask, event: Happened, *, record: Record) -> list[Word]:
    """Put together what was split, or withdraw the word that split it."""
    joined = _accounts_now(ask, text(event.payload["other_id"]))
    kept = _accounts_now(ask, event.left_id)
    moved = [account for account in joined if account in event.moved]
    if not moved or not kept or moved[0] in kept:
        return []
    withdrawn = record.withdrawing(_crossing(record.standing, moved, kept=kept, verb="apart"))
    pair = sorted((moved[0], _first_kept(event, kept)))
    return withdrawn or [record.voice.word("together", accounts=pair)]


def _of_identifier(ask: Ask, event: Happened, *, record: Record) -> list[Word]:
    """Say the opposite of what happened to an identifier, or withdraw the word that caused it."""
    key = text(event.payload["identifier_key"])
    is_linking = known_identifier(ask, key)["state"] == "linking"
    if is_linking != (event.kind == "unblocked"):
        return []
    said = [w for w in record.standing if w.identifier == key and f"{w.verb}ed" == event.kind]
    if said:
        return record.withdrawing(said)
    return [record.voice.word("unblock" if event.kind == "blocked" else "block", identifier=key)]


def _accounts_now(ask: Ask, customer_id: str) -> tuple[str, ...]:
    """Return the accounts of whoever answers for an id now; none where nobody is left."""
    try:
        living = party(ask, customer_id).customer_id
    except NotFoundError:
        return ()
    return accounts_of(ask, living) or ()


def _first_kept(event: Happened, kept: Sequence[str]) -> str:
    named = text(event.payload.get("kept"))
    return named if named in kept else kept[0]


def _crossing(
    words: Sequence[Word], moved: Sequence[str], *, kept: Sequence[str], verb: str
) -> list[Word]:
    """Return the decisions on a pair of which one is on this side and one on the other."""
    sides = set(moved), set(kept)
    return [w for w in words if w.verb == verb and all(set(w.accounts) & side for side in sides)]


def _pairs(
    held: Mapping[str, Member], *, moved: Sequence[str], kept: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the pairs across a join that evidence ties directly.

    Each of them is to be kept apart: which was joined first depends on times, and with one of
    them apart the next one would join.
    """
    sides = set(moved), set(kept)
    tied = {(first, to) for to, first in _alike(held, moved) if to in sides[1]}
    tied |= {(to, first) for to, first in _alike(held, kept) if to in sides[0]}
    for carriers in _carriers(held):
        here, there = (sorted(carriers & side) for side in sides)
        many = len(here) * len(there) > MOST_PINS
        tied |= set(product(here[:1], there[:1]) if many else product(here, there))
    return sorted(tied)


def _alike(held: Mapping[str, Member], accounts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each account that some resemble, with the first of these: they were joined as one."""
    found: dict[str, str] = {}
    for account in sorted(accounts):
        if account in held and held[account].linked_to:
            found.setdefault(held[account].linked_to, account)
    yield from found.items()


def _carriers(held: Mapping[str, Member]) -> Iterator[set[str]]:
    """Yield the accounts of each identifier that may join, one owner in turn at a time."""
    found: dict[Unit, set[str]] = {}
    for member in held.values():
        for link in member.links:
            if link.is_linking:
                found.setdefault(link.unit, set()).add(member.account_id)
    yield from found.values()
