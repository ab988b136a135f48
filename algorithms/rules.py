"""From counted pairs to rules: the measures of each direction, and which of them are kept.

Thresholds compare whole numbers: a confidence of exactly 16/20 must not be lost to a
rounded 0.8, nor a support that lies on its minimum.
"""

from decimal import Decimal
from typing import Annotated

import numpy as np
import pandas as pd
from pydantic import Field

from algorithms.pairs import Pairs
from algorithms.parameters import Parameters
from graph.language import Text


class CopurchaseParameters(Parameters):
    """Which pairs become rules, and which rules are marked weak."""

    guests: Annotated[
        bool, Text("Whether orders without an account count", "是否计入无账户的订单")
    ] = True
    minimum_count: Annotated[
        int, Text("Fewest baskets that a rule rests on", "规则所需的最少购物篮数")
    ] = Field(10, ge=1, le=1_000_000_000)
    minimum_support: Annotated[Decimal, Text("Least share of baskets with both", "最小支持度")] = (
        Field(Decimal(0), ge=0, le=1, decimal_places=6)
    )
    minimum_confidence: Annotated[
        Decimal, Text("Least share of the first's baskets with the second", "最小置信度")
    ] = Field(Decimal(0), ge=0, le=1, decimal_places=6)
    minimum_lift: Annotated[
        Decimal, Text("Lift that a rule must exceed", "规则的提升度须大于此值")
    ] = Field(Decimal(1), ge=0, le=100, decimal_places=2)
    weak_count: Annotated[
        int,
        # the share of a pair seen fewer than ten times is known to a third of itself at best
        Text("A rule on fewer baskets is weak", "购物篮数低于此值的规则记为弱规则"),
    ] = Field(10, ge=0, le=1_000_000_000)
    weak_q: Annotated[
        float,
        Text("A rule with a larger corrected p-value is weak", "校正后 p 值高于此值记为弱规则"),
    ] = Field(0.05, ge=0, le=1)


def rules_of(pairs: Pairs, params: CopurchaseParameters, *, ids: pd.Index) -> pd.DataFrame:
    """Return the rules among ``pairs``, one row a direction, ordered by their ends.

    Parameters
    ----------
    pairs
        Counted pairs, already of at least ``minimum_count`` baskets.
    params
        The other thresholds.
    ids
        The items' ids by their columns, sorted.
    """
    start = np.concatenate([pairs.met.first, pairs.met.second])
    end = np.concatenate([pairs.met.second, pairs.met.first])
    n, p, q = (np.tile(column, 2) for column in (pairs.met.n, pairs.p, pairs.q))
    a, b, total = pairs.sizes[start], pairs.sizes[end], pairs.n_baskets
    surplus = n * total - a * b
    spread = np.maximum(n * (total - a), a * (b - n))
    rules = pd.DataFrame(
        {
            "start_id": start,
            "end_id": end,
            "n": n,
            "n_antecedent": a,
            "n_consequent": b,
            "n_baskets": np.full(len(n), total, np.int64),
            "support": n / max(total, 1),
            "confidence": n / a,
            "lift": (n * total) / (a * b),
            "leverage": surplus / max(total, 1) ** 2,
            "zhang": np.divide(surplus, spread, out=np.zeros(len(n)), where=spread > 0),
            "p_value": p,
            "q_value": q,
            "weak": (n < params.weak_count) | (q > params.weak_q),
        }
    )
    rules = rules[_passes(rules, params)].sort_values(["start_id", "end_id"], ignore_index=True)
    for end_of_rule in ("start_id", "end_id"):
        rules[end_of_rule] = pd.Categorical.from_codes(rules[end_of_rule], ids)
    return rules


def _passes(rules: pd.DataFrame, params: CopurchaseParameters) -> "pd.Series[bool]":
    """Compare with the thresholds in whole numbers."""
    n, total = rules["n"], rules["n_baskets"]
    first, second = rules["n_antecedent"], rules["n_consequent"]
    hundredths = int(params.minimum_lift * 100)
    return (
        (n * 1_000_000 >= int(params.minimum_support * 1_000_000) * total)
        & (n * 1_000_000 >= int(params.minimum_confidence * 1_000_000) * first)
        & (n * total * 100 > first * second * hundredths)
    )
