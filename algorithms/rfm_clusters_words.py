"""What is said about groups of customers in words: page, caveats and reasons."""

from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# below it a fifth of the pairs of customers who are together would not be in the next sample
FIRM: Final = 0.8


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say which group a customer is in and what marks its members."""
    number, clusters = customer["rfm_cluster"], metrics.get("clusters")
    rows = clusters if isinstance(clusters, list) else []
    row = next((row for row in rows if row["cluster"] == number), None)
    if row is None:
        return Text(f"Is in group {number}.", f"属于第 {number} 群。")
    orders, spend, symbol = f"{row['mean_orders']:.1f}", f"{row['mean_spend']:,.2f}", row["symbol"]
    return Text(
        f"Is in group {number} of {len(rows)} ({symbol}): {row['n']} customers alike in "
        f"scores, with {orders} orders and {spend} on average.",
        f"属于第 {number} 群（共 {len(rows)} 群，{symbol}）：{row['n']} 位得分相近的客户，"
        f"人均 {orders} 单、{spend} 元。",
    )


def notes_on(
    *, wanted: int, k: int, n_points: int, stability: Mapping[str, float]
) -> tuple[Text, ...]:
    """Return what a reader of the groups has to know."""
    notes = []
    if wanted > k or n_points == 1:
        en = f"Scores differ in {n_points} ways only, so there are {k} groups and no more."
        notes.append(Text(en, f"得分仅有 {n_points} 种组合，因此只有 {k} 个群。"))
    if stability["mean"] < FIRM:
        en = (
            f"The groups do not stand firm: with other customers of the same kind only "
            f"{stability['mean']:.2f} of them would agree (adjusted Rand index)."
        )
        zh = f"分群不稳定：对同类客户重抽样，调整兰德系数仅 {stability['mean']:.2f}。"
        notes.append(Text(en, zh))
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Groups $C_1..C_k$ of customers that minimise "
        "$\\sum_j \\sum_{i \\in C_j} \\lVert z_i - \\bar z_j \\rVert^2$, where "
        "$z_i = (s_i - \\bar s)/\\sigma_s$ are the standardised scores of recency, frequency "
        "and money. A group's signs are those of $\\bar s_j - \\bar s$, unrounded.",
        "将客户分为 $C_1..C_k$，使 "
        "$\\sum_j \\sum_{i \\in C_j} \\lVert z_i - \\bar z_j \\rVert^2$ 最小，其中 "
        "$z_i = (s_i - \\bar s)/\\sigma_s$ 为标准化的 R、F、M 得分。群的符号取自未舍入的 "
        "$\\bar s_j - \\bar s$。",
    ),
    assumptions=Text(
        "Round groups of like spread, and the three scores count alike. Scores are ranks: "
        "distances among the highest spenders are as short as among others.",
        "各群近似球形、离散程度相近，三项得分同等重要。得分为名次：消费最高者之间的差距与他人同等看待。",
    ),
    estimator=Text(
        "Lloyd's algorithm with k-means++ starts, 10 restarts, fixed seed, on the at most 125 "
        "cells weighted by their customers. $k$ is set, or has the greatest mean silhouette. "
        "Groups are numbered by mean spend. On request (`exclude_resellers`) means are without "
        "suspected resellers, unless a group has nobody else. Stability is the adjusted Rand index "
        "with the groups of bootstrap samples.",
        "对至多 125 个得分组合按客户数加权，Lloyd 算法、k-means++ 初始化、10 次重启、固定种子。"
        "$k$ 为设定值或平均轮廓系数最大者。群按人均消费排序编号。"
        "可按需（`exclude_resellers`）在均值中排除疑似转售客户，除非该群别无他人。"
        "稳定性为与自助抽样分群的调整兰德系数。",
    ),
    unfit=Text(
        "k-means always finds groups, also where there are none: read the silhouette and the "
        "stability first. A group is no cause of what its members do.",
        "即使不存在自然分群，K 均值也会给出结果：请先看轮廓系数与稳定性。分群不是行为的原因。",
    ),
)
