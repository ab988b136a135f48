"""RFM over order lines: Parquet in, scores out; pandas beside us in the same run.

    python bench/rfm.py [--lines 10000000] [--memory 1200MB]

Both read the same files, follow the same rules (value of an order, paid orders, type-7
edges with ties together) and have to agree on every score. What differs is the way: we
reduce in DuckDB, within the memory that a home allows it, and score whole numbers; pandas
groups what it has read.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from apart import Work, measured  # type: ignore[import-not-found]  # lies beside this script

from algorithms.parameters import parameters_of
from algorithms.reduction import run_pure
from algorithms.rfm import ALGORITHM
from graph.engine import engine
from graph.settings import read_settings

MILLISECONDS_A_DAY = 86_400_000
AS_OF_MILLISECONDS = 1_800_000_000_000

# a third as many orders as lines, a third as many customers as orders
ORDERS = """
COPY (
    SELECT
        'shop:' || lpad(i::VARCHAR, 9, '0') AS order_id,
        'C' || lpad((hash(i * 3) % ({lines} // 10))::VARCHAR, 9, '0') AS customer_id,
        to_timestamp(1700000000 + (hash(i * 11) % 60000000)::BIGINT) AS ordered_at,
        ordered_at::DATE AS ordered_day,
        CASE WHEN hash(i * 13) % 25 = 0 THEN 'cancelled' ELSE 'paid' END AS status,
        NULL::BIGINT AS amount
    FROM range({lines} * 3 // 10) t(i)
) TO '{folder}/orders.parquet'
"""
LINES = """
COPY (
    SELECT
        'shop:' || lpad((hash(i) % ({lines} * 3 // 10))::VARCHAR, 9, '0') AS order_id,
        (hash(i * 23) % 5000000)::BIGINT - 100000 AS amount
    FROM range({lines}) t(i)
) TO '{folder}/order_lines.parquet'
"""


def ours(folder: Path, *, memory: str) -> Work:
    """Return our way from files to scores."""

    def work() -> object:
        tables = {name: folder / f"{name}.parquet" for name in ALGORITHM.reads}
        as_of = pd.Timestamp(AS_OF_MILLISECONDS, unit="ms", tz="UTC").to_pydatetime()
        parameters = parameters_of(ALGORITHM.parameters, {}, algorithm="rfm", as_of=as_of)
        own = engine(read_settings(home=folder, memory=memory))
        result = run_pure(ALGORITHM, tables, parameters=parameters, engine=own)
        return _summary(result.frames["Customer"])

    return work


def theirs(folder: Path) -> Work:
    """Return the plain way of pandas from files to scores."""

    def work() -> object:
        orders = pd.read_parquet(folder / "orders.parquet")
        lines = pd.read_parquet(folder / "order_lines.parquet")
        values = lines.groupby("order_id")["amount"].sum()
        paid = orders[orders["status"] == "paid"]
        paid = paid.assign(value=paid["order_id"].map(values).fillna(0).astype("int64"))
        visits = paid[paid["value"] >= 0].groupby("customer_id")["ordered_at"].agg(["max", "size"])
        spend = paid.groupby("customer_id")["value"].sum().reindex(visits.index)
        now = pd.Timestamp(AS_OF_MILLISECONDS, unit="ms", tz="UTC")
        elapsed = (now - visits["max"]).dt.as_unit("ms").astype("int64")
        scores = {
            "rfm_r": 6 - _scores(elapsed),
            "rfm_f": _scores(visits["size"]),
            "rfm_m": _scores(spend),
        }
        frame = pd.DataFrame({"rfm_spend": spend, **scores})
        return _summary(frame)

    return work


def _scores(values: "pd.Series[int]") -> "pd.Series[int]":
    edges = np.quantile(values, [0.2, 0.4, 0.6, 0.8])
    return pd.Series(1 + np.searchsorted(edges, values, side="left"), index=values.index)


def _summary(frame: pd.DataFrame) -> dict[str, int]:
    """Return sums that two runs share only if they agree."""
    return {"customers": len(frame), **{name: int(frame[name].sum()) for name in SUMMED}}


SUMMED = ("rfm_spend", "rfm_r", "rfm_f", "rfm_m")


def main() -> None:
    """Print one row an engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--memory", default="1200MB")
    given = parser.parse_args()
    lines = given.lines
    with tempfile.TemporaryDirectory(prefix="kith-bench-") as name:
        duckdb.execute("SET enable_progress_bar = false")
        for query in (ORDERS, LINES):
            duckdb.execute(query.format(lines=lines, folder=name))
        runs = {
            "kith (DuckDB, whole numbers)": measured(
                partial(ours, Path(name), memory=given.memory)
            ),
            f"pandas {pd.__version__}": measured(partial(theirs, Path(name))),
        }
    print(f"{lines:,} order lines\n\n| engine | seconds | peak MB | customers |\n|---|---|---|---|")
    for name, run in runs.items():
        customers = run.answer["customers"] if isinstance(run.answer, dict) else 0
        print(f"| {name} | {run.seconds:.1f} | {run.megabytes:,.0f} | {customers:,} |")
    first, second = (run.answer for run in runs.values())
    print(f"\nBoth agree on spend and scores: {'yes' if first == second else 'NO'}")


if __name__ == "__main__":
    main()
