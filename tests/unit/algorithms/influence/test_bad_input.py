"""Forums that no platform should export and some do: lost parents, cycles, one loud voice."""

from collections.abc import Callable

import numpy as np
import pytest

from algorithms.contract import Algorithm, Result
from algorithms.influence import ALGORITHM
from algorithms.influence.model import NoRepliesError
from algorithms.reply_network import ALGORITHM as NETWORK
from tests.forum_rows import START, people, post, thread
from tests.pure import Rows, result_of, rows_of

AS_OF = "2026-03-02"  # day 60
FLAT = {"trust": "floor", "floor": "1", "half_life_days": "60"}
"""Everybody weighs 1 and nothing fades by more than half: scores can be added in the head."""


def measured(posts: Rows, *names: str, **settings: str) -> Result:
    rows = {"posts": posts, **people(*names)}
    return result_of(ALGORITHM, rows, settings={**FLAT, **settings}, as_of=AS_OF)


def gathered(posts: Rows, *names: str) -> Result:
    return result_of(NETWORK, {"posts": posts, **people(*names)}, as_of=AS_OF)


def repliers(result: Result) -> dict[str, int]:
    rows = rows_of(result.frames["Customer"], "customer_id", "influence_repliers")
    return {str(who): int(str(n)) for who, n in rows}


def test_replies_to_missing_posts_alone_are_a_network_of_nobody() -> None:
    posts = [post(f"r{i}", "b", day=i, to=f"lost {i}") for i in range(5)]

    result = gathered(posts, "a", "b")

    assert result.metrics["replies"] == 0
    assert result.metrics["excluded"] == {"missing": 5}
    assert "5 of 5 replies do not count: what it answers is not known 5." in result.notes[-1].en


def test_replies_to_missing_posts_alone_give_nobody_attention() -> None:
    posts = [post("r", "b", day=1, to="lost")]

    with pytest.raises(NoRepliesError) as caught:
        measured(posts, "a", "b", window_days="30")

    assert "30 days" in str(caught.value)
    assert AS_OF in str(caught.value)


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_cycle_of_parents_on_one_instant_is_as_many_replies(length: int) -> None:
    names = [f"p{i}" for i in range(length)]
    posts = [
        post(f"post {i}", names[i], day=3, to=f"post {(i + 1) % length}") for i in range(length)
    ]

    pairs = gathered(posts, *names).frames["reply_pairs"]

    assert rows_of(pairs, "customer_id", "target_id", "n") == [
        (names[i], names[(i + 1) % length], 1) for i in range(length)
    ]


def test_a_cycle_of_parents_in_time_has_one_reply_before_its_parent() -> None:
    # each answers the one before, and the first answers the last: it came too early
    posts = [post(f"{i}", who, day=i, to=f"{(i - 1) % 3}") for i, who in enumerate("abc")]

    result = gathered(posts, *"abc")

    assert result.metrics["excluded"] == {"before_parent": 1}
    assert rows_of(result.frames["reply_pairs"], "customer_id", "target_id") == [
        ("b", "a"),
        ("c", "b"),
    ]


def test_a_post_that_answers_itself_is_a_reply_to_oneself() -> None:
    result = gathered([post("p", "a", day=1, to="p")], "a")

    assert result.metrics["excluded"] == {"self": 1}


@pytest.mark.parametrize(("minutes", "counts"), [(-1, 0), (0, 1), (1, 1)])
def test_a_reply_counts_from_the_instant_of_its_parent_on(minutes: int, counts: int) -> None:
    posts = [post("p", "a", day=5), post("r", "b", day=5 + minutes / 1_440, to="p")]

    assert gathered(posts, "a", "b").metrics["replies"] == counts


def test_a_reply_of_the_wrong_time_hides_no_right_one_of_the_same_pair() -> None:
    posts = [
        post("p", "a", day=10),
        post("early", "b", day=9, to="p"),
        post("late", "b", day=11, to="p"),
    ]

    result = gathered(posts, "a", "b")

    (pair,) = rows_of(result.frames["reply_pairs"], "n", "first_at", "last_at")
    assert pair[0] == 1
    assert pair[1] == pair[2]


def test_one_loud_account_outranks_nobody_whom_two_answer() -> None:
    posts = [
        *thread(("x", "quiet", 40), ("y", "quiet", 41)),
        post("p", "loud", day=0),
        *(post(f"spam{i}", "z", day=50, to="p") for i in range(2_000)),
    ]

    result = measured(posts, "quiet", "loud", "x", "y", "z")

    frame = result.frames["Customer"]
    assert rows_of(frame, "customer_id", "influence_rank", "influence_replies") == [
        ("loud", 2, 2_000),
        ("quiet", 1, 2),
    ]


@pytest.mark.slow
def test_a_million_replies_of_one_account_are_counted_and_heard_once() -> None:
    import pyarrow as pa

    from tests.pure import run_on, tables_of, utc

    n = 1_000_000
    tables = tables_of(
        NETWORK, {"posts": [post("p", "a", day=0), post("r", "b", day=1, to="p")], **people(*"ab")}
    )
    first, reply = (tables["posts"].slice(i, 1) for i in (0, 1))
    many = reply.take(pa.array(np.zeros(n, np.int64)))
    keys = pa.array([f"r{i}" for i in range(n)])
    many = many.set_column(many.schema.get_field_index("post_id"), "post_id", keys)
    posts = pa.concat_tables([first, many])

    result = run_on(NETWORK, {**tables, "posts": posts}, as_of=utc(AS_OF))

    assert result.metrics["replies"] == n
    assert rows_of(result.frames["reply_pairs"], "customer_id", "target_id", "n") == [("b", "a", n)]


