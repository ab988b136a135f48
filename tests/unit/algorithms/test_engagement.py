"""Engagement: days of interaction by weights that a home can edit."""

import json
from pathlib import Path

import pytest

from algorithms.contract import Result
from algorithms.engagement import ALGORITHM, NoInteractionsError
from algorithms.engagement_weights import (
    EngagementWeightsError,
    home_defaults,
    kinds,
    read_weights,
    shipped_weights,
    weights_from_text,
)
from graph.settings import read_settings
from tests.forum_rows import post
from tests.pure import Rows, result_of, rows_of, utc

AS_OF = "2026-03-02"


def event(who: str, kind: str, when: str) -> dict[str, object]:
    at = utc(when)
    return {"customer_id": who, "kind": kind, "at": at, "day": at.date()}


def engaged(events: Rows, *, posts: Rows | None = None, **settings: str) -> Result:
    rows = {"events": events, "posts": posts or [], "tickets": []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def scores(result: Result) -> dict[str, float]:
    rows = rows_of(result.frames["Customer"], "customer_id", "engagement_score")
    return {str(who): float(str(score)) for who, score in rows}


def test_a_kind_counts_once_a_day() -> None:
    events = [
        event("a", "viewed", "2026-02-01T09:00"),
        event("a", "viewed", "2026-02-01T21:00"),
        event("a", "viewed", "2026-02-02"),
        event("a", "carted", "2026-02-02"),
    ]

    result = engaged(events)

    # two days of looking, one of the basket at a weight of 3
    assert scores(result) == {"a": 5.0}
    frame = result.frames["Customer"]
    assert rows_of(frame, "engagement_interactions", "engagement_main_kind") == [(4, "carted")]


def test_writing_weighs_more_than_looking() -> None:
    posts = [post("p", "a", day=40), post("r", "b", day=41, to="p")]

    assert scores(engaged([event("c", "viewed", "2026-02-01")], posts=posts)) == {
        "a": 5.0,
        "b": 4.0,
        "c": 1.0,
    }


def test_what_weighs_nothing_makes_nobody_engaged() -> None:
    with pytest.raises(NoInteractionsError):
        engaged([event("a", "left_page", "2026-02-01")])


def test_what_lies_before_the_window_does_not_count() -> None:
    events = [event("a", "viewed", "2025-06-01"), event("b", "viewed", "2026-02-01")]

    assert scores(engaged(events)) == {"b": 1.0}


def test_a_percentile_counts_equals_in() -> None:
    events = [event(who, "viewed", "2026-02-01") for who in "abc"]
    events.append(event("c", "shared", "2026-02-01"))

    frame = engaged(events).frames["Customer"]

    assert frame["engagement_percentile"].tolist() == pytest.approx([200 / 3, 200 / 3, 100])


def test_equal_parts_are_named_by_the_alphabet() -> None:
    events = [event("a", "viewed", "2026-02-01"), event("a", "searched", "2026-02-01")]

    frame = engaged(events).frames["Customer"]

    assert frame["engagement_main_kind"].tolist() == ["searched"]


def test_weights_can_be_set_for_one_run() -> None:
    found = engaged([event("a", "viewed", "2026-02-01")], weights=json.dumps({"viewed": 2.5}))

    assert scores(found) == {"a": 2.5}


def test_every_interaction_has_a_shipped_weight() -> None:
    assert set(shipped_weights().weights) == set(kinds())


def test_a_home_overrides_single_weights(tmp_path: Path) -> None:
    (tmp_path / "engagement.toml").write_text("[weights]\nviewed = 7\n")

    own = home_defaults(read_settings(home=tmp_path))

    weights = weights_from_text(own["weights"])
    assert (weights["viewed"], weights["carted"]) == (7, 3)


def test_a_home_without_a_file_sets_nothing(tmp_path: Path) -> None:
    assert home_defaults(read_settings(home=tmp_path)) == {}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[weights]\nlooked = 1\n", "looked is no interaction"),
        ("[weights]\nviewed = -1\n", "greater than or equal to 0"),
        ("[weights]\nviewed = 'much'\n", "valid number"),
        ("[wieghts]\nviewed = 1\n", "Extra inputs"),
        ("weights = 3\n", "weights"),
        ("[weights\n", "file"),
    ],
)
def test_a_file_that_says_something_impossible_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(text)

    with pytest.raises(EngagementWeightsError, match=problem):
        read_weights(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngagementWeightsError, match="nowhere"):
        read_weights(tmp_path / "nowhere.toml")


def test_weights_that_are_no_json_are_refused() -> None:
    with pytest.raises(EngagementWeightsError):
        weights_from_text("{viewed: 1")


def test_an_explanation_names_what_adds_most() -> None:
    known = {
        "engagement_score": 5.0,
        "engagement_interactions": 4,
        "engagement_main_kind": "carted",
        "engagement_percentile": 75.0,
    }

    assert ALGORITHM.explain is not None
    said = ALGORITHM.explain(known, {"n": 8})

    assert (
        said.en == "4 interactions weigh 5, most of it 'carted'; 75 % of 8 customers weigh no more."
    )
    assert "75%" in said.zh
