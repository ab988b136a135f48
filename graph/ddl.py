"""The constraints and indexes that the graph needs, derived from the declarations.

Every write and every read finds nodes by key through the index behind a constraint, so
they are installed before the first write and after an import.
"""

import logging
import time
from collections.abc import Iterator

from graph.session import Database
from graph.spec import GraphSpec, NodeSpec, PropertySpec, RelationshipSpec

logger = logging.getLogger(__name__)

AWAIT_SECONDS = 3600
LISTED = ("SHOW CONSTRAINTS YIELD name", "SHOW INDEXES YIELD name")
AWAIT = "CALL db.awaitIndexes($seconds)"


def install(database: Database, spec: GraphSpec) -> int:
    """Create the constraints and indexes that are missing and wait until they serve.

    Returns
    -------
    How many were missing.

    Raises
    ------
    ConstraintBrokenError
        If two nodes of one label share a key.
    """
    began = time.monotonic()
    # asking for all names is two queries; a statement for each that is there takes seconds
    held = {str(row["name"]) for listed in LISTED for row in database.read(listed)}
    missing = [statement for name, statement in expected(spec).items() if name not in held]
    counts = [database.run_auto(statement).counts for statement in missing]
    database.run_auto(AWAIT, {"seconds": AWAIT_SECONDS})
    added = sum(c.get("constraints_added", 0) + c.get("indexes_added", 0) for c in counts)
    if added:
        seconds = time.monotonic() - began
        logger.info("%d constraints and indexes were created in %.1f s", added, seconds)
    return added


def expected(spec: GraphSpec) -> dict[str, str]:
    """Return the statement of every constraint and index by its name; all may be repeated."""
    statements: dict[str, str] = {}
    for node in spec.nodes.values():
        statements |= dict(_of_node(node))
    for link in spec.relationships.values():
        statements |= dict(_of_relationship(link))
    return statements


def _of_node(node: NodeSpec) -> Iterator[tuple[str, str]]:
    name = f"{node.label.lower()}_{node.key}"
    pattern = f"(n:{node.label}) REQUIRE n.{node.key} IS UNIQUE"
    yield name, f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR {pattern}"
    for p in node.properties:
        if p.indexed and p.name != node.key:
            name = f"{node.label.lower()}_{p.name}"
            yield name, _index(name, p, on=f"(n:{node.label}) ON (n.{p.name})")


def _of_relationship(link: RelationshipSpec) -> Iterator[tuple[str, str]]:
    # one index serves a type between whatever labels, so the name leaves the ends out
    for p in link.properties:
        if p.indexed:
            name = f"{link.type.lower()}_{p.name}"
            yield name, _index(name, p, on=f"()-[r:{link.type}]-() ON (r.{p.name})")


def _index(name: str, p: PropertySpec, *, on: str) -> str:
    # a range index refuses writes of more than 8 kB, a text index those of more than 32 kB
    kind = "TEXT " if p.kind == "text" else ""
    return f"CREATE {kind}INDEX {name} IF NOT EXISTS FOR {on}"
