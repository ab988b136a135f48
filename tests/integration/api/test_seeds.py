"""Plans of seeds out of a real graph: who is proposed, for which roles, and what is refused."""

from typing import TYPE_CHECKING

import pytest

from api.roles import Role
from graph.settings import Settings
from tests.serving import key_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration


def test_who_is_answered_is_proposed_with_nickname_and_reach(api: "TestClient") -> None:
    # ann's only reply went to ben, who reaches her for certain
    answer = api.post("/v1/seeds", json={"budget": 1})

    assert answer.status_code == 200, answer.text
    plan = answer.json()
    (seed,) = plan["items"]
    assert (seed["customer_id"], seed["handle"], seed["order"]) == ("ben", "本", 1)
    assert seed["reach"] == pytest.approx(2)
    assert (plan["n"], plan["people"], plan["replies"]) == (1, 2, 1)
    assert any("Only 2 people" in note for note in plan["notes"])


def test_the_same_request_gives_the_same_plan(api: "TestClient") -> None:
    one, other = (api.post("/v1/seeds", json={"budget": 2}).json() for _ in range(2))

    assert one == other


def test_a_cost_leaves_out_who_has_none(api: "TestClient") -> None:
    plan = api.post("/v1/seeds", json={"budget": 3, "cost": "rfm_order_count"}).json()

    # of both only ann has bought
    assert [item["customer_id"] for item in plan["items"]] == ["ann"]
    assert plan["spent"] == 2


@pytest.mark.parametrize(
    "body",
    [
        {"budget": 0},
        {"budget": 5_000},
        {"budget": 1, "cost": "rfm_segment"},
        {"budget": 1, "probability": 2},
        {"budget": 1, "unknown": True},
        {"budget": 1, "probability": 1, "model": "voting"},
        {},
    ],
)
def test_what_cannot_be_planned_is_refused(api: "TestClient", body: dict[str, object]) -> None:
    assert api.post("/v1/seeds", json=body).status_code == 422


def test_a_product_without_an_estimate_is_not_found(api: "TestClient") -> None:
    assert api.post("/v1/seeds", json={"budget": 1, "product": "cup"}).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [(Role.COMMUNITY, 200), (Role.MARKETER, 403), (Role.VIEWER, 403)]
)
def test_the_community_team_plans_seeds(
    api: "TestClient", company: Settings, role: Role, status: int
) -> None:
    answer = api.post("/v1/seeds", json={"budget": 1}, headers=key_of(company, role))

    assert answer.status_code == status
