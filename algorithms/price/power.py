"""How much a customer can spend, whatever they spend it on: an index from 0 to 100.

A hundred on rice is much and a hundred on phones is nothing. So what a customer spends in a
category is measured in what its median buyer spends there, and added up over categories.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

DECILES: Final = 10


def power_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a customer, in their order.

    Parameters
    ----------
    rows
        ``customer_id``, ``category_id``, ``spend`` (ten-thousandths, net of returns), in the
        order of both ids.

    Returns
    -------
    ``customer_id``; ``budgets`` (median buyers' budgets spent, >= 0); ``power`` (0-100, the
    share of customers with fewer budgets, half of those with as many included); ``spend``.
    """
    spend = rows["spend"].to_numpy(np.int64)
    usual = _medians(rows["category_id"], spend)
    budgets = np.where(spend > 0, spend / usual, 0.0)
    starts = np.flatnonzero(np.diff(_codes(rows["customer_id"]), prepend=-1))
    if not len(starts):
        return pd.DataFrame({"customer_id": [], "budgets": [], "power": [], "spend": []})
    total = pd.Series(np.add.reduceat(budgets, starts))
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].astype(object).to_numpy()[starts],
            "budgets": total,
            "power": 100 * (total.rank(method="average") - 0.5) / len(total),
            "spend": np.add.reduceat(spend, starts),
        }
    )


def distribution_of(power: pd.DataFrame) -> list[dict[str, float]]:
    """Return by decile of the index: customers, least budgets, and their share of all spend.

    Ties are not parted, so deciles may differ in size and one may be missing.
    """
    decile = np.minimum(power["power"].to_numpy() // DECILES, DECILES - 1).astype(int)
    total = int(power["spend"].sum())
    by = power.assign(decile=decile).groupby("decile")
    return [
        {
            "decile": int(str(number)) + 1,
            "customers": len(part),
            "least_budgets": float(part["budgets"].min()),
            "spend_share": float(part["spend"].sum() / total) if total > 0 else 0.0,
        }
        for number, part in by
    ]


def _medians(category: "pd.Series[str]", spend: npt.NDArray[np.int64]) -> Floats:
    """Return for each row what the median buyer of its category spends; above zero."""
    positive = pd.Series(np.where(spend > 0, spend, np.nan))
    medians = positive.groupby(_codes(category)).transform("median").to_numpy(np.float64)
    return np.where(np.isnan(medians), 1.0, medians)


def _codes(ids: "pd.Series[str]") -> npt.NDArray[np.int64]:
    return np.asarray(ids.astype("category").cat.codes, np.int64)
