"""What is said about the diffusion of products in words: page, states and caveats."""

from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

STATES: Final = {
    "fitted": Text("has an estimate", "已估计"),
    "few_buyers": Text("too few buyers", "购买人数过少"),
    "few_periods": Text("too few periods since the launch", "上市周期过少"),
    "launched_before": Text("launched before the data begin", "上市早于数据起始"),
    "unbounded": Text(
        "sales do not bend enough to tell how many buy in the end", "走势未弯曲，无法判断最终人数"
    ),
}
"""Whether a product has an estimate, and why not, by code."""


def notes_on(counts: Mapping[str, int], *, ahead: int) -> tuple[Text, ...]:
    """Return what a reader has to know.

    Parameters
    ----------
    counts
        Products by state.
    ahead
        Products whose peak is still to come.
    """
    notes = []
    without = {state: n for state, n in counts.items() if n and state != "fitted"}
    if without:
        total = sum(counts.values())
        en = "; ".join(f"{STATES[state].en} {n:,}" for state, n in without.items())
        zh = "；".join(f"{STATES[state].zh} {n:,}" for state, n in without.items())
        n = sum(without.values())
        notes.append(
            Text(
                f"{n:,} of {total:,} products have no estimate: {en}.",
                f"{total:,} 个商品中 {n:,} 个无估计：{zh}。",
            )
        )
    if ahead:
        notes.append(
            Text(
                f"The peak of {ahead:,} products is still to come: before it, m is foretold from "
                "the bend alone and tends to be too low.",
                f"{ahead:,} 个商品尚未到峰值：此时 m 仅由曲线弯曲推断，往往偏低。",
            )
        )
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Of $m$ customers who will ever buy a product, the share $F(t)$ has by $t$ periods after "
        "the launch: $F'(t) = (p + q F(t))(1 - F(t))$, so "
        "$F(t) = \\frac{1 - e^{-(p+q)t}}{1 + (q/p) e^{-(p+q)t}}$. $p$ is the rate of those who "
        "buy of their own accord, $q$ that of those who follow others. Most buy at "
        "$t^* = \\ln(q/p) / (p+q)$ where $q > p$, else at once.",
        "设最终购买者共 $m$ 人，上市 $t$ 个周期后已购比例为 $F(t)$："
        "$F'(t) = (p + q F(t))(1 - F(t))$，故 "
        "$F(t) = \\frac{1 - e^{-(p+q)t}}{1 + (q/p) e^{-(p+q)t}}$。$p$ 为自发购买率，$q$ 为跟随"
        "购买率。$q > p$ 时峰值在 $t^* = \\ln(q/p) / (p+q)$，否则在上市之时。",
    ),
    assumptions=Text(
        "The market does not grow, everybody meets everybody alike, and neither price nor "
        "campaigns nor seasons move the curve. Only first purchases count. The launch is the day "
        "of listing or, where none is known, of the first sale, if that is well inside the data.",
        "假定市场规模不变、人群充分混合，且价格、活动与季节不改变曲线。仅计首次购买。上市日取上架日；"
        "未知时取首销日，且须明显晚于数据起始。",
    ),
    estimator=Text(
        "Given how many bought in $T$ whole periods, each fell into period $t$ with probability "
        "$(F(t) - F(t-1)) / F(T)$: $p$ and $q$ are the likeliest, from the best point of a grid "
        "on, and $\\hat m$ is buyers so far over $\\hat F(T)$. Intervals come from the curvature, "
        "on logarithms, widened by the misfit (deviance over degrees of freedom) where that is "
        "above 1. Where the interval of $m$ is wider than four times its lower end nothing "
        "is said. Rates are a period of `period_days`.",
        "在 $T$ 个完整周期内，每位首购者落入周期 $t$ 的概率为 $(F(t) - F(t-1)) / F(T)$："
        "$p$、$q$ 取极大似然（由网格最优点出发），$\\hat m$ 为已购人数除以 $\\hat F(T)$。区间由对数"
        "尺度的曲率得到；失拟（偏差除以自由度）大于 1 时相应加宽。"
        "$m$ 的区间上限超过下限四倍时不给出"
        "结果。系数以 `period_days` 天为一周期。",
    ),
    unfit=Text(
        "Before the peak the curve is foretold from little; do not plan stock by it. $q$ is not "
        "proof that people influence each other: seasons and promotions bend curves as well. Not "
        "for things bought by habit, whose first purchases only show when customers were won.",
        "峰值之前依据甚少，不宜据此备货。$q$ 不能证明人际影响："
        "季节与促销同样使曲线弯曲。不适用于日常"
        "复购品，其首购仅反映获客时间。",
    ),
)
