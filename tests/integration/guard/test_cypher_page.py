"""The page of the named queries, generated on the shop."""

import re

import pytest

from api.docs_cypher import cypher_page
from graph.guard import Limits
from graph.queries import named_queries
from graph.session import Database

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def page(shop: Database) -> str:
    return cypher_page(shop)


def test_every_query_stands_on_the_page_with_its_question_and_cypher(page: str) -> None:
    for query in named_queries().values():
        section = page.partition(f"### {query.name}:")[2].partition("\n### ")[0]

        assert query.question.en in section
        assert query.question.zh in section
        assert query.cypher in section
        assert all(f"| `{p.name}` | {p.kind} |" in section for p in query.parameters)


def test_the_page_shows_the_first_rows_of_the_answer(page: str) -> None:
    section = page.partition("### systems_joined:")[2].partition("\n### ")[0]

    assert "| systems | customers | accounts | accounts\\_a\\_customer |" not in section
    assert "| systems | customers | accounts | accounts_a_customer |" in section
    assert "| 2 | 1 | 2 | 2.0 |" in section


def test_the_page_states_every_limit_of_the_guard(page: str) -> None:
    assert f"| `seconds` | {Limits().seconds:g} |" in page
    assert f"| `rows` | {Limits().rows:,} |" in page
    assert "| `text.characters` | 30,000 |" in page
    assert "| `plan.pairs` | 1e+07 |" in page


def test_every_row_of_a_table_has_as_many_cells_as_its_head(page: str) -> None:
    tables = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)

    widths = [{len(re.findall(r"(?<!\\)\|", line)) for line in t.splitlines()} for t in tables]

    assert len(tables) >= len(named_queries())
    assert all(len(width) == 1 for width in widths)


def test_a_value_cannot_leave_its_cell(shop: Database) -> None:
    shop.write("MATCH (s:Store {store_id: 'S1'}) SET s.name = 'a | b\n<script>`x`'")

    section = cypher_page(shop).partition("### store_ranking:")[2].partition("\n### ")[0]
    shop.write("MATCH (s:Store {store_id: 'S1'}) SET s.name = 'East'")

    assert "| a \\| b \\<script>\\`x\\` |" in section


def test_the_same_graph_gives_the_same_page(shop: Database, page: str) -> None:
    assert cypher_page(shop) == page
