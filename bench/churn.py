"""Cox regression of a million customers on ten covariates, with table and baseline.

    python bench/churn.py [--customers 1000000] [--whole] [--memory 2GB]

lifelines alone stands beside us in the same run: what we add is the guards before the fit, the
table and the test of proportional hazards. With ``--whole`` the algorithm runs from orders to
scores too, four orders a customer, in the engine as a home opens it, which spills beyond
``--memory``. Coefficients have to agree to six digits.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from apart import Work, measured  # type: ignore[import-not-found]  # lies beside this script

from algorithms.churn import ALGORITHM
from algorithms.churn.fitting import fit
from algorithms.parameters import parameters_of
from algorithms.reduction import run_pure
from graph.engine import engine
from graph.settings import read_settings

COVARIATES = tuple(f"x{i}" for i in range(10))
LAST_SECOND = 1_760_000_000

ORDERS = """
SELECT
    'o' || i AS order_id, 'c' || lpad((hash(i * 3) % {n})::VARCHAR, 9, '0') AS customer_id,
    to_timestamp({last} - (sqrt(hash(i * 11) % 1000000 / 1e6) * 6e7)::BIGINT) AS ordered_at,
    CAST(ordered_at AS DATE) AS ordered_day, 'paid' AS status,
    (hash(i * 7) % 1000000)::BIGINT AS amount, (hash(i * 17) % 100000)::BIGINT AS discount,
    CASE WHEN hash(i * 13) % 3 = 0 THEN 'alipay' ELSE 'wechat' END AS payment_type
FROM range({n} * 4) t(i)
"""
LINES = """
SELECT
    'o' || (i // 2) AS order_id, 'p' || (hash(i) % 5000) AS product_id, 1000::BIGINT AS amount,
    1200::BIGINT AS list_amount
FROM range({n} * 8) t(i)
"""
PRODUCTS = "SELECT 'p' || i AS product_id, 'k' || (i % 20) AS category_id FROM range(5000) t(i)"
CUSTOMERS = """
SELECT
    'c' || lpad(i::VARCHAR, 9, '0') AS customer_id,
    CASE WHEN hash(i) % 2 = 0 THEN 'male' ELSE 'female' END AS golden_gender,
    (1950 + hash(i * 5) % 55)::BIGINT AS golden_birth_year,
    CASE hash(i * 7) % 4 WHEN 0 THEN 'gold' WHEN 1 THEN 'platinum' ELSE 'plain' END
        AS golden_card_tier,
    CASE WHEN hash(i * 9) % 3 = 0 THEN 'web' ELSE 'shop' END AS golden_acquisition_channel,
    NULL::BIGINT AS clv_expected_spend_365d
FROM range({n}) t(i)
"""


def customers(n: int) -> pd.DataFrame:
    """Draw customers whose days to the event follow ten covariates; two thirds meet it."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, len(COVARIATES)))
    days = np.ceil(rng.exponential(150, n) * np.exp(-x @ np.full(len(COVARIATES), 0.1)))
    end = rng.integers(60, 360, n)
    outcome = {"duration": np.minimum(days, end).astype(int), "event": days <= end}
    return pd.DataFrame(x, columns=list(COVARIATES)).assign(**outcome)


def ours(n: int) -> Work:
    """Return our way from a frame to the table, the baseline and the tests."""
    frame = customers(n)

    def work() -> object:
        model = fit(frame)
        return [*model.table["coef"].round(6), round(float(model.baseline[30]), 6)]

    return work


def theirs(n: int) -> Work:
    """Return lifelines' way from the same frame to its summary and baseline."""
    frame = customers(n)

    def work() -> object:
        from lifelines import CoxPHFitter

        fitter = CoxPHFitter().fit(frame, "duration", "event")
        baseline = fitter.baseline_cumulative_hazard_.loc[30].iloc[0]
        return [*fitter.summary["coef"].round(6), round(float(baseline), 6)]

    return work


def whole(n: int, *, memory: str) -> Work:
    """Return the algorithm's way from orders to scores."""
    queries = {
        "orders": ORDERS,
        "order_lines": LINES,
        "products": PRODUCTS,
        "customers": CUSTOMERS,
    }
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        tables: dict[str, pa.Table] = {
            name: connection.sql(query.format(n=n, last=LAST_SECOND)).to_arrow_table()
            for name, query in queries.items()
        }
    as_of = pd.Timestamp(LAST_SECOND, unit="s", tz="UTC").to_pydatetime()
    parameters = parameters_of(ALGORITHM.parameters, {}, algorithm="churn", as_of=as_of)

    def work() -> object:
        with tempfile.TemporaryDirectory() as home:
            settings = read_settings(home=Path(home), memory=memory)
            own = engine(settings)
            result = run_pure(ALGORITHM, tables, parameters=parameters, engine=own)
        return len(result.frames["Customer"])

    return work


def main() -> None:
    """Print one row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--memory", default="2GB")
    given = parser.parse_args()
    n = given.customers
    runs = {
        "kith (guards, fit, table, tests)": measured(partial(ours, n)),
        "lifelines (fit, table)": measured(partial(theirs, n)),
    }
    first, second = (run.answer for run in runs.values())
    if given.whole:
        runs["kith, from orders to scores"] = measured(partial(whole, n, memory=given.memory))
    print(f"{n:,} customers\n\n| engine | seconds | peak MB |\n|---|---|---|")
    for name, run in runs.items():
        print(f"| {name} | {run.seconds:.1f} | {run.megabytes:,.0f} |")
    print(f"\nBoth agree on coefficients and baseline: {'yes' if first == second else 'NO'}")


if __name__ == "__main__":
    main()