def test_two_people_are_ranked_and_told_that_it_says_little() -> None:
    result = measured(thread(("b", "a", 30), ("a", "b", 45)), "a", "b")

    frame = result.frames["Customer"]
    assert rows_of(frame, "customer_id", "influence_rank", "influence_percentile") == [
        ("a", 2, 50.0),
        ("b", 1, 100.0),
    ]
    assert any(note.en.startswith("Only 2 people were answered") for note in result.notes)
    assert any(note.zh.startswith("仅有 2 人得到回复") for note in result.notes)


def test_two_people_are_a_dense_network_that_means_little() -> None:
    result = gathered(thread(("b", "a", 30), ("a", "b", 45)), "a", "b")

    network = result.metrics["network"]
    assert isinstance(network, dict)
    assert (network["n"], network["m"], network["density"]) == (2, 2, 1.0)
    assert (network["reciprocity"], network["transitivity"]) == (1.0, 0.0)
    assert result.notes[0].en.startswith("Only 2 people answer each other")


def test_all_on_one_day_differ_by_the_people_alone() -> None:
    posts = thread(("b", "a", 60), ("c", "a", 60), ("a", "b", 60), ("b", "c", 60))

    result = measured(posts, *"abc", recent_days="1")

    frame = result.frames["Customer"]
    assert rows_of(frame, "influence_score", "influence_recent_repliers") == [
        (2.0, 2),
        (1.0, 1),
        (1.0, 1),
    ]
    assert frame["influence_earlier_repliers"].tolist() == [0, 0, 0]


NAMES = {
    "equal": ("same", "same", "same"),
    "empty": ("", "", ""),
    "blank": (" ", "\t", "\u3000"),
    "emoji": ("👩‍👩‍👧‍👦", "🐱", "🇨🇳"),
    "right to left": ("שלום", "مرحبا", "\u202eabc"),
    "odd": ("'; DROP TABLE posts; --", "=1+1", "NULL"),
}


@pytest.mark.parametrize("kind", NAMES)
def test_nicknames_of_any_script_change_nothing(kind: str) -> None:
    posts = thread(("b", "a", 30), ("c", "a", 40), ("a", "c", 50))
    plain = measured(posts, *"abc")
    rows = people(*"abc")
    for account, handle in zip(rows["accounts"], NAMES[kind], strict=True):
        account["handle"] = handle

    found = result_of(ALGORITHM, {"posts": posts, **rows}, settings=FLAT, as_of=AS_OF)

    assert found.frames["Customer"].equals(plain.frames["Customer"])
    assert found.metrics == plain.metrics


@pytest.mark.parametrize("kind", [kind for kind in NAMES if kind not in {"equal", "empty"}])
@pytest.mark.parametrize("algorithm", [ALGORITHM, NETWORK], ids=lambda of: of.name)
def test_ids_of_any_script_come_back_as_they_were(algorithm: Algorithm, kind: str) -> None:
    one, two, three = NAMES[kind]
    posts = thread((two, one, 30), (three, one, 40), (one, two, 50))

    result = result_of(algorithm, {"posts": posts, **people(one, two, three)}, as_of=AS_OF)

    found = result.frames["Customer"]["customer_id"].tolist()
    assert found == sorted(found)
    assert {one, two} <= set(found) <= {one, two, three}


def test_a_topic_of_any_script_comes_back_and_can_be_asked_for() -> None:
    posts = [
        post("p", "a", day=1, topic="🎥 镜头 עדשה"),
        post("r", "b", day=2, to="p"),
        post("q", "c", day=1, topic="other"),
        post("s", "b", day=2, to="q"),
    ]

    result = measured(posts, *"abc", topic="🎥 镜头 עדשה")

    assert rows_of(result.frames["Customer"], "customer_id", "influence_topic") == [
        ("a", "🎥 镜头 עדשה")
    ]


Bend = Callable[[Rows], Rows]
BENT: dict[str, Bend] = {
    "turned": lambda posts: posts[::-1],
    "with posts of nobody": lambda posts: [
        *posts,
        {**post("ghost", "b", day=9, to="p:a"), "customer_id": None},
    ],
    "with replies to what is lost": lambda posts: [*posts, post("x", "c", day=9, to="lost")],
    "with replies to oneself": lambda posts: [*posts, post("x", "a", day=9, to="p:a")],
    "with replies too early": lambda posts: [*posts, post("x", "d", day=-9, to="p:a")],
}


@pytest.mark.parametrize("way", BENT)
def test_rows_that_do_not_count_change_no_score(way: str) -> None:
    posts = thread(("b", "a", 30), ("c", "a", 40), ("a", "b", 50))

    bent = measured(BENT[way](posts), *"abcd")

    assert bent.frames["Customer"].equals(measured(posts, *"abcd").frames["Customer"])


def test_an_account_registered_after_its_first_post_is_known_since_that_post() -> None:
    rows = people("a", "b", "c")
    for account in rows["accounts"]:
        account["registered_at"] = START.replace(year=2027)
    posts = thread(("b", "a", 2), ("c", "a", 3), ("a", "b", 50), ("c", "b", 4))

    result = result_of(
        ALGORITHM, {**rows, "posts": posts}, settings={"window_days": "60"}, as_of=AS_OF
    )

    # a had two repliers before the last ten days; of the two of b one came later, and c has none
    assert result.metrics["established_share"] == pytest.approx(1 / 3)


def test_accounts_without_any_time_of_registration_are_no_fault() -> None:
    rows = people("a", "b")
    for account in rows["accounts"]:
        account["registered_at"] = None

    result = result_of(
        ALGORITHM, {**rows, "posts": thread(("b", "a", 59))}, settings=FLAT, as_of=AS_OF
    )

    assert repliers(result) == {"a": 1}
