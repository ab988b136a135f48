"""Rules worked out by hand: what a basket is, the measures, the thresholds, the levels."""

import pytest

from algorithms.contract import Result
from algorithms.copurchase import ALGORITHM
from tests.pure import Rows, result_of, rows_of, rules_in

LENIENT = {"minimum_count": "1", "minimum_lift": "0"}


def baskets(*held: str) -> dict[str, Rows]:
    """Return orders with a line for each letter: ``baskets("ab", "b")`` are two orders."""
    orders: Rows = [{"order_id": f"o{i}", "account_id": "a"} for i in range(len(held))]
    lines: Rows = [
        {"order_id": f"o{i}", "product_id": product}
        for i, basket in enumerate(held)
        for product in basket
    ]
    return {"orders": orders, "order_lines": lines}


def mined(rows: dict[str, Rows], **settings: str) -> Result:
    return result_of(ALGORITHM, rows, settings={**LENIENT, **settings})


def pairs(result: Result, label: str = "Product") -> set[tuple[str, str]]:
    return set(rules_in(result, label))


def test_measures_are_those_of_the_textbook() -> None:
    # 10 baskets: a in 4, b in 5, both in 3
    result = mined(baskets("ab", "ab", "ab", "a", "b", "b", "c", "c", "c", "c"))

    rule = rules_in(result)["a", "b"]
    assert (rule["n"], rule["n_antecedent"], rule["n_consequent"], rule["n_baskets"]) == (
        3,
        4,
        5,
        10,
    )
    assert rule["support"] == 0.3
    assert rule["confidence"] == 0.75
    assert rule["lift"] == 1.5
    assert rule["leverage"] == pytest.approx(0.3 - 0.4 * 0.5)
    # what lies beyond chance is 0.1 of at most 0.18, the larger of 0.3 * 0.6 and 0.4 * 0.2
    assert rule["zhang"] == pytest.approx(0.1 / 0.18)
    # ways: C(4,3) C(6,2) + C(4,4) C(6,1) of C(10,5)
    assert rule["p_value"] == pytest.approx((4 * 15 + 6) / 252)


def test_both_directions_are_rules_with_their_own_confidence() -> None:
    result = mined(baskets("ab", "ab", "ab", "a", "b", "b"))

    found = rules_in(result)
    assert found["a", "b"]["confidence"] == 0.75
    assert found["b", "a"]["confidence"] == 0.6


def test_a_product_twice_in_an_order_is_in_one_basket() -> None:
    result = mined(baskets("aab", "b"))

    assert rules_in(result)["a", "b"]["n"] == 1
    assert result.metrics["n_baskets"] == 2


def test_a_return_puts_nothing_into_a_basket() -> None:
    rows = baskets("ab", "ab")
    rows["order_lines"][2]["quantity"] = -1.0
    rows["order_lines"][3]["quantity"] = 0.0

    result = mined(rows)

    # the second order holds nothing that was bought: no basket at all
    assert result.metrics["n_baskets"] == 1
    assert rules_in(result)["a", "b"]["n"] == 1


def test_only_paid_orders_are_baskets() -> None:
    rows = baskets("ab", "ab", "ab")
    rows["orders"][1]["status"] = "cancelled"
    rows["orders"][2]["status"] = "refunded"

    result = mined(rows)

    assert result.metrics["n_baskets"] == 1


def test_guests_count_unless_they_are_left_out() -> None:
    rows = baskets("ab", "ab")
    rows["orders"][0]["account_id"] = None

    assert mined(rows).metrics["n_baskets"] == 2
    assert mined(rows, guests="false").metrics["n_baskets"] == 1


def test_a_rule_on_exactly_the_minimum_is_kept() -> None:
    rows = baskets("ab", "ab", "c")

    assert pairs(mined(rows, minimum_count="2")) == {("a", "b"), ("b", "a")}
    assert pairs(mined(rows, minimum_count="3")) == set()


def test_a_confidence_of_exactly_sixteen_in_twenty_is_kept() -> None:
    rows = baskets(*["ab"] * 16, *["a"] * 4, "c")

    assert ("a", "b") in pairs(mined(rows, minimum_confidence="0.8"))
    assert ("a", "b") not in pairs(mined(rows, minimum_confidence="0.800001"))


def test_a_support_of_exactly_one_in_three_hundred_is_compared_as_whole_numbers() -> None:
    rows = baskets("ab", *["c"] * 299)

    assert ("a", "b") in pairs(mined(rows, minimum_support="0.003333"))
    assert ("a", "b") not in pairs(mined(rows, minimum_support="0.003334"))


