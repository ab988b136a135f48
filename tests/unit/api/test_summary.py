"""The figures of a graph are put together from four questions."""

from typing import cast

from api.summary import ACROSS_SOURCES, BUYERS, COUNTS, RULES, summary
from graph.session import Database

ANSWERS: dict[str, list[dict[str, object]]] = {
    COUNTS: [{"what": "accounts", "n": 3}, {"what": "orders", "n": 0}],
    ACROSS_SOURCES: [{"joined": 2, "in_three": 1}],
    BUYERS: [{"buyers": 2, "best": 1, "mean_spend": 10.5}],
    RULES: [{"bought": "tea", "also": "cup", "baskets": 4, "confidence": 0.5, "lift": 2.0}],
}


class Asked:
    """Answers the four questions and remembers them."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def read(self, query: str) -> list[dict[str, object]]:
        self.queries.append(query)
        return ANSWERS[query]


def test_all_figures_stand_side_by_side() -> None:
    asked = Asked()

    found = summary(cast("Database", asked))

    assert found == {
        "counts": {"accounts": 3, "orders": 0},
        "joined": 2,
        "in_three": 1,
        "buyers": 2,
        "best": 1,
        "mean_spend": 10.5,
        "rules": ANSWERS[RULES],
    }
    assert sorted(asked.queries) == sorted(ANSWERS)


def test_weak_rules_and_ties_are_settled_in_the_question() -> None:
    assert "NOT coalesce(r.weak, false)" in RULES
    assert "ORDER BY r.lift DESC, a.product_id, b.product_id" in RULES
