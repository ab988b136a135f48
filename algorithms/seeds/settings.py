"""What can be set about seeds, and what is read to propose them."""

from typing import Annotated, Final

from pydantic import Field

from algorithms.network.models import Model
from algorithms.replies import ReplyParameters
from graph.language import Text

COST: Final = "influence_repliers"
"""The one property of customers that can be their cost without being asked for by name."""


class SeedsParameters(ReplyParameters):
    """How much may be spent on whom, and how influence is thought to spread."""

    budget: Annotated[float, Text("What all seeds may cost together", "种子用户总预算")] = Field(
        50.0, gt=0, le=1e12
    )
    cost: Annotated[
        str,
        Text("Property that says what a person costs; empty: one each", "成本所取属性；空为每人 1"),
    ] = ""
    excluded: Annotated[
        str, Text("Customers not to be seeded, parted by commas", "不作为种子的客户，以逗号分隔")
    ] = ""
    model: Annotated[
        Model,
        Text(
            "cascade: each tie carries once by chance; threshold: influence adds up",
            "cascade：每条关系独立生效一次；threshold：影响累加",
        ),
    ] = "cascade"
    probability: Annotated[
        float,
        Text(
            "Probability that a tie carries; 0: the share of one's replies that went to the other",
            "每条关系的传播概率；0 为回复占比",
        ),
    ] = Field(0.0, ge=0, le=1)
    # of a thousand people reached, 200,000 sets tell the reach to one in a hundred
    sets: Annotated[
        int, Text("Random sets to choose on, and as many to check", "选择与检验各用的随机集合数")
    ] = Field(200_000, ge=1_000, le=2_000_000)
    simulations: Annotated[int, Text("Runs that show reach step by step", "逐步传播的模拟次数")] = (
        Field(100, ge=0, le=10_000)
    )
    # what `diffusion` finds of a product; both 0 stand for no product
    innovation: Annotated[
        float, Text("Bass's p of a product that seeds get first", "种子首得商品的 Bass 系数 p")
    ] = Field(0.0, ge=0, le=1)
    imitation: Annotated[
        float, Text("Bass's q of a product that seeds get first", "种子首得商品的 Bass 系数 q")
    ] = Field(0.0, ge=0, le=1)
    periods: Annotated[
        int, Text("Periods for which the product is followed", "跟踪商品的周期数")
    ] = Field(26, ge=1, le=520)
    seed: Annotated[int, Text("Seed of all draws", "随机种子")] = Field(0, ge=0, le=1_000_000_000)


PAIRS: Final = """
SELECT
    source, target, COUNT(*) AS n, MIN(replied_at) AS first_at, MAX(replied_at) AS last_at
FROM arcs
GROUP BY source, target
ORDER BY source, target
"""


def people_by(column: str, *, scale: float = 1.0) -> str:
    """Return the reduction that reads attention and cost of everybody who answers or is answered.

    Parameters
    ----------
    column
        A property of customers, as declared; its values times ``scale`` are the costs.
    """
    return f"""
SELECT
    p.customer_id, c.influence_score AS attention,
    CAST(c.{column} AS DOUBLE) * {scale} AS cost, '{column}' AS cost_key
FROM people p
LEFT JOIN customers c ON p.customer_id = c.customer_id
ORDER BY p.number
"""
