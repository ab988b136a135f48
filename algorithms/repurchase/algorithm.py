"""How likely every customer is to buy within thirty days, and what that likelihood is worth.

Two models compete on cuts of the company's own past, and the better one speaks. No figure is
kept without those that cost nothing: always saying no, and looking at recency alone.
"""

from dataclasses import asdict
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Graded, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import DatedParameters
from algorithms.purchases import PAID, READS
from algorithms.repurchase.features import HORIZON_DAYS, Purchases, situation
from algorithms.repurchase.grading import Comparison, History, compared
from algorithms.repurchase.words import MATHEMATICS, explain, notes_on
from graph.language import Text

FEWEST_CUTS: Final = 3

DAYS: Final = f"""
WITH {PAID}
SELECT
    p.customer_id,
    DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(p.ordered_day AS DATE)) AS day,
    CAST(SUM(CASE WHEN p.amount >= 0 THEN 1 ELSE 0 END) AS BIGINT) AS orders,
    CAST(SUM(p.amount) AS BIGINT) AS amount
FROM paid p CROSS JOIN parameters
WHERE p.ordered_at <= parameters.as_of
GROUP BY p.customer_id, p.ordered_day
ORDER BY p.customer_id, p.ordered_day
"""

WINDOW: Final = """
SELECT DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(as_of AS DATE)) AS end_day
FROM parameters
"""


class RepurchaseParameters(DatedParameters):
    """How the contenders are compared, and what is too little to learn from."""

    cuts: Annotated[int, Text("Cuts on which the models are compared", "比较模型的切分点数")] = (
        Field(4, ge=FEWEST_CUTS, le=12)
    )
    seed: Annotated[int, Text("Seed of the boosted trees", "提升树的随机种子")] = Field(
        0, ge=0, le=2**31 - 1
    )
    minimum_customers: Annotated[
        int, Text("Fewest customers at each cut", "每个切分点的最少客户数")
    ] = Field(100, ge=20)
    minimum_buyers: Annotated[
        int,
        Text(
            "Fewest customers who bought, and who did not, after each cut",
            "每个切分点之后购买者与未购买者的最少人数",
        ),
    ] = Field(20, ge=5)


class NobodyBoughtError(NothingToSayError):
    """Nobody has bought yet, so there is nobody to judge."""

    text = Text(
        "repurchase: no customer has a paid order up to {as_of}. Load orders of known customers, "
        "or choose a later date.",
        "repurchase:截至 {as_of} 没有客户的付款订单。请载入已知客户的订单,或选择更晚的日期。",
    )


class TooFewCutsError(NothingToSayError):
    """The history has no room for cuts, their thirty days, and something to learn from before."""

    text = Text(
        "repurchase: the history has {days} days; {cuts} cuts of 30 days, and 60 days to learn "
        "from before the first, need {needed}.",
        "repurchase:历史只有 {days} 天;{cuts} 个 30 天的切分点加上首个之前的 60 天学习期需要 "
        "{needed} 天。",
    )


class TooFewBuyersError(NothingToSayError):
    """At some cut there are too few customers, buyers or non-buyers to learn from or judge by."""

    text = Text(
        "repurchase: of {customers} customers {days_ago} days ago {buyers} bought within 30 days "
        "and {others} did not; {needed} customers, and {least} of each, are needed "
        "(repurchase.minimum_customers, repurchase.minimum_buyers).",
        "repurchase:{days_ago} 天前的 {customers} 位客户中,30 天内有 {buyers} 位购买、"
        "{others} 位未购买;至少需要 {needed} 位客户,且两类各 {least} 位"
        "(repurchase.minimum_customers、repurchase.minimum_buyers)。",
    )


def compute(inputs: Inputs, params: RepurchaseParameters) -> Result:
    """Tell the chance of a purchase within thirty days of everybody who has bought.

    Parameters
    ----------
    inputs
        ``days``: one row a customer and day with a paid order, ordered by both: ``day``
        (since 1970), ``orders`` (0 for a day of returns), ``amount`` (ten-thousandths).
        ``window``: one row, ``end_day``.
    params
        ``as_of`` ends the history; thirty days are counted from the next day.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``repurchase_probability_30d`` (0 to 1).
    Customers without a purchase are absent. Metrics hold the means of the model taken over
    the cuts, each contender by cut, and its calibration by decile.

    Raises
    ------
    NobodyBoughtError, TooFewCutsError, TooFewBuyersError
        If there is nobody to judge, or too little to learn from.

    References
    ----------
    Brier, G. W. (1950). Verification of forecasts expressed in terms of probability.
    Friedman, J. H. (2001). Greedy function approximation: a gradient boosting machine.
    """
    ids, purchases = _purchases(inputs["days"])
    if not len(purchases.visits().day):
        raise NobodyBoughtError(as_of=params.as_of.isoformat())
    # the company's calendar may be a day ahead of UTC, in which as_of is given
    now = max(int(inputs["window"]["end_day"].iloc[0]), int(purchases.day.max())) + 1
    history = History(purchases, params.seed)
    cuts = _cuts(history, params=params, now=now)
    comparison = compared(history, cuts)
    at = situation(purchases, now)
    chances = history.learnt(comparison.best, cut=now).chances(at)
    columns = {"customer_id": ids[at.customer], "repurchase_probability_30d": chances}
    return Result(
        {"Customer": pd.DataFrame(columns)},
        _metrics(comparison),
        tuple(notes_on(comparison, wanted=params.cuts)),
    )


