"""What is said about seeds in words: caveats of a plan, and the reason for one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from algorithms.reply_network_words import notes_on as network_notes
from algorithms.seeds.planning import DEGREE, Plan
from algorithms.seeds.settings import SeedsParameters
from graph.language import Text

# measured on reply networks the search gains up to 4.6 % over the most answered people
WORTH_SAYING: Final = 0.02
FEW_PEOPLE: Final = 100


@dataclass(frozen=True)
class Told:
    """What is known of the people and replies before anything is chosen.

    ``days`` lie between the first and the last reply; ``unpriced`` people have no cost above 0,
    ``unwanted`` are excluded by name, ``unknown`` names are nobody here; ``left_out`` replies
    do not count, by reason.
    """

    people: int
    pairs: int
    replies: int
    days: float
    unpriced: int
    unwanted: int
    unknown: int
    left_out: Mapping[str, int]


def notes_on(plan: Plan, told: Told, *, params: SeedsParameters) -> tuple[Text, ...]:
    """Return what a reader of a plan has to know."""
    of_replies = network_notes(n=told.people, counted=told.replies, excluded=told.left_out)
    return (*_of_gain(plan), *_of_end(plan, params), *_of_data(told, params), *of_replies)


def _of_gain(plan: Plan) -> Iterator[Text]:
    """Say what the search was worth, and what is likely to be noise."""
    degree = float(plan.lists[DEGREE].total[0, -1])
    gain, low, high = (100 * value / degree for value in plan.gain)
    if gain < 100 * WORTH_SAYING:
        yield Text(
            f"No better than top degree: the search reaches {gain:+.1f} % people ({low:+.1f} to "
            f"{high:+.1f} %) beside the most answered people.",
            f"不优于按被回复人数排序：搜索所得比被回复最多者多触达 {gain:+.1f}%"
            f"（95% 区间 {low:+.1f}% 至 {high:+.1f}%）。",
        )
    if plan.chosen_by == DEGREE:
        yield Text(
            "The most answered people reach more than the search found, so they are proposed.",
            "被回复最多者触达更多，故建议采用该名单。",
        )
    place = plan.first_below_noise
    if place is not None:
        yield Text(
            f"From seed {place} on it is not sure that a seed reaches anybody but itself.",
            f"自第 {place} 位种子起，无法确定其能触达除自身以外的人。",
        )


def _of_end(plan: Plan, params: SeedsParameters) -> Iterator[Text]:
    if plan.is_saturated:
        n = len(plan.people)
        yield Text(
            f"The budget of {params.budget:g} buys more: after {n} seeds nobody adds anything.",
            f"预算 {params.budget:g} 有余：选出 {n} 位种子后无人再有新增触达。",
        )


def _of_data(told: Told, params: SeedsParameters) -> Iterator[Text]:
    if told.people < FEW_PEOPLE:
        yield Text(
            f"Only {told.people} people answer each other: one reply more moves the plan.",
            f"仅有 {told.people} 人相互回复：多一条回复即可能改变方案。",
        )
    if told.days < 1:
        yield Text(
            "All replies lie within one day: the plan is of that day, not of habits.",
            "全部回复集中在一天内：方案仅反映当日，并非习惯。",
        )
    if params.probability:
        yield Text(
            f"Every tie carries with probability {params.probability:g}, which is assumed and "
            "not measured.",
            f"每条关系的传播概率均为 {params.probability:g}，为假设而非实测。",
        )
    if told.unpriced:
        yield Text(
            f"{told.unpriced:,} people without a {params.cost} above 0 are not proposed.",
            f"{told.unpriced:,} 人没有大于 0 的 {params.cost}，不予建议。",
        )
    if told.unknown:
        yield Text(
            f"{told.unknown:,} of the excluded customers answer nobody and are not answered.",
            f"排除名单中有 {told.unknown:,} 位客户未参与回复。",
        )


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what one seed adds, and what of its reach others have already."""
    place, of = customer.get("seeds_order"), metrics.get("seeds")
    gain, low, high, alone, reach = (
        _shown(customer.get(f"seeds_{name}"))
        for name in ("gain", "gain_low", "gain_high", "alone", "reach")
    )
    head = Text(
        f"Seed {place} of {of}: adds about {gain} people (95 %: {low} to {high})",
        f"第 {place} 位种子（共 {of} 位）：约新增触达 {gain} 人（95% 区间 {low} 至 {high}）",
    )
    if place == 1:
        return Text(f"{head.en}.", f"{head.zh}。")
    overlap = 100 * float(str(customer.get("seeds_overlap") or 0))
    return Text(
        f"{head.en} to those whom the seeds before reach, {reach} together. Alone it reaches "
        f"{alone}, of whom they reach {overlap:.0f} % too.",
        f"{head.zh}，连同前序种子累计 {reach} 人。单独可触达 {alone} 人，其中 {overlap:.0f}% "
        "与前序种子重叠。",
    )


def _shown(number: object) -> str:
    return "?" if number is None else f"{float(str(number)):,.1f}"
