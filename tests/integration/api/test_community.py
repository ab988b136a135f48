"""Leaders, circles and the map out of a real graph, as the community team asks for them."""

from collections.abc import Iterator
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest

from algorithms.influence.declaration import PROPERTIES
from api.roles import Role
from graph.session import Database
from graph.settings import Settings
from tests.circle_graph import three_months
from tests.serving import fetch, key_of

if TYPE_CHECKING:
    from starlette.testclient import TestClient

pytestmark = pytest.mark.integration

# of five people who answer one another, four are in two circles of two, and eva is in none
PEOPLE = """
UNWIND $people AS person
MERGE (c:Customer {customer_id: person.customer_id})
SET c += person.held, c.influence_as_of = datetime('2026-02-01T00:00:00Z')
CREATE (a:Account {account_id: 'bbs:' + person.customer_id, source: 'bbs', kind: 'community',
        handle: person.handle})
CREATE (a)-[:RESOLVED_TO {rule: 'own', confidence: 1.0}]->(c)
"""
CIRCLES = """
UNWIND $circles AS circle
CREATE (g:Circle {circle_id: circle.circle_id, size: circle.size, density: 1.0, stability: 0.9,
        cohesion: 0.75, born_at: datetime('2026-01-01T00:00:00Z'), event: 'stayed',
        terms: circle.terms, categories: [], leaders: circle.members[..1],
        label_en: 'lens circle', label_zh: '镜头圈', about_en: 'Two people.', about_zh: '两人。'})
WITH g, circle
UNWIND circle.members AS id
MATCH (c:Customer {customer_id: id})
SET c.circle_id = circle.circle_id, c.circles_role = 'core'
CREATE (c)-[:MEMBER_OF {strength: 1.0, role: 'core',
        since: datetime('2026-01-01T00:00:00Z')}]->(g)
"""
REPLIES = """
UNWIND [['fay', 'gil'], ['gil', 'fay'], ['hal', 'fay'], ['eva', 'fay'], ['ivy', 'hal']] AS pair
MATCH (a:Customer {customer_id: pair[0]}), (b:Customer {customer_id: pair[1]})
CREATE (a)-[:REPLIED_TO {n: 1}]->(b)
"""
RUNS = """
UNWIND ['influence', 'circles', 'network'] AS name
CREATE (:AlgorithmRun {run_id: name + '-1', algorithm: name, version: '1', kind: 'score',
        is_current: true, as_of: datetime('2026-02-01T00:00:00Z'),
        started_at: datetime('2026-02-02T03:00:00Z'), parameters: '{}',
        metrics: '{"n": 3, "people": 40, "recent_days": 90,
                   "notes": [{"en": "A small forum.", "zh": "论坛较小。"}]}'})
"""
BY_KIND = {"number": 1.0, "integer": 1, "code": "leader", "text": "lens", "boolean": False}
HANDLES = {"fay": "🌸", "gil": "吉尔", "hal": "<b>", "ivy": "مرحبا", "eva": None}
RANKED = ("fay", "gil", "hal")


def held(name: str) -> dict[str, object]:
    """Return the properties of somebody: the first three are ranked, the first four drawn."""
    found: dict[str, object] = {}
    if name in RANKED:
        rank = RANKED.index(name) + 1
        found = {p.name: BY_KIND[p.kind] for p in PROPERTIES if p.kind in BY_KIND}
        found |= {"influence_rank": rank, "influence_score": 10.0 - rank}
        found |= {"influence_band": "leader" if rank == 1 else "rising"}
    if name != "eva":
        place = [*HANDLES].index(name)
        found |= {"network_x": float(place), "network_y": 0.5, "network_size": 9.0 - place}
    return found


@pytest.fixture(autouse=True)
def no_files(server_home: Settings) -> Iterator[None]:
    """Leave no files of circles in the home that all tests share, and find none."""

    def clear() -> None:
        for folder in (server_home.home / "runs").glob("circles-*"):
            rmtree(folder)

    clear()
    yield
    clear()


