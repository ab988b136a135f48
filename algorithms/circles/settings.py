"""What can be set about circles."""

from typing import Annotated

from pydantic import Field

from algorithms.replies import ReplyParameters
from graph.language import Text


class CirclesParameters(ReplyParameters):
    """Who is looked at, how firmly circles are found, and how much the past counts."""

    least_interactions: Annotated[
        int,
        Text(
            "Fewest replies, sent and received, to be looked at", "参与分析的最少回复数（收发合计）"
        ),
    ] = Field(4, ge=1, le=1_000_000)
    least_size: Annotated[
        int, Text("Fewest people of a circle; the rest is in none", "圈子最少人数，不足者不归圈")
    ] = Field(5, ge=2, le=1_000_000)
    resolution: Annotated[
        float, Text("Above 1 more and smaller circles", "大于 1 时圈子更多更小")
    ] = Field(1.0, gt=0, le=100)
    runs: Annotated[
        int,
        Text(
            "Most single runs; a large network gets fewer", "单次划分的最多次数；网络很大时自动减少"
        ),
    ] = Field(200, ge=1, le=10_000)
    memory: Annotated[
        float,
        Text(
            "Share of the modularity that keeping to the former circles may cost; 0: none kept",
            "为延续上期圈子可牺牲的模块度比例；0 为不考虑上期",
        ),
    ] = Field(0.15, ge=0, le=1)
    n_terms: Annotated[
        int,
        Text(
            "Most topics, words of public texts, and goods of a circle, of each",
            "每个圈子的话题、公开正文用词与品类，各自的最多个数",
        ),
    ] = Field(5, ge=0, le=50)
    seed: Annotated[int, Text("Seed of the runs", "随机种子")] = Field(0, ge=0, le=2**31 - 1)
