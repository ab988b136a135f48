"""Which counted pairs become rules, and in what order."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from algorithms.pairs import Met, Pairs
from algorithms.parameters import parameters_of
from algorithms.rules import CopurchaseParameters, rules_of
from tests.pure import utc

N_BASKETS = 100


class Pair(NamedTuple):
    """Two items by position, the baskets with both, and the corrected p-value."""

    first: int
    second: int
    n: int
    q: float = 0.01


def counted(*pairs: Pair, sizes: tuple[int, ...]) -> Pairs:
    columns = [np.array(column, np.int64) for column in zip(*(p[:3] for p in pairs), strict=True)]
    q = np.array([pair.q for pair in pairs])
    return Pairs(Met(*columns), q / 2, q, np.array(sizes), N_BASKETS, len(pairs), len(pairs))


def rules(pairs: Pairs, **values: str) -> pd.DataFrame:
    parameters = parameters_of(
        CopurchaseParameters, values, algorithm="copurchase", as_of=utc("2026-01-01")
    )
    return rules_of(pairs, parameters, ids=pd.Index(["a", "b", "c"], dtype=object))


def ends(frame: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(frame["start_id"].astype(str), frame["end_id"].astype(str), strict=True))


def test_rules_stand_in_the_order_of_their_ends() -> None:
    found = rules(counted(Pair(1, 2, 10), Pair(0, 2, 10), sizes=(20, 20, 20)))

    assert ends(found) == [("a", "c"), ("b", "c"), ("c", "a"), ("c", "b")]


def test_confidence_is_a_threshold_of_one_direction() -> None:
    found = rules(counted(Pair(0, 1, 10), sizes=(10, 40, 0)), minimum_confidence="0.5")

    assert ends(found) == [("a", "b")]


def test_support_on_the_threshold_is_kept() -> None:
    pairs = counted(Pair(0, 1, 10), Pair(0, 2, 9), sizes=(20, 20, 20))

    assert ends(rules(pairs, minimum_support="0.1")) == [("a", "b"), ("b", "a")]


def test_lift_has_to_exceed_its_threshold() -> None:
    # 10 of 100 where 20 and 20 meet by chance in 4: two and a half times as often
    pairs = counted(Pair(0, 1, 10), sizes=(20, 20, 0))

    assert len(rules(pairs, minimum_lift="2.49")) == 2
    assert len(rules(pairs, minimum_lift="2.5")) == 0


@pytest.mark.parametrize(
    ("pair", "weak"),
    [
        (Pair(0, 1, 10, q=0.05), False),
        (Pair(0, 1, 9, q=0.05), True),
        (Pair(0, 1, 10, q=0.0501), True),
    ],
    ids=["on both limits", "too few baskets", "not significant"],
)
def test_a_rule_is_weak_below_its_limits(pair: Pair, *, weak: bool) -> None:
    found = rules(counted(pair, sizes=(20, 20, 0)))

    assert found["weak"].tolist() == [weak, weak]


def test_whatever_is_always_bought_together_has_zhang_one() -> None:
    found = rules(counted(Pair(0, 1, 20), sizes=(20, 20, 0)))

    assert found["zhang"].tolist() == [1.0, 1.0]


def test_whatever_is_in_every_basket_has_zhang_zero() -> None:
    found = rules(counted(Pair(0, 1, 100), sizes=(100, 100, 0)), minimum_lift="0.5")

    assert found["zhang"].tolist() == [0.0, 0.0]


def test_millions_of_baskets_do_not_overflow() -> None:
    size = 10_000_000
    pairs = Pairs(
        Met(np.array([0]), np.array([1]), np.array([size])),
        np.array([0.5]),
        np.array([0.5]),
        np.array([size, size]),
        size,
        1,
        1,
    )

    found = rules(pairs, minimum_lift="0.99", minimum_support="1", minimum_confidence="1")

    assert found["lift"].tolist() == [1.0, 1.0]
    assert len(rules(pairs, minimum_lift="100")) == 0
