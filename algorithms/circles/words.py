"""What is said about circles in words: their names, their figures, caveats and reasons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from algorithms.circles.settings import CirclesParameters
from algorithms.contract import Mathematics
from graph.language import Text

# below it single runs disagree on a fifth of the pairs beyond chance
FIRM: Final = 0.8
# published for graphs with groups: below it a division says little
SOME_STRUCTURE: Final = 0.3
SHOWN: Final = 3


@dataclass(frozen=True)
class Circle:
    """One circle in figures: shares are 0 to 1, words and people the most telling first."""

    circle_id: str
    size: int
    density: float
    cohesion: float
    stability: float
    terms: Sequence[str] = ()
    categories: Sequence[str] = ()
    leaders: Sequence[str] = ()

    @property
    def about(self) -> Text:
        """Describe the circle by its figures."""
        en = (
            f"{self.size} people; {self.density:.1%} of all pairs have replied; "
            f"{self.cohesion:.0%} of their replies stay inside; found again in runs by "
            f"{self.stability:.2f} (Jaccard)."
        )
        zh = (
            f"{self.size} 人；{self.density:.1%} 的有向对有过回复；"
            f"{self.cohesion:.0%} 的往来留在圈内；"
            f"多次划分的重现度 {self.stability:.2f}（Jaccard）。"
        )
        if self.terms:
            en += f" Talks about {', '.join(self.terms)}."
            zh += f"谈论：{'、'.join(self.terms)}。"
        if self.categories:
            en += f" Buys {', '.join(self.categories)} more than others."
            zh += f"偏好购买：{'、'.join(self.categories)}。"
        return Text(en, zh)


def label_of(circle: Circle) -> Text:
    """Return a name for a circle: what it talks about or buys, else its size."""
    words = list(circle.terms or circle.categories)[:SHOWN]
    if not words:
        return Text(f"Circle of {circle.size} people", f"{circle.size} 人圈")
    return Text(f"{', '.join(words)} circle", f"{'、'.join(words)} 圈")


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say in which circle somebody is, as what, and how firmly; or that they left one."""
    circle, before = customer.get("circle_id"), customer.get("circles_before")
    if circle is None:
        return Text(
            f"Is in no circle any more; was in {before}.", f"目前不在任何圈子；此前在 {before}。"
        )
    role, strength = str(customer.get("circles_role")), customer.get("circles_strength")
    share = strength if isinstance(strength, int | float) else 0.0
    named = ROLE_NAMES.get(role, Text(role, role))
    en = (
        f"Is {named.en} of circle {circle}: in {share:.0%} of {metrics.get('runs')} runs they "
        f"belong to it."
    )
    zh = f"是圈子 {circle} 的{named.zh}：{metrics.get('runs')} 次划分中有 {share:.0%} 归入该圈。"
    if before is not None and before != circle:
        en, zh = f"{en} Came from {before}.", f"{zh}此前在 {before}。"
    return Text(en, zh)


ROLE_NAMES: Final[Mapping[str, Text]] = {
    "core": Text("at the core", "核心成员"),
    "bridge": Text("a bridge out", "连接成员"),
    "edge": Text("at the edge", "边缘成员"),
}


def notes_on(metrics: Mapping[str, object], params: CirclesParameters) -> tuple[Text, ...]:
    """Return what a reader of the circles has to know."""
    active, members = int(str(metrics["active"])), int(str(metrics["members"]))
    quiet = int(str(metrics["people"])) - active
    notes = [
        Text(
            f"{active - members:,} of {active:,} active people are in no circle of at least "
            f"{params.least_size}; {quiet:,} more have fewer than {params.least_interactions} "
            "replies with the active and were not looked at.",
            f"{active:,} 位活跃用户中有 {active - members:,} 位"
            f"不属于任何至少 {params.least_size} 人的圈子；"
            f"另有 {quiet:,} 人与活跃用户的往来不足 {params.least_interactions} 条回复，"
            "未参与划分。",
        )
    ]
    if float(str(metrics["agreement"])) < FIRM:
        notes.append(_loose(float(str(metrics["agreement"])), int(str(metrics["runs"]))))
    if float(str(metrics["modularity"])) < SOME_STRUCTURE:
        notes.append(
            Text(
                f"Modularity is {metrics['modularity']:.2f}: people talk across circles nearly as "
                "much as inside, so read the circles as tendencies.",
                f"模块度为 {metrics['modularity']:.2f}：圈内外往来差别不大，圈子仅表示倾向。",
            )
        )
    continuity = metrics["continuity"]
    if isinstance(continuity, float) and continuity < FIRM:
        notes.append(_moved(continuity))
    if int(str(metrics["runs"])) < params.runs:
        n = int(str(metrics["runs"]))
        notes.append(
            Text(
                f"The network is large: {n} single runs instead of {params.runs}; another seed "
                "would draw borders less alike than in a small one.",
                f"网络较大：单次划分为 {n} 次，而非 {params.runs} 次；"
                "换一个种子，边界的一致性低于小网络。",
            )
        )
    return tuple(notes)


