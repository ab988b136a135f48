"""Suspected resellers stay out of means on request: by method, with the count, and only then."""

from datetime import timedelta

import pytest

from algorithms import price, rfm_clusters, store_health, value_potential
from algorithms.contract import Result
from algorithms.registry import REGISTRY
from algorithms.suspected import SUSPECTED, without_resellers
from tests.price_rows import Line, shop
from tests.pure import Rows, money, result_of, utc

METHODS = (
    rfm_clusters.ALGORITHM,
    price.ALGORITHM,
    value_potential.ALGORITHM,
    store_health.ALGORITHM,
)
WISHED = {"exclude_resellers": "true"}


def suspect(customer: str) -> dict[str, object]:
    return {"customer_id": customer, SUSPECTED: True}


def notes(result: Result) -> list[str]:
    return [note.en for note in result.notes if "suspected resellers" in note.en]


def test_nothing_is_said_where_nobody_was_to_be_left_out() -> None:
    assert without_resellers(5, is_wished=False) == ()


def test_the_count_is_said_in_both_languages() -> None:
    (said,) = without_resellers(1_234, is_wished=True)

    assert "without 1,234 suspected resellers" in said.en
    assert "1,234 名疑似转售客户" in said.zh


@pytest.mark.parametrize("name", [algorithm.name for algorithm in METHODS])
def test_methods_that_may_leave_resellers_out_wait_for_them_and_do_not_by_default(
    name: str,
) -> None:
    algorithm = REGISTRY.named(name)

    assert "reseller" in REGISTRY.upstream(algorithm)
    assert algorithm.parameters.model_fields["exclude_resellers"].default is False


# ------------------------------------------------------------------ groups by RFM


def grouped(**wished: str) -> Result:
    """Group ten plain customers and five large ones, of whom one spends a hundredfold."""
    plain: Rows = [member(f"p{i}", score=1, orders=1, spend=10) for i in range(10)]
    large: Rows = [member(f"q{i}", score=5, orders=10, spend=100) for i in range(4)]
    trader = {**member("t", score=5, orders=60, spend=10_000), SUSPECTED: True}
    settings = {"k": "2", "resamples": "2", **wished}
    return result_of(
        rfm_clusters.ALGORITHM, {"customers": [*plain, *large, trader]}, settings=settings
    )


def member(customer: str, *, score: int, orders: int, spend: float) -> dict[str, object]:
    scores = {f"rfm_{letter}": score for letter in "rfm"}
    sums = {"rfm_order_count": orders, "rfm_spend": money(spend)}
    return {"customer_id": customer, **scores, **sums}


def first_group(result: Result) -> dict[str, float]:
    table = result.metrics["clusters"]
    assert isinstance(table, list)
    return {name: table[0][name] for name in ("n", "mean_orders", "mean_spend")}


def test_a_trader_moves_the_means_of_a_group_unless_left_out() -> None:
    with_, without = grouped(), grouped(**WISHED)

    assert first_group(with_) == {"n": 5, "mean_orders": 20, "mean_spend": 2_080}
    assert first_group(without) == {"n": 5, "mean_orders": 10, "mean_spend": 100}
    assert notes(with_) == []
    assert notes(without) == ["Means are without 1 suspected resellers, who keep their own scores."]


def test_a_trader_keeps_a_group() -> None:
    frames = [result.frames["Customer"] for result in (grouped(), grouped(**WISHED))]

    assert frames[0]["rfm_cluster"].tolist() == frames[1]["rfm_cluster"].tolist()
    assert len(frames[1]) == 15


def test_a_group_of_traders_alone_keeps_its_means() -> None:
    traders: Rows = [
        {**member(f"t{i}", score=5, orders=60, spend=500), SUSPECTED: True} for i in range(3)
    ]
    plain: Rows = [member(f"p{i}", score=1, orders=1, spend=10) for i in range(10)]
    settings = {"k": "2", "resamples": "2", **WISHED}

    found = result_of(rfm_clusters.ALGORITHM, {"customers": [*plain, *traders]}, settings=settings)

    assert first_group(found) == {"n": 3, "mean_orders": 60, "mean_spend": 500}
    assert notes(found) == ["Means are without 0 suspected resellers, who keep their own scores."]


# ------------------------------------------------------------------ discount shares


def priced(**wished: str) -> Result:
    """Compare three who pay in full, one who saves half, and a trader who always does."""
    full: list[Line] = [(f"c{i}", "tea", 10, 10) for i in range(3) for _ in range(3)]
    half: list[Line] = [("saver", "tea", 5, 10)] * 3
    trader: list[Line] = [("trader", "tea", 0, 10)] * 3
    rows = {**shop([*full, *half, *trader]), "customers": [suspect("trader")]}
    return result_of(price.ALGORITHM, rows, settings=wished)


