"""How likely every customer is to buy within thirty days, and what that likelihood is worth.

Two classifiers compete on cuts of the company's own past, and the better one meets what churn
says of the same question; the better of those speaks. No figure is kept without those that
cost nothing: always saying no, and looking at recency alone.
"""

from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from algorithms.churn.landmarks import TRIAL, TRIAL_READS
from algorithms.churn.trial import Trial, tried
from algorithms.contract import Algorithm, Graded, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import DatedParameters
from algorithms.purchases import PAID
from algorithms.repurchase.contest import (
    CHURN,
    NO_CHURN,
    Contest,
    Silent,
    complements,
    contested,
    recorded,
    said_of,
)
from algorithms.repurchase.features import HORIZON_DAYS, Floats, Purchases, Situation, situation
from algorithms.repurchase.grading import Comparison, History, Learnt, compared
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

# days count on from the latest purchase, as churn counts them: both have the same calendar
WINDOW: Final = f"""
WITH {PAID}, newest AS (
    SELECT MAX(p.ordered_day) AS day, MAX(p.ordered_at) AS at
    FROM paid p CROSS JOIN parameters
    WHERE p.ordered_at <= parameters.as_of
)
SELECT
    DATE_DIFF('day', CAST('1970-01-01' AS DATE), CAST(n.day AS DATE))
        + DATE_DIFF('day', CAST(n.at AS DATE), CAST(parameters.as_of AS DATE)) AS end_day
FROM newest n CROSS JOIN parameters
"""

LEAVING: Final = """
SELECT customer_id, churn_probability_30d
FROM customers
ORDER BY customer_id
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
        "repurchase：截至 {as_of} 没有客户的付款订单。请载入已知客户的订单，或选择更晚的日期。",
    )


class TooFewCutsError(NothingToSayError):
    """The history has no room for cuts, their thirty days, and something to learn from before."""

    text = Text(
        "repurchase: the history has {days} days; {cuts} cuts of 30 days, and 60 days to learn "
        "from before the first, need {needed}.",
        "repurchase：历史只有 {days} 天；{cuts} 个 30 天的切分点加上首个之前的 60 天学习期需要 "
        "{needed} 天。",
    )


class TooFewBuyersError(NothingToSayError):
    """At some cut there are too few customers, buyers or non-buyers to learn from or judge by."""

    text = Text(
        "repurchase: of {customers} customers {days_ago} days ago {buyers} bought within 30 days "
        "and {others} did not; {needed} customers, and {least} of each, are needed "
        "(repurchase.minimum_customers, repurchase.minimum_buyers).",
        "repurchase：{days_ago} 天前的 {customers} 位客户中，30 天内有 {buyers} 位购买、"
        "{others} 位未购买；至少需要 {needed} 位客户，且两类各 {least} 位"
        "（repurchase.minimum_customers、repurchase.minimum_buyers）。",
    )


def compute(inputs: Inputs, params: RepurchaseParameters) -> Result:
    """Tell the chance of a purchase within thirty days of everybody who has bought.

    Parameters
    ----------
    inputs
        ``days``: one row a customer and day with a paid order, ordered by both: ``day``
        (since 1970), ``orders`` (0 for a day of returns), ``amount`` (ten-thousandths).
        ``window``: one row, ``end_day``. ``leaving``: ``customer_id`` and
        ``churn_probability_30d`` (null where churn said nothing). ``trial``: what a model of
        churn made one step earlier needs, see `algorithms.churn.landmarks.TRIAL`.
    params
        ``as_of`` ends the history; thirty days are counted from the next day.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``repurchase_probability_30d`` (0 to 1).
    Customers without a purchase are absent. Metrics hold the means of the classifier taken
    over the cuts, each one by cut, and its calibration by decile; and of the cut on which it
    met churn, all contenders and who ``speaks``.

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
    # a customer's day may be later than that of the latest order's instant
    now = max(int(inputs["window"]["end_day"].iloc[0]), int(purchases.day.max())) + 1
    history = History(purchases, params.seed)
    comparison = compared(history, _cuts(history, params=params, now=now))
    at = situation(purchases, now)
    foretold = complements(inputs["leaving"], ids[at.customer])
    contest: Contest | Silent = NO_CHURN
    if not np.isnan(foretold).all():
        trial = _tried(inputs["trial"], params, ids=ids[:: history.step])
        contest = contested(history, comparison, trial=trial, ids=ids, now=now)
    spoken = _spoken(contest, foretold)
    unknown = np.isnan(spoken)
    chances = _filled(spoken, history.learnt(comparison.best, cut=now), at=at)
    return Result(
        {"Customer": _scores(ids[at.customer], chances)},
        _metrics(comparison, contest),
        (*notes_on(comparison, wanted=params.cuts), *said_of(contest, unknown=int(unknown.sum()))),
    )


def _tried(
    customers: pd.DataFrame, params: RepurchaseParameters, *, ids: npt.NDArray[np.object_]
) -> Trial | None:
    """Try churn one step earlier on the customers that the classifiers learn from."""
    is_one = customers["customer_id"].isin(ids)
    return tried(customers[is_one].reset_index(drop=True), params)


def _spoken(contest: Contest | Silent, foretold: Floats) -> Floats:
    """Return the chances that churn speaks; NaN where the classifier does."""
    is_churn = isinstance(contest, Contest) and contest.winner == CHURN
    return foretold if is_churn else np.full(len(foretold), np.nan)


def _filled(spoken: Floats, classifier: Learnt, *, at: Situation) -> Floats:
    """Return the chances that were spoken, and those of the classifier where there are none."""
    if not np.isnan(spoken).any():
        return spoken
    return np.where(np.isnan(spoken), classifier.chances(at), spoken)


def _scores(ids: npt.NDArray[np.object_], chances: Floats) -> pd.DataFrame:
    return pd.DataFrame({"customer_id": ids, "repurchase_probability_30d": chances})


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


def _metrics(comparison: Comparison, contest: Contest | Silent) -> dict[str, object]:
    best = comparison.best
    return {
        "model": best,
        "speaks": contest.winner if isinstance(contest, Contest) else best,
        "contest": recorded(contest),
        "n_cuts": len(comparison.grades[best]),
        **{measure: comparison.mean(best, measure) for measure in MEASURES},
        "cuts": {
            name: [grade.row for grade in grades] for name, grades in comparison.grades.items()
        },
        "calibration": comparison.deciles(best),
    }


ALGORITHM = Algorithm(
    name="repurchase",
    version="2",
    about=Text(
        "Tells how likely each customer is to buy within 30 days.",
        "给出每位客户 30 天内再次购买的概率。",
    ),
    stage="model",
    source="Logistic regression and gradient boosting (Friedman 2001), compared by rolling "
    "cuts on the Brier score (Brier 1950), and with the complement of churn (Cox 1972).",
    reads={
        **TRIAL_READS,
        "customers": (*TRIAL_READS["customers"], "churn_probability_30d"),
    },
    parameters=RepurchaseParameters,
    compute=compute,
    reduce={"days": DAYS, "window": WINDOW, "leaving": LEAVING, "trial": TRIAL},
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
