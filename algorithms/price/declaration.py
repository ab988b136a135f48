"""Price sensitivity, price intervals and spending power, declared as one algorithm.

The three read the same lines and are asked together: who waits for discounts, what is paid
in a category, and how much a customer can spend.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from algorithms.contract import (
    Algorithm,
    FiledTable,
    Inputs,
    NothingToSayError,
    PropertyOptions,
    Result,
    owned,
)
from algorithms.price.power import distribution_of, power_of
from algorithms.price.settings import PRICES, SHARES, PriceParameters
from algorithms.price.shares import Discounts, discounts_of
from algorithms.price.words import KINDS, MATHEMATICS, explain, notes_on
from algorithms.purchases import JOINS, READS
from algorithms.suspected import SUSPECTED, without_resellers
from graph.language import Text
from graph.spec import MONEY_SCALE, PropertySpec

NOMINAL: Final = 0.8
# the record of a run is read whole; every category is on its node
LISTED: Final = 200
TEXTS: Final = pd.ArrowDtype(pa.list_(pa.string()))


class NobodyBuysError(NothingToSayError):
    """There is no paid order of a known customer."""

    text = Text(
        "price: no customer has a paid order, so there are no prices to compare.",
        "price：没有客户有已付款订单，无价格可比较。",
    )


def compute(inputs: Inputs, params: PriceParameters) -> Result:
    """Compare what customers pay.

    Parameters
    ----------
    inputs
        ``shares``: one row a customer and category (empty text: none known), ordered by both:
        ``spend``, ``listed``, ``discount`` (ten-thousandths), ``orders`` with a list price,
        ``is_left_out`` of the means.
        ``prices``: one row a category, ordered: ``lines``, ``p10``, ``p50``, ``p90`` of unit
        prices (ten-thousandths), ``later_lines`` and how many of them the interval of the
        earlier ones ``covered``.
    params
        Thresholds.

    Returns
    -------
    ``Customer``, ordered: ``price_power`` (0-100), ``price_sensitive_categories`` and
    ``price_discount_categories`` (sorted ids, null: none). ``Category``, ordered: interval
    (p10 and p90 null on few lines), lines, mean discount share, border and whether a share can
    reach it. ``price_shares``: each compared share. Metrics: the table of the largest
    categories, coverage of intervals, deciles of power.

    Raises
    ------
    NobodyBuysError
        If nobody has bought.
    """
    shares = inputs["shares"]
    if shares.empty:
        raise NobodyBuysError
    power = power_of(shares)
    discounts = discounts_of(shares, params)
    categories = _categories(inputs["prices"], discounts, params=params)
    later, covered = (int(inputs["prices"][name].sum()) for name in ("later_lines", "covered"))
    reachable = discounts.categories["is_reachable"]
    metrics = {
        "sigmas": params.sigmas,
        "z_threshold": params.z_threshold,
        "categories": _table(categories),
        "coverage": {"nominal": NOMINAL, "lines": later, "share": _part(covered, later)},
        "reachable": int(reachable.sum()),
        "compared_categories": len(reachable),
        "power": distribution_of(power),
    }
    notes = notes_on(
        buyers=len(power),
        has_list_prices=not discounts.shares.empty,
        compared=len(reachable),
        unreachable=int((~reachable).sum()),
        measured=later,
    )
    left_out = shares.loc[shares["is_left_out"].astype(bool), "customer_id"].nunique()
    notes += without_resellers(left_out, is_wished=params.exclude_resellers)
    frames = {
        "Customer": _customers(power, discounts, params=params),
        "Category": categories,
        "price_shares": discounts.shares.drop(columns="is_above"),
    }
    return Result(frames, metrics, notes)


def _customers(
    power: pd.DataFrame, discounts: Discounts, *, params: PriceParameters
) -> pd.DataFrame:
    shares = discounts.shares
    flags = (shares["is_above"], shares["z"] >= params.z_threshold)
    columns = {
        f"price_{name}_categories": _listed(shares[flag], power["customer_id"])
        for name, flag in zip(KINDS, flags, strict=True)
    }
    return pd.DataFrame(
        {"customer_id": power["customer_id"], "price_power": power["power"], **columns}
    )


def _listed(flagged: pd.DataFrame, customers: "pd.Series[str]") -> pd.Series:
    """Return each customer's categories in order, null for who has none."""
    by = flagged.groupby(flagged["customer_id"].astype(object), sort=False)["category_id"]
    lists = {str(customer): sorted(map(str, categories)) for customer, categories in by}
    return pd.Series([lists.get(customer) for customer in customers], dtype=TEXTS)


