"""Maps of few, of one circle and of nobody; every format says the same; what cells may not do."""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from api.drawing.formats import FORMULA_SIGNS, gexf, graphml, lines_csv, nodes_csv
from api.drawing.page import ROLES, WORDS, page
from api.drawing.picture import GREY, LARGEST, PALETTE, SHAPES, Line, Node, Picture, marks_of
from graph.language import Text

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
GEXF = {"g": "http://www.gexf.net/1.2draft", "viz": "http://www.gexf.net/1.2draft/viz"}
GRAPHML = {"m": "http://graphml.graphdrawing.org/xmlns"}
LENS = Text("lens circle", "镜头圈")
EMPTY = Picture([], [], marks_of([]), people=0, as_of=None)


def person(name: str, *, label: str = "", circle: str | None = "k1", size: float = 1) -> Node:
    return Node(name, label or name, 0.25, -1.5, size, circle, "core" if circle else None)


def pair(*, label: str = "a", circle: Text = LENS) -> Picture:
    """Return two people of one circle who answer each other."""
    lines = [Line("a", "b", 3, NOON), Line("b", "a", 1, NOON)]
    people = [person("a", label=label, size=4), person("b")]
    return Picture(people, lines, marks_of([("k1", circle)]), people=2, as_of=NOON)


