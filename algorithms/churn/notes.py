"""What a reader of a survival model has to be told, in both languages.

Each sentence names the covariate, the number behind it and what was done.
"""

from collections.abc import Sequence

from graph.language import Text

ENOUGH_EVENTS = 10
"""Events a coefficient, below which estimates are biased away from none (Peduzzi et al. 1995)."""


def inestimable(covariate: str, *, n: int, events: int) -> Text:
    """Say that a level has too few events for a hazard ratio."""
    return Text(
        f"{covariate}: not estimable ({events} events among {n:,} customers). It is left out of "
        "the fit and has no hazard ratio; pool it with a neighbouring level to compare it.",
        f"{covariate}：无法估计（{n:,} 名客户中仅 {events} 个事件）。未纳入拟合，不给出风险比；"
        "如需比较，请与相邻等级合并。",
    )


def pooled(covariate: str, levels: Sequence[str]) -> Text:
    """Say that small levels are compared together."""
    return Text(
        f"{covariate}: {', '.join(levels)} have too few events each and are compared together as "
        "other.",
        f"{covariate}：{'、'.join(levels)} 各自事件过少，已合并为“其他”一并比较。",
    )


def sampled(test: Text, *, rows: int, of: int) -> list[Text]:
    """Say that a test was made on a sample; nothing where it was made on all.

    >>> sampled(Text("The test", "检验"), rows=5, of=5)
    []
    """
    if rows >= of:
        return []
    said = Text(
        f"{test.en} is of {rows:,} of {of:,} customers, evenly spread.",
        f"{test.zh}基于 {of:,} 名客户中均匀抽取的 {rows:,} 名。",
    )
    return [said]


def diverged(covariate: str) -> Text:
    """Say that a coefficient ran off."""
    return Text(
        f"{covariate}: not estimable: its coefficient runs off without bound (separation). It is "
        "left out and has no hazard ratio.",
        f"{covariate}：无法估计：系数发散（分离）。已剔除，不给出风险比。",
    )


def half_missing(covariate: str, *, share: float) -> Text:
    """Say that a covariate is unknown of most customers."""
    return Text(
        f"{covariate} is missing for {share:.0%} of the customers and was left out.",
        f"{covariate} 有 {share:.0%} 的客户缺失，未纳入模型。",
    )


def constant(covariate: str) -> Text:
    """Say that a covariate does not vary."""
    return Text(
        f"{covariate} has one value only and was left out.",
        f"{covariate} 只有一个取值，未纳入模型。",
    )


def collinear(covariate: str, partner: str, *, r: float) -> Text:
    """Say that two covariates say the same."""
    return Text(
        f"{covariate} says the same as {partner} (correlation {r:.3f}) and was left out.",
        f"{covariate} 与 {partner} 几乎相同（相关系数 {r:.3f}），未纳入模型。",
    )


def determined(covariate: str) -> Text:
    """Say that a covariate is a combination of others."""
    return Text(
        f"{covariate} follows from other covariates together and was left out.",
        f"{covariate} 可由其他变量完全推出，未纳入模型。",
    )


def few_events(events: int, coefficients: int) -> list[Text]:
    """Say that there are too few events for so many coefficients; nothing where there are enough.

    >>> few_events(100, 10)
    []
    """
    if events >= ENOUGH_EVENTS * coefficients:
        return []
    said = Text(
        f"{events} events carry {coefficients} coefficients: fewer than {ENOUGH_EVENTS} each, so "
        "estimates are too extreme and intervals too narrow.",
        f"{events} 个事件支撑 {coefficients} 个系数，平均不足 {ENOUGH_EVENTS} 个："
        "估计偏极端，区间偏窄。",
    )
    return [said]


def penalised(penalty: float) -> Text:
    """Say that the fit needed a penalty to come to an end."""
    return Text(
        f"The fit did not converge and was repeated with a ridge penalty of {penalty}: "
        "coefficients are drawn towards none.",
        f"拟合未收敛，已加入岭惩罚 {penalty} 重新拟合：系数向零收缩。",
    )


def not_proportional(covariate: str, *, p: float) -> Text:
    """Say that a hazard ratio is an average over time."""
    return Text(
        f"The hazard ratio of {covariate} changes over time (p {p:.2g}): read it as an average.",
        f"{covariate} 的风险比随时间变化（p {p:.2g}）：只能当作平均值理解。",
    )


def incomparable(covariate: str, *, fewest: int) -> Text:
    """Say that a factor has nothing to compare."""
    return Text(
        f"{covariate}: not estimable: fewer than two of its levels have {fewest} events. It was "
        "left out.",
        f"{covariate}：无法估计：不足两个等级各有 {fewest} 个事件，未纳入模型。",
    )


def other_reference(covariate: str, *, wanted: str, used: str) -> Text:
    """Say that the level of comparison is not the one that was asked for."""
    return Text(
        f"{covariate} cannot be compared with {wanted}, which is absent or has too few events: it "
        f"is compared with {used}.",
        f"{covariate} 无法以 {wanted} 为参照（不存在或事件过少），改以 {used} 为参照。",
    )


def no_events(n: int) -> Text:
    """Say that nobody met the event."""
    return Text(
        f"None of {n:,} customers met the event: nothing can be compared.",
        f"{n:,} 名客户中没有事件发生，无从比较。",
    )


def long_silence(silence: int, *, span: int) -> Text:
    """Say that the past is hardly longer than the silence."""
    return Text(
        f"A silence of {silence} days is long for orders that cover {span}: few customers have "
        "had the time to complete it. Give a shorter one as silence_days.",
        f"沉默期 {silence} 天，而订单只覆盖 {span} 天：很少有客户来得及达到。可用 silence_days "
        "设定较短的天数。",
    )
