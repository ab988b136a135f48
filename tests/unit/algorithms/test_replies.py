"""Which replies count: the first reason stands, windows have ends, topics come from parents."""

from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from algorithms.inputs import BEFORE_EVERYTHING
from algorithms.parameters import ParameterError, parameters_of
from algorithms.reduction import one_row, registered
from algorithms.replies import EXCLUDED, GONE, READS, REPLIES, ReplyParameters
from algorithms.reply_network import ALGORITHM
from tests.forum_rows import people, post
from tests.pure import Rows, tables_of, utc

AS_OF = "2026-03-02"  # day 60
READING = replace(ALGORITHM, reads=READS)


def replies(rows: dict[str, Rows], **settings: str) -> list[dict[str, object]]:
    """Return what the shared part of the reductions says of each reply, by post."""
    params = parameters_of(ReplyParameters, settings, algorithm="replies", as_of=utc(AS_OF))
    tables: dict[str, pa.Table] = {**tables_of(READING, rows), "parameters": one_row(params)}
    with duckdb.connect() as connection, registered(connection, tables):
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.sql(f"WITH {REPLIES} SELECT * FROM replies ORDER BY post_id")
        return list(found.to_arrow_table().to_pylist())


def forum(posts: Rows, *names: str, **more: dict[str, object]) -> dict[str, Rows]:
    return {"posts": posts, **people(*names, **more)}


def reasons(rows: dict[str, Rows], **settings: str) -> dict[str, object]:
    return {str(row["post_id"]): row["excluded"] for row in replies(rows, **settings)}


PAIR = [post("p", "a", day=1), post("r", "b", day=2, to="p")]


def test_a_sound_reply_has_no_reason_to_be_left_out() -> None:
    (row,) = replies(forum(PAIR, "a", "b"))

    assert (row["customer_id"], row["target_id"], row["excluded"]) == ("b", "a", None)


def test_a_first_post_is_no_reply() -> None:
    assert replies(forum([post("p", "a", day=1)], "a")) == []


@pytest.mark.parametrize(
    ("handle", "reason"),
    [*((handle, "deleted") for handle in GONE), ("[DELETED]", None), ("deleted user", None)],
)
def test_names_of_who_left_are_those_that_platforms_write(handle: str, reason: str | None) -> None:
    assert reasons(forum(PAIR, "a", "b", b={"handle": handle})) == {"r": reason}


@pytest.mark.parametrize("brand", ["a", "b"])
def test_what_a_brand_writes_and_what_it_is_answered_are_left_out(brand: str) -> None:
    official: dict[str, object] = {"is_official": True}
    rows = forum(PAIR, "a", "b", **{brand: official})

    assert reasons(rows) == {"r": "official"}


def test_one_official_account_makes_a_customer_official() -> None:
    rows = forum(PAIR, "a", "b")
    rows["accounts"].append({"account_id": "b:2", "customer_id": "b", "is_official": True})

    assert reasons(rows) == {"r": "official"}


def test_one_account_that_is_still_there_keeps_a_customer() -> None:
    rows = forum(PAIR, "a", "b", b={"handle": "[deleted]"})
    rows["accounts"].append({"account_id": "b:2", "customer_id": "b", "handle": "still here"})

    assert reasons(rows) == {"r": None}


@pytest.mark.parametrize("reason", EXCLUDED)
def test_of_several_reasons_the_first_stands(reason: str) -> None:
    # the reply has the reason and all that come after it
    later = [*EXCLUDED][[*EXCLUDED].index(reason) :]
    who = "a" if "self" in later else "b"
    account: dict[str, object] = {
        "is_official": "official" in later,
        "handle": "[deleted]" if "deleted" in later else "here",
    }
    reply = post(
        "r",
        who,
        day=0.5 if "before_parent" in later else 2.0,
        to="nowhere" if "missing" in later else "p",
    )
    rows = forum([post("p", "a", day=1), reply], "a", "b", **{who: account})
    rows["customers"] = [{"customer_id": who, "reseller_suspected": True}]

    assert reasons(rows) == {"r": reason}


