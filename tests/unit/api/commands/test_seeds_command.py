"""``kith seeds``: a plan printed, as JSON, in a file; and wishes that cannot be planned."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from api import pipeline, seeding
from api.commands import seeding as commands
from api.commands.seeding import COLUMNS, LISTS, show
from api.seeding import Wish
from api.views import Row, View
from graph.language import speaking
from graph.settings import Settings
from tests.in_process import CommandLine
from tests.pure import Shelf
from tests.seed_forums import PlanGraph, forum, two_crowds

BLOSSOM, PEARL = "🌸花花", "لؤلؤة"


@dataclass(frozen=True)
class Opened:
    """A database that answers who somebody is."""

    read: Callable[[str, Mapping[str, object]], Sequence[Row]]


class Nicknamed(PlanGraph):
    """A graph in which the two stars have hard nicknames, and one agrees to nothing."""

    def __call__(self, query: str, parameters: Mapping[str, object]) -> Sequence[Row]:
        rows = [dict(row) for row in super().__call__(query, parameters)]
        for row in rows:
            if row.get("id") == "star":
                row |= {"handle": BLOSSOM}
            if row.get("id") == "moon":
                row |= {"handle": PEARL, "consents": [], "circle_id": None}
        return rows


@pytest.fixture(autouse=True)
def _at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a small forum in the place of the database."""

    @contextmanager
    def database(_settings: Settings) -> Iterator[Opened]:
        yield Opened(Nicknamed(tea=(0.01, 0.5)))

    monkeypatch.setattr(commands, "database", database)
    monkeypatch.setattr(pipeline, "graph_reader", lambda *_: Shelf(forum(two_crowds())))


@pytest.fixture
def wished(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    """Return the wishes for which plans were made; none is made."""
    made: list[Wish] = []

    def plan(_ask: object, wish: Wish, **_more: object) -> View:
        made.append(wish)
        return {"items": [], "lists": None, "adoption": None, "notes": ["nobody"]}

    monkeypatch.setattr(seeding, "plan", plan)
    return made


def adoption(seeded: list[float], alone: list[float]) -> dict[str, list[list[float]]]:
    """Return two courses of which only the means matter."""
    return {"with_seeds": [[n, n, n] for n in seeded], "without": [[n, n, n] for n in alone]}


def plan_of(**changes: object) -> View:
    """Return a plan of one seed."""
    item = dict.fromkeys(COLUMNS, 1) | {"customer_id": "c1", "handle": None, "circle_id": None}
    lists = {"search": dict.fromkeys(LISTS[1:], 5), "degree": dict.fromkeys(LISTS[1:], 4)}
    usual = {"items": [item], "lists": lists, "adoption": None, "notes": []}
    return {**usual, "chosen_by": "search", "gain_over_degree": [0.25, 0.2, 0.3], **changes}


# ------------------------------------------------------------------ the command


def test_a_plan_is_a_row_a_seed_and_a_row_a_list(kith: CommandLine) -> None:
    out = kith.run("seeds", "--budget", "2").out

    assert out.index("star") < out.index("moon")
    assert BLOSSOM in out
    assert PEARL in out
    assert [name for name in ("search", "degree", "random") if name in out] == [
        "search",
        "degree",
        "random",
    ]


def test_a_plan_as_json_has_everything_that_the_service_answers(kith: CommandLine) -> None:
    told = kith.run("seeds", "--budget", "2", "--json").json

    assert isinstance(told, dict)
    assert set(seeding.FIGURES) | {"as_of", "notes", "n", "items"} == set(told)
    assert [(item["order"], item["handle"]) for item in told["items"]] == [(1, BLOSSOM), (2, PEARL)]


def test_a_file_has_reasons_and_consents_and_nothing_is_printed(
    kith: CommandLine, tmp_path: Path
) -> None:
    to = tmp_path / "seeds.csv"

    said = kith.run("seeds", "--budget", "2", "--output", str(to))

    assert (said.out, said.err) == ("", f"2 rows in {to}\n")
    with to.open(encoding="utf-8", newline="") as file:
        star, moon = csv.DictReader(file)
    assert [*star] == [*COLUMNS, "explanation", "consents"]
    assert (star["handle"], star["consents"]) == (BLOSSOM, "marketing")
    assert (moon["handle"], moon["consents"], moon["circle_id"]) == (PEARL, "", "")
    assert moon["explanation"].startswith("Seed 2 of 2")


def test_a_file_and_json_can_be_had_at_once(kith: CommandLine, tmp_path: Path) -> None:
    to = tmp_path / "seeds.parquet"

    said = kith.run("seeds", "--budget", "1", "--output", str(to), "--json")

    assert json.loads(said.out)["n"] == 1
    assert pq.read_table(to)["customer_id"].to_pylist() == ["star"]


def test_a_file_of_an_unknown_kind_is_refused_and_not_begun(
    kith: CommandLine, tmp_path: Path
) -> None:
    kith.run("seeds", "--budget", "1", "--output", str(tmp_path / "seeds.docx"), code=2)

    assert not list(tmp_path.glob("*.docx*"))


def test_a_plan_speaks_the_language_that_is_set(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KITH_LANG", "zh")

    out = kith.run("seeds", "--budget", "2", "--product", "tea").out

    assert "同一检验下的触达" in out
    assert "搜索相对按被回复人数排序：+0.0 %" in out
    assert "26 个周期后" in out
    assert "The search" not in out


def test_whoever_is_excluded_is_not_proposed(kith: CommandLine) -> None:
    told = kith.run("seeds", "--budget", "1", "--exclude", "star", "--json").json

    assert isinstance(told, dict)
    assert [item["customer_id"] for item in told["items"]] == ["moon"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--product", "coffee"), 4, "Nothing is known of how coffee spreads"),
        (("--cost", "golden_city"), 2, "no numeric property of customers"),
        (("--probability", "2"), 2, "probability"),
    ],
)
def test_what_cannot_be_planned_is_said_and_ends_with_its_code(
    kith: CommandLine, arguments: tuple[str, ...], code: int, said: str
) -> None:
    told = kith.run("seeds", "--budget", "2", *arguments, code=code)

    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--budget", "many"),
        ("--budget", "2", "--model", "voting"),
        ("--budget", "2", "--window", "0"),
    ],
)
def test_what_is_no_wish_at_all_is_refused(
    kith: CommandLine, wished: list[Wish], arguments: tuple[str, ...]
) -> None:
    kith.run("seeds", *arguments, code=2)

    assert wished == []


