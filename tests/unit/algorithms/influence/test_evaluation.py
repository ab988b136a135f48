"""The score judged on a company's own posts: from a reader to grades, and to the attacks."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from algorithms.influence.attacks import ATTACKS
from algorithms.influence.evaluation import LEAKY, Graded, Plan, attack, evaluate, timeline_of
from algorithms.influence.grading import NoCutError
from algorithms.influence.settings import InfluenceParameters
from algorithms.parameters import ParameterError, UnknownParameterError, parameters_of
from graph.settings import Settings, read_settings
from tests.forum_rows import START, people, post, thread
from tests.pure import Rows, Shelf, utc

NAMES = [f"n{i}" for i in range(8)]


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return read_settings(home=tmp_path)


def params(**given: str) -> InfluenceParameters:
    return parameters_of(InfluenceParameters, given, algorithm="influence", as_of=utc("2000-01-01"))


def shelf(posts: Rows, *names: str) -> Shelf:
    return Shelf({"posts": posts, **people(*(names or NAMES))})


def talk(days: int = 120) -> Rows:
    """Return a forum in which every day somebody answers n0, and every third day n1."""
    replies = [(NAMES[2 + day % 6], "n0", day + 0.5) for day in range(days)]
    replies += [(NAMES[2 + day % 6], "n1", day + 0.6) for day in range(0, days, 3)]
    return thread(*replies)


PLAN = Plan(cuts=3, horizon_days=10, given={"window_days": "30"})


def test_the_timeline_counts_days_from_the_first_reply(home: Settings) -> None:
    posts = thread(("b", "a", 4), ("c", "a", 6.5), ("a", "b", 7))

    timeline, start, end = timeline_of(shelf(posts, *"abc"), params(), settings=home)

    assert (start, end) == (START + timedelta(days=4), START + timedelta(days=7))
    replies = zip(timeline.source.tolist(), timeline.target.tolist(), timeline.at, strict=True)
    assert sorted(replies) == [(0, 1, 3.0), (1, 0, 0.0), (2, 0, 2.5)]


def test_people_are_known_since_they_registered_or_wrote(home: Settings) -> None:
    rows = people(*"abc")
    for account, at in zip(
        rows["accounts"], (utc("2025-12-30"), None, utc("2026-12-01")), strict=True
    ):
        account["registered_at"] = at
    posts = thread(("b", "a", 4), ("c", "a", 6), ("a", "b", 7))

    timeline, _, _ = timeline_of(Shelf({"posts": posts, **rows}), params(), settings=home)

    # a before the first reply on day 4; b wrote their first post on day 0; c wrote on day 6
    assert timeline.since.tolist() == [-6.0, -4.0, 2.0]


def test_who_never_wrote_nor_registered_is_known_since_they_were_answered(home: Settings) -> None:
    rows = people(*"ab")
    rows["accounts"][0]["registered_at"] = None
    posts = [post(f"r{day}", "b", day=day, reply_to_account_id="a:a") for day in (4, 9)]

    timeline, _, _ = timeline_of(Shelf({"posts": posts, **rows}), params(), settings=home)

    assert timeline.since[0] == 0.0


def test_the_timeline_reaches_back_past_the_window(home: Settings) -> None:
    posts = thread(("b", "a", 0.5), ("b", "a", 900))

    timeline, _, _ = timeline_of(shelf(posts, *"ab"), params(window_days="7"), settings=home)

    assert timeline.at.tolist() == [0.0, 899.5]


def test_only_the_topic_asked_for_is_judged(home: Settings) -> None:
    posts = [
        {**row, "topic": "lens" if row["customer_id"] == "c" else "zoom"}
        for row in thread(("b", "a", 1), ("c", "a", 2))
    ]

    timeline, _, _ = timeline_of(shelf(posts, *"abc"), params(topic="lens"), settings=home)

    assert len(timeline.at) == 1


@pytest.mark.parametrize("posts", [[], [post("p", "n0", day=3)]], ids=["no posts", "no replies"])
def test_without_replies_there_is_nobody_to_judge(home: Settings, posts: Rows) -> None:
    timeline, start, end = timeline_of(shelf(posts), params(), settings=home)

    assert (timeline.n, len(timeline.at)) == (0, 0)
    assert start == end
    with pytest.raises(NoCutError, match="span 0 days"):
        evaluate(shelf(posts), PLAN, settings=home)


def test_cuts_lie_a_horizon_apart_before_the_end(home: Settings) -> None:
    found = evaluate(shelf(talk()), PLAN, settings=home)

    cuts = [one.cut for one in found.cuts]
    assert np.diff(cuts).tolist() == pytest.approx([10.0, 10.0])
    latest = found.start + timedelta(days=cuts[-1] + 10)
    assert abs(latest - found.end) < timedelta(seconds=1)


def test_who_is_always_answered_is_foretold_without_fault(home: Settings) -> None:
    found = evaluate(shelf(talk()), PLAN, settings=home)

    # n0 draws all six in ten days, n1 fewer; both lead all lists but that of chance
    assert [one.lists["score"].ndcg_50 for one in found.cuts] == [1.0] * 3
    assert all(one.lists["random"].ndcg_50 < 1 for one in found.cuts)
    assert [(one.n, one.n_drawn) for one in found.cuts] == [(8, 2)] * 3


def test_what_is_kept_of_the_grades_is_json_with_dates_and_what_leaks(home: Settings) -> None:
    found = evaluate(shelf(talk()), PLAN, settings=home)

    kept = json.loads(json.dumps(found.metrics()))

    # none was given, and eight people are too few to choose by
    assert (kept["horizon_days"], kept["half_life_days"]) == (10, None)
    assert {one["half_life"] for one in kept["cuts"]} == {7.5}
    assert kept["leaky"] == list(LEAKY)
    assert [one["cut"] for one in kept["cuts"]] == [found.at(one.cut) for one in found.cuts]
    assert {one["baseline"] for one in kept["paired"]} == {
        "untrusted",
        "in_degree",
        "pagerank",
        "betweenness",
        "random",
    }


def test_a_cut_is_shown_to_the_millisecond() -> None:
    found = Graded(params(), utc("2026-01-01"), utc("2026-03-01"), (), 30)

    assert found.at(1.5) == "2026-01-02T12:00:00.000+00:00"


def test_fewer_cuts_than_wished_for_are_graded_where_time_is_short(home: Settings) -> None:
    found = evaluate(shelf(talk(45)), Plan(50, 10, {"window_days": "30"}), settings=home)

    assert 0 < len(found.cuts) < 5


def test_a_window_as_long_as_the_forum_leaves_a_remedy(home: Settings) -> None:
    with pytest.raises(NoCutError) as caught:
        evaluate(shelf(talk(20)), Plan(3, 30), settings=home)

    assert "influence.window_days" in str(caught.value)
    assert "365" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "error"),
    [({"window": "30"}, UnknownParameterError), ({"window_days": "0"}, ParameterError)],
)
def test_wrong_parameters_are_refused_before_anything_is_read(
    home: Settings, given: dict[str, str], error: type[Exception]
) -> None:
    reader = shelf(talk())

    with pytest.raises(error):
        evaluate(reader, Plan(given=given), settings=home)

    assert reader.asked == []


def everybody_talks() -> Rows:
    """Return a forum in which everybody answers all before them: n0 has most repliers."""
    pairs = [(by, to) for by in range(8) for to in range(by)]
    return thread(
        *((NAMES[by], NAMES[to], day + by / 10) for day in range(1, 100, 9) for by, to in pairs)
    )


def test_all_attacks_boost_who_stands_in_the_middle(home: Settings) -> None:
    moved = attack(shelf(everybody_talks()), PLAN, settings=home)

    assert [one.attack for one in moved] == list(ATTACKS)
    # seven were answered, by seven people down to one; nobody answers n7, so that trust ends
    # at n5 and five have a strict score: n2, the third of them, is boosted from five repliers
    assert {one.n for one in moved} == {7}
    assert {one.before["in_degree"] for one in moved} == {3.0}
    assert [one.after["in_degree"] for one in moved] == [2.0, 1.0, 1.0, 1.0, 1.0]
    assert [one.change("strict") for one in moved] == [0.0] * 5


def test_posts_of_the_future_change_no_grade_of_the_past(home: Settings) -> None:
    timeline, _, _ = timeline_of(shelf(talk(60)), params(), settings=home)
    longer, _, _ = timeline_of(shelf(talk(120)), params(), settings=home)

    before, after = (of.arcs(40.0, days=30) for of in (timeline, longer))

    assert before.source.tolist() == after.source.tolist()
    assert before.last.tolist() == after.last.tolist()
    assert before.known.tolist() == after.known.tolist()
