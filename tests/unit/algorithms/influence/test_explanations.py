"""Every number of an explanation, counted again from the posts and from the scores."""

import re
from datetime import datetime, timedelta

import pandas as pd
import pytest

from algorithms.contract import Result
from algorithms.influence import ALGORITHM
from tests.forum_rows import START, people, thread
from tests.pure import Rows, result_of

AS_OF = "2026-03-02"  # day 60
NOW = START + timedelta(days=60)
RECENT = 20
NAMES = [f"n{i}" for i in range(12)]
# a forum that nobody drew by hand and nobody drew at random: who answers whom by remainders
TALK = [((7 * i + i // 12 + 5) % 12, i**3 % 31 % 10, 0.5 + i * 59 / 150) for i in range(150)]
# only every third person answers those from n6 on, so that they have few repliers
POSTS: Rows = thread(
    *((NAMES[by], NAMES[to], day) for by, to, day in TALK if by != to and (to < 6 or by % 3 == 0))
)
SENTENCE = re.compile(
    r"Rank (?P<rank>\d+) of (?P<n>\d+)\. (?P<recent>\d+) different people replied in 20 days, "
    r"(?P<established>\d+) established; (?P<earlier>\d+) in the 20 days before, (?P<all>\d+) in "
    r"the whole window\. Without the five most active repliers: rank (?P<without>\d+)\."
)


@pytest.fixture(scope="module", params=["strict", "floor"])
def result(request: pytest.FixtureRequest) -> Result:
    rows = {"posts": POSTS, **people(*NAMES)}
    settings = {"recent_days": str(RECENT), "window_days": "60", "trust": str(request.param)}
    return result_of(ALGORITHM, rows, settings=settings, as_of=AS_OF)


def told(result: Result) -> dict[str, dict[str, int]]:
    """Return the numbers in the explanation of each person."""
    assert ALGORITHM.explain is not None
    found = {}
    for row in result.frames["Customer"].astype(object).to_dict("records"):
        known = {str(name): None if value is pd.NA else value for name, value in row.items()}
        match = SENTENCE.match(ALGORITHM.explain(known, result.metrics).en)
        assert match is not None
        numbers = {name: int(number) for name, number in match.groupdict().items()}
        found[str(row["customer_id"])] = numbers
    return found


def replies_to(who: str, *, after: float = 60, until: float = 0) -> list[str]:
    """Return who replied to somebody, once a reply, between two ages in days."""
    found = []
    for row in POSTS:
        at = row["posted_at"]
        assert isinstance(at, datetime)
        age = (NOW - at) / timedelta(days=1)
        if row["reply_to_post_id"] == f"p:{who}" and until <= age < after:
            found.append(str(row["customer_id"]))
    return found


def test_everybody_who_was_answered_is_explained(result: Result) -> None:
    assert set(told(result)) == {who for who in NAMES if replies_to(who)}


def test_people_of_the_window_and_of_its_ends_are_counted_again(result: Result) -> None:
    for who, numbers in told(result).items():
        assert numbers["all"] == len({*replies_to(who)})
        assert numbers["recent"] == len({*replies_to(who, after=RECENT)})
        assert numbers["earlier"] == len({*replies_to(who, after=2 * RECENT, until=RECENT)})


def test_established_are_those_with_two_repliers_before_the_last_sixth(result: Result) -> None:
    established = {who for who in NAMES if len({*replies_to(who, until=10.0001)}) >= 2}

    for who, numbers in told(result).items():
        assert numbers["established"] == len({*replies_to(who, after=RECENT)} & established)


def test_a_rank_is_one_more_than_the_higher_scores(result: Result) -> None:
    frame = result.frames["Customer"].set_index("customer_id")
    score = frame["influence_score"]

    for who, numbers in told(result).items():
        # equals may share out the places that they cover
        above, level = (score > score[who] + 1e-9).sum(), (abs(score - score[who]) <= 1e-9).sum()
        assert above < numbers["rank"] <= above + level
        assert numbers["n"] == len(frame)


def test_who_has_five_repliers_or_fewer_stands_behind_every_score_without_them(
    result: Result,
) -> None:
    frame = result.frames["Customer"].set_index("customer_id")
    score = frame["influence_score"]
    few = {who: of["without"] for who, of in told(result).items() if of["all"] <= 5}

    assert len(few) >= 3
    for who, without in few.items():
        assert without == (score.drop(who) > 0).sum() + 1


def test_who_has_more_repliers_keeps_what_the_others_add(result: Result) -> None:
    many = [of for of in told(result).values() if of["all"] > 5]

    assert len(many) >= 3
    assert any(of["without"] < of["n"] for of in many)


def test_the_chinese_explanation_has_the_same_numbers(result: Result) -> None:
    assert ALGORITHM.explain is not None
    for row in result.frames["Customer"].astype(object).to_dict("records"):
        known = {str(name): None if value is pd.NA else value for name, value in row.items()}

        said = ALGORITHM.explain(known, result.metrics)

        en, zh = (sorted(re.findall(r"\d+", text)) for text in said)
        assert en == zh
