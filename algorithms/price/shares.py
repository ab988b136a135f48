"""Whose purchases are discounted far more than is usual in a category, told in two ways.

The mean plus some standard deviations is what marketers' documents use. A share cannot exceed
1, so in a category with many discounts that border may lie out of reach; it is said where.
A share of few orders is often high by chance. So a second score draws each share to the
category's mean before it is compared, as if the customer had made some usual orders more.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.price.settings import UNKNOWN, PriceParameters

Floats = npt.NDArray[np.float64]

ROUNDING: Final = 1e-9  # of a sum of many shares


@dataclass(frozen=True)
class Discounts:
    """One row a customer and category with a list price, and one a category.

    ``shares``: ``customer_id``, ``category_id``, ``share`` (0-1, by value), ``orders``,
    ``is_above`` (mean plus sigmas), ``shrunken_share``, ``z`` (empty: too few orders or customers).
    ``categories``, by ``category_id``: ``customers`` compared, ``mean``, ``sd``,
    ``threshold``, ``is_reachable``.
    """

    shares: pd.DataFrame
    categories: pd.DataFrame


def discounts_of(rows: pd.DataFrame, params: PriceParameters) -> Discounts:
    """Compare every customer with the others of the category.

    Parameters
    ----------
    rows
        ``customer_id``, ``category_id``, ``listed`` and ``discount`` (ten-thousandths) and
        ``orders`` with a list price, and ``is_left_out``: who is compared with the others'
        mean and does not enter it; in the order of both ids.
    params
        Thresholds. Customers with fewer than ``minimum_orders`` are not compared, and do not
        enter the mean.
    """
    is_told = (rows["listed"] > 0) & (rows["category_id"].astype(object) != UNKNOWN)
    columns = ["customer_id", "category_id", "orders"]
    shares = rows.loc[is_told, columns].reset_index(drop=True)
    is_meant = ~rows.loc[is_told, "is_left_out"].reset_index(drop=True).astype(bool)
    # texts: a category without a row would still be one of a categorical
    shares["category_id"] = shares["category_id"].astype(object)
    told = rows.loc[is_told]
    shares["share"] = (told["discount"] / told["listed"]).to_numpy(np.float64)
    compared = shares["orders"] >= params.minimum_orders
    categories = _borders(shares[compared & is_meant], params)
    border = categories.reindex(shares["category_id"])
    threshold = border["threshold"].to_numpy(np.float64)
    shares["is_above"] = compared & (shares["share"] > threshold + ROUNDING)
    mean = border["mean"].to_numpy(np.float64)
    drawn = _drawn(shares, mean, weight=params.prior_orders)
    shares["shrunken_share"] = np.where(compared, drawn, np.nan)
    shares["z"] = _scores(shares, is_meant)
    return Discounts(shares, categories)


def _borders(compared: pd.DataFrame, params: PriceParameters) -> pd.DataFrame:
    by = compared.groupby("category_id", observed=True, sort=True)["share"]
    found = pd.DataFrame({"customers": by.count(), "mean": by.mean(), "sd": by.std()})
    found["threshold"] = found["mean"] + params.sigmas * found["sd"]
    n = found["customers"]
    # of n values none lies further than (n - 1) / sqrt(n) deviations from their mean
    furthest = (n - 1) / np.sqrt(n)
    found["is_reachable"] = (found["threshold"] < 1 - ROUNDING) & (furthest > params.sigmas)
    return found


def _drawn(shares: pd.DataFrame, mean: Floats, *, weight: float) -> Floats:
    """Return each share drawn to the category's mean, the more so the fewer its orders."""
    n, share = (shares[name].to_numpy(np.float64) for name in ("orders", "share"))
    # rounding may leave the range from 0 to 1 in its last digit
    drawn: Floats = np.clip((n * share + weight * mean) / (n + weight), 0, 1)
    return drawn


def _scores(shares: pd.DataFrame, is_meant: "pd.Series[bool]") -> Floats:
    """Return how many standard deviations of those meant the shrunken shares lie above their mean.

    Where one alone or nobody is meant there is no deviation, and no score.
    """
    by = shares["shrunken_share"].where(is_meant).groupby(shares["category_id"], sort=False)
    mean, sd = (by.transform(name).to_numpy(np.float64) for name in ("mean", "std"))
    distance = shares["shrunken_share"].to_numpy(np.float64) - mean
    # where all are alike nobody stands out
    z: Floats = np.where(sd <= ROUNDING, 0 * distance, distance / np.maximum(sd, ROUNDING))
    return z
