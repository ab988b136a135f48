"""Published figures of public data sets, found again by the parts of which churn is made."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.churn import ALGORITHM
from algorithms.churn.calibration import stayed_away
from algorithms.churn.cohorts import Cohort, prepared, returning
from algorithms.churn.design import ImmortalCovariateError
from algorithms.churn.fitting import concordance, fit
from algorithms.churn.settings import ChurnParameters
from algorithms.churn.survival import kaplan_meier
from algorithms.contract import Result
from algorithms.parameters import parameters_of
from algorithms.reduction import reduced
from graph.columns import ARROW_TYPES
from graph.shapes import shape_of
from tests.pure import run_on, utc

DATA = Path(__file__).parents[5] / "shared" / "data"
TELCO = DATA / "telco_churn_ibm" / "Telco-Customer-Churn.csv.gz"
RETAIL = DATA / "online_retail" / "online_retail.csv.gz"

needs_telco = pytest.mark.skipif(not TELCO.exists(), reason="telco_churn_ibm is not here")
needs_retail = pytest.mark.skipif(not RETAIL.exists(), reason="online_retail is not here")


@pytest.fixture(scope="module")
def telco() -> pd.DataFrame:
    frame = pd.read_csv(TELCO)
    return frame.assign(duration=frame["tenure"], event=frame["Churn"] == "Yes")


@pytest.fixture(scope="module")
def monthly(telco: pd.DataFrame) -> pd.DataFrame:
    kept = (telco["Contract"] == "Month-to-month") & (telco["InternetService"] != "No")
    return telco[kept].reset_index(drop=True)


@needs_telco
def test_telco_survival_to_the_printed_digits(monthly: pd.DataFrame) -> None:
    curve = kaplan_meier(monthly["duration"], monthly["event"])

    assert (curve.n, curve.events, curve.median) == (3_351, 1_556, 34)
    shares = curve.survival[[6, 12, 24, 48, 60]].round(4).tolist()
    assert shares == [0.7803, 0.6950, 0.5753, 0.3872, 0.2890]


@needs_telco
def test_telco_table_to_the_printed_digits(monthly: pd.DataFrame) -> None:
    x = {
        "dependents": monthly["Dependents"] == "Yes",
        "dsl": monthly["InternetService"] == "DSL",
        "backup": monthly["OnlineBackup"] == "Yes",
        "support": monthly["TechSupport"] == "Yes",
    }
    frame = monthly[["duration", "event"]].assign(**{n: v.astype(int) for n, v in x.items()})

    model = fit(frame)

    table = model.table.set_index("covariate")
    assert table["coef"].round(4).tolist() == [-0.3287, -0.2173, -0.7766, -0.6392]
    assert table["exp_coef"].round(4).tolist() == [0.7199, 0.8047, 0.4600, 0.5277]
    assert round(model.log_likelihood, 2) == -11_315.95
    c = concordance(frame["duration"], frame["event"], risk=model.log_ratio(frame))
    assert round(c, 3) == 0.641
    assert {name for name, (_, p) in model.ph.items() if p < 0.05} == {"dsl", "backup", "support"}


@needs_telco
def test_telco_charges_that_add_up_over_the_tenure_are_refused(telco: pd.DataFrame) -> None:
    total = pd.to_numeric(telco["TotalCharges"], errors="coerce")
    frame = telco[["duration", "event", "MonthlyCharges"]].assign(TotalCharges=total)
    frame = frame[frame["duration"] > 0].reset_index(drop=True)

    with pytest.raises(ImmortalCovariateError) as refused:
        fit(frame)

    assert refused.value.facts["covariate"] == "TotalCharges"


SOLD = """
SELECT InvoiceNo, StockCode, CustomerID, InvoiceDate, Quantity * UnitPrice AS amount
FROM read_csv(?, types={'CustomerID': 'VARCHAR', 'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR'})
WHERE CustomerID IS NOT NULL AND Quantity > 0 AND UnitPrice > 0 AND InvoiceNo NOT LIKE 'C%'
"""
ORDERS = """
SELECT InvoiceNo AS order_id, MAX(CustomerID) AS customer_id,
    CAST(MIN(InvoiceDate) AS TIMESTAMPTZ) AS ordered_at,
    CAST(MIN(InvoiceDate) AS DATE) AS ordered_day
FROM sold GROUP BY InvoiceNo
"""
LINES = """
SELECT InvoiceNo AS order_id, StockCode AS product_id,
    CAST(ROUND(amount * 10000) AS BIGINT) AS amount FROM sold
