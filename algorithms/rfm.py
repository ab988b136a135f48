"""How recently, how often and for how much each customer buys, and where that places them.

Each measure is scored 1 to 5 (``algorithms.rfm_scores``), in whole numbers: milliseconds,
orders, ten-thousandths. The three scores are a cell of a 5 x 5 x 5 grid, and everything
else follows from the cell: the signs against the mean of all customers, the class and the
name (``algorithms.rfm_names``, data that a home may replace).
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from algorithms.contract import (
    Algorithm,
    Group,
    Inputs,
    NothingToSayError,
    PropertyOptions,
    Result,
    owned,
)
from algorithms.purchases import JOINS, PAID, READS
from algorithms.rfm_names import CELLS, RfmNames, cells_of, labels_of, names_from_text
from algorithms.rfm_parameters import DAY_MILLISECONDS, UNITS, RfmParameters, home_defaults
from algorithms.rfm_scores import FIFTHS, Integers, rank_scores
from algorithms.rfm_signs import Thresholds, joined, marks_of
from algorithms.rfm_words import MATHEMATICS, explain, notes_on
from graph.errors import ComputeError
from graph.language import Text


class FutureOrderError(ComputeError):
    """An order lies after the instant from which recency is counted."""

    text = Text(
        "{customers} customers have orders after as_of ({as_of}). Pass only orders up to it.",
        "有 {customers} 个客户的订单晚于统计时点（{as_of}）。只应传入该时点之前的订单。",
    )


class NobodyScoredError(NothingToSayError):
    """No customer has a paid order up to the instant of the run."""

    text = Text(
        "rfm: no customer has a paid order up to {as_of}, so there is nobody to score.",
        "rfm：截至 {as_of} 没有客户有已付款订单，无法评分。",
    )


VISITS: Final = f"""
WITH {PAID}
SELECT
    customer_id,
    MAX(CASE WHEN amount >= 0 THEN ordered_at END) AS last_at,
    COUNT(CASE WHEN amount >= 0 THEN 1 END) AS n_orders,
    CAST(SUM(amount) AS BIGINT) AS spend
FROM paid
GROUP BY customer_id
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: RfmParameters) -> Result:
    """Measure, score and name every customer who has visited.

    Parameters
    ----------
    inputs
        ``visits``: one row a customer with a paid order, ordered by ``customer_id``:
        ``last_at`` (latest paid order that is no pure return), ``n_orders`` of them, and
        ``spend`` over all paid orders (ten-thousandths, below zero where returns outweigh).
    params
        ``as_of`` is the instant from which recency is counted.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``rfm_recency_days`` (days, with their
    fraction, >= 0), ``rfm_order_count`` (>= 1), ``rfm_spend`` (ten-thousandths), ``rfm_r``,
    ``rfm_f``, ``rfm_m`` (1 to 5; the latest buyers have R = 5), ``rfm_symbol``,
    ``rfm_class`` and ``rfm_segment``. Customers without a paid order, or with nothing but
    returns, are absent, not zero. Metrics keep the edges, the mean scores and ``grid``: the
    customers of each cell, by r, then f, then m.

    Raises
    ------
    FutureOrderError
        If an order was placed after ``as_of``.
    NobodyScoredError
        If nobody has visited.

    Notes
    -----
    Recency keeps its fraction: whole days would tie a morning buyer with an evening one.

    References
    ----------
    Hughes, A. M. (1994). Strategic Database Marketing. Probus.
    """
    visits = inputs["visits"]
    buyers = visits[visits["n_orders"] > 0]
    if buyers.empty:
        raise NobodyScoredError(as_of=params.as_of.isoformat())
    measures = {
        "recency_days": _elapsed(buyers["last_at"], params=params),
        "order_count": buyers["n_orders"].to_numpy(np.int64),
        "spend": buyers["spend"].to_numpy(np.int64),
    }
    scores = {name: _scores(name, values, params=params) for name, values in measures.items()}
    names, cells = names_from_text(params.names), cells_of(scores.values())
    named = _named(cells, names, params=params)
    ids = buyers["customer_id"].reset_index(drop=True)
    frame = _frame(ids, measures, scores=scores, named=named)
    metrics = {
        **_metrics(scores, cells, measures=measures, params=params),
        "returns_only": len(visits) - len(buyers),
    }
    groups = {"rfm_class": labels_of(names.classes), "rfm_segment": labels_of(names.segments)}
    return Result({"Customer": frame}, metrics, tuple(notes_on(scores)), _groups(groups))


def _elapsed(last_at: "pd.Series[pd.Timestamp]", *, params: RfmParameters) -> Integers:
    """Return the milliseconds from the latest order of each customer to ``as_of``."""
    latest = last_at.dt.as_unit("ms").astype("int64").to_numpy()
    now = pd.Timestamp(params.as_of).value // 1_000_000  # pandas counts nanoseconds here
    elapsed = np.asarray(now - latest, np.int64)
    future = int((elapsed < 0).sum())
    if future:
        raise FutureOrderError(customers=future, as_of=params.as_of.isoformat())
    return elapsed


