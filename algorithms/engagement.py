"""How much a customer has to do with the company: interactions, by documented weights.

Days count, not clicks: a kind of interaction counts once a calendar day. The weights stand in
``engagement.toml``, with their reasons, for a company to edit.
"""

from collections.abc import Mapping
from typing import Annotated, Final

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, Mathematics, NothingToSayError, Result, owned
from algorithms.engagement_weights import home_defaults, weights_from_text
from algorithms.measures import Floats
from algorithms.parameters import DatedParameters
from algorithms.reply_arcs import people_of
from graph.language import Text


class NoInteractionsError(NothingToSayError):
    """Nobody did anything that has a weight."""

    text = Text(
        "engagement: nobody did anything that has a weight in the {days} days up to {as_of}.",
        "engagement：截至 {as_of} 的 {days} 天内没有任何有权重的互动。",
    )


class EngagementParameters(DatedParameters):
    """Which interactions count, and for how much."""

    window_days: Annotated[int, Text("Days before as_of", "统计时点前的天数")] = Field(
        90, ge=1, le=36_500
    )
    weights: Annotated[
        str,
        Text(
            "Weights as JSON; empty: those of engagement.toml",
            "权重 JSON；空为 engagement.toml 中的权重",
        ),
    ] = ""


# the days of one kind of interaction of one customer
DONE: Final = """
WITH facts AS (
    SELECT e.customer_id, e.kind, e.at, e.day FROM events e
    UNION ALL
    SELECT
        customer_id,
        CASE
            WHEN reply_to_post_id IS NOT NULL OR reply_to_account_id IS NOT NULL THEN 'reply'
            ELSE 'post'
        END,
        posted_at, posted_day
    FROM posts
    UNION ALL
    SELECT customer_id, 'ticket', opened_at, opened_day FROM tickets
)
SELECT
    f.customer_id, f.kind, COUNT(DISTINCT f.day) AS days, COUNT(*) AS n, MAX(f.at) AS last_at
FROM facts f
CROSS JOIN parameters q
WHERE f.customer_id IS NOT NULL AND f.at > q.as_of - q.window_days * INTERVAL '24' HOUR
GROUP BY f.customer_id, f.kind
ORDER BY f.customer_id, f.kind
"""


def compute(inputs: Inputs, params: EngagementParameters) -> Result:
    """Weigh the days on which each customer did something.

    Parameters
    ----------
    inputs
        ``done``: by customer and kind of interaction, on how many ``days``, how often (``n``)
        and when last.
    params
        The weights.

    Returns
    -------
    ``Customer``, ordered by id: whoever did something with a weight above 0: the score, the
    interactions, the latest, and the kind that adds most (ties: the first in the alphabet).

    Raises
    ------
    NoInteractionsError
        If nobody did.
    EngagementWeightsError
        If the weights cannot be read.
    """
    weights = weights_from_text(params.weights)
    done = inputs["done"]
    kind = done["kind"].astype(str)
    worth = kind.map(weights).fillna(0.0).to_numpy(np.float64)
    done = done.assign(kind=kind, part=worth * done["days"])[worth > 0]
    if done.empty:
        raise NoInteractionsError(days=params.window_days, as_of=params.as_of.isoformat())
    people = people_of(done["customer_id"])
    done = done.assign(person=people.numbers(done["customer_id"]))
    by_person = done.groupby("person")
    best = done.sort_values(["person", "part", "kind"], ascending=[True, False, True])
    score = by_person["part"].sum().to_numpy(np.float64)
    columns = {
        "customer_id": people.names,
        "engagement_score": score,
        "engagement_percentile": _percentile(score),
        "engagement_interactions": by_person["n"].sum().to_numpy(np.int64),
        "engagement_last_at": by_person["last_at"].max().to_numpy(),
        "engagement_main_kind": best.drop_duplicates("person")["kind"].to_numpy(object),
    }
    frame = pd.DataFrame(columns)
    frame["engagement_last_at"] = pd.to_datetime(frame["engagement_last_at"], utc=True)
    totals = done.groupby("kind")["part"].sum()
    # where all weights of what was done are 0, nothing has a share
    whole = float(score.sum()) or 1.0
    shares = {str(name): float(total / whole) for name, total in totals.items()}
    metrics = {"n": people.n, "weights": dict(weights), "shares": shares}
    return Result({"Customer": frame}, metrics)


