"""The map as files: read back by others, with any nickname; a page that runs nothing of theirs."""

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.drawing.formats import gexf, graphml, lines_csv, nodes_csv
from api.drawing.page import page
from api.drawing.picture import PALETTE, Line, Node, Picture, marks_of
from graph.language import Text, speaking

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NICKNAMES = (
    "我叫丶肉妞妞",
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "🌸熊猫🐼",
    "مرحبا\u200f abc",
    "=1+1",
    'a"b,c\nd',
    "同名",
    "同名",
    "&amp; <!--",
    "\u2028",
)


def picture(labels: "tuple[str, ...]" = NICKNAMES) -> Picture:
    nodes = [
        Node(f"c{k}", label, k / 2, -k, float(k), f"k{k % 2}" if k else None, "core" if k else None)
        for k, label in enumerate(labels)
    ]
    lines = [Line(f"c{k}", f"c{k - 1}", k, NOON) for k in range(1, len(labels))]
    circles = [("k0", Text("lens circle", "镜头圈")), ("k1", Text("</script>", "<b>"))]
    return Picture(nodes, lines, marks_of(circles), people=5_000, as_of=NOON)


class Parsed(HTMLParser):
    """Notes every element of a page, and what stands in its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.tags[-1] if self.tags else ("", {})
        name = str(attributes.get("id") or tag)
        self.texts[name] = self.texts.get(name, "") + data


def told(text: str) -> Any:
    """Return what a page's script reads."""
    return json.loads(Parsed(text).texts["data"])


def policy(text: str) -> str:
    (found,) = [a["content"] for tag, a in Parsed(text).tags if a.get("http-equiv")]
    return str(found)


def test_gexf_is_read_back_with_every_nickname() -> None:
    found = nx.read_gexf(io.BytesIO(gexf(picture()).encode()))

    # XML reads a line break in an attribute as a blank, as it must
    labels = [found.nodes[f"c{k}"]["label"] for k in range(len(NICKNAMES))]
    assert [label.replace("\n", " ") for label in labels] == [
        n.replace("\n", " ") for n in NICKNAMES
    ]
    assert found.edges["c3", "c2"]["weight"] == 3
    assert found.is_directed()


def test_gexf_has_places_sizes_and_colours_for_gephi() -> None:
    root = ET.fromstring(gexf(picture()))

    spaces = {"g": "http://www.gexf.net/1.2draft", "viz": "http://www.gexf.net/1.2draft/viz"}
    node = root.find(".//g:node[@id='c2']", spaces)
    assert node is not None
    position, colour = node.find("viz:position", spaces), node.find("viz:color", spaces)
    assert position is not None
    assert colour is not None
    assert (position.get("x"), position.get("y")) == ("100.0", "-200.0")
    assert bytes(int(str(colour.get(c))) for c in "rgb") == bytes.fromhex(PALETTE[0][1:])
    # full opacity is left unsaid: some readers draw a node grey that states it
    assert set(colour.keys()) == {"r", "g", "b"}
    assert gexf(picture()).startswith('<?xml version="1.0" encoding="utf-8"?>\n<gexf ')


def test_graphml_is_read_back_with_every_nickname() -> None:
    found = nx.read_graphml(io.BytesIO(graphml(picture()).encode()))

    assert [found.nodes[f"c{k}"]["label"] for k in range(len(NICKNAMES))] == [*NICKNAMES]
    assert found.nodes["c2"]["x"] == 100
    assert found.edges["c3", "c2"]["weight"] == 3


@pytest.mark.parametrize("write", [gexf, graphml, lines_csv, nodes_csv, page])
def test_the_same_map_gives_the_same_bytes(write: Any) -> None:
    assert write(picture()) == write(picture())


def test_csv_has_source_and_target_and_a_file_of_people() -> None:
    lines = [*csv.DictReader(io.StringIO(lines_csv(picture()), newline=""))]
    people = [*csv.DictReader(io.StringIO(nodes_csv(picture()), newline=""))]

    assert lines[0] == {
        "Source": "c1",
        "Target": "c0",
        "Type": "Directed",
        "Weight": "1",
        "LastAt": "2026-03-01T12:00:00+00:00",
    }
    # only what a spreadsheet would compute gets a quote
    assert [row["Label"] for row in people] == [
        f"'{name}" if name.startswith("=") else name for name in NICKNAMES
    ]


def test_what_xml_cannot_hold_is_left_out_of_a_nickname() -> None:
    odd = picture(("a\ufffeb", "c\x00d"))

    found = nx.read_gexf(io.BytesIO(gexf(odd).encode()))

    assert [found.nodes[f"c{k}"]["label"] for k in range(2)] == ["ab", "cd"]


