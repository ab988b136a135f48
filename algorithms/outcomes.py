"""What customers did before and after a cut: the judge of forecasts, and the plainest forecast."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np
import pandas as pd

from algorithms.contract import Graded
from algorithms.frames import to_frame
from algorithms.measures import Floats
from algorithms.purchases import PAID, READS
from algorithms.reduction import registered
from graph.engine import engine
from graph.reader import Reader
from graph.settings import Settings
from graph.spec import MONEY_SCALE

DAY: Final = pd.Timedelta(days=1)
VISITS: Final = f"""
WITH {PAID}
SELECT customer_id, ordered_at, ordered_day, CAST(amount AS BIGINT) AS amount
FROM paid
ORDER BY customer_id, ordered_at
"""


def visits_of(reader: Reader, settings: Settings) -> pd.DataFrame:
    """Return every paid order of a customer: when, and for how much."""
    tables = {name: reader.table(name, columns) for name, columns in READS.items()}
    with engine(settings) as connection, registered(connection, tables):
        return to_frame(connection.sql(VISITS).to_arrow_table())


def past_of(visits: pd.DataFrame, ids: "pd.Series[str]", *, cut: datetime) -> pd.DataFrame:
    """Return what each customer had done before a cut: days since, days in all, orders, spend."""
    before = visits[visits["ordered_at"] < cut]
    spend = before.groupby(before["customer_id"].astype(str))["amount"].sum()
    visits = before[before["amount"] >= 0]
    by_customer = visits.groupby(visits["customer_id"].astype(str))
    times = by_customer["ordered_at"].agg(["min", "max"])
    found = pd.DataFrame({"spend": spend, "orders": by_customer["ordered_day"].nunique()})
    found["recency"] = _days(times["max"], cut=cut)
    found["tenure"] = _days(times["min"], cut=cut)
    never = found["tenure"].max() if len(found) else 0.0
    return found.reindex(ids).fillna({"spend": 0, "orders": 0, "recency": never, "tenure": never})


def came_of(visits: pd.DataFrame, ids: "pd.Series[str]", *, score: Graded, cut: datetime) -> Floats:
    """Return what each customer did within the horizon after a cut."""
    until = cut + timedelta(days=score.horizon_days)
    after = visits[(visits["ordered_at"] >= cut) & (visits["ordered_at"] < until)]
    if score.outcome == "spend":
        spend = after.groupby(after["customer_id"].astype(str))["amount"].sum()
        return np.asarray(spend.reindex(ids, fill_value=0), np.float64) / MONEY_SCALE
    visits = after[after["amount"] >= 0]
    # orders of one day count once
    days = visits.groupby(visits["customer_id"].astype(str))["ordered_day"].nunique()
    orders = np.asarray(days.reindex(ids, fill_value=0), np.float64)
    if score.outcome == "orders":
        return orders
    bought = (orders > 0).astype(np.float64)
    return bought if score.outcome == "buys" else 1 - bought


def naive_of(past: pd.DataFrame, *, score: Graded) -> Floats:
    """Return what comes if everybody goes on at the mean pace so far."""
    is_money = score.outcome == "spend"
    so_far = past["spend"] / MONEY_SCALE if is_money else past["orders"]
    pace = so_far / past["tenure"].clip(lower=1.0)
    return np.asarray(pace * score.horizon_days, np.float64)


def _days(times: "pd.Series[pd.Timestamp]", *, cut: datetime) -> "pd.Series[float]":
    """Return the days from each time to a cut, with their fraction."""
    return (cut - times).dt.total_seconds() / DAY.total_seconds()
