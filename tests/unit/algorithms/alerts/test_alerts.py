"""Alerts open at the instant from which a rule's condition holds, and close when it ends."""

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from algorithms.alerts import ALGORITHM
from algorithms.alerts.rules import RULES
from algorithms.alerts.words import NAMES, SENTENCES, sentence_of
from algorithms.contract import Result
from algorithms.parameters import ParameterError
from tests.pure import Rows, money, result_of, utc

AS_OF = "2026-06-30"


def ago(days: float) -> datetime:
    return utc(AS_OF) - timedelta(days=days)


def bought(customer: str, *days_ago: float, value: float = 10, **more: object) -> Rows:
    return [
        {
            "order_id": f"{customer}-{days}",
            "customer_id": customer,
            "ordered_at": ago(days),
            "amount": money(value),
            **more,
        }
        for days in days_ago
    ]


def complained(customer: str, *days_ago: float, kind: str = "complaint") -> Rows:
    return [{"customer_id": customer, "opened_at": ago(days), "kind": kind} for days in days_ago]


def holding(customer: str, days: float, *, amount: float = 100, kind: str = "points") -> Rows:
    """Return a balance that runs out so many days after ``as_of``."""
    row = {"customer_id": customer, "kind": kind, "amount": amount, "expires_at": ago(-days)}
    return [row]


def found_in(
    orders: Rows | None = None,
    *,
    tickets: Rows | None = None,
    balances: Rows | None = None,
    as_of: str = AS_OF,
    **settings: str,
) -> Result:
    rows = {"orders": orders or [], "tickets": tickets or [], "balances": balances or []}
    return result_of(ALGORITHM, rows, settings=settings, as_of=as_of)


def alerts(result: Result, rule: str) -> list[tuple[str, float, float | None]]:
    """Return customer, opened and closed (days before ``as_of``) of each alert of a rule."""
    links = result.frames["Customer-HAS_ALERT-Alert"]
    rows = result.frames["Alert"].merge(links, left_on="alert_id", right_on="end_id")
    rows = rows[rows["rule"] == rule].sort_values(["start_id", "opened_at"])
    found = zip(rows["start_id"], rows["opened_at"], rows["closed_at"], strict=True)
    return [
        (str(c), age(opened), None if pd.isna(closed) else age(closed))
        for c, opened, closed in found
    ]


def age(at: pd.Timestamp) -> float:
    return (pd.Timestamp(utc(AS_OF)) - at) / pd.Timedelta(days=1)


def evidence(result: Result, rule: str) -> dict[str, object]:
    rows = result.frames["Alert"]
    found: dict[str, object] = json.loads(rows.loc[rows["rule"] == rule, "evidence"].iloc[0])
    return found


# -------------------------------------------------------------------------- frequency


def test_half_as_many_purchases_open_an_alert_when_the_older_leave_the_window() -> None:
    orders = bought("a", 170, 160, 150, 140, 40)

    found = found_in(orders)

    # 50 days ago the fourth purchase leaves the recent window, and the last is yet to come
    assert alerts(found, "frequency_down") == [("a", 50, None)]
    assert evidence(found, "frequency_down") == {
        "purchases_before": 4,
        "purchases_since": 0,
        "window_days": 90,
    }


def test_one_purchase_too_many_is_no_fall_by_half() -> None:
    orders = bought("a", 170, 160, 150, 140, 45, 44, 43)

    # three against four
    assert alerts(found_in(orders, keep_days="0"), "frequency_down") == []


def test_exactly_half_is_a_fall_by_half() -> None:
    orders = bought("a", 170, 160, 150, 140, 55, 54)

    assert alerts(found_in(orders), "frequency_down") == [("a", 50, None)]


def test_two_to_one_is_noise() -> None:
    orders = bought("a", 170, 160, 40)

    assert alerts(found_in(orders), "frequency_down") == []
    assert alerts(found_in(orders, minimum_count="2"), "frequency_down") == [("a", 70, None)]


def test_the_fall_can_be_set() -> None:
    orders = bought("a", 170, 160, 150, 140, 45, 44, 43)

    assert alerts(found_in(orders, drop_percent="25"), "frequency_down") == [("a", 50, None)]


def test_buying_again_closes_the_alert_and_it_stays_in_sight_for_a_while() -> None:
    orders = bought("a", 170, 160, 150, 140, 20, 15, 10)

    assert alerts(found_in(orders), "frequency_down") == [("a", 50, 10)]
    assert alerts(found_in(orders, keep_days="10"), "frequency_down") == []
    assert alerts(found_in(orders, keep_days="11"), "frequency_down") == [("a", 50, 10)]


