"""How much customers of layer 1 resemble each other: their rows, the model, the pairs.

Each group of accounts is one row, named by its smallest account. Where the last run's memory
is at hand only the rows of accounts that are here are made anew, and only their pairs are
scored: what the others weigh against each other has not changed.
"""

import logging
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Evidence
from algorithms.identity.linkage.model import Model, is_outgrown
from algorithms.identity.linkage.rows import match_rows
from algorithms.identity.linkage.score import score_between
from algorithms.identity.linkage.settings import Choices, derive, read_choices
from algorithms.identity.linkage.training import NotEstimableError, train
from algorithms.identity.links import Flags, Numbers
from algorithms.identity.memory import Memory
from algorithms.identity.union import Union
from graph.engine import unspilling

logger = logging.getLogger(__name__)

SEED: Final = 7
DECIMALS: Final = 6  # of weights, so that no error of rounding looks like a change
GROWN: Final = 1.3  # times the rows of the training, before pairs are counted again
NO_PAIRS: Final = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
    ]
)


@dataclass
class Scores:
    """What a run has scored: a part that had to grow has the same changes among the same rows."""

    founders: pa.Array | None = None
    changed: Flags | None = None
    pairs: pa.Table | None = None

    def between(self, model: Model, rows: pa.Table, *, changed: Flags) -> pa.Table:
        """Return the pairs of ``rows`` with a changed end; scored anew unless asked before."""
        founders = rows["founder"].combine_chunks()
        is_known = np.array_equal(changed, self.changed) if self.changed is not None else False
        if self.pairs is None or not is_known or not founders.equals(self.founders):
            self.founders, self.changed = founders, changed
            self.pairs = _rounded(score_between(model, _numbered(rows), changed=changed))
        return self.pairs


@dataclass(frozen=True)
class Means:
    """By what to weigh: the model that there is, and what a new one may be learned from.

    ``scores`` is what the run has weighed by it already.
    """

    model: Model | None = None
    choices: Choices = field(default_factory=read_choices)
    scores: Scores = field(default_factory=Scores)


@dataclass(frozen=True)
class Weighed:
    """The pairs of all units, and which of them this run has weighed.

    ``rows`` has ``founder`` (ascending; the smallest account of the unit) and the columns of
    ``match_rows``. ``pairs`` has ``left`` and ``right`` (places in ``rows``), ``weight``,
    ``probability`` and ``w_<field>``. ``stirred`` tells which units changed, or had a pair
    with one that did. ``model`` is None, and there are no pairs, where nothing can be learned
    from so little.
    """

    rows: pa.Table
    pairs: pa.Table
    stirred: Flags
    model: Model | None

    @property
    def founders(self) -> pa.Array:
        """Return the smallest account of each unit, ascending."""
        return self.rows["founder"].combine_chunks()

    def memory(self, joins: pa.Table) -> Memory:
        """Return what the next run will want to know."""
        rest = self.pairs.drop_columns(["left", "right"])
        pairs = rest.add_column(0, "founder_r", self._named("right"))
        return Memory(self.rows, pairs.add_column(0, "founder_l", self._named("left")), joins)

    def _named(self, end: str) -> pa.Array:
        return self.founders.take(self.pairs[end].combine_chunks())


def weigh(
    evidence: Evidence,
    union: Union,
    *,
    details: pa.Table,
    means: Means,
    memory: Memory | None,
) -> Weighed:
    """Score the pairs of customers of layer 1 by what is known of their persons.

    Parameters
    ----------
    evidence, union
        The accounts that are here, and their groups.
    details
        What the vault and the accounts say: ``account_id`` and columns of ``match_rows``.
    means
        The model by which to score; if there is none, or the rows have outgrown it, one is
        learned from them.
    memory
        What the last run knew of those who are not here; ``None``: everybody is here.

    Returns
    -------
    Everybody's rows and pairs.
    """
    fresh = _rows(evidence, union, details=details)
    rows, is_fresh = _everybody(fresh, evidence, memory=memory)
    same = _unchanged(fresh, memory=memory)
    model = means.model
    if model is None or _is_outgrown(model, rows):
        here = pc.is_in(details["account_id"], value_set=evidence.accounts)
        records = float(pc.sum(here).as_py() or 0) / max(len(fresh), 1)
        return _first_weighed(rows, means.choices.for_units(of=records))
    founders = rows["founder"].combine_chunks()
    is_new = is_fresh & ~pc.is_in(founders, value_set=same).to_numpy(zero_copy_only=False)
    scored = means.scores.between(model, rows, changed=is_new)
    if memory is None:
        return Weighed(rows, scored, is_fresh, model)
    gone = evidence.accounts.filter(pc.invert(pc.is_in(evidence.accounts, value_set=same)))
    kept, stirred = _former(memory, founders, gone=gone)
    pairs = pa.concat_tables([kept, scored.select(kept.column_names)]).sort_by(
        [("left", "ascending"), ("right", "ascending")]
    )
    return Weighed(rows, pairs, is_fresh | stirred, model)


