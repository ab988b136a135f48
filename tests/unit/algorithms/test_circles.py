"""Circles: who is in one, whom it keeps, what becomes of it, and what is said of it."""

import pandas as pd
import pytest

from algorithms.circles import ALGORITHM
from algorithms.circles.model import NobodyActiveError, NoCircleError
from tests.circle_forum import (
    CAMERA,
    MEMBERSHIP,
    PHONE,
    TWO,
    circle_of,
    circles,
    clique,
    events,
    forum,
    groups,
)
from tests.pure import rows_of, utc


def test_two_groups_that_hardly_talk_are_two_circles() -> None:
    result = circles(forum(TWO))

    assert groups(result) == {frozenset(CAMERA), frozenset(PHONE)}
    assert rows_of(result.frames["Circle"], "circle_id", "size") == [
        ("20260201T000000-01", 5),
        ("20260201T000000-02", 5),
    ]


def test_a_circle_is_described_by_its_figures() -> None:
    result = circles(forum(TWO))

    (first, _) = result.frames["Circle"].to_dict("records")
    # 20 of the 5 x 4 pairs; 40 ends of replies inside, 1 outside
    assert first["density"] == 1
    assert first["cohesion"] == pytest.approx(40 / 41)
    assert first["stability"] == 1
    assert first["born_at"] == pd.Timestamp("2026-02-01", tz="UTC")
    assert first["about_en"].startswith("5 people; 100.0% of all pairs have replied; 98% of")


def test_modularity_and_agreement_stand_in_the_metrics() -> None:
    metrics = circles(forum(TWO)).metrics

    # 40 of 41 replies inside, half of the ends in each circle
    assert metrics["modularity"] == pytest.approx(40 / 41 - 1 / 2)
    assert metrics["agreement"] == 1
    assert metrics["continuity"] is None
    assert (metrics["people"], metrics["active"], metrics["members"]) == (10, 10, 10)


def test_a_topic_that_others_share_names_no_circle() -> None:
    topics = dict.fromkeys(CAMERA, "camera") | dict.fromkeys(PHONE, "phone")
    rows = forum(TWO, topic=topics)
    rows["posts"] += [
        {"post_id": f"hello {n}", "customer_id": n, "posted_at": utc("2026-01-15"), "topic": "hi"}
        for n in (*CAMERA, *PHONE)
    ]

    found = circles(rows).frames["Circle"]

    assert sorted(found["terms"].tolist()) == [["camera"], ["phone"]]
    assert sorted(found["label_zh"]) == ["camera 圈", "phone 圈"]


def test_one_loud_member_does_not_name_a_circle() -> None:
    rows = forum(TWO)
    rows["posts"] += [
        {"post_id": f"x{k}", "customer_id": "c1", "posted_at": utc("2026-01-15"), "topic": "spam"}
        for k in range(600)
    ]

    assert circles(rows).frames["Circle"]["terms"].tolist() == [[], []]


def test_what_a_circle_buys_more_than_others_is_said() -> None:
    rows = forum(TWO)
    rows["orders"] = [
        {"order_id": n, "customer_id": n, "ordered_at": utc("2026-01-10"), "status": "paid"}
        for n in (*CAMERA[:3], "p1")
    ]
    bought = [(n, "lens") for n in CAMERA[:3]] + [("p1", "case")]
    rows["order_lines"] = [
        {"order_id": n, "product_id": product, "amount": 1} for n, product in bought
    ]
    rows["products"] = [{"product_id": p, "category_id": f"k-{p}"} for p in ("lens", "case")]
    rows["categories"] = [
        {"category_id": "k-lens", "name": "镜头"},
        {"category_id": "k-case", "name": None},
    ]

    found = circles(rows).frames["Circle"]

    # one buyer of a case is no habit of a circle
    assert sorted(found["categories"].tolist()) == [[], ["镜头"]]


def test_people_with_few_replies_are_not_looked_at() -> None:
    result = circles(forum([*TWO, ("new", "c1")]))

    assert "new" not in set(result.frames["Customer"]["customer_id"])
    assert (result.metrics["people"], result.metrics["active"]) == (11, 10)
    assert "1 more have fewer than 4 replies" in result.notes[0].en


def test_a_group_that_is_too_small_is_no_circle_and_said_so() -> None:
    result = circles(forum([*TWO, *clique("x", "y", "z")]))

    assert groups(result) == {frozenset(CAMERA), frozenset(PHONE)}
    assert result.notes[0].en.startswith("3 of 13 active people are in no circle of at least 5")


def test_a_person_between_circles_is_a_bridge() -> None:
    third = ("t1", "t2", "t3", "t4", "t5")
    friends = [("m", n) for n in ("c1", "c2", "p1", "p2", "t1", "t2")]
    result = circles(forum([*clique(*CAMERA), *clique(*PHONE), *clique(*third), *friends]))

    roles = result.frames[MEMBERSHIP].set_index("start_id")["role"]
    # a third of the exchange with each of three circles: 1 - 3 / 9
    assert roles["m"] == "bridge"
    assert {roles[name] for name in ("c3", "c4", "p3", "t4")} <= {"core", "edge"}