def rows_of(text: str) -> list[dict[str, str]]:
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def told(text: str) -> Any:
    """Return what a page's script reads."""
    (found,) = re.findall(r'id="data">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


# ------------------------------------------------------------------ of few and of nobody


def test_a_map_of_nobody_is_a_file_in_every_format() -> None:
    assert len(nx.read_gexf(io.BytesIO(gexf(EMPTY).encode()))) == 0
    assert ET.fromstring(graphml(EMPTY)).findall(".//m:node", GRAPHML) == []
    assert lines_csv(EMPTY) == "Source,Target,Type,Weight,LastAt\r\n"
    assert rows_of(nodes_csv(EMPTY)) == []
    assert (told(page(EMPTY))["nodes"], told(page(EMPTY))["lines"]) == ([], [])


def test_a_map_of_nobody_shows_none_of_none() -> None:
    assert EMPTY.caption == Text("showing 0 of 0 people, as of ?", "显示 0 / 0 人，数据截至 ?")


def test_large_numbers_are_written_with_commas() -> None:
    many = Picture([person("a")] * 1_000, [], marks_of([]), people=123_456, as_of=NOON)

    assert many.caption.en == "showing 1,000 of 123,456 people, as of 2026-03-01"
    assert many.caption.zh == "显示 1,000 / 123,456 人，数据截至 2026-03-01"


def test_two_people_are_two_lines_in_every_format() -> None:
    lines = {("a", "b"): 3, ("b", "a"): 1}

    for found in (
        nx.read_gexf(io.BytesIO(gexf(pair()).encode())),
        nx.read_graphml(io.BytesIO(graphml(pair()).encode())),
    ):
        assert {(a, b): n for a, b, n in found.edges(data="weight")} == lines
    rows = rows_of(lines_csv(pair()))
    assert {(r["Source"], r["Target"]): int(r["Weight"]) for r in rows} == lines
    assert {(e["s"], e["t"]): e["n"] for e in told(page(pair()))["lines"]} == lines


def test_one_circle_has_the_first_colour_and_nobody_grey() -> None:
    marks = marks_of([("k1", LENS)])

    assert (marks["k1"].colour, marks["k1"].shape) == (PALETTE[0], SHAPES[0])
    assert (marks[None].colour, marks[None].label.zh) == (GREY, "不在圈内")
    assert [*marks_of([])] == [None]


def test_more_circles_than_marks_begin_again() -> None:
    n = len(PALETTE) * len(SHAPES)

    marks = marks_of((f"k{k:03d}", LENS) for k in range(n + 1))

    assert marks[f"k{n:03d}"] == marks["k000"]


def test_the_order_in_which_circles_come_changes_no_colour() -> None:
    circles = [(f"k{k}", LENS) for k in range(9)]

    assert marks_of(reversed(circles)) == marks_of(circles)


def test_who_draws_most_attention_is_largest_whatever_the_unit() -> None:
    small, large = (
        Picture([person("a", size=4 * unit), person("b", size=unit)], [], marks_of([]), 2, None)
        for unit in (1e-6, 1e6)
    )

    assert [small.radius(n) for n in small.nodes] == [large.radius(n) for n in large.nodes]
    # a quarter of the attention is half of the way
    assert [large.radius(n) for n in large.nodes] == [LARGEST, 10.5]


# ------------------------------------------------------------------ attributes


def test_gexf_tells_of_each_person_what_the_map_knows() -> None:
    found = nx.read_gexf(io.BytesIO(gexf(pair()).encode())).nodes["a"]

    told_of = {name: found[name] for name in ("label", "attention", "circle_id", "circle", "role")}
    assert told_of == {
        "label": "a",
        "attention": 4,
        "circle_id": "k1",
        "circle": "lens circle",
        "role": "core",
    }


def test_gexf_is_dated_by_its_facts_and_sizes_are_radii() -> None:
    root = ET.fromstring(gexf(pair()))

    meta = root.find("g:meta", GEXF)
    sizes = [str(e.get("value")) for e in root.findall(".//viz:size", GEXF)]
    assert meta is not None
    assert meta.get("lastmodifieddate") == "2026-03-01"
    assert [float(size) for size in sizes] == [18, 10.5]
    assert 'lastmodifieddate=""' in gexf(replace(pair(), as_of=None))


def test_graphml_is_directed_and_names_its_attributes() -> None:
    root = ET.fromstring(graphml(pair()).encode())

    (graph,) = root.findall("m:graph", GRAPHML)
    assert graph.get("edgedefault") == "directed"
    names = {str(key.get("attr.name")) for key in root.findall("m:key", GRAPHML)}
    assert names == {
        *("label", "attention", "circle_id", "circle", "role"),
        *("x", "y", "size", "colour"),
        *("weight", "last_at"),
    }


def test_who_is_in_no_circle_has_empty_cells_and_grey() -> None:
    lone = replace(pair(), nodes=[person("a", circle=None)], lines=[])

    (row,) = rows_of(nodes_csv(lone))

    assert (row["Circle"], row["CircleLabel"], row["Role"]) == ("", "in no circle", "")
    assert row["Colour"] == GREY
    assert nx.read_graphml(io.BytesIO(graphml(lone).encode())).nodes["a"]["circle_id"] == ""


def test_the_people_file_has_places_as_gephi_draws_them() -> None:
    first, _ = rows_of(nodes_csv(pair()))

    # a step of the map is a hundred of theirs
    assert [float(first[name]) for name in ("X", "Y", "Size")] == [25, -150, 18]


def test_times_keep_their_zone() -> None:
    late = NOON.astimezone(timezone(timedelta(hours=8)))
    drawn = replace(pair(), lines=[Line("a", "b", 1, late)])

    (row,) = rows_of(lines_csv(drawn))

    assert datetime.fromisoformat(row["LastAt"]) == NOON


# ------------------------------------------------------------------ nicknames that bite


@pytest.mark.parametrize("sign", FORMULA_SIGNS)
def test_what_a_spreadsheet_would_compute_begins_with_a_quote(sign: str) -> None:
    bites = f"{sign}HYPERLINK(1)"

    first, second = rows_of(nodes_csv(pair(label=bites, circle=Text(bites, bites))))

    assert first["Label"] == f"'{bites}"
    assert first["CircleLabel"] == second["CircleLabel"] == f"'{bites}"
    assert second["Label"] == "b"


@pytest.mark.parametrize("label", ["a=1", "'=1", "1+1", " =1", "ａ", "٣-", "#"])
def test_what_it_would_not_compute_is_left_as_it_is(label: str) -> None:
    assert rows_of(nodes_csv(pair(label=label)))[0]["Label"] == label


@pytest.mark.parametrize("label", ['"', '""a""', "a,b", "a\r\nb", "\n", "'"])
def test_quotes_commas_and_breaks_stay_in_their_cell(label: str) -> None:
    first, second = rows_of(nodes_csv(pair(label=label)))

    assert (first["Label"], first["X"], second["Id"]) == (label, "25.0", "b")


@pytest.mark.parametrize(
    "label",
    ["</script>", "<!--", "]]>", "&lt;", '"', '"}],', "\\u003c", "\u2028\u2029", "\u202eabc"],
)
def test_a_page_and_its_data_part_ways_nowhere(label: str) -> None:
    text = page(pair(label=label, circle=Text(label, label)))

    assert told(text)["nodes"][0]["label"] == label
    assert told(text)["marks"]["k1"]["zh"] == label
    assert text.count("</script>") == 2
    assert "\u2028" not in text


@pytest.mark.parametrize("name", ["POLICY", "STYLE", "SCRIPT", "DATA"])
def test_a_nickname_that_names_a_part_of_the_page_is_not_filled_in(name: str) -> None:
    text = page(pair(label=f"@@{name}@@"))

    assert told(text)["nodes"][0]["label"] == f"@@{name}@@"
    assert text.count(f"@@{name}@@") == 1


@pytest.mark.parametrize("write", [gexf, graphml])
def test_a_circle_named_in_what_xml_cannot_hold_is_read_back(
    write: Callable[[Picture], str],
) -> None:
    text = write(pair(circle=Text("a\x0b<&\"'>\uffffb", "圈")))

    assert '"circle"' in text
    assert "a&lt;&amp;" in text
    assert ET.fromstring(text.encode()).tag.endswith(("gexf", "graphml"))


def test_people_of_one_nickname_stay_two() -> None:
    twins = replace(pair(), nodes=[person("a", label="同名"), person("b", label="同名")])

    found = nx.read_gexf(io.BytesIO(gexf(twins).encode()))

    assert {*found} == {"a", "b"}
    assert {row["Id"] for row in rows_of(nodes_csv(twins))} == {"a", "b"}


# ------------------------------------------------------------------ words of the page


def test_a_page_has_all_its_words_in_both_languages() -> None:
    words = told(page(pair()))["words"]

    assert {*words["en"]} == {*words["zh"]} == {*WORDS, "caption", "roles"}
    assert words["zh"]["roles"] == {name: text.zh for name, text in ROLES.items()}
    assert all(words["zh"][name] != words["en"][name] for name in WORDS)


def test_a_page_refers_to_nothing_outside() -> None:
    text = page(pair(label="https://example.com/x"))
    bare = text.replace("https://example.com/x", "")

    assert not re.search(r"(?:https?:)?//[a-z]+\.|\ssrc=|\shref=|srcset|ping=", bare)