def test_a_lift_of_exactly_one_does_not_exceed_one() -> None:
    # a in 2 of 4, b in 2 of 4, both in 1 of 4: as chance has it
    rows = baskets("ab", "a", "b", "c")

    assert ("a", "b") in pairs(mined(rows, minimum_lift="0.99"))
    assert ("a", "b") not in pairs(mined(rows, minimum_lift="1"))


def test_a_rule_is_weak_on_few_baskets_or_without_significance() -> None:
    rows = baskets(*["ab"] * 12, *["c"] * 12, *["cd"] * 2, *["e"] * 40)

    found = rules_in(mined(rows))
    few = rules_in(mined(rows, weak_count="13"))
    strict = rules_in(mined(rows, weak_q="0"))

    assert (found["a", "b"]["weak"], found["c", "d"]["weak"]) == (False, True)
    assert few["a", "b"]["weak"]
    assert strict["a", "b"]["weak"]


TREE: Rows = [
    {"category_id": "food"},
    {"category_id": "drinks", "parent_id": "food"},
    {"category_id": "tea", "parent_id": "drinks"},
    {"category_id": "toys"},
]
CATALOGUE: Rows = [
    {"product_id": "t", "category_id": "tea", "brand": "Leaf"},
    {"product_id": "d", "category_id": "drinks", "brand": "Leaf"},
    {"product_id": "y", "category_id": "toys", "brand": "Bear"},
    {"product_id": "x"},
]


def test_a_category_has_the_baskets_of_its_whole_subtree() -> None:
    rows = {**baskets("ty", "dy", "x"), "products": CATALOGUE, "categories": TREE}

    found = rules_in(mined(rows), "Category")

    assert found["food", "toys"]["n"] == 2
    assert found["drinks", "toys"]["n"] == 2
    assert found["tea", "toys"]["n"] == 1


def test_a_category_and_one_above_it_are_no_pair() -> None:
    rows = {**baskets("td", "ty"), "products": CATALOGUE, "categories": TREE}

    result = mined(rows)

    together = {frozenset(pair) for pair in pairs(result, "Category")}
    assert together == {frozenset({other, "toys"}) for other in ("food", "drinks", "tea")}
    measured = result.metrics["category"]
    assert isinstance(measured, dict)
    # six pairs of the four, three of them on one path
    assert measured["n_pairs_tested"] == 3


def test_a_tree_that_runs_in_a_circle_is_one_path() -> None:
    circle: Rows = [
        {"category_id": "tea", "parent_id": "drinks"},
        {"category_id": "drinks", "parent_id": "tea"},
    ]
    rows = {**baskets("td", "ty"), "products": CATALOGUE, "categories": circle}

    found = {frozenset(pair) for pair in pairs(mined(rows), "Category")}

    assert found == {frozenset({"tea", "toys"}), frozenset({"drinks", "toys"})}


def test_brands_are_a_level() -> None:
    rows = {**baskets("ty", "dy", "x"), "products": CATALOGUE, "categories": TREE}

    assert rules_in(mined(rows), "Brand")["Bear", "Leaf"]["n"] == 2


def test_a_product_knows_its_partners_and_the_best_of_them() -> None:
    rows = baskets("ab", "ab", "ac", "b", "b", "b", "d")

    result = mined(rows)

    # lift with c is 1 * 7 / (3 * 1), with b 2 * 7 / (3 * 5)
    (a,) = [
        row
        for row in rows_of(
            result.frames["Product"],
            "product_id",
            "copurchase_partners",
            "copurchase_best_partner_id",
            "copurchase_best_lift",
        )
        if row[0] == "a"
    ]
    assert a == ("a", 2, "c", 7 / 3)


def test_a_weak_rule_is_best_only_where_all_are() -> None:
    rows = baskets(*["ab"] * 12, "ac", *["d"] * 40)

    found = mined(rows).frames["Product"].set_index("product_id")["copurchase_best_partner_id"]

    assert found["a"] == "b"
    assert found["c"] == "a"


def test_ties_go_to_more_baskets_and_then_to_the_smaller_id() -> None:
    rows = baskets("abc", "abc", "d")

    found = mined(rows).frames["Product"].set_index("product_id")["copurchase_best_partner_id"]

    assert found.to_dict() == {"a": "b", "b": "a", "c": "a"}


def test_products_without_a_rule_are_absent() -> None:
    result = mined(baskets("ab", "c"))

    assert list(result.frames["Product"]["product_id"]) == ["a", "b"]


def test_the_largest_basket_is_reported() -> None:
    result = mined(baskets("abc", "a"))

    assert result.metrics["largest_basket"] == 3
