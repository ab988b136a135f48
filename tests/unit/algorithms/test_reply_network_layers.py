"""The network of replies in words, by layer, and under renaming."""

import json
from collections.abc import Mapping

import pytest

from algorithms.contract import Result
from algorithms.parameters import ParameterError
from algorithms.replies import EXCLUDED
from algorithms.reply_network import ALGORITHM, LARGEST_LAYERS
from algorithms.reply_network_words import explain, notes_on
from graph.language import Text
from tests.forum_rows import people, post, thread
from tests.pure import Rows, result_of, rows_of

AS_OF = "2026-03-02"


def gathered(posts: Rows, *names: str, **settings: str) -> Result:
    rows = {"posts": posts, **people(*names)}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def layer(result: Result, name: str) -> Mapping[str, Mapping[str, float]]:
    layers = result.metrics["layers"]
    assert isinstance(layers, dict)
    found = layers[name]["largest"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("n", "is_said"), [(0, True), (19, True), (20, False)])
def test_fewer_than_twenty_people_are_few(n: int, *, is_said: bool) -> None:
    notes = notes_on(n=n, counted=100, excluded={})

    assert [note.en for note in notes] == (
        [f"Only {n} people answer each other: the figures of the network mean little."]
        if is_said
        else []
    )
    assert [note.zh for note in notes] == (
        [f"仅有 {n} 人互相回复，网络指标意义有限。"] if is_said else []
    )


def test_reasons_are_told_in_the_order_of_their_names_with_large_numbers_parted() -> None:
    (note,) = notes_on(n=99, counted=8_000, excluded={"self": 1_500, "missing": 500})

    assert note == Text(
        "2,000 of 10,000 replies do not count: what it answers is not known 500; to oneself 1,500.",
        "共 10,000 条回复，其中 2,000 条不计入：所回复的内容未知 500；回复自己 1,500。",
    )


def test_of_a_sound_network_there_is_nothing_to_say() -> None:
    assert notes_on(n=20, counted=5, excluded={}) == []


COUNTED: dict[str, object] = {
    "reply_network_posts": 9,
    "reply_network_answered": 2,
    "reply_network_replies_given": 5,
    "reply_network_replies_received": 4,
    "reply_network_repliers": 3,
    "reply_network_excluded": None,
}


def test_a_person_is_explained_by_what_they_wrote_gave_and_got() -> None:
    assert explain(COUNTED, {}) == Text(
        "Wrote 9 posts, answered 2 people 5 times and was answered 4 times by 3 people.",
        "发帖 9 篇，回复 2 人共 5 次，被 3 人回复 4 次。",
    )


@pytest.mark.parametrize("reason", ["official", "deleted", "reseller"])
def test_who_is_left_out_is_told_why_in_both_languages(reason: str) -> None:
    said = explain({**COUNTED, "reply_network_excluded": reason}, {})

    assert said.en == f"Wrote 9 posts; not in the network of replies: {EXCLUDED[reason].en}."
    assert said.zh == f"发帖 9 篇；未计入回复网络：{EXCLUDED[reason].zh}。"


def test_the_explanation_of_a_run_has_the_numbers_of_its_frame() -> None:
    frame = gathered(thread(("b", "a", 1), ("b", "a", 2), ("c", "a", 3)), *"abc").frames["Customer"]
    first = {str(name): value for name, value in frame.astype(object).iloc[0].items()}

    assert explain(first, {}).en == (
        "Wrote 1 posts, answered 0 people 0 times and was answered 3 times by 2 people."
    )


def test_no_more_layers_than_twenty_are_summed_up_the_largest_first() -> None:
    # topic t05 gets six replies, t04 five, and so on; those of one reply tie by name
    posts = [post("p", "a", day=0)]
    for i in range(25):
        posts += [
            post(f"r{i}-{k}", "b", day=1, to="p", topic=f"t{i:02}")
            for k in range(i + 1 if i < 6 else 1)
        ]

    result = gathered(posts, "a", "b")

    names = list(layer(result, "topic"))
    assert len(names) == LARGEST_LAYERS
    assert names[:7] == ["t05", "t04", "t03", "t02", "t01", "t00", "t06"]
    assert result.metrics["layers"]["topic"]["n"] == 25  # type: ignore[index]  # a nested map


def test_replies_of_all_layers_add_up_to_those_of_the_network() -> None:
    posts = [post("p", "a", day=0)] + [
        post(f"{i}", who, day=1, to="p", kind=kind, topic=topic)
        for i, (who, kind, topic) in enumerate(
            [("b", "answer", "x"), ("b", "comment", "x"), ("c", "comment", None), ("c", None, "y")]
        )
    ]

    result = gathered(posts, *"abc")

    for name in ("kind", "topic"):
        assert sum(of["replies"] for of in layer(result, name).values()) == 4
        assert "" in layer(result, name)


def test_only_the_layer_asked_for_is_gathered() -> None:
    posts = [
        post("p", "a", day=0, topic="x", kind="first"),
        post("1", "b", day=1, to="p", kind="answer"),
        post("2", "c", day=1, to="p", kind="comment", topic="y"),
    ]

    by_topic, by_kind = gathered(posts, *"abc", topic="x"), gathered(posts, *"abc", kind="comment")

    assert list(layer(by_topic, "topic")) == ["x"]
    assert by_topic.metrics["replies"] == 1
    assert list(layer(by_kind, "kind")) == ["comment"]
    frame = by_kind.frames["Customer"]
    assert rows_of(frame, "customer_id", "reply_network_posts") == [("a", 0), ("c", 1)]


def test_other_names_give_the_same_figures() -> None:
    arcs = [("b", "a", 1), ("c", "a", 2), ("a", "c", 3), ("d", "c", 4)]
    other = dict(zip("abcd", ("🐱", "ש", "Z", "0"), strict=True))

    plain = gathered(thread(*arcs), *"abcd")
    renamed = gathered(thread(*((other[s], other[t], d) for s, t, d in arcs)), *other.values())

    assert renamed.metrics == plain.metrics


def test_the_same_replies_twice_weigh_twice_and_make_no_new_pair() -> None:
    posts = thread(("b", "a", 1), ("c", "a", 2))
    again = [{**row, "post_id": f"{row['post_id']} again"} for row in posts[1:]]

    once, twice = (gathered(rows, *"abc") for rows in (posts, [*posts, *again]))

    assert twice.metrics["replies"] == 4
    assert twice.frames["reply_pairs"]["n"].tolist() == [2, 2]
    before, after = (of.metrics["network"] for of in (once, twice))
    assert isinstance(before, dict)
    assert after == {**before, "replies": 4}


@pytest.mark.parametrize("value", ["-1", "1000001", "few"])
def test_an_impossible_core_is_refused(value: str) -> None:
    with pytest.raises(ParameterError, match=r"reply_network\.min_posts"):
        gathered(thread(("b", "a", 1)), "a", "b", min_posts=value)


def test_a_core_of_nobody_has_no_figures() -> None:
    core = gathered(thread(("b", "a", 1)), "a", "b", min_posts="99").metrics["core"]

    assert isinstance(core, dict)
    assert core["min_posts"] == 99
    assert {value for name, value in core.items() if name != "min_posts"} == {0}


def test_metrics_can_be_kept_as_json() -> None:
    metrics = gathered(thread(("b", "a", 1), ("b", "b", 2)), "a", "b").metrics

    assert json.loads(json.dumps(metrics)) == metrics