def _purchases(
    days: pd.DataFrame,
) -> tuple[npt.NDArray[np.object_], Purchases]:
    """Return the ids of customers, ascending, and their purchases by number."""
    customer = days["customer_id"].astype(object).to_numpy()
    # rows come ordered by customer: a number changes where the id does
    is_new = np.ones(len(customer), np.bool_)
    is_new[1:] = customer[1:] != customer[:-1]
    columns = (days[name].to_numpy(np.int64) for name in ("day", "orders", "amount"))
    return customer[is_new], Purchases(np.cumsum(is_new) - 1, *columns)


def _cuts(history: History, *, params: RepurchaseParameters, now: int) -> list[int]:
    """Return the cuts, latest first, that have a future to be judged by and a past to learn from.

    Raises
    ------
    TooFewCutsError, TooFewBuyersError
        If fewer than `FEWEST_CUTS` have, or one of them has too few customers or buyers.
    """
    wanted = [now - HORIZON_DAYS * back for back in range(1, params.cuts + 1)]
    cuts = [cut for cut in wanted if history.earlier(cut)]
    if len(cuts) < FEWEST_CUTS:
        first = int(history.purchases.visits().day.min())
        needed = HORIZON_DAYS * (FEWEST_CUTS + 2)
        raise TooFewCutsError(days=now - first, cuts=FEWEST_CUTS, needed=needed)
    for cut in (*cuts, *history.earlier(cuts[-1])[:1]):
        _refuse_few(history, cut, params=params, now=now)
    return cuts


def _refuse_few(history: History, cut: int, *, params: RepurchaseParameters, now: int) -> None:
    buys = history.examples(cut).buys
    n, buyers = len(buys), int(buys.sum())
    if n < params.minimum_customers or min(buyers, n - buyers) < params.minimum_buyers:
        raise TooFewBuyersError(
            customers=n,
            days_ago=now - cut,
            buyers=buyers,
            others=n - buyers,
            needed=params.minimum_customers,
            least=params.minimum_buyers,
        )


MEASURES: Final = (
    "base_rate",
    "mean_probability",
    "auc",
    "recency_auc",
    "brier",
    "brier_skill",
    "accuracy",
    "always_no_accuracy",
    "lift_10",
)


def _metrics(comparison: Comparison) -> dict[str, object]:
    best = comparison.best
    return {
        "model": best,
        "n_cuts": len(comparison.grades[best]),
        **{measure: comparison.mean(best, measure) for measure in MEASURES},
        "cuts": {
            name: [_dated(asdict(grade)) for grade in grades]
            for name, grades in comparison.grades.items()
        },
        "calibration": comparison.deciles(best),
    }


def _dated(grade: dict[str, object]) -> dict[str, object]:
    """Return a grade with its cut as a date."""
    cut = pd.Timestamp(0, tz="UTC") + pd.Timedelta(days=int(str(grade.pop("cut_day"))))
    return {"cut": cut.date().isoformat(), **grade}


ALGORITHM = Algorithm(
    name="repurchase",
    version="1",
    about=Text(
        "Tells how likely each customer is to buy within 30 days.",
        "给出每位客户 30 天内再次购买的概率。",
    ),
    stage="model",
    source="Logistic regression and gradient boosting (Friedman 2001), compared by rolling "
    "cuts on the Brier score (Brier 1950).",
    reads=READS,
    parameters=RepurchaseParameters,
    compute=compute,
    reduce={"days": DAYS, "window": WINDOW},
    properties={
        "Customer": (
            owned(
                "repurchase_probability_30d",
                "number",
                about=Text("Probability of buying within 30 days", "30 天内购买的概率"),
                minimum=0,
                maximum=1,
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    graded=(Graded("repurchase_probability_30d", "buys", HORIZON_DAYS),),
)
