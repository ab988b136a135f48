"""How good a partition of accounts is, held against the persons that the accounts really are.

B-cubed precision of a partition with one giant component can still be 0.93, so no figure
stands alone here: pairs, accounts, persons and the largest cluster are measured together.
Everything is counted in whole numbers from the table of clusters by persons; pairs are
never listed, so a cluster of five million accounts costs no more than any other.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]

UNKNOWN: Final = -1  # of a household or an oracle's component: not known


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """Return the share from 0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of accounts: of one person, of one cluster, and of both."""

    true: int
    predicted: int
    common: int

    @property
    def precision(self) -> float | None:
        """Return the share of the cluster's pairs that are right; None where there are none."""
        return Share(self.common, self.predicted).value

    @property
    def recall(self) -> float | None:
        """Return the share of the persons' pairs that were found; None where there are none."""
        return Share(self.common, self.true).value

    @property
    def f1(self) -> float | None:
        """Return the harmonic mean of both; None where there is no pair of either kind."""
        return Share(2 * self.common, self.predicted + self.true).value


@dataclass(frozen=True, slots=True)
class BCubed:
    """Means over accounts, from 0 to 1: of each account's cluster, and of its person."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest cluster; of several, the one with most persons."""

    n_accounts: int
    n_persons: int


@dataclass(frozen=True)
class Labels:
    """Groups of accounts as whole numbers, aligned account by account.

    ``customer`` is the partition to grade, ``person`` the truth. ``household`` and
    ``oracle`` (the component that identifiers alone can link) hold ``UNKNOWN`` where nobody
    says, and are None where the truth does not speak of them at all.
    """

    customer: Numbers
    person: Numbers
    household: Numbers | None = None
    oracle: Numbers | None = None

    @cached_property
    def cells(self) -> "Cells":
        """Return the table of clusters by persons, which every measure and slice starts from."""
        return Cells.of(self.customer, self.person)


