"""Rule alerts: plain conditions on facts, beside the model of churn and never inside it.

An alert is a node that opens at the instant from which its condition held, and has closed at
the instant from which it no longer did. Its id follows from customer, rule and beginning, so
the next run finds the same node, and one that closed stays in sight for some days.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.alerts.rules import (
    NEVER,
    RULES,
    Facts,
    Spells,
    complaint_unanswered,
    expiring,
    frequency_down,
    sleeping,
)
from algorithms.alerts.settings import DAY, AlertParameters
from algorithms.alerts.words import explain
from algorithms.contract import Algorithm, Inputs, Mathematics, Result, owned
from algorithms.purchases import JOINS, PAID
from algorithms.purchases import READS as PURCHASES_READ
from graph.language import Text
from graph.spec import RelationshipSpec

Integers = npt.NDArray[np.int64]
Ids = npt.NDArray[np.object_]

ID_DIGITS: Final = 15  # 60 bits, as of customers

PURCHASES: Final = f"""
WITH {PAID}
SELECT customer_id, ordered_at
FROM paid
WHERE amount >= 0
"""
COMPLAINTS: Final = """
SELECT customer_id, opened_at
FROM tickets
WHERE kind = 'complaint' AND customer_id IS NOT NULL
"""
BALANCES: Final = """
SELECT
    customer_id, kind, expires_at,
    CAST(SUM(CAST(FLOOR(amount * 100 + 0.5) AS BIGINT)) AS BIGINT) AS hundredths,
    COUNT(*) AS holdings
FROM balances
WHERE customer_id IS NOT NULL AND expires_at IS NOT NULL AND amount > 0
GROUP BY customer_id, kind, expires_at
"""


def compute(inputs: Inputs, params: AlertParameters) -> Result:
    """Find every alert that stands, and those that closed a short while ago.

    Parameters
    ----------
    inputs
        In any order: ``purchases`` (``customer_id``, ``ordered_at``; paid, no pure returns),
        ``complaints`` (``customer_id``, ``opened_at``), ``balances`` (``customer_id``,
        ``kind``, ``expires_at``, ``hundredths`` held, ``holdings``).
    params
        ``as_of`` and the thresholds.

    Returns
    -------
    ``Alert``, ordered by ``alert_id``: ``rule``, ``opened_at`` (up to ``as_of``), ``closed_at``
    (null while it stands), ``is_open``, ``evidence`` (JSON). ``Customer-HAS_ALERT-Alert``,
    ordered by its ends. Metrics count by rule what stands and what closed.
    """
    customers, places = _numbered(
        [inputs[name] for name in ("purchases", "complaints", "balances")]
    )
    now = pd.Timestamp(params.as_of).value // 1_000_000  # pandas counts nanoseconds here
    facts = _facts(places[0], _instants(inputs["purchases"]["ordered_at"]), now=now)
    complained = _instants(inputs["complaints"]["opened_at"])
    balances = inputs["balances"].assign(
        customer=places[2], expires=_instants(inputs["balances"]["expires_at"])
    )
    spells = [
        frequency_down(facts, params),
        complaint_unanswered(facts, params, customers=places[1], times=complained),
        sleeping(facts, params),
        *(expiring(balances, params, kind=kind) for kind in ("points", "coupon")),
    ]
    seen = [found.seen(now, keep=params.keep_days * DAY) for found in spells]
    alerts = pd.concat([_alerts(found, customers=customers) for found in seen], ignore_index=True)
    return Result(_frames(alerts), {found.rule: _counted(found) for found in seen})


def _numbered(frames: Sequence[pd.DataFrame]) -> tuple[Ids, list[Integers]]:
    """Return all customers in the order of their ids, and each row's place among them."""
    columns = [frame["customer_id"].astype("category") for frame in frames]
    ids = sorted({str(name) for column in columns for name in column.cat.categories})
    index = pd.Index(ids, dtype=object)
    places = [
        index.get_indexer(column.cat.categories.astype(object))[column.cat.codes]
        if len(column)
        else np.zeros(0)
        for column in columns
    ]
    return np.asarray(index, object), [np.asarray(place, np.int64) for place in places]


def _instants(times: "pd.Series[pd.Timestamp]") -> Integers:
    return np.asarray(times.dt.as_unit("ms").astype("int64"), np.int64)


def _facts(customers: Integers, times: Integers, *, now: int) -> Facts:
    order = np.lexsort((times, customers))
    return Facts(customers[order], times[order], now)


def _alerts(spells: Spells, *, customers: Ids) -> pd.DataFrame:
    """Return one row an alert, with its id and its evidence as text."""
    ids = customers[spells.customers]
    opened = spells.opened.tolist()
    names = [
        _id(spells.rule, str(customer), opened=at) for customer, at in zip(ids, opened, strict=True)
    ]
    is_open = spells.closed == NEVER
    return pd.DataFrame(
        {
            "customer_id": ids,
            "alert_id": np.array(names, dtype=object),
            "rule": spells.rule,
            "is_open": is_open,
            "opened_at": pd.to_datetime(spells.opened, unit="ms", utc=True),
            "closed_at": _closed_at(spells.closed, is_open=is_open),
            "evidence": _evidence(spells.evidence),
        }
    )


def _closed_at(closed: Integers, *, is_open: npt.NDArray[np.bool_]) -> pd.DatetimeIndex:
    """Return when alerts closed; missing where they are open."""
    # not by way of floats: of missing ones pandas multiplies whatever lies in memory
    times = np.where(is_open, np.datetime64("NaT", "ms"), closed.astype("datetime64[ms]"))
    return pd.to_datetime(times, utc=True).as_unit("ns")


