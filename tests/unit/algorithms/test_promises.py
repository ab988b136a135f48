"""Results are held against their declaration, and a breach is named."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from algorithms import rfm
from algorithms.contract import Algorithm, BrokenPromiseError, Result, owned
from algorithms.promises import kept
from graph.language import Text
from graph.spec import RelationshipSpec, fact_spec

TEXT = Text("", "")
PROPERTIES = (
    owned("toy_count", "integer", about=TEXT, minimum=1, maximum=5),
    owned("toy_share", "number", about=TEXT, minimum=0, maximum=1),
    owned("toy_spend", "money", about=TEXT, minimum=0, maximum=2),
    owned("toy_word", "code", about=TEXT, codes=("up", "down")),
)
LIKES = RelationshipSpec(
    "LIKES", "Customer", "Product", (owned("n", "integer", about=TEXT, owner="toy"),)
)
TOY: Algorithm = replace(
    rfm.ALGORITHM, name="toy", properties={"Customer": PROPERTIES}, links=(LIKES,)
)
PEOPLE = pd.DataFrame(
    {
        "customer_id": ["a", "b"],
        "toy_count": [1, 5],
        "toy_share": [0.0, 1.0],
        "toy_spend": [0, 20_000],
        "toy_word": ["up", None],
    }
)
LINKS = pd.DataFrame({"start_id": ["a", "a"], "end_id": ["p", "q"], "n": [1, 2]})


def check(people: pd.DataFrame = PEOPLE, links: pd.DataFrame = LINKS) -> dict[str, int]:
    spec = fact_spec().with_computed(TOY.properties, TOY.links)
    result = Result({"Customer": people, "Customer-LIKES-Product": links})
    return {name: table.num_rows for name, table in kept(TOY, result, spec=spec).items()}


Breach = Callable[[], dict[str, int]]

BREACHES: dict[str, Breach] = {
    "Customer.toy_count is declared and missing": lambda: check(PEOPLE.drop(columns="toy_count")),
    "Customer.other is not declared": lambda: check(PEOPLE.assign(other=1)),
    "Customer.toy_count has values out of range: 0": lambda: check(PEOPLE.assign(toy_count=[0, 1])),
    "Customer.toy_count has values out of range: 6": lambda: check(PEOPLE.assign(toy_count=[6, 1])),
    "Customer.toy_share has values out of range: inf": lambda: check(
        PEOPLE.assign(toy_share=[np.inf, 1])
    ),
    "Customer.toy_spend has values out of range: 20001": lambda: check(
        PEOPLE.assign(toy_spend=[20_001, 1])
    ),
    "Customer.toy_word has values out of range: left": lambda: check(
        PEOPLE.assign(toy_word=["left", "up"])
    ),
    "Customer.customer_id repeats keys": lambda: check(PEOPLE.assign(customer_id="a")),
    "Customer.customer_id is empty in a row": lambda: check(
        PEOPLE.assign(customer_id=pd.Series(["a", None]))
    ),
    "Customer-LIKES-Product.start_id repeats keys": lambda: check(links=LINKS.assign(end_id="p")),
}


def test_kept_promises_become_tables() -> None:
    assert check() == {"Customer": 2, "Customer-LIKES-Product": 2}


def test_one_end_may_repeat() -> None:
    assert check(links=LINKS.assign(start_id="a"))["Customer-LIKES-Product"] == 2


@pytest.mark.parametrize("sentence", BREACHES)
def test_a_breach_is_named(sentence: str) -> None:
    with pytest.raises(BrokenPromiseError) as broken:
        BREACHES[sentence]()

    assert sentence in str(broken.value)


def test_a_frame_that_is_missing_is_named() -> None:
    spec = fact_spec().with_computed(TOY.properties, TOY.links)

    with pytest.raises(BrokenPromiseError, match=r"toy: Customer-LIKES-Product\.\* is declared"):
        kept(TOY, Result({"Customer": PEOPLE}), spec=spec)


def test_a_frame_that_nobody_declared_is_named() -> None:
    spec = fact_spec().with_computed(TOY.properties, TOY.links)
    frames = {"Customer": PEOPLE, "Customer-LIKES-Product": LINKS, "Product": PEOPLE}

    with pytest.raises(BrokenPromiseError, match=r"toy: Product\.\* is not declared"):
        kept(TOY, Result(frames), spec=spec)
