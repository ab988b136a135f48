"""``kith circles`` and ``kith network``: lists, one circle, bridges, two dates, and the map."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.commands import circles as commands
from api.views import Row
from graph.settings import Settings, read_settings
from tests.circle_graph import Graph, held, three_months
from tests.in_process import CommandLine

BRIDGE = {"customer_id": "a", "circle_id": "k1", "in_one": 2, "in_other": 3, "strength": 2.4}


@dataclass(frozen=True)
class Opened:
    """A database whose answers are those of a small graph."""

    read: Callable[[str, Mapping[str, object]], list[Row]]


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Return a graph that stands in the place of the database."""
    known = Graph()

    @contextmanager
    def database(_settings: Settings) -> Iterator[Opened]:
        yield Opened(known)

    monkeypatch.setattr(commands, "database", database)
    return known


@pytest.mark.usefixtures("graph")
def test_circles_are_listed(kith: CommandLine) -> None:
    said = kith.run("circles")

    assert "k1" in said.out
    assert "lens circle" in said.out
    assert said.err == ""


def test_that_there_are_more_is_said(kith: CommandLine, graph: Graph) -> None:
    graph.circles = [held(f"k{n}", 9 - n) for n in range(4)]

    said = kith.run("circles", "--k", "2", "--json")

    assert [circle["circle_id"] for circle in json.loads(said.out)] == ["k0", "k1"]
    assert said.err == "the 2 largest; --k shows more\n"


@pytest.mark.usefixtures("graph")
def test_one_circle_is_shown_with_its_people_and_history(kith: CommandLine) -> None:
    three_months(read_settings())

    said = kith.run("circles", "k1").out

    assert said.startswith("k1 lens circle: Some people.")
    assert "🌸" in said
    assert "merged" in said


@pytest.mark.usefixtures("graph")
def test_one_circle_as_json(kith: CommandLine) -> None:
    assert json.loads(kith.run("circles", "k1", "--json").out)["top"] == ["a"]


@pytest.mark.usefixtures("graph")
def test_a_circle_that_is_not_there_is_not_found(kith: CommandLine) -> None:
    said = kith.run("circles", "k9", code=4)

    assert "There is no circle k9" in said.err


@pytest.mark.usefixtures("graph")
def test_people_between_two_circles_are_listed(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    between: list[tuple[str, str, int]] = []

    def bridges(_ask: object, one: str, *, other: str, k: int) -> list[Row]:
        between.append((one, other, k))
        return [BRIDGE]

    monkeypatch.setattr("api.leaders.bridges", bridges)

    said = kith.run("circles", "--between", "k1", "k2", "--k", "7")

    assert between == [("k1", "k2", 7)]
    assert "2.4" in said.out


def test_what_changed_between_two_dates_is_shown_without_a_database(kith: CommandLine) -> None:
    three_months(read_settings())

    said = kith.run("circles", "--since", "2026-03-02T00:00:00").out
    told = json.loads(kith.run("circles", "--since", "2026-03-02T00:00:00", "--json").out)

    assert "3 people at both, agreement 1.00" in said
    assert [event["event"] for event in told["events"]] == ["merged", "split"]


@pytest.mark.usefixtures("graph")
def test_the_map_is_written_and_said_how_much_it_shows(kith: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "map.html"

    said = kith.run("network", "--output", str(file))

    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert said.out == "showing 3 of 40 people, as of 2026-03-01; 0 lines\n"
    assert said.err == f"{file}\n"


@pytest.mark.usefixtures("graph")
def test_the_map_as_json(kith: CommandLine) -> None:
    told = json.loads(kith.run("network", "--n", "2", "--json").out)

    assert [node["label"] for node in told["nodes"]] == ["<b>", "b"]
