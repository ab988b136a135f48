"""A forum over months, each run beginning with what the last one wrote into the graph."""

from collections.abc import Sequence

import pandas as pd
import pytest

from algorithms.circles import ALGORITHM
from algorithms.circles.model import NobodyActiveError, NoCircleError
from algorithms.contract import Result
from tests.circle_forum import (
    CAMERA,
    MEMBERSHIP,
    PHONE,
    TWO,
    Pair,
    circle_of,
    circles,
    clique,
    events,
    forum,
    groups,
)
from tests.pure import rows_of, utc

A, B, C = (tuple(f"{letter}{k}" for k in range(1, 6)) for letter in "abc")
DATES = ("2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01")


def months(*forums: Sequence[Pair], **wished: str) -> list[Result]:
    """Run the months of forums one after the other."""
    found: list[Result] = []
    for pairs, as_of in zip(forums, DATES, strict=False):
        before = found[-1] if found else None
        rows = forum([*pairs])
        found.append(circles(rows, before=before, as_of=as_of, **wished))
    return found


def test_a_life_of_circles_from_birth_to_end() -> None:
    both = [*clique(*A), *clique(*B)]
    found = months(
        both,
        [*clique(*A, *B), *clique(*C)],
        [*both, *clique(*C)],
        clique(*A),
        memory="0",
    )

    first, second = "20260201T000000-01", "20260201T000000-02"
    third, fourth = "20260301T000000-01", "20260401T000000-01"
    assert [events(result) for result in found] == [
        [(first, "born", "", 5), (second, "born", "", 5)],
        [(second, "merged", first, 5), (third, "born", "", 5)],
        [(fourth, "split", first, 5)],
        [(third, "ended", "", 5), (fourth, "ended", "", 5)],
    ]
    assert [circle_of(result, "a1") for result in found] == [first] * 4


def test_events_are_of_the_date_of_their_run() -> None:
    _, second = months(clique(*A), [*clique(*A), *clique(*B)])

    at = second.frames["circle_events"]["happened_at"].tolist()
    assert at == [pd.Timestamp("2026-03-01", tz="UTC")]


def test_who_left_is_told_of_once_and_forgotten_the_next_month() -> None:
    first, second, third = months([*clique(*A), *clique(*B)], clique(*A), clique(*A))

    assert circle_of(second, "b1") is None
    before = second.frames["Customer"].set_index("customer_id")["circles_before"]
    assert before["b1"] == circle_of(first, "b1")
    assert "b1" not in set(third.frames["Customer"]["customer_id"])


def test_who_comes_back_is_a_member_since_they_came_back() -> None:
    both = [*clique(*A), *clique(*B)]
    *_, last = months(both, clique(*A), both)

    since = last.frames[MEMBERSHIP].set_index("start_id")["since"]
    assert since["a1"] == pd.Timestamp("2026-02-01", tz="UTC")
    assert since["b1"] == pd.Timestamp("2026-04-01", tz="UTC")
    # their former circle had ended: this one is new
    assert events(last) == [("20260401T000000-01", "born", "", 5)]


def test_who_changes_circle_keeps_where_they_came_from() -> None:
    moved = [*clique(*CAMERA[1:]), *clique(*PHONE, "c1")]
    first, second = months([*clique(*CAMERA), *clique(*PHONE)], moved, least_size="4")

    row = second.frames["Customer"].set_index("customer_id").loc["c1"]
    assert row["circle_id"] == circle_of(first, "p1")
    assert row["circles_before"] == circle_of(first, "c2")
    assert row["circles_since"] == pd.Timestamp("2026-03-01", tz="UTC")
    # one of five who goes is no event
    assert events(second) == []


def test_continuity_counts_who_is_in_a_circle_at_both_dates() -> None:
    _, second = months(TWO, [*clique(*CAMERA), *clique(*B)])

    assert second.metrics["n_continued"] == 5
    assert second.metrics["continuity"] == 1


def test_the_next_month_leaves_everybody_in_place_where_nothing_changed() -> None:
    first, second = months(TWO, TWO)

    columns = ["customer_id", "circle_id", "circles_since", "circles_role", "circles_strength"]
    pd.testing.assert_frame_equal(
        first.frames["Customer"][columns], second.frames["Customer"][columns]
    )
    figures = ["circle_id", "size", "density", "cohesion", "stability", "born_at", "leaders"]
    pd.testing.assert_frame_equal(first.frames["Circle"][figures], second.frames["Circle"][figures])


# ------------------------------------------------------------------ small networks