def test_whom_most_others_answer_leads_a_circle() -> None:
    loved = [(name, "c5") for name in CAMERA[:4]]
    chain = [("c1", "c2"), ("c2", "c3"), ("c3", "c4"), ("c4", "c1"), ("c5", "c1")]
    result = circles(forum([*loved, *chain, *clique(*PHONE)]), least_interactions="2")

    leaders = {row[0]: row[1] for row in rows_of(result.frames["Circle"], "circle_id", "leaders")}
    # four people answer c5, two answer c1 and one each of the others
    assert leaders[str(circle_of(result, "c5"))] == ["c5", "c1", "c2", "c3", "c4"]


def test_a_circle_keeps_its_id_while_its_people_stay() -> None:
    first = circles(forum(TWO), as_of="2026-02-01")
    grown = [*TWO, *clique("c2", "c3", "c6")]

    second = circles(forum(grown), before=first, as_of="2026-03-01")

    assert circle_of(second, "c6") == circle_of(first, "c1")
    since = second.frames["Customer"].set_index("customer_id")["circles_since"]
    assert since["c1"] == pd.Timestamp("2026-02-01", tz="UTC")
    assert since["c6"] == pd.Timestamp("2026-03-01", tz="UTC")
    assert second.frames["circle_events"].empty
    assert set(second.frames["Circle"]["event"]) == {"stayed"}
    assert second.metrics["continuity"] == 1


def test_a_new_circle_is_born_with_an_id_of_its_date() -> None:
    first = circles(forum(TWO), as_of="2026-02-01")
    born = ("n1", "n2", "n3", "n4", "n5")

    second = circles(forum([*TWO, *clique(*born)]), before=first, as_of="2026-03-01T08:30")

    assert events(second) == [("20260301T083000-01", "born", "", 5)]


def test_a_circle_that_breaks_in_two_is_said_to_have_split() -> None:
    ten = ("a1", "a2", "a3", "a4", "a5", "a6", "b1", "b2", "b3", "b4")
    first = circles(forum([*clique(*ten), *clique(*PHONE)]), as_of="2026-02-01")
    apart = [*clique(*ten[:6]), *clique(*ten[6:]), *clique(*PHONE)]

    second = circles(forum(apart), before=first, as_of="2026-03-01", least_size="4", memory="0")

    old = circle_of(first, "a1")
    # the larger part keeps the id
    assert circle_of(second, "a6") == old
    assert events(second) == [("20260301T000000-01", "split", old, 4)]


def test_circles_that_become_one_are_said_to_have_merged() -> None:
    first = circles(forum([*clique(*CAMERA, "c6"), *clique(*PHONE)]), as_of="2026-02-01")
    other = ("z1", "z2", "z3", "z4", "z5")
    rows = forum([*clique(*CAMERA, "c6", *PHONE), *clique(*other)])

    second = circles(rows, before=first, as_of="2026-03-01", memory="0")

    kept, gone = circle_of(first, "c6"), circle_of(first, "p1")
    assert circle_of(second, "p5") == kept
    assert (gone, "merged", kept, 5) in events(second)


def test_a_circle_whose_people_went_silent_has_ended() -> None:
    first = circles(forum(TWO), as_of="2026-02-01")
    silent = circle_of(first, "p1")

    second = circles(forum(clique(*CAMERA)), before=first, as_of="2026-03-01", memory="0")
    held = rows_of(second.frames["Customer"], "customer_id", "circle_id", "circles_before")

    assert events(second) == [(silent, "ended", "", 5)]
    assert [row for row in held if row[0] == "p1"] == [("p1", None, silent)]


def test_remembering_the_result_gives_the_same_result() -> None:
    first = circles(forum(TWO), as_of="2026-01-20")
    grown = forum([*TWO, *clique("c2", "c3", "p3"), *clique("n1", "n2", "n3", "n4", "n5")])
    second = circles(grown, before=first, as_of="2026-02-01T10:11")

    again = circles(grown, before=second, as_of="2026-02-01T10:11")

    for name, frame in second.frames.items():
        pd.testing.assert_frame_equal(again.frames[name], frame)
    assert again.metrics == second.metrics


def test_nobody_active_is_nothing_to_say() -> None:
    with pytest.raises(NobodyActiveError, match="nobody has 4 replies"):
        circles(forum([("a", "b")]))


def test_no_group_of_the_size_is_nothing_to_say() -> None:
    with pytest.raises(NoCircleError, match="2 people talk"):
        circles(forum([("a", "b")] * 4))


def test_a_network_without_groups_is_called_so() -> None:
    everybody = clique(*(f"x{k:02d}" for k in range(12)))

    notes = [note.en for note in circles(forum(everybody)).notes]

    assert any(note.startswith("Modularity is 0.00") for note in notes)


def test_the_explanation_says_where_how_firmly_and_from_where() -> None:
    first = circles(forum(TWO), as_of="2026-02-01")
    held = first.frames["Customer"].iloc[0].to_dict()
    row = {str(name): value for name, value in held.items()} | {"circles_before": "earlier"}
    assert ALGORITHM.explain is not None

    said = ALGORITHM.explain(row, first.metrics)

    assert said.en == (
        "Is at the core of circle 20260201T000000-01: in 100% of 200 runs they belong to it. "
        "Came from earlier."
    )
    assert ALGORITHM.explain({"circles_before": "x"}, {}).en.startswith("Is in no circle any more")
