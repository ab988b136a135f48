"""What is said about repurchase in words: its page, its caveats, and why somebody may buy."""

from collections.abc import Iterator, Mapping
from typing import Final

from algorithms.contract import Mathematics
from algorithms.repurchase.contest import CHURN
from algorithms.repurchase.grading import Comparison
from graph.language import Text

OFF_POINTS: Final = 0.05
"""Mean chance and rate may differ by this much before it is said."""


def notes_on(comparison: Comparison, *, wanted: int) -> Iterator[Text]:
    """Yield what a reader of the chances has to know.

    Parameters
    ----------
    comparison
        How the contenders did.
    wanted
        The cuts that were asked for; the history may hold fewer.
    """
    best = comparison.best
    grades = comparison.grades[best]
    if len(grades) < wanted:
        yield Text(
            f"The history holds {len(grades)} cuts instead of {wanted}.",
            f"历史只容得下 {len(grades)} 个切分点，而非 {wanted} 个。",
        )
    if comparison.mean(best, "brier_skill") <= 0:
        yield Text(
            "Past chances were no better than telling everybody the base rate.",
            "过往概率并不优于对所有人给出基准率。",
        )
    if comparison.mean(best, "auc") <= comparison.mean(best, "recency_auc"):
        yield Text(
            "The model told buyers from others no better than recency alone.",
            "模型区分购买者的能力不优于仅看最近购买时间。",
        )
    if comparison.mean(best, "accuracy") <= comparison.mean(best, "always_no_accuracy"):
        yield Text(
            'Saying "nobody buys" was right as often as the model: read the chances, not yes or '
            "no.",
            "一律答“不会购买”的准确率不低于模型：应看概率，不看是否。",
        )
    off = comparison.mean(best, "mean_probability") - comparison.mean(best, "base_rate")
    if abs(off) > OFF_POINTS:
        way = Text("above", "高于") if off > 0 else Text("below", "低于")
        yield Text(
            f"On average the chances lay {abs(off):.0%} {way.en} what came: the season moves.",
            f"平均概率{way.zh}实际 {abs(off):.0%}：存在季节变化。",
        )


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say a customer's chance, beside that of everybody and what the model is worth."""
    chance = float(str(customer["repurchase_probability_30d"]))
    grade = _spoken(metrics)
    base, auc, recency = (_number(grade, n) for n in ("base_rate", "auc", "recency_auc"))
    times = f"{chance / base:.1f}" if base else "?"
    by = JUDGED_BY_CHURN if grade is not metrics else JUDGED_BY_CLASSIFIER
    return Text(
        f"Buys within 30 days with a chance of {chance:.0%}, {times} times that of all customers "
        f"({base:.0%}), judging by {by.en}. On earlier dates such chances told buyers from "
        f"others with an AUC of {auc:.2f}, recency alone with {recency:.2f}.",
        f"30 天内购买的概率为 {chance:.0%}，是全体客户（{base:.0%}）的 {times} 倍，依据{by.zh}。"
        f"在过往日期上，此概率区分购买者的 AUC 为 {auc:.2f}，仅看最近购买时间为 {recency:.2f}。",
    )


JUDGED_BY_CLASSIFIER: Final = Text(
    "how lately, how often, how regularly and for how much they bought",
    "购买的远近、次数、规律和金额",
)
JUDGED_BY_CHURN: Final = Text(
    "one less the chance of staying away that the churn model gives them, which was the better "
    "one on the same customers",
    "流失模型给出的不购买概率的补数（在同一批客户上更准）",
)


def _spoken(metrics: Mapping[str, object]) -> Mapping[str, object]:
    """Return the grade of churn's complement where that speaks, else the means of the classifier.

    Of a contest the customers and the days are those of one cut, of the classifier of several.
    """
    contest = metrics.get("contest")
    if not isinstance(contest, dict) or contest["winner"] != CHURN:
        return metrics
    grade: Mapping[str, object] = contest["grades"][CHURN]
    return grade