@dataclass(frozen=True, slots=True)
class Grades:
    """Every figure of one partition.

    Attributes
    ----------
    n_accounts, n_clusters, n_persons
        What was graded.
    pairs, bcubed, largest
        See there; ``bcubed`` and ``largest`` are None where there is no account.
    over_merged
        Persons with an account in a cluster that holds another person's, of all persons.
    fragmented
        Persons whose accounts lie in several clusters, of all persons.
    exact
        Clusters that hold all accounts of one person and nothing else, of all clusters.
    oracle
        Pairs found, of those that lie in one component of the oracle and are one person.
    household
        Pairs of one household, of the cluster's pairs whose households are known.
    """

    n_accounts: int
    n_clusters: int
    n_persons: int
    pairs: Pairs
    bcubed: BCubed | None
    largest: Largest | None
    over_merged: Share
    fragmented: Share
    exact: Share
    oracle: Share | None
    household: Share | None

    @property
    def oracle_f1(self) -> float | None:
        """Return the harmonic mean of pairwise precision and recall against the oracle."""
        precision, recall = self.pairs.precision, self.oracle.value if self.oracle else None
        if precision is None or recall is None:
            return None
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True)
class Cells:
    """The table of two groupings without its empty cells: ``n`` accounts are in both groups.

    ``one`` and ``other`` number the groups densely from 0; ``cell`` is each account's cell.
    """

    one: Numbers
    other: Numbers
    n: Numbers
    cell: Numbers

    @classmethod
    def of(cls, one: Numbers, other: Numbers) -> "Cells":
        """Cross two groupings of the same accounts; their numbers may be any."""
        rows, columns = dense(one), dense(other)
        width = int(columns.max(initial=0)) + 1
        cell, keys = pd.factorize(rows * width + columns)
        return cls(keys // width, keys % width, np.bincount(cell, minlength=len(keys)), cell)

    @property
    def pairs(self) -> Pairs:
        """Return the pairs with ``one`` as the partition and ``other`` as the truth."""
        return Pairs(
            true=n_pairs(_sums(self.other, self.n)),
            predicted=n_pairs(_sums(self.one, self.n)),
            common=n_pairs(self.n),
        )


def grade(labels: Labels) -> Grades:
    """Measure a partition against the truth.

    Parameters
    ----------
    labels
        One entry an account; any whole numbers name the groups. There may be no account.

    Returns
    -------
    All figures. They depend on neither the order of accounts nor the names of groups.
    """
    cells = labels.cells
    sizes, accounts = _sums(cells.one, cells.n), _sums(cells.other, cells.n)
    persons = np.bincount(cells.one, minlength=len(sizes))
    clusters = np.bincount(cells.other, minlength=len(accounts))
    is_mixed = (persons > 1)[cells.one]
    is_exact = ~is_mixed & (clusters == 1)[cells.other]
    mixed = np.bincount(cells.other[is_mixed], minlength=len(accounts)) > 0
    return Grades(
        n_accounts=len(cells.cell),
        n_clusters=len(sizes),
        n_persons=len(accounts),
        pairs=cells.pairs,
        bcubed=_bcubed(cells) if len(sizes) else None,
        largest=_largest(sizes, persons) if len(sizes) else None,
        over_merged=Share(int(mixed.sum()), len(accounts)),
        fragmented=Share(int((clusters > 1).sum()), len(accounts)),
        exact=Share(int(is_exact.sum()), len(sizes)),
        oracle=None if labels.oracle is None else _found(labels, oracle=labels.oracle),
        household=None if labels.household is None else _at_home(labels, labels.household),
    )


def dense(groups: Numbers) -> Numbers:
    """Return the groups numbered from 0 without gaps; those that are already, as they are."""
    is_small = len(groups) > 0 and groups.min() >= 0 and groups.max() < len(groups)
    # counting costs a tenth of numbering
    if is_small and np.bincount(groups).all():
        return groups
    codes: Numbers = pd.factorize(groups)[0].astype(np.int64)
    return codes


def n_pairs(sizes: Numbers) -> int:
    """Return how many pairs groups of these sizes hold."""
    return int((sizes * (sizes - 1) // 2).sum())


def id_churn(before: pa.Table, after: pa.Table) -> Share:
    """Return how many accounts have another customer id than before, of those in both.

    Parameters
    ----------
    before, after
        ``account_id`` and ``customer_id``, one row an account, in any order.
    """
    at = pc.index_in(after["account_id"], value_set=before["account_id"].combine_chunks())
    known = pc.is_valid(at)
    earlier = before["customer_id"].take(at.filter(known))
    differs = pc.not_equal(earlier, after["customer_id"].filter(known))
    return Share(pc.sum(differs).as_py() or 0, len(earlier))


def _sums(groups: Numbers, n: Numbers) -> Numbers:
    """Add ``n`` up by group; floats are exact here, for no sum exceeds 2^53."""
    return np.bincount(groups, weights=n).astype(np.int64)


def _bcubed(cells: Cells) -> BCubed:
    return BCubed(_mean_share(cells.one, cells.n), _mean_share(cells.other, cells.n))


def _mean_share(groups: Numbers, n: Numbers) -> float:
    """Return the mean, over accounts, of the part of its group that shares its cell.

    The squares are added up as whole numbers for each size of group and divided once a
    size, so that no order of accounts changes the last digit.
    """
    size = _sums(groups, n)[groups]
    squares = _sums(size, n * n)
    return float((squares[1:] / np.arange(1, len(squares))).sum() / n.sum())


def _largest(sizes: Numbers, persons: Numbers) -> Largest:
    most = int(sizes.max())
    return Largest(most, int(persons[sizes == most].max()))


def _found(labels: Labels, *, oracle: Numbers) -> Share:
    is_known = oracle != UNKNOWN
    # an oracle splits identifiers by person, but a file may say otherwise: both must agree
    linkable = Cells.of(oracle[is_known], labels.person[is_known]).cell
    pairs = Cells.of(labels.customer[is_known], linkable).pairs
    return Share(pairs.common, pairs.true)


def _at_home(labels: Labels, household: Numbers) -> Share:
    is_known = household != UNKNOWN
    pairs = Cells.of(labels.customer[is_known], household[is_known]).pairs
    return Share(pairs.common, pairs.predicted)