def _is_outgrown(model: Model, rows: pa.Table) -> bool:
    # counting pairs takes seconds on a million rows; without more rows there are hardly more
    return len(rows) > GROWN * model.trained_on["rows"] and is_outgrown(model, rows)


def _first_weighed(rows: pa.Table, choices: Choices) -> Weighed:
    """Learn a model and weigh everybody by it: no earlier run has weighed anybody so."""
    everybody = np.ones(len(rows), dtype=np.bool_)
    model = _learned(_numbered(rows), choices)
    if model is None:
        return Weighed(rows, NO_PAIRS.empty_table(), everybody, None)
    scored = _rounded(score_between(model, _numbered(rows), changed=everybody))
    return Weighed(rows, scored, everybody, model)


def _learned(rows: pa.Table, choices: Choices) -> Model | None:
    if not len(rows):
        return None
    try:
        return train(rows, derive(rows, choices), seed=SEED)
    except NotEstimableError as error:
        logger.warning("%s", error)
        return None


def _rows(evidence: Evidence, union: Union, *, details: pa.Table) -> pa.Table:
    """Return one row a group of which anything is known, named by its founder."""
    account = pc.index_in(details["account_id"].combine_chunks(), value_set=evidence.accounts)
    here = pc.is_valid(account)
    group = union.group[account.filter(here).to_numpy()]
    known, place = np.unique(group, return_inverse=True)
    rows = match_rows(details.filter(here), place.astype(np.int64))
    founder = evidence.accounts.take(pa.array(union.founder[known]))
    return rows.drop_columns(["unit"]).add_column(0, "founder", founder)


def _everybody(
    fresh: pa.Table, evidence: Evidence, *, memory: Memory | None
) -> tuple[pa.Table, Flags]:
    """Return the rows of all units, ascending by founder, and which of them are made anew."""
    if memory is None:
        return fresh, np.ones(len(fresh), dtype=np.bool_)
    held = memory.rows.filter(
        pc.invert(pc.is_in(memory.rows["founder"], value_set=evidence.accounts))
    )
    marked = [
        rows.append_column("is_fresh", pa.array([is_fresh] * len(rows), pa.bool_()))
        for rows, is_fresh in ((held, False), (fresh, True))
    ]
    rows = pa.concat_tables(marked, promote_options="permissive").sort_by("founder")
    return rows.drop_columns(["is_fresh"]), rows["is_fresh"].to_numpy()


def _unchanged(fresh: pa.Table, *, memory: Memory | None) -> pa.Array:
    """Return the founders whose rows are what they were: their pairs need no new weighing."""
    if memory is None:
        return pa.array([], pa.string())
    both = pa.concat_tables([fresh, memory.rows], promote_options="permissive")
    connection = unspilling()
    connection.register("mine", both.slice(0, len(fresh)))
    connection.register("former", both.slice(len(fresh)))
    same = " AND ".join(f"m.{name} IS NOT DISTINCT FROM f.{name}" for name in both.column_names)
    query = (
        f"SELECT founder FROM mine AS m SEMI JOIN former AS f ON m.founder = f.founder AND {same}"
    )
    founders = connection.sql(query).to_arrow_table()["founder"].combine_chunks()
    connection.close()
    return founders


def _numbered(rows: pa.Table) -> pa.Table:
    units = rows.drop_columns(["founder"])
    return units.add_column(0, "unit", pa.array(np.arange(len(rows))))


def _rounded(pairs: pa.Table) -> pa.Table:
    for place, name in enumerate(pairs.column_names):
        if pa.types.is_floating(pairs[name].type):
            column = pc.round(pairs[name].cast(pa.float64()), DECIMALS)
            pairs = pairs.set_column(place, name, column)
    return pairs


def _former(memory: Memory, founders: pa.Array, *, gone: pa.Array) -> tuple[pa.Table, Flags]:
    """Return the former pairs of units that are as they were, and who lost a pair."""
    ends = [memory.pairs[name].combine_chunks() for name in ("founder_l", "founder_r")]
    places = [pc.index_in(end, value_set=founders) for end in ends]
    stays = [pc.invert(pc.is_in(end, value_set=gone)) for end in ends]
    stirred = np.zeros(len(founders), dtype=np.bool_)
    for place, here, there in ((places[0], *stays), (places[1], *reversed(stays))):
        lost: Numbers = place.filter(pc.and_(here, pc.invert(there))).to_numpy()
        stirred[lost] = True
    both = pc.and_(*stays)
    rest = memory.pairs.drop_columns(["founder_l", "founder_r"]).filter(both)
    for name, place in zip(("right", "left"), reversed(places), strict=True):
        rest = rest.add_column(0, name, place.filter(both).cast(pa.int64()))
    return rest, stirred
