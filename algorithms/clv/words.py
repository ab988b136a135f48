"""What is said about lifetime value in words: its page, its caveats, and why a customer has it."""

from collections.abc import Iterator, Mapping
from typing import Final

from algorithms.clv.choice import Choice
from algorithms.contract import Mathematics
from graph.language import Text

RELATED: Final = 0.1
"""From this size on, how often somebody comes and how much they spend are not independent."""
FEW: Final = 200
UNCERTAIN: Final = 1.0
"""A standard error of a logarithm: the parameter may be three times as large or small."""

TITLES: Final[Mapping[str, str]] = {
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "bg_bb": "BG/BB",
}


def notes_on_orders(choice: Choice) -> Iterator[Text]:
    """Yield what a reader of probabilities and expected orders has to know."""
    name, n = choice.fitted.model.name, int(choice.collapsed.cells.n)
    if n < FEW:
        yield Text(
            f"Only {n} customers: the parameters are rough.", f"仅有 {n} 位客户：参数估计粗略。"
        )
    if choice.reason == "default":
        yield Text(
            "The history is too short or too thin to choose a model by its later part; "
            f"{TITLES[name]} was taken, the first that fits.",
            f"历史过短或过稀，无法用后段选择模型；采用首个可拟合的 {TITLES[name]}。",
        )
    yield from _notes_on_fits(choice)
    if choice.alive is None:
        yield Text(
            "BG/NBD holds every one-time buyer alive for certain, and no other model could be "
            "fitted: they have no probability of being alive.",
            "BG/NBD 认定只购买过一次的客户必然存续，且其他模型无法拟合：这些客户不给出存续概率。",
        )
    elif choice.alive is not choice.fitted:
        other = TITLES[choice.alive.model.name]
        yield Text(
            "BG/NBD holds every one-time buyer alive for certain; the probability of being "
            f"alive is that of {other}.",
            f"BG/NBD 认定只购买过一次的客户必然存续；存续概率取自 {other}。",
        )


def _notes_on_fits(choice: Choice) -> Iterator[Text]:
    for name, parameters in choice.ran_off.items():
        off = ", ".join(parameters)
        yield Text(
            f"{TITLES[name]} has no best parameters here ({off} run off) and was not used.",
            f"{TITLES[name]} 在此数据上没有最优参数（{off} 趋于无穷），未采用。",
        )
    fit = choice.fitted.fit
    loose = [n for n, e in zip(fit.names, fit.errors, strict=True) if e > UNCERTAIN]
    if loose:
        names = ", ".join(loose)
        yield Text(
            f"The data hardly determine {names}: each may be three times as large or small.",
            f"数据几乎不能确定 {names}：真值可能大三倍或小三倍。",
        )


