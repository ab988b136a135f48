"""Which accounts are one: the partition, and on what each account's place in it rests.

Identifiers come first, under their vetoes (``union.py``). Groups that resemble each other
enough are joined after that (``linker.py``), and everything after this module stays as it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from algorithms.identity.evidence import Evidence
from algorithms.identity.linker import Linked
from algorithms.identity.links import Numbers
from algorithms.identity.memory import JOIN_COLUMNS
from algorithms.identity.policy import Policy
from algorithms.identity.union import Union, numbered

ALONE: Final = "alone"  # the rule of an account that nothing joins to another
STEWARD: Final = "steward"  # of one that a steward's word joins
LINKAGE: Final = "linkage"  # of one whose group resembles another


@dataclass(frozen=True)
class Decision:
    """Groups of accounts, numbered by their smallest account.

    ``group`` is each account's group; ``founder`` each group's smallest account, ascending.
    ``rule`` names the best kind of evidence that joins an account to its group, ``steward``
    or ``alone``; ``confidence`` is how sure that is, from 0 to 1. ``linked_to`` and
    ``by_field`` tell, where resemblance joins it, whom it resembles and in what (null where
    not). ``union`` tells which joins were refused.
    """

    group: Numbers
    founder: Numbers
    rule: pa.Array
    confidence: npt.NDArray[np.float64]
    linked_to: pa.Array
    by_field: pa.Array
    union: Union
    linked: Linked | None


def decide(
    evidence: Evidence, policy: Policy, *, union: Union, linked: Linked | None = None
) -> Decision:
    """Partition the accounts.

    Parameters
    ----------
    evidence
        What ``gather`` found.
    policy
        How sure a join by each kind of identifier is.
    union
        The groups that identifiers make.
    linked
        Which of these are joined because they resemble each other; ``None``: none are.
    """
    best = _best_kind(evidence, union.group)
    rules = [*evidence.order, ALONE, STEWARD]
    best[union.pinned] = rules.index(STEWARD)
    rule = pa.array(rules, pa.string()).take(pa.array(best))
    sure = [*(rule.confidence for rule in policy.rules), 1.0, 1.0]
    group = union.group if linked is None else numbered(linked.label[union.group])
    notes = _notes(evidence, union, linked=linked)
    # whoever others were joined to is no longer alone: it rests on the best of these joins
    has_company = np.bincount(group)[group] > 1
    is_anchor = pc.and_(pc.equal(rule, ALONE), pa.array(has_company))
    is_linked = pc.or_(pc.is_valid(notes["probability"]), is_anchor)
    anchored = pc.if_else(is_anchor, _best_join(notes, group), None)
    confidence = pc.coalesce(notes["probability"], anchored, pa.array(np.array(sure)[best]))
    return Decision(
        group=group,
        founder=np.unique(group, return_index=True)[1].astype(np.int64),
        rule=pc.if_else(is_linked, LINKAGE, rule).combine_chunks(),
        confidence=confidence.combine_chunks().to_numpy(),
        linked_to=notes["linked_to"].combine_chunks(),
        by_field=notes["by_field"].combine_chunks(),
        union=union,
        linked=linked,
    )


def _best_join(notes: pa.Table, group: Numbers) -> pa.Array:
    """Return for each account how sure the surest join to its group is; 0 where there is none."""
    best = np.zeros(int(group.max(initial=-1)) + 1)
    probability = pc.fill_null(notes["probability"], 0.0).to_numpy()
    np.maximum.at(best, group, probability)
    return pa.array(best[group])


def _notes(evidence: Evidence, union: Union, *, linked: Linked | None) -> pa.Table:
    """Return for each account how its group was joined to another; null where it was not."""
    joins = JOIN_COLUMNS.empty_table() if linked is None else linked.joins
    founders = evidence.accounts.take(pa.array(union.founder))
    at = pc.index_in(founders, value_set=joins["founder"].combine_chunks())
    notes = joins.select(["probability", "linked_to", "by_field"]).take(at)
    return notes.take(pa.array(union.group))


def _best_kind(evidence: Evidence, group: Numbers) -> Numbers:
    """Return for each account the best kind that joins it, or the place after the last."""
    account, unit = evidence.links.account[evidence.linking], evidence.unit[evidence.linking]
    # an identifier joins those of its accounts that are in one group with another of them
    cell = unit * (int(group.max(initial=0)) + 1) + group[account]
    _, place, counts = np.unique(cell, return_inverse=True, return_counts=True)
    joins = (counts > 1)[place]
    best = np.full(len(evidence.accounts), len(evidence.order), dtype=np.int64)
    kinds = evidence.kinds[evidence.links.identifier[evidence.linking]]
    np.minimum.at(best, account[joins], kinds[joins])
    return best
