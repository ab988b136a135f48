"""What is said about stores in words: grades, page and caveats."""

from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# a median of fewer moves from store to store
FEW_STORES: Final = 8

GRADES: Final = {
    "A": Text("Strategic", "战略门店"),
    "B": Text("Committed", "忠诚门店"),
    "C": Text("Potential", "潜力门店"),
    "D": Text("Mass", "大众门店"),
}
"""Sales, then performance, the high side first: A has both, B sales alone, C performance alone.

As the quadrants of customers: what is high in what may come and low in what is, is a potential.
"""


def notes_on(
    *, alone: int, ungraded: int, graded: int, is_partly_stated: bool, left_out: int | None
) -> tuple[Text, ...]:
    """Return what a reader has to know.

    Parameters
    ----------
    alone
        Stores that are the only seller of their source.
    ungraded, graded
        Open stores without and with a grade.
    is_partly_stated
        Whether some stores state a performance and some do not.
    left_out
        Orders of suspected resellers that the graded sales are without; None: not asked for.
    """
    notes = []
    if alone:
        en = (
            f"{alone} stores are the only seller of their source: a silence there cannot be told "
            "from a missing feed and never alarms."
        )
        zh = f"{alone} 家门店是其来源中唯一的销售方：静默无法与数据缺失区分，永不预警。"
        notes.append(Text(en, zh))
    if is_partly_stated:
        en = "Some stores state no performance: growth of sales stands for that of all."
        notes.append(Text(en, "部分门店未填绩效：全部以销售增长率代替。"))
    if ungraded:
        en = f"{ungraded} open stores have no grade: they did not sell in both periods."
        notes.append(Text(en, f"{ungraded} 家营业门店无等级：未在前后两期均有销售。"))
    if 0 < graded < FEW_STORES:
        en = f"The cuts of the grades rest on {graded} stores only."
        notes.append(Text(en, f"等级切分点仅依据 {graded} 家门店。"))
    if left_out is not None:
        en = f"The graded sales are without {left_out:,} orders of suspected resellers."
        notes.append(Text(en, f"评级所用销售额已排除疑似转售客户的 {left_out:,} 笔订单。"))
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "With $z$ the days with a feed since the last sale, a store alarms if $z \\ge 14$ (a "
        "parameter). With $n$ sales in the $D$ days with a feed since its first, a store of "
        "that pace is silent for so long by chance with probability $e^{-z n / D}$. Grades "
        "part sales $S$ of a period and performance $P$ at quantiles: A (Strategic) both "
        "above, B (Committed) $S$ alone, C (Potential) $P$ alone, D (Mass) neither. $P$ is the "
        "stated score, else growth $S / S_{-1} - 1$ over the period before.",
        "设最近一次销售以来有数据的天数为 $z$，$z \\ge 14$（参数）即预警。"
        "自首单起有数据的 $D$ 天内共 "
        "$n$ 单，则该节奏的门店偶然静默如此之久的概率为 $e^{-z n / D}$。等级按本期销售 $S$ 与绩效 "
        "$P$ 的分位数切分：A（战略）均高，B（忠诚）仅 $S$ 高，C（潜力）仅 $P$ 高，"
        "D（大众）均不高。$P$ 为填报"
        "得分，否则为较上期增长率 $S / S_{-1} - 1$。",
    ),
    assumptions=Text(
        "A store opens with its first sale. Sales come at an even pace, week-ends and seasons "
        "apart: a store that is closed every winter alarms every winter. A day on which none "
        "of the store's sources had a sale has no data and does not count. A sale is a paid "
        "order of more than nothing, guests included.",
        "门店以首单为开业。销售节奏均匀，不计周末与季节：每年冬歇的门店每年都会预警。门店所属来源当日均无"
        "销售视为无数据，不计。销售指金额大于零的已付款订单，含散客。",
    ),
    estimator=Text(
        "The pace is the maximum-likelihood rate of a Poisson process to which nothing "
        "happened, the silence included, so the chance errs to the high side. Stores that "
        "have closed neither alarm nor are graded; a store younger than two periods has no "
        "growth. The stated score is taken only if all open stores have one. On request "
        "(`exclude_resellers`) the sales of the two periods are without orders of suspected "
        "resellers; silence and pace count them.",
        "节奏为假设未发生变化（含静默期）的泊松过程的极大似然估计，因此概率偏高。已关店者不预警、不评级；"
        "开业不足两期者无增长率。仅当所有营业门店均有填报得分时采用该得分。可按需（`exclude_resellers`）在两期销售额中"
        "排除疑似转售客户的订单；静默与节奏仍计入。",
    ),
    unfit=Text(
        "With hundreds of slow stores some alarm by chance every week: read the chance first. "
        "Grades compare stores of one company, and half are low by construction.",
        "慢店众多时每周都会有偶然预警，请先看概率。等级只在同一公司内比较，按定义约一半偏低。",
    ),
)