def _number(metrics: Mapping[str, object], name: str) -> float:
    return float(str(metrics.get(name, "nan")))


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "$P(\\text{a purchase in } [c, c + 30) \\mid \\text{purchases before } c)$ for each "
        "customer who has bought, with $c$ the day after `as_of`, days being calendar days of "
        "the company. Brier skill is $1 - \\overline{(p - y)^2} / (\\bar y (1 - \\bar y))$: 0 "
        "tells everybody the base rate $\\bar y$, 1 knows.",
        "对每位购买过的客户，$P([c, c + 30) \\text{ 内购买} \\mid c \\text{ 之前的购买})$，$c$ 为 "
        "`as_of` 的次日，日为公司所在时区的自然日。Brier 技巧分为 $1 - \\overline{(p - y)^2} / "
        "(\\bar y (1 - \\bar y))$：0 等同于对所有人给出基准率 $\\bar y$，1 为完全准确。",
    ),
    assumptions=Text(
        "What foretold purchases in the past year does so now. A season is seen only through "
        "what the same customer did a year ago; when more buy than usual, chances are too low. "
        "Customers who have not bought are not judged. Whoever was sent offers is judged as if "
        "they will be again.",
        "过去一年的预测规律现在仍然成立。季节只能通过同一客户一年前的行为体现；整体购买上升时概率偏低。"
        "未购买过的客户不作判断。过往受过营销触达的客户，视为今后同样受触达。",
    ),
    estimator=Text(
        "Features of a customer at a cut (recency, tenure, frequency, spend, own mean gap, "
        "recency over it, unevenness of gaps, purchase days and spend in the last 30, 90, 180 "
        "and 365 days, purchases in these thirty days a year ago) come from one function of "
        "purchases and cut. At each of the last four cuts, thirty days apart, logistic "
        "regression (standardised on the training cuts, ridge) and gradient-boosted trees learn "
        "from up to twelve earlier cuts whose thirty days were over, and are judged by the "
        "thirty days that follow. The lower mean Brier score is taken and learns once more from "
        "everything. At the cut one landmark of churn back, churn's model made one step earlier "
        "says $1 - P(\\text{no purchase within 30 days})$ of the same customers: where its Brier "
        "score there is below the classifier's, one less churn's probability is published, else "
        "the classifier's; notes and metrics say which spoke, and where churn said nothing the "
        "classifier speaks alone. Of more than 200,000 customers every k-th is learnt from. AUC, "
        "Brier score and skill, accuracy, that of always saying no, the AUC of recency alone, lift "
        "at 10 % and deciles of calibration are among the metrics, by cut.",
        "客户在切分点的特征（最近度、时长、频率、金额、自身平均间隔、最近度与间隔之比、"
        "间隔不均匀度、最近 30、90、180、365 天的购买天数和金额、一年前同期的购买）"
        "由同一个函数从购买记录与切分点算出。"
        "在最近四个相隔三十天的切分点上，逻辑回归（按训练切分点标准化，岭惩罚）与梯度提升树从至多十二个"
        "更早且三十天已满的切分点学习，并以其后三十天检验。"
        "取平均 Brier 分较低者，再用全部数据学习一次。"
        "在流失模型一个地标步长之前的切分点上，提前一步建立的流失模型对同一批客户给出 "
        "$1 - P(30 \\text{ 天内不购买})$：若其 Brier 分低于分类器，则发布 1 减流失概率，否则发布"
        "分类器的概率；由谁给出见说明与指标；流失模型无结果时仅由分类器给出。"
        "客户超过 20 万时每 k 个取一。各切分点的 AUC、Brier 分与技巧分、准确率、一律答否的准确率、"
        "仅看最近度的 AUC、10% 提升度以及十分位校准均见指标。",
    ),
    unfit=Text(
        "Deciding by accuracy where few buy. Saying whom a coupon would move: a high chance "
        "often means that they buy anyway. Horizons other than thirty days.",
        "购买者稀少时不可凭准确率决策；不说明优惠券能打动谁：概率高者往往本来就会买；不适用于三十天以外"
        "的期限。",
    ),
)
