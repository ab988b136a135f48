"""The named queries answer their questions; expected rows are added up by hand."""

from collections.abc import Mapping

import pytest

from graph.guard import Answer, guarded
from graph.guard_plan import allowed
from graph.queries import named_queries, named_query
from graph.session import Database

pytestmark = pytest.mark.integration


def ask(shop: Database, name: str, **given: object) -> Answer:
    query = named_query(name)
    return guarded(shop, query.cypher, parameters=query.values(given))


def rows(shop: Database, name: str, **given: object) -> list[list[object]]:
    return [list(row) for row in ask(shop, name, **given).rows]


@pytest.mark.parametrize("name", named_queries())
def test_a_named_query_passes_the_guard_with_its_defaults(shop: Database, name: str) -> None:
    answer = ask(shop, name)

    assert answer.columns
    assert not answer.truncated


@pytest.mark.parametrize("name", named_queries())
def test_every_operator_of_a_named_query_is_on_the_reviewed_list(shop: Database, name: str) -> None:
    query = named_query(name)

    explained = shop.read(f"EXPLAIN {query.cypher}", query.values())
    answer = ask(shop, name)

    assert explained == []
    assert {operator.name for operator in answer.plan.walk()} <= allowed().operators


EXPECTED: Mapping[str, tuple[dict[str, object], list[list[object]]]] = {
    "best_customers": (
        {"top": 1},
        [["C2", 37.5, 2, 300.2, 1, ["crm"]]],
    ),
    "valuable_and_slipping_away": ({}, [["C2", 37.5, 2, 300.0]]),
    "rfm_grid": ({}, [[5, 5, 1, 35.0, 35.0], [1, 4, 1, 37.5, 37.5]]),
    "bought_together": (
        {},
        [
            ["Green tea", "Kite", 15, 0.02, 0.4, 2.5, 0.0001],
            ["Green tea", "Biscuit", 12, 0.01, 0.3, 1.5, 0.01],
        ],
    ),
    "category_affinity": ({}, [["Food", "Toys", 20, 0.2, 1.1, 0.3, True]]),
    "cross_sell": ({}, [["C1", "Green tea", "2026-02-10T08:00:00Z", "Kite", 2.5, 0.4]]),
    "category_sales": ({}, [["Food", 2, 1, 35.0], ["Toys", 1, 1, 30.0]]),
    "repeat_buying": (
        {"least_customers": 1},
        [["Green tea", 1, 1, 1.0], ["Biscuit", 1, 0, 0.0], ["Kite", 1, 0, 0.0]],
    ),
    "monthly_sales": ({}, [["2026-02-01", 3, 2, 50.0], ["2026-01-01", 2, 2, 27.5]]),
    "store_ranking": (
        {},
        [["East", None, "上海", 2, 1, 1], ["West", None, None, 1, 1, 0]],
    ),
    "campaign_response": ({}, [["Spring", False, 2, 1, 0.5], ["Spring", True, 1, 0, 0.0]]),
    "opinion_leaders": (
        {},
        [["C4", "h forum:a5", 1, 2, 2, 0.0], ["C1", "h crm:a1", 1, 1, 1, 35.0]],
    ),
    "leaders_as_customers": ({}, [[1, "C4", False, 0, 0.0, None, 1, 1, 35.0]]),
    "what_circles_buy": (
        {"least_buyers": 1},
        [
            ["north", "Food", 1, 2, 1, 1.0],
            ["north", "Tea", 1, 2, 1, 1.0],
            ["north", "Toys", 1, 2, 1, 1.0],
        ],
    ),
    "who_buys_what_leaders_praise": ({}, [[1, "C4", "Green tea", False, 1, 1]]),
    "between_two_circles": (
        {"one": "north", "other": "south"},
        [["C1", "north", 1, 1, 1.0, 1.0]],
    ),
    "longest_threads": ({}, [["T1", "tea", "2026-01-01T08:00:00.25Z", 2, 3, 2]]),
    "how_two_people_meet": ({"one": "C4", "other": "C2"}, [[["C4", "C1", "C2"], 2]]),
    "systems_joined": ({}, [[1, 3, 3, 1.0], [2, 1, 2, 2.0]]),
    "least_certain_joins": (
        {},
        [
            ["C1", "crm:a1", None, "phone", 0.97, None],
            ["C1", "pos:a2", None, "phone", 0.98, None],
        ],
    ),
    "shared_identifiers": ({}, [["device", "I1****", None, 3, 3]]),
    "viewed_not_bought": ({"least_customers": 1}, [["Kite", 3, 8, 1, 0.333]]),
    "channels_that_win": (
        {},
        [["wechat", 2, 2, 36.25, 36.25], ["store", 1, 0, None, None]],
    ),
    "complained_and_gone": ({}, [["C3", 1, "2026-02-25T08:00:00Z", 0.0]]),
    "consent_by_purpose": ({}, [["profiling", "", 1, 2]]),
    "how_fresh": ({}, [["rfm", "1", "2026-02-25T08:00:00Z", "2026-03-01T08:00:00Z", 1.3, "R1"]]),
}


@pytest.mark.parametrize("name", named_queries())
def test_a_named_query_answers_its_question(shop: Database, name: str) -> None:
    given, expected = EXPECTED[name]

    answered = rows(shop, name, **given)

    assert answered == expected


def test_a_cross_sell_list_leaves_out_who_has_both(shop: Database) -> None:
    answered = rows(shop, "cross_sell", product="P1", least_lift=2.6)

    assert answered == []


def test_two_people_are_found_without_naming_them(shop: Database) -> None:
    answered = rows(shop, "how_two_people_meet")

    assert answered == [[["C1", "C2"], 1]]
