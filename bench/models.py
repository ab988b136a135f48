"""Models of customers: BG/NBD over a million of them, with lifetimes in the same run.

    python bench/models.py [--customers 1000000]

Both fit the same simulated histories, from arrays in memory to parameters. We count equal
histories once; lifetimes takes every customer for itself. The parameters have to agree, and
to be near those that the histories were drawn with. A second table says what the whole
algorithm takes from there: the other models, expectations and intervals of every customer.
"""

import argparse
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from apart import Work, measured  # type: ignore[import-not-found]  # lies beside this script

from algorithms.clv.cells import collapsed
from algorithms.clv.model import MODELS, fitted
from algorithms.clv.outlook import Shapes, outlook

Integers = npt.NDArray[np.int64]

WEEK = 7
LONGEST_DAYS = 728
TRUTH = {"r": 0.6, "alpha": 8.0, "a": 0.8, "b": 2.5}
"""In weeks: one purchase in thirteen weeks, and a quarter who leave after each."""


class Histories(NamedTuple):
    """Purchases after the first, days to the last of them, and days known."""

    x: Integers
    last: Integers
    age: Integers


def simulated(customers: int, *, seed: int = 0) -> Histories:
    """Draw histories of BG/NBD; purchases of one day are one."""
    rng = np.random.default_rng(seed)
    age = rng.integers(LONGEST_DAYS // 4, LONGEST_DAYS, customers)
    rate = rng.gamma(TRUTH["r"], 1 / TRUTH["alpha"], customers) / WEEK
    leaves = rng.beta(TRUTH["a"], TRUTH["b"], customers)
    at, x, last = np.zeros(customers), np.zeros(customers, np.int64), np.zeros(customers, np.int64)
    buying = np.arange(customers)
    while len(buying):
        at[buying] += rng.exponential(1 / np.maximum(rate[buying], 1e-12))
        buying = buying[at[buying] <= age[buying]]
        day = np.ceil(at[buying]).astype(np.int64)
        x[buying] += day > last[buying]
        last[buying] = day
        buying = buying[rng.random(len(buying)) >= leaves[buying]]
    return Histories(x, last, age)


def ours(customers: int) -> Work:
    """Return our way from histories to parameters."""
    histories = simulated(customers)

    def work() -> object:
        cells, _ = collapsed(histories.x, histories.last, age=histories.age, unit=WEEK)
        return fitted(MODELS["bg_nbd"], cells).fit.parameters

    return work


def theirs(customers: int) -> Work:
    """Return lifetimes' way from histories to parameters."""
    from lifetimes import BetaGeoFitter

    warnings.simplefilter("ignore")  # lifetimes 0.11.3 meets a SciPy ten years younger
    x, last, age = simulated(customers)

    def work() -> object:
        fitter = BetaGeoFitter().fit(x, last / WEEK, age / WEEK)
        return {name: float(value) for name, value in fitter.params_.items()}

    return work


def steps(customers: int) -> Work:
    """Return all that the algorithm does after reading, timed by step."""
    x, last, age = simulated(customers)

    def work() -> object:
        seconds: dict[str, float] = {}

        def timed(step: str, do: Callable[[], object]) -> object:
            began = time.perf_counter()
            done = do()
            seconds[step] = time.perf_counter() - began
            return done

        cells, _ = collapsed(x, last, age=age, unit=WEEK)
        for name in ("bg_nbd", "mbg_nbd", "pareto_nbd"):
            timed(f"fit {name}", partial(fitted, MODELS[name], cells))
        chosen = fitted(MODELS["mbg_nbd"], cells)
        for days in (30, 90, 365):
            timed(
                f"expected orders, {days} days", partial(chosen.expected, cells, time=days / WEEK)
            )
        ends = partial(outlook, chosen, cells, time=365 / WEEK, coverage=0.9, shapes=Shapes(6, 4))
        timed("intervals of orders and spend", ends)
        return {"distinct histories": float(len(cells)), **seconds}

    return work


def main() -> None:
    """Print one row an engine, and one row a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    customers = parser.parse_args().customers
    runs = {
        "kith (equal histories once)": measured(partial(ours, customers)),
        "lifetimes 0.11.3": measured(partial(theirs, customers)),
    }
    print(f"BG/NBD, {customers:,} customers; drawn with {TRUTH}\n")
    print("| engine | seconds | peak MB | " + " | ".join(TRUTH) + " |")
    print("|" + "---|" * (3 + len(TRUTH)))
    for engine, run in runs.items():
        assert isinstance(run.answer, dict)
        values = " | ".join(f"{run.answer[name]:,.4f}" for name in TRUTH)
        print(f"| {engine} | {run.seconds:.1f} | {run.megabytes:,.0f} | {values} |")
    whole = measured(partial(steps, customers))
    assert isinstance(whole.answer, dict)
    histories = whole.answer.pop("distinct histories")
    print(f"\n{histories:,.0f} distinct histories\n\n| step | seconds |\n|---|---|")
    for step, seconds in whole.answer.items():
        print(f"| {step} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
