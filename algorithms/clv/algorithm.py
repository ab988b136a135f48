"""What every customer is worth from here on: still there or not, orders and spend to come.

A model of purchases and one of spend are fitted to all customers, and each customer is told
what both expect of a history like theirs. Where a model has no best parameters nothing is
written: figures from the edge of a likelihood look like any others.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import pandas as pd

from algorithms.clv.cells import Floats
from algorithms.clv.choice import Choice, chosen
from algorithms.clv.history import HISTORIES, ClvParameters, checked
from algorithms.clv.outlook import Shapes, outlook
from algorithms.clv.spend import GammaGamma, Spending
from algorithms.clv.words import MATHEMATICS, explain, notes_on_orders, notes_on_spend
from algorithms.contract import Algorithm, Graded, Inputs, PropertyOptions, Result, owned
from algorithms.purchases import JOINS, READS
from graph.language import Text
from graph.spec import MONEY_SCALE

HORIZONS: Final = (30, 90, 365)
YEAR: Final = 365


@dataclass(frozen=True)
class Value:
    """Gamma-Gamma and what it says; ``model`` is None where nothing can be said of spend."""

    model: GammaGamma | None
    customers: Spending
    n_returning: int
    left_out: int
    correlation: float

    @classmethod
    def of(cls, customers: Spending) -> "Value":
        """Fit what can be fitted."""
        usable, n = customers.usable(), int((customers.x > 0).sum())
        model = GammaGamma.of(usable) if len(usable.x) >= GammaGamma.FEWEST else None
        sound = model if model and model.is_sound else None
        return cls(sound, customers, n, n - len(usable.x), usable.correlation())

    @property
    def shapes(self) -> Shapes | None:
        """Return what intervals need."""
        return Shapes(*self.model.fit.theta[:2].tolist()) if self.model else None


def compute(inputs: Inputs, params: ClvParameters) -> Result:
    """Foretell purchases and spend of every customer who has bought.

    Parameters
    ----------
    inputs
        ``histories``: one row a customer with a purchase, ordered by ``customer_id``: days
        since 1970 of the first and last purchase (``first_day``, ``last_day``), purchase days
        (``n_days``), periods with one (``n_periods``), ten-thousandths spent after the first
        day (``spend_after``), days and last day up to the cut (``n_days_before``,
        ``last_day_before``), and the same for all the end and the cut.
    params
        ``as_of`` ends the history.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``clv_probability_alive`` (0 to 1), expected
    purchase days and spend (ten-thousandths) within 30, 90 and 365 days, both ends of the
    interval of the year's. Spend is null where it cannot be modelled. Customers without a
    purchase are absent. Metrics hold the parameters by their usual names, the grades on the
    later part of the history, and the check of Gamma-Gamma's independence.

    Raises
    ------
    NoPurchaseError, TooFewCustomersError, SingleDayError, NobodyReturnedError, NoOptimumError
        If nothing can be said.

    References
    ----------
    Those of `BetaGeometric`, `ParetoNbd`, `BgBb` and `GammaGamma`.
    """
    histories = checked(inputs["histories"], params=params)
    choice = chosen(histories, params)
    value = Value.of(histories.spending())
    columns = {
        "customer_id": histories.frame["customer_id"],
        "clv_probability_alive": _alive(choice),
        **_expected(choice, value, params=params),
        **_intervals(choice, value, params=params),
    }
    notes = notes_on_spend(
        n=value.n_returning,
        left_out=value.left_out,
        correlation=value.correlation,
        is_known=value.model is not None,
    )
    return Result(
        {"Customer": pd.DataFrame(columns)},
        {**_metrics(choice, params), **_metrics_of_spend(value)},
        (*notes_on_orders(choice), *notes),
    )


def _alive(choice: Choice) -> Floats:
    """Return each customer's probability; none for one-time buyers where no model has one."""
    cells, code = choice.collapsed
    alive = (choice.alive or choice.fitted).alive(cells)
    if choice.alive is None:
        alive = np.where(cells.x > 0, alive, np.nan)
    return np.asarray(alive[code])


def _expected(choice: Choice, value: Value, *, params: ClvParameters) -> dict[str, object]:
    cells, code = choice.collapsed
    each = value.model.expected(value.customers) if value.model else None
    columns: dict[str, object] = {}
    for days in HORIZONS:
        orders = choice.fitted.expected(cells, time=days / params.unit_days)[code]
        columns[f"clv_expected_orders_{days}d"] = orders
        columns[f"clv_expected_spend_{days}d"] = _money(None if each is None else orders * each)
    absent = pd.array([None] * len(code), dtype="Int64")
    return {name: absent if column is None else column for name, column in columns.items()}


