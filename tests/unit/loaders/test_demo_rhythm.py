"""When things happen: seasons, weekends, actions, hours, and the gaps between orders."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from loaders.demo.calendar import (
    IN_SHOP,
    ONLINE,
    busyness_at,
    day_of,
    intensity,
    months,
    seconds_in,
)
from loaders.demo.catalogue import campaigns_of
from loaders.demo.draw import Ints, stream
from loaders.demo.profile import CLOSES, DAY, FIRST_DAY, LAST_DAY, OPENS
from loaders.demo.vocabulary import assortment
from tests.chances import misfit
from tests.demo_exports import N, company, rows_of

EPOCH = date(1970, 1, 1)
N_DAYS = LAST_DAY - FIRST_DAY + 1


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - EPOCH).days


def busy_on(*days: int) -> float:
    """Return the stated busyness of some days together."""
    cumulated = intensity(campaigns_of())
    return float(sum(cumulated[d - FIRST_DAY + 1] - cumulated[d - FIRST_DAY] for d in days))


def hours(seconds: Ints) -> Ints:
    return seconds % DAY // 3600


def gaps() -> Ints:
    """Return the days between two orders of one buyer, over all buyers."""
    orders = company().orders
    known = orders.person >= 0
    person, at = orders.person[known], orders.at[known]
    by_person = np.argsort(person, kind="stable")
    same = np.diff(person[by_person]) == 0
    found: Ints = np.diff(at[by_person])[same]
    return found


# ---------------------------------------------------------------- the calendar as stated


def test_the_files_span_two_whole_years() -> None:
    assert EPOCH.toordinal() + FIRST_DAY == date(2024, 7, 1).toordinal()
    assert EPOCH.toordinal() + LAST_DAY == date(2026, 6, 30).toordinal()
    assert N_DAYS == 365 * 2
    assert CLOSES - OPENS == N_DAYS * DAY


def test_a_saturday_is_a_third_busier_than_the_friday_before_it() -> None:
    # 13 September 2024 was a Friday; no action ran
    friday, saturday, monday = (busy_on(day(2024, 9, d)) for d in (13, 14, 16))

    assert saturday / friday == pytest.approx(1.35)
    assert monday == friday == pytest.approx(1.0)


def test_an_action_makes_a_day_half_as_busy_again() -> None:
    # the same weekday, within one month: the first action of November 2024 ends on the 11th
    during, after = busy_on(day(2024, 11, 4)), busy_on(day(2024, 11, 18))

    assert during / after == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("month", "share"),
    [*enumerate((0.95, 0.75, 0.95, 0.95, 1.0, 1.15, 0.9, 0.9, 1.0, 1.05, 1.3, 1.15), start=1)],
)
def test_a_plain_weekday_is_as_busy_as_its_month(month: int, share: float) -> None:
    days = [day(2025, month, of_month) for of_month in range(1, 29)]
    plain = [
        d
        for d in days
        if (d + 3) % 7 < 5 and campaigns_of().discount_on(np.array([d])).tolist() == [0]
    ]

    assert len(plain) >= 5
    assert busy_on(*plain) / len(plain) == pytest.approx(share)


def test_february_is_the_quietest_month_of_plain_weekdays() -> None:
    february = busy_on(day(2025, 2, 12))

    assert february == pytest.approx(0.75)
    assert february < busy_on(day(2025, 4, 16))


def test_the_cumulated_busyness_begins_at_nothing_and_only_grows() -> None:
    cumulated = intensity(campaigns_of())

    assert cumulated[0] == 0
    assert len(cumulated) == N_DAYS + 1
    assert (np.diff(cumulated) > 0.5).all()


def test_a_day_is_found_again_by_its_busyness() -> None:
    cumulated = intensity(campaigns_of())
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    noon = busyness_at(days * DAY + DAY // 2, cumulated)

    assert day_of(noon, cumulated).tolist() == days.tolist()


def test_busyness_beyond_the_two_years_stays_within_them() -> None:
    cumulated = intensity(campaigns_of())

    outside = day_of(np.array([-5.0, cumulated[-1] + 5.0]), cumulated)

    assert outside.tolist() == [FIRST_DAY, LAST_DAY]


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (datetime(1970, 1, 31, 23, 59, 59, tzinfo=UTC), 0),
        (datetime(1970, 2, 1, tzinfo=UTC), 1),
        (datetime(2024, 2, 29, 12, tzinfo=UTC), 54 * 12 + 1),
        (datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC), 56 * 12 + 5),
    ],
)
def test_a_month_ends_with_its_last_second(moment: datetime, month: int) -> None:
    assert months(np.array([int(moment.timestamp())])).tolist() == [month]


@pytest.mark.parametrize("habit", [ONLINE, IN_SHOP])
def test_hours_are_drawn_by_their_shares(habit: tuple[int, ...]) -> None:
    drawn = seconds_in(np.full(50_000, FIRST_DAY), hours=habit, rng=stream(3, "hours"))

    counts = np.bincount(hours(drawn), minlength=24)
    is_open = np.array(habit) > 0
    assert (counts[~is_open] == 0).all()
    assert misfit(counts[is_open], np.array(habit, dtype=np.float64)[is_open]) < 2.5


def test_a_time_lies_on_the_day_it_was_drawn_for() -> None:
    days = np.arange(FIRST_DAY, LAST_DAY)

    assert (seconds_in(days, hours=ONLINE, rng=stream(3, "x")) // DAY == days).all()


@pytest.mark.parametrize("action", assortment()["campaign"], ids=lambda action: action["name"])
def test_an_action_gives_its_discount_from_its_first_to_its_last_day(
    action: dict[str, object],
) -> None:
    start, days = action["start"], action["days"]
    assert isinstance(start, date)
    assert isinstance(days, int)
    first = (start - EPOCH).days
    around = np.array([first - 1, first, first + days - 1, first + days])

    before, opening, closing, after = campaigns_of().discount_on(around).tolist()

    assert opening == closing == action["discount"]
    assert (before, after) == (0, 0)


# ---------------------------------------------------------------- orders as they came out


def test_guests_come_when_it_is_busy_month_by_month() -> None:
    orders = company().orders
    guests = orders.at[orders.person < 0]
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
    first = int(months(np.array([OPENS]))[0])
    weight = np.bincount(
        months(days * DAY) - first, weights=np.diff(intensity(campaigns_of())), minlength=24
    )

    counts = np.bincount(months(guests) - first, minlength=24)

    assert len(guests) > 2_000
    assert misfit(counts, weight) < 2.2


def test_orders_of_both_worlds_keep_their_hours() -> None:
    orders = company().orders
    till = np.bincount(hours(orders.at[orders.at_till]), minlength=24)
    online = np.bincount(hours(orders.at[~orders.at_till]), minlength=24)

    assert till[:9].sum() == till[22:].sum() == 0
    assert online[20:22].sum() > online[8:10].sum()
    assert online[0] > 0
    assert online[3:6].sum() == 0


def test_weekends_are_busier_than_weekdays_by_about_a_third() -> None:
    orders = company().orders
    weekday = (orders.at // DAY + 3) % 7
    counts = np.bincount(weekday, minlength=7)

    ratio = counts[5:].mean() / counts[:5].mean()

    # orders moved to an action dilute it a little
    assert 1.2 < ratio < 1.4


def test_actions_draw_more_than_their_stated_half_because_some_wait_for_them() -> None:
    days = company().orders.at // DAY
    is_action = company().campaigns.discount_on(np.arange(FIRST_DAY, LAST_DAY + 1)) > 0
    counts = np.bincount(days - FIRST_DAY, minlength=N_DAYS)

    assert counts[is_action].mean() > 1.5 * counts[~is_action].mean()


def test_the_second_order_follows_sooner_than_if_buyers_were_all_alike() -> None:
    between = gaps() / DAY

    # buyers differ, so short gaps abound: the middle gap lies far below the mean one
    assert len(between) > N
    assert np.median(between) < 0.75 * between.mean()
    assert between.min() >= 0
    assert between.max() < N_DAYS


def test_who_bought_often_buys_again_sooner() -> None:
    orders = company().orders
    counts = np.bincount(orders.person[orders.person >= 0], minlength=N)
    mean_gap = []
    for least, most in ((2, 3), (10, 1_000)):
        chosen = np.isin(orders.person, np.flatnonzero((counts >= least) & (counts <= most)))
        person, at = orders.person[chosen], orders.at[chosen]
        by_person = np.argsort(person, kind="stable")
        same = np.diff(person[by_person]) == 0
        mean_gap.append(np.diff(at[by_person])[same].mean())

    assert mean_gap[0] > 2 * mean_gap[1]


def test_some_buyers_have_stayed_away_for_a_year_and_others_came_last_month() -> None:
    orders = company().orders
    last = np.zeros(N, dtype=np.int64)
    np.maximum.at(last, orders.person[orders.person >= 0], orders.at[orders.person >= 0])
    silent = (CLOSES - last[last > 0]) / DAY

    assert (silent > 365).mean() > 0.2
    assert (silent < 30).mean() > 0.05


# ---------------------------------------------------------------- other systems keep the calendar


@pytest.mark.parametrize(
    ("source", "name", "column", "form"),
    [
        ("web", "events", "time", "%Y-%m-%d %H:%M:%S"),
        ("community", "posts", "time", "%Y-%m-%d %H:%M:%S"),
        ("call", "tickets", "受理时间", "%Y/%m/%d %H:%M"),
        ("pos", "receipts", "交易时间", "%Y-%m-%d %H:%M:%S"),
    ],
)
def test_rows_stand_in_the_order_of_time_between_the_first_and_the_last_day(
    source: str, name: str, *, column: str, form: str
) -> None:
    written = rows_of(source, name)[column].tolist()

    # both forms sort as text does
    assert written == sorted(written)
    ends = [datetime.strptime(text, form).replace(tzinfo=UTC) for text in (written[0], written[-1])]
    assert OPENS <= ends[0].timestamp() <= ends[1].timestamp() < CLOSES


def test_the_call_centre_sleeps_at_night() -> None:
    opened = rows_of("call", "tickets")["受理时间"].str.slice(11, 13).astype(int)

    assert opened.between(9, 21).all()


def test_a_case_is_closed_within_a_week_if_it_is_closed() -> None:
    tickets = rows_of("call", "tickets").dropna(subset=["完结时间"])
    times = tickets[["受理时间", "完结时间"]].map(
        lambda text: datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=UTC).timestamp()
    )

    took = times["完结时间"] - times["受理时间"]

    assert took.min() >= 0
    assert took.max() <= 6 * DAY
