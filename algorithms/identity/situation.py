"""Decides how much there is to resolve: nothing, what was touched, or everything.

A part is enough if the last run ended well under the same policy and nothing has been taken
away since: what comes touches what it concerns, but of what goes nothing is left that could
be followed. Whoever goes on where a run was cut off does everything.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import STATES
from algorithms.identity.ground import Ground
from algorithms.identity.local import read_local
from algorithms.identity.reach import Asked, Changed, Resembling, nobody, reach, touched_since
from algorithms.identity.resolution import Resolution
from algorithms.identity.state import PastRun, State
from algorithms.identity.words import Word
from graph.session import Database
from graph.spec import GraphSpec

logger = logging.getLogger(__name__)

DECISIONS: Final = "decisions"
# all three are read off the counts that the database keeps
NOW: Final = """
RETURN COUNT { (:Account) } AS accounts, COUNT { (:Account)-[:RESOLVED_TO]->() } AS resolved,
       COUNT { ()-[:HAS_IDENTIFIER]->() } AS links
"""
LATEST: Final = """
MATCH (a:Account) WHERE a.touched_at IS NOT NULL
RETURN a.touched_at.epochMillis AS touched_at ORDER BY a.touched_at DESC LIMIT 1
"""


@dataclass(frozen=True)
class Situation:
    """Where a run begins: the runs before it, its parameters, and what the graph counts.

    ``touched_at`` is the latest touch of a load, in epoch milliseconds.
    """

    runs: Sequence[PastRun]
    ground: Ground
    parameters: str
    accounts: int
    resolved: int
    links: int
    touched_at: int

    @property
    def last(self) -> PastRun | None:
        """Return the last run, if it ended."""
        return self.runs[-1] if self.runs and self.runs[-1].is_finished else None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing that resolution reads has changed since the last run."""
        last = self.last
        if last is None or last.parameters != self.parameters:
            return False
        # an account that came has no customer yet, one that went is missing from the count
        is_complete = self.accounts == self.resolved == last.counts.get("accounts")
        is_whole = self.links == last.counts.get("links")
        return is_complete and is_whole and self.touched_at <= last.started_at

    @property
    def is_same_policy(self) -> bool:
        """Tell whether the last run differs in nothing but stewards' decisions."""
        if self.last is None:
            return False
        before, now = (json.loads(said) for said in (self.last.parameters, self.parameters))
        told, spoken = before.pop(DECISIONS, None), now.pop(DECISIONS)
        return before == now and told is not None and bool(told <= spoken)


def parameters_of(ground: Ground, *, model: str | None = None) -> str:
    """Return what a run's outcome depends on beside the facts, as JSON.

    ``model`` is the digest of the model that a run used; ``None``: of the home's.
    """
    said = ground.policy.model_dump(mode="json")
    if model is None:
        model = ground.model.digest if ground.model else ""
    spoken = len(ground.words.spoken)
    return json.dumps({**said, DECISIONS: spoken, "model": model}, sort_keys=True)


def situation(database: Database, runs: Sequence[PastRun], *, ground: Ground) -> Situation:
    """Look at the graph before a run."""
    latest = database.read(LATEST)
    counts = {name: int(str(n)) for name, n in database.read(NOW)[0].items()}
    touched_at = int(str(latest[0]["touched_at"])) if latest else 0
    return Situation(runs, ground, parameters_of(ground), touched_at=touched_at, **counts)


def part_of(
    ask: Asked,
    spec: GraphSpec,
    *,
    at: Situation,
    beside: frozenset[str] = frozenset(),
    resembling: Resembling = nobody,
) -> State | None:
    """Read the part of the graph that changes concern; nothing where that would not be enough.

    Parameters
    ----------
    ask, spec
        Where from, and what is declared.
    at
        Where the run begins.
    beside
        Accounts that must be there too.
    resembling
        Who resembled whom in the last run.
    """
    last = at.last
    if last is None or not at.is_same_policy or at.resolved != last.counts.get("accounts"):
        return None
    fresh = at.ground.words.spoken[json.loads(last.parameters)[DECISIONS] :]
    touched = touched_since(ask.database, last.started_at) | _accounts(fresh, at) | beside
    found = reach(
        ask,
        Changed(touched, _keys(fresh, at)),
        policy=at.ground.policy,
        words=at.ground.words,
        resembling=resembling,
    )
    n_told = len(at.ground.words.spoken) - len(fresh)
    part = read_local(ask, spec, reach=found, words=at.ground.words, n_told=n_told)
    n_new = part.links["linking"].null_count
    if at.links - n_new != last.counts.get("links"):
        return None
    logger.info("resolving %d accounts that changes reach", len(part.facts.accounts))
    return part


def _accounts(fresh: Sequence[Word], at: Situation) -> set[str]:
    """Return the accounts that new decisions, or decisions withdrawn by them, are about."""
    return {account for word in _meant(fresh, at) for account in word.accounts}


def _keys(fresh: Sequence[Word], at: Situation) -> set[str]:
    return {word.identifier for word in _meant(fresh, at)} - {""}


def _meant(fresh: Sequence[Word], at: Situation) -> list[Word]:
    withdrawn = {word.refers for word in fresh}
    every = at.ground.words.spoken
    return [word for word in every if word in fresh or word.decision_id in withdrawn]


def _valid(column: pa.ChunkedArray) -> int:
    return len(column) - int(column.null_count)


def totals(resolution: Resolution, state: State, *, at: Situation) -> dict[str, int]:
    """Return the counts of the whole graph after a run, also of one of a part."""
    here = {**resolution.counts, "links": len(resolution.links)}
    if not state.is_part or at.last is None:
        return here
    before = {
        "accounts": len(state.ledger.resolved),
        "customers": len(state.ledger.former()),
        "identifiers": len(state.ledger.states),
        "links": len(state.links) - state.links["linking"].null_count,
        "refused": _valid(state.links["refused_reason"]),
        "resembling": _valid(state.ledger.resolved["linked_to"]),
        "likely": len(state.likely),
        **{s: pc.sum(pc.equal(state.ledger.states["state"], s)).as_py() or 0 for s in STATES},
    }
    grown = {name: at.last.counts.get(name, 0) + here[name] - n for name, n in before.items()}
    return here | grown
