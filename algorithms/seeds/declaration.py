"""Seeds, declared: what is read, what is written about whom, what the run tells."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.contract import (
    Algorithm,
    Inputs,
    KnowledgeTable,
    NothingToSayError,
    PropertyOptions,
    Result,
    owned,
)
from algorithms.replies import LEFT_OUT, READS, prepared_for
from algorithms.reply_arcs import People, listed
from algorithms.seeds.mathematics import MATHEMATICS
from algorithms.seeds.planning import Candidates, Plan, planned
from algorithms.seeds.settings import COST, PAIRS, SeedsParameters, people_by
from algorithms.seeds.words import Told, explain, notes_on
from graph.errors import ConfigurationError
from graph.language import Text
from graph.spec import MONEY_SCALE, PropertySpec

if TYPE_CHECKING:
    from algorithms.network.cover import Reach
    from algorithms.network.simulation import Course

Floats = npt.NDArray[np.float64]

# the record of a run is read whole; the order of everybody is on their nodes
LISTED: Final = 1_000


class NobodyRepliesError(NothingToSayError):
    """Nobody answers anybody else in the window."""

    text = Text(
        "seeds: nobody answers anybody else in the {days} days up to {as_of}, so influence has "
        "no way to spread.",
        "seeds：截至 {as_of} 的 {days} 天内没有人相互回复，影响无从传播。",
    )


class NobodyAffordableError(NothingToSayError):
    """The budget buys nobody."""

    text = Text(
        "seeds: a budget of {budget:g} buys nobody: of {people:,} people {priced:,} may be "
        "seeded, and the cheapest costs {cheapest:g}.",
        "seeds：预算 {budget:g} 不足以选任何人：{people:,} 人中可选 {priced:,} 人，最低成本 "
        "{cheapest:g}。",
    )


class UnreadCostError(ConfigurationError):
    """A property is asked for as cost that is not read."""

    text = Text(
        "seeds: the cost {asked!r} is not read here; {read!r} is. Use kith seeds --cost {asked} "
        "for a plan by any numeric property of customers.",
        "seeds：此处未读取成本属性 {asked!r}，仅读取 {read!r}。请用 kith seeds --cost {asked} "
        "按任意数值属性制定方案。",
    )


@dataclass(frozen=True, eq=False)
class Crowd:
    """Everybody who answers or is answered, and who of them may be seeded."""

    people: People
    candidates: Candidates
    told: Told


def compute(inputs: Inputs, params: SeedsParameters) -> Result:
    """Propose whom to seed, and say how far they reach beside plain lists.

    Parameters
    ----------
    inputs
        ``people``: everybody in the order of their ids, with ``attention`` and ``cost`` (null:
        not known), and the property that is the cost; ``pairs``: one row a pair of them by
        their places (``source``, ``target``), ``n`` replies, first and last; ``left_out``:
        replies that do not count, by reason.
    params
        Budget, cost, model.

    Returns
    -------
    ``Customer``, the seeds alone, ordered by id: ``seeds_order`` from 1, ``seeds_gain`` people
    that each adds with a 95 % interval, ``seeds_reach`` of all up to each, ``seeds_alone``,
    ``seeds_overlap`` (the share of the own reach that those before reach too) and
    ``seeds_cost``. Metrics: every list's reach, the curve, reach by step,
    and how a product spreads with the seeds and without.

    Raises
    ------
    NobodyRepliesError, NobodyAffordableError
        If there is nobody to reach, or to seed.
    UnreadCostError, ExplodingError, WeightsError
        If cost or probabilities do not suit.
    """
    if inputs["pairs"].empty:
        raise NobodyRepliesError(days=params.window_days, as_of=params.as_of.isoformat())
    crowd = _crowd(inputs, params)
    plan = planned(crowd.candidates, params)
    metrics = {**asdict(crowd.told), **_metrics(plan, crowd, params=params)}
    frame = _frame(plan, crowd, has_costs=bool(params.cost))
    return Result({"Customer": frame}, metrics, notes_on(plan, crowd.told, params=params))


def _crowd(inputs: Inputs, params: SeedsParameters) -> Crowd:
    """Gather who is there; raises as `compute`."""
    from algorithms.network.digraph import digraph_of

    pairs, known = inputs["pairs"], inputs["people"]
    people = listed(known["customer_id"])
    source, target, weight = (pairs[c].to_numpy() for c in ("source", "target", "n"))
    replies = digraph_of(source, target, n=people.n, weight=weight)
    attention = known["attention"].to_numpy(np.float64)
    cost = _costs(known, params) if params.cost else np.ones(people.n)
    unpriced = ~(cost > 0)
    unwanted = {name.strip() for name in params.excluded.split(",")} - {""}
    is_unwanted = people.ids.isin(sorted(unwanted))
    cost[unpriced | is_unwanted] = np.inf
    if not (cost <= params.budget).any():
        priced = int(np.isfinite(cost).sum())
        raise NobodyAffordableError(
            budget=params.budget, people=people.n, priced=priced, cheapest=float(cost.min())
        )
    left_out = inputs["left_out"]
    told = Told(
        people=people.n,
        pairs=replies.m,
        replies=int(pairs["n"].sum()),
        days=(pairs["last_at"].max() - pairs["first_at"].min()).total_seconds() / 86_400,
        unpriced=int(unpriced.sum()),
        unwanted=int(is_unwanted.sum()),
        unknown=len(unwanted) - int(is_unwanted.sum()),
        left_out=dict(zip(left_out["reason"], map(int, left_out["n"]), strict=True)),
    )
    return Crowd(people, Candidates(replies, cost, attention), told)


def _costs(known: pd.DataFrame, params: SeedsParameters) -> Floats:
    read = str(known["cost_key"].iloc[0])
    if read != params.cost:
        raise UnreadCostError(asked=params.cost, read=read)
    costs: Floats = known["cost"].to_numpy(np.float64)
    return costs.copy()


def _frame(plan: Plan, crowd: Crowd, *, has_costs: bool) -> pd.DataFrame:
    """Return one row a seed, ordered by id."""
    gain, low, high = plan.reach.gain
    alone = np.maximum(plan.alone, gain)
    cost = crowd.candidates.cost[plan.people]
    columns = {
        "seeds_order": np.arange(1, len(plan.people) + 1),
        "seeds_gain": gain,
        "seeds_gain_low": low,
        "seeds_gain_high": high,
        "seeds_reach": plan.reach.total[0, 1:],
        "seeds_alone": alone,
        # of who is in no set of the check nothing is known
        "seeds_overlap": np.divide(alone - gain, alone, out=np.zeros(len(gain)), where=alone > 0),
        "seeds_cost": cost if has_costs else np.ones(len(cost)),
    }
    frame = pd.DataFrame({"customer_id": crowd.people.names[plan.people], **columns})
    return frame.sort_values("customer_id", ignore_index=True)


def _metrics(plan: Plan, crowd: Crowd, *, params: SeedsParameters) -> dict[str, object]:
    degree = float(plan.lists["degree"].total[0, -1])
    found = {
        "model": params.model,
        "probability": params.probability or "share of replies",
        "budget": params.budget,
        "spent": float(crowd.candidates.cost[plan.people].sum()),
        "seeds": len(plan.people),
        "sets": params.sets,
        "chosen_by": plan.chosen_by,
        "lists": {name: _end(reach) for name, reach in sorted(plan.lists.items())},
        "gain_over_degree": [value / degree for value in plan.gain],
        "first_below_noise": plan.first_below_noise,
        "certain_share_of_best": plan.certain,
        "is_saturated": plan.is_saturated,
        "curve": plan.reach.total[:, : LISTED + 1].T.tolist(),
    }
    if plan.course is not None:
        found["steps"] = _rows(plan.course)
    if plan.adoption is not None:
        with_seeds, without = plan.adoption
        found["adoption"] = {"with_seeds": _rows(with_seeds), "without": _rows(without)}
    return found


def _rows(course: "Course") -> list[list[float]]:
    """Return mean, low and high of each step."""
    parts = (course.mean.tolist(), course.low.tolist(), course.high.tolist())
    return [list(row) for row in zip(*parts, strict=True)]


def _end(reach: "Reach") -> Mapping[str, float]:
    value, low, high = reach.total[:, -1].tolist()
    return {"seeds": reach.gain.shape[1], "reach": value, "low": low, "high": high}


PEOPLE: PropertyOptions = {"minimum": 0, "unit": "people"}


def _people(name: str, about: Text) -> PropertySpec:
    return owned(f"seeds_{name}", "number", about=about, **PEOPLE)


PROPERTIES: Final = (
    owned(
        "seeds_order",
        "integer",
        about=Text("Place among the seeds", "种子次序"),
        minimum=1,
        indexed=True,
    ),
    _people("gain", Text("People reached beyond those of the seeds before", "新增触达人数")),
    _people("gain_low", Text("Lower end of its 95 % interval", "新增触达 95% 区间下限")),
    _people("gain_high", Text("Upper end of its 95 % interval", "新增触达 95% 区间上限")),
    _people("reach", Text("People reached by all seeds up to this one", "累计触达人数")),
    _people("alone", Text("People reached by this seed alone", "单独触达人数")),
    owned(
        "seeds_overlap",
        "number",
        about=Text(
            "Share of the own reach that the seeds before reach too", "与前序种子的重叠占比"
        ),
        minimum=0,
        maximum=1,
    ),
    owned(
        "seeds_cost",
        "number",
        about=Text("What the seed costs, in units of the budget", "成本（与预算同单位）"),
        minimum=0,
    ),
)
COLUMNS: Final = ("customer_id", *(p.name for p in PROPERTIES))

ALGORITHM: Final = Algorithm(
    name="seeds",
    version="1",
    about=Text(
        "Proposes whom to seed under a budget, and says how far they reach beside plain lists.",
        "在预算内建议种子用户，并与简单榜单对比其触达人数。",
    ),
    stage="activate",
    source="Kempe, Kleinberg and Tardos (2003); Borgs et al. (2014); Tang et al. (2018); Khuller, "
    "Moss and Naor (1999) for costs.",
    reads={**READS, "customers": (*READS["customers"], "influence_score", COST)},
    parameters=SeedsParameters,
    compute=compute,
    prepare=prepared_for(),
    reduce={"pairs": PAIRS, "people": people_by(COST), "left_out": LEFT_OUT},
    properties={"Customer": PROPERTIES},
    tables=(
        KnowledgeTable(
            name="seeds",
            about=Text("A person proposed as seed", "建议的种子用户"),
            columns=COLUMNS,
            elements=("Customer",),
            query=f"SELECT {', '.join(COLUMNS)} FROM Customer WHERE seeds_order IS NOT NULL",
        ),
    ),
    mathematics=MATHEMATICS,
    explain=explain,
)


def seeds_by(cost: PropertySpec) -> Algorithm:
    """Return the method with another property of customers as what they cost.

    Parameters
    ----------
    cost
        A numeric one; an amount of money counts in units of the currency. Parameters still
        have to ask for it by name.
    """
    scale = 1 / MONEY_SCALE if cost.kind == "money" else 1.0
    read = dict.fromkeys((*READS["customers"], "influence_score", cost.name))
    return replace(
        ALGORITHM,
        reads={**READS, "customers": tuple(read)},
        reduce={**ALGORITHM.reduce, "people": people_by(cost.name, scale=scale)},
    )
