"""Rhythms and the first millisecond of every stage, on visits written down one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.lifecycle_rhythm import (
    ACTIVE,
    COOLING,
    DAY,
    LOST,
    NEW,
    PROSPECT,
    RETURNED,
    SLEEPING,
    UNKNOWN,
    Integers,
    LifecycleParameters,
    Lives,
    Visits,
    company_gap,
    lives_of,
    stages_at,
)
from algorithms.parameters import ParameterError, parameters_of
from tests.pure import utc

START = 20_000 * DAY
unhurried = settings(deadline=None)


def params_of(**given: str) -> LifecycleParameters:
    plain = {"minimum_days": "1", "default_days": "10", **given}
    return parameters_of(LifecycleParameters, plain, algorithm="lifecycle", as_of=utc("2026-01-01"))


def visits_of(*lives: list[float]) -> Visits:
    """Return visits of customers 0, 1, ... from days after the start; of some there are none."""
    owner = [place for place, days in enumerate(lives) for _ in days]
    times = [START + round(day * DAY) for days in lives for day in days]
    return Visits.of(np.array(owner, np.int64), np.array(times, np.int64))


def lived(*lives: list[float], gap: float = 10, **given: str) -> Lives:
    return lives_of(visits_of(*lives), gap=gap * DAY, params=params_of(**given))


def stage_of(lives: Lives, day: float, *, n: int = 1, extra: int = 0) -> tuple[Integers, Integers]:
    stage, since, _ = stages_at(lives, START + round(day * DAY) + extra, n=n, params=params_of())
    return stage, since


def test_visits_are_counted_and_measured_for_each_customer() -> None:
    visits = visits_of([0, 4, 10], [], [7], [1, 2])

    assert visits.owner.tolist() == [0, 0, 0, 2, 3, 3]
    assert visits.number.tolist() == [1, 2, 3, 1, 1, 2]
    assert (visits.span // DAY).tolist() == [0, 4, 10, 0, 0, 1]
    assert (visits.gap // DAY).tolist() == [0, 4, 6, 0, 0, 1]
    assert visits.is_last.tolist() == [False, False, True, True, False, True]


def test_without_visits_there_is_nothing_to_measure() -> None:
    visits = visits_of()

    assert len(visits.number) == len(visits.is_last) == 0
    assert company_gap(visits, params=params_of(default_days="33")) == (33 * DAY, 0)
    stage, since = stage_of(lives_of(visits, gap=DAY, params=params_of()), 5, n=2)
    assert stage.tolist() == [PROSPECT] * 2
    assert since.tolist() == [UNKNOWN] * 2


def test_the_companys_gap_is_the_median_of_mean_gaps() -> None:
    # mean gaps of 5, 30 and 2 days; whoever came once has none
    visits = visits_of([0, 4, 10], [0, 30], [0, 2, 4, 6, 8], [3])

    assert company_gap(visits, params=params_of()) == (5 * DAY, 3)


def test_between_two_middle_gaps_lies_their_mean() -> None:
    assert company_gap(visits_of([0, 4], [0, 10]), params=params_of()) == (7 * DAY, 2)


def test_a_rhythm_is_the_companys_until_own_gaps_speak() -> None:
    lives = lived([0, 4, 8, 12, 16])

    # two gaps of 10 days beside own ones of 4
    expected = [10, 24 / 3, 28 / 4, 32 / 5, 36 / 6]
    assert (lives.rhythm / DAY).tolist() == pytest.approx(expected)


def test_a_heavier_company_moves_a_rhythm_less() -> None:
    light, heavy = (lived([0, 4], company_weight=w).rhythm[-1] / DAY for w in ("1", "9"))

    assert (light, heavy) == (pytest.approx(7), pytest.approx(9.4))


def test_no_rhythm_is_shorter_than_the_shortest() -> None:
    assert (lived([0, 1, 2], gap=1, minimum_days="7").rhythm / DAY).tolist() == [7, 7, 7]


# one purchase and a rhythm of 10 days: limits at 15, 30 and 60 days
BORDERS = [
    (0, 0, NEW),
    (15, 0, NEW),
    (15, 1, COOLING),
    (30, 0, COOLING),
    (30, 1, SLEEPING),
    (60, 0, SLEEPING),
    (60, 1, LOST),
]


@pytest.mark.parametrize(("day", "extra", "expected"), BORDERS)
def test_a_stage_begins_with_the_first_millisecond_beyond_its_limit(
    day: int, *, extra: int, expected: int
) -> None:
    stage, _ = stage_of(lived([0]), day, extra=extra)

    assert stage.tolist() == [expected]


@pytest.mark.parametrize(("day", "extra", "expected"), BORDERS[2::2])
def test_the_beginning_of_a_silence_does_not_move_with_the_day_of_asking(
    day: int, *, extra: int, expected: int
) -> None:
    _, since = stage_of(lived([0]), day + 3, extra=extra)

    assert since.tolist() == [START + day * DAY + 1]
    assert expected in (COOLING, SLEEPING, LOST)


@pytest.mark.parametrize(
    ("gap", "stage"),
    [(14, ACTIVE), (15, ACTIVE), (30, ACTIVE), (30.0001, RETURNED), (99, RETURNED)],
)
def test_whoever_comes_after_the_second_limit_has_returned(gap: float, stage: int) -> None:
    lives = lived([0, gap])

    assert lives.stage.tolist() == [NEW, stage]
    assert lives.since.tolist() == [START, START + round(gap * DAY)]


def test_activity_goes_on_from_its_first_visit_while_the_rhythm_is_kept() -> None:
    # after the visits of days 8 and 16 the rhythm is 9.33 and 9 days
    lives = lived([0, 8, 16, 29])

    assert lives.stage.tolist() == [NEW, ACTIVE, ACTIVE, ACTIVE]
    assert ((lives.since - START) // DAY).tolist() == [0, 8, 8, 8]


def test_activity_begins_anew_after_a_silence_that_was_cooling() -> None:
    lives = lived([0, 8, 16, 30])

    # 14 days are more than one and a half times 9
    assert ((lives.since - START) // DAY).tolist() == [0, 8, 8, 30]


def test_a_neighbour_in_the_table_lends_nobody_their_rhythm() -> None:
    apart = [lived([0, 1, 2]), lived([0, 40])]

    together = lived([0, 1, 2], [0, 40])

    assert together.stage.tolist() == [*apart[0].stage, *apart[1].stage]
    assert together.rhythm.tolist() == [*apart[0].rhythm, *apart[1].rhythm]


def test_visits_after_the_instant_do_not_count() -> None:
    lives = lived([0, 50], [40])

    stage, since = stage_of(lives, 35, n=3)

    assert stage.tolist() == [SLEEPING, PROSPECT, PROSPECT]
    assert since.tolist() == [START + 30 * DAY + 1, UNKNOWN, UNKNOWN]


def test_the_moment_of_a_visit_is_with_it() -> None:
    stage, since = stage_of(lived([0, 50]), 50)

    assert (stage.tolist(), since.tolist()) == ([RETURNED], [START + 50 * DAY])


days = st.lists(st.integers(0, 200), max_size=8, unique=True).map(sorted)


@unhurried
@given(st.lists(days, min_size=1, max_size=5), st.integers(0, 260))
def test_customers_are_placed_as_if_each_were_alone(lives: list[list[int]], day: int) -> None:
    floats = [[float(each) for each in own] for own in lives]

    stage, since = stage_of(lived(*floats), day, n=len(lives))

    for place, own in enumerate(floats):
        alone = stage_of(lived(own), day)
        assert (stage[place], since[place]) == (alone[0][0], alone[1][0])


@unhurried
@given(days, st.integers(0, 260))
def test_what_comes_later_does_not_change_where_somebody_was(own: list[int], day: int) -> None:
    whole, past = ([float(d) for d in own if d <= end] for end in (999, day))

    one, other = (stage_of(lived(some), day) for some in (whole, past))

    assert (one[0].tolist(), one[1].tolist()) == (other[0].tolist(), other[1].tolist())


@pytest.mark.parametrize(
    "wrong",
    [
        {"active": "4"},
        {"cooling": "1"},
        {"sleeping": "2.9"},
        {"active": "0"},
        {"company_weight": "0"},
        {"flow_days": "0"},
    ],
)
def test_limits_that_do_not_rise_or_are_nothing_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ParameterError, match=r"lifecycle\.\w+ cannot be"):
        params_of(**wrong)
