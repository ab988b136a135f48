"""Groups, their members, alerts and parts of runs, as a graph would tell them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from api.cursors import CursorError
from api.pages import Page, Part
from api.segments import (
    NothingFoundError,
    SegmentNotFoundError,
    alerts,
    found_by,
    members,
    segments,
)
from api.views import Row, View
from graph.language import speaking

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MS = 1_767_268_800_000
SCHEMES = frozenset({"rfm_segment", "lifecycle_stage"})
LOST: Row = {
    "scheme": "rfm_segment",
    "name": "lost",
    "label_en": "Lost",
    "label_zh": "已流失",
    "n": 3,
    "profile": '{"mean_orders": 1.5}',
}
LOYAL: Row = {**LOST, "name": "loyal", "label_en": "Loyal", "n": 0, "profile": None}


@dataclass
class Graph:
    """Knows some segments, and answers with items as many as are asked for."""

    groups: list[Row] = field(default_factory=lambda: [LOST, LOYAL])
    items: list[Row] = field(default_factory=list)
    asked: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def __call__(self, query: str, parameters: Mapping[str, object]) -> list[Row]:
        self.asked.append((query, parameters))
        if "Segment" in query and "$n" not in query:
            return [{"items": self.groups}]
        n = parameters["n"]
        assert isinstance(n, int)
        return [{"items": self.items[:n]}]


def member(place: int) -> Row:
    since = None if place % 2 else MS
    return {"customer_id": f"c{place}", "since": since, "previous": None if place % 2 else "loyal"}


def alert(place: int, **more: object) -> Row:
    return {
        "alert_id": f"a{place}",
        "customer_id": "ann",
        "rule": "sleeping",
        "opened_at": MS,
        "closed_at": None,
        "evidence": '{"days": 100}',
        **more,
    }


def in_lost(graph: Graph, page: Page) -> Part:
    return members(graph, ("rfm_segment", "lost"), schemes=SCHEMES, page=page)


def test_a_segment_shows_its_label_number_and_profile() -> None:
    lost, loyal = segments(Graph())

    assert lost == {
        "scheme": "rfm_segment",
        "name": "lost",
        "n": 3,
        "label": "Lost",
        "profile": {"mean_orders": 1.5},
    }
    assert loyal["profile"] == {}


def test_labels_follow_the_language_and_names_do_not() -> None:
    with speaking("zh"):
        lost, _ = segments(Graph())

    assert (lost["name"], lost["label"]) == ("lost", "已流失")


def test_a_graph_without_segments_has_none() -> None:
    assert segments(Graph([])) == []
    assert segments(lambda _query, _parameters: []) == []


def test_members_are_asked_for_by_the_property_of_their_scheme() -> None:
    graph = Graph(items=[member(0)])

    in_lost(graph, Page(limit=2))

    query, asked = graph.asked[-1]
    assert "(c:Customer {rfm_segment: $name})" in query
    assert "PROPERTY" not in query
    assert asked == {
        "name": "lost",
        "segment_id": "rfm_segment:lost",
        "after_customer_id": "",
        "n": 3,
    }


def test_a_member_shows_since_when_and_whence_they_came() -> None:
    part = in_lost(Graph(items=[member(0), member(1)]), Page(limit=2))

    assert part.items == [
        {"customer_id": "c0", "since": NOON, "previous": "loyal"},
        {"customer_id": "c1", "since": None, "previous": None},
    ]
    assert part.cursor is None


def test_the_next_members_come_after_the_last_that_was_shown() -> None:
    graph = Graph(items=[member(place) for place in range(5)])
    first = in_lost(graph, Page(limit=2))

    in_lost(graph, Page(limit=2, cursor=first.cursor))

    assert graph.asked[-1][1]["after_customer_id"] == "c1"


@pytest.mark.parametrize(
    "segment",
    [
        ("rfm_segment", "nobody"),
        ("lifecycle_stage", "lost"),
        ("customer_id", "ann"),
        ("rfm_segment}) RETURN 1 //", "lost"),
    ],
)
def test_what_is_no_segment_is_refused_and_no_members_are_asked_for(
    segment: tuple[str, str],
) -> None:
    graph = Graph()

    with pytest.raises(SegmentNotFoundError) as refused:
        members(graph, segment, schemes=SCHEMES, page=Page(limit=2))

    assert f"There is no segment {segment[1]} of {segment[0]}" in refused.value.message("en")
    assert "没有分群" in refused.value.message("zh")
    assert not any("$n" in query for query, _ in graph.asked)


def test_a_scheme_that_no_algorithm_declares_is_refused_even_where_the_graph_has_it() -> None:
    stray = {**LOST, "scheme": "customer_id"}

    with pytest.raises(SegmentNotFoundError):
        members(Graph([stray]), ("customer_id", "lost"), schemes=SCHEMES, page=Page(limit=2))


def test_a_cursor_of_one_segment_does_not_open_another() -> None:
    graph = Graph(items=[member(place) for place in range(5)])
    cursor = in_lost(graph, Page(limit=2)).cursor

    with pytest.raises(CursorError):
        members(graph, ("rfm_segment", "loyal"), schemes=SCHEMES, page=Page(limit=2, cursor=cursor))


def test_an_empty_segment_has_an_empty_page() -> None:
    part = members(Graph(), ("rfm_segment", "loyal"), schemes=SCHEMES, page=Page(limit=2))

    assert (part.items, part.cursor) == ([], None)


def of_alerts(graph: Graph, page: Page, *, rule: str | None = None, is_open: bool | None) -> Part:
    return alerts(graph, page=page, rule=rule, is_open=is_open)


def test_an_alert_shows_its_times_and_its_evidence() -> None:
    graph = Graph(items=[alert(1), alert(2, closed_at=MS + 1000, evidence=None)])

    first, second = of_alerts(graph, Page(limit=2), is_open=None).items

    assert (first["opened_at"], first["closed_at"]) == (NOON, None)
    assert first["evidence"] == {"days": 100}
    assert second["closed_at"] == datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC)
    assert second["evidence"] is None


@pytest.mark.parametrize("is_open", [True, False, None])
def test_alerts_are_asked_for_by_rule_and_state(is_open: bool | None) -> None:
    graph = Graph()

    of_alerts(graph, Page(limit=7), rule="sleeping", is_open=is_open)

    assert graph.asked[-1][1] == {
        "rule": "sleeping",
        "open": is_open,
        "after_alert_id": "",
        "n": 8,
    }


def test_a_cursor_of_open_alerts_does_not_go_on_with_closed_ones() -> None:
    graph = Graph(items=[alert(place) for place in range(4)])
    cursor = of_alerts(graph, Page(limit=2), is_open=True).cursor

    with pytest.raises(CursorError):
        of_alerts(graph, Page(limit=2, cursor=cursor), is_open=False)
    with pytest.raises(CursorError):
        of_alerts(graph, Page(limit=2, cursor=cursor), rule="sleeping", is_open=True)


METRICS = {
    "table": [{"covariate": "age"}],
    "empty": [],
    "curves": {"sex": {"groups": {}}, "city": {}},
    "notes": [{"en": "a small sample", "zh": "样本较小"}],
}
RUN: Row = {
    "run_id": "churn-1",
    "algorithm": "churn",
    "version": "1",
    "as_of": MS,
    "started_at": MS,
    "evaluation": '{"means": {"churn_probability_30d": {"auc": 0.71}}}',
}


def found(part: str, *, within: str = "", metrics: object = METRICS) -> View:
    def ask(query: str, parameters: Mapping[str, object]) -> list[Row]:
        assert "$algorithm" in query
        assert parameters == {"algorithm": "churn"}
        return [{"run": RUN, "metrics": json.dumps(metrics) if metrics else None}]

    return found_by(ask, "churn", part=part, within=within)


def test_a_part_of_a_run_comes_with_the_run_its_notes_and_its_grade() -> None:
    view = found("table")

    assert view["found"] == [{"covariate": "age"}]
    assert view["notes"] == ["a small sample"]
    assert view["run"] == {
        **RUN,
        "as_of": NOON,
        "started_at": NOON,
        "evaluation": {"means": {"churn_probability_30d": {"auc": 0.71}}},
    }


def test_notes_follow_the_language() -> None:
    with speaking("zh"):
        assert found("table")["notes"] == ["样本较小"]


def test_an_entry_of_a_part_can_be_asked_for_and_so_can_all() -> None:
    assert found("curves", within="sex")["found"] == {"groups": {}}
    assert found("")["found"] == METRICS


@pytest.mark.parametrize(
    ("part", "within", "missing"),
    [
        ("grid", "", "grid"),
        ("empty", "", "empty"),
        ("curves", "height", "height"),
        ("curves", "city", "city"),
        ("table", "sex", "sex"),
    ],
)
def test_what_a_run_does_not_tell_is_named(part: str, *, within: str, missing: str) -> None:
    with pytest.raises(NothingFoundError) as refused:
        found(part, within=within)

    assert f"churn has said nothing of {missing} yet" in refused.value.message("en")
    assert "kith score churn" in refused.value.message("zh")


def test_a_run_without_metrics_or_no_run_tells_nothing() -> None:
    with pytest.raises(NothingFoundError):
        found("table", metrics=None)
    with pytest.raises(NothingFoundError, match="nothing of its model"):
        found_by(lambda _query, _parameters: [], "churn", part="")
