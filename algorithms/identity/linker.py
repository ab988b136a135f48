"""Layer 2 of a resolution: joins groups of accounts that resemble each other to customers.

Only where pairs have changed: a component of pairs is settled from its own pairs alone, so
what lies outside stays as it was.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Evidence
from algorithms.identity.joining import APART, NOBODY, Candidates, Joined, Units, joined
from algorithms.identity.linkage.cluster import communities
from algorithms.identity.links import Flags, Numbers
from algorithms.identity.memory import JOIN_COLUMNS, Memory
from algorithms.identity.policy import Policy
from algorithms.identity.union import Union, connected
from algorithms.identity.weighing import Weighed

LIKELY: Final = pa.schema(
    [
        ("one", pa.int64()),
        ("other", pa.int64()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("by_field", pa.string()),
        ("kept_apart", pa.string()),
    ]
)
FIELD: Final = "w_"


@dataclass(frozen=True)
class Linked:
    """Groups of layer 1 joined by resemblance.

    ``label`` is each group's customer, named by the smallest of its groups. ``joins``
    (columns ``JOIN_COLUMNS``) tell of every group that was joined to another, here and
    elsewhere, how sure that is, which account it resembles and in what. ``likely`` (columns
    ``LIKELY``) are groups that resemble each other and stay apart. ``model`` is the digest of
    the model. ``missing`` names accounts that must be here too before anything else of this
    holds.
    """

    label: Numbers
    joins: pa.Table
    likely: pa.Table
    model: str
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Ground:
    """The units that are settled: their places in ``Weighed`` and their groups."""

    unit: Numbers
    group: Numbers
    pairs: pa.Table

    @property
    def candidates(self) -> Candidates:
        columns = (self.pairs[name].to_numpy() for name in ("left", "right", "probability"))
        return Candidates(*columns)


def link(
    evidence: Evidence, union: Union, *, weighed: Weighed, policy: Policy, memory: Memory | None
) -> Linked:
    """Join groups of layer 1 that resemble each other.

    Parameters
    ----------
    evidence, union
        The accounts that are here, and their groups.
    weighed
        The pairs of everybody.
    policy
        Mode and limits.
    memory
        What the last run knew of those whose pairs have not changed.
    """
    model = weighed.model
    assert model is not None  # without one nobody was weighed
    founders = evidence.accounts.take(pa.array(union.founder))
    place = pc.index_in(weighed.founders, value_set=founders)
    reached = _reached(weighed)
    missing = weighed.founders.filter(pc.and_(pa.array(reached), pc.is_null(place)))
    if len(missing):
        return _incomplete(missing, n=len(founders), model=model.digest)
    unit = np.flatnonzero(reached)
    group = place.take(pa.array(unit)).to_numpy().astype(np.int64)
    ground = _Ground(unit, group, _among(weighed.pairs, unit))
    community = communities(ground.pairs, len(unit), resolution=model.limits.resolution)
    units = _units(union, group=group, policy=policy)
    found = joined(ground.candidates, community, units=units, policy=policy.linkage)
    former = _elsewhere(memory, evidence.accounts)
    joins = pa.concat_tables([former, _joins(ground, found, founders=founders)]).sort_by("founder")
    return Linked(_labels(joins, founders), joins, _likely(ground, found), model.digest)


def _reached(weighed: Weighed) -> Flags:
    """Tell which units a change can concern: those that pairs connect with one that changed."""
    left, right = (weighed.pairs[name].to_numpy() for name in ("left", "right"))
    component = connected(left, right, n=len(weighed.stirred))
    stirred = np.zeros(len(component) + 1, dtype=np.bool_)
    stirred[component[weighed.stirred]] = True
    reached: Flags = stirred[component]
    return reached


def _incomplete(missing: pa.Array, *, n: int, model: str) -> Linked:
    accounts = frozenset(missing.to_pylist())
    tables = (JOIN_COLUMNS.empty_table(), LIKELY.empty_table())
    return Linked(np.arange(n), *tables, model=model, missing=accounts)


def _among(pairs: pa.Table, unit: Numbers) -> pa.Table:
    """Return the pairs of some units, each end the unit's place among them."""
    ends = [pc.index_in(pairs[name], value_set=pa.array(unit)) for name in ("left", "right")]
    pairs = pairs.set_column(0, "left", ends[0].cast(pa.int64()))
    pairs = pairs.set_column(1, "right", ends[1].cast(pa.int64()))
    return pairs.filter(pc.is_valid(pairs["left"])).combine_chunks()


def _units(union: Union, *, group: Numbers, policy: Policy) -> Units:
    place = np.full(len(union.founder), NOBODY, dtype=np.int64)
    place[group] = np.arange(len(group))
    of_account = place[union.group]
    foes = of_account[union.pins.apart]
    unique = (of_account[union.unique.account], union.unique.kind, union.unique.key)
    held = np.stack(unique, axis=1)
    return Units(
        n_accounts=np.bincount(union.group, minlength=len(union.founder))[group],
        foes=foes[(foes != NOBODY).all(axis=1)],
        unique=held[held[:, 0] != NOBODY],
        limits=tuple(rule.limit for rule in policy.rules),
    )


def _joins(ground: _Ground, found: Joined, *, founders: pa.Array) -> pa.Table:
    unit = np.flatnonzero(found.via != NOBODY)
    pair = found.via[unit]
    left, right = (ground.pairs[name].to_numpy()[pair] for name in ("left", "right"))
    other = np.where(left == unit, right, left)
    named = [founders.take(pa.array(ground.group[u])) for u in (unit, found.label[unit], other)]
    chosen = ground.pairs.take(pa.array(pair))
    columns = [named[0], named[1], chosen["probability"], named[2], by_field(chosen)]
    return pa.table(columns, schema=JOIN_COLUMNS)


def _elsewhere(memory: Memory | None, accounts: pa.Array) -> pa.Table:
    """Return the former joins of groups that are not here: those here were all settled anew."""
    if memory is None:
        return JOIN_COLUMNS.empty_table()
    return memory.joins.filter(pc.invert(pc.is_in(memory.joins["founder"], value_set=accounts)))


def _labels(joins: pa.Table, founders: pa.Array) -> Numbers:
    label = np.arange(len(founders))
    ends = (joins[name].combine_chunks() for name in ("founder", "label"))
    group, to = (pc.index_in(end, value_set=founders) for end in ends)
    here = pc.is_valid(group)
    label[group.filter(here).to_numpy()] = to.filter(here).to_numpy()
    return label


def _likely(ground: _Ground, found: Joined) -> pa.Table:
    pairs = ground.pairs.take(pa.array(found.apart))
    ends = [pa.array(ground.group[pairs[name].to_numpy()]) for name in ("left", "right")]
    reasons = pa.array(APART).take(pa.array(found.reason))
    columns = [*ends, pairs["weight"], pairs["probability"], by_field(pairs), reasons]
    return pa.table(columns, schema=LIKELY)


def by_field(pairs: pa.Table) -> pa.Array:
    """Return the weights of the fields of each pair as JSON, fields that say nothing left out."""
    names = [name for name in pairs.column_names if name.startswith(FIELD)]
    rows = zip(*(pairs[name].to_pylist() for name in names), strict=True) if names else ()
    said = [_said([name.removeprefix(FIELD) for name in names], row) for row in rows]
    return pa.array(said if names else ["{}"] * len(pairs), pa.string())


def _said(names: Sequence[str], weights: Sequence[float]) -> str:
    told = {name: round(w, 2) for name, w in zip(names, weights, strict=True) if w}
    return json.dumps(told, sort_keys=True)
