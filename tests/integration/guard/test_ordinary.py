"""What people write every day passes the guard and answers."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from graph.guard import guarded
from graph.session import Database

pytestmark = pytest.mark.integration

QUERIES: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("ordinary.toml").read_text("utf-8")
)["query"]
PARAMETERS = {"id": "C1", "list": [1, 2], "one": 1}


@pytest.mark.parametrize("case", QUERIES, ids=[q["name"].replace(" ", "-") for q in QUERIES])
def test_an_ordinary_query_passes_and_answers(shop: Database, case: Mapping[str, Any]) -> None:
    answer = guarded(shop, case["query"], parameters=PARAMETERS)

    assert answer.rows == case["rows"]
    assert not answer.truncated
    assert answer.n_cut_cells == 0


def test_nodes_links_and_paths_come_as_plain_values(shop: Database) -> None:
    query = "MATCH p = (c:Customer {customer_id: 'C2'})-[r:REPLIED_TO]->(d) RETURN c, r, p"

    [[node, link, path]] = guarded(shop, query).rows

    assert isinstance(node, dict)
    assert isinstance(link, dict)
    assert isinstance(path, dict)
    assert node["labels"] == ["Customer"]
    assert link["type"] == "REPLIED_TO"
    assert link["start"] == node["id"]
    assert link["properties"] == {"n": 1}
    assert path["relationships"] == [link]


def test_an_answer_carries_its_plan_and_seconds(shop: Database) -> None:
    answer = guarded(shop, "MATCH (c:Customer) RETURN c.customer_id AS id ORDER BY id")

    names = [operator.name for operator in answer.plan.walk()]
    assert names[0] == "ProduceResults"
    assert answer.plan.depth == 0
    assert max(operator.depth for operator in answer.plan.walk()) == len(names) - 1
    assert answer.columns == ("id",)
    assert answer.seconds > 0
