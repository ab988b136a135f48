"""Diffusion of products, declared: what is read, fitted and written."""

from typing import Final

import numpy as np
import pandas as pd

from algorithms.contract import Algorithm, Inputs, NothingToSayError, PropertyOptions, Result, owned
from algorithms.diffusion.bass import Fit, Floats, likeliest
from algorithms.diffusion.settings import COUNTS, PRODUCTS, DiffusionParameters
from algorithms.diffusion.words import MATHEMATICS, STATES, notes_on
from algorithms.purchases import JOINS, READS
from graph.language import Text
from graph.spec import PropertySpec

# an interval of the market this wide, end to end, tells nothing that one could plan by
WIDEST: Final = 4.0


class NothingSpreadsError(NothingToSayError):
    """No customer bought a product."""

    text = Text(
        "diffusion: no customer has a paid order with a line, so no product spreads.",
        "diffusion：没有客户的已付款订单明细，无从分析商品扩散。",
    )


def compute(inputs: Inputs, params: DiffusionParameters) -> Result:
    """Fit Bass's curve to the first purchases of each product.

    Parameters
    ----------
    inputs
        ``products``: one row a product that somebody bought: ``buyers``, ``launch_day``, whole
        ``periods`` since, and whether the launch lies in the data; ``counts``: buyers who
        bought it first in a period, from 0.
    params
        Length of a period, and thresholds.

    Returns
    -------
    ``Product``, ordered by id: ``diffusion_state`` says whether there is an estimate, and why
    not; then ``diffusion_p`` and ``diffusion_q`` a period, ``diffusion_m`` with the ends of
    its 95 % interval, ``diffusion_peak_on``, and ``diffusion_misfit`` (1: scatters as counts
    do). Metrics: how many of each state, medians.

    Raises
    ------
    NothingSpreadsError
        If nobody bought anything.
    """
    products = inputs["products"]
    if products.empty:
        raise NothingSpreadsError
    curves = _curves(inputs["counts"])
    names = products["product_id"].astype(str)
    found = [
        _judged(curves.get(name, np.zeros(0)), params, periods=periods, is_launch=is_launch)
        for name, periods, is_launch in zip(
            names, products["periods"].tolist(), products["is_launch"].tolist(), strict=True
        )
    ]
    frame = _frame(products, found, params=params)
    counts = {state: int((frame["diffusion_state"] == state).sum()) for state in STATES}
    fits = [fit for _, fit in found if fit is not None]
    metrics = {"period_days": params.period_days, "states": counts, **_medians(fits)}
    ahead = int((frame["diffusion_peak_on"] > _last_day(products, params)).sum())
    return Result({"Product": frame}, metrics, notes_on(counts, ahead=ahead))


def _curves(counts: pd.DataFrame) -> dict[str, Floats]:
    """Return each product's buyers by period, from 0 to the last with any."""
    found = {}
    for name, of in counts.groupby(counts["product_id"].astype(str), sort=True):
        periods = of["period"].to_numpy(np.int64)
        found[str(name)] = np.bincount(periods, of["n"].to_numpy(np.float64)).astype(np.float64)
    return found


def _judged(
    curve: Floats, params: DiffusionParameters, *, periods: int, is_launch: bool
) -> tuple[str, Fit | None]:
    """Return a product's state, and its curve if it has one."""
    whole = np.pad(curve, (0, max(periods - len(curve), 0)))[:periods]
    if whole.sum() < params.minimum_buyers:
        return "few_buyers", None
    if not is_launch:
        return "launched_before", None
    if periods < params.minimum_periods:
        return "few_periods", None
    fit = likeliest(whole)
    low, high = fit.m_ends
    if not high <= WIDEST * low:
        return "unbounded", None
    return "fitted", fit


