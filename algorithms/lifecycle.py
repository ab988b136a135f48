"""In which stage of their life with the company each customer is, by their own rhythm.

Forty days of silence are a long time for who buys every week and none for who buys twice a
year. So silence is measured in the customer's own gaps between purchases. Few gaps say
little, and one purchase none: they are shrunk to the company's usual gap, which counts like
``company_weight`` gaps of the customer's own.

Every stage begins at an instant that follows from the orders alone, with an order or with
the moment at which a silence became too long. When the method ran does not enter, and at an
earlier date a customer's own rhythm rests on the purchases until then. Only the company's
gap is the same for all dates of one run: flows show customers who move, no yardstick.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.contract import Algorithm, Group, Inputs, NothingToSayError, Result, owned
from algorithms.lifecycle_rhythm import (
    DAY,
    PROSPECT,
    STAGES,
    Integers,
    LifecycleParameters,
    Visits,
    company_gap,
    lives_of,
    stages_at,
)
from algorithms.lifecycle_words import LABELS, MATHEMATICS, explain, notes_on
from algorithms.purchases import JOINS, PAID, READS
from graph.language import Text


class NobodyKnownError(NothingToSayError):
    """There are no customers."""

    text = Text(
        "lifecycle: there are no customers, so there is nobody to place.",
        "lifecycle：没有客户，无法判断生命周期阶段。",
    )


VISITS: Final = f"""
WITH {PAID}
SELECT customer_id, MIN(ordered_at) AS visited_at
FROM paid
WHERE amount >= 0
GROUP BY customer_id, ordered_day
ORDER BY customer_id, visited_at
"""

CUSTOMERS: Final = """
SELECT customer_id, first_seen_at
FROM customers
ORDER BY customer_id
"""


def compute(inputs: Inputs, params: LifecycleParameters) -> Result:
    """Place every customer, whether they have bought or not.

    Parameters
    ----------
    inputs
        ``customers``: everybody, ordered by ``customer_id``, with ``first_seen_at``.
        ``visits``: one row a customer and day with a paid order that is no pure return,
        ordered by both; ``visited_at`` is the first such order of the day. A row a visit and not a
        customer: a stage's beginning may lie many purchases back.
    params
        ``as_of`` is the instant at which they are placed.

    Returns
    -------
    ``Customer``, ordered by ``customer_id``: ``lifecycle_stage``; ``lifecycle_since`` (when
    it began; of a prospect when they were first seen, absent where nobody knows);
    ``lifecycle_rhythm_days`` (the shrunken gap, absent without a purchase). Metrics:
    ``company_gap_days``, ``stages`` (customers by stage) and ``flows``: how many were in
    which stage (rows) ``flow_days`` before and are in which (columns) now; rows of the
    table add up to the population, in which customers unknown at that date are prospects.

    Raises
    ------
    NobodyKnownError
        If there are no customers.
    """
    customers = inputs["customers"]
    if customers.empty:
        raise NobodyKnownError
    ids = customers["customer_id"].astype(object).to_numpy(dtype=object)
    visits = _visits(inputs["visits"], ids)
    gap, repeaters = company_gap(visits, params=params)
    lives = lives_of(visits, gap=gap, params=params)
    now = pd.Timestamp(params.as_of).value // 1_000_000
    stage, since, rhythm = stages_at(lives, now, n=len(ids), params=params)
    before, *_ = stages_at(lives, now - params.flow_days * DAY, n=len(ids), params=params)
    seen = _milliseconds(customers["first_seen_at"])
    columns = {
        "customer_id": ids,
        "lifecycle_stage": np.array(STAGES)[stage],
        "lifecycle_since": _times(np.where(stage == PROSPECT, seen, since)),
        "lifecycle_rhythm_days": rhythm / DAY,
    }
    metrics = {
        "company_gap_days": gap / DAY,
        "repeaters": repeaters,
        "limits": [params.active, params.cooling, params.sleeping],
        "stages": dict(zip(STAGES, _counts(stage), strict=True)),
        "flows": _flows(before, stage, params=params),
    }
    groups = {"lifecycle_stage": {code: Group(label) for code, label in LABELS.items()}}
    notes = notes_on(repeaters=repeaters, visits=len(visits.times), days=params.default_days)
    return Result({"Customer": pd.DataFrame(columns)}, metrics, notes, groups)


def _visits(rows: pd.DataFrame, ids: npt.NDArray[np.object_]) -> Visits:
    names = rows["customer_id"].cat
    places = pd.Index(ids).get_indexer(names.categories.astype(object))
    owner = places[names.codes.to_numpy()].astype(np.int64)
    return Visits.of(owner, _milliseconds(rows["visited_at"]))


def _milliseconds(times: "pd.Series[pd.Timestamp]") -> Integers:
    """Return epoch milliseconds, ``UNKNOWN`` where there is no time."""
    return np.asarray(times.dt.as_unit("ms").astype("int64"), np.int64)


def _times(milliseconds: Integers) -> pd.Series:
    return pd.Series(milliseconds.astype("datetime64[ms]")).dt.tz_localize("UTC")


def _counts(stage: Integers) -> list[int]:
    counts: list[int] = np.bincount(stage, minlength=len(STAGES)).tolist()
    return counts


def _flows(
    before: Integers, after: Integers, *, params: LifecycleParameters
) -> Mapping[str, object]:
    size = len(STAGES)
    table = np.bincount(before * size + after, minlength=size * size).reshape(size, size)
    return {"days": params.flow_days, "stages": list(STAGES), "table": table.tolist()}


ALGORITHM = Algorithm(
    name="lifecycle",
    version="1",
    about=Text(
        "Tells in which stage of their life with the company each customer is.",
        "判断每位客户所处的生命周期阶段。",
    ),
    stage="tag",
    source="Own definition: silence in multiples of the shrunken inter-purchase gap; the "
    "shrinkage is the linear one of Bühlmann (1967).",
    reads={**READS, "customers": ("customer_id", "first_seen_at")},
    parameters=LifecycleParameters,
    compute=compute,
    reduce={"visits": VISITS, "customers": CUSTOMERS},
    joins=JOINS,
    properties={
        "Customer": (
            owned(
                "lifecycle_stage",
                "code",
                about=Text("Stage of life", "生命周期阶段"),
                codes=STAGES,
                indexed=True,
            ),
            owned("lifecycle_since", "time", about=Text("When it began", "阶段开始时间")),
            owned(
                "lifecycle_rhythm_days",
                "number",
                about=Text("Usual time between purchases, shrunken", "惯常购买间隔（收缩估计）"),
                unit="days",
                minimum=0,
            ),
        )
    },
    mathematics=MATHEMATICS,
    explain=explain,
    segments=("lifecycle_stage",),
)
