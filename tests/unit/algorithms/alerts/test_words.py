"""Why a customer has alerts: those that stand with what each rests on, those that closed."""

from datetime import UTC, datetime

import pytest

from algorithms.alerts import ALGORITHM
from algorithms.alerts.rules import RULES
from algorithms.alerts.words import HELD, NAMES, explain
from graph.language import Text

EVIDENCE: dict[str, dict[str, object]] = {
    "frequency_down": {"purchases_since": 2, "purchases_before": 6, "window_days": 90},
    "complaint_unanswered": {
        "complaints": 1,
        "first_complaint_at": "2026-01-02T03:00:00Z",
        "days": 30,
    },
    "sleeping": {"days": 120, "purchases": 3, "last_purchase_at": "2025-10-07T00:00:00Z"},
    "points_expiring": {"amount": 500.0, "expires_at": "2026-02-20T00:00:00Z"},
    "coupon_expiring": {"amount": 30.0, "holdings": 2, "expires_at": "2026-02-21T00:00:00Z"},
}


def alert(rule: str, opened: int, *, closed: int | None = None) -> dict[str, object]:
    """Return an alert that opened on a day of January, and may have closed on another."""
    return {
        "rule": rule,
        "is_open": closed is None,
        "opened_at": datetime(2026, 1, opened, tzinfo=UTC),
        "closed_at": closed and datetime(2026, 1, closed, tzinfo=UTC),
        "evidence": EVIDENCE[rule],
    }


def explained(*alerts: dict[str, object]) -> Text:
    return explain({HELD: list(alerts)}, {})


def test_an_alert_is_explained_by_its_rule_its_beginning_and_its_evidence() -> None:
    said = explained(alert("frequency_down", 5))

    assert said.en == (
        "Buys half as often as before since 2026-01-05: 2 purchases in 90 days, after 6 in the "
        "90 days before."
    )
    assert said.zh == "购买频次下降（自 2026-01-05）：近 90 天购买 2 次，此前 90 天为 6 次。"


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_can_be_explained(rule: str) -> None:
    said = explained(alert(rule, 5))

    assert said.en.startswith(f"{NAMES[rule].en} since 2026-01-05: ")
    assert said.zh.startswith(f"{NAMES[rule].zh}（自 2026-01-05）：")


def test_alerts_are_told_in_the_order_in_which_they_opened() -> None:
    later, earlier = alert("sleeping", 9), alert("coupon_expiring", 3)

    assert explained(later, earlier) == explained(earlier, later)
    assert explained(later, earlier).en.startswith("Coupons about to expire since 2026-01-03")


def test_what_closed_is_named_after_what_stands() -> None:
    said = explained(alert("sleeping", 2, closed=20), alert("points_expiring", 8))

    assert said.en.endswith("Closed lately: Sleeping on 2026-01-20.")
    assert said.en.startswith("Points about to expire since 2026-01-08: 500 points")
    assert said.zh.endswith("近期已关闭：沉睡（2026-01-20）。")


def test_where_all_have_closed_none_stands() -> None:
    said = explained(alert("sleeping", 2, closed=20))

    assert said.en == "No alert stands. Closed lately: Sleeping on 2026-01-20."
    assert said.zh.startswith("当前没有预警。")


def test_without_alerts_there_is_one_sentence() -> None:
    assert explain({}, {}).en == "No alert stands."


def test_the_method_declares_its_explanation() -> None:
    assert ALGORITHM.explain is explain
    assert HELD in {link.type for link in ALGORITHM.links}
