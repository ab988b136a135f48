"""Hazard ratios, turning points and subgroups in words, in both languages.

A sentence never gives a ratio without its interval, and says when chance explains it.
"""

from collections.abc import Mapping
from math import isnan
from typing import Final

from algorithms.churn.cox import Penalised, TurningPoint
from algorithms.churn.penalised import UNLIKELY
from algorithms.churn.subgroups import Subgroup
from graph.language import Text

SIGNIFICANT: Final = 0.05
EVENT: Final = Text("churn", "流失")

LEVELS: Final[Mapping[str, Text]] = {
    "male": Text("male", "男"),
    "female": Text("female", "女"),
    "unknown": Text("unknown", "未知"),
    "other": Text("other", "其他"),
}


def named(covariate: str, names: Mapping[str, Text]) -> Text:
    """Return what people call a coefficient: ``sex=male`` is ``sex male``, ``性别（男）``."""
    factor, equals, level = covariate.partition("=")
    name = names.get(factor, Text(factor, factor))
    if not equals:
        return name
    said = LEVELS.get(level, Text(level, level))
    return Text(f"{name.en} {said.en}", f"{name.zh}（{said.zh}）")


def ratio_sentence(
    row: Mapping[str, object],
    *,
    names: Mapping[str, Text],
    references: Mapping[str, str],
    event: Text = EVENT,
    penalised: Penalised | None = None,
) -> Text:
    """Say what one row of a Cox table means.

    Parameters
    ----------
    row
        Of the table of `algorithms.churn.cox.Cox`.
    names
        What covariates are called.
    references
        The level that each factor is compared with.
    event
        What the hazard is of.
    penalised
        What a penalty says of a row that cannot be estimated.
    """
    covariate = str(row["covariate"])
    ratio = _number(row["exp_coef"])
    if isnan(ratio):
        name, rest = named(covariate, names), _bounded(penalised)
        return Text(
            f"{name.en}: not estimable ({row['events']} events among {row['n']} customers)."
            f"{rest.en}",
            f"{name.zh}：无法估计（{row['n']} 名客户中 {row['events']} 个事件）。{rest.zh}",
        )
    told = _compared(covariate, ratio, names=names, references=references, event=event)
    p = _number(row["p"])
    shown, proof = "p < 0.001" if p < 0.0005 else f"p {p:.3f}", _proof(p)
    ends = f"{_number(row['lower']):.3f}", f"{_number(row['upper']):.3f}"
    return Text(
        f"{told.en} (95 % interval {ends[0]} to {ends[1]}, {shown}): {proof.en}.",
        f"{told.zh}（95% 区间 {ends[0]} 至 {ends[1]}，{shown}）：{proof.zh}。",
    )


def _bounded(penalised: Penalised | None) -> Text:
    """Say between what a penalised ratio lies: an interval, no finding."""
    if penalised is None:
        return Text("", "")
    ends = f"{penalised.lower:.2g}", f"{penalised.upper:.2g}"
    return Text(
        f" Penalised, its hazard ratio would lie between {ends[0]} and {ends[1]} (95 % "
        f"interval, ratios beyond 1/{UNLIKELY:.0f} and {UNLIKELY:.0f} taken for unlikely): a "
        "bound and no finding.",
        f"加惩罚后，其风险比介于 {ends[0]} 与 {ends[1]} 之间（95% 区间，预设超出 "
        f"1/{UNLIKELY:.0f} 至 {UNLIKELY:.0f} 的可能性很小）：仅为界限，不是结论。",
    )


def turning_sentence(point: TurningPoint, *, names: Mapping[str, Text]) -> Text:
    """Say where the hazard turns over a covariate, with the interval."""
    name = names.get(point.covariate, Text(point.covariate, point.covariate))
    ends = f"{point.lower:.1f}", f"{point.upper:.1f}"
    shape = Text("lowest", "最低") if point.is_minimum else Text("highest", "最高")
    return Text(
        f"Over {name.en} the hazard is {shape.en} at {point.at:.1f} (95 % interval {ends[0]} to "
        f"{ends[1]}).",
        f"风险随{name.zh}变化，在 {point.at:.1f} 处{shape.zh}（95% 区间 {ends[0]} 至 {ends[1]}）。",
    )


def subgroup_sentence(group: Subgroup, *, names: Mapping[str, Text]) -> Text:
    """Describe a group at risk: who they are, how many, and how much more often they leave."""
    parts = [named(f"{name}={level}", names) for name, level in group.levels]
    return Text(
        f"{', '.join(part.en for part in parts)}: {group.events} of {group.n} fell silent "
        f"({group.rate:.0%}), {group.ratio:.2f} times the hazard of the others.",
        f"{'、'.join(part.zh for part in parts)}：{group.n} 人中 {group.events} 人沉默"
        f"（{group.rate:.0%}），风险为其他客户的 {group.ratio:.2f} 倍。",
    )


def _compared(
    covariate: str,
    ratio: float,
    *,
    names: Mapping[str, Text],
    references: Mapping[str, str],
    event: Text,
) -> Text:
    """Say how many times whose hazard it is: that of the reference, or of one unit less."""
    name = named(covariate, names)
    factor, equals, _ = covariate.partition("=")
    if not equals or factor not in references:
        return Text(
            f"{name.en}: each unit more makes the hazard of {event.en} {ratio:.3f} times as great",
            f"{name.zh}：每增加一个单位，{event.zh}风险变为 {ratio:.3f} 倍",
        )
    reference = named(f"{factor}={references[factor]}", names)
    return Text(
        f"{name.en}: the hazard of {event.en} is {ratio:.3f} times that of {reference.en}",
        f"{name.zh}：{event.zh}风险是{reference.zh}的 {ratio:.3f} 倍",
    )


def _proof(p: float) -> Text:
    if p < SIGNIFICANT:
        return Text("significant at 5 %", "在 5% 水平上显著")
    return Text("not significant", "不显著")


def _number(value: object) -> float:
    """Return a number of a row; NaN where it holds none."""
    return float(value) if isinstance(value, int | float) else float("nan")