def notes_on_spend(*, n: int, left_out: int, correlation: float, is_known: bool) -> Iterator[Text]:
    """Yield what a reader of expected spend has to know.

    Parameters
    ----------
    n, left_out
        Customers who came back, and those of them who paid no more than they got back.
    correlation
        Of purchase days and mean spend.
    is_known
        Whether spend could be modelled at all.
    """
    if left_out:
        yield Text(
            f"{left_out} of {n} returning customers paid nothing on balance after their first "
            "purchase; spend was modelled without them.",
            f"{n} 位复购客户中有 {left_out} 位首购之后的净消费不为正，未参与消费金额建模。",
        )
    if not is_known:
        yield Text(
            "What customers spend at a time could not be modelled (too few returning customers, "
            "or spend that differs too little or too much): no expected spend.",
            "无法为单次消费金额建模（复购客户过少，或金额差异过小、过大）：不给出预期消费。",
        )
    elif abs(correlation) > RELATED:
        more = "more" if correlation > 0 else "less"
        yield Text(
            f"Customers who come more often spend {more} at a time (correlation "
            f"{correlation:.2f}); Gamma-Gamma takes the two as unrelated, so expected spend "
            "errs at both ends.",
            f"购买次数与单次金额相关（相关系数 {correlation:.2f}）；Gamma-Gamma 假定两者无关，"
            "高低两端的预期消费会有偏差。",
        )


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what is expected of a customer, how far it may be off, and which model says so."""
    orders, alive = (customer.get(f"clv_{name}") for name in (ORDERS, "probability_alive"))
    lower, upper = (customer.get(f"clv_orders_365d_{end}") for end in ("lower", "upper"))
    spend = customer.get("clv_expected_spend_365d")
    model = TITLES.get(str(metrics.get("model")), "?")
    en = f"From how often and how lately they bought, {model} expects {_shown(orders, '.1f')} "
    en += f"purchase days within a year ({lower} to {upper})"
    zh = f"依据购买次数与时间，{model} 预期一年内购买 {_shown(orders, '.1f')} 天"
    zh += f"（区间 {lower} 至 {upper}）"
    if spend is not None:
        en += f" and {_shown(spend, ',.2f')} spent"
        zh += f"，消费 {_shown(spend, ',.2f')}"
    if alive is not None:
        en += f"; the chance that this is still a customer is {_shown(alive, '.0%')}"
        zh += f"；仍为客户的概率为 {_shown(alive, '.0%')}"
    return Text(f"{en}.", f"{zh}。")


ORDERS: Final = "expected_orders_365d"


def _shown(value: object, form: str) -> str:
    return "?" if value is None else format(float(str(value)), form)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "A customer bought on $x$ days after the first, the last of them $t_x$ after it, and "
        "has been known for $T$. While alive they buy at a rate $\\lambda \\sim "
        "\\mathrm{Gamma}(r, \\alpha)$. BG/NBD: after each repeat purchase they leave with "
        "chance $p \\sim \\mathrm{Beta}(a, b)$; MBG/NBD: after the first too; Pareto/NBD: at a "
        "rate $\\mu \\sim \\mathrm{Gamma}(s, \\beta)$. BG/BB: each period they leave with chance "
        "$\\theta \\sim \\mathrm{Beta}(\\gamma, \\delta)$, else buy with chance $p \\sim "
        "\\mathrm{Beta}(\\alpha, \\beta)$. With $d = 1$ if $x > 0$, BG/NBD gives "
        "$P(\\text{alive}) = 1 / (1 + d \\tfrac{a}{b + x - 1} "
        "(\\tfrac{\\alpha + T}{\\alpha + t_x})^{r + x})$, MBG/NBD the same with $a / (b + x)$ "
        "for $d a / (b + x - 1)$. Spend a purchase day is gamma with shape $p$ and a rate that "
        "is $\\mathrm{Gamma}(q, v)$: $E[M \\mid x, m] = p (v + x m) / (p x + q - 1)$. Expected "
        "spend is expected orders times $E[M]$.",
        "客户首购之后又在 $x$ 天购买，最后一次距首购 $t_x$，已知时长 $T$。存续期间以速率 "
        "$\\lambda \\sim \\mathrm{Gamma}(r, \\alpha)$ 购买。BG/NBD：每次复购后以概率 $p \\sim "
        "\\mathrm{Beta}(a, b)$ 离开；MBG/NBD：首购后亦可离开；Pareto/NBD：以速率 $\\mu \\sim "
        "\\mathrm{Gamma}(s, \\beta)$ 离开。BG/BB：每期以概率 $\\theta \\sim "
        "\\mathrm{Beta}(\\gamma, \\delta)$ 离开，否则以概率 $p \\sim \\mathrm{Beta}(\\alpha, "
        "\\beta)$ 购买。$x > 0$ 时 $d = 1$，BG/NBD 的 $P(\\text{存续}) = 1 / (1 + d "
        "\\tfrac{a}{b + x - 1} (\\tfrac{\\alpha + T}{\\alpha + t_x})^{r + x})$，MBG/NBD 以 "
        "$a / (b + x)$ 代替 $d a / (b + x - 1)$。单日消费服从形状 $p$ 的伽马分布，其速率服从 "
        "$\\mathrm{Gamma}(q, v)$：$E[M \\mid x, m] = p (v + x m) / (p x + q - 1)$。预期消费为"
        "预期购买次数乘以 $E[M]$。",
    ),
    assumptions=Text(
        "Purchases of one calendar day are one. Rates differ between customers and stay as they "
        "are; seasons, prices and campaigns are not seen. Purchases fall at random in time: "
        "regular buyers look gone too late, and are expected to buy too much. What is spent at "
        "a time is unrelated to how often; the correlation is among the metrics. All customers "
        "are of one kind: pooled cohorts of other seasons or channels blur it.",
        "同一自然日的订单计为一次。客户之间的速率不同但各自不变；不考虑季节、价格和活动。购买在时间上"
        "随机：规律购买者会被过晚判为流失，预期购买偏高。单次金额与次数无关；相关系数见指标。全体客户"
        "视为同一类：混合不同季节或渠道的批次会使结果模糊。",
    ),
    estimator=Text(
        "Maximum likelihood over the logarithms of the parameters, with the analytic gradient, "
        "on distinct $(x, t_x, T)$ with their weights: several starts by BFGS, then Newton's "
        "method, which has to come to rest. Parameters that run off, or whose logarithm has a "
        "standard error above 3, are no fit: the model is named and not used. The integral over "
        "the moment of leaving (Pareto/NBD) and the sum over periods (BG/BB) are taken once for "
        "each $x$; for $|a - 1|$ or $|\\gamma - 1|$ below 0.002 expectations, which divide by "
        "it, are interpolated. `auto` fits the part of the history before a cut and takes the "
        "model under which what follows is likeliest. For `bg_bb` a period is the unit of time, "
        "counted back from the end; purchases in the period of the first do not count. "
        "Gamma-Gamma is fitted to customers who came back and paid more than they got back, on "
        "the days after the first; it needs $q > 1$. Intervals are central ones of the "
        "predictive distribution, parameters taken as known: purchases exactly, spend over 200 "
        "evenly spread points. For BG/NBD the chance of being alive is taken from another model.",
        "以参数的对数为变量、用解析梯度做最大似然估计；相同的 $(x, t_x, T)$ 合并加权：多起点 BFGS，"
        "再用牛顿法直至收敛。参数趋于无穷或其对数的标准误超过 3 视为无法拟合，注明而不采用。"
        "离开时刻的积分（Pareto/NBD）与各期求和（BG/BB）按每个 $x$ 只算一次；$|a - 1|$ 或 "
        "$|\\gamma - 1|$ 小于 0.002 时，期望（公式以其为除数）用插值。"
        "`auto` 用切分点之前的历史拟合，取使其后购买最可能的模型。"
        "`bg_bb` 的一期即时间单位，自末日向前计；与首购同期的购买不计。"
        "Gamma-Gamma 用复购且净消费为正的客户、首购日之后的消费拟合，要求 $q > 1$。"
        "区间为预测分布的中心区间，参数视为已知："
        "次数为精确值，消费取 200 个均匀点。采用 BG/NBD 时存续概率取自另一模型。",
    ),
    unfit=Text(
        "Subscriptions, where leaving is seen. Single customers with certainty: the interval is "
        "wide on purpose. Forecasts of turnover over a season, new customers not included. The "
        "effect of a campaign: whoever is worth much is not therefore moved by a coupon.",
        "不适用于订阅制（流失可直接观察）；不能对单个客户下定论（区间本就很宽）；不用于含新客或季节的"
        "营收预测；不说明营销效果：价值高不等于会被优惠打动。",
    ),
)
