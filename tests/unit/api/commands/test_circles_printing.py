"""What ``kith circles`` and ``kith network`` print for people: both languages, and odd names."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.commands import circles as commands
from api.views import Row
from graph.settings import Settings, read_settings
from tests.circle_graph import NOON, Graph, filed, held, member, three_months, with_lines
from tests.in_process import CommandLine


@dataclass(frozen=True)
class Opened:
    """A database whose answers are those of a small graph."""

    read: Callable[[str, Mapping[str, object]], list[Row]]


@pytest.fixture(autouse=True)
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    """Return a graph that stands in the place of the database."""
    known = Graph()

    @contextmanager
    def database(_settings: Settings) -> Iterator[Opened]:
        yield Opened(known)

    monkeypatch.setattr(commands, "database", database)
    return known


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KITH_LANG", request.param)
    return str(request.param)


def test_the_list_names_circles_in_the_language_spoken(kith: CommandLine, language: str) -> None:
    said = kith.run("circles").out

    names = {"en": "lens circle", "zh": "lens 圈"}
    assert said.count(names.pop(language)) == 2
    assert names.popitem()[1] not in said


def test_one_circle_is_described_in_the_language_spoken(kith: CommandLine, language: str) -> None:
    told = {"en": "k1 lens circle: Some people.", "zh": "k1 lens 圈: 一些人。"}

    assert kith.run("circles", "k1").out.splitlines()[0] == told[language]


def test_a_circle_that_is_gone_is_told_in_the_language_spoken(
    kith: CommandLine, language: str
) -> None:
    told = {"en": "There is no circle k9; it may have merged", "zh": "没有圈子 k9，它可能已合并"}

    said = kith.run("circles", "k9", code=4)

    assert told[language] in said.err
    assert said.out == ""


def test_the_map_says_how_many_it_shows_in_the_language_spoken(
    kith: CommandLine, language: str
) -> None:
    told = {"en": "showing 3 of 40 people, as of 2026-03-01", "zh": "显示 3 / 40 人"}

    assert kith.run("network").out.startswith(told[language])


def test_a_graph_without_a_map_says_what_to_run(
    kith: CommandLine, language: str, *, graph: Graph
) -> None:
    graph.has_map = False
    told = {"en": "Run kith score network.", "zh": "请运行 kith score network。"}

    assert told[language] in kith.run("network", code=4).err


def test_without_runs_there_is_nothing_to_compare(kith: CommandLine, language: str) -> None:
    told = {"en": "The earliest are of -.", "zh": "最早为 -。"}

    said = kith.run("circles", "--since", "2026-03-01", code=4)

    assert told[language] in said.err


# ------------------------------------------------------------------ tables


def test_without_circles_the_list_is_empty(kith: CommandLine, graph: Graph) -> None:
    graph.circles = []

    assert json.loads(kith.run("circles", "--json").out) == []
    assert "circle_id" in kith.run("circles").out


def test_just_as_many_as_asked_for_are_all(kith: CommandLine) -> None:
    assert kith.run("circles", "--k", "2").err == ""


def test_nicknames_are_printed_as_they_are(kith: CommandLine, graph: Graph) -> None:
    names = ["[bold]x[/bold]", ":smile:", "مرحبا", "同名", "同名", ""]
    graph.members = [{**member(f"m{k}", k + 1), "handle": name} for k, name in enumerate(names)]

    said = kith.run("circles", "k1").out

    assert all(name in said for name in names)
    assert said.count("同名") == 2


def test_a_circle_without_history_has_no_table_of_it(kith: CommandLine) -> None:
    said = kith.run("circles", "k1").out

    assert "members" in said
    assert "history" not in said
    assert "2026-03-01" in said


def test_a_circle_without_members_is_one_sentence(kith: CommandLine, graph: Graph) -> None:
    graph.members = []

    assert kith.run("circles", "k2").out == "k2 lens circle: Some people.\n"


def test_changes_show_sizes_events_and_moves(kith: CommandLine) -> None:
    three_months(read_settings())

    said = kith.run("circles", "--since", "2026-03-02").out

    titles = [line.strip() for line in said.splitlines()]
    assert [name for name in titles if name.isalpha()] == ["circles", "events", "moves"]
    # dates are days, and no circle is an empty cell
    assert "2026-03-31" in said
    assert "None" not in said


def test_the_last_date_beside_itself_has_no_moves(kith: CommandLine) -> None:
    three_months(read_settings())

    said = kith.run("circles", "--since", "2026-04-30T12:00:00").out

    assert "4 people at both, agreement 1.00" in said
    assert "moves" not in said


def test_a_person_alone_is_shown_with_a_dash(kith: CommandLine) -> None:
    filed(read_settings(), NOON, {"a": "k1", "b": None})

    assert "1 people at both, agreement -" in kith.run("circles", "--since", "2026-04-01").out


@pytest.mark.parametrize(
    "arguments",
    [
        ("circles", "--k", "0"),
        ("circles", "--k", "501"),
        ("network", "--n", "0"),
        ("network", "--n", "1001"),
        ("circles", "--since", "yesterday"),
        ("circles", "--between", "k1"),
    ],
)
def test_what_is_out_of_bounds_is_a_slip_of_the_command(
    kith: CommandLine, arguments: tuple[str, ...]
) -> None:
    assert kith.run(*arguments, code=2).out == ""


# ------------------------------------------------------------------ files


def test_a_map_as_csv_is_two_files_and_both_are_named(
    kith: CommandLine, tmp_path: Path, *, graph: Graph
) -> None:
    graph.run_id = with_lines(read_settings()).run_id
    file = tmp_path / "map.csv"

    said = kith.run("network", "--output", str(file))

    people = tmp_path / "map.nodes.csv"
    assert said.err.splitlines() == [str(file), str(people)]
    assert said.out.endswith("; 2 lines\n")
    with people.open(encoding="utf-8", newline="") as lines:
        assert [row["Label"] for row in csv.DictReader(lines)] == ["<b>", "b", "c"]


def test_a_format_that_is_not_known_is_told_with_those_that_are(
    kith: CommandLine, tmp_path: Path, *, language: str
) -> None:
    told = {"en": "Use one of: .gexf, .graphml", "zh": "可用：.gexf, .graphml"}

    said = kith.run("network", "--output", str(tmp_path / "map.png"), code=2)

    assert told[language] in said.err


def test_a_written_map_may_be_printed_too(kith: CommandLine, tmp_path: Path) -> None:
    said = kith.run("network", "--n", "1", "--output", str(tmp_path / "m.gexf"), "--json")

    assert json.loads(said.out)["shown"] == 1
    assert (tmp_path / "m.gexf").exists()


def test_a_list_of_one_is_one(kith: CommandLine, graph: Graph) -> None:
    graph.circles = [held("k7", 3)]

    (only,) = json.loads(kith.run("circles", "--json").out)

    assert (only["circle_id"], only["size"]) == ("k7", 3)
