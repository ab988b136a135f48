"""Carries out what a steward decides: check, record, resolve; or only shows what would follow.

A decision is in the record before the graph is touched, so that whoever is cut off in between
is finished by the next run, and a request that is repeated finds what it has already said.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from algorithms.identity.decisions import (
    decisions_file,
    read_decisions,
    record,
    refuse_contradictions,
)
from algorithms.identity.words import Word
from api.identity import events
from api.identity.events import Happened
from api.identity.reasons import checked
from api.identity.speaking import Voice, Wish, judged, pinned
from api.identity.undoing import Record, undone
from api.views import View
from graph.session import Database
from graph.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """The words as they stand in the record, and what followed from them, oldest first."""

    words: tuple[Word, ...]
    events: tuple[Happened, ...]

    def shown(self) -> View:
        """Show decisions and events."""
        return {
            "decisions": [decided(word) for word in self.words],
            "events": [events.shown(event) for event in self.events],
        }


def decided(word: Word) -> View:
    """Show a recorded decision."""
    return {
        "decision_id": word.decision_id,
        "at": word.at,
        "actor": word.actor,
        "verb": word.verb,
        "accounts": list(word.accounts),
        "identifier_key": word.identifier or None,
        "refers": word.refers or None,
        "customer_id": word.customer_id or None,
        "reason": word.reason,
    }


@contextmanager
def writing_to(settings: Settings, database: Database, *, command: str) -> Iterator[None]:
    """Be the one writer of an open database, with a killed load finished first.

    Raises
    ------
    LockedError
        If somebody else is writing.
    ForeignDatabaseError
        If the database belongs to another home.
    """
    from algorithms.registry import computed_spec
    from graph.apply import finish_unfinished
    from graph.lock import writing
    from graph.marker import check_home

    with writing(settings, command=command):
        check_home(database, settings)
        finish_unfinished(settings, database, spec=computed_spec())
        yield


def decide(database: Database, settings: Settings, *, wish: Wish, actor: str, key: str) -> Outcome:
    """Record a decision and resolve.

    Parameters
    ----------
    database, settings
        The caller holds the lock on writing.
    wish
        What is asked for.
    actor
        Who asks.
    key
        Names the request: where it has been recorded before, nothing is recorded again, and
        what followed then is returned.

    Raises
    ------
    KithError
        Whatever ``simulate`` raises.
    """
    path = decisions_file(settings)
    words = [word for word in read_decisions(path) if word.key == key]
    if not words:
        fresh = _words(database, settings, wish=wish, voice=_voice(wish, actor=actor, key=key))
        words = record(path, fresh)
    reported = _resolved(database, settings)
    followed = events.of_decisions(database.read, [word.decision_id for word in words])
    return Outcome(tuple(words), tuple(followed or reported))


def simulate(database: Database, settings: Settings, *, wish: Wish, actor: str) -> Outcome:
    """Return what a decision would lead to; nothing is recorded.

    Raises
    ------
    PersonalReasonError, ReasonLengthError
        If the reason cannot stay.
    NotFoundError
        If the decision names an account, an identifier or an event that is not there.
    ContradictionError
        If it contradicts decisions that stand.
    NotUndoableError, NothingToUndoError
        If it cannot be undone.
    """
    voice = _voice(wish, actor=actor, key="")
    spoken = read_decisions(decisions_file(settings))
    fresh = [
        replace(word, decision_id=f"d{number:06d}")
        for number, word in enumerate(
            _words(database, settings, wish=wish, voice=voice), start=len(spoken) + 1
        )
    ]
    refuse_contradictions([*spoken, *fresh])
    return Outcome(tuple(fresh), tuple(_resolved(database, settings, tried=fresh)))


def _voice(wish: Wish, *, actor: str, key: str) -> Voice:
    return Voice(actor, key, checked(wish.reason, is_required=False))


def _words(database: Database, settings: Settings, *, wish: Wish, voice: Voice) -> list[Word]:
    if wish.verb == "undo":
        spoken = tuple(read_decisions(decisions_file(settings)))
        return undone(database.read, wish.undo, record=Record(spoken, voice))
    if wish.verb in ("block", "unblock"):
        return judged(database.read, wish, voice=voice)
    return pinned(database.read, wish, voice=voice)


def _resolved(
    database: Database, settings: Settings, *, tried: Sequence[Word] = ()
) -> list[Happened]:
    """Resolve by the record, or find out what words that are only tried would change."""
    from algorithms.identity.run import Options, resolve_graph
    from algorithms.registry import computed_spec

    options = Options(dry_run=bool(tried), spoken=tuple(tried))
    report = resolve_graph(database, spec=computed_spec(), options=options, settings=settings)
    return events.of_report(report.events.to_pylist())
