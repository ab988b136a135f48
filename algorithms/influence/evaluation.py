"""Grades the score on a company's replies, and keeps the grades as a run of kind evaluation.

A grade belongs to the parameters with which it was reached; runs with the same ones show it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from algorithms.frames import to_frame
from algorithms.influence.arcs import Floats, Timeline
from algorithms.influence.attacks import Moved, tried
from algorithms.influence.declaration import ALGORITHM
from algorithms.influence.grading import CutGrade, as_metrics, grade_cuts, rolling_cuts
from algorithms.influence.settings import InfluenceParameters
from algorithms.inputs import BEFORE_EVERYTHING
from algorithms.parameters import as_json, parameters_of
from algorithms.records import Record, Records
from algorithms.reduction import one_row, registered
from algorithms.registry import computed_spec
from algorithms.replies import READS, REPLIES
from algorithms.reply_arcs import people_of
from graph.engine import engine
from graph.reader import Reader
from graph.session import Database
from graph.settings import Settings

if TYPE_CHECKING:
    import pyarrow as pa

HORIZON_DAYS: Final = 30
CUTS: Final = 12
LONGEST: Final = 36_500
LEAKY: Final = ("accounts.handle", "accounts.is_official", "customers.reseller_suspected")
"""What is known now and may not have been at a past cut: whom it leaves out."""

HISTORY: Final = f"""
WITH {REPLIES}
SELECT customer_id, target_id, replied_at
FROM replies
WHERE excluded IS NULL
ORDER BY customer_id, target_id, replied_at
"""
SINCE: Final = """
WITH facts AS (
    SELECT customer_id, registered_at AS seen_at FROM accounts
    UNION ALL
    SELECT customer_id, posted_at FROM posts
)
SELECT customer_id, MIN(seen_at) AS since
FROM facts
WHERE customer_id IS NOT NULL AND seen_at IS NOT NULL
GROUP BY customer_id
ORDER BY customer_id
"""


@dataclass(frozen=True)
class Plan:
    """What to evaluate: how many cuts, over how many days, with which parameters set."""

    cuts: int = CUTS
    horizon_days: int = HORIZON_DAYS
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Graded:
    """The grades at past cuts, and what it took to reach them."""

    parameters: InfluenceParameters
    start: datetime
    end: datetime
    cuts: tuple[CutGrade, ...]
    horizon_days: int

    def at(self, cut: float) -> str:
        """Return a cut as an instant, as ISO 8601 has it."""
        return (self.start + timedelta(days=cut)).isoformat(timespec="milliseconds")

    def metrics(self) -> dict[str, object]:
        """Return the grades as the metrics of their run."""
        found = as_metrics(list(self.cuts), shown=self.at)
        given = self.parameters.half_life_days
        told = {"horizon_days": self.horizon_days, "half_life_days": given}
        return {**found, **told, "leaky": list(LEAKY)}


def evaluate(reader: Reader, plan: Plan, *, settings: Settings) -> Graded:
    """Grade the score of attention at past cuts.

    Parameters
    ----------
    reader
        Where posts and accounts come from.
    plan
        How many cuts, how far ahead, and with which parameters.
    settings
        The home.

    Raises
    ------
    UnknownParameterError, ParameterError
        If a parameter is unknown or out of bounds.
    NoCutError
        If there are too few replies.
    """
    params = _parameters(plan)
    timeline, start, end = timeline_of(reader, params, settings=settings)
    cuts = _cuts(timeline, plan, params=params)
    graded = grade_cuts(timeline, params.rule, cuts=cuts, horizon=float(plan.horizon_days))
    return Graded(params, start, end, tuple(graded), plan.horizon_days)


def recorded(
    database: Database, plan: Plan, *, reader: Reader, settings: Settings
) -> tuple[Graded, Record]:
    """Grade the score and keep the grades as a run; parameters and errors as ``evaluate``.

    The caller holds the lock of the home; the database is that of the reader.
    """
    began, started_at = time.monotonic(), datetime.now(UTC)
    found = evaluate(reader, plan, settings=settings)
    record = Record(
        algorithm=ALGORITHM.name,
        version=ALGORITHM.version,
        as_of=found.end,
        parameters=as_json(found.parameters),
        input_digest="",
        started_at=started_at,
        kind="evaluation",
        metrics=found.metrics(),
    ).named()
    record = replace(record, seconds=round(time.monotonic() - began, 3))
    Records(database, computed_spec()).publish(record)
    return found, record


def attack(reader: Reader, plan: Plan, *, settings: Settings) -> list[Moved]:
    """Try the five attacks at past cuts; parameters and errors as ``evaluate``."""
    params = _parameters(plan)
    timeline, _, _ = timeline_of(reader, params, settings=settings)
    cuts = _cuts(timeline, plan, params=params)
    return [*tried(timeline, params.rule, cuts=cuts, horizon=float(plan.horizon_days))]


def _cuts(timeline: Timeline, plan: Plan, *, params: InfluenceParameters) -> list[float]:
    horizon = float(plan.horizon_days)
    return rolling_cuts(timeline, window=params.window_days, horizon=horizon, n=plan.cuts)


def _parameters(plan: Plan) -> InfluenceParameters:
    return parameters_of(
        InfluenceParameters, plan.given, algorithm=ALGORITHM.name, as_of=BEFORE_EVERYTHING
    )


def timeline_of(
    reader: Reader, params: InfluenceParameters, *, settings: Settings
) -> tuple[Timeline, datetime, datetime]:
    """Return all replies that count, from the first on, with the instants of first and last."""
    tables = {name: reader.table(name, columns) for name, columns in READS.items()}
    end = _latest(tables["posts"])
    whole = params.model_copy(update={"window_days": LONGEST, "as_of": end})
    tables["parameters"] = one_row(whole)
    with engine(settings) as connection, registered(connection, tables):
        queries = (connection.sql(query) for query in (HISTORY, SINCE))
        replies, since = (to_frame(query.to_arrow_table()) for query in queries)
    people = people_of(replies["customer_id"], replies["target_id"])
    start = replies["replied_at"].min().to_pydatetime() if len(replies) else end
    known = np.full(people.n, np.inf)
    number = people.numbers(since["customer_id"])
    known[number[number >= 0]] = _days(since["since"], start=start)[number >= 0]
    source, target = (people.numbers(replies[c]) for c in ("customer_id", "target_id"))
    at = _days(replies["replied_at"], start=start)
    np.minimum.at(known, target, at)
    return Timeline(people.n, source, target, at, known), start, end


def _latest(posts: "pa.Table") -> datetime:
    import pyarrow.compute as pc

    latest = pc.max(posts["posted_at"]).as_py()
    return latest if isinstance(latest, datetime) else BEFORE_EVERYTHING


def _days(times: "pd.Series[pd.Timestamp]", *, start: datetime) -> Floats:
    """Return the days from ``start`` to each time."""
    since = (times - pd.Timestamp(start)).dt.total_seconds()
    return since.to_numpy(np.float64) / 86_400
