"""What is drawn: people as nodes with place, size and colour, and the lines between them.

Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart. There
are seven; circles beyond take them again with another shape, so that colour is never alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Final

from graph.language import Text

PALETTE: Final = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#b3a300")
# who is in no circle
GREY: Final = "#8a8a8a"
SHAPES: Final = ("disc", "square", "triangle", "diamond")
SMALLEST, LARGEST = 3.0, 18.0


@dataclass(frozen=True)
class Mark:
    """How the people of one circle are drawn, and what it is called."""

    colour: str
    shape: str
    label: Text


@dataclass(frozen=True)
class Node:
    """One person: ``label`` is their public nickname as it is, or their id."""

    customer_id: str
    label: str
    x: float
    y: float
    attention: float
    circle_id: str | None
    role: str | None


@dataclass(frozen=True)
class Line:
    """Replies from one person to another."""

    source: str
    target: str
    n: int
    last_at: datetime


@dataclass(frozen=True)
class Picture:
    """A map: ``people`` is how many there are, drawn or not; ``marks`` are by circle."""

    nodes: Sequence[Node]
    lines: Sequence[Line]
    marks: Mapping[str | None, Mark]
    people: int
    as_of: datetime | None

    @property
    def caption(self) -> Text:
        """Say how much of the network is drawn, and of when."""
        n, day = len(self.nodes), f"{self.as_of:%Y-%m-%d}" if self.as_of else "?"
        return Text(
            f"showing {n:,} of {self.people:,} people, as of {day}",
            f"显示 {n:,} / {self.people:,} 人，数据截至 {day}",
        )

    def radius(self, node: Node) -> float:
        """Return how large somebody is drawn: areas are as attention."""
        most = max((other.attention for other in self.nodes), default=0.0)
        share = sqrt(node.attention / most) if most > 0 else 0.0
        return round(SMALLEST + (LARGEST - SMALLEST) * share, 3)


def marks_of(circles: Iterable[tuple[str, Text]]) -> dict[str | None, Mark]:
    """Return how circles are drawn: by age, so that a new one changes no older one's colour.

    Parameters
    ----------
    circles
        Ids, which tell when a circle was born, and names.
    """
    marks: dict[str | None, Mark] = {None: Mark(GREY, SHAPES[0], Text("in no circle", "不在圈内"))}
    for k, (name, label) in enumerate(sorted(circles)):
        again, colour = divmod(k, len(PALETTE))
        marks[name] = Mark(PALETTE[colour], SHAPES[again % len(SHAPES)], label)
    return marks
