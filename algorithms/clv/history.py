"""From orders to histories: the few whole numbers that models of value see of a customer.

Orders of one calendar day are one purchase: whoever checks out twice in a minute has not
come back. A return is no purchase and lowers what was spent.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.clv.cells import Collapsed, Integers, collapsed
from algorithms.clv.model import ModelName
from algorithms.clv.spend import Spending
from algorithms.contract import NothingToSayError
from algorithms.parameters import DatedParameters
from algorithms.purchases import PAID
from graph.language import Text
from graph.spec import MONEY_SCALE

HISTORIES: Final = f"""
WITH {PAID}, days AS (
    SELECT
        p.customer_id,
        DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(p.ordered_day AS DATE)) AS day,
        MAX(CASE WHEN p.amount >= 0 THEN 1 ELSE 0 END) AS is_visit,
        SUM(p.amount) AS amount
    FROM paid p CROSS JOIN parameters
    WHERE p.ordered_at <= parameters.as_of
    GROUP BY p.customer_id, p.ordered_day
), span AS (
    SELECT
        MIN(d.day) AS start_day,
        GREATEST(MAX(d.day), MAX(DATE_DIFF(
            'day', CAST('1970-01-01' AS DATE), CAST(parameters.as_of AS DATE)
        ))) AS end_day,
        MAX(CASE WHEN parameters.time_unit = 'day' THEN 1 ELSE 7 END) AS period,
        MAX(parameters.holdout_days) AS wanted
    FROM days d CROSS JOIN parameters
    WHERE d.is_visit = 1
), cut AS (
    SELECT
        end_day, period,
        end_day - CASE
            WHEN wanted > 0 THEN wanted
            ELSE LEAST(365, (end_day - start_day) // 3)
        END AS cut_day
    FROM span
), known AS (
    SELECT
        customer_id, day, is_visit, amount,
        MIN(CASE WHEN is_visit = 1 THEN day END) OVER (PARTITION BY customer_id) AS first_day
    FROM days
)
SELECT
    k.customer_id,
    MIN(k.first_day) AS first_day,
    MAX(CASE WHEN k.is_visit = 1 THEN k.day END) AS last_day,
    CAST(SUM(k.is_visit) AS BIGINT) AS n_days,
    COUNT(DISTINCT CASE
        WHEN k.is_visit = 1 THEN (c.end_day - k.day) // NULLIF(c.period, 0)
    END) AS n_periods,
    CAST(SUM(CASE WHEN k.day > k.first_day THEN k.amount ELSE 0 END) AS BIGINT) AS spend_after,
    CAST(SUM(CASE WHEN k.is_visit = 1 AND k.day <= c.cut_day THEN 1 ELSE 0 END) AS BIGINT)
        AS n_days_before,
    COALESCE(MAX(CASE WHEN k.is_visit = 1 AND k.day <= c.cut_day THEN k.day END), MIN(k.first_day))
        AS last_day_before,
    MAX(c.end_day) AS end_day,
    MAX(c.cut_day) AS cut_day
FROM known k CROSS JOIN cut c
WHERE k.first_day IS NOT NULL
GROUP BY k.customer_id
ORDER BY k.customer_id
"""


class ClvParameters(DatedParameters):
    """Which model, in which unit of time, and how it is chosen."""

    model: Annotated[
        Literal["auto", ModelName],
        Text(
            "Model of purchases; auto takes the best of the first three on a later part of the "
            "history",
            "购买模型；auto 按历史后段的表现在前三种中选优",
        ),
    ] = "auto"
    time_unit: Annotated[
        Literal["day", "week"],
        Text(
            "Unit of the fitted times, and of bg_bb the length of a period",
            "拟合参数的时间单位；对 bg_bb 为一期的长度",
        ),
    ] = "week"
    holdout_days: Annotated[
        int,
        Text(
            "Length of that later part in days; 0 is a third of the history, at most a year",
            "后段的天数；0 表示历史的三分之一，至多一年",
        ),
    ] = Field(0, ge=0, le=3650)
    coverage: Annotated[float, Text("Share of futures inside the intervals", "区间覆盖的概率")] = (
        Field(0.9, ge=0.5, le=0.99)
    )
    minimum_customers: Annotated[
        int, Text("Fewest customers for a model", "建模所需的最少客户数")
    ] = Field(30, ge=5)

    @property
    def unit_days(self) -> int:
        """Return the length of the unit of time in days."""
        return 1 if self.time_unit == "day" else 7


class NoPurchaseError(NothingToSayError):
    """Nobody has bought yet."""

    text = Text(
        "clv: no customer has a paid order up to {as_of}. Load orders of known customers, or "
        "choose a later date.",
        "clv：截至 {as_of} 没有客户的付款订单。请载入已知客户的订单，或选择更晚的日期。",
    )


class TooFewCustomersError(NothingToSayError):
    """Too few customers for a model of how customers differ."""

    text = Text(
        "clv: {n} customers have bought, and a model of how customers differ needs {needed} "
        "(clv.minimum_customers).",
        "clv：只有 {n} 位客户购买过，而描述客户差异的模型至少需要 {needed} 位"
        "（clv.minimum_customers）。",
    )


class SingleDayError(NothingToSayError):
    """All purchases are of one day, so nothing is known of time."""

    text = Text(
        "clv: all {n} customers bought on one day ({day}) and never else; how often they come "
        "back cannot be told.",
        "clv：全部 {n} 位客户都只在同一天（{day}）购买过，无法判断复购频率。",
    )


class NobodyReturnedError(NothingToSayError):
    """Nobody came back, so a rate of coming back is zero and nothing else."""

    text = Text(
        "clv: all {n} customers bought on one day each; without a second purchase there is no "
        "rate to estimate.",
        "clv：全部 {n} 位客户都只购买过一天；没有再次购买，无法估计购买率。",
    )


@dataclass(frozen=True)
class Histories:
    """All customers who have bought, in the order of their ids; see `HISTORIES`."""

    frame: pd.DataFrame

    def column(self, name: str) -> Integers:
        """Return a column as whole numbers."""
        return self.frame[name].to_numpy(np.int64)

    @property
    def end_day(self) -> int:
        """Return the day up to which all is known, counted from 1970."""
        return int(self.frame["end_day"].iloc[0])

    @property
    def cut_day(self) -> int:
        """Return the day that parts the history for the choice of a model."""
        return int(self.frame["cut_day"].iloc[0])

    def daily(self, unit: int) -> Collapsed:
        """Return the cells of models with a clock that runs in days."""
        first = self.column("first_day")
        x, last = self.column("n_days") - 1, self.column("last_day") - first
        return collapsed(x, last, age=self.end_day - first, unit=unit)

    def periodic(self, length: int) -> Collapsed:
        """Return the cells of models that count periods, back from the end."""
        age = (self.end_day - self.column("first_day")) // length
        last = age - (self.end_day - self.column("last_day")) // length
        return collapsed(self.column("n_periods") - 1, last, age=age)

    def before(self, unit: int) -> Collapsed:
        """Return the cells up to the cut, of those who had bought by then."""
        known = Histories(self.frame[self.column("first_day") <= self.cut_day])
        first = known.column("first_day")
        x, last = known.column("n_days_before") - 1, known.column("last_day_before") - first
        return collapsed(x, last, age=self.cut_day - first, unit=unit)

    def spending(self) -> Spending:
        """Return what each customer spent after the first purchase day."""
        x = self.column("n_days") - 1
        return Spending(x, self.column("spend_after") / MONEY_SCALE / np.maximum(x, 1))


def checked(frame: pd.DataFrame, *, params: ClvParameters) -> Histories:
    """Return the histories, if they can carry a model at all.

    Raises
    ------
    NoPurchaseError, TooFewCustomersError, SingleDayError, NobodyReturnedError
        If they cannot.
    """
    if frame.empty:
        raise NoPurchaseError(as_of=params.as_of.isoformat())
    histories, n = Histories(frame), len(frame)
    if n < params.minimum_customers:
        raise TooFewCustomersError(n=n, needed=params.minimum_customers)
    first = histories.column("first_day")
    if np.ptp(np.concatenate([first, histories.column("last_day")])) == 0:
        raise SingleDayError(n=n, day=_date(int(first[0])))
    if histories.column("n_days").max() == 1:
        raise NobodyReturnedError(n=n)
    return histories


def _date(day: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
