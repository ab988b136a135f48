"""Figures known of public purchase logs, found again from orders to the last digit given.

The data lie beside the repository; the tests are skipped without.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from algorithms.clv import ALGORITHM
from algorithms.clv.choice import NoOptimumError
from algorithms.contract import Result
from graph.columns import TIME
from tests.pure import run_on, tables_of, utc

DATA = Path(__file__).parents[4] / "shared" / "data"
END_2006 = "2006-12-31T12:00"


def log_of(name: str, *, customer: str, date: str, amount: str = "") -> pa.Table:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the public data set {name} is not beside the repository")
    log = pd.read_csv(path, parse_dates=[date])
    amounts = log[amount] if amount else pd.Series(1.0, index=log.index)
    return pa.table(
        {
            "order_id": [f"o{i}" for i in range(len(log))],
            "customer_id": log[customer].astype(str).to_numpy(object),
            "ordered_at": pa.array(log[date].dt.tz_localize("UTC"), TIME),
            "ordered_day": pa.array(log[date].dt.date, pa.date32()),
            "status": ["paid"] * len(log),
            "amount": np.rint(amounts * 10_000).astype(np.int64),
        }
    )


@pytest.fixture(scope="module")
def grocery() -> pa.Table:
    return log_of("grocery_elog/grocery_elog.csv.gz", customer="cust", date="date")


@pytest.fixture(scope="module")
def apparel() -> pa.Table:
    place = "apparel_clv/transactions.csv.gz"
    return log_of(place, customer="Id", date="Date", amount="Price")


def valued(orders: pa.Table, *, as_of: str, **settings: str) -> Result:
    tables = {**tables_of(ALGORITHM, {}), "orders": orders}
    return run_on(ALGORITHM, tables, settings=settings, as_of=utc(as_of))


def fitted(result: Result, **places: int) -> dict[str, float]:
    return {name: round(float(str(result.metrics[name])), n) for name, n in places.items()}


def test_the_grocers_customers_fit_bg_nbd_as_known(grocery: pa.Table) -> None:
    result = valued(grocery, as_of=END_2006, model="bg_nbd")

    assert result.metrics["n_customers"] == 1525
    assert fitted(result, r=4, alpha=4, a=4, b=4, log_likelihood=2) == {
        "r": 0.3486,
        "alpha": 2.5817,
        "a": 0.5038,
        "b": 3.6444,
        "log_likelihood": -15836.57,
    }


def test_the_year_after_is_foretold_as_known(grocery: pa.Table) -> None:
    # 52 weeks are held out, so that the calibration ends with 2006
    result = valued(grocery, as_of="2007-12-30T12:00", model="bg_nbd", holdout_days="364")

    holdout = result.metrics["holdout"]
    assert isinstance(holdout, dict)
    model, naive = holdout["grades"]["bg_nbd"], holdout["grades"]["naive"]
    assert holdout["actual"] == 3389
    assert (round(model["predicted"]), round(naive["predicted"])) == (3996, 6358)
    assert (round(model["bias"], 2), round(naive["bias"], 2)) == (0.18, 0.88)
    assert (round(model["correlation"], 3), round(naive["correlation"], 3)) == (0.822, 0.760)
    assert (round(model["mae"], 2), round(naive["mae"], 2)) == (1.58, 2.57)


def test_models_that_let_one_time_buyers_go_foretell_the_grocer_better(grocery: pa.Table) -> None:
    result = valued(grocery, as_of="2007-12-30T12:00", holdout_days="364")

    assert result.metrics["chosen_by"] == "hold-out"
    assert result.metrics["model"] != "bg_nbd"


def test_the_apparel_customers_fit_bg_nbd_as_known(apparel: pa.Table) -> None:
    result = valued(apparel, as_of=END_2006, model="bg_nbd")

    assert fitted(result, r=4, alpha=3, a=4, b=3, log_likelihood=2) == {
        "r": 0.6073,
        "alpha": 20.957,
        "a": 1.2756,
        "b": 8.861,
        "log_likelihood": -5857.02,
    }


def test_the_apparel_customers_fit_pareto_nbd_as_known(apparel: pa.Table) -> None:
    result = valued(apparel, as_of=END_2006, model="pareto_nbd")

    assert fitted(result, r=4, alpha=3, s=4, beta=3, log_likelihood=2) == {
        "r": 1.4489,
        "alpha": 48.635,
        "s": 0.5613,
        "beta": 46.882,
        "log_likelihood": -5848.10,
    }


@pytest.mark.parametrize("model", ["bg_nbd", "pareto_nbd", "mbg_nbd", "auto"])
def test_forty_weeks_are_too_few_to_tell_departure(apparel: pa.Table, model: str) -> None:
    # the first purchases are of 2005-01-02
    with pytest.raises(NoOptimumError, match="run off"):
        valued(apparel, as_of="2005-10-09T12:00", model=model)
