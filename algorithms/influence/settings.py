"""What can be set about the measurement of attention."""

from typing import Annotated

from pydantic import Field

from algorithms.influence.attention import Form, Rule
from algorithms.replies import ReplyParameters
from graph.language import Text


class InfluenceParameters(ReplyParameters):
    """Which replies count, how fast they fade, whom to trust, how long the lists are."""

    half_life_days: Annotated[
        float | None,
        Text(
            "Days after which a reply counts half; none: chosen by a back-test inside the window, "
            "and 60, or a quarter of a shorter window, where that tells nothing",
            "回复权重减半的天数；空则在窗口内回测选定，无法判断时为 60 天，窗口较短时为其四分之一",
        ),
    ] = Field(None, ge=0.5, le=3_650)
    trust: Annotated[
        Form,
        Text(
            "Repliers without trust count nothing (strict), or 3/4 and the new a floor (floor); by "
            "the rule it is strict where half of the people are established",
            "无信任的回复者不计（strict），或计 3/4、新账户按下限计（floor）；"
            "rule：半数以上为老账户时取 strict",
        ),
    ] = "rule"
    floor: Annotated[float, Text("Least weight of a new replier", "新账户的最小权重")] = Field(
        0.25, ge=0, le=1
    )
    leaders: Annotated[int, Text("Most people on the list", "榜单最多人数")] = Field(
        20, ge=1, le=100_000
    )
    rising: Annotated[int, Text("Most people called rising", "新星最多人数")] = Field(
        20, ge=0, le=100_000
    )
    recent_days: Annotated[
        int, Text("Days that explanations call recent", "说明中“近期”所指的天数")
    ] = Field(90, ge=1, le=3_650)
    grade_days: Annotated[
        int,
        Text(
            "Days for which an earlier list, and each half-life, is graded",
            "评估上期榜单及各半衰期所用的天数",
        ),
    ] = Field(30, ge=1, le=3_650)
    pivots: Annotated[
        int | None,
        Text(
            "People to search from where betweenness is estimated; none: as many as ten seconds "
            "allow, 256 to 1,024",
            "估计中介度时的起点人数；空为约十秒内可算的人数（256 至 1,024）",
        ),
    ] = Field(None, ge=16, le=1_000_000)
    seed: Annotated[int, Text("Seed of the pivots of betweenness", "中介度抽样的随机种子")] = Field(
        0, ge=0, le=2_147_483_647
    )

    @property
    def rule(self) -> Rule:
        """Return how attention is measured."""
        return Rule(self.window_days, self.half_life_days, form=self.trust, floor=self.floor)
