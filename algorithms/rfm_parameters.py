"""What can be set about RFM, and what a home sets of it.

Fixed edges are for those whose own rules say what recent, often and much is; they are read
as decimal numbers, so that an edge of 29.9 days is one.
"""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, ValidationError, ValidationInfo, field_validator

from algorithms.parameters import DatedParameters
from algorithms.rfm_names import home_names, names_as_text, names_from_text
from algorithms.rfm_scores import Edges, Integers, Scoring, edges_of, fixed_edges
from graph.language import Text
from graph.settings import Settings
from graph.spec import MONEY_SCALE

DAY_MILLISECONDS: Final = 86_400_000
UNITS: Final = {"recency_days": DAY_MILLISECONDS, "order_count": 1, "spend": MONEY_SCALE}
"""The measures, and how many whole values of each make what people read."""


class RfmParameters(DatedParameters):
    """How scores are given and signs are drawn; recency counts from ``as_of``."""

    scoring: Annotated[
        Scoring,
        Text("By quantile edges, by rank or by fixed edges", "评分方式：分位、名次或固定边界"),
    ] = "quantile"
    edges_recency_days: Annotated[
        str, Text("Four rising edges in days, if fixed", "固定边界：天数（四个递增值）")
    ] = Field("", validate_default=True)
    edges_order_count: Annotated[
        str, Text("Four rising edges in orders, if fixed", "固定边界：订单数（四个递增值）")
    ] = Field("", validate_default=True)
    edges_spend: Annotated[
        str, Text("Four rising edges in currency units, if fixed", "固定边界：金额（四个递增值）")
    ] = Field("", validate_default=True)
    # both thresholds reproduce the printed symbols of the source
    sign_fine: Annotated[
        float, Text("A difference from the mean below it is 0", "低于此差值记为 0")
    ] = Field(0.01, ge=0, le=4)
    sign_coarse: Annotated[
        float, Text("A difference from it on is ++ or --", "达到此差值记为 ++ 或 --")
    ] = Field(1.0, ge=0, le=4)
    names: Annotated[
        str,
        Text(
            "Segments and classes as JSON; empty: rfm.toml of the home, else the shipped ones",
            "分群与分类规则（JSON）；为空则用数据主目录的 rfm.toml，否则用内置规则",
        ),
    ] = ""

    @field_validator("edges_recency_days", "edges_order_count", "edges_spend")
    @classmethod
    def _are_four(cls, text: str, info: ValidationInfo) -> str:
        if text or info.data.get("scoring") == "fixed":
            fixed_edges(text, unit=1)
        return text

    @field_validator("names")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        try:
            names_from_text(text)
        except ValidationError as error:
            raise ValueError(str(error)) from None
        return text

    def edges(self, measure: str, values: Integers) -> Edges:
        """Return the edges between the scores of a measure (a name in ``UNITS``)."""
        text: str = getattr(self, f"edges_{measure}")
        is_fixed = self.scoring == "fixed"
        return fixed_edges(text, unit=UNITS[measure]) if is_fixed else edges_of(values)


def home_defaults(settings: Settings) -> Mapping[str, str]:
    """Return the names that a home gives to scores, as the parameter that holds them."""
    return {"names": names_as_text(home_names(settings))}
