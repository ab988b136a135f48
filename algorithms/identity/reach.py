"""Which accounts a change can concern: everything that linking evidence reaches from it.

The walk follows identifiers that join, the customers that accounts are in, and stewards'
pins. An identifier that joins nobody is not followed: however many accounts are on it, only
their number matters. One whose accounts have just changed may begin to join, so it is
followed if it is small, and else counted.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from algorithms.identity.policy import Policy
from algorithms.identity.words import Words
from graph.session import Database

AT_ONCE: Final = 5_000
ASKING: Final = 2  # questions at a time
RETURNED: Final = re.compile(r"\bAS (\w+)")
FEW: Final = 200  # accounts on an identifier that are looked at before they are counted
TOUCHED: Final = """
MATCH (a:Account) WHERE a.touched_at > datetime({epochMillis: $since})
RETURN a.account_id AS account_id
"""
HELD: Final = """
UNWIND $ids AS id
MATCH (a:Account {account_id: id})-[:HAS_IDENTIFIER]->(i:Identifier)
RETURN id AS id, i.identifier_key AS identifier_key, i.state AS state,
       COUNT { (i)<-[:HAS_IDENTIFIER]-() } AS n
"""
HOLDERS: Final = """
UNWIND $ids AS id
MATCH (i:Identifier {identifier_key: id})<-[:HAS_IDENTIFIER]-(a:Account)
RETURN DISTINCT id AS id, a.account_id AS account_id
"""
SIBLINGS: Final = """
UNWIND $ids AS id
MATCH (:Account {account_id: id})-[:RESOLVED_TO]->(:Customer)<-[:RESOLVED_TO]-(a:Account)
RETURN DISTINCT id AS id, a.account_id AS account_id
"""
COUNTED: Final = """
UNWIND $ids AS id
MATCH (i:Identifier {identifier_key: id})<-[:HAS_IDENTIFIER]-(a:Account)
WITH i, a.source AS source,
     count(CASE WHEN a.kind IS NULL OR NOT a.kind IN $others THEN a END) AS n