def test_every_option_is_a_part_of_the_wish(kith: CommandLine, wished: list[Wish]) -> None:
    options = "--budget 7.5 --cost rfm_spend --exclude a --exclude b --product tea"
    more = "--model threshold --probability 0.2 --topic lenses --window 30"

    kith.run("seeds", *options.split(), *more.split())

    excluded = ("a", "b")
    assert wished == [Wish(7.5, "rfm_spend", excluded, "tea", "threshold", 0.2, "lenses", 30)]


def test_a_budget_alone_is_the_usual_wish(kith: CommandLine, wished: list[Wish]) -> None:
    out = kith.run("seeds", "--budget", "3").out

    assert wished == [Wish(3)]
    assert out.endswith("nobody\n")


# ------------------------------------------------------------------ what is printed


def test_the_gain_is_printed_as_shares_in_a_hundred(capsys: pytest.CaptureFixture[str]) -> None:
    show(plan_of(gain_over_degree=[-0.0312, -0.05, 0.004], chosen_by="degree"))

    out = capsys.readouterr().out
    assert "reaches -3.1 % beside top degree (-5.0 % to +0.4 %); proposed: degree." in out


@pytest.mark.parametrize(
    ("seeded", "alone", "said"),
    [
        ([2, 5, 1000.4], [0, 1, 20], "with 5 people after 1 periods (1 without seeds), with 1,000"),
        # of an odd number of periods the half is the earlier
        ([1, 2, 3, 4], [0, 0, 0, 1], "with 2 people after 1 periods (0 without seeds), with 4"),
        ([9], [0], "with 9 people after 0 periods (0 without seeds), with 9 after 0 (0)"),
    ],
)
def test_a_product_is_told_after_half_and_all_of_its_periods(
    capsys: pytest.CaptureFixture[str], seeded: list[float], alone: list[float], said: str
) -> None:
    show(plan_of(adoption=adoption(seeded, alone)))

    assert said in capsys.readouterr().out


def test_a_product_is_told_in_the_other_language_with_the_same_numbers(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with speaking("zh"):
        show(plan_of(adoption=adoption([2, 5, 1000.4], [0, 1, 20])))

    assert "1 个周期后 5 人拥有该商品（无种子 1 人），2 个周期后 1,000 人（20 人）" in (
        capsys.readouterr().out
    )


def test_caveats_stand_below_everything_else(capsys: pytest.CaptureFixture[str]) -> None:
    show(plan_of(notes=["first caveat", "second caveat"], adoption=adoption([1], [0])))

    assert capsys.readouterr().out.splitlines()[-2:] == ["first caveat", "second caveat"]
