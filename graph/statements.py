"""The texts of the queries that write and read elements, built from declarations alone.

Labels, types and property names come from the spec, never from input; every value is a
parameter. Columns arrive as lists of equal length and are walked together by index.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from graph.columns import END, START, properties_by_column, read_form, stored_form
from graph.spec import Element, NodeSpec, PropertySpec, RelationshipSpec


@dataclass(frozen=True, slots=True)
class ExtraLabel:
    """A second label that nodes get by the value of one of their properties."""

    column: str
    value: str
    label: str


EXTRA_LABELS: Mapping[str, ExtraLabel] = {
    # analysts ask for devices by name: (:Account)-[:HAS_IDENTIFIER]->(:Device)
    "Identifier": ExtraLabel("kind", "device", "Device"),
}
# Parameters of one batch that are no columns.
STAMP: Final = "stamp_"
DROP_AT_ONCE: Final = 20_000


def merge_nodes(
    node: NodeSpec, columns: Iterable[str], *, stamps: Iterable[str] = (), extra_label: str = ""
) -> str:
    """Return the query that creates or updates nodes.

    Parameters
    ----------
    node
        The label.
    columns
        The columns that the rows have; a null among them removes the property.
    stamps
        Times that are the same for all rows, as parameters ``stamp_<name>``.
    extra_label
        A second label that all rows of this batch get.
    """
    values = _assigned(properties_by_column(node), columns, without=(node.key,))
    lines = [
        f"UNWIND range(0, size(${node.key}) - 1) AS i",
        f"MERGE (n:{node.label} {{{node.key}: ${node.key}[i]}})",
        f"SET n += {{{', '.join([*values, *_stamped(stamps)])}}}",
    ]
    if extra_label:
        lines.append(f"SET n:{extra_label}")
    return _text([*lines, "RETURN count(*) AS n"])


def set_properties(node: NodeSpec, columns: Iterable[str]) -> str:
    """Return the query that sets properties of nodes that exist, and counts those it found."""
    values = _assigned(properties_by_column(node), columns, without=(node.key,))
    return _text(
        [
            f"UNWIND range(0, size(${node.key}) - 1) AS i",
            _match("n", node, key=f"${node.key}[i]"),
            f"SET n += {{{', '.join(values)}}}",
            "RETURN count(*) AS n",
        ]
    )


def stamp_nodes(node: NodeSpec, stamps: Iterable[str]) -> str:
    """Return the query that sets times on nodes that exist, and counts those it found."""
    return _text(
        [
            f"UNWIND ${node.key} AS key",
            _match("n", node, key="key"),
            f"SET n += {{{', '.join(_stamped(stamps))}}}",
            "RETURN count(*) AS n",
        ]
    )


def merge_relationships(
    link: RelationshipSpec,
    columns: Iterable[str],
    *,
    ends: tuple[NodeSpec, NodeSpec],
    stamps: Iterable[str] = (),
) -> str:
    """Return the query that creates or updates relationships, and counts those it wrote.

    Parameters
    ----------
    link
        The relationship; its key, if it has one, tells parallel ones apart.
    columns
        The columns that the rows have; a null among them removes the property.
    ends
        The nodes at its start and its end, which must exist.
    stamps
        Times that are set on the start nodes in the same transaction.
    """
    identity = (START, END, link.key)
    values = _assigned(properties_by_column(link), columns, without=identity)
    key = f" {{{link.key}: ${link.key}[i]}}" if link.key else ""
    lines = [*_matched(ends), f"MERGE (a)-[r:{link.type}{key}]->(b)"]
    lines += [f"SET r += {{{', '.join(values)}}}"] if values else []
    lines += [f"SET a += {{{', '.join(_stamped(stamps))}}}"] if stamps else []
    return _text([*lines, "RETURN count(*) AS n"])


def delete_relationships(
    link: RelationshipSpec, *, ends: tuple[NodeSpec, NodeSpec], stamps: Iterable[str] = ()
) -> str:
    """Return the query that deletes relationships by their identity."""
    lines = [*_matched(ends), f"MATCH (a)-[r:{link.type}]->(b)"]
    lines += [f"WHERE r.{link.key} = ${link.key}[i]"] if link.key else []
    lines += [f"SET a += {{{', '.join(_stamped(stamps))}}}"] if stamps else []
    return _text([*lines, "DELETE r"])


def drop_relationships(node: NodeSpec) -> str:
    """Return the query that takes up to ``DROP_AT_ONCE`` relationships off nodes."""
    return _text(
        [
            f"UNWIND ${node.key} AS key",
            _match("n", node, key="key"),
            "MATCH (n)-[r]-()",
            f"WITH r LIMIT {DROP_AT_ONCE}",
            "DELETE r",
            "RETURN count(*) AS n",
        ]
    )


def delete_nodes(node: NodeSpec) -> str:
    """Return the query that deletes nodes by their keys."""
    return _text([f"UNWIND ${node.key} AS key", _match("n", node, key="key"), "DETACH DELETE n"])


def missing_keys(node: NodeSpec, *, at_most: int) -> str:
    """Return the query that names keys in ``$keys`` of which there is no node."""
    return _text(
        [
            "UNWIND $keys AS key",
            f"OPTIONAL MATCH (n:{node.label} {{{node.key}: key}})",
            "WITH key, n",
            "WHERE n IS NULL",
            f"RETURN DISTINCT key LIMIT {at_most}",
        ]
    )


@dataclass(frozen=True, slots=True)
class Walk:
    """How the rows of an element are found in the order of one node's key.

    ``order`` is the column whose key leads the walk; ``node`` the node that has it.
    """

    element: Element
    node: NodeSpec
    order: str
    other: NodeSpec | None = None

    @property
    def pattern(self) -> str:
        """Return the relationship from the leading node ``a`` to the other node ``b``."""
        if not isinstance(self.element, RelationshipSpec) or self.other is None:
            return ""
        arrow = f"-[r:{self.element.type}]-"
        arrow = f"{arrow}>" if self.order == START else f"<{arrow}"
        return f"MATCH (a){arrow}(b:{self.other.label})"


def read_page(walk: Walk, properties: Iterable[PropertySpec]) -> str:
    """Return the query of the next ``$rows`` rows after key ``$after``, as one row of lists.

    The index hands out keys in their order, so a page needs no sort, and a limit on rows,
    not on nodes, keeps it small whatever hangs on one node.
    """
    names = ", ".join(name for name in ("a", "r", "b") if name == "a" or walk.other)
    lists = [f"collect({_read(walk, p)}) AS c{position}" for position, p in enumerate(properties)]
    key = f"a.{walk.node.key}"
    return _text(
        [
            f"MATCH (a:{walk.node.label})",
            f"USING INDEX a:{walk.node.label}({walk.node.key})",
            f"WHERE {key} > $after",
            *([walk.pattern] if walk.other else []),
            f"WITH {names} ORDER BY {key} LIMIT $rows",
            f"RETURN {', '.join(lists)}",
        ]
    )


def read_crowd(walk: Walk, properties: Iterable[PropertySpec]) -> str:
    """Return the query of all relationships of the one node ``$key``, a row each."""
    columns = [f"{_read(walk, p)} AS c{position}" for position, p in enumerate(properties)]
    leading = _match("a", walk.node, key="$key")
    return _text([leading, walk.pattern, f"RETURN {', '.join(columns)}"])


def _read(walk: Walk, p: PropertySpec) -> str:
    name = p.name
    if isinstance(walk.element, NodeSpec):
        return read_form(p.kind, f"a.{name}", is_identity=name == walk.node.key)
    if name not in (START, END):
        return read_form(p.kind, f"r.{name}")
    side, node = ("a", walk.node) if name == walk.order else ("b", walk.other)
    return f"{side}.{node.key if node else name}"


def _assigned(
    properties: Mapping[str, PropertySpec], columns: Iterable[str], *, without: Iterable[str]
) -> list[str]:
    named = [name for name in columns if name not in without]
    return [f"{name}: {stored_form(properties[name].kind, f'${name}[i]')}" for name in named]


def _stamped(stamps: Iterable[str]) -> list[str]:
    return [f"{name}: datetime({{epochMillis: ${STAMP}{name}}})" for name in stamps]


def _matched(ends: tuple[NodeSpec, NodeSpec]) -> list[str]:
    return [
        f"UNWIND range(0, size(${START}) - 1) AS i",
        _match("a", ends[0], key=f"${START}[i]"),
        _match("b", ends[1], key=f"${END}[i]"),
    ]


def _match(name: str, node: NodeSpec, *, key: str) -> str:
    return f"MATCH ({name}:{node.label} {{{node.key}: {key}}})"


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines)
