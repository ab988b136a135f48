"""What is said about RFM in words: its page, its caveats, and why a customer has their scores."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from algorithms.contract import Mathematics
from algorithms.rfm_scores import FIFTHS, Integers
from graph.language import Text

# a fifth of fewer is a handful, and one customer more moves its edges
FEW_CUSTOMERS: Final = 50


def notes_on(scores: Mapping[str, Integers]) -> list[Text]:
    """Return what a reader of the scores (of recency, frequency and money) has to know."""
    n = max(map(len, scores.values()), default=0)
    notes = []
    if n < FEW_CUSTOMERS:
        en = f"Only {n} customers are scored: a fifth of them is a handful."
        notes.append(Text(en, f"仅有 {n} 位客户参与评分：每五分之一人数过少。"))
    for letter, given in zip("RFM", scores.values(), strict=True):
        counts = np.bincount(given, minlength=FIFTHS + 1)
        absent = [score for score in range(1, FIFTHS + 1) if not counts[score]]
        if absent and n >= FIFTHS:
            listed = ", ".join(str(score) for score in absent)
            en = f"Nobody has {letter} = {listed}: equal values have equal scores."
            notes.append(Text(en, f"没有客户的 {letter} 得分为 {listed}：相同取值得分相同。"))
    return notes


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what a customer did, and what scores that gives them among how many."""
    days, orders = float(str(customer["rfm_recency_days"])), customer["rfm_order_count"]
    r, f, m = (customer[f"rfm_{letter}"] for letter in "rfm")
    spend, n = float(str(customer["rfm_spend"])), metrics.get("n", "?")
    return Text(
        f"Bought {days:.1f} days ago, {orders} paid orders, {spend:,.2f} in all: among {n} "
        f"customers that scores R {r}, F {f}, M {m} of 5.",
        f"距最近一次购买 {days:.1f} 天，付款订单 {orders} 笔，合计 {spend:,.2f}："
        f"在 {n} 位客户中得分 R {r}、F {f}、M {m}（满分 5）。",
    )


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "For customer $i$ at time $t$: recency $r_i = t - \\max_j t_{ij}$, frequency $f_i$ = "
        "paid orders, money $m_i = \\sum_j a_{ij}$. By quantiles the score is "
        "$S(x) = 1 + \\#\\{k : q_{k/5} < x\\}$ with $q$ of type 7, of recency $6 - S$. By rank "
        "it is $1 + \\lfloor 5\\,(b + e/2)/n \\rfloor$ with $b$ values below and $e$ equal ones. "
        "The sign of a score $s$ follows from $d = s - \\bar s$: $0$ if $|d| < 0.01$, doubled "
        "if $|d| \\ge 1$.",
        "客户 $i$ 在时点 $t$：最近度 $r_i = t - \\max_j t_{ij}$，频率 $f_i$ 为付款订单数，金额 "
        "$m_i = \\sum_j a_{ij}$。分位评分 $S(x) = 1 + \\#\\{k : q_{k/5} < x\\}$（$q$ 为第 7 类"
        "分位数），最近度取 $6 - S$。名次评分为 $1 + \\lfloor 5\\,(b + e/2)/n \\rfloor$，$b$ 为更小"
        "值个数，$e$ 为相同值个数。符号由 $d = s - \\bar s$ 决定：$|d| < 0.01$ 记 $0$，"
        "$|d| \\ge 1$ "
        "记双符号。",
    ),
    assumptions=Text(
        "Past buying foretells future buying, in this order: recency, frequency, money. All "
        "customers are compared with each other, whatever they buy and since when.",
        "过去的购买行为预示未来，影响依次为最近度、频率、金额。所有客户相互比较，不区分品类与入会时间。",
    ),
    estimator=Text(
        "Whole numbers throughout (milliseconds, orders, ten-thousandths), edges in fifths of "
        "them, so equal values never part. The class is that of the nearest profile of mean "
        "scores, $\\arg\\min_c \\min_{p \\in c} \\lVert s - p \\rVert^2$; the segment is the "
        "first whose ranges hold the scores.",
        "全程使用整数（毫秒、订单数、万分之一元），边界为其五分之一，相同取值不会分开。"
        "分类取平均得分最近的一类 $\\arg\\min_c \\min_{p \\in c} \\lVert s - p \\rVert^2$；"
        "分群取第一个范围包含该得分者。",
    ),
    unfit=Text(
        "Not a forecast: a score says where a customer stands, not what they will do. It cannot "
        "tell a reseller from a loyal heavy buyer, and scores of two companies do not compare.",
        "不是预测：得分只说明客户所处位置，不说明其将来行为；无法区分黄牛与忠诚大客户；不同公司之间不可比。",
    ),
)
