"""What is said about resellers in words: names of signs, page, caveats and reasons."""

import json
from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# resellers are few; where one customer in fifty looks like one, the thresholds do not fit
USUAL_SHARE: Final = 0.02

REASONS: Final[Mapping[str, Text]] = {
    "bulk": Text(
        "{units:g} units of {product_id} on one day", "一天内购买 {product_id} {units:g} 件"
    ),
    "cadence": Text(
        "{orders_a_week:g} orders a week ({orders} in {span_days} days)",
        "每周 {orders_a_week:g} 单（{span_days} 天内 {orders} 单）",
    ),
    "identities": Text(
        "shares a {kind} with others, {customers} customers in all",
        "与他人共用{kind}，共 {customers} 位客户",
    ),
    "transactions": Text("{orders} orders on one day", "一天内 {orders} 笔订单"),
}
THINGS: Final[Mapping[str, str]] = {"phone": "电话", "device": "设备", "address": "地址"}


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say which numbers make a customer a suspect, or that none does."""
    del metrics  # the evidence holds all that is said
    told = customer.get("reseller_evidence")
    facts: Mapping[str, Mapping[str, object]] = (
        json.loads(told) if isinstance(told, str) else told if isinstance(told, Mapping) else {}
    )
    if not facts:
        return Text("No sign of reselling.", "无转售迹象。")
    en = "; ".join(REASONS[code].en.format(**facts[code]) for code in sorted(facts))
    zh = "；".join(REASONS[code].zh.format(**_in_chinese(facts[code])) for code in sorted(facts))
    if customer.get("reseller_suspected"):
        return Text(f"May resell: {en}.", f"疑似转售：{zh}。")
    return Text(f"Not suspected on this alone: {en}.", f"仅凭此不构成怀疑：{zh}。")


def _in_chinese(fact: Mapping[str, object]) -> dict[str, object]:
    kind = str(fact.get("kind", ""))
    return {**fact, "kind": THINGS.get(kind, kind)}


def notes_on(*, customers: int, suspects: int) -> tuple[Text, ...]:
    """Return what a reader has to know: whether the thresholds fit the company at all."""
    if suspects <= max(1, USUAL_SHARE * customers):
        return ()
    share = 100 * suspects / customers
    en = (
        f"{share:.1f} % of buyers are suspected. Resellers are rarely so many: this company may "
        "sell to trade, or the thresholds are too low; the quantiles of the run show where "
        "its customers lie."
    )
    zh = (
        f"{share:.1f}% 的买家被怀疑。转售者很少如此之多：公司可能本就面向批发，或阈值过低；"
        "可参考运行指标中的分位数。"
    )
    return (Text(en, zh),)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Of a customer: *bulk* $u = \\max_{p,d} \\sum q_{pd}$, the most units of one article "
        "on one day; *transactions* $o = \\max_d n_d$, the most orders on one day; *cadence* "
        "$n / \\max(1, s/7)$, orders a week over the $s$ days from the first to the last order, "
        "told from a least number of orders on; *identities*, the most customers on one phone, "
        "device or address. A sign speaks at its threshold; any of the first three is a "
        "suspicion.",
        "对每位客户：*bulk* $u = \\max_{p,d} \\sum q_{pd}$，"
        "一天内同一商品的最大件数；*transactions* "
        "$o = \\max_d n_d$，一天内最多订单数；*cadence* $n / \\max(1, s/7)$，"
        "首末单相隔 $s$ 天的周均"
        "订单数（订单数足够时才计算）；*identities*，同一电话、设备或地址上的最多客户数。达到阈值即触发，"
        "前三者任一触发即为疑似。",
    ),
    assumptions=Text(
        "Quantities are pieces. Where goods are weighed or sold by the case, or the company "
        "sells to trade, thresholds have to be set. Paid orders alone count.",
        "数量以件计。称重、整箱销售或面向批发的公司须调整阈值。仅计已付款订单。",
    ),
    estimator=Text(
        "Counted, not estimated. An identifier of more than fifty customers (a parameter) is "
        "a public place's and is passed over, as are values that stand for nobody. The run "
        "keeps high quantiles of each sign, so that thresholds can be set where few lie.",
        "只计数，不估计。超过五十位客户共用的标识（参数）视为公共场所，与无主值一并忽略。运行指标保留各迹象"
        "的高分位数，便于将阈值设在少有客户之处。",
    ),
    unfit=Text(
        "A suspicion is a reason to look, not a proof: no order may be refused and no account "
        "closed on it alone.",
        "疑似只是核查的理由，不是证据：不得仅凭此拒单或封号。",
    ),
)