def test_one_circle_only_has_everybody_and_no_structure() -> None:
    result = circles(forum(clique(*A)))

    assert groups(result) == {frozenset(A)}
    (only,) = result.frames["Circle"].to_dict("records")
    assert (only["size"], only["density"], only["cohesion"], only["stability"]) == (5, 1, 1, 1)
    assert result.metrics["modularity"] == pytest.approx(0)
    assert {*result.frames[MEMBERSHIP]["role"]} == {"core"}


def test_two_people_are_a_circle_where_two_are_asked_for() -> None:
    result = circles(forum([("a", "b"), ("b", "a")] * 2), least_size="2")

    assert groups(result) == {frozenset("ab")}
    assert only_value(result, "label_zh") == "2 人圈"


def test_a_forum_of_no_posts_has_nobody_to_look_at() -> None:
    with pytest.raises(NobodyActiveError) as nothing:
        circles({"posts": [], "accounts": [], "customers": []})

    assert nothing.value.message("zh") == (
        "circles：没有人与同样活跃的人往来达到 4 条回复，无法划分圈子。"
    )


def test_an_active_person_whose_friends_are_not_is_alone_with_nobody() -> None:
    with pytest.raises(NobodyActiveError):
        circles(forum([(f"n{k}", "a") for k in range(4)]))


def test_too_small_a_group_is_said_in_chinese() -> None:
    with pytest.raises(NoCircleError) as nothing:
        circles(forum(clique("a", "b", "c")))

    assert nothing.value.message("zh") == "circles：3 人之间有往来，但没有达到 5 人的圈子。"


def only_value(result: Result, column: str) -> object:
    ((value,),) = rows_of(result.frames["Circle"], column)
    return value


def test_at_most_five_lead_a_circle_and_none_whom_nobody_answers() -> None:
    # everybody answers the first three
    people = [f"m{k}" for k in range(8)]
    pairs = [(by, to) for by in people for to in people[:3] if by != to]

    found = circles(forum(pairs), least_interactions="1", memory="0")

    assert only_value(found, "leaders") == ["m0", "m1", "m2"]
    assert len(str(only_value(circles(forum(clique(*people))), "leaders")).split()) == 5


def test_replies_outside_the_window_make_no_circle() -> None:
    with pytest.raises(NobodyActiveError):
        circles(forum(TWO, when="2025-12-31"), window_days="30")


@pytest.mark.parametrize("who", ["reseller", "official", "gone"])
def test_a_shop_a_reseller_and_who_is_gone_are_in_no_circle(who: str) -> None:
    rows = forum([*clique(*A), *clique(*B, "z")])
    account = next(a for a in rows["accounts"] if a["customer_id"] == "z")
    customer = next(c for c in rows["customers"] if c["customer_id"] == "z")
    marks = {
        "reseller": (customer, "reseller_suspected", True),
        "official": (account, "is_official", True),
        "gone": (account, "handle", "[deleted]"),
    }
    row, column, value = marks[who]
    row[column] = value

    assert groups(circles(rows)) == {frozenset(A), frozenset(B)}


def test_topics_of_the_window_alone_name_a_circle() -> None:
    rows = forum([*clique(*A), *clique(*B)])
    rows["posts"] += [
        {"post_id": f"{when} {n}", "customer_id": n, "posted_at": utc(when), "topic": when}
        for n in A
        for when in ("2024-06-01", "2026-01-20")
    ]

    found = circles(rows).frames["Circle"]

    assert sorted(found["terms"].tolist()) == [[], ["2026-01-20"]]


def test_without_words_asked_for_circles_are_named_by_size() -> None:
    topics = dict.fromkeys(A, "lens")

    found = circles(forum([*clique(*A), *clique(*B)], topic=topics), n_terms="0").frames["Circle"]

    assert found["terms"].tolist() == [[], []]
    assert found["label_en"].tolist() == ["Circle of 5 people"] * 2


def test_only_replies_of_the_topic_asked_for_make_circles() -> None:
    topics = dict.fromkeys(A, "lens") | dict.fromkeys(B, "case")

    result = circles(forum([*clique(*A), *clique(*B)], topic=topics), topic="lens")

    assert groups(result) == {frozenset(A)}


def test_what_is_declared_is_what_is_returned() -> None:
    frames = circles(forum(TWO)).frames

    for label, key in (("Customer", "customer_id"), ("Circle", "circle_id")):
        declared = {p.name for p in ALGORITHM.properties[label]}
        assert {*frames[label].columns} == {key, *declared}
