"""Listings of circles at their limits, over HTTP and without: pages, bounds, languages."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from api.circles import CircleNotFoundError, NoCirclesThenError, changes, circle, circles
from api.cursors import CursorError
from api.network import ImageFormatError, picture, view, write
from api.pages import Page
from api.roles import Role
from api.views import Row
from graph.language import speaking
from graph.settings import Settings, read_settings
from tests.circle_graph import NOON, Graph, filed, held, member, on_map, with_lines
from tests.serving import key_of, serving

if TYPE_CHECKING:
    from starlette.testclient import TestClient


@dataclass
class Sorted:
    """Knows many circles and returns those after a position, as the query does."""

    circles: list[Row]

    def __call__(self, _query: str, after: Mapping[str, object]) -> list[Row]:
        size, name, n = after["after_size"], after["after_circle_id"], after["n"]
        assert isinstance(size, int)
        assert isinstance(n, int)

        def place(row: Row) -> tuple[int, str]:
            return -int(str(row["size"])), str(row["circle_id"])

        found = sorted((c for c in self.circles if place(c) > (-size, str(name))), key=place)
        return [{"items": found[:n]}]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


# ------------------------------------------------------------------ pages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 100])
def test_following_pages_shows_every_circle_once_and_in_order(limit: int) -> None:
    sizes = [5, 9, 5, 5, 2, 9, 5]
    ask = Sorted([held(f"k{k}", size) for k, size in enumerate(sizes)])

    shown, page = [], Page(limit)
    while True:
        part = circles(ask, page=page)
        shown += [c["circle_id"] for c in part.items]
        if part.cursor is None:
            break
        page = Page(limit, part.cursor)

    assert shown == ["k1", "k5", "k0", "k2", "k3", "k6", "k4"]


def test_a_graph_without_circles_has_an_empty_page() -> None:
    part = circles(Graph(circles=[]), page=Page(5))

    assert (part.items, part.cursor) == ([], None)


@pytest.mark.parametrize("cursor", ["", "x", "W10", "eyJhIjoxfQ", "🌸"])
def test_a_cursor_of_somewhere_else_is_refused(cursor: str) -> None:
    with pytest.raises(CursorError):
        circles(Graph(), page=Page(1, cursor))


@pytest.mark.parametrize("wanted", ["terms", "categories", "leaders"])
def test_a_list_that_the_graph_left_out_is_empty(wanted: str) -> None:
    bare = {**held("k1", 3), wanted: None}

    (only,) = circles(Graph(circles=[bare]), page=Page(1)).items

    assert only[wanted] == []


def test_a_circle_without_members_on_file_names_its_leaders_and_nobody_else(
    home: Settings,
) -> None:
    found = circle(Graph(members=[]), "k1", settings=home)

    assert (found["members"], found["top"], found["history"]) == ([], ["a"], [])


def test_at_most_five_stand_at_the_top_of_a_circle(home: Settings) -> None:
    graph = Graph(members=[member(f"m{k}", k + 1) for k in range(8)])

    assert circle(graph, "k1", settings=home)["top"] == ["m0", "m1", "m2", "m3", "m4"]


def test_how_many_members_is_left_to_the_database(home: Settings) -> None:
    graph = Graph()

    circle(graph, "k1", settings=home, k=3)

    assert graph.asked[-1] == {"id": "k1", "k": 3}


# ------------------------------------------------------------------ two dates


def test_a_date_beside_itself_changes_nothing(home: Settings) -> None:
    filed(home, NOON, {"a": "k1", "b": "k1"}, ("k1", "born", "", 2))

    found = changes(home, since=NOON, until=NOON)

    assert (found["moves"], found["events"]) == ([], [])
    assert (found["n"], found["agreement"]) == (2, 1)


def test_one_person_at_both_dates_is_too_few_to_compare(home: Settings) -> None:
    filed(home, NOON, {"a": "k1", "b": None})
    filed(home, NOON + timedelta(days=1), {"a": "k1", "c": "k1"})

    found = changes(home, since=NOON)

    assert (found["n"], found["agreement"]) == (1, None)
    assert found["moves"] == [{"before": None, "now": "k1", "people": 1}]


def test_who_left_all_circles_moved_to_none(home: Settings) -> None:
    filed(home, NOON, {"a": "k1", "b": "k1"})
    filed(home, NOON + timedelta(days=1), {"a": None})

    found = changes(home, since=NOON)

    assert found["moves"] == [{"before": "k1", "now": None, "people": 2}]
    assert found["circles"] == [{"circle_id": "k1", "before": 2, "now": 0}]


def test_an_earlier_end_leaves_out_what_came_later(home: Settings) -> None:
    days = [NOON + timedelta(days=k) for k in range(3)]
    for k, at in enumerate(days):
        filed(home, at, {"a": f"k{k}"}, (f"k{k}", "born", "", 1))

    found = changes(home, since=days[0], until=days[1] + timedelta(hours=5))

    events = found["events"]
    assert isinstance(events, list)
    assert (found["until"], [event["circle_id"] for event in events]) == (days[1], ["k1"])


def test_what_is_not_there_is_said_in_chinese(home: Settings) -> None:
    with speaking("zh"), pytest.raises(CircleNotFoundError, match="可能已合并或消失"):
        circle(Graph(), "k9", settings=home)
    with speaking("zh"), pytest.raises(NoCirclesThenError, match="最早为 -"):
        changes(home, since=NOON)


# ------------------------------------------------------------------ the map


def test_the_map_speaks_chinese(home: Settings) -> None:
    with speaking("zh"):
        found = view(*picture(with_lines(home), settings=home))

    nodes = found["nodes"]
    assert isinstance(nodes, list)
    assert found["caption"] == "显示 3 / 40 人，数据截至 2026-03-01"
    assert [node["circle"] for node in nodes] == ["lens 圈", "gone", "不在圈内"]


def test_a_person_without_a_place_is_drawn_in_the_middle(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {**on_map("z", None, None), "x": None, "y": None}
    monkeypatch.setattr("tests.circle_graph.NODES", [lost])

    drawn, _ = picture(Graph(), settings=home)

    assert (drawn.nodes[0].x, drawn.nodes[0].y) == (0, 0)


def test_a_map_of_nobody_left_is_shown_as_such(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.circle_graph.NODES", [])

    found = view(*picture(Graph(), settings=home))

    assert (found["shown"], found["people"], found["nodes"], found["lines"]) == (0, 40, [], [])


def test_a_map_that_cannot_be_written_leaves_nothing_behind(home: Settings, tmp_path: Path) -> None:
    drawn, _ = picture(Graph(), settings=home)
    (tmp_path / "map.html").mkdir()

    with pytest.raises(OSError, match=r"map\.html"):
        write(drawn, tmp_path / "map.html")

    assert [path.name for path in tmp_path.glob("*map*")] == ["map.html"]


def test_a_format_that_is_not_known_is_refused_in_chinese(home: Settings, tmp_path: Path) -> None:
    drawn, _ = picture(Graph(), settings=home)

    with speaking("zh"), pytest.raises(ImageFormatError, match=r"可用：\.gexf"):
        write(drawn, tmp_path / "map")


# ------------------------------------------------------------------ over HTTP


@pytest.fixture
def client(tmp_path: Path) -> "Iterator[TestClient]":
    """Return the API of a home whose database is away, asked by the community team."""
    journal = {"load_id": "l1", "state": "importing", "loaded_at": 0, "moves": {}, "removals": []}
    (tmp_path / "journal.json").write_text(json.dumps(journal))
    settings = read_settings(home=tmp_path)
    with serving(settings) as served:
        served.headers.update(key_of(settings, Role.COMMUNITY))
        yield served


@pytest.mark.parametrize(
    "path",
    [
        "circles?limit=0",
        "circles?limit=501",
        "circles?page=2",
        "circles/k1?k=0",
        "circles/k1?k=1001",
        "circles/changes",
        "circles/changes?since=yesterday",
        "circles/changes?since=2026-03-01T12:00:00",
        "network?n=0",
        "network?n=1001",
    ],
)
def test_what_is_out_of_bounds_is_refused_before_the_database_is_asked(
    client: "TestClient", path: str
) -> None:
    assert client.get(f"/v1/{path}").status_code == 422


def test_two_dates_need_files_and_no_database(client: "TestClient", home: Settings) -> None:
    asked = "/v1/circles/changes?since=2026-03-01T12:00:00Z"
    missing = client.get(asked)
    filed(home, NOON, {"a": "k1", "b": "k1"})

    found = client.get(asked)

    assert (missing.status_code, missing.json()["code"]) == (404, "no-circles-then-error")
    assert found.json()["circles"] == [{"circle_id": "k1", "before": 2, "now": 2}]
