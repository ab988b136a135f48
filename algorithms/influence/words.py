"""What is said about attention in words: why a person stands where they stand, and caveats."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from algorithms.influence.attention import Attention
from algorithms.influence.fading import FEWEST_CUTS, HalfLife
from algorithms.influence.lists import LastList
from algorithms.influence.standing import BOOSTED, DIGITS, FEW
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.influence.settings import InfluenceParameters

FEW_PEOPLE: Final = 50
"""Below this many ranked people a list of leaders is a list of everybody who talks."""

UNVALIDATED: Final = Text("not yet validated on your data", "尚未在您的数据上验证")
BANDS: Final[Mapping[str, Text]] = {
    "leader": Text("leader", "意见领袖"),
    "rising": Text("rising", "潜力新星"),
    "regular": Text("regular", "普通"),
    "quiet": Text("quiet", "沉寂"),
}
FLAGS: Final[Mapping[str, Text]] = {
    BOOSTED: Text("boosted by new accounts", "疑似被新账户抬高"),
    FEW: Text("more than half of the score rests on five people", "过半得分来自五人"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a run is like as a whole: how many, in which form, with which half-life."""

    n: int
    n_people: int
    share: float
    is_strict: bool
    half_life: HalfLife
    leaders: int
    recent_days: int
    pivots: int | None

    def as_metrics(self, params: "InfluenceParameters") -> dict[str, object]:
        """Return the facts as the metrics of a run, with what the run was told."""
        return {
            "n": self.n,
            "n_people": self.n_people,
            "established_share": self.share,
            "form": "strict" if self.is_strict else "floor",
            "floor": None if self.is_strict else params.floor,
            "half_life_days": self.half_life.days,
            "half_life": self.half_life.as_metrics(),
            "window_days": params.window_days,
            "topic": params.topic,
            "leaders": self.leaders,
            "recent_days": self.recent_days,
            "pivots": self.pivots,
        }


def notes_on(facts: Facts, found: Attention, last: LastList | None) -> Iterator[Text]:  # noqa: PLR0917 - three things to tell of
    """Return what a reader of the list has to know."""
    yield _form(facts)
    yield from _half_life(facts.half_life)
    if facts.n < FEW_PEOPLE:
        yield Text(
            f"Only {facts.n} people were answered: a list of leaders says little.",
            f"仅有 {facts.n} 人得到回复，榜单意义有限。",
        )
    if not found.established.any():
        yield Text(
            "No account is established yet, so that all repliers weigh the same and made-up "
            "accounts are not told from people.",
            "尚无老账户，所有回复者权重相同，无法区分虚假账户。",
        )
    if facts.pivots:
        yield Text(
            f"Broker ranks are estimated from {facts.pivots:,} people, for all would take "
            "minutes: the first few stand firm, places further down do not.",
            f"桥梁名次由 {facts.pivots:,} 个起点估计：前列稳定，靠后名次不稳定。",
        )
    yield from _ties(found, leaders=facts.leaders)
    if last:
        yield _graded(last)


def _form(facts: Facts) -> Text:
    share = f"{facts.share:.0%}"
    if facts.is_strict:
        return Text(
            f"{share} of the people who are not new are established, so the strict form holds: "
            "who has no trust adds nothing.",
            f"非新用户中 {share} 为老账户，采用严格形式：无信任者的回复不计分。",
        )
    return Text(
        f"{share} of the people who are not new are established, so the form with a floor "
        "holds: it hears newcomers and the silent, and made-up accounts can raise a rank.",
        f"非新用户中 {share} 为老账户，采用带下限的形式：能听到新人，但虚假账户可抬高名次。",
    )


