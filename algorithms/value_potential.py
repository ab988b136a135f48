"""What customers are worth now against what they may become: four quadrants.

The cuts lie at quantiles of the company's own customers, so they move a little with every
run, and customers near a cut would change sides each time. A customer who was on one side
leaves it only when beyond a margin around the cut: actions follow quadrants, and nobody
should be courted on Monday and let go on Tuesday.
"""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from algorithms.contract import Algorithm, Group, Inputs, NothingToSayError, Result, owned
from algorithms.parameters import DatedParameters
from algorithms.purchases import JOINS, PAID, READS
from algorithms.suspected import SUSPECTED, ExcludeResellers, without_resellers
from algorithms.value_potential_words import LABELS, MATHEMATICS, explain, notes_on
from graph.language import Text
from graph.spec import MONEY_SCALE

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int64]

QUADRANTS: Final = tuple(LABELS)  # by value, then by potential, the high sides first
VALUABLE: Final = ("core", "keep")
PROMISING: Final = ("core", "promising")


class ValuePotentialParameters(DatedParameters):
    """Where the cuts lie, and how far beyond one a customer must be to change sides."""

    value_quantile: Annotated[
        float, Text("Share of customers below the cut of value", "价值切分点的分位")
    ] = Field(0.5, ge=0, le=1)
    potential_quantile: Annotated[
        float, Text("Share of customers below the cut of potential", "潜力切分点的分位")
    ] = Field(0.5, ge=0, le=1)
    # a tenth: one order more or less of a year's usual ten
    margin: Annotated[
        float, Text("Margin around a cut, as a share of it", "切分点两侧的缓冲比例")
    ] = Field(0.1, ge=0, le=1)
    exclude_resellers: ExcludeResellers = False


class NobodyComparedError(NothingToSayError):
    """No customer has both a purchase and an expected spend."""

    text = Text(
        "value_potential: no customer has an expected spend, so there is nobody to compare.",
        "value_potential：没有客户有预期消费，无法比较。",
    )


# hours and not days: a day of the company's zone may have 23 of them
BUYERS: Final = f"""
WITH {PAID}, spent AS (
    SELECT
        p.customer_id,
        CAST(SUM(CASE WHEN p.ordered_at > q.as_of - INTERVAL '8760' HOUR THEN p.amount
            ELSE 0 END) AS BIGINT) AS spend
    FROM paid p
    CROSS JOIN parameters q
    GROUP BY p.customer_id
)
SELECT
    s.customer_id, s.spend, c.clv_expected_spend_365d AS expected,
    r.value_potential_quadrant AS quadrant,
    COALESCE(c.reseller_suspected, FALSE) AND q.exclude_resellers AS is_left_out
FROM spent s
CROSS JOIN parameters q
LEFT JOIN customers c ON s.customer_id = c.customer_id
LEFT JOIN remembered r ON s.customer_id = r.customer_id
ORDER BY s.customer_id
"""


def compute(inputs: Inputs, params: ValuePotentialParameters) -> Result:
    """Place every buyer of whom something is expected.

    Parameters
    ----------
    inputs
        ``buyers``: one row a customer with a paid order, ordered by ``customer_id``:
        ``spend`` in the 365 days up to ``as_of`` (ten-thousandths, 0 or below possible),
        ``expected`` in the 365 days after (ten-thousandths, empty where no model says) and
        the ``quadrant`` in which the customer was (empty: in none), and ``is_left_out``: who
        does not enter the cuts.
    params
        Quantiles of the cuts, and the margin.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``value_potential_quadrant`` and
    ``value_potential_spend_365d`` (ten-thousandths). Metrics: ``cuts`` (currency), ``n`` by
    quadrant, ``held`` (customers whom only the margin keeps on their side of a cut) and
    ``without_potential`` (buyers of whom nothing is expected; they are in no quadrant).

    Raises
    ------
    NobodyComparedError
        If nothing is expected of anybody.
    """
    every = inputs["buyers"]
    buyers = every[every["expected"].notna()].reset_index(drop=True)
    if buyers.empty:
        raise NobodyComparedError
    is_meant = _meant(buyers["is_left_out"])
    value = Axis.of(buyers["spend"], quantile=params.value_quantile, among=is_meant)
    potential = Axis.of(buyers["expected"], quantile=params.potential_quantile, among=is_meant)
    was = buyers["quadrant"].astype(object)
    place = _placed(
        value.is_high(_side(was, VALUABLE), margin=params.margin),
        potential.is_high(_side(was, PROMISING), margin=params.margin),
    )
    plain = _placed(value.is_above, potential.is_above)
    columns = {
        "customer_id": buyers["customer_id"],
        "value_potential_quadrant": np.array(QUADRANTS)[place],
        "value_potential_spend_365d": buyers["spend"],
    }
    counts = np.bincount(place, minlength=len(QUADRANTS)).tolist()
    metrics = {
        "cuts": {"value": value.cut / MONEY_SCALE, "potential": potential.cut / MONEY_SCALE},
        "margin": params.margin,
        "n": dict(zip(QUADRANTS, counts, strict=True)),
        "held": int((place != plain).sum()),
        "without_potential": len(every) - len(buyers),
    }
    groups = {"value_potential_quadrant": {code: Group(label) for code, label in LABELS.items()}}
    notes = notes_on(
        n=len(buyers),
        without_potential=len(every) - len(buyers),
        flat=[name for name, axis in (("value", value), ("potential", potential)) if axis.is_flat],
    )
    notes += without_resellers(int((~is_meant).sum()), is_wished=params.exclude_resellers)
    return Result({"Customer": pd.DataFrame(columns)}, metrics, notes, groups)


