"""Which circle is which from one month to the next, on months written down person by person."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from algorithms.circles.tracking import Event, Names, born_at, is_named, named
from algorithms.network.digraph import Numbers
from algorithms.network.partitions import NOBODY

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND = "20260301T120000-01", "20260301T120000-02"


def now_of(text: str) -> Numbers:
    """Return the circles of people, a letter each from ``a``; a dot is in none."""
    return np.array([NOBODY if c == "." else ord(c) - ord("a") for c in text], np.int64)


def before_of(text: str) -> Names:
    """Return the former circles of people, whose ids are letters; a dot was in none."""
    return np.array([None if c == "." else c for c in text], dtype=object)


def become(before: str, now: str) -> tuple[list[object], list[Event]]:
    assert len(before) == len(now)
    ids, events = named(now_of(now), before_of(before), as_of=NOON)
    return ids.tolist(), events


def test_in_the_first_month_every_circle_is_born_with_all_its_people() -> None:
    assert become("........", "aaaabbb.") == (
        [FIRST, SECOND],
        [Event(FIRST, "born", "", 4), Event(SECOND, "born", "", 3)],
    )


def test_who_stays_together_is_no_event() -> None:
    assert become("xxxxyyy", "bbbbaaa") == (["y", "x"], [])


def test_a_third_that_leaves_is_no_part_and_one_more_is() -> None:
    # of nine, three are a third; four are more
    assert become("xxxxxxxxx....", "aaaaaabbbbbbb")[1] == [Event(FIRST, "born", "", 7)]
    assert become("xxxxxxxxx....", "aaaaabbbbbbbb")[1] == [Event(FIRST, "split", "x", 4)]


def test_few_of_a_large_circle_who_are_most_of_a_new_one_split_from_it() -> None:
    # three of twelve are no third, but more than half of five
    assert become("x" * 12 + "..", "a" * 9 + "bbbbb")[1] == [Event(FIRST, "split", "x", 3)]


def test_half_of_a_new_circle_is_not_most_of_it() -> None:
    assert become("x" * 12 + "...", "a" * 9 + "bbbbbb")[1] == [Event(FIRST, "born", "", 6)]


def test_a_circle_that_falls_in_three_keeps_its_id_in_the_largest_part() -> None:
    # five of thirteen are a part of it; three are most of where they are
    ids, events = become("x" * 13, "aaaaabbbbbccc")

    assert ids == ["x", FIRST, SECOND]
    assert events == [Event(FIRST, "split", "x", 5), Event(SECOND, "split", "x", 3)]


def test_of_two_equal_circles_that_merge_the_older_id_stays() -> None:
    assert become("yyyyxxxx", "aaaaaaaa") == (["x"], [Event("y", "merged", "x", 4)])


def test_the_larger_of_two_that_merge_keeps_its_id() -> None:
    assert become("xxxyyyyy", "aaaaaaaa") == (["y"], [Event("x", "merged", "y", 3)])


def test_a_circle_may_go_into_two_others() -> None:
    ids, events = become("yyyyyxxxxxxzzzzz", "aaaaaaaabbbbbbbb")

    assert ids == ["y", "z"]
    assert events == [Event("x", "merged", "y", 3), Event("x", "merged", "z", 3)]


def test_a_new_circle_out_of_two_names_both() -> None:
    # both old circles live on, and each gave more than a third
    ids, events = become("xxxxxxxyyyyyyy", "aaaaccccccbbbb")

    assert ids == ["x", "y", FIRST]
    assert events == [Event(FIRST, "split", "x", 3), Event(FIRST, "split", "y", 3)]


def test_two_people_who_stay_hand_no_id_on() -> None:
    # two of five are a part of the old circle all the same: it went where they are
    assert become("xxxxx", "aa...") == (
        [FIRST],
        [Event(FIRST, "split", "x", 2), Event("x", "merged", FIRST, 2)],
    )


def test_three_people_who_stay_do() -> None:
    assert become("xxxxx", "aaa..") == (["x"], [])


def test_a_circle_of_which_too_few_are_left_anywhere_has_ended() -> None:
    assert become("xxxxxxyyyy", "aab...bbbb") == (
        [FIRST, "y"],
        [Event(FIRST, "split", "x", 2), Event("x", "ended", "", 6)],
    )


def test_where_nobody_is_in_a_circle_any_more_all_have_ended() -> None:
    assert become("xxxyyyy", ".......") == (
        [],
        [Event("x", "ended", "", 3), Event("y", "ended", "", 4)],
    )


def test_nobody_at_all_is_no_event() -> None:
    assert become("", "") == ([], [])


def test_the_same_people_in_a_circle_after_a_pause_are_a_new_one() -> None:
    assert become(".....", "aaaaa") == ([FIRST], [Event(FIRST, "born", "", 5)])


def test_the_largest_overlap_is_given_first_and_others_take_what_is_left() -> None:
    # b has four of x and a three; a then keeps the three of y
    assert become("xxxxxxxyyy", "bbbbaaaaaa")[0] == ["y", "x"]


def test_an_id_is_given_once_though_two_circles_have_as_many_of_it() -> None:
    ids, events = become("xxxxxx", "aaabbb")

    assert ids == ["x", FIRST]
    assert events == [Event(FIRST, "split", "x", 3)]


def test_a_new_id_passes_over_those_that_are_taken() -> None:
    ids, _ = named(now_of("aaabbb"), before_of("......"), as_of=NOON, taken=[FIRST])

    assert ids.tolist() == [SECOND, "20260301T120000-03"]


def test_a_new_id_passes_over_one_that_a_former_circle_has() -> None:
    former = np.array([FIRST] * 4 + [None] * 3, dtype=object)

    ids, _ = named(now_of("aaaabbb"), former, as_of=NOON)

    assert ids.tolist() == [FIRST, SECOND]


def test_more_than_ninety_nine_circles_have_ids_of_their_own() -> None:
    labels = np.arange(120, dtype=np.int64)

    ids, _ = named(labels, np.full(120, None, dtype=object), as_of=NOON)

    assert len({*ids.tolist()}) == 120
    assert {born_at(name) for name in ids} == {NOON}


def test_an_id_tells_the_birth_in_utc_wherever_the_clock_stood() -> None:
    shanghai = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))

    (name,), _ = named(now_of("aaa"), before_of("..."), as_of=shanghai)

    assert (name, born_at(name)) == (FIRST, shanghai)


def test_an_id_that_is_none_tells_no_birth() -> None:
    with pytest.raises(ValueError, match="does not match format"):
        born_at("lens")


def test_events_stand_in_the_order_of_circles() -> None:
    _, events = become("yyyyxxxx....", "........aaaa")

    assert [event.circle_id for event in events] == sorted(event.circle_id for event in events)
    assert [event.event for event in events] == ["born", "ended", "ended"]


def test_an_empty_name_is_a_name_and_none_is_not() -> None:
    names = np.array(["x", None, ""], dtype=object)

    assert is_named(names).tolist() == [True, False, True]
