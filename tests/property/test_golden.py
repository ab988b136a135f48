"""Any statements of any accounts: what survives is what words, not arrays, would decide."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import golden
from algorithms.survivorship import Rule, chosen
from tests.pure import Rows, result_of, rows_of
from tests.statements import Saying, statements_of, survivors

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=100)

rules = st.sampled_from(get_args(Rule))
small = st.integers(0, 3)
said = st.lists(
    st.builds(
        Saying,
        customer=small,
        account=st.integers(0, 6),
        value=small,
        seen=st.one_of(st.none(), st.integers(-2, 3)),
        trust=small,
    ),
    unique_by=lambda saying: (saying.customer, saying.account, saying.value),
)


@unhurried
@given(said, rules)
def test_what_survives_is_what_going_through_them_finds(sayings: list[Saying], rule: Rule) -> None:
    choice = chosen(statements_of(sayings), rule)

    expected = survivors(sayings, rule)
    found = [sayings[row] for row in choice.row.tolist()]
    assert {saying.customer: saying for saying in found} == {
        customer: best for customer, (best, _) in expected.items()
    }
    assert [saying.customer for saying in found] == sorted(expected)
    assert choice.is_disputed.tolist() == [expected[saying.customer][1] for saying in found]


@unhurried
@given(said, rules, st.integers(0, 2**16))
def test_the_order_of_rows_changes_nothing(sayings: list[Saying], rule: Rule, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(sayings))
    shuffled = [sayings[place] for place in order]

    one, other = (chosen(statements_of(rows), rule) for rows in (sayings, shuffled))

    assert [sayings[row] for row in one.row] == [shuffled[row] for row in other.row]
    assert one.is_disputed.tolist() == other.is_disputed.tolist()


@unhurried
@given(said, rules)
def test_the_other_customers_are_of_no_consequence(sayings: list[Saying], rule: Rule) -> None:
    alone = [saying for saying in sayings if saying.customer == 0]

    together, apart = (chosen(statements_of(rows), rule) for rows in (sayings, alone))

    of_first = [sayings[row] for row in together.row if sayings[row].customer == 0]
    assert of_first == [alone[row] for row in apart.row]


cities = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["x", "y", "z", None])),
    max_size=8,
)


@unhurried
@given(cities)
def test_a_golden_value_is_one_that_an_account_of_the_customer_states(
    accounts: list[tuple[str | None, str | None]],
) -> None:
    rows: Rows = [
        {"account_id": f"s:{n}", "source": "s", "customer_id": customer, "city": city}
        for n, (customer, city) in enumerate(accounts)
    ]

    frame = result_of(golden.ALGORITHM, {"accounts": rows}).frames["Customer"]

    stated = {(customer, city) for customer, city in accounts if customer and city}
    assert {customer for customer, _ in rows_of(frame, "customer_id", "golden_city")} == {
        customer for customer, _ in stated
    }
    assert set(rows_of(frame, "customer_id", "golden_city")) <= stated
    disputed = {
        customer
        for customer, fields in rows_of(frame, "customer_id", "golden_conflicts")
        if isinstance(fields, np.ndarray | list)
    }
    assert disputed == {c for c, _ in stated if len({v for d, v in stated if d == c}) > 1}
