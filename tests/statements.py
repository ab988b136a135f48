"""Who survives, worked out the slow way: one customer at a time, in words rather than arrays."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from algorithms.survivorship import NEVER, Rule, Statements


class Saying(NamedTuple):
    """What one account says about one customer; ``seen`` is None where nobody saw it."""

    customer: int
    account: int
    value: int
    seen: int | None = None
    trust: int = 0


def statements_of(sayings: Sequence[Saying]) -> Statements:
    """Return the sayings as columns."""
    customer, account, value, seen, trust = (
        np.array([NEVER if cell is None else cell for cell in column], dtype=np.int64)
        for column in (zip(*sayings, strict=True) if sayings else [[]] * 5)
    )
    return Statements(customer, value, account, seen, trust)


def survivors(sayings: Iterable[Saying], rule: Rule) -> dict[int, tuple[Saying, bool]]:
    """Return for each customer what stands, and whether an account says only other things."""
    of_customer: dict[int, list[Saying]] = {}
    for saying in sayings:
        of_customer.setdefault(saying.customer, []).append(saying)
    return {customer: _survivor(said, rule) for customer, said in of_customer.items()}


def _survivor(said: list[Saying], rule: Rule) -> tuple[Saying, bool]:
    def votes(saying: Saying) -> int:
        return len({other.account for other in said if other.value == saying.value})

    def asked(saying: Saying) -> tuple[float, ...]:
        latest = -saying.seen if saying.seen is not None else float("inf")
        questions = {
            "latest": latest,
            "source_order": float(saying.trust),
            "most_frequent": float(-votes(saying)),
        }
        first = questions.pop(rule)
        return (first, *questions.values(), float(saying.account), float(saying.value))

    best = min(said, key=asked)
    agreeing = {saying.account for saying in said if saying.value == best.value}
    return best, bool({saying.account for saying in said} - agreeing)