def test_a_post_beats_the_account_that_is_named_beside_it() -> None:
    posts = [
        post("p", "a", day=1),
        post("r", "b", day=2, to="p", reply_to_account_id="a:c"),
        post("s", "b", day=2, reply_to_account_id="a:c"),
    ]

    found = replies(forum(posts, *"abc"))

    assert [(row["post_id"], row["target_id"]) for row in found] == [("r", "a"), ("s", "c")]


def test_a_named_account_of_nobody_is_missing() -> None:
    posts = [post("r", "b", day=2, reply_to_account_id="a:unknown")]

    assert reasons(forum(posts, "b")) == {"r": "missing"}


def test_a_parent_of_an_unknown_author_is_missing_unless_an_account_is_named() -> None:
    posts = [
        {**post("p", "a", day=1), "customer_id": None},
        post("r", "b", day=2, to="p"),
        post("s", "b", day=3, to="p", reply_to_account_id="a:a"),
    ]

    assert reasons(forum(posts, *"ab")) == {"r": "missing", "s": None}


def test_who_writes_without_being_known_replies_to_nobody() -> None:
    posts = [post("p", "a", day=1), {**post("r", "b", day=2, to="p"), "customer_id": None}]

    assert replies(forum(posts, "a")) == []


@pytest.mark.parametrize(("day", "counts"), [(49.999, 0), (50.0, 0), (50.001, 1), (60.0, 1)])
def test_the_instant_that_opens_the_window_is_outside(day: float, counts: int) -> None:
    posts = [post("p", "a", day=1), post("r", "b", day=day, to="p")]

    assert len(replies(forum(posts, "a", "b"), window_days="10")) == counts


def test_a_parent_may_be_older_than_the_window() -> None:
    posts = [post("p", "a", day=-500), post("r", "b", day=55, to="p")]

    assert reasons(forum(posts, "a", "b"), window_days="10") == {"r": None}


@pytest.mark.parametrize(
    ("own", "parents", "expected"),
    [("lens", "zoom", "lens"), (None, "zoom", "zoom"), ("lens", None, "lens"), (None, None, None)],
)
def test_a_reply_without_a_topic_has_that_of_what_it_answers(
    own: str | None, parents: str | None, expected: str | None
) -> None:
    posts = [post("p", "a", day=1, topic=parents), post("r", "b", day=2, to="p", topic=own)]

    (row,) = replies(forum(posts, "a", "b"))

    assert row["topic"] == expected


def test_topics_are_inherited_over_one_step_only() -> None:
    posts = [
        post("p", "a", day=1, topic="lens"),
        post("r", "b", day=2, to="p"),
        post("s", "c", day=3, to="r"),
    ]

    assert [row["topic"] for row in replies(forum(posts, *"abc"))] == ["lens", None]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"topic": "lens"}, ["1", "2"]),
        ({"kind": "comment"}, ["2", "3"]),
        ({"topic": "lens", "kind": "comment"}, ["2"]),
        ({"topic": "Lens"}, []),
        ({}, ["1", "2", "3"]),
    ],
)
def test_topic_and_kind_are_both_asked_for(settings: dict[str, str], expected: list[str]) -> None:
    posts = [
        post("p", "a", day=1),
        post("1", "b", day=2, to="p", topic="lens", kind="answer"),
        post("2", "b", day=2, to="p", topic="lens", kind="comment"),
        post("3", "b", day=2, to="p", kind="comment"),
    ]

    assert [row["post_id"] for row in replies(forum(posts, "a", "b"), **settings)] == expected


def test_customers_without_an_account_and_without_a_verdict_count() -> None:
    assert reasons({"posts": PAIR}) == {"r": None}


def test_every_reason_has_words_of_its_own() -> None:
    for language in (0, 1):
        assert len({text[language] for text in EXCLUDED.values()}) == len(EXCLUDED)


@pytest.mark.parametrize("value", ["0", "-1", "36501", "a year"])
def test_a_window_out_of_bounds_is_refused(value: str) -> None:
    with pytest.raises(ParameterError, match="window_days"):
        parameters_of(
            ReplyParameters, {"window_days": value}, algorithm="replies", as_of=BEFORE_EVERYTHING
        )
