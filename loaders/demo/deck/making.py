"""Makes the deck's company, and the truth: who is who, and which printed group they stand in.

The groups are planted. k-means on the scores finds others, because quintile scores of
frequency and money spread as widely as those of recency, and a cut by recency alone leaves
most of the spread within its groups. The truth keeps the printed ones for comparison.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from loaders.demo.company import Export
from loaders.demo.deck.population import members_of
from loaders.demo.deck.selling import club, counter
from loaders.demo.people import person_keys
from loaders.demo.text import join, keys


class Deck:
    """The making of the company that a deck describes; its size is the deck's.

    Parameters
    ----------
    seed
        The same seed gives the same company; another one the same figures.
    """

    manifest = "deck.toml"

    def __init__(self, *, seed: int) -> None:
        self._seed = seed
        self._members = members_of(seed)
        self._account_keys: pa.Array = pa.array([], pa.string())

    def exports(self) -> Iterator[Export]:
        """Make the members' orders, then the guests' baskets."""
        members = club(self._members, seed=self._seed)
        self._account_keys = members.account_keys
        yield members
        yield counter(seed=self._seed)

    def truth(self) -> pa.Table:
        """Return every account's person, household, and group in the deck, 1 to 6."""
        person = np.arange(len(self._members))
        rows = {
            "account_id": join("club:", self._account_keys),
            "person_id": person_keys(person),
            "household_id": keys("H", person, width=8),
            "deck_group": pa.array(self._members.group),
        }
        return pa.table(rows).sort_by("account_id")
