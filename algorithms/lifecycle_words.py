"""What is said about stages of life in words: labels, page, caveats and reasons."""

from collections.abc import Mapping
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# the median of fewer mean gaps moves by a tenth and more with one customer
FEW_REPEATERS: Final = 30

LABELS: Final[Mapping[str, Text]] = {
    "prospect": Text("Prospect", "潜在客户"),
    "new": Text("New", "新客户"),
    "active": Text("Active", "活跃客户"),
    "cooling": Text("Cooling", "降温客户"),
    "sleeping": Text("Sleeping", "沉睡客户"),
    "lost": Text("Lost", "流失客户"),
    "returned": Text("Returned", "回流客户"),
}

REASONS: Final[Mapping[str, Text]] = {
    "prospect": Text("has not bought yet", "尚未购买"),
    "new": Text("bought on one day, and that is not long ago", "仅在一天购买过，且距今不久"),
    "active": Text(
        "buys in their rhythm of {rhythm} days", "按自己的节奏（约 {rhythm} 天）持续购买"
    ),
    "cooling": Text(
        "silent for more than {0} times their rhythm of {rhythm} days",
        "静默已超过自身节奏（{rhythm} 天）的 {0} 倍",
    ),
    "sleeping": Text(
        "silent for more than {1} times their rhythm of {rhythm} days",
        "静默已超过自身节奏（{rhythm} 天）的 {1} 倍",
    ),
    "lost": Text(
        "silent for more than {2} times their rhythm of {rhythm} days",
        "静默已超过自身节奏（{rhythm} 天）的 {2} 倍",
    ),
    "returned": Text(
        "came back after more than {1} times their rhythm of that time",
        "静默超过当时节奏的 {1} 倍后再次购买",
    ),
}


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say which stage a customer is in, since when, and what makes it that stage."""
    code, since = str(customer["lifecycle_stage"]), customer.get("lifecycle_since")
    limits = metrics.get("limits")
    shown = [f"{limit:g}" for limit in limits] if isinstance(limits, list) else ["?"] * 3
    rhythm = customer.get("lifecycle_rhythm_days")
    days = "?" if rhythm is None else f"{float(str(rhythm)):.1f}"
    en, zh = (text.format(*shown, rhythm=days) for text in REASONS[code])
    day = str(since)[:10]
    en_since, zh_since = (f" since {day}", f"（自 {day}）") if since else ("", "")
    return Text(f"{LABELS[code].en}{en_since}: {en}.", f"{LABELS[code].zh}{zh_since}：{zh}。")


def notes_on(*, repeaters: int, visits: int, days: float) -> tuple[Text, ...]:
    """Return what a reader has to know of the company's gap."""
    if not visits:
        return (Text("Nobody has bought yet: all are prospects.", "尚无人购买：全部为潜在客户。"),)
    if not repeaters:
        en = f"Nobody bought on two days: the company's gap is set to {days:g} days."
        return (Text(en, f"没有客户在两天以上购买：公司间隔取设定值 {days:g} 天。"),)
    if repeaters < FEW_REPEATERS:
        en = f"The company's gap rests on {repeaters} customers who came back."
        return (Text(en, f"公司间隔仅依据 {repeaters} 位复购客户。"),)
    return ()


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "With visits (days with a purchase) at $t_1 < \\dots < t_k$ and the company's gap $g$, "
        "the rhythm is $R_k = \\max\\{(w g + t_k - t_1)/(w + k - 1),\\ R_{min}\\}$. Silence "
        "$e = t - t_k$ makes cooling if $e > aR_k$, sleeping if $e > cR_k$, lost if "
        "$e > sR_k$. Before that a customer is new if $k = 1$, returned if "
        "$t_k - t_{k-1} > cR_{k-1}$, else active; without a visit a prospect.",
        "设到店日（有购买的日子）为 $t_1 < \\dots < t_k$，公司间隔为 $g$，节奏 "
        "$R_k = \\max\\{(w g + t_k - t_1)/(w + k - 1),\\ R_{min}\\}$。静默 $e = t - t_k$："
        "$e > aR_k$ 为降温，$e > cR_k$ 为沉睡，$e > sR_k$ 为流失。在此之前，$k = 1$ 为新客户，"
        "$t_k - t_{k-1} > cR_{k-1}$ 为回流，否则为活跃；无购买为潜在客户。",
    ),
    assumptions=Text(
        "A customer's gaps scatter around a mean of their own, which changes slowly, and the "
        "means of all scatter around the company's. Seasons are not modelled: who buys at New "
        "Year alone is lost every summer.",
        "客户的购买间隔围绕自身均值波动且变化缓慢，各人均值又围绕公司间隔波动。未考虑季节：只在年节购买的客户"
        "每到夏天都会被判为流失。",
    ),
    estimator=Text(
        "$g$ is the median of the mean gaps of customers who came back. $R_k$ is a weighted "
        "mean in which the company counts for $w$ gaps: the linear credibility estimator with "
        "a fixed weight. Every stage begins at an order or at $t_k + \\lfloor aR_k \\rfloor$ "
        "plus a millisecond, so its date does not depend on when the method runs.",
        "$g$ 为复购客户平均间隔的中位数；$R_k$ 为加权平均，公司间隔相当于 $w$ 个间隔（固定权重的"
        "线性信度估计）。阶段始于某笔订单或 $t_k + \\lfloor aR_k \\rfloor$ 后一毫秒，"
        "与何时运行无关。",
    ),
    unfit=Text(
        "Not a forecast of churn: it says how unusual a silence is, not whether it will end. "
        "Not for companies whose customers buy by contract.",
        "不是流失预测：只说明静默有多反常，不说明是否会结束；不适用于合同制业务。",
    ),
)