RETURN i.identifier_key AS id, i.kind AS kind, max(n) AS n
"""

Resembling = Callable[[set[str]], set[str]]
"""From accounts to the smallest accounts of groups that resemble theirs."""
Row = Mapping[str, object]
Rows = Sequence[Row]


@dataclass(frozen=True)
class Changed:
    """Accounts whose evidence has changed, and identifiers on which stewards have just spoken."""

    accounts: set[str]
    keys: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Reach:
    """What a change can concern.

    ``accounts`` are all accounts reached, ``followed`` the identifiers of which every account
    is among them. ``counts`` has the others whose accounts have changed, each with its number
    of registered accounts in the source that has most.
    """

    accounts: frozenset[str]
    followed: frozenset[str]
    counts: Mapping[str, int]


@dataclass
class Asked:
    """Asks the graph about ids, of each once: a part that has to grow reads only what is new."""

    database: Database
    _known: dict[str, dict[str, list[Row]]] = field(default_factory=dict)

    def __call__(self, query: str, *, ids: Iterable[str], **more: object) -> Rows:
        """Return the rows of a query about many ids, asked some at once, in the order of the ids.

        ``query`` returns the id of each row as ``id``; ``more`` are parameters that are the
        same whenever it is asked.
        """
        known, every = self._known.setdefault(query, {}), sorted(set(ids))
        fresh = [one for one in every if one not in known]
        names = RETURNED.findall(query.rpartition("RETURN")[2])
        place = names.index("id")
        # as one list: a message for each row takes ten times as long
        whole = f"CALL () {{{query}}} RETURN collect([{', '.join(names)}]) AS rows"

        def answered(start: int) -> list[list[object]]:
            asked = {"ids": fresh[start : start + AT_ONCE], **more}
            (answer,) = self.database.read(whole, asked)
            found = answer["rows"]
            assert isinstance(found, list)  # so it was collected
            return found

        known.update({one: [] for one in fresh})
        # the server answers a query with one thread, and Python only waits for it
        with ThreadPoolExecutor(ASKING) as pool:
            for rows in pool.map(answered, range(0, len(fresh), AT_ONCE)):
                for row in rows:
                    known[str(row[place])].append(dict(zip(names, row, strict=True)))
        return [row for one in every for row in known[one]]


@dataclass
class _Walk:
    """The walk as it goes on: who was reached, which identifiers were seen and counted."""

    ask: Asked
    policy: Policy
    partners: Mapping[str, frozenset[str]]
    reached: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    followed: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def step(self, edge: set[str], *, is_changed: bool) -> set[str]:
        """Return the accounts that are next to those of ``edge`` and were not reached before."""
        self.reached |= edge
        followed = self._next(self.ask(HELD, ids=edge), is_changed=is_changed)
        self.followed |= followed
        found = _accounts(self.ask(HOLDERS, ids=followed)) | _accounts(self.ask(SIBLINGS, ids=edge))
        for account in edge & set(self.partners):
            found |= self.partners[account]
        return found - self.reached

    def _next(self, held: Rows, *, is_changed: bool) -> set[str]:
        """Return the identifiers to follow from links that were just read."""
        fresh = {str(row["identifier_key"]): row for row in held}
        fresh = {key: row for key, row in fresh.items() if key not in self.seen}
        self.seen |= set(fresh)
        joining = {key for key, row in fresh.items() if row["state"] == "linking"}
        if not is_changed:
            return joining
        small = {key for key, row in fresh.items() if _number(row) <= FEW}
        return joining | small | self._counted(set(fresh) - joining - small)

    def _counted(self, keys: set[str]) -> set[str]:
        """Count the accounts on large identifiers; return those that are under their cap now."""
        rules = {str(kind): rule for kind, rule in self.policy.kinds.items()}
        others = sorted(self.policy.weights.others)
        found = self.ask(COUNTED, ids=keys, others=others)
        counts = dict.fromkeys(keys, 0) | {str(row["id"]): _number(row) for row in found}
        caps = {str(row["id"]): rules[str(row["kind"])] for row in found}
        joining = {
            key
            for key, rule in caps.items()
            if rule.joins and counts[key] <= (rule.cap or counts[key])
        }
        self.counts |= {key: n for key, n in counts.items() if key not in joining}
        return joining


def _number(row: Row) -> int:
    n = row["n"]
    assert isinstance(n, int)
    return n


def nobody(_accounts: set[str]) -> set[str]:
    """Return whom accounts resemble where nothing is known of that."""
    return set()


def touched_since(database: Database, since: int) -> set[str]:
    """Return the accounts that loads have touched since an instant, in epoch milliseconds."""
    return _accounts(database.read(TOUCHED, {"since": since}))


def reach(
    ask: Asked,
    changed: Changed,
    *,
    policy: Policy,
    words: Words,
    resembling: Resembling,
) -> Reach:
    """Return everything that linking evidence reaches from some accounts and identifiers.

    Parameters
    ----------
    ask
        Where the evidence is.
    changed
        Where the walk begins; its identifiers are followed, however large.
    policy
        Caps, by which an identifier may begin to join.
    words
        Pins, which join and part like evidence.
    resembling
        Whom those who were reached resemble, by what is known from earlier runs.
    """
    walk = _Walk(ask, policy, _partners(words))
    edge = changed.accounts | _accounts(walk.ask(HOLDERS, ids=changed.keys))
    walk.seen |= changed.keys
    walk.followed |= changed.keys
    is_changed = True
    while edge:
        edge = walk.step(edge, is_changed=is_changed)
        edge = edge or resembling(walk.reached) - walk.reached
        is_changed = False
    return Reach(frozenset(walk.reached), frozenset(walk.followed), walk.counts)


def _accounts(rows: Iterable[Row]) -> set[str]:
    return {str(row["account_id"]) for row in rows}


def _partners(words: Words) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pin in words.pins.to_pylist():
        found.setdefault(pin["account_id"], set()).add(pin["other_id"])
        found.setdefault(pin["other_id"], set()).add(pin["account_id"])
    return {account: frozenset(others) for account, others in found.items()}
