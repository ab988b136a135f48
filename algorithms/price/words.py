"""What is said about prices in words: page, caveats and reasons."""

from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# in a sample of fewer one customer more moves everybody's index by a point
FEW_BUYERS: Final = 100


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say how a customer's spending compares, and where they wait for discounts."""
    power = _shown(customer.get("price_power"))
    raw, sure = (_named(customer.get(f"price_{name}_categories")) for name in KINDS)
    sigmas, z = (_shown(metrics.get(name)) for name in ("sigmas", "z_threshold"))
    return Text(
        f"Spends more than {power} % of buyers, each category measured by its median buyer. "
        f"Discount share above mean + {sigmas} sd in: {raw or 'no category'}; shrunken z of "
        f"{z} or more in: {sure or 'no category'}.",
        f"消费能力高于 {power}% 的买家（各品类以中位买家为尺度）。折扣占比超过均值加 {sigmas} "
        f"个标准差的品类：{raw or '无'}；收缩 z 值不低于 {z} 的品类：{sure or '无'}。",
    )


KINDS: Final = ("sensitive", "discount")


def _shown(number: object) -> str:
    return "?" if number is None else f"{float(str(number)):g}"


def _named(categories: object) -> str:
    return ", ".join(map(str, categories)) if isinstance(categories, list) else ""


def notes_on(
    *, buyers: int, has_list_prices: bool, compared: int, unreachable: int, measured: int
) -> tuple[Text, ...]:
    """Return what a reader has to know.

    ``compared`` categories have customers to compare, in ``unreachable`` of them the border
    is out of reach; ``measured`` lines judged the intervals.
    """
    notes = []
    if buyers < FEW_BUYERS:
        en = f"The spending index ranks {buyers} buyers only."
        notes.append(Text(en, f"消费能力指数仅由 {buyers} 位买家排序得出。"))
    if not has_list_prices:
        en = "No order line has a list price: nothing is said about discounts."
        notes.append(Text(en, "订单行均无折前金额：不判断折扣敏感度。"))
    elif not compared:
        en = "Nobody has enough orders with a list price in a category to be compared."
        notes.append(Text(en, "没有客户在任何品类内有足够的带折前金额的订单可供比较。"))
    if unreachable:
        en = (
            f"In {unreachable} of {compared} categories mean + k sd is out of reach of any "
            "share: nobody can be flagged there, whatever they do. Read the shrunken z-score."
        )
        zh = (
            f"{compared} 个品类中有 {unreachable} 个的均值加 k 倍标准差为任何占比所不及："
            "无论如何都不会有人被标记，请参考收缩 z 值。"
        )
        notes.append(Text(en, zh))
    if not measured:
        en = "No later line could judge the price intervals: their coverage is not known."
        notes.append(Text(en, "没有可供检验价格区间的后续订单行：覆盖率未知。"))
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "With list amounts $L$ and amounts paid $A$ of customer $i$ in category $c$, the "
        "discount share is $s = \\sum (L - A)^+ / \\sum L$. *Sensitive*: "
        "$s > \\bar s_c + k\\,\\sigma_c$. *Discount*: $z \\ge z_0$, where "
        "$\\tilde s = (n s + w \\bar s_c)/(n + w)$ over $n$ orders and "
        "$z$ counts the standard deviations by which $\\tilde s$ lies above the mean of all "
        "$\\tilde s$ of the category. "
        "Power: with spend $x_{ic}$ and the median $m_c$ of the category's buyers, "
        "$b_i = \\sum_c x_{ic}^+ / m_c$, and the index is "
        "$100\\,(\\#\\{b_j < b_i\\} + \\tfrac12 \\#\\{b_j = b_i\\}) / N$. The price interval of "
        "a category is from the first to the last decile of its unit prices.",
        "设客户 $i$ 在品类 $c$ 的折前金额为 $L$、实付为 $A$，折扣占比 "
        "$s = \\sum (L - A)^+ / \\sum L$。*敏感*：$s > \\bar s_c + k\\,\\sigma_c$。*折扣*："
        "$z \\ge z_0$，其中 $n$ 笔订单的收缩占比 $\\tilde s = (n s + w \\bar s_c)/(n + w)$，"
        "$z$ 为 $\\tilde s$ 超出该品类全部 $\\tilde s$ 均值的标准差数。"
        "消费能力：消费 $x_{ic}$ 与品类买家中位数 $m_c$ 之比 $b_i = \\sum_c x_{ic}^+ / m_c$，"
        "指数为 $100\\,(\\#\\{b_j < b_i\\} + \\tfrac12 \\#\\{b_j = b_i\\}) / N$。品类价格区间为"
        "单价的第 10 至第 90 百分位。",
    ),
    assumptions=Text(
        "List prices are honest: what was never sold at its list price is always discounted. "
        "$\\tilde s$ is the posterior mean of a beta-binomial share whose prior counts for $w$ "
        "orders, the same in every category. A category is the product's own, not the tree "
        "below it.",
        "折前价真实：从未按折前价出售的商品永远在打折。"
        "$\\tilde s$ 为贝塔-二项占比的后验均值，先验相当于 $w$ 笔订单，各品类相同。"
        "品类指商品自身所属品类，不含下级。",
    ),
    estimator=Text(
        "Lines without a list price, returns and orders without lines say nothing about "
        "discounts. $\\bar s_c$ and $\\sigma_c$ (divisor $N - 1$) are of the customers with "
        "enough orders, on request (`exclude_resellers`) without suspected resellers, who are "
        "held against them all the same. The border is out of reach where it is 1 or more, and "
        "where $(N - 1)/\\sqrt N \\le k$, since no value of a sample lies further from its mean. "
        "The index never falls when a customer pays more in a category where they buy: $m_c$ "
        "grows no faster than their own spend. Intervals of the first four fifths of the lines "
        "(by whole days) are held against the rest; 80 % is nominal.",
        "无折前金额的行、退货和无明细订单不参与折扣判断。$\\bar s_c$ 与 $\\sigma_c$（除数 $N - 1$）"
        "仅取订单数足够的客户，可按需（`exclude_resellers`）排除疑似转售客户（仍与之比较）。"
        "阈值不低于 1，或 $(N - 1)/\\sqrt N \\le k$ 时不可达（样本中无值离均值"
        "更远）。客户在已购品类多付时指数不会下降：$m_c$ 的增长不快于其自身消费。以前五分之四订单行"
        "（按整日）的区间检验其余行，名义覆盖率为 80%。",
    ),
    unfit=Text(
        "A discount share shows what was on offer as much as taste: never raise the price for "
        "those who are not flagged. The index ranks buyers of this company by what they spend "
        "here; it is not income.",
        "折扣占比既反映偏好也反映促销机会：不得据此对未标记者提价。指数仅按在本公司的消费排序，不代表收入。",
    ),
)