def _frame(
    products: pd.DataFrame, found: list[tuple[str, Fit | None]], *, params: DiffusionParameters
) -> pd.DataFrame:
    def of(name: str) -> Floats:
        return np.array([np.nan if fit is None else getattr(fit, name) for _, fit in found])

    ends = np.array([(np.nan, np.nan) if fit is None else fit.m_ends for _, fit in found])
    launch = products["launch_day"].reset_index(drop=True)
    days = pd.Series(np.floor(of("peak") * params.period_days))
    columns = {
        "product_id": products["product_id"].astype(object).to_numpy(),
        "diffusion_state": [state for state, _ in found],
        "diffusion_buyers": products["buyers"].to_numpy(np.int64),
        "diffusion_launch_on": launch,
        "diffusion_p": of("p"),
        "diffusion_q": of("q"),
        "diffusion_m": of("m"),
        "diffusion_m_low": ends[:, 0],
        "diffusion_m_high": ends[:, 1],
        "diffusion_peak_on": launch + pd.to_timedelta(days, unit="D"),
        "diffusion_misfit": of("misfit"),
    }
    return pd.DataFrame(columns)


def _last_day(products: pd.DataFrame, params: DiffusionParameters) -> "pd.Series[pd.Timestamp]":
    """Return the day until which each product was looked at."""
    days = pd.to_timedelta(products["periods"] * params.period_days, unit="D")
    return (products["launch_day"] + days).reset_index(drop=True)


def _medians(fits: list[Fit]) -> dict[str, object]:
    names = ("p", "q", "m", "misfit")
    return {
        f"median_{name}": float(np.median([getattr(fit, name) for fit in fits])) if fits else None
        for name in names
    }


RATE: PropertyOptions = {"minimum": 0, "unit": "per period"}
BUYERS: PropertyOptions = {"minimum": 0, "unit": "customers"}


def _number(name: str, about: Text, *, options: PropertyOptions) -> PropertySpec:
    return owned(f"diffusion_{name}", "number", about=about, **options)


ALGORITHM: Final = Algorithm(
    name="diffusion",
    version="1",
    about=Text(
        "Says how fast each product spreads among customers, when it peaks and how many it wins.",
        "估计各商品在客户中的扩散速度、峰值时间与最终购买人数。",
    ),
    stage="model",
    source="Bass (1969); Schmittlein and Mahajan (1982) for the likelihood.",
    reads={
        **READS,
        "order_lines": ("order_id", "product_id", "quantity", "amount"),
        "products": ("product_id", "listed_day"),
    },
    parameters=DiffusionParameters,
    compute=compute,
    reduce={"products": PRODUCTS, "counts": COUNTS},
    joins=JOINS,
    properties={
        "Product": (
            owned(
                "diffusion_state",
                "code",
                about=Text("Whether there is an estimate, and why not", "能否估计及原因"),
                codes=tuple(STATES),
            ),
            owned(
                "diffusion_buyers",
                "integer",
                about=Text("Customers who ever bought it", "购买过的客户数"),
                minimum=0,
            ),
            owned("diffusion_launch_on", "date", about=Text("Listed, or first sold", "上市日")),
            _number(
                "p", Text("Rate at which people buy of their own accord", "创新系数"), options=RATE
            ),
            _number("q", Text("Rate at which people buy after others", "模仿系数"), options=RATE),
            _number("m", Text("Buyers in the end", "最终购买人数"), options=BUYERS),
            _number(
                "m_low", Text("Lower end of its 95 % interval", "其 95% 区间下限"), options=BUYERS
            ),
            _number(
                "m_high", Text("Upper end of its 95 % interval", "其 95% 区间上限"), options=BUYERS
            ),
            owned(
                "diffusion_peak_on",
                "date",
                about=Text("When most buy for the first time", "首购峰值日"),
            ),
            owned(
                "diffusion_misfit",
                "number",
                about=Text("Scatter about the curve; 1: as counts by chance", "离散度；1 为随机"),
                minimum=0,
            ),
        )
    },
    mathematics=MATHEMATICS,
)