def _scores(measure: str, values: Integers, *, params: RfmParameters) -> Integers:
    """Return 1 to 5 for each value; of recency the smallest has the highest score."""
    is_recency = measure == "recency_days"
    if params.scoring == "rank":
        return rank_scores(-values if is_recency else values)
    scores = params.edges(measure, values).scores(values)
    return FIFTHS + 1 - scores if is_recency else scores


def _frame(
    customer_id: pd.Series,
    measures: Mapping[str, Integers],
    *,
    scores: Mapping[str, Integers],
    named: Mapping[str, pd.Categorical],
) -> pd.DataFrame:
    columns = {
        "customer_id": customer_id,
        "rfm_recency_days": measures["recency_days"] / DAY_MILLISECONDS,
        "rfm_order_count": measures["order_count"],
        "rfm_spend": measures["spend"],
        "rfm_r": scores["recency_days"],
        "rfm_f": scores["order_count"],
        "rfm_m": scores["spend"],
        **named,
    }
    return pd.DataFrame(columns, copy=False)


def _named(cells: Integers, names: RfmNames, *, params: RfmParameters) -> dict[str, pd.Categorical]:
    """Return what follows from the cell of each customer: sign, class and segment."""
    n = np.bincount(cells, minlength=len(CELLS))
    # whole sums first: the difference from the mean is rounded once, by the division
    differences = (n.sum() * CELLS - n @ CELLS) / n.sum()
    thresholds = Thresholds(params.sign_fine, params.sign_coarse)
    of_cells = {
        "rfm_symbol": joined(marks_of(differences, thresholds)),
        "rfm_class": names.class_names().tolist(),
        "rfm_segment": names.segment_names().tolist(),
    }
    return {column: _spread(texts, cells) for column, texts in of_cells.items()}


def _spread(texts: list[str], cells: Integers) -> pd.Categorical:
    """Return the text of each customer's cell, one code a customer."""
    categories, code = np.unique(texts, return_inverse=True)
    return pd.Categorical.from_codes(code[cells], categories=categories.tolist())


def _metrics(
    scores: Mapping[str, Integers],
    cells: Integers,
    *,
    measures: Mapping[str, Integers],
    params: RfmParameters,
) -> dict[str, object]:
    edges = {
        f"edges_{name}": params.edges(name, values).in_units(UNITS[name])
        for name, values in measures.items()
        if params.scoring != "rank"
    }
    grid = np.bincount(cells, minlength=len(CELLS)).reshape(FIFTHS, FIFTHS, FIFTHS)
    sums = [int(of_measure.sum()) for of_measure in scores.values()]
    means = {m: total / len(cells) for m, total in zip("rfm", sums, strict=True)}
    return {**edges, "n": len(cells), "mean_scores": means, "grid": grid.tolist()}


def _groups(labels: Mapping[str, Mapping[str, Text]]) -> dict[str, dict[str, Group]]:
    return {s: {code: Group(t) for code, t in of.items()} for s, of in labels.items()}


SCORE: PropertyOptions = {"minimum": 1, "maximum": 5}

ALGORITHM = Algorithm(
    name="rfm",
    version="2",
    about=Text(
        "Scores how recently, how often and for how much each customer buys, and names them by it.",
        "按最近购买、购买频率和消费金额为每个客户评分并命名。",
    ),
    stage="tag",
    source="Hughes, A. M. (1994). Strategic Database Marketing; type-7 quintiles, ties together.",
    reads=READS,
    parameters=RfmParameters,
    compute=compute,
    reduce={"visits": VISITS},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "rfm_recency_days",
                "number",
                about=Text("Time since the latest paid order", "距最近一次付款订单的天数"),
                unit="days",
                minimum=0,
            ),
            owned("rfm_order_count", "integer", about=Text("Paid orders", "付款订单数"), minimum=1),
            owned(
                "rfm_spend",
                "money",
                about=Text("Paid over all orders, net of returns", "净消费总额"),
                unit="currency",
            ),
            owned(
                "rfm_r", "integer", about=Text("Recency score; 5 is latest", "最近度得分"), **SCORE
            ),
            owned("rfm_f", "integer", about=Text("Frequency score", "频率得分"), **SCORE),
            owned("rfm_m", "integer", about=Text("Monetary score", "金额得分"), **SCORE),
            owned(
                "rfm_symbol",
                "text",
                about=Text("The three scores against the means of all", "三项得分相对均值的符号"),
            ),
            # texts and no codes of a fixed list: a home names its own
            owned("rfm_class", "text", about=Text("One of the classes", "客户分类"), indexed=True),
            owned("rfm_segment", "text", about=Text("Common name", "客户分群名称"), indexed=True),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    segments=("rfm_class", "rfm_segment"),
    defaults=home_defaults,
)
