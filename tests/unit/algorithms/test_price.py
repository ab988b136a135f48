"""Discount shares and their borders, price intervals and spending power, worked out by hand."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.contract import Result
from algorithms.parameters import parameters_of
from algorithms.price import ALGORITHM
from algorithms.price.declaration import NobodyBuysError
from algorithms.price.settings import PriceParameters
from algorithms.price.shares import discounts_of
from tests.demo_bought import demo_tables, person_of
from tests.demo_exports import company
from tests.price_rows import Line, shop
from tests.pure import Rows, money, result_of, rows_of, run_on, utc

PANEL = Path(__file__).parents[4] / "shared" / "data" / "complete_journey_sample"


def priced(rows: dict[str, Rows], **wished: str) -> Result:
    return result_of(ALGORITHM, rows, settings=wished)


def one_saver_of(n: int, *, share: float = 0.4) -> dict[str, Rows]:
    """Return ``n`` customers with three orders each, of whom the last alone has discounts."""
    full: list[Line] = [(f"c{i:02d}", "tea", 10, 10) for i in range(n - 1) for _ in range(3)]
    saver: list[Line] = [("d", "tea", 10 * (1 - share), 10) for _ in range(3)]
    return shop([*full, *saver])


def of_tea(result: Result) -> dict[str, object]:
    frame = result.frames["Category"].astype(object)
    row = frame[frame["category_id"] == "tea"].iloc[0]
    return {str(name): value for name, value in row.items()}


def flagged(result: Result, kind: str = "sensitive") -> dict[str, list[str]]:
    frame = result.frames["Customer"]
    lists = pa.Array.from_pandas(frame[f"price_{kind}_categories"]).to_pylist()
    return {c: found for c, found in zip(frame["customer_id"], lists, strict=True) if found}


# ------------------------------------------------------------------ the border of the decks


def test_a_share_above_mean_and_sigmas_is_flagged() -> None:
    # shares 0, 0, 0, 0.4: mean 0.1, sd 0.2
    result = priced(one_saver_of(4), sigmas="1")

    tea = of_tea(result)
    assert tea["price_discount_mean"] == pytest.approx(0.1)
    assert tea["price_discount_sd"] == pytest.approx(0.2)
    assert tea["price_discount_border"] == pytest.approx(0.3)
    assert flagged(result) == {"d": ["tea"]}


def test_a_share_on_the_border_is_not_above_it() -> None:
    # 0.1 + 1.5 * 0.2 = 0.4
    assert flagged(priced(one_saver_of(4), sigmas="1.5")) == {}


def test_a_border_of_one_or_more_is_out_of_reach_and_said() -> None:
    # shares 0 and 1 by halves: mean 0.5, sd above 0.5
    lines = [(f"c{i:02d}", "tea", 10.0 * (i % 2), 10.0) for i in range(20) for _ in range(3)]

    result = priced(shop([*lines]), sigmas="3")

    assert of_tea(result)["price_border_is_reachable"] is False
    assert result.metrics["reachable"] == 0
    assert any(note.en.startswith("In 1 of 1 categories") for note in result.notes)


@pytest.mark.parametrize(("n", "is_reachable"), [(10, False), (11, True)])
def test_three_sigmas_are_out_of_reach_of_ten_customers(n: int, is_reachable: bool) -> None:
    # the furthest of n values lies (n - 1) / sqrt(n) deviations out: 2.85 of ten, 3.02 of eleven
    result = priced(one_saver_of(n))

    assert of_tea(result)["price_border_is_reachable"] is is_reachable
    assert flagged(result) == ({"d": ["tea"]} if is_reachable else {})


def test_customers_of_few_orders_neither_count_nor_are_flagged() -> None:
    rows = shop([("a", "tea", 1, 10), ("a", "tea", 1, 10), *[("b", "tea", 9.0, 10.0)] * 3])

    result = priced(rows)

    assert of_tea(result)["price_compared_customers"] == 1
    assert of_tea(result)["price_discount_mean"] == pytest.approx(0.1)
    told = rows_of(result.frames["price_shares"], "customer_id", "orders", "share")
    assert told == [("a", 2, pytest.approx(0.9)), ("b", 3, pytest.approx(0.1))]
    assert result.frames["price_shares"]["z"].isna().all()


def test_a_share_is_of_the_value_and_not_of_the_lines() -> None:
    # 30 of 120, on one line of three
    rows = shop([("a", "tea", 10, 10), ("a", "tea", 10, 10), ("a", "tea", 70, 100)])

    share = priced(rows).frames["price_shares"]["share"]

    assert share.tolist() == [pytest.approx(0.25)]


def test_lines_without_a_list_price_or_above_it_have_no_discount() -> None:
    rows = shop([("a", "tea", 10, None), ("a", "tea", 12, 10), ("a", "tea", 5, 10)])

    told = rows_of(priced(rows).frames["price_shares"], "orders", "share")

    assert told == [(2, pytest.approx(0.25))]


def test_returns_are_no_discounts() -> None:
    rows = shop([("a", "tea", 10, 10), ("a", "tea", -10, 10)])
    rows["order_lines"][1]["quantity"] = -1.0

    told = rows_of(priced(rows).frames["price_shares"], "orders", "share")

    assert told == [(1, 0.0)]


# ------------------------------------------------------------------ the shrunken score


def test_a_shrunken_share_lies_between_ones_own_and_the_mean() -> None:
    # (3 * 0.4 + 5 * 0.1) / (3 + 5); all shares shrink alike, so z is that of the raw ones
    shares = priced(one_saver_of(4)).frames["price_shares"]

    assert shares["shrunken_share"].tolist() == pytest.approx([0.0625] * 3 + [0.2125])
    assert shares["z"].tolist() == pytest.approx([-0.5] * 3 + [1.5])


def test_many_orders_stand_out_where_few_do_not() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{i:02d}" for i in range(30)],
            "category_id": "tea",
            "orders": [10] * 28 + [3, 60],
            "listed": 100,
            "discount": [10] * 28 + [50, 50],
            "is_left_out": False,
        }
    )

    defaults = parameters_of(PriceParameters, {}, algorithm="price", as_of=utc("2026-01-01"))

    z = discounts_of(rows, defaults).shares["z"].to_numpy()

    assert z[29] > 3 > z[28] > 0


def test_where_all_shares_are_alike_nobody_stands_out() -> None:
    lines = [(f"c{i:02d}", "tea", 9.0, 10.0) for i in range(12) for _ in range(3)]

    result = priced(shop([*lines]), sigmas="0", z_threshold="0.1")

    assert result.frames["price_shares"]["z"].tolist() == [0.0] * 12
    assert flagged(result) == flagged(result, "discount") == {}


def test_a_customers_categories_are_sorted() -> None:
    lines = one_saver_of(11)
    other = one_saver_of(11)
    for row in [*other["orders"], *other["order_lines"]]:
        row["order_id"] = f"x{row['order_id']}"
    for row in other["order_lines"]:
        row["product_id"] = "p-ale"
    other["products"][0] |= {"product_id": "p-ale", "category_id": "ale"}

    result = priced({name: [*lines[name], *other[name]] for name in lines})

    assert flagged(result) == {"d": ["ale", "tea"]}


# ------------------------------------------------------------------ price intervals


def test_a_price_interval_is_of_unit_prices() -> None:
    # 1 to 11: the tenths lie at 2 and 10, the middle at 6
    rows = shop([("a", "tea", 2.0 * price, None) for price in range(1, 12)])
    for line in rows["order_lines"]:
        line["quantity"] = 2.0

    tea = of_tea(priced(rows))

    assert [tea[f"price_p{p}"] for p in (10, 50, 90)] == [money(2), money(6), money(10)]


def test_few_lines_have_a_middle_and_no_interval() -> None:
    tea = of_tea(priced(shop([("a", "tea", price, None) for price in (1, 2, 9)])))

    assert tea["price_p50"] == money(2)
    assert tea["price_p10"] is pd.NA
    assert tea["price_p90"] is pd.NA


def test_coverage_is_measured_on_the_last_fifth() -> None:
    # prices of 1 to 11 on the days before; then one inside, one on the border, one outside
    early: list[Line] = [("a", "tea", price, None) for price in (*range(1, 12),)]
    later: list[Line] = [("a", "tea", price, None) for price in (5, 2, 20)]

    result = priced(shop([*early, *later], days=[1] * 11 + [9] * 3))

    assert result.metrics["coverage"] == {
        "nominal": 0.8,
        "lines": 3,
        "share": pytest.approx(2 / 3),
    }


def test_one_day_alone_judges_no_interval() -> None:
    result = priced(shop([("a", "tea", 1, None)] * 20))

    assert result.metrics["coverage"] == {"nominal": 0.8, "lines": 0, "share": None}
    assert any("coverage is not known" in note.en for note in result.notes)


def test_the_table_of_the_run_shows_currency_units() -> None:
    table = priced(shop([("a", "tea", 2, None)] * 10)).metrics["categories"]

    assert isinstance(table, list)
    assert (table[0]["category_id"], table[0]["p10"], table[0]["lines"]) == ("tea", 2.0, 10)


# ------------------------------------------------------------------ edges and words


def test_without_any_list_price_power_alone_is_told() -> None:
    result = priced(shop([("a", "tea", 5, None)]))

    assert result.frames["Customer"]["price_power"].tolist() == [50.0]
    assert result.frames["price_shares"].empty
    assert any("No order line has a list price" in note.en for note in result.notes)


def test_without_a_purchase_nothing_is_said() -> None:
    rows = shop([("a", "tea", 5, None)])
    rows["orders"][0]["status"] = "refunded"

    with pytest.raises(NobodyBuysError, match="no prices to compare"):
        priced(rows)


def test_lists_of_one_category_are_explained() -> None:
    customer: dict[str, object] = {
        "price_power": 83.5,
        "price_sensitive_categories": ["tea"],
        "price_discount_categories": None,
    }
    assert ALGORITHM.explain

    said = ALGORITHM.explain(customer, {"sigmas": 3.0, "z_threshold": 3.0})

    assert said.en == (
        "Spends more than 83.5 % of buyers, each category measured by its median buyer. "
        "Discount share above mean + 3 sd in: tea; shrunken z of 3 or more in: no category."
    )
    assert "消费能力高于 83.5%" in said.zh


def test_the_unit_of_money_scales_prices_alone() -> None:
    rows, cents = one_saver_of(11), one_saver_of(11)
    for line in cents["order_lines"]:
        for name in ("amount", "list_amount"):
            line[name] = 100 * int(str(line[name]))

    first, second = (priced(r).frames for r in (rows, cents))

    for name in ("Customer", "price_shares"):
        pd.testing.assert_frame_equal(first[name], second[name])
    columns = [f"price_p{p}" for p in (10, 50, 90)]
    assert (100 * first["Category"][columns]).equals(second["Category"][columns])


def test_planted_savers_of_the_demo_are_found_more_surely_by_the_shrunken_score() -> None:
    tables = {name: demo_tables()[name].select(list(c)) for name, c in ALGORITHM.reads.items()}

    result = run_on(ALGORITHM, tables, as_of=utc("2030-01-01"))

    planted = company().people.prefers_discount
    found = {
        kind: np.mean([planted[person_of(c)] for c in flagged(result, kind)])
        for kind in ("sensitive", "discount")
    }
    # one in five waits for actions
    assert found["sensitive"] > 2 * planted.mean()
    assert found["discount"] > 3 * planted.mean()


def panel() -> dict[str, pa.Table]:
    """Return a household panel, departments as categories."""
    if not PANEL.exists():
        pytest.skip("the data set complete_journey_sample is not here")
    lines, products = (f"'{PANEL / name}.csv.gz'" for name in ("transactions_sample", "products"))
    listed = "sales_value + retail_disc + coupon_disc + coupon_match_disc"
    queries = {
        "orders": f"""SELECT CAST(basket_id AS VARCHAR) AS order_id,
            'h' || MIN(household_id) AS customer_id,
            CAST(MIN(transaction_timestamp) AS TIMESTAMPTZ) AS ordered_at,
            CAST(MIN(transaction_timestamp) AS DATE) AS ordered_day,
            'paid' AS status, CAST(NULL AS BIGINT) AS amount FROM {lines} GROUP BY basket_id""",
        "order_lines": f"""SELECT CAST(basket_id AS VARCHAR) AS order_id,
            CAST(product_id AS VARCHAR) AS product_id, CAST(quantity AS DOUBLE) AS quantity,
            CAST(ROUND(sales_value * 10000) AS BIGINT) AS amount,
            CAST(ROUND(({listed}) * 10000) AS BIGINT) AS list_amount FROM {lines}""",
        "products": f"""SELECT CAST(product_id AS VARCHAR) AS product_id,
            department AS category_id FROM {products}""",
        "customers": "SELECT '' AS customer_id, CAST(NULL AS BOOLEAN) AS reseller_suspected",
    }
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return {name: connection.sql(query).to_arrow_table() for name, query in queries.items()}


def test_on_a_panel_the_raw_border_flags_nine_in_a_thousand_mostly_of_few_orders() -> None:
    tables = panel()

    raw = run_on(ALGORITHM, tables, settings={"minimum_orders": "1"}, as_of=utc("2018-01-02"))
    careful = run_on(ALGORITHM, tables, as_of=utc("2018-01-02"))

    shares = raw.frames["price_shares"]
    borders = raw.frames["Category"].set_index("category_id")["price_discount_border"]
    above = shares["share"] > shares["category_id"].map(borders) + 1e-9
    assert above.mean() == pytest.approx(0.009, abs=0.0005)
    assert shares.loc[above, "orders"].median() == 1
    surely = careful.frames["price_shares"].query("z >= 3")
    assert surely["orders"].median() >= 4
    assert surely["category_id"].value_counts().iloc[0] >= 10
    coverage = careful.metrics["coverage"]
    assert isinstance(coverage, dict)
    assert coverage["share"] == pytest.approx(0.80, abs=0.02)
    assert np.isfinite(careful.frames["Customer"]["price_power"]).all()
