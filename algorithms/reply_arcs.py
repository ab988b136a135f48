"""From rows that name people to numbers, on which networks are computed, and back.

Ids come as categoricals whose categories stand in no promised order. Numbered in the order of
the ids, equal rows give equal arrays, and a sum over arcs is added in one order only.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Names = npt.NDArray[np.object_]
Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class People:
    """Ids in ascending order; a person's number is the place of their id."""

    ids: "pd.Index[str]"

    @property
    def n(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    @property
    def names(self) -> Names:
        """Return the ids by number."""
        return self.ids.to_numpy(object)

    def numbers(self, column: "pd.Series[str]") -> Numbers:
        """Return the number of each id in ``column``; -1 for whom is not among the people."""
        found = self.ids.get_indexer(pd.Index(column.cat.categories))
        codes = column.cat.codes.to_numpy(np.int64)
        # a category that stands nowhere, and an absent id, come out at the end: -1
        return np.append(found, -1).astype(np.int64)[codes]


def listed(ids: "pd.Series[str]") -> People:
    """Return people whose ids are there already, each once and in ascending order."""
    return People(pd.Index(ids.cat.categories)[ids.cat.codes])


def people_of(*columns: "pd.Series[str]") -> People:
    """Return everybody whom a column of ids names, each once; absent ids are nobody."""
    named = [pd.Index(c.cat.categories)[_used(c)] for c in columns]
    return People(pd.Index(sorted({str(name) for names in named for name in names}), dtype=object))


def _used(column: "pd.Series[str]") -> Flags:
    """Return of each category whether a row has it."""
    is_used = np.zeros(len(column.cat.categories) + 1, np.bool_)
    is_used[column.cat.codes.to_numpy()] = True  # an absent id, -1, comes out at the end
    return is_used[:-1]
