"""Partitions of accounts, graded the slow way: every pair looked at, one by one.

The measures under test never list a pair; these do nothing else, so that the two have
nothing in common but the definitions.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from fractions import Fraction
from itertools import combinations

import numpy as np
import pyarrow as pa

from algorithms.identity.evaluation import UNKNOWN, Labels, Numbers

Groups = Sequence[Hashable | None]


def labels(
    customer: Groups,
    person: Groups,
    *,
    household: Groups | None = None,
    oracle: Groups | None = None,
) -> Labels:
    """Return groups, written as letters or numbers, as what is graded; None: not known."""
    return Labels(
        numbered(customer),
        numbered(person),
        None if household is None else numbered(household),
        None if oracle is None else numbered(oracle),
    )


def numbered(groups: Groups) -> Numbers:
    """Return a number for each group, ``UNKNOWN`` for None."""
    order = {group: n for n, group in enumerate(dict.fromkeys(g for g in groups if g is not None))}
    codes = [UNKNOWN if group is None else order[group] for group in groups]
    return np.array(codes, dtype=np.int64)


def pairs_in(*groupings: Groups) -> int:
    """Count the pairs of accounts that are together in every grouping."""
    return sum(
        all(g[a] is not None and g[a] == g[b] for g in groupings)
        for a, b in combinations(range(len(groupings[0])), 2)
    )


def bcubed(customer: Groups, person: Groups) -> tuple[Fraction, Fraction]:
    """Return the two means over accounts, account by account, without rounding."""
    places = range(len(customer))
    shares = []
    for one, other in ((customer, person), (person, customer)):
        of_account = [
            Fraction(
                sum(one[a] == one[b] and other[a] == other[b] for b in places),
                sum(one[a] == one[b] for b in places),
            )
            for a in places
        ]
        shares.append(sum(of_account, Fraction(0)) / len(customer))
    return shares[0], shares[1]


def members(one: Groups, other: Groups) -> list[set[Hashable | None]]:
    """Return for each group of ``one`` the groups of ``other`` that it meets."""
    met: dict[Hashable | None, set[Hashable | None]] = {}
    for a, b in zip(one, other, strict=True):
        met.setdefault(a, set()).add(b)
    return list(met.values())


def largest(customer: Groups, person: Groups) -> tuple[int, int]:
    """Return the accounts and persons of the largest cluster."""
    sizes = Counter(customer)
    persons = {
        cluster: len({p for c, p in zip(customer, person, strict=True) if c == cluster})
        for cluster in sizes
    }
    return max((sizes[cluster], persons[cluster]) for cluster in sizes)


def over_merged(customer: Groups, person: Groups) -> int:
    """Count the persons who share a cluster with somebody else."""
    return len(
        {
            person[a]
            for a in range(len(person))
            for b in range(len(person))
            if customer[a] == customer[b] and person[a] != person[b]
        }
    )


def resolution(**customers: str) -> pa.Table:
    """Return accounts and customers: ``resolution(crm_1="c1")`` is the account ``crm:1``."""
    ids = [name.replace("_", ":", 1) for name in customers]
    return pa.table({"account_id": ids, "customer_id": list(customers.values())})
