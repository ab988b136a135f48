"""The list of an earlier run against who was answered since; and lists of two dates."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.influence import ALGORITHM
from algorithms.rankings import ndcg
from tests.forum_rows import START, people, thread
from tests.pure import Rows, result_of, rows_of, run_on, tables_of, utc

AS_OF = "2026-03-02"  # day 60
FLAT = {"trust": "floor", "floor": "1"}
Listed = dict[str, tuple[int, float, int]]
"""Of each person on an earlier list: rank, score, repliers."""


def recalled(earlier: Listed, *, day: float) -> pa.Table:
    at = START + timedelta(days=day)
    columns = [*zip(*earlier.values(), strict=True)] or [(), (), ()]
    return pa.table(
        {
            "customer_id": pa.array([*earlier], pa.string()),
            "influence_score": pa.array(columns[1], pa.float64()),
            "influence_rank": pa.array(columns[0], pa.int64()),
            "influence_repliers": pa.array(columns[2], pa.int64()),
            "influence_as_of": pa.array([at] * len(earlier), pa.timestamp("ms", tz="UTC")),
        }
    )


def measured(posts: Rows, earlier: Listed, *, day: float = 30, **settings: str) -> Result:
    tables = tables_of(ALGORITHM, {"posts": posts, **people(*"abcdefg")})
    tables["recalled"] = recalled(earlier, day=day)
    return run_on(ALGORITHM, tables, settings={**FLAT, **settings}, as_of=utc(AS_OF))


def grade(result: Result) -> dict[str, object]:
    last = result.metrics["last_list"]
    assert isinstance(last, dict)
    return last


def test_the_right_list_has_the_best_grade_there_is() -> None:
    posts = thread(("c", "a", 40), ("d", "a", 41), ("c", "b", 42))

    last = grade(measured(posts, {"a": (1, 2.0, 1), "b": (2, 1.0, 5)}))

    assert (last["ndcg_50"], last["precision_20"], last["share_50"]) == (1.0, 1.0, 1.0)
    # by repliers b stood first
    naive = (1 + 2 / np.log2(3)) / (2 + 1 / np.log2(3))
    assert last["in_degree_ndcg_50"] == pytest.approx(naive)


def test_who_was_answered_and_stood_on_no_list_is_missed() -> None:
    posts = thread(("c", "a", 40), ("d", "f", 41), ("e", "f", 41))

    last = grade(measured(posts, {"a": (1, 2.0, 1), "b": (2, 1.0, 1)}))

    # a drew one, b nobody, f two and comes behind both
    expected = ndcg(np.array([2.0, 1.0, 0.0]), np.array([1.0, 0.0, 2.0]), k=50)
    assert last["ndcg_50"] == pytest.approx(expected)
    assert last["n"] == 3


@pytest.mark.parametrize(("day", "n"), [(29.9, 1), (30.0, 1), (30.1, 2), (37.0, 2), (37.1, 1)])
def test_a_list_is_judged_by_the_days_after_it(day: float, n: int) -> None:
    # one reply to a counts in any case; that to b only in the seven days after the list
    posts = thread(("c", "a", 31), ("c", "b", day))

    last = grade(measured(posts, {"g": (1, 1.0, 1)}, grade_days="7"))

    assert last["n"] == n + 1


@pytest.mark.parametrize(("given", "expected"), [("7", 7.0), ("30", 30.0), ("90", 30.0)])
def test_no_more_days_judge_than_have_passed(given: str, expected: float) -> None:
    posts = thread(("c", "a", 31))

    assert grade(measured(posts, {"a": (1, 1.0, 1)}, grade_days=given))["days"] == expected


def test_a_list_since_which_nobody_was_answered_has_no_grade_and_keeps_its_ranks() -> None:
    result = measured(thread(("c", "a", 20)), {"a": (4, 1.0, 1)})

    assert result.metrics["last_list"] is None
    frame = result.frames["Customer"]
    assert rows_of(frame, "customer_id", "influence_previous_rank") == [("a", 4)]
    assert not any("judged by" in note.en for note in result.notes)


def test_an_empty_list_has_no_grade() -> None:
    assert measured(thread(("c", "a", 40)), {}).metrics["last_list"] is None


def test_who_stands_on_the_list_for_the_first_time_has_no_former_rank() -> None:
    posts = thread(("c", "a", 40), ("c", "b", 41), ("c", "d", 42))

    frame = measured(posts, {"b": (1, 3.0, 3), "g": (2, 2.0, 2)}).frames["Customer"]

    assert frame["customer_id"].tolist() == ["a", "b", "d"]
    assert frame["influence_previous_rank"].isna().tolist() == [True, False, True]


def test_replies_that_do_not_count_judge_nobody() -> None:
    posts = [
        *thread(("c", "a", 40), ("b", "b", 41)),
        {**thread(("d", "a", 42))[1], "post_id": "lost", "reply_to_post_id": "nowhere"},
    ]

    assert grade(measured(posts, {"a": (1, 1.0, 1)}))["n"] == 1


def test_the_grade_of_everybody_alike_is_that_of_chance() -> None:
    posts = thread(("c", "a", 40))

    last = grade(measured(posts, {"a": (1, 1.0, 1), "b": (2, 1.0, 1)}))

    assert last["ndcg_50"] == pytest.approx((1 + 1 / np.log2(3)) / 2)
    assert last["precision_20"] == 0.5


# ---------------------------------------------------------------- two dates


def list_of(posts: Rows, at: datetime | str, **settings: str) -> list[tuple[str, int]]:
    as_of = at if isinstance(at, str) else f"{at:%Y-%m-%d}"
    tables = {"posts": [p for p in posts if as_before(p, as_of)], **people(*"abcdefg")}
    result = result_of(ALGORITHM, tables, settings={**FLAT, **settings}, as_of=as_of)
    frame = result.frames["Customer"].sort_values("influence_rank")
    rows = rows_of(frame, "customer_id", "influence_repliers")
    return [(str(who), int(str(n))) for who, n in rows]


def as_before(row: dict[str, object], as_of: str) -> bool:
    at = row["posted_at"]
    assert isinstance(at, datetime)
    return at <= utc(as_of)


def test_who_led_a_month_ago_fades() -> None:
    early = [("c", "a", 5.0), ("d", "a", 6.0), ("e", "a", 7.0), ("c", "b", 8.0)]
    late = [("f", "b", 55.0), ("g", "b", 56.0)]
    posts = thread(*early, *late)

    then, now = (list_of(posts, at, half_life_days="10") for at in ("2026-01-15", AS_OF))

    assert then == [("a", 3), ("b", 1)]
    assert now == [("b", 3), ("a", 3)]


def test_a_window_forgets_whom_nobody_answered_in_it() -> None:
    posts = thread(("c", "a", 5), ("c", "b", 50))

    assert [who for who, _ in list_of(posts, AS_OF, window_days="30")] == ["b"]
    assert [who for who, _ in list_of(posts, AS_OF, window_days="60")] == ["b", "a"]


def test_what_came_after_a_date_is_not_known_on_it() -> None:
    before = thread(("c", "a", 5), ("d", "b", 6))
    after = [
        {**row, "post_id": f"later {row['post_id']}"}
        for row in thread(("e", "b", 40), ("f", "b", 41))
    ]

    assert list_of([*before, *after], "2026-01-20") == list_of(before, "2026-01-20")


def test_lists_of_topics_share_out_the_replies() -> None:
    posts = [
        {**row, "topic": "lens" if row["customer_id"] == "c" else "zoom"}
        for row in thread(("c", "a", 5), ("d", "a", 6), ("e", "a", 7), ("c", "b", 8))
    ]

    lens, zoom, all_ = (list_of(posts, AS_OF, topic=topic) for topic in ("lens", "zoom", ""))

    assert (dict(lens), dict(zoom)) == ({"a": 1, "b": 1}, {"a": 2})
    assert dict(all_) == {"a": 3, "b": 1}


def test_lists_of_kinds_share_out_the_replies_too() -> None:
    posts = [
        {**row, "kind": "answer" if row["customer_id"] == "c" else "comment"}
        for row in thread(("c", "a", 5), ("d", "a", 6), ("d", "b", 8))
    ]

    assert dict(list_of(posts, AS_OF, kind="answer")) == {"a": 1}
    assert dict(list_of(posts, AS_OF, kind="comment")) == {"a": 1, "b": 1}
