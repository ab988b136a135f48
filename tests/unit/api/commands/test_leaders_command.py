"""``kith leaders`` and ``kith evaluate influence`` print what they were told, and file it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from algorithms.influence import evaluation
from algorithms.influence.attacks import ATTACKS, Moved
from algorithms.influence.evaluation import Graded
from algorithms.influence.grading import CutGrade
from algorithms.influence.settings import InfluenceParameters
from algorithms.parameters import parameters_of
from algorithms.rankings import ListGrade
from algorithms.records import Record
from api import leaders as listing
from api.commands import judging, leaders
from api.leaders import Wish
from api.views import View
from graph.language import speaking
from graph.settings import Settings
from tests.in_process import CommandLine

AS_OF = datetime(2026, 3, 2, tzinfo=UTC)
ITEM: View = {
    **dict.fromkeys(leaders.FILED),
    "rank": 1,
    "customer_id": "c1",
    "handle": "=昵称",
    "score": 2.5,
    "flags": [],
    "warnings": [],
    "explanation": "Rank 1 of 40.",
    "consents": [
        {"purpose": "profiling", "channel": None, "granted": True},
        {"purpose": "marketing", "channel": "sms", "granted": True},
        {"purpose": "marketing", "channel": "email", "granted": False},
    ],
}
LIST: View = {
    "run": None,
    "as_of": AS_OF,
    "n": 40,
    "notes": ["Only 40 people."],
    "grade": "not yet validated on your data",
    "items": [ITEM],
}


@dataclass(frozen=True)
class Opened:
    """A database that is never asked."""

    read: object = None


@dataclass
class Told:
    """Remembers which lists were asked for, and gives the same each time."""

    wishes: list[Wish]

    def __call__(self, _ask: object, wish: Wish, *, open_: object, settings: object) -> View:
        assert open_ is not None
        assert settings is not None
        self.wishes.append(wish)
        return LIST


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    @contextmanager
    def unopened(_settings: Settings) -> Iterator[Opened]:
        yield Opened()

    monkeypatch.setattr(leaders, "database", unopened)
    monkeypatch.setattr(judging, "database", unopened)
    monkeypatch.setattr(judging, "writing_database", unopened)
    answer = Told([])
    monkeypatch.setattr(listing, "leaders", answer)
    return answer


def test_the_list_says_how_good_it_is_and_why(kith: CommandLine, told: Told) -> None:
    done = kith.run("leaders", "--k", "7")

    assert "not yet validated on your data" in done.out
    assert "=昵称: Rank 1 of 40." in done.out
    assert "Only 40 people." in done.out
    assert told.wishes == [Wish(k=7)]


def test_options_become_the_wish(kith: CommandLine, told: Told) -> None:
    kith.run("leaders", "--topic", "lens", "--window", "90", "--as-of", "2026-01-05", "--rising")

    at = datetime(2026, 1, 5, tzinfo=UTC)
    assert told.wishes == [Wish(20, "lens", 90, at, "rising")]


def test_two_days_are_asked_for_and_compared(kith: CommandLine, told: Told) -> None:
    found = json.loads(kith.run("leaders", "--against", "2026-01-05", "--json").out)

    assert [wish.as_of for wish in told.wishes] == [None, datetime(2026, 1, 5, tzinfo=UTC)]
    assert found["items"][0]["rank_then"] == 1
    assert found["left"] == []


@pytest.mark.usefixtures("told")
def test_a_list_is_filed_with_what_each_agrees_to(kith: CommandLine, tmp_path: Path) -> None:
    to = tmp_path / "leaders.parquet"

    done = kith.run("leaders", "--output", str(to))

    (row,) = pq.read_table(to).to_pylist()
    assert row["consents"] == "marketing:sms, profiling"
    assert row["explanation"] == "Rank 1 of 40."
    assert "1 rows" in done.err


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("ending", ["csv", "xlsx", "jsonl"])
def test_a_list_is_filed_in_each_format(kith: CommandLine, tmp_path: Path, ending: str) -> None:
    to = tmp_path / f"leaders.{ending}"

    kith.run("leaders", "--output", str(to))

    assert to.stat().st_size > 0


@pytest.mark.usefixtures("told")
def test_bridges_are_of_the_two_circles(kith: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def between(_ask: object, one: str, *, other: str, k: int) -> list[View]:
        names = {"customer_id": "c1", "handle": None, "circle_id": "x", "in_one": 2, "in_other": 3}
        return [{**names, "strength": 2.4, "asked": [one, other, k]}]

    monkeypatch.setattr(listing, "bridges", between)

    (found,) = json.loads(kith.run("leaders", "--between", "x", "y", "--json").out)

    assert found["asked"] == ["x", "y", 20]


@pytest.mark.usefixtures("told")
def test_one_person_is_shown_with_their_trend(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trend = [{"as_of": AS_OF, "rank": 3, "score": 1.0}]
    circles = [{"circle_id": "x", "people": 9}]
    page = {**ITEM, "grade": "graded", "trend": trend, "circles_of_repliers": circles}
    monkeypatch.setattr(listing, "leader", lambda *_, **__: page)

    done = kith.run("leaders", "c1")

    assert "=昵称: Rank 1 of 40." in done.out
    assert "2026-03-02" in done.out


def list_grade(level: float) -> ListGrade:
    return ListGrade(ndcg_50=level, precision_20=level / 2, share_50=level / 4)


def graded() -> Graded:
    lists = {"score": list_grade(0.66), "in_degree": list_grade(0.61)}
    cuts = tuple(CutGrade(float(d), 100, 10, lists, {"score": 0.2}, 60.0) for d in (30, 60, 90))
    params = parameters_of(InfluenceParameters, {}, algorithm="influence", as_of=AS_OF)
    return Graded(params, AS_OF - timedelta(days=120), AS_OF, cuts, 30)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_grades_are_shown_by_cut_and_beside_the_baselines(
    capsys: pytest.CaptureFixture[str], language: str
) -> None:
    with speaking("zh" if language == "zh" else "en"):
        judging.show(graded())

    printed = capsys.readouterr().out
    assert "2025-12-02" in printed
    assert "3/3" in printed
    assert "0.05" in printed


@pytest.mark.usefixtures("told")
def test_an_evaluation_of_influence_is_by_replies_and_kept(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[evaluation.Plan] = []

    def kept(
        _database: object, plan: evaluation.Plan, *, reader: object, settings: object
    ) -> tuple[Graded, Record]:
        assert reader is not settings
        asked.append(plan)
        return graded(), Record("influence", "1", AS_OF, "{}", "", AS_OF, run_id="influence-9")

    monkeypatch.setattr(evaluation, "recorded", kept)
    monkeypatch.setattr("api.pipeline.graph_reader", lambda *_: object())

    done = kith.run(
        "evaluate", "influence", "--cuts", "3", "--horizon", "14",
        "--set", "influence.window_days=60", "--json",
    )  # fmt: skip

    found = json.loads(done.out)
    assert asked == [evaluation.Plan(3, 14, {"window_days": "60"})]
    assert found["run_id"] == "influence-9"
    assert found["means"]["influence_score"]["ndcg_50"] == pytest.approx(0.66)


Attacked = Callable[..., list[Moved]]


@pytest.mark.usefixtures("told")
def test_attacks_are_shown_with_ranks_before_and_after(
    kith: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict.fromkeys(judging.FORMS, 300.0)
    after = {**before, "in_degree": 4.0}
    moved: Attacked = lambda *_, **__: [Moved(a, 700, before, after) for a in ATTACKS]  # noqa: E731
    monkeypatch.setattr(evaluation, "attack", moved)
    monkeypatch.setattr("api.pipeline.graph_reader", lambda *_: object())

    table = kith.run("evaluate", "influence", "--attacks").out
    rows = json.loads(kith.run("evaluate", "influence", "--attacks", "--json").out)

    assert table.count("300 → 4") == 5
    assert [row["change_strict"] for row in rows] == [0.0] * 5
