"""From one row a customer to cohorts: covariates at a landmark, and what came after it.

All covariates are known on the landmark day, or fixed from birth. What is not dated (sex, card
tier, channel) is as it is now, and the declaration of the algorithm says so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.churn.factors import OTHER, UNKNOWN, leveled
from algorithms.churn.settings import ChurnParameters
from algorithms.parameters import DatedParameters
from graph.language import Text

Floats = npt.NDArray[np.float64]

SQUARES: Final = {"age_squared": "age"}
AT_ORIGIN: Final = frozenset(
    {
        "age",
        "age_squared",
        "discount_share",
        "log_recency",
        "log_frequency",
        "log_order_value",
        "tenure",
    }
)
"""Numbers that are known on the landmark day, and may therefore run with what comes after it."""
AGES: Final = (10, 100)  # outside, a year of birth is a slip or a form's default
MOST_LEVELS: Final = 12

FACTORS: Final = {
    "sex": "golden_gender",
    "card": "golden_card_tier",
    "channel": "golden_acquisition_channel",
}

NAMES: Final = {
    "sex": Text("sex", "性别"),
    "age": Text("age", "年龄"),
    "age_squared": Text("age squared", "年龄²"),
    "card": Text("card tier", "会员卡等级"),
    "channel": Text("acquisition channel", "获客渠道"),
    "payment": Text("payment type", "支付类型"),
    "discount_share": Text("discount share", "折扣占比"),
    "log_recency": Text("days since the last purchase (log)", "距上次购买天数（对数）"),
    "log_frequency": Text("purchases so far (log)", "累计购买次数（对数）"),
    "log_order_value": Text("mean order value (log)", "平均订单金额（对数）"),
    "tenure": Text("days since the first purchase", "距首次购买天数"),
    "age_band": Text("age band", "年龄段"),
}


@dataclass(frozen=True)
class Cohort:
    """Those who had bought by a landmark.

    Parameters
    ----------
    at
        Places among the customers.
    covariates
        One row each, see `covariates_at`.
    duration, event
        Whole days to the event, or to the last day observed.
    """

    at: npt.NDArray[np.int64]
    covariates: pd.DataFrame
    duration: npt.NDArray[np.int64]
    event: npt.NDArray[np.bool_]

    @property
    def frame(self) -> pd.DataFrame:
        """Return outcome and covariates side by side, as a fit takes them.

        What the company does not know of anybody is no covariate.
        """
        outcome = pd.DataFrame({"duration": self.duration, "event": self.event})
        known = self.covariates.dropna(axis="columns", how="all")
        if "discount_share" in known and not known["discount_share"].any():
            known = known.drop(columns="discount_share")
        return pd.concat([outcome, known], axis=1)


def prepared(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers with their texts as levels, those beyond a dozen as one."""
    payments = [str(name) for name in customers.columns if str(name).startswith("payment_")]
    # shallow: what stays as it was is not held twice
    found = customers.copy(deep=False)
    for name in (*FACTORS.values(), *payments):
        found[name] = _levels(customers[name])
    return found


def _known_at(
    customers: pd.DataFrame, at: npt.NDArray[np.int64], *, cut: str, more: Collection[str]
) -> pd.DataFrame:
    """Return of some customers what a cohort of one landmark is made of, and no other's."""
    own = [name for name in customers.columns if str(name).endswith(f"_{cut}")]
    fixed = [*FACTORS.values(), "golden_birth_year", "tenure", *more]
    return customers[[*own, *fixed]].iloc[at]


def returning(customers: pd.DataFrame, params: DatedParameters, *, cut: str, step: int) -> Cohort:
    """Return all who had bought by a landmark, until they buy again or ``step`` days are over.

    Parameters
    ----------
    customers
        One row each, `prepared`.
    params
        ``as_of`` dates the landmarks.
    cut
        The landmark's name.
    step
        Days of observation after it.
    """
    at = np.flatnonzero(customers[f"recency_{cut}"].notna())
    rows = _known_at(customers, at, cut=cut, more=())
    after = rows[f"next_{cut}"].to_numpy(np.float64, na_value=np.inf)
    duration = np.minimum(after, step).astype(np.int64)
    days = {"now": 0, "one": step, "two": 2 * step, "three": 3 * step}[cut]
    covariates = covariates_at(rows, params, cut=cut, days=days)
    return Cohort(at, covariates, duration, after <= step)


