"""Which accounts are one: the partition, and on what each account's place in it rests.

Identifiers come first, under their vetoes (``union.py``). What resembles each other enough
is joined after that (``linkage``), and everything after this module stays as it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.evidence import Evidence
from algorithms.identity.links import Numbers
from algorithms.identity.policy import Policy
from algorithms.identity.union import Union, united
from algorithms.identity.words import NO_WORDS, Words

ALONE: Final = "alone"  # the rule of an account that nothing joins to another
STEWARD: Final = "steward"  # of one that a steward's word joins


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


def decide(evidence: Evidence, policy: Policy, *, words: Words = NO_WORDS) -> Decision:
    """Partition the accounts.

    Parameters
    ----------
    evidence
        What ``gather`` found.
    policy
        How sure a join by each kind of identifier is, and what vetoes it.
    words
        What stewards decided.
    """
    union = united(evidence, policy, words=words)
    best = _best_kind(evidence, union.group)
    rules = [*evidence.order, ALONE, STEWARD]
    best[union.pinned] = rules.index(STEWARD)
    sure = [*(rule.confidence for rule in policy.rules), 1.0, 1.0]
    return Decision(
        group=union.group,
        founder=np.unique(union.group, return_index=True)[1].astype(np.int64),
        rule=pa.array(rules, pa.string()).take(pa.array(best)),
        confidence=np.array(sure)[best],
        linked_to=pa.nulls(len(best), pa.string()),
        by_field=pa.nulls(len(best), pa.string()),
        union=union,
    )


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
