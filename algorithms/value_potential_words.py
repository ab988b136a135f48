"""What is said about value and potential in words: labels, page, caveats and reasons."""

from collections.abc import Mapping, Sequence
from typing import Final

from algorithms.contract import Mathematics
from graph.language import Text

# a quantile of fewer moves by a place in twenty with one customer
FEW_BUYERS: Final = 20

LABELS: Final[Mapping[str, Text]] = {
    "core": Text("Core", "核心"),
    "keep": Text("Keep", "维持"),
    "promising": Text("Promising", "潜力"),
    "at_risk": Text("At risk", "流失预警"),
}
AXES: Final[Mapping[str, Text]] = {
    "value": Text("value", "价值"),
    "potential": Text("potential", "潜力"),
}


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what a customer spent and may spend, beside the cuts."""
    label = LABELS[str(customer["value_potential_quadrant"])]
    spent = _shown(customer.get("value_potential_spend_365d"))
    expected = _shown(customer.get("clv_expected_spend_365d"))
    cuts = metrics.get("cuts")
    value, potential = (_shown(cuts[name]) if isinstance(cuts, Mapping) else "?" for name in AXES)
    return Text(
        f"{label.en}: spent {spent} in 365 days (cut {value}) and is expected to spend "
        f"{expected} in the next (cut {potential}); who is near a cut stays where they were.",
        f"{label.zh}：近 365 天消费 {spent}（切分点 {value}），预期未来 365 天消费 {expected}"
        f"（切分点 {potential}）；靠近切分点者保持原象限。",
    )


def _shown(amount: object) -> str:
    return "?" if amount is None else f"{float(str(amount)):,.2f}"


def notes_on(*, n: int, without_potential: int, flat: Sequence[str]) -> tuple[Text, ...]:
    """Return what a reader of the quadrants has to know; ``flat`` names axes with one side."""
    notes = []
    if n < FEW_BUYERS:
        en = f"The cuts rest on {n} customers only."
        notes.append(Text(en, f"切分点仅依据 {n} 位客户。"))
    if without_potential:
        en = f"Of {without_potential} buyers nothing is expected: they are in no quadrant."
        notes.append(Text(en, f"有 {without_potential} 位买家没有预期消费，未进入任何象限。"))
    for name in flat:
        en = f"Nobody lies above the cut of {AXES[name].en}."
        notes.append(Text(en, f"没有客户高于{AXES[name].zh}切分点。"))
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "Value $v_i$ is the spend of the last 365 days, potential $p_i$ the expected spend of "
        "the next 365. With cuts $c$ at quantiles of all buyers, the quadrants are core "
        "($v$ and $p$ high), keep ($v$ high), promising ($p$ high) and at risk (neither).",
        "价值 $v_i$ 为近 365 天消费，潜力 $p_i$ 为未来 365 天预期消费。以全体买家的分位数为"
        "切分点 $c$：均高为核心，仅 $v$ 高为维持，仅 $p$ 高为潜力，均低为流失预警。",
    ),
    assumptions=Text(
        "The expectation is worth its name: read the grade of clv first. Both amounts are of "
        "the same currency and net of returns.",
        "预期可信：请先查看 clv 的评级。两项金额币种相同，均已扣除退货。",
    ),
    estimator=Text(
        "A new customer is high above $c$. One who was high stays so down to "
        "$c - m\\,|c|$, one who was low becomes high above $c + m\\,|c|$; $m$ is the margin. On "
        "equal facts a second run changes nobody. On request (`exclude_resellers`) the cuts are "
        "without suspected resellers, who are placed by them all the same.",
        "新客户高于 $c$ 为高；原为高者在不低于 $c - m\\,|c|$ 时保持，原为低者高于 $c + m\\,|c|$ "
        "才转为高，$m$ 为缓冲比例。事实不变时再次运行不会改变任何人。可按需"
        "（`exclude_resellers`）在计算切分点时排除疑似转售客户，他们仍按切分点归入象限。",
    ),
    unfit=Text(
        "Quadrants compare customers of one company: half are low by construction. They say "
        "nothing of what an action would change.",
        "象限只在同一公司客户之间比较：按定义约一半为低。它不说明采取行动会带来什么改变。",
    ),
)
