"""Public data sets: every count, sum and measure that is known of them, found again.

No database is needed; the data lie beside the repository and the tests are skipped without.
"""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations
from pathlib import Path
from statistics import quantiles

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms import copurchase, rfm, rollup
from algorithms.contract import Result
from tests.pure import rules_in, run_on, tables_of, utc

DATA = Path(__file__).parents[4] / "shared" / "data"
END_OF_YEAR = utc("2011-12-31")

Tables = dict[str, pa.Table]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the public data set {name} is not beside the repository")
    return path


GROCERY_LINES = """
SELECT CAST(basket_id AS VARCHAR) AS order_id, item AS product_id, 1.0 AS quantity
FROM read_csv('{baskets}', all_varchar = true)
"""
GROCERY_PRODUCTS = """
SELECT item AS product_id, level2 AS category_id, NULL::VARCHAR AS brand
FROM read_csv('{items}')
"""


@pytest.fixture(scope="module")
def groceries(engine: duckdb.DuckDBPyConnection) -> Tables:
    lines = GROCERY_LINES.format(baskets=file("groceries/baskets.csv.gz"))
    products = GROCERY_PRODUCTS.format(items=file("groceries/items.csv"))
    orders = (
        f"SELECT DISTINCT order_id, NULL::VARCHAR AS account_id, 'paid' AS status FROM ({lines})"
    )
    tables = tables_of(copurchase.ALGORITHM, {})
    asked = {"order_lines": lines, "products": products, "orders": orders}
    return {**tables, **{name: engine.sql(q).to_arrow_table() for name, q in asked.items()}}


@pytest.fixture(scope="module")
def grocery_rules(groceries: Tables) -> Result:
    return run_on(
        copurchase.ALGORITHM, groceries, settings={"minimum_lift": "0"}, as_of=END_OF_YEAR
    )


def test_groceries_have_their_baskets_and_pairs(grocery_rules: Result) -> None:
    measured = grocery_rules.metrics["product"]

    assert grocery_rules.metrics["n_baskets"] == 9_835
    assert isinstance(measured, dict)
    assert measured["n_pairs_of_minimum_count"] == 2_981
    assert rules_in(grocery_rules)["whole milk", "yogurt"]["n_antecedent"] == 2_513


def test_grocery_pairs_are_those_of_mlxtend_to_the_last_count_and_lift(
    groceries: Tables, grocery_rules: Result
) -> None:
    from mlxtend.frequent_patterns import association_rules, fpgrowth

    lines = groceries["order_lines"].to_pandas()
    held = pd.crosstab(lines["order_id"], lines["product_id"]) > 0
    # half a basket below the minimum: mlxtend compares shares as floats
    itemsets = fpgrowth(held, min_support=9.5 / len(held), use_colnames=True, max_len=2)
    theirs = association_rules(itemsets, metric="lift", min_threshold=0)

    ours = rules_in(grocery_rules)

    assert len(theirs) == len(ours) == 2 * 2_981
    for row in theirs.to_dict("records"):
        (first,), (second,) = row["antecedents"], row["consequents"]
        rule = ours[first, second]
        assert round(row["support"] * len(held)) == rule["n"]
        for measure in ("support", "confidence", "lift", "leverage"):
            assert rule[measure] == pytest.approx(row[measure], rel=1e-12, abs=1e-15)
        assert rule["zhang"] == pytest.approx(row["zhangs_metric"], rel=1e-9, abs=1e-12)


def test_grocery_categories_count_baskets_of_their_subtree(
    groceries: Tables, grocery_rules: Result
) -> None:
    category = dict(zip(*groceries["products"].select([0, 1]).to_pydict().values(), strict=True))
    baskets: dict[str, set[str]] = {}
    for row in groceries["order_lines"].to_pylist():
        baskets.setdefault(row["order_id"], set()).add(category[row["product_id"]])

    counted: dict[tuple[str, str], int] = {}
    for held in baskets.values():
        for pair in combinations(sorted(held), 2):
            counted[pair] = counted.get(pair, 0) + 1

    found = {pair: rule["n"] for pair, rule in rules_in(grocery_rules, "Category").items()}
    expected = {pair: n for pair, n in counted.items() if n >= 10}
    assert {pair: n for pair, n in found.items() if pair[0] < pair[1]} == expected


RETAIL = """
SELECT *,
    CAST(CAST(Quantity AS BIGINT) * CAST(UnitPrice AS DECIMAL(18, 4)) * 10000 AS BIGINT) AS amount
FROM read_csv('{path}', all_varchar = true)
WHERE CustomerID <> '' AND InvoiceNo NOT LIKE 'C%'
    AND CAST(Quantity AS BIGINT) > 0 AND CAST(UnitPrice AS DOUBLE) > 0
"""
RETAIL_TABLES = {
    "orders": """
SELECT InvoiceNo AS order_id, MIN(CustomerID) AS account_id, MIN(CustomerID) AS customer_id,
    MIN(CAST(InvoiceDate AS TIMESTAMPTZ)) AS ordered_at,
    CAST(MIN(CAST(InvoiceDate AS TIMESTAMPTZ)) AS DATE) AS ordered_day, 'paid' AS status,
    NULL::BIGINT AS amount
FROM retail GROUP BY InvoiceNo
""",
    "order_lines": """
SELECT InvoiceNo AS order_id, StockCode AS product_id, CAST(Quantity AS DOUBLE) AS quantity, amount
FROM retail
""",
}


