"""What baskets hold of products, categories and brands, as matrices in the order of ids."""

import numpy as np
import pandas as pd
import pytest

from algorithms.baskets import Level, brands_of, categories_of, products_of

TREE = pd.DataFrame(
    {
        "category_id": ["food", "drinks", "tea", "toys"],
        "parent_id": [None, "food", "drinks", None],
    }
)
CATALOGUE = pd.DataFrame(
    {
        "product_id": ["t", "d", "y", "x", "unsold"],
        "category_id": ["tea", "drinks", "toys", None, "tea"],
        "brand_id": ["Leaf", "Leaf", None, "Bear", "Moon"],
    }
)


def bought(*held: str) -> pd.DataFrame:
    """Return a line for each letter: ``bought("ty", "d")`` are two baskets."""
    lines = [(number + 1, product) for number, basket in enumerate(held) for product in basket]
    return pd.DataFrame(lines, columns=["basket", "product_id"]).astype({"basket": "int64"})


def held(level: Level) -> list[set[str]]:
    """Return what each basket holds, by id."""
    dense = level.contains.toarray()
    assert set(np.unique(dense)) <= {0, 1}
    return [{str(level.ids[int(i)]) for i in np.flatnonzero(row)} for row in dense]


def related(level: Level) -> set[tuple[str, str]]:
    assert level.related is not None
    pairs = level.related.tocoo()
    return {
        (str(level.ids[i]), str(level.ids[j])) for i, j in zip(pairs.row, pairs.col, strict=True)
    }


def test_products_stand_in_the_order_of_their_ids() -> None:
    level = products_of(bought("yt", "d"))

    assert list(level.ids) == ["d", "t", "y"]
    assert held(level) == [{"t", "y"}, {"d"}]


def test_a_product_twice_in_a_basket_is_held_once() -> None:
    assert held(products_of(bought("tt"))) == [{"t"}]


def test_a_gap_in_the_numbers_is_an_empty_basket() -> None:
    lines = bought("t", "", "d")

    assert held(products_of(lines)) == [{"t"}, set(), {"d"}]


def test_keys_that_do_not_occur_are_no_products() -> None:
    lines = bought("t")
    lines["product_id"] = pd.Categorical(lines["product_id"], categories=["a", "t", "z"])

    assert list(products_of(lines).ids) == ["t"]


def test_no_lines_are_no_baskets() -> None:
    level = products_of(bought())

    assert level.contains.shape == (0, 0)


def test_a_basket_holds_every_category_above_its_products() -> None:
    products = products_of(bought("t", "d", "y", "x"))

    level = categories_of(products, CATALOGUE, tree=TREE)

    assert held(level) == [{"tea", "drinks", "food"}, {"drinks", "food"}, {"toys"}, set()]


def test_categories_on_one_path_are_related_both_ways() -> None:
    products = products_of(bought("t"))

    found = related(categories_of(products, CATALOGUE, tree=TREE))

    one_way = {("tea", "drinks"), ("tea", "food"), ("drinks", "food")}
    assert found == one_way | {(b, a) for a, b in one_way}


def test_a_parent_that_no_row_describes_is_a_category_too() -> None:
    tree = pd.DataFrame({"category_id": ["tea"], "parent_id": ["drinks"]})

    level = categories_of(products_of(bought("t")), CATALOGUE, tree=tree)

    assert held(level) == [{"tea", "drinks"}]


@pytest.mark.parametrize(
    "tree",
    [
        {"category_id": ["tea", "drinks"], "parent_id": ["drinks", "tea"]},
        {"category_id": ["tea", "drinks"], "parent_id": ["tea", None]},
    ],
    ids=["two in a circle", "its own parent"],
)
def test_a_tree_that_runs_in_a_circle_ends(tree: dict[str, list[str | None]]) -> None:
    level = categories_of(products_of(bought("t")), CATALOGUE, tree=pd.DataFrame(tree))

    assert "tea" in held(level)[0]
    assert ("tea", "tea") not in related(level)


def test_a_deep_tree_reaches_its_root() -> None:
    names = [f"level {depth:02d}" for depth in range(30)]
    tree = pd.DataFrame({"category_id": names[1:], "parent_id": names[:-1]})
    catalogue = CATALOGUE.assign(category_id=names[-1])

    level = categories_of(products_of(bought("t")), catalogue, tree=tree)

    assert held(level) == [set(names)]


def test_brands_are_those_of_the_products() -> None:
    products = products_of(bought("td", "x", "y"))

    level = brands_of(products, CATALOGUE)

    assert held(level) == [{"Leaf"}, {"Bear"}, set()]
    assert level.related is None


def test_a_product_without_a_catalogue_entry_belongs_to_nothing() -> None:
    level = brands_of(products_of(bought("q")), CATALOGUE)

    assert held(level) == [set()]


def test_an_empty_catalogue_has_no_groups() -> None:
    products = products_of(bought("t"))

    assert brands_of(products, CATALOGUE.head(0)).contains.shape == (1, 0)
    assert categories_of(products, CATALOGUE.head(0), tree=TREE.head(0)).contains.shape == (1, 0)
