"""Repurchase: features that know nothing of the future, and chances beside what needs no model."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import NothingToSayError, Result
from algorithms.repurchase import ALGORITHM
from algorithms.repurchase.algorithm import (
    NobodyBoughtError,
    TooFewBuyersError,
    TooFewCutsError,
)
from algorithms.repurchase.features import NAMES, Purchases, Situation, outcomes, situation
from algorithms.repurchase.grading import Examples, Grade, History, area, compared, graded
from algorithms.repurchase.learning import CONTENDERS
from tests.buyers import BG, GAMMA_GAMMA, Bought, amounts_of, buying_and_leaving, instant, orders_of
from tests.pure import Rows, money, result_of, run_on, tables_of, utc

RETAIL = Path(__file__).parents[4] / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
FREQUENT = {**BG, "alpha": 3.0}


def purchases_of(*rows: tuple[int, int, float]) -> Purchases:
    """Return purchases from customer, day and currency units, returns being negative."""
    customer, day, units = np.array(rows, np.float64).T
    whole = np.rint(units * 10_000).astype(np.int64)
    orders = (units >= 0).astype(np.int64)
    return Purchases(customer.astype(np.int64), day.astype(np.int64), orders, whole)


def feature(at: Situation, name: str) -> list[float]:
    return [float(value) for value in at.features[:, NAMES.index(name)]]


def told(orders: pa.Table, *, end: int, **settings: str) -> Result:
    tables = {**tables_of(ALGORITHM, {}), "orders": orders}
    return run_on(ALGORITHM, tables, settings=settings, as_of=instant(end))


@pytest.fixture(scope="module")
def bought() -> Bought:
    return buying_and_leaving(FREQUENT, n=1_500, seed=41, at_first=True, days=400)


@pytest.fixture(scope="module")
def shop(bought: Bought) -> pa.Table:
    return orders_of(bought, amounts_of(bought, GAMMA_GAMMA, seed=41))


@pytest.fixture(scope="module")
def result(shop: pa.Table) -> Result:
    return told(shop, end=400)


def test_recency_tenure_and_frequency_are_counted_to_the_cut() -> None:
    at = situation(purchases_of((0, 10, 5), (0, 30, 5), (1, 39, 5)), 40)

    assert at.customer.tolist() == [0, 1]
    assert at.recency.tolist() == [10, 1]
    assert feature(at, "tenure") == pytest.approx(np.log([30, 1]).tolist())
    assert feature(at, "frequency") == pytest.approx(np.log([2, 1]).tolist())
    assert feature(at, "is_one_time") == [0, 1]


def test_the_own_rhythm_is_the_mean_gap_and_its_unevenness() -> None:
    # gaps of 10 and 30: mean 20, deviation 10; last purchase 40 days before the cut
    at = situation(purchases_of((0, 0, 1), (0, 10, 1), (0, 40, 1), (1, 5, 1)), 80)

    assert feature(at, "gap") == pytest.approx([np.log1p(20), 0])
    assert feature(at, "irregularity") == pytest.approx([0.5, 0])
    assert feature(at, "recency_over_gap") == pytest.approx([np.log(2), 0])


def test_windows_hold_what_lies_within_their_days() -> None:
    at = situation(purchases_of((0, 0, 3), (0, 70, 1), (0, 71, 2)), 101)

    # 30, 31 and 101 days before the cut
    assert feature(at, "days_30d") == pytest.approx([np.log1p(1)])
    assert feature(at, "days_90d") == pytest.approx([np.log1p(2)])
    assert feature(at, "days_180d") == pytest.approx([np.log1p(3)])
    # the mean purchase day is worth 2, so they are 1, half and one and a half
    assert feature(at, "spend_30d") == pytest.approx([np.log1p(1)])
    assert feature(at, "spend_90d") == pytest.approx([np.log1p(1.5)])


def test_the_same_days_a_year_ago_are_the_season() -> None:
    at = situation(purchases_of((0, 34, 1), (0, 35, 1), (0, 64, 1), (0, 65, 1)), 400)

    # 365 to 336 days before the cut: days 35 to 64
    assert feature(at, "days_a_year_ago") == pytest.approx([np.log1p(2)])


def test_returns_are_no_purchases_and_lower_spend() -> None:
    kept = situation(purchases_of((0, 0, 10), (1, 0, 10)), 20)
    at = situation(purchases_of((0, 0, 10), (0, 5, -4), (1, 0, 10)), 20)

    assert at.recency.tolist() == kept.recency.tolist()
    assert feature(at, "spend")[0] < feature(at, "spend")[1]


def test_whoever_only_returned_is_not_described() -> None:
    assert situation(purchases_of((0, 0, -1), (1, 3, 2)), 20).customer.tolist() == [1]


def test_features_know_nothing_from_the_cut_on() -> None:
    past = ((0, 10, 5.0), (1, 20, 7.0))

    without = situation(purchases_of(*past), 30)
    together = situation(purchases_of(past[0], (0, 30, 99), past[1], (2, 31, 1)), 30)

    assert together.customer.tolist() == without.customer.tolist()
    np.testing.assert_array_equal(together.features, without.features)


def test_outcomes_are_purchases_of_the_thirty_days_from_the_cut_on() -> None:
    purchases = purchases_of((0, 0, 1), (0, 30, 1), (1, 0, 1), (1, 59, 1), (2, 0, 1), (2, 60, 1))

    assert outcomes(purchases, situation(purchases, 30)).tolist() == [True, True, False]


def test_a_return_is_not_buying_again() -> None:
    purchases = purchases_of((0, 0, 9), (0, 35, -9))

    assert not outcomes(purchases, situation(purchases, 30)).any()


def test_the_area_counts_pairs_with_ties_half() -> None:
    # pairs: (3 over 1), (3 over 2), (2 over 1), (2 equal 2): 3.5 of 4
    scores, buys = np.array([3.0, 2.0, 2.0, 1.0]), np.array([True, True, False, False])

    assert area(scores, buys) == 3.5 / 4
    assert area(scores, np.ones(4, np.bool_)) == 0.5


def test_a_grade_is_that_of_the_definitions() -> None:
    at = Situation(100, np.arange(4), np.zeros((4, 1)), np.array([1, 9, 2, 8]))
    examples = Examples(at, np.array([True, False, False, False]))

    grade = graded(examples, np.array([0.8, 0.6, 0.2, 0.0]))

    # squares .04, .36, .04, 0 against those of telling a quarter to all, 3/16
    assert grade.brier == pytest.approx(0.11)
    assert grade.brier_skill == pytest.approx(1 - 0.11 / (3 / 16))
    assert (grade.accuracy, grade.always_no_accuracy) == (0.75, 0.75)
    assert (grade.auc, grade.recency_auc, grade.lift_10) == (1.0, 1.0, 4.0)


def test_only_cuts_whose_thirty_days_are_over_teach() -> None:
    history = History(purchases_of((0, 0, 1), (0, 200, 1)), seed=0)

    assert history.earlier(125) == [95, 65, 35]


@pytest.mark.parametrize("name", CONTENDERS)
def test_the_future_of_a_cut_changes_no_chance_at_it(name: str, bought: Bought) -> None:
    order = np.lexsort((bought.day, bought.customer))
    ones = np.ones(len(order), np.int64)
    whole = Purchases(bought.customer[order], bought.day[order], ones, 10_000 * ones)
    past = whole.where(whole.day < 300)

    first, second = (
        History(p, seed=0).learnt(name, cut=300).chances(situation(p, 300))  # type: ignore[arg-type]  # names are those of the contenders
        for p in (whole, past)
    )

    np.testing.assert_array_equal(first, second)


def test_everybody_who_bought_has_a_chance(result: Result, bought: Bought) -> None:
    frame = result.frames["Customer"]

    assert frame["customer_id"].astype(str).tolist() == sorted(
        {f"c{c:05d}" for c in bought.customer}
    )
    assert frame["repurchase_probability_30d"].between(0, 1, inclusive="neither").all()


def test_no_model_is_kept_without_those_that_cost_nothing(result: Result) -> None:
    cuts = result.metrics["cuts"]

    assert isinstance(cuts, dict)
    assert set(cuts) == {"logistic", "boosting"}
    assert [len(of_name) for of_name in cuts.values()] == [4, 4]
    needed = {"auc", "brier", "brier_skill", "accuracy", "lift_10", "n", "base_rate"}
    needed |= {"recency_auc", "always_no_accuracy", "mean_probability", "cut"}
    assert all(needed == set(grade) for grades in cuts.values() for grade in grades)


def test_the_lower_brier_score_is_taken(result: Result) -> None:
    cuts = result.metrics["cuts"]

    assert isinstance(cuts, dict)
    brier = {name: np.mean([g["brier"] for g in grades]) for name, grades in cuts.items()}
    assert result.metrics["model"] == min(brier, key=lambda name: brier[name])
    assert result.metrics["brier"] == pytest.approx(min(brier.values()))


def test_chances_come_true_as_often_as_they_say(result: Result) -> None:
    deciles = result.metrics["calibration"]

    assert isinstance(deciles, list)
    assert len(deciles) == 10
    assert sum(d["n"] for d in deciles) == sum(
        grade["n"]
        for grade in result.metrics["cuts"]["logistic"]  # type: ignore[index]  # JSON
    )
    assert all(abs(d["mean_probability"] - d["rate"]) < 0.08 for d in deciles)


def test_the_model_beats_recency_where_rates_differ(result: Result) -> None:
    auc, recency = (float(str(result.metrics[name])) for name in ("auc", "recency_auc"))

    assert auc > recency


def test_the_same_seed_gives_the_same_bytes(shop: pa.Table, result: Result) -> None:
    again = told(shop, end=400)

    pd.testing.assert_frame_equal(
        again.frames["Customer"], result.frames["Customer"], check_exact=True
    )
    assert again.metrics == result.metrics


def test_a_currency_of_cents_changes_nothing(shop: pa.Table, result: Result) -> None:
    at = shop.schema.get_field_index("amount")
    cents = pa.array(shop["amount"].to_numpy() * 100)

    other = told(shop.set_column(at, "amount", cents), end=400)

    np.testing.assert_allclose(
        other.frames["Customer"]["repurchase_probability_30d"],
        result.frames["Customer"]["repurchase_probability_30d"],
        rtol=1e-6,
    )


def test_orders_after_the_date_do_not_count(shop: pa.Table, bought: Bought) -> None:
    known = bought.before(370)
    amounts = amounts_of(bought, GAMMA_GAMMA, seed=41)[bought.day <= 370]

    first = told(shop, end=370).frames["Customer"]
    second = told(orders_of(known, amounts), end=370).frames["Customer"]

    assert first["customer_id"].tolist() == second["customer_id"].tolist()
    np.testing.assert_array_equal(first.iloc[:, 1], second.iloc[:, 1])


def order_of(customer: str, day: str, *, value: float = 10) -> dict[str, object]:
    at = utc(f"{day}T12:00")
    return {
        "order_id": f"{customer}-{day}",
        "customer_id": customer,
        "ordered_at": at,
        "ordered_day": at.date(),
        "amount": money(value),
    }


def few(*orders: dict[str, object], as_of: str = "2026-02-01") -> Result:
    rows: dict[str, Rows] = {"orders": list(orders)}
    return result_of(ALGORITHM, rows, as_of=as_of)


def test_nothing_is_said_without_orders() -> None:
    with pytest.raises(NobodyBoughtError, match="no customer has a paid order up to 2026-02-01"):
        few()


def test_nothing_is_said_before_the_first_order() -> None:
    with pytest.raises(NobodyBoughtError, match="choose a later date"):
        few(order_of("a", "2026-01-05"), as_of="2026-01-01")


def test_returns_alone_are_no_purchases() -> None:
    with pytest.raises(NobodyBoughtError):
        few(order_of("a", "2026-01-05", value=-3))


def test_nothing_is_said_of_a_history_of_one_day() -> None:
    with pytest.raises(TooFewCutsError, match="the history has 2 days"):
        few(*[order_of(f"c{i}", "2026-01-31") for i in range(9)])


def test_the_shortest_history_has_the_days_that_the_refusal_names() -> None:
    # 150 days, the last being that of as_of
    first = pd.Timestamp("2026-02-01") - pd.Timedelta(days=149)
    orders = [order_of("c", f"{first + pd.Timedelta(days=more):%Y-%m-%d}") for more in (0, 1)]

    with pytest.raises(TooFewCutsError, match=r"has 149 days; 3 cuts .* need 150"):
        few(orders[1])
    with pytest.raises(TooFewBuyersError):
        few(orders[0])


def test_nothing_is_said_of_one_customer() -> None:
    with pytest.raises(TooFewBuyersError, match="of 1 customers 30 days ago 0 bought") as refused:
        few(order_of("a", "2025-01-05"))

    assert isinstance(refused.value, NothingToSayError)
    assert "30 天前的 1 位客户" in refused.value.message("zh")


def test_nothing_is_said_where_nobody_came_back() -> None:
    orders = [order_of(f"c{i}", f"2025-{1 + i % 12:02d}-05") for i in range(400)]

    with pytest.raises(TooFewBuyersError, match="0 bought within 30 days"):
        few(*orders)


def test_fewer_cuts_than_asked_are_said(shop: pa.Table) -> None:
    result = told(shop, end=400, cuts="12", minimum_customers="20", minimum_buyers="5")

    assert int(str(result.metrics["n_cuts"])) < 12
    assert any("instead of 12" in note.en for note in result.notes)


def test_a_customer_is_explained_beside_everybody(result: Result) -> None:
    explain = ALGORITHM.explain
    assert explain is not None

    said = explain(
        {"repurchase_probability_30d": 0.5},
        {**result.metrics, "base_rate": 0.25, "auc": 0.744, "recency_auc": 0.671},
    )

    assert "chance of 50%, 2.0 times that of all customers (25%)" in said.en
    assert "AUC of 0.74, recency alone with 0.67" in said.en
    assert "30 天内购买的概率为 50%" in said.zh


def retail_purchases() -> Purchases:
    """Return the wholesaler's days by customer: invoices are orders, credit notes returns."""
    if not RETAIL.exists():
        pytest.skip("the public data set online_retail is not beside the repository")
    query = f"""
        WITH lines AS (
            SELECT CustomerID, InvoiceNo, CAST(InvoiceDate AS DATE) AS day,
                CAST(round(Quantity * UnitPrice * 10000) AS BIGINT) AS amount
            FROM read_csv('{RETAIL}', types = {{'InvoiceNo': 'VARCHAR', 'CustomerID': 'VARCHAR'}})
            WHERE CustomerID IS NOT NULL
        )
        SELECT dense_rank() OVER (ORDER BY CustomerID) - 1 AS customer,
            day - DATE '1970-01-01' AS day,
            sum(CASE WHEN amount >= 0 THEN 1 ELSE 0 END)::BIGINT AS orders,
            sum(amount)::BIGINT AS amount
        FROM (SELECT CustomerID, InvoiceNo, min(day) AS day, sum(amount) AS amount
              FROM lines GROUP BY CustomerID, InvoiceNo)
        GROUP BY CustomerID, day ORDER BY CustomerID, day
    """
    with duckdb.connect() as connection:
        found = connection.execute(query).fetchnumpy()
    return Purchases(
        *(np.asarray(found[c], np.int64) for c in ("customer", "day", "orders", "amount"))
    )


def day_number(day: str) -> int:
    return (pd.Timestamp(day) - pd.Timestamp("1970-01-01")).days


@pytest.mark.slow
def test_a_wholesalers_customers_are_told_apart_as_well_as_known() -> None:
    cuts = [day_number(f"2011-{day}") for day in ("08-10", "09-09", "10-09", "11-09")]

    found = compared(History(retail_purchases(), seed=0), cuts)

    grades: tuple[Grade, ...] = found.grades[found.best]
    # customers and base rates of the known table, which counts invoices of a slightly other cut
    assert [g.n for g in grades] == pytest.approx([3201, 3360, 3703, 4063], rel=0.002)
    assert [g.base_rate for g in grades] == pytest.approx([0.240, 0.283, 0.285, 0.341], abs=0.004)
    assert found.mean(found.best, "auc") >= 0.74
    assert found.mean(found.best, "brier_skill") >= 0.16
    assert all(g.auc > g.recency_auc + 0.05 for g in grades)
    assert all(g.accuracy > g.always_no_accuracy for g in grades)
