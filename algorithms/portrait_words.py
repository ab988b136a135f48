"""What is said about inferred portraits in words: names, page, caveats and reasons."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from algorithms.contract import Mathematics
from graph.language import Text

if TYPE_CHECKING:
    from algorithms.portrait_model import Grade

# beyond it a confidence of eighty per cent is rather one of seventy-five
OVERCONFIDENT: Final = 0.05

ATTRIBUTES: Final[Mapping[str, Text]] = {
    "gender": Text("Gender", "性别"),
    "age_band": Text("Age band", "年龄段"),
    "region": Text("Region", "省份"),
}
BANDS: Final[Mapping[str, Text]] = {
    "under_25": Text("Under 25", "25 岁以下"),
    "25_34": Text("25 to 34", "25-34 岁"),
    "35_44": Text("35 to 44", "35-44 岁"),
    "45_54": Text("45 to 54", "45-54 岁"),
    "55_and_over": Text("55 and over", "55 岁及以上"),
}
WHY_NOT: Final[Mapping[str, Text]] = {
    "too_few_known": Text("it is known of too few customers", "已知该属性的客户过少"),
    "too_few_sure": Text(
        "on customers kept out the model was hardly ever sure", "在留出客户上模型很少有把握"
    ),
    "not_accurate": Text("on customers kept out it is not accurate", "在留出客户上准确率不足"),
    "not_better": Text(
        "on customers kept out it does not beat the commonest value by the margin",
        "在留出客户上未以规定幅度超过众数基线",
    ),
}


def explain(customer: Mapping[str, object], metrics: Mapping[str, object]) -> Text:
    """Say what was inferred of a customer, how surely, and how well that works."""
    told = [name for name in ATTRIBUTES if customer.get(f"portrait_{name}") is not None]
    if not told:
        return Text("Nothing is inferred of this customer.", "未对该客户作任何推断。")
    parts = [_part(name, customer, grade=metrics.get(name)) for name in told]
    en, zh = "; ".join(part.en for part in parts), "；".join(part.zh for part in parts)
    return Text(f"Inferred from what was bought: {en}.", f"由购买品类推断：{zh}。")


def _part(name: str, customer: Mapping[str, object], *, grade: object) -> Text:
    value = str(customer[f"portrait_{name}"])
    confidence = _shown(customer.get(f"portrait_{name}_confidence"))
    graded = grade if isinstance(grade, Mapping) else {}
    accuracy, majority = (_shown(graded.get(key)) for key in ("accuracy", "majority"))
    label, shown = ATTRIBUTES[name], BANDS.get(value, Text(value, value))
    return Text(
        f"{label.en.lower()} {shown.en} with confidence {confidence} (right for {accuracy} of "
        f"customers kept out; the commonest value for {majority})",
        f"{label.zh} {shown.zh}，置信度 {confidence}（留出客户准确率 {accuracy}，"
        f"众数基线 {majority}）",
    )


def _shown(number: object) -> str:
    return "?" if number is None else f"{float(str(number)):.2f}"


def notes_on(grades: "Mapping[str, Grade]") -> tuple[Text, ...]:
    """Say which attributes are not inferred and why, and where confidence promises too much."""
    notes = []
    for name, grade in grades.items():
        label = ATTRIBUTES[name]
        numbers = f"{_shown(grade.accuracy)} / {_shown(grade.majority)}"
        if why := WHY_NOT.get(grade.verdict):
            en = f"{label.en} is not inferred: {why.en} (accuracy / commonest value: {numbers})."
            notes.append(Text(en, f"不推断{label.zh}：{why.zh}（准确率/众数基线：{numbers}）。"))
        elif (grade.mean_confidence or 0) - (grade.accuracy or 0) > OVERCONFIDENT:
            sure = _shown(grade.mean_confidence)
            en = f"{label.en}: confidence averages {sure}, right are {_shown(grade.accuracy)}."
            zh = f"{label.zh}：平均置信度 {sure}，实际准确率 {_shown(grade.accuracy)}。"
            notes.append(Text(en, zh))
    return tuple(notes)


MATHEMATICS: Final = Mathematics(
    definition=Text(
        "For an attribute with values $v$ and a customer with spend shares $s_c$ over "
        "categories and $b_c = 1$ where they bought, "
        "$P(v) \\propto \\exp(\\alpha_v + \\sum_c \\beta_{vc} s_c + \\gamma_{vc} b_c)$: "
        "multinomial logistic regression. The likeliest value is told with its $P$ where that "
        "reaches the least confidence and nothing is stated.",
        "对取值为 $v$ 的属性，设客户在各品类的消费占比为 $s_c$，购买过的品类 $b_c = 1$，则 "
        "$P(v) \\propto \\exp(\\alpha_v + \\sum_c \\beta_{vc} s_c + \\gamma_{vc} b_c)$（多项逻辑"
        "回归）。未填报且最大 $P$ 达到最低置信度时给出该取值。",
    ),
    assumptions=Text(
        "Customers of whom the attribute is known buy like those of whom it is not. What is "
        "stated is true, and people buy for themselves.",
        "已知与未知该属性的客户购买行为相似；填报真实；为自己购买。",
    ),
    estimator=Text(
        "Ridge penalty of weight 1. Three tenths of the customers with a stated value are kept "
        "out; on those of them whose confidence suffices, accuracy must reach a floor and beat "
        "the commonest value by a margin, else nothing is written. The graded model is the one "
        "used, it is not fitted again. Values of too few customers are left out.",
        "岭惩罚权重为 1。留出三成已知客户；在其中置信度足够者上，"
        "准确率须达到下限并以规定幅度超过众数"
        "基线，否则不写入。使用的即被检验的模型，不再重新拟合。已知客户过少的取值不参与。",
    ),
    unfit=Text(
        "An inference is never a stated fact: not for addressing a person, not for offers that "
        "the law forbids to tie to gender or age, not for decisions about one customer.",
        "推断不是事实：不得用于称呼客户，不得用于法律禁止与性别或年龄挂钩的优惠，不得用于针对个人的决定。",
    ),
)
