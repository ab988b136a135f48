"""The ten association rules that a marketing deck prints, to its last digit."""

from collections import Counter

import pytest

from algorithms.contract import Result
from algorithms.copurchase import ALGORITHM
from tests.deck_figures import RULES, printed
from tests.pure import Rows, result_of, rules_in

# The printed rules of a marketing deck: margins and pairs among 12,419 baskets.
DECK = Counter(
    {
        ("黑白电视", "厨卫用"): 2,
        ("黑白电视",): 1,
        ("厨卫用",): 89,
        ("摄像器材", "照相器材"): 3,
        ("摄像器材",): 1,
        ("音响", "照相器材"): 2,
        ("音响",): 9,
        ("照相器材",): 11,
        ("银制品", "足金饰品"): 2,
        ("银制品",): 7,
        ("足金饰品",): 169,
        ("民族工艺品", "器皿类"): 2,
        ("民族工艺品",): 1,
        ("器皿类",): 70,
        ("民族工艺品", "女鞋"): 2,
        ("女鞋",): 773,
        ("其他",): 11_275,
    }
)


@pytest.fixture(scope="module")
def deck() -> Result:
    held = [basket for basket, n in DECK.items() for _ in range(n)]
    orders: Rows = [{"order_id": f"{i}"} for i in range(len(held))]
    lines: Rows = [
        {"order_id": f"{i}", "product_id": product} for i, b in enumerate(held) for product in b
    ]
    settings = {"minimum_count": "2"}
    return result_of(ALGORITHM, {"orders": orders, "order_lines": lines}, settings=settings)


def test_the_deck_has_its_ten_rules_and_their_reverses(deck: Result) -> None:
    assert deck.metrics["n_baskets"] == 12_419
    assert len(rules_in(deck)) == 12


@pytest.mark.parametrize("row", RULES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_a_printed_rule_is_found_to_the_printed_digits(
    deck: Result, row: tuple[str, str, int, str, str, str, float]
) -> None:
    antecedent, consequent, n, support, confidence, lift, p = row

    rule = rules_in(deck)[antecedent, consequent]

    assert rule["n"] == n
    assert printed(rule["support"], places=6) == support
    assert printed(rule["confidence"], places=2) == confidence
    assert printed(rule["lift"], places=2) == lift
    assert float(f"{rule['p_value']:.1e}") == pytest.approx(p, rel=0.02)
    assert rule["weak"]


def test_the_shoes_of_the_deck_survive_no_correction(deck: Result) -> None:
    assert rules_in(deck)["民族工艺品", "女鞋"]["q_value"] > 0.05
