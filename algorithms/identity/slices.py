"""Where a partition is good and where it is not: the same pairs, sorted by what they are of.

By pair of sources every pair of accounts stands in exactly one slice, and the slices add up
to the whole. By a word of each account (the rule that joined it, the size of its household)
a slice holds the pairs as its accounts see them: a pair whose two accounts have different
words is in both slices, one whose accounts have the same word counts twice in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from algorithms.identity.evaluation import UNKNOWN, Cells, Labels, Numbers, Pairs, dense

MANY_PERSONS = 5  # households of so many and more are one slice


@dataclass(frozen=True, slots=True)
class Slice:
    """Pairs of one kind. ``n_accounts`` is None where a slice is of two sources."""

    name: str
    pairs: Pairs
    n_accounts: int | None = None


def by_sources(labels: Labels, sources: Numbers, *, names: Sequence[str]) -> list[Slice]:
    """Return the pairs by the two sources of their accounts.

    Parameters
    ----------
    labels
        The accounts.
    sources
        The source of each, a place in ``names``.
    names
        What the sources are called.

    Returns
    -------
    One slice, ``crm + pos``, for each two sources that share a person or a cluster, ordered
    by the sources' names. Together they are all pairs.
    """
    groupings = (dense(labels.person), dense(labels.customer), labels.cells.cell)
    n = len(names)
    true, predicted, common = (_pairs_by_source(g, sources, n=n) for g in groupings)
    found = [
        Slice(" + ".join(sorted((names[a], names[b]))), Pairs(*map(int, counts)))
        for a, b in zip(*(ends.tolist() for ends in np.triu_indices(n)), strict=True)
        if any(counts := (true[a, b], predicted[a, b], common[a, b]))
    ]
    return sorted(found, key=lambda slice_: slice_.name)


def by_word(labels: Labels, words: Numbers, *, names: Sequence[str]) -> list[Slice]:
    """Return the pairs as the accounts with each word see them.

    Parameters
    ----------
    labels
        The accounts.
    words
        The word of each, a place in ``names``, or ``UNKNOWN``: in no slice.
    names
        The words, in the order of the slices.
    """
    groupings = (dense(labels.person), dense(labels.customer), labels.cells.cell)
    partners = [_partners(groups) for groups in groupings]
    is_known = words != UNKNOWN
    counted = [np.bincount(words[is_known], others[is_known], len(names)) for others in partners]
    accounts = np.bincount(words[is_known], minlength=len(names))
    return [
        Slice(name, Pairs(*(int(counts[place]) for counts in counted)), int(accounts[place]))
        for place, name in enumerate(names)
        if accounts[place]
    ]


def household_sizes(labels: Labels) -> tuple[Numbers, list[str]]:
    """Return the persons in each account's household as words, for ``by_word``."""
    names = [str(n) for n in range(1, MANY_PERSONS)] + [f"{MANY_PERSONS}+"]
    words = np.full(len(labels.person), UNKNOWN, dtype=np.int64)
    if labels.household is not None:
        is_known = labels.household != UNKNOWN
        cells = Cells.of(labels.household[is_known], labels.person[is_known])
        persons = np.bincount(cells.one)[cells.one[cells.cell]]
        words[is_known] = np.minimum(persons, MANY_PERSONS) - 1
    return words, names


def _pairs_by_source(groups: Numbers, sources: Numbers, *, n: int) -> Numbers:
    """Count pairs inside a group by source and source: exact, symmetric."""
    from scipy.sparse import coo_array

    ones = np.ones(len(groups), dtype=np.int64)
    shape = (int(groups.max(initial=-1)) + 1, n)
    held = coo_array((ones, (groups, sources)), shape=shape).tocsr()
    pairs: Numbers = (held.T @ held).toarray()
    own = np.diagonal(pairs)
    # within one source an account is no pair with itself, and each pair was met twice
    alone = np.bincount(sources, minlength=n)
    pairs[np.diag_indices(n)] = (own - alone) // 2
    return pairs


def _partners(groups: Numbers) -> Numbers:
    """Return how many others each account's group holds."""
    return np.bincount(groups)[groups] - 1
