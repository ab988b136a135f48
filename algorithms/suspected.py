"""Leaving suspected resellers out of means, on request and never silently.

A few who buy to sell on can move the mean of a segment or a category that describes people.
They stay customers: they keep their own scores, and only what is said of others is made
without them. It is a parameter, because a suspicion is no finding.
"""

from typing import Annotated, Final

from pydantic import Field

from graph.language import Text

SUSPECTED: Final = "reseller_suspected"
"""The property of customers that a method which offers it reads."""

ExcludeResellers = Annotated[
    bool,
    Text(
        "Whether means are made without suspected resellers",
        "计算均值时是否排除疑似转售客户",
    ),
    Field(),
]
"""The type of the parameter ``exclude_resellers``; its default is false."""


def without_resellers(n: int, *, is_wished: bool) -> tuple[Text, ...]:
    """Say how many suspected resellers were left out of means; nothing where none were to be."""
    if not is_wished:
        return ()
    said = Text(
        f"Means are without {n:,} suspected resellers, who keep their own scores.",
        f"均值已排除 {n:,} 名疑似转售客户；他们各自的得分不变。",
    )
    return (said,)
