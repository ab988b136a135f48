"""What can be set about rule alerts; the defaults are those that marketers' documents print."""

from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from algorithms.parameters import DatedParameters
from graph.language import Text

DAY: Final = 86_400_000
"""Milliseconds."""


class AlertParameters(DatedParameters):
    """When each rule speaks, and how long a closed alert stays in sight."""

    window_days: Annotated[
        int, Text("Days of each of the two windows of purchases", "前后两个购买窗口的天数")
    ] = Field(90, ge=7, le=730)
    drop_percent: Annotated[
        int, Text("Fall of the purchases, in per cent, that alerts", "触发预警的购买次数降幅（%）")
    ] = Field(50, ge=1, le=100)
    # from two purchases to one is a fall by half, and noise
    minimum_count: Annotated[
        int, Text("Fewest purchases of the earlier window", "前一窗口的最少购买次数")
    ] = Field(4, ge=2, le=1_000)
    complaint_days: Annotated[
        int, Text("Days after a complaint without a purchase", "投诉后未再购买的天数")
    ] = Field(30, ge=1, le=365)
    sleeping_from_days: Annotated[
        int, Text("Days without a purchase from which one sleeps", "沉睡起始：未购买天数")
    ] = Field(90, ge=7, le=1_095)
    sleeping_to_days: Annotated[
        int, Text("Days without a purchase after which one is lost", "沉睡截止：未购买天数")
    ] = Field(270, ge=8, le=3_650, validate_default=True)
    notice_days: Annotated[
        int, Text("Days before points or coupons expire", "积分或优惠券到期前的天数")
    ] = Field(30, ge=1, le=365)
    keep_days: Annotated[
        int, Text("Days for which a closed alert stays in sight", "已关闭预警的保留天数")
    ] = Field(30, ge=0, le=365)

    @field_validator("sleeping_to_days")
    @classmethod
    def _follows(cls, days: int, info: ValidationInfo) -> int:
        if days <= info.data.get("sleeping_from_days", 0):
            problem = "sleep ends after it begins"
            raise ValueError(problem)
        return days