def test_the_alert_closes_when_the_good_times_are_too_long_ago() -> None:
    orders = bought("a", 270, 260, 250, 195)

    # on day 180 before the last, three are left of four in the earlier window
    assert alerts(found_in(orders, keep_days="365"), "frequency_down") == [("a", 105, 90)]


def reference(times: list[float], *, now: float, window: float = 90) -> list[tuple[float, float]]:
    """Walk through the days in steps of a quarter and return the spells of the condition."""
    spells: list[list[float]] = []
    for step in np.arange(min(times), now + 0.1, 0.25):
        recent = sum(step - window < t <= step for t in times)
        before = sum(step - 2 * window < t <= step - window for t in times)
        if before >= 4 and recent <= before / 2:
            if spells and spells[-1][1] == step - 0.25:
                spells[-1][1] = step
            else:
                spells.append([step, step])
    return [(a, b) for a, b in spells]


@pytest.mark.parametrize("seed", range(20))
def test_spells_agree_with_a_walk_through_the_days(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = sorted({float(day) for day in rng.integers(0, 360, 24)})
    others = bought("z", *rng.integers(0, 360, 10).tolist())

    orders = [*bought("a", *(360 - t for t in times)), *others]
    found = [
        (360 - opened, 360 if closed is None else 360 - closed - 0.25)
        for who, opened, closed in alerts(found_in(orders, keep_days="365"), "frequency_down")
        if who == "a"
    ]

    assert found == reference(times, now=360)


# -------------------------------------------------------------------------- complaints


def test_a_complaint_opens_an_alert_after_a_month_without_a_purchase() -> None:
    found = found_in(bought("a", 100), tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == [("a", 20, None)]
    assert evidence(found, "complaint_unanswered") == {
        "complaints": 1,
        "first_complaint_at": "2026-05-11T00:00:00Z",
        "last_complaint_at": "2026-05-11T00:00:00Z",
        "days": 30,
    }


def test_a_complaint_that_is_young_does_not_alert_yet() -> None:
    found = found_in(bought("a", 100), tickets=complained("a", 29))

    assert alerts(found, "complaint_unanswered") == []


def test_a_purchase_within_the_month_answers_the_complaint() -> None:
    found = found_in(bought("a", 100, 25), tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == []


def test_a_later_purchase_closes_the_alert() -> None:
    found = found_in(bought("a", 100, 15), tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == [("a", 20, 15)]


def test_complaints_that_one_purchase_answers_are_one_alert() -> None:
    found = found_in(bought("a", 100, 5), tickets=complained("a", 60, 50, 20))

    assert alerts(found, "complaint_unanswered") == [("a", 30, 5)]
    assert evidence(found, "complaint_unanswered")["complaints"] == 2


def test_whoever_never_bought_has_nothing_to_come_back_to() -> None:
    found = found_in(bought("b", 100), tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == []


def test_a_purchase_after_the_complaint_is_no_reason_to_call_it_buying_again() -> None:
    found = found_in(bought("a", 10), tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == []


@pytest.mark.parametrize("kind", ["question", "suggestion", "repair", "return"])
def test_other_cases_are_no_complaints(kind: str) -> None:
    found = found_in(bought("a", 100), tickets=complained("a", 50, kind=kind))

    assert alerts(found, "complaint_unanswered") == []


def test_another_customers_purchase_answers_nothing() -> None:
    found = found_in([*bought("a", 100), *bought("b", 40)], tickets=complained("a", 50))

    assert alerts(found, "complaint_unanswered") == [("a", 20, None)]


# -------------------------------------------------------------------------- sleeping


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (89, []),
        (90, [("a", 0, None)]),
        (269, [("a", 179, None)]),
        (270, [("a", 180, 0)]),
        (299, [("a", 209, 29)]),
        (300, []),
    ],
)
def test_a_customer_sleeps_from_three_to_nine_months(
    days: int, expected: list[tuple[str, float, float | None]]
) -> None:
    assert alerts(found_in(bought("a", days)), "sleeping") == expected


def test_a_purchase_wakes_the_customer() -> None:
    assert alerts(found_in(bought("a", 200, 10)), "sleeping") == [("a", 110, 10)]


def test_who_slept_long_ago_is_not_shown() -> None:
    assert alerts(found_in(bought("a", 400, 200, 40)), "sleeping") == []


def test_sleep_has_its_evidence() -> None:
    assert evidence(found_in(bought("a", 300, 100)), "sleeping") == {
        "last_purchase_at": "2026-03-22T00:00:00Z",
        "purchases": 2,
        "days": 90,
    }


def test_returns_and_cancelled_orders_wake_nobody() -> None:
    orders = [
        *bought("a", 100),
        *bought("a", 20, value=-5),
        *bought("a", 10, status="cancelled"),
    ]

    assert alerts(found_in(orders), "sleeping") == [("a", 10, None)]


def test_sleep_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ParameterError) as refused:
        found_in(sleeping_from_days="300")

    assert refused.value.facts["parameter"] == "sleeping_to_days"


# -------------------------------------------------------------------------- expiring


def test_points_alert_in_the_month_before_they_expire() -> None:
    assert alerts(found_in(balances=holding("a", 31)), "points_expiring") == []
    assert alerts(found_in(balances=holding("a", 30)), "points_expiring") == [("a", 0, None)]
    assert alerts(found_in(balances=holding("a", 5)), "points_expiring") == [("a", 25, None)]


def test_what_has_expired_is_closed() -> None:
    assert alerts(found_in(balances=holding("a", -3)), "points_expiring") == [("a", 33, 3)]
    assert alerts(found_in(balances=holding("a", -30)), "points_expiring") == []


def test_coupons_have_a_rule_of_their_own() -> None:
    found = found_in(balances=holding("a", 5, kind="coupon"))

    assert alerts(found, "coupon_expiring") == [("a", 25, None)]
    assert alerts(found, "points_expiring") == []


def test_holdings_that_expire_together_are_one_alert() -> None:
    held = [*holding("a", 5, amount=100.5), *holding("a", 5, amount=20)]

    found = found_in(balances=held)

    assert evidence(found, "points_expiring") == {
        "amount": 120.5,
        "holdings": 2,
        "expires_at": "2026-07-05T00:00:00Z",
    }


def test_nothing_held_expires_for_nobody() -> None:
    assert alerts(found_in(balances=holding("a", 5, amount=0)), "points_expiring") == []


# -------------------------------------------------------------------------- all rules


def test_an_alert_keeps_its_id_from_run_to_run() -> None:
    orders = bought("a", 120)

    first = found_in(orders, as_of="2026-06-10").frames["Alert"]
    second = found_in(orders).frames["Alert"]

    assert first["alert_id"].tolist() == second["alert_id"].tolist()
    assert len(first) == 1


def test_an_alert_that_closes_keeps_its_id() -> None:
    open_one = found_in(bought("a", 120)).frames["Alert"]
    closed = found_in(bought("a", 120, 3)).frames["Alert"]

    assert open_one["alert_id"].tolist() == closed["alert_id"].tolist()
    assert [open_one["is_open"].item(), closed["is_open"].item()] == [True, False]


def test_two_rules_of_one_instant_are_two_alerts() -> None:
    held = [*holding("a", 5), *holding("a", 5, kind="coupon")]

    found = found_in(balances=held)

    assert found.frames["Alert"]["alert_id"].nunique() == 2


def test_a_customer_who_only_holds_points_is_linked_too() -> None:
    found = found_in(bought("b", 100), tickets=complained("c", 3), balances=holding("a", 5))

    assert alerts(found, "points_expiring") == [("a", 25, None)]
    assert alerts(found, "sleeping") == [("b", 10, None)]


def test_metrics_count_what_stands_and_what_closed() -> None:
    found = found_in([*bought("a", 100), *bought("b", 275), *bought("c", 100, 5)])

    assert found.metrics["sleeping"] == {"open": 1, "closed": 2}
    assert set(found.metrics) == set(RULES)


def test_no_facts_give_no_alerts() -> None:
    assert found_in().frames["Alert"].empty


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_name_and_a_sentence_in_both_languages(rule: str) -> None:
    assert NAMES[rule].en
    assert NAMES[rule].zh
    assert SENTENCES[rule].zh.endswith("。")


def test_evidence_in_words() -> None:
    found = found_in(bought("a", 170, 160, 150, 140, 55, 54))

    said = sentence_of("frequency_down", evidence(found, "frequency_down"))

    assert said.en == "2 purchases in 90 days, after 4 in the 90 days before."
    assert said.zh == "近 90 天购买 2 次，此前 90 天为 4 次。"


@pytest.mark.parametrize("rule", RULES)
def test_the_evidence_of_every_rule_fills_its_sentence(rule: str) -> None:
    found = found_in(
        [*bought("a", 170, 160, 150, 140), *bought("b", 100)],
        tickets=complained("b", 50),
        balances=[*holding("a", 5), *holding("a", 5, kind="coupon")],
    )

    said = sentence_of(rule, evidence(found, rule))

    assert "{" not in said.en + said.zh