def _intervals(choice: Choice, value: Value, *, params: ClvParameters) -> dict[str, object]:
    cells, code = choice.collapsed
    found = outlook(
        choice.fitted,
        cells,
        time=YEAR / params.unit_days,
        coverage=params.coverage,
        shapes=value.shapes,
    )
    pooled = value.model.pooled(value.customers) if value.model else None
    absent = pd.array([None] * len(code), dtype="Int64")
    ends = {"lower": found.spend_lower, "upper": found.spend_upper}
    spend = {
        f"clv_spend_365d_{end}": absent if pooled is None else _money(of_cells[code] * pooled)
        for end, of_cells in ends.items()
    }
    return {
        "clv_orders_365d_lower": found.orders_lower[code],
        "clv_orders_365d_upper": found.orders_upper[code],
        **spend,
    }


def _money(units: Floats | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]] | None":
    """Return currency units as whole ten-thousandths."""
    return None if units is None else np.rint(units * MONEY_SCALE).astype(np.int64)


def _metrics(choice: Choice, params: ClvParameters) -> dict[str, object]:
    fit, cells, holdout = choice.fitted.fit, choice.collapsed.cells, choice.holdout
    alive = choice.alive
    return {
        "model": choice.fitted.model.name,
        "chosen_by": choice.reason,
        "time_unit": params.time_unit,
        "n_customers": int(cells.n),
        "n_returning": int(cells.weight[cells.x > 0].sum()),
        "n_histories": len(cells),
        **fit.parameters,
        "log_likelihood": fit.log_likelihood,
        "log_parameter_errors": dict(zip(fit.names, fit.errors, strict=True)),
        "alive_model": alive.model.name if alive else None,
        "alive_parameters": alive.fit.parameters if alive else None,
        "ran_off": {name: list(off) for name, off in choice.ran_off.items()},
        "holdout": asdict(holdout) if holdout and holdout.grades else None,
        "coverage": params.coverage,
    }


def _metrics_of_spend(value: Value) -> dict[str, object]:
    model = value.model
    return {
        **(model.fit.parameters if model else {}),
        "spend_log_likelihood": model.fit.log_likelihood if model else None,
        "spend_customers": value.n_returning - value.left_out,
        "spend_left_out": value.left_out,
        "spend_correlation": value.correlation,
    }


AMOUNT: PropertyOptions = {"unit": "currency", "minimum": 0}
COUNT: PropertyOptions = {"unit": "days with a purchase", "minimum": 0}

EXPECTED: Final = tuple(
    p
    for days in HORIZONS
    for p in (
        owned(
            f"clv_expected_orders_{days}d",
            "number",
            about=Text(
                f"Expected purchases (days with one) within {days} days", f"{days} 天内预期购买次数"
            ),
            **COUNT,
        ),
        owned(
            f"clv_expected_spend_{days}d",
            "money",
            about=Text(f"Expected spend within {days} days", f"{days} 天内预期消费"),
            **AMOUNT,
        ),
    )
)
ENDS: Final[Mapping[str, Text]] = {
    "lower": Text("Lower end of the predictive interval", "预测区间下限"),
    "upper": Text("Upper end of the predictive interval", "预测区间上限"),
}

ALGORITHM = Algorithm(
    name="clv",
    version="1",
    about=Text(
        "Foretells whether each customer is still there, and the orders and spend to come.",
        "预测每个客户是否仍在，以及未来的购买次数和消费金额。",
    ),
    stage="model",
    source="Fader, Hardie and Lee (2005); Batislam, Denizel and Filiztekin (2007); Schmittlein, "
    "Morrison and Colombo (1987); Fader, Hardie and Shang (2010).",
    reads=READS,
    parameters=ClvParameters,
    compute=compute,
    reduce={"histories": HISTORIES},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "clv_probability_alive",
                "number",
                about=Text("Probability of still being a customer", "仍为客户的概率"),
                minimum=0,
                maximum=1,
            ),
            *EXPECTED,
            *(
                owned(
                    f"clv_orders_365d_{end}",
                    "integer",
                    about=Text(f"{about.en} of a year's purchases", f"一年购买次数的{about.zh}"),
                    **COUNT,
                )
                for end, about in ENDS.items()
            ),
            *(
                owned(
                    f"clv_spend_365d_{end}",
                    "money",
                    about=Text(f"{about.en} of a year's spend", f"一年消费的{about.zh}"),
                    **AMOUNT,
                )
                for end, about in ENDS.items()
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    graded=tuple(
        graded
        for days in HORIZONS
        for graded in (
            Graded(f"clv_expected_orders_{days}d", "orders", days),
            Graded(f"clv_expected_spend_{days}d", "spend", days),
        )
    ),
)