def _half_life(held: HalfLife) -> Iterator[Text]:
    """Say what chose the half-life, where nobody gave one."""
    days, usual, n = f"{held.days:,.0f}", f"{held.usual:g}", held.cuts
    if held.reason == "too little data":
        yield Text(
            f"Too few replies to choose a half-life by earlier cuts ({n} could judge, "
            f"{FEWEST_CUTS} are needed): the usual {usual} days hold.",
            f"回复过少，无法用更早的截断点选定半衰期（可用 {n} 个，需 {FEWEST_CUTS} 个），"
            f"采用通常的 {usual} 天。",
        )
    if not held.grades:
        return
    best, other = held.grades[held.days], held.grades[held.usual]
    if held.days == max(held.grades):
        yield Text(
            f"Replies hardly fade: at {n} earlier cuts nothing that fades did clearly better "
            f"(NDCG@50 {best:.3f}; with the usual {usual} days {other:.3f}).",
            f"回复几乎不衰减：在 {n} 个更早的截断点上，衰减并不明显更好（NDCG@50 {best:.3f}，"
            f"通常的 {usual} 天为 {other:.3f}）。",
        )
    elif held.days == held.usual:
        yield Text(
            f"The usual half-life of {usual} days holds: at {n} earlier cuts none did clearly "
            f"better (NDCG@50 {other:.3f}).",
            f"采用通常的半衰期 {usual} 天：在 {n} 个更早的截断点上没有明显更好的（NDCG@50 "
            f"{other:.3f}）。",
        )
    else:
        yield Text(
            f"A reply counts half after {days} days, not the usual {usual}: NDCG@50 was "
            f"{best:.3f} against {other:.3f} on the mean of {n} earlier cuts.",
            f"回复权重的半衰期取 {days} 天而非通常的 {usual} 天：{n} 个更早截断点上 NDCG@50 "
            f"平均为 {best:.3f}，通常值为 {other:.3f}。",
        )


def _ties(found: Attention, *, leaders: int) -> Iterator[Text]:
    """Say so where equal scores stand on both sides of the end of the list."""
    ordered = np.sort(np.round(found.score[found.score > 0], DIGITS))[::-1]
    if leaders < len(ordered) and ordered[leaders - 1] == ordered[leaders]:
        n = int((ordered == ordered[leaders]).sum())
        yield Text(
            f"{n} people have the same score at the end of the list: who of them stands on it "
            "was decided by replies, then by id.",
            f"榜单末位有 {n} 人得分相同，按回复数及编号决定取舍。",
        )


def _graded(last: LastList) -> Text:
    at, days = f"{last.as_of:%Y-%m-%d}", f"{last.days:.0f}"
    ours, naive = last.grade, last.baseline
    return Text(
        f"The list of {at}, judged by the {days} days since: NDCG@50 {ours.ndcg_50:.3f} "
        f"(by number of repliers {naive.ndcg_50:.3f}), precision@20 {ours.precision_20:.2f} "
        f"({naive.precision_20:.2f}), share@50 {ours.share_50:.2f} ({naive.share_50:.2f}).",
        f"{at} 的榜单按其后 {days} 天检验：NDCG@50 {ours.ndcg_50:.3f}（按回复人数 "
        f"{naive.ndcg_50:.3f}），前 20 准确率 {ours.precision_20:.2f}（{naive.precision_20:.2f}），"
        f"前 50 占比 {ours.share_50:.2f}（{naive.share_50:.2f}）。",
    )


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say who answered a person, and what that makes of their rank, exactly from the score."""
    held = {name: customer.get(f"influence_{name}") for name in PARTS}
    was, topic = held["previous_rank"], held["topic"]
    days, n = metrics.get("recent_days", "?"), metrics.get("n", "?")
    en = [
        f"Rank {held['rank']} of {n}" + (f" (was {was})." if was else "."),
        f"{held['recent_repliers']} different people replied in {days} days, "
        f"{held['recent_established']} established; {held['earlier_repliers']} in the {days} "
        f"days before, {held['repliers']} in the whole window"
        + (f"; mainly '{topic}'." if topic else "."),
        f"Without the five most active repliers: rank {held['rank_without_top']}.",
    ]
    zh = [
        f"第 {held['rank']} 名（共 {n} 人" + (f"，上期第 {was} 名）。" if was else "）。"),
        f"{days} 天内有 {held['recent_repliers']} 人回复，其中老账户 "
        f"{held['recent_established']} 人；再前 {days} 天 {held['earlier_repliers']} 人，"
        f"整个窗口 {held['repliers']} 人" + (f"；主要话题“{topic}”。" if topic else "。"),
        f"去掉最活跃的五位回复者：第 {held['rank_without_top']} 名。",
    ]
    flags = customer.get("influence_flags")
    named = [FLAGS[str(flag)] for flag in (flags if isinstance(flags, list) else [])]
    en += [f"Flag: {'; '.join(flag.en for flag in named)}."] if named else []
    zh += [f"提示：{'；'.join(flag.zh for flag in named)}。"] if named else []
    return Text(" ".join(en), "".join(zh))


PARTS: Final = (
    "rank",
    "previous_rank",
    "repliers",
    "recent_repliers",
    "recent_established",
    "earlier_repliers",
    "rank_without_top",
    "topic",
)
