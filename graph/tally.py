"""How much of what an algorithm wrote the graph still holds: a count, not a read.

Nodes that were removed and loaded again have lost their scores. Counting the properties of
a million nodes takes a second, reading them back many.
"""

from collections.abc import Iterable

from graph.session import Database
from graph.spec import NodeSpec, PropertySpec, RelationshipSpec

COUNT_PROPERTIES = "MATCH (n:`{label}`) RETURN {counts}"
COUNT_RELATIONSHIPS = "MATCH (:`{start}`)-[r:`{type}`]->(:`{end}`) RETURN count(r) AS n"


def count_properties(
    database: Database, node: NodeSpec, *, properties: Iterable[PropertySpec]
) -> dict[str, int]:
    """Return how many nodes of a label have each of ``properties``."""
    counts = ", ".join(f"count(n.`{p.name}`) AS `{p.name}`" for p in properties)
    (row,) = database.read(COUNT_PROPERTIES.format(label=node.label, counts=counts))
    return {name: int(n) for name, n in row.items()}


def count_relationships(database: Database, link: RelationshipSpec) -> int:
    """Return how many relationships of a type lead from one label to another."""
    query = COUNT_RELATIONSHIPS.format(start=link.start, type=link.type, end=link.end)
    (row,) = database.read(query)
    return int(row["n"])
