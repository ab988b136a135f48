"""Four quadrants of value and potential, and customers near a cut who stay where they were."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.contract import Result
from algorithms.reduction import REMEMBERED
from algorithms.registry import REGISTRY
from algorithms.suspected import SUSPECTED
from algorithms.value_potential import ALGORITHM, Axis, NobodyComparedError
from graph.columns import TIME
from tests.pure import money, rows_of, run_on, utc

AS_OF = "2026-01-01"
# customer, spent 100 days ago, expected
Buyer = tuple[str, float, float | None]
FOUR: list[Buyer] = [("a", 100, 90), ("b", 90, 10), ("c", 10, 80), ("d", 5, 5)]


def tables(
    buyers: list[Buyer], *, when: str = "2025-10-01", remembered: dict[str, str] | None = None
) -> dict[str, pa.Table]:
    ids = [name for name, *_ in buyers]
    n = len(buyers)
    orders = {
        "order_id": pa.array(ids, pa.string()),
        "customer_id": pa.array(ids, pa.string()),
        "ordered_at": pa.array([utc(when)] * n, TIME),
        "ordered_day": pa.array([utc(when).date()] * n, pa.date32()),
        "status": pa.array(["paid"] * n, pa.string()),
        "amount": pa.array([money(spent) for _, spent, _ in buyers], pa.int64()),
    }
    expected = [None if amount is None else money(amount) for *_, amount in buyers]
    known = {"customer_id": orders["customer_id"], SUSPECTED: pa.nulls(n, pa.bool_())}
    found = {
        "orders": pa.table(orders),
        "order_lines": pa.table(
            {"order_id": pa.array([], pa.string()), "amount": pa.array([], pa.int64())}
        ),
        "customers": pa.table({**known, "clv_expected_spend_365d": pa.array(expected, pa.int64())}),
    }
    if remembered is not None:
        quadrants = list(remembered.values())
        found[REMEMBERED] = pa.table(
            {
                "customer_id": pa.array(remembered, pa.string()),
                "value_potential_quadrant": pa.array(quadrants, pa.string()),
            }
        )
    return found


def placed(
    buyers: list[Buyer],
    *,
    when: str = "2025-10-01",
    remembered: dict[str, str] | None = None,
    **wished: str,
) -> Result:
    given_tables = tables(buyers, when=when, remembered=remembered)
    return run_on(ALGORITHM, given_tables, settings=wished, as_of=utc(AS_OF))


def quadrants(result: Result) -> dict[object, object]:
    rows = rows_of(result.frames["Customer"], "customer_id", "value_potential_quadrant")
    return {row[0]: row[1] for row in rows}


def test_each_side_of_each_cut_is_a_quadrant() -> None:
    result = placed(FOUR)

    assert quadrants(result) == {"a": "core", "b": "keep", "c": "promising", "d": "at_risk"}
    # medians of 5, 10, 90, 100 and of 5, 10, 80, 90
    assert result.metrics["cuts"] == {"value": 50.0, "potential": 45.0}
    assert result.metrics["n"] == {"core": 1, "keep": 1, "promising": 1, "at_risk": 1}


def test_quadrants_have_the_names_of_the_source() -> None:
    labels = placed(FOUR).groups["value_potential_quadrant"]

    assert {code: group.label.zh for code, group in labels.items()} == {
        "core": "核心",
        "keep": "维持",
        "promising": "潜力",
        "at_risk": "流失预警",
    }


def test_cuts_lie_where_they_are_set() -> None:
    result = placed(FOUR, value_quantile="1", potential_quantile="0")

    assert result.metrics["cuts"] == {"value": 100.0, "potential": 5.0}
    assert quadrants(result) == dict.fromkeys("abc", "promising") | {"d": "at_risk"}
    assert "Nobody lies above the cut of value." in [note.en for note in result.notes]


@pytest.mark.parametrize(
    ("when", "spend"),
    [
        ("2025-12-31", 100.0),
        ("2025-01-01T00:00:01", 100.0),
        ("2025-01-01", 0.0),
        ("2024-06-01", 0.0),
    ],
)
def test_value_is_the_spend_of_the_last_365_days(when: str, spend: float) -> None:
    result = placed([("a", 100, 1)], when=when)

    assert result.frames["Customer"]["value_potential_spend_365d"].tolist() == [money(spend)]


def test_buyers_of_whom_nothing_is_expected_are_counted_and_in_no_quadrant() -> None:
    result = placed([*FOUR, ("e", 500, None)])

    assert "e" not in quadrants(result)
    assert result.metrics["without_potential"] == 1
    assert "Of 1 buyers nothing is expected: they are in no quadrant." in [
        note.en for note in result.notes
    ]


def test_where_nothing_is_expected_of_anybody_nothing_is_said() -> None:
    with pytest.raises(NobodyComparedError, match="nobody to compare"):
        placed([("a", 500, None)])


NEAR: list[Buyer] = [("a", 52, 100), ("b", 48, 90), ("c", 500, 50), ("d", 1, 1)]


def test_new_customers_are_placed_by_the_cut_alone() -> None:
    # the cut of value is 50
    found = quadrants(placed(NEAR))

    assert (found["a"], found["b"]) == ("core", "promising")


def test_near_a_cut_customers_stay_on_their_side() -> None:
    result = placed(NEAR, remembered={"a": "promising", "b": "core"})

    found = quadrants(result)
    assert (found["a"], found["b"]) == ("promising", "core")
    assert result.metrics["held"] == 2


def test_beyond_the_margin_they_change_sides() -> None:
    found = quadrants(placed(NEAR, remembered={"a": "promising", "b": "core"}, margin="0.01"))

    assert (found["a"], found["b"]) == ("core", "promising")


def test_a_margin_holds_on_one_axis_and_not_on_the_other() -> None:
    # of d nothing lies near a cut, of a only the value
    found = quadrants(placed(NEAR, remembered={"a": "at_risk", "d": "core"}))

    assert (found["a"], found["d"]) == ("promising", "at_risk")


def test_whoever_was_in_no_quadrant_is_as_new() -> None:
    assert quadrants(placed(NEAR, remembered={})) == quadrants(placed(NEAR))


def test_few_customers_are_said() -> None:
    assert placed(FOUR).notes[0].en == "The cuts rest on 4 customers only."


def test_it_runs_after_the_value_that_it_reads() -> None:
    assert REGISTRY.upstream(ALGORITHM) == {"clv", "reseller"}


amounts = st.lists(st.integers(-20, 100), min_size=1, max_size=30)
shares = st.sampled_from([0.0, 0.1, 0.5, 1.0])


@settings(deadline=None)
@given(amounts, shares, st.data())
def test_asked_again_it_answers_the_same(
    found: list[int], margin: float, data: st.DataObject
) -> None:
    axis = Axis.of(pd.Series(found), quantile=0.5, among=np.ones(len(found), np.bool_))
    signs = st.sampled_from([-1, 0, 1])
    was = np.array(data.draw(st.lists(signs, min_size=len(found), max_size=len(found))))

    first = axis.is_high(was, margin=margin)
    second = axis.is_high(np.where(first, 1, -1), margin=margin)

    assert second.tolist() == first.tolist()


@settings(deadline=None)
@given(amounts)
def test_without_a_margin_memory_matters_on_the_cut_alone(found: list[int]) -> None:
    axis = Axis.of(pd.Series(found), quantile=0.5, among=np.ones(len(found), np.bool_))
    ones = np.ones(len(found), np.int64)

    high, low = (axis.is_high(sign * ones, margin=0) for sign in (1, -1))

    assert (high != low).tolist() == (axis.amounts == axis.cut).tolist()


def test_a_place_is_explained_beside_the_cuts() -> None:
    customer: dict[str, object] = {
        "value_potential_quadrant": "keep",
        "value_potential_spend_365d": 1234.5,
        "clv_expected_spend_365d": 99.0,
    }
    assert ALGORITHM.explain

    said = ALGORITHM.explain(customer, {"cuts": {"value": 500.0, "potential": 400.0}})

    assert said.en.startswith(
        "Keep: spent 1,234.50 in 365 days (cut 500.00) and is expected to spend 99.00 in the "
        "next (cut 400.00)"
    )
    assert said.zh.startswith("维持：近 365 天消费 1,234.50")
    assert "?" in ALGORITHM.explain({"value_potential_quadrant": "keep"}, {}).en
