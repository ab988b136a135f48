"""Lists of leaders over HTTP: what may be asked for, and what a list looks like."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from pydantic import ValidationError

from api import leaders
from api.http.context import Asked
from api.http.leaders import (
    BridgesQuery,
    BridgeView,
    LeaderPage,
    LeadersQuery,
    LeadersView,
    LeaderView,
    all_leaders,
    bridges,
    one_leader,
)
from api.leaders import COMPARED, Wish
from api.roles import Permission, Role, may
from api.views import View
from graph.settings import read_settings

AT = datetime(2026, 1, 5, tzinfo=UTC)
NUMBERS = (
    "repliers recent_repliers earlier_repliers established_repliers replies untrusted_rank "
    "rank_without_top core"
)
MEASURES = "score untrusted_score percentile pagerank betweenness reach"
ITEM: View = {
    **dict.fromkeys(NUMBERS.split(), 1),
    **dict.fromkeys(MEASURES.split(), 0.5),
    **dict.fromkeys(("topic", "handle", "circle_id", "orders", "spend", "segment")),
    "customer_id": "c1",
    "rank": 1,
    "band": "leader",
    "flags": [],
    "warnings": [],
    "buying_repliers": None,
    "explanation": "Rank 1 of 40.",
    "consents": [],
}
LIST: View = {"run": None, "as_of": AT, "n": 40, "notes": [], "grade": "?", "items": [ITEM]}


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    context = SimpleNamespace(settings=read_settings(home=tmp_path), connection=None)
    return cast("Asked", SimpleNamespace(context=context, ask=None, rows=None))


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[Wish]:
    found: list[Wish] = []

    def listed(_ask: object, wish: Wish, *, open_: object, settings: object) -> View:
        assert callable(open_)
        assert settings is not None
        found.append(wish)
        return {**LIST, "as_of": wish.as_of or AT}

    monkeypatch.setattr(leaders, "leaders", listed)
    return found


def asking(**given: object) -> LeadersQuery:
    return LeadersQuery.model_validate(given)


def test_without_any_wish_the_list_of_the_graph_is_asked_for(
    asked: Asked, wishes: list[Wish]
) -> None:
    found = all_leaders(asked, query=asking())

    assert wishes == [Wish()]
    assert wishes[0].is_usual
    assert "against" not in found
    assert asked.rows == 1


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        ({"k": 5, "band": "rising"}, Wish(k=5, band="rising")),
        ({"topic": "镜头"}, Wish(topic="镜头")),
        ({"window": 90, "as_of": AT}, Wish(window=90, as_of=AT)),
    ],
)
def test_each_part_of_a_query_is_one_of_the_wish(
    asked: Asked, wishes: list[Wish], query: dict[str, object], wish: Wish
) -> None:
    all_leaders(asked, query=asking(**query))

    assert wishes == [wish]


def test_two_dates_are_two_lists_of_one_topic(asked: Asked, wishes: list[Wish]) -> None:
    found = all_leaders(asked, query=asking(k=5, topic="lens", against=AT))

    assert wishes == [Wish(5, "lens"), Wish(COMPARED, "lens", as_of=AT)]
    view = LeadersView.model_validate(found)
    assert (view.against, view.left, view.items[0].rank_then) == (AT, [], 1)


def test_a_list_keeps_what_it_does_not_name() -> None:
    view = LeaderView.model_validate({**ITEM, "hub": 0.25})

    assert view.model_dump()["hub"] == 0.25
    assert (view.previous_rank, view.rank_then) == (None, None)


@pytest.mark.parametrize("missing", ["customer_id", "rank", "explanation", "consents", "flags"])
def test_nobody_is_listed_without_reason_flags_and_consents(missing: str) -> None:
    incomplete = {name: value for name, value in ITEM.items() if name != missing}

    with pytest.raises(ValidationError, match=missing):
        LeaderView.model_validate(incomplete)


def test_only_the_four_bands_exist() -> None:
    with pytest.raises(ValidationError, match="band"):
        LeaderView.model_validate({**ITEM, "band": "star"})


@pytest.mark.parametrize(
    "given",
    [
        {"k": 0},
        {"k": 501},
        {"window": 0},
        {"window": 36_501},
        {"topic": "x" * 257},
        {"as_of": "2026-01-05T00:00:00"},
        {"against": "yesterday"},
        {"band": "quiet"},
        {"window_days": 30},
    ],
    ids=lambda given: next(iter(given)),
)
def test_a_list_out_of_bounds_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        LeadersQuery.model_validate(given)

    assert caught.value.errors()[0]["loc"] == (*given,)


@pytest.mark.parametrize(
    "given",
    [{"one": "x"}, {"other": "x"}, {"one": "x", "other": "y", "k": 501}, {"one": "x" * 257}],
)
def test_bridges_need_two_circles(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        BridgesQuery.model_validate(given)


def test_bridges_are_asked_for_by_both_circles(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def between(_ask: object, one: str, *, other: str, k: int) -> list[View]:
        assert (one, other, k) == ("x", "y", 3)
        names: View = dict.fromkeys(("handle", "circle_id", "betweenness"))
        return [{**names, "customer_id": "c1", "in_one": 1, "in_other": 3, "strength": 1.5}]

    monkeypatch.setattr(leaders, "bridges", between)

    found = bridges(asked, query=BridgesQuery(one="x", other="y", k=3))

    items = found["items"]
    assert isinstance(items, list)
    assert [BridgeView.model_validate(item).strength for item in items] == [1.5]


def test_one_person_has_a_page_with_a_trend(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    trend = [{"as_of": AT, "rank": 3, "score": 1.0}]
    page: View = {**ITEM, "run": None, "grade": "?", "circles_of_repliers": [], "trend": trend}
    monkeypatch.setattr(leaders, "leader", lambda _ask, who, **_: {**page, "customer_id": who})

    found = LeaderPage.model_validate(one_leader(asked, customer_id="weibo/🐱"))

    assert found.customer_id == "weibo/🐱"
    assert found.trend[0].as_of == AT


def test_some_roles_may_read_of_leaders_and_some_may_not() -> None:
    allowed = {role for role in Role if may(role, Permission.LEADERS)}

    assert allowed
    assert allowed < {*Role}
