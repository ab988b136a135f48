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

import pyarrow.compute as pc

from algorithms.identity.evidence import STATES
from algorithms.identity.ground import Ground
from algorithms.identity.local import read_local
from algorithms.identity.reach import reach, touched_since
from algorithms.identity.resolution import Resolution
from algorithms.identity.state import PastRun, State, read_state
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


def parameters_of(ground: Ground) -> str:
    """Return what a run's outcome depends on beside the facts, as JSON."""
    said = ground.policy.model_dump(mode="json")
    return json.dumps({**said, DECISIONS: len(ground.words.spoken)}, sort_keys=True)


def situation(database: Database, runs: Sequence[PastRun], *, ground: Ground) -> Situation:
    """Look at the graph before a run."""
    latest = database.read(LATEST)
    counts = {name: int(str(n)) for name, n in database.read(NOW)[0].items()}
    touched_at = int(str(latest[0]["touched_at"])) if latest else 0
    return Situation(runs, ground, parameters_of(ground), touched_at=touched_at, **counts)


def state_of(database: Database, spec: GraphSpec, *, at: Situation, full: bool) -> State:
    """Read what is to be resolved: the part that was touched if that is enough, or all."""
    if not full and at.is_same_policy and at.last and at.resolved == at.last.counts["accounts"]:
        part = _part(database, at, last=at.last)
        fresh = pc.sum(pc.is_null(part.links["linking"])).as_py() or 0
        if at.links - fresh == at.last.counts.get("links"):
            logger.info("resolving %d accounts that changes reach", len(part.facts.accounts))
            return part
    return read_state(database, spec, runs=at.runs)


def _part(database: Database, at: Situation, *, last: PastRun) -> State:
    words = at.ground.words
    n_told = json.loads(last.parameters)[DECISIONS]
    fresh = words.spoken[n_told:]
    spoken = {account for word in fresh for account in word.accounts}
    about = {word.refers for word in fresh}
    spoken |= {a for word in words.spoken if word.decision_id in about for a in word.accounts}
    withdrawn = {w.identifier for w in words.spoken if w.decision_id in about}
    keys = ({word.identifier for word in fresh} | withdrawn) - {""}
    touched = touched_since(database, last.started_at) | spoken
    found = reach(database, touched, policy=at.ground.policy, words=words, keys=keys)
    return read_local(database, found, words=words, n_told=n_told)


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
        **{s: pc.sum(pc.equal(state.ledger.states["state"], s)).as_py() or 0 for s in STATES},
    }
    grown = {name: at.last.counts.get(name, 0) + here[name] - n for name, n in before.items()}
    return here | grown
