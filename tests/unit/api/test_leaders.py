"""Lists of leaders, one person, and bridges, as a graph would tell them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from algorithms.influence import ALGORITHM
from algorithms.records import Record, file_results
from api.leaders import Wish, bridges, compared, day_before, graded, leader, leaders
from api.profile import CustomerNotFoundError
from api.segments import NothingFoundError
from api.views import Row, View
from graph.language import speaking
from graph.reader import Reader
from graph.settings import Settings, read_settings
from tests.forum_rows import listed, people, thread
from tests.pure import Shelf, utc

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MS = int(NOON.timestamp() * 1000)
METRICS: Mapping[str, object] = {"n": 40, "recent_days": 90, "notes": [{"en": "Hm.", "zh": "嗯。"}]}


def person(who: str, rank: int) -> Row:
    names = ("repliers", "recent_repliers", "recent_established", "earlier_repliers")
    return {
        "customer_id": who,
        "influence_rank": rank,
        "influence_score": 10.0 - rank,
        "influence_rank_without_top": rank + 3,
        "influence_previous_rank": None,
        "influence_topic": "lens",
        "influence_flags": ["boosted_by_new_accounts"] if rank == 2 else None,
        "influence_as_of": MS,
        **{f"influence_{name}": 5 for name in names},
    }


@dataclass
class Graph:
    """Knows a run of influence and its people."""

    persons: list[Row] = field(default_factory=lambda: [person("a", 1), person("b", 2)])
    evaluation: object = None
    metrics: Mapping[str, object] = field(default_factory=lambda: METRICS)
    has_run: bool = True
    asked: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.asked.append((query, parameters))
        if "AlgorithmRun" in query:
            return [self.run()] if self.has_run else []
        if "UNWIND $ids" in query:
            ids = parameters["ids"]
            assert isinstance(ids, list)
            return [self.about(str(name)) for name in ids]
        if "AS person" in query:
            found = [p for p in self.persons if p["customer_id"] == parameters["id"]]
            circles = [{"circle_id": "k1", "people": 4}]
            return [{"person": p, "repliers": circles} for p in found]
        if "$one" in query:
            return [{"items": [{"customer_id": "a", "in_one": 2, "in_other": 3, "strength": 2.4}]}]
        return [{"items": self.persons}] if "collect(c{" in query else []

    def run(self) -> Row:
        run = {
            "run_id": "influence-1",
            "algorithm": "influence",
            "version": "1",
            "evaluation": json.dumps(self.evaluation) if self.evaluation else None,
            "as_of": MS,
            "started_at": MS,
        }
        return {"run": run, "metrics": json.dumps(self.metrics), "parameters": "{}"}

    def about(self, name: str) -> Row:
        said = {"purpose": "marketing", "channel": "sms", "granted": name == "a", "at": MS}
        beside = {"orders": 2, "spend": 9.5, "segment": "loyal", "buying_repliers": 1}
        return {
            "id": name,
            "handle": f"昵称 {name}",
            "circle_id": "k1",
            "consents": [said],
            **beside,
        }


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def unopened() -> Reader:
    pytest.fail("the graph holds this list")


def listed_by(graph: Graph, home: Settings, **wished: int) -> View:
    return leaders(graph, Wish(**wished), open_=unopened, settings=home)  # type: ignore[arg-type]  # numbers alone


def items_of(found: View) -> list[View]:
    items = found["items"]
    assert isinstance(items, list)
    return items


def test_the_list_of_the_graph_comes_with_its_run_reasons_and_consents(home: Settings) -> None:
    found = listed_by(Graph(), home, k=5)

    first, second = items_of(found)
    assert (first["customer_id"], first["rank"], first["handle"]) == ("a", 1, "昵称 a")
    assert "Rank 1 of 40." in str(first["explanation"])
    assert first["consents"] == [
        {"purpose": "marketing", "channel": "sms", "granted": True, "at": NOON}
    ]
    assert (first["orders"], first["spend"]) == (2, 9.5)
    assert second["warnings"] == ["boosted by new accounts"]
    assert (found["as_of"], found["n"], found["notes"]) == (NOON, 40, ["Hm."])


def test_the_list_speaks_the_language_asked_for(home: Settings) -> None:
    with speaking("zh"):
        found = listed_by(Graph(), home)

    first, second = items_of(found)
    assert str(first["explanation"]).startswith("第 1 名")
    assert second["warnings"] == ["疑似被新账户抬高"]
    assert found["grade"] == "尚未在您的数据上验证"


def test_how_many_are_asked_for_is_left_to_the_database(home: Settings) -> None:
    graph = Graph()

    leaders(graph, Wish(k=7, band="rising"), open_=unopened, settings=home)

    assert graph.asked[0][1] == {"k": 7, "band": "rising"}


def test_before_the_first_run_there_is_no_list(home: Settings) -> None:
    with pytest.raises(NothingFoundError, match="kith score influence"):
        listed_by(Graph(has_run=False), home)


FIGURES = {
    "ndcg_50": 0.66,
    "precision_20": 0.4,
    "share_50": 0.2,
    "in_degree_ndcg_50": 0.61,
    "in_degree_precision_20": 0.35,
    "in_degree_share_50": 0.18,
}


def test_a_grade_names_the_baseline_beside_each_figure() -> None:
    run: View = {"evaluation": {"means": {"influence_score": FIGURES}}}

    assert "NDCG@50 0.660 / 0.610" in graded(run, {})
    assert "the last list since: NDCG@50 0.660 / 0.610" in graded(None, {"last_list": FIGURES})


def test_without_any_grade_that_is_said() -> None:
    assert graded({"evaluation": None}, {"last_list": None}) == "not yet validated on your data"


def test_lists_of_two_days_are_compared() -> None:
    now: View = {"items": [{"customer_id": "b", "rank": 1}, {"customer_id": "c", "rank": 2}]}
    then: View = {
        "as_of": NOON,
        "items": [
            {"customer_id": "a", "rank": 1},
            {"customer_id": "d", "rank": 2},
            {"customer_id": "b", "rank": 3},
        ],
    }

    found = compared(now, then)

    items = items_of(found)
    assert [item["rank_then"] for item in items] == [3, None]
    assert found["left"] == [{"customer_id": "a", "rank": 1}, {"customer_id": "d", "rank": 2}]
    assert found["against"] == NOON


def test_the_list_of_the_other_day_is_longer_than_the_one_shown() -> None:
    wish = day_before(Wish(k=20, topic="lens"), NOON)

    assert (wish.topic, wish.as_of) == ("lens", NOON)
    assert wish.k > 20


def test_another_day_or_topic_is_computed_on_the_spot(home: Settings) -> None:
    rows = {
        **people("a", "b", "c"),
        "posts": thread(("b", "a", 9), ("c", "a", 9), ("c", "b", 20)),
        "orders": [],
        "order_lines": [],
    }
    wish = Wish(as_of=utc("2026-01-15"), window=30)

    found = leaders(Graph(), wish, open_=lambda: Shelf(rows), settings=home)

    items = items_of(found)
    # the reply to b came later
    assert [(item["customer_id"], item["repliers"]) for item in items] == [("a", 2)]
    assert found["run"] is None
    assert found["as_of"] == utc("2026-01-15")
    assert found["grade"] == "not yet validated on your data"


def test_one_person_comes_with_circles_and_former_ranks(home: Settings) -> None:
    for days, rank in ((60, 4), (30, 2)):
        at = NOON - timedelta(days=days)
        record = Record(ALGORITHM.name, "1", at, "{}", "", at).named()
        file_results(record, {"Customer": listed(at, rank=rank)}, settings=home)

    found = leader(Graph(), "a", settings=home)

    assert found["circles_of_repliers"] == [{"circle_id": "k1", "people": 4}]
    trend = found["trend"]
    assert isinstance(trend, list)
    assert [(row["rank"], row["as_of"]) for row in trend] == [
        (4, NOON - timedelta(days=60)),
        (2, NOON - timedelta(days=30)),
    ]


def test_who_was_never_answered_has_no_page(home: Settings) -> None:
    silent = {"customer_id": "a", "influence_rank": None}

    with pytest.raises(NothingFoundError):
        leader(Graph(persons=[silent]), "a", settings=home)


def test_nobody_is_no_leader(home: Settings) -> None:
    with pytest.raises(CustomerNotFoundError):
        leader(Graph(), "zzz", settings=home)


def test_bridges_come_with_their_nicknames() -> None:
    (found,) = bridges(Graph(), "k1", other="k2", k=3)

    assert (found["customer_id"], found["handle"], found["strength"]) == ("a", "昵称 a", 2.4)
