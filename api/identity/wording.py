"""Evidence in words, in both languages: kinds, reasons, and what a weight means.

A match weight is the log2 of a Bayes factor: it says how many times likelier the two values
are if they belong to one person. The words follow factors of 10, 100 and 10,000.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from api.views import View
from graph.language import Text

KINDS: Final[Mapping[str, Text]] = {
    "phone": Text("phone", "手机号"),
    "email": Text("e-mail", "邮箱"),
    "cookie": Text("cookie", "Cookie"),
    "device": Text("device", "设备"),
    "open_id": Text("open id", "open id"),
    "union_id": Text("union id", "union id"),
    "member_no": Text("member number", "会员号"),
    "card_no": Text("card number", "卡号"),
    "national_id": Text("national id", "证件号"),
    "address": Text("address", "地址"),
}
FIELDS: Final[Mapping[str, Text]] = {
    **KINDS,
    "name": Text("name", "姓名"),
    "given": Text("given name", "名"),
    "family": Text("family name", "姓"),
    "birth": Text("birth date", "出生日期"),
    "birth_date": Text("birth date", "出生日期"),
    "gender": Text("gender", "性别"),
    "postcode": Text("postcode", "邮编"),
    "city": Text("city", "城市"),
    "region": Text("region", "省份"),
    "occupation": Text("occupation", "职业"),
    "source": Text("source", "来源"),
}
# why an identifier joins nobody
BLOCKS: Final[Mapping[str, Text]] = {
    "cap": Text(
        "more registered accounts of one source share it than one person has",
        "同一来源内共用它的注册账户多于一个人应有的数量",
    ),
    "hub": Text("so many accounts share it that it is nobody's", "共用账户过多，不属于任何个人"),
    "listed": Text("its value stands for nobody", "该值不代表任何人"),
    "kind": Text("this kind of identifier never joins", "此类标识从不用于合并"),
    "steward": Text("a steward blocked it", "已由管理员屏蔽"),
}
# why two accounts that share an identifier were not joined by it
REFUSALS: Final[Mapping[str, Text]] = {
    "steward": Text("a steward keeps them apart", "管理员要求分开"),
    "unique": Text(
        "one person would have too many identifiers of a kind of which a person has few",
        "合并后同一人会持有过多的唯一标识",
    ),
    "birth_date": Text("their birth dates differ", "出生日期不同"),
    "name": Text("their names differ, and no birth date agrees", "姓名不同，且没有一致的出生日期"),
    "epoch": Text("it had another owner at another time", "该标识在不同时期属于不同的人"),
    "unsettled": Text(
        "nothing refuses it: the facts are newer than the last resolution, run kith resolve",
        "没有拒绝合并的理由：事实晚于最近一次识别，请运行 kith resolve",
    ),
}
# why two customers who resemble each other were not joined
KEPT_APART: Final[Mapping[str, Text]] = {
    "careful": Text("only sure joins are made in the careful mode", "谨慎模式只做确定的合并"),
    "size": Text("the customer would be too large", "合并后的客户会过大"),
    "veto": Text("what is known of them contradicts itself", "已知信息相互矛盾"),
    "steward": Text("a steward keeps them apart", "管理员要求分开"),
    "unique": REFUSALS["unique"],
    "community": Text(
        "each resembles others more than these two resemble each other",
        "两者各自与其他客户更为相似",
    ),
}
STATES: Final[Mapping[str, Text]] = {
    "shared": Text("shared", "共用"),
    "blocked": Text("blocked", "屏蔽"),
    "linking": Text("linking", "可合并"),
}

STRENGTHS: Final = (
    (1.0, Text("hardly any evidence", "几乎没有证据")),
    (3.32, Text("weak evidence", "弱证据")),
    (6.64, Text("moderate evidence", "中等证据")),
    (13.29, Text("strong evidence", "强证据")),
)
VERY_STRONG: Final = Text("very strong evidence", "极强证据")
AGREES: Final = Text(
    "{field} agrees: {strength} ({weight:+.1f})", "{field}一致：{strength}（{weight:+.1f}）"
)
DIFFERS: Final = Text(
    "{field} differs: {strength} against it ({weight:+.1f})",
    "{field}不一致：{strength}，反对合并（{weight:+.1f}）",
)
SILENT: Final = Text("{field} says nothing (0.0)", "{field}没有说明力（0.0）")
UNDATED: Final = Text("at an unknown time", "时间不详")


def filled(text: Text, /, **facts: object) -> str:
    """Return a text in the current language with its facts filled in."""
    return str(text).format(**facts)


def named(words: Mapping[str, Text], code: object) -> str:
    """Return what a code means, or the code itself where nobody gave it words."""
    return str(words.get(str(code), str(code).replace("_", " ")))


def strength(weight: float) -> Text:
    """Say how much a weight (bits, either sign) is worth."""
    return next((text for most, text in STRENGTHS if abs(weight) < most), VERY_STRONG)


def weighed(by_field: Mapping[str, float]) -> list[View]:
    """Say what each field contributes to a join by resemblance, the weightiest first.

    Parameters
    ----------
    by_field
        Match weight of each field, in bits; below zero it speaks against the join.
    """
    ordered = sorted(by_field.items(), key=lambda held: (-abs(held[1]), held[0]))
    return [
        {"field": field, "weight": weight, "text": in_words(field, weight)}
        for field, weight in ordered
    ]


def in_words(field: str, weight: float) -> str:
    """Say what one field contributes: ``birth date agrees: strong evidence (+9.1)``."""
    name = named(FIELDS, field)
    if round(weight, 1) == 0:
        return filled(SILENT, field=name)
    template = AGREES if weight > 0 else DIFFERS
    return filled(template, field=name, strength=strength(weight), weight=weight)


def day(at: datetime | None) -> str:
    """Return the day of an instant, UTC."""
    return f"{at:%Y-%m-%d}" if at else str(UNDATED)


def span(first: datetime | None, last: datetime | None) -> str:
    """Say over which days something was seen."""
    begin, end = day(first or last), day(last or first)
    return begin if begin == end else str(Text(f"{begin} to {end}", f"{begin} 至 {end}"))