def falling_silent(customers: pd.DataFrame, params: ChurnParameters) -> Cohort:
    """Return those who were not silent on the table's landmark, until silence is complete.

    Who is still inside the silence on the last day is censored there.
    """
    recency = customers["recency_origin"].to_numpy(np.float64, na_value=np.nan)
    at = np.flatnonzero(recency < customers["silence"].to_numpy(np.float64))
    rows = _known_at(customers, at, cut="origin", more=("origin",))
    followed = rows["origin"].to_numpy(np.float64)
    silent = rows["silent_origin"].to_numpy(np.float64, na_value=np.inf)
    duration = np.minimum(silent, followed).astype(np.int64)
    days = int(followed[0]) if len(at) else 0
    covariates = covariates_at(rows, params, cut="origin", days=days)
    return Cohort(at, covariates, duration, silent <= followed)


def covariates_at(
    rows: pd.DataFrame, params: DatedParameters, *, cut: str, days: int
) -> pd.DataFrame:
    """Return the covariates of customers on a landmark ``days`` before ``as_of``.

    ``sex``, ``card``, ``channel`` and ``payment`` (texts, null where unknown), ``age`` (years)
    and its square, ``discount_share`` (0 to 1), and of purchases up to the landmark the logs of
    days since the last, of days with one, of the mean value, and the days since the first.
    """
    spend = rows[f"spend_{cut}"].to_numpy(np.float64)
    discount = rows[f"discount_{cut}"].to_numpy(np.float64)
    age = _ages(rows["golden_birth_year"], year=(params.as_of - timedelta(days=days)).year)
    factors = {name: rows[column].array for name, column in FACTORS.items()}
    factors["payment"] = rows[f"payment_{cut}"].array
    numbers = {
        "age": age,
        "age_squared": age**2,
        "discount_share": discount / np.where(spend + discount > 0, spend + discount, 1.0),
        "log_recency": np.log1p(rows[f"recency_{cut}"].to_numpy(np.float64)),
        "log_frequency": np.log(rows[f"days_{cut}"].to_numpy(np.float64)),
        "log_order_value": _log_value(spend, rows[f"visits_{cut}"].to_numpy(np.float64)),
        "tenure": rows["tenure"].to_numpy(np.float64) - days,
    }
    return pd.DataFrame({**factors, **numbers})


def age_bands(age: "pd.Series[float]") -> "pd.Series[str]":
    """Return the decade of life of each age as a text: ``30-39``; null where it is unknown."""
    low = (age // 10 * 10).astype("Int64")
    return (low.astype("string") + "-" + (low + 9).astype("string")).astype(object)


def _ages(born: "pd.Series[float]", *, year: int) -> Floats:
    age = year - born.to_numpy(np.float64, na_value=np.nan)
    return np.where((age >= AGES[0]) & (age <= AGES[1]), age, np.nan)


def _levels(column: pd.Series) -> pd.Series:
    """Return the levels of a factor; those beyond the dozen most frequent are one."""
    told = column.astype("category").cat.remove_categories(
        [UNKNOWN] if UNKNOWN in set(column.unique()) else []
    )
    counts = told.value_counts()
    ranked = sorted(counts.index, key=lambda name: (-int(counts[name]), str(name)))
    new_names = dict.fromkeys(ranked[MOST_LEVELS:], OTHER)
    return leveled(told.astype(object).replace(new_names)) if new_names else leveled(told)


def _log_value(spend: Floats, visits: Floats) -> Floats:
    """Return the log of the mean order; orders worth nothing count as the smallest of all.

    A constant added under the log would make the currency matter.
    """
    mean = spend / np.maximum(visits, 1)
    positive = mean[mean > 0]
    return np.log(np.maximum(mean, positive.min())) if len(positive) else np.zeros(len(mean))
