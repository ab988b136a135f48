"""How churn is declared: what it reads and writes, the mathematics, and its words for a customer.

The levels are names that people act on, so they are cut from the calibrated probability and
not from a rank: a level means the same in every month.
"""

from collections.abc import Mapping
from typing import Final

from algorithms.churn.cohorts import NAMES
from algorithms.churn.landmarks import CUSTOMERS, READS
from algorithms.churn.model import compute
from algorithms.churn.settings import HORIZONS, ChurnParameters
from algorithms.contract import Algorithm, Graded, Mathematics, owned
from graph.language import Text

LEVELS: Final[Mapping[int, Text]] = {
    1: Text("ordinary: normal, nothing to do", "一般（正常）"),
    2: Text("elevated: prevent", "较重（预防）"),
    3: Text("serious: retain", "严重（维系）"),
    4: Text("critical: win back", "特别严重（挽回）"),
}
"""The four alert levels: what each is called and what is to be done."""


def explained(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say why one customer has the probability of staying away that they have.

    Parameters
    ----------
    customer
        Properties, the ``churn_*`` ones among them.
    metrics
        Of the run; how well its probabilities held on later customers is in ``grade``.
    """
    gone, level = customer.get("churn_probability_90d"), customer.get("churn_alert_level")
    if not isinstance(gone, float) or not isinstance(level, int):
        return Text(
            "No purchase up to the date of the run: staying away is no change.",
            "截至计算时点没有购买记录，不存在流失。",
        )
    name = LEVELS[level]
    why = _reason(str(customer.get("churn_main_reason") or ""))
    held = _held(metrics)
    return Text(
        f"Stays away for 90 days with probability {gone:.0%}, level {level} ({name.en}). "
        f"{why.en}{held.en}",
        f"90 天内不购买的概率为 {gone:.0%}，预警等级 {level}：{name.zh}。{why.zh}{held.zh}",
    )


def _reason(covariate: str) -> Text:
    name = NAMES.get(covariate)
    if name is None:
        return Text(
            "Nothing known of them speaks for it beyond the average customer.",
            "与平均客户相比，没有更不利的因素。",
        )
    return Text(
        f"What speaks for it most, against the average customer: {name.en}.",
        f"与平均客户相比，最不利的因素是：{name.zh}。",
    )


def _held(metrics: Mapping[str, object]) -> Text:
    """Say how well such probabilities ranked later customers."""
    grade = metrics.get("grade")
    c = grade.get("concordance") if isinstance(grade, dict) else None
    if not isinstance(c, float):
        return Text(" Not graded yet.", "尚未评估。")
    return Text(
        f" Of two later customers the model named the one who stayed away longer in {c:.0%} "
        "of cases.",
        f"在更晚的客户中，模型判断谁离开更久的正确率为 {c:.0%}。",
    )


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Two times are counted in whole days from a landmark $L$, a day on which all covariates "
        "$x$ are known. *Falling silent*: the first day on which $\\tau$ days have passed without "
        "a purchase; $\\tau$ is a quantile of the company's own days between purchases, or of "
        "those whose first purchase was of the same category where there are enough of them. "
        "*Returning*: the next purchase. Each has a hazard "
        "$h(t \\mid x) = h_0(t)\\,e^{\\beta' x}$. The table shows the first; the probability of "
        "no purchase in $(t, t+H]$ is $S(H \\mid x) = e^{-H_0(H)\\,e^{\\beta' x}}$ of the "
        "second. Expected loss is that probability over 90 days times the spend that is expected "
        "of a year, or, where none is foretold, the past year's.",
        "从地标日 $L$ 起按整日计时，协变量 $x$ 在该日均已知。*沉默*：连续 $\\tau$ 天没有购买的"
        "首日；$\\tau$ 取本公司购买间隔的分位数，首购品类的间隔足够多时取该品类的。*回购*：下一次"
        "购买。两者的风险均为 $h(t \\mid x) = h_0(t)\\,e^{\\beta' x}$。系数表对应前者；"
        "$(t, t+H]$ 内不购买的概率为后者的 $S(H \\mid x) = e^{-H_0(H)\\,e^{\\beta' x}}$。"
        "预期损失为 90 天概率乘以未来一年的预期消费（无预测时取过去一年的消费）。",
    ),
    assumptions=Text(
        "Hazards of two customers keep one ratio over time; this is tested by covariate, and "
        "named where it fails. Who is still inside $\\tau$ on the last day is censored there, "
        "which says nothing of what they will do. Time begins at the landmark, when all are "
        "observed: nobody's life before the data began is counted as survived (entry). Sex, card "
        "tier and channel are not dated, and taken as they are now. The days between purchases "
        "are of purchases that came: $\\tau$ is somewhat short in a young company.",
        "两名客户的风险之比不随时间变化；逐变量检验，不成立者点名。最后一天仍在 $\\tau$ 之内者"
        "在当天删失，不代表其去向。自地标日起计时，此时所有人均在观察中：数据开始前的时间不计作"
        "存活（进入时点）。性别、会员卡等级和渠道没有日期，取当前值。购买间隔只含已发生的回购，"
        "因此新公司的 $\\tau$ 略偏短。",
    ),
    estimator=Text(
        "Partial likelihood with Efron's ties, Breslow's baseline. Before the fit, constant, "
        "half-missing and collinear covariates (above 0.95) are named and left out. Levels of one "
        "factor with fewer than five events each, and fewer than ten expected of so many "
        "customers, are compared together as one, where together they have five events; another "
        "level with fewer than five is separated or too small, and not estimable: it is named "
        "and left out with its rows, which is the limit of the likelihood. Beside the table, "
        "never in it, stands what a penalty says of it: a normal prior of its log ratio with 95 % "
        "between 1/50 and 50 (Greenland and Mansournia 2015). Tests of proportional hazards use at "
        "most 10,000 customers and the concordance 20,000, evenly spread; both numbers are in the "
        "metrics, and log-rank tests use all. Numbers that run with the duration (rank correlation "
        "above 0.8) are refused unless known at the landmark. A parabola has its lowest or highest "
        "point at $-\\beta_1 / 2\\beta_2$ with an interval by the delta method. Probabilities are "
        "fitted two steps before the end (a step is 90 days, or 60 or 30 in a short history), "
        "corrected on the next landmark by a line on the log-odds, made falling in $H$, and "
        "applied at the end; the same, a step earlier, is graded on the last, beside the base "
        "rate. Groups at risk are combinations of up to three levels whose events exceed those "
        "expected (one-sample log-rank, false discovery rate 5 %).",
        "Efron 处理结点的偏似然，Breslow 基线。拟合前剔除并点名：常量、半数缺失、共线（相关系数"
        "超过 0.95）的变量。同一因素中事件各不足五个、按人数期望也不足十个的等级，若合并后满五个，"
        "则合并为一类比较；其余事件不足五个者（分离或过小）无法估计，点名并连同其客户移出，这正是"
        "似然的极限。系数表之外另附加惩罚后的区间：对数风险比取正态先验，"
        "95% 在 1/50 至 50 之间（Greenland 与 Mansournia 2015）。比例风险检验至多用 10,000 "
        "名、一致性指数至多用 20,000 名均匀抽取的客户，人数见指标；对数秩检验用全部客户。随时长"
        "变化的数值（秩相关超过 0.8）除非在地标日已知，否则拒绝。抛物线的转折点为 "
        "$-\\beta_1 / 2\\beta_2$，区间用 delta 法。概率模型在末端前两步拟合（一步为 90 天，历史"
        "较短时为 60 或 30 天），在下一地标日用对数几率上的直线校准，并保证随 $H$ 递减；提前一步的"
        "同样流程在最后一段上评估，并与基准率并列。高风险子群是至多三个等级的组合，其事件数超过"
        "期望（单样本对数秩检验，错误发现率 5%）。",
    ),
    unfit=Text(
        "For choosing whom to treat: who is likely to leave is not who can be kept; hold out a "
        "random part of every campaign. For causes: a card tier that goes with leaving need not "
        "bring it about. For judging people in other matters.",
        "不能用来决定对谁干预：可能离开的人不等于能留住的人，每次活动都应随机留出对照。不能用来"
        "推断因果：与流失相关的会员等级未必导致流失。不能用于其他事项上对个人的评判。",
    ),
)

ALGORITHM: Final = Algorithm(
    name="churn",
    version="2",
    about=Text(
        "Estimates how likely each customer is to stay away, what goes with it and what it costs.",
        "估计每个客户不再购买的概率、相关因素和预期损失。",
    ),
    stage="model",
    source="Cox, D. R. (1972). Regression models and life-tables; landmarks after van Houwelingen "
    "(2007); calibration after Platt (1999).",
    reads=READS,
    parameters=ChurnParameters,
    compute=compute,
    reduce={"customers": CUSTOMERS},
    properties={
        "Customer": (
            *(
                owned(
                    f"churn_probability_{days}d",
                    "number",
                    about=Text(
                        f"Probability of no purchase within {days} days",
                        f"{days} 天内不购买的概率",
                    ),
                    minimum=0,
                    maximum=1,
                )
                for days in HORIZONS
            ),
            owned(
                "churn_alert_level",
                "integer",
                about=Text(
                    "1 ordinary (normal), 2 elevated (prevent), 3 serious (retain), "
                    "4 critical (win back)",
                    "1 一般（正常），2 较重（预防），3 严重（维系），4 特别严重（挽回）",
                ),
                minimum=1,
                maximum=4,
                indexed=True,
            ),
            owned(
                "churn_expected_loss",
                "money",
                about=Text(
                    "Probability of staying away for 90 days times a year's expected spend",
                    "90 天流失概率乘以一年的预期消费",
                ),
                unit="currency",
                minimum=0,
            ),
            owned(
                "churn_main_reason",
                "text",
                about=Text(
                    "The covariate that speaks most for staying away",
                    "最不利的因素（变量名）",
                ),
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explained,
    graded=tuple(Graded(f"churn_probability_{days}d", "does_not_buy", days) for days in HORIZONS),
)
