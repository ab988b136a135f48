"""Attention from posts to what is written, by hand."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.influence import ALGORITHM
from algorithms.influence.model import NoRepliesError
from graph.language import Text
from tests.forum_rows import START, people, post, thread
from tests.pure import Rows, result_of, rows_of, run_on, tables_of, utc

AS_OF = "2026-03-02"  # day 60
FLAT = {"trust": "floor", "floor": "1"}
"""Everybody weighs at least 1, so that with nobody established scores are plain decay."""


def measured(posts: Rows, *names: str, **settings: str) -> Result:
    rows = {"posts": posts, **people(*names)}
    return result_of(ALGORITHM, rows, settings={**FLAT, **settings}, as_of=AS_OF)


def columns(result: Result, *names: str) -> list[tuple[object, ...]]:
    return rows_of(result.frames["Customer"], "customer_id", *(f"influence_{n}" for n in names))


def test_a_score_is_one_for_each_replier_halved_each_half_life() -> None:
    posts = thread(("b", "a", 60), ("c", "a", 0.5), ("c", "a", 45), ("a", "b", 30))

    result = measured(posts, "a", "b", "c", half_life_days="15")

    assert columns(result, "score", "rank", "repliers", "replies") == [
        ("a", 1.5, 1, 2, 3),
        ("b", 0.25, 2, 1, 1),
    ]


def test_who_only_answers_is_absent() -> None:
    result = measured(thread(("b", "a", 60)), "a", "b")

    assert result.frames["Customer"]["customer_id"].tolist() == ["a"]


def test_a_month_is_compared_with_the_month_before() -> None:
    posts = thread(("b", "a", 50), ("c", "a", 50), ("c", "a", 25), ("d", "a", 5), ("d", "a", 59))

    result = measured(posts, "a", "b", "c", "d", recent_days="30")

    assert columns(result, "recent_repliers", "earlier_repliers", "recent_established") == [
        ("a", 3, 2, 0)
    ]


def test_the_topic_is_that_of_most_people_and_not_of_most_replies() -> None:
    posts = [
        *thread(("b", "a", 10), ("c", "a", 11), ("b", "a", 12), ("b", "a", 13), ("b", "a", 14)),
    ]
    topics = {"r0": "zoom", "r1": "zoom", "r2": "lens", "r3": "lens", "r4": "lens"}
    posts = [{**row, "topic": topics.get(str(row["post_id"]))} for row in posts]

    assert columns(measured(posts, "a", "b", "c"), "topic") == [("a", "zoom")]


def test_only_replies_of_the_topic_count_if_one_is_named() -> None:
    posts = [
        post("p", "a", day=0, topic="lens"),
        post("r1", "b", day=1, to="p"),
        post("q", "a", day=0, topic="zoom"),
        post("r2", "c", day=1, to="q"),
    ]

    result = measured(posts, "a", "b", "c", topic="lens")

    assert columns(result, "repliers", "topic") == [("a", 1, "lens")]


def test_replies_that_do_not_count_are_left_out() -> None:
    posts = [
        post("p", "a", day=10),
        post("self", "a", day=11, to="p"),
        post("early", "b", day=5, to="p"),
        post("lost", "b", day=11, to="nowhere"),
        post("brand", "shop", day=11, to="p"),
        post("gone", "x", day=11, to="p"),
        post("scalp", "s", day=11, to="p"),
        post("good", "c", day=11, to="p"),
    ]
    rows = {
        "posts": posts,
        **people(
            "a", "b", "c", "s", "x", "shop", shop={"is_official": True}, x={"handle": "已注销"}
        ),
    }
    rows["customers"] = [
        {"customer_id": name, "reseller_suspected": name == "s"} for name in ("a", "b", "c", "s")
    ]

    result = result_of(ALGORITHM, rows, settings=FLAT, as_of=AS_OF)

    assert columns(result, "repliers") == [("a", 1)]


def test_a_circle_of_parents_and_names_of_any_script_are_no_fault() -> None:
    posts = [
        post("p", "🐱", day=10, to="q"),
        post("q", "ש", day=10, to="p"),
    ]
    rows = {"posts": posts, **people("🐱", "ש")}
    rows["accounts"] = [{**row, "handle": handle} for row in rows["accounts"] for handle in [""]]

    result = result_of(ALGORITHM, rows, settings=FLAT, as_of=AS_OF)

    assert sorted(result.frames["Customer"]["customer_id"]) == sorted(["🐱", "ש"])


def test_without_a_reply_there_is_nothing_to_say() -> None:
    with pytest.raises(NoRepliesError, match="365 days"):
        measured([post("p", "a", day=1)], "a")


def test_columns_beside_the_score_are_those_of_the_network() -> None:
    # a chain d -> c -> b -> a: b and c lie between; each passes on all of what it hears
    result = measured(thread(("b", "a", 9), ("c", "b", 9), ("d", "c", 9)), "a", "b", "c", "d")

    assert columns(result, "betweenness", "broker_rank", "reach", "reach_rank", "core") == [
        ("a", 0.0, 3, 2.0, 1, 1),
        ("b", 2.0, 1, 2.0, 1, 1),
        ("c", 2.0, 1, 1.0, 3, 1),
    ]


def test_what_comes_back_is_no_reach() -> None:
    result = measured(thread(("b", "a", 9), ("a", "b", 9)), "a", "b")

    assert columns(result, "reach") == [("a", 1.0), ("b", 1.0)]


def test_a_million_replies_of_one_account_are_one_replier() -> None:
    posts = [post("p", "a", day=0), *(post(f"r{i}", "b", day=1, to="p") for i in range(3_000))]

    result = measured(posts, "a", "b", half_life_days="59")

    assert columns(result, "score", "repliers", "replies") == [("a", 0.5, 1, 3_000)]


def test_an_explanation_says_what_the_score_is_made_of() -> None:
    result = measured(thread(("b", "a", 55), ("c", "a", 56), ("a", "b", 57)), "a", "b", "c")
    first = result.frames["Customer"].iloc[0]
    known = {str(name): None if first[name] is pd.NA else first[name] for name in first.index}

    assert ALGORITHM.explain is not None
    said = ALGORITHM.explain(known, result.metrics)

    assert "Rank 1 of 2." in said.en
    assert "2 different people replied in 90 days, 0 established" in said.en
    assert "Without the five most active repliers: rank 2." in said.en
    assert "第 1 名（共 2 人）。" in said.zh


def test_the_form_of_the_score_is_said() -> None:
    result = result_of(ALGORITHM, {"posts": thread(("b", "a", 9)), **people("a", "b")}, as_of=AS_OF)

    assert result.metrics["form"] == "floor"
    assert result.metrics["half_life_days"] == 60
    assert any("floor" in note.en and "下限" in note.zh for note in result.notes)


def test_ties_at_the_end_of_the_list_are_said() -> None:
    replies = [(f"r{i}", f"t{i}", 9.0) for i in range(12)]
    names = [name for pair in replies for name in pair[:2]]

    result = measured(thread(*replies), *names)

    assert any(note.en.startswith("12 people have the same score") for note in result.notes)


def test_the_list_of_an_earlier_run_is_graded_by_who_was_answered_since() -> None:
    # on day 30 a led b; since then two people answered b and nobody a
    posts = thread(("c", "a", 9), ("d", "a", 9), ("c", "b", 9), ("c", "b", 40), ("d", "b", 41))
    rows = {"posts": posts, **people("a", "b", "c", "d")}
    listed_at = START + timedelta(days=30)
    recalled = pa.table(
        {
            "customer_id": ["a", "b"],
            "influence_score": [2.0, 1.0],
            "influence_rank": [1, 2],
            "influence_repliers": [1, 2],
            "influence_as_of": pa.array([listed_at] * 2, pa.timestamp("ms", tz="UTC")),
        }
    )
    tables = {**tables_of(ALGORITHM, rows), "recalled": recalled}

    result = run_on(ALGORITHM, tables, settings=FLAT, as_of=utc(AS_OF))

    last = result.metrics["last_list"]
    assert isinstance(last, dict)
    assert last["days"] == 30
    # b stands second, so that the gain of 2 is discounted by log2(3)
    assert last["ndcg_50"] == pytest.approx(1 / np.log2(3))
    assert (last["in_degree_ndcg_50"], last["precision_20"]) == (1.0, 0.0)
    assert columns(result, "previous_rank") == [("a", 1), ("b", 2)]
    assert any("list of 2026-01-31" in note.en for note in result.notes)


def test_a_run_without_an_earlier_one_has_no_grade() -> None:
    result = measured(thread(("b", "a", 9)), "a", "b")

    assert result.metrics["last_list"] is None
    assert pd.isna(result.frames["Customer"]["influence_previous_rank"]).all()


def test_every_note_is_in_both_languages() -> None:
    result = measured(thread(("b", "a", 9)), "a", "b")

    assert result.notes
    assert all(isinstance(note, Text) and note.zh and note.en for note in result.notes)