def _categories(
    prices: pd.DataFrame, discounts: Discounts, *, params: PriceParameters
) -> pd.DataFrame:
    """Return one row a category with a price or customers to compare, in the order of ids."""
    known = prices.assign(category_id=prices["category_id"].astype(object))
    found = known.set_index("category_id").join(discounts.categories, how="outer").sort_index()
    is_few = ~(found["lines"] >= params.minimum_lines)
    quantiles = {
        f"price_{name}": found[name].mask(is_few & (name != "p50")).round().astype("Int64")
        for name in ("p10", "p50", "p90")
    }
    columns = {
        **quantiles,
        "price_lines": found["lines"].fillna(0).astype(np.int64),
        "price_compared_customers": found["customers"].fillna(0).astype(np.int64),
        "price_discount_mean": found["mean"],
        "price_discount_sd": found["sd"],
        "price_discount_border": found["threshold"],
        "price_border_is_reachable": found["is_reachable"].astype("boolean"),
    }
    return pd.DataFrame(columns).rename_axis("category_id").reset_index()


def _table(categories: pd.DataFrame) -> list[dict[str, object]]:
    """Return the largest categories, by lines and then by id, as JSON values."""
    order = np.lexsort((np.arange(len(categories)), -categories["price_lines"]))
    top = categories.iloc[order[:LISTED]]
    rows: list[dict[str, object]] = []
    for row in top.astype(object).to_dict("records"):
        stated: Mapping[str, object] = {
            str(k).removeprefix("price_"): None if pd.isna(v) else v for k, v in row.items()
        }
        rows.append({k: _plain(k, v) for k, v in stated.items()})
    return rows


def _plain(name: str, value: object) -> object:
    is_money = name in ("p10", "p50", "p90") and value is not None
    return float(str(value)) / MONEY_SCALE if is_money else value


def _part(part: int, whole: int) -> float | None:
    return part / whole if whole else None


UNIT: PropertyOptions = {"minimum": 0, "maximum": 1, "owner": "price"}


def _quantile(percent: int) -> PropertySpec:
    about = Text(f"Unit price below which {percent} % of lines lie", f"单价的 {percent}% 分位")
    return owned(f"price_p{percent}", "money", about=about, unit="currency", minimum=0)


ALGORITHM: Final = Algorithm(
    name="price",
    version="1",
    about=Text(
        "Tells who waits for discounts, what is paid in a category and how much one can spend.",
        "判断谁偏好折扣、各品类的价格区间以及客户的消费能力。",
    ),
    stage="model",
    source="Definition: mean plus k standard deviations of discount shares, beside shrinkage by "
    "a beta prior; within-sample bound of Samuelson (1968).",
    reads={
        **READS,
        "order_lines": ("order_id", "product_id", "quantity", "amount", "list_amount"),
        "products": ("product_id", "category_id"),
        "customers": ("customer_id", SUSPECTED),
    },
    parameters=PriceParameters,
    compute=compute,
    reduce={"shares": SHARES, "prices": PRICES},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "price_power",
                "number",
                about=Text("Spending power among buyers", "消费能力指数"),
                minimum=0,
                maximum=100,
                indexed=True,
            ),
            owned(
                "price_sensitive_categories",
                "texts",
                about=Text(
                    "Categories with a discount share above mean + k sd",
                    "折扣占比超过均值加 k 倍标准差的品类",
                ),
            ),
            owned(
                "price_discount_categories",
                "texts",
                about=Text(
                    "Categories with a remarkable shrunken discount share",
                    "收缩后折扣占比仍显著偏高的品类",
                ),
            ),
        ),
        "Category": (
            *(_quantile(percent) for percent in (10, 50, 90)),
            owned("price_lines", "integer", about=Text("Order lines", "订单行数"), minimum=0),
            owned(
                "price_compared_customers",
                "integer",
                about=Text("Customers whose discounts are compared", "参与折扣比较的客户数"),
                minimum=0,
            ),
            owned(
                "price_discount_mean",
                "number",
                about=Text("Mean discount share", "平均折扣占比"),
                **UNIT,
            ),
            owned(
                "price_discount_sd",
                "number",
                about=Text("Standard deviation of discount shares", "折扣占比标准差"),
                **UNIT,
            ),
            owned(
                "price_discount_border",
                "number",
                about=Text("Share above which one is flagged", "标记阈值"),
                minimum=0,
            ),
            owned(
                "price_border_is_reachable",
                "boolean",
                about=Text("Whether any share can lie above it", "阈值是否可达"),
            ),
        ),
    },
    files=(
        FiledTable(
            name="price_shares",
            about=Text("A customer's discounts in a category", "客户在品类内的折扣"),
            identity=("customer_id", "category_id"),
            columns=(
                owned("customer_id", "key", about=Text("Customer", "客户"), owner="price"),
                owned("category_id", "key", about=Text("Category", "品类"), owner="price"),
                owned(
                    "orders",
                    "integer",
                    about=Text("Orders with a list price", "有折前金额的订单数"),
                    minimum=1,
                    owner="price",
                ),
                owned(
                    "share",
                    "number",
                    about=Text("Discount share by value", "折扣占比（按金额）"),
                    **UNIT,
                ),
                owned(
                    "shrunken_share",
                    "number",
                    about=Text("Share shrunken to the mean", "收缩后的占比"),
                    **UNIT,
                ),
                owned("z", "number", about=Text("Its z-score", "z 值"), owner="price"),
            ),
        ),
    ),
    mathematics=MATHEMATICS,
    explain=explain,
)