@pytest.fixture
def forum(company: Settings, database: Database) -> dict[str, str]:
    """Write the forum and return the header of a key of the community team."""
    people = [
        {"customer_id": name, "handle": handle, "held": held(name)}
        for name, handle in HANDLES.items()
    ]
    circles = [
        {"circle_id": "k1", "size": 2, "members": ["fay", "gil"], "terms": ["lens"]},
        {"circle_id": "k2", "size": 2, "members": ["hal", "ivy"], "terms": []},
    ]
    database.write(PEOPLE, {"people": people})
    database.write(CIRCLES, {"circles": circles})
    for facts in (REPLIES, RUNS):
        database.write(facts)
    return key_of(company, Role.COMMUNITY)


@pytest.fixture
def team(api: "TestClient", forum: dict[str, str]) -> "TestClient":
    """Return the API as the community team asks it."""
    api.headers.update(forum)
    return api


# ------------------------------------------------------------------ leaders


def test_leaders_come_by_rank_with_circle_and_nickname(team: "TestClient") -> None:
    found = fetch(team, "/v1/leaders")

    shown = [(item["rank"], item["customer_id"], item["handle"]) for item in found["items"]]
    assert shown == [(1, "fay", "🌸"), (2, "gil", "吉尔"), (3, "hal", "<b>")]
    assert [item["circle_id"] for item in found["items"]] == ["k1", "k1", "k2"]
    assert (found["n"], found["run"]["run_id"]) == (3, "influence-1")
    assert found["notes"] == ["A small forum."]


@pytest.mark.parametrize(
    ("query", "ids"),
    [("?k=1", ["fay"]), ("?band=rising", ["gil", "hal"]), ("?band=leader&k=500", ["fay"])],
)
def test_leaders_are_of_a_band_and_as_many_as_asked_for(
    team: "TestClient", query: str, ids: list[str]
) -> None:
    items = fetch(team, f"/v1/leaders{query}")["items"]

    assert [item["customer_id"] for item in items] == ids


def test_one_leader_comes_with_the_circles_of_who_replied(team: "TestClient") -> None:
    found = fetch(team, "/v1/leaders/fay")

    # gil of the first circle and hal of the second; eva is in none
    assert found["circles_of_repliers"] == [
        {"circle_id": "k1", "people": 1},
        {"circle_id": "k2", "people": 1},
    ]
    assert (found["rank"], found["consents"], found["trend"]) == (1, [], [])
    assert found["explanation"].startswith("Rank 1 of 3 ")


def test_who_stands_between_two_circles_is_listed(team: "TestClient") -> None:
    items = fetch(team, "/v1/leaders/bridges?one=k1&other=k2")["items"]

    # fay exchanges replies with gil and hal, hal with fay and ivy; gil and ivy with one each
    shown = [(one["customer_id"], one["in_one"], one["in_other"]) for one in items]
    assert shown == [("fay", 1, 1), ("hal", 1, 1)]
    assert (items[0]["strength"], items[0]["handle"]) == (1.0, "🌸")


@pytest.mark.parametrize("name", ["nobody", "eva"])
def test_who_has_no_rank_is_no_leader(team: "TestClient", name: str) -> None:
    assert team.get(f"/v1/leaders/{name}").status_code == 404


# ------------------------------------------------------------------ circles


def test_circles_come_page_by_page(team: "TestClient") -> None:
    first = fetch(team, "/v1/circles?limit=1")
    second = fetch(team, first["next"])

    # of one size the smaller id is first
    assert [page["items"][0]["circle_id"] for page in (first, second)] == ["k1", "k2"]
    assert second["next"] is None
    assert first["items"][0] == {
        "circle_id": "k1",
        "label": "lens circle",
        "about": "Two people.",
        "size": 2,
        "density": 1.0,
        "stability": 0.9,
        "cohesion": 0.75,
        "born_at": "2026-01-01T00:00:00Z",
        "event": "stayed",
        "terms": ["lens"],
        "categories": [],
        "leaders": ["fay"],
    }


