"""The lines of the orders: articles by taste, partners of articles, quantities, money."""

from dataclasses import dataclass

import numpy as np

from loaders.demo.draw import Flags, Ints, chance, ragged, stream
from loaders.demo.people import People
from loaders.demo.profile import Profile
from loaders.demo.purchases import Orders, order_days
from loaders.demo.tastes import Tastes

ATTRACTION = 0.35  # chance that an article's planted partner lands in the same basket
_WIDTH = 1024  # more than there are articles: order and article fit one sortable number


@dataclass(frozen=True)
class Lines:
    """Order lines in the order of their orders; money in hundredths of a yuan."""

    order: Ints
    article: Ints
    quantity: Ints
    amount: Ints
    list_amount: Ints

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.order)

    def of(self, chosen: Flags) -> "Lines":
        """Return the lines flagged in ``chosen``; the flags are by order, so are the numbers."""
        kept, renumbered = chosen[self.order], np.cumsum(chosen) - 1
        return Lines(
            renumbered[self.order[kept]],
            self.article[kept],
            self.quantity[kept],
            self.amount[kept],
            self.list_amount[kept],
        )

    @property
    def place(self) -> Ints:
        """The place of each line in its order, from 1."""
        starts = np.flatnonzero(np.diff(self.order, prepend=-1))
        counts = np.diff(starts, append=len(self.order))
        return ragged(counts)[1] + 1


def lines_of(
    profile: Profile, orders: Orders, *, people: People, tastes: Tastes, seed: int
) -> Lines:
    """Fill the baskets of ``orders``; an article stands once in a basket."""
    rng = stream(seed, "lines")
    order, article = _articles(profile, orders, tastes=tastes, rng=rng)
    is_bulk = (orders.person >= 0)[order] & people.is_reseller[orders.person[order]]
    quantity = 1 + chance(rng, 0.15, n=len(order)) + 2 * chance(rng, 0.03, n=len(order))
    quantity = np.where(is_bulk, rng.integers(12, 60, len(order)), quantity).astype(np.int64)
    listed = tastes.catalogue.price[article] * quantity
    paid = listed * (100 - orders.discount[order]) // 100
    return Lines(order, article, quantity, paid, listed)


def _articles(
    profile: Profile, orders: Orders, *, tastes: Tastes, rng: np.random.Generator
) -> tuple[Ints, Ints]:
    # 0.97: partners add about a fifth, repeated articles take nearly as much away
    more = (profile.lines_per_order - 1) * 0.97
    order, _ = ragged(1 + rng.poisson(rng.gamma(1.5, more / 1.5, len(orders))))
    days = order_days(orders)
    article = tastes.choose(rng, orders.person[order], days=days[order])
    partner = tastes.catalogue.partner[article]
    is_joined = (partner >= 0) & chance(rng, ATTRACTION, n=len(order))
    is_joined &= tastes.catalogue.listed_day[partner] <= days[order]
    baskets = np.concatenate([order, order[is_joined]]) * _WIDTH
    # sorted, not np.unique: NumPy 2.4 hashes, which takes a hundred times longer on 9 million
    cells = np.sort(baskets + np.concatenate([article, partner[is_joined]]))
    cells = cells[np.diff(cells, prepend=-1) > 0]
    return cells // _WIDTH, cells % _WIDTH
