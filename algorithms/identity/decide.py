"""Which accounts are one: the partition, and on what each account's place in it rests.

The first form joins whatever linking identifiers connect. It is the seam for more: vetoes
and a steward's word refuse joins before they are united, likely pairs add joins, and both
leave everything after this module as it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from algorithms.identity.evidence import LINKING, Evidence, Flags, Numbers
from algorithms.identity.policy import Policy

ALONE: Final = "alone"  # the rule of an account that nothing joins to another


@dataclass(frozen=True)
class Decision:
    """Groups of accounts, numbered by their smallest account.

    ``group`` is each account's group; ``founder`` each group's smallest account, ascending.
    ``rule`` names the best kind of evidence that joins an account to its group, or
    ``alone``; ``confidence`` is how sure that is, from 0 to 1.
    """

    group: Numbers
    founder: Numbers
    rule: pa.Array
    confidence: npt.NDArray[np.float64]


def decide(evidence: Evidence, policy: Policy) -> Decision:
    """Partition the accounts.

    Parameters
    ----------
    evidence
        What ``gather`` found.
    policy
        How sure a join by each kind of identifier is.
    """
    joining = _joining(evidence)
    group, founder = _united(evidence, joining)
    best = _best_kind(evidence, joining)
    rules = [*evidence.order, ALONE]
    sure = [rule.confidence for rule in policy.rules]
    return Decision(
        group=group,
        founder=founder,
        rule=pa.array(rules, pa.string()).take(pa.array(best)),
        confidence=np.array([*sure, 1.0])[best],
    )


def _joining(evidence: Evidence) -> Flags:
    """Tell which links join: their identifier is linking and on more than one account."""
    n = np.bincount(evidence.identifier, minlength=len(evidence.identifiers))
    joining: Flags = ((evidence.states == LINKING) & (n > 1))[evidence.identifier]
    return joining


def _united(evidence: Evidence, joining: Flags) -> tuple[Numbers, Numbers]:
    """Return each account's group and each group's smallest account."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    account, identifier = evidence.account[joining], evidence.identifier[joining]
    # links are ordered by identifier: each account is tied to the one before it
    same = identifier[1:] == identifier[:-1]
    one, other = account[:-1][same], account[1:][same]
    n = len(evidence.accounts)
    ties = coo_array((np.ones(len(one), dtype=np.bool_), (one, other)), shape=(n, n))
    _, labels = connected_components(ties, directed=False)
    # scipy numbers components as it pleases; ours are numbered by their smallest account
    _, founder, group = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(founder))
    return rank[group].astype(np.int64), np.sort(founder).astype(np.int64)


def _best_kind(evidence: Evidence, joining: Flags) -> Numbers:
    """Return for each account the best kind that joins it, or the place after the last."""
    best = np.full(len(evidence.accounts), len(evidence.order), dtype=np.int64)
    kinds = evidence.kinds[evidence.identifier[joining]]
    np.minimum.at(best, evidence.account[joining], kinds)
    return best