def of_tea(result: Result) -> list[float]:
    row = result.frames["Category"].iloc[0]
    return [float(row["price_compared_customers"]), float(row["price_discount_mean"])]


def test_the_mean_share_of_a_category_is_that_of_the_others() -> None:
    with_, without = priced(), priced(**WISHED)

    # shares 0, 0, 0, 0.5 and 1
    assert of_tea(with_) == pytest.approx([5, 0.3])
    assert of_tea(without) == pytest.approx([4, 0.125])
    assert notes(with_) == []
    assert notes(without)[0].startswith("Means are without 1 suspected resellers")


def test_a_trader_is_held_against_the_mean_of_the_others() -> None:
    shares = priced(**WISHED).frames["price_shares"].set_index("customer_id")

    # shrunken by five orders of the mean of four: (3 s + 5 * 0.125) / 8
    assert shares.loc["trader", "shrunken_share"] == pytest.approx((3 + 0.625) / 8)
    own = [0.625 / 8] * 3 + [(1.5 + 0.625) / 8]
    mean = sum(own) / 4
    sd = (sum((x - mean) ** 2 for x in own) / 3) ** 0.5
    assert shares.loc["trader", "z"] == pytest.approx(((3 + 0.625) / 8 - mean) / sd)
    assert len(shares) == 5


# ------------------------------------------------------------------ value and potential


def cut_at(**wished: str) -> Result:
    day = utc("2026-01-10")
    spends = {"a": 10, "b": 20, "c": 30, "trader": 9_000, "dealer": 8_000}
    orders: Rows = [
        {
            "order_id": name,
            "customer_id": name,
            "ordered_at": day,
            "ordered_day": day.date(),
            "amount": money(spend),
        }
        for name, spend in spends.items()
    ]
    people: Rows = [
        {
            "customer_id": name,
            "clv_expected_spend_365d": money(spend),
            SUSPECTED: name in ("trader", "dealer"),
        }
        for name, spend in spends.items()
    ]
    rows = {"orders": orders, "customers": people}
    return result_of(value_potential.ALGORITHM, rows, settings=wished)


def test_cuts_are_those_of_the_others_and_traders_are_placed_by_them() -> None:
    with_, without = cut_at(), cut_at(**WISHED)

    assert with_.metrics["cuts"] == {"value": 30, "potential": 30}
    assert without.metrics["cuts"] == {"value": 20, "potential": 20}
    placed = without.frames["Customer"].set_index("customer_id")["value_potential_quadrant"]
    assert placed.tolist() == ["at_risk", "at_risk", "core", "core", "core"]
    assert notes(with_) == []
    assert notes(without)[0].startswith("Means are without 2 suspected resellers")


def test_where_all_are_suspected_the_cuts_are_theirs() -> None:
    day = utc("2026-01-10")
    order = {"ordered_at": day, "ordered_day": day.date(), "amount": money(10)}
    rows: dict[str, Rows] = {
        "orders": [{"order_id": "o", "customer_id": "t", **order}],
        "customers": [{**suspect("t"), "clv_expected_spend_365d": money(10)}],
    }

    found = result_of(value_potential.ALGORITHM, rows, settings=WISHED)

    assert found.metrics["cuts"] == {"value": 10, "potential": 10}


# ------------------------------------------------------------------ stores


def stores(**wished: str) -> Result:
    """Let two stores sell ten a day for four days; one sells a trader ninety more on the last."""
    start = utc("2026-01-01T10:00")
    sold = [(store, day, 10, f"c{day}") for store in "ST" for day in range(4)]
    orders: Rows = [
        {
            "order_id": f"o{i:03}",
            "store_id": store,
            "source": "pos",
            "customer_id": customer,
            "ordered_at": start + timedelta(days=day),
            "ordered_day": (start + timedelta(days=day)).date(),
            "amount": money(amount),
        }
        for i, (store, day, amount, customer) in enumerate([*sold, ("S", 3, 90, "trader")])
    ]
    settings = {"period_days": "2", **wished}
    rows = {"orders": orders, "customers": [suspect("trader")]}
    return result_of(store_health.ALGORITHM, rows, settings=settings)


def test_graded_sales_are_without_orders_of_traders_and_silence_counts_them() -> None:
    with_, without = stores(), stores(**WISHED)

    frames = [result.frames["Store"].set_index("store_id") for result in (with_, without)]
    assert [frame["store_health_sales"].tolist() for frame in frames] == [
        [money(110), money(20)],
        [money(20), money(20)],
    ]
    assert frames[0].loc["S", "store_health_performance"] == pytest.approx(4.5)
    assert frames[1].loc["S", "store_health_performance"] == pytest.approx(0)
    for column in ("store_health_zero_days", "store_health_sales_a_day"):
        assert frames[0][column].tolist() == frames[1][column].tolist()
    assert notes(with_) == []
    assert notes(without) == ["The graded sales are without 1 orders of suspected resellers."]