def _meant(is_left_out: "pd.Series[bool]") -> Flags:
    """Return who enters the cuts: not those left out, unless there is nobody else."""
    is_meant = ~is_left_out.to_numpy(np.bool_)
    return is_meant if is_meant.any() else np.ones(len(is_meant), np.bool_)


@dataclass(frozen=True)
class Axis:
    """What customers are compared by (ten-thousandths), and the cut between low and high."""

    amounts: Floats
    cut: float

    @classmethod
    def of(cls, column: "pd.Series[int]", *, quantile: float, among: Flags) -> "Axis":
        """Cut a column at a quantile (type 7) of the values ``among`` which it is taken."""
        amounts = np.asarray(column, np.float64)
        return cls(amounts, float(np.quantile(amounts[among], quantile)))

    @property
    def is_above(self) -> Flags:
        """Tell who lies above the cut."""
        return self.amounts > self.cut

    @property
    def is_flat(self) -> bool:
        """Tell whether nobody lies above the cut."""
        return not self.is_above.any()

    def is_high(self, was_high: Signs, *, margin: float) -> Flags:
        """Tell who is on the high side: above the cut, or where they were unless far beyond.

        Parameters
        ----------
        was_high
            1 for those who were on the high side, -1 on the low, 0 for new ones.
        margin
            How far beyond the cut they must be to leave, as a share of it.

        Notes
        -----
        Asked again with its own answer it answers the same: whoever is high then lies at or
        above the lower border, and whoever is low at or below the upper one.
        """
        band = margin * abs(self.cut)
        stays = (was_high > 0) & (self.amounts >= self.cut - band)
        enters = (was_high < 0) & (self.amounts > self.cut + band)
        return np.where(was_high == 0, self.is_above, stays | enters)


def _side(was: "pd.Series[str]", high: tuple[str, ...]) -> Signs:
    """Return 1 for customers who were in one of these quadrants, -1 in others, 0 in none."""
    return np.select([was.isin(high), was.notna()], [1, -1], 0).astype(np.int64)


def _placed(is_valuable: Flags, is_promising: Flags) -> Signs:
    """Return the place of each customer's quadrant in ``QUADRANTS``."""
    return 2 * (~is_valuable).astype(np.int64) + ~is_promising


ALGORITHM = Algorithm(
    name="value_potential",
    version="2",
    about=Text(
        "Places customers by what they spend and what is expected of them: four quadrants.",
        "按当前消费与预期消费将客户分为四个象限。",
    ),
    stage="model",
    source="Own definition: spend of the past year against expected spend of the next, cut at "
    "quantiles, with hysteresis.",
    reads={**READS, "customers": ("customer_id", "clv_expected_spend_365d", SUSPECTED)},
    parameters=ValuePotentialParameters,
    compute=compute,
    reduce={"buyers": BUYERS},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "value_potential_quadrant",
                "code",
                about=Text("Quadrant of value and potential", "价值-潜力象限"),
                codes=QUADRANTS,
                indexed=True,
                owner="value_potential",
            ),
            owned(
                "value_potential_spend_365d",
                "money",
                about=Text("Paid in the last 365 days, net of returns", "近 365 天净消费"),
                unit="currency",
                owner="value_potential",
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    segments=("value_potential_quadrant",),
    remembers=("value_potential_quadrant",),
)
