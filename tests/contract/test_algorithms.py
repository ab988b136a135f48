"""Every registered algorithm keeps every promise; every promise, once broken, is noticed."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import Field

from algorithms.contract import Algorithm, Inputs, Result, owned
from algorithms.parameters import Parameters
from algorithms.registry import REGISTRY
from graph.errors import KithError
from graph.language import Text
from tests import algorithm_checks as checks
from tests.algorithm_checks import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("algorithm", REGISTRY.algorithms, ids=lambda algorithm: algorithm.name)
def test_algorithm_keeps_its_promise(algorithm: Algorithm, check: Check) -> None:
    check(algorithm)


class ToyParameters(Parameters):
    seed: Annotated[int, Text("Seed of the noise", "随机种子")] = Field(0, ge=0, le=9)


def toy_compute(inputs: Inputs, params: ToyParameters) -> Result:
    orders = inputs["orders"].dropna(subset=["customer_id", "amount"])
    sums = orders.astype({"customer_id": str}).groupby("customer_id")["amount"]
    found = sums.agg(["size", "sum"]).reset_index()
    noise = np.random.default_rng(params.seed).random(len(found))
    columns = {
        "customer_id": found["customer_id"],
        "toy_orders": found["size"],
        "toy_spend": found["sum"].astype("int64"),
        "toy_noise": noise,
    }
    return Result({"Customer": pd.DataFrame(columns)})


TOY = Algorithm(
    name="toy",
    version="1",
    about=Text("Counts the orders of each customer.", "统计每个客户的订单数。"),
    stage="tag",
    source="Made up for these tests.",
    reads={"orders": ("customer_id", "amount")},
    parameters=ToyParameters,
    compute=toy_compute,
    properties={
        "Customer": (
            owned("toy_orders", "integer", about=Text("Orders", "订单数"), minimum=1),
            owned("toy_spend", "money", about=Text("Spend", "消费额")),
            owned("toy_noise", "number", about=Text("Noise", "噪声"), minimum=0, maximum=1),
        )
    },
)

Change = Callable[[pd.DataFrame], pd.DataFrame]


def computing(change: Change) -> Algorithm:
    """Return the toy with its result changed."""

    def compute(inputs: Inputs, params: ToyParameters) -> Result:
        return Result({"Customer": change(toy_compute(inputs, params).frames["Customer"])})

    return replace(TOY, compute=compute)


def without_a_sort(inputs: Inputs, params: ToyParameters) -> Result:
    order = inputs["orders"]["customer_id"].dropna().astype(str).drop_duplicates()
    frame = toy_compute(inputs, params).frames["Customer"].set_index("customer_id")
    return Result(
        {"Customer": frame.reindex(order).dropna().astype({"toy_orders": int}).reset_index()}
    )


def mutating(inputs: Inputs, params: ToyParameters) -> Result:
    result = toy_compute(inputs, params)
    inputs["orders"].loc[:, "amount"] = 0
    return result


def choking_on_nothing(inputs: Inputs, params: ToyParameters) -> Result:
    inputs["orders"]["amount"].to_numpy()[0]
    return toy_compute(inputs, params)


def inventing(frame: pd.DataFrame) -> pd.DataFrame:
    added = frame.head(1).assign(customer_id="zzz")
    return pd.concat([frame, added], ignore_index=True)


OTHERS_NOISE = owned("rfm_noise", "number", about=Text("Noise", "噪声"), owner="toy")
OTHERS_NAME = {"Customer": (*TOY.properties["Customer"][:2], OTHERS_NOISE)}

FAULTS: Mapping[str, tuple[Algorithm, Check]] = {
    "drops the sort": (
        replace(TOY, compute=without_a_sort),
        checks.the_order_of_rows_does_not_matter,
    ),
    "returns rows out of order": (
        computing(lambda frame: frame.iloc[::-1].reset_index(drop=True)),
        checks.results_are_ordered_by_key,
    ),
    "mutates its input": (replace(TOY, compute=mutating), checks.inputs_are_left_untouched),
    "turns a sign": (
        computing(lambda frame: frame.assign(toy_orders=-frame["toy_orders"])),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "leaves the range": (
        computing(lambda frame: frame.assign(toy_noise=frame["toy_noise"] + 1)),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "returns what is no number": (
        computing(lambda frame: frame.assign(toy_noise=np.inf)),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "renames a column": (
        computing(lambda frame: frame.rename(columns={"toy_orders": "toy_order_count"})),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "adds a column": (
        computing(lambda frame: frame.assign(toy_extra=1)),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "repeats a key": (
        computing(lambda frame: pd.concat([frame, frame.tail(1)], ignore_index=True)),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "chokes on nothing": (
        replace(TOY, compute=choking_on_nothing),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "returns nothing": (
        computing(lambda frame: frame.head(0)),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "rolls dice without a seed": (
        computing(lambda frame: frame.assign(toy_noise=np.random.default_rng().random(len(frame)))),
        checks.the_same_input_gives_the_same_result,
    ),
    "invents a customer": (computing(inventing), checks.keys_come_from_the_inputs),
    "uses another's name": (
        replace(TOY, properties=OTHERS_NAME),
        checks.names_show_their_owner,
    ),
    "describes itself in one language": (
        replace(TOY, about=Text("Counts orders.", "Counts orders.")),
        checks.descriptions_are_sentences_in_both_languages,
    ),
    "reads what it does not declare": (
        replace(TOY, reads={"orders": ("customer_id",)}),
        checks.declared_columns_and_ranges_hold_at_any_size,
    ),
    "says more of a key than which rows it joins": (
        replace(
            TOY,
            reads={"orders": ("customer_id", "order_id", "amount")},
            reduce={
                "orders": "SELECT customer_id, ARG_MIN(amount, order_id) AS amount FROM orders "
                "GROUP BY customer_id ORDER BY customer_id"
            },
            joins={"order_id": "orders"},
        ),
        checks.keys_that_join_may_come_as_numbers,
    ),
    "leaves the dialect": (
        replace(TOY, reduce={"orders": "SELECT FIRST(customer_id) FROM orders"}),
        checks.reductions_are_in_the_dialect,
    ),
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_toy_without_a_fault_passes(check: Check) -> None:
    check(TOY)


@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault_is_noticed(fault: str) -> None:
    algorithm, check = FAULTS[fault]

    with pytest.raises((AssertionError, KithError, KeyError, IndexError)):
        check(algorithm)
