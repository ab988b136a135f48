"""Turn what the database answers with into plain values that JSON has.

Nodes, relationships, paths, times and points become maps, lists and texts. A value that is
larger than a reader can use is cut, and the cut is told: nothing is shortened in silence.
"""

import base64
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from neo4j.graph import Node, Relationship

Plain: TypeAlias = "bool | int | float | str | list[Plain] | dict[str, Plain] | None"

# Deeper lists than people write; each level costs Python a frame.
DEEPEST = 32
ELLIPSIS = "…"
# The driver writes nine digits of a second.
IDLE_ZEROS = re.compile(r"(?:\.0+|(\.\d*?[1-9])0+)(?!\d)")


class Cell:
    """One value on its way out, and how much of it may still pass.

    Parameters
    ----------
    size
        Characters of text that pass; anything that is no text counts as ten.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self.is_cut = False

    def plain(self, value: object, depth: int = 0) -> Plain:
        """Return ``value`` as JSON has it, as much of it as may pass."""
        if depth > DEEPEST:
            self.is_cut = True
            return ELLIPSIS
        # The driver's nodes are maps too, and its points and durations are tuples.
        known = _parts(value)
        if isinstance(known, str):
            return self._text(known)
        if isinstance(known, Mapping):
            return self._map(known, depth)
        if isinstance(known, list | tuple):
            return self._list(known, depth)
        self._left -= 10
        return _number(known) if isinstance(known, float) else _simple(known)

    def _text(self, value: str) -> str:
        passed = value[: max(0, self._left)]
        self._left -= max(len(value), 1)
        if len(passed) < len(value):
            self.is_cut = True
            return passed + ELLIPSIS
        return passed

    def _list(self, values: Sequence[object], depth: int) -> list[Plain]:
        passed: list[Plain] = []
        for value in values:
            if self._is_full():
                break
            passed.append(self.plain(value, depth + 1))
        return passed

    def _map(self, values: Mapping[str, object], depth: int) -> dict[str, Plain]:
        passed: dict[str, Plain] = {}
        for name, value in values.items():
            if self._is_full():
                break
            passed[name] = self.plain(value, depth + 1)
            self._left -= len(name)
        return passed

    def _is_full(self) -> bool:
        self.is_cut = self.is_cut or self._left <= 0
        return self._left <= 0


def _parts(value: object) -> object:
    """Return the driver's own kinds of value as maps and texts, any other as it is."""
    from neo4j.graph import Node, Path, Relationship
    from neo4j.spatial import Point

    if isinstance(value, Node):
        return _node(value)
    if isinstance(value, Relationship):
        return _relationship(value)
    if isinstance(value, Path):
        return {"nodes": list(value.nodes), "relationships": list(value.relationships)}
    if isinstance(value, Point):
        return {"srid": value.srid, "coordinates": list(value)}
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode("ascii")
    return _time(value) if hasattr(value, "iso_format") else value


def _simple(value: object) -> Plain:
    return value if value is None or isinstance(value, bool | int) else str(value)


def _number(value: float) -> Plain:
    """Name what JSON has no number for: ``NaN``, ``Infinity``, ``-Infinity``."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _node(node: "Node") -> dict[str, object]:
    return {
        "id": node.element_id,
        "labels": sorted(node.labels),
        "properties": dict(node.items()),
    }


def _relationship(link: "Relationship") -> dict[str, object]:
    start, end = link.nodes
    return {
        "id": link.element_id,
        "type": link.type,
        "start": start.element_id if start else None,
        "end": end.element_id if end else None,
        "properties": dict(link.items()),
    }


def _time(value: object) -> str:
    """Write a date, time or duration as ISO 8601: UTC as Z, no idle zeros."""
    written = str(value.iso_format())  # type: ignore[attr-defined] # asked for by the caller
    if written.startswith(("P", "-P")):
        return written
    return IDLE_ZEROS.sub(r"\1", written).replace("+00:00", "Z")
