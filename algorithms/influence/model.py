"""From the replies of a window to what is written about each person who was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from algorithms.contract import Inputs, NothingToSayError, Result
from algorithms.influence.arcs import Arcs, Flags, Floats, Numbers, Timeline
from algorithms.influence.attention import OLD_ENOUGH, Attention, attention
from algorithms.influence.columns import columns_of, n_pivots
from algorithms.influence.fading import HalfLife, half_life_of
from algorithms.influence.lists import last_list
from algorithms.influence.settings import InfluenceParameters
from algorithms.influence.standing import (
    Standing,
    bands_of,
    flags_of,
    list_length,
    standing,
)
from algorithms.influence.words import Facts, notes_on
from algorithms.reply_arcs import Names, People, listed
from graph.language import Text

if TYPE_CHECKING:
    from datetime import datetime

DAY_MILLISECONDS: Final = 86_400_000


class NoRepliesError(NothingToSayError):
    """Nobody answered anybody in the window."""

    text = Text(
        "influence: nobody answered anybody in the {days} days up to {as_of}, so nobody draws "
        "attention.",
        "influence：截至 {as_of} 的 {days} 天内没有人回复他人，无法衡量影响力。",
    )


@dataclass(frozen=True, eq=False)
class Measured:
    """Everything known of the people of one window, by their numbers."""

    people: People
    arcs: Arcs
    found: Attention
    held: Standing
    columns: Mapping[str, Floats]
    pivots: int | None
    half_life: HalfLife


def compute(inputs: Inputs, params: InfluenceParameters) -> Result:
    """Score, rank and place everybody who was answered.

    Parameters
    ----------
    inputs
        ``people``: everybody, by ``number`` from 0 in the order of their ids. ``pairs``: one row
        a pair (``source``, ``target``), ordered by them: ``n`` replies of the window,
        ``first_at`` and ``last_at``, and how many of them are recent (``n_recent``) or of as
        many days before (``n_before``). ``replies``: one row each (``source``, ``target``,
        ``replied_at``). ``known``: since when each is known. ``topics``: the topic in which most
        people answered each. ``recalled``: the list of an earlier run; ``drawn``: how many
        people answered each since, within ``grade_days``.
    params
        ``as_of`` is the instant from which replies fade.

    Returns
    -------
    ``Customer``, ordered by id: everybody who was answered in the window, and nobody else.
    Metrics: the form of the score with the share of established accounts, the half-life with
    what spoke for it, and ``last_list``: how good the list of the earlier run was.

    Raises
    ------
    NoRepliesError
        If no reply of the window counts.
    """
    pairs = inputs["pairs"]
    if pairs.empty:
        raise NoRepliesError(days=params.window_days, as_of=params.as_of.isoformat())
    measured = _measured(inputs, params)
    last = last_list(inputs, params)
    lists = _lengths(measured.held.n, params)
    facts = Facts(
        n=measured.held.n,
        n_people=int(measured.arcs.seen.sum()),
        share=measured.found.share,
        is_strict=measured.found.is_strict,
        half_life=measured.half_life,
        leaders=lists[0],
        recent_days=params.recent_days,
        pivots=measured.pivots,
    )
    frame = _frame(measured, inputs, params=params)
    metrics = {**facts.as_metrics(params), "last_list": last and last.as_metrics()}
    return Result({"Customer": frame}, metrics, tuple(notes_on(facts, measured.found, last)))


def _measured(inputs: Inputs, params: InfluenceParameters) -> Measured:
    people = listed(inputs["people"]["customer_id"])
    arcs = arcs_of(inputs["pairs"], n=people.n, known=inputs["known"], as_of=params.as_of)
    half_life = _half_life(inputs["replies"], arcs, params=params)
    found = attention(arcs, replace(params.rule, half_life_days=half_life.days))
    network = arcs.network()
    columns = columns_of(network, seed=params.seed, pivots=params.pivots)
    pivots = n_pivots(network, wished=params.pivots)
    return Measured(people, arcs, found, standing(arcs, found), columns, pivots, half_life)


def _half_life(replies: pd.DataFrame, arcs: Arcs, *, params: InfluenceParameters) -> HalfLife:
    """Return the half-life that fits the replies of the window, in days before ``as_of``."""
    source, target = (replies[c].to_numpy(np.int64) for c in ("source", "target"))
    at = -_ages(replies["replied_at"], as_of=params.as_of)
    timeline = Timeline(arcs.n, source, target, at, -arcs.known)
    # a reply at ``as_of`` itself counts
    now = 1 / DAY_MILLISECONDS
    return half_life_of(timeline, params.rule, cut=now, horizon=params.grade_days)


def arcs_of(pairs: pd.DataFrame, *, n: int, known: pd.DataFrame, as_of: "datetime") -> Arcs:
    """Return the pairs as arcs; everybody is known since they were first answered at least."""
    since = np.zeros(n)
    since[known["number"].to_numpy()] = _ages(known["since"], as_of=as_of)
    source, target, count = (pairs[c].to_numpy(np.int64) for c in ("source", "target", "n"))
    first, last = (_ages(pairs[c], as_of=as_of) for c in ("first_at", "last_at"))
    np.maximum.at(since, target, first)
    return Arcs(n, source, target, count, first, last, since)


def _ages(times: "pd.Series[pd.Timestamp]", *, as_of: "datetime") -> Floats:
    """Return the days from each time to ``as_of``; 0 for later ones."""
    at = times.dt.as_unit("ms").astype("int64").to_numpy()
    now = pd.Timestamp(as_of).value // 1_000_000  # pandas counts nanoseconds here
    return np.maximum(now - at, 0) / DAY_MILLISECONDS


def _lengths(n: int, params: InfluenceParameters) -> tuple[int, int]:
    """Return the lengths of the lists of leaders and of rising people."""
    return list_length(n, wished=params.leaders), list_length(n, wished=params.rising)


def _frame(measured: Measured, inputs: Inputs, *, params: InfluenceParameters) -> pd.DataFrame:
    """Return one row for each person who was answered, ordered by id."""
    arcs, held, people = measured.arcs, measured.held, measured.people
    counts = _counts(measured, inputs["pairs"])
    growth = counts["recent_repliers"] - counts["earlier_repliers"]
    lists = _lengths(held.n, params)
    band = bands_of(held, score=measured.found.score, growth=growth, lists=lists)
    new = (arcs.known < params.window_days * OLD_ENOUGH) & ~measured.found.established
    flags = flags_of(arcs, held, new=new, length=lists[0])
    values: dict[str, npt.NDArray[np.generic] | Names] = {
        **_ranks(measured),
        **counts,
        **_columns(measured),
        "topic": _topics(inputs["topics"], people),
        "rising": band == "rising",
        "band": band,
        "flags": _listed(flags, n=people.n),
    }
    # columns shrink one by one: all of them beside their better half would be the peak
    ranked = held.rank > 0
    columns = {f"influence_{name}": value[ranked] for name, value in values.items()}
    frame = pd.DataFrame({"customer_id": people.names[ranked], **columns}, copy=False)
    frame["influence_previous_rank"] = _previous(inputs["recalled"], people)[ranked]
    frame["influence_as_of"] = pd.Timestamp(params.as_of).as_unit("ms")
    return frame


def _ranks(measured: Measured) -> dict[str, Floats | Numbers]:
    """Return scores, ranks and the percentile: the share of the ranked who stand no higher."""
    held, found = measured.held, measured.found
    return {
        "score": found.score,
        "untrusted_score": found.untrusted,
        "rank": held.rank,
        "untrusted_rank": held.plain_rank,
        "rank_without_top": held.rank_without_top,
        "percentile": 100 * (held.n + 1 - held.rank) / held.n,
    }


def _counts(measured: Measured, pairs: pd.DataFrame) -> dict[str, Numbers]:
    """Return how many people answered each, all and of a kind, and how many replies."""
    arcs, known = measured.arcs, measured.found.established[measured.arcs.source]
    recent, before = (pairs[c].to_numpy(np.int64) > 0 for c in ("n_recent", "n_before"))

    def people(chosen: Flags) -> Numbers:
        return np.bincount(arcs.target[chosen], minlength=arcs.n).astype(np.int64)

    return {
        "repliers": arcs.repliers,
        "established_repliers": people(known),
        "recent_repliers": people(recent),
        "recent_established": people(recent & known),
        "earlier_repliers": people(before),
        "replies": arcs.replies,
    }


def _columns(measured: Measured) -> dict[str, Floats | Numbers]:
    columns = dict(measured.columns)
    is_ranked = measured.held.rank > 0
    ranks = {
        "broker_rank": _rank_of(columns["betweenness"], is_ranked),
        "reach_rank": _rank_of(columns["reach"], is_ranked),
    }
    return {**columns, "core": columns["core"].astype(np.int64), **ranks}


def _rank_of(values: Floats, is_ranked: Flags) -> Numbers:
    """Return 1 + how many of the ranked have more; equals share a rank."""
    ordered = np.sort(values[is_ranked])
    return len(ordered) - np.searchsorted(ordered, values, side="right") + 1


def _topics(topics: pd.DataFrame, people: People) -> Names:
    found = np.full(people.n, None, dtype=object)
    found[topics["number"].to_numpy()] = topics["topic_key"].astype(object).to_numpy()
    return found


def _previous(recalled: pd.DataFrame, people: People) -> pd.arrays.IntegerArray:
    """Return the rank that the earlier run gave each person; absent where it gave none."""
    found = np.zeros(people.n, np.int64)
    if len(recalled):
        number = people.numbers(recalled["customer_id"])
        known = number >= 0
        found[number[known]] = recalled["influence_rank"].to_numpy(np.int64)[known]
    return pd.arrays.IntegerArray(found, found == 0)


def _listed(flags: Mapping[str, Flags], *, n: int) -> Names:
    """Return the sorted names of the flags of each person; null where there is none."""
    lists = np.full(n, None, dtype=object)
    for name in sorted(flags):
        for person in np.flatnonzero(flags[name]):
            lists[person] = [*(lists[person] or []), name]
    return lists