def _id(rule: str, customer_id: str, *, opened: int) -> str:
    digest = hashlib.sha256(f"alert:{rule}:{customer_id}:{opened}".encode()).hexdigest()
    return f"a{digest[:ID_DIGITS]}"


def _evidence(columns: pd.DataFrame) -> Ids:
    """Return each row as JSON text, instants as people write them."""
    told = columns.copy()
    for name in (name for name in columns if str(name).endswith("_at")):
        times = pd.to_datetime(columns[name], unit="ms", utc=True)
        told[name] = times.dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    texts = [json.dumps(row, sort_keys=True) for row in told.to_dict("records")]
    return np.array(texts, dtype=object)


def _frames(alerts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return nodes and links in the order of keys."""
    nodes = alerts.sort_values("alert_id").drop(columns="customer_id").reset_index(drop=True)
    ends = alerts.sort_values(["customer_id", "alert_id"])
    links = {"start_id": ends["customer_id"], "end_id": ends["alert_id"]}
    return {
        "Alert": nodes,
        "Customer-HAS_ALERT-Alert": pd.DataFrame(links).reset_index(drop=True),
    }


def _counted(spells: Spells) -> dict[str, int]:
    stands = int((spells.closed == NEVER).sum())
    return {"open": stands, "closed": len(spells.closed) - stands}


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "With $n(a, b]$ a customer's purchases in a window: *frequency_down* holds at $t$ while "
        "$n(t-2w, t-w] \\ge m$ and $n(t-w, t] \\le (1 - d)\\, n(t-2w, t-w]$; "
        "*complaint_unanswered* from so many days after a buyer's complaint until the next "
        "purchase; *sleeping* from 3 to 9 months after the last purchase; *points_expiring* and "
        "*coupon_expiring* in the days before a balance runs out.",
        "记 $n(a, b]$ 为客户在窗口内的购买次数：*frequency_down* 在 $n(t-2w, t-w] \\ge m$ 且 "
        "$n(t-w, t] \\le (1 - d)\\, n(t-2w, t-w]$ 时成立；*complaint_unanswered* 自购买者投诉若干天"
        "后起，至下一次购买止；*sleeping* 为最近一次购买后第 3 至第 9 个月；*points_expiring* 与 "
        "*coupon_expiring* 为余额到期前的若干天。",
    ),
    assumptions=Text(
        "A customer's own past is the measure. Purchases are paid orders that are no pure "
        "returns. Balances are not dated: they are those of the last load.",
        "以客户自身的过去为尺度。购买指已付款且非纯退货的订单。余额没有日期，取最近一次装载的值。",
    ),
    estimator=Text(
        "Counted, not estimated. Counts change only when a purchase is made or leaves a window, "
        "so these instants are looked at and beginnings and ends are exact. Complaints that one "
        "purchase would answer are one alert.",
        "只计数，不估计。次数只在购买发生或移出窗口时变化，因此只需考察这些时刻，起止时间精确。"
        "可由同一次购买了结的投诉合为一条预警。",
    ),
    unfit=Text(
        "For probabilities: an alert says that a condition holds, not what follows from it; the "
        "model of churn does. For seasonal goods, whose buyers sleep every year.",
        "不能当作概率：预警只说明条件成立，不说明后果，后者由流失模型给出。不适用于季节性商品，"
        "其客户每年都会沉睡。",
    ),
)

HAS_ALERT: Final = RelationshipSpec(
    type="HAS_ALERT",
    start="Customer",
    end="Alert",
    about=Text("Of whom an alert speaks", "预警所指的客户"),
)

ALGORITHM: Final = Algorithm(
    name="alerts",
    version="1",
    about=Text(
        "Opens and closes alerts by plain rules: bought less, complained, sleeps, expires soon.",
        "按明确规则开启和关闭预警：购买减少、投诉未复购、沉睡、即将到期。",
    ),
    stage="activate",
    source="Definition: rules of marketing practice; thresholds are parameters.",
    reads={
        **PURCHASES_READ,
        "tickets": ("customer_id", "opened_at", "kind"),
        "balances": ("customer_id", "kind", "amount", "expires_at"),
    },
    parameters=AlertParameters,
    compute=compute,
    reduce={"purchases": PURCHASES, "complaints": COMPLAINTS, "balances": BALANCES},
    joins=JOINS,
    properties={
        "Alert": (
            owned(
                "rule",
                "code",
                about=Text("The rule that it follows", "所依据的规则"),
                codes=RULES,
                owner="alerts",
                indexed=True,
            ),
            owned(
                "is_open",
                "boolean",
                about=Text("Whether its condition holds", "条件是否仍成立"),
                owner="alerts",
                indexed=True,
            ),
            owned(
                "opened_at",
                "time",
                about=Text("From when its condition held", "条件开始成立的时间"),
                owner="alerts",
            ),
            owned(
                "closed_at",
                "time",
                about=Text(
                    "From when it no longer did; empty: it holds", "条件结束的时间；空为仍成立"
                ),
                owner="alerts",
            ),
            owned(
                "evidence",
                "json",
                about=Text("Counts and instants that it rests on", "所依据的次数和时间"),
                owner="alerts",
            ),
        )
    },
    makes=frozenset({"Alert"}),
    links=(HAS_ALERT,),
    mathematics=MATHEMATICS,
    explain=explain,
)
