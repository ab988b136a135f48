"""The graph as sorted text: two graphs are the same if their dumps are.

For tests, and for whoever wants to know whether a command changed anything. When and by
which run something was written says nothing about what the graph states, so it is left
out. All nodes, relationships and undeclared properties are counted besides, so that
nothing can hide from the comparison by not being declared.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import Final

from graph.columns import identity_of, properties_by_column
from graph.elements import read_element
from graph.session import Database, Row
from graph.spec import Element, GraphSpec, NodeSpec

UNSTATED_LABELS: Final = frozenset(
    {"AlgorithmRun", "LoadReport", "ResolutionEvent", "CustomerAlias", "Home"}
)
UNSTATED_PROPERTIES: Final = frozenset(
    # when something was written or decided, and by which run: none of it is a fact
    {"loaded_at", "touched_at", "run_id", "since", "customer_changed_at"}
)
_PARTS: Final = ("labels", "start", "end")
NODES = """
MATCH (n)
RETURN labels(n) AS labels, count(*) AS n
"""
RELATIONSHIPS = """
MATCH (a)-[r]->(b)
RETURN labels(a) AS start, type(r) AS type, labels(b) AS end, count(*) AS n
"""
NODE_PROPERTIES = """
MATCH (n)
UNWIND keys(n) AS property
RETURN DISTINCT labels(n) AS labels, property
"""
RELATIONSHIP_PROPERTIES = """
MATCH (a)-[r]->(b)
UNWIND keys(r) AS property
RETURN DISTINCT labels(a) AS start, type(r) AS type, labels(b) AS end, property
"""


def canonical(database: Database, spec: GraphSpec) -> Iterator[str]:
    """Yield the graph line by line, in an order that depends on its content alone.

    Left out are runs, load reports, the ledger of resolution, aliases and the home marker,
    and from the rest when and by which run it was written.

    Parameters
    ----------
    database
        Where from; the constraints on keys must be installed.
    spec
        The declared nodes and relationships, computed ones included.
    """
    yield from _counts(database)
    yield from _undeclared(database, spec)
    for name in sorted([*spec.nodes, *spec.relationships]):
        element = spec.element(name)
        if not _labels_of(element) & UNSTATED_LABELS:
            yield from _rows(database, spec, element=element)


def digest(database: Database, spec: GraphSpec) -> str:
    """Return the SHA-256 of the dump as 64 hexadecimal digits."""
    running = hashlib.sha256()
    for line in canonical(database, spec):
        running.update(line.encode())
        running.update(b"\n")
    return running.hexdigest()


def _rows(database: Database, spec: GraphSpec, *, element: Element) -> Iterator[str]:
    columns = [name for name in properties_by_column(element) if name not in UNSTATED_PROPERTIES]
    rows = read_element(database, spec, name=element.name, columns=columns)
    ordered = rows.sort_by([(name, "ascending") for name in identity_of(element)])
    for batch in ordered.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            stated = {name: value for name, value in row.items() if value is not None}
            yield f"{element.name} {json.dumps(stated, ensure_ascii=False, default=_iso)}"


def _iso(value: date) -> str:
    return value.isoformat()


def _labels_of(element: Element) -> set[str]:
    return {element.label} if isinstance(element, NodeSpec) else {element.start, element.end}


def _counts(database: Database) -> Iterator[str]:
    """Yield how many nodes have which labels, and how many relationships lie between which."""
    counted: Counter[str] = Counter()
    for row in _stated(database, NODES, RELATIONSHIPS):
        labels = [":".join(sorted(row[part])) for part in _PARTS if part in row]
        counted[_name(labels, row)] += row["n"]
    yield from (f"count {name} {n}" for name, n in sorted(counted.items()))


def _undeclared(database: Database, spec: GraphSpec) -> Iterator[str]:
    """Yield the properties that the graph has and the spec has not."""
    elements: list[Element] = [*spec.nodes.values(), *spec.relationships.values()]
    declared = {(element.name, p.name) for element in elements for p in element.properties}
    rows = _stated(database, NODE_PROPERTIES, RELATIONSHIP_PROPERTIES)
    found = {(_element_of(row, spec), row["property"]) for row in rows}
    yield from (f"undeclared {name}.{p}" for name, p in sorted(found - declared))


def _stated(database: Database, *queries: str) -> Iterator[Row]:
    """Yield the rows that speak of no label that is left out."""
    for query in queries:
        for row in database.read(query):
            labels = {label for part in _PARTS for label in row.get(part, ())}
            if not labels & UNSTATED_LABELS:
                yield row


def _element_of(row: Row, spec: GraphSpec) -> str:
    return _name([_declared_label(row[part], spec) for part in _PARTS if part in row], row)


def _name(labels: list[str], row: Row) -> str:
    """Return the element that a row speaks of: its label, or start, type and end."""
    return f"{labels[0]}-{row['type']}-{labels[1]}" if "type" in row else labels[0]


def _declared_label(labels: Collection[str], spec: GraphSpec) -> str:
    """Return the label that is declared, of a node that may have a second one."""
    return next((label for label in sorted(labels) if label in spec.nodes), ":".join(labels))
