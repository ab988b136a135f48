"""A resolved graph with a home beside it, for tests of what stewards see and decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from algorithms.identity.decisions import decisions_file
from algorithms.identity.run import Options, ResolveReport, resolve_graph
from algorithms.registry import computed_spec
from api.identity.deciding import Outcome, decide, simulate
from api.identity.speaking import Wish
from graph.ddl import install
from graph.dump import digest
from graph.session import Database
from graph.settings import Settings
from tests.identity_world import START
from tests.resolved_shop import Shop

ACTOR = "k1"

# what the linkage of likenesses leaves: an account joined because it resembles another, and
# two customers who resemble each other and were not joined
ALIKE = """
MATCH (a:Account {account_id: $one})-[r:RESOLVED_TO]->(:Customer),
      (b:Account {account_id: $other})-[:RESOLVED_TO]->(c:Customer)
DELETE r
CREATE (a)-[:RESOLVED_TO {rule: 'linkage', confidence: 0.93, linked_to: $other,
        by_field: '{"birth": 9.1, "given": -2.34, "city": 0.01}'}]->(c)
SET c.n_accounts = 2
"""
LIKELY = """
MATCH (:Account {account_id: $one})-[:RESOLVED_TO]->(a:Customer),
      (:Account {account_id: $other})-[:RESOLVED_TO]->(b:Customer)
CREATE (a)-[:LIKELY_SAME {probability: 0.9, weight: 3.2, by_field: '{"given": 3.2}',
        kept_apart: 'size', model_version: 'm1'}]->(b)
"""


class StewardShop(Shop):
    """A shop whose stewards have a record."""

    def __init__(self, database: Database, settings: Settings) -> None:
        super().__init__(database, computed_spec())
        self.settings = settings
        self.n_requests = 0

    def open(self, *lines: str, day: int = 0) -> None:
        """Load accounts and resolve them."""
        self.load(*lines, day=day)
        self.settle(day=day)

    def settle(self, *, day: int, full: bool = False) -> ResolveReport:
        """Resolve on a day after the start, by the stewards' record too."""
        options = Options(at=START + timedelta(days=day), full=full)
        return resolve_graph(self.database, spec=self.spec, options=options, settings=self.settings)

    def decide(self, wish: Wish) -> Outcome:
        """Carry a decision out."""
        self.n_requests += 1
        key = f"r{self.n_requests}"
        return decide(self.database, self.settings, wish=wish, actor=ACTOR, key=key)

    def simulate(self, wish: Wish) -> Outcome:
        """Try a decision."""
        return simulate(self.database, self.settings, wish=wish, actor=ACTOR)

    def groups(self) -> set[frozenset[str]]:
        """Return the accounts of each customer."""
        found: dict[str, set[str]] = {}
        for account, customer in self.customers().items():
            found.setdefault(customer, set()).add(account)
        return {frozenset(group) for group in found.values()}

    def digest(self) -> str:
        """Return the digest of the canonical dump."""
        return digest(self.database, self.spec)


@contextmanager
def steward_shop(database: Database, settings: Settings) -> Iterator[StewardShop]:
    """Give an empty shop without decisions; none are left behind for other tests."""
    install(database, computed_spec())
    record = decisions_file(settings)
    record.unlink(missing_ok=True)
    try:
        yield StewardShop(database, settings)
    finally:
        record.unlink(missing_ok=True)


def pin(verb: str, one: str, *, other: str) -> Wish:
    """Return the wish that two accounts be together or apart."""
    return Wish("together" if verb == "together" else "apart", "seen in the shop", (one, other))


def kinds(outcome: Outcome) -> list[str]:
    """Return the kinds of what followed, the decision itself aside."""
    return [event.kind for event in outcome.events if event.kind != "steward"]


def texts(views: object) -> list[str]:
    """Return the sentences of a list of views."""
    assert isinstance(views, list)
    return [str(view["text"]) for view in views]
