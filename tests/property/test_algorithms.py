"""What algorithms say of any shop, against a plain Python account of the same rules."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations
from statistics import quantiles

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms import copurchase, rfm, rollup
from algorithms.publish import change_of
from graph.language import Text
from graph.spec import PropertySpec, RelationshipSpec
from tests.pure import Rows, result_of, rows_of, rules_in, utc

pytestmark = pytest.mark.slow

unhurried = settings(deadline=None, max_examples=60)

START = utc("2026-01-01")
AS_OF = "2026-03-01"
CUSTOMERS = ("c1", "c2", "c3", None)
PRODUCTS = ("p1", "p2", "p3", "p4")
STATUSES = ("paid", "paid", "paid", "cancelled", "refunded")


@dataclass(frozen=True)
class Bill:
    """An order with its lines: product, units and ten-thousandths."""

    customer: str | None
    status: str
    hours: int
    lines: tuple[tuple[str, int, int], ...]

    @property
    def at(self) -> datetime:
        return START + timedelta(hours=self.hours)

    @property
    def value(self) -> int:
        return sum(amount for _, _, amount in self.lines)

    @property
    def counts(self) -> bool:
        return self.status == "paid" and self.customer is not None


lines = st.tuples(st.sampled_from(PRODUCTS), st.integers(-2, 3), st.integers(-50_000, 100_000))
bills = st.builds(
    Bill,
    customer=st.sampled_from(CUSTOMERS),
    status=st.sampled_from(STATUSES),
    hours=st.integers(0, 1000),
    lines=st.lists(lines, min_size=1, max_size=5).map(tuple),
)
shops = st.lists(bills, max_size=12)


def rows_of_shop(shop: Iterable[Bill]) -> dict[str, Rows]:
    orders: Rows = []
    order_lines: Rows = []
    for number, bill in enumerate(shop):
        key = f"o{number}"
        orders.append(
            {
                "order_id": key,
                "account_id": bill.customer,
                "customer_id": bill.customer,
                "ordered_at": bill.at,
                "status": bill.status,
            }
        )
        order_lines += [
            {"order_id": key, "product_id": p, "quantity": float(n), "amount": amount}
            for p, n, amount in bill.lines
        ]
    return {"orders": orders, "order_lines": order_lines}


@unhurried
@given(shops)
def test_purchases_are_those_of_adding_up_line_by_line(shop: list[Bill]) -> None:
    found = result_of(rollup.ALGORITHM, rows_of_shop(shop), as_of=AS_OF)

    lines_of: dict[tuple[str, str], list[tuple[Bill, int, int]]] = defaultdict(list)
    for bill in shop:
        for product, units, amount in bill.lines:
            if bill.status == "paid" and bill.customer is not None:
                lines_of[bill.customer, product].append((bill, units, amount))
    expected = []
    for (customer, product), of_pair in sorted(lines_of.items()):
        visits = {id(bill): bill.at for bill, units, _ in of_pair if units > 0}
        if visits:
            units, spend = sum(n for _, n, _ in of_pair), sum(amount for *_, amount in of_pair)
            first, last = min(visits.values()), max(visits.values())
            expected.append((customer, product, len(visits), units, spend, first, last))
    frame = found.frames["Customer-PURCHASED-Product"]
    assert rows_of(frame, *frame.columns) == expected


def scores_of(shop: list[Bill]) -> pd.DataFrame:
    """Return what rfm says of a shop's customers: no row where nobody bought."""
    try:
        return result_of(rfm.ALGORITHM, rows_of_shop(shop), as_of=AS_OF).frames["Customer"]
    except rfm.NobodyScoredError:
        columns = [p.name for p in rfm.ALGORITHM.properties["Customer"]]
        return pd.DataFrame(columns=["customer_id", *columns])


@unhurried
@given(shops)
def test_recency_frequency_and_money_are_those_of_adding_up(shop: list[Bill]) -> None:
    scored = scores_of(shop)

    by_customer: dict[str, list[Bill]] = defaultdict(list)
    for bill in shop:
        if bill.status == "paid" and bill.customer is not None:
            by_customer[bill.customer].append(bill)
    expected = []
    for customer, paid in sorted(by_customer.items()):
        visits = [bill for bill in paid if bill.value >= 0]
        if visits:
            days = (utc(AS_OF) - max(bill.at for bill in visits)) / timedelta(days=1)
            expected.append((customer, days, len(visits), sum(bill.value for bill in paid)))
    columns = ("customer_id", "rfm_recency_days", "rfm_order_count", "rfm_spend")
    assert rows_of(scored, *columns) == expected


