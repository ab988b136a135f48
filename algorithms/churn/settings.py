"""What can be set about churn, and what it refuses to speak of."""

from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from algorithms.contract import NothingToSayError
from algorithms.parameters import DatedParameters
from graph.language import Text

HORIZONS: Final = (30, 60, 90)
SHORTEST_STEP: Final = 30
NEEDED_DAYS: Final = 2 * SHORTEST_STEP + 1
SILENCE: Final = (7, 365)
"""Fewest and most days of silence that are chosen: less is a week-end, more a lost customer."""


class ChurnParameters(DatedParameters):
    """When somebody counts as gone, whom others are compared with, and where alarms begin."""

    silence_days: Annotated[
        int,
        Text("Days of silence that make the event; 0: from the gaps", "沉默多少天算流失；0 为自动"),
    ] = Field(0, ge=0, le=1095)
    # nine returns in ten come sooner: a tenth of those called gone would have come back
    gap_quantile: Annotated[
        float,
        Text("Share of returns that come within the silence", "沉默期内应已发生的回购比例"),
    ] = Field(0.9, ge=0.5, le=0.99)
    category_gaps: Annotated[
        int,
        Text("Fewest gaps for a category's own silence", "品类单独定沉默期所需的最少间隔数"),
    ] = Field(200, ge=20, le=1_000_000)
    card_reference: Annotated[
        str,
        Text(
            "Card tier that others are compared with; empty: the most frequent",
            "会员卡参照等级；空为最常见等级",
        ),
    ] = ""
    level_2: Annotated[
        float, Text("90-day probability from which to prevent", "预防级的 90 天概率下限")
    ] = Field(0.5, ge=0, le=1)
    level_3: Annotated[
        float, Text("90-day probability from which to retain", "维系级的 90 天概率下限")
    ] = Field(0.7, ge=0, le=1, validate_default=True)
    level_4: Annotated[
        float, Text("90-day probability from which to win back", "挽回级的 90 天概率下限")
    ] = Field(0.9, ge=0, le=1, validate_default=True)
    subgroup_size: Annotated[
        int, Text("Fewest customers of a subgroup at risk", "高风险子群的最少客户数")
    ] = Field(50, ge=10, le=1_000_000)

    @field_validator("level_3", "level_4")
    @classmethod
    def _rises(cls, level: float, info: ValidationInfo) -> float:
        before = [info.data[name] for name in ("level_2", "level_3") if name in info.data]
        if before and level < max(before):
            problem = "levels rise"
            raise ValueError(problem)
        return level

    @property
    def levels(self) -> tuple[float, float, float]:
        """Return where levels 2, 3 and 4 begin."""
        return self.level_2, self.level_3, self.level_4


class NobodyToLeaveError(NothingToSayError):
    """Nobody has bought anything by ``as_of``."""

    text = Text(
        "No customer has a paid order up to {as_of}: who may leave is not known. Load orders, or "
        "choose an as_of after the first of them.",
        "截至 {as_of} 没有任何客户的付款订单，无从判断流失。请装载订单，或将时点设在首单之后。",
    )


class LoneCustomerError(NothingToSayError):
    """There is nobody to compare the one customer with."""

    text = Text(
        "Only one customer has bought: a model of churn compares customers, and needs many.",
        "只有一名客户有过购买：流失模型需要对多名客户作比较。",
    )


class OneDayError(NothingToSayError):
    """All purchases lie on one day."""

    text = Text(
        "All purchases lie on one day: nobody has had the time to stay away or to come back.",
        "所有购买都在同一天：尚无时间观察谁离开、谁回来。",
    )


class BoughtOnceError(NothingToSayError):
    """Nobody has ever come back."""

    text = Text(
        "All {customers} customers bought on one day each: without a return there is no rhythm "
        "from which silence could be told.",
        "全部 {customers} 名客户都只在一天有过购买：没有回购，就没有可判断沉默的节奏。",
    )


class ShortPastError(NothingToSayError):
    """The orders cover too few days to learn from one part and test on the next."""

    text = Text(
        "The orders cover {days} days; at least {needed} are needed to learn from one month and "
        "to correct on the next.",
        "订单只覆盖 {days} 天；至少需要 {needed} 天，才能用一个月学习、再用下一个月校准。",
    )