"""


@pytest.fixture(scope="module")
def retail() -> dict[str, pa.Table]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        sold = connection.sql(SOLD, params=[str(RETAIL)]).to_arrow_table()
        connection.register("sold", sold)
        found = {
            "orders": connection.sql(ORDERS).to_arrow_table(),
            "order_lines": connection.sql(LINES).to_arrow_table(),
        }
    return {name: completed(name, found.get(name)) for name in ALGORITHM.reads}


def completed(name: str, table: pa.Table | None) -> pa.Table:
    """Return a table with all declared columns; those that are not there are null."""
    from algorithms.registry import computed_spec

    kinds = shape_of(computed_spec(), name).properties()
    types = {column: ARROW_TYPES[kinds[column].kind] for column in ALGORITHM.reads[name]}
    rows = 0 if table is None else table.num_rows
    columns = {
        column: table[column].cast(kind)
        if table is not None and column in table.column_names
        else pa.nulls(rows, kind)
        for column, kind in types.items()
    }
    return pa.table(columns)


@pytest.fixture(scope="module")
def cohorts(retail: dict[str, pa.Table]) -> tuple[Cohort, Cohort]:
    """Return those who had bought by 2011-03-13 and by 2011-09-09, and when they came again."""
    found = []
    for as_of, cut in (("2011-12-08T23:59", "three"), ("2011-12-08T23:59", "one")):
        values = parameters_of(ChurnParameters, {}, algorithm="churn", as_of=utc(as_of))
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            tables = {**retail, "orders": until(retail["orders"], as_of)}
            frames = reduced(ALGORITHM, tables, parameters=values, connection=connection)
        found.append(returning(prepared(frames["customers"]), values, cut=cut, step=90))
    return found[0], found[1]


def until(orders: pa.Table, as_of: str) -> pa.Table:
    import pyarrow.compute as pc

    return orders.filter(pc.less_equal(orders["ordered_at"], pa.scalar(utc(as_of))))


RFM = ["log_recency", "log_frequency", "log_order_value", "tenure"]


@needs_retail
@pytest.mark.slow
def test_a_landmark_model_of_next_purchases_holds_half_a_year_later(
    cohorts: tuple[Cohort, Cohort],
) -> None:
    learned, later = cohorts

    model = fit(learned.frame[["duration", "event", *RFM]], fixed=set(RFM), tested=False)

    c = concordance(later.duration, later.event, risk=model.log_ratio(later.covariates))
    frequency, recency = later.covariates["log_frequency"], later.covariates["log_recency"]
    assert len(learned.at) == pytest.approx(1_859, abs=20)
    assert len(later.at) == pytest.approx(3_368, abs=20)
    assert c == pytest.approx(0.683, abs=0.005)
    assert concordance(later.duration, later.event, risk=frequency) < c
    assert concordance(later.duration, later.event, risk=-recency) < 0.64
    skills = [skill(later, model.survival(later.covariates, days=d), days=d) for d in (30, 60, 89)]
    assert skills == pytest.approx([0.154, 0.180, 0.163], abs=0.015)


def skill(cohort: Cohort, p: "np.ndarray[tuple[int], np.dtype[np.float64]]", *, days: int) -> float:
    away = stayed_away(cohort, days=days)
    return float(1 - ((p - away) ** 2).mean() / (away.mean() * (1 - away.mean())))


@pytest.fixture(scope="module")
def result(retail: dict[str, pa.Table]) -> Result:
    return run_on(ALGORITHM, retail, as_of=utc("2011-12-09T13:00"))


@needs_retail
@pytest.mark.slow
def test_published_probabilities_beat_the_base_rate_on_later_customers(result: Result) -> None:
    grade = result.metrics["grade"]

    assert isinstance(grade, dict)
    assert grade["concordance"] > max(grade["concordance_recency"], grade["concordance_frequency"])
    assert all(row["skill"] > 0.14 for row in grade["brier"])
    assert [row["days"] for row in grade["brier"]] == [30, 60, 90]
    assert all(abs(row["mean"] - row["rate"]) < 0.06 for row in grade["brier"])
    rates = [row["rate"] for row in grade["calibration"]]
    assert rates[0] < 0.1
    assert rates[-1] > 0.6


@needs_retail
@pytest.mark.slow
def test_nine_returns_in_ten_come_within_the_silence(
    result: Result, retail: dict[str, pa.Table]
) -> None:
    days = retail["orders"].to_pandas()[["customer_id", "ordered_day"]].drop_duplicates()
    days = days.astype({"ordered_day": "datetime64[ns]"}).sort_values(
        ["customer_id", "ordered_day"]
    )
    gaps = days.groupby("customer_id")["ordered_day"].diff().dropna().dt.days

    silence = result.metrics["silence_days"]

    assert silence == np.quantile(gaps, 0.9, method="inverted_cdf")