@unhurried
@given(shops)
def test_scores_count_the_exact_edges_below(shop: list[Bill]) -> None:
    frame = scores_of(shop)

    for score, measure in (("rfm_f", "rfm_order_count"), ("rfm_m", "rfm_spend")):
        assert frame[score].tolist() == exact_scores(frame[measure].tolist())


def exact_scores(values: list[int]) -> list[int]:
    exact = [Fraction(value) for value in values]
    edges = quantiles(exact, n=5, method="inclusive") if len(exact) > 1 else exact
    return [1 + sum(edge < value for edge in edges) for value in exact]


@unhurried
@given(shops)
def test_pairs_are_those_of_looking_into_every_basket(shop: list[Bill]) -> None:
    lenient = {"minimum_count": "1", "minimum_lift": "0"}

    found = result_of(copurchase.ALGORITHM, rows_of_shop(shop), settings=lenient)

    held = [{p for p, units, _ in b.lines if units > 0} for b in shop if b.status == "paid"]
    baskets = [basket for basket in held if basket]
    counted: dict[tuple[str, str], int] = defaultdict(int)
    for basket in baskets:
        for first, second in combinations(sorted(basket), 2):
            counted[first, second] += 1
            counted[second, first] += 1
    rules = rules_in(found)
    assert found.metrics["n_baskets"] == len(baskets)
    assert {pair: int(rule["n"]) for pair, rule in rules.items()} == counted
    for (first, second), rule in rules.items():
        a, b = (sum(product in basket for basket in baskets) for product in (first, second))
        assert rule["confidence"] == counted[first, second] / a
        assert rule["lift"] == counted[first, second] * len(baskets) / (a * b)


@unhurried
@given(shops)
def test_both_directions_of_a_pair_share_what_is_mutual(shop: list[Bill]) -> None:
    lenient = {"minimum_count": "1", "minimum_lift": "0"}

    rules = rules_in(result_of(copurchase.ALGORITHM, rows_of_shop(shop), settings=lenient))

    for (first, second), rule in rules.items():
        reverse = rules[second, first]
        for mutual in ("n", "support", "lift", "leverage", "p_value", "q_value", "weak"):
            assert rule[mutual] == reverse[mutual]
        assert rule["p_value"] <= rule["q_value"] <= 1


@unhurried
@given(shops, st.integers(0, 1000))
def test_customers_are_seen_between_their_first_and_last_order(
    shop: list[Bill], hours: int
) -> None:
    past = [bill for bill in shop if bill.hours <= hours]

    seen = result_of(rollup.ALGORITHM, rows_of_shop(past), as_of=AS_OF).frames["Customer"]

    times: dict[str, list[datetime]] = defaultdict(list)
    for bill in past:
        if bill.customer is not None:
            times[bill.customer].append(bill.at)
    expected = [(c, min(at), max(at)) for c, at in sorted(times.items())]
    assert rows_of(seen, "customer_id", "first_seen_at", "last_seen_at") == expected


LIKES = RelationshipSpec(
    "LIKES", "Customer", "Product", (PropertySpec("n", "integer", Text("", "")),)
)
Edges = dict[tuple[str, str], int | None]
edges = st.dictionaries(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), st.none() | st.integers(0, 3)
)


def table_of(held: Edges) -> pa.Table:
    ends = list(held)
    return pa.table(
        {
            "start_id": pa.array([start for start, _ in ends], pa.string()),
            "end_id": pa.array([end for _, end in ends], pa.string()),
            "n": pa.array(held.values(), pa.int64()),
        }
    )


@unhurried
@given(edges, edges)
def test_what_is_there_and_what_changes_make_what_is_found(old: Edges, new: Edges) -> None:
    with duckdb.connect() as connection:
        change = change_of(LIKES, table_of(new), old=table_of(old), connection=connection)

    graph = dict(old)
    for row in change.rows.to_pylist():
        graph[row["start_id"], row["end_id"]] = row["n"]
    for row in change.gone.to_pylist():
        del graph[row["start_id"], row["end_id"]]
    assert graph == new
    assert change.counts["new"] == len(new.keys() - old.keys())
    assert change.counts["removed"] == len(old.keys() - new.keys())
    assert change.counts["unchanged"] == sum(old.get(k, "no") == new[k] for k in new)
