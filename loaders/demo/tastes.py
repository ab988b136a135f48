"""What people like, and which article they take next.

Structure that algorithms should find again: everybody has two favourite leaves of the category
tree (women and men lean differently), and inside a leaf a few articles sell most.
"""

from dataclasses import dataclass

import numpy as np

from loaders.demo.catalogue import PER_LEAF, Catalogue
from loaders.demo.draw import Flags, Ints, chance, stream, weighted, zipf
from loaders.demo.people import People

LOYALTY = 0.6  # of lines go to a favourite leaf
_FIRST_FAVOURITE = 0.7


@dataclass(frozen=True)
class Tastes:
    """Favourite leaves by person: two columns, the dearer first."""

    favourites: Ints
    catalogue: Catalogue

    def choose(self, rng: np.random.Generator, person: Ints, *, days: Ints) -> Ints:
        """Draw an article for each of ``person`` (-1: unknown) on each of ``days``."""
        n = len(person)
        is_loyal = chance(rng, LOYALTY, n=n) & (person >= 0)
        second = (~chance(rng, _FIRST_FAVOURITE, n=n)).astype(np.int64)
        anything = weighted(rng, self.catalogue.appeal.sum(axis=0), n=n)
        leaf = np.where(is_loyal, self.favourites[np.maximum(person, 0), second], anything)
        article = leaf * PER_LEAF + weighted(rng, zipf(PER_LEAF, exponent=0.8), n=n)
        is_unlisted = self.catalogue.listed_day[article] > days
        return np.where(is_unlisted, self.catalogue.first_of(leaf), article)


def tastes_of(people: People, catalogue: Catalogue, *, seed: int) -> Tastes:
    """Draw everybody's favourite leaves."""
    rng = stream(seed, "tastes")
    return Tastes(
        np.stack([_leaves(people.is_female, catalogue, rng=rng) for _ in range(2)], axis=1),
        catalogue,
    )


def _leaves(is_female: Flags, catalogue: Catalogue, *, rng: np.random.Generator) -> Ints:
    men, women = (weighted(rng, weights, n=len(is_female)) for weights in catalogue.appeal)
    return np.where(is_female, women, men)