def _percentile(score: Floats) -> Floats:
    """Return which percentage has no higher score, equals included."""
    ordered = np.sort(score)
    return 100 * np.searchsorted(ordered, score, side="right") / len(score)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "$e_i = \\sum_k w_k d_{ik}$: $d_{ik}$ is the number of calendar days of the window on "
        "which customer $i$ did $k$, $w_k$ the weight of $k$ in `engagement.toml`.",
        "$e_i = \\sum_k w_k d_{ik}$：$d_{ik}$ 为窗口内客户 $i$ 有互动 $k$ 的自然日数，$w_k$ 为 "
        "`engagement.toml` 中的权重。",
    ),
    assumptions=Text(
        "Effort shows interest: what costs more, or is done for others to see, weighs more. The "
        "weights are judgements, not estimates, and every one can be edited.",
        "投入体现兴趣：成本更高或面向他人的行为权重更大。权重是判断而非估计，均可修改。",
    ),
    estimator=Text(
        "Exact sums over events, posts, replies and tickets; visits by an anonymous visitor "
        "count where they are attributed to a customer.",
        "对行为、发帖、回复与工单精确求和；匿名访问在归属到客户时计入。",
    ),
    unfit=Text(
        "To foretell purchases, which was not tested; to compare companies with other weights "
        "or other sources: a company without an app has no days in it.",
        "未经检验，不用于预测购买；也不用于比较权重或数据来源不同的公司。",
    ),
)


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what a customer did, and where that places them."""
    score, n = float(str(customer["engagement_score"])), customer["engagement_interactions"]
    most, place = customer["engagement_main_kind"], float(str(customer["engagement_percentile"]))
    among = metrics.get("n", "?")
    return Text(
        f"{n} interactions weigh {score:g}, most of it '{most}'; {place:.0f} % of {among} "
        "customers weigh no more.",
        f"互动 {n} 次，得分 {score:g}，以“{most}”为主；{among} 位客户中 {place:.0f}% 不高于此。",
    )


ALGORITHM = Algorithm(
    name="engagement",
    version="1",
    about=Text(
        "Weighs what a customer did with the company: looking, writing, sharing, by weights "
        "that can be edited.",
        "按可修改的权重衡量客户与公司的互动：浏览、发帖、分享等。",
    ),
    stage="tag",
    source="Definition: weighted days of interaction, see algorithms/engagement.toml.",
    reads={
        "events": ("customer_id", "kind", "at", "day"),
        "posts": (
            "customer_id",
            "posted_at",
            "posted_day",
            "reply_to_post_id",
            "reply_to_account_id",
        ),
        "tickets": ("customer_id", "opened_at", "opened_day"),
    },
    parameters=EngagementParameters,
    compute=compute,
    reduce={"done": DONE},
    properties={
        "Customer": (
            owned(
                "engagement_score",
                "number",
                about=Text("Weighted days of interaction", "加权互动天数"),
                minimum=0,
            ),
            owned(
                "engagement_percentile",
                "number",
                about=Text("Share of customers who have no more", "得分不高于此人的客户比例"),
                unit="percent",
                minimum=0,
                maximum=100,
            ),
            owned(
                "engagement_interactions",
                "integer",
                about=Text("Interactions that have a weight", "有权重的互动次数"),
                minimum=1,
            ),
            owned("engagement_last_at", "time", about=Text("The latest", "最近一次互动")),
            owned(
                "engagement_main_kind",
                "text",
                about=Text("Interaction that adds most", "贡献最大的互动类型"),
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    defaults=home_defaults,
)