def _moved(continuity: float) -> Text:
    return Text(
        f"Circles changed much since the date before: they agree by {continuity:.2f} (adjusted "
        "Rand index), and keeping to them would cost more than it may.",
        f"圈子较上期变化较大：一致性为 {continuity:.2f}（调整兰德系数），继续沿用的代价超过上限。",
    )


def _loose(agreement: float, runs: int) -> Text:
    return Text(
        f"Single runs agree by {agreement:.2f} only (adjusted Rand index): trust what {runs} of "
        "them share, and people of high strength, more than borders.",
        f"单次划分之间的一致性仅 {agreement:.2f}（调整兰德系数）："
        f"请信任 {runs} 次划分的共识与强度高的成员，而非边界。",
    )


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "People are divided so that modularity "
        "$Q = \\frac{1}{2m} \\sum_{ij} \\left( w_{ij} - \\gamma \\frac{k_i k_j}{2m} \\right) "
        "\\delta(c_i, c_j)$ is high, $w_{ij}$ the replies between two either way, and so that "
        "runs agree. *Cohesion* is the share of its members' replies that stay in a circle, "
        "*density* the share of ordered pairs with a reply, *strength* the share of runs in "
        "which somebody belongs to the group most like their circle, *stability* the mean "
        "Jaccard index with that group. Participation is $P_i = 1 - \\sum_s (k_{is}/k_i)^2$: a "
        "*bridge* has $P_i > 0.62$; the *core* has at least the mean of replies inside and a "
        "strength of 0.6; the others are at the *edge*.",
        "将人群划分为圈子，使模块度 "
        "$Q = \\frac{1}{2m} \\sum_{ij} \\left( w_{ij} - \\gamma \\frac{k_i k_j}{2m} \\right) "
        "\\delta(c_i, c_j)$ 高且多次划分一致，$w_{ij}$ 为两人间双向回复数。"
        "*凝聚度*为成员往来留在圈内的比例，"
        "*密度*为有回复的有向对比例，*强度*为某人归入与其圈子最相似群组的划分比例，"
        "*稳定性*为与该群组的平均 "
        "Jaccard 指数。参与系数 $P_i = 1 - \\sum_s (k_{is}/k_i)^2$：*连接*成员 $P_i > 0.62$；"
        "*核心*成员圈内往来不低于平均且强度不低于 0.6；其余为*边缘*。",
    ),
    assumptions=Text(
        "Everybody is in one circle at most. A reply is a tie, whether friendly or not. Only who "
        "has a few replies can be placed: others are not looked at, and groups that are too "
        "small are none.",
        "每人至多属于一个圈子。回复即联系，不论态度。回复太少者无法归类，不参与划分；人数太少的群组不算圈子。",
    ),
    estimator=Text(
        "Leiden with fixed seeds, many runs; each arc is weighted by the share of runs that put "
        "its ends together, and runs are made again on the weighted network. Former circles "
        "count as further runs, no more than they must to be known again (adjusted Rand index "
        "0.85), and never so many that they cost more than `memory` of the modularity. "
        "Groups that are not connected are split. A circle keeps its id where the largest part of "
        "its people went; its id tells when it was born. A third of a circle, or most of a new "
        "one, makes an event a split or a merger. Topics, words and goods are ranked by "
        "$p \\log(p/q)$ over people. Words are of public texts where posts carry text (up to 50 of "
        "a person, 200,000 in all): letters between spaces, and runs of two to six Han characters "
        "that are no mere piece of a longer run. Three members have to have written one, with a "
        "likelihood ratio $G > 10.83$ against everybody; nicknames, and whatever holds a digit "
        "or is a link or an address, are no words.",
        "固定种子的 Leiden 算法多次运行；每条边按两端同组的运行比例加权，再在加权网络上重复。"
        "上期圈子折算为若干次运行，以能辨认（调整兰德系数 0.85）为度，"
        "且模块度损失不超过 `memory`。"
        "不连通的群组拆开。圈子编号随其多数成员延续，编号即诞生时间。"
        "超过原圈三分之一或新圈半数的人员转移记为拆分或合并。"
        "话题、用词与品类按人数的 $p \\log(p/q)$ 排序。用词取自带正文的公开帖子"
        "（每人至多 50 条，合计至多 20 万条）：空格间的字母串，"
        "以及不是更长字串片段的二至六字汉字串；"
        "至少三名成员写过，且相对全体的似然比 $G > 10.83$；昵称及含数字、链接或地址者不算词。",
    ),
    unfit=Text(
        "For saying that members like one another or would buy together. For networks without "
        "groups, where modularity is low and single runs disagree: the run's notes say so. For "
        "circles smaller than $\\sqrt{2m}$ replies would show: modularity merges them.",
        "不能说明成员彼此喜爱或会共同购买。不适用于没有群组结构的网络（模块度低、各次划分不一致，运行说明会指出）。"
        "往来量小于 $\\sqrt{2m}$ 的圈子会被模块度合并。",
    ),
)