def test_a_page_holds_every_nickname_as_it_is() -> None:
    found = told(page(picture()))

    assert [node["label"] for node in found["nodes"]] == [*NICKNAMES]
    assert found["words"]["en"]["caption"] == "showing 11 of 5,000 people, as of 2026-03-01"
    assert found["words"]["zh"]["caption"] == "显示 11 / 5,000 人，数据截至 2026-03-01"


def test_a_nickname_that_is_markup_adds_no_element() -> None:
    plain = Parsed(page(picture(("a",) * len(NICKNAMES)))).tags

    assert Parsed(page(picture())).tags == plain
    assert [tag for tag, _ in plain].count("script") == 2
    assert not [tag for tag, _ in plain if tag in ("img", "link", "iframe", "object")]


@given(st.text(), st.text())
def test_no_nickname_leaves_its_block(first: str, second: str) -> None:
    text = page(picture((first, second)))

    assert [tag for tag, _ in Parsed(text).tags].count("script") == 2
    assert [node["label"] for node in told(text)["nodes"]] == [first, second]


def test_a_page_loads_nothing_and_runs_its_own_script_alone() -> None:
    text = page(picture())
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)

    def digest(part: str) -> str:
        return base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()

    assert policy(text) == (
        f"default-src 'none'; script-src 'sha256-{digest(script)}'; "
        f"style-src 'sha256-{digest(style)}'; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest|innerHTML", text)


def test_a_page_opens_in_the_language_of_who_asked() -> None:
    with speaking("zh"):
        assert told(page(picture()))["language"] == "zh"
    with speaking("en"):
        assert told(page(picture()))["language"] == "en"


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_script_draws_every_person_and_line() -> None:
    text = page(picture())
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    program = BROWSER.replace("DATA", json.dumps(Parsed(text).texts["data"])) + script + COUNTED

    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)

    drawn = json.loads(done.stdout)
    # one outline a person and one a line, and the label of the largest at least
    assert drawn["stroke"] == len(NICKNAMES) + len(NICKNAMES) - 1
    assert drawn["fill"] == len(NICKNAMES)
    assert drawn["caption"] == "showing 11 of 5,000 people, as of 2026-03-01"


BROWSER = """
const counts = {fill: 0, stroke: 0};
const pen = new Proxy({}, {get: (o, name) => name in o ? o[name] : (...a) => {
  if (name in counts) counts[name] += 1;
  return {width: 10};
}, set: (o, name, value) => { o[name] = value; return true; }});
const parts = {};
const element = () => ({textContent: "", style: {}, value: "", hidden: false, clientWidth: 800,
  clientHeight: 600, addEventListener() {}, setAttribute() {}, append() {}, replaceChildren() {},
  getContext: () => pen, getBoundingClientRect: () => ({left: 0, top: 0})});
globalThis.document = {documentElement: {}, createElement: element, createTextNode: (t) => t,
  getElementById: (id) => parts[id] ??= element()};
document.getElementById("data").textContent = DATA;
globalThis.window = {addEventListener() {}, devicePixelRatio: 1};
"""
COUNTED = """
console.log(JSON.stringify({...counts, caption: parts.caption.textContent}));
"""


def test_areas_are_as_attention() -> None:
    drawn = picture()

    radii = [drawn.radius(node) for node in drawn.nodes]
    assert radii[0] == 3
    assert radii[-1] == 18
    # four tenths of the most is the square root of it on the way from small to large
    assert radii[4] == pytest.approx(3 + 15 * 0.4**0.5, abs=1e-3)


def test_nobody_with_attention_is_drawn_small() -> None:
    quiet = Picture([Node("a", "a", 0, 0, 0.0, None, None)], [], marks_of([]), 1, None)

    assert quiet.radius(quiet.nodes[0]) == 3
    assert quiet.caption.en == "showing 1 of 1 people, as of ?"


def test_more_circles_than_colours_differ_in_shape() -> None:
    marks = marks_of((f"k{n:02d}", Text("a", "b")) for n in range(28))

    assert len({(mark.colour, mark.shape) for name, mark in marks.items() if name}) == 28


def test_a_younger_circle_changes_no_colour() -> None:
    name = Text("a", "b")
    before = marks_of([("20260101T000000-01", name), ("20260201T000000-01", name)])
    after = marks_of([*((n, name) for n in before if n), ("20260301T000000-01", name)])

    assert all(after[circle] == mark for circle, mark in before.items())
