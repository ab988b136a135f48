"""Engagement at its edges: every source once, windows, equals, weights that a home states."""

import json
from pathlib import Path

import pytest
from scipy.stats import percentileofscore

from algorithms.contract import Result
from algorithms.engagement import ALGORITHM, NoInteractionsError
from algorithms.engagement_weights import (
    EngagementWeightsError,
    kinds,
    read_weights,
    shipped_weights,
    weights_as_text,
    weights_from_text,
)
from algorithms.parameters import ParameterError
from tests.forum_rows import post
from tests.pure import Rows, result_of, rows_of, utc

AS_OF = "2026-03-02"  # day 60


def event(who: str | None, kind: str, when: str) -> dict[str, object]:
    at = utc(when)
    return {"customer_id": who, "kind": kind, "at": at, "day": at.date()}


def ticket(who: str, when: str) -> dict[str, object]:
    at = utc(when)
    return {"customer_id": who, "opened_at": at, "opened_day": at.date()}


def engaged(
    events: Rows, *, posts: Rows | None = None, tickets: Rows | None = None, **settings: str
) -> Result:
    rows = {"events": events, "posts": posts or [], "tickets": tickets or []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def scores(result: Result) -> dict[str, float]:
    rows = rows_of(result.frames["Customer"], "customer_id", "engagement_score")
    return {str(who): float(str(score)) for who, score in rows}


def weighing(**weights: float) -> str:
    return json.dumps(weights)


def test_tickets_count_by_the_day_too() -> None:
    tickets = [ticket("a", f"2026-02-0{day}T{hour}") for day in (1, 2) for hour in ("09", "15")]

    assert scores(engaged([], tickets=tickets, weights=weighing(ticket=3))) == {"a": 6.0}


def test_a_reply_to_an_account_is_a_reply_and_no_post() -> None:
    posts = [post("1", "a", day=40, reply_to_account_id="a:b"), post("2", "c", day=40)]

    found = engaged([], posts=posts, weights=weighing(reply=1, post=10))

    assert scores(found) == {"a": 1.0, "c": 10.0}


def test_posts_and_replies_of_one_day_count_once_each() -> None:
    posts = [post(f"p{i}", "a", day=40) for i in range(3)]
    posts += [post(f"r{i}", "a", day=40, to="p0") for i in range(3)]

    result = engaged([], posts=posts, weights=weighing(reply=1, post=10))

    assert scores(result) == {"a": 11.0}
    assert result.frames["Customer"]["engagement_interactions"].tolist() == [6]


def test_shares_of_the_kinds_are_of_all_that_was_done() -> None:
    events = [event("a", "viewed", "2026-02-01"), event("b", "shared", "2026-02-01")]
    events.append(event("b", "shared", "2026-02-02"))

    metrics = engaged(events, weights=weighing(viewed=2, shared=3)).metrics

    assert metrics["shares"] == {"shared": 0.75, "viewed": 0.25}
    assert metrics["n"] == 2


def test_the_latest_interaction_is_of_any_kind_that_weighs() -> None:
    events = [
        event("a", "viewed", "2026-02-01T08:00"),
        event("a", "carted", "2026-02-03T09:30"),
        event("a", "left_page", "2026-02-20"),
    ]

    frame = engaged(events, weights=weighing(viewed=1, carted=1)).frames["Customer"]

    assert frame["engagement_last_at"].tolist() == [utc("2026-02-03T09:30")]


def test_percentiles_are_those_of_scipy() -> None:
    events = [
        event(f"c{i}", "viewed", f"2026-02-{day:02}")
        for i, n in enumerate([1, 3, 3, 7, 2, 12, 3])
        for day in range(1, n + 1)
    ]

    frame = engaged(events).frames["Customer"]

    all_ = frame["engagement_score"].to_numpy()
    assert frame["engagement_percentile"].tolist() == pytest.approx(
        [percentileofscore(all_, score, kind="weak") for score in all_]
    )


def test_one_person_alone_stands_above_nobody_and_level_with_all() -> None:
    frame = engaged([event("🐱", "viewed", "2026-02-01")]).frames["Customer"]

    assert rows_of(frame, "customer_id", "engagement_percentile") == [("🐱", 100.0)]


def test_events_of_nobody_count_for_nobody() -> None:
    with pytest.raises(NoInteractionsError, match="90 days"):
        engaged([event(None, "viewed", "2026-02-01")])


@pytest.mark.parametrize(
    ("when", "counts"),
    [("2026-02-20T00:00", False), ("2026-02-20T00:01", True), ("2026-03-02T00:00", True)],
)
def test_the_window_is_open_at_its_beginning(when: str, *, counts: bool) -> None:
    events = [event("a", "viewed", when), event("b", "viewed", "2026-03-01")]

    assert ("a" in scores(engaged(events, window_days="10"))) == counts


def test_weights_twice_as_high_double_the_scores_and_move_nobody() -> None:
    events = [event("a", "viewed", "2026-02-01"), event("a", "shared", "2026-02-02")]
    events += [event("b", "viewed", "2026-02-03"), event("c", "shared", "2026-02-04")]

    once, twice = (engaged(events, weights=weighing(viewed=w, shared=3 * w)) for w in (1.0, 2.0))

    assert scores(twice) == {who: 2 * score for who, score in scores(once).items()}
    places = [of.frames["Customer"]["engagement_percentile"].tolist() for of in (once, twice)]
    assert places[0] == places[1]


@pytest.mark.parametrize("value", ["0", "36501", "a month"])
def test_a_window_out_of_bounds_is_refused(value: str) -> None:
    with pytest.raises(ParameterError, match=r"engagement\.window_days"):
        engaged([], window_days=value)


# ---------------------------------------------------------------- weights


def test_weights_survive_being_kept_as_text() -> None:
    shipped = shipped_weights()

    assert weights_from_text(weights_as_text(shipped)) == dict(shipped.weights)


def test_no_text_means_the_shipped_weights() -> None:
    assert weights_from_text("") == shipped_weights().weights


@pytest.mark.parametrize(("weight", "is_allowed"), [("0", True), ("1000", True), ("1000.1", False)])
def test_a_weight_lies_between_nothing_and_a_thousand(
    tmp_path: Path, weight: str, *, is_allowed: bool
) -> None:
    path = tmp_path / "engagement.toml"
    path.write_text(f"[weights]\nviewed = {weight}\n")

    if is_allowed:
        assert read_weights(path).weights["viewed"] == float(weight)
    else:
        with pytest.raises(EngagementWeightsError, match=r"weights\.viewed"):
            read_weights(path)


@pytest.mark.parametrize("text", ["[]", "3", '{"viewed": "much"}', '{"looked": 1}', "null"])
def test_text_that_is_no_object_of_weights_is_refused(text: str) -> None:
    with pytest.raises(EngagementWeightsError, match=r"engagement\.weights"):
        weights_from_text(text)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "engagement.toml"
    path.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(EngagementWeightsError, match=r"engagement\.toml"):
        read_weights(path)


def test_what_is_written_has_weights_beside_the_events_each_once() -> None:
    found = kinds()

    assert found[-3:] == ["post", "reply", "ticket"]
    assert len({*found}) == len(found)
