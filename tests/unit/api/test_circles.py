"""Circles, one of them, what changed between two dates, and the map, as a graph would tell them."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.circles import CircleNotFoundError, NoCirclesThenError, changes, circle, circles
from api.network import ImageFormatError, picture, view, write
from api.pages import Page
from api.segments import NothingFoundError
from graph.language import speaking
from graph.settings import Settings, read_settings
from tests.circle_graph import NOON, Graph, member, three_months, with_lines


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    return read_settings()


def test_circles_come_the_largest_first_and_page_by_page() -> None:
    graph = Graph()

    part = circles(graph, page=Page(limit=1))
    circles(graph, page=Page(limit=1, cursor=part.cursor))

    assert [c["circle_id"] for c in part.items] == ["k1"]
    assert part.items[0]["born_at"] == NOON
    assert part.items[0]["categories"] == []
    assert (graph.asked[1]["after_size"], graph.asked[1]["after_circle_id"]) == (7, "k1")


def test_a_circle_has_its_name_in_the_language_asked_for() -> None:
    with speaking("zh"):
        (first, _) = circles(Graph(), page=Page(limit=5)).items

    assert (first["label"], first["about"]) == ("lens 圈", "一些人。")
    assert "label_en" not in first


def test_a_circle_is_shown_with_its_people_and_history(home: Settings) -> None:
    three_months(home)

    found = circle(Graph(), "k1", settings=home, k=10)

    assert found["top"] == ["a"]
    assert found["n_members"] == 7
    members, history = found["members"], found["history"]
    assert isinstance(members, list)
    assert isinstance(history, list)
    assert members[0]["since"] == NOON
    assert [(e["event"], e["circle_id"], e["other_id"]) for e in history] == [
        ("born", "k1", ""),
        ("merged", "k2", "k1"),
        ("split", "k3", "k1"),
    ]


def test_where_nobody_has_a_rank_the_circle_names_its_own_leaders(home: Settings) -> None:
    graph = Graph(members=[member("b", None)])

    assert circle(graph, "k1", settings=home)["top"] == ["a"]


def test_a_circle_that_is_gone_is_not_found(home: Settings) -> None:
    with pytest.raises(CircleNotFoundError, match="may have merged"):
        circle(Graph(), "k9", settings=home)


def test_two_dates_are_compared(home: Settings) -> None:
    three_months(home)

    found = changes(home, since=NOON + timedelta(days=3))

    assert (found["since"], found["until"]) == (NOON, NOON + timedelta(days=60))
    assert found["circles"] == [
        {"circle_id": "k1", "before": 2, "now": 2},
        {"circle_id": "k2", "before": 1, "now": 0},
        {"circle_id": "k3", "before": 0, "now": 2},
    ]
    assert found["moves"] == [
        {"before": None, "now": "k3", "people": 1},
        {"before": "k2", "now": "k3", "people": 1},
    ]
    # of a, b and c the same two are together at both dates
    assert (found["n"], found["agreement"]) == (3, 1)
    events = found["events"]
    assert isinstance(events, list)
    assert [event["event"] for event in events] == ["merged", "split"]


def test_a_date_before_the_first_run_is_refused_with_the_first(home: Settings) -> None:
    three_months(home)

    with pytest.raises(NoCirclesThenError, match="earliest are of 2026-03-01"):
        changes(home, since=NOON - timedelta(days=1))


def test_a_home_without_runs_has_nothing_to_compare(home: Settings) -> None:
    with pytest.raises(NoCirclesThenError):
        changes(home, since=NOON)


def test_the_map_shows_places_colours_and_how_many_there_are(home: Settings) -> None:
    found = view(*picture(with_lines(home), settings=home))

    assert (found["shown"], found["people"]) == (3, 40)
    assert found["caption"] == "showing 3 of 40 people, as of 2026-03-01"
    nodes, lines = found["nodes"], found["lines"]
    assert isinstance(nodes, list)
    assert isinstance(lines, list)
    # without a nickname the id is shown; a circle that is gone keeps its id for a name
    assert [node["label"] for node in nodes] == ["<b>", "b", "c"]
    assert [node["circle"] for node in nodes] == ["lens circle", "gone", "in no circle"]
    assert [(e["customer_id"], e["target_id"], e["n"]) for e in lines] == [
        ("a", "b", 1),
        ("b", "a", 2),
    ]


def test_a_smaller_map_has_the_lines_of_its_people_alone(home: Settings) -> None:
    drawn, _ = picture(with_lines(home), settings=home, n=1)

    assert ([node.customer_id for node in drawn.nodes], drawn.lines) == (["a"], [])


def test_a_map_whose_file_is_gone_has_no_lines(home: Settings) -> None:
    drawn, _ = picture(Graph(), settings=home)

    assert drawn.lines == []


def test_without_a_map_nothing_is_drawn(home: Settings) -> None:
    with pytest.raises(NothingFoundError, match="network"):
        picture(Graph(has_map=False), settings=home)


@pytest.mark.parametrize("ending", ["gexf", "graphml", "html", "GEXF"])
def test_the_ending_chooses_the_format(home: Settings, tmp_path: Path, ending: str) -> None:
    drawn, _ = picture(with_lines(home), settings=home)

    (file,) = write(drawn, tmp_path / "maps" / f"map.{ending}")

    assert file.read_text(encoding="utf-8").startswith(("<?xml", "<gexf", "<!DOCTYPE"))
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_csv_is_two_files(home: Settings, tmp_path: Path) -> None:
    drawn, _ = picture(with_lines(home), settings=home)

    files = write(drawn, tmp_path / "map.csv")

    assert [file.name for file in files] == ["map.csv", "map.nodes.csv"]
    assert files[0].read_bytes().startswith(b"Source,Target,Type,Weight,LastAt\r\na,b,Directed,1,")


def test_another_ending_is_refused(home: Settings, tmp_path: Path) -> None:
    drawn, _ = picture(Graph(), settings=home)

    with pytest.raises(ImageFormatError, match=r"\.gexf, \.graphml, \.csv, \.html"):
        write(drawn, tmp_path / "map.png")
    assert not list(tmp_path.glob("map*"))
