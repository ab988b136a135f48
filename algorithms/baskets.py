"""What each basket holds, as sparse matrices: of products, of categories, of brands.

A group is held by a basket if anything that belongs to it is. Everything is put in the
order of ids, so that no result depends on the order of rows.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Integers = npt.NDArray[np.int64]


class Level(NamedTuple):
    """Items of one kind: their sorted ids, what each basket holds, and who is related."""

    ids: pd.Index
    contains: "csr_array"
    related: "csr_array | None" = None


def products_of(bought: pd.DataFrame) -> Level:
    """Return the products themselves; ``bought`` has a ``basket`` (from 1) and a ``product_id``."""
    codes, ids = _sorted_codes(bought["product_id"])
    basket = bought["basket"].to_numpy(np.int64) - 1
    shape = (int(basket.max(initial=-1)) + 1, len(ids))
    return Level(ids, _ones(basket, codes, shape=shape))


def brands_of(products: Level, catalogue: pd.DataFrame) -> Level:
    """Return brands; ``catalogue`` has the ``brand_id`` of each ``product_id``."""
    ids = _sorted_ids([catalogue["brand_id"]])
    return Level(ids, _held(products, _membership(products, catalogue, group="brand_id", ids=ids)))


def categories_of(products: Level, catalogue: pd.DataFrame, *, tree: pd.DataFrame) -> Level:
    """Return categories, each with the baskets of its whole subtree.

    Parameters
    ----------
    products
        What the baskets hold.
    catalogue
        The ``category_id`` of each ``product_id``.
    tree
        The ``parent_id`` of each ``category_id``, null at the root.
    """
    above_each = [tree["category_id"], tree["parent_id"]]
    ids = _sorted_ids([catalogue["category_id"], *above_each])
    reach = _reach(ids, tree.dropna())
    related = _as_ones(reach + reach.T)
    related.setdiag(0)
    related.eliminate_zeros()
    member = _membership(products, catalogue, group="category_id", ids=ids)
    return Level(ids, _held(products, member @ reach), related)


def _reach(ids: pd.Index, links: pd.DataFrame) -> "csr_array":
    """Return categories by categories, with ones from each to itself and all above it."""
    from scipy.sparse import eye_array

    child, parent = (_positions(ids, links[column]) for column in ("category_id", "parent_id"))
    above = _ones(child, parent, shape=(len(ids), len(ids)))
    reach = eye_array(len(ids), dtype=np.int32, format="csr")
    # ends after as many steps as the tree is deep, also where a dirty tree runs in a circle
    while (further := _as_ones(reach + reach @ above)).nnz > reach.nnz:
        reach = further
    return reach


def _sorted_ids(columns: Sequence["pd.Series[str]"]) -> pd.Index:
    names = {str(name) for column in columns for name in column.dropna().unique()}
    return pd.Index(sorted(names), dtype=object)


def _positions(ids: pd.Index, column: "pd.Series[str]") -> Integers:
    """Return where each value of ``column`` stands in ``ids``; -1 where it does not."""
    return np.asarray(ids.get_indexer(pd.Index(column)), np.int64)


def _membership(
    products: Level, catalogue: pd.DataFrame, *, group: str, ids: pd.Index
) -> "csr_array":
    """Return products by groups, with ones where a product that was sold belongs."""
    sold = _positions(products.ids, catalogue["product_id"])
    groups = _positions(ids, catalogue[group])
    both = (sold >= 0) & (groups >= 0)
    return _ones(sold[both], groups[both], shape=(len(products.ids), len(ids)))


def _held(products: Level, member: "csr_array") -> "csr_array":
    """Return baskets by groups, with ones where a basket holds anything of the group."""
    return _as_ones(products.contains @ member)


def _sorted_codes(column: "pd.Series[str]") -> tuple[Integers, pd.Index]:
    """Return each row's position in the sorted ids that occur, and those ids."""
    categories = column.astype("category").cat.remove_unused_categories()
    ids = pd.Index(sorted(categories.cat.categories), dtype=object)
    rank = ids.get_indexer(categories.cat.categories)
    return np.asarray(rank[categories.cat.codes], np.int64), ids


def _ones(rows: Integers, columns: Integers, *, shape: tuple[int, int]) -> "csr_array":
    from scipy.sparse import csr_array

    return _as_ones(csr_array((np.ones(len(rows), np.int32), (rows, columns)), shape=shape))


def _as_ones(matrix: "csr_array") -> "csr_array":
    """Return ``matrix`` with every entry that is not zero made one."""
    matrix = matrix.tocsr()
    matrix.sum_duplicates()
    matrix.data = np.ones(len(matrix.data), np.int32)
    return matrix