def test_one_circle_comes_with_members_in_the_order_of_attention(team: "TestClient") -> None:
    found = team.get("/v1/circles/k1", headers={"Accept-Language": "zh"}).json()

    assert (found["label"], found["about"]) == ("镜头圈", "两人。")
    assert [(m["customer_id"], m["handle"], m["role"]) for m in found["members"]] == [
        ("fay", "🌸", "core"),
        ("gil", "吉尔", "core"),
    ]
    assert found["members"][0]["since"] == "2026-01-01T00:00:00Z"
    assert (found["top"], found["n_members"], found["history"]) == (["fay", "gil"], 2, [])


def test_fewer_members_are_shown_of_as_many(team: "TestClient") -> None:
    found = fetch(team, "/v1/circles/k2?k=1")

    assert ([m["customer_id"] for m in found["members"]], found["n_members"]) == (["hal"], 2)


@pytest.mark.parametrize(("language", "said"), [("en", "may have merged"), ("zh", "可能已合并")])
def test_a_circle_that_is_not_there_is_not_found(
    team: "TestClient", language: str, said: str
) -> None:
    answer = team.get("/v1/circles/k9", headers={"Accept-Language": language})

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (404, "circle-not-found-error")
    assert said in problem["detail"]


def test_two_dates_are_compared_out_of_the_files(team: "TestClient", company: Settings) -> None:
    asked = "/v1/circles/changes?since=2026-03-02T00:00:00Z"
    assert team.get(asked).status_code == 404
    three_months(company)

    found = fetch(team, asked)

    assert (found["n"], found["agreement"]) == (3, 1.0)
    assert [event["event"] for event in found["events"]] == ["merged", "split"]


# ------------------------------------------------------------------ the map


def test_the_map_shows_who_is_drawn_and_of_how_many(team: "TestClient") -> None:
    found = fetch(team, "/v1/network")

    assert [(n["customer_id"], n["label"], n["circle"]) for n in found["nodes"]] == [
        ("fay", "🌸", "lens circle"),
        ("gil", "吉尔", "lens circle"),
        ("hal", "<b>", "lens circle"),
        ("ivy", "مرحبا", "lens circle"),
    ]
    assert (found["shown"], found["people"]) == (4, 40)
    assert found["caption"] == "showing 4 of 40 people, as of 2026-02-01"
    assert (found["nodes"][0]["x"], found["nodes"][0]["radius"]) == (0.0, 18.0)
    # the run left no file of lines
    assert (found["run"]["run_id"], found["lines"]) == ("network-1", [])


def test_a_smaller_map_shows_those_of_most_attention(team: "TestClient") -> None:
    found = fetch(team, "/v1/network?n=2")

    assert [node["customer_id"] for node in found["nodes"]] == ["fay", "gil"]
    assert found["caption"].startswith("showing 2 of 40")


@pytest.mark.parametrize("query", ["n=0", "n=1001", "n=all", "nodes=3"])
def test_a_map_of_no_size_is_refused(team: "TestClient", query: str) -> None:
    assert team.get(f"/v1/network?{query}").status_code == 422


def test_a_graph_without_runs_has_no_map_and_no_leaders(
    team: "TestClient", database: Database
) -> None:
    database.write("MATCH (r:AlgorithmRun) DETACH DELETE r")

    for path in ("/v1/network", "/v1/leaders", "/v1/leaders/fay"):
        assert team.get(path).status_code == 404


# ------------------------------------------------------------------ who may ask


@pytest.mark.parametrize(
    "path", ["leaders", "leaders/fay", "circles", "circles/k1", "network", "circles/k9"]
)
@pytest.mark.parametrize("role", [Role.MARKETER, Role.VIEWER, Role.PRIVACY])
def test_others_than_the_community_team_are_turned_away(
    team: "TestClient", company: Settings, *, path: str, role: Role
) -> None:
    answer = team.get(f"/v1/{path}", headers=key_of(company, role))

    assert (answer.status_code, answer.json()["code"]) == (403, "role-error")


def test_the_community_team_sees_no_customer(team: "TestClient") -> None:
    assert team.get("/v1/customers/fay").status_code == 403
