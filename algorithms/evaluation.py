"""How good the scores of an algorithm are: computed as of past cuts, held against what came.

At each cut the algorithm and all whose results it reads are computed anew on what came
strictly before; what customers did from the cut on is the judge. The last cut leaves the
longest horizon to judge by; the others roll back from it by as much, or by a quarter of a year
where that is more: windows of a year overlap, or few companies would have three.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.contract import Algorithm, Graded, NothingToSayError
from algorithms.measures import (
    AmountGrade,
    ProbabilityGrade,
    grade_amounts,
    grade_probabilities,
    stability_index,
)
from algorithms.outcomes import DAY, came_of, naive_of, past_of, visits_of
from algorithms.parameters import Overrides
from algorithms.records import Record, Records
from algorithms.registry import REGISTRY, Registry
from algorithms.run import Computed, Request, compute_all
from graph.errors import ConfigurationError, some
from graph.language import Text
from graph.reader import Reader
from graph.session import Database
from graph.settings import Settings
from graph.spec import MONEY_SCALE, fact_spec

INSTANT: Final = timedelta(milliseconds=1)
STEP_DAYS: Final = 90
PROBABILITIES: Final = frozenset({"buys", "does_not_buy"})
# what a source states without saying since when: at a past cut it may tell of the future
LEAKY: Final[Mapping[str, frozenset[str]]] = {
    "orders": frozenset({"status"}),
    "accounts": frozenset({"card_tier"}),
    "posts": frozenset({"n_likes"}),
    "tickets": frozenset({"satisfaction"}),
}


class NotGradedError(ConfigurationError):
    """An algorithm has no score that later orders could judge."""

    text = Text(
        "{algorithm} has no score{within} that later orders could judge. These have: {known}.",
        "{algorithm} 没有可由后续订单检验的分数{within}。可评估的算法：{known}。",
    )


class NothingToJudgeByError(NothingToSayError):
    """There are no orders to judge by."""

    text = Text(
        "There is no paid order of a customer, so nothing can be judged. Load orders first.",
        "没有客户的已付款订单，无法评估。请先导入订单。",
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """One score as of one cut; without a grade ``note`` says why there is none."""

    cut: datetime
    score: str
    outcome: str
    horizon_days: int
    grade: ProbabilityGrade | AmountGrade | None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Stability:
    """Members of a scheme's segments between one cut and the next one.

    ``unchanged`` is the share of the ``n`` customers in both who stayed where they were;
    ``index`` the population stability index of the segments' sizes.
    """

    scheme: str
    since: datetime
    until: datetime
    n: int
    unchanged: float
    index: float


@dataclass(frozen=True)
class Evaluation:
    """All grades of an algorithm.

    ``parameters`` are those it was computed with, as its runs record them; ``end`` is the
    latest order that judged, ``leaky`` are the undated columns that it reads.
    """

    algorithm: str
    version: str
    parameters: str
    end: datetime
    judged: tuple[Judged, ...]
    stability: tuple[Stability, ...] = ()
    leaky: tuple[str, ...] = ()

    def means(self) -> dict[str, dict[str, float]]:
        """Return, by score, the mean of every figure over the cuts that have it."""
        by_score: dict[str, list[Mapping[str, object]]] = {}
        for one in self.judged:
            if one.grade is not None:
                by_score.setdefault(one.score, []).append(asdict(one.grade))
        return {score: _means(grades) for score, grades in by_score.items()}

    def metrics(self) -> dict[str, object]:
        """Return the evaluation as the metrics of its run."""
        judged = [
            {**asdict(one), "cut": one.cut.isoformat(), "note": one.note and one.note._asdict()}
            for one in self.judged
        ]
        stability = [
            {**asdict(one), "since": one.since.isoformat(), "until": one.until.isoformat()}
            for one in self.stability
        ]
        found: dict[str, object] = {"cuts": judged, "means": self.means()}
        return found | {"stability": stability, "leaky": list(self.leaky)}


@dataclass(frozen=True)
class Plan:
    """What to evaluate, and how."""

    name: str
    cuts: int = 3
    horizon_days: int | None = None
    overrides: Overrides = field(default_factory=dict)
    registry: Registry = REGISTRY


def evaluate(reader: Reader, plan: Plan, *, settings: Settings) -> Evaluation:
    """Grade the scores of an algorithm at rolling cuts.

    Parameters
    ----------
    reader
        Where tables come from.
    plan
        Which algorithm, how many cuts, and of which horizon; see ``Plan``.
    settings
        The home.

    Raises
    ------
    UnknownAlgorithmError, NotGradedError, NothingToJudgeByError
        If there is no such algorithm, nothing to grade, or nothing to grade it by.
    """
    algorithm = plan.registry.named(plan.name)
    graded = _graded(algorithm, plan)
    visits = visits_of(reader, settings)
    if visits.empty:
        raise NothingToJudgeByError
    horizon = max((score.horizon_days for score in graded), default=plan.horizon_days or 90)
    end = visits["ordered_at"].max().to_pydatetime() + INSTANT
    step = min(horizon, STEP_DAYS)
    cuts = [end - (horizon + step * back) * DAY for back in range(plan.cuts - 1, -1, -1)]
    computed = {cut: _computed(reader, plan, cut=cut, settings=settings) for cut in cuts}
    found = {cut: _customers(one) for cut, one in computed.items()}
    own = next(r for r in computed[cuts[-1]].runs if r.algorithm == algorithm.name)
    judged = [
        _judged(customers, score, visits=visits, cut=cut)
        for cut, customers in found.items()
        for score in graded
    ]
    return Evaluation(
        algorithm.name,
        algorithm.version,
        own.parameters,
        end - INSTANT,
        tuple(judged),
        tuple(_stability(algorithm, found)),
        _leaky(algorithm, plan.registry),
    )


def recorded(
    database: Database, plan: Plan, *, reader: Reader, settings: Settings
) -> tuple[Evaluation, Record]:
    """Grade the scores of an algorithm and keep the grades as a run of kind evaluation.

    The caller holds the lock of the home. Parameters and errors as ``evaluate``; the
    database is that of the reader.
    """
    began, started_at = time.monotonic(), datetime.now(UTC)
    found = evaluate(reader, plan, settings=settings)
    record = Record(
        algorithm=found.algorithm,
        version=found.version,
        as_of=found.end,
        parameters=found.parameters,
        input_digest="",
        started_at=started_at,
        kind="evaluation",
        metrics=found.metrics(),
    ).named()
    record = replace(record, seconds=round(time.monotonic() - began, 3))
    Records(database, plan.registry.spec(fact_spec())).publish(record)
    return found, record


def _graded(algorithm: Algorithm, plan: Plan) -> list[Graded]:
    wanted = plan.horizon_days
    by_orders = [s for s in algorithm.graded if s.outcome != "repliers"]
    graded = [s for s in by_orders if wanted in (None, s.horizon_days)]
    if graded or (algorithm.segments and not algorithm.graded):
        return graded
    known = some([a.name for a in plan.registry if a.graded or a.segments])
    within = Text(f" over {wanted} days", f"（{wanted} 天）") if wanted else Text("", "")
    raise NotGradedError(algorithm=algorithm.name, within=within, known=known)


def _computed(reader: Reader, plan: Plan, *, cut: datetime, settings: Settings) -> Computed:
    """Run the algorithm, and those before it, on what came before a cut."""
    names = upstream_of(plan.name, plan.registry)
    request = Request(
        names=tuple(sorted(names)),
        as_of=cut.astimezone(UTC) - INSTANT,
        overrides=plan.overrides,
        dry_run=True,
        registry=plan.registry,
    )
    return compute_all(reader, request=request, settings=settings)


def _customers(computed: Computed) -> pa.Table:
    nobody = pa.table({"customer_id": pa.array([], pa.string())})
    return computed.elements.get("Customer", nobody)


def upstream_of(name: str, registry: Registry) -> frozenset[str]:
    """Return an algorithm and all whose results it reads, directly or not."""
    found: set[str] = set()
    open_ = {name}
    while open_:
        found |= open_
        open_ = {up for n in open_ for up in registry.upstream(registry.named(n))} - found
    return frozenset(found)


def _judged(customers: pa.Table, score: Graded, *, visits: pd.DataFrame, cut: datetime) -> Judged:
    said = (score.score, score.outcome, score.horizon_days)
    if score.score not in customers.column_names:
        return Judged(cut, *said, grade=None, note=NOTHING)
    known = customers.filter(pc.is_valid(customers[score.score]))
    if not known.num_rows:
        return Judged(cut, *said, grade=None, note=NOTHING)
    ids = known["customer_id"].to_pandas()
    value = known[score.score].to_numpy().astype(np.float64)
    past = past_of(visits, ids, cut=cut)
    came = came_of(visits, ids, score=score, cut=cut)
    if score.outcome in PROBABILITIES:
        sign = -1.0 if score.outcome == "buys" else 1.0
        recency = sign * past["recency"].to_numpy(np.float64)
        return Judged(cut, *said, grade=grade_probabilities(value, came, recency=recency))
    value = value / MONEY_SCALE if score.outcome == "spend" else value
    naive = naive_of(past, score=score)
    return Judged(cut, *said, grade=grade_amounts(value, came, naive=naive))


NOTHING: Final = Text(
    "nothing could be said of anybody before this cut", "在该时点之前无法对任何客户给出结果"
)


def _stability(algorithm: Algorithm, found: Mapping[datetime, pa.Table]) -> Iterator[Stability]:
    cuts = sorted(found)
    for since, until in pairwise(cuts):
        for scheme in algorithm.segments:
            frames = [_members(found[cut], scheme) for cut in (since, until)]
            both = frames[0].to_frame("a").join(frames[1].rename("b"), how="inner").dropna()
            if both.empty:
                continue
            codes = sorted({*frames[0].dropna(), *frames[1].dropna()})
            counts = [f.value_counts().reindex(codes, fill_value=0) for f in frames]
            sizes = [np.asarray(count, np.float64) for count in counts]
            stayed = float((both["a"] == both["b"]).mean())
            yield Stability(scheme, since, until, len(both), stayed, stability_index(*sizes))


def _members(customers: pa.Table, scheme: str) -> "pd.Series[str]":
    if scheme not in customers.column_names:
        return pd.Series([], dtype=object, name=scheme)
    frame = customers.select(["customer_id", scheme]).to_pandas()
    return pd.Series(frame[scheme].to_numpy(object), index=frame["customer_id"], name=scheme)


def _leaky(algorithm: Algorithm, registry: Registry) -> tuple[str, ...]:
    """Return the undated columns that an algorithm, or one before it, reads."""
    names = upstream_of(algorithm.name, registry)
    reads = [(table, c) for n in names for table, cs in registry.named(n).reads.items() for c in cs]
    return tuple(sorted({f"{table}.{c}" for table, c in reads if c in LEAKY.get(table, ())}))


def _means(grades: Iterable[Mapping[str, object]]) -> dict[str, float]:
    """Return the mean of each figure over those grades that have it."""
    values: dict[str, list[float]] = {}
    for grade in grades:
        for name, value in grade.items():
            if isinstance(value, (int, float)):
                values.setdefault(name, []).append(float(value))
    return {name: fmean(numbers) for name, numbers in values.items()}
