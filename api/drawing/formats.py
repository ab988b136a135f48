"""Writes a map for other programs: GEXF, GraphML and CSV, which Gephi and the like open.

networkx writes the first two. What XML cannot hold at all (a few code points that are no
characters) is left out of a nickname; everything else, whatever the script, stays as it is.
"""

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from api.drawing.picture import Node, Picture

if TYPE_CHECKING:
    import networkx as nx

# steps of the map are about 1, which Gephi would draw as one blot
SCALE: Final = 100.0
NO_CHARACTERS: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
WRITTEN: Final = re.compile(r'lastmodifieddate="[^"]*"')
# networkx 3.6 states full opacity, at which Gephi Lite 1.0 leaves nodes grey; it is the usual one
OPAQUE: Final = re.compile(r' a="1\.0"(?= />)')
DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
# a spreadsheet takes a cell that begins so for a formula
FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
NODES_HEAD: Final = ("Id", "Label", "X", "Y", "Size", "Circle", "CircleLabel", "Role", "Colour")
LINES_HEAD: Final = ("Source", "Target", "Type", "Weight", "LastAt")


def gexf(picture: Picture) -> str:
    """Return the map as GEXF 1.2 with places, sizes and colours."""
    import networkx as nx

    network = _network(picture)
    for node in picture.nodes:
        red, green, blue = bytes.fromhex(picture.marks[node.circle_id].colour[1:])
        network.nodes[node.customer_id]["viz"] = {
            "color": {"r": red, "g": green, "b": blue},
            "position": {"x": node.x * SCALE, "y": node.y * SCALE, "z": 0.0},
            "size": picture.radius(node),
        }
    text = "\n".join(nx.generate_gexf(network))
    # the same map gives the same bytes: its day is that of its facts
    day = f"{picture.as_of:%Y-%m-%d}" if picture.as_of else ""
    dated = WRITTEN.sub(f'lastmodifieddate="{day}"', text)
    return DECLARATION + OPAQUE.sub("", dated)


def graphml(picture: Picture) -> str:
    """Return the map as GraphML; place, size and colour are attributes."""
    import networkx as nx

    network = _network(picture)
    for node in picture.nodes:
        network.nodes[node.customer_id].update(
            x=node.x * SCALE,
            y=node.y * SCALE,
            size=picture.radius(node),
            colour=picture.marks[node.circle_id].colour,
        )
    return DECLARATION + "\n".join(nx.generate_graphml(network))


def lines_csv(picture: Picture) -> str:
    """Return the lines as Gephi reads them: ``Source,Target`` and what it knows besides."""
    rows = (
        (line.source, line.target, "Directed", line.n, line.last_at.isoformat())
        for line in picture.lines
    )
    return _csv(LINES_HEAD, rows)


def nodes_csv(picture: Picture) -> str:
    """Return the people; a nickname that a spreadsheet would compute begins with a quote."""
    rows = (
        (
            node.customer_id,
            _guarded(node.label),
            node.x * SCALE,
            node.y * SCALE,
            picture.radius(node),
            node.circle_id or "",
            _guarded(picture.marks[node.circle_id].label.en),
            node.role or "",
            picture.marks[node.circle_id].colour,
        )
        for node in picture.nodes
    )
    return _csv(NODES_HEAD, rows)


def _network(picture: Picture) -> "nx.DiGraph[str]":
    import networkx as nx

    network: nx.DiGraph[str] = nx.DiGraph()
    for node in picture.nodes:
        network.add_node(node.customer_id, **_attributes(node, picture))
    for line in picture.lines:
        at = line.last_at.isoformat()
        network.add_edge(line.source, line.target, weight=line.n, last_at=at)
    return network


def _attributes(node: Node, picture: Picture) -> dict[str, object]:
    return {
        "label": NO_CHARACTERS.sub("", node.label),
        "attention": node.attention,
        "circle_id": node.circle_id or "",
        "circle": NO_CHARACTERS.sub("", picture.marks[node.circle_id].label.en),
        "role": node.role or "",
    }


def _guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _csv(head: tuple[str, ...], rows: "object") -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()
