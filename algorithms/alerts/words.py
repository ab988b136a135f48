"""What an alert says to people: the rule's name, and a sentence from its evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from graph.language import Text

NAMES: Final[Mapping[str, Text]] = {
    "frequency_down": Text("Buys half as often as before", "购买频次下降"),
    "complaint_unanswered": Text("Complained and has not bought since", "投诉后未复购"),
    "sleeping": Text("Sleeping", "沉睡"),
    "points_expiring": Text("Points about to expire", "积分即将到期"),
    "coupon_expiring": Text("Coupons about to expire", "优惠券即将到期"),
}

SENTENCES: Final[Mapping[str, Text]] = {
    "frequency_down": Text(
        "{purchases_since} purchases in {window_days} days, after {purchases_before} in the "
        "{window_days} days before.",
        "近 {window_days} 天购买 {purchases_since} 次，此前 {window_days} 天为 "
        "{purchases_before} 次。",
    ),
    "complaint_unanswered": Text(
        "{complaints} complaints, the first on {first_complaint_at}, and no purchase within "
        "{days} days.",
        "投诉 {complaints} 次，首次于 {first_complaint_at}，之后 {days} 天内未购买。",
    ),
    "sleeping": Text(
        "No purchase for {days} days, after {purchases} purchases until {last_purchase_at}.",
        "已 {days} 天未购买，此前共购买 {purchases} 次，最近一次为 {last_purchase_at}。",
    ),
    "points_expiring": Text(
        "{amount:g} points expire on {expires_at}.", "{amount:g} 积分将于 {expires_at} 到期。"
    ),
    "coupon_expiring": Text(
        "{holdings} coupons of {amount:g} in all expire on {expires_at}.",
        "{holdings} 张优惠券（合计 {amount:g}）将于 {expires_at} 到期。",
    ),
}


def sentence_of(rule: str, evidence: Mapping[str, object]) -> Text:
    """Say what an alert rests on.

    Parameters
    ----------
    rule
        Its code.
    evidence
        Counts and instants, as the alert's ``evidence`` holds them as JSON.

    Examples
    --------
    >>> sentence_of("points_expiring", {"amount": 120.0, "expires_at": "2026-03-01"}).en
    '120 points expire on 2026-03-01.'
    """
    template = SENTENCES[rule]
    return Text(template.en.format(**evidence), template.zh.format(**evidence))


HELD: Final = "HAS_ALERT"
"""Under which `explain` gets the alerts of a customer."""


def explain(customer: Mapping[str, object], _metrics: Mapping[str, object]) -> Text:
    """Say which alerts of a customer stand and on what each rests, then which closed lately.

    Parameters
    ----------
    customer
        ``HAS_ALERT``: a list of alerts with ``rule``, ``is_open``, ``opened_at``,
        ``closed_at`` and ``evidence``.
    _metrics
        Of the run, not needed: what an alert rests on is its own evidence.
    """
    held = customer.get(HELD)
    alerts = [one for one in held if isinstance(one, Mapping)] if isinstance(held, list) else []
    alerts.sort(key=lambda one: (str(one["opened_at"]), str(one["rule"])))
    standing = [one for one in alerts if one["is_open"]]
    closed = [one for one in alerts if not one["is_open"]]
    parts = [_standing(one) for one in standing] or [Text("No alert stands.", "当前没有预警。")]
    parts += [_closed(closed)] if closed else []
    return Text(" ".join(part.en for part in parts), "".join(part.zh for part in parts))


def _standing(alert: Mapping[str, object]) -> Text:
    name, since = NAMES[str(alert["rule"])], _day(alert["opened_at"])
    evidence = alert["evidence"]
    why = sentence_of(str(alert["rule"]), evidence if isinstance(evidence, Mapping) else {})
    return Text(f"{name.en} since {since}: {why.en}", f"{name.zh}（自 {since}）：{why.zh}")


def _closed(alerts: Sequence[Mapping[str, object]]) -> Text:
    told = [(NAMES[str(one["rule"])], _day(one["closed_at"])) for one in alerts]
    return Text(
        f"Closed lately: {', '.join(f'{name.en} on {day}' for name, day in told)}.",
        f"近期已关闭：{'、'.join(f'{name.zh}（{day}）' for name, day in told)}。",
    )


def _day(at: object) -> str:
    """Return the day of an instant as people write it."""
    return at.date().isoformat() if isinstance(at, datetime) else str(at)[:10]