@pytest.fixture(scope="module")
def retail(engine: duckdb.DuckDBPyConnection) -> Tables:
    rows = engine.sql(RETAIL.format(path=file("online_retail/online_retail.csv.gz")))
    engine.register("retail", rows.to_arrow_table())
    empty = {**tables_of(rollup.ALGORITHM, {}), **tables_of(copurchase.ALGORITHM, {})}
    found = {name: engine.sql(query).to_arrow_table() for name, query in RETAIL_TABLES.items()}
    return {**empty, **found}


@pytest.fixture(scope="module")
def retail_scores(retail: Tables) -> pd.DataFrame:
    result = run_on(rfm.ALGORITHM, retail, as_of=END_OF_YEAR)
    return result.frames["Customer"].astype({"customer_id": str}).set_index("customer_id")


def test_online_retail_has_its_lines_customers_and_spend(
    retail: Tables, retail_scores: pd.DataFrame
) -> None:
    assert retail["order_lines"].num_rows == 397_884
    assert len(retail_scores) == 4_338
    assert Decimal(int(retail_scores["rfm_spend"].sum())) / 10_000 == Decimal("8911407.904")


def test_online_retail_rolls_up_to_the_same_spend(retail: Tables) -> None:
    bought = run_on(rollup.ALGORITHM, retail, as_of=END_OF_YEAR).frames[
        "Customer-PURCHASED-Product"
    ]

    pairs = retail["order_lines"].to_pandas().merge(retail["orders"].to_pandas(), on="order_id")
    assert int(bought["spend"].sum()) == 89_114_079_040
    assert len(bought) == len(pairs.drop_duplicates(["customer_id", "product_id"]))
    assert bought["quantity"].sum() == pairs["quantity"].sum()


def test_measures_are_those_of_pandas(retail: Tables, retail_scores: pd.DataFrame) -> None:
    lines, orders = (retail[name].to_pandas() for name in ("order_lines", "orders"))
    orders["value"] = orders["order_id"].map(lines.groupby("order_id")["amount"].sum())
    of_customer = orders.groupby("customer_id")
    recency = (END_OF_YEAR - of_customer["ordered_at"].max()) / pd.Timedelta(days=1)

    assert np.allclose(retail_scores["rfm_recency_days"], recency, rtol=1e-12)
    assert retail_scores["rfm_order_count"].tolist() == of_customer.size().tolist()
    assert retail_scores["rfm_spend"].tolist() == of_customer["value"].sum().tolist()


@pytest.mark.parametrize(
    ("score", "measure", "unit"),
    [
        ("rfm_f", "rfm_order_count", 1),
        ("rfm_m", "rfm_spend", 1),
        ("rfm_r", "rfm_recency_days", 86_400_000),
    ],
)
def test_scores_are_those_of_exact_quantiles(
    retail_scores: pd.DataFrame, score: str, *, measure: str, unit: int
) -> None:
    values = [Decimal(round(value * unit)) for value in retail_scores[measure]]
    edges = quantiles(values, n=5, method="inclusive")

    below = [sum(edge < value for edge in edges) for value in values]

    expected = [5 - n if score == "rfm_r" else 1 + n for n in below]
    assert retail_scores[score].tolist() == expected


def test_customers_of_one_order_share_a_score(retail_scores: pd.DataFrame) -> None:
    once = retail_scores[retail_scores["rfm_order_count"] == 1]

    # over a third of the shop, which ranks by row order would tear apart
    assert len(once) > 4_338 / 3
    assert set(once["rfm_f"]) == {1}


@pytest.mark.parametrize(("least", "pairs"), [(198, 278), (100, 1_580), (20, 58_670)])
def test_online_retail_has_its_product_pairs(retail: Tables, least: int, *, pairs: int) -> None:
    settings = {"minimum_count": str(least), "minimum_lift": "0"}

    result = run_on(copurchase.ALGORITHM, retail, settings=settings, as_of=END_OF_YEAR)

    assert result.metrics["n_baskets"] == 18_532
    measured = result.metrics["product"]
    assert isinstance(measured, dict)
    assert measured["n_items"] == 3_665
    assert measured["n_pairs_of_minimum_count"] == pairs
    assert len(rules_in(result)) == 2 * pairs


MESSAGES = """
SELECT
    'm' || ROW_NUMBER() OVER () AS post_id, column0 AS customer_id,
    TIMESTAMPTZ '2004-04-15 00:00:00Z' AS posted_at, NULL::VARCHAR AS reply_to_post_id,
    'forum:' || column1 AS reply_to_account_id
FROM read_csv('{path}', all_varchar = true, header = false, delim = ' ')
"""


def test_college_messages_have_their_people_and_pairs(engine: duckdb.DuckDBPyConnection) -> None:
    query = MESSAGES.format(path=file("college_msg/CollegeMsg.txt.gz"))
    messages = engine.sql(query).to_arrow_table()
    people = {*messages["customer_id"].to_pylist()}
    people |= {text.removeprefix("forum:") for text in messages["reply_to_account_id"].to_pylist()}
    accounts = [{"account_id": f"forum:{p}", "customer_id": p} for p in people]
    tables = {**tables_of(rollup.ALGORITHM, {"accounts": accounts}), "posts": messages}

    edges = run_on(rollup.ALGORITHM, tables, as_of=END_OF_YEAR).frames[
        "Customer-REPLIED_TO-Customer"
    ]

    assert len(people) == 1_899
    assert (int(edges["n"].sum()), len(edges)) == (59_835, 20_296)


def test_half_a_cent_is_kept(retail_scores: pd.DataFrame) -> None:
    # the sum ends in 0.904: no line was rounded to the cent
    total = Decimal(int(retail_scores["rfm_spend"].sum())) / 10_000

    assert total != total.quantize(Decimal("0.01"), ROUND_HALF_UP)
